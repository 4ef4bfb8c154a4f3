//! `negin scanners` and `negin scanner`: the fingerprint scanners of this machine, and a print from one of them.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use negin_device::{Address, Error as DeviceError};
use negin_fingerprint::Image;
use negin_fingerprint::capture::{Bounded, Capture, CaptureEvent, CaptureRequest, FrameVerdict};
use negin_scanner::UsbBackend;
use negin_scanner::usb::{self, Access, Event, Found, Monitor};
use serde_json::{Value, json};

use super::App;
use crate::cli::{CaptureArgs, Language, ScannerCommand, ScannersArgs};
use crate::output::{Align, Cell, Exit, Paint, Style, Table, print_json, print_text};
use crate::problem::Problem;
use crate::{devices, files, interrupt, messages};

/// How long a look at the keyboard's wish takes at most.
const SLICE: Duration = Duration::from_millis(300);

/// Quality of a frame from which on no better one is waited for.
const GOOD: u8 = 60;

/// A scanner that anybody may use: the person before it has half a minute, and Ctrl-C calls it off.
pub fn open(address: &Address) -> Result<Bounded<Box<dyn Capture>>, Problem> {
    interrupt::watch();
    let scanner = devices::scanners().open(address)?;
    Ok(Bounded::new(
        scanner,
        CaptureRequest::TIMEOUT,
        interrupt::token(),
    ))
}

/// Tells the person before the scanner, on standard error, what to do.
pub fn tell(event: CaptureEvent, language: Language) {
    let key = match event {
        CaptureEvent::WaitingForFinger => "scanner.place",
        CaptureEvent::Moving => "scanner.moving",
        CaptureEvent::TooDry => "scanner.too-dry",
        CaptureEvent::TooWet => "scanner.too-wet",
        CaptureEvent::LiftFinger => "scanner.lift",
        _ => return,
    };
    let texts = messages::texts(language, key, &[]);
    let _ = writeln!(std::io::stderr(), "{}", texts.next);
}

/// Runs a command about one scanner.
pub fn run(command: &ScannerCommand, app: &App) -> Result<Exit, Problem> {
    match command {
        ScannerCommand::Capture(args) => capture(args, app),
    }
}

/// `negin scanner capture`.
fn capture(args: &CaptureArgs, app: &App) -> Result<Exit, Problem> {
    interrupt::watch();
    let scanners = match args.seed.is_empty() {
        true => devices::scanners(),
        false => devices::scanners_for_replay(args.seed.clone()),
    };
    let mut scanner = scanners.open(&args.device)?;
    let quality =
        |image: &Image| negin_recognition::extract(image).map_or(0, |found| found.quality);
    let judge = |image: &Image| {
        let score = quality(image);
        FrameVerdict {
            score,
            enough: score >= GOOD,
        }
    };
    let request = CaptureRequest {
        timeout: Duration::from_secs(args.timeout),
        cancel: interrupt::token(),
        frames: args.frames,
        judge: (args.frames > 1).then_some(&judge),
    };
    let image = scanner.capture(&request, &mut |event| tell(event, app.language))?;
    let info = scanner.info();
    // The scanner is free for others before the file is written.
    drop(scanner);
    let png = zeroize::Zeroizing::new(image.to_png()?);
    files::replace(&args.out, &png, files::Access::Owner)
        .map_err(|error| Problem::file(&args.out, &error))?;
    let quality = quality(&image);
    if app.json {
        print_json(&json!({
            "device": args.device.to_string(),
            "name": info.name,
            "serial": info.serial,
            "file": args.out.display().to_string(),
            "width": image.width(),
            "height": image.height(),
            "dpi": image.dpi(),
            "quality": quality,
        }))
        .map_err(unprinted)?;
        return Ok(Exit::Done);
    }
    let facts = [
        ("scanner", info.name),
        (
            "image",
            format!(
                "{} x {} at {} dpi",
                image.width(),
                image.height(),
                image.dpi()
            ),
        ),
        ("quality", quality.to_string()),
        ("file", args.out.display().to_string()),
    ];
    print_text(&Table::facts(facts).render(Style::stdout())).map_err(unprinted)?;
    Ok(Exit::Done)
}

/// `negin scanners`.
pub fn list(args: &ScannersArgs, app: &App) -> Result<Exit, Problem> {
    if args.watch {
        return watch(app);
    }
    let found = usb::found().map_err(|error| unlisted(&error))?;
    if app.json {
        let all: Vec<Value> = found.iter().map(object).collect();
        print_json(&json!({ "scanners": all })).map_err(unprinted)?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        eprintln!("no scanner is plugged in");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("scanner", Align::Left),
        ("state", Align::Left),
        ("name", Align::Left),
        ("serial", Align::Left),
    ]);
    for scanner in &found {
        let paint = match scanner.access {
            Access::Ready => Paint::Good,
            _ => Paint::Warn,
        };
        table.row([
            Cell::new(address(&scanner.locator)),
            Cell::new(state(scanner.access)).painted(paint),
            Cell::new(scanner.model.name),
            Cell::new(scanner.serial.as_deref().unwrap_or_default()).painted(Paint::Muted),
        ]);
    }
    print_text(&table.render(Style::stdout())).map_err(unprinted)?;
    Ok(Exit::Done)
}

/// Says what happens until Ctrl-C.
fn watch(app: &App) -> Result<Exit, Problem> {
    interrupt::watch();
    let mut monitor = Monitor::new().map_err(|error| unlisted(&error))?;
    while !interrupt::asked() {
        for event in monitor.next(SLICE).map_err(|error| unlisted(&error))? {
            let (what, at, name) = match &event {
                Event::Arrived { locator, model } => ("scanner-added", locator, model.name),
                Event::Left { locator } => ("scanner-removed", locator, ""),
            };
            let time = super::now().to_string();
            if app.json {
                print_json(&json!({
                    "event": what,
                    "address": address(at),
                    "name": name,
                    "time": time,
                }))
                .map_err(unprinted)?;
            } else {
                let words = what.replace('-', " ");
                let line = format!("{time}  {words}  {}  {name}", address(at));
                print_text(&format!("{}\n", line.trim_end())).map_err(unprinted)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn object(scanner: &Found) -> Value {
    json!({
        "address": address(&scanner.locator),
        "name": scanner.model.name,
        "serial": scanner.serial,
        "state": state(scanner.access),
    })
}

fn address(locator: &usb::Locator) -> String {
    Address::new(UsbBackend::SCHEME, locator.to_string()).to_string()
}

fn state(access: Access) -> &'static str {
    match access {
        Access::Ready => "ready",
        Access::Denied => "denied",
        Access::Busy => "in use",
        Access::Failing => "failing",
    }
}

fn unlisted(error: &negin_scanner::usb::UsbError) -> Problem {
    DeviceError::Backend {
        address: Address::new(UsbBackend::SCHEME, "*"),
        reason: format!("libusb: {error}"),
    }
    .into()
}

fn unprinted(error: std::io::Error) -> Problem {
    Problem::file(Path::new("-"), &error)
}
