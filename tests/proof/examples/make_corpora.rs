//! Writes the seeds of fuzzing to `fuzz/corpus`: commands and their sequences, the objects and files of the kept live
//! card, templates and images of synthetic fingers. Files that are there already are written anew; others stay.
//!
//! ```text
//! cargo run -p negin-proof --example make_corpora
//! ```
#![allow(clippy::expect_used, reason = "it ends where it cannot go on")]

use std::path::Path;
use std::time::Duration;

use negin_apdu::Command;
use negin_eid::aid::Application;
use negin_eid::gp::{DataObject, GpCommand, StatusSubset};
use negin_eid::lds::{FileId, LdsCommand, ReadBinary};
use negin_eid::piv::{Container, PivCommand};
use negin_eid::select::SelectApplication;
use negin_fingerprint::compact::Limits;
use negin_fingerprint::record::{Area, Core, Delta, RidgeCount, RidgeCounts, SingularPoints};
use negin_fingerprint::{Format, Minutia, MinutiaKind, Record, Template, View};
use negin_firmware_sim::bus::serial::{Plug, SerialDevice};
use negin_firmware_sim::fault::{Script, Touch};
use negin_firmware_sim::finger::{Finger, Pressing, Sensor};
use negin_firmware_sim::scanner::zfm::{Make, Settings, ZfmModule};
use negin_proof::fuzz::zfm_session;
use negin_proof::specimen::Specimen;
use negin_scanner::zfm::{Error, Line};
use negin_secure_channel::scp03::host::initialize_update;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let state = std::fs::read(root.join("tests/fixtures/state/0.1.0/live.card"));
    let card = Specimen::of_state(&state.expect("the kept live card"));
    let corpus = root.join("fuzz/corpus");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(name), bytes).expect("room");
    };

    let commands = commands();
    for (name, command) in &commands {
        let bytes = command.to_bytes().expect("short enough");
        write("command", name, &bytes);
        // Level 01 and level 33.
        write("secure_messaging", name, &[&[4], &bytes[..]].concat());
    }
    for (id, bytes) in card.objects() {
        // Containers and files; never what is secret.
        if id >= 0x1_0000 && bytes.len() < 1200 {
            write("objects", &format!("{id:08x}"), &bytes);
            write("tlv", &format!("{id:08x}"), &bytes);
        }
    }
    for (name, bytes) in by_hand() {
        write("tlv", name, bytes);
    }
    for seed in 0..3 {
        let impression = Finger::from_seed(seed).impression(&Pressing::good(seed));
        let (width, height) = (impression.image.width(), impression.image.height());
        let template = Template::new(width, height, 80, impression.minutiae.clone());
        for format in Format::ALL {
            let bytes = format.encode_template(&template, &Limits::default());
            let name = format!("{}-{seed}", format.name());
            write("templates", &name, &bytes.expect("a template"));
        }
    }
    for (format, bytes) in Format::ALL.into_iter().map(|format| (format, told(format))) {
        if !format.is_bare() {
            write("templates", &format!("{}-extended", format.name()), &bytes);
        }
    }
    for (name, image) in images() {
        write("extract", name, &image);
    }
    for (name, make, finger, most) in [
        ("zfm20", Make::Zfm20, true, 4000),
        ("zfm20-nobody", Make::Zfm20, false, 4000),
        ("r503", Make::R503, true, 3000),
        ("r503-image", Make::R503, true, 30_000),
        ("beginning", Make::Zfm20, true, 60),
    ] {
        let mut answers = answers(make, finger);
        answers.truncate(most);
        write("zfm", name, &answers);
    }
    for (target, cards) in [
        ("card", [0x00, 0x01, 0x02, 0x03, 0x82].as_slice()),
        ("piv", &[0, 1, 2, 3, 4, 5]),
    ] {
        for card in cards {
            for (at, some) in commands.chunks(6).enumerate() {
                let mut sequence = vec![*card];
                for (_, command) in some {
                    let bytes = command.to_bytes().expect("short enough");
                    sequence.extend((bytes.len() as u16).to_be_bytes());
                    sequence.extend(bytes);
                }
                write(target, &format!("{card:02x}-{at}"), &sequence);
            }
        }
    }
}

