//! The card operating system: power, the way of a command through the card, and what is asked on that way.
//!
//! The way: link (chains, waiting answers) → class byte and secure messaging → bytes into a typed command →
//! [`access`](super::access) decides → the application carries it out → secure messaging → link. Each command is
//! carried out whole, with all it changes committed, before its answer leaves; or power went, and there is none.

use negin_apdu::{Command, Interface, Response, StatusWord, ins};
use negin_eid::aid::Application;
use negin_eid::field;
use negin_eid::gp::{CardState, GpCommand};
use negin_eid::piv::{
    Algorithm, CIPHER_SUITE_2, ChangeReferenceData, Extensions, PivCommand, PropertyTemplate,
    RenewalPolicy,
};
use negin_eid::roles::Role;
use negin_eid::select::SelectApplication;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::access::{self, View};
use super::blank::answer_to_reset;
use super::fault::Fault;
use super::link::Incoming;
use super::memory::{Guarded, Life, Memory, id};
use super::nvm::{Nvm, PowerLost};
use super::piv::KEY_PAIR_ALGORITHMS;
use super::piv::SECURED;
use super::request::Request;
use super::session::Session;

/// A card. It lives in its memory; between power-on and power-off it also has a session.
pub struct Card {
    pub(super) memory: Memory,
    /// Drawn from while there is power; made anew at power-on from `entropy` and the state of memory.
    pub(super) rng: ChaCha20Rng,
    entropy: ChaCha20Rng,
    session: Option<Box<Session>>,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Card({})",
            if self.session.is_some() { "on" } else { "off" }
        )
    }
}

impl Card {
    pub(super) fn over(memory: Memory, entropy: ChaCha20Rng) -> Self {
        Self {
            memory,
            rng: entropy.clone(),
            entropy,
            session: None,
        }
    }

    /// The card that this memory holds, without power; [`Card::blank_in`] makes a new one there. What it draws comes
    /// from `entropy`. Memory that holds no card makes one that stays mute.
    #[must_use]
    pub fn new(nvm: Box<dyn Nvm + Send>, entropy: ChaCha20Rng) -> Self {
        Self::over(Memory::over(nvm), entropy)
    }

    /// Gives the card power, or resets it: what was selected, opened and verified is forgotten. Returns the answer to
    /// reset.
    ///
    /// # Errors
    /// [`PowerLost`] where power goes again at once, or where memory holds no card: it stays mute.
    pub fn power_on(&mut self, interface: Interface) -> Result<Vec<u8>, PowerLost> {
        self.power_off();
        self.memory.power_on().map_err(|_| PowerLost)?;
        self.reseed().map_err(|_| PowerLost)?;
        let atr = answer_to_reset(interface).map_err(|_| PowerLost)?;
        self.session = Some(Box::new(Session::new(interface)));
        Ok(atr.as_bytes().to_vec())
    }

    /// Takes power away.
    pub fn power_off(&mut self) {
        self.session = None;
        self.memory.power_off();
    }

