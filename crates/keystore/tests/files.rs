//! Key files: for their owner only, whole or not at all, and no digit changed unseen.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use negin_keystore::{
    CardKeySet, Error, FileKeyStore, KeyStore, NewKeys, OverrideShare, SigningKeyId, TransportBatch,
};
use negin_secure_channel::key::{Key, KeySet};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn made() -> (FileKeyStore, [OverrideShare; 2]) {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let (mut store, shares) =
        FileKeyStore::generate(&NewKeys::new("officer-1", "officer-2"), &mut rng).unwrap();
    let keys = KeySet::of_one(&Key::new(&[0x40; 16]).unwrap());
    store
        .add_transport(TransportBatch {
            name: "maker".to_owned(),
            chips: vec![1, 2],
            diversified: true,
            keys,
        })
        .unwrap();
    store.add_seat("station-1", &mut rng).unwrap();
    (store, shares)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn same(one: &FileKeyStore, two: &FileKeyStore) {
    let kdd = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    let office = "X-1".parse().unwrap();
    for set in [
        CardKeySet::Transport,
        CardKeySet::Issuer,
        CardKeySet::Delivery { office },
    ] {
        assert_eq!(one.kcvs(set, &kdd).unwrap(), two.kcvs(set, &kdd).unwrap());
    }
    for id in [
        SigningKeyId::Ca,
        SigningKeyId::DocumentSigner,
        SigningKeyId::LedgerSeat("station-1".to_owned()),
    ] {
        assert_eq!(one.sign(&id, b"m").unwrap(), two.sign(&id, b"m").unwrap());
    }
    assert_eq!(
        one.citizen_tag("0012345679").unwrap(),
        two.citizen_tag("0012345679").unwrap()
    );
}

#[test]
fn written_read_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let (mut store, shares) = made();
    store.create_file(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    same(&store, &FileKeyStore::open(&path).unwrap());

    let before = fs::read(&path).unwrap();
    assert_eq!(
        store.create_file(&path).unwrap_err().key(),
        "keystore.exists"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    store
        .add_seat("station-2", &mut ChaCha20Rng::from_seed([2; 32]))
        .unwrap();
    // Half a file that a power cut left behind.
    fs::write(folder.path().join("keys.json.new"), "{").unwrap();
    store.replace_file(&path).unwrap();
    assert_eq!(
        (
            mode(&path),
            FileKeyStore::open(&path).unwrap().seats().count()
        ),
        (0o600, 2)
    );

    let half = folder.path().join("officer-1.json");
    shares[0].create_file(&half).unwrap();
    assert_eq!(mode(&half), 0o600);
    let read = OverrideShare::open(&half).unwrap();
    store.unlock_override(&read, &shares[1]).unwrap();
    // Nothing lies about beside the files.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_file_open_to_others_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    made().0.create_file(&path).unwrap();
    for bits in [0o640, 0o604, 0o620, 0o601, 0o666, 0o777] {
        fs::set_permissions(&path, PermissionsExt::from_mode(bits)).unwrap();
        match FileKeyStore::open(&path).unwrap_err() {
            Error::Permissions { mode, .. } => assert_eq!(mode, bits),
            other => panic!("{other}"),
        }
    }
    for bits in [0o600, 0o400] {
        fs::set_permissions(&path, PermissionsExt::from_mode(bits)).unwrap();
        FileKeyStore::open(&path).unwrap();
    }
}

fn opened(path: &Path, text: &[u8]) -> Result<FileKeyStore, Error> {
    let _ = fs::remove_file(path);
    fs::write(path, text).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
    FileKeyStore::open(path)
}

#[test]
fn missing_foreign_and_later_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    assert_eq!(
        FileKeyStore::open(&path).unwrap_err().key(),
        "keystore.missing"
    );
    assert_eq!(
        made()
            .0
            .create_file(&folder.path().join("no/keys"))
            .unwrap_err()
            .key(),
        "keystore.missing"
    );
    assert_eq!(
        FileKeyStore::open(folder.path()).unwrap_err().key(),
        "keystore.permissions"
    );
    for text in ["", "{}", "keys", "[1, 2]", "\u{0}"] {
        assert_eq!(
            opened(&path, text.as_bytes()).unwrap_err().key(),
            "keystore.damaged"
        );
    }
    let share = folder.path().join("share");
    made().1[0].create_file(&share).unwrap();
    assert_eq!(
        FileKeyStore::open(&share).unwrap_err().key(),
        "keystore.damaged"
    );

    let store = folder.path().join("store");
    made().0.create_file(&store).unwrap();
    assert_eq!(
        OverrideShare::open(&store).unwrap_err().key(),
        "keystore.damaged"
    );
    let later = fs::read_to_string(&store)
        .unwrap()
        .replace("\"version\": 1", "\"version\": 2");
    match opened(&path, later.as_bytes()).unwrap_err() {
        Error::NewerVersion { found, known, .. } => assert_eq!((found, known), (2, 1)),
        other => panic!("{other}"),
    }
}

#[test]
fn every_changed_character_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let original = folder.path().join("original");
    let (store, _) = made();
    store.create_file(&original).unwrap();
    let text = fs::read(&original).unwrap();
    let mut read_anyway = 0;
    for at in 0..text.len() {
        let mut changed = text.clone();
        changed[at] ^= 1;
        match opened(&path, &changed) {
            // White space, or the case of a digit: the same keys.
            Ok(read) => {
                same(&store, &read);
                read_anyway += 1;
            }
            Err(error) => {
                assert!(
                    ["keystore.damaged", "keystore.newer-version"].contains(&error.key()),
                    "{at}: {error}"
                );
                let said = error.to_string();
                assert!(!said.contains("4040"), "{said}");
            }
        }
        let cut = opened(&path, &text[..at]);
        assert!(cut.is_err() || at == text.len() - 1, "{at}");
    }
    // Only white space may differ.
    assert!(
        read_anyway < text.len() / 4,
        "{read_anyway} of {}",
        text.len()
    );
}

