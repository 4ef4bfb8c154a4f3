//! The command APDU (ISO/IEC 7816-3 §12.1, ISO/IEC 7816-4 §5.2): header, data, and the number of bytes expected.
//!
//! Short encoding wherever it fits (data to 255 bytes, Ne to 256), extended otherwise.

use alloc::vec::Vec;
use core::fmt;
use core::mem;

use zeroize::Zeroizing;

use crate::masking::Masking;
use crate::wipe::wipe;

/// Most data bytes a short command carries.
const SHORT_DATA: usize = 255;
/// Largest Ne a short command can ask for.
const SHORT_NE: u32 = 256;
/// Most data bytes an extended command carries.
const EXTENDED_DATA: usize = 65_535;
/// Largest Ne there is.
const EXTENDED_NE: u32 = 65_536;

/// A command APDU. Its data is wiped when it is dropped and does not show in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// Class byte.
    pub cla: u8,
    /// Instruction byte.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    data: Vec<u8>,
    le: Option<u32>,
}

impl Drop for Command {
    fn drop(&mut self) {
        wipe(&mut self.data);
    }
}

/// Why a command cannot be written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The data field is longer than an extended Lc can say.
    #[error("command data of {0} bytes, at most 65535 fit")]
    DataTooLong(usize),
    /// More bytes expected than an extended Le can say.
    #[error("{0} response bytes expected, at most 65536 can be asked for")]
    NeTooLarge(u32),
}

/// Why bytes are not a command APDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Fewer bytes than a header.
    #[error("a command has at least four bytes, here {0}")]
    NoHeader(usize),
    /// The length fields do not agree with the number of bytes.
    #[error("the length fields do not fit a command of {0} bytes")]
    Length(usize),
}

impl Command {
    /// A command of four header bytes: no data, no response data expected (case 1).
    #[must_use]
    pub const fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self {
            cla,
            ins,
            p1,
            p2,
            data: Vec::new(),
            le: None,
        }
    }

    /// The same command with this data field (replacing and wiping what it had).
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Vec<u8>>) -> Self {
        wipe(&mut self.data);
        self.data = data.into();
        self
    }

    /// The same command expecting up to `ne` response bytes, 1 to 65536; 0 expects none.
    #[must_use]
    pub fn with_le(mut self, ne: u32) -> Self {
        self.le = (ne != 0).then_some(ne);
        self
    }

    /// The data field; empty where there is none.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Ne, the number of response bytes expected at most (1 to 65536); `None` where none are expected.
    #[must_use]
    pub const fn le(&self) -> Option<u32> {
        self.le
    }

    /// The four header bytes.
    #[must_use]
    pub const fn header(&self) -> [u8; 4] {
        [self.cla, self.ins, self.p1, self.p2]
    }

    /// Takes the data field out, leaving none: for a caller that goes on with it and wipes it.
    #[must_use]
    pub fn take_data(&mut self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(mem::take(&mut self.data))
    }

    /// Whether the class byte says that more of this command follows (bit 5 of an interindustry or GlobalPlatform
    /// class, ISO/IEC 7816-4 §5.4.1).
    #[must_use]
    pub const fn is_chained(&self) -> bool {
        self.cla & 0x10 != 0
    }

    /// Whether this command needs the extended encoding.
    #[must_use]
    pub fn is_extended(&self) -> bool {
        self.data.len() > SHORT_DATA || self.le.is_some_and(|ne| ne > SHORT_NE)
    }

    /// Which bytes of the data and of the answer are secret, told from the instruction.
    #[must_use]
    pub fn secret(&self) -> Masking {
        Masking::of(self)
    }

    /// Reads a command in short or extended encoding.
    ///
    /// # Errors
    /// [`ParseError`] where the bytes are of none of the seven encodings of ISO/IEC 7816-3 §12.1.3.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let Parts { header, data, ne } = Parts::of(bytes)?;
        let [cla, ins, p1, p2] = header;
        Ok(Self {
            cla,
            ins,
            p1,
            p2,
            data: data.to_vec(),
            le: ne,
        })
    }

    /// Writes the command: short encoding where it fits, extended otherwise. The bytes may hold a secret: the caller
    /// wipes them.
    ///
    /// # Errors
    /// [`EncodeError`] where data or Ne are beyond the extended encoding.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let ne = self.le.unwrap_or(0);
        if ne > EXTENDED_NE {
            return Err(EncodeError::NeTooLarge(ne));
        }
        let lc = u16::try_from(self.data.len())
            .map_err(|_| EncodeError::DataTooLong(self.data.len()))?;
        let extended = self.is_extended();
        let mut out = Vec::with_capacity(self.data.len() + 9);
        out.extend_from_slice(&self.header());
        // The low bytes of Ne are what the Le field holds, 256 and 65536 being all zeros.
        let [_, _, ne_hi, ne_lo] = ne.to_be_bytes();
        let [lc_hi, lc_lo] = lc.to_be_bytes();
        if extended {
            out.push(0);
            if lc > 0 {
                out.extend_from_slice(&[lc_hi, lc_lo]);
                out.extend_from_slice(&self.data);
            }
            if ne > 0 {
                out.extend_from_slice(&[ne_hi, ne_lo]);
            }
        } else {
            if lc > 0 {
                out.push(lc_lo);
                out.extend_from_slice(&self.data);
            }
            if ne > 0 {
                out.push(ne_lo);
            }
        }
        Ok(out)
    }
}

