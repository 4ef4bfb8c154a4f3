//! `negin finger match`.

use std::path::PathBuf;

use clap::Args;
use negin_fingerprint::compact;
use negin_recognition::{compare, on_card, threshold};
use serde_json::json;

use super::input::{ImageArgs, print};
use super::template_args::ReadArgs;
use super::{Error, picture};
use crate::output::{Cell, Paint, Style, Table, print_json};

/// Options of `negin finger match`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin finger match enrolled.png now.png --picture pairs.png\n  \
        negin finger match enrolled.iso now.png --json\n  \
        negin finger match enrolled.card now.png --as compact\n\nEnds with 0 when both are of one finger, with 1 when not."
)]
pub struct MatchArgs {
    /// A print: an image or a template
    pub first: PathBuf,
    /// Another
    pub second: PathBuf,
    /// Write both images, the minutiae and the pairs between them, as PNG
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// How images are read.
    #[command(flatten)]
    pub input: ImageArgs,
    /// How templates are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

pub(super) fn run(args: &MatchArgs, json: bool) -> Result<bool, Error> {
    let first = print(&args.first, &args.input, args.read)?;
    let second = print(&args.second, &args.input, args.read)?;
    let found = compare(&first.template, &second.template);
    let on_card = on_card(&first.template, &second.template)?;
    let matches = found.score >= threshold::HOST;
    if let Some(file) = &args.picture {
        let (a, b) = (
            (args.first.as_path(), &first),
            (args.second.as_path(), &second),
        );
        picture::of_pairs(file, a, b, &found.pairs)?;
    }
    if json {
        let object = json!({
            "match": matches,
            "score": found.score,
            "threshold": threshold::HOST,
            "pairs": found.pairs,
            "minutiae": [first.template.minutiae.len(), second.template.minutiae.len()],
            "quality": [first.template.quality, second.template.quality],
            "on_card": {
                "match": on_card >= threshold::ON_CARD,
                "score": on_card.0,
                "threshold": threshold::ON_CARD.0,
            },
        });
        print_json(&object).map_err(Error::Output)?;
        return Ok(matches);
    }
    let verdict = |yes: bool| match yes {
        true => Cell::new("one finger").painted(Paint::Good),
        false => Cell::new("not shown to be one finger").painted(Paint::Bad),
    };
    let table = Table::facts([
        ("on the host", verdict(matches)),
        (
            "score",
            Cell::new(format!(
                "{:.0}, from {:.0} on",
                found.score,
                threshold::HOST
            )),
        ),
        ("on a card", verdict(on_card >= threshold::ON_CARD)),
        (
            "score",
            Cell::new(format!("{}, from {} on", on_card.0, threshold::ON_CARD.0)),
        ),
        (
            "pairs",
            Cell::new(format!(
                "{} of {} and {} minutiae",
                found.pairs.len(),
                first.template.minutiae.len(),
                second.template.minutiae.len()
            )),
        ),
    ]);
    print!("{}", table.render(Style::stdout()));
    Ok(matches)
}

/// What a card would say of the two.
fn on_card(
    first: &negin_fingerprint::Template,
    second: &negin_fingerprint::Template,
) -> Result<on_card::Score, Error> {
    let limits = compact::Limits::default();
    let encode =
        |template| compact::encode(template, &limits).map_err(|error| Error::Bench(error.into()));
    Ok(on_card::compare(&encode(first)?, &encode(second)?))
}
