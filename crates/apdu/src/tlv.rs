//! BER-TLV data objects as ISO/IEC 7816-4 §6.3 uses them, over the tags of `iso7816-tlv`.
//!
//! Two ways to read, by what is known of the content:
//! - flat: [`read`], [`objects`], [`find`] give borrowed values and never look inside one. For templates whose
//!   'constructed' value may be anything (PIV's tag 70 holds a certificate, perhaps compressed).
//! - as a tree: [`Tlv::parse`] goes into every constructed tag, to [`MAX_DEPTH`].
//!
//! Read: definite lengths of one to five bytes, also longer than needed, as cards write them. Written: the shortest.
//! The lengths are read here and not by `iso7816-tlv` because that (0.4) writes a length of 127 in two bytes while
//! counting it as one, counts a child by its shortest encoding whatever was read, and nests without bound.

use alloc::vec::Vec;
use core::fmt;

use iso7816_tlv::ber;

/// Deepest nesting that [`Tlv::parse`] follows.
pub const MAX_DEPTH: usize = 16;

/// A BER-TLV tag of one to three bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(u32);

/// Why bytes are not BER-TLV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlvError {
    /// The bytes end before the object does.
    #[error("the data object is cut short")]
    Truncated,
    /// A tag that is not one to three bytes of the standard's form.
    #[error("not a tag of ISO/IEC 7816-4")]
    Tag,
    /// An indefinite length, or one of more than four bytes.
    #[error("a length in a form that is not allowed")]
    Length,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("data objects nested too deeply")]
    TooDeep,
    /// Bytes are left over after the object.
    #[error("bytes are left over after the data object")]
    Trailing,
    /// An object that should be there is not.
    #[error("the data object {0} is missing")]
    Missing(Tag),
}

impl Tag {
    /// A tag known when the program is written, from its bytes as a number: `Tag::new(0x7F61)`.
    ///
    /// # Panics
    /// For a number that is not a tag; in a constant this does not compile. Use `try_from` for what comes from outside.
    #[must_use]
    pub const fn new(raw: u32) -> Self {
        assert!(is_tag(raw), "not a BER-TLV tag");
        Self(raw)
    }

    /// The tag's bytes as a number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether the value is data objects again: bit 6 of the first byte.
    #[must_use]
    pub const fn is_constructed(self) -> bool {
        let [_, a, b, c] = self.0.to_be_bytes();
        let first = match (a, b) {
            (0, 0) => c,
            (0, b) => b,
            (a, _) => a,
        };
        first & 0x20 != 0
    }

    /// Appends the tag's bytes.
    pub fn write(self, out: &mut Vec<u8>) {
        let bytes = self.0.to_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(3);
        out.extend(bytes.iter().skip(zeros));
    }
}

const fn is_tag(raw: u32) -> bool {
    let [high, a, b, c] = raw.to_be_bytes();
    high == 0
        && match (a, b, c) {
            (0, 0, 0) => false,
            (0, 0, one) => one & 0x1F != 0x1F,
            (0, first, second) => first & 0x1F == 0x1F && second & 0x80 == 0,
            (first, second, third) => {
                first & 0x1F == 0x1F && second & 0x80 != 0 && third & 0x80 == 0
            }
        }
}

impl TryFrom<u32> for Tag {
    type Error = TlvError;
    fn try_from(raw: u32) -> Result<Self, TlvError> {
        // Both rules: iso7816-tlv's of the form, ours that a second byte follows only where the first says so.
        ber::Tag::try_from(u64::from(raw)).map_err(|_| TlvError::Tag)?;
        if is_tag(raw) {
            Ok(Self(raw))
        } else {
            Err(TlvError::Tag)
        }
    }
}

