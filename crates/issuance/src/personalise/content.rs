//! What goes onto a card: every container, file and reference of one citizen, ready to be written.
//!
//! The rule: the same record, profile, card number, chip and time of issue always give the same bytes, so that a card
//! taken up again can be compared with what it should hold. Signatures are deterministic (RFC 6979) and carry the time
//! at which the work was started.

use std::collections::BTreeMap;

use negin_eid::lds::{
    DataGroup, Dg1, Dg2, Dg11, EfCom, FaceImageType, FaceRecord, FileId, ImageFormat,
};
use negin_eid::piv::{
    CardCapability, CbeffHeader, Chuid, Container, Creator, Discovery, EnrolReference, FacialImage,
    FascN, FingerReference,
};
use negin_fingerprint::{FingerPosition, Image, compact};
use negin_ledger::Timestamp;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Error;
use crate::order::Entry;
use crate::pki::{self, ObjectSigner};
use crate::profile::{LdsFile, Profile};
use crate::record::Record;
use crate::record::calendar::Date;
use crate::record::file_name::FileName;

/// Everything on a card but its keys, its certificates and its PUK.
pub struct Content {
    /// PIV containers as GET DATA will return them, in the order of the profile.
    pub containers: Vec<(Container, Vec<u8>)>,
    /// Files of the travel document, in the order of the profile.
    pub files: Vec<(FileId, Vec<u8>)>,
    /// The fingers, reference 96 first.
    pub fingers: Vec<EnrolReference>,
    /// The date of expiry.
    pub expiry: Date,
    /// The card's UUID, as in the CHUID.
    pub uuid: [u8; 16],
}

impl core::fmt::Debug for Content {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Content({} containers, {} files, {} fingers, masked)",
            self.containers.len(),
            self.files.len(),
            self.fingers.len()
        )
    }
}

/// The card a content is made for.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// The card's number.
    pub number: &'a str,
    /// The chip's own ten bytes.
    pub chip: &'a [u8; 10],
}

/// Who signs a card's objects, and the time they say.
pub struct Signing<'a> {
    /// Signs PIV's objects.
    pub content: ObjectSigner<'a>,
    /// Signs the travel document.
    pub document: ObjectSigner<'a>,
    /// When.
    pub time: Timestamp,
}

/// The finger of each reference, 96 first.
pub const REFERENCES: [FingerReference; 2] = [FingerReference::Primary, FingerReference::Secondary];

/// Makes the content of one card.
///
/// # Errors
/// [`Error::File`] for an image or photograph that cannot be read, [`Error::Fingerprint`] and [`Error::Recognition`] for a
/// finger that gives no reference, [`Error::Encoding`] for data that no container can hold, [`Error::Pki`] where signing
/// fails.
pub fn make(
    entry: &Entry,
    record: &Record,
    profile: &Profile,
    card: Addressee<'_>,
    signing: &mut Signing<'_>,
) -> Result<Content, Error> {
    let expiry = record.expiry(&profile.validity).map_err(Error::Record)?;
    let face = face(entry, record)?;
    let fingers = fingers(entry, record, profile)?;
    let maker = Maker {
        record,
        profile,
        card,
        expiry,
        face: &face,
        enrolled: !fingers.is_empty(),
    };
    Ok(Content {
        containers: maker.containers(&mut signing.content)?,
        files: maker.files(signing)?,
        fingers,
        expiry,
        uuid: maker.uuid(),
    })
}

/// The fingers of a record that a profile enrols, with the references they get.
pub fn enrolled(record: &Record, profile: &Profile) -> Vec<(FingerReference, FingerPosition)> {
    let given: Vec<_> = record
        .fingers
        .iter()
        .map(|finger| finger.position)
        .collect();
    REFERENCES
        .into_iter()
        .zip(profile.fingers.choose(&given))
        .collect()
}

