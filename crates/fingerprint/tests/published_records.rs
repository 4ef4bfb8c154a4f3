//! Published records against their decoded contents, and a vendor's templates. Runs where the data is.

#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::path::{Path, PathBuf};

use negin_fingerprint::{Error, MinutiaKind, Template, ansi378, compact, iso19794_2};

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

#[test]
fn the_published_sample_decodes_to_its_published_contents() {
    let Some(folder) = templates() else { return };
    let bytes = std::fs::read(folder.join("iso19794p2v2005-sample.dat")).expect("readable");
    let json =
        std::fs::read_to_string(folder.join("iso19794p2v2005-sample.json")).expect("readable");
    let expected: serde_json::Value = serde_json::from_str(&json).expect("valid JSON");
    let record = iso19794_2::decode(&bytes).expect("decodes");
    assert_eq!(expected["resolutionX"], record.resolution_x);
    assert_eq!(expected["sensorId"], record.equipment & 0x0FFF);
    let views = expected["fingerprints"].as_array().expect("a list");
    assert_eq!(views.len(), record.views.len());
    for (view, expected_view) in record.views.iter().zip(views) {
        let template = &view.template;
        assert_eq!(expected["width"], template.width);
        assert_eq!(expected["height"], template.height);
        assert_eq!(expected_view["quality"], template.quality);
        assert_eq!(expected_view["view"], view.number);
        as_published(template, expected_view, 256.0);
    }
}

/// That finger and minutiae are the published ones; angles are counted in so many steps.
fn as_published(template: &Template, expected: &serde_json::Value, steps: f32) {
    let position = template.finger.name().replace('-', "_").to_uppercase();
    assert_eq!(expected["position"], position);
    let minutiae = expected["minutiae"].as_array().expect("a list");
    assert_eq!(minutiae.len(), template.minutiae.len());
    for (minutia, expected) in template.minutiae.iter().zip(minutiae) {
        assert_eq!(expected["positionX"].as_f64(), Some(f64::from(minutia.x)));
        assert_eq!(expected["positionY"].as_f64(), Some(f64::from(minutia.y)));
        assert_eq!(expected["quality"], minutia.quality);
        let step = (minutia.angle / std::f32::consts::TAU * steps).round();
        // The sample of INCITS 378 has angles beyond a turn: they are taken round.
        let angle = expected["angle"]
            .as_f64()
            .map(|angle| angle % f64::from(steps));
        assert_eq!(angle, Some(f64::from(step)));
        let kind = match minutia.kind {
            MinutiaKind::Ending => "ENDING",
            MinutiaKind::Bifurcation => "BIFURCATION",
            MinutiaKind::Other => "OTHER",
        };
        assert_eq!(expected["type"], kind);
    }
}

#[test]
fn the_published_sample_of_incits_378_decodes_to_its_published_contents() {
    let Some(folder) = templates() else { return };
    let bytes = std::fs::read(folder.join("ansi378v2004-sample.dat")).expect("readable");
    let json = std::fs::read_to_string(folder.join("ansi378v2004-sample.json")).expect("readable");
    let expected: serde_json::Value = serde_json::from_str(&json).expect("valid JSON");
    let record = ansi378::decode(&bytes).expect("decodes");
    assert_eq!(expected["vendorId"], record.origin.owner);
    assert_eq!(expected["subformat"], record.origin.product);
    assert_eq!(expected["sensorId"], record.origin.equipment);
    assert_eq!(expected["resolutionX"], record.resolution_x);
    let views = expected["fingerprints"].as_array().expect("a list");
    assert_eq!(views.len(), record.views.len());
    for (view, expected_view) in record.views.iter().zip(views) {
        assert_eq!(expected["width"], view.template.width);
        assert_eq!(expected_view["quality"], view.quality);
        as_published(&view.template, expected_view, 180.0);
        let again = ansi378::encode(std::slice::from_ref(&view.template), record.origin);
        let again = ansi378::decode(&again.expect("fits the profile")).expect("decodes");
        assert_eq!(
            again.views[0].template.minutiae.len(),
            view.template.minutiae.len()
        );
    }
    for name in ["ansi378v2009-sample.dat", "iso19794p2v2011-sample.dat"] {
        let bytes = std::fs::read(folder.join(name)).expect("readable");
        assert_eq!(
            ansi378::decode(&bytes).expect_err(name),
            Error::RecordFormat
        );
    }
}

#[test]
fn records_of_other_standards_are_refused() {
    let Some(folder) = templates() else { return };
    for name in [
        "iso19794p2v2011-sample.dat",
        "ansi378v2004-sample.dat",
        "ansi378v2009-sample.dat",
    ] {
        let bytes = std::fs::read(folder.join(name)).expect("readable");
        assert_eq!(
            iso19794_2::decode(&bytes).expect_err(name),
            Error::RecordFormat
        );
    }
}

#[test]
fn a_vendors_templates_decode_and_fit_the_card() {
    let Some(folder) = templates() else { return };
    let mut decoded = 0;
    for set in ["secugen_fvc2002_db1_b", "secugen_fvc2004_db3_b"] {
        for entry in std::fs::read_dir(folder.join(set)).expect("readable") {
            let bytes = std::fs::read(entry.expect("readable").path()).expect("readable");
            let template = iso19794_2::decode_template(&bytes).expect("decodes");
            assert!(template.minutiae.len() > 5);
            let again = iso19794_2::decode_template(&iso19794_2::encode(&template).expect("fits"))
                .expect("decodes");
            assert_eq!(again.minutiae, template.minutiae);
            let card = compact::encode(&template, &compact::Limits::default()).expect("fits");
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
