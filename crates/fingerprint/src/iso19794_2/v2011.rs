//! The finger minutiae record of ISO/IEC 19794-2:2011, clause 8 (`FMR`, version `030`).
//!
//! Each representation has its own image size and resolution, says when and with what it was captured, and where its
//! ridge endings are placed.

use zeroize::Zeroizing;

use crate::record::fields::{Fields, Writer};
use crate::record::minutiae::{self, Frame, Layout, written_size};
use crate::record::{
    self, CANONICAL_RESOLUTION, CaptureDate, Deviation, Device, EndingPlace, ImpressionType,
    Quality, Style, View,
};
use crate::{Error, Format, Record};

const VERSION: &[u8; 4] = b"030\0";
/// The word for a quality that is not known.
const NOT_COMPUTED: u8 = 254;
const LAYOUT: Layout = Layout {
    steps: 256,
    unknown: NOT_COMPUTED,
    special: true,
};
const STYLE: Style = Style {
    whole_lengths: true,
    angles_with_number: false,
    zonal: true,
    layout: LAYOUT,
};

/// Encodes a record at 500 dpi. A view of which no minutia has a quality is written without.
///
/// # Errors
/// [`Error::RecordOverflow`] for more than 255 minutiae, qualities or certificates in a view, for an image that does not
/// fit 16 bits, or for what lies outside it; [`Error::RecordField`] for a quality above 100.
pub fn encode(record: &Record) -> Result<Zeroizing<Vec<u8>>, Error> {
    let count = |count: usize, name| u8::try_from(count).map_err(|_| Error::RecordOverflow(name));
    let mut writer = Writer::with_room_for(record.views.iter());
    writer.bytes(record::MAGIC);
    writer.bytes(VERSION);
    writer.u32(0);
    writer.u16(u16::from(count(record.views.len(), "number of views")?));
    let certified = record
        .views
        .iter()
        .any(|view| !view.device.certificates.is_empty());
    writer.u8(u8::from(certified));
    for (number, view) in (0..).zip(&record.views) {
        let (template, device) = (&view.template, &view.device);
        let start = writer.len();
        writer.u32(0);
        let captured = view.captured.filter(CaptureDate::is_valid);
        writer.bytes(&CaptureDate::to_bytes(captured));
        writer.u8(device.technology);
        writer.u16(device.vendor);
        writer.u16(device.equipment);
        let qualities = qualities(view)?;
        writer.u8(count(qualities.len(), "number of qualities")?);
        for quality in &qualities {
            writer.u8(quality.score);
            writer.u16(quality.owner);
            writer.u16(quality.algorithm);
        }
        if certified {
            writer.u8(count(device.certificates.len(), "number of certificates")?);
            for (authority, scheme) in &device.certificates {
                writer.u16(*authority);
                writer.u8(*scheme);
            }
        }
        writer.bytes(&[template.finger.code(), number]);
        writer.u16(CANONICAL_RESOLUTION);
        writer.u16(CANONICAL_RESOLUTION);
        writer.u8(view.impression.as_newer());
        let (width, height) = written_size(template)?;
        writer.u16(width);
        writer.u16(height);
        let with_quality = template.minutiae.iter().any(|minutia| minutia.quality > 0);
        let ending = match view.ending {
            EndingPlace::ValleyFork => 0,
            EndingPlace::RidgeEnd => 1,
        };
        writer.u8(if with_quality { 0x60 } else { 0x50 } | ending);
        writer.u8(record::written_count(template)?);
        for minutia in &template.minutiae {
            minutiae::write(minutia, template, with_quality, LAYOUT, &mut writer)?;
        }
        record::write_extended(view, STYLE, &mut writer)?;
        writer.u32_length(start, start)?;
    }
    writer.u32_length(8, 0)?;
    Ok(writer.finish())
}

/// The qualities of a view; the template's own where nothing else is told.
fn qualities(view: &View) -> Result<Vec<Quality>, Error> {
    if !view.qualities.is_empty() {
        let known = |quality: &Quality| Quality {
            score: match quality.score {
                101..=253 => NOT_COMPUTED,
                score => score,
            },
            ..*quality
        };
        return Ok(view.qualities.iter().map(known).collect());
    }
    Ok(match view.score(NOT_COMPUTED)? {
        NOT_COMPUTED => Vec::new(),
        score => vec![Quality::of_score(score)],
    })
}

