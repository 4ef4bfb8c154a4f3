//! Who may do what, when: state and access, decided here and nowhere else, before a command is carried out.
//!
//! The rules, in the order of a card's life:
//! - A channel may be opened at any time with any application selected; its key version gives it a [`Role`].
//! - **Transport** replaces its own keys and looks at the card. **Issuer** manages the card and writes its applications
//!   until PIV is PERSONALISED; afterwards it writes what the renewal policy lists, blocks and unblocks.
//! - Until PIV is ACTIVATED, PIV serves others only SELECT, Discovery, BIT and the opening of a channel; all else is
//!   6985. The travel document serves nobody.
//! - **Delivery**, over a channel of level 33 with PIV selected and the card SECURED: reads the display data, compares
//!   a finger, sets the first PIN after a match, activates after match and PIN. **Override** does so without a match,
//!   and compares none. Both may ask again for the activation they made. They manage nothing.
//! - One plain CHANGE REFERENCE DATA for the first PIN is taken after a match in that selection: PIN pads speak plain.
//!   After a first PIN that came under the channel none is.
//! - From ACTIVATED on the holder rules: PIV by SP 800-73-4 Part 1 tables 2 and 4, the travel document after PIN.
//! - **Administration**, where personalisation switched it on, is the key 9B's: from ACTIVATED on, who proved to hold it
//!   in this selection writes the standard's containers and makes key pairs. References of fingers, and all that is our
//!   card's own, are not within its reach. What extends it exists where the switch says so, from ACTIVATED on; anywhere
//!   else there are no such instructions.
//! - Over the antenna nothing is verified, and only what is free there is served, but under a channel of level 33, or
//!   where PIV's secure messaging is the virtual contact interface: it opens what the contacts open, save what the
//!   standard keeps for them alone (PUK, key 9B). A finger takes secure messaging only, so does the pairing code.
//! - CARD_LOCKED leaves the security domain for unlocking; TERMINATED leaves its open data.

use negin_apdu::{Interface, StatusWord};
use negin_eid::aid::Application;
use negin_eid::gp::{ApplicationStage, ApplicationState, CardState, GpCommand, SetStatus};
use negin_eid::lds::{LdsCommand, PinVerify};
use negin_eid::piv::{
    ChangeReferenceData, Container, Extensions, KeyAccess, KeyReference, MetadataReference,
    PivCommand, PutData, ReadAccess, RenewalPolicy, Verify, VerifyAction, VerifyReference,
    YubicoCommand,
};
use negin_eid::roles::Role;
use negin_secure_channel::scp03::SecurityLevel;

use super::memory::Life;
use super::piv::Protection;
use super::request::Request;
use super::session::{Delivery, Verified};

/// All that a decision depends on.
pub(super) struct View<'a> {
    pub interface: Interface,
    pub life: Life,
    pub selected: Application,
    /// The channel under which this command came; none for a plain command.
    pub channel: Option<(Role, SecurityLevel)>,
    /// Whether the card has PIV's own secure messaging.
    pub messaging: bool,
    /// That messaging around this command.
    pub protection: Protection,
    pub verified: Verified,
    pub verified_just_now: bool,
    pub delivery: Delivery,
    pub pin_set: bool,
    /// The administration switch; `None` where it is off.
    pub administration: Option<Extensions>,
    /// Whether the key 9B was proved in this selection.
    pub administrator: bool,
    /// Whether PIN and PUK have no try left, neither of them.
    pub holder_is_locked_out: bool,
    pub policy: &'a RenewalPolicy,
}

const FORBIDDEN: Result<(), StatusWord> = Err(StatusWord::CONDITIONS_NOT_SATISFIED);
const UNAUTHORISED: Result<(), StatusWord> = Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);

/// `Ok` if it may, the status word if it may not.
fn unless(refusal: Result<(), StatusWord>, allowed: bool) -> Result<(), StatusWord> {
    if allowed { Ok(()) } else { refusal }
}

/// Whether this command may be carried out now.
///
/// # Errors
/// The status word that says why not.
pub(super) fn decide(view: &View<'_>, request: &Request) -> Result<(), StatusWord> {
    match view.life.card {
        CardState::Terminated => {
            let open = matches!(
                request,
                Request::Select {
                    application: Application::SecurityDomain,
                    ..
                } | Request::Domain(GpCommand::GetData(_))
            );
            unless(FORBIDDEN, open)?;
        }
        CardState::Locked => match request {
            Request::Select {
                application: Application::SecurityDomain,
                ..
            }
            | Request::Domain(
                GpCommand::InitializeUpdate(_)
                | GpCommand::ExternalAuthenticate(_)
                | GpCommand::GetData(_)
                | GpCommand::GetStatus(_)
                | GpCommand::SetStatus(SetStatus::Card(_)),
            ) => {}
            Request::Select { .. } => return Err(StatusWord::FUNCTION_NOT_SUPPORTED),
            _ => return FORBIDDEN,
        },
        CardState::OpReady | CardState::Initialized | CardState::Secured => {}
    }
    match request {
        Request::Select { application, .. } => unless(
            Err(StatusWord::FUNCTION_NOT_SUPPORTED),
            !view.is_locked(*application),
        ),
        Request::Domain(command) => domain(view, command),
        Request::Piv(_) | Request::Extension(_) | Request::Travel(_)
            if view.is_locked(view.selected) =>
        {
            FORBIDDEN
        }
        Request::Piv(command) => piv(view, command),
        Request::Extension(command) => extension(view, command),
        Request::Travel(command) => travel_document(view, command),
    }
}

