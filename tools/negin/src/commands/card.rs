//! `negin card`: what a card tells anybody, and blank simulated cards.

use std::path::Path;

use negin_apdu::{Chaining, Transmit};
use negin_card::{Identity, Piv, Presence, SecurityDomain, Verification, recognise};
use negin_eid::field;
use negin_eid::gp::{CIN_TAG, DataObject};
use negin_eid::piv::{
    ActivationMethod, ActivationRecord, CertificateObject, Chuid, Container, KeyReference,
    VerifyReference,
};
use negin_firmware_sim::card::{BlankOptions, Card};
use negin_issuance::pki::Certificate;
use negin_reader::Connection;
use serde_json::{Value, json};

use super::App;
use super::keys::{maker_keys, system_rng};
use crate::cli::CardCommand;
use crate::output::{Exit, Style, Table, harmless, print_json};
use crate::problem::Problem;
use crate::{devices, entropy, files};

/// Runs the command.
pub fn run(command: CardCommand, app: &App) -> Result<Exit, Problem> {
    match command {
        CardCommand::Info { reader } => {
            let mut reader = devices::readers().open(&reader)?;
            let mut card = reader.connect()?;
            let info = info(&mut *card)?;
            if app.json {
                print_json(&info).map_err(|error| Problem::file(Path::new("-"), &error))?;
            } else {
                print!("{}", table(&info).render(Style::stdout()));
            }
            Ok(Exit::Done)
        }
        CardCommand::Blank { file } => {
            let mut chip = [0; 10];
            entropy::fill(&mut chip);
            let options = BlankOptions::new(maker_keys()?, chip).map_err(simulated)?;
            let mut card = Card::blank(&options, system_rng()).map_err(simulated)?;
            if file.exists() {
                let there = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
                return Err(Problem::file(&file, &there));
            }
            files::replace(&file, &card.state_bytes(), files::Access::Owner)
                .map_err(|error| Problem::file(&file, &error))?;
            if app.json {
                print_json(&json!({ "made": file, "chip": hex::encode(chip) }))
                    .map_err(|error| Problem::file(Path::new("-"), &error))?;
            } else {
                println!("{}", file.display());
            }
            Ok(Exit::Done)
        }
    }
}

/// A failure of the simulator.
pub fn simulated(error: negin_firmware_sim::Error) -> Problem {
    Problem::new(error.key(), vec![("detail", error.to_string())])
}

/// How a card came alive, in words.
pub fn way(activation: &ActivationRecord) -> String {
    match activation.method {
        ActivationMethod::Match(finger) => format!("on-card match of finger {:02X}", finger.code()),
        ActivationMethod::Override => "override by two persons".to_owned(),
    }
}

/// An activation record for scripts.
pub fn activation_json(activation: &ActivationRecord) -> Value {
    let (method, finger) = match activation.method {
        ActivationMethod::Match(finger) => ("match", Some(format!("{:02X}", finger.code()))),
        ActivationMethod::Override => ("override", None),
    };
    json!({
        "method": method,
        "finger": finger,
        "operator": String::from_utf8_lossy(activation.note.as_bytes()),
        "receipt": activation.receipt,
    })
}

fn info(connection: &mut dyn Connection) -> Result<Value, Problem> {
    let atr = hex::encode_upper(connection.atr().as_bytes());
    let mut link = Chaining::new(connection);
    let recognition = recognise(&mut link)?;
    let mut info = json!({
        "atr": atr,
        "presence": presence(recognition.presence),
    });
    if let Some(identity) = recognition.identity {
        ours(&mut info, &mut link, &identity, recognition.presence)?;
    }
    if recognition.presence == Presence::ForeignPiv {
        foreign(&mut info, &mut link)?;
    }
    Ok(info)
}

/// What another maker's PIV card tells anybody.
fn foreign(info: &mut Value, link: &mut Chaining<&mut dyn Connection>) -> Result<(), Problem> {
    let mut piv = Piv::select(&mut *link)?;
    if let Some(template) = piv.property_template() {
        info["label"] = json!(harmless(&template.label));
    }
    if let Some(object) = told(piv.get(Container::Chuid))?.flatten()
        && let Ok(chuid) = Chuid::decode(&object)
    {
        info["uuid"] = json!(hex::encode(chuid.guid));
        info["expires"] = json!(chuid.expiration.to_string());
    }
    info["pin_tries"] = pin_tries(&mut piv)?;
    info["certificates"] = json!(certificates(&mut piv)?);
    Ok(())
}