/// A record of two small views with all that its format has a place for.
fn told(format: Format) -> Vec<u8> {
    let minutia = |x, kind| Minutia {
        x,
        y: 40.0,
        angle: 1.0,
        kind,
        quality: 55,
    };
    let minutiae = vec![
        minutia(30.0, MinutiaKind::Ending),
        minutia(70.0, MinutiaKind::Bifurcation),
        minutia(90.0, MinutiaKind::Other),
    ];
    let mut view = View::of(Template::new(100, 120, 60, minutiae));
    view.extended.ridge_counts = Some(RidgeCounts {
        method: 1,
        counts: vec![RidgeCount {
            from: 1,
            to: 2,
            count: 4,
        }],
    });
    view.extended.singular_points = Some(SingularPoints {
        cores: vec![Core {
            x: 50.0,
            y: 50.0,
            angle: Some(2.0),
        }],
        deltas: vec![Delta {
            x: 20.0,
            y: 90.0,
            angles: Some([0.5, 2.5, 4.5]),
        }],
    });
    view.extended.areas = vec![Area {
        kind: 0x0101,
        content: vec![1, 2, 3].into(),
    }];
    view.device.certificates = vec![(1, 2)];
    let mut record = Record::of(format, []);
    record.views = vec![view.clone(), view];
    let bytes = format.encode(&record, &Limits::default());
    bytes.expect("a record").to_vec()
}

/// A line that writes down what the module at its end answers to each thing that is sent.
struct Recorded<'w> {
    plug: Plug,
    answers: &'w mut Vec<Vec<u8>>,
    unheard: Vec<u8>,
    now: Duration,
}

impl Line for Recorded<'_> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.plug.from_host(bytes, 57_600, self.now);
        self.unheard = self.plug.to_host(57_600, self.now);
        self.answers.push(self.unheard.clone());
        Ok(())
    }

    fn receive(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, Error> {
        let count = into.len().min(self.unheard.len());
        let rest = self.unheard.split_off(count);
        into[..count].copy_from_slice(&self.unheard);
        self.unheard = rest;
        self.now += wait;
        Ok(count)
    }

    fn set_baud(&mut self, _: u32) -> Result<(), Error> {
        Ok(())
    }

    fn now(&self) -> Duration {
        self.now
    }
}

/// What a module answers in a session, before each answer its length.
fn answers(make: Make, finger: bool) -> Vec<u8> {
    let settings = Settings {
        make,
        ..Settings::default()
    };
    let mut module = ZfmModule::new(&settings);
    if finger {
        let touch = Touch::Place {
            finger: 1,
            pressing: Some(1),
        };
        module.touch(&touch).expect("a finger");
    }
    let mut answers = Vec::new();
    let recorded = Recorded {
        plug: Plug::new(Box::new(module), Script::default()),
        answers: &mut answers,
        unheard: Vec::new(),
        now: Duration::ZERO,
    };
    // Without a finger it ends where one is needed.
    let _ = zfm_session(recorded);
    let mut bytes = Vec::new();
    for answer in answers {
        bytes.extend((answer.len() as u16).to_be_bytes());
        bytes.extend(answer);
    }
    bytes
}