impl View<'_> {
    fn is_locked(&self, application: Application) -> bool {
        match application {
            Application::SecurityDomain => false,
            Application::Piv => self.life.piv.locked,
            Application::TravelDocument => self.life.travel_document.locked,
        }
    }

    fn stage(&self) -> ApplicationStage {
        self.life.piv.stage
    }

    fn role(&self) -> Option<Role> {
        self.channel.map(|(role, _)| role)
    }

    /// The issuer, over a channel that keeps what is sent to itself where that is `secret`.
    fn issuer(&self, secret: bool) -> bool {
        matches!(self.channel, Some((Role::Issuer, level)) if level.c_mac() && (!secret || level.c_decryption()))
    }

    /// The role of a counter or of the centre, over the channel that deliveries take.
    fn delivering(&self) -> Option<Role> {
        self.channel
            .filter(|(role, level)| role.delivers() && *level == SecurityLevel::Full)
            .map(|(role, _)| role)
            .filter(|_| self.life.card == CardState::Secured)
    }

    /// Whether what is verified and read here passes where nobody listens: on the contacts, or enciphered both ways
    /// with somebody who may.
    fn is_private(&self) -> bool {
        self.is_on_contacts() || self.protection == Protection::VirtualContact
    }

    /// As on the contacts, the virtual ones not counted.
    fn is_on_contacts(&self) -> bool {
        let enciphered = |(_, level)| level == SecurityLevel::Full;
        self.interface == Interface::Contact || self.channel.is_some_and(enciphered)
    }
}

fn domain(view: &View<'_>, command: &GpCommand) -> Result<(), StatusWord> {
    let managing = match view.role() {
        None => UNAUTHORISED,
        Some(Role::Delivery | Role::Override) => FORBIDDEN,
        Some(Role::Transport | Role::Issuer) => Ok(()),
    };
    let open = view.stage() == ApplicationStage::Selectable;
    match command {
        GpCommand::InitializeUpdate(_) | GpCommand::ExternalAuthenticate(_) => Ok(()),
        GpCommand::GetData(_) => {
            let free = view.selected == Application::SecurityDomain
                || view.channel.is_some()
                || view.stage() == ApplicationStage::Activated;
            unless(FORBIDDEN, free)
        }
        GpCommand::GetStatus(_) => managing,
        GpCommand::PutKey(_) => {
            managing?;
            unless(FORBIDDEN, open)
        }
        GpCommand::StoreData(_) => {
            managing?;
            unless(FORBIDDEN, open && view.issuer(false))
        }
        GpCommand::SetStatus(change) => {
            managing?;
            unless(FORBIDDEN, view.issuer(false))?;
            set_status(view, change)
        }
    }
}

fn set_status(view: &View<'_>, change: &SetStatus) -> Result<(), StatusWord> {
    let (present, next, personalises) = match change {
        SetStatus::Card(next) => return unless(FORBIDDEN, view.life.card.may_become(*next)),
        SetStatus::Application(aid, next) => match Application::by_name(aid.as_bytes()) {
            Some(Application::Piv) => (view.life.piv, *next, true),
            Some(Application::TravelDocument) => (view.life.travel_document, *next, false),
            Some(Application::SecurityDomain) | None => {
                return Err(StatusWord::REFERENCE_DATA_NOT_FOUND);
            }
        },
    };
    let closes = personalises
        && present.stage == ApplicationStage::Selectable
        && next
            == ApplicationState {
                stage: ApplicationStage::Personalised,
                locked: false,
            };
    unless(FORBIDDEN, closes || present.stage == next.stage)
}

