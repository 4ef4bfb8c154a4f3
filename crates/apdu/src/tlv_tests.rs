use super::*;
use alloc::string::ToString;
use alloc::vec;
use iso7816_tlv::ber as peer;
use proptest::prelude::*;

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

#[test]
fn tags_by_form() {
    for good in [0x80, 0x5C, 0x7F61, 0x5FC102, 0xDFC101, 0x9F7F, 0x5F2F] {
        assert_eq!(Tag::try_from(good), Ok(Tag::new(good)));
    }
    for bad in [
        0,
        0x1F,
        0x7F,
        0x7F80,
        0x8001,
        0x5F0102,
        0x5FC182,
        0x0100_0000,
        0xFFFF_FFFF,
    ] {
        assert_eq!(Tag::try_from(bad), Err(TlvError::Tag), "{bad:X}");
    }
    assert!(Tag::new(0x7F61).is_constructed() && Tag::new(0xA1).is_constructed());
    assert!(!Tag::new(0x5FC102).is_constructed() && !Tag::new(0x53).is_constructed());
    assert_eq!(Tag::new(0x5FC102).to_string(), "5FC102");
    assert_eq!(Tag::new(0x02).to_string(), "02");
    assert_eq!(read_tag(&bytes("7FFFFFFF01")), Err(TlvError::Tag));
    assert_eq!(read_tag(&bytes("7F")), Err(TlvError::Truncated));
}

#[test]
fn lengths_read_and_written() {
    for length in [0, 1, 126, 127, 128, 255, 256, 65_535, 65_536, 70_000] {
        let value = vec![0x55; length];
        let object = encode(Tag::new(0x53), &value);
        assert_eq!(only(&object, Tag::new(0x53)), Ok(&value[..]));
    }
    assert_eq!(encode(Tag::new(0x53), &[0; 127])[..2], [0x53, 127]);
    assert_eq!(encode(Tag::new(0x53), &[0; 128])[..3], [0x53, 0x81, 128]);
    // Longer than needed, as cards in the field write them.
    assert_eq!(
        read(&bytes("5382000201029000")),
        Ok((Tag::new(0x53), &[1, 2][..], &[0x90, 0][..]))
    );
    assert_eq!(read(&bytes("5380AA0000")), Err(TlvError::Length));
    assert_eq!(read(&bytes("53850000000001AA")), Err(TlvError::Length));
    assert_eq!(read(&bytes("5302AA")), Err(TlvError::Truncated));
    assert_eq!(read(&bytes("5384FFFFFFFFAA")), Err(TlvError::Truncated));
    assert_eq!(read(&[]), Err(TlvError::Truncated));
}

#[test]
fn paths() {
    let template = bytes(
        "7F610E0201017F60088301 96A10382010 9"
            .replace(' ', "")
            .as_str(),
    );
    let path = [
        Tag::new(0x7F61),
        Tag::new(0x7F60),
        Tag::new(0xA1),
        Tag::new(0x82),
    ];
    assert_eq!(find(&template, &path), Some(&[9][..]));
    assert_eq!(find(&template, &[Tag::new(0x7F61), Tag::new(0x83)]), None);
    let tree = Tlv::parse(&template).unwrap();
    assert_eq!(tree.find(&path[1..]).and_then(Tlv::bytes), Some(&[9][..]));
    assert_eq!(tree.children().len(), 2);
    assert_eq!(tree.to_bytes(), template);
    assert_eq!(
        only(&template, Tag::new(0x53)),
        Err(TlvError::Missing(Tag::new(0x53)))
    );
    assert_eq!(Tlv::parse(&bytes("5301AA00")), Err(TlvError::Trailing));
    // The flat readers do not mind a value that only claims to be objects.
    assert_eq!(
        find(&bytes("70031F8B08"), &[Tag::new(0x70)]),
        Some(&[0x1F, 0x8B, 0x08][..])
    );
    assert!(Tlv::parse(&bytes("70031F8B08")).is_err());
}

#[test]
fn nesting_is_bounded() {
    let mut nested = Vec::new();
    for _ in 0..MAX_DEPTH {
        nested = encode(Tag::new(0x30), &nested);
    }
    assert!(Tlv::parse(&nested).is_ok());
    nested = encode(Tag::new(0x30), &nested);
    assert_eq!(Tlv::parse(&nested), Err(TlvError::TooDeep));
    let abyss = bytes(&"308400010000".repeat(20_000));
    assert!(Tlv::parse(&abyss).is_err());
}

fn any_tag(constructed: bool) -> impl Strategy<Value = Tag> {
    prop_oneof![
        (0u32..0x1F, 0u32..4).prop_map(|(number, class)| class << 6 | number),
        (0x1Fu32..0x80, 0u32..4).prop_map(|(number, class)| (class << 6 | 0x1F) << 8 | number),
        (0x81u32..0x100, 0u32..0x80, 0u32..4)
            .prop_map(|(a, b, class)| (class << 6 | 0x1F) << 16 | a << 8 | b),
    ]
    .prop_map(move |raw| {
        let bit = if raw > 0xFFFF {
            0x20_0000
        } else if raw > 0xFF {
            0x2000
        } else {
            0x20
        };
        if constructed { raw | bit } else { raw }
    })
    .prop_filter_map("a tag", |raw| Tag::try_from(raw).ok())
}

fn any_tlv() -> impl Strategy<Value = Tlv> {
    let leaf = (
        any_tag(false),
        proptest::collection::vec(any::<u8>(), 0..300),
    )
        .prop_map(|(tag, value)| Tlv::primitive(tag, value));
    leaf.prop_recursive(5, 40, 5, |inner| {
        (any_tag(true), proptest::collection::vec(inner, 0..5))
            .prop_map(|(tag, children)| Tlv::constructed(tag, children))
    })
}

/// The same tree in iso7816-tlv's types; `None` where a length of 127 occurs, which it writes in a form of its own.
fn in_peer(tlv: &Tlv) -> Option<peer::Tlv> {
    let tag = peer::Tag::try_from(u64::from(tlv.tag().get())).ok()?;
    let value = match tlv.bytes() {
        Some(bytes) => peer::Value::Primitive(bytes.to_vec()),
        None => {
            peer::Value::Constructed(tlv.children().iter().map(in_peer).collect::<Option<_>>()?)
        }
    };
    if value.len_as_bytes() == 127 {
        return None;
    }
    peer::Tlv::new(tag, value).ok()
}

proptest! {
    #[test]
    fn tree_to_bytes_and_back(tlv in any_tlv()) {
        prop_assert_eq!(Tlv::parse(&tlv.to_bytes()).unwrap(), tlv);
    }

    #[test]
    fn as_iso7816_tlv_writes_it(tlv in any_tlv()) {
        if let Some(peer) = in_peer(&tlv) {
            prop_assert_eq!(peer.to_vec(), tlv.to_bytes());
            prop_assert_eq!(peer::Tlv::from_bytes(&tlv.to_bytes()).unwrap(), peer);
        }
    }

    #[test]
    fn any_bytes_parse_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(tree) = Tlv::parse_all(&bytes) {
            let again: Vec<u8> = tree.iter().flat_map(Tlv::to_bytes).collect();
            prop_assert_eq!(Tlv::parse_all(&again).unwrap(), tree);
        }
        for object in objects(&bytes) {
            let _ = object;
        }
    }
}
