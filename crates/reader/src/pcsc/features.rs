//! What a reader says it can do beyond carrying APDUs (PC/SC part 10): its features, and its properties among them.

use negin_apdu::{Atr, Limits};
use pcsc::Card;

/// CM_IOCTL_GET_FEATURE_REQUEST (PC/SC part 10 section 2.2).
const GET_FEATURE_REQUEST: u32 = 3400;
const VERIFY_PIN_DIRECT: u8 = 0x06;
const MODIFY_PIN_DIRECT: u8 = 0x07;
const GET_TLV_PROPERTIES: u8 = 0x12;
const MAX_APDU_DATA_SIZE: u8 = 0x0A;
/// Up to this, the reader carries short APDUs only.
const SHORT: u32 = 256;

/// The control codes of a reader's features.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Features {
    pub verify_pin: Option<u32>,
    pub modify_pin: Option<u32>,
    properties: Option<u32>,
}

impl Features {
    /// Asks the reader. One that knows no features has none.
    pub fn of(card: &Card) -> Self {
        let mut buffer = [0; 264];
        card.control(pcsc::ctl_code(GET_FEATURE_REQUEST.into()), &[], &mut buffer)
            .map(Self::parse)
            .unwrap_or_default()
    }

    /// Reads the answer: objects of tag, length 4 and control code, which is big-endian on every machine.
    fn parse(answer: &[u8]) -> Self {
        let mut features = Self::default();
        for object in answer.chunks_exact(6) {
            let &[tag, 4, a, b, c, d] = object else {
                continue;
            };
            let code = u32::from_be_bytes([a, b, c, d]);
            match tag {
                VERIFY_PIN_DIRECT => features.verify_pin = Some(code),
                MODIFY_PIN_DIRECT => features.modify_pin = Some(code),
                GET_TLV_PROPERTIES => features.properties = Some(code),
                _ => {}
            }
        }
        features
    }

    /// The longest command data the reader and its driver carry, where they say it.
    pub fn max_data(&self, card: &Card) -> Option<u32> {
        let mut buffer = [0; 512];
        let answer = card.control(self.properties?.into(), &[], &mut buffer);
        max_data(answer.ok()?)
    }
}

/// dwMaxAPDUDataSize among the properties: objects of tag, length and value, which is little-endian.
fn max_data(mut properties: &[u8]) -> Option<u32> {
    while let Some((&[tag, length], rest)) = properties.split_first_chunk() {
        let (value, rest) = rest.split_at_checked(length.into())?;
        if tag == MAX_APDU_DATA_SIZE {
            return value.try_into().map(u32::from_le_bytes).ok();
        }
        properties = rest;
    }
    None
}

/// What one exchange carries, by what reader, protocol and card say: extended lengths take all three.
pub(super) fn limits(reader: Option<u32>, t1: bool, atr: &Atr) -> Limits {
    let denied = atr
        .historical()
        .ok()
        .and_then(|historical| historical.capabilities)
        .is_some_and(|capabilities| !capabilities.extended_lengths());
    match reader {
        Some(most) if most > SHORT && t1 && !denied => {
            let most = most as usize;
            Limits {
                command_data: most.min(Limits::EXTENDED.command_data),
                response_data: most.min(Limits::EXTENDED.response_data),
            }
        }
        _ => Limits::SHORT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_and_their_codes() {
        // VERIFY_PIN_DIRECT, an unknown one, GET_TLV_PROPERTIES, and a tail.
        let answer = [
            0x06, 4, 0x42, 0x33, 0, 6, 0x7F, 4, 1, 2, 3, 4, 0x12, 4, 0x42, 0x33, 0, 0x12, 0x07, 4,
        ];
        let features = Features::parse(&answer);
        assert_eq!(features.verify_pin, Some(0x4233_0006));
        assert_eq!(features.modify_pin, None);
        assert_eq!(features.properties, Some(0x4233_0012));
        assert_eq!(Features::parse(&[]), Features::default());
    }

    #[test]
    fn the_property_is_found_among_others() {
        let properties = [
            0x01, 2, 0x02, 0x10, 0x08, 3, b'1', b'.', b'0', 0x0A, 4, 0x00, 0x00, 0x01, 0x00,
        ];
        assert_eq!(max_data(&properties), Some(0x1_0000));
        for cut in 0..properties.len() {
            assert_eq!(max_data(&properties[..cut]), None);
        }
        assert_eq!(max_data(&[0x0A, 2, 0x00, 0x01]), None);
    }

    #[test]
    fn extended_lengths_take_reader_protocol_and_card() {
        // Card capabilities: chaining and extended lengths; chaining only.
        let able = Atr::t1(&[0x80, 0x73, 0xC0, 0x01, 0xC0]).unwrap();
        let unable = Atr::t1(&[0x80, 0x73, 0xC0, 0x01, 0x80]).unwrap();
        let silent = Atr::t1(b"").unwrap();
        for (reader, t1, atr, expected) in [
            (Some(65_536), true, &able, Limits::EXTENDED),
            (Some(65_536), true, &silent, Limits::EXTENDED),
            (Some(65_536), true, &unable, Limits::SHORT),
            (Some(65_536), false, &able, Limits::SHORT),
            (Some(256), true, &able, Limits::SHORT),
            (None, true, &able, Limits::SHORT),
        ] {
            assert_eq!(limits(reader, t1, atr), expected);
        }
        let some = limits(Some(2_048), true, &able);
        assert_eq!((some.command_data, some.response_data), (2_048, 2_048));
    }
}
