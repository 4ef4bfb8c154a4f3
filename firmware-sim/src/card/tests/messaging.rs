//! Secure messaging with the key 04, and the virtual contact interface.

use negin_apdu::{Command, Interface, Limits, Response, StatusWord};
use negin_eid::aid::Application;
use negin_eid::gp::CardState;
use negin_eid::piv::{
    Algorithm, ChangeReferenceData, Container, Discovery, EstablishMessaging, FingerReference,
    GeneralAuthenticate, GenerateMessagingKey, KeyReference, MessagingCertificate, PairingCode,
    PivCommand, PropertyTemplate, PublicPoint, Puk, VerifyAction, VerifyReference,
};
use negin_eid::roles::Role;
use negin_secure_channel::opacity::host::{KeyEstablishment, Session};
use negin_secure_channel::opacity::{ContentSigner, Cvc, CvcSubject, UnsignedCvc};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use rand_core::Rng;

use super::bench::*;
use super::power::at_every_write;
use crate::card::Card;

const DONE: StatusWord = StatusWord::SUCCESS;
const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
const UNVERIFIED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
const WRONG: StatusWord = StatusWord::SECURE_MESSAGING_INCORRECT;
const ELSEWHERE: StatusWord = StatusWord::SECURE_MESSAGING_NOT_SUPPORTED;
const PRIMARY: FingerReference = FingerReference::Primary;
const CODE: &[u8] = b"13572468";
const UUID: [u8; 16] = *b"one card's uuid.";
const SIGNER: [u8; 8] = *b"content ";

fn signing_key() -> SigningKey {
    SigningKey::from_slice(&[1; 32]).expect("a scalar")
}

fn signer() -> ContentSigner {
    let point = signing_key().verifying_key().to_sec1_point(false);
    ContentSigner::new(&SIGNER, point.as_bytes()).expect("a point")
}

fn certificate(point: &PublicPoint) -> Cvc {
    let unsigned = UnsignedCvc {
        issuer: SIGNER,
        subject: CvcSubject::Card(UUID),
        point: *point.as_bytes(),
    };
    let signature: DerSignature = signing_key().sign(&unsigned.body());
    unsigned.signed(signature.as_bytes()).expect("a signature")
}

fn object(certificate: &Cvc) -> Vec<u8> {
    MessagingCertificate(certificate.as_bytes().to_vec()).encode()
}

fn generate_messaging_key() -> PivCommand {
    PivCommand::GenerateMessagingKey(GenerateMessagingKey)
}

fn pairing(code: &[u8]) -> PivCommand {
    let code = PairingCode::new(code).expect("digits");
    verify(
        VerifyReference::PairingCode,
        VerifyAction::PairingCode(code),
    )
}

/// Has the card make its key, over the issuer's channel.
fn make_key(bench: &mut Bench) -> PublicPoint {
    let answer = bench.secured_piv(&generate_messaging_key());
    PublicPoint::decode(&answer.ok().expect("generated")).expect("a point")
}

/// A card in its holder's hand, with secure messaging; the virtual contact interface as Discovery says.
fn with_messaging(discovery: Discovery) -> Bench {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.write();
    bench.open_in(Application::Piv, Role::Issuer);
    let point = make_key(&mut bench);
    let certificate = object(&certificate(&point));
    let code = PairingCode::new(CODE).expect("digits").encode();
    for (container, object) in [
        (Container::MessagingCertificate, certificate),
        (Container::PairingCode, code),
        (Container::Discovery, discovery.encode()),
    ] {
        assert_eq!(bench.put(container, &object), DONE, "{container:?}");
    }
    bench.personalise_rest();
    bench.deliver();
    bench.reset();
    bench
}

fn paired() -> Discovery {
    Discovery::of_card(true).with_virtual_contact(true)
}

/// The card of a bench with a host that speaks PIV's secure messaging.
struct Host {
    bench: Bench,
    session: Option<Session>,
}

impl Host {
    fn over(bench: Bench, interface: Interface) -> Self {
        let mut bench = bench;
        let mut bench = bench.moved(interface, Limits::SHORT);
        assert_eq!(bench.select(Application::Piv), DONE);
        Self {
            bench,
            session: None,
        }
    }

    fn over_the_antenna(discovery: Discovery) -> Self {
        Self::over(with_messaging(discovery), Interface::Contactless)
    }

