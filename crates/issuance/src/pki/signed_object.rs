//! Signed objects: CMS SignedData (RFC 5652) with one P-256 signer and its certificate inside.

use cms::{
    cert::{CertificateChoices, IssuerAndSerialNumber},
    content_info::{CmsVersion, ContentInfo},
    signed_data::{
        CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo,
        SignerInfos,
    },
};
use der::{
    Decode, Encode, Tag,
    asn1::{Any, ObjectIdentifier, OctetString, OctetStringRef, SetOfVec},
};
use negin_ledger::Timestamp;
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifierOwned;
use x509_cert::attr::{Attribute, Attributes};

use super::{Certificate, Error, Signer, Untrusted, oid, time::time};

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentType {
    /// LDSSecurityObject (ICAO Doc 9303-10 §4.6.2): in EF.SOD and in PIV's security object.
    LdsSecurityObject,
    /// The CHUID's fields (FIPS 201-3 §4.2.1).
    Chuid,
    /// A biometric record and its header (FIPS 201-3 §4.2.3).
    Biometric,
}

impl ContentType {
    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::LdsSecurityObject => oid::LDS_SECURITY_OBJECT,
            Self::Chuid => oid::PIV_CHUID,
            Self::Biometric => oid::PIV_BIOMETRIC,
        }
    }
}

/// A content, and whether the signed object carries it or only signs it.
#[derive(Debug, Clone, Copy)]
pub enum SignedContent<'a> {
    /// In the object.
    Inside(&'a [u8]),
    /// Beside the object.
    Beside(&'a [u8]),
}

/// Where the signer's certificate is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    /// In the object.
    Inside,
    /// In another object of the card's: PIV has the content signer's in the CHUID alone.
    Elsewhere,
}

/// Who signs objects: a certificate, and the key behind it.
#[derive(Debug)]
pub struct ObjectSigner<'a> {
    certificate: Certificate,
    signer: Signer<'a>,
}

impl<'a> ObjectSigner<'a> {
    /// A signer with its certificate.
    ///
    /// # Errors
    /// [`Error::SignerKey`] where the certificate is another key's.
    pub fn new(certificate: Certificate, signer: Signer<'a>) -> Result<Self, Error> {
        if certificate.is_of(&signer.public_point()?) {
            Ok(Self {
                certificate,
                signer,
            })
        } else {
            Err(Error::SignerKey)
        }
    }

    /// The signer's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Signs a content: a ContentInfo with SignedData, DER. Signed attributes are content type, message digest, where
    /// given the time of signing, and those of `more`.
    pub(super) fn sign(
        &mut self,
        content_type: ContentType,
        content: SignedContent<'_>,
        time_of_signing: Option<Timestamp>,
        more: Vec<Attribute>,
        carried: Carried,
    ) -> Result<Vec<u8>, Error> {
        let unfit = |_: der::Error| Error::SignedObject("its parts cannot be encoded");
        let (bytes, inside) = match content {
            SignedContent::Inside(bytes) => (bytes, true),
            SignedContent::Beside(bytes) => (bytes, false),
        };
        let mut attributes = more;
        attributes.push(attribute(oid::CONTENT_TYPE, &content_type.oid())?);
        let digest = OctetString::new(&Sha256::digest(bytes)[..]).map_err(unfit)?;
        attributes.push(attribute(oid::MESSAGE_DIGEST, &digest)?);
        if let Some(moment) = time_of_signing {
            attributes.push(attribute(oid::SIGNING_TIME, &time(moment)?)?);
        }
        let attributes: Attributes = SetOfVec::try_from(attributes).map_err(unfit)?;
        // RFC 5652 §5.4: what is signed is the attributes' own encoding as a SET OF.
        let signature = self.signer.sign(&attributes.to_der().map_err(unfit)?)?;
        let tbs = self.certificate.parsed().tbs_certificate();
        let info = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: tbs.issuer().clone(),
                serial_number: tbs.serial_number().clone(),
            }),
            digest_alg: algorithm(oid::SHA256),
            signed_attrs: Some(attributes),
            signature_algorithm: algorithm(oid::ECDSA_WITH_SHA256),
            signature: OctetString::new(signature.as_bytes()).map_err(unfit)?,
            unsigned_attrs: None,
        };
        let econtent = if inside {
            Some(Any::new(Tag::OctetString, bytes).map_err(unfit)?)
        } else {
            None
        };
        let certificates = match carried {
            Carried::Inside => {
                let own = CertificateChoices::Certificate(self.certificate.parsed().clone());
                Some(CertificateSet::try_from(vec![own]).map_err(unfit)?)
            }
            Carried::Elsewhere => None,
        };
        let signed = SignedData {
            version: CmsVersion::V3,
            digest_algorithms: SetOfVec::try_from(vec![algorithm(oid::SHA256)]).map_err(unfit)?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: content_type.oid(),
                econtent,
            },
            certificates,
            crls: None,
            signer_infos: SignerInfos::try_from(vec![info]).map_err(unfit)?,
        };
        let content = Any::encode_from(&signed).map_err(unfit)?;
        ContentInfo {
            content_type: oid::SIGNED_DATA,
            content,
        }
        .to_der()
        .map_err(unfit)
    }
}

