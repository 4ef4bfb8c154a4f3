//! What a module tells of itself: its settings and its make.

/// A speed of the line: 9600 baud × 1 to 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaudRate(u8);

impl BaudRate {
    /// 57600 baud, which modules leave the maker's hands with.
    pub const DEFAULT: Self = Self(6);

    /// All of them, the likeliest first: the maker's, those people set, the rest.
    pub const LIKELIEST_FIRST: [Self; 12] = [
        Self(6),
        Self(12),
        Self(1),
        Self(2),
        Self(4),
        Self(3),
        Self(8),
        Self(10),
        Self(5),
        Self(7),
        Self(9),
        Self(11),
    ];

    /// The speed of so many baud, where modules have it.
    #[must_use]
    pub fn of_baud(baud: u32) -> Option<Self> {
        let multiple = u8::try_from(baud / 9600).ok()?;
        (baud.is_multiple_of(9600) && (1..=12).contains(&multiple)).then_some(Self(multiple))
    }

    /// In baud.
    #[must_use]
    pub fn baud(self) -> u32 {
        9600 * u32::from(self.0)
    }

    /// As a multiple of 9600.
    #[must_use]
    pub const fn multiple(self) -> u8 {
        self.0
    }
}

/// How much a data packet carries at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacketSize {
    /// 32 bytes.
    Bytes32,
    /// 64 bytes.
    Bytes64,
    /// 128 bytes.
    Bytes128,
    /// 256 bytes.
    Bytes256,
}

impl PacketSize {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Bytes32, Self::Bytes64, Self::Bytes128, Self::Bytes256];

    /// The size of so many bytes.
    #[must_use]
    pub fn of_bytes(bytes: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.bytes() == bytes)
    }

    /// In bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        32 << self.code()
    }

    /// As a module says it.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// How strictly a module compares: 1 to 5, 5 the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecurityLevel(u8);

impl SecurityLevel {
    /// A level, 1 to 5.
    #[must_use]
    pub fn new(level: u8) -> Option<Self> {
        (1..=5).contains(&level).then_some(Self(level))
    }

    /// 1 to 5.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// What ReadSysPara tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Bit 0: busy; 1: the last search found something; 2: the password was verified; 3: there is an image.
    pub status: u16,
    /// Which family it is of; the same number for many.
    pub system: u16,
    /// Pages of the library.
    pub library: u16,
    /// How strictly it compares, where it says so in the known way.
    pub security: Option<SecurityLevel>,
    /// Its address.
    pub address: u32,
    /// How much a data packet carries, where it says so in the known way.
    pub packet: Option<PacketSize>,
    /// The line's speed, where it says so in the known way.
    pub baud: Option<BaudRate>,
}

impl Parameters {
    /// Reads the 16 bytes after the confirmation; more may follow.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut words = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        let mut word = || words.next();
        let (status, system, library, security) = (word()?, word()?, word()?, word()?);
        let address = u32::from(word()?) << 16 | u32::from(word()?);
        let (packet, baud) = (word()?, word()?);
        Some(Self {
            status,
            system,
            library,
            security: u8::try_from(security).ok().and_then(SecurityLevel::new),
            address,
            packet: PacketSize::ALL.into_iter().nth(packet.into()),
            baud: BaudRate::of_baud(9600 * u32::from(baud)),
        })
    }
}

/// What ReadProdInfo tells, on modules that know it (R50x).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The module's type.
    pub model: String,
    /// Its batch.
    pub batch: String,
    /// Its serial number.
    pub serial: String,
    /// Its sensor's type.
    pub sensor: String,
    /// Width of its images, px.
    pub width: u16,
    /// Height of its images, px.
    pub height: u16,
    /// Bytes a template has.
    pub template: u16,
    /// Pages of the library.
    pub library: u16,
}

impl Product {
    /// Reads the 46 bytes after the confirmation.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let text = |from: usize, length: usize| -> Option<String> {
            let field = bytes.get(from..from + length)?;
            let printed = field
                .iter()
                .filter(|byte| byte.is_ascii_graphic() || **byte == b' ');
            let text: String = printed.map(|&byte| char::from(byte)).collect();
            Some(text.trim().to_owned())
        };
        let word = |from: usize| -> Option<u16> {
            Some(u16::from_be_bytes([
                *bytes.get(from)?,
                *bytes.get(from + 1)?,
            ]))
        };
        Some(Self {
            model: text(0, 16)?,
            batch: text(16, 4)?,
            serial: text(20, 8)?,
            sensor: text(30, 8)?,
            width: word(38)?,
            height: word(40)?,
            template: word(42)?,
            library: word(44)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baud_rates_are_multiples_up_to_12() {
        assert_eq!(BaudRate::of_baud(57_600), Some(BaudRate::DEFAULT));
        for baud in [0, 4800, 57_601, 124_800, u32::MAX] {
            assert_eq!(BaudRate::of_baud(baud), None, "{baud}");
        }
        let mut all = BaudRate::LIKELIEST_FIRST;
        assert_eq!(all[0], BaudRate::DEFAULT);
        all.sort();
        let multiples: Vec<u8> = all.iter().map(|rate| rate.multiple()).collect();
        assert_eq!(multiples, (1..=12).collect::<Vec<u8>>());
    }

    #[test]
    fn parameters_are_read() {
        let bytes = [0, 4, 0, 9, 0, 200, 0, 3, 0xFF, 0xFF, 0xFF, 0xFE, 0, 2, 0, 6];
        let read = Parameters::decode(&bytes).unwrap();
        assert_eq!((read.library, read.address), (200, 0xFFFF_FFFE));
        assert_eq!(read.packet, Some(PacketSize::Bytes128));
        assert_eq!(read.baud, Some(BaudRate::DEFAULT));
        assert_eq!(read.security, SecurityLevel::new(3));
        assert_eq!(Parameters::decode(&bytes[..15]), None);
        let strange = [0xFF; 16];
        let read = Parameters::decode(&strange).unwrap();
        assert_eq!((read.packet, read.baud, read.security), (None, None, None));
    }

    #[test]
    fn a_product_is_read() {
        let mut bytes = [0; 46];
        bytes[..4].copy_from_slice(b"R503");
        bytes[20..28].copy_from_slice(b"12345678");
        bytes[39] = 192;
        bytes[41] = 192;
        let read = Product::decode(&bytes).unwrap();
        assert_eq!((&read.model[..], &read.serial[..]), ("R503", "12345678"));
        assert_eq!((read.width, read.height), (192, 192));
        assert_eq!(Product::decode(&bytes[..45]), None);
    }
}
