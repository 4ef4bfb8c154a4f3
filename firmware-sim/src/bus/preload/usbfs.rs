//! The requests that programs make at a USB device's node on Linux, in the layout of a 64-bit machine
//! (linux/usbdevice_fs.h).

/// An ioctl request that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    ReapUrb,
    ReapUrbNoDelay,
    SubmitUrb,
    DiscardUrb,
    ClaimInterface,
    DisconnectClaim,
    ReleaseInterface,
    GetDriver,
    SetInterface,
    SetConfiguration,
    ClearHalt,
    ResetEndpoint,
    Reset,
    ConnectInfo,
    GetCapabilities,
    GetSpeed,
    /// A request to a kernel driver; there is none here.
    Driver,
}

impl Request {
    /// The request of a number; None for one that is not served.
    pub const fn parse(number: u64) -> Option<Self> {
        Some(match number {
            0x4008_550C => Self::ReapUrb,
            0x4008_550D => Self::ReapUrbNoDelay,
            0x8038_550A => Self::SubmitUrb,
            0x0000_550B => Self::DiscardUrb,
            0x8004_550F => Self::ClaimInterface,
            0x8108_551B => Self::DisconnectClaim,
            0x8004_5510 => Self::ReleaseInterface,
            0x4104_5508 => Self::GetDriver,
            0x8008_5504 => Self::SetInterface,
            0x8004_5505 => Self::SetConfiguration,
            0x8004_5515 => Self::ClearHalt,
            0x8004_5503 => Self::ResetEndpoint,
            0x0000_5514 => Self::Reset,
            0x4008_5511 => Self::ConnectInfo,
            0x8004_551A => Self::GetCapabilities,
            0x0000_551F => Self::GetSpeed,
            0xC010_5512 => Self::Driver,
            _ => return None,
        })
    }
}

/// What the node can do: no packets of its own limit the length of a transfer, and results can be fetched after the
/// device is gone.
pub const CAPABILITIES: u32 = 0x01 | 0x04 | 0x10;

/// The system's numbers for what goes wrong (errno(3)).
pub mod errno {
    pub const ENOENT: u64 = 2;
    pub const EINTR: u64 = 4;
    pub const EAGAIN: u64 = 11;
    pub const EACCES: u64 = 13;
    pub const EBUSY: u64 = 16;
    pub const ENODEV: u64 = 19;
    pub const EINVAL: u64 = 22;
    pub const ENOTTY: u64 = 25;
    pub const EPIPE: u64 = 32;
    pub const ENODATA: u64 = 61;
    pub const EOVERFLOW: u64 = 75;
    pub const EREMOTEIO: u64 = 121;
}

/// What kind of transfer an URB is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrbKind {
    Interrupt,
    Control,
    Bulk,
}

/// A transfer as a program hands it over: struct usbdevfs_urb.
#[derive(Debug, Clone)]
pub struct Urb {
    /// Where it lies in the program's memory.
    pub address: u64,
    bytes: [u8; Self::LENGTH],
}

impl Urb {
    /// How long it is, bytes.
    pub const LENGTH: usize = 56;
    /// The buffer's end may be missing only as an error.
    const SHORT_NOT_OK: u32 = 1;

    pub const fn new(address: u64, bytes: [u8; Self::LENGTH]) -> Self {
        Self { address, bytes }
    }

    fn word(&self, at: usize) -> u32 {
        let mut word = [0; 4];
        word.copy_from_slice(&self.bytes[at..at + 4]);
        u32::from_ne_bytes(word)
    }

    fn set_word(&mut self, at: usize, word: i32) {
        self.bytes[at..at + 4].copy_from_slice(&word.to_ne_bytes());
    }

    /// Its kind; None for one that is not served: isochronous.
    pub const fn kind(&self) -> Option<UrbKind> {
        match self.bytes[0] {
            1 => Some(UrbKind::Interrupt),
            2 => Some(UrbKind::Control),
            3 => Some(UrbKind::Bulk),
            _ => None,
        }
    }

    /// Its endpoint's address.
    pub const fn endpoint(&self) -> u8 {
        self.bytes[1]
    }

    /// Whether fewer bytes than asked for are an error.
    pub fn short_not_ok(&self) -> bool {
        self.word(8) & Self::SHORT_NOT_OK != 0
    }

    /// Where its buffer lies in the program's memory.
    pub fn buffer(&self) -> u64 {
        let mut word = [0; 8];
        word.copy_from_slice(&self.bytes[16..24]);
        u64::from_ne_bytes(word)
    }

    /// How long its buffer is, bytes; a control transfer's first eight are the setup.
    pub fn buffer_length(&self) -> usize {
        usize::try_from(self.word(24)).unwrap_or(usize::MAX)
    }

    /// How many bytes of data are asked for.
    pub fn wanted(&self) -> usize {
        match self.kind() {
            Some(UrbKind::Control) => self.buffer_length().saturating_sub(8),
            _ => self.buffer_length(),
        }
    }

    /// Where in the buffer the data begin: behind a control transfer's setup.
    pub fn data_at(&self) -> u64 {
        let setup = match self.kind() {
            Some(UrbKind::Control) => 8,
            _ => 0,
        };
        self.buffer().wrapping_add(setup)
    }

    /// The same with how it ended: 0 or a negative errno, and how many bytes went over the line.
    pub fn ended(mut self, status: i32, length: usize) -> [u8; Self::LENGTH] {
        self.set_word(4, status);
        // No buffer is longer than MAX_BUFFER.
        self.set_word(28, i32::try_from(length).unwrap_or(i32::MAX));
        self.set_word(40, 0);
        self.bytes
    }
}

/// The longest buffer of a transfer that is taken, bytes: what Linux grants all of a machine's programs together.
pub const MAX_BUFFER: usize = 16 * 1024 * 1024;
