//! `negin finger extract`.

use std::path::PathBuf;

use clap::Args;
use negin_fingerprint::{Format, MinutiaKind};
use serde_json::json;

use super::error::write;
use super::input::{ImageArgs, print};
use super::template_args::{LimitArgs, ReadArgs, formats};
use super::{Error, picture};
use crate::output::{Style, Table, print_json};

/// Options of `negin finger extract`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin finger extract finger.png --out finger.iso\n  \
        negin finger extract finger.png --format compact --order polar --out finger.card\n  \
        negin finger extract finger.png --stages stages\n  \
        negin finger extract finger.raw --raw 300x400 --dpi 508 --picture minutiae.png --json"
)]
pub struct ExtractArgs {
    /// The image
    pub image: PathBuf,
    /// Write the template here
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The template's format
    #[arg(long, default_value = "iso2005", value_name = "FORMAT", value_parser = formats())]
    pub format: Format,
    /// What is written for a card.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Write the image with the minutiae drawn on it, as PNG
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// Write a picture of every stage into this folder
    #[arg(long, value_name = "DIR")]
    pub stages: Option<PathBuf>,
    /// How the image is read.
    #[command(flatten)]
    pub input: ImageArgs,
}

pub(super) fn run(args: &ExtractArgs, json: bool) -> Result<(), Error> {
    // Before all else: of a print that gives nothing the stages are most worth seeing.
    if let Some(folder) = &args.stages {
        picture::of_stages(folder, &args.image, &args.input)?;
    }
    let found = print(&args.image, &args.input, ReadArgs { bare: None })?;
    let template = &found.template;
    let wrong = |source: negin_fingerprint::Error| Error::Print {
        path: args.image.clone(),
        source: source.into(),
    };
    if let Some(out) = &args.out {
        let limits = args.limits.limits();
        let bytes = args.format.encode_template(template, &limits);
        write(out, &bytes.map_err(wrong)?)?;
    }
    if let Some(file) = &args.picture {
        picture::of_print(file, &args.image, &found)?;
    }
    let count = |kind: MinutiaKind| template.minutiae.iter().filter(|m| m.kind == kind).count();
    let (endings, bifurcations) = (count(MinutiaKind::Ending), count(MinutiaKind::Bifurcation));
    if json {
        let object = json!({
            "image": args.image.display().to_string(),
            "width": template.width,
            "height": template.height,
            "quality": template.quality,
            "minutiae": template.minutiae.len(),
            "endings": endings,
            "bifurcations": bifurcations,
            "template": args.out.as_ref().map(|path| path.display().to_string()),
            "stages": args.stages.as_ref().map(|path| path.display().to_string()),
            "picture": args.picture.as_ref().map(|path| path.display().to_string()),
        });
        return print_json(&object).map_err(Error::Output);
    }
    let table = Table::facts([
        (
            "size at 500 dpi",
            format!("{} x {}", template.width, template.height),
        ),
        ("quality", format!("{} of 100", template.quality)),
        ("endings", endings.to_string()),
        ("bifurcations", bifurcations.to_string()),
    ]);
    print!("{}", table.render(Style::stdout()));
    Ok(())
}