fn fingers(
    entry: &Entry,
    record: &Record,
    profile: &Profile,
) -> Result<Vec<EnrolReference>, Error> {
    let limits = &profile.fingers.limits;
    let mut references = Vec::new();
    for (reference, position) in enrolled(record, profile) {
        let Some(finger) = record.fingers.iter().find(|f| f.position == position) else {
            continue;
        };
        let Some(file) = finger.images.first() else {
            continue;
        };
        let image = Image::decode(&read(entry, file)?, finger.dpi)?;
        let extraction = negin_recognition::extract(&image)?;
        let minutiae = compact::encode(&extraction.template, limits)?;
        let template = negin_card::enrolment(reference, position, limits)?;
        references.push(EnrolReference::new(template, minutiae.to_vec())?);
    }
    Ok(references)
}

/// One of the record's files.
fn read(entry: &Entry, file: &FileName) -> Result<Zeroizing<Vec<u8>>, Error> {
    entry.read(file).map_err(|error| Error::File {
        file: entry.file_name(file),
        reason: error.to_string(),
    })
}

fn face(entry: &Entry, record: &Record) -> Result<FaceRecord, Error> {
    let file = |reason: String| Error::File {
        file: entry.file_name(&record.photo),
        reason,
    };
    let image = read(entry, &record.photo)?.to_vec();
    let (width, height) = image::ImageReader::new(std::io::Cursor::new(&image))
        .with_guessed_format()
        .map_err(|error| file(error.to_string()))?
        .into_dimensions()
        .map_err(|error| file(error.to_string()))?;
    let side = |pixels: u32| {
        u16::try_from(pixels).map_err(|_| file(format!("a side of {pixels} pixels is too long")))
    };
    Ok(FaceRecord {
        width: side(width)?,
        height: side(height)?,
        image,
        format: ImageFormat::Jpeg,
        image_type: FaceImageType::FullFrontal,
    })
}

struct Maker<'a> {
    record: &'a Record,
    profile: &'a Profile,
    card: Addressee<'a>,
    expiry: Date,
    face: &'a FaceRecord,
    enrolled: bool,
}

