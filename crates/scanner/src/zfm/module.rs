//! A module: every command as a call that either has done it or says why not. Those of its library are in `library`.

use std::time::Duration;

use negin_fingerprint::Image;
use negin_fingerprint::capture::CancelToken;
use zeroize::Zeroizing;

use super::command::{Command, NOTEPAD_PAGE, Setting};
use super::confirmation::Confirmation;
use super::error::Error;
use super::image::{self, Geometry};
use super::light::{LightColour, LightMode};
use super::line::Line;
use super::link::{Link, PATIENCE, TRIES, confirmed};
use super::parameters::{PacketSize, Parameters, Product};
use super::password::Password;

/// A module that answers at the right speed and took the password.
pub struct Module<L> {
    link: Link<L>,
    parameters: Parameters,
    product: Option<Product>,
    geometry: Option<Geometry>,
}

impl<L: Line> Module<L> {
    pub(super) fn new(link: Link<L>, parameters: Parameters, product: Option<Product>) -> Self {
        let geometry = product.as_ref().and_then(Geometry::of_product);
        Self {
            link,
            parameters,
            product,
            geometry,
        }
    }

    /// What it told of itself when it was opened, and what was changed since.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Its make, where it tells.
    #[must_use]
    pub fn product(&self) -> Option<&Product> {
        self.product.as_ref()
    }

    /// The size and resolution of its images, as far as they are known before the first.
    #[must_use]
    pub fn geometry(&self) -> Geometry {
        self.geometry.unwrap_or_default()
    }

    /// Sets what its images are, where somebody knows better.
    pub fn set_geometry(&mut self, geometry: Geometry) {
        self.geometry = Some(geometry);
    }

    /// The line's speed in baud.
    #[must_use]
    pub fn baud(&self) -> u32 {
        self.link.baud()
    }

    /// Whoever cancels this token ends what goes on with [`Error::Cancelled`].
    pub fn heed(&mut self, cancel: &CancelToken) {
        self.link.heed(cancel);
    }

    pub(super) fn link(&mut self) -> &mut Link<L> {
        &mut self.link
    }

    /// Takes an image into the module's memory. `false` where no finger lies on it.
    ///
    /// # Errors
    /// [`Error`]; [`Confirmation::TooDry`] and the like are [`Error::Refused`].
    pub fn take_image(&mut self) -> Result<bool, Error> {
        let command = Command::GenImg;
        let answer = self.link.ask(&command)?;
        match answer.confirmation {
            Confirmation::NoFinger => Ok(false),
            _ => confirmed(&command, answer).map(|_| true),
        }
    }

    /// The image that was taken, 8 bits a pixel. What comes over the line has 4; the eye sees no difference, and neither
    /// does extraction.
    ///
    /// # Errors
    /// [`Error::Short`] where packets are missing, again and again; [`Error::Size`] where it is no known image.
    pub fn image(&mut self) -> Result<Image, Error> {
        let known = self.geometry;
        let fits = |received: usize| image::size_fits(known, received);
        let data = self.link.fetch(&Command::UpImage, &fits)?;
        let (geometry, image) = image::of_upload(known, &data)?;
        self.geometry = Some(geometry);
        Ok(image)
    }

    /// Puts an image into the module's memory, in its own size, as if it had been taken. What is asked of the module
    /// with it then shows what it makes of a known print.
    ///
    /// # Errors
    /// [`Error::Size`] where the image has another size; [`Error::NotKept`] where the module has another image then.
    pub fn put_image(&mut self, image: &Image) -> Result<(), Error> {
        let data = image::to_upload(self.geometry(), image)?;
        for _ in 0..TRIES {
            self.give(&Command::DownImage, &data)?;
            let fits = |received: usize| image::size_fits(self.geometry, received);
            if self.link.fetch(&Command::UpImage, &fits)? == data {
                return Ok(());
            }
        }
        Err(Error::NotKept)
    }

    /// Reads the parameters anew.
    ///
    /// # Errors
    /// [`Error`].
    pub fn read_parameters(&mut self) -> Result<Parameters, Error> {
        let rest = self.link.done(&Command::ReadSysPara)?;
        self.parameters = Parameters::decode(&rest).ok_or(Error::Protocol)?;
        Ok(self.parameters)
    }

    /// Changes a setting, which the module keeps. After another speed it is spoken to at that.
    ///
    /// # Errors
    /// [`Error`]. Where a change of speed is not answered, both speeds are tried.
    pub fn set(&mut self, setting: Setting) -> Result<(), Error> {
        let command = Command::SetSysPara(setting);
        let Setting::Baud(rate) = setting else {
            self.link.done(&command)?;
            return self.read_parameters().map(drop);
        };
        let before = self.link.baud();
        let told = self.link.done(&command);
        if let Err(error @ (Error::Gone | Error::Cancelled | Error::Refused { .. })) = told {
            return Err(error);
        }
        // It answers at the old speed and changes then.
        self.link.pause(Duration::from_millis(50))?;
        self.link.set_baud(rate.baud())?;
        if self.read_parameters().is_ok() {
            return Ok(());
        }
        self.link.set_baud(before)?;
        self.read_parameters()?;
        told.map(drop)
    }

