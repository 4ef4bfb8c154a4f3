//! The simulated ZFM module under a driver that has never heard of us: the crate a608_embedded, unmodified, on a pseudo
//! terminal. What it reads of the module is what our own driver reads.
//!
//! The crate fingerprint-sensor, another one, takes libudev into every build beside it, and pyfingerprint needs a Python
//! environment of its own; the page on the ZFM protocol says how to try the latter by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it finds nothing"
)]

use std::io;
use std::path::Path;
use std::time::Duration;

use a608_embedded::{
    DataPacketSize, FingerprintSensor, LedColor, LedMode, SensorBuffer, SystemParam,
};
use negin_fingerprint::capture::{Capture, CaptureRequest};
use negin_firmware_sim::bus::serial::pty::PtyPort;
use negin_firmware_sim::bus::serial::{Plug, SharedPlug};
use negin_firmware_sim::fault::{Script, Touch};
use negin_firmware_sim::scanner::zfm::{Make, Settings, ZfmModule};
use negin_scanner::zfm::{Buffer, SerialBackend, ZfmScanner};
use serialport::TTYPort;

/// A serial port as the peer takes one.
struct Uart(TTYPort);

impl Uart {
    fn open(path: &Path) -> Self {
        let port = serialport::new(path.to_str().unwrap(), 57_600)
            .timeout(Duration::from_secs(20))
            .open_native()
            .unwrap();
        Self(port)
    }
}

impl embedded_io::ErrorType for Uart {
    type Error = io::Error;
}

impl embedded_io::Read for Uart {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut self.0, into)
    }
}

impl embedded_io::Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::Write::write(&mut self.0, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(&mut self.0)
    }
}

fn served(settings: &Settings, folder: &Path) -> (PtyPort, SharedPlug) {
    let plug = Plug::new(Box::new(ZfmModule::new(settings)), Script::default());
    let plug = SharedPlug::new(plug);
    let port = PtyPort::serve(plug.clone(), folder.join("tty")).unwrap();
    (port, plug)
}

#[test]
fn it_enrols_searches_and_reads_what_our_driver_reads() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        password: 0x0102_0304,
        ..Settings::default()
    };
    let (port, plug) = served(&settings, folder.path());
    let place = |finger, pressing| {
        let touch = Touch::Place {
            finger,
            pressing: Some(pressing),
        };
        plug.lock().touch(&touch).unwrap();
    };
    let mut wrong = FingerprintSensor::new(Uart::open(port.path()), [0; 4]);
    assert!(wrong.init().is_err());
    drop(wrong);
    let mut peer = FingerprintSensor::new(Uart::open(port.path()), [1, 2, 3, 4]);
    peer.init().unwrap();
    assert!(peer.check_module().unwrap());
    let told = peer.system_parameters().unwrap();
    assert_eq!((told.library_size, told.security_level), (200, 3));
    assert_eq!(told.data_packet_size, DataPacketSize::Bytes128);

    assert_eq!(peer.get_image().unwrap(), 0x02);
    for (slot, pressing) in [(1, 1), (2, 2)] {
        place(1, pressing);
        assert_eq!(peer.get_image().unwrap(), 0x00);
        assert_eq!(peer.image_2_tz(slot).unwrap(), 0x00);
    }
    assert_eq!(peer.compare_templates().unwrap(), 0x00);
    assert_eq!(peer.create_model().unwrap(), 0x00);
    assert_eq!(peer.store_model(9, 1).unwrap(), 0x00);
    assert_eq!(peer.count_templates().unwrap(), 0x00);
    assert_eq!(peer.template_count, 1);
    let mut bitmap = [0; 32];
    assert_eq!(peer.read_template_page(0, &mut bitmap).unwrap(), 0x00);
    assert_eq!((bitmap[1], bitmap[0]), (0b10, 0));

    place(1, 5);
    assert_eq!(peer.get_image().unwrap(), 0x00);
    assert_eq!(peer.image_2_tz(1).unwrap(), 0x00);
    assert_eq!(peer.finger_search().unwrap(), 0x00);
    assert_eq!(peer.finger_id, 9);
    assert_eq!(peer.finger_fast_search().unwrap(), 0x00);
    assert_eq!(peer.finger_id, 9);

    let mut image = vec![0; 40_000];
    let length = peer.get_fpdata(SensorBuffer::Image, &mut image).unwrap();
    assert_eq!(length, 36_864);
    image.truncate(length);
    assert_eq!(peer.load_model(9, 2).unwrap(), 0x00);
    let mut template = vec![0; 1000];
    let length = peer
        .get_fpdata(SensorBuffer::char(2), &mut template)
        .unwrap();
    assert_eq!(length, 512);
    template.truncate(length);
    drop(peer);

    let password = folder.path().join("password");
    std::fs::write(&password, "01020304").unwrap();
    let locator = format!(
        "{}?password-file={}",
        port.path().display(),
        password.display()
    );
    let mut ours = SerialBackend::default().module(&locator).unwrap();
    assert_eq!(ours.used_pages().unwrap(), [9]);
    assert_eq!(ours.template(Buffer::Two).unwrap().expose(), template);
    let taken = ZfmScanner::new(ours)
        .capture(&CaptureRequest::default(), &mut |_| {})
        .unwrap();
    let peers: Vec<u8> = image
        .iter()
        .flat_map(|byte| [(byte >> 4) * 17, (byte & 15) * 17])
        .collect();
    assert_eq!(taken.pixels(), peers);
}