    fn establish(&mut self) {
        let mut random = rng(7);
        let begun = KeyEstablishment::begin(|out| random.fill_bytes(out)).expect("drawn");
        let answer = self.bench.plain(&begun.command()).ok().expect("set up");
        let established = begun.finish(&answer, &signer(), None).expect("the card's");
        assert_eq!(established.certificate.subject(), CvcSubject::Card(UUID));
        self.session = Some(established.session);
    }

    /// Under secure messaging; `Err` is a status word outside of it.
    fn try_secured(&mut self, command: &Command) -> Result<Response, StatusWord> {
        let session = self.session.as_mut().expect("set up");
        let wrapped = session.wrap(command).expect("open");
        let answer = self.bench.plain(&wrapped);
        session.unwrap(&answer).map_err(|_| answer.sw)
    }

    fn secured(&mut self, command: &PivCommand) -> Response {
        self.try_secured(&command.to_apdu()).expect("protected")
    }

    fn plain(&mut self, command: &PivCommand) -> StatusWord {
        self.bench.piv(command).sw
    }
}

fn sign(key: KeyReference) -> PivCommand {
    PivCommand::GeneralAuthenticate(GeneralAuthenticate::Sign {
        key,
        algorithm: Algorithm::EccP256,
        digest: vec![1; 32],
    })
}

#[test]
fn a_card_with_the_key_says_so_and_one_without_says_nothing() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    let establish = PivCommand::EstablishMessaging(EstablishMessaging {
        template: vec![0x7C, 0x00],
    });
    assert_eq!(bench.piv(&establish).sw, StatusWord::INCORRECT_P1P2);
    let algorithms = |bench: &mut Bench| {
        let select = negin_eid::select::SelectApplication::new(negin_eid::aid::PIV).to_apdu();
        let answer = bench.plain(&select);
        PropertyTemplate::decode(&answer.data)
            .expect("a template")
            .algorithms
    };
    assert!(!algorithms(&mut bench).contains(&0x27));
    let mut bench = with_messaging(paired());
    assert!(algorithms(&mut bench).contains(&0x27));
    assert_eq!(bench.piv(&establish).sw, StatusWord::WRONG_DATA);
    let discovery = bench.piv(&get(Container::Discovery)).data;
    // PIN, comparison, virtual contact.
    assert_eq!(discovery[discovery.len() - 2..], [0x58, 0x00]);
}

#[test]
fn key_and_certificate_belong_together() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    let stranger = PublicPoint::new(
        signing_key()
            .verifying_key()
            .to_sec1_point(false)
            .as_bytes(),
    )
    .expect("a point");
    let put = |bench: &mut Bench, object: &[u8]| bench.put(Container::MessagingCertificate, object);
    let foreign = object(&certificate(&stranger));
    assert_eq!(put(&mut bench, &foreign), StatusWord::WRONG_DATA, "no key");
    let first = object(&certificate(&make_key(&mut bench)));
    assert_eq!(put(&mut bench, &foreign), StatusWord::WRONG_DATA);
    assert_eq!(put(&mut bench, &first), DONE);
    let read = |bench: &mut Bench| bench.secured_piv(&get(Container::MessagingCertificate));
    assert_eq!(read(&mut bench).data, first);
    // A new key has no certificate, and the old one is not its.
    let second = object(&certificate(&make_key(&mut bench)));
    assert_eq!(read(&mut bench).sw, StatusWord::FILE_NOT_FOUND);
    assert_eq!(put(&mut bench, &first), StatusWord::WRONG_DATA);
    assert_eq!(put(&mut bench, &second), DONE);
}

#[test]
fn nobody_but_the_issuer_makes_the_key_and_nobody_uses_it_on_the_way() {
    let mut bench = Bench::personalised();
    bench.select(Application::Piv);
    let establish = PivCommand::EstablishMessaging(EstablishMessaging {
        template: vec![0x7C, 0x00],
    });
    assert_eq!(bench.piv(&establish).sw, SHUT);
    assert_eq!(bench.piv(&generate_messaging_key()).sw, SHUT);
    assert_eq!(bench.piv(&pairing(CODE)).sw, SHUT);
    bench.open_in(Application::Piv, Role::Delivery);
    for command in [&establish, &generate_messaging_key(), &pairing(CODE)] {
        assert_eq!(bench.secured_piv(command).sw, SHUT, "{command:?}");
    }
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(bench.secured_piv(&generate_messaging_key()).sw, SHUT);
    let mut bench = with_messaging(paired());
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&generate_messaging_key()).sw, UNVERIFIED);
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(bench.secured_piv(&establish).sw, SHUT, "within a channel");
}

