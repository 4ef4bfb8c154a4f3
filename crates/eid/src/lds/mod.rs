//! The travel document application LDS1: its files and how they are read and written (ICAO Doc 9303-10).
//!
//! The rule of our card: personalisation creates and writes the files over the issuer's channel; until the card is
//! activated nobody reads them, afterwards who has verified the PIN with this application selected.

mod command;
mod data_group;
mod dg1;
mod dg11;
mod dg2;
mod ef_com;
mod face;
mod file;
mod security_object;

pub use command::{CreateFile, LdsCommand, PinVerify, ReadBinary, UpdateBinary};
pub use data_group::DataGroup;
pub use dg1::Dg1;
pub use dg2::Dg2;
pub use dg11::Dg11;
pub use ef_com::EfCom;
pub use face::{FaceImageType, FaceRecord, ImageFormat};
pub use file::FileId;
pub use security_object::{
    DataGroupHash, HashAlgorithm, LdsSecurityObject, LdsVersion, SOD_TAG, unwrap_sod, wrap_sod,
};
