//! The finger minutiae record of INCITS 378-2004 (`FMR`, version ` 20`).

use zeroize::Zeroizing;

use crate::record::fields::{Fields, Writer};
use crate::record::minutiae::{self, Frame, Layout};
use crate::record::{self, CANONICAL_RESOLUTION, Deviation, Device, Product, Quality, Style, View};
use crate::{Error, Format, Record};

/// The version as the standard has it, and as it is found besides.
pub(super) const VERSIONS: [&[u8; 4]; 2] = [b" 20\0", b"020\0"];
/// The word for a quality that is not known.
const NOT_COMPUTED: u8 = 254;
const LAYOUT: Layout = Layout {
    steps: 180,
    unknown: 0,
    special: true,
};
pub(super) const STYLE: Style = Style {
    whole_lengths: true,
    angles_with_number: true,
    zonal: false,
    layout: LAYOUT,
};

/// Encodes a record at 500 dpi. There is one image size for all views: none of them is larger.
///
/// # Errors
/// As [`crate::iso19794_2::encode`].
pub fn encode(record: &Record) -> Result<Zeroizing<Vec<u8>>, Error> {
    let device = record.views.first().map(|view| view.device.packed());
    encode_of_device(record, device.unwrap_or(0))
}

/// As [`encode`], with the scanner told apart from the views.
pub(super) fn encode_of_device(record: &Record, device: u16) -> Result<Zeroizing<Vec<u8>>, Error> {
    let views =
        u8::try_from(record.views.len()).map_err(|_| Error::RecordOverflow("number of views"))?;
    let mut body = Writer::with_room_for(record.views.iter());
    for (number, view) in record::numbers(&record.views) {
        write_view(number, view, &mut body)?;
    }
    let mut writer = Writer::with_room_for(record.views.iter());
    writer.bytes(record::MAGIC);
    writer.bytes(VERSIONS[0]);
    // 26 bytes with a length of two bytes; four more where these do not count so far.
    match u16::try_from(26 + body.len()) {
        Ok(length) => writer.u16(length),
        Err(_) => {
            writer.u16(0);
            let length = u32::try_from(30 + body.len());
            writer.u32(length.map_err(|_| Error::RecordOverflow("length"))?);
        }
    }
    let product = record::written_product(record);
    let (width, height) = record::common_size(record)?;
    for word in [
        product.owner,
        product.product,
        device,
        width,
        height,
        CANONICAL_RESOLUTION,
        CANONICAL_RESOLUTION,
    ] {
        writer.u16(word);
    }
    writer.bytes(&[views, 0]);
    writer.bytes(&body.finish());
    Ok(writer.finish())
}

fn write_view(number: usize, view: &View, writer: &mut Writer) -> Result<(), Error> {
    let template = &view.template;
    writer.u8(template.finger.code());
    writer.u8(record::packed_number(number, view)?);
    writer.u8(view.score(NOT_COMPUTED)?);
    writer.u8(record::written_count(template)?);
    for minutia in &template.minutiae {
        minutiae::write(minutia, template, true, LAYOUT, writer)?;
    }
    record::write_extended(view, STYLE, writer)
}

/// Decodes a record with all its views. The long form of the length and the version as some write it are taken.
///
/// # Errors
/// [`Error::RecordFormat`] when it is no such record, [`Error::RecordTruncated`] when it ends in the midst of a view's
/// minutiae or before.
pub fn decode(bytes: &[u8]) -> Result<Record, Error> {
    let mut fields = Fields::new(bytes);
    fields.version(&VERSIONS)?;
    let length = match fields.u16("length")? {
        0 => fields.u32("length")?,
        length => u32::from(length),
    };
    let product = Product {
        owner: fields.u16("product identifier")?,
        product: fields.u16("product identifier")?,
    };
    fields.expect(product.owner != 0, Deviation::Product);
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
        format: Format::Ansi2004,
        product: Some(product),
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
    template.quality = record::read_quality(score, true, fields);
    let mut view = View::of(template);
    view.number = number;
    view.impression = impression;
    view.resolution = frame.resolution;
    view.qualities = vec![Quality::of_score(score)];
    view.device = device.clone();
    record::read_extended(&mut view, frame, last, STYLE, fields);
    Ok(view)
}
