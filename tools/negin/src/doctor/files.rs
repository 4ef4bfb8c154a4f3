//! The files a seat works with: its keys, its ledger.

use std::path::Path;

use negin_keystore::FileKeyStore;
use negin_ledger::{FaultKind, Ledger, SqliteLedger, TrustedKeys};

use super::{Check, Status};

/// A ledger of more entries than these is opened here but not read through, to stay within the two seconds.
const READ_THROUGH: u64 = 5_000;

/// The key file: there, whole, and nobody's business but its owner's.
pub(super) fn keys(file: &Path) -> Check {
    match FileKeyStore::open(file) {
        Ok(store) => {
            let of = store.office().map_or_else(
                || "national".to_owned(),
                |office| format!("office {office}"),
            );
            let found = format!("{}: {of}, {} seats", file.display(), store.seats().count());
            Check::new("keys", Status::Ok, found)
        }
        Err(error) => Check::new("keys", Status::Fail, error.to_string()),
    }
}

/// The ledger: it opens, and each entry follows from the one before. Signatures are looked at for the seats whose keys
/// are in the key file; without one, they are the business of `negin ledger verify`.
pub(super) fn ledger(file: &Path, keys: Option<&Path>) -> Check {
    match read_through(file, &trusted(keys)) {
        Ok((status, found)) => Check::new("ledger", status, found),
        Err(error) => Check::new("ledger", Status::Fail, error.to_string()),
    }
}

/// The public keys of the seats in a key file. One that cannot be read has failed its own check and gives none.
fn trusted(keys: Option<&Path>) -> TrustedKeys {
    keys.and_then(|file| FileKeyStore::open(file).ok())
        .map(|store| {
            store
                .seats()
                .filter_map(|(name, key)| Some((name.parse().ok()?, key)))
                .collect()
        })
        .unwrap_or_default()
}

fn read_through(
    file: &Path,
    trusted: &TrustedKeys,
) -> Result<(Status, String), negin_ledger::Error> {
    let ledger = SqliteLedger::open_read_only(file)?;
    let heads = ledger.heads()?;
    let entries: u64 = heads.iter().map(|head| head.number).sum();
    let size = format!("{} seats, {entries} entries", heads.len());
    if entries > READ_THROUGH {
        return Ok((Status::Ok, format!("{size}, not read through")));
    }
    let (unknown, wrong): (Vec<_>, Vec<_>) = ledger
        .verify(trusted, &[])?
        .faults
        .into_iter()
        .partition(|fault| fault.kind == FaultKind::UnknownSeat);
    Ok(match (wrong.len(), unknown.is_empty()) {
        (0, true) => (Status::Ok, format!("{size}, all signed")),
        (0, false) => (Status::Ok, format!("{size}, not all signatures looked at")),
        (wrong, _) => (Status::Fail, format!("{size}, {wrong} faults")),
    })
}

#[cfg(test)]
mod tests {
    use negin_keystore::{KeyStore, NewKeys, SigningKeyId};
    use negin_ledger::{CitizenTag, Draft, Event, Seat, Timestamp};
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::*;

    #[test]
    fn what_is_no_ledger_is_said_to_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.sqlite");
        assert_eq!(ledger(&file, None).status, Status::Fail);
        std::fs::write(&file, "not a ledger at all, by any means").unwrap();
        assert_eq!(ledger(&file, None).status, Status::Fail);
    }

    /// A key file with one seat, and that seat's ledger with two entries in it.
    fn seat(folder: &Path) {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let new = NewKeys::new("one", "two");
        let (mut store, _) = FileKeyStore::generate(&new, &mut rng).unwrap();
        store.add_seat("station-1", &mut rng).unwrap();
        store.create_file(&folder.join("keys.json")).unwrap();
        let id = SigningKeyId::LedgerSeat("station-1".to_owned());
        let public = store.public_key(&id).unwrap();
        let seat = Seat::new(
            "station-1".parse().unwrap(),
            public,
            Box::new(move |message| Ok(store.sign(&id, message)?)),
            Box::new(|bytes| bytes.fill(5)),
        );
        let mut ledger = SqliteLedger::create(&folder.join("ledger.sqlite"), seat).unwrap();
        let record = "order-1/0001".parse().unwrap();
        let now = Timestamp::from_unix_millis(1_800_000_000_000);
        let registered = Draft::new(Event::Registered, now).record(&record);
        ledger
            .append(registered.citizen(CitizenTag::from([1; 32])))
            .unwrap();
        ledger
            .append(Draft::new(Event::Checked, now).record(&record))
            .unwrap();
    }

    #[test]
    fn a_seat_that_is_well_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        seat(folder.path());
        let (keys_file, ledger_file) = (
            folder.path().join("keys.json"),
            folder.path().join("ledger.sqlite"),
        );
        let check = keys(&keys_file);
        assert_eq!(check.status, Status::Ok, "{}", check.found);
        assert!(
            check.found.ends_with("national, 1 seats"),
            "{}",
            check.found
        );
        let check = ledger(&ledger_file, Some(&keys_file));
        assert_eq!(check.status, Status::Ok, "{}", check.found);
        assert_eq!(check.found, "1 seats, 2 entries, all signed");
        let check = ledger(&ledger_file, None);
        assert_eq!(
            check.found,
            "1 seats, 2 entries, not all signatures looked at"
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_key_file_others_can_read_fails() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        seat(folder.path());
        let file = folder.path().join("keys.json");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(keys(&file).status, Status::Fail);
    }
}
