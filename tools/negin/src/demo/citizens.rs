//! Citizens who do not exist: records, portraits and fingers from one seed.
//!
//! Citizen *n* of a seed is the same however many are made. National numbers satisfy their check
//! digit and begin with 99, so that they are known for the demo's own.

mod names;

use super::portrait::{self, Look};
use names::Pair;
use negin_fingerprint::FingerPosition;
use negin_firmware_sim::finger::{Finger, Impression, Pressing};
use negin_issuance::finding::Fault;
use negin_issuance::order;
use negin_issuance::record::birth_certificate::BirthCertificate;
use negin_issuance::record::calendar::{Calendar, Date};
use negin_issuance::record::file_name::FileName;
use negin_issuance::record::finger::{DPI_DEFAULT, Finger as RecordFinger};
use negin_issuance::record::latin::LatinText;
use negin_issuance::record::national_number::NationalNumber;
use negin_issuance::record::persian::PersianText;
use negin_issuance::record::postal_code::PostalCode;
use negin_issuance::record::{Bilingual, Birth, GivenFamily, Name, Record, Sex};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Impressions of each finger in an order.
pub const IMPRESSIONS: u32 = 4;

const PHOTO: &str = "photo.jpg";

/// Why there is no order of synthetic citizens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A drawn record breaks a rule of records.
    #[error("a synthetic record is not valid: {0}")]
    Record(Fault),
    /// A file or folder could not be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The portrait could not be encoded.
    #[error("cannot encode a portrait: {0}")]
    Portrait(#[from] image::ImageError),
    /// An impression could not be encoded.
    #[error("cannot encode an impression: {0}")]
    Impression(#[from] negin_fingerprint::Error),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Record(fault)
    }
}

/// A synthetic citizen.
#[derive(Debug, Clone)]
pub struct Citizen {
    /// What the order says.
    pub record: Record,
    /// Two fingers, in the order of the record.
    pub fingers: [SyntheticFinger; 2],
    portrait: PortraitSeed,
}

#[derive(Debug, Clone, Copy)]
struct PortraitSeed {
    seed: u64,
    look: Look,
    age: u32,
}

/// One finger of a synthetic citizen.
#[derive(Debug, Clone)]
pub struct SyntheticFinger {
    /// Which.
    pub position: FingerPosition,
    finger: Arc<Finger>,
    seed: u64,
}

impl SyntheticFinger {
    /// The finger itself, to lay on a simulated scanner.
    pub fn finger(&self) -> Arc<Finger> {
        Arc::clone(&self.finger)
    }

    /// How it is pressed the `n`-th time. The order holds those below [`IMPRESSIONS`]; a counter
    /// uses the ones after.
    pub fn pressing(&self, n: u32) -> Pressing {
        Pressing::good(self.chance(n))
    }

    /// The seeds of the finger and of how it is pressed the `n`-th time.
    pub fn seeds(&self, n: u32) -> (u64, u64) {
        (self.finger.seed(), self.chance(n))
    }

    fn chance(&self, n: u32) -> u64 {
        self.seed.wrapping_add(u64::from(n))
    }

    /// The `n`-th impression on the default sensor.
    pub fn impression(&self, n: u32) -> Impression {
        self.finger.impression(&self.pressing(n))
    }
}

/// The first `count` citizens of `seed`, cards issued on `issue`. Grows two fingers for each, which
/// takes most of a second a citizen and core.
///
/// # Errors
/// [`Error::Record`].
pub fn generate(seed: u64, count: usize, issue: Date) -> Result<Vec<Citizen>, Error> {
    let mut taken = BTreeSet::new();
    let drafts: Vec<_> = (0..count)
        .map(|index| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(index as u64);
            let draft = draw(&mut rng, issue, &mut taken)?;
            Ok((draft, rng))
        })
        .collect::<Result<_, Error>>()?;
    let grown = drafts.into_par_iter().map(|((record, portrait), mut rng)| {
        let seeds: [(u64, u64); 2] = [(rng.random(), rng.random()), (rng.random(), rng.random())];
        let positions = [0, 1].map(|i| record.fingers[i].position);
        let fingers = [0, 1].map(|i| SyntheticFinger {
            position: positions[i],
            finger: Arc::new(Finger::from_seed(seeds[i].0)),
            seed: seeds[i].1,
        });
        Citizen {
            record,
            fingers,
            portrait,
        }
    });
    Ok(grown.collect())
}

