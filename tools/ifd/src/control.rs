//! Control codes: what a program may ask of the reader itself (PC/SC part 10).

use negin_link::{Features, PinEntry};

/// `SCARD_CTL_CODE` of pcsclite.
const fn ctl_code(code: u64) -> u64 {
    0x4200_0000 + code
}

/// Which features there are, and under which control codes.
pub const GET_FEATURE_REQUEST: u64 = ctl_code(3400);
/// The code under which this reader tells its properties: ours to choose.
pub const GET_TLV_PROPERTIES: u64 = ctl_code(0x0033_0012);

/// The code that has a PIN verified at the reader's keys.
pub const VERIFY_PIN: u64 = ctl_code(0x0033_0006);
/// The code that has a PIN set or changed at the reader's keys.
pub const MODIFY_PIN: u64 = ctl_code(0x0033_0007);
/// The code under which the reader tells of its keys.
pub const PIN_PROPERTIES: u64 = ctl_code(0x0033_000A);

/// Features, by number (PC/SC part 10 §2.3).
mod feature {
    pub const VERIFY_PIN_DIRECT: u8 = 0x06;
    pub const MODIFY_PIN_DIRECT: u8 = 0x07;
    pub const IFD_PIN_PROPERTIES: u8 = 0x0A;
    pub const GET_TLV_PROPERTIES: u8 = 0x12;
}

/// Properties, by tag (PC/SC part 10 §2.6.14).
mod property {
    pub const LCD_LAYOUT: u8 = 1;
    pub const ENTRY_VALIDATION_CONDITION: u8 = 2;
    pub const MIN_PIN_SIZE: u8 = 6;
    pub const MAX_PIN_SIZE: u8 = 7;
    pub const FIRMWARE_ID: u8 = 8;
    pub const PPDU_SUPPORT: u8 = 9;
    pub const MAX_APDU_DATA_SIZE: u8 = 10;
}

/// The most data a command carries here.
const MAX_APDU_DATA_SIZE: u32 = 65_536;
/// Entry ends with a key, with the last digit, or in time.
const VALIDATION: u8 = 0x07;

/// What a control code asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// Something the driver knows by itself.
    Answered(Vec<u8>),
    /// Something for a person at the reader.
    AtTheKeys(PinEntry),
}

/// What a control code asks of a reader that can this; `None` where it is not known.
#[must_use]
pub fn asked(code: u64, can: Features) -> Option<Asked> {
    let answered = |bytes: Vec<u8>| Some(Asked::Answered(bytes));
    match code {
        GET_FEATURE_REQUEST => answered(features(can)),
        GET_TLV_PROPERTIES => answered(properties(can)),
        VERIFY_PIN if can.pin_pad => Some(Asked::AtTheKeys(PinEntry::Verify)),
        MODIFY_PIN if can.pin_pad => Some(Asked::AtTheKeys(PinEntry::Modify)),
        // wLcdLayout: no display; bEntryValidationCondition; bTimeOut2: none of its own.
        PIN_PROPERTIES if can.pin_pad => answered(vec![0, 0, VALIDATION, 0]),
        _ => None,
    }
}

fn features(can: Features) -> Vec<u8> {
    let pad = [
        (feature::VERIFY_PIN_DIRECT, VERIFY_PIN),
        (feature::MODIFY_PIN_DIRECT, MODIFY_PIN),
        (feature::IFD_PIN_PROPERTIES, PIN_PROPERTIES),
    ];
    let pad = pad.into_iter().filter(|_| can.pin_pad);
    // Codes are big-endian, unlike all else in this part of the standard.
    pad.chain([(feature::GET_TLV_PROPERTIES, GET_TLV_PROPERTIES)])
        .flat_map(|(feature, code)| [&[feature, 4][..], &(code as u32).to_be_bytes()].concat())
        .collect()
}

fn properties(can: Features) -> Vec<u8> {
    let firmware = concat!("negin-ifd ", env!("CARGO_PKG_VERSION")).as_bytes();
    let most = MAX_APDU_DATA_SIZE.to_le_bytes();
    let of_pad: [(u8, &[u8]); 4] = [
        (property::LCD_LAYOUT, &[0, 0]),
        (property::ENTRY_VALIDATION_CONDITION, &[VALIDATION]),
        (property::MIN_PIN_SIZE, &[1]),
        (property::MAX_PIN_SIZE, &[15]),
    ];
    let of_all: [(u8, &[u8]); 3] = [
        (property::FIRMWARE_ID, firmware),
        (property::PPDU_SUPPORT, &[0]),
        (property::MAX_APDU_DATA_SIZE, &most),
    ];
    of_pad
        .into_iter()
        .filter(|_| can.pin_pad)
        .chain(of_all)
        .flat_map(|(tag, value)| [&[tag, value.len() as u8][..], value].concat())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tag, length, value, one after the other.
    fn entries(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut entries = Vec::new();
        while let [tag, length, rest @ ..] = bytes {
            let (value, rest) = rest.split_at((*length).into());
            entries.push((*tag, value.to_vec()));
            bytes = rest;
        }
        assert!(bytes.is_empty());
        entries
    }

    fn answer(code: u64, can: Features) -> Vec<(u8, Vec<u8>)> {
        match asked(code, can) {
            Some(Asked::Answered(bytes)) => entries(&bytes),
            other => panic!("{code:08X}: {other:?}"),
        }
    }

    #[test]
    fn the_features_lead_to_what_they_promise() {
        for pin_pad in [false, true] {
            let can = Features { pin_pad };
            let features = answer(GET_FEATURE_REQUEST, can);
            assert_eq!(features.len(), if pin_pad { 4 } else { 1 });
            for (feature, code) in features {
                let code = u64::from(u32::from_be_bytes(code.try_into().unwrap()));
                let asked = asked(code, can).unwrap();
                match feature {
                    0x06 => assert_eq!(asked, Asked::AtTheKeys(PinEntry::Verify)),
                    0x07 => assert_eq!(asked, Asked::AtTheKeys(PinEntry::Modify)),
                    0x0A => assert_eq!(asked, Asked::Answered(vec![0, 0, 7, 0])),
                    _ => {
                        let most = 65_536u32.to_le_bytes().to_vec();
                        assert!(answer(code, can).contains(&(10, most)));
                    }
                }
            }
        }
    }

    #[test]
    fn a_reader_without_keys_knows_none_of_their_codes() {
        for code in [VERIFY_PIN, MODIFY_PIN, PIN_PROPERTIES, 0x4200_0001, 0] {
            assert_eq!(asked(code, Features::default()), None);
        }
    }
}
