//! Packets at the module's end: `EF01 | address (4) | identifier (1) | length (2) | payload | checksum (2)`.

/// Bytes before the payload.
const HEAD: usize = 9;

/// The longest payload there is.
const LONGEST: usize = 256;

/// What a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Identifier {
    Command = 0x01,
    Data = 0x02,
    Acknowledge = 0x07,
    End = 0x08,
}

/// What the bytes that came begin with.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen<'a> {
    /// A packet, and how many bytes it has.
    Packet {
        address: u32,
        identifier: Identifier,
        payload: &'a [u8],
        length: usize,
    },
    /// A packet of so many bytes whose checksum is wrong.
    Damaged(usize),
    /// So many bytes that are no beginning of a packet.
    Noise(usize),
    /// Perhaps the beginning of one.
    NotYet,
}

pub fn packet(address: u32, identifier: Identifier, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xEF, 0x01];
    bytes.extend_from_slice(&address.to_be_bytes());
    bytes.push(identifier as u8);
    bytes.extend_from_slice(&(payload.len() as u16 + 2).to_be_bytes());
    bytes.extend_from_slice(payload);
    let sum = sum(&bytes[6..]);
    bytes.extend_from_slice(&sum.to_be_bytes());
    bytes
}

fn sum(bytes: &[u8]) -> u16 {
    bytes
        .iter()
        .fold(0u16, |sum, &byte| sum.wrapping_add(byte.into()))
}

pub fn look(bytes: &[u8]) -> Seen<'_> {
    let noise = bytes.iter().take_while(|&&byte| byte != 0xEF).count();
    if noise > 0 {
        return Seen::Noise(noise);
    }
    if bytes.get(1).is_some_and(|&byte| byte != 0x01) {
        return Seen::Noise(1);
    }
    let &[_, _, a, b, c, d, identifier, high, low, ..] = bytes else {
        return Seen::NotYet;
    };
    let identifier = match identifier {
        0x01 => Identifier::Command,
        0x02 => Identifier::Data,
        0x07 => Identifier::Acknowledge,
        0x08 => Identifier::End,
        _ => return Seen::Noise(2),
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if !(3..=LONGEST + 2).contains(&length) {
        return Seen::Noise(2);
    }
    let length = HEAD + length;
    let Some(whole) = bytes.get(..length) else {
        return Seen::NotYet;
    };
    let (content, said) = whole.split_at(length - 2);
    if sum(&content[6..]).to_be_bytes() != said {
        return Seen::Damaged(length);
    }
    Seen::Packet {
        address: u32::from_be_bytes([a, b, c, d]),
        identifier,
        payload: &content[HEAD..],
        length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_seen() {
        let bytes = packet(0xFFFF_FFFF, Identifier::Command, &[0x01]);
        assert_eq!(
            bytes,
            [
                0xEF, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0x03, 0x01, 0x00, 0x05
            ]
        );
        for cut in 1..bytes.len() {
            assert_eq!(look(&bytes[..cut]), Seen::NotYet);
        }
        let expected = Seen::Packet {
            address: 0xFFFF_FFFF,
            identifier: Identifier::Command,
            payload: &[0x01],
            length: 12,
        };
        assert_eq!(look(&bytes), expected);
        let mut damaged = bytes.clone();
        damaged[9] = 2;
        assert_eq!(look(&damaged), Seen::Damaged(12));
        assert_eq!(look(&[0x55, 0xEF, 0x02]), Seen::Noise(1));
        assert_eq!(look(&[0xEF, 0x02]), Seen::Noise(1));
        assert_eq!(look(&[]), Seen::NotYet);
    }
}
