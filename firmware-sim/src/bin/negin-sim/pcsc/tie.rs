//! What ties the part inside to the one outside: a socket, over which it is told to end, or asked for something.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the part inside may take to do what it is asked.
const PATIENCE: Duration = Duration::from_secs(60);

/// The end outside.
#[derive(Clone, Default)]
pub struct Tie {
    stream: Arc<Mutex<Option<UnixStream>>>,
    /// The end was asked for before there was anybody to ask.
    ended: Arc<AtomicBool>,
    /// Held from a question to its answer.
    asking: Arc<Mutex<()>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tie {
    /// Takes the one connection there will be.
    pub fn accept(&self, life: UnixListener) {
        let tie = self.clone();
        std::thread::spawn(move || {
            if let Ok((stream, _)) = life.accept() {
                let _ = stream.set_read_timeout(Some(PATIENCE));
                *lock(&tie.stream) = Some(stream);
                if tie.ended.load(Ordering::SeqCst) {
                    tie.end();
                }
            }
        });
    }

    fn say(&self, line: &str) -> std::io::Result<UnixStream> {
        let stream = lock(&self.stream);
        let stream = stream.as_ref().ok_or(std::io::ErrorKind::NotConnected)?;
        (&*stream).write_all(format!("{line}\n").as_bytes())?;
        stream.try_clone()
    }

    /// Asks the part inside to end; asked again, it does so at once.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = self.say("end");
    }

    /// Asks something; the one line that is answered.
    pub fn ask(&self, line: &str) -> Result<String, String> {
        let _one_at_a_time = lock(&self.asking);
        let answered = self.say(line).and_then(|stream| {
            let mut answer = String::new();
            BufReader::new(stream).read_line(&mut answer)?;
            Ok(answer.trim_end().to_owned())
        });
        match answered {
            Ok(answer) if !answer.is_empty() => Ok(answer),
            Ok(_) => Err("the part inside is gone".to_owned()),
            Err(error) => Err(format!("the part inside does not answer: {error}")),
        }
    }
}
