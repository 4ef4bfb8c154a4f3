//! A store as it stands in its file.

use std::collections::BTreeMap;

use p256::ecdsa::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::foreign::StoredForeign;
use super::secret::{Secret, StoredKeySet, of_signing_key};
use super::{Delivery, FileKeyStore, Signer, TransportBatch};
use crate::share::OverrideId;

/// The first thing a person sees who opens the file.
const WARNING: &str = "Development keys in the clear. Whoever reads this file holds them.";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    warning: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    office: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transport: Vec<StoredBatch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<StoredKeySet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivery: Option<StoredKeySet>,
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "override")]
    override_id: Option<OverrideId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<StoredSigner>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document_signer: Option<StoredSigner>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    seats: BTreeMap<String, StoredSigner>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    citizens: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    puks: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    management: Option<Secret>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    foreign: Vec<StoredForeign>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredBatch {
    name: String,
    chips: String,
    diversified: bool,
    keys: StoredKeySet,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSigner {
    public: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<Secret>,
}

impl StoredSigner {
    fn new(signer: &Signer) -> Self {
        Self {
            public: hex::encode(signer.public.to_sec1_point(true).as_bytes()),
            private: signer.private.as_ref().map(of_signing_key),
        }
    }

    /// `None` where a part is no key, or the two are not a pair.
    fn signer(&self) -> Option<Signer> {
        let public = VerifyingKey::from_sec1_bytes(&hex::decode(&self.public).ok()?).ok()?;
        let private = match &self.private {
            None => None,
            Some(scalar) => {
                let private = SigningKey::from_slice(scalar.expose()).ok()?;
                if *private.verifying_key() != public {
                    return None;
                }
                Some(private)
            }
        };
        Some(Signer { public, private })
    }
}

/// `Some(None)` where there is nothing, `None` where there is something unreadable.
fn optional<T, U>(stored: Option<&T>, read: impl FnOnce(&T) -> Option<U>) -> Option<Option<U>> {
    stored.map_or(Some(None), |stored| read(stored).map(Some))
}

impl FileKeyStore {
    pub(super) fn content(&self) -> Content {
        let (office, delivery) = match &self.delivery {
            None => (None, None),
            Some(Delivery::National(keys)) => (None, Some(keys)),
            Some(Delivery::Office(office, keys)) => (Some(office.to_string()), Some(keys)),
        };
        Content {
            warning: WARNING.to_owned(),
            office,
            transport: self
                .transport
                .iter()
                .map(|batch| StoredBatch {
                    name: batch.name.clone(),
                    chips: hex::encode(&batch.chips),
                    diversified: batch.diversified,
                    keys: (&batch.keys).into(),
                })
                .collect(),
            issuer: self.issuer.as_ref().map(StoredKeySet::from),
            delivery: delivery.map(StoredKeySet::from),
            override_id: self.override_id.clone(),
            ca: self.ca.as_ref().map(StoredSigner::new),
            document_signer: self.document_signer.as_ref().map(StoredSigner::new),
            seats: self
                .seats
                .iter()
                .map(|(name, signer)| (name.clone(), StoredSigner::new(signer)))
                .collect(),
            citizens: self.citizens.clone(),
            puks: self.puks.clone(),
            management: self.management.clone(),
            foreign: self.foreign.iter().map(StoredForeign::from).collect(),
        }
    }

    /// `None` where a key is none.
    pub(super) fn from_content(content: &Content) -> Option<Self> {
        let delivery = optional(content.delivery.as_ref(), StoredKeySet::keys)?;
        let delivery = match (delivery, &content.office) {
            (None, None) => None,
            (None, Some(_)) => return None,
            (Some(keys), None) => Some(Delivery::National(keys)),
            (Some(keys), Some(office)) => Some(Delivery::Office(office.parse().ok()?, keys)),
        };
        let batch = |stored: &StoredBatch| {
            Some(TransportBatch {
                name: stored.name.clone(),
                chips: hex::decode(&stored.chips).ok()?,
                diversified: stored.diversified,
                keys: stored.keys.keys()?,
            })
        };
        let seat =
            |(name, stored): (&String, &StoredSigner)| Some((name.clone(), stored.signer()?));
        Some(Self {
            transport: content.transport.iter().map(batch).collect::<Option<_>>()?,
            issuer: optional(content.issuer.as_ref(), StoredKeySet::keys)?,
            delivery,
            override_id: content.override_id.clone(),
            unlocked: None,
            ca: optional(content.ca.as_ref(), StoredSigner::signer)?,
            document_signer: optional(content.document_signer.as_ref(), StoredSigner::signer)?,
            seats: content.seats.iter().map(seat).collect::<Option<_>>()?,
            citizens: content.citizens.clone(),
            puks: content.puks.clone(),
            management: content.management.clone(),
            foreign: content
                .foreign
                .iter()
                .map(StoredForeign::batch)
                .collect::<Option<_>>()?,
        })
    }
}
