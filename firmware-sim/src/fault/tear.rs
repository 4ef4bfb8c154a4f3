//! Power that goes away in the middle of a write.
//!
//! The rule: a tear happens at a write to non-volatile memory, in one of three ways, and from then on nothing answers
//! until power comes back. A page that was half programmed is unstable: until it is written whole again, each power-on
//! may find it reading as it was, as it should have become, or differently at every read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::card::nvm::{Nvm, PAGE, Page, PowerLost};

/// What the torn write leaves in its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Nothing: power went just before the write began.
    NotBegun,
    /// Unstable bytes.
    HalfProgrammed,
    /// All that was to be written; power went before the card could say so.
    CompleteUnanswered,
}

impl Way {
    /// The three ways.
    pub const ALL: [Self; 3] = [
        Self::NotBegun,
        Self::HalfProgrammed,
        Self::CompleteUnanswered,
    ];
}

/// Which write is torn, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The write's number: 0 is the next one after [`TearControl::arm`].
    pub at_write: u64,
    /// What is left of it.
    pub way: Way,
}

#[derive(Debug, Default)]
struct Shared {
    writes: u64,
    armed: Option<Cut>,
    lost: bool,
    cuts: u64,
}

/// The hand on the switch: arms a cut and counts writes, while the memory itself is inside the card.
#[derive(Debug, Clone, Default)]
pub struct TearControl(Arc<Mutex<Shared>>);

impl TearControl {
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Power will go at the write `cut` names, counted from now. Replaces a cut armed before.
    pub fn arm(&self, cut: Cut) {
        self.shared().armed = Some(cut);
    }

    /// No cut will come. Power that is gone stays gone until power-on.
    pub fn disarm(&self) {
        self.shared().armed = None;
    }

    /// Writes begun or completed so far, since the memory was wrapped; a write torn before it began is not one.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.shared().writes
    }

    /// Cuts made so far.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.shared().cuts
    }

    /// Whether power is gone.
    #[must_use]
    pub fn power_lost(&self) -> bool {
        self.shared().lost
    }
}

/// How an unstable page behaves between one power-on and the next.
#[derive(Debug, Clone, Copy)]
enum Mood {
    /// Reads as this one of what it may hold.
    Reads(usize),
    /// Every byte may differ at every read.
    Flickers,
}

struct Unstable {
    /// All it may read as: what it held before, oldest first, and what should have been written last.
    candidates: Vec<Page>,
    mood: Mood,
}

impl Unstable {
    fn draw_mood(&mut self, rng: &mut ChaCha20Rng) {
        let choice = rng.next_u32() as usize % (self.candidates.len() + 1);
        self.mood = if choice == self.candidates.len() {
            Mood::Flickers
        } else {
            Mood::Reads(choice)
        };
    }

    fn read(&self, rng: &mut ChaCha20Rng) -> Page {
        if let Mood::Reads(which) = self.mood {
            return self.candidates[which];
        }
        let mut page = [0; PAGE];
        for (at, byte) in page.iter_mut().enumerate() {
            let draw = rng.next_u32() as usize;
            *byte = if draw.is_multiple_of(16) {
                (draw >> 8) as u8
            } else {
                self.candidates[(draw >> 8) % self.candidates.len()][at]
            };
        }
        page
    }
}

/// Non-volatile memory whose power can be cut at any write.
pub struct Tear<N> {
    inner: N,
    control: TearControl,
    unstable: BTreeMap<usize, Unstable>,
    rng: ChaCha20Rng,
}

impl<N: Nvm> Tear<N> {
    /// Wraps `inner`; `seed` decides how unstable pages read.
    #[must_use]
    pub fn new(inner: N, seed: u64) -> Self {
        Self {
            inner,
            control: TearControl::default(),
            unstable: BTreeMap::new(),
            rng: ChaCha20Rng::seed_from_u64(seed),
        }
    }

    /// The switch, to keep when the memory goes into the card.
    #[must_use]
    pub fn control(&self) -> TearControl {
        self.control.clone()
    }
}

impl<N: Nvm> Nvm for Tear<N> {
    fn pages(&self) -> usize {
        self.inner.pages()
    }

