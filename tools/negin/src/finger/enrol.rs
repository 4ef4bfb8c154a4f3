//! `negin finger enrol`.

use std::path::PathBuf;

use clap::Args;
use negin_fingerprint::{FingerPosition, Format};
use negin_recognition::enrol::consolidate;
use serde_json::json;

use super::Error;
use super::error::write;
use super::input::{ImageArgs, print};
use super::template_args::{LimitArgs, ReadArgs, formats};
use crate::output::{Style, Table, print_json};

/// Most minutiae of a reference; a card takes the surest of them.
const MOST: usize = 100;

/// Options of `negin finger enrol`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin finger enrol one.png two.png three.png --out finger.iso\n  \
        negin finger enrol one.png two.png --format compact --max 64 --out finger.card\n\n\
        An impression that does not match the others is left out, and said so."
)]
pub struct EnrolArgs {
    /// The impressions of one finger, images or templates
    #[arg(required = true, value_name = "IMG")]
    pub images: Vec<PathBuf>,
    /// Write the reference here
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The reference's format
    #[arg(long, default_value = "iso2005", value_name = "FORMAT", value_parser = formats())]
    pub format: Format,
    /// What is written for a card.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// What the files are.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Which finger: its code of ISO/IEC 19794-2, 1 to 10
    #[arg(long, value_name = "CODE", value_parser = clap::value_parser!(u8).range(0..=10))]
    pub finger: Option<u8>,
    /// How images are read.
    #[command(flatten)]
    pub input: ImageArgs,
}

pub(super) fn run(args: &EnrolArgs, json: bool) -> Result<(), Error> {
    let impressions = args
        .images
        .iter()
        .map(|path| Ok(print(path, &args.input, args.read)?.template))
        .collect::<Result<Vec<_>, Error>>()?;
    let Some(mut reference) = consolidate(&impressions, MOST) else {
        return Ok(());
    };
    if let Some(finger) = args.finger.and_then(FingerPosition::from_code) {
        reference.template.finger = finger;
    }
    let wrong = |source: negin_fingerprint::Error| Error::Bench(source.into());
    let limits = args.limits.limits();
    let record = args.format.encode_template(&reference.template, &limits);
    write(&args.out, &record.map_err(wrong)?)?;
    let left_out: Vec<String> = (0..args.images.len())
        .filter(|index| !reference.used.contains(index))
        .map(|index| args.images[index].display().to_string())
        .collect();
    let shared = reference.support.iter().filter(|&&seen| seen > 1).count();
    if json {
        let object = json!({
            "reference": args.out.display().to_string(),
            "quality": reference.template.quality,
            "minutiae": reference.template.minutiae.len(),
            "seen_more_than_once": shared,
            "impressions": args.images.len(),
            "left_out": left_out,
        });
        return print_json(&object).map_err(Error::Output);
    }
    let table = Table::facts([
        ("quality", format!("{} of 100", reference.template.quality)),
        (
            "impressions",
            format!("{} of {}", reference.used.len(), args.images.len()),
        ),
        ("minutiae", reference.template.minutiae.len().to_string()),
        ("in more than one impression", shared.to_string()),
    ]);
    print!("{}", table.render(Style::stdout()));
    for image in left_out {
        println!("{image} does not match the others and is left out");
    }
    Ok(())
}