#[test]
fn it_sends_a_template_and_an_image_and_forgets() {
    let folder = tempfile::tempdir().unwrap();
    let (port, _plug) = served(&Settings::default(), folder.path());
    let mut peer = FingerprintSensor::new(Uart::open(port.path()), [0; 4]);
    peer.init().unwrap();
    let template: Vec<u8> = (0..512u16).map(|at| at as u8).collect();
    assert!(peer.send_fpdata(&template, SensorBuffer::char(1)).unwrap());
    let mut back = vec![0; 1000];
    let length = peer.get_fpdata(SensorBuffer::char(1), &mut back).unwrap();
    assert_eq!(back[..length], template);
    let image: Vec<u8> = (0..36_864u32).map(|at| (at / 7) as u8).collect();
    assert!(peer.send_fpdata(&image, SensorBuffer::Image).unwrap());
    let mut back = vec![0; 40_000];
    let length = peer.get_fpdata(SensorBuffer::Image, &mut back).unwrap();
    assert_eq!(back[..length], image);
    assert_eq!(peer.store_model(1, 1).unwrap(), 0x00);
    assert_eq!(peer.delete_model(1).unwrap(), 0x00);
    assert_eq!(peer.empty_library().unwrap(), 0x00);
    assert_eq!(
        peer.set_sysparam(SystemParam::DataPacketSize, 0).unwrap(),
        0
    );
    drop(peer);
    let ours = SerialBackend::default()
        .module(port.path().to_str().unwrap())
        .unwrap();
    assert_eq!(ours.parameters().packet.unwrap().bytes(), 32);
}

#[test]
fn it_lights_a_ring_and_resets() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        make: Make::R503,
        ..Settings::default()
    };
    let (port, _plug) = served(&settings, folder.path());
    let mut uart = Uart::open(port.path());
    // The greeting, which this peer would take for a packet's beginning.
    let mut greeting = [0];
    embedded_io::Read::read_exact(&mut uart, &mut greeting).unwrap();
    assert_eq!(greeting, [0x55]);
    let mut peer = FingerprintSensor::new(uart, [0; 4]);
    peer.init().unwrap();
    let lit = peer.set_led(LedColor::Blue, LedMode::On, 0x80, 0).unwrap();
    assert_eq!(lit, 0x00);
    peer.soft_reset().unwrap();
    assert_eq!(peer.verify_password().unwrap(), 0x00);
}
