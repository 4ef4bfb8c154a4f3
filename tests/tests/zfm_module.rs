//! The driver of ZFM modules against the simulated one: every command, every speed and packet size, passwords and
//! addresses; on a line in simulated time, and on a pseudo terminal as on a real port.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it finds nothing"
)]

use std::time::Duration;

use negin_device::Backend;
use negin_fingerprint::Image;
use negin_fingerprint::capture::{
    CancelToken, Capture, CaptureError, CaptureEvent, CaptureRequest, FrameVerdict,
};
use negin_firmware_sim::bus::serial::pty::PtyPort;
use negin_firmware_sim::bus::serial::{Plug, SharedPlug};
use negin_firmware_sim::fault::{Script, Touch};
use negin_firmware_sim::scanner::zfm::{Make, Settings, ZfmModule};
use negin_scanner::zfm::{
    BaudRate, Buffer, CharacterFile, Confirmation, Error, Geometry, LightColour, LightMode, Module,
    Options, PacketSize, Password, SecurityLevel, SerialBackend, Setting, ZfmScanner,
};
use negin_tests::serial_line::VirtualLine;

fn place(finger: u64, pressing: u64) -> Touch {
    Touch::Place {
        finger,
        pressing: Some(pressing),
    }
}

fn connect(line: VirtualLine, options: &Options) -> Result<Module<VirtualLine>, Error> {
    Module::connect(line, options, &CancelToken::new())
}