    /// Whether the card has power.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.session.is_some()
    }

    /// Challenges and keys must not come again when the same state is loaded with the same seed and has gone on since.
    fn reseed(&mut self) -> Result<(), Fault> {
        let mut seed = Zeroizing::new([0; 32]);
        self.entropy.fill_bytes(&mut *seed);
        let digest = Sha256::new()
            .chain_update(*seed)
            .chain_update(self.memory.chip()?.kdd)
            .chain_update(self.memory.sequence()?.to_be_bytes())
            .finalize();
        seed.copy_from_slice(&digest);
        self.rng = ChaCha20Rng::from_seed(*seed);
        Ok(())
    }

    /// Carries out a command APDU and gives the response APDU.
    ///
    /// # Errors
    /// [`PowerLost`] where the card has no power, or loses it on the way: it answers nothing until
    /// [`Card::power_on`].
    pub fn process(&mut self, command: &[u8]) -> Result<Vec<u8>, PowerLost> {
        let mut session = self.session.take().ok_or(PowerLost)?;
        let answered = match Command::parse(command) {
            Ok(command) => self.receive(&mut session, command),
            Err(_) => {
                session.command += 1;
                Ok(Response::status(StatusWord::WRONG_LENGTH))
            }
        };
        match answered {
            Ok(response) => {
                self.session = Some(session);
                Ok(response.to_bytes())
            }
            Err(lost) => {
                self.power_off();
                Err(lost)
            }
        }
    }

    fn receive(&mut self, session: &mut Session, command: Command) -> Result<Response, PowerLost> {
        if let Err(sw) = class(command.cla) {
            session.command += 1;
            return Ok(Response::status(sw));
        }
        let command = match session.link.receive(command) {
            Incoming::Answered(response) => return Ok(response),
            Incoming::Whole(command) => command,
        };
        session.command += 1;
        let ne = command.le();
        let response = match self.unwrap_and_execute(session, &command) {
            Ok(response) => response,
            Err(Fault::Status(sw)) => Response::status(sw),
            Err(Fault::PowerLost) => return Err(PowerLost),
        };
        Ok(session.link.send(response, ne))
    }

    /// Class byte and secure messaging, around [`Card::execute`].
    fn unwrap_and_execute(
        &mut self,
        session: &mut Session,
        command: &Command,
    ) -> Result<Response, Fault> {
        if command.cla == SECURED {
            session.opening = None;
            return self.execute_secured(session, command);
        }
        let secured = command.cla & 0x04 != 0;
        let authenticates =
            secured && command.ins == ins::EXTERNAL_AUTHENTICATE && session.opening.is_some();
        if authenticates {
            self.permit(session, &Request::Domain(GpCommand::parse(command)?), None)?;
            return self.authenticate(session, command);
        }
        // EXTERNAL AUTHENTICATE follows INITIALIZE UPDATE at once, or not at all.
        session.opening = None;
        if !secured {
            return self.execute_plain(session, command);
        }
        let Some(mut channel) = session.channel.take() else {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into());
        };
        let plain = match channel.messaging.unwrap(command) {
            Ok(plain) => plain,
            Err(error) => {
                session.end_channel();
                return Err(error.status().into());
            }
        };
        let level = channel.messaging.level();
        let role = channel.role;
        session.channel = Some(channel);
        let answered = self.execute(session, &plain, Some((role, level)));
        let response = match answered {
            Ok(response) => response,
            Err(Fault::Status(sw)) => Response::status(sw),
            Err(Fault::PowerLost) => return Err(Fault::PowerLost),
        };
        // Where the command itself ended the channel, its answer goes plain.
        Ok(match &session.channel {
            Some(channel) => channel.messaging.wrap(response),
            None => response,
        })
    }

    /// A plain command: where a channel is open, only what opens or selects anew, and the one command of a PIN pad.
    /// Anything else ends the channel.
    fn execute_plain(
        &mut self,
        session: &mut Session,
        command: &Command,
    ) -> Result<Response, Fault> {
        let first_pin = |command: &Command| {
            matches!(
                PivCommand::parse(command),
                Ok(PivCommand::ChangeReferenceData(
                    ChangeReferenceData::FirstPin(_)
                ))
            )
        };
        let harmless = SelectApplication::is(command)
            || (command.cla == 0x80 && command.ins == ins::INITIALIZE_UPDATE)
            || (session.selected == Application::Piv
                && session.delivery.matched.is_some()
                && first_pin(command));
        if session.channel.is_some() && !harmless {
            session.end_channel();
            return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED.into());
        }
        self.execute(session, command, None)
    }

    /// Bytes into a typed command, the decision, the execution.
    pub(super) fn execute(
        &mut self,
        session: &mut Session,
        command: &Command,
        channel: Under,
    ) -> Result<Response, Fault> {
        let extended = Request::may_be_extension(session.selected, command)
            && access::extended(self.memory.life()?, self.administration()?);
        let request = Request::parse(session.selected, command, extended)?;
        self.permit(session, &request, channel)?;
        self.carry_out(session, request)
    }

    fn permit(
        &mut self,
        session: &Session,
        request: &Request,
        channel: Under,
    ) -> Result<(), Fault> {
        let life = self.memory.life()?;
        let renews =
            matches!(channel, Some((Role::Issuer, _))) && matches!(request, Request::Piv(_));
        let policy = if renews {
            self.renewal_policy()?
        } else {
            RenewalPolicy::default()
        };
        let (administration, holder_is_locked_out) = match request {
            Request::Piv(_) | Request::Extension(_) => {
                (self.administration()?, self.holder_is_locked_out()?)
            }
            Request::Select { .. } | Request::Domain(_) | Request::Travel(_) => (None, false),
        };
        let view = View {
            interface: session.interface,
            life,
            selected: session.selected,
            channel,
            verified: session.verified,
            verified_just_now: session.verified_just_now(),
            messaging: self.has_messaging()?,
            protection: self.protection(session)?,
            delivery: session.delivery,
            pin_set: self.memory.contains(id::PIN)?,
            administration,
            administrator: session.administrator.is_proved(),
            holder_is_locked_out,
            policy: &policy,
        };
        Ok(access::decide(&view, request)?)
    }

    fn administration(&mut self) -> Result<Option<Extensions>, Fault> {
        let switch = self.memory.administration()?;
        Ok(switch.map(|administration| administration.extensions))
    }

    /// Whether PIN and PUK have no try left, neither of them.
    fn holder_is_locked_out(&mut self) -> Result<bool, Fault> {
        Ok(self.memory.tries_of(Guarded::Pin)? == 0 && self.memory.tries_of(Guarded::Puk)? == 0)
    }

    fn carry_out(&mut self, session: &mut Session, request: Request) -> Result<Response, Fault> {
        match request {
            Request::Select {
                application,
                silent,
            } => {
                let life = self.memory.life()?;
                session.select(application);
                let mut answer = selected(application, life, self.has_messaging()?);
                if silent {
                    answer.data.clear();
                }
                Ok(answer)
            }
            Request::Domain(command) => self.domain(session, command),
            Request::Piv(command) => self.piv(session, command),
            Request::Extension(command) => self.extension(session, command),
            Request::Travel(request) => self.travel(session, request),
        }
    }
}