fn piv(view: &View<'_>, command: &PivCommand) -> Result<(), StatusWord> {
    match command {
        PivCommand::GetData(container) => read(view, *container),
        // A policy that lists itself is none: it cannot be written.
        PivCommand::PutData(PutData::Object { container, .. }) if administers(view) => {
            unless(UNAUTHORISED, administrable(*container))
        }
        PivCommand::PutData(PutData::Object { container, .. }) => {
            write(view, false, view.policy.renews(*container))
        }
        PivCommand::PutData(PutData::Enrol(_) | PutData::Administration(_)) => {
            write(view, true, false)
        }
        PivCommand::GenerateKeyPair(_) if administers(view) => Ok(()),
        PivCommand::GenerateKeyPair(command) => {
            write(view, false, view.policy.renews_key(command.key))
        }
        PivCommand::AuthenticateAdministrator(_) => {
            unless(FORBIDDEN, view.stage() == ApplicationStage::Activated)?;
            // Without the switch there is no key 9B.
            unless(
                Err(StatusWord::INCORRECT_P1P2),
                view.administration.is_some(),
            )?;
            unless(UNAUTHORISED, view.is_on_contacts())
        }
        PivCommand::EstablishMessaging(_) => unless(
            FORBIDDEN,
            view.stage() == ApplicationStage::Activated && view.channel.is_none(),
        ),
        PivCommand::GenerateMessagingKey(_) => write(view, false, false),
        PivCommand::Verify(command) => verify(view, command),
        PivCommand::ChangeReferenceData(command) => change(view, command),
        PivCommand::ResetRetryCounter { .. } => unless(
            FORBIDDEN,
            view.stage() == ApplicationStage::Activated && view.is_on_contacts(),
        ),
        PivCommand::GeneralAuthenticate(command) => use_key(view, command.key()),
        PivCommand::Activate(_) => activate(view),
    }
}

/// Whether this command is the administrator's: never the issuer's, whose channel has its own rules.
fn administers(view: &View<'_>) -> bool {
    view.administrator
        && view.administration.is_some()
        && view.stage() == ApplicationStage::Activated
        && view.role().is_none()
        && view.is_on_contacts()
}

/// What an administrator writes: the standard's containers, but for the Discovery Object, which says how the holder is
/// verified and is the issuer's to say.
fn administrable(container: Container) -> bool {
    container.is_standard() && container != Container::Discovery
}

/// Whether the extensions' instructions exist for this card: switched on, and alive. Else they are unknown, so that a
/// card on its way does not tell what it will be.
pub(super) fn extended(life: Life, administration: Option<Extensions>) -> bool {
    life.piv.stage == ApplicationStage::Activated && administration == Some(Extensions::Yubico)
}

/// The extensions: what is told, what is the administrator's, and the end of a card whose holder is locked out.
fn extension(view: &View<'_>, command: &YubicoCommand) -> Result<(), StatusWord> {
    match command {
        YubicoCommand::Version | YubicoCommand::Serial => Ok(()),
        // As with certificates: what tells cards apart is not told to passers-by.
        YubicoCommand::Metadata(MetadataReference::Key(key)) | YubicoCommand::Attest(key) => {
            unless(
                UNAUTHORISED,
                view.is_private() || key.access() == KeyAccess::Always,
            )
        }
        YubicoCommand::AttestationCertificate | YubicoCommand::Metadata(_) => {
            unless(UNAUTHORISED, view.is_private())
        }
        YubicoCommand::Import(_) | YubicoCommand::SetManagementKey(_) => {
            unless(UNAUTHORISED, administers(view))
        }
        YubicoCommand::SetRetries(_) => {
            unless(UNAUTHORISED, administers(view) && view.verified.pin)
        }
        YubicoCommand::Reset => {
            unless(UNAUTHORISED, view.interface == Interface::Contact)?;
            unless(FORBIDDEN, view.holder_is_locked_out)
        }
    }
}

/// Reading a container (SP 800-73-4 Part 1 table 2).
fn read(view: &View<'_>, container: Container) -> Result<(), StatusWord> {
    if matches!(
        container,
        Container::Discovery | Container::BiometricInformation
    ) {
        return Ok(());
    }
    let personalising = view.stage() == ApplicationStage::Selectable;
    if view.issuer(false) && (personalising || container.read_access() == ReadAccess::Always) {
        return Ok(());
    }
    if view.stage() != ApplicationStage::Activated {
        let delivering =
            view.stage() == ApplicationStage::Personalised && view.delivering().is_some();
        let shown = container.is_display_data()
            || matches!(
                container,
                Container::ActivationRecord | Container::PinPolicy
            );
        return unless(FORBIDDEN, delivering && shown);
    }
    if !view.is_private() {
        return unless(UNAUTHORISED, container.is_free_over_the_antenna());
    }
    unless(
        UNAUTHORISED,
        match container.read_access() {
            ReadAccess::Always => true,
            ReadAccess::Pin => view.verified.pin,
            ReadAccess::PinOrOcc => view.verified.pin || view.verified.any_finger(),
        },
    )
}

