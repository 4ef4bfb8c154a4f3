//! A seat's chain on its way to another ledger.

use serde::{Deserialize, Serialize};

use crate::{CitizenTag, Entry, Error, RecordId, SeatName};

/// Entries of one seat, in order, and the tags of the citizens they are about.
///
/// The entries are signed and stay as they are. The tags let the other ledger find a citizen's records; leave them out
/// ([`without_citizens`](Self::without_citizens)) for an auditor, who needs none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatExport {
    /// The version of this form: 1.
    pub format: u32,
    /// The seat.
    pub seat: SeatName,
    /// Its entries by number, without a gap; from 1 or from any later number.
    pub entries: Vec<Entry>,
    /// Each record's citizen, where known.
    #[serde(default)]
    pub citizens: Vec<(RecordId, CitizenTag)>,
}

impl SeatExport {
    /// The version written.
    pub const FORMAT: u32 = 1;

    /// The same without the citizens' tags.
    #[must_use]
    pub fn without_citizens(mut self) -> Self {
        self.citizens.clear();
        self
    }

    /// As JSON.
    ///
    /// # Errors
    /// [`Error::Malformed`] never in practice: an export always has a JSON form.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::Malformed {
            reason: error.to_string(),
        })
    }

    /// From JSON. Nothing in it is believed until a ledger joins it.
    ///
    /// # Errors
    /// [`Error::Malformed`] where the text is no export of this format.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let export: Self = serde_json::from_str(text).map_err(|error| Error::Malformed {
            reason: error.to_string(),
        })?;
        if export.format == Self::FORMAT {
            Ok(export)
        } else {
            Err(Error::Malformed {
                reason: format!("format {}", export.format),
            })
        }
    }
}