#[test]
fn over_the_antenna_nothing_without_it_and_everything_with_it() {
    let mut host = Host::over_the_antenna(paired());
    let contact_only = [
        Container::AuthenticationCertificate,
        Container::CardCapability,
        Container::ActivationRecord,
    ];
    // Without: what is free over the antenna, as before.
    for container in contact_only {
        assert_eq!(host.plain(&get(container)), UNVERIFIED, "{container:?}");
    }
    assert_eq!(host.plain(&pin(PIN)), SHUT);
    assert_eq!(
        host.plain(&pairing(CODE)),
        UNVERIFIED,
        "not under messaging"
    );
    // Secure messaging alone is not yet the interface.
    host.establish();
    for container in contact_only {
        assert_eq!(host.secured(&get(container)).sw, UNVERIFIED);
    }
    assert_eq!(host.secured(&pin(PIN)).sw, SHUT);
    assert_eq!(host.secured(&get(Container::Chuid)).sw, DONE);
    assert_eq!(host.secured(&pairing(b"00000000")).sw.0, 0x6300);
    assert_eq!(host.secured(&pin(PIN)).sw, SHUT);
    // With the pairing code it is.
    assert_eq!(host.secured(&pairing(CODE)).sw, DONE);
    assert_eq!(host.secured(&status(VerifyReference::PairingCode)).sw, DONE);
    for container in contact_only {
        assert_eq!(host.secured(&get(container)).sw, DONE, "{container:?}");
    }
    assert_eq!(host.secured(&get(Container::FacialImage)).sw, UNVERIFIED);
    assert_eq!(host.secured(&pin("000000")).sw, StatusWord(0x63C4));
    assert_eq!(host.secured(&pin(PIN)).sw, DONE);
    assert_eq!(host.secured(&get(Container::FacialImage)).data, FACE);
    assert_eq!(host.secured(&get(Container::PairingCode)).sw, DONE);
    assert_eq!(host.secured(&sign(KeyReference::Authentication)).sw, DONE);
    assert_eq!(host.secured(&sign(KeyReference::Signature)).sw, UNVERIFIED);
    assert_eq!(host.secured(&pin(PIN)).sw, DONE);
    assert_eq!(host.secured(&sign(KeyReference::Signature)).sw, DONE);
    assert_eq!(host.secured(&change_pin(PIN, "271828")).sw, DONE);
    // What it opened is open to nobody who speaks plain.
    assert_eq!(host.plain(&get(Container::FacialImage)), UNVERIFIED);
    assert_eq!(host.plain(&sign(KeyReference::Authentication)), UNVERIFIED);
    assert_eq!(host.plain(&pin("271828")), SHUT);
    // And the session goes on beside it.
    assert_eq!(host.secured(&get(Container::FacialImage)).data, FACE);
    // The PUK stays the contacts'.
    let change = PivCommand::ChangeReferenceData(ChangeReferenceData::Puk {
        old: Puk::new(PUK),
        new: Puk::new(PUK),
    });
    assert_eq!(host.secured(&change).sw, SHUT);
    assert_eq!(host.secured(&unblock(PUK, PIN)).sw, SHUT);
    // Logged out, it is over.
    let out = log_out(VerifyReference::PairingCode);
    assert_eq!(host.secured(&out).sw, DONE);
    assert_eq!(host.secured(&get(Container::FacialImage)).sw, UNVERIFIED);
    assert_eq!(
        host.secured(&status(VerifyReference::PairingCode)).sw.0,
        0x6300
    );
}

#[test]
fn without_a_pairing_code_secure_messaging_is_enough() {
    let mut host = Host::over_the_antenna(Discovery::of_card(true).with_virtual_contact(false));
    host.establish();
    assert_eq!(host.secured(&pin(PIN)).sw, DONE);
    assert_eq!(host.secured(&get(Container::FacialImage)).data, FACE);
}

#[test]
fn without_the_virtual_contact_interface_messaging_takes_a_finger_and_no_pin() {
    let mut host = Host::over_the_antenna(Discovery::of_card(true));
    assert_eq!(host.plain(&genuine(PRIMARY)), SHUT);
    host.establish();
    assert_eq!(host.secured(&pairing(CODE)).sw, DONE);
    assert_eq!(host.secured(&pin(PIN)).sw, SHUT);
    assert_eq!(host.secured(&impostor(PRIMARY)).sw, StatusWord(0x63C4));
    assert_eq!(host.secured(&genuine(PRIMARY)).sw, DONE);
    // It opens nothing here: that would take the interface.
    assert_eq!(
        host.secured(&get(Container::PrintedInformation)).sw,
        UNVERIFIED
    );
}

