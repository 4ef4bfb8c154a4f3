//! A print from a file: an image, raw pixels, or a template.

use std::path::Path;

use clap::Args;
use negin_fingerprint::{Image, Template, iso19794_2};
use negin_recognition::extract;
use zeroize::Zeroizing;

use super::Error;

/// How images are read.
#[derive(Debug, Clone, Args)]
pub struct ImageArgs {
    /// Resolution of the images in dots an inch
    #[arg(long, default_value_t = 500, value_name = "DPI", value_parser = clap::value_parser!(u16).range(50..=5000))]
    pub dpi: u16,
    /// The files hold bare pixels, one byte each, of this size
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = size)]
    pub raw: Option<(u32, u32)>,
}

/// A width and a height written `300x400`.
fn size(text: &str) -> Result<(u32, u32), String> {
    let parsed = text
        .split_once(['x', 'X', '×'])
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    parsed.ok_or_else(|| "write it like 300x400".to_owned())
}

/// A print: its minutiae, and the image where there is one.
pub(super) struct Print {
    pub image: Option<Image>,
    pub template: Template,
}

/// Reads an image.
pub(super) fn image(path: &Path, args: &ImageArgs) -> Result<Image, Error> {
    let wrong = |source: negin_fingerprint::Error| Error::Print {
        path: path.to_owned(),
        source: source.into(),
    };
    let Some((width, height)) = args.raw else {
        return Image::open(path, args.dpi).map_err(wrong);
    };
    Image::new(width, height, args.dpi, read(path)?.to_vec()).map_err(wrong)
}

/// Reads a template, or an image and extracts from it.
pub(super) fn print(path: &Path, args: &ImageArgs) -> Result<Print, Error> {
    let wrong = |source: negin_recognition::Error| Error::Print {
        path: path.to_owned(),
        source,
    };
    let bytes = read(path)?;
    if bytes.starts_with(b"FMR\0") {
        let template = iso19794_2::decode_template(&bytes).map_err(|error| wrong(error.into()))?;
        return Ok(Print {
            image: None,
            template,
        });
    }
    let image = image(path, args)?;
    let template = extract(&image).map_err(wrong)?.template;
    Ok(Print {
        image: Some(image),
        template,
    })
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let bytes = std::fs::read(path).map_err(|error| Error::Print {
        path: path.to_owned(),
        source: negin_fingerprint::Error::ImageFile(error.to_string()).into(),
    })?;
    Ok(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("300x400"), Ok((300, 400)));
        assert!(size("300").is_err() && size("ax4").is_err());
    }
}
