//! The stage of a demo: its folder, keys, ledger and cards, and what is done with them.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use negin_eid::piv::{FingerReference, Pin};
use negin_firmware_sim::card::{BlankOptions, Card};
use negin_issuance::deliver::{Delivered, Delivery, Look, Way, deliver};
use negin_issuance::entering::{Entered, enter};
use negin_issuance::order::{Entry, Order};
use negin_issuance::personalise::{Personalised, Progress, Task, personalise};
use negin_issuance::profile::Profile;
use negin_issuance::record::Record;
use negin_issuance::record::calendar::Date;
use negin_keystore::OfficeCode;
use negin_ledger::{Draft, Event, Ledger, RecordId, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use super::citizens::{Citizen, IMPRESSIONS};
use super::counter::Counter;
use super::evidence::Probe;
use super::tray::Tray;
use crate::commands::{self, OpenSeat};
use crate::output::Exit;
use crate::problem::Problem;

/// The ledger's file.
pub const LEDGER: &str = "ledger.sqlite";
const KEYS: &str = "keys.json";

/// What a demo makes in its folder: folders…
pub const FOLDERS: [&str; 2] = ["order", "cards"];
/// …and files.
pub const FILES: [&str; 8] = [
    LEDGER,
    "ledger.sqlite-wal",
    "ledger.sqlite-shm",
    KEYS,
    "keys.pem",
    "keys.officer-1.share",
    "keys.officer-2.share",
    "report.html",
];

/// Where in its life something stood, and since when.
#[derive(Debug, Clone)]
pub struct Reached {
    /// Whose state: the card's, PIV's, the ledger's.
    pub lane: crate::report::Lane,
    /// The state.
    pub state: &'static str,
    /// When.
    pub when: Timestamp,
}

/// One card's way through the demo.
pub struct Story {
    /// The record's name.
    pub id: RecordId,
    /// The record.
    pub record: Record,
    /// Where it lies.
    pub entry: Entry,
    /// The card's state file.
    pub file: PathBuf,
    /// What was written.
    pub personalised: Option<Personalised>,
    /// What was delivered.
    pub delivered: Option<Delivered>,
    /// How long each step took.
    pub steps: Vec<(String, Duration)>,
    /// The states reached.
    pub states: Vec<Reached>,
    /// The finger at the counter.
    pub probe: Option<Probe>,
}

impl Story {
    /// The card's number; empty while it has none.
    pub fn number(&self) -> &str {
        self.personalised
            .as_ref()
            .map_or("", |written| written.card.number.as_str())
    }

    fn reach(&mut self, lane: crate::report::Lane, state: &'static str) {
        self.states.push(Reached {
            lane,
            state,
            when: commands::now(),
        });
    }
}

/// The stage.
pub struct Stage {
    out: PathBuf,
    seed: u64,
    /// The profile of all cards.
    pub profile: Profile,
    /// The station and the counter: one key store, one ledger file, two seats.
    pub station: OpenSeat,
    /// The office that delivers.
    pub office: OfficeCode,
    /// The readers.
    pub tray: Tray,
    /// The scanner.
    pub counter: Counter,
}

impl Stage {
    /// Makes keys, certificates and an empty ledger in `out`.
    pub fn set(
        out: &Path,
        seed: u64,
        profile: Profile,
        tray: Tray,
        counter: Counter,
    ) -> Result<Self, Problem> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let (mut keys, credentials, shares) = commands::develop(&profile, &mut rng)?;
        let file = out.join(KEYS);
        commands::write_keys(&file, &keys, &credentials, &shares)?;
        let [one, two] = &shares;
        keys.unlock_override(one, two)?;
        let ledger = commands::open_ledger(&keys, &out.join(LEDGER), commands::SEATS[0])?;
        let cards = out.join("cards");
        std::fs::create_dir_all(&cards).map_err(|error| Problem::file(&cards, &error))?;
        Ok(Self {
            out: out.to_owned(),
            seed,
            profile,
            station: OpenSeat {
                keys,
                ledger,
                credentials,
            },
            office: "office-1".parse()?,
            tray,
            counter,
        })
    }

    /// Checks the order and enters it.
    pub fn enter(&mut self, people: &[Citizen], today: Date) -> Result<Vec<Story>, Problem> {
        let order = Order::read(&self.out.join("order"));
        let report = commands::quality_control(&order, &self.profile, today);
        if let (false, Some(finding)) = (
            report.accepted,
            report
                .records
                .iter()
                .flat_map(|record| &record.findings)
                .chain(&report.findings)
                .find(|finding| finding.severity() == negin_issuance::finding::Severity::Error),
        ) {
            return Err(Problem::new(finding.key(), finding.params()).ending(Exit::InputRefused));
        }
        let entered = self.station.work(|seat, _| enter(seat, &report))?;
        let mut stories = Vec::new();
        for (index, ((id, outcome), citizen)) in entered.into_iter().zip(people).enumerate() {
            let entry = order.entries.get(index).cloned();
            if let (Entered::Queued, Some(entry)) = (outcome, entry) {
                let mut story = Story {
                    id,
                    record: citizen.record.clone(),
                    entry,
                    file: self.out.join("cards").join(format!("{}.card", index + 1)),
                    personalised: None,
                    delivered: None,
                    steps: Vec::new(),
                    states: Vec::new(),
                    probe: None,
                };
                for state in ["registered", "checked", "queued"] {
                    story.reach(crate::report::Lane::Ledger, state);
                }
                stories.push(story);
            }
        }
        Ok(stories)
    }

    /// A generator for the card with this state file.
    fn rng(&self, story: &Story, purpose: u8) -> ChaCha20Rng {
        let mut seed = [purpose; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        for (byte, name) in seed[8..].iter_mut().zip(story.id.as_str().bytes()) {
            *byte ^= name;
        }
        ChaCha20Rng::from_seed(seed)
    }

    /// A blank card from the maker, written and locked.
    pub fn personalise(&mut self, story: &mut Story) -> Result<(), Problem> {
        use crate::report::Lane;
        let mut rng = self.rng(story, 1);
        let mut chip = [0; 10];
        rng.fill_bytes(&mut chip);
        let mut options =
            BlankOptions::new(commands::maker_keys()?, chip).map_err(commands::simulated)?;
        options.pin_tries = self.profile.pin.tries;
        options.puk_tries = self.profile.puk_tries;
        options.finger_tries = self.profile.comparison_tries;
        let card = Card::blank(&options, rng).map_err(commands::simulated)?;
        story.reach(Lane::Card, "OP_READY");
        let mut laid = self.tray.lay_new(card, &story.file)?;
        let mut connection = laid.connect()?;
        let (profile, office) = (&self.profile, self.office);
        let mut times = Vec::new();
        let mut reached = Vec::new();
        let mut begun = Instant::now();
        let (id, record, entry) = (&story.id, &story.record, &story.entry);
        let written = self.station.work(|seat, credentials| {
            let task = Task {
                id,
                record,
                entry,
                profile,
                office,
                credentials,
            };
            personalise(seat, task, &mut *connection, &mut |progress| {
                match progress {
                    Progress::Started { .. } => {
                        times.push(("references and signatures".to_owned(), begun.elapsed()));
                    }
                    Progress::Begun(_) => begun = Instant::now(),
                    Progress::Done(step) => {
                        times.push((step.to_string(), begun.elapsed()));
                        reached.push((step, commands::now()));
                    }
                }
                ControlFlow::Continue(())
            })
        })?;
        for (step, when) in reached {
            use negin_issuance::personalise::Step;
            let (lane, state) = match step {
                Step::CardData => (Lane::Card, "INITIALIZED"),
                Step::Personalised => (Lane::Piv, "PERSONALISED"),
                Step::Secured => (Lane::Card, "SECURED"),
                _ => continue,
            };
            story.states.push(Reached { lane, state, when });
        }
        story.steps = times;
        story.personalised = Some(written);
        story.reach(Lane::Ledger, "written");
        Ok(())
    }

    /// The written cards leave for their office.
    pub fn ship(&mut self, stories: &mut [Story]) -> Result<(), Problem> {
        for story in stories {
            let draft = Draft::new(Event::Shipped, commands::now())
                .record(&story.id)
                .detail(json!({ "office": self.office.to_string() }));
            self.station.ledger.append(draft)?;
            story.reach(crate::report::Lane::Ledger, "shipped");
        }
        // From here on the counter writes.
        let keys = &self.station.keys;
        self.station.ledger =
            commands::open_ledger(keys, &self.out.join(LEDGER), commands::SEATS[1])?;
        Ok(())
    }

    /// The citizen at the counter.
    pub fn deliver(&mut self, story: &mut Story, citizen: &Citizen) -> Result<(), Problem> {
        use crate::report::Lane;
        let begun = Instant::now();
        let mut laid = self.tray.lay(&story.file, self.rng(story, 2))?;
        let mut connection = laid.connect()?;
        let presses = IMPRESSIONS..IMPRESSIONS + 3;
        let mut scanner = self.counter.with(&citizen.fingers[0], presses);
        let pin = Pin::new(super::PIN).map_err(negin_issuance::Error::from)?;
        let office = self.office;
        let mut probe = None;
        let delivered = self.station.work(|seat, credentials| {
            let delivery = Delivery {
                way: Way::Match {
                    office,
                    finger: FingerReference::Primary,
                    tries: 3,
                    scanner: &mut *scanner,
                },
                pin: pin.into(),
                root: credentials.root(),
            };
            deliver(seat, delivery, &mut *connection, &mut |look| {
                if let Look::Finger { image, extraction } = look {
                    probe = Some(Probe {
                        image: image.clone(),
                        extraction: extraction.clone(),
                    });
                }
            })
        });
        story.probe = probe;
        story.steps.push(("delivery".to_owned(), begun.elapsed()));
        match delivered {
            Ok(delivered) => {
                story.reach(Lane::Piv, "ACTIVATED");
                story.reach(Lane::Ledger, "delivered");
                story.delivered = Some(delivered);
                Ok(())
            }
            // The card stays locked: the table says so, and the exit code.
            Err(
                negin_issuance::Error::NotMatched { .. } | negin_issuance::Error::ComparisonBlocked,
            ) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
