//! A ZFM module on a serial line: each fault at each packet of a connection and a capture.
//!
//! The whole sweep runs in simulated time, in which waits cost nothing; some of it again on a pseudo terminal, in the
//! time that it takes, where ports are held and given back.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use negin_device::Backend;
use negin_fingerprint::Image;
use negin_fingerprint::capture::{CancelToken, Capture, CaptureError, CaptureRequest};
use negin_firmware_sim::bus::serial::pty::PtyPort;
use negin_firmware_sim::bus::serial::{Plug, SharedPlug};
use negin_firmware_sim::fault::{Script, Touch};
use negin_firmware_sim::finger::{Finger, Pressing};
use negin_firmware_sim::scanner::zfm::{Make, Settings, ZfmModule};
use negin_scanner::zfm::{Error, Line, Module, Options, SerialBackend, SerialLine, ZfmScanner};
use negin_tests::serial_line::VirtualLine;
use rayon::prelude::*;

/// What can happen to one packet, or from it on.
const FAULTS: [&str; 14] = [
    "stall",
    "delay 100ms",
    "delay 1400ms",
    "delay 8s",
    "corrupt",
    "short",
    "drop-block",
    "garbage",
    "silence 500ms",
    "silence",
    "unplug",
    "finger lift",
    "finger wet",
    "finger dry",
];

/// How long a finger is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Time in which everything must be over, whatever happened: the finger's, and what a connection and an image may take
/// at 57600 baud with everything asked for again.
const BOUND: Duration = Duration::from_secs(120);

/// Large packets, so that there are few.
fn settings() -> Settings {
    Settings {
        packet: 3,
        ..Settings::default()
    }
}

fn request() -> CaptureRequest<'static> {
    CaptureRequest {
        timeout: TIMEOUT,
        ..CaptureRequest::default()
    }
}

/// A print in a file, which is laid on faster than a finger grows.
struct Print {
    _folder: tempfile::TempDir,
    touch: Touch,
}

impl Print {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("print.png");
        let sensor = Make::Zfm20.sensor();
        let impression = Finger::from_seed(1).impression(&Pressing::good(1).on(sensor));
        impression.image.save_png(&file).unwrap();
        Self {
            _folder: folder,
            touch: Touch::Image(file),
        }
    }
}

/// How a run on a line came out, when, and after how many packets.
struct Outcome {
    taken: Result<Image, CaptureError>,
    took: Duration,
    packets: u64,
}

/// Connects and captures over a line with these faults.
fn run(print: &Print, script: &str) -> (Outcome, SharedPlug) {
    let (line, plug) = VirtualLine::to(&settings(), Some(&print.touch), script);
    let (taken, took) = capture(line);
    let packets = plug.lock().transfers();
    let outcome = Outcome {
        taken,
        took,
        packets,
    };
    (outcome, plug)
}

fn capture(line: VirtualLine) -> (Result<Image, CaptureError>, Duration) {
    // The time of a connection that failed is asked of the line's other holder.
    let clock = line.clock();
    let taken = Module::connect(line, &Options::default(), &CancelToken::new())
        .map_err(CaptureError::from)
        .and_then(|module| ZfmScanner::new(module).capture(&request(), &mut |_| {}));
    (taken, clock.now())
}

/// Pixels that differ.
fn differing(one: &Image, two: &Image) -> usize {
    let pairs = one.pixels().iter().zip(two.pixels());
    pairs.filter(|(one, two)| one != two).count()
}

