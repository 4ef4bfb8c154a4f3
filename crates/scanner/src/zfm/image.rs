//! Images as they come over the line: 4 bits a pixel, high nibble first, row by row; from some modules 8.

use negin_fingerprint::Image;
use zeroize::Zeroizing;

use super::error::Error;
use super::parameters::Product;

/// The size of a module's images and their resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Width, px.
    pub width: u32,
    /// Height, px.
    pub height: u32,
    /// Dots an inch.
    pub dpi: u16,
}

impl Default for Geometry {
    /// What the optical ones (ZFM, R30x, AS608) have.
    fn default() -> Self {
        OPTICAL
    }
}

const OPTICAL: Geometry = Geometry {
    width: 256,
    height: 288,
    dpi: 500,
};

/// Those of the small capacitive sensors of the R50x.
const CAPACITIVE: [Geometry; 2] = [
    Geometry {
        width: 192,
        height: 192,
        dpi: 508,
    },
    Geometry {
        width: 160,
        height: 160,
        dpi: 508,
    },
];

impl Geometry {
    /// A size that some sensor may have, or none: sides of 64 to 1024 px, 100 to 2000 dpi.
    #[must_use]
    pub fn new(width: u32, height: u32, dpi: u16) -> Option<Self> {
        let side = 64..=1024;
        let fits = side.contains(&width) && side.contains(&height) && (100..=2000).contains(&dpi);
        (fits && width.is_multiple_of(2)).then_some(Self { width, height, dpi })
    }

    /// What a module says of its sensor.
    pub(super) fn of_product(product: &Product) -> Option<Self> {
        let known = |geometry: &&Self| {
            (geometry.width, geometry.height) == (product.width.into(), product.height.into())
        };
        match CAPACITIVE.iter().chain([&OPTICAL]).find(known) {
            Some(geometry) => Some(*geometry),
            None => Self::new(product.width.into(), product.height.into(), 508),
        }
    }

    fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }

    /// Bits a pixel has in data of this length.
    fn depth(self, received: usize) -> Option<Depth> {
        if received * 2 == self.pixels() {
            Some(Depth::Four)
        } else if received == self.pixels() {
            Some(Depth::Eight)
        } else {
            None
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Four,
    Eight,
}

/// What an upload of this length is: of the known size, or of one of those that modules have.
fn recognise(known: Option<Geometry>, received: usize) -> Option<(Geometry, Depth)> {
    let of = |geometry: Geometry| Some((geometry, geometry.depth(received)?));
    match known {
        Some(geometry) => of(geometry),
        None => of(OPTICAL).or_else(|| {
            let mut small = CAPACITIVE.into_iter();
            small
                .find(|geometry| geometry.depth(received) == Some(Depth::Four))
                .map(|geometry| (geometry, Depth::Four))
        }),
    }
}

/// Whether an upload of this length is a whole image.
pub(super) fn size_fits(known: Option<Geometry>, received: usize) -> Result<(), Error> {
    if recognise(known, received).is_some() {
        return Ok(());
    }
    let expected = known.unwrap_or_default().pixels() / 2;
    let count = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    Err(if received < expected {
        Error::Short {
            expected: count(expected),
            received: count(received),
        }
    } else {
        Error::Size {
            received: count(received),
        }
    })
}

/// The image of an upload, and its size.
pub(super) fn of_upload(known: Option<Geometry>, data: &[u8]) -> Result<(Geometry, Image), Error> {
    let wrong = Error::Size {
        received: u32::try_from(data.len()).unwrap_or(u32::MAX),
    };
    let (geometry, depth) = recognise(known, data.len()).ok_or(wrong)?;
    let mut pixels = Vec::with_capacity(geometry.pixels());
    match depth {
        Depth::Eight => pixels.extend_from_slice(data),
        // 0 to 15 become 0 to 255.
        Depth::Four => pixels.extend(
            data.iter()
                .flat_map(|byte| [(byte >> 4) * 17, (byte & 15) * 17]),
        ),
    }
    let image = Image::new(geometry.width, geometry.height, geometry.dpi, pixels);
    Ok((geometry, image.map_err(|_| wrong)?))
}

/// An image as it goes over the line, 4 bits a pixel.
pub(super) fn to_upload(geometry: Geometry, image: &Image) -> Result<Zeroizing<Vec<u8>>, Error> {
    if (image.width(), image.height()) != (geometry.width, geometry.height) {
        return Err(Error::Size {
            received: u32::try_from(image.pixels().len()).unwrap_or(u32::MAX),
        });
    }
    let mut data = Zeroizing::new(Vec::with_capacity(geometry.pixels() / 2));
    data.extend(
        image
            .pixels()
            .chunks_exact(2)
            .map(|pair| (pair[0] & 0xF0) | (pair[1] >> 4)),
    );
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_nibble_comes_first() {
        let mut data = vec![0xFF; OPTICAL.pixels() / 2];
        data[0] = 0x2E;
        let (geometry, image) = of_upload(None, &data).unwrap();
        assert_eq!(geometry, OPTICAL);
        assert_eq!(image.pixels()[..3], [0x22, 0xEE, 0xFF]);
        assert_eq!(to_upload(geometry, &image).unwrap()[..], data[..]);
    }

    #[test]
    fn sizes_are_told_by_the_length() {
        let small = CAPACITIVE[0];
        assert_eq!(recognise(None, 192 * 192 / 2), Some((small, Depth::Four)));
        // 192 × 192 of 8 bits is as long as 256 × 288 of 4.
        assert_eq!(recognise(None, 192 * 192), Some((OPTICAL, Depth::Four)));
        assert_eq!(
            recognise(Some(small), 192 * 192),
            Some((small, Depth::Eight))
        );
        assert_eq!(
            size_fits(None, 36_864 - 128),
            Err(Error::Short {
                expected: 36_864,
                received: 36_736
            })
        );
        assert_eq!(
            size_fits(None, 40_000),
            Err(Error::Size { received: 40_000 })
        );
        assert_eq!(Geometry::new(65, 64, 500), None);
    }
}
