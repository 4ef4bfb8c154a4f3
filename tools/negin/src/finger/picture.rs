//! Pictures beside the results.

use std::path::Path;

use negin_recognition::picture;

use super::Error;
use super::error::write;
use super::input::{ImageArgs, Print, image};

/// Writes the print with its minutiae.
pub(super) fn of_print(path: &Path, source: &Path, print: &Print) -> Result<(), Error> {
    let image = print
        .image
        .as_ref()
        .ok_or_else(|| Error::NoImage(source.to_owned()))?;
    write(path, &picture::minutiae(image, &print.template)?)
}

/// Writes what each stage of an extraction made of a print, a file a stage; those that were reached, where it fails.
pub(super) fn of_stages(folder: &Path, source: &Path, args: &ImageArgs) -> Result<(), Error> {
    let image = image(source, args)?;
    let (pictures, _) = picture::stages(&image)?;
    std::fs::create_dir_all(folder).map_err(|source| Error::Write {
        path: folder.to_owned(),
        source,
    })?;
    for stage in &pictures {
        write(&folder.join(format!("{}.png", stage.name)), &stage.png)?;
    }
    Ok(())
}

/// Writes two prints and the pairs between them.
pub(super) fn of_pairs(
    path: &Path,
    first: (&Path, &Print),
    second: (&Path, &Print),
    pairs: &[(usize, usize)],
) -> Result<(), Error> {
    let image = |(source, print): (&Path, &Print)| {
        print
            .image
            .clone()
            .ok_or_else(|| Error::NoImage(source.to_owned()))
    };
    let (left, right) = (image(first)?, image(second)?);
    let drawn = picture::pairs(
        (&left, &first.1.template),
        (&right, &second.1.template),
        pairs,
    )?;
    write(path, &drawn)
}
