//! Keys from elsewhere and keys of the card's own: brought, told of, attested; kept from release to release and over
//! power cuts.

use negin_apdu::StatusWord;
use negin_eid::Secret;
use negin_eid::aid::Application;
use negin_eid::field;
use negin_eid::piv::{
    Algorithm, CertificateObject, Extensions, FingerReference, GeneralAuthenticate,
    GenerateKeyPair, ImportKey, KeyMaterial, KeyReference, ManagementKey, MetadataReference,
    PivCommand, PublicKey, PublicPoint, RetiredKey, YubicoCommand,
};
use negin_eid::roles::Role;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, RsaPrivateKey};
use sha2::{Digest, Sha256, Sha384};

use super::administration::*;
use super::bench::*;
use super::power::at_every_write;
use crate::card::memory::id;
use crate::card::store::Transaction;

const DONE: StatusWord = StatusWord::SUCCESS;
const WRONG: StatusWord = StatusWord::WRONG_DATA;

/// A live card of Yubico's extensions, its administrator authenticated, its holder verified.
fn administered() -> Bench {
    let key = ManagementKey::factory();
    let mut bench = live(Extensions::Yubico, &key);
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    assert_eq!(external(&mut bench, &key), DONE);
    bench
}

fn say(bench: &mut Bench, command: &YubicoCommand) -> StatusWord {
    bench.plain(&command.to_apdu()).sw
}

fn told(bench: &mut Bench, command: &YubicoCommand) -> Vec<u8> {
    bench.plain(&command.to_apdu()).ok().expect("told")
}

fn metadata(bench: &mut Bench, key: KeyReference) -> Vec<u8> {
    told(bench, &YubicoCommand::Metadata(MetadataReference::Key(key)))
}

fn part(metadata: &[u8], tag: u32) -> Vec<u8> {
    let found = field::find("metadata", metadata, tag).expect("fields");
    found.expect("there").to_vec()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(text, 16).expect("hexadecimal")
    };
    digits.chunks(2).map(byte).collect()
}

fn scalar(key: KeyReference, algorithm: Algorithm, number: &[u8]) -> YubicoCommand {
    YubicoCommand::Import(ImportKey {
        key,
        algorithm,
        material: KeyMaterial::Scalar(number.into()),
    })
}

fn answered(bench: &mut Bench, command: GeneralAuthenticate) -> Result<Vec<u8>, StatusWord> {
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    let answer = bench.piv(&PivCommand::GeneralAuthenticate(command)).ok()?;
    let answer = GeneralAuthenticate::decode_answer(&answer).expect("an answer");
    Ok(answer.expose().to_vec())
}

fn sign(key: KeyReference, algorithm: Algorithm, digest: &[u8]) -> GeneralAuthenticate {
    let digest = digest.to_vec();
    GeneralAuthenticate::Sign {
        key,
        algorithm,
        digest,
    }
}

/// RFC 6979 A.2.5 and A.2.6: the key, the message 'sample', r and s.
#[test]
fn published_signatures() {
    let mut bench = administered();
    let p256 = (
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    );
    let p384 = (
        "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8
         96D5724E4C70A825F872C9EA60D2EDF5",
        "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C
         81A648152E44ACF96E36DD1E80FABE46",
        "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F
         A329C145786E679E7B82C71A38628AC8",
    );
    let key = KeyReference::Signature;
    for (algorithm, (number, r, s), digest) in [
        (Algorithm::EccP256, p256, Sha256::digest(b"sample").to_vec()),
        (Algorithm::EccP384, p384, Sha384::digest(b"sample").to_vec()),
    ] {
        assert_eq!(
            say(&mut bench, &scalar(key, algorithm, &bytes(number))),
            DONE
        );
        let signature = answered(&mut bench, sign(key, algorithm, &digest)).expect("signed");
        // Both numbers have their highest bit set: a zero before each.
        let number = |hex| field::field(0x02, &[vec![0], bytes(hex)].concat());
        let expected = field::field(0x30, &[number(r), number(s)].concat());
        assert_eq!(signature, expected, "{algorithm:?}");
    }
}

