//! What clients see of readers and cards.

use std::fs;
use std::time::Duration;

use negin_tests::pcsc::{say, within};
use pcsc::{Attribute, Context, Disposition, Error, Protocols, ReaderState, ShareMode, State};

use crate::support::{SELECT, connect, context, present, state, transmit, until, with_cards};

/// Waits for what comes after `before`, as a client does.
fn next(context: &Context, before: &ReaderState) -> ReaderState {
    let mut states = [ReaderState::new(before.name(), before.event_state())];
    context
        .get_status_change(Duration::from_secs(60), &mut states)
        .unwrap();
    let [state] = states;
    state
}

#[test]
fn sixteen_readers_wait_for_none_of_the_others() {
    within(
        |folder| with_cards(folder, 16),
        |_| {
            for reader in 0..16 {
                say(&format!("hold {reader}"));
            }
            std::thread::scope(|scope| {
                let clients: Vec<_> = (0..16)
                    .map(|reader| {
                        scope.spawn(move || {
                            let context = context();
                            transmit(&connect(&context, reader), &SELECT)
                        })
                    })
                    .collect();
                // Each command is at its card, though none of the sixteen was answered yet.
                let waiting = || {
                    say("list")
                        .iter()
                        .filter(|row| row.contains(" waiting=1 "))
                        .count()
                };
                until("all sixteen are at their cards", || waiting() == 16);
                for reader in (0..16).rev() {
                    say(&format!("release {reader}"));
                }
                for client in clients {
                    let answer = client.join().unwrap().unwrap();
                    assert!(answer.ends_with(&[0x90, 0x00]), "{answer:02X?}");
                }
            });
        },
    );
}

#[test]
fn apdus_are_carried_to_their_full_length() {
    within(
        |_| vec!["--echo".to_owned()],
        |_| {
            let context = context();
            // The echoing card lies in the last reader, behind an empty one.
            let card = connect(&context, 1);
            for length in [1usize, 5, 255, 256, 4096, 32_000, 65_535] {
                let data: Vec<u8> = (0..length).map(|at| (at * 7 + length) as u8).collect();
                let [high, low] = (length as u16).to_be_bytes();
                let command = [&[0x80, 0xEC, 0, 0, 0, high, low], &data[..], &[0, 0]].concat();
                let answer = transmit(&card, &command).unwrap();
                assert!(
                    answer == [&data[..], &[0x90, 0x00]].concat(),
                    "{length} bytes"
                );
            }
            // Too little room is an error that the connection survives.
            let mut little = [0; 16];
            let command = [&[0x80, 0xEC, 0, 0, 100], &[7; 100][..], &[0]].concat();
            assert_eq!(
                card.transmit(&command, &mut little),
                Err(Error::InsufficientBuffer)
            );
            assert!(transmit(&card, &command).is_ok());
        },
    );
}

#[test]
fn the_reader_tells_what_it_is() {
    within(
        |folder| with_cards(folder, 1),
        |_| {
            let context = context();
            let card = connect(&context, 0);
            assert_eq!(
                card.get_attribute_owned(Attribute::VendorName).unwrap(),
                b"Negin\0"
            );
            let atr = card.get_attribute_owned(Attribute::AtrString).unwrap();
            assert_eq!(atr, state(&context, 0).atr());
            // PC/SC part 10: features, among them the properties, among those the most that a command carries.
            let mut room = [0; 64];
            let features = card.control(pcsc::ctl_code(3400), &[], &mut room).unwrap();
            assert_eq!(features[..2], [0x12, 4]);
            let code = u32::from_be_bytes(features[2..6].try_into().unwrap());
            let mut room = [0; 64];
            let properties = card.control(code.into(), &[], &mut room).unwrap();
            let most = [&[10, 4], &65_536u32.to_le_bytes()[..]].concat();
            assert!(
                properties.windows(6).any(|window| window == most),
                "{properties:02X?}"
            );
            assert!(card.control(pcsc::ctl_code(1), &[], &mut [0; 8]).is_err());
        },
    );
}

#[test]
fn a_contactless_reader_shows_another_answer_to_reset() {
    within(
        |folder| {
            [
                with_cards(folder, 2),
                vec!["--contactless".to_owned(), "1".to_owned()],
            ]
            .concat()
        },
        |_| {
            let context = context();
            let (contact, contactless) = (state(&context, 0), state(&context, 1));
            assert_ne!(contact.atr(), contactless.atr());
            // PC/SC part 3: 3B 8n 80 01 and the historical bytes.
            assert_eq!(contactless.atr()[2..4], [0x80, 0x01]);
            assert!(
                transmit(&connect(&context, 1), &SELECT)
                    .unwrap()
                    .ends_with(&[0x90, 0x00])
            );
        },
    );
}

#[test]
fn cards_come_and_go_before_a_clients_eyes() {
    within(
        |folder| with_cards(folder, 1),
        |folder| {
            let context = context();
            let card = connect(&context, 0);
            let there = state(&context, 0);
            say("remove 0");
            let gone = next(&context, &there);
            assert!(gone.event_state().contains(State::EMPTY) && gone.atr().is_empty());
            assert_eq!(transmit(&card, &SELECT), Err(Error::RemovedCard));
            say("insert 0");
            until("the card is there again", || present(&context, 0));
            assert_eq!(
                transmit(&card, &SELECT),
                Err(Error::RemovedCard),
                "another insertion"
            );
            drop(card);

            // One card for another, at once: no client is left with a card it never connected to.
            let card = connect(&context, 0);
            let before = state(&context, 0).event_count();
            let other = folder.join("other.card");
            fs::copy(folder.join("0.card"), &other).unwrap();
            say("remove 0");
            say(&format!("insert 0 {}", other.display()));
            until("both changes were seen", || {
                state(&context, 0).event_count() == before + 2
            });
            assert_eq!(transmit(&card, &SELECT), Err(Error::RemovedCard));
            assert!(transmit(&connect(&context, 0), &SELECT).is_ok());
        },
    );
}

#[test]
fn a_reset_is_seen_by_the_others() {
    within(
        |folder| with_cards(folder, 1),
        |_| {
            let context = context();
            let mut one = connect(&context, 0);
            let mut other = connect(&context, 0);
            let reconnect = |card: &mut pcsc::Card| {
                card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard)
                    .unwrap();
            };
            reconnect(&mut one);
            assert_eq!(transmit(&other, &SELECT), Err(Error::ResetCard));
            assert!(transmit(&one, &SELECT).is_ok());
            reconnect(&mut other);
            assert!(transmit(&other, &SELECT).is_ok());
            // A card whose power was cut for a moment answers nothing until it is powered on again.
            reconnect(&mut one);
            say("reset 0");
            assert_eq!(transmit(&one, &SELECT), Err(Error::NotTransacted));
            reconnect(&mut one);
            assert!(transmit(&one, &SELECT).is_ok());
        },
    );
}
