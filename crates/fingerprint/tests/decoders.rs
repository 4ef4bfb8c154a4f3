//! No bytes from outside make a decoder panic.

use negin_fingerprint::{Image, Minutia, MinutiaKind, Template, ansi378, compact, iso19794_2};
use proptest::prelude::*;

fn minutia() -> impl Strategy<Value = Minutia> {
    (0u16..400, 0u16..500, 0u16..256, 0u8..3, 0u8..=100).prop_map(|(x, y, step, kind, quality)| {
        Minutia {
            x: f32::from(x),
            y: f32::from(y),
            angle: f32::from(step) * std::f32::consts::TAU / 256.0,
            kind: MinutiaKind::from_code(kind).unwrap_or_default(),
            quality,
        }
    })
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = iso19794_2::decode(&bytes);
        let _ = compact::decode(&bytes);
        let _ = Image::decode(&bytes, 500);
        let mut headed = b"FMR\0 20\0".to_vec();
        headed.extend_from_slice(&bytes);
        let _ = iso19794_2::decode(&headed);
        let _ = ansi378::decode(&headed);
    }

    #[test]
    fn any_template_comes_back(minutiae in proptest::collection::vec(minutia(), 0..255)) {
        let template = Template::new(400, 500, 50, minutiae);
        let bytes = iso19794_2::encode(&template).expect("fits");
        prop_assert_eq!(iso19794_2::decode_template(&bytes).expect("decodes"), template);
    }

    #[test]
    fn a_card_gets_no_more_than_it_takes(minutiae in proptest::collection::vec(minutia(), 0..255), max in 0u8..=255) {
        let template = Template::new(400, 500, 50, minutiae);
        let limits = compact::Limits { min: 0, max, order: compact::Order::ASCENDING_POLAR };
        let bytes = compact::encode(&template, &limits).expect("no minimum");
        prop_assert!(bytes.len() <= 3 * usize::from(max));
        prop_assert!(compact::decode(&bytes).is_ok());
    }
}
