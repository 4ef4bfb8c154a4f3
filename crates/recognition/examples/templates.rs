//! Measures the comparison alone, on folders of other makers' ISO/IEC 19794-2:2005 templates:
//! `cargo run --example templates -- FOLDER…`

use std::time::Instant;

use negin_fingerprint::compact::{Limits, encode};
use negin_fingerprint::iso19794_2;
use negin_recognition::bench::{Set, run};
use negin_recognition::on_card;

fn main() -> Result<(), negin_recognition::Error> {
    let start = Instant::now();
    for folder in std::env::args().skip(1) {
        let set = Set::open(folder.as_ref(), &["iso"])?;
        let template =
            |path: &std::path::Path| iso19794_2::decode_template(&std::fs::read(path).ok()?).ok();
        let card = run(
            set.clone(),
            |path| encode(&template(path)?, &Limits::default()).ok(),
            |a, b| f64::from(on_card::compare(a, b).0),
            &|| start.elapsed(),
        );
        println!(
            "{} on card {:.3?} {:.3} ms",
            set.name, card.metrics, card.compare_ms
        );
    }
    Ok(())
}
