//! `dir:<folder>`: a folder of images that behaves like a scanner.
//!
//! Each capture gives the next image of the folder in the order of the file names; past the last one there is no
//! further image. `dir:<file>` gives that one image, once.

use std::path::{Path, PathBuf};

use negin_device::{Address, Backend, Error};
use negin_fingerprint::capture::{
    Capture, CaptureError, CaptureEvent, CaptureRequest, ScannerInfo,
};
use negin_fingerprint::{CANONICAL_DPI, Image};

const ENDINGS: [&str; 7] = ["png", "tif", "tiff", "bmp", "pgm", "jpg", "jpeg"];

/// The images of one folder, one a capture.
#[derive(Debug)]
pub struct FolderScanner {
    folder: PathBuf,
    images: std::vec::IntoIter<PathBuf>,
}

impl FolderScanner {
    /// The images directly in `folder`, by file name; or `folder` itself where it is a file.
    ///
    /// # Errors
    /// The system's, where the folder cannot be read.
    pub fn open(folder: impl AsRef<Path>) -> std::io::Result<Self> {
        let folder = folder.as_ref().to_path_buf();
        let mut images = Vec::new();
        if folder.is_file() {
            images.push(folder.clone());
        } else {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                let is_image = path
                    .extension()
                    .and_then(|ending| ending.to_str())
                    .is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()));
                if is_image && path.is_file() {
                    images.push(path);
                }
            }
            images.sort();
        }
        Ok(Self {
            folder,
            images: images.into_iter(),
        })
    }
}

impl Capture for FolderScanner {
    fn info(&self) -> ScannerInfo {
        ScannerInfo {
            name: format!("images in {}", self.folder.display()),
            serial: None,
            width: 0,
            height: 0,
            dpi: 0,
            live: false,
        }
    }

    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        request.cancel.check()?;
        on_event(CaptureEvent::WaitingForFinger);
        let path = self.images.next().ok_or(CaptureError::NoImage)?;
        on_event(CaptureEvent::FingerDown);
        on_event(CaptureEvent::Reading);
        let image = Image::open(&path, CANONICAL_DPI).map_err(|error| {
            log::warn!("{}: {error}", path.display());
            CaptureError::BadImage
        })?;
        on_event(CaptureEvent::Captured);
        on_event(CaptureEvent::FingerUp);
        Ok(image)
    }
}

/// Opens [`FolderScanner`]s for `dir:` addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct FolderBackend;

impl Backend<dyn Capture> for FolderBackend {
    fn scheme(&self) -> &'static str {
        "dir"
    }

    fn list(&self) -> Result<Vec<Address>, Error> {
        Ok(Vec::new())
    }

    fn open(&self, locator: &str) -> Result<Box<dyn Capture>, Error> {
        let address = || Address::new("dir", locator);
        match FolderScanner::open(locator) {
            Ok(scanner) => Ok(Box::new(scanner)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Error::NoSuchDevice { address: address() })
            }
            Err(error) => Err(Error::Backend {
                address: address(),
                reason: error.to_string(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(level: u8) -> Image {
        Image::new(8, 8, CANONICAL_DPI, vec![level; 64]).unwrap()
    }

    #[test]
    fn images_come_in_the_order_of_their_names_and_then_no_more() {
        let folder = tempfile::tempdir().unwrap();
        for (name, level) in [("b.png", 20), ("a.png", 10)] {
            grey(level).save_png(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("notes.txt"), "no image").unwrap();
        let mut scanner = FolderBackend.open(folder.path().to_str().unwrap()).unwrap();
        let mut events = Vec::new();
        for level in [10, 20] {
            let image = scanner
                .capture(&CaptureRequest::default(), &mut |event| events.push(event))
                .unwrap();
            assert!(image.pixels().iter().all(|&pixel| pixel == level));
        }
        assert_eq!(events.len(), 10);
        assert_eq!(
            scanner
                .capture(&CaptureRequest::default(), &mut |_| {})
                .unwrap_err(),
            CaptureError::NoImage
        );
    }

    #[test]
    fn a_damaged_image_is_an_error_and_the_next_one_still_comes() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.png"), b"\x89PNG cut off").unwrap();
        grey(30).save_png(folder.path().join("b.png")).unwrap();
        let mut scanner = FolderScanner::open(folder.path()).unwrap();
        assert_eq!(
            scanner
                .capture(&CaptureRequest::default(), &mut |_| {})
                .unwrap_err(),
            CaptureError::BadImage
        );
        assert!(
            scanner
                .capture(&CaptureRequest::default(), &mut |_| {})
                .is_ok()
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_device() {
        let error = FolderBackend
            .open("/nonexistent/folder")
            .err()
            .expect("there is no such folder");
        assert_eq!(error.key(), "device.no-such-device");
    }
}
