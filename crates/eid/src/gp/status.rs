//! GET STATUS's answer: one E3 for each application (GlobalPlatform Card Specification 2.3 §11.4.3.1, table 11-36).

use negin_apdu::Aid;

use crate::{Error, field};

const OBJECT: &str = "GlobalPlatform Registry data";

/// An application in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusEntry {
    /// Its name (4F).
    pub aid: Aid,
    /// Its life cycle state as coded (9F70): a [`CardState`](super::CardState) for the security domain, otherwise an
    /// [`ApplicationState`](super::ApplicationState).
    pub state: u8,
    /// Its privileges (C5).
    pub privileges: [u8; 3],
}

impl StatusEntry {
    /// The answer that lists these entries.
    #[must_use]
    pub fn encode_all(entries: &[Self]) -> Vec<u8> {
        let mut out = Vec::new();
        for entry in entries {
            let mut value = field::field(0x4F, entry.aid.as_bytes());
            field::put(&mut value, 0x9F70, &[entry.state]);
            field::put(&mut value, 0xC5, &entry.privileges);
            field::put(&mut out, 0xE3, &value);
        }
        out
    }

    /// Reads an answer, ours or another card's; a missing privileges field reads as none.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for an entry without a name or a state.
    pub fn decode_all(bytes: &[u8]) -> Result<Vec<Self>, Error> {
        let mut entries = Vec::new();
        for entry in field::fields(OBJECT, bytes) {
            let (tag, value) = entry?;
            if tag != 0xE3 {
                return Err(Error::malformed(OBJECT, "something else than E3"));
            }
            let aid = field::find(OBJECT, value, 0x4F)?.ok_or(Error::missing(OBJECT, "4F"))?;
            let state = field::find(OBJECT, value, 0x9F70)?.and_then(|s| s.first());
            let mut privileges = [0; 3];
            if let Some(found) = field::find(OBJECT, value, 0xC5)? {
                privileges.iter_mut().zip(found).for_each(|(p, f)| *p = *f);
            }
            entries.push(Self {
                aid: Aid::new(aid).map_err(|_| Error::malformed(OBJECT, "4F is no AID"))?,
                state: *state.ok_or(Error::missing(OBJECT, "9F70"))?,
                privileges,
            });
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aid;

    #[test]
    fn round_trip() {
        let entries = [
            StatusEntry {
                aid: aid::PIV,
                state: 0x0F,
                privileges: [0; 3],
            },
            StatusEntry {
                aid: aid::TRAVEL_DOCUMENT,
                state: 0x07,
                privileges: [0x80, 0, 0],
            },
        ];
        assert_eq!(
            StatusEntry::decode_all(&StatusEntry::encode_all(&entries)).unwrap(),
            entries
        );
        assert!(StatusEntry::decode_all(&[0xE3, 0x00]).is_err());
        assert_eq!(StatusEntry::decode_all(&[]).unwrap(), []);
    }
}