/// A signed object that was verified.
#[derive(Debug, Clone)]
pub struct SignedObject {
    /// The content that was signed.
    pub content: Vec<u8>,
    /// Who signed it. Its chain up to a root has been verified.
    pub signer: Certificate,
    /// The card for which it was signed, by its UUID, where the object says so.
    pub card: Option<[u8; 16]>,
}

/// Verifies a signed object: its one signature, its digest, and its signer's chain up to `root`, at `now`.
///
/// `beside` is the content where the object does not carry it.
///
/// # Errors
/// [`Error::SignedObject`] where it cannot be read, is of another type, or carries a content although one is beside;
/// [`Error::Signature`]; [`Error::Untrusted`] for its signer, [`Untrusted::Usage`] where it is not the issuer's.
pub fn verify_signed_object(
    object: &[u8],
    content_type: ContentType,
    beside: Option<&[u8]>,
    root: &Certificate,
    now: Timestamp,
) -> Result<SignedObject, Error> {
    verify(object, content_type, beside, None, root, now)
}

/// The same for an object that need not carry its signer's certificate, because it is known.
pub(super) fn verify(
    object: &[u8],
    content_type: ContentType,
    beside: Option<&[u8]>,
    known: Option<&Certificate>,
    root: &Certificate,
    now: Timestamp,
) -> Result<SignedObject, Error> {
    let wrong = Error::SignedObject;
    let unread = |_: der::Error| wrong("not DER of SignedData");
    let info = ContentInfo::from_der(object).map_err(unread)?;
    if info.content_type != oid::SIGNED_DATA {
        return Err(wrong("not SignedData"));
    }
    let signed: SignedData = info.content.decode_as().map_err(unread)?;
    if signed.encap_content_info.econtent_type != content_type.oid() {
        return Err(wrong("it signs something else"));
    }
    let content = match (&signed.encap_content_info.econtent, beside) {
        (Some(inside), None) => inside
            .decode_as::<&OctetStringRef>()
            .map_err(unread)?
            .as_bytes(),
        (None, Some(beside)) => beside,
        (None, None) => return Err(wrong("its content is not there")),
        (Some(_), Some(_)) => return Err(wrong("it carries a content of its own")),
    };
    let [signer_info] = signed.signer_infos.0.as_slice() else {
        return Err(wrong("not exactly one signer"));
    };
    let (signer, others) = signer_certificate(&signed, signer_info, known)?;
    if signer_info.digest_alg.oid != oid::SHA256
        || signer_info.signature_algorithm.oid != oid::ECDSA_WITH_SHA256
    {
        return Err(wrong("not ECDSA with SHA-256"));
    }
    let attributes = signer_info
        .signed_attrs
        .as_ref()
        .ok_or(wrong("no signed attributes"))?;
    let signed_type: ObjectIdentifier = single(attributes, oid::CONTENT_TYPE)?
        .decode_as()
        .map_err(unread)?;
    let digest: &OctetStringRef = single(attributes, oid::MESSAGE_DIGEST)?
        .decode_as()
        .map_err(unread)?;
    if signed_type != content_type.oid() || digest.as_bytes() != &Sha256::digest(content)[..] {
        return Err(Error::Signature);
    }
    signer.verify_signature(
        &attributes.to_der().map_err(unread)?,
        signer_info.signature.as_bytes(),
    )?;
    signer.verify_chain(&others, root, now)?;
    if !signer.may_sign_objects()? {
        return Err(Untrusted::Usage.into());
    }
    Ok(SignedObject {
        content: content.to_vec(),
        card: card(attributes)?,
        signer,
    })
}