/// Commands of every kind, as they read.
fn commands() -> Vec<(String, Command)> {
    let mut all: Vec<(String, Command)> = Vec::new();
    let mut add = |name: String, command: Command| all.push((name, command));
    for application in Application::ALL {
        let select = SelectApplication::new(application.aid()).to_apdu();
        add(format!("select-{application:?}"), select);
    }
    for (name, bytes) in [
        ("pin-status", &[0x00, 0x20, 0x00, 0x80][..]),
        ("pin-verify", b"\x00\x20\x00\x80\x08271828\xFF\xFF"),
        ("pin-wrong", b"\x00\x20\x00\x80\x08000000\xFF\xFF"),
        ("pin-log-out", &[0x00, 0x20, 0xFF, 0x80]),
        (
            "pin-change",
            b"\x00\x24\x00\x80\x10271828\xFF\xFF314159\xFF\xFF",
        ),
        ("pin-first", b"\x00\x24\x01\x80\x08271828\xFF\xFF"),
        ("pin-unblock", b"\x00\x2C\x00\x80\x1012345678271828\xFF\xFF"),
        (
            "finger",
            b"\x00\x20\x00\x96\x0C\x10\x20\x41\x30\x22\x05\x51\x60\x88\x70\x71\x10",
        ),
        ("activate", b"\x00\x44\x00\x00\x04note\x00"),
        (
            "generate",
            &[
                0x00, 0x47, 0x00, 0x9A, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x11, 0x00,
            ],
        ),
        ("get-response", &[0x00, 0xC0, 0x00, 0x00, 0x00]),
        ("chained", &[0x10, 0xCB, 0x3F, 0xFF, 0x01, 0x5C]),
        (
            "put",
            &[
                0x00, 0xDB, 0x3F, 0xFF, 0x09, 0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53, 0x02, 0x01, 0x02,
            ],
        ),
        (
            "secured",
            &[0x04, 0xCB, 0x3F, 0xFF, 0x08, 1, 2, 3, 4, 5, 6, 7, 8, 0x00],
        ),
        (
            "extended",
            &[
                0x00, 0xCB, 0x3F, 0xFF, 0x00, 0x00, 0x03, 0x5C, 0x01, 0x7E, 0x00, 0x00,
            ],
        ),
        (
            "external-authenticate",
            &[
                0x84, 0x82, 0x33, 0x00, 0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
            ],
        ),
    ] {
        add(name.to_owned(), Command::parse(bytes).expect("a command"));
    }
    for (name, bytes) in [
        ("version", &[0x00, 0xFD, 0x00, 0x00, 0x00][..]),
        ("serial", &[0x00, 0xF8, 0x00, 0x00, 0x00]),
        ("metadata", &[0x00, 0xF7, 0x00, 0x9A, 0x00]),
        ("attest", &[0x00, 0xF9, 0x9A, 0x00, 0x00]),
        ("set-retries", &[0x00, 0xFA, 0x05, 0x05]),
        ("reset", &[0x00, 0xFB, 0x00, 0x00]),
    ] {
        add(name.to_owned(), Command::parse(bytes).expect("a command"));
    }
    for key in [0x9A, 0x9C, 0x9E, 0x04, 0x9B] {
        let mut data = vec![0x7C, 0x24, 0x82, 0x00, 0x81, 0x20];
        data.extend([0x5A; 32]);
        let sign = Command::new(0x00, 0x87, 0x11, key)
            .with_data(data)
            .with_le(256);
        add(format!("authenticate-{key:02x}"), sign);
    }
    for container in Container::ALL {
        let get = PivCommand::GetData(container).to_apdu();
        add(format!("get-{:x}", container.tag()), get);
    }
    for object in DataObject::ALL {
        let get = GpCommand::GetData(object).to_apdu();
        add(format!("domain-get-{object:?}"), get);
    }
    for subset in StatusSubset::ALL {
        let status = GpCommand::GetStatus(subset).to_apdu();
        add(format!("status-{subset:?}"), status);
    }
    add(
        "initialize-update".to_owned(),
        initialize_update(0x30, b"negin-01"),
    );
    for file in FileId::ALL {
        add(
            format!("file-{:04x}", file.id()),
            LdsCommand::SelectFile(file).to_apdu(),
        );
        let read = ReadBinary {
            file: Some(file),
            offset: 0,
            length: 256,
        };
        add(
            format!("read-{:04x}", file.id()),
            LdsCommand::ReadBinary(read).to_apdu(),
        );
    }
    all
}

/// Images as the entry takes them: a print, as it comes and turned inside out, and what is none.
fn images() -> Vec<(&'static str, Vec<u8>)> {
    let image = |width: u16, height: u16, dpi: u16, said: &[u8]| {
        let head = [width, height, dpi].map(u16::to_be_bytes).concat();
        [&head, said].concat()
    };
    let sensor = Sensor::new(110, 130, 500).expect("a small sensor");
    let print = Finger::from_seed(1).impression(&Pressing::good(1).on(sensor));
    let pixels = print.image.pixels();
    let inverted: Vec<u8> = pixels.iter().map(|grey| 255 - grey).collect();
    let wave = |period: usize| -> Vec<u8> {
        (0..period)
            .map(|x| if 2 * x < period { 20 } else { 230 })
            .collect()
    };
    vec![
        ("print", image(110, 130, 500, pixels)),
        ("inverted", image(110, 130, 500, &inverted)),
        ("fine", image(110, 130, 560, pixels)),
        ("blank", image(200, 200, 500, &[255])),
        ("one-pixel", image(1, 1, 500, &[0])),
        ("stripes", image(180, 180, 500, &wave(9))),
        ("slanted", image(181, 180, 500, &wave(10))),
        ("noise", image(150, 150, 500, &pixels[..997])),
        ("wide", image(1600, 82, 500, &wave(11))),
        ("coarse", image(90, 90, 250, &wave(5))),
    ]
}

/// BER-TLV at its edges.
fn by_hand() -> [(&'static str, &'static [u8]); 8] {
    [
        ("empty-value", &[0x53, 0x00]),
        ("long-length", &[0x53, 0x81, 0x01, 0xAA]),
        ("longer-length", &[0x53, 0x82, 0x00, 0x01, 0xAA]),
        (
            "longest-length",
            &[0x53, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0xAA],
        ),
        ("indefinite", &[0x70, 0x80, 0x53, 0x01, 0xAA, 0x00, 0x00]),
        ("four-byte-tag", &[0x7F, 0x81, 0x82, 0x03, 0x01, 0xAA]),
        ("nested", &[0x7F, 0x61, 0x05, 0x70, 0x03, 0x53, 0x01, 0xAA]),
        ("padded", &[0x00, 0x00, 0x53, 0x01, 0xAA, 0xFF, 0xFF]),
    ]
}
