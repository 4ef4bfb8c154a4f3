//! What a module keeps without power: its settings, its library, its notepad.

use super::character::LENGTH;

/// Pages the notepad has, of [`NOTE`] bytes each.
pub const NOTES: usize = 16;

/// Bytes a page of the notepad has.
pub const NOTE: usize = 32;

/// The contents of the flash memory.
#[derive(Clone)]
pub struct Flash {
    pub password: u32,
    pub address: u32,
    /// The line's speed as a multiple of 9600 baud.
    pub baud: u8,
    /// 1 to 5.
    pub security: u8,
    /// Data packets carry 32 bytes times two to the power of this.
    pub packet: u8,
    pub library: Vec<Option<[u8; LENGTH]>>,
    pub notes: [[u8; NOTE]; NOTES],
}

impl Flash {
    pub fn packet_bytes(&self) -> usize {
        32 << self.packet
    }

    pub fn templates(&self) -> usize {
        self.library.iter().flatten().count()
    }

    /// Which of 256 pages are used, a bit a page; `None` beyond the library.
    pub fn table(&self, number: u8) -> Option<[u8; 32]> {
        let pages = self.library.chunks(256).nth(number.into())?;
        let mut bits = [0; 32];
        for (at, page) in pages.iter().enumerate() {
            bits[at / 8] |= u8::from(page.is_some()) << (at % 8);
        }
        Some(bits)
    }
}
