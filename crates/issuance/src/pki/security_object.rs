//! EF.SOD: the travel document's signature, made and verified (ICAO Doc 9303-10 §4.6.2, 9303-11 §5.1).

use negin_eid::lds::{
    DataGroup, DataGroupHash, HashAlgorithm, LdsSecurityObject, unwrap_sod, wrap_sod,
};
use negin_ledger::Timestamp;
use sha2::{Digest, Sha256};

use super::signed_object::Carried;
use super::{Certificate, ContentType, Error, ObjectSigner, SignedContent, verify_signed_object};

/// The security object of these data groups' files: their SHA-256, by ascending number.
#[must_use]
pub fn hash_data_groups(files: &[(DataGroup, &[u8])]) -> LdsSecurityObject {
    let mut hashes: Vec<_> = files
        .iter()
        .map(|(group, content)| DataGroupHash {
            group: *group,
            hash: Sha256::digest(content).to_vec(),
        })
        .collect();
    hashes.sort_by_key(|hash| hash.group);
    LdsSecurityObject {
        algorithm: HashAlgorithm::Sha256,
        hashes,
        version: None,
    }
}

/// Makes EF.SOD's content for the whole contents of these data groups' files.
///
/// # Errors
/// [`Error::DataObject`] where there are fewer than two data groups or one twice, and what the signer causes.
pub fn sign_security_object(
    files: &[(DataGroup, &[u8])],
    time_of_signing: Option<Timestamp>,
    signer: &mut ObjectSigner<'_>,
) -> Result<Vec<u8>, Error> {
    let object = hash_data_groups(files).encode()?;
    let signed = signer.sign(
        ContentType::LdsSecurityObject,
        SignedContent::Inside(&object),
        time_of_signing,
        Vec::new(),
        Carried::Inside,
    )?;
    Ok(wrap_sod(&signed))
}

/// What passive authentication found to be true.
#[derive(Debug, Clone)]
pub struct PassiveAuthentication {
    /// What was signed: the hash of every data group the document has.
    pub security_object: LdsSecurityObject,
    /// The document signer's certificate.
    pub signer: Certificate,
}

/// Passive authentication: EF.SOD's signature, its signer's chain up to `root` at `now`, and the hash of each file that
/// was read. A document may have more data groups than were read; none of those read may be missing in EF.SOD.
///
/// # Errors
/// [`Error::DataGroup`] for the first file that is not what was signed, otherwise as [`verify_signed_object`].
pub fn passive_authentication(
    sod: &[u8],
    files: &[(DataGroup, &[u8])],
    root: &Certificate,
    now: Timestamp,
) -> Result<PassiveAuthentication, Error> {
    let verified = verify_signed_object(
        unwrap_sod(sod)?,
        ContentType::LdsSecurityObject,
        None,
        root,
        now,
    )?;
    let security_object = LdsSecurityObject::decode(&verified.content)?;
    if security_object.algorithm != HashAlgorithm::Sha256 {
        return Err(Error::SignedObject("its hashes are not SHA-256"));
    }
    for (group, content) in files {
        if security_object.hash(*group) != Some(&Sha256::digest(content)[..]) {
            return Err(Error::DataGroup(*group));
        }
    }
    Ok(PassiveAuthentication {
        security_object,
        signer: verified.signer,
    })
}