/// Writes the order folder of `citizens`: records, portraits and impressions.
///
/// # Errors
/// [`Error::Write`], [`Error::Portrait`], [`Error::Impression`].
pub fn write_order(
    folder: &Path,
    id: &str,
    centre: &str,
    citizens: &[Citizen],
) -> Result<(), Error> {
    citizens
        .par_iter()
        .try_for_each(|citizen| write_files(folder, citizen))?;
    // The list of records comes last: a folder without it is not yet an order.
    let records = citizens.iter().map(|citizen| &citizen.record);
    order::write(folder, id, centre, records).map_err(|source| Error::Write {
        path: folder.to_owned(),
        source,
    })
}

fn write_files(folder: &Path, citizen: &Citizen) -> Result<(), Error> {
    let own = folder.join(citizen.record.national_number.as_str());
    let PortraitSeed { seed, look, age } = citizen.portrait;
    save(
        &citizen.record.photo.within(&own),
        &portrait::jpeg(seed, look, age)?,
    )?;
    for (finger, entry) in citizen.fingers.iter().zip(&citizen.record.fingers) {
        for (n, file) in (0..).zip(&entry.images) {
            save(&file.within(&own), &finger.impression(n).image.to_png()?)?;
        }
    }
    Ok(())
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)
    };
    write().map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

fn draw(
    rng: &mut ChaCha8Rng,
    issue: Date,
    taken: &mut BTreeSet<NationalNumber>,
) -> Result<(Record, PortraitSeed), Error> {
    let woman = rng.random_bool(0.5);
    let family = pick(rng, names::FAMILIES);
    let father = pick(rng, names::MEN);
    let given = pick(rng, if woman { names::WOMEN } else { names::MEN });
    let place = pick(rng, names::PLACES);
    let (this_year, ..) = issue.parts(Calendar::Persian);
    let age = rng.random_range(18..76_u32);
    // Day 29 exists in every Persian month.
    let born = Date::new(
        Calendar::Persian,
        this_year - age.cast_signed() - 1,
        rng.random_range(1..=12),
        rng.random_range(1..=29),
    )?;
    let national_number = national_number(rng, taken)?;
    let birth_certificate = birth_certificate(rng, &national_number, born)?;
    let second = if rng.random_bool(0.7) {
        FingerPosition::LeftIndex
    } else {
        FingerPosition::RightThumb
    };
    let record = Record {
        national_number,
        name: Name {
            persian: GivenFamily {
                given: PersianText::name(given.0)?,
                family: PersianText::name(family.0)?,
            },
            latin: Some(GivenFamily {
                given: LatinText::name(given.1)?,
                family: LatinText::name(family.1)?,
            }),
        },
        father_name: Bilingual {
            persian: PersianText::name(father.0)?,
            latin: Some(LatinText::name(father.1)?),
        },
        birth: Birth {
            date: born,
            place: Bilingual {
                persian: PersianText::place(place.0)?,
                latin: Some(LatinText::place(place.1)?),
            },
        },
        birth_certificate,
        sex: if woman { Sex::Female } else { Sex::Male },
        postal_code: postal_code(rng)?,
        issue_date: issue,
        expiry_date: None,
        photo: FileName::parse(PHOTO)?,
        fingers: vec![
            finger_entry(FingerPosition::RightIndex)?,
            finger_entry(second)?,
        ],
        missing_fingers: Vec::new(),
    };
    let portrait = PortraitSeed {
        seed: rng.random(),
        look: if woman { Look::Woman } else { Look::Man },
        age,
    };
    Ok((record, portrait))
}

fn finger_entry(position: FingerPosition) -> Result<RecordFinger, Fault> {
    let images = (1..=IMPRESSIONS)
        .map(|n| FileName::parse(&format!("fingers/{}-{n}.png", position.code())))
        .collect::<Result<_, _>>()?;
    Ok(RecordFinger {
        position,
        images,
        dpi: DPI_DEFAULT,
    })
}

