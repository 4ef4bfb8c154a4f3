//! The image of a print: 8-bit grey, black ridges on white.

use std::fmt;
use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, Limits};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Error, resample};

/// The resolution everything is brought to, in dots an inch.
pub const CANONICAL_DPI: u16 = 500;

/// The longest side of an image that is taken, in pixels.
pub const MAX_SIDE: u32 = 8192;

/// An image of a finger: `width` × `height` bytes, row by row from the upper left, 0 black (ridge) to 255 white
/// (valley).
///
/// Wiped when dropped; `Debug` shows sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    dpi: u16,
    pixels: Vec<u8>,
}

impl Image {
    /// An image of the pixels given.
    ///
    /// # Errors
    /// [`Error::ImageExtent`] when a side is 0 or above [`MAX_SIDE`], [`Error::ImageSize`] when `pixels` is not
    /// `width * height` bytes, [`Error::ImageResolution`] outside 50 to 5,000 dpi. The pixels are wiped then.
    pub fn new(width: u32, height: u32, dpi: u16, pixels: Vec<u8>) -> Result<Self, Error> {
        let mut pixels = Zeroizing::new(pixels);
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return Err(Error::ImageExtent { width, height });
        }
        if !(50..=5000).contains(&dpi) {
            return Err(Error::ImageResolution(dpi));
        }
        let expected = width as usize * height as usize;
        if pixels.len() != expected {
            return Err(Error::ImageSize {
                width,
                height,
                expected,
                actual: pixels.len(),
            });
        }
        Ok(Self {
            width,
            height,
            dpi,
            pixels: std::mem::take(&mut *pixels),
        })
    }

    /// An image of raw bytes, one for each pixel, row by row.
    ///
    /// # Errors
    /// As [`Image::new`].
    pub fn from_raw(bytes: &[u8], width: u32, height: u32, dpi: u16) -> Result<Self, Error> {
        Self::new(width, height, dpi, bytes.to_vec())
    }

    /// Decodes a PNG, TIFF, BMP, PGM or JPEG file of the resolution given. Sixteen-bit grey is cut to eight,
    /// colour is turned to grey.
    ///
    /// # Errors
    /// [`Error::ImageFormat`] when the bytes are no such file or stop short, [`Error::ImageExtent`] when it is
    /// too large, [`Error::ImageResolution`] as [`Image::new`].
    pub fn decode(bytes: &[u8], dpi: u16) -> Result<Self, Error> {
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|error| Error::ImageFormat(error.to_string()))?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        reader.limits(limits);
        let decoded = reader
            .decode()
            .map_err(|error| Error::ImageFormat(error.to_string()))?;
        let (width, height) = (decoded.width(), decoded.height());
        Self::new(width, height, dpi, into_grey(decoded))
    }

    /// Reads and decodes a file; see [`Image::decode`].
    ///
    /// # Errors
    /// [`Error::ImageFile`] when it cannot be read, else as [`Image::decode`].
    pub fn open(path: impl AsRef<Path>, dpi: u16) -> Result<Self, Error> {
        let bytes = Zeroizing::new(
            std::fs::read(path).map_err(|error| Error::ImageFile(error.to_string()))?,
        );
        Self::decode(&bytes, dpi)
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Resolution in dots an inch.
    pub fn dpi(&self) -> u16 {
        self.dpi
    }

    /// The pixels, row by row from the upper left.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The image at another resolution; the same image when it has that resolution already.
    ///
    /// # Errors
    /// [`Error::ImageResolution`] and [`Error::ImageExtent`] as [`Image::new`].
    pub fn resample(&self, dpi: u16) -> Result<Self, Error> {
        if dpi == self.dpi {
            return Ok(self.clone());
        }
        if !(50..=5000).contains(&dpi) {
            return Err(Error::ImageResolution(dpi));
        }
        let scaled = |side: u32| {
            (u64::from(side) * u64::from(dpi))
                .div_ceil(u64::from(self.dpi))
                .max(1)
        };
        let (width, height) = (scaled(self.width), scaled(self.height));
        let extent = |side: u64| u32::try_from(side).unwrap_or(u32::MAX);
        if width > u64::from(MAX_SIDE) || height > u64::from(MAX_SIDE) {
            return Err(Error::ImageExtent {
                width: extent(width),
                height: extent(height),
            });
        }
        let ratio = f32::from(self.dpi) / f32::from(dpi);
        let pixels = resample::resample(
            &self.pixels,
            (self.width as usize, self.height as usize),
            (width as usize, height as usize),
            ratio,
        );
        Self::new(extent(width), extent(height), dpi, pixels)
    }

    /// The image as a PNG file.
    ///
    /// # Errors
    /// [`Error::ImageWrite`] when the encoder fails.
    pub fn to_png(&self) -> Result<Vec<u8>, Error> {
        let grey = GrayImage::from_raw(self.width, self.height, self.pixels.clone())
            .ok_or_else(|| Error::ImageWrite("size".into()))?;
        let mut png = Vec::new();
        let written = grey.write_to(&mut Cursor::new(&mut png), ImageFormat::Png);
        grey.into_raw().zeroize();
        written.map_err(|error| Error::ImageWrite(error.to_string()))?;
        Ok(png)
    }

    /// Writes the image as a PNG file.
    ///
    /// # Errors
    /// [`Error::ImageWrite`] when the encoder or the file system fails.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let png = Zeroizing::new(self.to_png()?);
        std::fs::write(path, &*png).map_err(|error| Error::ImageWrite(error.to_string()))
    }
}

