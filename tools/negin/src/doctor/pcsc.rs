//! Card readers: the PC/SC library, its service, and whether the service lets this person in.
//!
//! Simulated cards need none of this, so that nothing here fails, it warns.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use negin_reader::pcsc::{self, Fault, Reach, ReaderAtHand, ReaderNow};

use super::{Check, Status};

/// Where pcscd listens, unless PCSCLITE_CSOCK_NAME says otherwise.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Where Debian and others put the daemon.
const DAEMONS: [&str; 3] = ["/usr/sbin/pcscd", "/usr/local/sbin/pcscd", "/usr/bin/pcscd"];

pub(super) fn checks() -> Vec<Check> {
    let mut checks = vec![library(
        &std::fs::read_to_string("/proc/self/maps").unwrap_or_default(),
    )];
    match pcsc::readers() {
        Ok(readers) => {
            let socket = socket();
            checks.push(Check::new(
                "pcsc-service",
                Status::Ok,
                socket.display().to_string(),
            ));
            checks.push(at_hand(&readers));
        }
        Err(fault) => {
            let daemon = DAEMONS
                .iter()
                .map(Path::new)
                .find(|path| path.exists())
                .map(Path::to_path_buf);
            let socket = socket();
            let knock = UnixStream::connect(&socket).map(drop).map_err(|e| e.kind());
            checks.push(service(fault, &socket, knock, daemon.as_deref()));
        }
    }
    checks
}

fn socket() -> PathBuf {
    std::env::var_os("PCSCLITE_CSOCK_NAME").map_or_else(|| SOCKET.into(), PathBuf::from)
}

/// The client library this program was started with.
fn library(maps: &str) -> Check {
    let found = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("pcsc"));
    match found {
        Some(path) => Check::new("pcsc-library", Status::Ok, path),
        None => Check::new("pcsc-library", Status::Ok, "built in"),
    }
}

/// Why the service is not reached: by its own code, by what a knock at its door says, and by whether the daemon is
/// installed at all.
fn service(
    fault: Fault,
    socket: &Path,
    knock: Result<(), ErrorKind>,
    daemon: Option<&Path>,
) -> Check {
    let shown = socket.display();
    let (hint, found) = match (fault.reach(), knock, daemon) {
        (Reach::Forbidden, _, _) => (
            "pcsc-service-polkit",
            format!("{fault}: polkit does not allow it"),
        ),
        (_, Err(ErrorKind::PermissionDenied), _) => (
            "pcsc-service-permission",
            format!("{shown} may not be opened"),
        ),
        (_, Err(ErrorKind::ConnectionRefused), _) => (
            "pcsc-service-stale",
            format!("nobody listens at {shown} any more"),
        ),
        (Reach::Stopped, Err(_), None) => {
            ("pcsc-service-missing", "pcscd is not installed".to_owned())
        }
        (Reach::Stopped, Err(_), Some(daemon)) => (
            "pcsc-service-stopped",
            format!("{} is there, {shown} is not", daemon.display()),
        ),
        // Somebody listens, and does not speak as this library does.
        _ => ("pcsc-service-stale", fault.to_string()),
    };
    Check::new("pcsc-service", Status::Warn, found).hinting(hint)
}

fn at_hand(readers: &[ReaderAtHand]) -> Check {
    let cards = readers
        .iter()
        .filter(|reader| matches!(reader.now, ReaderNow::Card { .. }))
        .count();
    let mute = readers
        .iter()
        .filter(|reader| reader.now == ReaderNow::Mute)
        .count();
    let found = format!("{} readers, {cards} cards", readers.len());
    match (readers.len(), mute) {
        (0, _) => Check::new("pcsc-readers", Status::Warn, "none").hinting("pcsc-readers-none"),
        (_, 0) => Check::new("pcsc-readers", Status::Ok, found),
        _ => Check::new(
            "pcsc-readers",
            Status::Warn,
            format!("{found}, {mute} more do not answer"),
        )
        .hinting("pcsc-readers-mute"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Language;
    use crate::doctor::texts;

    fn said(check: &Check) -> &'static str {
        for language in [Language::En, Language::Fa] {
            assert!(!texts::title(check.name, language).is_empty());
            assert!(
                !texts::next(check.hint, language).is_empty(),
                "{}",
                check.hint
            );
        }
        check.hint
    }

    #[test]
    fn each_way_of_missing_the_service_has_its_own_remedy() {
        let (stopped, forbidden) = (Fault::NO_SERVICE, Fault::FORBIDDEN);
        let socket = Path::new(SOCKET);
        let daemon = Some(Path::new(DAEMONS[0]));
        for (fault, knock, daemon, hint) in [
            (
                stopped,
                Err(ErrorKind::NotFound),
                None,
                "pcsc-service-missing",
            ),
            (
                stopped,
                Err(ErrorKind::NotFound),
                daemon,
                "pcsc-service-stopped",
            ),
            (
                stopped,
                Err(ErrorKind::ConnectionRefused),
                daemon,
                "pcsc-service-stale",
            ),
            (
                stopped,
                Err(ErrorKind::PermissionDenied),
                daemon,
                "pcsc-service-permission",
            ),
            (forbidden, Ok(()), daemon, "pcsc-service-polkit"),
            (stopped, Ok(()), daemon, "pcsc-service-stale"),
        ] {
            let check = service(fault, socket, knock, daemon);
            assert_eq!((check.status, said(&check)), (Status::Warn, hint));
        }
    }

    #[test]
    fn readers_and_cards_are_counted() {
        let reader = |now| ReaderAtHand {
            name: "one".to_owned(),
            now,
        };
        let card = ReaderNow::Card {
            atr: vec![0x3B],
            held: false,
        };
        assert_eq!(said(&at_hand(&[])), "pcsc-readers-none");
        let two = [reader(ReaderNow::Empty), reader(card)];
        let check = at_hand(&two);
        assert_eq!(check.status, Status::Ok);
        assert_eq!(check.found, "2 readers, 1 cards");
        assert_eq!(
            said(&at_hand(&[reader(ReaderNow::Mute)])),
            "pcsc-readers-mute"
        );
    }

    #[test]
    fn the_library_is_found_in_the_process() {
        let maps =
            "7f00-7f10 r-xp 00000000 08:01 42    /usr/lib/x86_64-linux-gnu/libpcsclite.so.1.0.0\n";
        assert!(library(maps).found.ends_with("libpcsclite.so.1.0.0"));
        assert_eq!(library("").found, "built in");
    }
}
