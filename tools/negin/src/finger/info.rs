//! `negin finger info`.

use std::path::PathBuf;

use clap::Args;
use negin_fingerprint::record::{EndingPlace, Quality};
use negin_fingerprint::{Error as FormatError, Minutia, MinutiaKind, Record, View};
use serde_json::{Value, json};

use super::Error;
use super::input;
use super::template_args::ReadArgs;
use crate::output::{Align, Cell, Paint, Style, Table, print_json};

/// Options of `negin finger info`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin finger info finger.iso\n  negin finger info finger.iso --strict\n  \
        negin finger info finger.card --as compact --json\n\n\
        What a record has that its standard does not allow is let pass and said; with --strict it is an error."
)]
pub struct InfoArgs {
    /// The template
    pub template: PathBuf,
    /// End with an error where the record is not as its standard has it
    #[arg(long)]
    pub strict: bool,
    /// How the template is read.
    #[command(flatten)]
    pub read: ReadArgs,
}

pub(super) fn run(args: &InfoArgs, json: bool) -> Result<(), Error> {
    let record = input::record(&args.template, args.read)?;
    if let (true, Some(deviation)) = (args.strict, record.deviations.first()) {
        return Err(Error::Print {
            path: args.template.clone(),
            source: FormatError::RecordStrict(*deviation).into(),
        });
    }
    if json {
        return print_json(&to_json(&record)).map_err(Error::Output);
    }
    print!("{}", header(&record).render(Style::stdout()));
    for view in &record.views {
        print!("\n{}", facts(view).render(Style::stdout()));
        print!("\n{}", minutiae(view).render(Style::stdout()));
    }
    Ok(())
}

fn header(record: &Record) -> Table {
    let mut table = Table::facts([("format", record.format.standard())]);
    if let Some(product) = record.product {
        table.row([
            "product",
            &format!("{:04X}:{:04X}", product.owner, product.product),
        ]);
    }
    table.row(["views", &record.views.len().to_string()]);
    for deviation in &record.deviations {
        table.row([
            Cell::new("not as the standard has it"),
            Cell::new(deviation.text()).painted(Paint::Bad),
        ]);
    }
    table
}

fn facts(view: &View) -> Table {
    let template = &view.template;
    let count = |kind: MinutiaKind| template.minutiae.iter().filter(|m| m.kind == kind).count();
    let mut table = Table::facts([
        (
            "finger",
            format!("{}, view {}", template.finger.name(), view.number),
        ),
        ("impression type", view.impression.0.to_string()),
        (
            "size at 500 dpi",
            format!("{} x {}", template.width, template.height),
        ),
        (
            "resolution as written",
            format!("{} x {} a centimetre", view.resolution.0, view.resolution.1),
        ),
        (
            "minutiae",
            format!(
                "{}: {} endings, {} bifurcations, {} other",
                template.minutiae.len(),
                count(MinutiaKind::Ending),
                count(MinutiaKind::Bifurcation),
                count(MinutiaKind::Other)
            ),
        ),
    ]);
    for quality in &view.qualities {
        table.row(["quality", &said(quality)]);
    }
    if let Some(date) = view.captured {
        let (day, time) = (
            format!("{:04}-{:02}-{:02}", date.year, date.month, date.day),
            format!("{:02}:{:02}:{:02}", date.hour, date.minute, date.second),
        );
        table.row(["captured", &format!("{day} {time} UTC")]);
    }
    if view.ending == EndingPlace::RidgeEnd {
        table.row(["ridge endings", "where the ridge's own line ends"]);
    }
    let extended = &view.extended;
    if let Some(counts) = &extended.ridge_counts {
        table.row(["ridge counts", &counts.counts.len().to_string()]);
    }
    if let Some(points) = &extended.singular_points {
        let text = format!("{} and {}", points.cores.len(), points.deltas.len());
        table.row(["cores and deltas", &text]);
    }
    for area in &extended.areas {
        let text = format!("type {:04X}, {} bytes", area.kind, area.content.len());
        table.row(["other area", &text]);
    }
    table
}

