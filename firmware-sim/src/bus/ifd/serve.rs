//! Readers at the driver's service: one thread a connection, so that no reader waits for another.

use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use negin_link::{
    Answer, Error, Failure, Features, FrameReader, MAX_READERS, Malformed, Purpose, Refusal,
    Request, VERSION, WORKING_EVERY,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::bay::{Bay, BayError};
use super::echo;
use super::line::Line;
use crate::bus::InProcess;

/// How long a driver that does not listen is talked to.
const UNHEARD: Duration = Duration::from_secs(5);

/// Where the simulator's cards get their randomness from: each card put in takes one seed.
pub type Entropy = Box<dyn FnMut(&mut [u8]) + Send>;

/// Some readers, from number 0.
pub struct Rack {
    bays: Vec<Bay>,
    echo: bool,
    entropy: Mutex<Entropy>,
    lines: Mutex<Vec<Weak<Line>>>,
}

impl std::fmt::Debug for Rack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Rack").field(&self.bays).finish()
    }
}

impl Rack {
    /// These readers; more than 16 are left out, the daemon takes no more.
    #[must_use]
    pub fn new(bays: impl IntoIterator<Item = Bay>, entropy: Entropy) -> Arc<Self> {
        Self::make(bays, entropy, false)
    }

    /// The same, and behind them one more reader in which the echoing card lies ([`crate::echo`]).
    #[must_use]
    pub fn with_echo(bays: impl IntoIterator<Item = Bay>, entropy: Entropy) -> Arc<Self> {
        Self::make(bays, entropy, true)
    }

    fn make(bays: impl IntoIterator<Item = Bay>, entropy: Entropy, echo: bool) -> Arc<Self> {
        Arc::new(Self {
            bays: bays.into_iter().take(MAX_READERS.into()).collect(),
            echo,
            entropy: Mutex::new(entropy),
            lines: Mutex::default(),
        })
    }

    /// The readers.
    #[must_use]
    pub fn bays(&self) -> &[Bay] {
        &self.bays
    }

    /// The reader of this number.
    #[must_use]
    pub fn bay(&self, reader: usize) -> Option<&Bay> {
        self.bays.get(reader)
    }

    /// Puts the card of a file, or the one that was in last, into a reader.
    ///
    /// # Errors
    /// As [`Bay::insert`].
    pub fn insert(&self, bay: &Bay, file: Option<&Path>) -> Result<(), BayError> {
        let (mut seed, mut unstable) = ([0; 32], [0; 8]);
        {
            let mut entropy = self.entropy.lock().unwrap_or_else(PoisonError::into_inner);
            entropy(&mut seed);
            entropy(&mut unstable);
        }
        bay.insert(
            file,
            ChaCha20Rng::from_seed(seed),
            u64::from_be_bytes(unstable),
        )
    }

    /// Answers the driver, for as long as the process lives.
    pub fn serve(self: Arc<Self>, listener: &UnixListener) {
        let ticking = Arc::downgrade(&self);
        std::thread::spawn(move || tick(&ticking));
        for stream in listener.incoming() {
            let rack = Arc::clone(&self);
            match stream {
                // A driver that says nonsense or goes away loses its connection; nothing else comes of it.
                Ok(stream) => drop(std::thread::spawn(move || rack.connection(stream))),
                Err(error) => {
                    log::warn!("no connection to the driver could be taken: {error}");
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
        }
    }

    fn connection(&self, mut stream: UnixStream) -> Result<(), Error> {
        stream.set_write_timeout(Some(UNHEARD))?;
        let line = Arc::new(Line::new(stream.try_clone()?));
        let mut frames = FrameReader::new();
        let Request::Hello {
            version,
            reader,
            purpose,
        } = Request::parse(frames.next(&mut stream)?)?
        else {
            return Err(Malformed::OutOfPlace.into());
        };
        if version != VERSION {
            return line.answer(&Answer::Refused(Refusal::Version(VERSION)));
        }
        if self.echo && usize::from(reader) == self.bays.len() {
            line.answer(&Answer::Welcome(Features::default()))?;
            return echo::connection(purpose, &mut stream, &mut frames, &line);
        }
        let Some(bay) = self.bay(reader.into()) else {
            return line.answer(&Answer::Refused(Refusal::NoSuchReader));
        };
        line.answer(&Answer::Welcome(Features {
            pin_pad: bay.pin_pad().is_some(),
        }))?;
        match purpose {
            Purpose::Watch => {
                bay.watch(Arc::clone(&line));
                // The driver says nothing more here; but it goes away, one day.
                let ended = frames.next(&mut stream).map(drop);
                bay.forget(&line);
                ended
            }
            Purpose::Exchange => {
                self.lines
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Arc::downgrade(&line));
                let mut card = None;
                let ended = exchange(bay, &mut card, &mut stream, &mut frames, &line);
                if let Some(card) = card {
                    card.power_off();
                }
                ended
            }
        }
    }
}

fn exchange(
    bay: &Bay,
    card: &mut Option<InProcess>,
    stream: &mut UnixStream,
    frames: &mut FrameReader,
    line: &Line,
) -> Result<(), Error> {
    loop {
        let request = Request::parse(frames.next(stream)?)?;
        line.begin();
        match request {
            Request::PowerUp | Request::Reset => {
                *card = None;
                match bay.power_up() {
                    Ok(powered) => {
                        line.answer(&Answer::Atr(powered.atr()))?;
                        *card = Some(powered);
                    }
                    Err(failure) => line.answer(&Answer::Failed(failure))?,
                }
            }
            Request::PowerDown => {
                if let Some(card) = card.take() {
                    card.power_off();
                }
                line.answer(&Answer::PoweredDown)?;
            }
            Request::Transmit(command) => {
                let answered = card.as_mut().ok_or(Failure::NoPower);
                respond(line, answered.and_then(|card| bay.transmit(card, command)))?;
            }
            Request::PinPad(entry, structure) => {
                let answered = card.as_mut().ok_or(Failure::NoPower);
                respond(
                    line,
                    answered.and_then(|card| bay.enter_pin(card, entry, structure)),
                )?;
            }
            Request::Hello { .. } => return Err(Malformed::OutOfPlace.into()),
        }
    }
}

fn respond(line: &Line, answered: Result<Vec<u8>, Failure>) -> Result<(), Error> {
    match answered {
        Ok(response) => line.answer(&Answer::Response(&response)),
        Err(failure) => line.answer(&Answer::Failed(failure)),
    }
}

/// Says of every card at work that it is, as long as there is the rack.
fn tick(rack: &Weak<Rack>) {
    while let Some(rack) = rack.upgrade() {
        let lines: Vec<Arc<Line>> = {
            let mut lines = rack.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.retain(|line| line.strong_count() > 0);
            lines.iter().filter_map(Weak::upgrade).collect()
        };
        drop(rack);
        for line in lines {
            line.still_working();
        }
        std::thread::sleep(WORKING_EVERY / 2);
    }
}
