//! Where the holder's PIN comes from, and how it gets to the card.

use negin_apdu::pin_pad::{PinFormat, PinModify, PinPad, PinPadError, PinVerify, Prompts};
use negin_apdu::{StatusWord, Transmit};
use negin_card::{Piv, Verification};
use negin_eid::piv::{Pin, PinPolicy, VerifyReference};

use super::Look;
use crate::Error;

/// PIV's PIN: ASCII digits, as many as the card's policy says, padded with FF to eight bytes (SP 800-73-4 Part 2
/// section 2.4.3).
const fn format(policy: PinPolicy) -> PinFormat {
    PinFormat {
        min: policy.fewest(),
        max: policy.most(),
        block: 8,
        padding: 0xFF,
    }
}
/// How often a PIN that was mistyped, or not typed at all, is asked for.
const ENTRIES: u8 = 3;

/// Where the holder's PIN comes from.
pub enum PinSource<'a> {
    /// The holder chose it, and somebody told it to this program.
    Told(Pin),
    /// The holder enters it at the reader's own keys, and this machine never learns it. The pad speaks to the very card
    /// that is delivered. Not for an override: the card takes a plain first PIN only after a match.
    Pad {
        /// The keys.
        pad: &'a mut dyn PinPad,
        /// What they show.
        prompts: Prompts,
    },
}

impl From<Pin> for PinSource<'_> {
    fn from(pin: Pin) -> Self {
        Self::Told(pin)
    }
}

impl PinSource<'_> {
    /// The card's first PIN: over the channel, or in plain from the pad.
    pub(super) fn set_first<T: Transmit>(
        &mut self,
        piv: &mut Piv<T>,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<(), Error> {
        let policy = piv.pin_policy()?;
        match self {
            Self::Told(pin) if policy.allows(pin) => Ok(piv.set_first_pin(pin.clone())?),
            Self::Told(_) => Err(negin_card::Error::PinPolicy {
                fewest: policy.fewest(),
                most: policy.most(),
            }
            .into()),
            Self::Pad { pad, prompts } => {
                let ask = PinModify {
                    reference: VerifyReference::Pin.code(),
                    replaces: false,
                    format: format(policy),
                    prompts: *prompts,
                };
                match entered(look, || pad.modify(&ask))? {
                    StatusWord::SUCCESS => Ok(()),
                    sw => Err(negin_card::Error::Refused {
                        instruction: "CHANGE REFERENCE DATA",
                        sw,
                    }
                    .into()),
                }
            }
        }
    }

    /// Shows the card the PIN.
    pub(super) fn verify<T: Transmit>(
        &mut self,
        piv: &mut Piv<T>,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<Verification, Error> {
        match self {
            Self::Told(pin) => Ok(piv.verify_pin(pin.clone())?),
            Self::Pad { pad, prompts } => {
                let ask = PinVerify {
                    reference: VerifyReference::Pin.code(),
                    format: format(PinPolicy::default()),
                    prompts: *prompts,
                };
                let sw = entered(look, || pad.verify(&ask))?;
                match sw.retries() {
                    _ if sw == StatusWord::SUCCESS => Ok(Verification::Passed),
                    _ if sw == StatusWord::AUTHENTICATION_METHOD_BLOCKED => {
                        Ok(Verification::Blocked)
                    }
                    Some(retries) => Ok(Verification::Failed { retries }),
                    None => Err(negin_card::Error::Refused {
                        instruction: "VERIFY",
                        sw,
                    }
                    .into()),
                }
            }
        }
    }
}

/// Has the holder enter a PIN, again where that was no PIN. Whoever looks on is told each time.
fn entered(
    look: &mut dyn FnMut(Look<'_>),
    mut enter: impl FnMut() -> Result<StatusWord, PinPadError>,
) -> Result<StatusWord, Error> {
    let mut again = None;
    for _ in 1..ENTRIES {
        look(Look::PinPad { again });
        match enter() {
            Err(
                error @ (PinPadError::TimedOut | PinPadError::NotConfirmed | PinPadError::Length),
            ) => again = Some(error),
            done => return Ok(done?),
        }
    }
    look(Look::PinPad { again });
    Ok(enter()?)
}
