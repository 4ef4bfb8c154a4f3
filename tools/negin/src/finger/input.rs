//! A print from a file: an image, raw pixels, or a template.

use std::path::Path;

use clap::Args;
use negin_fingerprint::{Image, Record, Template, format};
use negin_recognition::extract;
use zeroize::Zeroizing;

use super::Error;
use super::template_args::ReadArgs;

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
pub(super) fn print(path: &Path, args: &ImageArgs, told: ReadArgs) -> Result<Print, Error> {
    let wrong = |source: negin_recognition::Error| Error::Print {
        path: path.to_owned(),
        source,
    };
    let image = match found(path, args, told)? {
        Found::Template(template) => {
            return Ok(Print {
                image: None,
                template,
            });
        }
        Found::Image(image) => image,
    };
    let template = extract(&image).map_err(wrong)?.template;
    Ok(Print {
        image: Some(image),
        template,
    })
}

/// What a file was found to be.
pub(super) enum Found {
    Image(Image),
    Template(Template),
}

/// Reads an image or a template: a record by how it begins; bare minutiae where they are told to be such and the file
/// is no image.
pub(super) fn found(path: &Path, args: &ImageArgs, told: ReadArgs) -> Result<Found, Error> {
    if args.raw.is_none() && format::is_record(&read(path)?) {
        return Ok(Found::Template(template(path, told)?));
    }
    match (image(path, args), told.bare) {
        (Ok(image), _) => Ok(Found::Image(image)),
        (Err(_), Some(_)) => Ok(Found::Template(template(path, told)?)),
        (Err(error), None) => Err(error),
    }
}

/// Reads a template, of a record that of its first view.
fn template(path: &Path, told: ReadArgs) -> Result<Template, Error> {
    let template = record(path, told)?.into_template();
    template.map_err(|source| Error::Print {
        path: path.to_owned(),
        source: source.into(),
    })
}

/// Reads a template with all that its file says.
pub(super) fn record(path: &Path, told: ReadArgs) -> Result<Record, Error> {
    let bytes = read(path)?;
    let record = match told.bare {
        Some(bare) if !format::is_record(&bytes) => bare.decode(&bytes),
        _ => format::decode(&bytes),
    };
    record.map_err(|source| Error::Print {
        path: path.to_owned(),
        source: source.into(),
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
