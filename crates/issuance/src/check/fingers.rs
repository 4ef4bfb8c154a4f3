//! Whether the fingers' images can be enrolled: read, sized, seen by the engine, and one finger a
//! position.

use negin_fingerprint::{Error as ImageError, FingerPosition, Image, Template, compact};
use negin_recognition::{Error as EngineError, compare, extract, threshold};

use super::duplicates::Picture;
use super::photo::spread;
use super::{FingerReport, RecordReport, file};
use crate::fault::Fault;
use crate::order::Entry;
use crate::personalise::reference;
use crate::profile::{Fingers, Profile};
use crate::record::Record;
use crate::record::finger::Finger;

/// Spread of grey values (0 to 255) below which there can be no ridges.
const BLANK_SPREAD: f64 = 4.0;

/// A finger's image that could be used, with what the engine saw in it; or all of a finger's, under the first one's name.
struct Seen {
    position: FingerPosition,
    image: String,
    template: Template,
}

pub(super) fn check(entry: &Entry, record: &Record, profile: &Profile, report: &mut RecordReport) {
    let wanted = &profile.fingers;
    enough(record, wanted, report);
    let mut first_of_each = Vec::new();
    let mut references = Vec::new();
    for finger in &record.fingers {
        let mut impressions = Vec::new();
        for image in &finger.images {
            let name = entry.file_name(image);
            let seen = entry
                .read(image)
                .map_err(|error| Fault::unreadable(&error))
                .and_then(|bytes| look(&bytes, &name, finger, wanted, report));
            match seen {
                Err(fault) => report.of_file(&name, fault),
                Ok(seen) => impressions.push(seen),
            }
        }
        let templates: Vec<_> = impressions.iter().map(|it| it.template.clone()).collect();
        let mut impressions = impressions.into_iter();
        if let (Some(first), Some(template)) = (impressions.next(), reference(&templates)) {
            for other in impressions {
                same_finger(&first, &other, report);
            }
            references.push(Seen {
                position: first.position,
                image: first.image.clone(),
                template,
            });
            first_of_each.push(first);
        }
    }
    let given: Vec<(FingerPosition, u8)> = record
        .fingers
        .iter()
        .map(|finger| {
            let seen = references.iter().find(|it| it.position == finger.position);
            (finger.position, seen.map_or(0, |it| it.template.quality))
        })
        .collect();
    report.enrol = wanted.choose(&given);
    for seen in &references {
        if report.enrol.contains(&seen.position) {
            enrollable(seen, wanted, report);
        }
    }
    different_fingers(&first_of_each, report);
}

/// Whether there are as many fingers as the profile enrols, those that are missing aside.
fn enough(record: &Record, wanted: &Fingers, report: &mut RecordReport) {
    let missing = |position: &FingerPosition| {
        record
            .missing_fingers
            .iter()
            .any(|missing| missing.position == *position)
    };
    let usable = wanted
        .preference
        .iter()
        .filter(|position| !missing(position))
        .count();
    let needed = usable.min(usize::from(wanted.enrol));
    let found = record
        .fingers
        .iter()
        .filter(|finger| wanted.preference.contains(&finger.position))
        .count();
    if found < needed {
        report.at(
            "$.fingers",
            Fault::FingersTooFew {
                found,
                wanted: needed,
            },
        );
    } else if found == 0 {
        report.at("$.fingers", Fault::FingersNone {});
    }
}

/// Decodes an image and has the engine look at it; notes it in the report.
fn look(
    bytes: &[u8],
    name: &str,
    finger: &Finger,
    wanted: &Fingers,
    report: &mut RecordReport,
) -> Result<Seen, Fault> {
    let code = finger.position.code();
    if file::ends_early(bytes) {
        return Err(Fault::FingerTruncated { finger: code });
    }
    let image = Image::decode(bytes, finger.dpi).map_err(|error| Fault::FingerDamaged {
        finger: code,
        detail: error.to_string(),
    })?;
    let wrong_size = Fault::FingerSize {
        finger: code,
        width: image.width(),
        height: image.height(),
        min_mm: wanted.min_side_mm,
        max_mm: wanted.max_side_mm,
    };
    let millimetres = |pixels: u32| f64::from(pixels) * 25.4 / f64::from(finger.dpi);
    let sides = f64::from(wanted.min_side_mm)..=f64::from(wanted.max_side_mm);
    if ![image.width(), image.height()]
        .into_iter()
        .all(|side| sides.contains(&millimetres(side)))
    {
        return Err(wrong_size);
    }
    report.pictures.push(Picture::of_finger(code, name, &image));
    if spread(image.pixels()) < BLANK_SPREAD {
        return Err(Fault::FingerBlank { finger: code });
    }
    let extraction = extract(&image).map_err(|error| match error {
        EngineError::Blank => Fault::FingerBlank { finger: code },
        EngineError::TooSmall { .. } => wrong_size,
        EngineError::TooFewMinutiae { found, .. } => Fault::FingerMinutiae {
            finger: code,
            found,
            min: usize::from(wanted.limits.min),
        },
        other => Fault::FingerUnusable {
            finger: code,
            detail: other.to_string(),
        },
    })?;
    report.fingers.push(FingerReport {
        finger: code,
        image: name.to_owned(),
        width: image.width(),
        height: image.height(),
        dpi: finger.dpi,
        quality: extraction.quality,
        minutiae: extraction.template.minutiae.len(),
    });
    Ok(Seen {
        position: finger.position,
        image: name.to_owned(),
        template: extraction.template,
    })
}

/// Whether a card takes the template as a reference, and whether it is worth one.
fn enrollable(seen: &Seen, wanted: &Fingers, report: &mut RecordReport) {
    let finger = seen.position.code();
    let quality = seen.template.quality;
    if quality < wanted.min_quality {
        report.of_file(
            &seen.image,
            Fault::FingerQuality {
                finger,
                found: quality,
                min: wanted.min_quality,
            },
        );
    }
    match compact::encode(&seen.template, &wanted.limits) {
        Ok(_) => {}
        Err(ImageError::TooFewMinutiae { found, needed }) => report.of_file(
            &seen.image,
            Fault::FingerMinutiae {
                finger,
                found,
                min: needed,
            },
        ),
        Err(error) => report.of_file(
            &seen.image,
            Fault::FingerUnusable {
                finger,
                detail: error.to_string(),
            },
        ),
    }
}

/// Two impressions of one position should match.
fn same_finger(first: &Seen, other: &Seen, report: &mut RecordReport) {
    if compare(&first.template, &other.template).score < threshold::HOST {
        report.of_file(
            &other.image,
            Fault::ImpressionsDiffer {
                finger: other.position.code(),
                other: first.image.clone(),
            },
        );
    }
}

/// Two positions should not.
fn different_fingers(fingers: &[Seen], report: &mut RecordReport) {
    for (index, first) in fingers.iter().enumerate() {
        for other in fingers.iter().skip(index + 1) {
            if compare(&first.template, &other.template).score >= threshold::HOST {
                report.of_file(
                    &other.image,
                    Fault::FingersSame {
                        finger: other.position.code(),
                        other: first.position.code(),
                    },
                );
            }
        }
    }
}
