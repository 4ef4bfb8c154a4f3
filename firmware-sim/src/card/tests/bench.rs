//! A bench: one card in a slot, the keys that belong to it, and a host's end of its channels.

use negin_apdu::{
    Chaining, Command, Exchange, Interface, Limits, Response, StatusWord, Transmit, TransmitError,
};
use negin_eid::aid::Application;
use negin_eid::gp::{
    ApplicationStage, ApplicationState, CardState, DataObject, GpCommand, PutKey as PutKeyCommand,
    SetStatus,
};
use negin_eid::lds::{CreateFile, FileId, LdsCommand, ReadBinary, UpdateBinary};
use negin_eid::piv::{
    ActivationRecord, Algorithm, BiometricInformationTemplate, ChangeReferenceData, Container,
    EnrolReference, FingerPosition, FingerReference, GenerateKeyPair, KeyReference, MinutiaeOrder,
    OperatorNote, Pin, PivCommand, PublicPoint, Puk, PutData, RenewalPolicy, Verify, VerifyAction,
    VerifyReference,
};
use negin_eid::roles::Role;
use negin_eid::select::SelectApplication;
use negin_secure_channel::kdf3::diversify;
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::put_key::PutKey;
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::host::{
    Handshake, InitializeUpdateResponse, Session, initialize_update,
};
use negin_secure_channel::scp03::kdf::SessionKeys;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::bus::{InProcess, SharedCard, share};
use crate::card::{BlankOptions, Card};

pub const KDD: [u8; 10] = *b"NEGIN\0\0\0\0\x07";
pub const PIN: &str = "314159";
pub const PUK: [u8; 8] = *b"27182818";
pub const NAME: &[u8] = b"\x53\x06\x01\x04Negi";
pub const FACE: &[u8] = b"\x53\x04face";

/// The keys of one card.
pub fn keys(role: Role) -> KeySet {
    let master = KeySet::of_one(&Key::new(&[role.key_version(); 16]).expect("a key"));
    if role == Role::Transport {
        master
    } else {
        diversify(&master, &KDD)
    }
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn blank_options() -> BlankOptions {
    let mut options = BlankOptions::new(keys(Role::Transport), KDD).expect("as given");
    options.pages = 256;
    options
}

/// Minutiae of a made-up finger, as compact records, and of one more impression of it.
pub fn minutiae(finger: u64, impression: u64) -> Vec<u8> {
    let mut points = rng(finger * 1000 + 17);
    let mut noise = rng(finger * 1_000_003 + impression);
    let mut bytes = Vec::new();
    for _ in 0..36 {
        let draw = points.next_u64().to_le_bytes();
        let jitter = |byte: u8| 20 + (u16::from(byte) * 200 / 255) as u8 + (impression as u8 % 8);
        let wobble = if impression == 0 {
            0
        } else {
            (noise.next_u32() % 3) as u8
        };
        let (x, y) = (jitter(draw[0]) + wobble, jitter(draw[1]));
        bytes.extend_from_slice(&[x, y, (1 + draw[2] % 2) << 6 | draw[3] & 0x3F]);
    }
    bytes
}

/// The finger enrolled under a reference, and one that is not.
pub fn enrolled_finger(reference: FingerReference) -> u64 {
    u64::from(reference.code())
}
pub const STRANGER: u64 = 5;

pub struct Bench {
    pub card: SharedCard,
    pub connection: InProcess,
    pub session: Option<Session>,
    /// All that went over the link, as it went; an empty entry is a reset.
    pub log: Vec<Vec<u8>>,
    rng: ChaCha20Rng,
}

struct Recorder<'a> {
    inner: &'a mut InProcess,
    log: &'a mut Vec<Vec<u8>>,
}

impl Transmit for Recorder<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        self.log.push(command.to_vec());
        self.inner.transmit(command)
    }
    fn limits(&self) -> Limits {
        self.inner.limits()
    }
    fn interface(&self) -> Interface {
        self.inner.interface()
    }
}

impl Bench {
    pub fn of(card: Card, interface: Interface, limits: Limits) -> Self {
        let card = share(card);
        let connection = InProcess::connect(card.clone(), interface, limits).expect("power");
        Self {
            card,
            connection,
            session: None,
            log: Vec::new(),
            rng: rng(99),
        }
    }

    pub fn of_connection(connection: InProcess) -> Self {
        let card = connection.slot().card().expect("a card is in");
        Self {
            card,
            connection,
            session: None,
            log: Vec::new(),
            rng: rng(98),
        }
    }

    pub fn blank() -> Self {
        let card = Card::blank(&blank_options(), rng(1)).expect("as given");
        Self::of(card, Interface::Contact, Limits::EXTENDED)
    }

    /// A card as it lies at the counter.
    pub fn personalised() -> Self {
        let mut bench = Self::blank();
        bench.personalise();
        bench
    }

