//! The security domain, as GlobalPlatform Card Specification 2.3 publishes it: states, commands, data.

mod card_data;
mod command;
mod cplc;
mod key_information;
mod lifecycle;
mod status;

pub use card_data::{CIN_TAG, CardRecognition, IIN_TAG};
pub use command::{
    DataObject, ExternalAuthenticate, GpCommand, InitializeUpdate, PutKey, SetStatus, StatusSubset,
    StoreData,
};
pub use cplc::Cplc;
pub use key_information::{KeyInformation, KeyType};
pub use lifecycle::{ApplicationStage, ApplicationState, CardState};
pub use status::StatusEntry;
