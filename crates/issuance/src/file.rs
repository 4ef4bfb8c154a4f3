//! Files from outside, read with a bound.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// Most bytes of a file that are read: far above any record, portrait or print.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// The file's bytes, wiped when dropped.
///
/// # Errors
/// What the system says; [`ErrorKind::InvalidInput`] for what is no regular file (a pipe could be waited for for ever),
/// [`ErrorKind::FileTooLarge`] above 32 MiB.
pub(crate) fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "not a file"));
    }
    // Room for all of it: a buffer that grows leaves copies behind.
    let room = usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or(0) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let read = File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if read as u64 > MAX_BYTES {
        let reason = "larger than 32 MiB";
        return Err(io::Error::new(ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_and_only_so_large() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"bytes").unwrap();
        assert_eq!(*read(&path).unwrap(), b"bytes");
        let large = folder.path().join("large");
        File::create(&large)
            .unwrap()
            .set_len(MAX_BYTES + 1)
            .unwrap();
        assert_eq!(read(&large).unwrap_err().kind(), ErrorKind::FileTooLarge);
        let kind = |path: &Path| read(path).unwrap_err().kind();
        assert_eq!(kind(folder.path()), ErrorKind::InvalidInput);
        assert_eq!(kind(&folder.path().join("none")), ErrorKind::NotFound);
    }
}