/// What a card answers, or nothing where it refuses.
fn told<R>(answer: Result<R, negin_card::Error>) -> Result<Option<R>, negin_card::Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(negin_card::Error::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn pin_tries<T: Transmit>(piv: &mut Piv<T>) -> Result<Value, negin_card::Error> {
    Ok(match told(piv.tries(VerifyReference::Pin))? {
        Some(Verification::Failed { retries }) => json!(retries),
        Some(Verification::Blocked) => json!(0),
        Some(Verification::Passed) | None => Value::Null,
    })
}

/// The certificates of the current keys, as far as they can be read.
fn certificates<T: Transmit>(piv: &mut Piv<T>) -> Result<Vec<Value>, negin_card::Error> {
    let mut certificates = Vec::new();
    for key in KeyReference::CURRENT {
        if let Some(object) = told(piv.get(key.certificate()))?.flatten()
            && let Ok(object) = CertificateObject::decode(&object)
            && let Ok(certificate) = Certificate::from_der(&object.certificate)
        {
            certificates.push(json!({
                "key": format!("{:02X}", key.code()),
                "subject": certificate.subject(),
                "issuer": certificate.issuer(),
                "serial": hex::encode(certificate.serial()),
            }));
        }
    }
    Ok(certificates)
}

fn ours(
    info: &mut Value,
    link: &mut Chaining<&mut dyn Connection>,
    identity: &Identity,
    presence: Presence,
) -> Result<(), Problem> {
    info["chip"] = json!(hex::encode(identity.kdd));
    let roles: Vec<String> = identity
        .roles
        .iter()
        .map(|role| format!("{role:?}").to_lowercase())
        .collect();
    info["key_sets"] = json!(roles);
    let mut domain = SecurityDomain::select(&mut *link)?;
    let number = domain.data(DataObject::CardImage)?.and_then(|object| {
        let value = field::only("card image number", &object, CIN_TAG).ok()?;
        String::from_utf8(value.to_vec()).ok()
    });
    info["number"] = json!(number);
    if !matches!(presence, Presence::Issued | Presence::Activated) {
        return Ok(());
    }
    let mut piv = Piv::select(&mut *link)?;
    let fingers: Vec<_> = piv
        .biometric_information()?
        .templates
        .iter()
        .map(|template| {
            json!({
                "reference": template.reference.map(|code| format!("{code:02X}")),
                "finger": template.finger().map(|finger| finger.iso_code()),
                "minutiae": [template.min, template.max],
            })
        })
        .collect();
    info["fingers"] = json!(fingers);
    if presence == Presence::Activated {
        let activation = piv.activation_record()?;
        info["activation"] = json!(activation.as_ref().map(activation_json));
        info["pin_tries"] = pin_tries(&mut piv)?;
        info["certificates"] = json!(certificates(&mut piv)?);
    }
    Ok(())
}

/// What card it is, in words.
pub fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Blank => "blank",
        Presence::Issued => "issued, locked",
        Presence::Activated => "activated",
        Presence::Blocked => "blocked",
        Presence::Terminated => "terminated",
        Presence::ForeignPiv => "foreign PIV card",
        Presence::ForeignTravelDocument => "foreign travel document",
        Presence::ForeignGlobalPlatform => "foreign GlobalPlatform card",
        Presence::Unknown => "unknown card",
    }
}

fn table(info: &Value) -> Table {
    let mut facts = Vec::new();
    flatten("", info, &mut facts);
    Table::facts(facts)
}

fn flatten(name: &str, value: &Value, facts: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = match name {
                    "" => field.replace('_', " "),
                    name => format!("{name} {}", field.replace('_', " ")),
                };
                flatten(&name, value, facts);
            }
        }
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            facts.push((name.to_owned(), items.join(", ")));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&format!("{name} {}", index + 1), item, facts);
            }
        }
        Value::Null => {}
        value => facts.push((name.to_owned(), plain(value))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