impl From<Tag> for u32 {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = if self.0 > 0xFFFF {
            6
        } else if self.0 > 0xFF {
            4
        } else {
            2
        };
        write!(f, "{:0width$X}", self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

/// Reads a tag; gives it and what follows.
///
/// # Errors
/// [`TlvError::Truncated`], [`TlvError::Tag`].
pub fn read_tag(bytes: &[u8]) -> Result<(Tag, &[u8]), TlvError> {
    let (&first, mut rest) = bytes.split_first().ok_or(TlvError::Truncated)?;
    let mut raw = u32::from(first);
    if first & 0x1F == 0x1F {
        loop {
            let (&byte, after) = rest.split_first().ok_or(TlvError::Truncated)?;
            if raw > 0xFFFF {
                return Err(TlvError::Tag);
            }
            raw = raw << 8 | u32::from(byte);
            rest = after;
            if byte & 0x80 == 0 {
                break;
            }
        }
    }
    Ok((Tag::try_from(raw)?, rest))
}

fn read_length(bytes: &[u8]) -> Result<(usize, &[u8]), TlvError> {
    let (&first, rest) = bytes.split_first().ok_or(TlvError::Truncated)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7F);
    if !(1..=4).contains(&count) {
        return Err(TlvError::Length);
    }
    let (digits, rest) = rest.split_at_checked(count).ok_or(TlvError::Truncated)?;
    let length = digits
        .iter()
        .fold(0u32, |value, byte| value << 8 | u32::from(*byte));
    Ok((usize::try_from(length).map_err(|_| TlvError::Length)?, rest))
}

/// Reads a tag and a length; gives both and what follows, which may be less than the length says: the head of an object
/// that is still to be read.
///
/// # Errors
/// [`TlvError`] where the bytes do not begin with a whole tag and length.
pub fn read_header(bytes: &[u8]) -> Result<(Tag, usize, &[u8]), TlvError> {
    let (tag, rest) = read_tag(bytes)?;
    let (length, rest) = read_length(rest)?;
    Ok((tag, length, rest))
}

/// Reads one data object, not looking inside: its tag, its value, what follows.
///
/// # Errors
/// [`TlvError`] where the bytes do not begin with a whole object.
pub fn read(bytes: &[u8]) -> Result<(Tag, &[u8], &[u8]), TlvError> {
    let (tag, length, rest) = read_header(bytes)?;
    let (value, rest) = rest.split_at_checked(length).ok_or(TlvError::Truncated)?;
    Ok((tag, value, rest))
}

/// The value of the one data object of this tag that `bytes` are.
///
/// # Errors
/// [`TlvError::Missing`] for another tag, [`TlvError::Trailing`] where more follows, [`TlvError`] of [`read`].
pub fn only(bytes: &[u8], tag: Tag) -> Result<&[u8], TlvError> {
    match read(bytes)? {
        (found, value, []) if found == tag => Ok(value),
        (found, _, _) if found == tag => Err(TlvError::Trailing),
        _ => Err(TlvError::Missing(tag)),
    }
}

/// Goes through data objects in a row, not looking inside them. After an error it ends.
#[must_use]
pub const fn objects(bytes: &[u8]) -> Objects<'_> {
    Objects { rest: bytes }
}

/// Iterator of [`objects`].
#[derive(Clone, Debug)]
pub struct Objects<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Objects<'a> {
    type Item = Result<(Tag, &'a [u8]), TlvError>;
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match read(self.rest) {
            Ok((tag, value, rest)) => {
                self.rest = rest;
                Some(Ok((tag, value)))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

/// The value at a path: the first object of the first tag, within it the first of the second, and so on. `None` where
/// it is not there or the bytes before it are no data objects.
#[must_use]
pub fn find<'a>(bytes: &'a [u8], path: &[Tag]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, wanted| {
        objects(bytes)
            .map_while(Result::ok)
            .find_map(|(tag, value)| (tag == *wanted).then_some(value))
    })
}

/// Appends a length in its shortest form.
fn write_length(out: &mut Vec<u8>, length: usize) {
    let bytes = length.to_be_bytes();
    let digits = bytes.iter().skip_while(|byte| **byte == 0);
    if length >= 0x80 {
        out.push(0x80 | (digits.clone().count() & 0x7F) as u8);
        out.extend(digits);
    } else {
        out.push((length & 0x7F) as u8);
    }
}

/// Appends a data object of this value. Values are to be shorter than 4 GiB.
pub fn write(out: &mut Vec<u8>, tag: Tag, value: &[u8]) {
    tag.write(out);
    write_length(out, value.len());
    out.extend_from_slice(value);
}

/// A data object of this value.
#[must_use]
pub fn encode(tag: Tag, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 8);
    write(&mut out, tag, value);
    out
}

