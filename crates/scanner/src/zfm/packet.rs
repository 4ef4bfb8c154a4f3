//! Packets: `EF01 | address (4) | kind (1) | length (2) | payload | checksum (2)`, numbers big-endian.
//!
//! The rules: the length counts payload and checksum; the checksum is the 16-bit sum of kind, length and payload. A
//! payload may contain EF01. What does not begin as a packet of the module's address does is skipped byte by byte, so a
//! receiver finds the next packet whatever was lost before it.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// What every packet begins with.
pub const START: [u8; 2] = [0xEF, 0x01];

/// Bytes before the payload.
pub const HEAD: usize = 9;

/// Bytes beside the payload.
pub const FRAME: usize = HEAD + 2;

/// Longest payload that is taken for one: the longest data packet a module can be set to.
pub const LONGEST_PAYLOAD: usize = 256;

/// What a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A command of the host.
    Command,
    /// Data, and more follows.
    Data,
    /// The module's answer to a command.
    Acknowledge,
    /// The last data.
    EndOfData,
}

impl Kind {
    /// The byte that says so.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Command => 0x01,
            Self::Data => 0x02,
            Self::Acknowledge => 0x07,
            Self::EndOfData => 0x08,
        }
    }

    /// What a byte says.
    #[must_use]
    pub const fn of_code(code: u8) -> Option<Self> {
        Some(match code {
            0x01 => Self::Command,
            0x02 => Self::Data,
            0x07 => Self::Acknowledge,
            0x08 => Self::EndOfData,
            _ => return None,
        })
    }
}

/// One packet. Wiped when dropped; `Debug` shows no payload, which may be a finger or a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet {
    /// The module's address.
    pub address: u32,
    /// What it is.
    pub kind: Kind,
    /// What it carries.
    pub payload: Zeroizing<Vec<u8>>,
}

impl Packet {
    /// A packet of these bytes.
    #[must_use]
    pub fn new(address: u32, kind: Kind, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            address,
            kind,
            payload: Zeroizing::new(payload.into()),
        }
    }

    /// As it goes over the line. Of a payload longer than [`LONGEST_PAYLOAD`] only that much.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let payload = &self.payload[..self.payload.len().min(LONGEST_PAYLOAD)];
        let mut bytes = Zeroizing::new(Vec::with_capacity(FRAME + payload.len()));
        bytes.extend_from_slice(&START);
        bytes.extend_from_slice(&self.address.to_be_bytes());
        bytes.push(self.kind.code());
        bytes.extend_from_slice(&(payload.len() as u16 + 2).to_be_bytes());
        bytes.extend_from_slice(payload);
        let sum = checksum(&bytes[6..]);
        bytes.extend_from_slice(&sum.to_be_bytes());
        bytes
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Packet({:08X} {:?}, {} bytes)",
            self.address,
            self.kind,
            self.payload.len()
        )
    }
}

/// The sum of kind, length and payload.
fn checksum(bytes: &[u8]) -> u16 {
    bytes
        .iter()
        .fold(0, |sum, &byte| sum.wrapping_add(byte.into()))
}

/// What a decoder found.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A packet.
    Packet(Packet),
    /// What began as a packet does, and whose checksum is wrong.
    Damaged,
    /// Nothing whole; more must come.
    Nothing,
}

/// Takes bytes as they come and finds the packets in them.
#[derive(Default)]
pub struct Decoder {
    address: Option<u32>,
    bytes: Zeroizing<Vec<u8>>,
    skipped: usize,
}

impl Decoder {
    /// Finds packets of this address, or of any.
    #[must_use]
    pub fn new(address: Option<u32>) -> Self {
        Self {
            address,
            ..Self::default()
        }
    }

    /// Bytes that came.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.bytes.capacity() < self.bytes.len() + bytes.len() {
            // Growing in place would leave a copy behind that nobody wipes.
            let mut grown = Vec::with_capacity(2 * (self.bytes.len() + bytes.len()));
            grown.extend_from_slice(&self.bytes);
            self.bytes = Zeroizing::new(grown);
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes that were no part of a packet, so far.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Bytes that wait for the rest of a packet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.bytes.len()
    }

    /// Nothing more came: what looks like the beginning of a packet is none.
    pub fn give_up(&mut self) {
        if !self.bytes.is_empty() {
            self.skip(1);
        }
    }

    /// Forgets what has come.
    pub fn clear(&mut self) {
        self.bytes.zeroize();
        self.skipped = 0;
    }

    /// The next packet.
    pub fn find(&mut self) -> Found {
        loop {
            let Some(start) = self.bytes.iter().position(|&byte| byte == START[0]) else {
                self.skip(self.bytes.len());
                return Found::Nothing;
            };
            self.skip(start);
            match self.look() {
                Look::Whole(length) => {
                    let sum = checksum(&self.bytes[6..length - 2]);
                    if sum.to_be_bytes() != self.bytes[length - 2..length] {
                        self.skip(1);
                        return Found::Damaged;
                    }
                    if let Some(kind) = Kind::of_code(self.bytes[6]) {
                        let address = be32(&self.bytes[2..6]);
                        let packet = Packet::new(address, kind, &self.bytes[HEAD..length - 2]);
                        self.forget(length);
                        return Found::Packet(packet);
                    }
                    self.skip(1);
                }
                Look::Partial => return Found::Nothing,
                Look::NoPacket => self.skip(1),
            }
        }
    }

    /// Whether a packet begins at the first byte.
    fn look(&self) -> Look {
        let bytes = &self.bytes;
        let expected = self.address.map(u32::to_be_bytes);
        let fits = bytes
            .iter()
            .enumerate()
            .take(7)
            .all(|(at, &byte)| match at {
                0 | 1 => byte == START[at],
                2..=5 => expected.is_none_or(|address| byte == address[at - 2]),
                _ => Kind::of_code(byte).is_some(),
            });
        if !fits {
            return Look::NoPacket;
        }
        let [high, low] = match bytes.get(7..HEAD) {
            Some(&[high, low]) => [high, low],
            _ => return Look::Partial,
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if !(2..=LONGEST_PAYLOAD + 2).contains(&length) {
            return Look::NoPacket;
        }
        match bytes.len() < HEAD + length {
            true => Look::Partial,
            false => Look::Whole(HEAD + length),
        }
    }

    fn skip(&mut self, count: usize) {
        self.skipped += count;
        self.forget(count);
    }

    fn forget(&mut self, count: usize) {
        let left = self.bytes.len() - count;
        self.bytes.copy_within(count.., 0);
        self.bytes[left..].zeroize();
        self.bytes.truncate(left);
    }
}

