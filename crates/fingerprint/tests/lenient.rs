//! Records as writers in the field write them: what can be let pass is read, and said; what is written is never so.

#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::f32::consts::TAU;

use negin_fingerprint::compact::Limits;
use negin_fingerprint::{
    Deviation, Error, FingerPosition, Format, Minutia, MinutiaKind, Record, Template, format,
};

fn template(finger: FingerPosition) -> Template {
    let minutia = |x, y, turn: f32, kind, quality| Minutia {
        x,
        y,
        angle: turn * TAU,
        kind,
        quality,
    };
    let minutiae = vec![
        minutia(10.0, 20.0, 0.0, MinutiaKind::Ending, 77),
        minutia(299.0, 399.0, 0.75, MinutiaKind::Bifurcation, 1),
        minutia(150.0, 7.0, 0.25, MinutiaKind::Other, 100),
    ];
    let mut template = Template::new(300, 400, 66, minutiae);
    template.finger = finger;
    template
}

fn written(format: Format) -> Vec<u8> {
    let template = template(FingerPosition::LeftMiddle);
    let bytes = format.encode_template(&template, &Limits::default());
    bytes.expect("fits").to_vec()
}

/// Reads without being told the format, and says what was let pass.
fn read(bytes: &[u8], format: Format) -> (Record, Vec<Deviation>) {
    let record = format::decode(bytes).expect("decodes");
    assert_eq!(record.format, format);
    let deviations = record.deviations.clone();
    (record, deviations)
}

/// Where in a record of one view of three minutiae the view's minutiae begin, and where its resolution is.
const PLACES: [(Format, usize, usize); 4] = [
    (Format::Iso2005, 28, 18),
    (Format::Iso2011, 52, 41),
    (Format::Ansi2004, 30, 20),
    (Format::Ansi2009, 38, 33),
];

#[test]
fn what_is_written_needs_no_leniency() {
    for (format, minutiae, _) in PLACES {
        let bytes = written(format);
        assert_eq!(bytes.len(), minutiae + 3 * 6 + 2, "{}", format.name());
        assert_eq!(format.check(&bytes), Ok(()));
        let (record, deviations) = read(&bytes, format);
        assert_eq!(deviations, []);
        let read = record.into_template().expect("a view");
        assert_eq!(read, template(FingerPosition::LeftMiddle));
    }
}

#[test]
fn wrong_lengths_are_passed_over() {
    for (format, _, _) in PLACES {
        for length in [0u32, 7, 0x0000_4142] {
            let mut bytes = written(format);
            if format == Format::Ansi2004 {
                bytes[8..10].copy_from_slice(&(length.max(1) as u16).to_be_bytes());
            } else {
                bytes[8..12].copy_from_slice(&length.to_be_bytes());
            }
            let (record, deviations) = read(&bytes, format);
            assert_eq!(deviations, [Deviation::Length]);
            assert_eq!(record.views[0].template.minutiae.len(), 3);
            assert_eq!(
                format.check(&bytes),
                Err(Error::RecordStrict(Deviation::Length))
            );
        }
    }
    let mut bytes = written(Format::Iso2011);
    bytes[15..19].copy_from_slice(&[0, 0, 0, 0]);
    let (_, deviations) = read(&bytes, Format::Iso2011);
    assert_eq!(deviations, [Deviation::ViewLength]);
}

#[test]
fn the_long_form_of_the_length_is_no_leniency() {
    let bytes = written(Format::Ansi2004);
    let mut long = bytes[..8].to_vec();
    long.extend_from_slice(&[0, 0, 0, 0, 0, bytes.len() as u8 + 4]);
    long.extend_from_slice(&bytes[10..]);
    assert_eq!(read(&long, Format::Ansi2004).1, []);
}