fn said(quality: &Quality) -> String {
    match quality.score {
        score @ 0..=100 => format!("{score} of 100"),
        254 => "not computed".to_owned(),
        255 => "failed".to_owned(),
        other => other.to_string(),
    }
}

fn minutiae(view: &View) -> Table {
    let mut table = Table::new(&[
        ("x", Align::Right),
        ("y", Align::Right),
        ("angle", Align::Right),
        ("kind", Align::Left),
        ("quality", Align::Right),
    ]);
    for minutia in &view.template.minutiae {
        table.row([
            format!("{:.1}", minutia.x),
            format!("{:.1}", minutia.y),
            format!("{:.1}°", minutia.angle.to_degrees()),
            kind(minutia).to_owned(),
            match minutia.quality {
                0 => "-".to_owned(),
                quality => quality.to_string(),
            },
        ]);
    }
    table
}

fn kind(minutia: &Minutia) -> &'static str {
    match minutia.kind {
        MinutiaKind::Ending => "ending",
        MinutiaKind::Bifurcation => "bifurcation",
        MinutiaKind::Other => "other",
    }
}

/// Places in pixels at 500 dpi, angles in degrees.
fn to_json(record: &Record) -> Value {
    json!({
        "format": record.format.name(),
        "standard": record.format.standard(),
        "product": record.product.map(|it| json!({"owner": it.owner, "product": it.product})),
        "deviations": record.deviations.iter().map(|it| it.text()).collect::<Vec<_>>(),
        "views": record.views.iter().map(view_json).collect::<Vec<_>>(),
    })
}

fn view_json(view: &View) -> Value {
    let (template, device, extended) = (&view.template, &view.device, &view.extended);
    let minutia = |it: &Minutia| {
        json!({
            "x": it.x, "y": it.y, "angle": it.angle.to_degrees(), "kind": kind(it),
            "quality": (it.quality > 0).then_some(it.quality),
        })
    };
    let qualities = view.qualities.iter();
    let counts = extended.ridge_counts.as_ref().map(|counts| {
        let each = counts.counts.iter();
        let each = each.map(|it| json!({"from": it.from, "to": it.to, "count": it.count}));
        json!({"method": counts.method, "counts": each.collect::<Vec<_>>()})
    });
    let points = extended.singular_points.as_ref().map(|points| {
        let cores = points
            .cores
            .iter()
            .map(|it| json!({"x": it.x, "y": it.y, "angle": it.angle.map(f32::to_degrees)}));
        let deltas = points.deltas.iter().map(|it| {
            json!({"x": it.x, "y": it.y, "angles": it.angles.map(|all| all.map(f32::to_degrees))})
        });
        json!({"cores": cores.collect::<Vec<_>>(), "deltas": deltas.collect::<Vec<_>>()})
    });
    let areas = extended.areas.iter();
    json!({
        "finger": template.finger.name(),
        "number": view.number,
        "impression_type": view.impression.0,
        "width": template.width,
        "height": template.height,
        "resolution": [view.resolution.0, view.resolution.1],
        "qualities": qualities
            .map(|it| json!({"score": it.score, "owner": it.owner, "algorithm": it.algorithm}))
            .collect::<Vec<_>>(),
        "captured": view.captured.map(|it| {
            format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                it.year, it.month, it.day, it.hour, it.minute, it.second, it.millisecond
            )
        }),
        "device": {
            "vendor": device.vendor, "equipment": device.equipment, "technology": device.technology,
            "compliance": device.compliance, "certificates": device.certificates,
        },
        "endings": match view.ending {
            EndingPlace::ValleyFork => "valley-fork",
            EndingPlace::RidgeEnd => "ridge-end",
        },
        "minutiae": template.minutiae.iter().map(minutia).collect::<Vec<_>>(),
        "ridge_counts": counts,
        "singular_points": points,
        "areas": areas
            .map(|area| json!({"type": area.kind, "content": hex::encode(&area.content)}))
            .collect::<Vec<_>>(),
    })
}
