//! The extended data of a view: ridge counts, cores and deltas, and areas of other kinds.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::fields::{Fields, Writer};
use super::minutiae::{Frame, Layout, MAX_COORDINATE, written_point};
use super::{CANONICAL_RESOLUTION, Deviation, View};
use crate::Error;

const RIDGE_COUNTS: u16 = 1;
const SINGULAR_POINTS: u16 = 2;
/// Quality by cells, in pixels of the image (ISO/IEC 19794-2 only).
const ZONAL_QUALITY: u16 = 3;
/// In a coordinate or a count: angles follow.
const ANGULAR: u8 = 0x40;

/// Ridges between two minutiae.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct RidgeCount {
    /// Index of the one, as written.
    pub from: u8,
    /// Index of the other, as written.
    pub to: u8,
    /// Ridges between them.
    pub count: u8,
}

/// The ridge counts of a view.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RidgeCounts {
    /// To which neighbours they are: 0 not told, 1 one in each quarter, 2 one in each eighth.
    pub method: u8,
    /// The counts.
    pub counts: Vec<RidgeCount>,
}

/// Where ridges turn back, in pixels at 500 dpi.
#[derive(Clone, Copy, PartialEq, Default)]
pub struct Core {
    /// Pixels at 500 dpi from the left edge.
    pub x: f32,
    /// Pixels at 500 dpi from the upper edge.
    pub y: f32,
    /// Radians, counter-clockwise from the positive x axis.
    pub angle: Option<f32>,
}

/// Where ridges part three ways, in pixels at 500 dpi.
#[derive(Clone, Copy, PartialEq, Default)]
pub struct Delta {
    /// Pixels at 500 dpi from the left edge.
    pub x: f32,
    /// Pixels at 500 dpi from the upper edge.
    pub y: f32,
    /// Radians of the three ways, counter-clockwise from the positive x axis.
    pub angles: Option<[f32; 3]>,
}

/// Cores and deltas of a view.
#[derive(Clone, PartialEq, Default)]
pub struct SingularPoints {
    /// The cores, at most 15.
    pub cores: Vec<Core>,
    /// The deltas, at most 15.
    pub deltas: Vec<Delta>,
}

/// An area that is not interpreted.
#[derive(Clone, PartialEq, Eq)]
pub struct Area {
    /// Its type code.
    pub kind: u16,
    /// Its content.
    pub content: Zeroizing<Vec<u8>>,
}

/// The extended data of a view; wiped when dropped, `Debug` shows sizes only.
#[derive(Clone, PartialEq, Default)]
pub struct Extended {
    /// Ridge counts.
    pub ridge_counts: Option<RidgeCounts>,
    /// Cores and deltas.
    pub singular_points: Option<SingularPoints>,
    /// Areas of other kinds: zonal quality, vendors' own, and those that are malformed.
    pub areas: Vec<Area>,
}

impl Extended {
    /// More bytes than they take when written.
    pub(crate) fn room(&self) -> usize {
        let counts = self.ridge_counts.as_ref().map_or(0, |it| it.counts.len());
        let areas: usize = self.areas.iter().map(|area| 4 + area.content.len()).sum();
        256 + 3 * counts + areas
    }
}

impl Drop for Extended {
    fn drop(&mut self) {
        for count in self.ridge_counts.iter_mut().flat_map(|it| &mut it.counts) {
            for byte in [&mut count.from, &mut count.to, &mut count.count] {
                byte.zeroize();
            }
        }
        if let Some(points) = &mut self.singular_points {
            for core in &mut points.cores {
                core.x.zeroize();
                core.y.zeroize();
                core.angle.zeroize();
            }
            for delta in &mut points.deltas {
                delta.x.zeroize();
                delta.y.zeroize();
                delta.angles.zeroize();
            }
        }
    }
}

impl ZeroizeOnDrop for Extended {}

impl fmt::Debug for Extended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.ridge_counts.as_ref().map_or(0, |it| it.counts.len());
        let points = self.singular_points.as_ref();
        f.debug_struct("Extended")
            .field("ridge_counts", &counts)
            .field("cores", &points.map_or(0, |it| it.cores.len()))
            .field("deltas", &points.map_or(0, |it| it.deltas.len()))
            .field("areas", &self.areas.len())
            .finish()
    }
}