/// The channel a command came under.
type Under = Option<(Role, negin_secure_channel::scp03::SecurityLevel)>;

/// Which class bytes are ours: interindustry and GlobalPlatform on the basic logical channel, plain or under the
/// security domain's secure messaging (04) or PIV's (0C); the bit of chaining aside.
fn class(cla: u8) -> Result<(), StatusWord> {
    match cla & !0x10 {
        _ if cla == 0xFF => Err(StatusWord::CLA_NOT_SUPPORTED),
        0x00 | 0x04 | SECURED | 0x80 | 0x84 => Ok(()),
        0x08 | 0x88 | 0x8C => Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
        0x01..=0x0F | 0x40..=0x7F | 0x81..=0x8F | 0xC0..=0xFE => {
            Err(StatusWord::LOGICAL_CHANNEL_NOT_SUPPORTED)
        }
        _ => Err(StatusWord::CLA_NOT_SUPPORTED),
    }
}

/// What SELECT answers: PIV's application property template; for the others file control information with their name,
/// the security domain's with the longest data it takes (GlobalPlatform §11.9.3.1).
fn selected(application: Application, life: Life, messaging: bool) -> Response {
    let data = match application {
        Application::Piv => PropertyTemplate {
            label: "Negin".into(),
            algorithms: KEY_PAIR_ALGORITHMS
                .into_iter()
                .map(Algorithm::code)
                .chain(messaging.then_some(CIPHER_SUITE_2))
                .collect(),
        }
        .encode(),
        Application::SecurityDomain | Application::TravelDocument => {
            let mut value = field::field(0x84, application.aid().as_bytes());
            if application == Application::SecurityDomain {
                field::put(&mut value, 0xA5, &field::field(0x9F65, &[0x01, 0xFF]));
            }
            field::field(0x6F, &value)
        }
    };
    let locked = matches!(life.card, CardState::Locked | CardState::Terminated);
    let sw = if locked {
        StatusWord::SELECTED_FILE_INVALIDATED
    } else {
        StatusWord::SUCCESS
    };
    Response::new(data, sw)
}
