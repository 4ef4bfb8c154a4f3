//! Whether an answer is as a pattern says, and what it names.

use super::bytes::{Part, Values};

/// Holds bytes against patterns of which one must fit; what the one that fits names is added to `values`.
pub fn fits(patterns: &[Vec<Part>], bytes: &[u8], values: &mut Values) -> Result<(), String> {
    for pattern in patterns {
        let mut named = values.clone();
        if whole(pattern, bytes, &mut named)? {
            *values = named;
            return Ok(());
        }
    }
    Err("it does not fit".to_owned())
}

fn whole(pattern: &[Part], bytes: &[u8], values: &mut Values) -> Result<bool, String> {
    let Some((first, rest)) = pattern.split_first() else {
        return Ok(bytes.is_empty());
    };
    match first {
        Part::Byte { value, mask } => match bytes.split_first() {
            Some((byte, after)) if byte & mask == value & mask => whole(rest, after, values),
            _ => Ok(false),
        },
        Part::Named(name) => {
            let known = values.get(name);
            let known = known.ok_or_else(|| format!("nothing is named `{name}`"))?;
            match bytes.strip_prefix(known.as_slice()) {
                Some(after) => whole(rest, after, values),
                None => Ok(false),
            }
        }
        Part::Any => some(rest, bytes, values, None),
        Part::Capture { name, length: None } => some(rest, bytes, values, Some(name)),
        Part::Capture {
            name,
            length: Some(length),
        } => match bytes.split_at_checked(*length) {
            Some((taken, after)) => {
                values.insert(name.clone(), taken.to_vec());
                whole(rest, after, values)
            }
            None => Ok(false),
        },
        Part::Ber(inner) => match ber(bytes) {
            Some((value, after)) => Ok(whole(inner, value, values)? && whole(rest, after, values)?),
            None => Ok(false),
        },
        Part::Lc(_) => Err("`[ ]` has no place in an answer".to_owned()),
    }
}

/// Any number of bytes, then the rest.
fn some(
    rest: &[Part],
    bytes: &[u8],
    values: &mut Values,
    name: Option<&String>,
) -> Result<bool, String> {
    for length in 0..=bytes.len() {
        let mut named = values.clone();
        if let Some(name) = name {
            named.insert(name.clone(), bytes[..length].to_vec());
        }
        if whole(rest, &bytes[length..], &mut named)? {
            *values = named;
            return Ok(true);
        }
    }
    Ok(false)
}

/// The value that a BER length at the beginning of `bytes` spans, and what comes after it.
fn ber(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [length @ 0..=0x7F, rest @ ..] => (usize::from(*length), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}