    /// A card as it is in its holder's hand.
    pub fn activated() -> Self {
        let mut bench = Self::personalised();
        bench.deliver();
        bench.reset();
        bench
    }

    /// The same card in another reader, from its state.
    pub fn moved(&mut self, interface: Interface, limits: Limits) -> Self {
        let state = self.card.lock().expect("not poisoned").state_bytes();
        Self::of(
            Card::from_state_bytes(&state, rng(2)).expect("whole"),
            interface,
            limits,
        )
    }

    pub fn reset(&mut self) {
        self.session = None;
        self.log.push(Vec::new());
        self.connection.reconnect().expect("power");
    }

    /// Sends a command as it is.
    pub fn plain(&mut self, command: &Command) -> Response {
        self.try_plain(command).expect("power")
    }

    pub fn try_plain(&mut self, command: &Command) -> Result<Response, TransmitError> {
        let recorder = Recorder {
            inner: &mut self.connection,
            log: &mut self.log,
        };
        Chaining::new(recorder).exchange(command)
    }

    /// Sends a command under the open channel.
    pub fn secured(&mut self, command: &Command) -> Response {
        self.try_secured(command).expect("power")
    }

    pub fn try_secured(&mut self, command: &Command) -> Result<Response, TransmitError> {
        let session = self.session.as_mut().expect("a channel is open");
        let wrapped = session.wrap(command).expect("room");
        let answer = self.try_plain(&wrapped)?;
        Ok(self.session.as_mut().expect("open").unwrap(answer)?)
    }

    pub fn select(&mut self, application: Application) -> StatusWord {
        self.session = None;
        self.plain(&SelectApplication::new(application.aid()).to_apdu())
            .sw
    }

    pub fn piv(&mut self, command: &PivCommand) -> Response {
        self.plain(&command.to_apdu())
    }

    pub fn secured_piv(&mut self, command: &PivCommand) -> Response {
        self.secured(&command.to_apdu())
    }

    pub fn domain(&mut self, command: &GpCommand) -> Response {
        self.secured(&command.to_apdu())
    }

    /// Opens a channel with whatever is selected.
    pub fn open_at(&mut self, role: Role, level: SecurityLevel) -> Result<(), StatusWord> {
        self.open_with(role.key_version(), &keys(role), level)
    }

    pub fn open_with(
        &mut self,
        version: u8,
        keys: &KeySet,
        level: SecurityLevel,
    ) -> Result<(), StatusWord> {
        let (command, opening) = self.begin(version, keys, level)?;
        let answer = self.plain(&command);
        self.session = Some(opening.session());
        answer.ok().map(|_| ())
    }

    /// INITIALIZE UPDATE; gives EXTERNAL AUTHENTICATE to send.
    pub fn begin(
        &mut self,
        version: u8,
        keys: &KeySet,
        level: SecurityLevel,
    ) -> Result<(Command, negin_secure_channel::scp03::host::Opening), StatusWord> {
        self.session = None;
        let mut challenge = [0; 8];
        self.rng.fill_bytes(&mut challenge);
        let answer = self.plain(&initialize_update(version, &challenge)).ok()?;
        let response = InitializeUpdateResponse::parse(&answer).expect("SCP03");
        let session_keys =
            SessionKeys::derive(keys, &challenge, response.card_challenge.as_bytes());
        let authenticated = Handshake::new(&challenge, response)
            .expect("S8")
            .verify_card(session_keys)
            .expect("the card's keys");
        Ok(authenticated.external_authenticate(level).expect("offered"))
    }

    pub fn open(&mut self, role: Role) -> Result<(), StatusWord> {
        self.open_at(role, SecurityLevel::Full)
    }

    /// Selects an application and opens a channel with it selected.
    pub fn open_in(&mut self, application: Application, role: Role) {
        assert_eq!(self.select(application), StatusWord::SUCCESS);
        self.open(role).expect("the keys are the card's");
    }

    pub fn put_key(&mut self, replaces: u8, version: u8, new: &KeySet, dek: &Key) -> StatusWord {
        let put = PutKey::encode(version, new, dek);
        let command = PutKeyCommand {
            replaces,
            key_id: 1,
            multiple: true,
            data: put.data().into(),
        };
        let answer = self.domain(&GpCommand::PutKey(command));
        if answer.sw.is_success() {
            put.check(&answer.data).expect("confirmed");
        }
        answer.sw
    }

    pub fn set_card(&mut self, state: CardState) -> StatusWord {
        self.domain(&GpCommand::SetStatus(SetStatus::Card(state)))
            .sw
    }

    pub fn set_application(
        &mut self,
        application: Application,
        stage: ApplicationStage,
        locked: bool,
    ) -> StatusWord {
        let state = ApplicationState { stage, locked };
        self.domain(&GpCommand::SetStatus(SetStatus::Application(
            application.aid(),
            state,
        )))
        .sw
    }

