//! PIV's signed containers: CHUID, fingerprints, facial image, security object (FIPS 201-3 §4.2; NIST SP 800-73-4 Part 1
//! §3.1).
//!
//! The rule: one key signs them all, and its certificate is in the CHUID and nowhere else, as the standards ask. Whoever
//! verifies another object reads the CHUID first.

use der::asn1::OctetString;
use negin_eid::{
    lds::{DataGroup, LdsSecurityObject},
    piv::{BiometricObject, Chuid, Container, FascN, SecurityObject},
};
use negin_ledger::Timestamp;
use sha2::{Digest, Sha256};
use x509_cert::attr::Attribute;

use super::{
    Certificate, ContentType, Error, ObjectSigner, SignedContent, SignedObject, hash_data_groups,
    oid,
    signed_object::{Carried, attribute, verify},
    verify_signed_object,
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
        Carried::Inside,
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

/// Signs a biometric record in place, for the card with this UUID.
///
/// The header that is signed holds the signature's length, and an ECDSA signature's DER has one of several: lengths are
/// tried until one comes true, two or three times on average. Because a deterministic signer gives the same signature
/// for the same content, each try has another content identifier (RFC 2634 §2.7) among its signed attributes.
///
/// # Errors
/// [`Error::DataObject`] where the record cannot be encoded, and what the signer causes.
pub fn sign_biometric(
    object: &mut BiometricObject,
    card: [u8; 16],
    signer: &mut ObjectSigner<'_>,
) -> Result<(), Error> {
    const UNFIT: Error = Error::Field {
        field: "signature block",
    };
    let card = OctetString::new(card).map_err(|_| UNFIT)?;
    let fixed = [
        signer_name(signer)?,
        fasc_n(&object.header.fasc_n)?,
        attribute(oid::ENTRY_UUID, &card)?,
    ];
    let mut length = 0;
    for attempt in 0..=u8::MAX {
        let content = object.signed_content(length)?;
        let identifier = OctetString::new([attempt]).map_err(|_| UNFIT)?;
        let mut attributes = fixed.to_vec();
        attributes.push(attribute(oid::CONTENT_IDENTIFIER, &identifier)?);
        let signature = signer.sign(
            ContentType::Biometric,
            SignedContent::Beside(&content),
            None,
            attributes,
            Carried::Elsewhere,
        )?;
        let found = u16::try_from(signature.len()).map_err(|_| UNFIT)?;
        if found == length {
            object.signature = signature;
            return Ok(());
        }
        length = found;
    }
    Err(UNFIT)
}

/// Verifies a biometric record's signature: by the content signer that the card's verified CHUID names, for the card with
/// this UUID, up to `root` at `now`.
///
/// # Errors
/// As [`verify_signed_object`]; [`Error::SignedObject`] where it was signed for another card.
pub fn verify_biometric(
    object: &BiometricObject,
    card: [u8; 16],
    content_signer: &Certificate,
    root: &Certificate,
    now: Timestamp,
) -> Result<SignedObject, Error> {
    let length = u16::try_from(object.signature.len()).map_err(|_| Error::Field {
        field: "signature block",
    })?;
    let content = object.signed_content(length)?;
    let verified = verify(
        &object.signature,
        ContentType::Biometric,
        Some(&content),
        Some(content_signer),
        root,
        now,
    )?;
    if verified.card != Some(card) {
        return Err(Error::SignedObject("it was signed for another card"));
    }
    Ok(verified)
}

/// Verifies PIV's security object by the content signer of the card's CHUID, and each of these contents that it has a
/// hash of; gives the containers that were held against it.
///
/// # Errors
/// As [`verify_signed_object`]; [`Error::DataGroup`] for the first content that is not what was signed.
pub fn verify_piv_security_object(
    object: &SecurityObject,
    contents: &[(Container, &[u8])],
    content_signer: &Certificate,
    root: &Certificate,
    now: Timestamp,
) -> Result<Vec<Container>, Error> {
    let verified = verify(
        &object.signed,
        ContentType::LdsSecurityObject,
        None,
        Some(content_signer),
        root,
        now,
    )?;
    let hashes = LdsSecurityObject::decode(&verified.content)?;
    let mut held = Vec::new();
    for (number, container) in &object.mapping {
        let (Some(group), Some((_, content))) = (
            DataGroup::new(*number),
            contents.iter().find(|(named, _)| named == container),
        ) else {
            continue;
        };
        if hashes.hash(group) != Some(&Sha256::digest(content)[..]) {
            return Err(Error::DataGroup(group));
        }
        held.push(*container);
    }
    Ok(held)
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
        Carried::Elsewhere,
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
