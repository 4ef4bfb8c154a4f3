//! The card management key 9B: an administrator proves to hold it, by external or mutual authentication (NIST SP
//! 800-73-4 Part 2 §3.2.4 and appendix A.1).
//!
//! The rules:
//! - A challenge or witness is the card's own, drawn for this one time; it is gone with the next command, whatever that
//!   is, so that nothing recorded is of use.
//! - What is compared is compared in constant time. A failure ends what was proved before.
//! - Failures are not counted. A key of the shortest kind is guessed once in 2^64 tries, and a counter would let anybody
//!   who holds the card for a minute take administration away for good.

use negin_apdu::{Response, StatusWord};
use negin_eid::piv::{
    AdministratorStep, AuthenticateAdministrator, ManagementAlgorithm, ManagementKey,
};
use negin_secure_channel::challenge::ChallengeKey;
use rand_core::Rng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::done;
use crate::card::fault::Fault;
use crate::card::session::Session;
use crate::card::system::Card;

/// How far an administrator has come, since PIV was selected.
#[derive(Default)]
pub(in crate::card) struct AdministratorSession {
    proved: bool,
    pending: Option<Pending>,
}

/// What the card has drawn and waits for, by the number of the command that asked for it.
struct Pending {
    kind: Kind,
    block: Zeroizing<Vec<u8>>,
    asked_at: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Challenge,
    Witness,
}

impl AdministratorSession {
    /// Whether the key was proved.
    pub fn is_proved(&self) -> bool {
        self.proved
    }
}

impl Card {
    /// GENERAL AUTHENTICATE with 9B.
    pub(super) fn authenticate_administrator(
        &mut self,
        session: &mut Session,
        command: AuthenticateAdministrator,
    ) -> Result<Response, Fault> {
        // Taken whatever comes: one answer for each challenge.
        let pending = session.administrator.pending.take();
        let administration = self
            .memory
            .administration()?
            .ok_or(StatusWord::INCORRECT_P1P2)?;
        if command.algorithm != administration.key.algorithm() {
            return Err(StatusWord::INCORRECT_P1P2.into());
        }
        let key = challenge_key(&administration.key)?;
        let due = |kind| {
            pending
                .as_ref()
                .filter(|pending| pending.kind == kind && pending.asked_at + 1 == session.command)
                .ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)
        };
        match &command.step {
            AdministratorStep::AskChallenge => {
                let block = self.draw(session, Kind::Challenge, key.block_length());
                Ok(answer(&command, &block))
            }
            AdministratorStep::AskWitness => {
                let block = self.draw(session, Kind::Witness, key.block_length());
                let enciphered = key.encrypt(&block).map_err(unknown)?;
                Ok(answer(&command, enciphered.as_bytes()))
            }
            AdministratorStep::Respond(response) => {
                let expected = key.encrypt(&due(Kind::Challenge)?.block).map_err(unknown)?;
                prove(session, expected.as_bytes(), response.expose())?;
                Ok(done())
            }
            AdministratorStep::Mutual { witness, challenge } => {
                let expected = due(Kind::Witness)?.block.clone();
                prove(session, &expected, witness.expose())?;
                let proof = key.encrypt(challenge.expose()).map_err(unknown)?;
                Ok(answer(&command, proof.as_bytes()))
            }
        }
    }

    /// Draws a block and waits for what answers it.
    fn draw(&mut self, session: &mut Session, kind: Kind, length: usize) -> Zeroizing<Vec<u8>> {
        let mut block = Zeroizing::new(vec![0; length]);
        self.rng.fill_bytes(&mut block);
        session.administrator.pending = Some(Pending {
            kind,
            block: block.clone(),
            asked_at: session.command,
        });
        block
    }
}

fn answer(command: &AuthenticateAdministrator, block: &[u8]) -> Response {
    Response::new(command.encode_answer(block), StatusWord::SUCCESS)
}

/// Takes the proof, or ends what was proved before.
fn prove(session: &mut Session, expected: &[u8], presented: &[u8]) -> Result<(), StatusWord> {
    session.administrator.proved = expected.ct_eq(presented).into();
    if session.administrator.proved {
        Ok(())
    } else {
        Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED)
    }
}

fn challenge_key(key: &ManagementKey) -> Result<ChallengeKey, StatusWord> {
    match key.algorithm() {
        ManagementAlgorithm::TripleDes => ChallengeKey::triple_des(key.expose()),
        ManagementAlgorithm::Aes128 | ManagementAlgorithm::Aes192 | ManagementAlgorithm::Aes256 => {
            ChallengeKey::aes(key.expose())
        }
    }
    .map_err(unknown)
}

/// Lengths were checked when the command was read and when the key was written.
fn unknown(_: negin_secure_channel::Error) -> StatusWord {
    StatusWord::UNKNOWN_ERROR
}