#[test]
fn each_fault_at_each_packet() {
    let _processors = crate::shared();
    let print = Print::new();
    let (whole, _) = run(&print, "");
    let reference = whole.taken.expect("nothing goes wrong");
    // The password, the parameters, the product, a look for a finger, the image: each asked and answered; 144 packets of
    // data.
    assert_eq!(whole.packets, 2 * 5 + 36_864 / 256);
    let cases: Vec<(&str, u64)> = FAULTS
        .iter()
        .flat_map(|&fault| (1..=whole.packets).map(move |packet| (fault, packet)))
        .collect();
    let ends: Vec<(&str, &str)> = cases
        .par_iter()
        .map(|&(fault, packet)| {
            let script = format!("seed {packet}\nat transfer {packet} {fault}");
            let case = || format!("{fault} at packet {packet}");
            let (outcome, plug) = run(&print, &script);
            assert!(outcome.took < BOUND, "{}: {:?}", case(), outcome.took);
            let end = match (&outcome.taken, fault) {
                (Ok(image), _) if *image == reference => "the whole image",
                // The checksum is a sum: a bit that fell where another one rose is not seen, by no driver.
                (Ok(image), "corrupt") if differing(image, &reference) <= 4 => {
                    "the image, with what its checksum cannot show"
                }
                (Err(CaptureError::Disconnected), "unplug") => "the scanner is gone",
                (Err(CaptureError::NoAnswer), "silence" | "delay 8s") => {
                    "the scanner does not answer"
                }
                (Err(CaptureError::Damaged | CaptureError::Protocol), "delay 8s") => {
                    "what it sent came too late to be whole"
                }
                (Err(CaptureError::Damaged), "silence") => "what it sent ended in the middle",
                (Err(CaptureError::Timeout), "finger lift") => "no finger came",
                // Wet or dry, a print from a file is the same.
                (other, _) => panic!("{}: {other:?}", case()),
            };
            // Whatever happened: with the fault over, the same module gives an image, without its power cut where it
            // still answers.
            let later = outcome.took + Duration::from_secs(10);
            {
                let mut plug = plug.lock();
                if matches!(fault, "silence" | "unplug") {
                    plug.unplug();
                    plug.plug(later);
                }
                plug.touch(&print.touch).unwrap();
            }
            let (again, _) = capture(VirtualLine::at(&plug).from(later));
            assert_eq!(again.as_ref(), Ok(&reference), "after {}", case());
            (fault, end)
        })
        .collect();
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for end in &ends {
        *counts.entry(*end).or_default() += 1;
    }
    println!(
        "serial line: {} cases, {} faults at {} packets",
        ends.len(),
        FAULTS.len(),
        whole.packets
    );
    for ((fault, end), count) in counts {
        println!("  {fault}: {count} × {end}");
    }
}

#[test]
fn a_fault_that_stays_is_named() {
    let _processors = crate::shared();
    let print = Print::new();
    // Which faults, and what they may be called. At connecting a fault that stays is as no module at all.
    let named: [(&str, &[CaptureError]); 6] = [
        ("stall", &[CaptureError::Damaged, CaptureError::Module(1)]),
        ("corrupt", &[CaptureError::Damaged, CaptureError::NoAnswer]),
        ("short", &[CaptureError::Damaged, CaptureError::NoAnswer]),
        ("drop-block", &[CaptureError::NoAnswer]),
        ("garbage", &[CaptureError::Damaged, CaptureError::NoAnswer]),
        (
            "delay 60s",
            &[CaptureError::NoAnswer, CaptureError::Damaged],
        ),
    ];
    let mut cases = 0;
    for (fault, names) in named {
        for first in [1, 3, 7, 9, 11, 80] {
            let lines = (first..2000).map(|packet| format!("at transfer {packet} {fault}\n"));
            let script: String = lines.collect();
            let (outcome, _) = run(&print, &script);
            assert!(
                outcome.took < BOUND,
                "{fault} from {first}: {:?}",
                outcome.took
            );
            let error = outcome.taken.expect_err("it stays");
            assert!(
                names.contains(&error),
                "{fault} from packet {first}: {error:?}"
            );
            cases += 1;
        }
    }
    println!("serial line: {cases} cases of faults that stay");
}

#[test]
fn an_image_that_stays_short_says_how_much_came() {
    let _processors = crate::shared();
    let print = Print::new();
    // One packet of the data is lost, whenever it is asked for.
    let script =
        "at transfer 20 drop-block\nat transfer 170 drop-block\nat transfer 400 drop-block";
    let (outcome, _) = run(&print, script);
    assert_eq!(
        outcome.taken.unwrap_err(),
        CaptureError::ShortImage {
            expected: 36_864,
            received: 36_864 - 256
        }
    );
}

/// A module behind a port, with a print on its glass.
fn port(folder: &tempfile::TempDir, print: &Print, script: &str) -> (PtyPort, SharedPlug) {
    let module = ZfmModule::new(&settings());
    module.glass().touch(&print.touch).unwrap();
    let plug = Plug::new(Box::new(module), Script::parse(script).unwrap());
    let plug = SharedPlug::new(plug);
    let port = PtyPort::serve(plug.clone(), folder.path().join("tty")).unwrap();
    (port, plug)
}

