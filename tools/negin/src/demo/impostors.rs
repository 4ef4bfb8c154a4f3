//! Everybody else's fingers on copies of every locked card.

use negin_card::recognise;
use negin_eid::piv::FingerReference;
use negin_firmware_sim::scanner::{ImageScanner, Press};
use negin_issuance::Error;
use negin_issuance::deliver::{Attempt, Look, compare_once};
use negin_issuance::profile::Profile;
use negin_keystore::{FileKeyStore, OfficeCode};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

use super::counter::sensor;
use super::evidence::{Probe, enrolled_minutiae, score};
use super::stage::{Stage, Story};
use super::tray::{Laid, Tray};
use crate::devices::SimScanner;
use crate::problem::Problem;
use crate::{entropy, output};

/// One foreign finger on one card.
pub struct Tried {
    /// Whose card.
    pub card: usize,
    /// Whose finger.
    pub finger_of: usize,
    /// Which of the two fingers, and the reference it was tried on.
    pub finger: usize,
    /// The score of the card's algorithm.
    pub score: u16,
    /// Whether the card refused it.
    pub refused: bool,
    /// Comparisons the card's counter had left.
    pub tries_left: Option<u8>,
}

/// The references, by finger.
pub const REFERENCES: [FingerReference; 2] = [FingerReference::Primary, FingerReference::Secondary];

/// Tries the prints of each citizen's fingers on everybody else's card, cards beside one another.
pub fn try_all(
    stage: &Stage,
    prints: &[Vec<Press>],
    stories: &[Story],
) -> Result<Vec<Tried>, Problem> {
    // The ledger stays with this thread.
    let (keys, profile, office) = (&stage.station.keys, &stage.profile, stage.office);
    let tray = &stage.tray;
    let progress = output::Progress::new(stories.len() as u64);
    let tried: Result<Vec<Vec<Tried>>, Problem> = stories
        .par_iter()
        .enumerate()
        .map(|(card, story)| {
            let all = Copies {
                keys,
                profile,
                office,
                tray,
                story,
                card,
            }
            .try_everybody(prints);
            progress.step();
            all
        })
        .collect();
    Ok(tried?.into_iter().flatten().collect())
}

/// Copies of one locked card.
struct Copies<'a> {
    keys: &'a FileKeyStore,
    profile: &'a Profile,
    office: OfficeCode,
    tray: &'a Tray,
    story: &'a Story,
    card: usize,
}

impl Copies<'_> {
    fn copy(&self) -> Result<Laid, Problem> {
        let rng = ChaCha20Rng::seed_from_u64(self.card as u64);
        self.tray.lay_copy(&self.story.file, rng)
    }

    fn try_everybody(&self, prints: &[Vec<Press>]) -> Result<Vec<Tried>, Problem> {
        let references = enrolled_minutiae(&self.story.entry, &self.story.record, self.profile)?;
        let mut copy = self.copy()?;
        let mut tried = Vec::new();
        let others = prints.iter().enumerate().filter(|(of, _)| *of != self.card);
        for (finger_of, hand) in others {
            for (finger, reference) in REFERENCES.into_iter().enumerate() {
                let Some(print) = hand.get(finger) else {
                    continue;
                };
                let mut probe = None;
                let mut attempt = self.attempt(&mut copy, print, reference, &mut probe);
                if matches!(attempt, Err(ref problem) if problem.key() == BLOCKED) {
                    drop(copy);
                    copy = self.copy()?;
                    attempt = self.attempt(&mut copy, print, reference, &mut probe);
                }
                let attempt = attempt?;
                let minutiae = references.get(finger).map_or(&[][..], |m| m.as_slice());
                let score = match &probe {
                    Some(probe) => score(minutiae, probe, self.profile),
                    None => 0,
                };
                let still_locked = self.is_locked(&mut copy)?;
                tried.push(Tried {
                    card: self.card,
                    finger_of,
                    finger,
                    score,
                    // An image the engine can make nothing of opens no card either.
                    refused: attempt != Attempt::Matched && still_locked,
                    tries_left: match attempt {
                        Attempt::Refused { tries_left } => Some(tries_left),
                        _ => None,
                    },
                });
            }
        }
        Ok(tried)
    }

    fn attempt(
        &self,
        copy: &mut Laid,
        print: &Press,
        reference: FingerReference,
        probe: &mut Option<Probe>,
    ) -> Result<Attempt, Problem> {
        let device = ImageScanner::new("counter-1", sensor(print));
        device.put(print.clone());
        let mut scanner = SimScanner::new(device);
        let mut challenge = [0; 16];
        entropy::fill(&mut challenge);
        let mut connection = copy.connect()?;
        let attempt = compare_once(
            self.keys,
            challenge,
            self.office,
            &mut *connection,
            reference,
            &mut scanner,
            &mut |look| {
                if let Look::Finger { image, extraction } = look {
                    *probe = Some(Probe {
                        image: image.clone(),
                        extraction: extraction.clone(),
                    });
                }
            },
        );
        Ok(attempt?)
    }

    fn is_locked(&self, copy: &mut Laid) -> Result<bool, Problem> {
        let mut connection = copy.connect()?;
        let found = recognise(&mut &mut *connection).map_err(Error::from)?;
        Ok(found.presence == negin_card::Presence::Issued)
    }
}

const BLOCKED: &str = "delivery.comparison-blocked";
