//! A U.are.U 4500 and its driver in one process, where time is the simulation's.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use negin_fingerprint::Image;
use negin_fingerprint::capture::{Capture, CaptureError, CaptureRequest};
use negin_firmware_sim::fault::{Faults, Faulty, Script};
use negin_firmware_sim::finger::{Finger, Pressing};
use negin_firmware_sim::scanner::uru4000::Settings;
use negin_firmware_sim::scanner::{Glass, Hand, Print, Uru4000 as Device};
use negin_scanner::uru4000::{Link, LinkError, Model, Uru4000};
use negin_tests::uru4000::Line;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use zeroize::Zeroizing;

/// How long a finger is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much longer a capture may take in all: powering up, asking again, waiting for the finger to go.
const LEEWAY: Duration = Duration::from_secs(30);

/// What can happen, and which errors name it.
const FAULTS: [(&str, &[&str]); 16] = [
    ("stall", &["capture.stalled"]),
    ("delay 200ms", &[]),
    ("delay 3s", &["capture.no-answer", "capture.no-power"]),
    // A notice that is damaged or lost is said again. Anything may be read out of a register.
    (
        "corrupt",
        &[
            "capture.bad-image",
            "capture.protocol",
            "capture.no-power",
            "capture.finger-lifted",
        ],
    ),
    (
        "garbage",
        &[
            "capture.bad-image",
            "capture.protocol",
            "capture.no-power",
            "capture.short-image",
            "capture.finger-lifted",
        ],
    ),
    (
        "short",
        &[
            "capture.bad-image",
            "capture.protocol",
            "capture.no-power",
            "capture.short-image",
        ],
    ),
    ("drop-block", &[]),
    ("silence", &["capture.no-answer", "capture.no-power"]),
    ("silence 300ms", &[]),
    ("silence 4s", &["capture.no-answer", "capture.no-power"]),
    ("unplug", &["capture.disconnected"]),
    ("finger lift", &["capture.finger-lifted", "capture.timeout"]),
    ("finger place 6:1", &[]),
    ("finger wet", &[]),
    ("finger dry", &[]),
    ("plug", &[]),
];

/// A finger's impression, made once for all cases.
fn print() -> Print {
    static IMAGE: OnceLock<Image> = OnceLock::new();
    let image = IMAGE.get_or_init(|| {
        let pressing = Pressing::good(1).on(Device::sensor());
        Finger::from_seed(5).impression(&pressing).image
    });
    Print::Image(image.clone())
}

/// How many pixels differ from those that come where nothing goes wrong.
fn differing(image: &Image) -> usize {
    static REFERENCE: OnceLock<Image> = OnceLock::new();
    let reference = REFERENCE.get_or_init(|| Bench::new("").capture().0.unwrap());
    let pairs = image.pixels().iter().zip(reference.pixels());
    pairs.filter(|(one, other)| one != other).count()
}

/// How many pixels of an image can be wrong and nobody tell: up to four bits of its transfer, and a hidden block's last.
const UNSEEN: usize = 8;

/// A line that goes on when its scanner's driver is gone.
struct Shared(Arc<std::sync::Mutex<Line<Faulty<Device>>>>);

impl Shared {
    fn line(&self) -> std::sync::MutexGuard<'_, Line<Faulty<Device>>> {
        self.0.lock().unwrap()
    }
}

impl Link for Shared {
    fn control_in(
        &mut self,
        request: u8,
        value: u16,
        index: u16,
        into: &mut [u8],
    ) -> Result<usize, LinkError> {
        self.line().control_in(request, value, index, into)
    }

    fn control_out(
        &mut self,
        request: u8,
        value: u16,
        index: u16,
        data: &[u8],
    ) -> Result<(), LinkError> {
        self.line().control_out(request, value, index, data)
    }

    fn listen(&mut self) -> Result<(), LinkError> {
        self.line().listen()
    }

    fn heard(&mut self, wait: Duration) -> Result<Option<Vec<u8>>, LinkError> {
        self.line().heard(wait)
    }

    fn expect_image(&mut self, length: usize) -> Result<(), LinkError> {
        self.line().expect_image(length)
    }