#[test]
fn counts_of_nothing_are_made_up_for() {
    for (format, minutiae, _) in PLACES {
        let views = match format {
            Format::Iso2005 => 22,
            Format::Iso2011 => 13,
            Format::Ansi2004 => 24,
            _ => 19,
        };
        let mut bytes = written(format);
        assert_eq!(bytes[views], 1, "{}", format.name());
        bytes[views] = 0;
        let (record, deviations) = read(&bytes, format);
        assert_eq!(deviations, [Deviation::NumberOfViews]);
        assert_eq!(record.views.len(), 1);
        let mut bytes = written(format);
        assert_eq!(bytes[minutiae - 1], 3);
        bytes[minutiae - 1] = 0;
        let (record, deviations) = read(&bytes, format);
        assert_eq!(deviations, [Deviation::NumberOfMinutiae]);
        assert_eq!(record.views[0].template.minutiae.len(), 3);
        // One view promised more than there is.
        let mut bytes = written(format);
        bytes[views] = 2;
        let (record, deviations) = read(&bytes, format);
        assert_eq!(deviations, [Deviation::NumberOfViews]);
        assert_eq!(record.views.len(), 1);
    }
}

#[test]
fn a_resolution_of_nothing_or_of_an_inch_is_500_dpi() {
    for (format, _, resolution) in PLACES {
        for (value, deviation) in [
            (0u16, Deviation::Resolution),
            (500, Deviation::ResolutionPerInch),
        ] {
            let mut bytes = written(format);
            let word = value.to_be_bytes();
            bytes[resolution..resolution + 4]
                .copy_from_slice(&[word[0], word[1], word[0], word[1]]);
            let (record, deviations) = read(&bytes, format);
            assert_eq!(deviations, [deviation], "{}", format.name());
            assert_eq!(record.views[0].resolution, (value, value));
            assert_eq!(record.views[0].template.minutiae[1].x, 299.0);
        }
        // 394 pixels a centimetre: 1,000 dpi.
        let mut bytes = written(format);
        bytes[resolution..resolution + 4].copy_from_slice(&[0x01, 0x8A, 0x01, 0x8A]);
        let (record, deviations) = read(&bytes, format);
        assert_eq!(deviations, []);
        let template = &record.views[0].template;
        assert_eq!((template.width, template.height), (150, 200));
        assert!((template.minutiae[0].x - 5.0).abs() < 0.01);
    }
}

#[test]
fn what_follows_and_what_is_missing_at_the_end_is_no_matter() {
    for (format, _, _) in PLACES {
        let mut bytes = written(format);
        bytes.extend_from_slice(&[0; 5]);
        let (_, deviations) = read(&bytes, format);
        assert_eq!(deviations, [Deviation::Trailing]);
        let bytes = written(format);
        for cut in 1..=2 {
            let (record, deviations) = read(&bytes[..bytes.len() - cut], format);
            assert!(deviations.contains(&Deviation::ExtendedMissing));
            assert_eq!(record.views[0].template.minutiae.len(), 3);
        }
    }
}

#[test]
fn every_shorter_cut_is_an_error_and_none_a_panic() {
    for (format, _, _) in PLACES {
        let bytes = written(format);
        for cut in 0..bytes.len() - 2 {
            let error = format.decode(&bytes[..cut]).expect_err("cut short");
            assert!(
                matches!(error, Error::RecordTruncated(_) | Error::RecordFormat),
                "{cut}: {error}"
            );
            let _ = format::decode(&bytes[..cut]);
        }
    }
}

#[test]
fn a_missing_block_between_two_views_is_seen() {
    for format in [Format::Iso2005, Format::Ansi2004, Format::Ansi2009] {
        let fingers = [FingerPosition::LeftMiddle, FingerPosition::RightIndex];
        let record = Record::of(format, fingers.map(template));
        let bytes = format.encode(&record, &Limits::default()).expect("fits");
        let second = bytes.len() - written(format).len();
        let first_end = bytes.len() - second;
        let mut without = bytes[..first_end - 2].to_vec();
        without.extend_from_slice(&bytes[first_end..]);
        let (record, deviations) = read(&without, format);
        assert!(deviations.contains(&Deviation::ExtendedMissing));
        let read: Vec<_> = record.views.iter().map(|view| &view.template).collect();
        assert_eq!(read, [&template(fingers[0]), &template(fingers[1])]);
    }
}

