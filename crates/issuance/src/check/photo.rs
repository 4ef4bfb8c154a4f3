//! Whether the portrait is what the profile asks.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use super::duplicates::Picture;
use super::{PhotoReport, RecordReport, file};
use crate::fault::Fault;
use crate::order::Entry;
use crate::profile::{Photo, PhotoFormat, Profile};
use crate::record::Record;

/// Longest side of a portrait that is decoded, in pixels.
const MAX_SIDE: u32 = 8192;

/// Spread of grey values (0 to 255) below which a picture shows nothing.
const BLANK_SPREAD: f64 = 4.0;

pub(super) fn check(entry: &Entry, record: &Record, profile: &Profile, report: &mut RecordReport) {
    let name = entry.file_name(&record.photo);
    let bytes = match entry.read(&record.photo) {
        Ok(bytes) => bytes,
        Err(error) => return report.of_file(&name, Fault::unreadable(&error)),
    };
    match decode(&bytes, &profile.photo) {
        Err(fault) => report.of_file(&name, fault),
        Ok(picture) => {
            let photo = PhotoReport {
                width: picture.width(),
                height: picture.height(),
                bytes: bytes.len(),
            };
            for fault in judge(&picture, photo, &profile.photo) {
                report.of_file(&name, fault);
            }
            report
                .pictures
                .push(Picture::of_photo(&name, picture.as_bytes()));
            report.photo = Some(photo);
        }
    }
}

fn decode(bytes: &[u8], wanted: &Photo) -> Result<DynamicImage, Fault> {
    let damaged = |detail: String| Fault::PhotoDamaged { detail };
    let format = image::guess_format(bytes).ok();
    let taken = wanted.formats.iter().any(|taken| match taken {
        PhotoFormat::Jpeg => format == Some(ImageFormat::Jpeg),
    });
    if !taken {
        let known: Vec<&str> = wanted.formats.iter().map(|format| format.name()).collect();
        return Err(Fault::PhotoFormat {
            known: known.join(", "),
        });
    }
    if file::ends_early(bytes) {
        return Err(damaged("the file ends before the picture does".to_owned()));
    }
    let mut reader = ImageReader::new(Cursor::new(bytes));
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    if let Some(format) = format {
        reader.set_format(format);
    }
    reader.decode().map_err(|error| damaged(error.to_string()))
}

fn judge(picture: &DynamicImage, photo: PhotoReport, wanted: &Photo) -> Vec<Fault> {
    let mut faults = Vec::new();
    let PhotoReport {
        width,
        height,
        bytes,
    } = photo;
    if width < wanted.min_width || height < wanted.min_height {
        faults.push(Fault::PhotoTooSmall {
            width,
            height,
            min_width: wanted.min_width,
            min_height: wanted.min_height,
        });
    }
    if bytes > wanted.max_bytes {
        faults.push(Fault::PhotoTooLarge {
            bytes,
            max: wanted.max_bytes,
        });
    }
    let aspect = f64::from(width) / f64::from(height.max(1));
    if !(wanted.min_aspect..=wanted.max_aspect).contains(&aspect) {
        faults.push(Fault::PhotoAspect {
            aspect: format!("{aspect:.2}"),
            min: format!("{:.2}", wanted.min_aspect),
            max: format!("{:.2}", wanted.max_aspect),
        });
    }
    if spread(picture.to_luma8().as_raw()) < BLANK_SPREAD {
        faults.push(Fault::PhotoBlank {});
    }
    faults
}

/// Standard deviation of grey values; 0 for none.
pub(super) fn spread(pixels: &[u8]) -> f64 {
    let mut histogram = [0_u64; 256];
    for pixel in pixels {
        if let Some(count) = histogram.get_mut(usize::from(*pixel)) {
            *count += 1;
        }
    }
    let mut count = 0.0;
    let mut sum = 0.0;
    let mut squares = 0.0;
    for (value, times) in (0_u32..).zip(histogram) {
        let (value, times) = (f64::from(value), times as f64);
        count += times;
        sum += value * times;
        squares += value * value * times;
    }
    if count == 0.0 {
        return 0.0;
    }
    let mean = sum / count;
    (squares / count - mean * mean).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_is_the_standard_deviation() {
        assert_eq!(spread(&[]), 0.0);
        assert_eq!(spread(&[7; 100]), 0.0);
        assert_eq!(spread(&[0, 255]), 127.5);
        assert!((spread(&[2, 4, 4, 4, 5, 5, 7, 9]) - 2.0).abs() < 1e-9);
    }
}
