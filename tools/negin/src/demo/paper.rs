//! The demo's report: what happened, as the data the report's page is made of.

use std::time::Duration;

use negin_eid::piv::{ActivationMethod, KeyReference};
use negin_fingerprint::{FingerPosition, MinutiaKind};
use negin_issuance::pki::Certificate;
use negin_issuance::record::calendar::{Calendar, Date};
use negin_issuance::record::digits::to_persian;
use negin_ledger::Ledger;
use negin_recognition::{compare, threshold};
use sha2::{Digest, Sha256};

use super::citizens::{Citizen, IMPRESSIONS};
use super::evidence::{Probe, enrolled_impressions, enrolled_minutiae, score};
use super::impostors::{REFERENCES, Tried};
use super::stage::{Stage, Story};
use crate::problem::Problem;
use crate::report::{
    self, Activation, Attempt, Bilingual, Card, Chain, DateRow, DemoReport, Field, Finger, Kind,
    Mark, Name, Outcome, Picture, Print, StateReached, StepTime, Totals,
};

/// The report's page.
pub fn report(
    stage: &Stage,
    seed: u64,
    people: &[Citizen],
    stories: &[Story],
    attempts: &[Tried],
    steps: &[(&'static str, Duration)],
) -> Result<String, Problem> {
    let citizens = stories
        .iter()
        .zip(people)
        .map(|(story, citizen)| of_citizen(stage, story, citizen))
        .collect::<Result<Vec<_>, _>>()?;
    let report = DemoReport {
        program: concat!("negin ", env!("CARGO_PKG_VERSION")).to_owned(),
        seed,
        when: crate::commands::now().to_string(),
        profile: stage.profile.name.clone(),
        totals: Totals {
            cards: stories.len(),
            personalized: stories.iter().filter(|s| s.personalised.is_some()).count(),
            delivered: stories.iter().filter(|s| s.delivered.is_some()).count(),
            impostors_tried: attempts.len(),
            impostors_refused: attempts.iter().filter(|tried| tried.refused).count(),
        },
        timings: steps
            .iter()
            .map(|(what, took)| step((*what).to_owned(), *took))
            .collect(),
        citizens,
        attempts: attempts
            .iter()
            .map(|tried| attempt(tried, people))
            .collect(),
        chains: chains(stage)?,
    };
    Ok(report::render(&report))
}

fn step(what: String, took: Duration) -> StepTime {
    StepTime { what, took }
}

fn chains(stage: &Stage) -> Result<Vec<Chain>, Problem> {
    let trusted = crate::commands::trusted(&stage.station.keys)?;
    let ledger = &stage.station.ledger;
    let verification = ledger.verify(&trusted, &[])?;
    let heads = ledger.heads()?;
    Ok(heads
        .into_iter()
        .map(|head| Chain {
            seat: head.seat.to_string(),
            entries: head.number,
            head: head.hash.to_string(),
            verified: verification.is_sound(),
        })
        .collect())
}

fn attempt(tried: &Tried, people: &[Citizen]) -> Attempt {
    let position = people
        .get(tried.finger_of)
        .and_then(|citizen| citizen.fingers.get(tried.finger))
        .map_or(FingerPosition::Unknown, |finger| finger.position);
    Attempt {
        card: tried.card,
        finger_of: tried.finger_of,
        finger: finger_name(position),
        reference: REFERENCES.get(tried.finger).map_or(0, |r| r.code()),
        score: f64::from(tried.score),
        threshold: f64::from(threshold::ON_CARD.0),
        refused: tried.refused,
        status_word: match tried.tries_left {
            Some(left) => format!("63C{left:X}"),
            None => String::new(),
        },
        tries_left: tried.tries_left,
    }
}

fn of_citizen(stage: &Stage, story: &Story, citizen: &Citizen) -> Result<report::Citizen, Problem> {
    let record = &story.record;
    let latin = record.latin_name();
    let expiry = record
        .expiry(&stage.profile.validity)
        .map_err(negin_issuance::Error::Record)?;
    let zone = record
        .td1(&stage.profile.document, story.number(), expiry)
        .and_then(|zone| zone.encode())
        .map_err(negin_issuance::Error::from)?;
    let line = |at: usize| {
        zone.get(at * 30..at * 30 + 30)
            .unwrap_or_default()
            .to_owned()
    };
    let photo = story.entry.path(&record.photo);
    let portrait = std::fs::read(&photo).map_err(|error| Problem::file(&photo, &error))?;
    let certificate = &record.birth_certificate;
    Ok(report::Citizen {
        persian: Name {
            given: record.name.persian.given.to_string(),
            family: record.name.persian.family.to_string(),
        },
        latin: Name {
            given: latin.given,
            family: latin.family,
        },
        national_number: record.national_number.to_string(),
        fields: vec![
            field(
                ("Father's name", "نام پدر"),
                record.father_name.latin.as_ref().map(ToString::to_string),
                record.father_name.persian.to_string(),
            ),
            field(
                ("Place of birth", "محل تولد"),
                record.birth.place.latin.as_ref().map(ToString::to_string),
                record.birth.place.persian.to_string(),
            ),
            numbers(
                ("Birth certificate", "شمارهٔ شناسنامه"),
                certificate.number(),
            ),
            field(
                ("Series and serial", "سری و سریال"),
                None,
                to_persian(&format!(
                    "{} - {}",
                    certificate.series(),
                    certificate.serial()
                )),
            ),
            numbers(("Postal code", "کد پستی"), record.postal_code.as_str()),
        ],
        dates: vec![
            date(("Birth", "تولد"), record.birth.date),
            date(("Issue", "صدور"), record.issue_date),
            date(("Expiry", "اعتبار"), expiry),
        ],
        mrz: [line(0), line(1), line(2)],
        portrait: Picture::jpeg(portrait),
        fingers: fingers(stage, story, citizen)?,
        card: card(story),
        steps: story
            .steps
            .iter()
            .map(|(what, took)| step(what.clone(), *took))
            .collect(),
    })
}

fn field(label: (&str, &str), latin: Option<String>, persian: String) -> Field {
    Field {
        label: Bilingual::new(label.0, label.1),
        latin: latin.unwrap_or_default(),
        persian,
    }
}

fn numbers(label: (&str, &str), digits: &str) -> Field {
    field(label, Some(digits.to_owned()), to_persian(digits))
}

fn date(label: (&str, &str), date: Date) -> DateRow {
    DateRow {
        label: Bilingual::new(label.0, label.1),
        gregorian: date.numeric(Calendar::Gregorian),
        persian: date.long(Calendar::Persian),
        hijri: date.long(Calendar::Hijri),
    }
}

fn fingers(stage: &Stage, story: &Story, citizen: &Citizen) -> Result<Vec<Finger>, Problem> {
    let (entry, record) = (&story.entry, &story.record);
    let enrolled = enrolled_impressions(entry, record, &stage.profile)?;
    let references = enrolled_minutiae(entry, record, &stage.profile)?;
    let mut fingers = Vec::new();
    for (index, (own, hand)) in enrolled.iter().zip(&citizen.fingers).enumerate() {
        let at_counter = story.probe.as_ref().filter(|_| index == 0);
        let fresh;
        let (probe, outcome) = match at_counter {
            Some(probe) if story.delivered.is_some() => (probe, Outcome::Matched),
            Some(probe) => (probe, Outcome::Refused),
            None => {
                // The counter asked for one finger; the other is shown as it would have come.
                let image = hand.impression(IMPRESSIONS).image;
                let extraction = negin_recognition::extract(&image)?;
                fresh = Probe { image, extraction };
                (&fresh, Outcome::NotAsked)
            }
        };
        let reference = references.get(index).map_or(&[][..], |it| it.as_slice());
        let comparison = compare(&own.extraction.template, &probe.extraction.template);
        fingers.push(Finger {
            name: finger_name(hand.position),
            reference: REFERENCES.get(index).map_or(0, |r| r.code()),
            enrolled: print(own)?,
            probe: print(probe)?,
            pairs: comparison.pairs,
            score: f64::from(score(reference, probe, &stage.profile)),
            threshold: f64::from(threshold::ON_CARD.0),
            outcome,
        });
    }
    Ok(fingers)
}

/// Minutiae are in pixels at 500 dpi, and so are the demo's images.
fn print(probe: &Probe) -> Result<Print, Problem> {
    let template = &probe.extraction.template;
    Ok(Print {
        image: Picture::png(probe.image.to_png()?),
        width: probe.image.width(),
        height: probe.image.height(),
        quality: template.quality,
        marks: template
            .minutiae
            .iter()
            .map(|minutia| Mark {
                x: minutia.x,
                y: minutia.y,
                angle: minutia.angle,
                kind: match minutia.kind {
                    MinutiaKind::Ending => Kind::Ending,
                    MinutiaKind::Bifurcation => Kind::Bifurcation,
                    MinutiaKind::Other => Kind::Other,
                },
            })
            .collect(),
    })
}

fn card(story: &Story) -> Card {
    let written = story.personalised.as_ref();
    Card {
        number: story.number().to_owned(),
        chip_id: written.map_or_else(String::new, |w| w.card.chip.to_string()),
        states: story
            .states
            .iter()
            .map(|reached| StateReached {
                lane: reached.lane,
                state: reached.state.to_owned(),
                when: reached.when.to_string(),
            })
            .collect(),
        certificates: written.map_or_else(Vec::new, |written| {
            written
                .certificates
                .iter()
                .filter_map(|(key, der)| certificate(*key, der))
                .collect()
        }),
        activation: story.delivered.as_ref().map(|delivered| {
            let activation = &delivered.activation;
            Activation {
                method: crate::commands::way(activation),
                finger: match activation.method {
                    ActivationMethod::Match(finger) => Some(format!("{:02X}", finger.code())),
                    ActivationMethod::Override => None,
                },
                operator: String::from_utf8_lossy(activation.note.as_bytes()).into_owned(),
                receipt: activation.receipt.into(),
            }
        }),
        proof: story.delivered.as_ref().map(|delivered| report::Proof {
            slot: "9A".to_owned(),
            challenge: hex::encode(delivered.proof.challenge),
            signature: hex::encode(&delivered.proof.signature),
            verified: delivered
                .certificate
                .verify_signature(&delivered.proof.challenge, &delivered.proof.signature)
                .is_ok(),
        }),
    }
}

fn certificate(key: KeyReference, der: &[u8]) -> Option<report::Certificate> {
    let certificate = Certificate::from_der(der).ok()?;
    Some(report::Certificate {
        slot: format!("{:02X}", key.code()),
        purpose: match key {
            KeyReference::Authentication => "authentication",
            KeyReference::Signature => "signature",
            KeyReference::KeyManagement => "key agreement",
            KeyReference::CardAuthentication => "card authentication",
            KeyReference::Retired(_) => "key agreement, retired",
        }
        .to_owned(),
        subject: certificate.subject(),
        serial: hex::encode(certificate.serial()),
        fingerprint: hex::encode(Sha256::digest(der)),
    })
}

/// A finger in both languages.
fn finger_name(position: FingerPosition) -> Bilingual {
    let (en, fa) = match position {
        FingerPosition::RightThumb => ("right thumb", "شست راست"),
        FingerPosition::RightIndex => ("right index finger", "اشارهٔ راست"),
        FingerPosition::RightMiddle => ("right middle finger", "میانی راست"),
        FingerPosition::RightRing => ("right ring finger", "انگشتری راست"),
        FingerPosition::RightLittle => ("right little finger", "کوچک راست"),
        FingerPosition::LeftThumb => ("left thumb", "شست چپ"),
        FingerPosition::LeftIndex => ("left index finger", "اشارهٔ چپ"),
        FingerPosition::LeftMiddle => ("left middle finger", "میانی چپ"),
        FingerPosition::LeftRing => ("left ring finger", "انگشتری چپ"),
        FingerPosition::LeftLittle => ("left little finger", "کوچک چپ"),
        FingerPosition::Unknown => ("finger", "انگشت"),
    };
    Bilingual::new(en, fa)
}
