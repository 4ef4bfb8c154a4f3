//! What finger minutiae records of different standards have in common: fields one after the other, scaled to 500 dpi.

use crate::Error;

/// Pixels a centimetre that stand for 500 dpi.
pub const CANONICAL_RESOLUTION: u16 = 197;

/// Pixels at 500 dpi for a pixel of a resolution in pixels a centimetre.
pub(crate) fn pixels_at_500_dpi(resolution: u16) -> f32 {
    if resolution == CANONICAL_RESOLUTION {
        1.0
    } else {
        500.0 / (f32::from(resolution) * 2.54)
    }
}

/// The bytes not read yet.
pub(crate) struct Fields<'a> {
    pub(crate) bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn take(&mut self, count: usize, name: &'static str) -> Result<&'a [u8], Error> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(count)
            .ok_or(Error::RecordTruncated(name))?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self, name: &'static str) -> Result<u8, Error> {
        Ok(self.take(1, name)?[0])
    }

    pub(crate) fn u16(&mut self, name: &'static str) -> Result<u16, Error> {
        let bytes = self.take(2, name)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }
}
