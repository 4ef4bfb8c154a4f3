//! Extraction: from the image of a print to its minutiae.
//!
//! The stages, each in a file of its own: where the print is ([`segmentation`]), which way its ridges run
//! ([`orientation`]), how far apart they are ([`period`]); then, at the scale at which every print has ridges of one
//! period, filtering tuned to both ([`enhancement`]), lines one pixel
//! wide ([`skeleton`]), what in them is noise ([`filter_spurious`]), and what is left ([`minutiae`]). How far to trust
//! it is told by [`crate::quality`].

mod enhancement;
mod filter_spurious;
mod minutiae;
mod orientation;
mod period;
mod segmentation;
mod skeleton;

use std::ops::Range;

use negin_fingerprint::{CANONICAL_DPI, Image, Minutia, MinutiaKind, Template};

use crate::Error;
use crate::grid::Grid;
use crate::maths;
use crate::quality::{Assessment, Clarity, Features};
use period::Period;
use segmentation::Segmented;
use skeleton::Binary;

pub(crate) use orientation::Orientation;
pub(crate) use segmentation::{CELL, Mask};

/// Shortest side of an image in pixels at 500 dpi: 4 mm.
const LEAST_SIDE: u32 = 80;

/// The ridge period to which every print is brought, in pixels.
const CANONICAL_PERIOD: f32 = 7.0;

/// The smallest and the largest scale that a print is brought to.
const SCALES: (f32, f32) = (0.45, 1.5);

/// Fewest minutiae a template is made of.
const LEAST_MINUTIAE: usize = 4;

/// Most minutiae a template keeps, the best ones.
const MOST_MINUTIAE: usize = 100;

/// What was extracted from an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// The minutiae, best first; the finger is not known.
    pub template: Template,
    /// Quality of the impression, 0 (worst) to 100 (best): the assessment's score.
    pub quality: u8,
    /// What the quality comes from, and what to tell the person.
    pub assessment: Assessment,
}

/// What is known of a print before it is filtered, at 500 dpi.
pub(crate) struct Seen {
    /// Width and height of the whole image.
    pub size: (u32, u32),
    /// The part of it that everything here is about: columns and rows.
    pub part: (Range<usize>, Range<usize>),
    pub grey: Grid,
    pub normalized: Grid,
    pub mask: Mask,
    pub orientation: Orientation,
    pub period: Period,
}

/// What a stage made of a print, for who wants to look. All in the scale of one ridge period.
pub(crate) enum Stage<'a> {
    /// The image of one contrast, and where the print is.
    Segmentation {
        normalized: &'a Grid,
        mask: &'a Mask,
    },
    /// Which way the ridges run.
    Orientation {
        orientation: &'a Orientation,
        mask: &'a Mask,
        normalized: &'a Grid,
    },
    /// How far apart they are, over an image of this size.
    Period {
        period: &'a Period,
        mask: &'a Mask,
        width: usize,
        height: usize,
    },
    /// The image filtered along and across its ridges.
    Enhanced(&'a Grid),
    /// Ridges and valleys as repaired lines, in an image of this size.
    Skeleton {
        ridges: &'a Binary,
        valleys: &'a Binary,
        width: usize,
        height: usize,
    },
    /// The minutiae, and the ends of lines that are none.
    Minutiae {
        found: &'a [Minutia],
        removed: &'a [(usize, usize)],
        normalized: &'a Grid,
    },
}

/// Extracts the minutiae of a print.
///
/// # Errors
/// [`Error::TooSmall`] for an image below 4 mm a side, [`Error::Blank`] where there is no print,
/// [`Error::TooFewMinutiae`] where hardly any could be read, [`Error::Image`] where the image's resolution cannot be
/// brought to 500 dpi.
pub fn extract(image: &Image) -> Result<Extraction, Error> {
    run(image, None)
}

