//! A report of invented people with drawn rings for fingers, for the tests of this room.

use std::io::Cursor;
use std::time::Duration;

use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};

use super::model::*;

const NAMES: [(&str, &str, &str, &str); 5] = [
    ("نگار", "رستمی", "Negar", "Rostami"),
    ("محمدحسین", "شیرازی‌پور", "Mohammadhossein", "Shirazipour"),
    ("آزاده", "مؤمنی", "Azadeh", "Momeni"),
    ("کیان", "یزدانی", "Kian", "Yazdani"),
    ("گل‌نار", "ژاله‌دوست", "Golnar", "Zhaledoust"),
];

/// A complete run with `cards` citizens; everything holds.
pub(super) fn report(cards: usize) -> DemoReport {
    let citizens: Vec<Citizen> = (0..cards).map(citizen).collect();
    let attempts: Vec<Attempt> = (0..cards)
        .flat_map(|card| (0..cards).map(move |finger_of| (card, finger_of)))
        .filter(|(card, finger_of)| card != finger_of)
        .flat_map(|(card, finger_of)| {
            [0x96, 0x97].map(|reference| attempt(card, finger_of, reference))
        })
        .collect();
    DemoReport {
        program: "negin 0.1.0".to_owned(),
        seed: 20_260_401,
        when: "2026-04-01 09:30:00 UTC".to_owned(),
        profile: "national-id".to_owned(),
        totals: Totals {
            cards,
            personalized: cards,
            delivered: cards,
            impostors_tried: attempts.len(),
            impostors_refused: attempts.len(),
        },
        timings: steps(&[
            ("make the order folder", 2310),
            ("check and register", 140),
            ("personalise", 3920),
            ("deliver", 2480),
            ("try the foreign fingers", 1760),
        ]),
        citizens,
        attempts,
        chains: vec![
            chain("station-1", 31, "a41f"),
            chain("counter-1", 12, "07c9"),
        ],
    }
}

fn chain(seat: &str, entries: u64, head: &str) -> Chain {
    Chain {
        seat: seat.to_owned(),
        entries,
        head: head.repeat(16),
        verified: true,
    }
}

fn steps(named: &[(&str, u64)]) -> Vec<StepTime> {
    named
        .iter()
        .map(|&(what, millis)| StepTime {
            what: what.to_owned(),
            took: Duration::from_micros(millis * 1000 + 370),
        })
        .collect()
}

fn attempt(card: usize, finger_of: usize, reference: u8) -> Attempt {
    let score = ((card * 7 + finger_of * 13 + usize::from(reference)) % 17) as f64;
    Attempt {
        card,
        finger_of,
        finger: finger_name(reference),
        reference,
        score,
        threshold: 24.0,
        refused: true,
        status_word: "63C9".to_owned(),
        tries_left: Some(9),
    }
}

fn finger_name(reference: u8) -> Bilingual {
    if reference == 0x96 {
        Bilingual::new("Right index finger", "انگشت اشارهٔ راست")
    } else {
        Bilingual::new("Left index finger", "انگشت اشارهٔ چپ")
    }
}

fn citizen(index: usize) -> Citizen {
    let (given_fa, family_fa, given, family) = NAMES[index % NAMES.len()];
    Citizen {
        persian: Name {
            given: given_fa.to_owned(),
            family: family_fa.to_owned(),
        },
        latin: Name {
            given: given.to_owned(),
            family: family.to_owned(),
        },
        national_number: format!("00123456{:02}", 17 + index * 9),
        fields: vec![
            field("Father’s name", "نام پدر", "Dariush", "داریوش"),
            field(
                "Birth-certificate serial",
                "سریال شناسنامه",
                "",
                "الف ۱۲ ۳۴۵۶۷۸",
            ),
            field("Place of birth", "محل تولد", "Shiraz", "شیراز"),
            field("Postal code", "کد پستی", "7134567891", ""),
        ],
        dates: vec![
            date(
                "Born",
                "تاریخ تولد",
                "1990-03-21",
                "۱ فروردین ۱۳۶۹",
                "۲۴ شعبان ۱۴۱۰",
            ),
            date(
                "Issued",
                "تاریخ صدور",
                "2026-04-01",
                "۱۲ فروردین ۱۴۰۵",
                "۱۳ شوال ۱۴۴۷",
            ),
            date(
                "Expires",
                "پایان اعتبار",
                "2033-04-01",
                "۱۲ فروردین ۱۴۱۲",
                "۲ محرم ۱۴۵۵",
            ),
        ],
        mrz: [
            format!("I<UTON0000{index}1234<<<<<<<<<<<<<<<"),
            "9003218F3304013UTO<<<<<<<<<<<4".to_owned(),
            format!(
                "{:<<30}",
                format!("{}<<{}", family.to_uppercase(), given.to_uppercase())
            ),
        ],
        portrait: portrait(index),
        fingers: vec![
            finger(0x96, index, Outcome::Matched),
            finger(0x97, index + 40, Outcome::NotAsked),
        ],
        card: card(index, family, given),
        steps: steps(&[
            ("replace the maker’s keys", 61),
            ("write the identity files", 212),
            ("write the photo", 318),
            ("enrol the references", 94),
            ("make the key pairs", 171),
            ("certificates", 88),
            ("lock", 20),
            ("capture at the counter", 5),
            ("extract the minutiae", 143),
            ("compare on the card", 39),
            ("PIN and activation", 31),
        ]),
    }
}