#[test]
fn extended_data_are_kept_or_passed_over() {
    for (format, _, _) in PLACES {
        let bytes = written(format);
        let with = |block: &[u8]| {
            let mut bytes = bytes[..bytes.len() - 2].to_vec();
            bytes.extend_from_slice(&(block.len() as u16).to_be_bytes());
            bytes.extend_from_slice(block);
            let (record, mut deviations) = read(&bytes, format);
            deviations.retain(|it| !matches!(it, Deviation::Length | Deviation::ViewLength));
            (record, deviations)
        };
        let own = if format == Format::Iso2005 { 0 } else { 4 };
        // A ridge count of two minutiae, its length as the standard has it, and as others have it.
        let counts = |length: u8| [0, 1, 0, length, 1, 1, 2, 5];
        let (record, deviations) = with(&counts(4 + own));
        assert_eq!(deviations, []);
        let found = record.views[0].extended.ridge_counts.clone();
        let found = found.expect("kept").counts;
        assert_eq!((found[0].from, found[0].to, found[0].count), (1, 2, 5));
        let (record, deviations) = with(&counts(8 - own));
        assert_eq!(deviations, [Deviation::ExtendedLength]);
        assert!(record.views[0].extended.ridge_counts.is_some());
        // Lengths that add up in no way; an area of a vendor's own; a malformed one.
        let (record, deviations) = with(&counts(99));
        assert_eq!(deviations, [Deviation::ExtendedLength]);
        assert!(record.views[0].extended.ridge_counts.is_none());
        let (record, deviations) = with(&[1, 2, 0, 1 + own, 9]);
        assert_eq!(deviations, []);
        assert_eq!(record.views[0].extended.areas[0].content[..], [9]);
        let (record, deviations) = with(&[0, 2, 0, 1 + own, 3]);
        assert_eq!(deviations, [Deviation::ExtendedArea]);
        assert_eq!(record.views[0].extended.areas[0].kind, 2);
        // Written again, nothing of that is left.
        let again = format.encode(&record, &Limits::default()).expect("fits");
        assert_eq!(format.check(&again), Ok(()));
    }
}

#[test]
fn minutiae_are_what_they_are() {
    for (format, minutiae, _) in PLACES {
        let mut bytes = written(format);
        bytes[minutiae] |= 0xC0;
        bytes[minutiae + 2] |= 0x80;
        bytes[minutiae + 5] = 200;
        bytes[minutiae + 7] = 0xFF;
        let (record, deviations) = read(&bytes, format);
        for deviation in [
            Deviation::MinutiaKind,
            Deviation::Reserved,
            Deviation::Quality,
            Deviation::MinutiaOutside,
        ] {
            assert!(deviations.contains(&deviation), "{deviation:?}");
        }
        let template = &record.views[0].template;
        assert_eq!(template.minutiae[0].kind, MinutiaKind::Other);
        assert_eq!(template.minutiae[0].quality, 0);
        assert_eq!(template.width, 512);
        let again = format.encode(&record, &Limits::default()).expect("fits");
        assert_eq!(format.check(&again), Ok(()));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for (format, _, _) in PLACES {
        let encode = |template: &Template| {
            let bytes = format.encode_template(template, &Limits::default());
            bytes.expect_err("does not fit")
        };
        let mut outside = template(FingerPosition::Unknown);
        outside.minutiae[0].x = 301.0;
        assert_eq!(
            encode(&outside),
            Error::RecordOverflow("position of a minutia")
        );
        let mut many = template(FingerPosition::Unknown);
        many.minutiae = vec![many.minutiae[0]; 256];
        assert_eq!(encode(&many), Error::RecordOverflow("number of minutiae"));
        let mut large = template(FingerPosition::Unknown);
        large.width = 70_000;
        assert_eq!(encode(&large), Error::RecordOverflow("image size"));
        let mut quality = template(FingerPosition::Unknown);
        quality.minutiae[2].quality = 101;
        assert_eq!(encode(&quality), Error::RecordField("quality of a minutia"));
        quality.minutiae[2].quality = 1;
        quality.quality = 101;
        assert_eq!(encode(&quality), Error::RecordField("quality"));
        assert_eq!(format.decode(b"FMR\0 40\0"), Err(Error::RecordFormat));
        assert_eq!(format.decode(b"FMR"), Err(Error::RecordFormat));
    }
    assert_eq!(format::decode(b"no record"), Err(Error::RecordFormat));
}
