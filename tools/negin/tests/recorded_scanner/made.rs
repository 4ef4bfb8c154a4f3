//! Recordings that are made, of scanners of which none lies outside: each product of the family, woken in one of the ways
//! there are, as the public driver would have spoken with it, with a synthetic print. Challenge and response of the
//! Microsoft reader of the second version are a real one's.

use std::path::Path;

use negin_firmware_sim::finger::{Finger, Pressing, Sensor};

const WIDTH: usize = 384;
const HEIGHT: usize = 290;
/// The seed of the recording, and the scanner's key.
pub const SEED: u32 = 0x51EA_2124;
const KEY: u32 = 0x1234_5678;

/// Where its scanner is plugged in.
pub const SOCKET: &str = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-5";
const BUS: u16 = 1;
const DEVICE: u8 = 22;

/// Interrupt, control and bulk, as Linux numbers them.
const INTERRUPT: u8 = 1;
const CONTROL: u8 = 2;
const BULK: u8 = 3;
/// A transfer that was handed over, and not through yet.
const IN_PROGRESS: i32 = -115;

/// A scanner of which a recording is made.
pub struct Scanner {
    pub vendor: u16,
    pub product: u16,
    pub wakes: Wakes,
    /// Its image lies open.
    pub open: bool,
    /// Its image stands on its head.
    pub turned: bool,
    /// Its first image breaks off, and is followed by a whole one.
    pub breaks_off: bool,
    /// It loses many rows.
    pub loses: bool,
}

/// How a scanner wakes.
pub enum Wakes {
    /// It does as it is told.
    AtOnce,
    /// It falls asleep once more.
    Again,
    /// It was left asleep and in trouble.
    FromTrouble,
    /// It says at the second time only that its sensor has power.
    AtSecondTime,
    /// It asks for the answer to its challenge.
    AfterChallenge,
}

/// What umockdev needs to know of a scanner; here of 045e:00ca.
const ABOUT: &str = "\
P: /devices/pci0000:00/0000:00:14.0/usb1/1-5
N: bus/usb/001/022=12010002000000405E04CA000001010203010902200001010080820904000002FFFFFF000705810340000807058202400000
E: DEVNAME=/dev/bus/usb/001/022
E: DEVTYPE=usb_device
E: PRODUCT=45e/ca/100
E: BUSNUM=001
E: DEVNUM=022
E: MAJOR=189
E: MINOR=21
E: SUBSYSTEM=usb
A: bConfigurationValue=1\\n
A: busnum=1\\n
H: descriptors=12010002000000405E04CA000001010203010902200001010080820904000002FFFFFF000705810340000807058202400000
A: dev=189:21\\n
A: devnum=22\\n
A: devpath=5\\n
A: idProduct=00ca\\n
A: idVendor=045e\\n
A: serial={BE815DAD-15E4-0745-AA30-41DEBCAC5913}\\n
A: speed=12\\n

P: /devices/pci0000:00/0000:00:14.0/usb1
N: bus/usb/001/001=12010002090001406B1D020013050302010109021900010100E0000904000001090000000705810304000C
E: DEVNAME=/dev/bus/usb/001/001
E: DEVTYPE=usb_device
E: BUSNUM=001
E: DEVNUM=001
E: MAJOR=189
E: MINOR=0
E: SUBSYSTEM=usb
A: bConfigurationValue=1\\n
A: busnum=1\\n
H: descriptors=12010002090001406B1D020013050302010109021900010100E0000904000001090000000705810304000C
A: dev=189:0\\n
A: devnum=1\\n
A: devpath=0\\n
A: idProduct=0002\\n
A: idVendor=1d6b\\n
A: speed=480\\n

";

/// Flags and rows of the image's blocks, as a real reader cut one up; it sends a row of which no block speaks.
const BLOCKS: [(u8, u8); 8] = [
    (2, 67),
    (0, 1),
    (2, 49),
    (1, 1),
    (0, 1),
    (2, 49),
    (1, 1),
    (2, 121),
];

/// The same where far more rows are lost than as a rule.
const LOSSES: [(u8, u8); 8] = [
    (2, 67),
    (0, 1),
    (2, 49),
    (0, 1),
    (1, 40),
    (2, 50),
    (1, 1),
    (2, 81),
];

/// Packets of Linux's usbmon in a pcapng file.
struct Recorder {
    bytes: Vec<u8>,
    clock: u64,
    next: u64,
    /// The interrupt transfer that waits.
    listening: u64,
}

impl Recorder {
    fn new() -> Self {
        let mut recorder = Self {
            bytes: Vec::new(),
            clock: 1_000_000,
            next: 1,
            listening: 0,
        };
        let mut section = 0x1A2B_3C4D_u32.to_le_bytes().to_vec();
        section.extend([1, 0, 0, 0]);
        section.extend([0xFF; 8]);
        recorder.block(0x0A0D_0D0A, &section);
        // DLT_USB_LINUX_MMAPPED.
        recorder.block(1, &[220, 0, 0, 0, 0, 0, 4, 0]);
        recorder
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let padding = body.len().next_multiple_of(4) - body.len();
        let length = u32::try_from(body.len() + padding + 12).expect("a small block");
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(body);
        self.bytes.extend(vec![0; padding]);
        self.bytes.extend(length.to_le_bytes());
    }