    /// From the maker's keys to a card that waits for its holder.
    pub fn personalise(&mut self) {
        self.exchange_keys();
        self.write();
        self.personalise_rest();
    }

    /// All that personalisation writes, over the issuer's channel.
    pub fn write(&mut self) {
        self.open_in(Application::Piv, Role::Issuer);
        let done = StatusWord::SUCCESS;
        for reference in FingerReference::ALL {
            assert_eq!(self.secured_piv(&enrol(reference)).sw, done);
        }
        for key in KeyReference::CURRENT {
            self.generate(key);
        }
        for (container, object) in objects() {
            assert_eq!(self.put(container, &object), done, "{container:?}");
        }
        assert_eq!(self.secured_piv(&first_puk(PUK)).sw, done);
        self.open_in(Application::TravelDocument, Role::Issuer);
        self.write_files();
    }

    /// The states with which personalisation ends.
    pub fn personalise_rest(&mut self) {
        let done = StatusWord::SUCCESS;
        self.open_in(Application::SecurityDomain, Role::Issuer);
        assert_eq!(self.set_card(CardState::Initialized), done);
        assert_eq!(self.set_card(CardState::Secured), done);
        assert_eq!(
            self.set_application(Application::Piv, ApplicationStage::Personalised, false),
            done
        );
        self.session = None;
    }

    /// The maker's keys give way to the issuer's; the others are added.
    pub fn exchange_keys(&mut self) {
        let done = StatusWord::SUCCESS;
        self.open_in(Application::SecurityDomain, Role::Transport);
        assert_eq!(
            self.put_key(0xFF, 0x30, &keys(Role::Issuer), &keys(Role::Transport).dek),
            done
        );
        self.open_in(Application::SecurityDomain, Role::Issuer);
        for role in [Role::Delivery, Role::Override] {
            assert_eq!(
                self.put_key(
                    0x00,
                    role.key_version(),
                    &keys(role),
                    &keys(Role::Issuer).dek
                ),
                done
            );
        }
    }

    pub fn write_files(&mut self) {
        for (file, content) in files() {
            let size = content.len() as u16;
            assert_eq!(self.secured(&create(file, size)).sw, StatusWord::SUCCESS);
            for (at, chunk) in content.chunks(500).enumerate() {
                assert_eq!(
                    self.secured(&update(at as u16 * 500, chunk)).sw,
                    StatusWord::SUCCESS
                );
            }
        }
    }

    pub fn put(&mut self, container: Container, object: &[u8]) -> StatusWord {
        self.secured_piv(&put(container, object)).sw
    }

    pub fn generate(&mut self, key: KeyReference) -> PublicPoint {
        let answer = self.secured_piv(&generate(key));
        PublicPoint::decode(&answer.ok().expect("generated")).expect("a public key")
    }

    /// From the counter into the holder's hand.
    pub fn deliver(&mut self) -> ActivationRecord {
        self.open_in(Application::Piv, Role::Delivery);
        assert_eq!(
            self.secured_piv(&genuine(FingerReference::Primary)).sw,
            StatusWord::SUCCESS
        );
        assert_eq!(self.secured_piv(&first_pin(PIN)).sw, StatusWord::SUCCESS);
        let answer = self.secured_piv(&activate(b"counter 12"));
        ActivationRecord::decode(&answer.ok().expect("activated")).expect("a record")
    }

    /// The tries left, asked with an empty VERIFY after selecting PIV.
    pub fn tries(&mut self, reference: VerifyReference) -> Option<u8> {
        self.piv(&status(reference)).sw.retries()
    }

    /// The tries left in a locked card, as a counter can ask them.
    pub fn tries_at_counter(&mut self, reference: FingerReference) -> Option<u8> {
        self.open_in(Application::Piv, Role::Delivery);
        self.secured_piv(&status(reference.verify())).sw.retries()
    }

    pub fn stage(&mut self) -> ApplicationStage {
        self.open_in(Application::SecurityDomain, Role::Issuer);
        let answer = self.domain(&GpCommand::GetStatus(
            negin_eid::gp::StatusSubset::Applications,
        ));
        let entries = negin_eid::gp::StatusEntry::decode_all(&answer.data).expect("entries");
        ApplicationState::from_code(entries[0].state)
            .expect("a state")
            .stage
    }
}

