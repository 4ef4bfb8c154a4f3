//! What a device says it is ('9.6').

/// How fast a device's lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Speed {
    /// 1.5 Mbit/s.
    Low,
    /// 12 Mbit/s.
    Full,
    /// 480 Mbit/s.
    High,
}

impl Speed {
    /// Mbit/s, as Linux writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "1.5",
            Self::Full => "12",
            Self::High => "480",
        }
    }
}

/// How an endpoint transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Large amounts, whenever the bus is free.
    Bulk,
    /// Small amounts, asked for at intervals.
    Interrupt,
}

/// Which way an endpoint transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the host.
    In,
    /// To the device.
    Out,
}

/// An endpoint other than 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Bit 7 is set towards the host; the number in bits 3 to 0.
    pub address: u8,
    /// How it transfers.
    pub kind: Kind,
    /// wMaxPacketSize, bytes.
    pub packet: u16,
    /// bInterval.
    pub interval: u8,
}

impl Endpoint {
    /// Which way it transfers.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        if self.address & 0x80 != 0 {
            Direction::In
        } else {
            Direction::Out
        }
    }
}

/// An interface; its number is its place among its device's interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Class, subclass, protocol.
    pub class: [u8; 3],
    /// Class descriptors that follow the interface's own, whole.
    pub extra: Vec<u8>,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
}

/// A device with one configuration (its value is 1), no alternate settings and American English strings, as every
/// device is that we simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// How fast it is.
    pub speed: Speed,
    /// bcdUSB, 0x0200 for revision 2.0.
    pub usb: u16,
    /// Class, subclass, protocol; 0, 0, 0 where the interfaces say it.
    pub class: [u8; 3],
    /// How large a packet of endpoint 0 is: 8, 16, 32 or 64 bytes.
    pub packet: u8,
    /// idVendor.
    pub vendor: u16,
    /// idProduct.
    pub product: u16,
    /// bcdDevice.
    pub release: u16,
    /// iManufacturer.
    pub manufacturer: Option<String>,
    /// iProduct.
    pub name: Option<String>,
    /// iSerialNumber.
    pub serial: Option<String>,
    /// What it draws from the bus, mA; at most 500.
    pub milliamperes: u16,
    /// Whether it can wake the host.
    pub wakes: bool,
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
}

/// A device's descriptors as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptors {
    device: [u8; 18],
    configuration: Vec<u8>,
    strings: Vec<String>,
    description: Description,
}

/// The one language of the strings: English, United States.
const LANGUAGE: [u8; 2] = [0x09, 0x04];
/// A string descriptor holds no more UTF-16 units.
const LONGEST: usize = 126;
/// The value of the one configuration.
pub(super) const CONFIGURATION: u8 = 1;

impl Descriptors {
    /// The bytes of a description.
    #[must_use]
    pub fn new(description: Description) -> Self {
        let mut strings = Vec::new();
        let mut string = |text: &Option<String>| {
            text.as_ref().map_or(0, |text| {
                strings.push(text.clone());
                // Three at most.
                strings.len() as u8
            })
        };
        let [manufacturer, name, serial] = [
            string(&description.manufacturer),
            string(&description.name),
            string(&description.serial),
        ];
        let [usb, vendor, product, release] = [
            description.usb,
            description.vendor,
            description.product,
            description.release,
        ]
        .map(u16::to_le_bytes);
        let [class, subclass, protocol] = description.class;
        let device = [
            18,
            1,
            usb[0],
            usb[1],
            class,
            subclass,
            protocol,
            description.packet,
            vendor[0],
            vendor[1],
            product[0],
            product[1],
            release[0],
            release[1],
            manufacturer,
            name,
            serial,
            1,
        ];
        let configuration = configuration(&description);
        Self {
            device,
            configuration,
            strings,
            description,
        }
    }

    /// What they were made from.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The device descriptor.
    #[must_use]
    pub fn device(&self) -> &[u8] {
        &self.device
    }

    /// The configuration descriptor with all that follows it.
    #[must_use]
    pub fn configuration(&self) -> &[u8] {
        &self.configuration
    }

