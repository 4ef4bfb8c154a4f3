//! PIV's signed containers: CHUID, facial image, security object (FIPS 201-3 §4.2; NIST SP 800-73-4 Part 1 §3.1).

use der::asn1::OctetString;
use negin_eid::{
    lds::DataGroup,
    piv::{Chuid, Container, FacialImage, FascN, SecurityObject},
};
use negin_ledger::Timestamp;
use x509_cert::attr::Attribute;

use super::{
    Certificate, ContentType, Error, ObjectSigner, SignedContent, SignedObject, hash_data_groups,
    oid, signed_object::attribute, verify_signed_object,
};

/// Signs a CHUID in place.
///
/// # Errors
/// [`Error::DataObject`] where the CHUID cannot be encoded, and what the signer causes.
pub fn sign_chuid(chuid: &mut Chuid, signer: &mut ObjectSigner<'_>) -> Result<(), Error> {
    let content = chuid.signed_content()?;
    let attributes = vec![signer_name(signer)?];
    chuid.signature = signer.sign(
        ContentType::Chuid,
        SignedContent::Beside(&content),
        None,
        attributes,
    )?;
    Ok(())
}

/// Verifies a CHUID's signature up to `root` at `now`.
///
/// # Errors
/// As [`verify_signed_object`].
pub fn verify_chuid(
    chuid: &Chuid,
    root: &Certificate,
    now: Timestamp,
) -> Result<SignedObject, Error> {
    let content = chuid.signed_content()?;
    verify_signed_object(
        &chuid.signature,
        ContentType::Chuid,
        Some(&content),
        root,
        now,
    )
}

/// Signs a facial image in place.
///
/// The header that is signed holds the signature's length, and an ECDSA signature's DER has one of several: lengths are
/// tried until one comes true, two or three times on average. Because a deterministic signer gives the same signature
/// for the same content, each try has another content identifier (RFC 2634 §2.7) among its signed attributes.
///
/// # Errors
/// [`Error::DataObject`] where the image cannot be encoded, and what the signer causes.
pub fn sign_facial_image(
    image: &mut FacialImage,
    signer: &mut ObjectSigner<'_>,
) -> Result<(), Error> {
    const UNFIT: Error = Error::Field {
        field: "signature block",
    };
    let fixed = [signer_name(signer)?, fasc_n(&image.header.fasc_n)?];
    let mut length = 0;
    for attempt in 0..=u8::MAX {
        let content = image.signed_content(length)?;
        let identifier = OctetString::new([attempt]).map_err(|_| UNFIT)?;
        let mut attributes = fixed.to_vec();
        attributes.push(attribute(oid::CONTENT_IDENTIFIER, &identifier)?);
        let signature = signer.sign(
            ContentType::Biometric,
            SignedContent::Beside(&content),
            None,
            attributes,
        )?;
        let found = u16::try_from(signature.len()).map_err(|_| UNFIT)?;
        if found == length {
            image.signature = signature;
            return Ok(());
        }
        length = found;
    }
    Err(UNFIT)
}

/// Verifies a facial image's signature up to `root` at `now`.
///
/// # Errors
/// As [`verify_signed_object`].
pub fn verify_facial_image(
    image: &FacialImage,
    root: &Certificate,
    now: Timestamp,
) -> Result<SignedObject, Error> {
    let length = u16::try_from(image.signature.len()).map_err(|_| Error::Field {
        field: "signature block",
    })?;
    let content = image.signed_content(length)?;
    verify_signed_object(
        &image.signature,
        ContentType::Biometric,
        Some(&content),
        root,
        now,
    )
}

/// Makes PIV's security object over the contents of other containers, numbered 1, 2, … in the order given.
///
/// # Errors
/// [`Error::DataObject`] where there are not 2 to 16 containers or one has no identifier in the standard, and what the
/// signer causes.
pub fn sign_piv_security_object(
    containers: &[(Container, &[u8])],
    signer: &mut ObjectSigner<'_>,
) -> Result<SecurityObject, Error> {
    let numbered: Vec<_> = (1..=16)
        .filter_map(DataGroup::new)
        .zip(containers)
        .map(|(group, (_, content))| (group, *content))
        .collect();
    if numbered.len() != containers.len() {
        return Err(Error::Field {
            field: "containers",
        });
    }
    let object = hash_data_groups(&numbered).encode()?;
    let signed = signer.sign(
        ContentType::LdsSecurityObject,
        SignedContent::Inside(&object),
        None,
        Vec::new(),
    )?;
    let mapping = numbered
        .iter()
        .zip(containers)
        .map(|((group, _), (container, _))| (group.number(), *container));
    Ok(SecurityObject {
        mapping: mapping.collect(),
        signed,
    })
}

/// The signed attribute that names the signer.
fn signer_name(signer: &ObjectSigner<'_>) -> Result<Attribute, Error> {
    attribute(
        oid::PIV_SIGNER_NAME,
        signer.certificate().parsed().tbs_certificate().subject(),
    )
}

/// The signed attribute that says whose card it is.
fn fasc_n(number: &FascN) -> Result<Attribute, Error> {
    let bytes = OctetString::new(number.encode()?).map_err(|_| Error::Field { field: "FASC-N" })?;
    attribute(oid::PIV_FASC_N, &bytes)
}
