//! A rack and its driver's end of the link, over real sockets.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use negin_apdu::Interface;
use negin_link::{Answer, Error, Failure, FrameReader, Link, Purpose, Refusal, Request, send};
use negin_secure_channel::key::{Key, KeySet};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tempfile::TempDir;

use super::{Bay, Rack, control};
use crate::bus::control::listen;
use crate::card::{BlankOptions, Card};

const SELECT: [u8; 5] = [0x00, 0xA4, 0x04, 0x00, 0x00];
/// Long enough for a machine under load; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(30);

struct Bench {
    folder: TempDir,
    rack: Arc<Rack>,
}

impl Bench {
    /// Two readers, a card in the first; the second has keys of its own.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bays = [
            Bay::new(Interface::Contact),
            Bay::new(Interface::Contactless).with_pin_pad(),
        ];
        let rack = Rack::new(bays, Box::new(|bytes| bytes.fill(7)));
        let keys = KeySet::of_one(&Key::new(&[0xFF; 16]).unwrap());
        let mut options = BlankOptions::new(keys, [7; 10]).unwrap();
        options.pages = 32;
        let card = Card::blank(&options, ChaCha20Rng::seed_from_u64(1));
        let bench = Self { folder, rack };
        std::fs::write(bench.file(), card.unwrap().state_bytes()).unwrap();
        bench.say(&format!("insert 0 {}", bench.file().display()));
        let (listener, rack) = (listen(&bench.socket()).unwrap(), Arc::clone(&bench.rack));
        std::thread::spawn(move || rack.serve(&listener));
        bench
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("x.card")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("readers")
    }

    fn stream(&self) -> UnixStream {
        let stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    fn link(&self, reader: u8, purpose: Purpose) -> Link<UnixStream> {
        Link::greet(self.stream(), reader, purpose, Some(LONG)).unwrap()
    }

    /// Says a line that is well; what comes before the last line.
    fn say(&self, line: &str) -> Vec<String> {
        let said = control::answer(&self.rack, line);
        let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
        assert_eq!(lines.pop().as_deref(), Some("ok"), "{line}: {said}");
        lines
    }
}

#[test]
fn a_card_is_powered_used_and_taken_out() {
    let bench = Bench::new();
    let mut link = bench.link(0, Purpose::Exchange);
    assert_eq!(link.transmit(&SELECT), Err(Error::Failed(Failure::NoPower)));
    let atr = link.power_up().unwrap().to_vec();
    assert_eq!(atr[0], 0x3B);
    assert!(link.transmit(&SELECT).unwrap().ends_with(&[0x90, 0x00]));
    assert_eq!(link.reset().unwrap(), atr);
    assert_eq!(link.power_down(), Ok(()));
    assert_eq!(link.transmit(&SELECT), Err(Error::Failed(Failure::NoPower)));
    link.power_up().unwrap();
    bench.say("remove 0");
    assert_eq!(link.transmit(&SELECT), Err(Error::Failed(Failure::NoCard)));
    assert_eq!(link.power_up(), Err(Error::Failed(Failure::NoCard)));
    bench.say("insert 0");
    assert_eq!(
        link.transmit(&SELECT),
        Err(Error::Failed(Failure::NoPower)),
        "a card put in has no power"
    );
    assert!(link.power_up().is_ok());
}

#[test]
fn watchers_hear_every_change_in_order() {
    let bench = Bench::new();
    let mut links = [bench.link(0, Purpose::Watch), bench.link(0, Purpose::Watch)];
    let mut other = bench.link(1, Purpose::Watch);
    for link in &mut links {
        assert_eq!(link.next_presence(), Ok(true));
    }
    for _ in 0..3 {
        bench.say("remove 0");
        bench.say("insert 0");
    }
    for link in &mut links {
        for _ in 0..3 {
            assert_eq!(link.next_presence(), Ok(false));
            assert_eq!(link.next_presence(), Ok(true));
        }
    }
    assert_eq!(
        other.next_presence(),
        Ok(false),
        "and of its own reader only"
    );
}

