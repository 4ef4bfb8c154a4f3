//! What card is this: told without a key, from what a card says freely.
//!
//! Ours is a card with a security domain of SCP03 that holds key sets of our roles and no others, tells its
//! diversification data, and holds both PIV and the travel document (or is blocked, so that they cannot be selected).
//! Every question is one that any card may be asked: nothing is verified, no counter moves.

use negin_apdu::Transmit;
use negin_eid::aid::Application;
use negin_eid::gp::CardRecognition;
use negin_eid::roles::Role;
use negin_secure_channel::scp03::Options;

use crate::application::select;
use crate::{Error, Piv, SecurityDomain};

/// What card it is. Closed: a caller decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Ours, as the maker delivers it: the transport keys, and nothing else.
    Blank,
    /// Ours, with the issuer's keys, not activated: being personalised, or waiting for its holder. Which of the two,
    /// the card tells the issuer only ([`SecurityDomain::life`]).
    Issued,
    /// Ours, live in its holder's hand.
    Activated,
    /// Ours, blocked: the card, or PIV on it.
    Blocked,
    /// Ours, at its end.
    Terminated,
    /// Another issuer's PIV card.
    ForeignPiv,
    /// Another issuer's travel document.
    ForeignTravelDocument,
    /// Another GlobalPlatform card.
    ForeignGlobalPlatform,
    /// None of these.
    Unknown,
}

impl Presence {
    /// Whether it is one of ours, whatever its state.
    #[must_use]
    pub const fn is_negin(self) -> bool {
        matches!(
            self,
            Self::Blank | Self::Issued | Self::Activated | Self::Blocked | Self::Terminated
        )
    }
}

/// How a card of ours is told from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Key diversification data, unique to the chip.
    pub kdd: [u8; 10],
    /// SCP03's parameter "i": which challenge and which levels the card wants.
    pub options: Options,
    /// The roles for which it holds keys.
    pub roles: Vec<Role>,
}

/// What [`recognise`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// What card it is.
    pub presence: Presence,
    /// Which one, where it is ours.
    pub identity: Option<Identity>,
}

impl Recognition {
    /// The card's identity, for a caller that needs a card of ours in one of these states.
    ///
    /// # Errors
    /// [`Error::Foreign`] for a card of others, [`Error::UnexpectedState`] for one of ours in another state.
    pub fn expect(self, wanted: &[Presence]) -> Result<Identity, Error> {
        match self {
            Self {
                presence,
                identity: Some(identity),
            } if wanted.contains(&presence) => Ok(identity),
            Self { presence, .. } if presence.is_negin() => Err(Error::UnexpectedState(presence)),
            Self { presence, .. } => Err(Error::Foreign(presence)),
        }
    }
}

/// Finds out what card it is. Leaves PIV selected, where there is one.
///
/// # Errors
/// [`Error::Transmit`] only: whatever a card answers is an answer to the question.
pub fn recognise<T: Transmit>(carrier: &mut T) -> Result<Recognition, Error> {
    let domain = found(SecurityDomain::select(&mut *carrier))?;
    let global_platform = domain.is_some();
    let invalidated = domain.as_ref().is_some_and(SecurityDomain::is_invalidated);
    let identity = match domain {
        Some(mut domain) => identity(&mut domain)?,
        None => None,
    };
    let travel_document = matches!(
        outcome(select(carrier, Application::TravelDocument))?,
        Ok(_) | Err(Error::Blocked(_))
    );
    let piv = outcome(Piv::select(&mut *carrier))?;
    let presence = match (identity.as_ref(), piv) {
        (Some(_), Err(Error::Blocked(_))) => Presence::Blocked,
        // A blocked card says that it is (6A81); one that refuses in another way is at its end.
        (Some(_), Err(_)) if invalidated => Presence::Terminated,
        (Some(identity), Ok(_)) if identity.roles == [Role::Transport] && travel_document => {
            Presence::Blank
        }
        (Some(_), Ok(mut piv)) if travel_document => match outcome(piv.activation_record())? {
            Ok(Some(_)) => Presence::Activated,
            _ => Presence::Issued,
        },
        (_, Ok(_)) => Presence::ForeignPiv,
        _ if travel_document => Presence::ForeignTravelDocument,
        _ if global_platform => Presence::ForeignGlobalPlatform,
        _ => Presence::Unknown,
    };
    Ok(Recognition {
        presence,
        identity: identity.filter(|_| presence.is_negin()),
    })
}

/// What a security domain says, where it is one of ours.
fn identity<T: Transmit>(domain: &mut SecurityDomain<T>) -> Result<Option<Identity>, Error> {
    let Some(Some(CardRecognition {
        protocol: 0x03,
        options,
    })) = found(domain.recognition())?
    else {
        return Ok(None);
    };
    let Ok(options) = Options::new(options) else {
        return Ok(None);
    };
    let mut roles = Vec::new();
    for key in found(domain.key_information())?.unwrap_or_default() {
        match Role::from_key_version(key.version) {
            Some(role) if roles.contains(&role) => {}
            Some(role) => roles.push(role),
            None => return Ok(None),
        }
    }
    let kdd = found(domain.key_diversification())?.flatten();
    Ok(kdd.filter(|_| !roles.is_empty()).map(|kdd| Identity {
        kdd,
        options,
        roles,
    }))
}

/// An answer or a refusal; a lost card stays an error.
fn outcome<R>(result: Result<R, Error>) -> Result<Result<R, Error>, Error> {
    match result {
        Err(error @ Error::Transmit(_)) => Err(error),
        other => Ok(other),
    }
}

