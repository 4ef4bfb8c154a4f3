//! The formats of templates: which one a file is in, and from any to any.

use zeroize::Zeroizing;

use crate::order::Limits;
use crate::{Error, Record, Template, ansi378, card_normal, compact, iso19794_2, record};

/// A format that templates are read from and written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The record of ISO/IEC 19794-2:2005.
    Iso2005,
    /// The record of ISO/IEC 19794-2:2011.
    Iso2011,
    /// The record of INCITS 378-2004.
    Ansi2004,
    /// The record of INCITS 378-2009; that of its first amendment is read, too.
    Ansi2009,
    /// Bare 5-byte minutiae for a card: the normal card format of ISO/IEC 19794-2:2005.
    IsoCard,
    /// Bare 3-byte minutiae for a card: the compact card format of ISO/IEC 19794-2:2005, the on-card format of :2011.
    Compact,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Iso2005,
        Self::Iso2011,
        Self::Ansi2004,
        Self::Ansi2009,
        Self::IsoCard,
        Self::Compact,
    ];

    /// Its name in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iso2005 => "iso2005",
            Self::Iso2011 => "iso2011",
            Self::Ansi2004 => "ansi2004",
            Self::Ansi2009 => "ansi2009",
            Self::IsoCard => "iso-card",
            Self::Compact => "compact",
        }
    }

    /// The format of a [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The standard it is of.
    pub fn standard(self) -> &'static str {
        match self {
            Self::Iso2005 => "ISO/IEC 19794-2:2005, record",
            Self::Iso2011 => "ISO/IEC 19794-2:2011, record",
            Self::Ansi2004 => "INCITS 378-2004",
            Self::Ansi2009 => "INCITS 378-2009",
            Self::IsoCard => "ISO/IEC 19794-2:2005, normal card format",
            Self::Compact => "ISO/IEC 19794-2, compact card format",
        }
    }

    /// Whether it is bare minutiae for a card, by which no file can be told from another.
    pub fn is_bare(self) -> bool {
        matches!(self, Self::IsoCard | Self::Compact)
    }

    /// Reads a record of this format; of a card's bare minutiae a record of one view.
    ///
    /// # Errors
    /// As the format's own `decode`.
    pub fn decode(self, bytes: &[u8]) -> Result<Record, Error> {
        match self {
            Self::Iso2005 => iso19794_2::decode(bytes),
            Self::Iso2011 => iso19794_2::decode_2011(bytes),
            Self::Ansi2004 => ansi378::decode(bytes),
            Self::Ansi2009 => ansi378::decode_2009(bytes),
            Self::IsoCard => card_normal::decode_record(bytes),
            Self::Compact => Ok(Record::of(self, [compact::decode(bytes)?])),
        }
    }

    /// Writes a record in this format; of its first view a card's bare minutiae, within the card's limits.
    ///
    /// # Errors
    /// As the format's own `encode`.
    pub fn encode(self, record: &Record, limits: &Limits) -> Result<Zeroizing<Vec<u8>>, Error> {
        let first = || record.views.first().map(|view| &view.template);
        let first = || first().ok_or(Error::RecordField("number of views"));
        match self {
            Self::Iso2005 => iso19794_2::encode(record),
            Self::Iso2011 => iso19794_2::encode_2011(record),
            Self::Ansi2004 => ansi378::encode(record),
            Self::Ansi2009 => ansi378::encode_2009(record),
            Self::IsoCard => card_normal::encode(first()?, limits),
            Self::Compact => compact::encode(first()?, limits),
        }
    }

    /// Writes one template in this format.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_template(
        self,
        template: &Template,
        limits: &Limits,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self {
            Self::IsoCard => card_normal::encode(template, limits),
            Self::Compact => compact::encode(template, limits),
            _ => self.encode(&Record::of(self, [template.clone()]), limits),
        }
    }

    /// Whether the bytes are a record that its standard would have written so.
    ///
    /// # Errors
    /// As [`Self::decode`]; [`Error::RecordStrict`] with the first thing that the standard does not allow.
    pub fn check(self, bytes: &[u8]) -> Result<(), Error> {
        match self.decode(bytes)?.deviations.first() {
            Some(deviation) => Err(Error::RecordStrict(*deviation)),
            None => Ok(()),
        }
    }
}

/// Whether the bytes begin as the records of all four standards do.
pub fn is_record(bytes: &[u8]) -> bool {
    bytes.starts_with(record::MAGIC)
}

/// Reads a record whose format is not told: that in which least has to be let pass. The standards of two
/// organisations share their version numbers, so that the version alone does not tell them apart.
///
/// # Errors
/// [`Error::RecordFormat`] when it is no record of these standards; else as [`Format::decode`] of the likeliest.
pub fn decode(bytes: &[u8]) -> Result<Record, Error> {
    let mut best: Option<(u32, Record)> = None;
    let mut error = Error::RecordFormat;
    for format in Format::ALL.into_iter().filter(|format| !format.is_bare()) {
        match format.decode(bytes) {
            Ok(record) => {
                let doubt = record.deviations.iter().map(|it| it.doubt()).sum();
                if best.as_ref().is_none_or(|(least, _)| doubt < *least) {
                    best = Some((doubt, record));
                }
            }
            Err(other) if error == Error::RecordFormat => error = other,
            Err(_) => {}
        }
    }
    best.map(|(_, record)| record).ok_or(error)
}
