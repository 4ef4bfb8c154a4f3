//! The finger minutiae record of ISO/IEC 19794-2:2005, clause 7 (`FMR`, version ` 20`).

use zeroize::Zeroizing;

use crate::record::fields::{Fields, Writer};
use crate::record::minutiae::{self, Frame, Layout};
use crate::record::{self, CANONICAL_RESOLUTION, Deviation, Device, Quality, Style, View};
use crate::{Error, Format, Record};

/// The version as the standard has it, and as it is found besides.
const VERSIONS: [&[u8; 4]; 2] = [b" 20\0", b"020\0"];
const LAYOUT: Layout = Layout {
    steps: 256,
    unknown: 0,
    special: false,
};
const STYLE: Style = Style {
    whole_lengths: false,
    angles_with_number: false,
    zonal: true,
    layout: LAYOUT,
};

/// Encodes a record at 500 dpi. There is one image size for all views: none of them is larger.
///
/// # Errors
/// [`Error::RecordOverflow`] for more than 255 minutiae in a view, 255 views or 16 of a finger, for an image that does
/// not fit 16 bits, or for what lies outside it; [`Error::RecordField`] for a quality above 100.
pub fn encode(record: &Record) -> Result<Zeroizing<Vec<u8>>, Error> {
    let views =
        u8::try_from(record.views.len()).map_err(|_| Error::RecordOverflow("number of views"))?;
    let mut writer = Writer::with_room_for(record.views.iter());
    writer.bytes(record::MAGIC);
    writer.bytes(VERSIONS[0]);
    writer.u32(0);
    let device = record.views.first().map(|view| view.device.packed());
    writer.u16(device.unwrap_or(0));
    let (width, height) = record::common_size(record)?;
    for word in [width, height, CANONICAL_RESOLUTION, CANONICAL_RESOLUTION] {
        writer.u16(word);
    }
    writer.bytes(&[views, 0]);
    for (number, view) in record::numbers(&record.views) {
        let template = &view.template;
        writer.u8(template.finger.code());
        writer.u8(record::packed_number(number, view)?);
        writer.u8(view.score(0)?);
        writer.u8(record::written_count(template)?);
        for minutia in &template.minutiae {
            minutiae::write(minutia, template, true, LAYOUT, &mut writer)?;
        }
        record::write_extended(view, STYLE, &mut writer)?;
    }
    writer.u32_length(8, 0)?;
    Ok(writer.finish())
}

/// Decodes a record with all its views.
///
/// # Errors
/// [`Error::RecordFormat`] when it is no such record, [`Error::RecordTruncated`] when it ends in the midst of a view's
/// minutiae or before.
pub fn decode(bytes: &[u8]) -> Result<Record, Error> {
    let mut fields = Fields::new(bytes);
    fields.version(&VERSIONS)?;
    let length = fields.u32("length")?;
    let device = Device::of_packed(fields.u16("capture equipment")?);
    let size = (fields.u16("width")?, fields.u16("height")?);
    let resolution = (fields.u16("resolution")?, fields.u16("resolution")?);
    let frame = Frame::new(size, resolution, &mut fields);
    let count = usize::from(fields.u8("number of views")?);
    let reserved = fields.u8("header")?;
    fields.expect(reserved == 0, Deviation::Reserved);
    let views = record::read_views(count, &mut fields, |fields, last| {
        read_view(&device, &frame, last, fields)
    })?;
    record::check_numbers(&views, &mut fields);
    fields.end(u64::from(length), bytes.len());
    Ok(Record {
        format: Format::Iso2005,
        product: None,
        views,
        deviations: fields.deviations,
    })
}

fn read_view(
    device: &Device,
    frame: &Frame,
    last: bool,
    fields: &mut Fields<'_>,
) -> Result<View, Error> {
    let finger = record::read_finger(fields)?;
    let (number, impression) = record::read_packed_number(fields)?;
    let score = fields.u8("quality")?;
    let count = record::read_count(6, last, fields)?;
    let mut template = frame.read(count, true, LAYOUT, fields)?;
    template.finger = finger;
    template.quality = record::read_quality(score, false, fields);
    let mut view = View::of(template);
    view.number = number;
    view.impression = impression;
    view.resolution = frame.resolution;
    view.qualities = vec![Quality::of_score(score)];
    view.device = device.clone();
    record::read_extended(&mut view, frame, last, STYLE, fields);
    Ok(view)
}