/// RFC 5903 §8.1: both parties' scalars and points of P-256, and the secret.
#[test]
fn a_published_key_agreement() {
    let mut bench = administered();
    let own = bytes("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433");
    let other = bytes(
        "04 D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63
            56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
    );
    let secret = bytes("D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE");
    let key = KeyReference::KeyManagement;
    let brings = scalar(key, Algorithm::EccP256, &own);
    assert_eq!(say(&mut bench, &brings), DONE);
    let point = PublicPoint::new(&other).expect("a point").into();
    let agree = GeneralAuthenticate::Agree { key, point };
    assert_eq!(answered(&mut bench, agree), Ok(secret));
}

#[test]
fn scalars_outside_their_group_are_no_keys() {
    let mut bench = administered();
    let key = KeyReference::Authentication;
    let before = metadata(&mut bench, key);
    let order = bytes("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    for number in [&[0; 32][..], &order, &[0xFF; 32]] {
        let brings = scalar(key, Algorithm::EccP256, number);
        assert_eq!(say(&mut bench, &brings), WRONG);
    }
    for number in [&[0; 48][..], &[0xFF; 48]] {
        let brings = scalar(key, Algorithm::EccP384, number);
        assert_eq!(say(&mut bench, &brings), WRONG);
    }
    assert_eq!(metadata(&mut bench, key), before, "the key in place stays");
}

fn number(number: &BoxedUint) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// p, q, d mod p-1, d mod q-1, 1/q mod p.
fn numbers(key: &RsaPrivateKey) -> [Vec<u8>; 5] {
    let numbers = [
        number(key.primes()[0].as_ref()),
        number(key.primes()[1].as_ref()),
        number(key.dp().expect("made")),
        number(key.dq().expect("made")),
        number(&key.crt_coefficient().expect("made")),
    ];
    for number in &numbers {
        assert_eq!(number.len(), 128);
    }
    numbers
}

fn bring_rsa(key: KeyReference, numbers: [Vec<u8>; 5]) -> YubicoCommand {
    YubicoCommand::Import(ImportKey {
        key,
        algorithm: Algorithm::Rsa2048,
        material: KeyMaterial::Rsa(Box::new(numbers.map(Secret::new))),
    })
}

/// The parts of a key of two numbers that are no primes, each fit for the others: what only trying finds out.
fn composite_numbers() -> [Vec<u8>; 5] {
    let exponent = BoxedUint::from(65_537u64);
    for seed in 0.. {
        let mut random = rng(1000 + seed);
        let [p, q] = [0, 1].map(|_| {
            let mut bytes = [0; 128];
            rand_core::Rng::fill_bytes(&mut random, &mut bytes);
            bytes[0] |= 0xC0;
            bytes[127] |= 1;
            BoxedUint::from_be_slice(&bytes, 1024).expect("fits")
        });
        if let Ok(key) = RsaPrivateKey::from_p_q(p, q, exponent.clone())
            && key.dp().is_some()
            && key.crt_coefficient().is_some()
        {
            return numbers(&key);
        }
    }
    unreachable!("odd numbers abound")
}

#[test]
fn an_rsa_key_is_brought_whole_or_not_at_all() {
    let mut bench = administered();
    let own = RsaPrivateKey::new(&mut rng(11), 2048).expect("made");
    let key = KeyReference::Authentication;
    let whole = numbers(&own);
    for at in 0..whole.len() {
        for (byte, bit) in [(0, 0x40), (64, 0x01), (127, 0x02)] {
            let mut bent = whole.clone();
            bent[at][byte] ^= bit;
            let sw = say(&mut bench, &bring_rsa(key, bent));
            assert_eq!(sw, WRONG, "number {at}, byte {byte}");
        }
        let mut zero = whole.clone();
        zero[at].fill(0);
        assert_eq!(say(&mut bench, &bring_rsa(key, zero)), WRONG);
    }
    let mut same = whole.clone();
    same[1] = same[0].clone();
    assert_eq!(say(&mut bench, &bring_rsa(key, same)), WRONG);

    let composite = composite_numbers();
    assert_eq!(say(&mut bench, &bring_rsa(key, composite)), WRONG);

    assert_eq!(say(&mut bench, &bring_rsa(key, whole)), DONE);
    let told = metadata(&mut bench, key);
    let PublicKey::Rsa(public) = PublicKey::decode_value(&part(&told, 0x04)).expect("a key") else {
        panic!("of another algorithm");
    };
    assert_eq!(public.modulus, own.n_bytes().to_vec());
    let block = [0x12; 256];
    let operated = answered(
        &mut bench,
        GeneralAuthenticate::Rsa {
            key,
            block: block.to_vec(),
        },
    );
    let plain = BoxedUint::from_be_slice(&block, 2048).expect("fits");
    let expected = rsa::hazmat::rsa_decrypt(None::<&mut rand_chacha::ChaCha20Rng>, &own, &plain);
    assert_eq!(operated, Ok(number(&expected.expect("done"))));
}

