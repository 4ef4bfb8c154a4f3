//! Where a card stands when a command meets it: which card, over which interface, what was selected, opened and
//! verified before. A standing is taken up anew in well under a millisecond.

use negin_apdu::{Command, Interface, Response, StatusWord};
use negin_eid::aid::Application;
use negin_eid::piv::{
    AdministratorStep, AuthenticateAdministrator, ManagementAlgorithm, ManagementKey, PivCommand,
};
use negin_eid::roles::Role;
use negin_eid::select::SelectApplication;
use negin_firmware_sim::card::Card;
use negin_secure_channel::challenge::ChallengeKey;
use negin_secure_channel::opacity::host::KeyEstablishment;
use negin_secure_channel::opacity::{self, ContentSigner};
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::host::{
    Handshake, InitializeUpdateResponse, Session, initialize_update,
};
use negin_secure_channel::scp03::kdf::SessionKeys;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::specimen::{Memory, Specimen};

/// What cards here draw from. Not what they were made with: a challenge would come out as the salt it once gave a PIN,
/// and be taken for it.
const SEED: u64 = 0xCA4D;

/// One step of the way to a standing. Each must succeed.
#[derive(Debug, Clone)]
pub enum Step {
    /// SELECT.
    Select(Application),
    /// A channel of this role at level 33, with what is selected.
    Channel(Role),
    /// A command, under the channel where one is open.
    Say(Command),
    /// PIV's own secure messaging, with a card whose certificate this signer issued.
    Messaging(ContentSigner),
    /// The card management key 9B proves itself.
    Administrator(ManagementKey),
}

/// A card, and what is done with it before a command meets it.
#[derive(Clone)]
pub struct Standing {
    /// For people.
    pub name: String,
    /// The card.
    pub card: Specimen,
    /// How it is spoken to.
    pub interface: Interface,
    /// The way.
    pub steps: Vec<Step>,
}

impl Standing {
    /// A standing on the contacts.
    #[must_use]
    pub fn new(name: &str, card: &Specimen, steps: impl Into<Vec<Step>>) -> Self {
        Self {
            name: name.to_owned(),
            card: card.clone(),
            interface: Interface::Contact,
            steps: steps.into(),
        }
    }

    /// The same over the antenna.
    #[must_use]
    pub fn contactless(mut self) -> Self {
        self.name.push_str(", over the antenna");
        self.interface = Interface::Contactless;
        self
    }

    /// Whether PIV's own secure messaging is open in it.
    #[must_use]
    pub fn is_under_messaging(&self) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step, Step::Messaging(_)))
    }

    /// Takes it up on a fresh copy of the card.
    #[must_use]
    pub fn take_up(&self) -> Bench {
        self.take_up_on(self.card.memory())
    }

    /// Takes it up on this memory.
    ///
    /// # Panics
    /// Where a step fails.
    #[must_use]
    pub fn take_up_on(&self, memory: Memory) -> Bench {
        let mut card = memory.card(SEED);
        card.power_on(self.interface).expect("a whole card");
        let mut bench = Bench {
            card,
            memory,
            channel: None,
            writes_when_taken_up: 0,
        };
        for step in &self.steps {
            let sw = bench.step(step);
            // A terminated card says so at SELECT.
            let told = sw == StatusWord::SELECTED_FILE_INVALIDATED;
            assert!(sw.is_success() || told, "{}: {step:?}: {sw}", self.name);
        }
        bench.writes_when_taken_up = bench.memory.writes();
        bench
    }
}

/// The host's end of what is open.
enum Channel {
    SecurityDomain(Box<Session>),
    Piv(opacity::host::Session),
}

impl Channel {
    fn wrap(&mut self, command: &Command) -> Command {
        let wrapped = match self {
            Self::SecurityDomain(session) => session.wrap(command),
            Self::Piv(session) => session.wrap(command),
        };
        wrapped.expect("room")
    }

    fn unwrap(&mut self, answer: Response) -> Option<Response> {
        let plain = match self {
            Self::SecurityDomain(session) => session.unwrap(answer),
            Self::Piv(session) => session.unwrap(&answer),
        };
        plain.ok()
    }
}

/// A card under power, and the host's end of its channel.
pub struct Bench {
    card: Card,
    /// Its memory.
    pub memory: Memory,
    channel: Option<Channel>,
    /// Writes of the memory when the standing was reached.
    pub writes_when_taken_up: u64,
}

impl Bench {
    /// Sends bytes as they are.
    pub fn raw(&mut self, command: &[u8]) -> Vec<u8> {
        self.card.process(command).expect("the card has power")
    }

    /// Gives the card power anew.
    pub fn reset(&mut self, interface: Interface) {
        self.channel = None;
        self.card.power_on(interface).expect("a whole card");
    }