#[test]
fn a_card_at_work_is_heard_of() {
    let bench = Bench::new();
    let mut stream = bench.stream();
    let mut frames = FrameReader::new();
    let mut frame = Vec::new();
    let hello = Request::Hello {
        version: negin_link::VERSION,
        reader: 0,
        purpose: Purpose::Exchange,
    };
    for request in [hello, Request::PowerUp] {
        send(&mut stream, &request, &mut frame).unwrap();
        // Where the machine is busy the card is at work already while it gets its power.
        while let Ok(Answer::Working) = Answer::parse(frames.next(&mut stream).unwrap()) {}
    }
    bench.say("hold 0");
    send(&mut stream, &Request::Transmit(&SELECT), &mut frame).unwrap();
    for _ in 0..2 {
        let heard =
            Answer::parse(frames.next(&mut stream).unwrap()).map(|heard| format!("{heard:?}"));
        assert_eq!(heard.as_deref(), Ok("Working"));
    }
    assert!(bench.say("list")[0].contains(" waiting=1 "));
    bench.say("release 0");
    loop {
        match Answer::parse(frames.next(&mut stream).unwrap()).unwrap() {
            Answer::Working => {}
            Answer::Response(response) => break assert!(response.ends_with(&[0x90, 0x00])),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_card_whose_driver_goes_loses_its_power() {
    let bench = Bench::new();
    let mut link = bench.link(0, Purpose::Exchange);
    link.power_up().unwrap();
    assert!(bench.say("list")[0].starts_with("0 contact card on "));
    drop(link);
    let begin = std::time::Instant::now();
    while bench.say("list")[0].contains(" on ") {
        assert!(begin.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn strangers_are_turned_away_and_disturb_nobody() {
    let bench = Bench::new();
    let mut link = bench.link(0, Purpose::Exchange);
    link.power_up().unwrap();
    let refused = Link::greet(bench.stream(), 2, Purpose::Exchange, Some(LONG)).map(drop);
    assert_eq!(refused, Err(Error::Refused(Refusal::NoSuchReader)));

    let mut stream = bench.stream();
    let hello = Request::Hello {
        version: 99,
        reader: 0,
        purpose: Purpose::Watch,
    };
    send(&mut stream, &hello, &mut Vec::new()).unwrap();
    let mut frames = FrameReader::new();
    let answer = Answer::parse(frames.next(&mut stream).unwrap()).map(|heard| format!("{heard:?}"));
    assert_eq!(answer, Ok("Refused(Version(1))".to_owned()));

    for noise in [
        &b"GET / HTTP/1.0\r\n\r\n"[..],
        &[0; 64],
        &[0xFF; 64],
        &[0, 0, 0, 1, 0x02],
        &[0, 0, 0, 9, 1, b'N', b'G', b'I', b'N', 0, 1, 0, 7],
    ] {
        let mut stream = bench.stream();
        stream.write_all(noise).unwrap();
        // The connection ends, whatever else is said.
        let ended = stream.read_to_end(&mut Vec::new());
        assert!(
            ended.is_ok()
                || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
        );
    }
    assert!(link.transmit(&SELECT).unwrap().ends_with(&[0x90, 0x00]));
}

#[test]
fn a_reader_says_whether_it_has_keys() {
    let bench = Bench::new();
    assert!(!bench.link(0, Purpose::Watch).features().pin_pad);
    assert!(bench.link(1, Purpose::Watch).features().pin_pad);
}

#[test]
fn lines_that_are_none_say_what_is_wrong() {
    let bench = Bench::new();
    for line in [
        "",
        "dance",
        "list 1",
        "remove",
        "remove x",
        "remove 2",
        "remove 0 0",
        "remove 1",
        "insert 1",
        "insert 0 /nowhere",
        "insert 1 /nowhere",
        "reset 1",
        "tear 0",
        "tear 0 x not-begun",
        "tear 0 1 slowly",
        "tear 1 1 not-begun",
        "keys 0 123456",
        "keys 1 12a456",
    ] {
        let said = control::answer(&bench.rack, line);
        assert!(
            said.starts_with("error ") && said.lines().count() == 1,
            "{line}: {said}"
        );
        assert!(
            !said.contains("12a456"),
            "what may be a PIN is not said again"
        );
    }
    bench.say("keys 1 123456 cancel");
}

#[test]
fn a_socket_left_behind_is_taken_over_and_a_live_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    drop(listen(&path).unwrap());
    let listening = listen(&path).unwrap();
    assert!(listen(&path).is_err());
    drop(listening);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "a file").unwrap();
    assert!(listen(&path).is_err());
    assert_eq!(std::fs::read(Path::new(&path)).unwrap(), b"a file");
}