/// As [`extract`], with a look at every stage.
pub(crate) fn extract_in_stages(
    image: &Image,
    look: &mut dyn FnMut(Stage<'_>),
) -> Result<Extraction, Error> {
    run(image, Some(look))
}

/// The stages that come before the filter.
pub(crate) fn see(image: &Image) -> Result<Seen, Error> {
    let image = image.resample(CANONICAL_DPI)?;
    let (width, height) = (image.width(), image.height());
    if width.min(height) < LEAST_SIDE {
        return Err(Error::TooSmall { width, height });
    }
    let grey = Grid::of_bytes(width as usize, height as usize, image.pixels());
    let Segmented {
        columns,
        rows,
        normalized,
        mask,
    } = segmentation::segment(&grey)?;
    let orientation = orientation::estimate(&normalized, &mask, 1.2, &[2.5, 5.0, 10.0], 1.5);
    let period = period::estimate(&normalized, &mask, &orientation).ok_or(Error::Blank)?;
    Ok(Seen {
        size: (width, height),
        grey: grey.cropped(&columns, &rows),
        part: (columns, rows),
        normalized,
        mask,
        orientation,
        period,
    })
}

fn run(image: &Image, mut look: Option<&mut dyn FnMut(Stage<'_>)>) -> Result<Extraction, Error> {
    let seen = see(image)?;
    let features = Features::of(&seen);
    let Seen {
        size: (width, height),
        part: (columns, rows),
        normalized,
        mask,
        orientation: coarse,
        period,
        ..
    } = seen;

    // From here on every print has ridges of one period.
    let scale = (CANONICAL_PERIOD / period.median).clamp(SCALES.0, SCALES.1);
    let size = |side: usize| ((side as f32 * scale).round() as usize).max(1);
    let (wide, high) = (size(normalized.width()), size(normalized.height()));
    let normalized = &normalized.resample(scale, wide, high);
    let mask = &mask.resample(scale, wide, high);
    let coarse = coarse.resample(scale, mask.cells_wide(), mask.cells_high());
    let period = period.scaled(scale);

    let rough = enhancement::filter(normalized, mask, &coarse, &period);
    let fine = orientation::estimate(&rough.image, mask, 1.0, &[2.0, 4.0], 1.0);
    let filtered = enhancement::filter_again(rough, normalized, mask, &fine).image;
    if let Some(look) = &mut look {
        look(Stage::Segmentation { normalized, mask });
        look(Stage::Orientation {
            orientation: &fine,
            mask,
            normalized,
        });
        look(Stage::Period {
            period: &period,
            mask,
            width: wide,
            height: high,
        });
        look(Stage::Enhanced(&filtered));
    }
    let clarity = Clarity::new(normalized, &filtered, mask);

    // Outside the print it is 0.
    let ridges = Binary::of(&filtered, |value| value < 0.0);
    let valleys = mask.pixels(wide, high).without(&ridges);
    let lengths = filter_spurious::Lengths::of_period(period.median);
    let inner = mask.eroded((period.median / segmentation::CELL as f32).round() as usize);
    let context = minutiae::Context {
        mask,
        inner: &inner,
        orientation: &fine,
        clarity: &clarity,
        period: period.median,
    };
    let mut ends = Vec::new();
    let mut lines = |binary: &Binary| {
        let mut lines = skeleton::thin(binary);
        if look.is_some() {
            ends.extend(filter_spurious::ends(&lines));
        }
        filter_spurious::repair(&mut lines, lengths);
        lines
    };
    let (ridges, valleys) = (lines(&ridges), lines(&valleys));
    let mut found = minutiae::of_skeleton(&ridges, MinutiaKind::Ending, &context);
    found.extend(minutiae::of_skeleton(
        &valleys,
        MinutiaKind::Bifurcation,
        &context,
    ));
    let mut found = minutiae::without_contradictions(found, period.median);
    if let Some(look) = &mut look {
        look(Stage::Skeleton {
            ridges: &ridges,
            valleys: &valleys,
            width: wide,
            height: high,
        });
        let taken = |end: &(usize, usize)| {
            let (x, y) = (end.0 as f32, end.1 as f32);
            found.iter().any(|m| maths::length(m.x - x, m.y - y) < 2.0)
        };
        ends.retain(|end| !taken(end));
        look(Stage::Minutiae {
            found: &found,
            removed: &ends,
            normalized,
        });
    }
    if found.len() < LEAST_MINUTIAE {
        return Err(Error::TooFewMinutiae {
            found: found.len(),
            needed: LEAST_MINUTIAE,
        });
    }
    found.sort_by(|a, b| {
        b.quality
            .cmp(&a.quality)
            .then(a.y.total_cmp(&b.y))
            .then(a.x.total_cmp(&b.x))
    });
    found.truncate(MOST_MINUTIAE);
    for minutia in &mut found {
        minutia.x = columns.start as f32 + (minutia.x + 0.5) / scale - 0.5;
        minutia.y = rows.start as f32 + (minutia.y + 0.5) / scale - 0.5;
    }
    let assessment = Assessment::of_print(&features, clarity.mean(mask), &found);
    let quality = assessment.score;
    Ok(Extraction {
        template: Template::new(width, height, quality, found),
        quality,
        assessment,
    })
}
