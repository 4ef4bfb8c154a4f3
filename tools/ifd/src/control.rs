//! Control codes: what a program may ask of the reader itself (PC/SC part 10).

/// `SCARD_CTL_CODE` of pcsclite.
const fn ctl_code(code: u64) -> u64 {
    0x4200_0000 + code
}

/// Which features there are, and under which control codes.
pub const GET_FEATURE_REQUEST: u64 = ctl_code(3400);
/// The code under which this reader tells its properties: ours to choose.
pub const GET_TLV_PROPERTIES: u64 = ctl_code(0x0033_0012);

/// `FEATURE_GET_TLV_PROPERTIES`.
const FEATURE_TLV_PROPERTIES: u8 = 0x12;

/// Properties, by tag (PC/SC part 10 §2.6.14).
mod property {
    pub const FIRMWARE_ID: u8 = 8;
    pub const PPDU_SUPPORT: u8 = 9;
    pub const MAX_APDU_DATA_SIZE: u8 = 10;
}

/// The most data a command carries here.
const MAX_APDU_DATA_SIZE: u32 = 65_536;

/// The answer to a control code; `None` where it is not known.
#[must_use]
pub fn answer(code: u64) -> Option<Vec<u8>> {
    match code {
        // Feature codes are big-endian, unlike all else in this part of the standard.
        GET_FEATURE_REQUEST => {
            let code = (GET_TLV_PROPERTIES as u32).to_be_bytes();
            Some([&[FEATURE_TLV_PROPERTIES, 4][..], &code].concat())
        }
        GET_TLV_PROPERTIES => {
            let firmware = concat!("negin-ifd ", env!("CARGO_PKG_VERSION")).as_bytes();
            let mut out = vec![property::FIRMWARE_ID, firmware.len() as u8];
            out.extend_from_slice(firmware);
            out.extend_from_slice(&[property::PPDU_SUPPORT, 1, 0]);
            out.extend_from_slice(&[property::MAX_APDU_DATA_SIZE, 4]);
            out.extend_from_slice(&MAX_APDU_DATA_SIZE.to_le_bytes());
            Some(out)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_features_lead_to_the_properties() {
        let features = answer(GET_FEATURE_REQUEST).unwrap();
        assert_eq!(features[..2], [0x12, 4]);
        let code = u32::from_be_bytes(features[2..].try_into().unwrap());
        let mut properties = &answer(code.into()).unwrap()[..];
        let mut found = None;
        while let [tag, length, rest @ ..] = properties {
            let (value, rest) = rest.split_at((*length).into());
            if *tag == 10 {
                found = Some(u32::from_le_bytes(value.try_into().unwrap()));
            }
            properties = rest;
        }
        assert_eq!(found, Some(65_536));
        assert_eq!(answer(0x4200_0001), None);
    }
}
