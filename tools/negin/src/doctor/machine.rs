//! The machine: folder, disk, clock, programs, fonts, terminal.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use negin_ledger::Timestamp;

use super::{Check, Status};
use crate::output::Style;

/// How long another program may take to answer.
const PATIENCE: Duration = Duration::from_millis(800);
/// Below this, there is no room for a ledger.
const LEAST_ROOM: u64 = 64 << 20;
/// Below this, there soon will be none.
const GOOD_ROOM: u64 = 1 << 30;
/// 2025-01-01: this program was not there before.
const EARLIEST: u64 = 1_735_689_600;

pub(super) fn checks(folder: &Path) -> Vec<Check> {
    vec![
        writable(folder),
        disk(folder),
        clock(SystemTime::now()),
        openssl(),
        locale(|name| std::env::var(name).ok()),
        fonts(),
        terminal(),
    ]
}

fn writable(folder: &Path) -> Check {
    let name = folder.join(format!(".negin-doctor-{}", std::process::id()));
    let tried = std::fs::write(&name, b"negin").and_then(|()| std::fs::remove_file(&name));
    let shown = folder
        .canonicalize()
        .unwrap_or_else(|_| folder.to_path_buf());
    match tried {
        Ok(()) => Check::new("folder", Status::Ok, shown.display().to_string()),
        Err(error) => Check::new(
            "folder",
            Status::Fail,
            format!("{}: {error}", shown.display()),
        ),
    }
}

fn disk(folder: &Path) -> Check {
    let mut command = Command::new("df");
    command.arg("-Pk").arg(folder);
    match answer(command).as_deref().and_then(available) {
        Some(bytes) => Check::new("disk", room(bytes), format!("{} MiB free", bytes >> 20)),
        None => Check::new("disk", Status::Warn, "df does not say"),
    }
}

fn room(bytes: u64) -> Status {
    match bytes {
        0..LEAST_ROOM => Status::Fail,
        LEAST_ROOM..GOOD_ROOM => Status::Warn,
        _ => Status::Ok,
    }
}

/// The bytes that `df -Pk` (POSIX) says are available: the fourth column of its second line, in KiB.
fn available(df: &str) -> Option<u64> {
    let line = df.lines().nth(1)?;
    let kibibytes: u64 = line.split_whitespace().nth(3)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn clock(now: SystemTime) -> Check {
    let seconds = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let status = if seconds < EARLIEST {
        Status::Fail
    } else {
        Status::Ok
    };
    let shown = i64::try_from(seconds.saturating_mul(1000))
        .map(|millis| Timestamp::from_unix_millis(millis).to_string())
        .unwrap_or_default();
    Check::new("clock", status, shown)
}

fn openssl() -> Check {
    let mut command = Command::new("openssl");
    command.arg("version");
    match answer(command) {
        Some(version) => Check::new("openssl", Status::Ok, version.trim()),
        None => Check::new("openssl", Status::Warn, "not found"),
    }
}

/// The character set of the locale: the first of these variables that is set decides (POSIX 8.2).
fn locale(variable: impl Fn(&str) -> Option<String>) -> Check {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    let lower = value.as_deref().unwrap_or_default().to_ascii_lowercase();
    let utf8 = lower.contains("utf-8") || lower.contains("utf8");
    Check::new(
        "locale",
        if utf8 { Status::Ok } else { Status::Warn },
        value.unwrap_or_else(|| "no locale is set".to_owned()),
    )
}

fn fonts() -> Check {
    let mut command = Command::new("fc-list");
    command.args([":lang=fa", "family"]);
    match answer(command) {
        Some(list) => {
            let families = list.lines().filter(|line| !line.trim().is_empty()).count();
            let status = if families > 0 {
                Status::Ok
            } else {
                Status::Warn
            };
            Check::new("fonts", status, format!("{families} here"))
        }
        None => Check::new("fonts", Status::Warn, "fc-list does not say"),
    }
}

fn terminal() -> Check {
    let style = Style::stdout();
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let (status, found) = match (style.is_terminal(), style.has_colour()) {
        (false, _) => (Status::Ok, "output goes to a file or a pipe"),
        (true, true) => (Status::Ok, "with colour"),
        (true, false) if dumb => (Status::Warn, "it calls itself dumb"),
        (true, false) => (Status::Ok, "without colour, as asked"),
    };
    Check::new("terminal", status, found)
}

/// What a program prints; none when it is not there, fails, or takes too long.
pub(super) fn answer(mut command: Command) -> Option<String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let reader = child.stdout.take().map(|mut stdout| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut stdout, &mut text).map(|_| text)
        })
    })?;
    let until = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            // It hangs, or the system does not say; either way it has no answer for us.
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    };
    let text = reader.join().ok()?.ok()?;
    status
        .success()
        .then(|| String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_df_says_is_understood() {
        let df = "Filesystem     1024-blocks      Used Available Capacity Mounted on\n\
                  /dev/vda         263174212  13631488  83886080      15% /\n";
        assert_eq!(available(df), Some(83_886_080 * 1024));
        assert_eq!(available("df: no such file"), None);
        assert_eq!(room(10 << 20), Status::Fail);
        assert_eq!(room(200 << 20), Status::Warn);
        assert_eq!(room(5 << 30), Status::Ok);
    }

    #[test]
    fn a_clock_before_this_program_was_written_is_wrong() {
        assert_eq!(clock(UNIX_EPOCH).status, Status::Fail);
        assert_eq!(
            clock(UNIX_EPOCH + Duration::from_secs(1_900_000_000)).status,
            Status::Ok
        );
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let with = |pairs: &'static [(&str, &str)]| {
            locale(move |name| {
                pairs
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            })
            .status
        };
        assert_eq!(with(&[("LANG", "fa_IR.UTF-8")]), Status::Ok);
        assert_eq!(
            with(&[("LC_ALL", "C"), ("LANG", "fa_IR.utf8")]),
            Status::Warn
        );
        assert_eq!(with(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]), Status::Ok);
        assert_eq!(with(&[]), Status::Warn);
    }

    #[test]
    fn a_folder_that_is_not_there_cannot_be_written_to() {
        assert_eq!(writable(Path::new("no-such-folder")).status, Status::Fail);
        let here = tempfile::tempdir().unwrap();
        assert_eq!(writable(here.path()).status, Status::Ok);
        assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_program_that_hangs_or_is_missing_has_no_answer() {
        let mut slow = Command::new("sleep");
        slow.arg("30");
        let begun = Instant::now();
        assert_eq!(answer(slow), None);
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert_eq!(answer(Command::new("no-such-program-anywhere")), None);
        let mut echo = Command::new("echo");
        echo.arg("negin");
        assert_eq!(answer(echo).as_deref(), Some("negin\n"));
    }
}