    fn read(&mut self, page: usize) -> Result<Page, PowerLost> {
        if self.control.power_lost() {
            return Err(PowerLost);
        }
        match self.unstable.get(&page) {
            Some(unstable) => Ok(unstable.read(&mut self.rng)),
            None => self.inner.read(page),
        }
    }

    fn write(&mut self, page: usize, bytes: &Page) -> Result<(), PowerLost> {
        let way = {
            let mut shared = self.control.shared();
            if shared.lost {
                return Err(PowerLost);
            }
            let way = match &mut shared.armed {
                Some(cut) if cut.at_write == 0 => Some(cut.way),
                Some(cut) => {
                    cut.at_write -= 1;
                    None
                }
                None => None,
            };
            if way.is_some() {
                shared.armed = None;
                shared.lost = true;
                shared.cuts += 1;
            }
            if way != Some(Way::NotBegun) {
                shared.writes += 1;
            }
            way
        };
        match way {
            Some(Way::NotBegun) => {}
            Some(Way::HalfProgrammed) => {
                let before = self.inner.read(page)?;
                let unstable = self.unstable.entry(page).or_insert_with(|| Unstable {
                    candidates: vec![before],
                    mood: Mood::Flickers,
                });
                unstable.candidates.push(*bytes);
                unstable.draw_mood(&mut self.rng);
            }
            Some(Way::CompleteUnanswered) | None => {
                self.unstable.remove(&page);
                self.inner.write(page, bytes)?;
            }
        }
        if way.is_some() {
            Err(PowerLost)
        } else {
            Ok(())
        }
    }

    fn power_on(&mut self) {
        self.control.shared().lost = false;
        for unstable in self.unstable.values_mut() {
            unstable.draw_mood(&mut self.rng);
        }
        self.inner.power_on();
    }

    fn image(&mut self) -> Vec<u8> {
        let mut image = self.inner.image();
        for (page, unstable) in &self.unstable {
            if let Some(held) = image.chunks_exact_mut(PAGE).nth(*page) {
                held.copy_from_slice(&unstable.read(&mut self.rng));
            }
        }
        image
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::nvm::{ERASED, MemoryNvm};

    const NEW: Page = [0x5A; PAGE];

    fn torn(way: Way) -> Tear<MemoryNvm> {
        let mut nvm = Tear::new(MemoryNvm::erased(4), 1);
        nvm.write(0, &NEW).expect("power is on");
        nvm.control().arm(Cut { at_write: 1, way });
        nvm.write(1, &NEW).expect("the cut is one write later");
        assert_eq!(nvm.write(2, &NEW), Err(PowerLost));
        nvm
    }

    #[test]
    fn nothing_answers_until_power_on() {
        for way in Way::ALL {
            let mut nvm = torn(way);
            assert_eq!(nvm.read(0), Err(PowerLost));
            assert_eq!(nvm.write(0, &ERASED), Err(PowerLost));
            nvm.power_on();
            assert_eq!(nvm.read(0), Ok(NEW));
            assert_eq!(nvm.control().cuts(), 1);
        }
    }

    #[test]
    fn each_way_leaves_what_it_says() {
        let mut nvm = torn(Way::NotBegun);
        nvm.power_on();
        assert_eq!(nvm.read(2), Ok(ERASED));
        assert_eq!(nvm.control().writes(), 2);

        let mut nvm = torn(Way::CompleteUnanswered);
        nvm.power_on();
        assert_eq!(nvm.read(2), Ok(NEW));
        assert_eq!(nvm.control().writes(), 3);
    }

    #[test]
    fn a_half_programmed_page_is_unstable_until_written_again() {
        let mut nvm = torn(Way::HalfProgrammed);
        let (mut old, mut new, mut differing) = (0, 0, 0);
        for _ in 0..60 {
            nvm.power_on();
            let (first, second) = (nvm.read(2).expect("on"), nvm.read(2).expect("on"));
            old += usize::from(first == ERASED);
            new += usize::from(first == NEW);
            differing += usize::from(first != second);
        }
        assert!(
            old > 5 && new > 5 && differing > 5,
            "{old} {new} {differing}"
        );
        nvm.write(2, &NEW).expect("power is on");
        for _ in 0..20 {
            nvm.power_on();
            assert_eq!(nvm.read(2), Ok(NEW));
        }
    }
}
