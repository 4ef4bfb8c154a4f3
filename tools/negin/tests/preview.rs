//! `negin scanner capture --preview` in a terminal: what it shows, and that it leaves the terminal as it was.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use negin_fingerprint::Image;
use negin_tests::sim;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

const TAKEN: &str = "\u{1b}[?1049h";
const WIPED_AND_GIVEN_BACK: &str = "\u{1b}[0m\u{1b}[2J\u{1b}[?25h\u{1b}[?1049l";
/// The upper left corner, where each frame begins.
const FRAME: &str = "\u{1b}[1;1H";
const CELL: char = '▀';
/// For what does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program in a terminal of 80 x 24.
struct Terminal {
    screen: File,
    seen: Vec<u8>,
    child: Child,
    folder: tempfile::TempDir,
}

impl Terminal {
    /// `negin scanner capture --preview` at a simulated scanner, with more options; `bus` and `devices` are
    /// `negin-sim`'s.
    fn begin(bus: &str, devices: &[&str], options: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize {
            ws_col: 80,
            ws_row: 24,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap();
        let slave = || {
            let file = File::options()
                .read(true)
                .write(true)
                .open(path.to_str().unwrap());
            Stdio::from(file.unwrap())
        };
        let line = format!(
            "echo $$ > pid; exec {} scanner capture --device $NEGIN_SIM_DEVICES --out out.png --preview {options}",
            env!("CARGO_BIN_EXE_negin")
        );
        let child = Command::new(sim::negin_sim())
            .arg(bus)
            .args(devices)
            .args(["--", "sh", "-c", &line])
            .current_dir(folder.path())
            .env("TERM", "xterm-256color")
            .env_remove("COLORTERM")
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .unwrap();
        Self {
            screen: File::from(master),
            seen: Vec::new(),
            child,
            folder,
        }
    }

    /// What was written to the terminal.
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Reads on; whether there is more to come.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // A terminal that nobody writes to any more ends in an error.
        let count = self.screen.read(&mut bytes).unwrap_or(0);
        self.seen.extend(&bytes[..count]);
        count > 0
    }

    /// Reads until it has been written so many times.
    fn until(&mut self, text: &str, times: usize) {
        while self.text().matches(text).count() < times {
            assert!(self.read(), "no {text:?} in {:?}", self.text());
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> Pid {
        let text = std::fs::read_to_string(self.folder.path().join("pid")).unwrap();
        Pid::from_raw(text.trim().parse().unwrap()).unwrap()
    }

    /// Reads to the end: exit status, what stood on the other screen, and what on the one that stays.
    fn end(mut self) -> (Option<i32>, String, String, tempfile::TempDir) {
        while self.read() {}
        let status = self.child.wait().unwrap().code();
        let text = self.text();
        let (before, rest) = text.split_once(TAKEN).unwrap_or((&text, ""));
        let (shown, after) = rest.split_once(WIPED_AND_GIVEN_BACK).unwrap_or((rest, ""));
        assert!(!before.contains(CELL) && !after.contains(CELL), "{after:?}");
        assert!(!after.contains(TAKEN), "{after:?}");
        (status, shown.to_owned(), after.to_owned(), self.folder)
    }
}

fn image(folder: &Path) -> Image {
    Image::open(folder.join("out.png"), 500).unwrap()
}

#[test]
fn frames_are_shown_as_they_come_and_nothing_of_them_stays() {
    let terminal = Terminal::begin("usb", &["--device", "uru4000,finger=7"], "");
    let (status, shown, after, folder) = terminal.end();
    assert_eq!(status, Some(0), "{after}");
    assert!(shown.matches(FRAME).count() >= 3, "{shown:?}");
    // As wide as 44 half lines let a print of 384 x 290 be.
    let cells = shown.matches(CELL).count() / shown.matches(FRAME).count();
    assert_eq!(cells, 58 * 22);
    assert!(
        shown.contains("\u{1b}[24;1H"),
        "words stand in the last line"
    );
    for words in ["Lay the finger on", "Lift the finger"] {
        assert!(shown.contains(words), "{shown:?}");
    }
    assert!(after.contains("384 x 290 at 500 dpi"), "{after:?}");
    // What is logged would tear the picture.
    assert!(
        !shown.contains("DEBUG") && !shown.contains("TRACE"),
        "{shown:?}"
    );
    assert_eq!(image(folder.path()).width(), 384);
}

#[test]
fn a_module_shows_the_one_image_that_it_takes() {
    let device = "zfm,finger=7,baud=115200,packet=256";
    let terminal = Terminal::begin("serial", &["--device", device], "--lang fa --json");
    let (status, shown, after, folder) = terminal.end();
    assert_eq!(status, Some(0), "{after}");
    assert_eq!(shown.matches(FRAME).count(), 1);
    assert!(shown.contains("انگشت را صاف"), "{shown:?}");
    let told: serde_json::Value =
        serde_json::from_str(after.lines().last().unwrap_or_default()).unwrap();
    assert_eq!(told["width"], 256);
    assert_eq!(image(folder.path()).width(), 256);
}

#[test]
fn what_the_scanner_minds_stands_beneath_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    std::fs::write(&script, "finger dry\n").unwrap();
    let fault = script.display().to_string();
    let options = ["--device", "uru4000,finger=7", "--fault", &fault];
    let (status, shown, after, _folder) = Terminal::begin("usb", &options, "--frames 4").end();
    assert_eq!(status, Some(0), "{after}");
    assert!(shown.contains("Press a little harder"), "{shown:?}");
}

#[test]
fn whoever_stops_it_gets_the_terminal_back() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut terminal = Terminal::begin("usb", &["--device", "uru4000"], "");
        terminal.until("Lay the finger on", 1);
        terminal.signal(signal);
        let (status, _, after, folder) = terminal.end();
        assert_eq!(status, Some(code), "{after}");
        assert!(after.contains("capture.cancelled"), "{after:?}");
        assert!(!folder.path().join("out.png").exists());
    }
}