/// Decodes a record with all its views.
///
/// # Errors
/// [`Error::RecordFormat`] when it is no such record, [`Error::RecordTruncated`] when it ends in the midst of a view's
/// minutiae or before, [`Error::RecordField`] for minutiae of another length than five or six bytes.
pub fn decode(bytes: &[u8]) -> Result<Record, Error> {
    let mut fields = Fields::new(bytes);
    fields.version(&[VERSION])?;
    let length = fields.u32("length")?;
    let count = usize::from(fields.u16("number of views")?);
    let certified = fields.u8("certification flag")?;
    fields.expect(certified <= 1, Deviation::Reserved);
    let views = record::read_views(count, &mut fields, |fields, last| {
        read_view(certified == 1, last, fields)
    })?;
    fields.end(u64::from(length), bytes.len());
    Ok(Record {
        format: Format::Iso2011,
        product: None,
        views,
        deviations: fields.deviations,
    })
}

fn read_view(certified: bool, last: bool, fields: &mut Fields<'_>) -> Result<View, Error> {
    let start = fields.bytes;
    let length = fields.u32("length of a view")? as usize;
    let mut date = [0; 9];
    date.copy_from_slice(fields.take(9, "capture date")?);
    let captured = CaptureDate::of_bytes(date);
    fields.expect(captured.is_none_or(|date| date.is_valid()), Deviation::Date);
    let mut device = Device {
        technology: fields.u8("capture device")?,
        vendor: fields.u16("capture device")?,
        equipment: fields.u16("capture device")?,
        ..Device::default()
    };
    let mut qualities = Vec::new();
    for _ in 0..fields.u8("number of qualities")? {
        qualities.push(Quality {
            score: fields.u8("quality")?,
            owner: fields.u16("quality")?,
            algorithm: fields.u16("quality")?,
        });
    }
    if certified {
        for _ in 0..fields.u8("number of certificates")? {
            let certificate = (fields.u16("certificate")?, fields.u8("certificate")?);
            device.certificates.push(certificate);
        }
    }
    let finger = record::read_finger(fields)?;
    let number = fields.u8("view number")?;
    let resolution = (fields.u16("resolution")?, fields.u16("resolution")?);
    let impression = ImpressionType(fields.u8("impression type")?);
    fields.expect(impression.is_known(true), Deviation::ImpressionType);
    let size = (fields.u16("width")?, fields.u16("height")?);
    let frame = Frame::new(size, resolution, fields);
    let packed = fields.u8("length of a minutia")?;
    fields.expect(packed & 0x0F <= 1, Deviation::Reserved);
    let with_quality = match packed >> 4 {
        5 => false,
        6 => true,
        0 => {
            fields.note(Deviation::MinutiaLength);
            true
        }
        _ => return Err(Error::RecordField("length of a minutia")),
    };
    let count = record::read_count(if with_quality { 6 } else { 5 }, last, fields)?;
    let mut template = frame.read(count, with_quality, LAYOUT, fields)?;
    template.finger = finger;
    for (place, quality) in qualities.iter().enumerate() {
        let score = record::read_quality(quality.score, true, fields);
        if place == 0 {
            template.quality = score;
        }
    }
    let mut view = View::of(template);
    view.number = number;
    view.impression = impression;
    view.resolution = resolution;
    view.qualities = qualities;
    view.device = device;
    view.captured = captured;
    view.ending = match packed & 0x0F {
        1 => EndingPlace::RidgeEnd,
        _ => EndingPlace::ValleyFork,
    };
    record::read_extended(&mut view, &frame, last, STYLE, fields);
    let read = start.len() - fields.bytes.len();
    fields.expect(read == length, Deviation::ViewLength);
    // What a view has besides is passed over.
    if read < length
        && let Some(rest) = start.get(length..)
    {
        fields.bytes = rest;
    }
    Ok(view)
}
