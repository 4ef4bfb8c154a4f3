//! What driver and daemon call things, from pcsclite's `ifdhandler.h` and `reader.h`, and PC/SC part 10.

/// What a function of the driver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i64)]
pub enum Code {
    /// Done.
    Success = 0,
    /// No such tag.
    UnknownTag = 600,
    /// The tag cannot be set.
    ReadOnly = 602,
    /// The protocol is not spoken.
    ProtocolNotSupported = 607,
    /// The card gives no answer to reset.
    PowerFailed = 608,
    /// It did not work; the card must be reset.
    CommunicationError = 612,
    /// The other end is silent.
    Timeout = 613,
    /// No such thing is done here.
    NotSupported = 614,
    /// A card is in.
    CardPresent = 615,
    /// No card is in.
    NoCard = 616,
    /// The reader does not exist.
    NoSuchDevice = 617,
    /// The answer does not fit.
    InsufficientBuffer = 618,
}

/// Tags of `IFDHGetCapabilities`.
pub mod tag {
    /// The answer to reset.
    pub const ATR: u64 = 0x0303;
    /// Whether several threads may use several slots of a reader at once.
    pub const SLOT_THREAD_SAFE: u64 = 0x0FAC;
    /// Whether several threads may use several readers at once.
    pub const THREAD_SAFE: u64 = 0x0FAD;
    /// How many slots a reader has.
    pub const SLOTS_NUMBER: u64 = 0x0FAE;
    /// How many readers one instance of the driver serves.
    pub const SIMULTANEOUS_ACCESS: u64 = 0x0FAF;
    /// Whether the daemon may kill the thread that waits for cards.
    pub const POLLING_THREAD_KILLABLE: u64 = 0x0FB1;
    /// The function that ends the waiting for cards.
    pub const STOP_POLLING_THREAD: u64 = 0x0FB2;
    /// The function that waits for cards.
    pub const POLLING_THREAD_WITH_TIMEOUT: u64 = 0x0FB3;
    /// `SCARD_ATTR_VENDOR_NAME`.
    pub const VENDOR_NAME: u64 = 0x0001_0100;
    /// `SCARD_ATTR_VENDOR_IFD_TYPE`.
    pub const VENDOR_IFD_TYPE: u64 = 0x0001_0101;
    /// `SCARD_ATTR_VENDOR_IFD_VERSION`.
    pub const VENDOR_IFD_VERSION: u64 = 0x0001_0102;
    /// `SCARD_ATTR_VENDOR_IFD_SERIAL_NO`.
    pub const VENDOR_IFD_SERIAL_NO: u64 = 0x0001_0103;
    /// `SCARD_ATTR_ICC_PRESENCE`.
    pub const ICC_PRESENCE: u64 = 0x0009_0300;
    /// `SCARD_ATTR_ATR_STRING`.
    pub const ATR_STRING: u64 = 0x0009_0303;
    /// `SCARD_ATTR_MAXINPUT`.
    pub const MAX_INPUT: u64 = 0x0007_A007;
}

/// Actions of `IFDHPowerICC`.
pub mod power {
    /// Power on.
    pub const UP: u64 = 500;
    /// Power off.
    pub const DOWN: u64 = 501;
    /// Warm reset.
    pub const RESET: u64 = 502;
}

/// Protocols of `IFDHSetProtocolParameters`.
pub mod protocol {
    /// T=0.
    pub const T0: u64 = 1;
    /// T=1.
    pub const T1: u64 = 2;
}