    /// Sends bytes as they are and fetches the whole answer.
    pub fn whole(&mut self, command: &[u8]) -> Response {
        let first = self.raw(command);
        self.rest_of(&first)
    }

    /// The whole answer of which this is the beginning.
    pub fn rest_of(&mut self, first: &[u8]) -> Response {
        let mut answer = Response::parse(first).expect("two bytes at least");
        // The longest answer is fetched in 256 steps.
        for _ in 0..300 {
            if answer.sw.sw1() != 0x61 {
                break;
            }
            let next = self.raw(&[0x00, 0xC0, 0x00, 0x00, 0x00]);
            let next = Response::parse(&next).expect("two bytes at least");
            answer.data.extend_from_slice(&next.data);
            answer.sw = next.sw;
        }
        answer
    }

    /// Whether a channel is open, as far as the host knows.
    #[must_use]
    pub const fn is_secured(&self) -> bool {
        self.channel.is_some()
    }

    /// The bytes of a command, under the channel where one is open.
    pub fn wrap(&mut self, command: &Command) -> Vec<u8> {
        let bytes = match &mut self.channel {
            Some(channel) => channel.wrap(command).to_bytes(),
            None => command.to_bytes(),
        };
        bytes.expect("short enough")
    }

    /// Sends a command, under the channel where one is open, and fetches the whole answer. An answer that is not under
    /// the channel, though one is open, ends it for the host as well.
    pub fn say(&mut self, command: &Command) -> Response {
        let bytes = self.wrap(command);
        let answer = self.whole(&bytes);
        match &mut self.channel {
            None => answer,
            Some(channel) => match channel.unwrap(answer.clone()) {
                Some(plain) => plain,
                None => {
                    self.channel = None;
                    answer
                }
            },
        }
    }

    /// Goes a step; gives the last status word.
    pub fn step(&mut self, step: &Step) -> StatusWord {
        match step {
            Step::Select(application) => {
                self.channel = None;
                let select = SelectApplication::new(application.aid()).to_apdu();
                self.say(&select).sw
            }
            Step::Say(command) => self.say(command).sw,
            Step::Channel(role) => self.open(*role),
            Step::Messaging(signer) => self.establish(signer),
            Step::Administrator(key) => self.administrate(key),
        }
    }

    /// Key establishment with cipher suite 2 (SP 800-73-4 Part 2 §4.1).
    fn establish(&mut self, signer: &ContentSigner) -> StatusWord {
        self.channel = None;
        let mut rng = ChaCha20Rng::seed_from_u64(SEED);
        let establishment = KeyEstablishment::begin(|bytes| rng.fill_bytes(bytes));
        let establishment = establishment.expect("a key");
        let answer = self.say(&establishment.command());
        if answer.sw.is_success() {
            let established = establishment.finish(&answer.data, signer, None);
            let session = established.expect("the signer's card").session;
            self.channel = Some(Channel::Piv(session));
        }
        answer.sw
    }

    /// External authentication (SP 800-73-4 Part 2 §3.2.4).
    fn administrate(&mut self, key: &ManagementKey) -> StatusWord {
        let algorithm = key.algorithm();
        let cipher = match algorithm {
            ManagementAlgorithm::TripleDes => ChallengeKey::triple_des(key.expose()),
            _ => ChallengeKey::aes(key.expose()),
        };
        let cipher = cipher.expect("of the algorithm's length");
        let step = |step| AuthenticateAdministrator { algorithm, step };
        let said = |step: &AuthenticateAdministrator| {
            PivCommand::AuthenticateAdministrator(step.clone()).to_apdu()
        };
        let asks = step(AdministratorStep::AskChallenge);
        let answer = self.say(&said(&asks));
        if !answer.sw.is_success() {
            return answer.sw;
        }
        let challenge = asks.decode_answer(&answer.data).expect("a challenge");
        let response = cipher.encrypt(challenge).expect("a block");
        let proves = step(AdministratorStep::Respond(response.as_bytes().into()));
        self.say(&said(&proves)).sw
    }

    fn open(&mut self, role: Role) -> StatusWord {
        self.channel = None;
        let version = role.key_version();
        let keys = self.memory.key_set(version).expect("the keys");
        let challenge = *b"negin-01";
        let answer = self.say(&initialize_update(version, &challenge));
        if !answer.sw.is_success() {
            return answer.sw;
        }
        let response = InitializeUpdateResponse::parse(&answer.data).expect("SCP03");
        let session = SessionKeys::derive(&keys, &challenge, response.card_challenge.as_bytes());
        let (command, opening) = Handshake::new(&challenge, response)
            .expect("S8")
            .verify_card(session)
            .expect("the card's keys")
            .external_authenticate(SecurityLevel::Full)
            .expect("offered");
        let answer = self.say(&command);
        self.channel = Some(Channel::SecurityDomain(Box::new(opening.session())));
        answer.sw
    }
}
