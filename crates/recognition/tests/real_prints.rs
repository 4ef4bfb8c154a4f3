//! The engine on real prints, where the data is: error rates of five sets, and a card's comparison.
//!
//! The parameters are one set for all; thresholds come from synthetic prints (see `threshold`).

mod shared_data;

use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use negin_fingerprint::compact::{Limits, encode};
use negin_fingerprint::{CANONICAL_DPI, Image, Template};
use negin_recognition::bench::{Report, Set, run};
use negin_recognition::{compare, extract, on_card, threshold};

/// The sets, as far as they are there.
#[allow(clippy::expect_used)]
fn sets() -> Vec<Set> {
    let folder = shared_data::folder()
        .map(|data| data.join("fvc"))
        .filter(|it| it.is_dir());
    let Some(folder) = folder else {
        println!("not run: the folder shared/data/fvc is not there");
        return Vec::new();
    };
    [
        "fvc2000_db1_b",
        "fvc2002_db1_b",
        "fvc2002_db3_b",
        "fvc2004_db1_b",
        "fvc2004_db3_b",
    ]
    .iter()
    .map(|name| Set::open(&folder.join(name), Set::IMAGES).expect("a set"))
    .collect()
}

fn read(path: &Path) -> Option<Image> {
    Image::open(path, CANONICAL_DPI).ok()
}

fn template(image: Image) -> Option<Template> {
    Some(extract(&image).ok()?.template)
}

/// Every set compared on the host, once for all tests of this file.
fn reports() -> &'static [Report] {
    static REPORTS: OnceLock<Vec<Report>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let start = Instant::now();
        let measure = |set| {
            run(set, read, template, |a, b| compare(a, b).score, &|| {
                start.elapsed()
            })
        };
        sets().into_iter().map(measure).collect()
    })
}

#[test]
fn the_mean_equal_error_rate_of_five_sets_is_low() {
    let mut mean = 0.0;
    for report in reports() {
        let genuine = report.scores.iter().filter(|line| line.genuine).count();
        assert_eq!((genuine, report.scores.len() - genuine), (280, 2880));
        let metrics = report.metrics.expect("both kinds of pairs");
        let accepted = report
            .scores
            .iter()
            .filter(|line| !line.genuine && line.score >= threshold::HOST);
        let refused = report
            .scores
            .iter()
            .filter(|line| line.genuine && line.score < threshold::HOST);
        println!(
            "{}: EER {:.2} %, FMR100 {:.2} %, FMR1000 {:.2} %, zeroFMR {:.2} %; extract {:.0} ms, compare {:.2} ms; \
             not extracted {}; at the threshold: {} of 2880 impostors accepted, {} of 280 genuine refused",
            report.set.name,
            100.0 * metrics.eer,
            100.0 * metrics.fmr100,
            100.0 * metrics.fmr1000,
            100.0 * metrics.zero_fmr,
            report.extract_ms,
            report.compare_ms,
            report.failures.len(),
            accepted.count(),
            refused.count(),
        );
        mean += metrics.eer / reports().len() as f64;
    }
    println!("mean EER {:.2} %", 100.0 * mean);
    assert!(
        mean <= 0.03,
        "the bound asked for is 10 %, what was reached before is half of this"
    );
}

#[test]
fn a_card_takes_its_finger_and_refuses_others() {
    let Some(set) = sets().into_iter().find(|set| set.name == "fvc2002_db1_b") else {
        return;
    };
    let records: Vec<(String, String, Vec<u8>)> = set
        .impressions
        .iter()
        .map(|it| {
            let template = read(&it.path).and_then(template).expect("extracted");
            let record = encode(&template, &Limits::default())
                .expect("fits")
                .to_vec();
            (it.finger.clone(), it.impression.clone(), record)
        })
        .collect();
    let (mut genuine, mut passed, mut foreign, mut fooled) = (0, 0, 0, 0);
    let (mut all_foreign, mut all_fooled) = (0, 0);
    for (finger, _, reference) in records
        .iter()
        .filter(|(_, impression, _)| impression == "1")
    {
        for (other, impression, probe) in &records {
            let accepted = usize::from(on_card::compare(reference, probe) >= threshold::ON_CARD);
            if other != finger {
                (all_foreign, all_fooled) = (all_foreign + 1, all_fooled + accepted);
            }
            if other == finger && impression != "1" {
                (genuine, passed) = (genuine + 1, passed + accepted);
            } else if other != finger && impression == "1" {
                (foreign, fooled) = (foreign + 1, fooled + accepted);
            }
        }
    }
    println!(
        "on card, impression 1 enrolled: {passed} of {genuine} pass in one try, {fooled} of {foreign} foreign accepted \
         ({all_fooled} of {all_foreign} with every impression)"
    );
    assert_eq!((genuine, foreign), (70, 90));
    assert!(passed * 100 >= genuine * 85 && fooled <= 1);
}