#[test]
fn on_the_contacts_it_only_keeps_the_conversation_to_itself() {
    let mut host = Host::over(with_messaging(paired()), Interface::Contact);
    host.establish();
    assert_eq!(host.secured(&pin(PIN)).sw, DONE);
    assert_eq!(host.secured(&get(Container::FacialImage)).data, FACE);
    // As plain as ever beside it.
    assert_eq!(host.bench.piv(&get(Container::FacialImage)).data, FACE);
    assert_eq!(host.secured(&unblock(PUK, PIN)).sw, DONE);
}

#[test]
fn what_is_not_carried_under_messaging_ends_it() {
    let select = Command::new(0, 0xA4, 4, 0).with_data([0xA0, 0, 0, 3, 8]);
    for command in [
        select,
        generate(KeyReference::Authentication).to_apdu(),
        put(Container::Chuid, b"\x53\x00").to_apdu(),
        activate(b"again").to_apdu(),
        generate_messaging_key().to_apdu(),
        KeyEstablishment::begin(|out| out.fill(3))
            .expect("drawn")
            .command(),
        Command::new(0, 0x50, 0, 0).with_data([0; 8]),
        Command::new(0, 0xFB, 0, 0),
    ] {
        let mut host = Host::over_the_antenna(paired());
        host.establish();
        assert_eq!(host.secured(&pairing(CODE)).sw, DONE);
        assert_eq!(host.try_secured(&command), Err(ELSEWHERE), "{command:?}");
        let wrapped = Command::new(0x0C, 0x20, 0, 0x80).with_data([0x8E; 10]);
        assert_eq!(host.bench.plain(&wrapped).sw, WRONG, "no session any more");
        // Which can be had again, without what the old one had.
        host.establish();
        assert_eq!(host.secured(&get(Container::CardCapability)).sw, UNVERIFIED);
    }
}

#[test]
fn a_session_ends_with_its_selection_a_new_one_a_channel_a_reset_and_an_error() {
    let wrapped = |host: &mut Host| {
        let command = status(VerifyReference::PairingCode).to_apdu();
        host.session
            .as_mut()
            .expect("set up")
            .wrap(&command)
            .expect("open")
    };
    let over = |host: &mut Host, why: &str| {
        let command = wrapped(host);
        assert_eq!(host.bench.plain(&command).sw, WRONG, "{why}");
    };
    let open = || {
        let mut host = Host::over_the_antenna(paired());
        host.establish();
        host
    };
    let mut host = open();
    host.bench.select(Application::Piv);
    assert_eq!(host.secured(&pairing(CODE)).sw, DONE, "PIV selected again");
    let unknown = Command::new(0, 0xA4, 4, 0).with_data([0xA0, 0, 0, 9, 9]);
    assert_eq!(host.bench.plain(&unknown).sw, StatusWord::FILE_NOT_FOUND);
    assert_eq!(host.secured(&pin(PIN)).sw, DONE, "nothing else selected");
    host.bench.select(Application::TravelDocument);
    let command = wrapped(&mut host);
    assert_eq!(host.bench.plain(&command).sw, ELSEWHERE);
    host.bench.select(Application::Piv);
    over(&mut host, "another application was selected");
    let mut host = open();
    let old = host.session.take();
    host.establish();
    host.session = old;
    over(&mut host, "another session");
    let mut host = open();
    host.bench.open(Role::Delivery).expect("its keys");
    over(&mut host, "a channel");
    let mut host = open();
    host.bench.reset();
    host.bench.select(Application::Piv);
    over(&mut host, "a reset");
    // A missing MAC is told apart from a wrong one; both end it.
    for (data, sw) in [
        (
            vec![0x97, 0x01, 0x00],
            StatusWord::SECURE_MESSAGING_DATA_MISSING,
        ),
        (vec![], StatusWord::SECURE_MESSAGING_DATA_MISSING),
        ([&[0x8E, 0x08][..], &[0; 8]].concat(), WRONG),
    ] {
        let mut host = open();
        let bare = Command::new(0x0C, 0xCB, 0x3F, 0xFF).with_data(data);
        assert_eq!(host.bench.plain(&bare).sw, sw);
        over(&mut host, "an error");
    }
}

