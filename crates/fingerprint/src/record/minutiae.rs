//! The five or six bytes of a minutia, the same in all four standards but for the steps of an angle and the word for a
//! quality that is not known.

use std::f32::consts::TAU;

use super::fields::{Fields, Writer};
use super::{CANONICAL_RESOLUTION, Deviation};
use crate::{Error, Minutia, MinutiaKind, Template, normalize_angle};

/// Coordinates have 14 bits.
pub(crate) const MAX_COORDINATE: u16 = 0x3FFF;

/// In what the standards differ.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    /// Steps of an angle in a full turn.
    pub steps: u16,
    /// The quality that says that none is known.
    pub unknown: u8,
    /// Whether 254 and 255 are words for such qualities in reading.
    pub special: bool,
}

impl Layout {
    /// The angle of so many steps, in radians.
    pub(crate) fn angle(self, steps: u8, fields: &mut Fields<'_>) -> f32 {
        let steps = u16::from(steps);
        fields.expect(steps < self.steps, Deviation::Angle);
        f32::from(steps % self.steps) * TAU / f32::from(self.steps)
    }

    /// The nearest step to an angle in radians.
    pub(crate) fn step(self, angle: f32) -> u8 {
        let steps = (normalize_angle(angle) / TAU * f32::from(self.steps)).round();
        (steps as u16 % self.steps) as u8
    }

    /// The quality as templates have it: 0 where none is known.
    fn quality(self, written: u8, fields: &mut Fields<'_>) -> u8 {
        match written {
            0..=100 => written,
            254 | 255 if self.special => 0,
            _ => {
                fields.note(Deviation::Quality);
                0
            }
        }
    }
}

/// Size and resolution of the image, as written, and what a pixel of it is at 500 dpi.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub size: (u16, u16),
    pub resolution: (u16, u16),
    scale: (f32, f32),
}

impl Frame {
    pub(crate) fn new(size: (u16, u16), resolution: (u16, u16), fields: &mut Fields<'_>) -> Self {
        let mut scale = |resolution: u16| match resolution {
            CANONICAL_RESOLUTION => 1.0,
            0 => {
                fields.note(Deviation::Resolution);
                1.0
            }
            // No scanner has 1,270 dots an inch.
            500 => {
                fields.note(Deviation::ResolutionPerInch);
                1.0
            }
            other => 500.0 / (f32::from(other) * 2.54),
        };
        let scale = (scale(resolution.0), scale(resolution.1));
        fields.expect(size.0 > 0 && size.1 > 0, Deviation::ImageSize);
        Self {
            size,
            resolution,
            scale,
        }
    }

    /// A point of 14-bit coordinates, at 500 dpi.
    pub(crate) fn point(&self, x: u16, y: u16) -> (f32, f32) {
        let (x, y) = (x & MAX_COORDINATE, y & MAX_COORDINATE);
        (f32::from(x) * self.scale.0, f32::from(y) * self.scale.1)
    }

    /// Reads `count` minutiae, each with a quality or without, into a template of this image.
    pub(crate) fn read(
        &self,
        count: usize,
        with_quality: bool,
        layout: Layout,
        fields: &mut Fields<'_>,
    ) -> Result<Template, Error> {
        let mut template = Template::new(0, 0, 0, Vec::with_capacity(count));
        let mut size = self.size;
        for _ in 0..count {
            let (x, y) = (fields.u16("minutiae")?, fields.u16("minutiae")?);
            let angle = fields.u8("minutiae")?;
            let quality = if with_quality {
                fields.u8("minutiae")?
            } else {
                layout.unknown
            };
            let kind = MinutiaKind::from_code((x >> 14) as u8);
            fields.expect(kind.is_some(), Deviation::MinutiaKind);
            fields.expect(y & !MAX_COORDINATE == 0, Deviation::Reserved);
            size.0 = size.0.max((x & MAX_COORDINATE) + 1);
            size.1 = size.1.max((y & MAX_COORDINATE) + 1);
            let at = self.point(x, y);
            template.minutiae.push(Minutia {
                x: at.0,
                y: at.1,
                angle: layout.angle(angle, fields),
                kind: kind.unwrap_or_default(),
                quality: layout.quality(quality, fields),
            });
        }
        fields.expect(
            size == self.size || self.size.0.min(self.size.1) == 0,
            Deviation::MinutiaOutside,
        );
        let side = |side: u16, scale: f32| (f32::from(side) * scale).round() as u32;
        template.width = side(size.0, self.scale.0);
        template.height = side(size.1, self.scale.1);
        Ok(template)
    }
}

/// The size of a template's image in pixels, as records hold it.
pub(crate) fn written_size(template: &Template) -> Result<(u16, u16), Error> {
    let side = |side: u32| match u16::try_from(side) {
        Ok(side @ 1..) => Ok(side),
        _ => Err(Error::RecordOverflow("image size")),
    };
    Ok((side(template.width)?, side(template.height)?))
}

/// The place of a point on an image of this size.
///
/// # Errors
/// [`Error::RecordOverflow`] when it lies outside.
pub(crate) fn written_point(
    (x, y): (f32, f32),
    (width, height): (u32, u32),
) -> Result<(u16, u16), Error> {
    let coordinate = |value: f32, side: u32| {
        let limit = (side.min(u32::from(MAX_COORDINATE) + 1) as f32 - 1.0).max(0.0);
        // The last pixel reaches to the edge.
        if !(-0.5..=limit + 1.0).contains(&value) {
            return Err(Error::RecordOverflow("position of a minutia"));
        }
        Ok(value.round().clamp(0.0, limit) as u16)
    };
    Ok((coordinate(x, width)?, coordinate(y, height)?))
}

/// Writes one minutia, with its quality or without.
pub(crate) fn write(
    minutia: &Minutia,
    template: &Template,
    with_quality: bool,
    layout: Layout,
    writer: &mut Writer,
) -> Result<(), Error> {
    let (x, y) = written_point((minutia.x, minutia.y), (template.width, template.height))?;
    writer.u16(x | u16::from(minutia.kind.code()) << 14);
    writer.u16(y);
    writer.u8(layout.step(minutia.angle));
    match minutia.quality {
        _ if !with_quality => {}
        0 => writer.u8(layout.unknown),
        quality @ 1..=100 => writer.u8(quality),
        _ => return Err(Error::RecordField("quality of a minutia")),
    }
    Ok(())
}
