//! Contacts or antenna?
//!
//! A contactless card has no ATR; its reader makes one up, of a form that PC/SC part 3 section 3.1.3.2.3 fixes:
//! `3B 8n 80 01`, n historical bytes, TCK. A card on the contacts could in principle answer so, and would have to offer
//! T=0 and T=1 without a single parameter. Readers with two slots also say in a slot's name which it is.

use negin_apdu::{Atr, Interface};

/// Words in the names of readers' antennas.
const ANTENNAS: [&str; 3] = ["contactless", "picc", "nfc"];

pub(super) fn interface(atr: &Atr, reader: &str) -> Interface {
    let made_up = matches!(atr.as_bytes(), [0x3B, t0, 0x80, 0x01, ..] if t0 & 0xF0 == 0x80);
    let reader = reader.to_lowercase();
    if made_up || ANTENNAS.iter().any(|word| reader.contains(word)) {
        Interface::Contactless
    } else {
        Interface::Contact
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_atr_or_by_the_name() {
        let antenna = Atr::contactless(b"NEGIN").unwrap();
        let contacts = Atr::t1(b"NEGIN").unwrap();
        for (atr, reader, expected) in [
            (&antenna, "Reader 00 00", Interface::Contactless),
            (&contacts, "Reader 00 00", Interface::Contact),
            (
                &contacts,
                "ACS ACR1281 Dual Reader [PICC] 00 00",
                Interface::Contactless,
            ),
            (
                &contacts,
                "Identiv Contactless Reader 01 00",
                Interface::Contactless,
            ),
        ] {
            assert_eq!(interface(atr, reader), expected, "{reader}");
        }
    }
}
