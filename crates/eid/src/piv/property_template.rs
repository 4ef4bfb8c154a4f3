//! Application property template: what SELECT answers (NIST SP 800-73-4 Part 2 §3.1.1, table 3).

use crate::{Error, aid, field};

const OBJECT: &str = "application property template";

/// The template our card answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyTemplate {
    /// Application label (50), for people; may be empty.
    pub label: String,
    /// Cryptographic algorithm identifiers supported (AC, one 80 each); none where the card says nothing of them.
    pub algorithms: Vec<u8>,
}

impl PropertyTemplate {
    /// The template, tag 61 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (rid, pix) = aid::PIV.as_bytes().split_at(5);
        let mut value = field::field(0x4F, pix);
        field::put(&mut value, 0x79, &field::field(0x4F, rid));
        if !self.label.is_empty() {
            field::put(&mut value, 0x50, self.label.as_bytes());
        }
        // Of a template some hosts read the first identifier only: what sets up secure messaging has one of its own.
        let is_suite = |code: &u8| matches!(code, 0x27 | 0x2E);
        let (suites, keys): (Vec<u8>, Vec<u8>) = self.algorithms.iter().partition(|c| is_suite(c));
        for group in [keys, suites] {
            if group.is_empty() {
                continue;
            }
            let mut algorithms = Vec::new();
            for code in group {
                field::put(&mut algorithms, 0x80, &[code]);
            }
            // SP 800-73-4 table 4: the object identifier tag 06 has the value 00.
            field::put(&mut algorithms, 0x06, &[0x00]);
            field::put(&mut value, 0xAC, &algorithms);
        }
        field::field(0x61, &value)
    }

    /// Reads the template, ours or another PIV card's.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] where it is not PIV's. Some cards give the whole AID in 4F; that is
    /// read too.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x61)?;
        let name = field::find(OBJECT, value, 0x4F)?.ok_or(Error::missing(OBJECT, "4F"))?;
        let (rid, pix) = aid::PIV.as_bytes().split_at(5);
        let version = name.strip_prefix(rid).unwrap_or(name);
        if version.is_empty() || !version.starts_with(&pix[..4]) {
            return Err(Error::malformed(OBJECT, "another application"));
        }
        let label = field::find(OBJECT, value, 0x50)?.unwrap_or_default();
        let mut algorithms = Vec::new();
        for group in field::fields(OBJECT, value) {
            if let (0xAC, group) = group? {
                for algorithm in field::fields(OBJECT, group) {
                    if let (0x80, [code]) = algorithm? {
                        algorithms.push(*code);
                    }
                }
            }
        }
        Ok(Self {
            label: String::from_utf8_lossy(label).into_owned(),
            algorithms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let template = PropertyTemplate {
            label: "Negin".into(),
            algorithms: vec![0x11],
        };
        let bytes = template.encode();
        assert_eq!(
            bytes[2..10],
            [0x4F, 0x06, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00]
        );
        assert_eq!(PropertyTemplate::decode(&bytes).unwrap(), template);
        let secured = PropertyTemplate {
            algorithms: vec![0x07, 0x11, 0x27],
            ..template.clone()
        };
        let bytes = secured.encode();
        assert!(bytes.ends_with(&[0xAC, 0x06, 0x80, 0x01, 0x27, 0x06, 0x01, 0x00]));
        assert_eq!(PropertyTemplate::decode(&bytes).unwrap(), secured);
        let bare = PropertyTemplate {
            label: String::new(),
            algorithms: vec![],
        };
        assert_eq!(PropertyTemplate::decode(&bare.encode()).unwrap(), bare);
    }

    #[test]
    fn another_application_is_refused() {
        assert!(PropertyTemplate::decode(&[0x61, 0x03, 0x4F, 0x01, 0x99]).is_err());
        assert!(PropertyTemplate::decode(&[0x61, 0x02, 0x4F, 0x00]).is_err());
    }
}
