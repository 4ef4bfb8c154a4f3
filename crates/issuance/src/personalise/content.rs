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
    Biometric, BiometricObject, CardCapability, CbeffHeader, Chuid, Container, Creator,
    EnrolReference, FascN, KeyHistory, SecurityObject,
};
use negin_fingerprint::{Template, ansi378, compact};
use negin_ledger::{CardNumber, Timestamp};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::fingers::enrolled;
use super::messaging;
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
    pub number: &'a CardNumber,
    /// What the chip calls itself.
    pub chip: &'a [u8],
    /// Whether it is a card of ours, or PIV alone.
    pub kind: Kind,
}

/// What a card holds besides PIV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A card of ours: our own containers, a travel document, on-card comparison.
    Ours,
    /// Another maker's PIV card, which we gave this UUID.
    Foreign {
        /// The UUID.
        uuid: [u8; 16],
    },
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

/// What a record of minutiae says of the software and the scanner behind it: none that is registered.
const ORIGIN: ansi378::piv::Origin = ansi378::piv::Origin {
    owner: 0xFFFF,
    product: 1,
    equipment: 0xFFF,
};

/// What the header of a record says whose quality is not computed: a face's (SP 800-76-2 §9).
const NO_QUALITY: i8 = -2;

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
        fingers: &fingers,
    };
    let (containers, files) = (
        maker.containers(&mut signing.content)?,
        maker.files(signing)?,
    );
    let uuid = maker.uuid();
    Ok(Content {
        containers,
        files,
        fingers: match card.kind {
            Kind::Ours => fingers.into_iter().map(|finger| finger.reference).collect(),
            Kind::Foreign { .. } => Vec::new(),
        },
        expiry,
        uuid,
    })
}

/// A finger that is enrolled: the template it came from, and what a card of ours compares with.
struct Finger {
    template: Template,
    reference: EnrolReference,
}

fn fingers(entry: &Entry, record: &Record, profile: &Profile) -> Result<Vec<Finger>, Error> {
    let limits = &profile.fingers.limits;
    let mut fingers = Vec::new();
    for (reference, template) in enrolled(entry, record, profile)? {
        let minutiae = compact::encode(&template, limits)?;
        let wanted = negin_card::enrolment(reference, template.finger, limits)?;
        fingers.push(Finger {
            template,
            reference: EnrolReference::new(wanted, minutiae.to_vec())?,
        });
    }
    Ok(fingers)
}

/// One of the record's files.
pub(super) fn read(entry: &Entry, file: &FileName) -> Result<Zeroizing<Vec<u8>>, Error> {
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
    fingers: &'a [Finger],
}

impl Maker<'_> {
    fn containers(
        &self,
        signer: &mut ObjectSigner<'_>,
    ) -> Result<Vec<(Container, Vec<u8>)>, Error> {
        let mut made = Vec::new();
        for container in &self.profile.containers {
            if *container != Container::SecurityObject && self.holds(*container) {
                made.push((*container, self.container(*container, signer)?));
            }
        }
        if self.profile.containers.contains(&Container::SecurityObject) {
            made.push((Container::SecurityObject, security_object(&made, signer)?));
        }
        if self.card.kind == Kind::Ours {
            if let Some(policy) = self.profile.pin_policy() {
                made.push((Container::PinPolicy, policy.encode()));
            }
            made.push((Container::RenewalPolicy, self.profile.renewal.encode()));
        }
        Ok(made)
    }

    /// Whether the card holds it: another maker's tells of its verification and its retired keys itself, and knows
    /// nothing of our own containers.
    fn holds(&self, container: Container) -> bool {
        match self.card.kind {
            Kind::Ours => true,
            Kind::Foreign { .. } => !matches!(
                container,
                Container::Discovery | Container::KeyHistory | Container::HolderDisplay
            ),
        }
    }

    fn container(
        &self,
        container: Container,
        signer: &mut ObjectSigner<'_>,
    ) -> Result<Vec<u8>, Error> {
        let number = self.card.number.as_str();
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
            Container::Discovery => {
                messaging::discovery(self.profile, !self.fingers.is_empty()).encode()
            }
            Container::KeyHistory => KeyHistory::default().encode(),
            Container::Fingerprints => self.fingerprints(signer)?,
            Container::FacialImage => self.facial_image(signer)?,
            other => {
                return Err(Error::NotWritten {
                    container: other.name(),
                });
            }
        })
    }

    fn facial_image(&self, signer: &mut ObjectSigner<'_>) -> Result<Vec<u8>, Error> {
        self.biometric(
            Biometric::FacialImage,
            self.face.encode()?,
            NO_QUALITY,
            signer,
        )
    }

    /// The enrolled fingers for off-card comparison, as SP 800-76-2 §4.2 has them.
    fn fingerprints(&self, signer: &mut ObjectSigner<'_>) -> Result<Vec<u8>, Error> {
        let templates: Vec<_> = self.fingers.iter().map(|f| f.template.clone()).collect();
        let record = ansi378::piv::encode(&templates, ORIGIN)?.to_vec();
        // A match of either finger must be expected of it: it is as good as the poorer one.
        let quality = templates.iter().map(|template| template.quality).min();
        let quality = quality.and_then(|quality| i8::try_from(quality).ok());
        self.biometric(
            Biometric::Fingerprints,
            record,
            quality.unwrap_or(NO_QUALITY),
            signer,
        )
    }

    fn biometric(
        &self,
        biometric: Biometric,
        record: Vec<u8>,
        quality: i8,
        signer: &mut ObjectSigner<'_>,
    ) -> Result<Vec<u8>, Error> {
        let issued = self.record.issue_date.card()?;
        let mut object = BiometricObject {
            biometric,
            header: CbeffHeader {
                created: issued,
                valid: (issued, self.expiry.card()?),
                quality,
                creator: Creator::new("Negin")?,
                fasc_n: FascN::NON_FEDERAL,
            },
            record,
            signature: Vec::new(),
        };
        pki::sign_biometric(&mut object, self.uuid(), signer)?;
        Ok(object.encode()?)
    }

    fn files(&self, signing: &mut Signing<'_>) -> Result<Vec<(FileId, Vec<u8>)>, Error> {
        let mut groups = BTreeMap::new();
        for file in &self.profile.files {
            let content = match file {
                LdsFile::Dg1 => Dg1 {
                    mrz: self.record.td1(
                        &self.profile.document,
                        self.card.number.as_str(),
                        self.expiry,
                    )?,
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
        match self.card.kind {
            Kind::Ours => uuid(self.identifier(b"card uuid")),
            Kind::Foreign { uuid } => uuid,
        }
    }

    /// Bytes that belong to this card and this purpose, made from chip and number.
    fn identifier<const N: usize>(&self, purpose: &[u8]) -> [u8; N] {
        let digest = Sha256::new()
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(self.card.chip)
            .chain_update(self.card.number.as_str())
            .finalize();
        std::array::from_fn(|at| digest[at])
    }
}

/// Over every container but the certificates (SP 800-73-4 Part 1 §3.1.7), so that none can be put in another card's place.
pub(super) fn security_object(
    made: &[(Container, Vec<u8>)],
    signer: &mut ObjectSigner<'_>,
) -> Result<Vec<u8>, Error> {
    let signed: Vec<(Container, &[u8])> = made
        .iter()
        .filter(|(container, _)| SecurityObject::names(*container))
        .map(|(container, object)| (*container, object.as_slice()))
        .collect();
    Ok(pki::sign_piv_security_object(&signed, signer)?.encode()?)
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
