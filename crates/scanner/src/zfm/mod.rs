//! Fingerprint modules of the ZFM protocol on a serial line: ZFM-20 and ZFM-70, R30x, R50x, AS608 and their many kin.
//!
//! Such a module takes images, makes character files of them, keeps templates in a library of its own and searches it;
//! it sends images and templates to the host and receives them. [`Module`] has all of that as calls, [`ZfmScanner`] is
//! a module as a source of images, and [`SerialBackend`] opens one by its address.
//!
//! The layers, from the bottom: [`Line`], bytes with a clock; [`packet`], what is a packet and how the next one is found
//! after a loss; a link, which asks again until an answer is whole; [`Command`] and [`Confirmation`], what is asked and
//! answered.
//!
//! Sources: the makers' manuals of ZFM-20, ZFM-70 and R503; the page "Fingerprint modules on a serial line" of the book
//! has the protocol.

mod backend;
mod command;
mod confirmation;
mod connect;
mod error;
mod image;
mod library;
mod light;
mod line;
mod link;
mod locator;
mod module;
pub mod packet;
mod parameters;
mod password;
mod scanner;

pub use backend::{PASSWORD_VARIABLE, SerialBackend};
pub use command::{Buffer, Command, NOTEPAD_PAGE, Setting};
pub use confirmation::Confirmation;
pub use connect::{DEFAULT_ADDRESS, Options};
pub use error::Error;
pub use image::Geometry;
pub use library::{CharacterFile, Hit};
pub use light::{LightColour, LightMode};
pub use line::{Line, SerialLine};
pub use locator::{Locator, LocatorError};
pub use module::Module;
pub use parameters::{BaudRate, PacketSize, Parameters, Product, SecurityLevel};
pub use password::Password;
pub use scanner::ZfmScanner;