    /// A string descriptor; the one of index 0 lists the languages.
    #[must_use]
    pub fn string(&self, index: u8) -> Option<Vec<u8>> {
        if index == 0 {
            return Some(vec![4, 3, LANGUAGE[0], LANGUAGE[1]]);
        }
        let text = self.strings.get(usize::from(index) - 1)?;
        let units = text.encode_utf16().take(LONGEST);
        let body: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        // At most 252.
        let mut bytes = vec![body.len() as u8 + 2, 3];
        bytes.extend(body);
        Some(bytes)
    }

    /// The device descriptor and the configuration's, one after the other, as Linux keeps them.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        [self.device(), self.configuration()].concat()
    }

    /// The endpoint of this address.
    #[must_use]
    pub fn endpoint(&self, address: u8) -> Option<&Endpoint> {
        self.description
            .interfaces
            .iter()
            .flat_map(|interface| &interface.endpoints)
            .find(|endpoint| endpoint.address == address)
    }
}

fn configuration(description: &Description) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A device has a handful of interfaces and endpoints.
    let small = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    for (number, interface) in description.interfaces.iter().enumerate() {
        let [class, subclass, protocol] = interface.class;
        let endpoints = small(interface.endpoints.len());
        bytes.extend([
            9,
            4,
            small(number),
            0,
            endpoints,
            class,
            subclass,
            protocol,
            0,
        ]);
        bytes.extend(&interface.extra);
        for endpoint in &interface.endpoints {
            let attributes = match endpoint.kind {
                Kind::Bulk => 2,
                Kind::Interrupt => 3,
            };
            let packet = endpoint.packet.to_le_bytes();
            bytes.extend([
                7,
                5,
                endpoint.address,
                attributes,
                packet[0],
                packet[1],
                endpoint.interval,
            ]);
        }
    }
    let total = u16::try_from(bytes.len() + 9)
        .unwrap_or(u16::MAX)
        .to_le_bytes();
    let attributes = if description.wakes { 0xA0 } else { 0x80 };
    let power = small(usize::from(description.milliamperes.min(500)) / 2);
    let interfaces = small(description.interfaces.len());
    let head = [
        9,
        2,
        total[0],
        total[1],
        interfaces,
        CONFIGURATION,
        0,
        attributes,
        power,
    ];
    [&head, bytes.as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_specification() {
        let descriptors = Descriptors::new(Description {
            speed: Speed::Full,
            usb: 0x0110,
            class: [0; 3],
            packet: 8,
            vendor: 0x05BA,
            product: 0x000A,
            release: 0x0103,
            manufacturer: Some("Ab".to_owned()),
            name: None,
            serial: Some("7".to_owned()),
            milliamperes: 100,
            wakes: true,
            interfaces: vec![Interface {
                class: [0xFF; 3],
                extra: vec![3, 0x21, 9],
                endpoints: vec![Endpoint {
                    address: 0x81,
                    kind: Kind::Interrupt,
                    packet: 64,
                    interval: 1,
                }],
            }],
        });
        assert_eq!(
            descriptors.device(),
            [
                18, 1, 0x10, 1, 0, 0, 0, 8, 0xBA, 5, 0x0A, 0, 3, 1, 1, 0, 2, 1
            ]
        );
        assert_eq!(
            descriptors.configuration(),
            [
                9, 2, 28, 0, 1, 1, 0, 0xA0, 50, // configuration
                9, 4, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0, // interface
                3, 0x21, 9, // of its class
                7, 5, 0x81, 3, 64, 0, 1 // endpoint
            ]
        );
        assert_eq!(descriptors.string(1), Some(vec![6, 3, b'A', 0, b'b', 0]));
        assert_eq!(descriptors.string(2), Some(vec![4, 3, b'7', 0]));
        assert_eq!(descriptors.string(0), Some(vec![4, 3, 9, 4]));
        assert_eq!(descriptors.string(3), None);
        assert_eq!(
            descriptors.endpoint(0x81).map(Endpoint::direction),
            Some(Direction::In)
        );
    }
}
