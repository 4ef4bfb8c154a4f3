//! Results on standard output: text for people, one JSON object on one line for scripts.
//!
//! A reader that has gone away (a closed pipe) is no error: it has what it wanted.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

/// Writes `value` as JSON on one line.
///
/// # Errors
/// What the writer says; [`ErrorKind::InvalidData`] when the value has no JSON form.
fn write_json<T: Serialize>(out: &mut impl Write, value: &T) -> io::Result<()> {
    let line = serde_json::to_string(value)
        .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
    writeln!(out, "{line}")?;
    out.flush()
}

/// Prints `value` as JSON on standard output, on one line.
///
/// # Errors
/// As [`write_json`].
pub fn print_json<T: Serialize>(value: &T) -> io::Result<()> {
    unless_gone(write_json(&mut io::stdout().lock(), value))
}

/// Prints text on standard output, as it is.
///
/// # Errors
/// What the system says.
pub fn print_text(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    unless_gone(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

fn unless_gone(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_whatever_the_text() {
        let mut out = Vec::new();
        write_json(&mut out, &serde_json::json!({"name": "گلنار\nx", "n": 2})).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["name"], "گلنار\nx");
    }

    #[test]
    fn a_reader_that_has_gone_is_no_error_and_a_full_disk_is_one() {
        assert!(unless_gone(Err(ErrorKind::BrokenPipe.into())).is_ok());
        assert!(unless_gone(Err(ErrorKind::StorageFull.into())).is_err());
    }

    #[test]
    fn a_writer_that_fails_is_reported() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::from(ErrorKind::StorageFull))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = write_json(&mut Full, &1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