/// An answer, or nothing where the card refused.
fn found<R>(result: Result<R, Error>) -> Result<Option<R>, Error> {
    outcome(result).map(Result::ok)
}

#[cfg(test)]
mod tests {
    use negin_apdu::TransmitError;
    use negin_eid::gp::KeyInformation;

    use super::*;
    use crate::script::Script;

    const DOMAIN: &str = "00A4040008A00000015100000000";
    const TRAVEL: &str = "00A4040007A000000247100100";
    const PIV: &str = "00A404000BA00000030800001000010000";
    const RECOGNITION: &str = "80CA006600";
    const KEYS: &str = "80CA00E000";
    const KDD: &str = "80CA00CF00";
    const RECORD: &str = "00CB3FFF055C03DFC10100";
    const OUR_KDD: &str = "CF0A 00010203040506070809 9000";

    fn recognition() -> String {
        let told = CardRecognition {
            protocol: 3,
            options: 0x70,
        };
        hex::encode(told.encode()) + "9000"
    }

    fn keys(versions: &[u8]) -> String {
        let keys: Vec<_> = versions
            .iter()
            .flat_map(|version| KeyInformation::key_set(*version, 16))
            .collect();
        hex::encode(KeyInformation::encode_template(&keys)) + "9000"
    }

    /// What a card of ours answers, by what differs: SELECT of the domain, its keys, SELECT of the two applications.
    fn ours(
        domain: &str,
        versions: &[u8],
        travel: &str,
        piv: &str,
        record: Option<&str>,
    ) -> Recognition {
        let (recognition, keys) = (recognition(), keys(versions));
        let lines = [
            (DOMAIN, domain),
            (RECOGNITION, &recognition),
            (KEYS, &keys),
            (KDD, OUR_KDD),
            (TRAVEL, travel),
            (PIV, piv),
        ];
        let script = match record {
            None => recognise(&mut Script::new(lines)),
            Some(record) => {
                let [a, b, c, d, e, f] = lines;
                recognise(&mut Script::new([a, b, c, d, e, f, (RECORD, record)]))
            }
        };
        script.unwrap()
    }

    #[test]
    fn cards_of_ours() {
        let record = "530D 800101 810196 8200 830400000007 9000".replace("530D", "530E");
        for (found, presence) in [
            (ours("9000", &[0xFF], "9000", "9000", None), Presence::Blank),
            (
                ours("9000", &[0x30], "9000", "9000", Some("6985")),
                Presence::Issued,
            ),
            (
                ours("9000", &[0x30, 0x31, 0x32], "9000", "9000", Some("6985")),
                Presence::Issued,
            ),
            (
                ours("9000", &[0x30, 0x31], "9000", "9000", Some(&record)),
                Presence::Activated,
            ),
            (
                ours("6283", &[0x30, 0x31], "6A81", "6A81", None),
                Presence::Blocked,
            ),
            (
                ours("9000", &[0x30, 0x31], "9000", "6A81", None),
                Presence::Blocked,
            ),
            (
                ours("6283", &[0x30, 0x31], "6985", "6985", None),
                Presence::Terminated,
            ),
        ] {
            assert_eq!(found.presence, presence);
            assert!(presence.is_negin());
            let identity = found.clone().expect(&[presence]).unwrap();
            assert_eq!(identity.kdd, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
            assert_eq!(identity.options, Options::I_70);
            assert_eq!(
                found.expect(&[Presence::ForeignPiv]),
                Err(Error::UnexpectedState(presence))
            );
        }
    }

    #[test]
    fn cards_of_others() {
        let (recognition, transport, unknown) = (recognition(), keys(&[0xFF]), keys(&[0x30, 0x42]));
        let found = |mut script: Script| {
            let found = recognise(&mut script).unwrap();
            assert_eq!(found.identity, None);
            assert_eq!(
                found.clone().expect(&[Presence::Blank]),
                Err(Error::Foreign(found.presence))
            );
            found.presence
        };
        // A token with PIV and the usual initial keys, and no travel document.
        let token = Script::new([
            (DOMAIN, "9000"),
            (RECOGNITION, &recognition),
            (KEYS, &transport),
            (KDD, OUR_KDD),
            (TRAVEL, "6A82"),
            (PIV, "9000"),
        ]);
        assert_eq!(found(token), Presence::ForeignPiv);
        // Keys that are no role's.
        let other = Script::new([
            (DOMAIN, "9000"),
            (RECOGNITION, &recognition),
            (KEYS, &unknown),
            (TRAVEL, "6A82"),
            (PIV, "6A82"),
        ]);
        assert_eq!(found(other), Presence::ForeignGlobalPlatform);
        let passport = Script::new([(DOMAIN, "6A82"), (TRAVEL, "9000"), (PIV, "6A82")]);
        assert_eq!(found(passport), Presence::ForeignTravelDocument);
        let nothing = Script::new([(DOMAIN, "6E00"), (TRAVEL, "6E00"), (PIV, "6E00")]);
        assert_eq!(found(nothing), Presence::Unknown);
        let no_protocol = Script::new([
            (DOMAIN, "9000"),
            (RECOGNITION, "6A88"),
            (TRAVEL, "6A82"),
            (PIV, "6A82"),
        ]);
        assert_eq!(found(no_protocol), Presence::ForeignGlobalPlatform);
    }

    #[test]
    fn a_card_pulled_out_is_no_answer() {
        let mut script = Script::new([(DOMAIN, "9000")]).then_removed(RECOGNITION);
        assert_eq!(
            recognise(&mut script),
            Err(Error::Transmit(TransmitError::CardRemoved))
        );
    }
}
