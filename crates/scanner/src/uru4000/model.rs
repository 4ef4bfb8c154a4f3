//! The models of the family, and in what they differ.

/// A model of the family.
#[derive(Debug, PartialEq, Eq)]
pub struct Model {
    /// idVendor.
    pub vendor: u16,
    /// idProduct.
    pub product: u16,
    /// Maker and model, for people.
    pub name: &'static str,
    /// Whether it wants a challenge answered before it powers up its sensor.
    pub challenges: bool,
    /// Whether its image stands on its head: it is to be turned by 180°.
    pub turned: bool,
}

/// All models, by their numbers on the bus.
pub const MODELS: [Model; 7] = [
    model(
        0x045E,
        0x00BB,
        "Microsoft Keyboard with Fingerprint Reader",
        false,
        false,
    ),
    model(
        0x045E,
        0x00BC,
        "Microsoft IntelliMouse with Fingerprint Reader",
        false,
        false,
    ),
    model(0x045E, 0x00BD, "Microsoft Fingerprint Reader", false, false),
    model(
        0x045E,
        0x00CA,
        "Microsoft Fingerprint Reader, second version",
        true,
        false,
    ),
    model(0x05BA, 0x0007, "Digital Persona U.are.U 4000", false, false),
    model(
        0x05BA,
        0x0008,
        "Digital Persona U.are.U 4000 in a keyboard",
        false,
        false,
    ),
    model(
        0x05BA,
        0x000A,
        "Digital Persona U.are.U 4000B or 4500",
        false,
        true,
    ),
];

const fn model(
    vendor: u16,
    product: u16,
    name: &'static str,
    challenges: bool,
    turned: bool,
) -> Model {
    Model {
        vendor,
        product,
        name,
        challenges,
        turned,
    }
}

impl Model {
    /// The model of these numbers, where it is one of the family.
    #[must_use]
    pub fn of(vendor: u16, product: u16) -> Option<&'static Self> {
        MODELS
            .iter()
            .find(|model| (model.vendor, model.product) == (vendor, product))
    }
}