/// Writing: the issuer's, while personalising, and afterwards what is `renewable`.
fn write(view: &View<'_>, secret: bool, renewable: bool) -> Result<(), StatusWord> {
    if view.issuer(secret) {
        return unless(
            FORBIDDEN,
            renewable || view.stage() == ApplicationStage::Selectable,
        );
    }
    unless(FORBIDDEN, view.stage() == ApplicationStage::Activated)?;
    UNAUTHORISED
}

fn verify(view: &View<'_>, command: &Verify) -> Result<(), StatusWord> {
    match view.stage() {
        ApplicationStage::Selectable => FORBIDDEN,
        ApplicationStage::Personalised => {
            let compares =
                command.reference.finger().is_some() && view.delivering() == Some(Role::Delivery);
            unless(FORBIDDEN, compares)
        }
        // Logging out reveals nothing and is never refused.
        ApplicationStage::Activated
            if command.action == VerifyAction::Reset
                && command.reference != VerifyReference::PairingCode =>
        {
            Ok(())
        }
        ApplicationStage::Activated => {
            let secured = view.protection != Protection::None;
            match command.reference {
                VerifyReference::Pin => unless(FORBIDDEN, view.is_private()),
                VerifyReference::PrimaryFinger | VerifyReference::SecondaryFinger => {
                    unless(FORBIDDEN, view.is_private() || secured)
                }
                VerifyReference::PairingCode if !view.messaging => {
                    Err(StatusWord::REFERENCE_DATA_NOT_FOUND)
                }
                VerifyReference::PairingCode => unless(UNAUTHORISED, secured),
            }
        }
    }
}

fn change(view: &View<'_>, command: &ChangeReferenceData) -> Result<(), StatusWord> {
    let stage = view.stage();
    match command {
        ChangeReferenceData::Pin { .. } => unless(
            FORBIDDEN,
            stage == ApplicationStage::Activated && view.is_private(),
        ),
        ChangeReferenceData::Puk { .. } => unless(
            FORBIDDEN,
            stage == ApplicationStage::Activated && view.is_on_contacts(),
        ),
        ChangeReferenceData::FirstPuk(_) => write(view, true, false),
        ChangeReferenceData::FirstPin(_) => {
            unless(FORBIDDEN, stage == ApplicationStage::Personalised)?;
            let matched = view.delivery.matched.is_some();
            let allowed = match view.delivering() {
                Some(Role::Override) => true,
                Some(_) => matched,
                None => takes_plain_first_pin(view),
            };
            unless(FORBIDDEN, allowed)
        }
    }
}

/// Whether the one plain command of a PIN pad is due: after a match, which lasts no longer than the delivery channel it
/// was made in, and on the contacts.
fn takes_plain_first_pin(view: &View<'_>) -> bool {
    view.channel.is_none()
        && view.interface == Interface::Contact
        && view.delivery.matched.is_some()
        && !view.delivery.pin_came
}

/// Using a private key (SP 800-73-4 Part 1 table 4b).
fn use_key(view: &View<'_>, key: KeyReference) -> Result<(), StatusWord> {
    unless(FORBIDDEN, view.stage() == ApplicationStage::Activated)?;
    let verified = view.is_private() && (view.verified.pin || view.verified.any_finger());
    unless(
        UNAUTHORISED,
        match key.access() {
            KeyAccess::Always => true,
            KeyAccess::PinOrOcc => verified,
            KeyAccess::PinOrOccAlways => verified && view.verified_just_now,
        },
    )
}

fn activate(view: &View<'_>) -> Result<(), StatusWord> {
    let matched = match view.delivering() {
        Some(Role::Override) => true,
        Some(_) => view.delivery.matched.is_some(),
        None => return FORBIDDEN,
    };
    unless(
        FORBIDDEN,
        match view.stage() {
            ApplicationStage::Selectable => false,
            ApplicationStage::Personalised => matched && view.pin_set,
            // Asking again is answered with what is on record.
            ApplicationStage::Activated => true,
        },
    )
}

fn travel_document(view: &View<'_>, command: &LdsCommand) -> Result<(), StatusWord> {
    let verifies = matches!(command, LdsCommand::Verify(_));
    if view.stage() == ApplicationStage::Selectable && !verifies {
        return unless(FORBIDDEN, view.issuer(false));
    }
    unless(FORBIDDEN, view.stage() == ApplicationStage::Activated)?;
    match command {
        LdsCommand::Verify(action) => {
            unless(FORBIDDEN, view.is_private() || *action == PinVerify::Reset)
        }
        LdsCommand::SelectFile(_) | LdsCommand::ReadBinary(_) => unless(
            UNAUTHORISED,
            view.is_private() && view.verified.pin_since_power_on,
        ),
        LdsCommand::CreateFile(_) | LdsCommand::UpdateBinary(_) => FORBIDDEN,
    }
}