/// Shows how much waits only.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({} bytes wait)", self.bytes.len())
    }
}

enum Look {
    /// A packet of so many bytes, its checksum not looked at.
    Whole(usize),
    /// The beginning of one.
    Partial,
    NoPacket,
}

fn be32(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, &byte| number << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(kind: Kind, payload: &[u8]) -> Packet {
        Packet::new(0xFFFF_FFFF, kind, payload)
    }

    fn all(decoder: &mut Decoder) -> Vec<Found> {
        let mut all = Vec::new();
        loop {
            match decoder.find() {
                Found::Nothing => return all,
                found => all.push(found),
            }
        }
    }

    #[test]
    fn bytes_are_those_of_the_manual() {
        // GenImg and 'no finger', as the ZFM-70 manual prints them.
        assert_eq!(
            packet(Kind::Command, &[0x01]).to_bytes()[..],
            [
                0xEF, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0x03, 0x01, 0x00, 0x05
            ]
        );
        assert_eq!(
            packet(Kind::Acknowledge, &[0x02]).to_bytes()[9..],
            [0x02, 0x00, 0x0C]
        );
    }

    #[test]
    fn a_start_within_data_is_data() {
        let inner = packet(Kind::Acknowledge, &[0]).to_bytes();
        let outer = packet(Kind::Data, &inner);
        let mut decoder = Decoder::new(Some(0xFFFF_FFFF));
        decoder.push(&outer.to_bytes());
        assert_eq!(all(&mut decoder), [Found::Packet(outer)]);
    }

    #[test]
    fn after_a_loss_the_next_packet_is_found() {
        let good = packet(Kind::Acknowledge, &[0, 1, 2]);
        for lost in 0..good.to_bytes().len() {
            let mut bytes = packet(Kind::Data, &[0xEF; 40]).to_bytes().to_vec();
            bytes.remove(lost);
            bytes.extend_from_slice(&good.to_bytes());
            bytes.extend_from_slice(&good.to_bytes());
            // What is missing at the end of a damaged packet is taken from the next.
            bytes.extend_from_slice(&[0; 300]);
            let mut decoder = Decoder::new(Some(0xFFFF_FFFF));
            decoder.push(&bytes);
            let found = all(&mut decoder);
            let whole = found
                .iter()
                .filter(|&found| *found == Found::Packet(good.clone()));
            assert_eq!(whole.count(), 2, "without byte {lost}");
        }
    }

    #[test]
    fn only_packets_of_the_address_count() {
        let mut decoder = Decoder::new(Some(7));
        decoder.push(&packet(Kind::Acknowledge, &[0]).to_bytes());
        decoder.push(&Packet::new(7, Kind::Acknowledge, [1]).to_bytes());
        assert_eq!(
            all(&mut decoder),
            [Found::Packet(Packet::new(7, Kind::Acknowledge, [1]))]
        );
        assert_eq!(decoder.skipped(), 12);
    }

    #[test]
    fn debug_shows_no_payload() {
        let shown = format!("{:?}", packet(Kind::Data, &[0xAB; 32]));
        assert_eq!(shown, "Packet(FFFFFFFF Data, 32 bytes)");
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_give_the_same_packets(
            bytes in proptest::collection::vec(prop_oneof![Just(0xEF), Just(0x01), Just(0x00), any::<u8>()], 0..700),
            payload in proptest::collection::vec(any::<u8>(), 0..=256),
            piece in 1usize..90,
        ) {
            let sent = packet(Kind::EndOfData, &payload);
            let bytes = [&bytes[..], &sent.to_bytes(), &[0; 300]].concat();
            let mut at_once = Decoder::new(Some(0xFFFF_FFFF));
            at_once.push(&bytes);
            let expected = all(&mut at_once);
            let mut in_pieces = Decoder::new(Some(0xFFFF_FFFF));
            let mut found = Vec::new();
            for piece in bytes.chunks(piece) {
                in_pieces.push(piece);
                found.extend(all(&mut in_pieces));
            }
            prop_assert_eq!(&found, &expected);
            prop_assert!(found.contains(&Found::Packet(sent)));
        }
    }
}
