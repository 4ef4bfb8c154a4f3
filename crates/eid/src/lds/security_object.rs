//! What EF.SOD signs: the hashes of the data groups (ICAO Doc 9303-10 §4.6.2.2, LDSSecurityObject, DER).
//!
//! ```text
//! LDSSecurityObject ::= SEQUENCE {
//!   version INTEGER { v0(0), v1(1) },
//!   hashAlgorithm AlgorithmIdentifier,
//!   dataGroupHashValues SEQUENCE OF SEQUENCE { dataGroupNumber INTEGER, dataGroupHashValue OCTET STRING },
//!   ldsVersionInfo SEQUENCE { ldsVersion PrintableString, unicodeVersion PrintableString } OPTIONAL  -- v1 only
//! }
//! ```
//!
//! The signature around it is the issuer's matter; no hash is computed here.

use super::DataGroup;
use crate::{Error, field};

const OBJECT: &str = "LDSSecurityObject";
const INTEGER: u32 = 0x02;
const OCTET_STRING: u32 = 0x04;
const NULL: u32 = 0x05;
const OBJECT_IDENTIFIER: u32 = 0x06;
const PRINTABLE_STRING: u32 = 0x13;
const SEQUENCE: u32 = 0x30;

/// Tag of EF.SOD's content, around the CMS SignedData.
pub const SOD_TAG: u32 = 0x77;

/// EF.SOD's content around a CMS SignedData.
#[must_use]
pub fn wrap_sod(signed_data: &[u8]) -> Vec<u8> {
    field::field(SOD_TAG, signed_data)
}

/// The CMS SignedData in EF.SOD's content.
///
/// # Errors
/// [`Error::Malformed`] for anything else than one object tagged 77.
pub fn unwrap_sod(content: &[u8]) -> Result<&[u8], Error> {
    field::only("EF.SOD", content, SOD_TAG)
}

/// A hash algorithm that a security object may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashAlgorithm {
    /// SHA-1, on old documents.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256: what we issue.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] = [
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
    ];

    /// The object identifier's content bytes.
    const fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => &[0x2B, 0x0E, 0x03, 0x02, 0x1A],
            Self::Sha256 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
            Self::Sha384 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
            Self::Sha512 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
            Self::Sha224 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04],
        }
    }

    /// Length of a hash in bytes.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The hash of one data group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataGroupHash {
    /// Which data group.
    pub group: DataGroup,
    /// The hash of the file's whole content.
    pub hash: Vec<u8>,
}

/// LDS and Unicode version, as EF.COM gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LdsVersion {
    /// Four digits.
    pub lds: [u8; 4],
    /// Six digits.
    pub unicode: [u8; 6],
}

/// The object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdsSecurityObject {
    /// The hash algorithm.
    pub algorithm: HashAlgorithm,
    /// The hashes, by ascending data group.
    pub hashes: Vec<DataGroupHash>,
    /// The versions: with them the object is of version 1, without them of version 0.
    pub version: Option<LdsVersion>,
}

