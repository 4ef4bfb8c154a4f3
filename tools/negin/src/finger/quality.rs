//! `negin finger quality`.

use std::path::{Path, PathBuf};

use clap::Args;
use negin_recognition::quality::{Advice, Assessment, assess, judge};
use serde_json::{Value, json};

use super::Error;
use super::input::{ImageArgs, image};
use crate::cli::Language;
use crate::messages::texts;
use crate::output::{Align, Cell, Paint, Style, Table, print_json};

/// Options of `negin finger quality`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin finger quality finger.png\n  negin finger quality *.png --json\n  \
        negin finger quality frame.pgm --quick --lang fa\n\n\
        0 is the worst, 100 the best. --quick looks at an image as at a frame of a live scanner, without extraction."
)]
pub struct QualityArgs {
    /// The images
    #[arg(required = true, value_name = "IMG")]
    pub images: Vec<PathBuf>,
    /// Do not extract: what the frames of a live scanner are judged by
    #[arg(long)]
    pub quick: bool,
    /// How the images are read.
    #[command(flatten)]
    pub input: ImageArgs,
}

pub(super) fn run(args: &QualityArgs, json: bool, language: Language) -> Result<(), Error> {
    let look = if args.quick { judge } else { assess };
    let mut seen = Vec::new();
    for path in &args.images {
        let image = image(path, &args.input)?;
        let assessment = look(&image).map_err(|source| Error::Print {
            path: path.clone(),
            source,
        })?;
        seen.push((path.as_path(), assessment));
    }
    if json {
        let images: Vec<Value> = seen
            .iter()
            .map(|(path, assessment)| to_json(path, assessment, language))
            .collect();
        return print_json(&json!({ "images": images })).map_err(Error::Output);
    }
    print!("{}", table(&seen).render(Style::stdout()));
    for (path, assessment) in &seen {
        if assessment.advice != Advice::None {
            let advice = texts(language, assessment.advice.key(), &[]);
            println!("{}: {} {}", path.display(), advice.what, advice.next);
        }
    }
    Ok(())
}

fn to_json(path: &Path, assessment: &Assessment, language: Language) -> Value {
    let (advice, parts) = (
        texts(language, assessment.advice.key(), &[]),
        &assessment.parts,
    );
    json!({
        "image": path.display().to_string(),
        "quality": assessment.score,
        "advice": assessment.advice.name(),
        "what": advice.what,
        "next": advice.next,
        "parts": {
            "area_mm2": parts.area,
            "certainty": parts.certainty,
            "regularity": parts.regularity,
            "scatter": parts.scatter,
            "moisture": parts.moisture,
            "contrast": parts.contrast,
            "smear": parts.smear,
            "clarity": parts.clarity,
            "minutiae": parts.minutiae,
        },
    })
}

fn table(seen: &[(&Path, Assessment)]) -> Table {
    let mut table = Table::new(&[
        ("image", Align::Left),
        ("quality", Align::Right),
        ("advice", Align::Left),
        ("area mm²", Align::Right),
        ("certainty", Align::Right),
        ("regularity", Align::Right),
        ("scatter", Align::Right),
        ("moisture", Align::Right),
        ("contrast", Align::Right),
        ("smear", Align::Right),
        ("clarity", Align::Right),
        ("minutiae", Align::Right),
    ]);
    for (path, assessment) in seen {
        let parts = &assessment.parts;
        let share = |value: f32| Cell::new(format!("{value:.2}"));
        let known = |value: Option<f32>, digits: usize| {
            Cell::new(value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}")))
        };
        let advice = Cell::new(assessment.advice.name().replace('-', " "));
        table.row([
            Cell::new(path.display().to_string()),
            Cell::new(assessment.score.to_string()),
            match assessment.advice {
                Advice::None => advice.painted(Paint::Muted),
                _ => advice.painted(Paint::Bad),
            },
            Cell::new(format!("{:.0}", parts.area)),
            share(parts.certainty),
            share(parts.regularity),
            share(parts.scatter),
            share(parts.moisture),
            Cell::new(format!("{:.0}", parts.contrast)),
            share(parts.smear),
            known(parts.clarity, 2),
            known(parts.minutiae, 0),
        ]);
    }
    table
}
