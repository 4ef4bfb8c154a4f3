//! Reading profiles: the built-in one, and every fault with its line and field.

#![allow(clippy::unwrap_used)]

use negin_eid::piv::{Container, Extensions, KeyReference};
use negin_fingerprint::FingerPosition;
use negin_fingerprint::compact::{Limits, Order};
use negin_issuance::profile::{Administration, LdsFile, ManagementKey, NATIONAL_ID, Profile};
use negin_issuance::record::calendar::Calendar;

/// Line, field and key of each finding after a change to the built-in profile.
fn faults(from: &str, to: &str) -> Vec<(String, String, &'static str)> {
    let text = Profile::national_id_toml();
    assert!(text.contains(from), "{from} is not in the profile");
    let changed = text.replacen(from, to, 1);
    match Profile::from_toml(&changed, "x.toml") {
        Ok(_) => Vec::new(),
        Err(rejected) => rejected
            .findings()
            .map(|finding| {
                let params = finding.params();
                let line = params.iter().find(|(name, _)| *name == "line").unwrap();
                let field = finding.path.clone().unwrap_or_default();
                (line.1.clone(), field, finding.key())
            })
            .collect(),
    }
}

fn line_of(part: &str) -> String {
    let text = Profile::national_id_toml();
    let before = text.split_once(part).unwrap().0;
    (before.matches('\n').count() + 1).to_string()
}

#[test]
fn built_in_profiles_are_found_by_name() {
    let national = Profile::built_in("national-id").unwrap().unwrap();
    assert_eq!(national, Profile::national_id().unwrap());
    assert_eq!(national.administration, None);
    assert!(!national.containers.contains(&Container::Fingerprints));
    let token = Profile::built_in("piv-token").unwrap().unwrap();
    assert_eq!(token, Profile::piv_token().unwrap());
    assert_eq!(
        token.administration,
        Some(Administration {
            extensions: Extensions::Yubico,
            key: ManagementKey::Factory
        })
    );
    assert!(token.containers.contains(&Container::Fingerprints));
    // Otherwise they are the same card.
    let mut like_national = token;
    like_national.name.clone_from(&national.name);
    like_national.document.clone_from(&national.document);
    like_national.administration = None;
    like_national
        .containers
        .retain(|container| *container != Container::Fingerprints);
    assert_eq!(like_national, national);
    assert!(Profile::built_in("other").is_none());
}

#[test]
fn administration_is_judged_like_the_rest() {
    let of = |section: &str| {
        let text = Profile::national_id_toml();
        let (before, _) = text.split_once("[administration]").unwrap();
        Profile::from_toml(&format!("{before}{section}"), "x.toml")
            .map(|profile| profile.administration)
            .map_err(|rejected| rejected.findings().map(|f| f.key()).collect::<Vec<_>>())
    };
    let standard = |key| {
        Ok(Some(Administration {
            extensions: Extensions::Standard,
            key,
        }))
    };
    assert_eq!(of(""), Ok(None));
    let section = "[administration]\nextensions = \"standard\"\n";
    let with = |key: &str| of(&format!("{section}management_key = \"{key}\"\n"));
    assert_eq!(with("diversified"), standard(ManagementKey::Diversified));
    assert_eq!(with("factory"), standard(ManagementKey::Factory));
    assert_eq!(of(section), Err(vec!["profile.missing"]));
    assert_eq!(with("1234"), Err(vec!["profile.word-unknown"]));
    let unknown = "[administration]\nextensions = \"all\"\n";
    assert_eq!(of(unknown), Err(vec!["profile.word-unknown"]));
}

#[test]
fn the_built_in_profile_is_what_it_says() {
    let profile = Profile::national_id().unwrap();
    assert_eq!(profile.name, NATIONAL_ID);
    assert_eq!(profile.document.number(42).as_deref(), Some("N00000042"));
    assert_eq!(profile.document.number(100_000_000), None);
    assert_eq!(profile.validity.calendar, Calendar::Persian);
    assert_eq!(
        profile.fingers.limits,
        Limits {
            min: 12,
            max: 60,
            order: Order::NONE
        }
    );
    let references: Vec<KeyReference> = profile.keys.iter().map(|key| key.reference).collect();
    assert_eq!(references, KeyReference::CURRENT);
    assert!(
        profile
            .written_containers()
            .contains(&Container::SignatureCertificate)
    );
    assert!(profile.files.contains(&LdsFile::Sod));
    assert!(profile.renewal.renews(Container::KeyManagementCertificate));
    assert!(!profile.renewal.renews(Container::Chuid));
}

#[test]
fn fingers_are_chosen_by_preference() {
    use FingerPosition::{LeftIndex, LeftThumb, RightIndex, RightLittle, RightThumb};
    let fingers = Profile::national_id().unwrap().fingers;
    assert_eq!(
        fingers.choose(&[LeftThumb, RightThumb, LeftIndex, RightIndex].map(|it| (it, 60))),
        [RightIndex, LeftIndex]
    );
    assert_eq!(fingers.choose(&[(RightLittle, 5)]), [RightLittle]);
    assert_eq!(
        fingers.choose(&[(RightThumb, 90), (RightIndex, 5), (LeftIndex, 60)]),
        [LeftIndex, RightThumb],
        "a poor finger gives way"
    );
    assert_eq!(fingers.choose(&[]), []);
}