#[test]
fn on_a_port_too_which_is_given_back() {
    let _processors = crate::alone();
    let print = Print::new();
    let (whole, _) = run(&print, "");
    let reference = whole.taken.expect("nothing goes wrong");
    // A question, an answer, a look for a finger, the first data, some in the middle, the last.
    let packets = [1, 2, 7, 8, 10, 11, 80, whole.packets];
    let cases: Vec<(&str, u64)> = FAULTS
        .iter()
        .filter(|fault| !fault.starts_with("finger"))
        .flat_map(|&fault| packets.map(|packet| (fault, packet)))
        // These wait for as long as a module may take, and say the same at each packet.
        .filter(|&(fault, packet)| {
            !matches!(fault, "silence" | "delay 8s") || matches!(packet, 7 | 80)
        })
        .collect();
    // They mostly wait: more at a time than there are processors.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(12)
        .build()
        .unwrap();
    pool.install(|| {
        cases
            .par_iter()
            .with_max_len(1)
            .for_each(|&(fault, packet)| {
                let case = || format!("{fault} at packet {packet}");
                let folder = tempfile::tempdir().unwrap();
                let script = format!("seed {packet}\nat transfer {packet} {fault}");
                let (port, plug) = port(&folder, &print, &script);
                let locator = port.path().to_str().unwrap();
                let taken = match SerialBackend::default().open(locator) {
                    Ok(mut scanner) => scanner
                        .capture(&request(), &mut |_| {})
                        .map_err(|error| error.key()),
                    Err(error) => Err(error.key()),
                };
                match (&taken, fault) {
                    (Ok(image), "corrupt") => assert!(differing(image, &reference) <= 4),
                    (Ok(image), _) => assert_eq!(*image, reference, "{}", case()),
                    (Err("capture.disconnected" | "device.no-such-device"), "unplug")
                    | (Err("capture.no-answer" | "capture.damaged"), "silence" | "delay 8s") => {}
                    (Err(other), _) => panic!("{}: {other}", case()),
                }
                if fault == "unplug" {
                    plug.lock().plug(Duration::from_secs(1000));
                }
                // Nobody holds it: it opens, and held it does not.
                let begin = Instant::now();
                let held = loop {
                    match SerialLine::open(locator, 57_600) {
                        Ok(held) => break held,
                        // It comes again in its own time.
                        Err(_) if fault == "unplug" && begin.elapsed() < BOUND => {
                            std::thread::sleep(Duration::from_millis(2));
                        }
                        Err(error) => panic!("{}: not given back: {error}", case()),
                    }
                };
                assert!(SerialLine::open(locator, 57_600).is_err(), "{}", case());
                drop(held);
            });
    });
    println!("serial port: {} cases", cases.len());
}

/// A line that ends in the middle of everything, for each number of bytes that are heard.
struct Torn<L> {
    line: L,
    left: usize,
}

impl<L: Line> Line for Torn<L> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.line.send(bytes)
    }

    fn receive(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, Error> {
        if self.left == 0 {
            return Err(Error::Gone);
        }
        let room = into.len().min(self.left);
        let count = self.line.receive(&mut into[..room], wait)?;
        self.left -= count;
        Ok(count)
    }

    fn set_baud(&mut self, baud: u32) -> Result<(), Error> {
        self.line.set_baud(baud)
    }

    fn now(&self) -> Duration {
        self.line.now()
    }
}

#[test]
fn a_line_that_ends_after_any_byte_is_gone() {
    let _processors = crate::shared();
    let print = Print::new();
    let heard = 3 * 12 + 16 + 2 * 12 + 36_864 + 144 * 11;
    let cases: Vec<usize> = (0..200).chain((200..heard).step_by(97)).collect();
    cases.par_iter().for_each(|&left| {
        let (line, _plug) = VirtualLine::to(&settings(), Some(&print.touch), "");
        let torn = Torn { line, left };
        let taken = Module::connect(torn, &Options::default(), &CancelToken::new())
            .map_err(CaptureError::from)
            .and_then(|module| ZfmScanner::new(module).capture(&request(), &mut |_| {}));
        assert_eq!(
            taken.err(),
            Some(CaptureError::Disconnected),
            "after {left} bytes"
        );
    });
    println!("serial line: {} ends of it", cases.len());
}
