//! Finding a module on a line: at which speed it speaks, whether it takes the password, what it is.

use std::time::Duration;

use negin_fingerprint::capture::CancelToken;

use super::command::Command;
use super::error::Error;
use super::image::Geometry;
use super::line::Line;
use super::link::{Link, PATIENCE, TRIES};
use super::module::{Module, verify};
use super::parameters::{BaudRate, Parameters, Product};
use super::password::Password;

/// How long a module may take to answer at a speed that is only tried.
const PROBE: Duration = Duration::from_millis(250);

/// The address that modules leave the maker's hands with.
pub const DEFAULT_ADDRESS: u32 = 0xFFFF_FFFF;

/// What is known of a module before it is asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its speed; found out where it is not known.
    pub baud: Option<BaudRate>,
    /// Its address.
    pub address: u32,
    /// Its password.
    pub password: Password,
    /// What its images are, where somebody knows better than the module.
    pub geometry: Option<Geometry>,
}

impl Default for Options {
    /// A module as it leaves the maker's hands, at whatever speed.
    fn default() -> Self {
        Self {
            baud: None,
            address: DEFAULT_ADDRESS,
            password: Password::default(),
            geometry: None,
        }
    }
}

impl<L: Line> Module<L> {
    /// Finds the module on a line and verifies its password.
    ///
    /// At each speed, the likeliest first, the password is verified: the one command that every module answers, locked
    /// or not. Two rounds, because what a module heard at a wrong speed may keep it from hearing what comes next.
    ///
    /// # Errors
    /// [`Error::NoAnswer`] where nothing answers at any speed, [`Error::Password`] where the password is wrong.
    pub fn connect(line: L, options: &Options, cancel: &CancelToken) -> Result<Self, Error> {
        let first = options.baud.unwrap_or(BaudRate::DEFAULT);
        let mut link = Link::new(line, first.baud(), options.address);
        link.heed(cancel);
        match options.baud {
            Some(rate) => {
                link.set_baud(rate.baud())?;
                verify(&mut link, &options.password, TRIES, PATIENCE)?;
            }
            None => find(&mut link, &options.password)?,
        }
        let rest = link.done(&Command::ReadSysPara)?;
        let parameters = Parameters::decode(&rest).ok_or(Error::Protocol)?;
        // Modules that do not know it refuse it or say nothing.
        let product = match link.ask_times(&Command::ReadProdInfo, 1, PROBE) {
            Ok(answer) => Product::decode(&answer.rest),
            Err(error @ (Error::Gone | Error::Cancelled | Error::Line(_))) => return Err(error),
            Err(_) => None,
        };
        let mut module = Self::new(link, parameters, product);
        if let Some(geometry) = options.geometry {
            module.set_geometry(geometry);
        }
        Ok(module)
    }
}

fn find<L: Line>(link: &mut Link<L>, password: &Password) -> Result<(), Error> {
    let mut heard = Error::NoAnswer;
    for _ in 0..2 {
        for rate in BaudRate::LIKELIEST_FIRST {
            log::debug!("a module is looked for at {} baud", rate.baud());
            link.set_baud(rate.baud())?;
            match verify(link, password, 1, PROBE) {
                Ok(()) => return Ok(()),
                // Damage is what a wrong speed sounds like.
                Err(Error::NoAnswer | Error::Damaged | Error::Protocol) => {}
                // So is a code that VfyPwd cannot have.
                Err(error @ Error::Refused { .. }) => heard = error,
                Err(error) => return Err(error),
            }
            link.settle()?;
        }
    }
    Err(heard)
}