/// A module as it leaves the maker's hands, connected to, and its other end.
fn usual(touch: Option<&Touch>) -> (Module<VirtualLine>, SharedPlug) {
    let (line, plug) = VirtualLine::to(&Settings::default(), touch, "");
    let module = connect(line, &Options::default()).expect("it answers");
    (module, plug)
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Confirmation {
    match result {
        Err(Error::Refused { confirmation, .. }) => confirmation,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn it_is_found_at_every_speed() {
    for baud in 1..=12 {
        let settings = Settings {
            baud,
            ..Settings::default()
        };
        let (line, _plug) = VirtualLine::to(&settings, None, "");
        let module = connect(line, &Options::default()).expect("it answers");
        assert_eq!(module.baud(), 9600 * u32::from(baud));
        assert_eq!(module.parameters().baud.unwrap().multiple(), baud);
    }
    let said = Options {
        baud: BaudRate::of_baud(9600),
        ..Options::default()
    };
    let (line, _plug) = VirtualLine::to(&Settings::default(), None, "");
    let heard = connect(line, &said).map(drop).unwrap_err();
    assert!(matches!(heard, Error::NoAnswer | Error::Damaged), "{heard}");
}

#[test]
fn an_image_comes_in_every_packet_size() {
    let finger = place(1, 1);
    let mut images = Vec::new();
    for packet in 0..=3 {
        let settings = Settings {
            packet,
            ..Settings::default()
        };
        let (line, _plug) = VirtualLine::to(&settings, Some(&finger), "");
        let module = connect(line, &Options::default()).unwrap();
        assert_eq!(
            module.parameters().packet,
            Some(PacketSize::ALL[usize::from(packet)])
        );
        let mut events = Vec::new();
        let image = ZfmScanner::new(module)
            .capture(&CaptureRequest::default(), &mut |event| events.push(event))
            .unwrap();
        assert_eq!(
            events,
            [
                CaptureEvent::WaitingForFinger,
                CaptureEvent::FingerDown,
                CaptureEvent::Reading,
                CaptureEvent::Captured
            ]
        );
        images.push(image);
    }
    let image = &images[0];
    assert_eq!(
        (image.width(), image.height(), image.dpi()),
        (256, 288, 500)
    );
    assert!(images.iter().all(|other| other == image));
    let quality = negin_recognition::extract(image).unwrap().quality;
    assert!(quality > 40, "quality {quality}");
}

#[test]
fn a_small_module_tells_what_it_is() {
    let settings = Settings {
        make: Make::R503,
        ..Settings::default()
    };
    let (line, _plug) = VirtualLine::to(&settings, Some(&place(1, 1)), "");
    let mut module = connect(line, &Options::default()).unwrap();
    assert_eq!(Some(module.geometry()), Geometry::new(192, 192, 508));
    module
        .ring(LightMode::On, LightColour::Blue, 0x80, 0)
        .unwrap();
    assert_eq!(refused(module.light(true)), Confirmation::ReceiveError);
    let mut scanner = ZfmScanner::new(module);
    let info = scanner.info();
    assert_eq!(
        (&info.name[..], info.serial.as_deref()),
        ("R503", Some("SIM00001"))
    );
    let image = scanner
        .capture(&CaptureRequest::default(), &mut |_| {})
        .unwrap();
    assert_eq!(
        (image.width(), image.height(), image.dpi()),
        (192, 192, 508)
    );
}

#[test]
fn a_finger_is_enrolled_searched_and_forgotten() {
    let (mut module, plug) = usual(None);
    let touch = |finger, pressing| plug.lock().touch(&place(finger, pressing)).unwrap();
    assert!(!module.take_image().unwrap());
    assert_eq!(
        refused(module.extract(Buffer::One)),
        Confirmation::NoValidImage
    );
    for (buffer, pressing) in [(Buffer::One, 1), (Buffer::Two, 2)] {
        touch(1, pressing);
        assert!(module.take_image().unwrap());
        module.extract(buffer).unwrap();
    }
    assert!(module.compare().unwrap().unwrap() > 0);
    module.combine().unwrap();
    module.store(Buffer::One, 7).unwrap();
    module.store(Buffer::Two, 199).unwrap();
    assert_eq!(module.count().unwrap(), 2);
    assert_eq!(module.used_pages().unwrap(), [7, 199]);
    assert_eq!(
        refused(module.store(Buffer::One, 200)),
        Confirmation::NoSuchPage
    );

    touch(1, 9);
    assert!(module.take_image().unwrap());
    module.extract(Buffer::One).unwrap();
    let hit = module.search(Buffer::One).unwrap().unwrap();
    assert_eq!(hit.page, 7);
    let fast = module
        .search_in(Buffer::One, 8, 192, true)
        .unwrap()
        .unwrap();
    assert_eq!((fast.page, fast.score), (199, hit.score));
    assert_eq!(module.search_in(Buffer::One, 8, 100, false), Ok(None));
    assert_eq!(module.read_parameters().unwrap().status & 0b1010, 0b1000);

    touch(2, 1);
    assert!(module.take_image().unwrap());
    module.extract(Buffer::Two).unwrap();
    assert_eq!(module.search(Buffer::Two), Ok(None));
    assert_eq!(module.compare(), Ok(None));
    assert_eq!(refused(module.combine()), Confirmation::NotOneFinger);

    module.load(Buffer::Two, 199).unwrap();
    assert!(module.compare().unwrap().is_some());
    assert_eq!(
        refused(module.load(Buffer::Two, 8)),
        Confirmation::NoTemplate
    );
    module.delete(7, 1).unwrap();
    assert_eq!(module.used_pages().unwrap(), [199]);
    module.empty().unwrap();
    assert_eq!(module.count().unwrap(), 0);
}

#[test]
fn templates_and_images_travel_between_modules() {
    let (mut one, _plug) = usual(Some(&place(1, 1)));
    assert!(one.take_image().unwrap());
    let image = one.image().unwrap();
    one.extract(Buffer::One).unwrap();
    let file = one.template(Buffer::One).unwrap();
    assert_eq!(file.expose().len(), 512);
    assert_eq!(
        refused(one.template(Buffer::Two)),
        Confirmation::TemplateNotSent
    );

    let (mut two, _plug) = usual(None);
    two.put_template(Buffer::Two, &file).unwrap();
    assert_eq!(two.template(Buffer::Two).unwrap(), file);
    two.put_image(&image).unwrap();
    assert_eq!(two.image().unwrap(), image);
    // What it makes of the image that came down is what the other made of it, but for the four bits a pixel.
    two.extract(Buffer::One).unwrap();
    assert!(two.compare().unwrap().is_some());

    let foreign = CharacterFile::new(vec![0x5A; 300]);
    two.put_template(Buffer::One, &foreign).unwrap();
    assert_eq!(two.compare(), Ok(None));
    let wrong = Image::new(16, 16, 500, vec![0; 256]).unwrap();
    assert_eq!(two.put_image(&wrong), Err(Error::Size { received: 256 }));
}

#[test]
fn settings_password_and_address_are_kept() {
    let (mut module, plug) = usual(None);
    for rate in BaudRate::LIKELIEST_FIRST {
        module.set(Setting::Baud(rate)).unwrap();
        assert_eq!(module.baud(), rate.baud());
        assert_eq!(module.parameters().baud, Some(rate));
    }
    for size in PacketSize::ALL {
        module.set(Setting::Packet(size)).unwrap();
        assert_eq!(module.parameters().packet, Some(size));
        assert!(module.information().unwrap().starts_with(b"Negin"));
    }
    let strict = SecurityLevel::new(5).unwrap();
    module.set(Setting::Security(strict)).unwrap();
    assert_eq!(module.parameters().security, Some(strict));
    module.write_note(15, &[9; 32]).unwrap();
    assert_eq!(module.read_note(15), Ok([9; 32]));
    assert_eq!(
        refused(module.read_note(16)),
        Confirmation::NoSuchNotepadPage
    );
    assert_ne!(module.random(), module.random());
    module.light(true).unwrap();
    module.set_password(&Password::new(0xC0FF_EE00)).unwrap();
    module.set_address(0x0000_0042).unwrap();
    assert_eq!(module.count(), Ok(0));
    drop(module);

    let later = Duration::from_secs(1000);
    plug.lock().unplug();
    plug.lock().plug(later);
    let with = |address, password: u32| {
        let options = Options {
            address,
            password: Password::new(password),
            ..Options::default()
        };
        connect(VirtualLine::at(&plug).from(later), &options).map(|_| ())
    };
    assert_eq!(with(0xFFFF_FFFF, 0xC0FF_EE00), Err(Error::NoAnswer));
    assert_eq!(with(0x42, 0), Err(Error::Password));
    assert_eq!(with(0x42, 0xC0FF_EE00), Ok(()));
}

#[test]
fn who_waits_is_told_when_it_is_over() {
    let (module, plug) = usual(None);
    let mut scanner = ZfmScanner::new(module);
    let request = CaptureRequest {
        timeout: Duration::from_secs(5),
        ..CaptureRequest::default()
    };
    let refused = scanner.capture(&request, &mut |_| {}).unwrap_err();
    assert_eq!(refused, CaptureError::Timeout);
    request.cancel.cancel();
    let refused = scanner.capture(&request, &mut |_| {}).unwrap_err();
    assert_eq!(refused, CaptureError::Cancelled);

    // A finger that comes while it is waited for, and a burst of which the best is kept.
    plug.lock()
        .fault("at transfer 400 finger place 1:1")
        .unwrap();
    let judged = std::cell::Cell::new(0);
    let judge = |_: &Image| {
        judged.set(judged.get() + 1);
        FrameVerdict {
            score: 10,
            enough: judged.get() == 3,
        }
    };
    let request = CaptureRequest {
        frames: 8,
        judge: Some(&judge),
        ..CaptureRequest::default()
    };
    scanner.capture(&request, &mut |_| {}).unwrap();
    assert_eq!(judged.get(), 3);
}

/// A module behind a port in a folder, and what must live as long.
fn port(settings: &Settings, script: &str) -> (tempfile::TempDir, PtyPort, SharedPlug) {
    let folder = tempfile::tempdir().unwrap();
    let module = ZfmModule::new(settings);
    let plug = SharedPlug::new(Plug::new(Box::new(module), Script::parse(script).unwrap()));
    let port = PtyPort::serve(plug.clone(), folder.path().join("tty")).unwrap();
    (folder, port, plug)
}

#[test]
fn a_port_serves_it_at_any_speed() {
    for baud in [6, 12, 3] {
        let settings = Settings {
            baud,
            ..Settings::default()
        };
        let (_folder, port, _plug) = port(&settings, "finger place 1:1");
        let locator = port.path().to_str().unwrap();
        let mut scanner = SerialBackend::default().open(locator).unwrap();
        let busy = SerialBackend::default().open(locator).err().unwrap();
        assert_eq!(busy.key(), "device.busy", "{busy}");
        let image = scanner
            .capture(&CaptureRequest::default(), &mut |_| {})
            .unwrap();
        assert_eq!((image.width(), image.height()), (256, 288));
        drop(scanner);
        let mut module = SerialBackend::default().module(locator).unwrap();
        assert_eq!(module.baud(), 9600 * u32::from(baud));
        assert_eq!(module.count(), Ok(0));
    }
}

#[test]
fn a_port_comes_and_goes_with_its_module() {
    let (_folder, port, plug) = port(&Settings::default(), "finger place 1:1");
    let locator = port.path().to_str().unwrap();
    let mut scanner = SerialBackend::default().open(locator).unwrap();
    plug.lock().unplug();
    let gone = scanner.capture(&CaptureRequest::default(), &mut |_| {});
    assert_eq!(gone.unwrap_err(), CaptureError::Disconnected);
    let begin = std::time::Instant::now();
    while port.path().symlink_metadata().is_ok() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it does not go");
        std::thread::sleep(Duration::from_millis(2));
    }
    let missing = SerialBackend::default().open(locator).err().unwrap();
    assert_eq!(missing.key(), "device.no-such-device");
    plug.lock().plug(Duration::from_secs(3600));
    while port.path().symlink_metadata().is_err() {
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "it does not come"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(scanner);
    let mut scanner = SerialBackend::default().open(locator).unwrap();
    assert!(
        scanner
            .capture(&CaptureRequest::default(), &mut |_| {})
            .is_ok()
    );
}

#[test]
fn a_locked_module_is_opened_with_its_password_only() {
    let settings = Settings {
        password: 0x1234_ABCD,
        ..Settings::default()
    };
    let (folder, port, _plug) = port(&settings, "");
    let path = port.path().to_str().unwrap();
    let denied = SerialBackend::default().open(path).err().unwrap();
    assert_eq!(denied.key(), "device.locked");
    let file = folder.path().join("password");
    std::fs::write(&file, "1234abcd\n").unwrap();
    let locator = format!("{path}?baud=57600&password-file={}", file.display());
    assert!(SerialBackend::default().open(&locator).is_ok());
}
