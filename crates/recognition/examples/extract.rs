//! Writes the templates of folders of images as ISO/IEC 19794-2:2005 records, for `templates` to compare:
//! `cargo run --example extract -- OUT FOLDER…`

use std::path::Path;
use std::time::Instant;

use negin_fingerprint::{CANONICAL_DPI, Image, iso19794_2};
use negin_recognition::bench::Set;
use negin_recognition::extract;
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("where to?")?;
    for folder in arguments {
        let set = Set::open(folder.as_ref(), Set::IMAGES)?;
        let to = Path::new(&out).join(&set.name);
        std::fs::create_dir_all(&to)?;
        let mut counts: Vec<(usize, f64)> = set
            .impressions
            .par_iter()
            .filter_map(|impression| {
                let image = Image::open(&impression.path, CANONICAL_DPI).ok()?;
                let start = Instant::now();
                let template = extract(&image).ok()?.template;
                let time = start.elapsed().as_secs_f64() * 1000.0;
                std::fs::write(
                    to.join(impression.name() + ".iso"),
                    iso19794_2::encode_template(&template).ok()?,
                )
                .ok()?;
                Some((template.minutiae.len(), time))
            })
            .collect();
        counts.sort_by(|a, b| a.1.total_cmp(&b.1));
        let time = counts.get(counts.len() / 2).map(|it| it.1);
        counts.sort_unstable_by_key(|it| it.0);
        let quantile = |share: usize| counts.get((counts.len() - 1) * share / 100).map(|it| it.0);
        println!(
            "{}: {} of {}, minutiae {:?} {:?} {:?}, {time:.1?} ms",
            set.name,
            counts.len(),
            set.impressions.len(),
            quantile(0),
            quantile(50),
            quantile(100)
        );
    }
    Ok(())
}