/// A data object whose value is these data objects, one after the other.
#[must_use]
pub fn encode_all<'a>(tag: Tag, parts: impl IntoIterator<Item = (Tag, &'a [u8])>) -> Vec<u8> {
    let mut value = Vec::new();
    for (tag, part) in parts {
        write(&mut value, tag, part);
    }
    encode(tag, &value)
}

/// A data object as a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlv {
    tag: Tag,
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Primitive(Vec<u8>),
    Constructed(Vec<Tlv>),
}

impl Tlv {
    /// An object of bytes. The tag's 'constructed' bit is the caller's: a template with an opaque value is written so.
    #[must_use]
    pub fn primitive(tag: Tag, value: impl Into<Vec<u8>>) -> Self {
        Self {
            tag,
            content: Content::Primitive(value.into()),
        }
    }

    /// An object of objects.
    #[must_use]
    pub fn constructed(tag: Tag, children: impl Into<Vec<Self>>) -> Self {
        Self {
            tag,
            content: Content::Constructed(children.into()),
        }
    }

    /// The tag.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.tag
    }

    /// The bytes of a primitive object.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Primitive(bytes) => Some(bytes),
            Content::Constructed(_) => None,
        }
    }

    /// The objects within a constructed one; none in a primitive one.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        match &self.content {
            Content::Primitive(_) => &[],
            Content::Constructed(children) => children,
        }
    }

    /// The object at a path below this one: the first child of the first tag, of it the first of the second, and so on.
    #[must_use]
    pub fn find(&self, path: &[Tag]) -> Option<&Self> {
        path.iter().try_fold(self, |at, tag| {
            at.children().iter().find(|child| child.tag == *tag)
        })
    }

    /// Reads the one tree that `bytes` are.
    ///
    /// # Errors
    /// [`TlvError`]; [`TlvError::Trailing`] where more follows.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlvError> {
        match Self::parse_first(bytes)? {
            (tlv, []) => Ok(tlv),
            _ => Err(TlvError::Trailing),
        }
    }

    /// Reads the tree that `bytes` begin with, and gives what follows.
    ///
    /// # Errors
    /// [`TlvError`].
    pub fn parse_first(bytes: &[u8]) -> Result<(Self, &[u8]), TlvError> {
        Self::parse_within(bytes, MAX_DEPTH)
    }

    /// Reads all trees in a row.
    ///
    /// # Errors
    /// [`TlvError`] of any of them.
    pub fn parse_all(bytes: &[u8]) -> Result<Vec<Self>, TlvError> {
        Self::parse_row(bytes, MAX_DEPTH)
    }

    fn parse_within(bytes: &[u8], depth: usize) -> Result<(Self, &[u8]), TlvError> {
        let (tag, value, rest) = read(bytes)?;
        let content = if tag.is_constructed() {
            Content::Constructed(Self::parse_row(
                value,
                depth.checked_sub(1).ok_or(TlvError::TooDeep)?,
            )?)
        } else {
            Content::Primitive(value.to_vec())
        };
        Ok((Self { tag, content }, rest))
    }

    fn parse_row(mut bytes: &[u8], depth: usize) -> Result<Vec<Self>, TlvError> {
        let mut row = Vec::new();
        while !bytes.is_empty() {
            let (tlv, rest) = Self::parse_within(bytes, depth)?;
            row.push(tlv);
            bytes = rest;
        }
        Ok(row)
    }

    /// The object's bytes, each length in its shortest form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// Appends the object's bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        match &self.content {
            Content::Primitive(bytes) => write(out, self.tag, bytes),
            Content::Constructed(children) => {
                let mut value = Vec::new();
                children.iter().for_each(|child| child.write(&mut value));
                write(out, self.tag, &value);
            }
        }
    }
}

#[cfg(test)]
#[path = "tlv_tests.rs"]
mod tests;