/// The signer's certificate among those in the object, and the others.
fn signer_certificate(
    signed: &SignedData,
    info: &SignerInfo,
    known: Option<&Certificate>,
) -> Result<(Certificate, Vec<Certificate>), Error> {
    let mut signer = None;
    let mut others = Vec::new();
    let carried = signed.certificates.iter().flat_map(|set| set.0.iter());
    let carried = carried.filter_map(|choice| match choice {
        CertificateChoices::Certificate(parsed) => Some(parsed),
        _ => None,
    });
    for parsed in known.map(Certificate::parsed).into_iter().chain(carried) {
        let tbs = parsed.tbs_certificate();
        let named = match &info.sid {
            SignerIdentifier::IssuerAndSerialNumber(named) => {
                named.issuer == *tbs.issuer() && named.serial_number == *tbs.serial_number()
            }
            SignerIdentifier::SubjectKeyIdentifier(named) => tbs
                .get_extension()
                .ok()
                .flatten()
                .is_some_and(|(_, found)| *named == found),
        };
        if named && signer.is_none() {
            signer = Some(Certificate::from_parsed(parsed.clone())?);
        } else if let Ok(other) = Certificate::from_parsed(parsed.clone()) {
            others.push(other);
        }
    }
    signer
        .map(|signer| (signer, others))
        .ok_or(Error::SignedObject("its signer's certificate is not there"))
}

/// The UUID of the card, where the signed attributes name one.
fn card(attributes: &Attributes) -> Result<Option<[u8; 16]>, Error> {
    if !attributes.iter().any(|named| named.oid == oid::ENTRY_UUID) {
        return Ok(None);
    }
    let uuid: &OctetStringRef = single(attributes, oid::ENTRY_UUID)?
        .decode_as()
        .map_err(|_| Error::SignedObject("the card's UUID is none"))?;
    let uuid = uuid.as_bytes().try_into();
    uuid.map(Some)
        .map_err(|_| Error::SignedObject("the card's UUID is none"))
}

/// The one value of an attribute that must be there once.
fn single(attributes: &Attributes, oid: ObjectIdentifier) -> Result<&Any, Error> {
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    match (
        found.next().map(|attribute| attribute.values.as_slice()),
        found.next(),
    ) {
        (Some([value]), None) => Ok(value),
        _ => Err(Error::SignedObject(
            "a signed attribute is missing or there twice",
        )),
    }
}

/// A signed attribute of one value.
pub(super) fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> Result<Attribute, Error> {
    let unfit = |_: der::Error| Error::SignedObject("an attribute cannot be encoded");
    let value = Any::from_der(&value.to_der().map_err(unfit)?).map_err(unfit)?;
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![value]).map_err(unfit)?,
    })
}

const fn algorithm(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid,
        parameters: None,
    }
}