#[test]
fn every_fault_names_its_line_and_field() {
    for (from, to, field, key) in [
        (
            "version = 1",
            "version = 2",
            "version",
            "profile.out-of-range",
        ),
        (
            "name = \"national-id\"",
            "name = \"ملی\"",
            "name",
            "profile.word-unknown",
        ),
        (
            "code = \"I\"",
            "code = \"X\"",
            "document.code",
            "profile.word-unknown",
        ),
        (
            "issuing_state = \"IRN\"",
            "issuing_state = \"irn\"",
            "document.issuing_state",
            "profile.word-unknown",
        ),
        (
            "number_digits = 8",
            "number_digits = 9",
            "document.number_digits",
            "profile.out-of-range",
        ),
        (
            "years = 7",
            "years = 0",
            "validity.years",
            "profile.out-of-range",
        ),
        (
            "calendar = \"persian\"",
            "calendar = \"julian\"",
            "validity.calendar",
            "profile.word-unknown",
        ),
        (
            "formats = [\"jpeg\"]",
            "formats = []",
            "photo.formats",
            "profile.missing",
        ),
        (
            "max_aspect = 0.85",
            "max_aspect = 0.60",
            "photo.max_aspect",
            "profile.out-of-range",
        ),
        (
            "max_bytes = 24000",
            "max_bytes = 70000",
            "photo.max_bytes",
            "profile.out-of-range",
        ),
        (
            "enrol = 2",
            "enrol = 3",
            "fingers.enrol",
            "profile.out-of-range",
        ),
        (
            "preference = [2, 7, 1, 6, 3, 8, 4, 9, 5, 10]",
            "preference = [2, 2]",
            "fingers.preference",
            "profile.repeated",
        ),
        (
            "preference = [2, 7, 1, 6, 3, 8, 4, 9, 5, 10]",
            "preference = [2]",
            "fingers.preference",
            "profile.out-of-range",
        ),
        (
            "max_minutiae = 60",
            "max_minutiae = 11",
            "fingers.max_minutiae",
            "profile.out-of-range",
        ),
        (
            "order = \"none\"",
            "order = \"z\"",
            "fingers.order",
            "profile.word-unknown",
        ),
        (
            "max_digits = 8",
            "max_digits = 9",
            "pin.max_digits",
            "profile.out-of-range",
        ),
        (
            "reference = \"9C\"",
            "reference = \"9A\"",
            "keys.reference",
            "profile.repeated",
        ),
        (
            "algorithm = \"P-256\"",
            "algorithm = \"RSA\"",
            "keys.algorithm",
            "profile.word-unknown",
        ),
        (
            "country = \"IR\"",
            "country = \"IRN\"",
            "certificates.country",
            "profile.word-unknown",
        ),
        (
            "keys = [\"9A\", \"9C\", \"9D\", \"9E\"]",
            "keys = [\"9B\"]",
            "renewal.keys",
            "profile.word-unknown",
        ),
    ] {
        let expected = vec![(line_of(from), field.to_owned(), key)];
        assert_eq!(faults(from, to), expected, "{to}");
    }
}

#[test]
fn sections_must_agree() {
    let without_signature = "[[keys]]\nreference = \"9C\"\nalgorithm = \"P-256\"\n";
    let found = faults(without_signature, "");
    let fields: Vec<(&str, &str)> = found
        .iter()
        .map(|(_, field, key)| (field.as_str(), *key))
        .collect();
    assert_eq!(
        fields,
        [
            ("renewal.containers", "profile.missing"),
            ("renewal.keys", "profile.missing")
        ]
    );
    let found = faults("    \"chuid\",\n", "");
    assert_eq!(found[0].1, "piv.containers");
    assert_eq!(found[0].0, line_of("containers = [\n").as_str());
    assert_eq!(faults("\"com\", ", "")[0].1, "travel_document.files");
}

#[test]
fn all_faults_are_told_at_once() {
    let text = Profile::national_id_toml()
        .replace("years = 7", "years = 70")
        .replace("tries = 5", "tries = 0")
        .replace("order = \"none\"", "order = \"any\"");
    let rejected = Profile::from_toml(&text, "x.toml").unwrap_err();
    let fields: Vec<&str> = rejected
        .findings()
        .map(|finding| finding.path.as_deref().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["validity.years", "fingers.order", "pin.tries", "puk.tries"]
    );
    assert!(rejected.to_string().ends_with("(and 3 more)"));
}

#[test]
fn syntax_unknown_and_missing_fields_have_their_line() {
    for (from, to, line) in [
        ("years = 7", "years = ", line_of("years = 7")),
        ("years = 7", "years = \"7\"", line_of("years = 7")),
        ("years = 7", "years = 7\nspare = 1", {
            let line: usize = line_of("years = 7").parse().unwrap();
            (line + 1).to_string()
        }),
        ("years = 7\n", "", line_of("[validity]")),
    ] {
        let found = faults(from, to);
        assert_eq!(found.len(), 1, "{to}");
        assert_eq!(found[0].2, "profile.syntax", "{to}");
        assert_eq!(found[0].0, line, "{to}");
    }
}

#[test]
fn a_profile_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.toml");
    assert_eq!(Profile::open(&path).unwrap_err().key(), "file.unreadable");
    let text = Profile::national_id_toml().replace("\"national-id\"", "\"other\"");
    std::fs::write(&path, text).unwrap();
    assert_eq!(Profile::open(&path).unwrap().name, "other");
}
