//! `negin scanner capture`: one print, written as a file and, if asked for, shown in the terminal as it comes.

use std::cell::Cell;
use std::time::Duration;

use negin_fingerprint::capture::{Capture, CaptureEvent, CaptureRequest, FrameVerdict};
use negin_fingerprint::{CaptureError, Image, ScannerInfo};
use serde_json::json;

use super::{guidance, opened, tell, unprinted};
use crate::cli::{CaptureArgs, Language};
use crate::commands::App;
use crate::output::{Exit, Style, Table, print_json, print_text};
use crate::preview::{Preview, Terminal};
use crate::problem::Problem;
use crate::{devices, files, interrupt};

/// Quality of a frame from which on no better one is waited for.
const GOOD: u8 = 60;

/// So many good frames in a row, and the finger lies still: a preview is not over before the person has seen it.
const STEADY: u8 = 3;

/// How many frames a preview takes at most where nobody says: seven seconds of a U.are.U's.
const PREVIEWED: u8 = 50;

/// Runs the command.
pub fn run(args: &CaptureArgs, app: &App) -> Result<Exit, Problem> {
    interrupt::watch();
    let unwritten = |error| Problem::file(&args.out, &error);
    // No finger is asked for that there is no place or no terminal for.
    files::can_replace(&args.out).map_err(unwritten)?;
    let terminal = args.preview.then(Terminal::find).transpose()?;
    let scanners = match args.seed.is_empty() {
        true => devices::scanners(),
        false => devices::scanners_for_replay(args.seed.clone()),
    };
    let mut scanner = opened(&scanners, &args.device)?;
    let info = scanner.info();
    let preview = terminal.map(Preview::begin);
    let image = take(&mut *scanner, &info, args, preview.as_ref(), app.language);
    drop(preview);
    let image = image?;
    // The scanner is free for others before the file is written.
    drop(scanner);
    let png = zeroize::Zeroizing::new(image.to_png()?);
    files::replace(&args.out, &png, files::Access::Owner).map_err(unwritten)?;
    report(args, app, info, &image).map_err(unprinted)?;
    Ok(Exit::Done)
}

fn quality(image: &Image) -> u8 {
    negin_recognition::extract(image).map_or(0, |found| found.quality)
}

fn take(
    scanner: &mut dyn Capture,
    info: &ScannerInfo,
    args: &CaptureArgs,
    preview: Option<&Preview>,
    language: Language,
) -> Result<Image, CaptureError> {
    let frames = args.frames.unwrap_or(match preview {
        Some(_) if info.live => PREVIEWED,
        _ => 1,
    });
    let (good, steady) = (Cell::new(0_u8), if preview.is_some() { STEADY } else { 1 });
    // Whether the words in the terminal are of the frame before.
    let advised = Cell::new(false);
    let say = |preview: &Preview, event| {
        if let Some(words) = guidance(event, language) {
            preview.say(&words);
        }
    };
    let judge = |image: &Image| {
        if let Some(preview) = preview {
            preview.frame(image);
            if !advised.replace(false) {
                say(preview, CaptureEvent::WaitingForFinger);
            }
        }
        let score = quality(image);
        good.set(match score >= GOOD {
            true => good.get().saturating_add(1),
            false => 0,
        });
        FrameVerdict {
            score,
            enough: good.get() >= steady,
        }
    };
    let request = CaptureRequest {
        timeout: Duration::from_secs(args.timeout),
        cancel: interrupt::token(),
        frames,
        judge: (frames > 1 || preview.is_some()).then_some(&judge),
    };
    scanner.capture(&request, &mut |event| match preview {
        Some(preview) => {
            advised.set(true);
            say(preview, event);
        }
        None => tell(event, language),
    })
}

/// Says what was taken, and nothing of the picture.
fn report(args: &CaptureArgs, app: &App, info: ScannerInfo, image: &Image) -> std::io::Result<()> {
    let quality = quality(image);
    if app.json {
        return print_json(&json!({
            "device": args.device.to_string(),
            "name": info.name,
            "serial": info.serial,
            "file": args.out.display().to_string(),
            "width": image.width(),
            "height": image.height(),
            "dpi": image.dpi(),
            "quality": quality,
        }));
    }
    let size = format!(
        "{} x {} at {} dpi",
        image.width(),
        image.height(),
        image.dpi()
    );
    let facts = [
        ("scanner", info.name),
        ("image", size),
        ("quality", quality.to_string()),
        ("file", args.out.display().to_string()),
    ];
    print_text(&Table::facts(facts).render(Style::stdout()))
}
