//! Published records against their decoded contents, and a vendor's templates. Runs where the data is.

#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};

use negin_fingerprint::compact::{self, Limits};
use negin_fingerprint::record::EndingPlace;
use negin_fingerprint::{
    Deviation, Format, Minutia, MinutiaKind, Record, View, format, iso19794_2,
};
use serde_json::{Map, Value, json};

/// The data folder: `NEGIN_SHARED`, or a sibling `shared` of a folder above this crate.
fn templates() -> Option<PathBuf> {
    let given = std::env::var_os("NEGIN_SHARED").map(PathBuf::from);
    let found = given.or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|folder| folder.join("shared"))
            .find(|it| it.is_dir())
    });
    let templates = found
        .map(|shared| shared.join("data/templates"))
        .filter(|it| it.is_dir());
    if templates.is_none() {
        eprintln!("not run: the folder shared/data/templates is not there");
    }
    templates
}

const SAMPLES: [(&str, Format, &[Deviation]); 5] = [
    ("iso19794p2v2005", Format::Iso2005, &[]),
    ("iso19794p2v2011", Format::Iso2011, &[]),
    // Another version and length, ridge counts of minutiae that are not there, angles beyond a turn.
    (
        "ansi378v2004",
        Format::Ansi2004,
        &[
            Deviation::Version,
            Deviation::Angle,
            Deviation::ExtendedArea,
            Deviation::RidgeCount,
            Deviation::Length,
        ],
    ),
    ("ansi378v2009", Format::Ansi2009, &[Deviation::Length]),
    ("ansi378v2009am1", Format::Ansi2009, &[]),
];

#[test]
fn the_published_samples_decode_to_their_published_contents() {
    let Some(folder) = templates() else { return };
    for (name, format, deviations) in SAMPLES {
        let bytes = std::fs::read(folder.join(format!("{name}-sample.dat"))).expect("readable");
        let json = std::fs::read_to_string(folder.join(format!("{name}-sample.json")));
        let expected: Value = serde_json::from_str(&json.expect("readable")).expect("valid JSON");
        let record = format::decode(&bytes).expect(name);
        assert_eq!(record.format, format, "{name}");
        assert_eq!(record.deviations, deviations, "{name}");
        assert_eq!(published(&record, &expected), expected, "{name}");
        // Written again it says the same, and strictly.
        let again = format.encode(&record, &Limits::default()).expect(name);
        assert_eq!(format.check(&again), Ok(()), "{name}");
        let again = format::decode(&again).expect(name);
        if format != Format::Ansi2004 {
            assert_eq!(published(&again, &expected), expected, "{name}");
        }
        for other in Format::ALL.into_iter().filter(|other| !other.is_bare()) {
            let converted = other.encode(&record, &Limits::default()).expect(name);
            assert_eq!(
                other.check(&converted),
                Ok(()),
                "{name} as {}",
                other.name()
            );
        }
    }
}

/// A record as the published contents say it, which differ from format to format in where they say what.
fn published(record: &Record, like: &Value) -> Value {
    let in_header = like.get("width").is_some();
    let mut object = Map::new();
    let first = &record.views[0];
    if let Some(product) = record.product {
        object.insert("vendorId".into(), product.owner.into());
        object.insert("subformat".into(), product.product.into());
    }
    if record.format != Format::Iso2011 {
        let certified = first.device.compliance & 8 != 0;
        object.insert("sensorCertified".into(), certified.into());
        object.insert("sensorId".into(), first.device.equipment.into());
    }
    if in_header {
        object.extend(image(first));
    }
    let views = record
        .views
        .iter()
        .zip(like["fingerprints"].as_array().expect("a list"));
    let views = views.map(|(view, like)| published_view(record.format, view, like, in_header));
    object.insert("fingerprints".into(), views.collect());
    Value::Object(object)
}

fn image(view: &View) -> Map<String, Value> {
    let facts = [
        ("width", view.template.width),
        ("height", view.template.height),
        ("resolutionX", view.resolution.0.into()),
        ("resolutionY", view.resolution.1.into()),
    ];
    facts
        .map(|(name, value)| (name.to_owned(), value.into()))
        .into_iter()
        .collect()
}