#[test]
fn a_scanner_that_goes_is_told_on_the_screen_that_stays() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    // In the third image.
    std::fs::write(&script, "at transfer 18 unplug\n").unwrap();
    let fault = script.display().to_string();
    let options = ["--device", "uru4000,finger=7", "--fault", &fault];
    let (status, shown, after, _folder) = Terminal::begin("usb", &options, "--frames 50").end();
    assert_eq!(status, Some(1), "{after}");
    assert!(shown.contains(CELL));
    assert!(after.contains("capture.disconnected"), "{after:?}");
}

/// While it is stopped the terminal is the shell's.
#[test]
fn stopped_it_shows_nothing_and_goes_on_where_it_was() {
    let mut terminal = Terminal::begin("usb", &["--device", "uru4000"], "");
    terminal.until("Lay the finger on", 1);
    terminal.signal(Signal::TSTP);
    terminal.until(WIPED_AND_GIVEN_BACK, 1);
    let stat = format!("/proc/{}/stat", terminal.pid().as_raw_nonzero());
    let begin = Instant::now();
    while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
        assert!(begin.elapsed() < PATIENCE, "it does not stop");
        std::thread::sleep(Duration::from_millis(5));
    }
    terminal.signal(Signal::CONT);
    terminal.until(TAKEN, 2);
    terminal.until("Lay the finger on", 2);
    terminal.signal(Signal::INT);
    terminal.until(WIPED_AND_GIVEN_BACK, 2);
    while terminal.read() {}
    assert_eq!(terminal.child.wait().unwrap().code(), Some(130));
}

#[test]
fn without_a_terminal_nothing_is_captured() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(sim::negin_sim());
    command
        .args([
            "usb",
            "--device",
            "uru4000,finger=7",
            "--",
            env!("CARGO_BIN_EXE_negin"),
        ])
        .args([
            "scanner",
            "capture",
            "--device",
            "usb:05ba:000a",
            "--preview",
            "--out",
            "out.png",
        ])
        .current_dir(folder.path());
    let ran = sim::finish(&mut command);
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("negin.no-terminal"), "{}", ran.err);
    assert!(ran.out.is_empty() && !folder.path().join("out.png").exists());
}
