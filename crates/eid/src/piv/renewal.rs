//! Our card's own: the renewal policy (DFC102), set at personalisation: what the issuer may still write afterwards.
//!
//! `53 { (5C <tag>)…, (83 01 <key reference>)… }`. A card without one may not be written after PERSONALISED at all.
//! The policy cannot list itself.

use super::{Container, KeyReference};
use crate::{Error, field};

const OBJECT: &str = "renewal policy";

/// What the issuer role may rewrite once the card is PERSONALISED.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RenewalPolicy {
    /// Containers that PUT DATA may overwrite.
    pub containers: Vec<Container>,
    /// Key pairs that GENERATE ASYMMETRIC KEY PAIR may replace.
    pub keys: Vec<KeyReference>,
}

impl RenewalPolicy {
    /// Whether a container may be overwritten.
    #[must_use]
    pub fn renews(&self, container: Container) -> bool {
        self.containers.contains(&container)
    }

    /// Whether a key pair may be replaced.
    #[must_use]
    pub fn renews_key(&self, key: KeyReference) -> bool {
        self.keys.contains(&key)
    }

    /// The object, tag 53 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = Vec::new();
        for container in &self.containers {
            let mut tag = Vec::new();
            field::put_tag(&mut tag, container.tag());
            field::put(&mut value, 0x5C, &tag);
        }
        for key in &self.keys {
            field::put(&mut value, 0x83, &[key.code()]);
        }
        field::field(0x53, &value)
    }

    /// Reads the object.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else, for containers that PUT DATA cannot write, and for the policy itself.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut policy = Self::default();
        for entry in field::fields(OBJECT, field::only(OBJECT, bytes, 0x53)?) {
            match entry? {
                (0x5C, tag) => {
                    let container = match field::tags(OBJECT, tag)?.as_slice() {
                        [tag] => Container::from_tag(*tag),
                        _ => None,
                    };
                    match container {
                        Some(container)
                            if container.is_writable() && container != Container::RenewalPolicy =>
                        {
                            policy.containers.push(container);
                        }
                        _ => {
                            return Err(Error::malformed(
                                OBJECT,
                                "a container that cannot be renewed",
                            ));
                        }
                    }
                }
                (0x83, [code]) => policy.keys.push(
                    KeyReference::from_code(*code)
                        .ok_or(Error::malformed(OBJECT, "no such key reference"))?,
                ),
                _ => {
                    return Err(Error::malformed(
                        OBJECT,
                        "a field that is neither 5C nor 83",
                    ));
                }
            }
        }
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let policy = RenewalPolicy {
            containers: vec![Container::AuthenticationCertificate, Container::Discovery],
            keys: KeyReference::ALL.to_vec(),
        };
        assert_eq!(RenewalPolicy::decode(&policy.encode()).unwrap(), policy);
        assert!(policy.renews(Container::Discovery) && !policy.renews(Container::Chuid));
        let none = RenewalPolicy::default();
        assert_eq!(none.encode(), [0x53, 0x00]);
        assert_eq!(RenewalPolicy::decode(&none.encode()).unwrap(), none);
    }

    #[test]
    fn what_cannot_be_renewed_is_refused() {
        for container in [
            Container::RenewalPolicy,
            Container::ActivationRecord,
            Container::BiometricInformation,
        ] {
            let policy = RenewalPolicy {
                containers: vec![container],
                keys: vec![],
            };
            assert!(
                RenewalPolicy::decode(&policy.encode()).is_err(),
                "{container:?}"
            );
        }
        assert!(RenewalPolicy::decode(&[0x53, 0x03, 0x83, 0x01, 0x80]).is_err());
        assert!(RenewalPolicy::decode(&[0x53, 0x02, 0x84, 0x00]).is_err());
    }
}