#[test]
fn what_is_told_of_keys() {
    let mut bench = administered();
    let made = metadata(&mut bench, KeyReference::Authentication);
    assert_eq!(part(&made, 0x01), [0x11]);
    assert_eq!(part(&made, 0x02), [0x02, 0x01]);
    assert_eq!(part(&made, 0x03), [0x01], "made here");
    assert!(PublicKey::decode_value(&part(&made, 0x04)).is_ok());
    let brings = scalar(
        KeyReference::CardAuthentication,
        Algorithm::EccP384,
        &[7; 48],
    );
    assert_eq!(say(&mut bench, &brings), DONE);
    let brought = metadata(&mut bench, KeyReference::CardAuthentication);
    assert_eq!(part(&brought, 0x01), [0x14]);
    assert_eq!(part(&brought, 0x02), [0x01, 0x01]);
    assert_eq!(part(&brought, 0x03), [0x02], "from elsewhere");
    let retired = KeyReference::Retired(RetiredKey::ALL[4]);
    let of_none = YubicoCommand::Metadata(MetadataReference::Key(retired));
    let sw = say(&mut bench, &of_none);
    assert_eq!(sw, StatusWord::REFERENCE_DATA_NOT_FOUND);
}

/// With the extensions every reference takes every algorithm and use, as their tools have it.
#[test]
fn the_extensions_are_lenient_with_keys() {
    let mut bench = administered();
    let key = KeyReference::KeyManagement;
    let digest = Sha256::digest(b"a request for a certificate");
    let signature = answered(&mut bench, sign(key, Algorithm::EccP256, &digest));
    assert!(signature.is_ok(), "9D signs requests of its own");
    let algorithm = Algorithm::EccP384;
    let key = KeyReference::Authentication;
    let makes = PivCommand::GenerateKeyPair(GenerateKeyPair { key, algorithm });
    assert_eq!(bench.piv(&makes).sw, DONE);
    let algorithm = Algorithm::Rsa1024;
    let makes = PivCommand::GenerateKeyPair(GenerateKeyPair { key, algorithm });
    assert_eq!(bench.piv(&makes).sw, WRONG, "too short for anybody");
    // With the standard's administration the standard's table holds.
    let management = key_of_standard();
    let mut bench = live(Extensions::Standard, &management);
    bench.select(Application::Piv);
    assert_eq!(external(&mut bench, &management), DONE);
    let algorithm = Algorithm::EccP384;
    let makes = PivCommand::GenerateKeyPair(GenerateKeyPair { key, algorithm });
    assert_eq!(bench.piv(&makes).sw, WRONG);
}

fn key_of_standard() -> ManagementKey {
    key(negin_eid::piv::ManagementAlgorithm::Aes256)
}

/// The parts of a certificate: what is signed, and the signature; read by hand, as the card writes it by hand.
fn signed_parts(certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let inside = field::only("certificate", certificate, 0x30).expect("a sequence");
    let parts: Vec<_> = field::fields("certificate", inside)
        .map(|part| part.expect("a field"))
        .collect();
    let [(0x30, content), (0x30, _), (0x03, signature)] = parts[..] else {
        panic!("{parts:?}")
    };
    assert_eq!(signature[0], 0, "no unused bits");
    (field::field(0x30, content), signature[1..].to_vec())
}

