//! The state of a record, from its entries.
//!
//! Each entry of a record names the entries of that record its writer had seen last. Where two seats wrote without knowing
//! of each other, the record has two ends; of their states the greater one ([`State`]'s order) holds, until an entry that
//! follows both. That depends on the entries alone, so every ledger that holds them says the same.

use std::collections::HashMap;

use crate::{CardRef, Digest, Entry, Event, State};

/// Where a record stands after an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Where a blocked record returns to.
    pub resume: Option<State>,
    /// Its card, once written.
    pub card: Option<CardRef>,
}

/// Why an entry cannot be part of its record's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HistoryFault {
    /// It follows an entry that is not there.
    Unseen,
    /// It cannot follow that state.
    Transition { from: Option<State> },
    /// It names another card, or none where it must.
    Card,
}

/// A record's entries, as far as its state needs them. Feed them causes first.
#[derive(Clone, Debug, Default)]
pub struct History {
    statuses: HashMap<Digest, Status>,
    ends: Vec<Digest>,
}

impl History {
    /// The record's last entries, sorted: one, or several written by seats that did not know of each other.
    #[must_use]
    pub fn ends(&self) -> &[Digest] {
        &self.ends
    }

    /// Where the record stands; `None` before its first entry.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.merged(&self.ends).flatten()
    }

    /// Adds an entry that follows only such as were added.
    pub(crate) fn add(&mut self, entry: &Entry) -> Result<(), HistoryFault> {
        let before = self.merged(&entry.after).ok_or(HistoryFault::Unseen)?;
        let status = Self::step(before, entry.event, entry.card().as_ref())?;
        self.statuses.insert(entry.hash, status);
        self.ends.retain(|end| !entry.after.contains(end));
        self.ends.push(entry.hash);
        self.ends.sort_unstable();
        Ok(())
    }

    /// What `event` would make of the record as it stands.
    pub(crate) fn try_next(
        &self,
        event: Event,
        card: Option<&CardRef>,
    ) -> Result<Status, HistoryFault> {
        Self::step(self.status(), event, card)
    }

    fn step(
        before: Option<Status>,
        event: Event,
        card: Option<&CardRef>,
    ) -> Result<Status, HistoryFault> {
        let from = before.as_ref().map(|status| status.state);
        let resume = before.as_ref().and_then(|status| status.resume);
        let state = State::next(from, resume, event).ok_or(HistoryFault::Transition { from })?;
        let held = before.and_then(|status| status.card);
        let card = match (event, held, card) {
            (Event::Written, _, Some(card)) => Some(card.clone()),
            (Event::Written, _, None) => return Err(HistoryFault::Card),
            (_, Some(held), Some(card)) if held != *card => return Err(HistoryFault::Card),
            (Event::Queued | Event::Registered, _, _) => None,
            (_, held, _) => held,
        };
        let resume = match event {
            Event::Blocked => from,
            Event::Noted => resume,
            _ => None,
        };
        Ok(Status {
            state,
            resume,
            card,
        })
    }

    /// The status after all of `ends` together: `None` where one of them is unknown, `Some(None)` after none.
    fn merged(&self, ends: &[Digest]) -> Option<Option<Status>> {
        let statuses: Option<Vec<_>> = ends
            .iter()
            .map(|end| Some((self.statuses.get(end)?, end)))
            .collect();
        let statuses = statuses?;
        let Some((greatest, _)) = statuses
            .iter()
            .max_by_key(|(status, end)| (status.state, **end))
        else {
            return Some(None);
        };
        let mut merged = (*greatest).clone();
        if merged.state == State::Blocked {
            let open = |status: &Status| {
                if status.state == State::Blocked {
                    status.resume
                } else {
                    Some(status.state)
                }
            };
            merged.resume = statuses.iter().filter_map(|(status, _)| open(status)).max();
        }
        Some(Some(merged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChipId, SealBytes, Timestamp};

    fn entry(id: u8, event: Event, after: &[u8]) -> Entry {
        let card = matches!(event, Event::Written);
        Entry {
            seat: "s".parse().unwrap(),
            number: u64::from(id),
            time: Timestamp::from_unix_millis(0),
            event,
            record: Some("r".parse().unwrap()),
            card_number: card.then(|| "C1".parse().unwrap()),
            chip: card.then(|| ChipId::new(&[1; 10]).unwrap()),
            citizen: None,
            after: after.iter().map(|&id| Digest::from([id; 32])).collect(),
            detail: "{}".to_owned(),
            previous: Digest::from([0; 32]),
            hash: Digest::from([id; 32]),
            signature: SealBytes::from([0; 64]),
        }
    }

    fn shipped() -> History {
        let mut history = History::default();
        let way = [
            Event::Registered,
            Event::Checked,
            Event::Queued,
            Event::Written,
            Event::Shipped,
        ];
        for (at, event) in (1u8..).zip(way) {
            let after: Vec<u8> = (at > 1).then_some(at - 1).into_iter().collect();
            history.add(&entry(at, event, &after)).unwrap();
        }
        history
    }

    #[test]
    fn two_seats_apart_give_one_state_whatever_comes_first() {
        let (delivered, blocked) = (
            entry(10, Event::Delivered, &[5]),
            entry(11, Event::Blocked, &[5]),
        );
        for pair in [[&delivered, &blocked], [&blocked, &delivered]] {
            let mut history = shipped();
            for entry in pair {
                history.add(entry).unwrap();
            }
            let status = history.status().unwrap();
            assert_eq!(
                (status.state, status.resume),
                (State::Blocked, Some(State::Delivered))
            );
            assert_eq!(history.ends().len(), 2);
            history
                .add(&entry(12, Event::Unblocked, &[10, 11]))
                .unwrap();
            assert_eq!(history.status().unwrap().state, State::Delivered);
            assert_eq!(history.ends().len(), 1);
        }
    }

    #[test]
    fn an_entry_needs_its_causes_and_its_card() {
        let mut history = shipped();
        assert_eq!(
            history.add(&entry(9, Event::Delivered, &[77])),
            Err(HistoryFault::Unseen)
        );
        let mut other = entry(9, Event::Delivered, &[5]);
        other.card_number = Some("C2".parse().unwrap());
        other.chip = Some(ChipId::new(&[2; 10]).unwrap());
        assert_eq!(history.add(&other), Err(HistoryFault::Card));
        assert_eq!(
            history.add(&entry(9, Event::Checked, &[5])),
            Err(HistoryFault::Transition {
                from: Some(State::Shipped)
            })
        );
        assert_eq!(
            history.status().unwrap().card.unwrap().number.as_str(),
            "C1"
        );
    }

    #[test]
    fn a_note_keeps_a_block_and_its_way_back() {
        let mut history = shipped();
        history.add(&entry(6, Event::Blocked, &[5])).unwrap();
        history.add(&entry(7, Event::Noted, &[6])).unwrap();
        history.add(&entry(8, Event::Unblocked, &[7])).unwrap();
        assert_eq!(history.status().unwrap().state, State::Shipped);
    }
}