    /// A packet: what happens ('S' handed over, 'C' through), to which transfer, at which endpoint.
    fn packet(
        &mut self,
        event: u8,
        kind: u8,
        endpoint: u8,
        id: u64,
        sizes: (usize, &[u8]),
        setup: Option<[u8; 8]>,
    ) {
        self.clock += 1000;
        let (length, data) = sizes;
        let small = |size: usize| u32::try_from(size).expect("a small transfer").to_le_bytes();
        let mut packet = id.to_le_bytes().to_vec();
        packet.extend([event, kind, endpoint, DEVICE]);
        packet.extend(BUS.to_le_bytes());
        packet.push(if setup.is_some() { 0 } else { b'-' });
        packet.push(if data.is_empty() { b'<' } else { 0 });
        packet.extend((self.clock / 1_000_000).to_le_bytes());
        packet.extend(((self.clock % 1_000_000) as u32).to_le_bytes());
        let status = if event == b'S' { IN_PROGRESS } else { 0 };
        packet.extend(status.to_le_bytes());
        packet.extend(small(length));
        packet.extend(small(data.len()));
        packet.extend(setup.unwrap_or_default());
        packet.extend([0; 16]);
        packet.extend(data);
        let mut body = vec![0; 4];
        body.extend(((self.clock >> 32) as u32).to_le_bytes());
        body.extend((self.clock as u32).to_le_bytes());
        body.extend(small(packet.len()));
        body.extend(small(packet.len()));
        body.extend(packet);
        self.block(6, &body);
    }

    fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn listen(&mut self) {
        self.listening = self.id();
        self.packet(b'S', INTERRUPT, 0x81, self.listening, (64, &[]), None);
    }

    /// The scanner says something, and is listened to again.
    fn hear(&mut self, notice: [u8; 2]) {
        let mut said = [0; 64];
        said[..2].copy_from_slice(&notice);
        self.packet(b'C', INTERRUPT, 0x81, self.listening, (64, &said), None);
        self.listen();
    }

    fn expect_image(&mut self) -> u64 {
        let id = self.id();
        self.packet(b'S', BULK, 0x82, id, (64 + WIDTH * HEIGHT, &[]), None);
        id
    }

    fn setup(request_type: u8, register: u16, length: usize) -> [u8; 8] {
        let [low, high] = register.to_le_bytes();
        [request_type, 4, low, high, 0, 0, length as u8, 0]
    }

    fn read(&mut self, register: u16, answer: &[u8]) {
        let id = self.id();
        let setup = Self::setup(0xC0, register, answer.len());
        self.packet(b'S', CONTROL, 0x80, id, (answer.len(), &[]), Some(setup));
        self.packet(b'C', CONTROL, 0x80, id, (answer.len(), answer), None);
    }

    fn write(&mut self, register: u16, values: &[u8]) {
        let id = self.id();
        let setup = Self::setup(0x40, register, values.len());
        self.packet(b'S', CONTROL, 0x00, id, (values.len(), values), Some(setup));
        self.packet(b'C', CONTROL, 0x00, id, (values.len(), &[]), None);
    }
}

/// A mask of the image's stream, and one step on.
fn mask(key: &mut u32) -> u8 {
    let taps = [29, 24, 21, 18, 14, 11, 8, 4];
    let mask = taps
        .iter()
        .fold(0, |mask, tap| mask << 1 | (*key >> tap & 1) as u8);
    *key = ((*key & 0x9248_144D).count_ones() & 1) << 31 | *key >> 1;
    mask
}

/// The image's transfer, and the pixels that are expected of it.
fn image(open: bool, blocks: [(u8, u8); 8]) -> (Vec<u8>, Vec<u8>) {
    let sensor = Sensor::new(WIDTH as u32, HEIGHT as u32, 500).expect("a sensor");
    let print = Finger::from_seed(5).impression(&Pressing::good(1).on(sensor));
    // Whether an image is hidden is seen by its contrast.
    let scale = if open { 4 } else { 1 };
    let raw: Vec<u8> = print
        .image
        .pixels()
        .iter()
        .map(|pixel| !pixel / scale)
        .collect();
    let mut sent = vec![0; 64];
    sent[..4].copy_from_slice(&[0x10, 0x40, 0x80, 0x01]);
    let (mut seen, mut missing, mut from, mut key) = (Vec::new(), 0, 0, KEY);
    for (at, (flags, rows)) in blocks.into_iter().enumerate() {
        let flags = if open { flags & 1 } else { flags };
        sent[16 + 2 * at..][..2].copy_from_slice(&[flags, rows]);
        let length = usize::from(rows) * WIDTH;
        let mut block = raw[from..from + length].to_vec();
        from += length;
        let mut hidden = vec![0x5A];
        hidden.extend(block.iter().map(|pixel| pixel ^ mask(&mut key)));
        if flags == 1 {
            missing = length;
            continue;
        }
        if flags == 2 {
            sent.extend(&hidden[..length]);
            block[length - 1] = 0;
        } else {
            sent.extend(&block);
        }
        let first = block[..missing].to_vec();
        missing = 0;
        seen.extend(first.iter().chain(&block).map(|pixel| !pixel));
    }
    sent.extend([0; WIDTH]);
    let rows = u16::try_from(sent.len() / WIDTH).expect("some hundred rows");
    sent[4..6].copy_from_slice(&rows.to_le_bytes());
    (sent, seen)
}