impl Maker<'_> {
    fn containers(
        &self,
        signer: &mut ObjectSigner<'_>,
    ) -> Result<Vec<(Container, Vec<u8>)>, Error> {
        let mut made = Vec::new();
        for container in &self.profile.containers {
            if *container != Container::SecurityObject {
                made.push((*container, self.container(*container, signer)?));
            }
        }
        if self.profile.containers.contains(&Container::SecurityObject) {
            let object = Self::security_object(&made, signer)?;
            made.push((Container::SecurityObject, object));
        }
        made.push((Container::RenewalPolicy, self.profile.renewal.encode()));
        Ok(made)
    }

    fn container(
        &self,
        container: Container,
        signer: &mut ObjectSigner<'_>,
    ) -> Result<Vec<u8>, Error> {
        let number = self.card.number;
        Ok(match container {
            Container::PrintedInformation => self
                .record
                .printed_information(&self.profile.document, number, self.expiry)?
                .encode()?,
            Container::HolderDisplay => self.record.holder_display(number).encode()?,
            Container::CardCapability => CardCapability {
                card: self.identifier(b"card capability"),
            }
            .encode(),
            Container::Chuid => {
                let mut chuid = Chuid {
                    fasc_n: FascN::NON_FEDERAL,
                    guid: self.uuid(),
                    expiration: self.expiry.card()?,
                    cardholder: None,
                    signature: Vec::new(),
                };
                pki::sign_chuid(&mut chuid, signer)?;
                chuid.encode()?
            }
            Container::Discovery => Discovery::of_card(self.enrolled).encode(),
            Container::FacialImage => self.facial_image(signer)?,
            other => {
                return Err(Error::NotWritten {
                    container: other.name(),
                });
            }
        })
    }

    fn facial_image(&self, signer: &mut ObjectSigner<'_>) -> Result<Vec<u8>, Error> {
        let mut image = FacialImage {
            header: CbeffHeader {
                created: self.record.issue_date.card()?,
                valid: (self.record.issue_date.card()?, self.expiry.card()?),
                quality: -1,
                creator: Creator::new("Negin")?,
                fasc_n: FascN::NON_FEDERAL,
            },
            record: self.face.encode()?,
            signature: Vec::new(),
        };
        pki::sign_facial_image(&mut image, signer)?;
        Ok(image.encode()?)
    }

    /// Over the containers that the standard's mapping can name and that do not sign themselves.
    fn security_object(
        made: &[(Container, Vec<u8>)],
        signer: &mut ObjectSigner<'_>,
    ) -> Result<Vec<u8>, Error> {
        let signed: Vec<(Container, &[u8])> = made
            .iter()
            .filter(|(container, _)| {
                matches!(
                    container,
                    Container::CardCapability
                        | Container::PrintedInformation
                        | Container::Discovery
                )
            })
            .map(|(container, object)| (*container, object.as_slice()))
            .collect();
        Ok(pki::sign_piv_security_object(&signed, signer)?.encode()?)
    }

    fn files(&self, signing: &mut Signing<'_>) -> Result<Vec<(FileId, Vec<u8>)>, Error> {
        let mut groups = BTreeMap::new();
        for file in &self.profile.files {
            let content = match file {
                LdsFile::Dg1 => Dg1 {
                    mrz: self
                        .record
                        .td1(&self.profile.document, self.card.number, self.expiry)?,
                }
                .encode()?,
                LdsFile::Dg2 => Dg2 {
                    face: self.face.clone(),
                }
                .encode()?,
                LdsFile::Dg11 => self.dg11()?.encode()?,
                LdsFile::Com | LdsFile::Sod => continue,
            };
            groups.insert(file_id(*file), content);
        }
        let present: Vec<(DataGroup, &[u8])> = groups
            .iter()
            .filter_map(|(file, content)| Some((file.data_group()?, content.as_slice())))
            .collect();
        let mut files = Vec::new();
        for file in &self.profile.files {
            let id = file_id(*file);
            let content = match file {
                LdsFile::Com => {
                    let listed: Vec<DataGroup> = present.iter().map(|(group, _)| *group).collect();
                    EfCom::new(listed).encode()
                }
                LdsFile::Sod => {
                    pki::sign_security_object(&present, Some(signing.time), &mut signing.document)?
                }
                LdsFile::Dg1 | LdsFile::Dg2 | LdsFile::Dg11 => {
                    groups.get(&id).cloned().unwrap_or_default()
                }
            };
            files.push((id, content));
        }
        Ok(files)
    }

    fn dg11(&self) -> Result<Dg11, Error> {
        let record = self.record;
        let name = &record.name.persian;
        Ok(Dg11 {
            full_name: Some(format!("{}<<{}", name.family, name.given)),
            personal_number: Some(record.national_number.to_string()),
            birth: Some(record.birth.date.card()?),
            birth_place: vec![record.birth.place.persian.to_string()],
            address: vec![record.postal_code.to_string()],
            ..Dg11::default()
        })
    }

    fn uuid(&self) -> [u8; 16] {
        uuid(self.identifier(b"card uuid"))
    }

    /// Bytes that belong to this card and this purpose, made from chip and number.
    fn identifier<const N: usize>(&self, purpose: &[u8]) -> [u8; N] {
        let digest = Sha256::new()
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(self.card.chip)
            .chain_update(self.card.number)
            .finalize();
        std::array::from_fn(|at| digest[at])
    }
}

/// The file identifier behind a profile's word.
pub fn file_id(file: LdsFile) -> FileId {
    match file {
        LdsFile::Com => FileId::Com,
        LdsFile::Dg1 => FileId::Dg1,
        LdsFile::Dg2 => FileId::Dg2,
        LdsFile::Dg11 => FileId::Dg11,
        LdsFile::Sod => FileId::Sod,
    }
}

/// A UUID of version 8 (RFC 9562 section 5.8: made by a rule of one's own).
fn uuid(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    bytes
}
