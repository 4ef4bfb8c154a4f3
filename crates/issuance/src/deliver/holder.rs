//! Whose card it is, as the card itself tells a delivery session.

use core::fmt;

use negin_apdu::Transmit;
use negin_card::Piv;
use negin_eid::lds::FaceRecord;
use negin_eid::piv::{Biometric, BiometricObject, Container, HolderDisplay};
use negin_ledger::Record;

use crate::Error;

/// The display data of a card. Debug shows the photograph's size only.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// Name and card number.
    pub display: HolderDisplay,
    /// The photograph's file, JPEG; none where the card holds none.
    pub photograph: Option<Vec<u8>>,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.photograph.as_ref().map_or(0, Vec::len);
        write!(f, "Holder(masked, photograph of {size} bytes)")
    }
}

/// Reads it over an open delivery or override channel, and sees that it is the card the ledger means.
///
/// # Errors
/// [`Error::LedgerAtOdds`], [`Error::Card`], [`Error::Encoding`] where the objects cannot be read.
pub(super) fn read<T: Transmit>(piv: &mut Piv<T>, record: &Record) -> Result<Holder, Error> {
    let odds = |what| Error::LedgerAtOdds {
        record: record.id.clone(),
        what,
    };
    let object = piv
        .get(Container::HolderDisplay)?
        .ok_or_else(|| odds("the card names no holder"))?;
    let display = HolderDisplay::decode(&object)?;
    let number = record.card.as_ref().map(|card| card.number.as_str());
    if number != Some(display.card_number.as_str()) {
        return Err(odds("the card has another number"));
    }
    let photograph = match piv.get(Container::FacialImage)? {
        Some(object) => {
            let image = BiometricObject::decode(Biometric::FacialImage, &object)?;
            Some(FaceRecord::decode(&image.record)?.image)
        }
        None => None,
    };
    Ok(Holder {
        display,
        photograph,
    })
}