/// What umockdev needs to know of this scanner.
fn about(scanner: &Scanner) -> String {
    let [v, w] = scanner.vendor.to_le_bytes();
    let [p, q] = scanner.product.to_le_bytes();
    ABOUT
        .replace("5E04CA00", &format!("{v:02X}{w:02X}{p:02X}{q:02X}"))
        .replace(
            "PRODUCT=45e/ca/",
            &format!("PRODUCT={:x}/{:x}/", scanner.vendor, scanner.product),
        )
        .replace(
            "idProduct=00ca",
            &format!("idProduct={:04x}", scanner.product),
        )
        .replace("idVendor=045e", &format!("idVendor={:04x}", scanner.vendor))
}

fn wake(recorder: &mut Recorder, wakes: &Wakes) {
    let asleep_and_awake = |recorder: &mut Recorder| {
        recorder.read(0x07, &[0x01]);
        recorder.write(0x07, &[0x81]);
        recorder.write(0x07, &[0x01]);
    };
    match wakes {
        Wakes::AtOnce => asleep_and_awake(recorder),
        Wakes::Again => {
            asleep_and_awake(recorder);
            recorder.read(0x07, &[0x81]);
            recorder.write(0x07, &[0x01]);
        }
        Wakes::FromTrouble => {
            recorder.read(0x07, &[0x85]);
            recorder.write(0x07, &[0x05]);
            // That it comes back at once is all that libfprint survives: its wait for that goes astray.
            recorder.read(0x07, &[0x05]);
            recorder.write(0x07, &[0x85]);
            recorder.write(0x07, &[0x05]);
        }
        Wakes::AtSecondTime => {
            asleep_and_awake(recorder);
            recorder.read(0x07, &[0x01]);
            asleep_and_awake(recorder);
        }
        Wakes::AfterChallenge => {
            asleep_and_awake(recorder);
            recorder.read(0x07, &[0x81]);
            recorder.read(0x2010, &hex("F84C843148DED8C003FE759B135E4D1A"));
            recorder.write(0x2000, &hex("3C9B013B71B593A3DBBAFDF385351D50"));
            recorder.write(0x07, &[0x01]);
        }
    }
    recorder.read(0x07, &[0x01]);
}

/// Writes the recording's two files; the pixels that are expected.
pub fn write(scanner: &Scanner, device: &Path, traffic: &Path) -> Vec<u8> {
    let (sent, mut seen) = image(scanner.open, if scanner.loses { LOSSES } else { BLOCKS });
    let mut recorder = Recorder::new();
    recorder.listen();
    wake(&mut recorder, &scanner.wakes);
    recorder.hear([0x56, 0xAA]);
    recorder.read(0xF0, &hex("50255025003400000013005967191800"));
    recorder.write(0x4E, &[0x10]);
    // It says so again, and then something that nobody knows.
    recorder.hear([0x56, 0xAA]);
    recorder.hear([0x56, 0xAA]);
    recorder.hear([0x12, 0x34]);
    recorder.clock += 25_000_000;
    recorder.hear([0x01, 0x01]);
    let mut bulk = recorder.expect_image();
    recorder.write(0x4E, &[0x20]);
    if scanner.breaks_off {
        recorder.packet(b'C', BULK, 0x82, bulk, (20_000, &sent[..20_000]), None);
        bulk = recorder.expect_image();
    }
    recorder.packet(b'C', BULK, 0x82, bulk, (sent.len(), &sent), None);
    if !scanner.open {
        let mut index = vec![0];
        index.extend(SEED.to_le_bytes());
        recorder.write(0x33, &index);
        recorder.read(0x34, &(KEY ^ SEED).to_le_bytes());
    }
    recorder.write(0x4E, &[0x12]);
    recorder.clock += 4_000_000;
    recorder.hear([0x02, 0x00]);
    recorder.write(0x4E, &[0x70]);
    std::fs::write(device, about(scanner)).expect("a file");
    std::fs::write(traffic, recorder.bytes).expect("a file");
    if scanner.turned {
        seen.reverse();
    }
    seen
}

fn hex(digits: &str) -> Vec<u8> {
    hex::decode(digits).expect("hexadecimal")
}