/// The pixels as 8-bit grey; the decoder's own buffer is wiped where a copy was made.
fn into_grey(decoded: DynamicImage) -> Vec<u8> {
    match decoded {
        DynamicImage::ImageLuma8(grey) => grey.into_raw(),
        other => {
            let grey = other.to_luma8().into_raw();
            match other {
                DynamicImage::ImageLuma16(image) => image.into_raw().zeroize(),
                DynamicImage::ImageLumaA8(image) => image.into_raw().zeroize(),
                DynamicImage::ImageLumaA16(image) => image.into_raw().zeroize(),
                DynamicImage::ImageRgb8(image) => image.into_raw().zeroize(),
                DynamicImage::ImageRgba8(image) => image.into_raw().zeroize(),
                DynamicImage::ImageRgb16(image) => image.into_raw().zeroize(),
                DynamicImage::ImageRgba16(image) => image.into_raw().zeroize(),
                _ => {}
            }
            grey
        }
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({}x{}, {} dpi)", self.width, self.height, self.dpi)
    }
}

impl Zeroize for Image {
    fn zeroize(&mut self) {
        self.pixels.zeroize();
        self.width = 0;
        self.height = 0;
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Image {}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: u32, height: u32) -> Vec<u8> {
        (0..width * height).map(|i| (i % 251) as u8).collect()
    }

    #[test]
    fn size_must_fit_the_pixels() {
        assert!(Image::new(4, 4, 500, vec![0; 16]).is_ok());
        let short = Image::new(4, 4, 500, vec![0; 15]).expect_err("one byte is missing");
        assert_eq!(
            short,
            Error::ImageSize {
                width: 4,
                height: 4,
                expected: 16,
                actual: 15
            }
        );
        assert_eq!(
            Image::new(0, 4, 500, vec![]).expect_err("empty").key(),
            "fingerprint.image-extent"
        );
        assert_eq!(
            Image::new(1, 1, 10, vec![0]).expect_err("coarse").key(),
            "fingerprint.image-resolution"
        );
    }

    #[test]
    fn png_comes_back_as_it_went() {
        let image = Image::new(13, 7, 500, ramp(13, 7)).expect("valid");
        let png = image.to_png().expect("encodes");
        assert_eq!(Image::decode(&png, 500).expect("decodes"), image);
        for cut in [0, 8, png.len() / 2] {
            let error = Image::decode(&png[..cut], 500).expect_err("truncated");
            assert_eq!(error.key(), "fingerprint.image-format");
        }
    }

    #[test]
    fn pgm_bmp_and_tiff_are_read() {
        let grey = GrayImage::from_raw(13, 7, ramp(13, 7)).expect("valid");
        for format in [ImageFormat::Pnm, ImageFormat::Bmp, ImageFormat::Tiff] {
            let mut bytes = Vec::new();
            grey.write_to(&mut Cursor::new(&mut bytes), format)
                .expect("encodes");
            let image = Image::decode(&bytes, 500).expect("decodes");
            assert_eq!(image.pixels(), &ramp(13, 7)[..], "{format:?}");
        }
    }

    #[test]
    fn resampling_keeps_a_flat_image_flat_and_scales_the_size() {
        let image = Image::new(100, 50, 1000, vec![77; 5000]).expect("valid");
        let half = image.resample(500).expect("resamples");
        assert_eq!((half.width(), half.height(), half.dpi()), (50, 25, 500));
        assert!(half.pixels().iter().all(|&p| p == 77));
        let back = half.resample(1000).expect("resamples");
        assert_eq!((back.width(), back.height()), (100, 50));
        let dot = Image::new(1, 1, 500, vec![9]).expect("valid");
        assert_eq!(dot.resample(333).expect("resamples").pixels(), &[9]);
    }

    #[test]
    fn debug_shows_no_pixel() {
        let image = Image::new(2, 1, 500, vec![211, 212]).expect("valid");
        assert_eq!(format!("{image:?}"), "Image(2x1, 500 dpi)");
    }
}
