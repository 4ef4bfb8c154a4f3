//! The control socket: a line in, some lines out, for whoever does something to simulated devices from outside.
//!
//! The answer is any number of lines, then a last one: `ok`, or `error` with what is wrong.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The longest line that is read: a path and a little more.
const LONGEST: u64 = 8192;

/// Listens at `path`, in place of a simulator that is gone.
///
/// # Errors
/// [`io::ErrorKind::AddrInUse`] where another simulator listens there, or where something else is there; otherwise as
/// the system's.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let socket = std::fs::symlink_metadata(path)?.file_type().is_socket();
            if !socket || UnixStream::connect(path).is_ok() {
                return Err(error);
            }
            std::fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        bound => bound,
    }
}

/// Answers whoever connects, for as long as the process lives.
pub fn serve<F>(listener: &UnixListener, answer: F)
where
    F: Fn(&str) -> String + Send + Sync + 'static,
{
    let answer = Arc::new(answer);
    for stream in listener.incoming() {
        match stream {
            Ok(stream) => {
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || converse(&stream, &*answer));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn converse(stream: &UnixStream, answer: &dyn Fn(&str) -> String) -> io::Result<()> {
    let mut lines = BufReader::new(io::Read::take(stream, LONGEST));
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let mut said = answer(line.trim());
        said.push('\n');
        (&*stream).write_all(said.as_bytes())?;
        line.clear();
        lines.get_mut().set_limit(LONGEST);
    }
    Ok(())
}

/// Sends one line to the control socket at `path`. What it answers: all but the last line; `Err(Ok(_))` with what is
/// wrong where the last one says so.
///
/// # Errors
/// The system's error where there is no answer, the simulator's words where it refuses.
pub fn ask(path: &Path, line: &str) -> Result<Vec<String>, Refused> {
    let stream = UnixStream::connect(path)?;
    (&stream).write_all(format!("{}\n", line.trim()).as_bytes())?;
    let mut said = Vec::new();
    for line in BufReader::new(&stream).lines() {
        let line = line?;
        match line.split_once(' ') {
            _ if line == "ok" => return Ok(said),
            Some(("error", what)) => return Err(Refused::Said(what.to_owned())),
            _ => said.push(line),
        }
    }
    Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
}

/// Why a line did nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The simulator says why.
    #[error("{0}")]
    Said(String),
    /// It cannot be reached.
    #[error("the simulator cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
}

/// The answer to a line, from what carrying it out came to: lines, or what is wrong.
#[must_use]
pub fn reply(done: Result<Vec<String>, String>) -> String {
    match done {
        Ok(mut lines) => {
            lines.push("ok".to_owned());
            lines.join("\n")
        }
        Err(what) => format!("error {}", what.replace('\n', " ")),
    }
}