impl LdsSecurityObject {
    /// The object, DER.
    ///
    /// # Errors
    /// [`Error::Malformed`] where a hash is not of the algorithm's size, or the groups are not 2 to 16 in ascending
    /// order.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        self.check()?;
        let mut algorithm = field::field(OBJECT_IDENTIFIER, self.algorithm.oid());
        field::put(&mut algorithm, NULL, &[]);
        let mut hashes = Vec::new();
        for hash in &self.hashes {
            let mut entry = field::field(INTEGER, &[hash.group.number()]);
            field::put(&mut entry, OCTET_STRING, &hash.hash);
            field::put(&mut hashes, SEQUENCE, &entry);
        }
        let mut value = field::field(INTEGER, &[u8::from(self.version.is_some())]);
        field::put(&mut value, SEQUENCE, &algorithm);
        field::put(&mut value, SEQUENCE, &hashes);
        if let Some(version) = &self.version {
            let mut versions = field::field(PRINTABLE_STRING, &version.lds);
            field::put(&mut versions, PRINTABLE_STRING, &version.unicode);
            field::put(&mut value, SEQUENCE, &versions);
        }
        Ok(field::field(SEQUENCE, &value))
    }

    /// Reads the object.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else, other hash algorithms included.
    pub fn decode(der: &[u8]) -> Result<Self, Error> {
        let wrong = |reason| Error::malformed(OBJECT, reason);
        let parts = field::fields(OBJECT, field::only(OBJECT, der, SEQUENCE)?)
            .collect::<Result<Vec<_>, _>>()?;
        let (algorithm, hashes, version) = match parts[..] {
            [(INTEGER, [0]), (SEQUENCE, algorithm), (SEQUENCE, hashes)] => {
                (algorithm, hashes, None)
            }
            [
                (INTEGER, [1]),
                (SEQUENCE, algorithm),
                (SEQUENCE, hashes),
                (SEQUENCE, version),
            ] => (algorithm, hashes, Some(version)),
            _ => return Err(wrong("neither version 0 nor version 1")),
        };
        let oid =
            field::find(OBJECT, algorithm, OBJECT_IDENTIFIER)?.ok_or(wrong("no hash algorithm"))?;
        let version = match version {
            None => None,
            Some(version) => {
                match field::fields(OBJECT, version).collect::<Result<Vec<_>, _>>()?[..] {
                    [(PRINTABLE_STRING, lds), (PRINTABLE_STRING, unicode)] => Some(LdsVersion {
                        lds: lds
                            .try_into()
                            .map_err(|_| wrong("an LDS version of another length"))?,
                        unicode: unicode
                            .try_into()
                            .map_err(|_| wrong("a Unicode version of another length"))?,
                    }),
                    _ => return Err(wrong("the versions are not two texts")),
                }
            }
        };
        let object = Self {
            algorithm: HashAlgorithm::ALL
                .into_iter()
                .find(|a| a.oid() == oid)
                .ok_or(wrong("an unknown hash algorithm"))?,
            hashes: field::fields(OBJECT, hashes)
                .map(|entry| match entry? {
                    (SEQUENCE, entry) => match field::fields(OBJECT, entry)
                        .collect::<Result<Vec<_>, _>>()?[..]
                    {
                        [(INTEGER, [number]), (OCTET_STRING, hash)] => Ok(DataGroupHash {
                            group: DataGroup::new(*number).ok_or(wrong("no such data group"))?,
                            hash: hash.to_vec(),
                        }),
                        _ => Err(wrong("not a data group's number and hash")),
                    },
                    _ => Err(wrong("not a data group's number and hash")),
                })
                .collect::<Result<_, _>>()?,
            version,
        };
        object.check()?;
        Ok(object)
    }

    fn check(&self) -> Result<(), Error> {
        if !(2..=16).contains(&self.hashes.len())
            || !self.hashes.is_sorted_by(|a, b| a.group < b.group)
        {
            return Err(Error::malformed(
                OBJECT,
                "not 2 to 16 data groups in ascending order",
            ));
        }
        if self
            .hashes
            .iter()
            .any(|hash| hash.hash.len() != self.algorithm.size())
        {
            return Err(Error::malformed(OBJECT, "a hash of another size"));
        }
        Ok(())
    }

    /// The hash of a data group, where there is one.
    #[must_use]
    pub fn hash(&self, group: DataGroup) -> Option<&[u8]> {
        self.hashes
            .iter()
            .find(|hash| hash.group == group)
            .map(|hash| &hash.hash[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(algorithm in proptest::sample::select(&HashAlgorithm::ALL[..]), groups in 2u8..=16,
                      fill: u8, versioned: bool) {
            let object = LdsSecurityObject {
                algorithm,
                hashes: (1..=groups)
                    .map(|n| DataGroupHash { group: DataGroup::new(n).unwrap(), hash: vec![fill ^ n; algorithm.size()] })
                    .collect(),
                version: versioned.then_some(LdsVersion { lds: *b"0108", unicode: *b"040000" }),
            };
            let der = object.encode().unwrap();
            prop_assert_eq!(LdsSecurityObject::decode(&der).unwrap(), object);
            prop_assert!(LdsSecurityObject::decode(&der[..der.len() - 1]).is_err());
        }
    }

    #[test]
    fn two_groups_at_least_in_order_and_of_the_right_size() {
        let hash = |group, size| DataGroupHash {
            group,
            hash: vec![1; size],
        };
        let object = |hashes| LdsSecurityObject {
            algorithm: HashAlgorithm::Sha256,
            hashes,
            version: None,
        };
        assert!(object(vec![hash(DataGroup::DG1, 32)]).encode().is_err());
        assert!(
            object(vec![hash(DataGroup::DG2, 32), hash(DataGroup::DG1, 32)])
                .encode()
                .is_err()
        );
        assert!(
            object(vec![hash(DataGroup::DG1, 32), hash(DataGroup::DG2, 20)])
                .encode()
                .is_err()
        );
        let good = object(vec![hash(DataGroup::DG1, 32), hash(DataGroup::DG2, 32)]);
        assert_eq!(good.hash(DataGroup::DG2), Some(&[1; 32][..]));
        assert_eq!(good.hash(DataGroup::DG11), None);
        let der = good.encode().unwrap();
        assert_eq!(
            der[..20],
            [
                0x30, 0x62, 0x02, 0x01, 0x00, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                0x03, 0x04, 0x02, 0x01, 0x05, 0x00
            ]
        );
    }

    #[test]
    fn sod_is_wrapped_in_77() {
        assert_eq!(unwrap_sod(&wrap_sod(b"cms")).unwrap(), b"cms");
        assert!(unwrap_sod(b"\x30\x00").is_err());
    }
}