/// What a command's bytes say, where they lie.
pub(crate) struct Parts<'b> {
    pub header: [u8; 4],
    pub data: &'b [u8],
    pub ne: Option<u32>,
}

impl<'b> Parts<'b> {
    /// Reads a command in short or extended encoding.
    pub fn of(bytes: &'b [u8]) -> Result<Self, ParseError> {
        let (&header, body) = bytes
            .split_first_chunk()
            .ok_or(ParseError::NoHeader(bytes.len()))?;
        let parts = |data, ne| Ok(Self { header, data, ne });
        let wrong = ParseError::Length(bytes.len());
        match body {
            [] => parts(&[], None),
            [le] => parts(&[], Some(short_ne(*le))),
            [0, hi, lo] => parts(&[], Some(extended_ne(*hi, *lo))),
            [0, hi, lo, rest @ ..] => {
                let lc = usize::from(u16::from_be_bytes([*hi, *lo]));
                match rest.split_at_checked(lc).ok_or(wrong)? {
                    ([], _) => Err(wrong),
                    (data, []) => parts(data, None),
                    (data, [hi, lo]) => parts(data, Some(extended_ne(*hi, *lo))),
                    _ => Err(wrong),
                }
            }
            [lc, rest @ ..] => match rest.split_at_checked(usize::from(*lc)).ok_or(wrong)? {
                ([], _) => Err(wrong),
                (data, []) => parts(data, None),
                (data, [le]) => parts(data, Some(short_ne(*le))),
                _ => Err(wrong),
            },
        }
    }
}

/// Longest data field an encoding takes, short or extended.
pub(crate) const fn longest_data(extended: bool) -> usize {
    if extended { EXTENDED_DATA } else { SHORT_DATA }
}

const fn short_ne(le: u8) -> u32 {
    if le == 0 { SHORT_NE } else { le as u32 }
}

const fn extended_ne(hi: u8, lo: u8) -> u32 {
    match u16::from_be_bytes([hi, lo]) {
        0 => EXTENDED_NE,
        ne => ne as u32,
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [cla, ins, p1, p2] = self.header();
        write!(
            f,
            "Command({cla:02X} {ins:02X} {p1:02X} {p2:02X}, {} bytes, Ne {})",
            self.data.len(),
            self.le.unwrap_or(0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn the_seven_encodings() {
        let header = Command::new(0x00, 0xA4, 0x04, 0x0C);
        let cases: [(Command, &str); 9] = [
            (header.clone(), "00A4040C"),
            (header.clone().with_le(1), "00A4040C01"),
            (header.clone().with_le(256), "00A4040C00"),
            (header.clone().with_data([0xAA]), "00A4040C01AA"),
            (
                header.clone().with_data([0xAA]).with_le(256),
                "00A4040C01AA00",
            ),
            (header.clone().with_le(257), "00A4040C000101"),
            (header.clone().with_le(65_536), "00A4040C000000"),
            (
                header.clone().with_data([0xAA]).with_le(65_536),
                "00A4040C000001AA0000",
            ),
            (
                header.clone().with_data([0xAA, 0xBB]).with_le(257),
                "00A4040C000002AABB0101",
            ),
        ];
        for (command, bytes) in cases {
            assert_eq!(hex::encode_upper(command.to_bytes().unwrap()), bytes);
            assert_eq!(
                Command::parse(&hex::decode(bytes).unwrap()).unwrap(),
                command
            );
        }
        let long = header.with_data(vec![7; 256]);
        let bytes = long.to_bytes().unwrap();
        assert_eq!(bytes[4..7], [0, 1, 0]);
        assert_eq!(Command::parse(&bytes).unwrap(), long);
    }

    #[test]
    fn lengths_that_disagree_are_refused() {
        for bytes in [
            "",
            "00A404",
            "00A4040C02AA",
            "00A4040C01AA0000",
            "00A4040C0000",
            "00A4040C000000AA",
            "00A4040C000003AABB",
            "00A4040C000001AABBCCDD",
        ] {
            assert!(
                Command::parse(&hex::decode(bytes).unwrap()).is_err(),
                "{bytes}"
            );
        }
        assert_eq!(
            Command::new(0, 0, 0, 0)
                .with_data(vec![0; 65_536])
                .to_bytes(),
            Err(EncodeError::DataTooLong(65_536))
        );
        assert_eq!(
            Command::new(0, 0, 0, 0).with_le(65_537).to_bytes(),
            Err(EncodeError::NeTooLarge(65_537))
        );
        assert!(
            Command::new(0, 0, 0, 0)
                .with_data(vec![0; 65_535])
                .with_le(65_536)
                .to_bytes()
                .is_ok()
        );
    }

    #[test]
    fn debug_hides_the_data() {
        let shown = format!(
            "{:?}",
            Command::new(0, 0x20, 0, 0x80).with_data(*b"31415926")
        );
        assert_eq!(shown, "Command(00 20 00 80, 8 bytes, Ne 0)");
    }

    proptest! {
        #[test]
        fn bytes_and_back(header: [u8; 4], data in proptest::collection::vec(any::<u8>(), 0..600), ne in 0u32..=65_536) {
            let command = Command::new(header[0], header[1], header[2], header[3]).with_data(data).with_le(ne);
            prop_assert_eq!(Command::parse(&command.to_bytes().unwrap()).unwrap(), command);
        }

        #[test]
        fn any_bytes_parse_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(command) = Command::parse(&bytes) {
                prop_assert_eq!(Command::parse(&command.to_bytes().unwrap()).unwrap(), command);
            }
        }
    }
}
