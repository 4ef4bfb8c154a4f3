//! Bytes as scenarios write them: tokens, and what they stand for once names have values.

use std::collections::BTreeMap;

use negin_eid::piv::Pin;

/// Bytes by name.
pub type Values = BTreeMap<String, Vec<u8>>;

/// A part of bytes, or of a pattern for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A byte: those bits of it that the mask has must be so.
    Byte { value: u8, mask: u8 },
    /// `*`: any number of bytes.
    Any,
    /// `{NAME}`.
    Named(String),
    /// `{NAME:8}` or `{NAME:*}`.
    Capture { name: String, length: Option<usize> },
    /// `[ ]`: the length as Lc writes it, then this.
    Lc(Vec<Part>),
    /// `( )`: the length as BER writes it, then this.
    Ber(Vec<Part>),
}

/// Reads parts up to the end of the text.
pub fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut reader = Reader {
        rest: text.trim_start(),
    };
    let parts = reader.parts(None)?;
    Ok(parts)
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    /// The text up to this character, which is taken too.
    fn until(&mut self, end: char) -> Result<&'t str, String> {
        let (text, rest) = self
            .rest
            .split_once(end)
            .ok_or_else(|| format!("a `{end}` is missing"))?;
        self.rest = rest.trim_start();
        Ok(text)
    }

    fn parts(&mut self, closing: Option<char>) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        loop {
            let Some(next) = self.rest.chars().next() else {
                return match closing {
                    None => Ok(parts),
                    Some(closing) => Err(format!("a `{closing}` is missing")),
                };
            };
            if Some(next) == closing {
                self.rest = self.rest[1..].trim_start();
                return Ok(parts);
            }
            match next {
                '[' => {
                    self.eat("[");
                    parts.push(Part::Lc(self.parts(Some(']'))?));
                }
                '(' => {
                    self.eat("(");
                    parts.push(Part::Ber(self.parts(Some(')'))?));
                }
                '*' => {
                    self.eat("*");
                    parts.push(Part::Any);
                }
                '{' => {
                    self.eat("{");
                    parts.push(named(self.until('}')?)?);
                }
                _ if self.eat("pin(") => {
                    let digits = self.until(')')?;
                    let pin = Pin::new(digits).map_err(|error| error.to_string())?;
                    parts.extend(literal(pin.padded()));
                }
                _ if self.eat("text(") => parts.extend(literal(self.until(')')?.as_bytes())),
                _ if self.eat("fill(") => parts.extend(literal(&filled(self.until(')')?)?)),
                _ => parts.push(self.byte()?),
            }
        }
    }

    fn byte(&mut self) -> Result<Part, String> {
        let mut digits = self.rest.chars();
        let (Some(high), Some(low)) = (digits.next(), digits.next()) else {
            return Err(format!("`{}` is half a byte", self.rest));
        };
        let nibble = |digit: char| match digit {
            '.' => Some((0x0, 0x0)),
            _ => Some((digit.to_digit(16)? as u8, 0xF)),
        };
        let (Some(high_half), Some(low_half)) = (nibble(high), nibble(low)) else {
            return Err(format!("`{high}{low}` is no byte"));
        };
        self.rest = digits.as_str().trim_start();
        Ok(Part::Byte {
            value: high_half.0 << 4 | low_half.0,
            mask: high_half.1 << 4 | low_half.1,
        })
    }
}

fn named(text: &str) -> Result<Part, String> {
    let part = match text.split_once(':') {
        None => Part::Named(text.to_owned()),
        Some((name, "*")) => Part::Capture {
            name: name.to_owned(),
            length: None,
        },
        Some((name, length)) => Part::Capture {
            name: name.to_owned(),
            length: Some(
                length
                    .parse()
                    .map_err(|_| format!("`{length}` is no number of bytes"))?,
            ),
        },
    };
    let (Part::Named(name) | Part::Capture { name, .. }) = &part else {
        return Ok(part);
    };
    if is_name(name) {
        Ok(part)
    } else {
        Err(format!("`{name}` is no name"))
    }
}

/// Whether this is a name for bytes.
pub fn is_name(name: &str) -> bool {
    let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.bytes().all(named) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

fn filled(text: &str) -> Result<Vec<u8>, String> {
    let read = || {
        let (byte, count) = text.split_once(' ')?;
        let count: usize = count.parse().ok().filter(|count| *count <= 70_000)?;
        Some(vec![u8::from_str_radix(byte, 16).ok()?; count])
    };
    read().ok_or_else(|| format!("`fill({text})` is not like `fill(5A 300)`"))
}

fn literal(bytes: &[u8]) -> impl Iterator<Item = Part> {
    bytes.iter().map(|byte| Part::Byte {
        value: *byte,
        mask: 0xFF,
    })
}

/// The bytes that parts stand for.
pub fn value(parts: &[Part], values: &Values) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Part::Byte { value, mask: 0xFF } => bytes.push(*value),
            Part::Named(name) => {
                let known = values.get(name);
                bytes.extend(known.ok_or_else(|| format!("nothing is named `{name}`"))?);
            }
            Part::Lc(parts) => {
                let inner = value(parts, values)?;
                bytes.extend(lc(inner.len())?);
                bytes.extend(inner);
            }
            Part::Ber(parts) => {
                let inner = value(parts, values)?;
                bytes.extend(ber(inner.len()));
                bytes.extend(inner);
            }
            Part::Byte { .. } | Part::Any | Part::Capture { .. } => {
                return Err("a pattern stands where bytes are sent".to_owned());
            }
        }
    }
    Ok(bytes)
}

/// A length as Lc writes it (ISO/IEC 7816-3 §12.1.3).
fn lc(length: usize) -> Result<Vec<u8>, String> {
    match u16::try_from(length).map(u16::to_be_bytes) {
        Ok([0, 0]) => Err("`[ ]` holds nothing".to_owned()),
        Ok([0, low]) => Ok(vec![low]),
        Ok([high, low]) => Ok(vec![0, high, low]),
        Err(_) => Err(format!("{length} bytes are more than a command carries")),
    }
}

/// A length as BER writes it (ISO/IEC 7816-4 §5.3.3).
pub fn ber(length: usize) -> Vec<u8> {
    let [.., high, low] = length.to_be_bytes();
    match length {
        0..=0x7F => vec![low],
        0x80..=0xFF => vec![0x81, low],
        _ => vec![0x82, high, low],
    }
}
