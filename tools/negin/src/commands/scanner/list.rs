//! `negin scanners`: which there are, and which come and go.

use std::time::Duration;

use negin_device::{Address, Backend, Error as DeviceError};
use negin_fingerprint::capture::Capture;
use negin_scanner::usb::{self, Access, Event, Found, Monitor, UsbError};
use negin_scanner::{SerialBackend, UsbBackend};
use serde_json::{Value, json};

use super::unprinted;
use crate::cli::ScannersArgs;
use crate::commands::{App, now};
use crate::output::{Align, Cell, Exit, Paint, Style, Table, harmless, print_json, print_text};
use crate::problem::Problem;
use crate::{devices, interrupt};

/// How long a look at the keyboard's wish takes at most.
const SLICE: Duration = Duration::from_millis(300);

/// A scanner, or a place where one may be.
struct Listed {
    address: String,
    state: &'static str,
    name: String,
    serial: Option<String>,
    /// What is wrong with it.
    detail: Option<String>,
}

/// Runs the command.
pub fn list(args: &ScannersArgs, app: &App) -> Result<Exit, Problem> {
    interrupt::watch();
    if args.watch {
        return watch(app);
    }
    let found = usb::found().map_err(|error| unlisted(&error))?;
    let ports = Backend::<dyn Capture>::list(&SerialBackend::default())?;
    let asked: Vec<Listed> = args.ask.iter().map(ask).collect();
    if interrupt::asked() {
        return Err(Problem::interrupted());
    }
    let exit = match asked.iter().all(|each| each.state == READY) {
        true => Exit::Done,
        false => Exit::Refused,
    };
    let mut all: Vec<Listed> = found.iter().map(on_usb).collect();
    all.extend(ports.iter().map(on_serial));
    all.retain(|each| asked.iter().all(|other| other.address != each.address));
    all.extend(asked);
    if app.json {
        let all: Vec<Value> = all.iter().map(Listed::object).collect();
        print_json(&json!({ "scanners": all })).map_err(unprinted)?;
        return Ok(exit);
    }
    if all.is_empty() {
        eprintln!("no scanner is plugged in");
        return Ok(exit);
    }
    let mut table = Table::new(&[
        ("scanner", Align::Left),
        ("state", Align::Left),
        ("name", Align::Left),
        ("serial", Align::Left),
    ]);
    for scanner in &all {
        let paint = match scanner.state {
            READY => Paint::Good,
            NOT_ASKED => Paint::Muted,
            _ => Paint::Warn,
        };
        table.row([
            Cell::new(scanner.address.as_str()),
            Cell::new(scanner.state).painted(paint),
            Cell::new(scanner.name.as_str()),
            Cell::new(scanner.serial.as_deref().unwrap_or_default()).painted(Paint::Muted),
        ]);
    }
    print_text(&table.render(Style::stdout())).map_err(unprinted)?;
    for detail in all.iter().filter_map(|each| each.detail.as_ref()) {
        eprintln!("{}", harmless(detail));
    }
    Ok(exit)
}

const READY: &str = "ready";
const NOT_ASKED: &str = "not asked";

impl Listed {
    fn object(&self) -> Value {
        json!({
            "address": self.address,
            "name": self.name,
            "serial": self.serial,
            "state": self.state,
            "detail": self.detail,
        })
    }
}

fn on_usb(scanner: &Found) -> Listed {
    let state = match scanner.access {
        Access::Ready => READY,
        Access::Denied => "denied",
        Access::Busy => "in use",
        Access::Failing => "failing",
    };
    Listed {
        address: address(&scanner.locator),
        state,
        name: scanner.model.name.to_owned(),
        serial: scanner.serial.clone(),
        detail: None,
    }
}

/// What hangs on a port is known to who speaks to it, and bytes for a module may do anything to another machine.
fn on_serial(port: &Address) -> Listed {
    Listed {
        address: port.to_string(),
        state: NOT_ASKED,
        name: "serial port; --ask looks for a module on it".to_owned(),
        serial: None,
        detail: None,
    }
}

/// Opens a scanner for a moment; what became of it.
fn ask(at: &Address) -> Listed {
    let mut listed = Listed {
        address: at.to_string(),
        state: READY,
        name: String::new(),
        serial: None,
        detail: None,
    };
    match devices::scanners().open(at) {
        Ok(scanner) => {
            let info = scanner.info();
            (listed.name, listed.serial) = (info.name, info.serial);
        }
        Err(error) => {
            listed.state = match &error {
                DeviceError::Denied { .. } => "denied",
                DeviceError::Busy { .. } => "in use",
                DeviceError::Locked { .. } => "locked",
                DeviceError::NoAnswer { .. } => "no answer",
                DeviceError::NoSuchDevice { .. } => "not there",
                _ => "failing",
            };
            listed.detail = Some(error.to_string());
        }
    }
    listed
}

/// Says what happens until it is interrupted.
fn watch(app: &App) -> Result<Exit, Problem> {
    let mut monitor = Monitor::new().map_err(|error| unlisted(&error))?;
    while !interrupt::asked() {
        for event in monitor.next(SLICE).map_err(|error| unlisted(&error))? {
            let (what, at, name) = match &event {
                Event::Arrived { locator, model } => ("scanner-added", locator, model.name),
                Event::Left { locator } => ("scanner-removed", locator, ""),
            };
            let time = now().to_string();
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

fn address(locator: &usb::Locator) -> String {
    Address::new(UsbBackend::SCHEME, locator.to_string()).to_string()
}

fn unlisted(error: &UsbError) -> Problem {
    DeviceError::Backend {
        address: Address::new(UsbBackend::SCHEME, "*"),
        reason: format!("libusb: {error}"),
    }
    .into()
}