#[test]
fn long_commands_and_answers_go_in_pieces() {
    let mut host = Host::over_the_antenna(paired());
    host.establish();
    assert_eq!(host.secured(&pairing(CODE)).sw, DONE);
    let answer = host.secured(&get(Container::AuthenticationCertificate));
    assert_eq!(answer.data.len(), 704);
    let probe = genuine(PRIMARY);
    assert!(probe.to_apdu().data().len() > 100);
    // A finger of more minutiae than one short command carries.
    let many = verify(
        VerifyReference::PrimaryFinger,
        VerifyAction::Minutiae(
            [minutiae(9, 0), minutiae(9, 1), minutiae(9, 2)]
                .concat()
                .into(),
        ),
    );
    assert_eq!(host.secured(&many).sw, StatusWord::WRONG_DATA);
    assert_eq!(host.secured(&probe).sw, DONE);
    let pieces = host
        .bench
        .log
        .iter()
        .filter(|sent| sent.first() == Some(&0x1C));
    assert!(pieces.count() > 0);
}

#[test]
fn over_the_antenna_the_last_tries_are_kept_under_messaging_too() {
    let mut host = Host::over_the_antenna(paired());
    host.establish();
    assert_eq!(host.secured(&pairing(CODE)).sw, DONE);
    for left in [4, 3, 2] {
        assert_eq!(
            host.secured(&pin("000000")).sw,
            StatusWord::verification_failed(left)
        );
    }
    let blocked = StatusWord::AUTHENTICATION_METHOD_BLOCKED;
    assert_eq!(host.secured(&pin("000000")).sw, blocked);
    assert_eq!(host.secured(&pin(PIN)).sw, blocked);
}

#[test]
fn replayed_and_tampered_commands_of_a_session_change_nothing() {
    let mut host = Host::over_the_antenna(paired());
    host.establish();
    assert_eq!(host.secured(&pairing(CODE)).sw, DONE);
    let command = host
        .session
        .as_mut()
        .expect("set up")
        .wrap(&pin("000000").to_apdu())
        .expect("open")
        .to_bytes()
        .expect("short");
    let state = host.bench.card.lock().expect("not poisoned").state_bytes();
    for at in 0..command.len() - 1 {
        let card = Card::from_state_bytes(&state, rng(3)).expect("whole");
        let bench = Bench::of(card, Interface::Contactless, Limits::SHORT);
        let mut host = Host::over(bench, Interface::Contactless);
        host.establish();
        assert_eq!(host.secured(&pairing(CODE)).sw, DONE);
        let mut forged = command.clone();
        forged[at] ^= 1;
        if let Ok(forged) = Command::parse(&forged) {
            let sw = host.bench.plain(&forged).sw;
            assert!(!sw.is_success(), "{at}: {sw}");
        }
        host.bench.reset();
        let mut bench = host.bench.moved(Interface::Contact, Limits::SHORT);
        bench.select(Application::Piv);
        assert_eq!(bench.tries(VerifyReference::Pin), Some(5), "{at}");
    }
}

#[test]
fn a_torn_key_generation_leaves_the_old_pair_or_the_new_key_alone() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    let old = object(&certificate(&make_key(&mut bench)));
    assert_eq!(bench.put(Container::MessagingCertificate, &old), DONE);
    bench.session = None;
    let state = bench.card.lock().expect("not poisoned").state_bytes();
    let cuts = at_every_write(
        &state,
        |bench| bench.open_in(Application::Piv, Role::Issuer),
        |bench| bench.try_secured(&generate_messaging_key().to_apdu()),
        |bench, cut| {
            bench.open_in(Application::Piv, Role::Issuer);
            let held = bench.secured_piv(&get(Container::MessagingCertificate));
            let fits = bench.put(Container::MessagingCertificate, &old);
            if held.sw == DONE {
                assert_eq!((held.data, fits), (old.clone(), DONE), "{cut:?}");
            } else {
                assert_eq!(held.sw, StatusWord::FILE_NOT_FOUND);
                assert_eq!(fits, StatusWord::WRONG_DATA, "{cut:?}");
            }
            make_key(bench);
        },
    );
    assert!(cuts > 5);
}

#[test]
fn a_terminated_card_holds_no_messaging_key() {
    let mut bench = with_messaging(paired());
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(bench.set_card(CardState::Terminated), DONE);
    let card = bench.card.lock().expect("not poisoned");
    assert_eq!(card.has_messaging(), Ok(false));
}