#[test]
fn the_card_attests_what_it_made() {
    use p256::ecdsa::{DerSignature, VerifyingKey};
    let mut bench = administered();
    let key = KeyReference::Signature;
    let object = told(&mut bench, &YubicoCommand::AttestationCertificate);
    let own = CertificateObject::decode(&object)
        .expect("a container")
        .certificate;
    let rsa = PivCommand::GenerateKeyPair(GenerateKeyPair {
        key: KeyReference::KeyManagement,
        algorithm: Algorithm::Rsa2048,
    });
    assert_eq!(bench.piv(&rsa).sw, DONE);
    // The attesting key's point follows the identifier of its curve, in a bit string.
    let marker = bytes("06082A8648CE3D030107 034200");
    let at = own
        .windows(marker.len())
        .position(|window| window == marker)
        .expect("a key of P-256")
        + marker.len();
    let public = VerifyingKey::from_sec1_bytes(&own[at..at + 65]).expect("on the curve");
    let attested = told(&mut bench, &YubicoCommand::Attest(key));
    for certificate in [
        own,
        attested.clone(),
        told(
            &mut bench,
            &YubicoCommand::Attest(KeyReference::KeyManagement),
        ),
    ] {
        let (content, signature) = signed_parts(&certificate);
        let signature = DerSignature::from_bytes(&signature).expect("DER");
        public
            .verify_prehash(&Sha256::digest(&content), &signature)
            .expect("the attesting key's");
    }
    let holds = |certificate: &[u8], part: &[u8]| {
        certificate.windows(part.len()).any(|window| window == part)
    };
    let told_of = metadata(&mut bench, key);
    let Ok(PublicKey::P256(point)) = PublicKey::decode_value(&part(&told_of, 0x04)) else {
        panic!("a key of P-256 is there");
    };
    assert!(holds(&attested, point.as_bytes()), "of that key");
    assert!(holds(&attested, b"Attestation 9c"), "and that place");
    let again = told(&mut bench, &YubicoCommand::Attest(key));
    assert_eq!(again, attested, "the same key says the same");

    let brings = scalar(key, Algorithm::EccP256, &[7; 32]);
    assert_eq!(say(&mut bench, &brings), DONE);
    let sw = say(&mut bench, &YubicoCommand::Attest(key));
    assert_eq!(sw, StatusWord::CONDITIONS_NOT_SATISFIED, "not made here");
    let none = KeyReference::Retired(RetiredKey::ALL[0]);
    let sw = say(&mut bench, &YubicoCommand::Attest(none));
    assert_eq!(sw, StatusWord::REFERENCE_DATA_NOT_FOUND);
}

#[test]
fn a_terminated_card_keeps_no_key() {
    let mut bench = administered();
    let attests = YubicoCommand::Attest(KeyReference::Signature);
    assert_eq!(say(&mut bench, &attests), DONE);
    let kept = |bench: &Bench| {
        let card = bench.card.lock().expect("not poisoned");
        let pairs = KeyReference::ALL.map(id::key_pair);
        let own = [id::ATTESTATION_KEY, id::ATTESTATION_CERTIFICATE];
        let ids = pairs.into_iter().chain(own);
        ids.filter(|id| card.memory.contains(*id).expect("power"))
            .count()
    };
    assert_eq!(
        kept(&bench),
        6,
        "four pairs, one for attesting, and its certificate"
    );
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(bench.set_card(negin_eid::gp::CardState::Terminated), DONE);
    assert_eq!(kept(&bench), 0);
}

#[test]
fn without_the_extensions_nothing_is_brought_or_attested() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    let unknown = StatusWord::INS_NOT_SUPPORTED;
    let key = KeyReference::Authentication;
    assert_eq!(say(&mut bench, &YubicoCommand::Attest(key)), unknown);
    let brings = scalar(key, Algorithm::EccP256, &[7; 32]);
    assert_eq!(say(&mut bench, &brings), unknown);
    let sw = say(&mut bench, &YubicoCommand::AttestationCertificate);
    assert_eq!(sw, StatusWord::FILE_NOT_FOUND);
}

/// Cards of earlier releases hold a scalar of P-256 and nothing else.
#[test]
fn a_key_of_an_earlier_release_is_a_key_of_p256_made_in_the_card() {
    let mut bench = administered();
    let own = p256::SecretKey::from_slice(&[9; 32]).expect("a scalar");
    let key = KeyReference::Authentication;
    {
        let mut card = bench.card.lock().expect("not poisoned");
        let mut transaction = Transaction::new();
        transaction.put(id::key_pair(key), [9; 32]);
        card.memory.commit(transaction).expect("room");
    }
    let told = metadata(&mut bench, key);
    assert_eq!(
        (part(&told, 0x01), part(&told, 0x03)),
        (vec![0x11], vec![1])
    );
    let public = PublicKey::decode_value(&part(&told, 0x04)).expect("a key");
    let point = PublicPoint::new(&own.public_key().to_sec1_bytes()).expect("a point");
    assert_eq!(public, PublicKey::P256(point));
    let digest = [0x5A; 32];
    let signature = answered(&mut bench, sign(key, Algorithm::EccP256, &digest)).expect("signed");
    let signature = p256::ecdsa::DerSignature::from_bytes(&signature).expect("DER");
    p256::ecdsa::VerifyingKey::from(own.public_key())
        .verify_prehash(&digest, &signature)
        .expect("by that key");
}

