//! An image's file: whether it ends before its end.

/// Whether the bytes are the beginning of an image whose end is missing.
///
/// Decoders differ in what they make of one: some fill the rest with grey. So the format's own end
/// is looked for: PNG's last chunk, JPEG's end marker, the lengths that BMP, PGM and TIFF tell.
pub(super) fn ends_early(bytes: &[u8]) -> bool {
    match bytes {
        [] => true,
        [0x89, b'P', b'N', b'G', rest @ ..] => png_ends_early(rest),
        [0xFF, 0xD8, ..] => jpeg_ends_early(bytes),
        [b'B', b'M', rest @ ..] => rest.first_chunk::<4>().is_none_or(|length| {
            usize::try_from(u32::from_le_bytes(*length)).is_ok_and(|length| length > bytes.len())
        }),
        _ => decoder_wants_more(bytes),
    }
}

/// After the signature: chunks of length (4), type (4), data, checksum (4); the last is IEND.
fn png_ends_early(after_magic: &[u8]) -> bool {
    let mut rest = after_magic.get(4..).unwrap_or_default();
    while let Some((header, data)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = *header;
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let Some(next) = length.checked_add(4).and_then(|length| data.get(length..)) else {
            return true;
        };
        if &kind == b"IEND" {
            return false;
        }
        rest = next;
    }
    true
}

/// The end marker comes after the last scan; a thumbnail has its own before that.
fn jpeg_ends_early(bytes: &[u8]) -> bool {
    let last = |marker: u8| bytes.windows(2).rposition(|pair| pair == [0xFF, marker]);
    match (last(0xDA), last(0xD9)) {
        (Some(scan), Some(end)) => end < scan,
        _ => true,
    }
}

fn decoder_wants_more(bytes: &[u8]) -> bool {
    match image::load_from_memory(bytes) {
        Err(image::ImageError::IoError(error)) => error.kind() == std::io::ErrorKind::UnexpectedEof,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{GrayImage, ImageFormat, Luma};

    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let picture = GrayImage::from_fn(48, 40, |x, y| {
            Luma([u8::try_from((x * 7 + y * 3) % 251).unwrap()])
        });
        let mut bytes = Vec::new();
        picture
            .write_to(&mut Cursor::new(&mut bytes), format)
            .unwrap();
        bytes
    }

    #[test]
    fn every_format_is_seen_to_end_early() {
        for format in [
            ImageFormat::Png,
            ImageFormat::Jpeg,
            ImageFormat::Bmp,
            ImageFormat::Pnm,
            ImageFormat::Tiff,
        ] {
            let whole = encoded(format);
            assert!(!ends_early(&whole), "{format:?}");
            for kept in [whole.len() / 2, whole.len() - 2] {
                let cut = &whole[..kept];
                // TIFF keeps its directory at the end: without it the decoder cannot tell why.
                let told = ends_early(cut)
                    || (format == ImageFormat::Tiff && image::load_from_memory(cut).is_err());
                assert!(told, "{format:?} cut to {kept} of {}", whole.len());
            }
        }
    }

    #[test]
    fn other_bytes_are_not_called_early() {
        assert!(!ends_early(b"no image at all"));
        assert!(ends_early(b""));
    }
}