fn national_number(
    rng: &mut ChaCha8Rng,
    taken: &mut BTreeSet<NationalNumber>,
) -> Result<NationalNumber, Fault> {
    loop {
        // Two in ten million collide; then the later citizen draws again.
        match NationalNumber::from_body(990_000_000 + rng.random_range(0..10_000_000)) {
            Ok(number) if taken.insert(number.clone()) => return Ok(number),
            Ok(_) | Err(Fault::NationalNumberRepeated {}) => {}
            Err(fault) => return Err(fault),
        }
    }
}

/// Those born from 1368 (1989) on have their national number for a certificate number, the others
/// a short one.
fn birth_certificate(
    rng: &mut ChaCha8Rng,
    number: &NationalNumber,
    born: Date,
) -> Result<BirthCertificate, Fault> {
    let own = if born.parts(Calendar::Persian).0 >= 1368 {
        number.to_string()
    } else {
        rng.random_range(1..60_000_u32).to_string()
    };
    let letter = names::SERIES[rng.random_range(0..names::SERIES.len())];
    let series = format!("{letter}/{}", rng.random_range(1..=60));
    let serial = format!("{:06}", rng.random_range(0..1_000_000));
    BirthCertificate::parse(&own, &series, &serial)
}

/// Neither 0 nor 2 stands among the first five digits of a real one.
fn postal_code(rng: &mut ChaCha8Rng) -> Result<PostalCode, Fault> {
    const DIGITS: &[u8] = b"13456789";
    let head: String = (0..5)
        .map(|_| char::from(DIGITS[rng.random_range(0..DIGITS.len())]))
        .collect();
    PostalCode::parse(&format!("{head}{:05}", rng.random_range(10_001..99_999)))
}

fn pick(rng: &mut ChaCha8Rng, pairs: &[Pair]) -> Pair {
    pairs[rng.random_range(0..pairs.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use negin_issuance::order::Order;

    fn issue() -> Date {
        Date::new(Calendar::Persian, 1404, 7, 1).unwrap()
    }

    #[test]
    fn all_names_and_places_are_in_their_one_spelling() {
        let name_lists = [names::MEN, names::WOMEN, names::FAMILIES];
        for (persian, latin) in name_lists.into_iter().flatten() {
            assert_eq!(PersianText::name(persian).unwrap().as_str(), *persian);
            LatinText::name(latin).unwrap();
        }
        for (persian, latin) in names::PLACES {
            assert_eq!(PersianText::place(persian).unwrap().as_str(), *persian);
            LatinText::place(latin).unwrap();
        }
    }

    #[test]
    fn an_order_reads_back_as_it_was_made() {
        let citizens = generate(7, 2, issue()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        write_order(folder.path(), "demo", "centre-1", &citizens).unwrap();
        let order = Order::read(folder.path());
        assert_eq!(order.findings, []);
        let read: Vec<&Record> = order.records().map(|(_, record)| record).collect();
        let made: Vec<&Record> = citizens.iter().map(|citizen| &citizen.record).collect();
        assert_eq!(read, made);
        for (entry, record) in order.records() {
            let files = record.fingers.iter().flat_map(|finger| &finger.images);
            assert_eq!(files.clone().count(), 8);
            for file in files {
                let image = negin_fingerprint::Image::open(entry.path(file), DPI_DEFAULT).unwrap();
                assert_eq!(
                    (image.width(), image.height(), image.dpi()),
                    (300, 400, 500)
                );
            }
            let photo = image::open(entry.path(&record.photo)).unwrap();
            assert_eq!(photo.width() * 4, photo.height() * 3);
        }
    }

    #[test]
    fn a_citizen_is_the_same_however_many_are_made() {
        let alone = generate(3, 1, issue()).unwrap();
        let among = generate(3, 2, issue()).unwrap();
        assert_eq!(alone[0].record, among[0].record);
        assert_eq!(
            alone[0].fingers[1].finger.seed(),
            among[0].fingers[1].finger.seed()
        );
        assert_ne!(among[0].record, among[1].record);
        assert_ne!(
            among[0].fingers[0].finger.seed(),
            among[0].fingers[1].finger.seed()
        );
    }
}