fn card(index: usize, family: &str, given: &str) -> Card {
    let state = |lane, state: &str, second: usize| StateReached {
        lane,
        state: state.to_owned(),
        when: format!(
            "2026-04-01T09:30:{:02}.{:03}Z",
            second + index * 3,
            second * 71
        ),
    };
    Card {
        number: format!("N0000{index}123"),
        chip_id: format!("4E4547494E00000000{index:02X}"),
        states: vec![
            state(Lane::Card, "OP_READY", 1),
            state(Lane::Ledger, "queued", 1),
            state(Lane::Card, "INITIALIZED", 2),
            state(Lane::Piv, "PERSONALISED", 4),
            state(Lane::Card, "SECURED", 4),
            state(Lane::Ledger, "written", 5),
            state(Lane::Ledger, "shipped", 6),
            state(Lane::Piv, "ACTIVATED", 8),
            state(Lane::Ledger, "delivered", 8),
        ],
        certificates: ["9A", "9C", "9D", "9E"]
            .iter()
            .enumerate()
            .map(|(at, slot)| Certificate {
                slot: (*slot).to_owned(),
                purpose: [
                    "authentication",
                    "signature",
                    "key management",
                    "card authentication",
                ][at]
                    .to_owned(),
                subject: format!("CN={given} {family},SERIALNUMBER=00123456{index:02}"),
                serial: format!("5D{at:02X}{index:02X}8810F3A2"),
                fingerprint: format!("{at:02x}{index:02x}").repeat(16),
            })
            .collect(),
        activation: Some(Activation {
            method: "on-card match".to_owned(),
            finger: Some("Right index finger".to_owned()),
            operator: "counter-1/sara".to_owned(),
            receipt: 1,
        }),
        proof: Some(Proof {
            slot: "9A".to_owned(),
            challenge: "8d15".repeat(16),
            signature: "3045".repeat(18),
            verified: true,
        }),
    }
}

fn field(en: &str, fa: &str, latin: &str, persian: &str) -> Field {
    Field {
        label: Bilingual::new(en, fa),
        latin: latin.to_owned(),
        persian: persian.to_owned(),
    }
}

fn date(en: &str, fa: &str, gregorian: &str, persian: &str, hijri: &str) -> DateRow {
    DateRow {
        label: Bilingual::new(en, fa),
        gregorian: gregorian.to_owned(),
        persian: persian.to_owned(),
        hijri: hijri.to_owned(),
    }
}

fn finger(reference: u8, seed: usize, outcome: Outcome) -> Finger {
    let enrolled = print(seed, 0.0);
    let probe = print(seed, 7.0);
    let count = enrolled.marks.len().min(probe.marks.len());
    Finger {
        name: finger_name(reference),
        reference,
        pairs: (0..count)
            .filter(|at| at % 3 != 2)
            .map(|at| (at, at))
            .collect(),
        enrolled,
        probe,
        score: 61.0,
        threshold: 24.0,
        outcome,
    }
}

/// Rings around a point, with marks spread over them.
fn print(seed: usize, shift: f32) -> Print {
    let (width, height) = (300_u32, 340_u32);
    let centre = (150.0 + shift + (seed % 5) as f32 * 4.0, 150.0 - shift);
    let image = GrayImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - centre.0, (y as f32 - centre.1) * 0.8);
        let bend = (dx * 0.02 + seed as f32).sin() * 6.0;
        let wave = ((dx.hypot(dy) + bend) * 0.7).sin();
        let inside = (x as f32 / 150.0 - 1.0).powi(2) + (y as f32 / 170.0 - 1.0).powi(2) < 0.95;
        Luma([if inside {
            (150.0 + wave * 95.0) as u8
        } else {
            255
        }])
    });
    let marks = (0..36)
        .map(|at| {
            let turn = at as f32 * 2.4 + seed as f32;
            let out = 18.0 + (at as f32).sqrt() * 19.0;
            Mark {
                x: centre.0 + turn.cos() * out,
                y: centre.1 + turn.sin() * out * 1.1,
                angle: turn + 1.2,
                kind: if at % 3 == 0 {
                    Kind::Bifurcation
                } else {
                    Kind::Ending
                },
            }
        })
        .collect();
    Print {
        image: Picture::png(encoded(&image.into(), ImageFormat::Png)),
        width,
        height,
        quality: 71,
        marks,
    }
}

fn portrait(index: usize) -> Picture {
    let hue = [
        (176, 120, 96),
        (150, 104, 84),
        (196, 148, 120),
        (130, 90, 70),
        (180, 140, 110),
    ][index % 5];
    let image = RgbImage::from_fn(150, 200, |x, y| {
        let (dx, dy) = (x as f32 - 75.0, y as f32 - 85.0);
        let face = (dx / 34.0).powi(2) + (dy / 46.0).powi(2) < 1.0;
        let shoulders = y > 140 && (dx / 68.0).powi(2) + ((y as f32 - 205.0) / 62.0).powi(2) < 1.0;
        let hair = (dx / 42.0).powi(2) + ((dy + 8.0) / 54.0).powi(2) < 1.0;
        Rgb(if face {
            [hue.0, hue.1, hue.2]
        } else if shoulders {
            [60, 84, 110]
        } else if hair {
            [48, 36, 32]
        } else {
            [222, 228, 230]
        })
    });
    Picture::jpeg(encoded(&image.into(), ImageFormat::Jpeg))
}

fn encoded(image: &image::DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}