#[test]
fn batches_of_other_cards_are_kept() {
    use negin_keystore::{ForeignBatch, KeyStore};
    use negin_secure_channel::challenge::ChallengeKey;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let mut store = FileKeyStore::default();
    store
        .add_foreign(ForeignBatch::factory("tokens").unwrap())
        .unwrap();
    let key = ChallengeKey::aes(&[9; 32]).unwrap();
    let batch = ForeignBatch::new("cards", key, b"98765432", b"87654321").unwrap();
    store.add_foreign(batch.clone()).unwrap();
    assert_eq!(
        store.add_foreign(batch).unwrap_err().key(),
        "keystore.taken"
    );
    store.create_file(&path).unwrap();
    let read = FileKeyStore::open(&path).unwrap();
    assert_eq!(
        read.foreign_batches().collect::<Vec<_>>(),
        ["tokens", "cards"]
    );
    let cards = read.foreign("cards").unwrap();
    assert_eq!(
        (cards.pin(), &*cards.puk()),
        (&b"98765432"[..], b"87654321")
    );
    assert_eq!(cards.key.block_length(), 16);
    assert_eq!(read.foreign("tokens").unwrap().key.block_length(), 8);
    assert_eq!(
        read.foreign("none").unwrap_err().key(),
        "keystore.no-foreign-batch"
    );
    let shown = format!("{cards:?}");
    assert!(!shown.contains("9") && shown.contains("cards"), "{shown}");
    for (pin, puk) in [
        (&b"12345"[..], &b"12345678"[..]),
        (b"12345a", b"12345678"),
        (b"123456", b"1"),
    ] {
        let key = ChallengeKey::aes(&[9; 16]).unwrap();
        assert!(ForeignBatch::new("x", key, pin, puk).is_err());
    }
}
