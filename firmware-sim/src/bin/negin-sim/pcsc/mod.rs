//! `negin-sim pcsc`: a PC/SC for one command, with readers in which cards lie.
//!
//! Three processes beside the command. [`outside`] holds all together: it starts the simulator (`negin-sim serve`) and,
//! in namespaces where nobody else's /run, network and processes are, [`inside`]: which starts pcscd, waits until it
//! shows the readers and cards, runs the command and passes its status on. Each of the two ends where `outside` does,
//! however that comes about: the simulator by its standard input, `inside` by a socket. Where `inside` ends, its
//! namespace ends with everything in it.

mod client;
mod control;
mod daemon;
pub mod inside;
mod namespace;
pub mod outside;
mod simulator;
mod tie;

use std::path::PathBuf;

/// The folder of one run, and what is where in it.
#[derive(Debug, Clone)]
pub struct Places(pub PathBuf);

impl Places {
    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where the driver finds the simulator.
    pub fn readers(&self) -> PathBuf {
        self.at("readers")
    }

    /// Where a person's or a test's lines go.
    pub fn control(&self) -> PathBuf {
        self.at("control")
    }

    /// Where lines for the simulator are passed on to.
    pub fn simulator(&self) -> PathBuf {
        self.at("simulator")
    }

    /// Where `inside` holds on to `outside`.
    pub fn life(&self) -> PathBuf {
        self.at("life")
    }

    /// pcscd's configuration.
    pub fn config(&self) -> PathBuf {
        self.at("reader.conf.d")
    }

    /// A folder with no drivers: real readers stay the system's.
    pub fn drivers(&self) -> PathBuf {
        self.at("drivers")
    }

    /// What is pcscd's /run/pcscd within the namespaces.
    pub fn run(&self) -> PathBuf {
        self.at("pcscd")
    }

    /// What pcscd says.
    pub fn log(&self) -> PathBuf {
        self.at("pcscd.log")
    }
}

/// What can be done to a process of ours by a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Nothing: whether it runs.
    Look,
    /// Ends it as a crash does.
    Kill,
    /// It gets no time any more.
    Stop,
    /// It gets time again.
    Continue,
    /// Starts it anew.
    Start,
}

impl Deed {
    fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "" => Self::Look,
            "kill" => Self::Kill,
            "stop" => Self::Stop,
            "continue" => Self::Continue,
            "start" => Self::Start,
            other => {
                return Err(format!(
                    "'{other}' cannot be done; there are: kill, stop, continue, start"
                ));
            }
        })
    }
}