/// In what the standards differ.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// Whether an area's length counts its type and length fields.
    pub whole_lengths: bool,
    /// Whether angles are told with the number of points instead of at each point.
    pub angles_with_number: bool,
    /// Whether type 3 is quality by cells.
    pub zonal: bool,
    pub layout: Layout,
}

/// Reads the block; nothing where it is missing.
pub(crate) fn read(
    view: &mut View,
    frame: &Frame,
    last: bool,
    style: Style,
    fields: &mut Fields<'_>,
) {
    let Some((length, rest)) = fields.bytes.split_first_chunk::<2>() else {
        fields.note(Deviation::ExtendedMissing);
        if last {
            fields.bytes = &[];
        }
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    let block = rest.get(..length).unwrap_or(rest);
    let areas = areas(block, style.whole_lengths)
        .filter(|_| block.len() == length)
        .map(|areas| (areas, true))
        .or_else(|| Some((self::areas(block, !style.whole_lengths)?, false)));
    // Where another view follows, a block that is none is the next view's beginning.
    if !last && (block.len() < length || areas.is_none()) {
        fields.note(Deviation::ExtendedMissing);
        return;
    }
    fields.bytes = rest.get(length..).unwrap_or_default();
    let Some((areas, regular)) = areas else {
        fields.note(Deviation::ExtendedLength);
        return;
    };
    fields.expect(regular, Deviation::ExtendedLength);
    for (kind, content) in areas {
        read_area(view, kind, content, frame, style, fields);
    }
}

/// The areas of a block, where their lengths fill it.
fn areas(block: &[u8], whole_lengths: bool) -> Option<Vec<(u16, &[u8])>> {
    let mut areas = Vec::new();
    let mut fields = Fields::new(block);
    while !fields.bytes.is_empty() {
        let (kind, length) = (fields.u16("area").ok()?, fields.u16("area").ok()?);
        let header = if whole_lengths { 4 } else { 0 };
        let content = usize::from(length).checked_sub(header)?;
        areas.push((kind, fields.take(content, "area").ok()?));
    }
    Some(areas)
}

fn read_area(
    view: &mut View,
    kind: u16,
    content: &[u8],
    frame: &Frame,
    style: Style,
    fields: &mut Fields<'_>,
) {
    let extended = &mut view.extended;
    if kind == RIDGE_COUNTS && extended.ridge_counts.is_none() {
        if let Some((&method, counts)) = content.split_first() {
            let (counts, left) = counts.as_chunks::<3>();
            fields.expect(left.is_empty() && method <= 2, Deviation::ExtendedArea);
            let counts: Vec<RidgeCount> = counts
                .iter()
                .map(|&[from, to, count]| RidgeCount { from, to, count })
                .collect();
            let minutiae = view.template.minutiae.len();
            let known = |it: &RidgeCount| usize::from(it.from.max(it.to)) <= minutiae;
            let known = counts.iter().all(known);
            fields.expect(known, Deviation::RidgeCount);
            extended.ridge_counts = Some(RidgeCounts { method, counts });
            return;
        }
    } else if kind == SINGULAR_POINTS && extended.singular_points.is_none() {
        let mut points = Fields::new(content);
        if let Ok(found) = singular_points(&mut points, frame, style) {
            points
                .deviations
                .iter()
                .for_each(|&deviation| fields.note(deviation));
            fields.expect(points.bytes.is_empty(), Deviation::ExtendedArea);
            extended.singular_points = Some(found);
            return;
        }
    }
    let expected = kind >> 8 != 0 || style.zonal && kind == ZONAL_QUALITY;
    fields.expect(expected, Deviation::ExtendedArea);
    extended.areas.push(Area {
        kind,
        content: Zeroizing::new(content.to_vec()),
    });
}

fn singular_points(
    fields: &mut Fields<'_>,
    frame: &Frame,
    style: Style,
) -> Result<SingularPoints, Error> {
    let mut points = SingularPoints::default();
    for deltas in [false, true] {
        let number = fields.u8("number of points")?;
        let reserved = if style.angles_with_number { 0xB0 } else { 0xF0 };
        fields.expect(number & reserved == 0, Deviation::Reserved);
        for _ in 0..number & 0x0F {
            let (x, y) = (fields.u16("point")?, fields.u16("point")?);
            let flags = if style.angles_with_number {
                fields.expect(x & !MAX_COORDINATE == 0, Deviation::Reserved);
                number
            } else {
                fields.expect(x & 0x8000 == 0, Deviation::Reserved);
                (x >> 8) as u8
            };
            fields.expect(y & !MAX_COORDINATE == 0, Deviation::Reserved);
            let angular = flags & ANGULAR != 0;
            let mut angle = || {
                let steps = fields.u8("angle")?;
                Ok::<f32, Error>(style.layout.angle(steps, fields))
            };
            let (x, y) = frame.point(x, y);
            if deltas {
                let angles = match angular {
                    true => Some([angle()?, angle()?, angle()?]),
                    false => None,
                };
                points.deltas.push(Delta { x, y, angles });
            } else {
                let angle = match angular {
                    true => Some(angle()?),
                    false => None,
                };
                points.cores.push(Core { x, y, angle });
            }
        }
    }
    Ok(points)
}

/// Writes the block of a view.
///
/// # Errors
/// [`Error::RecordOverflow`] for more than 15 cores or deltas, one outside the image, or more bytes than lengths count.
pub(crate) fn write(view: &View, style: Style, writer: &mut Writer) -> Result<(), Error> {
    let start = writer.len();
    writer.u16(0);
    let extended = &view.extended;
    if let Some(counts) = &extended.ridge_counts {
        write_area(RIDGE_COUNTS, style, writer, |writer| {
            writer.u8(Some(counts.method).filter(|it| *it <= 2).unwrap_or(0));
            let minutiae = view.template.minutiae.len();
            let known = |it: &&RidgeCount| usize::from(it.from.max(it.to)) <= minutiae;
            for it in counts.counts.iter().filter(known) {
                writer.bytes(&[it.from, it.to, it.count]);
            }
            Ok(())
        })?;
    }
    if let Some(points) = &extended.singular_points {
        write_area(SINGULAR_POINTS, style, writer, |writer| {
            let cores = points.cores.iter().map(|core| {
                let angles = core.angle.as_ref().map(std::slice::from_ref);
                (core.x, core.y, angles)
            });
            write_points(cores.collect(), view, style, writer)?;
            let deltas = points.deltas.iter().map(|delta| {
                let angles = delta.angles.as_ref().map(|angles| &angles[..]);
                (delta.x, delta.y, angles)
            });
            write_points(deltas.collect(), view, style, writer)
        })?;
    }
    // Cells are counted in the pixels of the image as it was.
    let canonical = view.resolution == (CANONICAL_RESOLUTION, CANONICAL_RESOLUTION);
    let kept = |area: &&Area| match area.kind {
        ZONAL_QUALITY => style.zonal && canonical,
        kind => kind >> 8 != 0,
    };
    for area in extended.areas.iter().filter(kept) {
        write_area(area.kind, style, writer, |writer| {
            writer.bytes(&area.content);
            Ok(())
        })?;
    }
    writer.u16_length(start, start + 2)
}

fn write_area(
    kind: u16,
    style: Style,
    writer: &mut Writer,
    content: impl FnOnce(&mut Writer) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = writer.len();
    writer.u16(kind);
    writer.u16(0);
    content(writer)?;
    let from = if style.whole_lengths {
        start
    } else {
        start + 4
    };
    writer.u16_length(start + 2, from)
}

type Point<'a> = (f32, f32, Option<&'a [f32]>);

fn write_points(
    points: Vec<Point<'_>>,
    view: &View,
    style: Style,
    writer: &mut Writer,
) -> Result<(), Error> {
    let number = u8::try_from(points.len())
        .ok()
        .filter(|number| *number <= 15)
        .ok_or(Error::RecordOverflow("number of cores and deltas"))?;
    // Where angles are told with the number, all points have them or none.
    let all = !points.is_empty() && points.iter().all(|(_, _, angles)| angles.is_some());
    let with_number = style.angles_with_number && all;
    writer.u8(number | if with_number { ANGULAR } else { 0 });
    let size = (view.template.width, view.template.height);
    for (x, y, angles) in points {
        let angles = angles.filter(|_| !style.angles_with_number || all);
        let (x, y) = written_point((x, y), size)?;
        let flag = !style.angles_with_number && angles.is_some();
        writer.u16(x | if flag { u16::from(ANGULAR) << 8 } else { 0 });
        writer.u16(y);
        for angle in angles.into_iter().flatten() {
            writer.u8(style.layout.step(*angle));
        }
    }
    Ok(())
}
