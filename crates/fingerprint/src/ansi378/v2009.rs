//! The finger minutiae record of INCITS 378-2009 (`FMR`, version `030`) and of its first amendment (`035`).
//!
//! Each view has its own image size and resolution, and says who judged its quality.

use zeroize::Zeroizing;

use crate::record::fields::{Fields, Writer};
use crate::record::minutiae::{self, Frame, Layout, written_size};
use crate::record::{
    self, CANONICAL_RESOLUTION, Deviation, Device, ImpressionType, Product, Quality, Style, View,
};
use crate::{Error, Format, Record};

const VERSION: &[u8; 4] = b"030\0";
const AMENDED: &[u8; 4] = b"035\0";
/// The word for a quality that is not known.
const NOT_COMPUTED: u8 = 254;
const LAYOUT: Layout = Layout {
    steps: 180,
    unknown: NOT_COMPUTED,
    special: true,
};
const STYLE: Style = Style {
    layout: LAYOUT,
    ..super::v2004::STYLE
};

/// Encodes a record at 500 dpi.
///
/// # Errors
/// As [`crate::iso19794_2::encode`].
pub fn encode(record: &Record) -> Result<Zeroizing<Vec<u8>>, Error> {
    let views =
        u8::try_from(record.views.len()).map_err(|_| Error::RecordOverflow("number of views"))?;
    let mut writer = Writer::with_room_for(record.views.iter());
    writer.bytes(record::MAGIC);
    writer.bytes(VERSION);
    writer.u32(0);
    let product = record::written_product(record);
    writer.u16(product.owner);
    writer.u16(product.product);
    let device = record.views.first().map(|view| &view.device);
    writer.u8(device.map_or(0, |device| device.compliance << 4));
    writer.u16(device.map_or(0, |device| device.equipment));
    writer.bytes(&[views, 0]);
    for (number, view) in record::numbers(&record.views) {
        let template = &view.template;
        let number = u8::try_from(number).map_err(|_| Error::RecordOverflow("number of views"))?;
        let impression = view.impression.as_newer();
        writer.bytes(&[template.finger.code(), number, impression]);
        writer.u8(view.score(NOT_COMPUTED)?);
        let judge = view.qualities.first().filter(|quality| quality.owner != 0);
        let unknown = Product::default();
        writer.u16(judge.map_or(unknown.owner, |quality| quality.owner));
        writer.u16(judge.map_or(unknown.product, |quality| quality.algorithm));
        let (width, height) = written_size(template)?;
        for word in [width, height, CANONICAL_RESOLUTION, CANONICAL_RESOLUTION] {
            writer.u16(word);
        }
        writer.u8(record::written_count(template)?);
        for minutia in &template.minutiae {
            minutiae::write(minutia, template, true, LAYOUT, &mut writer)?;
        }
        record::write_extended(view, STYLE, &mut writer)?;
    }
    writer.u32_length(8, 0)?;
    Ok(writer.finish())
}

/// Decodes a record with all its views; one of the first amendment, too.
///
/// # Errors
/// [`Error::RecordFormat`] when it is no such record, [`Error::RecordTruncated`] when it ends in the midst of a view's
/// minutiae or before.
pub fn decode(bytes: &[u8]) -> Result<Record, Error> {
    let mut fields = Fields::new(bytes);
    let version = if bytes.get(4..8) == Some(AMENDED) {
        AMENDED
    } else {
        VERSION
    };
    fields.version(&[version])?;
    let length = fields.u32("length")?;
    let product = Product {
        owner: fields.u16("product identifier")?,
        product: fields.u16("product identifier")?,
    };
    fields.expect(product.owner != 0, Deviation::Product);
    let compliance = fields.u8("capture equipment")?;
    fields.expect(compliance & 0x0F == 0, Deviation::Reserved);
    let device = Device {
        compliance: compliance >> 4,
        equipment: fields.u16("capture equipment")?,
        ..Device::default()
    };
    let count = usize::from(fields.u8("number of views")?);
    let reserved = fields.u8("header")?;
    fields.expect(reserved == 0, Deviation::Reserved);
    let views = record::read_views(count, &mut fields, |fields, last| {
        read_view(&device, last, fields)
    })?;
    record::check_numbers(&views, &mut fields);
    fields.end(u64::from(length), bytes.len());
    Ok(Record {
        format: Format::Ansi2009,
        product: Some(product),
        views,
        deviations: fields.deviations,
    })
}

fn read_view(device: &Device, last: bool, fields: &mut Fields<'_>) -> Result<View, Error> {
    let finger = record::read_finger(fields)?;
    let number = fields.u8("view number")?;
    let impression = ImpressionType(fields.u8("impression type")?);
    fields.expect(impression.is_known(true), Deviation::ImpressionType);
    let quality = Quality {
        score: fields.u8("quality")?,
        owner: fields.u16("quality")?,
        algorithm: fields.u16("quality")?,
    };
    let size = (fields.u16("width")?, fields.u16("height")?);
    let resolution = (fields.u16("resolution")?, fields.u16("resolution")?);
    let frame = Frame::new(size, resolution, fields);
    let count = record::read_count(6, last, fields)?;
    let mut template = frame.read(count, true, LAYOUT, fields)?;
    template.finger = finger;
    template.quality = record::read_quality(quality.score, true, fields);
    let mut view = View::of(template);
    view.number = number;
    view.impression = impression;
    view.resolution = resolution;
    view.qualities = vec![quality];
    view.device = device.clone();
    record::read_extended(&mut view, &frame, last, STYLE, fields);
    Ok(view)
}