/// Memory that holds what is no key answers so, and does not guess.
#[test]
fn a_damaged_key_is_said_to_be_one() {
    let mut bench = administered();
    let key = KeyReference::CardAuthentication;
    for stored in [
        &[0x01, 0x11, 0x01][..],
        &[0x01, 0x11, 0x03, 0x07],
        &[0x02; 40],
        &[0x01, 0x07, 0x01, 0x80],
        &[0; 32],
    ] {
        {
            let mut card = bench.card.lock().expect("not poisoned");
            let mut transaction = Transaction::new();
            transaction.put(id::key_pair(key), stored);
            card.memory.commit(transaction).expect("room");
        }
        let answer = answered(&mut bench, sign(key, Algorithm::EccP256, &[7; 32]));
        assert_eq!(answer, Err(StatusWord::MEMORY_FAILURE));
    }
}

/// Power cut at any write of making a key in a place that has one: the old key or the new one, never half of one, and
/// never without its algorithm.
#[test]
fn a_torn_generation_leaves_the_old_key_or_the_new_one() {
    let management = ManagementKey::factory();
    let mut bench = live(Extensions::Yubico, &management);
    let key = KeyReference::CardAuthentication;
    bench.select(Application::Piv);
    let before = metadata(&mut bench, key);
    let state = bench.card.lock().expect("not poisoned").state_bytes();
    let makes = PivCommand::GenerateKeyPair(GenerateKeyPair {
        key,
        algorithm: Algorithm::Rsa2048,
    });
    let (mut old, mut new) = (0, 0);
    let seen = std::cell::RefCell::new((&mut old, &mut new));
    let cuts = at_every_write(
        &state,
        |bench| {
            bench.select(Application::Piv);
            assert_eq!(external(bench, &management), DONE);
        },
        |bench| bench.try_plain(&makes.to_apdu()),
        |bench, _| {
            bench.select(Application::Piv);
            let mut seen = seen.borrow_mut();
            let told = metadata(bench, key);
            let (command, size) = if told == before {
                *seen.0 += 1;
                (sign(key, Algorithm::EccP256, &[7; 32]), 60..=72)
            } else {
                *seen.1 += 1;
                assert_eq!(
                    (part(&told, 0x01), part(&told, 0x03)),
                    (vec![0x07], vec![1])
                );
                let block = vec![0x11; 256];
                (GeneralAuthenticate::Rsa { key, block }, 256..=256)
            };
            let answer = bench.piv(&PivCommand::GeneralAuthenticate(command));
            let answer = answer.ok().expect("the key is whole");
            let answer = GeneralAuthenticate::decode_answer(&answer).expect("an answer");
            assert!(size.contains(&answer.len()));
        },
    );
    assert!(cuts > 10, "{cuts} cuts");
    assert!(old > 0 && new > 0, "{old} old, {new} new");
}

/// The issuer's own key in a place is made over its channel: a first key, so that there is none or a whole one.
#[test]
fn an_issuer_makes_keys_in_every_place() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    let mut points = Vec::new();
    for key in KeyReference::ALL {
        points.push(bench.generate(key).as_bytes().to_vec());
    }
    points.sort_unstable();
    points.dedup();
    assert_eq!(points.len(), KeyReference::ALL.len(), "each its own");
    assert_eq!(bench.secured_piv(&enrol(FingerReference::Primary)).sw, DONE);
    bench.personalise_rest();
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    let own = p256::SecretKey::from_slice(&[7; 32]).expect("a scalar");
    let point = PublicPoint::new(&own.public_key().to_sec1_bytes()).expect("a point");
    for key in KeyReference::ALL.into_iter().filter(|key| key.agrees()) {
        let point = point.into();
        let agree = GeneralAuthenticate::Agree { key, point };
        let answer = bench.piv(&PivCommand::GeneralAuthenticate(agree));
        assert_eq!(answer.sw, DONE, "{key:?}");
    }
}