pub fn verify(reference: VerifyReference, action: VerifyAction) -> PivCommand {
    PivCommand::Verify(Verify { reference, action })
}
pub fn status(reference: VerifyReference) -> PivCommand {
    verify(reference, VerifyAction::Status)
}
pub fn log_out(reference: VerifyReference) -> PivCommand {
    verify(reference, VerifyAction::Reset)
}
pub fn pin(digits: &str) -> PivCommand {
    verify(
        VerifyReference::Pin,
        VerifyAction::Pin(Pin::new(digits).expect("digits")),
    )
}
/// Another impression of the finger enrolled.
pub fn genuine(reference: FingerReference) -> PivCommand {
    verify(
        reference.verify(),
        VerifyAction::Minutiae(minutiae(enrolled_finger(reference), 1).into()),
    )
}
/// Somebody else's finger.
pub fn impostor(reference: FingerReference) -> PivCommand {
    verify(
        reference.verify(),
        VerifyAction::Minutiae(minutiae(STRANGER, 0).into()),
    )
}
pub fn first_pin(digits: &str) -> PivCommand {
    PivCommand::ChangeReferenceData(ChangeReferenceData::FirstPin(
        Pin::new(digits).expect("digits"),
    ))
}
pub fn first_puk(puk: [u8; 8]) -> PivCommand {
    PivCommand::ChangeReferenceData(ChangeReferenceData::FirstPuk(Puk::new(puk)))
}
pub fn change_pin(old: &str, new: &str) -> PivCommand {
    let padded = |digits: &str| Pin::new(digits).expect("digits");
    let old = padded(old).padded()[..].into();
    PivCommand::ChangeReferenceData(ChangeReferenceData::Pin {
        old,
        new: padded(new),
    })
}
pub fn unblock(puk: [u8; 8], digits: &str) -> PivCommand {
    PivCommand::ResetRetryCounter {
        puk: Puk::new(puk),
        pin: Pin::new(digits).expect("digits"),
    }
}
pub fn activate(note: &[u8]) -> PivCommand {
    PivCommand::Activate(OperatorNote::new(note).expect("short"))
}
pub fn get(container: Container) -> PivCommand {
    PivCommand::GetData(container)
}
pub fn put(container: Container, object: &[u8]) -> PivCommand {
    PivCommand::PutData(PutData::Object {
        container,
        object: object.to_vec(),
    })
}
pub fn generate(key: KeyReference) -> PivCommand {
    PivCommand::GenerateKeyPair(GenerateKeyPair {
        key,
        algorithm: Algorithm::EccP256,
    })
}
pub fn enrol(reference: FingerReference) -> PivCommand {
    let position = match reference {
        FingerReference::Primary => FingerPosition::RightIndex,
        FingerReference::Secondary => FingerPosition::LeftIndex,
    };
    let template =
        BiometricInformationTemplate::new(reference, position, 12, 60, MinutiaeOrder::NONE);
    let minutiae = minutiae(enrolled_finger(reference), 0);
    PivCommand::PutData(PutData::Enrol(
        EnrolReference::new(template, minutiae).expect("well-formed"),
    ))
}
pub fn get_data(object: DataObject) -> Command {
    GpCommand::GetData(object).to_apdu()
}

/// What personalisation writes into PIV.
pub fn objects() -> Vec<(Container, Vec<u8>)> {
    let certificate = |byte| negin_eid::field::field(0x53, &[byte; 700]);
    let policy = RenewalPolicy {
        containers: vec![Container::AuthenticationCertificate],
        keys: vec![KeyReference::Authentication],
    };
    vec![
        (Container::Chuid, b"\x53\x02id".to_vec()),
        (Container::CardCapability, b"\x53\x02cc".to_vec()),
        (Container::AuthenticationCertificate, certificate(0x9A)),
        (Container::SignatureCertificate, certificate(0x9C)),
        (Container::KeyManagementCertificate, certificate(0x9D)),
        (Container::CardAuthenticationCertificate, certificate(0x9E)),
        (Container::PrintedInformation, NAME.to_vec()),
        (Container::FacialImage, FACE.to_vec()),
        (Container::Fingerprints, b"\x53\x02fp".to_vec()),
        (Container::RenewalPolicy, policy.encode()),
    ]
}

/// What personalisation writes into the travel document.
pub fn files() -> Vec<(FileId, Vec<u8>)> {
    let picture = (0..1800u32).map(|n| n as u8).collect();
    vec![
        (FileId::Com, vec![0x60; 22]),
        (FileId::Dg1, vec![0x61; 95]),
        (FileId::Dg2, picture),
    ]
}
pub fn create(file: FileId, size: u16) -> Command {
    LdsCommand::CreateFile(CreateFile { file, size }).to_apdu()
}
pub fn update(offset: u16, data: &[u8]) -> Command {
    LdsCommand::UpdateBinary(UpdateBinary {
        offset,
        data: data.to_vec(),
    })
    .to_apdu()
}
pub fn read(file: Option<FileId>, offset: u16, length: u32) -> Command {
    LdsCommand::ReadBinary(ReadBinary {
        file,
        offset,
        length,
    })
    .to_apdu()
}
pub fn select_file(file: FileId) -> Command {
    LdsCommand::SelectFile(file).to_apdu()
}
