//! What a reader tells of itself.

use negin_link::MAX_READERS;

use crate::code::tag;
use crate::reader::Reader;

/// The longest command the reader carries, with header and lengths.
pub const MAX_INPUT: u32 = 65_544;

/// This driver's version as PC/SC part 3 puts it: major, minor, two bytes of build number.
const VERSION: u32 = 0x0001_0000;

/// A tag's value; `None` where there is none. Functions are not values: they are given at the C boundary.
#[must_use]
pub fn value(reader: &Reader, tag: u64) -> Option<Vec<u8>> {
    let number = |number: u32| Some(number.to_le_bytes().to_vec());
    let text = |text: &str| Some([text.as_bytes(), &[0]].concat());
    match tag {
        tag::ATR | tag::ATR_STRING => Some(reader.atr()),
        tag::SLOTS_NUMBER | tag::SLOT_THREAD_SAFE | tag::THREAD_SAFE => Some(vec![1]),
        tag::SIMULTANEOUS_ACCESS => Some(vec![MAX_READERS]),
        // A thread killed in the middle would leave locks behind.
        tag::POLLING_THREAD_KILLABLE => Some(vec![0]),
        tag::VENDOR_NAME => text("Negin"),
        tag::VENDOR_IFD_TYPE => text("Simulated Reader"),
        tag::VENDOR_IFD_VERSION => number(VERSION),
        tag::VENDOR_IFD_SERIAL_NO => text(&format!("{:02}", reader.device().reader)),
        tag::ICC_PRESENCE => Some(vec![if reader.presence() { 2 } else { 0 }]),
        tag::MAX_INPUT => number(MAX_INPUT),
        _ => None,
    }
}
