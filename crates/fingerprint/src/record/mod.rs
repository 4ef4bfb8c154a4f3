//! What finger minutiae records of ISO/IEC 19794-2 and INCITS 378 have in common: one model of their content, and the
//! field layouts that they share.
//!
//! Reading is lenient where writers in the field err: whatever can be let pass is, and is noted as a [`Deviation`].
//! Writing is strict: what is written reads back without any.

mod deviation;
mod extended;
pub(crate) mod fields;
pub(crate) mod minutiae;
mod view;

use std::fmt;

pub use deviation::Deviation;
pub use extended::{Area, Core, Delta, Extended, RidgeCount, RidgeCounts, SingularPoints};
pub use view::{CaptureDate, Device, EndingPlace, ImpressionType, Quality, View};

pub(crate) use extended::{Style, read as read_extended, write as write_extended};
pub(crate) use view::{read_finger, read_quality};

use crate::{Error, Format, Template};
use fields::Fields;

/// The first four bytes of every record.
pub(crate) const MAGIC: &[u8; 4] = b"FMR\0";

/// Pixels a centimetre that stand for 500 dpi.
pub const CANONICAL_RESOLUTION: u16 = 197;

/// The registered product behind a record (CBEFF product identifier).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Product {
    /// Its owner, as registered; not 0.
    pub owner: u16,
    /// The owner's number of the product.
    pub product: u16,
}

impl Default for Product {
    /// The owner registered for products whose owner is not known, and no number.
    fn default() -> Self {
        Self {
            owner: 0x0103,
            product: 0,
        }
    }
}

/// A finger minutiae record of any of the formats, or what a card's bare minutiae make of one.
///
/// `Debug` shows sizes only; the templates in it wipe themselves.
#[derive(Clone, PartialEq)]
pub struct Record {
    /// The format it was read from or made for.
    pub format: Format,
    /// The product behind it, which the records of INCITS 378 name.
    pub product: Option<Product>,
    /// The views.
    pub views: Vec<View>,
    /// What was let pass in reading it; empty for a record as its standard has it.
    pub deviations: Vec<Deviation>,
}

impl Record {
    /// A record of these templates, live-scan plain.
    pub fn of(format: Format, templates: impl IntoIterator<Item = Template>) -> Self {
        Self {
            format,
            product: None,
            views: templates.into_iter().map(View::of).collect(),
            deviations: Vec::new(),
        }
    }

    /// The template of its first view.
    ///
    /// # Errors
    /// [`Error::RecordField`] when there is no view.
    pub fn into_template(self) -> Result<Template, Error> {
        self.views
            .into_iter()
            .next()
            .map(|view| view.template)
            .ok_or(Error::RecordField("number of views"))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("format", &self.format)
            .field("views", &self.views)
            .field("deviations", &self.deviations)
            .finish_non_exhaustive()
    }
}

/// Reads the views of a record: so many as it says, those that are there where it says none, and fewer where it ends
/// after a whole one. `read` is told whether a view is the last.
pub(crate) fn read_views(
    count: usize,
    fields: &mut Fields<'_>,
    mut read: impl FnMut(&mut Fields<'_>, bool) -> Result<View, Error>,
) -> Result<Vec<View>, Error> {
    let mut views = Vec::new();
    if count == 0 && !fields.bytes.is_empty() {
        fields.note(Deviation::NumberOfViews);
        while !fields.bytes.is_empty() {
            let before = fields.bytes;
            match read(fields, true) {
                Ok(view) => views.push(view),
                Err(error) if views.is_empty() => return Err(error),
                Err(_) => {
                    fields.bytes = before;
                    break;
                }
            }
        }
        return Ok(views);
    }
    for place in 1..=count {
        if fields.bytes.is_empty() && !views.is_empty() {
            fields.note(Deviation::NumberOfViews);
            break;
        }
        views.push(read(fields, place == count)?);
    }
    Ok(views)
}

/// How many minutiae a view has: as it says; where it says none and is the last of its record, as many as there is
/// room for before an empty extended data block.
pub(crate) fn read_count(
    length: usize,
    last: bool,
    fields: &mut Fields<'_>,
) -> Result<usize, Error> {
    let count = usize::from(fields.u8("number of minutiae")?);
    let Some((minutiae, [0, 0])) = fields.bytes.split_last_chunk::<2>() else {
        return Ok(count);
    };
    if count == 0 && last && !minutiae.is_empty() && minutiae.len() % length == 0 {
        fields.note(Deviation::NumberOfMinutiae);
        return Ok((minutiae.len() / length).min(255));
    }
    Ok(count)
}

/// The number of each view among those of its finger, from 0, as all records but those of 2011 count.
pub(crate) fn numbers(views: &[View]) -> impl Iterator<Item = (usize, &View)> {
    views.iter().enumerate().map(|(index, view)| {
        let same = |other: &&View| other.template.finger == view.template.finger;
        (views[..index].iter().filter(same).count(), view)
    })
}

/// Notes views that are numbered otherwise.
pub(crate) fn check_numbers(views: &[View], fields: &mut Fields<'_>) {
    let regular = numbers(views).all(|(number, view)| number == usize::from(view.number));
    fields.expect(regular, Deviation::ViewNumber);
}

/// The size of the image that no view's is larger than, as records hold it; 1 × 1 where there is no view.
pub(crate) fn common_size(record: &Record) -> Result<(u16, u16), Error> {
    let mut common = (1, 1);
    for view in &record.views {
        let (width, height) = minutiae::written_size(&view.template)?;
        common = (common.0.max(width), common.1.max(height));
    }
    Ok(common)
}

/// How many minutiae a view has, as all records hold it.
pub(crate) fn written_count(template: &Template) -> Result<u8, Error> {
    u8::try_from(template.minutiae.len()).map_err(|_| Error::RecordOverflow("number of minutiae"))
}

/// The product behind a record; that which is not known where none is told.
pub(crate) fn written_product(record: &Record) -> Product {
    let told = record.product.filter(|product| product.owner != 0);
    told.unwrap_or_default()
}

/// View number and impression type in one byte, as the standards of 2004 and 2005 have them.
pub(crate) fn packed_number(number: usize, view: &View) -> Result<u8, Error> {
    match u8::try_from(number) {
        Ok(number @ 0..=15) => Ok(number << 4 | view.impression.in_four_bits()),
        _ => Err(Error::RecordOverflow("number of views")),
    }
}

/// As [`packed_number`], read.
pub(crate) fn read_packed_number(fields: &mut Fields<'_>) -> Result<(u8, ImpressionType), Error> {
    let packed = fields.u8("view number")?;
    let impression = ImpressionType(packed & 0x0F);
    fields.expect(impression.is_known(false), Deviation::ImpressionType);
    Ok((packed >> 4, impression))
}