fn published_view(format: Format, view: &View, like: &Value, in_header: bool) -> Value {
    let position = view.template.finger.name().replace('-', "_").to_uppercase();
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("position", position.into());
    put("view", view.number.into());
    assert_eq!(view.impression.0, 0);
    put("scanType", "LIVE_PLAIN".into());
    let quality = view.qualities[0];
    if format == Format::Iso2011 {
        let captured = view.captured.expect("told");
        put(
            "datetime",
            json!({
                "year": captured.year, "month": captured.month, "day": captured.day,
                "hour": captured.hour, "minute": captured.minute, "second": captured.second,
                "millisecond": captured.millisecond,
            }),
        );
        assert_eq!(view.device.technology, 0);
        put("sensorType", "UNKNOWN".into());
        put("sensorVendor", view.device.vendor.into());
        put("sensorId", view.device.equipment.into());
        let qualities = view
            .qualities
            .iter()
            .map(|it| json!({"quality": it.score, "vendor": it.owner, "algorithm": it.algorithm}));
        put("qrecords", qualities.collect());
        assert!(view.device.certificates.is_empty());
        put("certificates", json!([]));
        let ending = match view.ending {
            EndingPlace::ValleyFork => "VALLEY_SKELETON_BIFURCATION",
            EndingPlace::RidgeEnd => "RIDGE_SKELETON_ENDPOINT",
        };
        put("endingType", ending.into());
    } else {
        put("quality", quality.score.into());
    }
    if format == Format::Ansi2009 {
        put("qualityVendorId", quality.owner.into());
        put("qualityAlgorithmId", quality.algorithm.into());
    }
    let minutiae = view
        .template
        .minutiae
        .iter()
        .zip(like["minutiae"].as_array().expect("a list"));
    let minutiae = minutiae.map(|(minutia, like)| published_minutia(format, minutia, like));
    put("minutiae", minutiae.collect());
    let counts = view.extended.ridge_counts.as_ref().map(|counts| {
        let edges = counts.counts.iter();
        let edges = edges.map(|it| json!({"from": it.from, "to": it.to, "count": it.count}));
        assert_eq!(counts.method, 1);
        json!({"type": "QUADRANTS", "edges": edges.collect::<Vec<_>>()})
    });
    put("counts", counts.into());
    assert!(view.extended.singular_points.is_none());
    put("coredelta", Value::Null);
    if matches!(format, Format::Iso2005 | Format::Iso2011) {
        put("zones", Value::Null);
    }
    let areas = view.extended.areas.iter();
    let areas = areas.map(|area| json!({"type": area.kind, "data": base64(&area.content)}));
    put("extensions", areas.collect());
    if !in_header {
        object.extend(image(view));
    }
    Value::Object(object)
}

fn published_minutia(format: Format, minutia: &Minutia, like: &Value) -> Value {
    let kind = match minutia.kind {
        MinutiaKind::Ending => "ENDING",
        MinutiaKind::Bifurcation => "BIFURCATION",
        MinutiaKind::Other if format == Format::Ansi2009 => "EITHER",
        MinutiaKind::Other => "OTHER",
    };
    let steps = match format {
        Format::Ansi2004 | Format::Ansi2009 => 180u64,
        _ => 256,
    };
    let step = (minutia.angle / TAU * steps as f32).round() as u64;
    // The published contents have angles beyond a turn as they are written.
    let turns = like["angle"].as_u64().expect("a number") / steps;
    json!({
        "type": kind,
        "positionX": minutia.x as u32,
        "positionY": minutia.y as u32,
        "angle": step + turns * steps,
        "quality": minutia.quality,
    })
}

/// The content of an area as JSON has it (RFC 4648, 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| {
            bits << 8 | u32::from(*chunk.get(i).unwrap_or(&0))
        });
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[test]
fn a_vendors_templates_decode_and_fit_the_card() {
    let Some(folder) = templates() else { return };
    let mut decoded = 0;
    for set in ["secugen_fvc2002_db1_b", "secugen_fvc2004_db3_b"] {
        for entry in std::fs::read_dir(folder.join(set)).expect("readable") {
            let bytes = std::fs::read(entry.expect("readable").path()).expect("readable");
            let record = format::decode(&bytes).expect("decodes");
            assert_eq!(
                (record.format, &record.deviations[..]),
                (Format::Iso2005, &[][..])
            );
            let template = record.into_template().expect("a view");
            assert!(template.minutiae.len() > 5);
            let again = iso19794_2::encode_template(&template).expect("fits");
            assert_eq!(again[..], bytes[..]);
            let card = compact::encode(&template, &Limits::default()).expect("fits");
            assert_eq!(card.len(), 3 * template.minutiae.len().min(60));
            decoded += 1;
        }
    }
    assert_eq!(decoded, 160);
    println!("{decoded} templates of the vendor decoded");
}

#[test]
fn the_published_compact_record_decodes() {
    let Some(folder) = templates() else { return };
    let bytes = std::fs::read(folder.with_file_name("bit").join("ISOCC.min")).expect("readable");
    let template = compact::decode(&bytes).expect("decodes");
    assert_eq!(template.minutiae.len(), 49);
    let again = compact::encode(&template, &compact::Limits::default()).expect("fits");
    let sorted = |bytes: &[u8]| {
        let mut minutiae: Vec<Vec<u8>> = bytes.chunks(3).map(<[u8]>::to_vec).collect();
        minutiae.sort();
        minutiae
    };
    assert_eq!(sorted(&again), sorted(&bytes));
}
