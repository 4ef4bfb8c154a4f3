//! GENERAL AUTHENTICATE with the card management key 9B (NIST SP 800-73-4 Part 2 §3.2.4 and appendix A.1): an
//! administrator proves himself, or each side to the other.
//!
//! Each step is a type, so that nothing else reaches the card: it answers challenges of its own making only, and never
//! enciphers for somebody who has not proved anything (no internal authentication with 9B).

use negin_apdu::{Command, StatusWord};

use super::{GeneralAuthenticate, ManagementAlgorithm};
use crate::{Error, Secret, field};

const OBJECT: &str = "dynamic authentication template (7C)";
const WITNESS: u32 = 0x80;
const CHALLENGE: u32 = 0x81;
const RESPONSE: u32 = 0x82;

/// A step of an administrator's authentication: `00 87 <algorithm> 9B 7C {…}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticateAdministrator {
    /// The algorithm that is said to be the key's.
    pub algorithm: ManagementAlgorithm,
    /// What is asked or answered.
    pub step: AdministratorStep,
}

/// Which step it is. What is presented is secret as long as it may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdministratorStep {
    /// `81` empty: asks the card for a challenge (external authentication).
    AskChallenge,
    /// `82`: the card's challenge enciphered.
    Respond(Secret),
    /// `80` empty: asks the card for a witness, enciphered (mutual authentication).
    AskWitness,
    /// `80` and `81`: the witness deciphered, and a challenge that the card shall encipher.
    Mutual {
        /// The witness.
        witness: Secret,
        /// The host's challenge.
        challenge: Secret,
    },
}

impl AuthenticateAdministrator {
    /// The key reference.
    pub const REFERENCE: u8 = 0x9B;

    /// Whether a command is one of these steps, well-formed or not.
    #[must_use]
    pub fn is(command: &Command) -> bool {
        (command.ins, command.p2) == (GeneralAuthenticate::INS, Self::REFERENCE)
    }

    pub(super) fn parse(command: &Command) -> Result<Self, StatusWord> {
        let algorithm =
            ManagementAlgorithm::from_code(command.p1).ok_or(StatusWord::INCORRECT_P1P2)?;
        let wrong = |_| StatusWord::WRONG_DATA;
        let template = field::only(OBJECT, command.data(), 0x7C).map_err(wrong)?;
        let mut parts = [None; 3];
        for part in field::fields(OBJECT, template) {
            let (tag, value) = part.map_err(wrong)?;
            let place = match tag {
                WITNESS => &mut parts[0],
                CHALLENGE => &mut parts[1],
                RESPONSE => &mut parts[2],
                _ => return Err(StatusWord::WRONG_DATA),
            };
            if place.replace(value).is_some() {
                return Err(StatusWord::WRONG_DATA);
            }
        }
        let block = |value: &[u8]| value.len() == algorithm.block_length();
        let step = match parts {
            [None, Some([]), None] => AdministratorStep::AskChallenge,
            [None, None, Some(response)] if block(response) => {
                AdministratorStep::Respond(response.into())
            }
            [Some([]), None, None] => AdministratorStep::AskWitness,
            // Some hosts say that they expect an answer, others do not.
            [Some(witness), Some(challenge), None | Some([])]
                if block(witness) && block(challenge) =>
            {
                AdministratorStep::Mutual {
                    witness: witness.into(),
                    challenge: challenge.into(),
                }
            }
            _ => return Err(StatusWord::WRONG_DATA),
        };
        Ok(Self { algorithm, step })
    }

    pub(super) fn to_apdu(&self) -> Command {
        let mut template = Vec::with_capacity(64);
        match &self.step {
            AdministratorStep::AskChallenge => field::put(&mut template, CHALLENGE, &[]),
            AdministratorStep::Respond(response) => {
                field::put(&mut template, RESPONSE, response.expose());
            }
            AdministratorStep::AskWitness => field::put(&mut template, WITNESS, &[]),
            AdministratorStep::Mutual { witness, challenge } => {
                field::put(&mut template, WITNESS, witness.expose());
                // No empty 82 behind it, though an answer is due: the standard's example has none, and there are cards
                // that take none.
                field::put(&mut template, CHALLENGE, challenge.expose());
            }
        }
        let ins = GeneralAuthenticate::INS;
        Command::new(0x00, ins, self.algorithm.code(), Self::REFERENCE)
            .with_data(field::field(0x7C, &template))
            .with_le(256)
    }

    /// The tag of what the card answers to this step; `None` where it answers nothing.
    const fn answered(&self) -> Option<u32> {
        match self.step {
            AdministratorStep::AskChallenge => Some(CHALLENGE),
            AdministratorStep::Respond(_) => None,
            AdministratorStep::AskWitness => Some(WITNESS),
            AdministratorStep::Mutual { .. } => Some(RESPONSE),
        }
    }

    /// The card's answer around a challenge, an enciphered witness, or the host's challenge enciphered; empty where
    /// this step is answered with nothing.
    #[must_use]
    pub fn encode_answer(&self, block: &[u8]) -> Vec<u8> {
        self.answered().map_or_else(Vec::new, |tag| {
            field::field(0x7C, &field::field(tag, block))
        })
    }

    /// What is in the card's answer to this step: one block.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode_answer<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], Error> {
        let template = field::only(OBJECT, bytes, 0x7C)?;
        let tag = self
            .answered()
            .ok_or(Error::malformed(OBJECT, "an answer where none is due"))?;
        let block =
            field::find(OBJECT, template, tag)?.ok_or(Error::missing(OBJECT, "80, 81 or 82"))?;
        if block.len() == self.algorithm.block_length() {
            Ok(block)
        } else {
            Err(Error::malformed(
                OBJECT,
                "not one block of the key's algorithm",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_read_back() {
        let step = AuthenticateAdministrator {
            algorithm: ManagementAlgorithm::TripleDes,
            step: AdministratorStep::AskWitness,
        };
        let answer = step.encode_answer(&[5; 8]);
        assert_eq!(answer[..4], [0x7C, 0x0A, 0x80, 0x08]);
        assert_eq!(step.decode_answer(&answer), Ok(&[5; 8][..]));
        assert!(step.decode_answer(&step.encode_answer(&[5; 16])).is_err());
        let silent = AuthenticateAdministrator {
            step: AdministratorStep::Respond(Secret::new([1; 8])),
            ..step
        };
        assert!(silent.encode_answer(&[]).is_empty());
        assert!(silent.decode_answer(&answer).is_err());
    }
}
