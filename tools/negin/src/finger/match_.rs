//! `negin finger match`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
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
        negin finger match enrolled.card now.png --as compact\n  \
        negin finger match enrolled.png now.png --threshold fmr-1e-4\n\nEnds with 0 when both are of one finger, with 1 when not.\n\n\
        A threshold fmr-1e-N takes two fingers for one in at most one of 10^N comparisons of synthetic prints; without\n\
        it the thresholds in force decide, as at a delivery and on a card."
)]
pub struct MatchArgs {
    /// A print: an image or a template
    pub first: PathBuf,
    /// Another
    pub second: PathBuf,
    /// Write both images, the minutiae and the pairs between them, as PNG
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// From which score on two prints are of one finger
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(threshold::BY_RATE.map(|it| it.name)))]
    pub threshold: Option<String>,
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
    let named = args.threshold.as_deref().and_then(threshold::named);
    let (on_host_from, on_card_from) = named
        .map_or((threshold::HOST, Some(threshold::ON_CARD)), |it| {
            (it.host, it.on_card)
        });
    let matches_on_card = on_card_from.map(|from| on_card >= from);
    let matches = found.score >= on_host_from;
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
            "threshold": on_host_from,
            "threshold_name": named.map(|it| it.name),
            "pairs": found.pairs,
            "minutiae": [first.template.minutiae.len(), second.template.minutiae.len()],
            "quality": [first.template.quality, second.template.quality],
            "on_card": {
                "match": matches_on_card,
                "score": on_card.0,
                "threshold": on_card_from.map(|it| it.0),
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
            Cell::new(format!("{:.0}, from {:.0} on", found.score, on_host_from)),
        ),
        (
            "on a card",
            matches_on_card.map_or_else(|| Cell::new("no threshold counted"), verdict),
        ),
        (
            "score",
            Cell::new(match on_card_from {
                Some(from) => format!("{}, from {} on", on_card.0, from.0),
                None => on_card.0.to_string(),
            }),
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