    /// Changes the password, which the module keeps, and verifies it.
    ///
    /// # Errors
    /// [`Error`].
    pub fn set_password(&mut self, password: &Password) -> Result<(), Error> {
        self.link.done(&Command::SetPwd(password.clone()))?;
        self.verify(password)
    }

    /// Verifies a password.
    ///
    /// # Errors
    /// [`Error::Password`] where it is wrong.
    pub fn verify(&mut self, password: &Password) -> Result<(), Error> {
        verify(&mut self.link, password, TRIES, PATIENCE)
    }

    /// Changes the address, which the module keeps. It is spoken to at the new one from then on.
    ///
    /// # Errors
    /// [`Error`]. Where the change is not answered, both addresses are tried.
    pub fn set_address(&mut self, address: u32) -> Result<(), Error> {
        let before = self.link.address();
        let told = self.link.done(&Command::SetAddr(address));
        if let Err(error @ (Error::Gone | Error::Cancelled | Error::Refused { .. })) = told {
            return Err(error);
        }
        // The answer may come from the new address or from the old one.
        self.link.settle()?;
        self.link.set_address(address);
        if self.read_parameters().is_ok() {
            return Ok(());
        }
        self.link.set_address(before);
        self.read_parameters()?;
        Err(told.err().unwrap_or(Error::NotKept))
    }

    /// A random number of the module's.
    ///
    /// # Errors
    /// [`Error`].
    pub fn random(&mut self) -> Result<u32, Error> {
        let rest = self.link.done(&Command::GetRandomCode)?;
        Ok(u32::from(word(&rest, 0)?) << 16 | u32::from(word(&rest, 2)?))
    }

    /// The information page: what the maker wrote there.
    ///
    /// # Errors
    /// [`Error::Size`] where it is not the 512 bytes that it always is.
    pub fn information(&mut self) -> Result<Vec<u8>, Error> {
        let fits = |received: usize| match received {
            512 => Ok(()),
            other => Err(Error::Short {
                expected: 512,
                received: other as u32,
            }),
        };
        let data = self.link.fetch(&Command::ReadInfPage, &fits)?;
        Ok(data.to_vec())
    }

    /// Writes a page of the notepad, 0 to 15.
    ///
    /// # Errors
    /// [`Error`].
    pub fn write_note(&mut self, page: u8, content: &[u8; NOTEPAD_PAGE]) -> Result<(), Error> {
        let command = Command::WriteNotepad {
            page,
            content: *content,
        };
        self.link.done(&command).map(drop)
    }

    /// Reads a page of the notepad, 0 to 15.
    ///
    /// # Errors
    /// [`Error`].
    pub fn read_note(&mut self, page: u8) -> Result<[u8; NOTEPAD_PAGE], Error> {
        let rest = self.link.done(&Command::ReadNotepad { page })?;
        rest.get(..NOTEPAD_PAGE)
            .and_then(|note| note.try_into().ok())
            .ok_or(Error::Protocol)
    }

    /// The light under the glass, on modules that have one to switch (ZFM).
    ///
    /// # Errors
    /// [`Error`]; other modules refuse, or do not answer.
    pub fn light(&mut self, on: bool) -> Result<(), Error> {
        let command = if on {
            Command::OpenLed
        } else {
            Command::CloseLed
        };
        self.link.done(&command).map(drop)
    }

    /// The ring of light, on modules that have one (R50x).
    ///
    /// # Errors
    /// [`Error`]; other modules refuse, or do not answer.
    pub fn ring(
        &mut self,
        mode: LightMode,
        colour: LightColour,
        speed: u8,
        times: u8,
    ) -> Result<(), Error> {
        let command = Command::AuraLed {
            mode,
            speed,
            colour,
            times,
        };
        self.link.done(&command).map(drop)
    }

    pub(super) fn give(&mut self, command: &Command, data: &[u8]) -> Result<(), Error> {
        let size = self.parameters.packet.unwrap_or(PacketSize::Bytes32);
        self.link.give(command, data, size.bytes())
    }
}

/// Verifies a password over a link.
pub(super) fn verify<L: Line>(
    link: &mut Link<L>,
    password: &Password,
    tries: usize,
    patience: Duration,
) -> Result<(), Error> {
    let command = Command::VfyPwd(password.clone());
    let answer = link.ask_times(&command, tries, patience)?;
    match answer.confirmation {
        Confirmation::WrongPassword => Err(Error::Password),
        _ => confirmed(&command, answer).map(drop),
    }
}

/// The number at a place of what came with an answer.
pub(super) fn word(bytes: &Zeroizing<Vec<u8>>, at: usize) -> Result<u16, Error> {
    match bytes.get(at..at + 2) {
        Some(&[high, low]) => Ok(u16::from_be_bytes([high, low])),
        _ => Err(Error::Protocol),
    }
}
