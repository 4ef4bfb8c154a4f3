//! The products of the family: what each says it is.

use crate::bus::usb::{Description, Descriptors, Endpoint, Interface, Kind, Speed};

/// A product, named by what stands on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// Microsoft Keyboard with Fingerprint Reader, 045E:00BB.
    MicrosoftKeyboard,
    /// Microsoft IntelliMouse with Fingerprint Reader, 045E:00BC.
    MicrosoftMouse,
    /// Microsoft Fingerprint Reader, 045E:00BD.
    MicrosoftReader,
    /// Microsoft Fingerprint Reader, second version, 045E:00CA: it challenges the driver.
    MicrosoftReader2,
    /// U.are.U 4000, 05BA:0007.
    Uru4000,
    /// U.are.U 4000 in a keyboard, 05BA:0008.
    Uru4000Keyboard,
    /// U.are.U 4000B and 4500, 05BA:000A.
    Uru4500,
}

impl Product {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::MicrosoftKeyboard,
        Self::MicrosoftMouse,
        Self::MicrosoftReader,
        Self::MicrosoftReader2,
        Self::Uru4000,
        Self::Uru4000Keyboard,
        Self::Uru4500,
    ];

    /// idVendor and idProduct.
    #[must_use]
    pub const fn numbers(self) -> (u16, u16) {
        match self {
            Self::MicrosoftKeyboard => (0x045E, 0x00BB),
            Self::MicrosoftMouse => (0x045E, 0x00BC),
            Self::MicrosoftReader => (0x045E, 0x00BD),
            Self::MicrosoftReader2 => (0x045E, 0x00CA),
            Self::Uru4000 => (0x05BA, 0x0007),
            Self::Uru4000Keyboard => (0x05BA, 0x0008),
            Self::Uru4500 => (0x05BA, 0x000A),
        }
    }

    /// The product of these numbers, written `045e:00ca`.
    #[must_use]
    pub fn of(numbers: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| {
            let (vendor, number) = product.numbers();
            format!("{vendor:04x}:{number:04x}").eq_ignore_ascii_case(numbers)
        })
    }

    /// Whether it wants a challenge answered before it powers up.
    pub(super) const fn challenges(self) -> bool {
        matches!(self, Self::MicrosoftReader2)
    }

    /// Whether its sensor looks at the finger from the other side: the image stands on its head.
    pub(super) const fn turned(self) -> bool {
        matches!(self, Self::Uru4500)
    }

    /// What the registers at F0 hold: of a 4500, and of a second Microsoft reader, as read from real ones.
    pub(super) const fn info(self) -> [u8; 16] {
        match self {
            Self::MicrosoftReader2 => [
                0x50, 0x25, 0x50, 0x25, 0x00, 0x34, 0x00, 0x00, 0x00, 0x13, 0x00, 0x59, 0x67, 0x19,
                0x18, 0x00,
            ],
            _ => [
                0x1A, 0x0A, 0x1A, 0x0A, 0x01, 0x15, 0x00, 0x00, 0x00, 0x20, 0x00, 0x10, 0x8B, 0x21,
                0x11, 0x30,
            ],
        }
    }

    /// Its descriptors: those of a real 4500 and of a real second Microsoft reader; the others are made after them.
    pub(super) fn descriptors(self, serial: &str) -> Descriptors {
        let (vendor, product) = self.numbers();
        let microsoft = vendor == 0x045E;
        let (release, milliamperes) = match self {
            Self::Uru4500 => (0x0103, 200),
            _ => (0x0100, 260),
        };
        let name = match self {
            Self::MicrosoftKeyboard => "Microsoft® Keyboard with Fingerprint Reader",
            Self::MicrosoftMouse => "Microsoft® Wireless IntelliMouse® with Fingerprint Reader",
            Self::MicrosoftReader | Self::MicrosoftReader2 => "Microsoft® Fingerprint Reader",
            Self::Uru4000 => "U.are.U® 4000 Fingerprint Reader",
            Self::Uru4000Keyboard => "U.are.U® 4000 Fingerprint Keyboard",
            Self::Uru4500 => "U.are.U® 4500 Fingerprint Reader",
        };
        let endpoint = |address, kind, interval| Endpoint {
            address,
            kind,
            packet: 64,
            interval,
        };
        Descriptors::new(Description {
            speed: Speed::Full,
            usb: 0x0200,
            class: [0; 3],
            packet: 64,
            vendor,
            product,
            release,
            manufacturer: Some(
                match microsoft {
                    true => "Microsoft",
                    false => "DigitalPersona, Inc.",
                }
                .to_owned(),
            ),
            name: Some(name.to_owned()),
            serial: Some(serial.to_owned()),
            milliamperes,
            wakes: false,
            interfaces: vec![Interface {
                class: [0xFF; 3],
                extra: Vec::new(),
                endpoints: vec![
                    endpoint(super::INTERRUPT_IN, Kind::Interrupt, 8),
                    endpoint(super::BULK_IN, Kind::Bulk, 0),
                ],
            }],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_4500s_descriptors_are_a_real_ones() {
        let descriptors = Product::Uru4500.descriptors("{FB0B9071-2E08-7742-BC16-2FAA247CEF66}");
        let raw: String = descriptors
            .raw()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        // The strings have other numbers in the real one.
        assert_eq!(
            raw,
            "1201000200000040BA050A00030101020301\
             0902200001010080640904000002FFFFFF000705810340000807058202400000"
        );
    }

    #[test]
    fn products_are_found_by_their_numbers() {
        assert_eq!(Product::of("05BA:000a"), Some(Product::Uru4500));
        assert_eq!(Product::of("045e:00ca"), Some(Product::MicrosoftReader2));
        assert_eq!(Product::of("05ba:000b"), None);
    }
}
