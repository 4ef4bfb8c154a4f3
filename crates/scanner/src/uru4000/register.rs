//! Registers and what is written into them.

/// bRequest of a register's transfer; wValue is the register.
pub(super) const REGISTERS: u8 = 4;

/// The hardware's status: see [`LOW_POWER`], [`TROUBLE`] and [`ALIVE`].
pub(super) const STATUS: u16 = 0x07;
/// Key number and seed of the image's cipher: 5 bytes, the seed little-endian.
pub(super) const KEY_INDEX: u16 = 0x33;
/// The key, combined with the seed: 4 bytes, little-endian.
pub(super) const KEY: u16 = 0x34;
/// What the scanner does: see [`Mode`].
pub(super) const MODE: u16 = 0x4E;
/// 16 bytes of what the device is.
pub(super) const DEVICE_INFO: u16 = 0xF0;
/// Where the answer to a challenge goes, 16 bytes.
pub(super) const RESPONSE: u16 = 0x2000;
/// Where a challenge is read, 16 bytes.
pub(super) const CHALLENGE: u16 = 0x2010;

/// Of [`STATUS`]: the sensor is off.
pub(super) const LOW_POWER: u8 = 0x80;
/// Of [`STATUS`]: something went wrong; together with [`LOW_POWER`] the device must be started anew.
pub(super) const TROUBLE: u8 = 0x04;
/// Of [`STATUS`]: the device has come back after a start.
pub(super) const ALIVE: u8 = 0x01;
/// The part of [`STATUS`] that is written back to power the device up.
pub(super) const KEPT: u8 = 0x0F;

/// What is written into [`MODE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Tell when a finger is laid on.
    AwaitFingerOn = 0x10,
    /// Tell when it is lifted.
    AwaitFingerOff = 0x12,
    /// Send images.
    Capture = 0x20,
    /// Do nothing.
    Off = 0x70,
}

/// What the interrupt endpoint says: the first two bytes of its transfer, big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// The sensor has power.
    ScanPower,
    /// A finger was laid on.
    FingerOn,
    /// It was lifted.
    FingerOff,
    /// The next image will fail.
    Trouble,
}

impl Notice {
    pub(super) fn of(packet: &[u8]) -> Option<Self> {
        match packet.first_chunk()? {
            [0x56, 0xAA] => Some(Self::ScanPower),
            [0x01, 0x01] => Some(Self::FingerOn),
            [0x02, 0x00] => Some(Self::FingerOff),
            [0x08, 0x00] => Some(Self::Trouble),
            _ => None,
        }
    }
}