    fn image(&mut self, wait: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError> {
        self.line().image(wait)
    }

    fn hush(&mut self) {
        self.line().hush();
    }

    fn clear_halt(&mut self, endpoint: u8) -> Result<(), LinkError> {
        self.line().clear_halt(endpoint)
    }

    fn now(&self) -> Duration {
        self.line().now()
    }

    fn pause(&mut self, time: Duration) {
        self.line().pause(time);
    }
}

/// A scanner with a person before it, who lays the finger on and lifts it as asked.
struct Bench {
    line: Arc<std::sync::Mutex<Line<Faulty<Device>>>>,
    faults: Faults,
}

impl Bench {
    fn new(script: &str) -> Self {
        let glass = Glass::new(Device::sensor()).with_hand(Hand::Again(print()));
        let device = Device::new(Settings::default(), glass);
        let device = Faulty::new(device, Script::parse(script).unwrap());
        let faults = device.faults();
        Self {
            line: Arc::new(std::sync::Mutex::new(Line::new(device))),
            faults,
        }
    }

    /// One capture by a driver of its own; how long it took.
    fn capture(&self) -> (Result<Image, CaptureError>, Duration) {
        let begin = self.line.lock().unwrap().now();
        let model = Model::of(0x05BA, 0x000A).unwrap();
        let mut scanner = Uru4000::new(Shared(self.line.clone()), model, None, Box::new(|| 7));
        let request = CaptureRequest {
            timeout: PATIENCE,
            ..CaptureRequest::default()
        };
        let image = scanner.capture(&request, &mut |_| ());
        (image, self.line.lock().unwrap().now() - begin)
    }
}

/// What became of a case: the error's key, or none.
fn try_case(fault: &str, errors: &[&str], at: u64) -> Result<Option<&'static str>, String> {
    let ensure = |so: bool, what: String| match so {
        true => Ok(()),
        false => Err(format!("{fault} at transfer {at}: {what}")),
    };
    let bench = Bench::new(&format!("seed {at}\nat transfer {at} {fault}"));
    let (first, took) = bench.capture();
    ensure(took <= PATIENCE + LEEWAY, format!("took {took:?}"))?;
    let waiting = bench.line.lock().unwrap().waiting();
    ensure(
        waiting == 0,
        format!("{waiting} transfers wait at the scanner"),
    )?;
    let error = first.as_ref().err().copied();
    let named = error.is_none_or(|error| errors.contains(&error.key()));
    ensure(named, format!("{error:?}"))?;
    if let (Ok(image), false) = (&first, fault.starts_with("finger")) {
        let differing = differing(image);
        ensure(
            differing <= UNSEEN,
            format!("an image of which {differing} pixels are wrong"),
        )?;
    }
    // Out of its socket it is no longer there; put back, it gives images again.
    bench.faults.push("unplug").unwrap();
    let (out, _) = bench.capture();
    ensure(
        out == Err(CaptureError::Disconnected),
        format!("out of its socket {:?}", out.err()),
    )?;
    bench.faults.push("plug").unwrap();
    bench.faults.push("finger lift").unwrap();
    let (again, _) = bench.capture();
    ensure(again.is_ok(), format!("afterwards {:?}", again.err()))?;
    Ok(error.map(|error| error.key()))
}

#[test]
fn every_fault_at_every_transfer_over_usb() {
    let _processors = crate::shared();
    let bench = Bench::new("");
    assert!(bench.capture().0.is_ok());
    let transfers = bench.faults.transfers();
    assert!(transfers > 12, "{transfers}");
    let cases: Vec<_> = FAULTS
        .iter()
        .flat_map(|&(fault, errors)| (1..=transfers).map(move |at| (fault, errors, at)))
        .collect();
    let ended: Vec<_> = cases
        .par_iter()
        .map(|&(fault, errors, at)| try_case(fault, errors, at).map(|error| (fault, error)))
        .collect();
    let wrong: Vec<&String> = ended
        .iter()
        .filter_map(|each| each.as_ref().err())
        .collect();
    assert!(wrong.is_empty(), "{} cases: {wrong:#?}", wrong.len());
    let mut counted: BTreeMap<_, usize> = BTreeMap::new();
    for each in ended.iter().flatten() {
        *counted.entry(each).or_default() += 1;
    }
    println!(
        "{} cases over USB: {} faults at each of {transfers} transfers of a capture",
        ended.len(),
        FAULTS.len()
    );
    for ((fault, error), count) in counted {
        println!("{count:5}  {fault:16} {}", error.unwrap_or("an image"));
    }
}
