//! The files a seat works with: its keys, its ledger.

use std::path::Path;

use negin_ledger::{FaultKind, Ledger, SqliteLedger, TrustedKeys};

use super::{Check, Status};

/// A ledger of more entries than these is opened here but not read through, to stay within the two seconds.
const READ_THROUGH: u64 = 5_000;

/// The key file: there, a file, and nobody's business but its owner's.
pub(super) fn keys(file: &Path) -> Check {
    let shown = file.display();
    match std::fs::metadata(file) {
        Err(error) => Check::new("keys", Status::Fail, format!("{shown}: {error}")),
        Ok(about) if !about.is_file() => {
            Check::new("keys", Status::Fail, format!("{shown} is no file"))
        }
        Ok(about) => match open_to_others(&about) {
            Some(mode) => Check::new("keys", Status::Warn, format!("{shown} has mode {mode:03o}")),
            None => Check::new("keys", Status::Ok, shown.to_string()),
        },
    }
}

/// The permission bits, where they let others than the owner at the file.
#[cfg(unix)]
fn open_to_others(about: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    let mode = about.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> Option<u32> {
    None
}

/// The ledger: it opens, and each entry follows from the one before. Signatures need the seats' keys and are the
/// business of `negin ledger verify`.
pub(super) fn ledger(file: &Path) -> Check {
    match read_through(file) {
        Ok((status, found)) => Check::new("ledger", status, found),
        Err(error) => Check::new("ledger", Status::Fail, error.to_string()),
    }
}

fn read_through(file: &Path) -> Result<(Status, String), negin_ledger::Error> {
    let ledger = SqliteLedger::open_read_only(file)?;
    let heads = ledger.heads()?;
    let entries: u64 = heads.iter().map(|head| head.number).sum();
    let size = format!("{} seats, {entries} entries", heads.len());
    if entries > READ_THROUGH {
        return Ok((Status::Ok, format!("{size}, not read through")));
    }
    let verification = ledger.verify(&TrustedKeys::new(), &[])?;
    let wrong = verification
        .faults
        .iter()
        .filter(|fault| fault.kind != FaultKind::UnknownSeat)
        .count();
    Ok(if wrong == 0 {
        (Status::Ok, size)
    } else {
        (Status::Fail, format!("{size}, {wrong} faults"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_ledger_is_said_to_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.sqlite");
        assert_eq!(ledger(&file).status, Status::Fail);
        std::fs::write(&file, "not a ledger at all, by any means").unwrap();
        assert_eq!(ledger(&file).status, Status::Fail);
    }

    #[test]
    #[cfg(unix)]
    fn a_key_file_others_can_read_is_warned_of() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        assert_eq!(keys(&file).status, Status::Fail);
        assert_eq!(keys(folder.path()).status, Status::Fail);
        std::fs::write(&file, "{}").unwrap();
        let mode = |mode| {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            keys(&file).status
        };
        assert_eq!(mode(0o644), Status::Warn);
        assert_eq!(mode(0o600), Status::Ok);
    }
}
