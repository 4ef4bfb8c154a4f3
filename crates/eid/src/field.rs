//! Flat tag-length-value fields: what most objects on the card are made of.
//!
//! The rule: a field's value is bytes, whatever its tag says. PIV's containers number their fields with bytes such as
//! 70, 71 or FE that a BER parser takes for constructed tags, so they must not be parsed as a tree. A caller who
//! knows that a value is itself made of fields reads it with [`fields`] again.
//!
//! Tags are BER-TLV tags of one to three bytes as a number (`0x5F2F`), lengths BER definite lengths of up to four
//! bytes (ISO/IEC 7816-4 §5.2.2). Indefinite lengths do not occur on cards and are refused.

use crate::Error;

/// Reads `bytes` as a row of fields. The iterator ends after the last field or after its first error.
///
/// Each item is a tag and its value, or [`Error::Malformed`] naming `object` where the bytes end within a field.
pub fn fields<'a>(object: &'static str, bytes: &'a [u8]) -> Fields<'a> {
    Fields {
        object,
        rest: bytes,
    }
}

/// The iterator that [`fields`] gives.
#[derive(Clone)]
pub struct Fields<'a> {
    object: &'static str,
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, &'a [u8]), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match split(self.rest) {
            Some((tag, value, rest)) => {
                self.rest = rest;
                Some(Ok((tag, value)))
            }
            None => {
                self.rest = &[];
                Some(Err(Error::malformed(self.object, "a field is cut short")))
            }
        }
    }
}

/// The value of the first field tagged `tag`, or `None` where there is none.
///
/// # Errors
/// [`Error::Malformed`] where the bytes before it are not fields.
pub fn find<'a>(
    object: &'static str,
    bytes: &'a [u8],
    tag: u32,
) -> Result<Option<&'a [u8]>, Error> {
    for field in fields(object, bytes) {
        let (found, value) = field?;
        if found == tag {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The value of the one field that `bytes` hold, which must be tagged `tag` with nothing after it.
///
/// # Errors
/// [`Error::Malformed`] for another tag, a field cut short, or trailing bytes.
pub fn only<'a>(object: &'static str, bytes: &'a [u8], tag: u32) -> Result<&'a [u8], Error> {
    match split(bytes) {
        Some((found, value, [])) if found == tag => Ok(value),
        Some((found, _, _)) if found == tag => {
            Err(Error::malformed(object, "bytes after the object"))
        }
        Some(_) => Err(Error::malformed(object, "another object's tag")),
        None => Err(Error::malformed(object, "the object is cut short")),
    }
}

/// Appends one field to `out`, its length in the fewest bytes.
pub fn put(out: &mut Vec<u8>, tag: u32, value: &[u8]) {
    put_tag(out, tag);
    put_length(out, value.len());
    out.extend_from_slice(value);
}

/// One field as bytes.
#[must_use]
pub fn field(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 6);
    put(&mut out, tag, value);
    out
}

/// Appends a tag alone, as tag lists (5C) hold them.
pub fn put_tag(out: &mut Vec<u8>, tag: u32) {
    let bytes = tag.to_be_bytes();
    let zeros = bytes.iter().take_while(|b| **b == 0).count().min(3);
    out.extend_from_slice(&bytes[zeros..]);
}

/// Reads a row of tags without lengths, as tag lists (5C) hold them.
///
/// # Errors
/// [`Error::Malformed`] where the last tag is cut short.
pub fn tags(object: &'static str, mut bytes: &[u8]) -> Result<Vec<u32>, Error> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (tag, rest) = split_tag(bytes).ok_or(Error::malformed(object, "a tag is cut short"))?;
        found.push(tag);
        bytes = rest;
    }
    Ok(found)
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        out.push(length as u8);
        return;
    }
    let bytes = length.to_be_bytes();
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let significant = &bytes[zeros..];
    out.push(0x80 | significant.len() as u8);
    out.extend_from_slice(significant);
}

fn split_tag(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (&first, mut rest) = bytes.split_first()?;
    let mut tag = u32::from(first);
    if first & 0x1F == 0x1F {
        for _ in 0..2 {
            let (&next, after) = rest.split_first()?;
            rest = after;
            tag = tag << 8 | u32::from(next);
            if next & 0x80 == 0 {
                return Some((tag, rest));
            }
        }
        return None;
    }
    Some((tag, rest))
}

/// The first field and what follows it: tag, value, rest; `None` where it is cut short.
pub(crate) fn split(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let (tag, rest) = split_tag(bytes)?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (length.iter().fold(0, |n, b| n << 8 | usize::from(*b)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((tag, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_is_found(tag in prop_oneof![Just(0x53u32), Just(0x5F2F), Just(0xDFC101), Just(0xFE)],
                                value in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            let bytes = field(tag, &value);
            prop_assert_eq!(only("test", &bytes, tag).unwrap(), &value[..]);
            let mut two = field(0x70, b"before");
            two.extend_from_slice(&bytes);
            prop_assert_eq!(find("test", &two, tag).unwrap(), Some(&value[..]));
            let cut = &bytes[..bytes.len() - 1];
            prop_assert!(only("test", cut, tag).is_err());
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            for (_, value) in fields("test", &bytes).flatten() {
                prop_assert!(value.len() < bytes.len());
            }
        }
    }

    #[test]
    fn tag_lists() {
        assert_eq!(
            tags("5C", &[0x61, 0x5F, 0x0E, 0xDF, 0xC1, 0x01]).unwrap(),
            [0x61, 0x5F0E, 0xDFC101]
        );
        assert!(tags("5C", &[0x61, 0x5F]).is_err());
    }

    #[test]
    fn lengths_take_the_fewest_bytes() {
        assert_eq!(field(0x53, &[0; 0x7F])[..2], [0x53, 0x7F]);
        assert_eq!(field(0x53, &[0; 0x80])[..3], [0x53, 0x81, 0x80]);
        assert_eq!(field(0x53, &[0; 0x100])[..4], [0x53, 0x82, 0x01, 0x00]);
    }

    #[test]
    fn indefinite_lengths_are_refused() {
        assert!(only("test", &[0x30, 0x80, 0x00, 0x00], 0x30).is_err());
    }
}
