//! Citizens who do not exist: a record, a portrait and fingers from a number.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use negin_fingerprint::{FingerPosition, Image};
use negin_firmware_sim::finger::{Finger, Pressing, Sensor};
use negin_issuance::order;
use negin_issuance::record::birth_certificate::BirthCertificate;
use negin_issuance::record::calendar::Date;
use negin_issuance::record::file_name::FileName;
use negin_issuance::record::finger::Finger as RecordFinger;
use negin_issuance::record::latin::LatinText;
use negin_issuance::record::national_number::NationalNumber;
use negin_issuance::record::persian::PersianText;
use negin_issuance::record::postal_code::PostalCode;
use negin_issuance::record::{Bilingual, Birth, GivenFamily, Name, Record, Sex};

/// The day on which the cards of all tests are issued.
pub const ISSUED: &str = "2026-03-01";

/// The fingers of a synthetic citizen, the one for reference 96 first.
pub const POSITIONS: [FingerPosition; 2] = [FingerPosition::RightIndex, FingerPosition::LeftIndex];

const PHOTO: &str = "photo.jpg";

/// One citizen.
#[derive(Debug, Clone)]
pub struct Citizen {
    /// What the order says of them.
    pub record: Record,
    /// The images of each finger in the record, the one to enrol first.
    pub prints: Vec<Vec<Image>>,
    fingers: Vec<Arc<Finger>>,
    number: u64,
}

impl Citizen {
    /// The synthetic citizen of a number: two fingers, one impression of each in the order.
    #[must_use]
    pub fn synthetic(number: u64) -> Self {
        let fingers: Vec<_> = (0..2).map(|which| finger(number * 2 + which)).collect();
        let mut citizen = Self {
            record: record(number, &POSITIONS),
            prints: Vec::new(),
            fingers,
            number,
        };
        citizen.prints = (0..2)
            .map(|which| vec![citizen.impression(which, 0)])
            .collect();
        citizen
    }

    /// The same citizen, their card issued on another day.
    #[must_use]
    pub fn issued(mut self, day: Date) -> Self {
        self.record.issue_date = day;
        self
    }

    /// A citizen whose only finger, the right index, shows itself in these images.
    #[must_use]
    pub fn with_print(number: u64, images: Vec<Image>) -> Self {
        Self {
            record: record(number, &POSITIONS[..1]),
            prints: vec![images],
            fingers: Vec::new(),
            number,
        }
    }

    /// How a synthetic citizen's finger looks when it is laid on the scanner the `n`-th time; the order holds the 0th.
    #[must_use]
    pub fn impression(&self, which: usize, n: u64) -> Image {
        let seed = self.number * 1000 + which as u64 * 100 + n;
        let pressing = Pressing::good(seed).on(sensor());
        self.fingers[which].impression(&pressing).image
    }
}

/// A sensor of 9.8 × 11.4 mm, so that many prints can be looked at in little time.
fn sensor() -> Sensor {
    Sensor::new(192, 224, 500).expect("a size that sensors have")
}

/// Writes the order folder `id` of these citizens.
pub fn write_order<'a>(folder: &Path, id: &str, citizens: impl IntoIterator<Item = &'a Citizen>) {
    let mut records = Vec::new();
    for citizen in citizens {
        let own = folder.join(citizen.record.national_number.as_str());
        let save = |file: &FileName, bytes: &[u8]| {
            let path = file.within(&own);
            std::fs::create_dir_all(path.parent().expect("in the order")).expect("a folder");
            std::fs::write(path, bytes).expect("room on the disk");
        };
        save(&citizen.record.photo, &portrait(citizen.number));
        for (finger, images) in citizen.record.fingers.iter().zip(&citizen.prints) {
            for (file, image) in finger.images.iter().zip(images) {
                save(file, &image.to_png().expect("a PNG file"));
            }
        }
        records.push(&citizen.record);
    }
    order::write(folder, id, "centre-1", records).expect("room on the disk");
}

/// A picture of the size of a portrait, as small a file as one can be.
#[must_use]
pub fn portrait(number: u64) -> Vec<u8> {
    let shade = (number % 64) as u8;
    let picture = image::GrayImage::from_fn(240, 320, |x, y| {
        let face = (x as i32 - 120).pow(2) * 2 + (y as i32 - 150).pow(2) < 14_000;
        image::Luma([if face { 150 + shade } else { 90 }])
    });
    let mut file = Cursor::new(Vec::new());
    let writer = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 60);
    picture.write_with_encoder(writer).expect("a JPEG file");
    file.into_inner()
}

/// The synthetic finger of a seed; each is grown once.
fn finger(seed: u64) -> Arc<Finger> {
    static GROWN: Mutex<BTreeMap<u64, Arc<Finger>>> = Mutex::new(BTreeMap::new());
    let grown = |map: &BTreeMap<u64, Arc<Finger>>| map.get(&seed).map(Arc::clone);
    let known = grown(&GROWN.lock().unwrap_or_else(PoisonError::into_inner));
    known.unwrap_or_else(|| {
        let finger = Arc::new(Finger::from_seed(seed));
        let mut map = GROWN.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(map.entry(seed).or_insert(finger))
    })
}

fn record(number: u64, positions: &[FingerPosition]) -> Record {
    const GIVEN: [(&str, &str); 4] = [
        ("زهرا", "Zahra"),
        ("علی\u{200C}رضا", "Alireza"),
        ("مریم", "Maryam"),
        ("یوسف", "Yousef"),
    ];
    const FAMILY: [(&str, &str); 3] = [
        ("کاظمی", "Kazemi"),
        ("احمدی", "Ahmadi"),
        ("رستم\u{200C}پور", "Rostampour"),
    ];
    let given = GIVEN[number as usize % GIVEN.len()];
    let family = FAMILY[number as usize % FAMILY.len()];
    let both = |(persian, latin): (&str, &str)| Bilingual {
        persian: PersianText::place(persian).expect("Persian"),
        latin: Some(LatinText::place(latin).expect("Latin")),
    };
    let national_number = (0..)
        .find_map(|step| NationalNumber::from_body(980_000_000 + number as u32 * 16 + step).ok())
        .expect("most bodies are those of a national number");
    Record {
        birth_certificate: BirthCertificate::parse("1234", "الف/12", &format!("{number:06}"))
            .expect("a certificate"),
        national_number,
        name: Name {
            persian: GivenFamily {
                given: PersianText::name(given.0).expect("Persian"),
                family: PersianText::name(family.0).expect("Persian"),
            },
            latin: Some(GivenFamily {
                given: LatinText::name(given.1).expect("Latin"),
                family: LatinText::name(family.1).expect("Latin"),
            }),
        },
        father_name: both(("محمد", "Mohammad")),
        birth: Birth {
            date: Date::parse("1984-07-02").expect("a date"),
            place: both(("تهران", "Tehran")),
        },
        sex: if number.is_multiple_of(2) {
            Sex::Female
        } else {
            Sex::Male
        },
        postal_code: PostalCode::parse("1969833315").expect("a postal code"),
        issue_date: Date::parse(ISSUED).expect("a date"),
        expiry_date: None,
        photo: FileName::parse(PHOTO).expect("a file's name"),
        fingers: positions
            .iter()
            .map(|position| RecordFinger {
                position: *position,
                images: vec![
                    FileName::parse(&format!("fingers/{}-1.png", position.code()))
                        .expect("a file's name"),
                ],
                dpi: 500,
            })
            .collect(),
        missing_fingers: Vec::new(),
    }
}
