//! Key files on the disk: for their owner only, written as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Error;

/// More than any key file has.
const LARGEST: usize = 1 << 20;

/// What stands around the content: what it is, its version, and a check value over all of it, so that a digit of a key
/// that changed on the disk is found before a card is written with it.
#[derive(Serialize, serde::Deserialize)]
struct Wrapped<T> {
    format: String,
    version: u32,
    content: T,
    check: String,
}

/// Only what tells a later version.
#[derive(serde::Deserialize)]
struct Start {
    format: String,
    version: u32,
}

/// What kind of file: its name in the file, and the newest version known.
pub(crate) struct Kind {
    pub(crate) format: &'static str,
    pub(crate) version: u32,
}

fn check<T: Serialize>(content: &T, path: &Path) -> Result<String, Error> {
    // Room for all of it from the start: a buffer that grows leaves copies of keys behind.
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST));
    serde_json::to_writer(&mut *text, content).map_err(|error| broken(path, &error))?;
    Ok(hex::encode(Sha256::digest(&*text)))
}

/// Reads a file that only its owner may use.
pub(crate) fn read<T: Serialize + DeserializeOwned>(path: &Path, kind: &Kind) -> Result<T, Error> {
    let file = File::open(path).map_err(|error| at(path, error))?;
    let metadata = file.metadata().map_err(|error| at(path, error))?;
    owner_only(path, &metadata)?;
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST));
    file.take(LARGEST as u64)
        .read_to_end(&mut text)
        .map_err(|error| at(path, error))?;
    let start: Start = serde_json::from_slice(&text).map_err(|error| broken(path, &error))?;
    if start.format != kind.format {
        return Err(Error::Damaged {
            path: path.to_owned(),
            line: 0,
            column: 0,
        });
    }
    if start.version > kind.version {
        return Err(Error::NewerVersion {
            path: path.to_owned(),
            found: start.version,
            known: kind.version,
        });
    }
    let wrapped: Wrapped<T> =
        serde_json::from_slice(&text).map_err(|error| broken(path, &error))?;
    if check(&wrapped.content, path)? != wrapped.check {
        return Err(Error::Damaged {
            path: path.to_owned(),
            line: 0,
            column: 0,
        });
    }
    Ok(wrapped.content)
}

/// Writes a file for its owner only: beside its place, to the disk, and then into its place. With `replace` an older file
/// there is replaced, without it is an error.
pub(crate) fn write<T: Serialize>(
    path: &Path,
    kind: &Kind,
    content: &T,
    replace: bool,
) -> Result<(), Error> {
    let check = check(content, path)?;
    let wrapped = Wrapped {
        format: kind.format.to_owned(),
        version: kind.version,
        content,
        check,
    };
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST));
    serde_json::to_writer_pretty(&mut *text, &wrapped).map_err(|error| broken(path, &error))?;
    text.push(b'\n');
    if !replace && path.symlink_metadata().is_ok() {
        return Err(Error::Exists {
            path: path.to_owned(),
        });
    }
    let beside = beside(path);
    let written = write_beside(&beside, &text).and_then(|()| {
        if replace {
            fs::rename(&beside, path)
        } else {
            // Unlike a rename, a link never takes a place that another has taken meanwhile.
            fs::hard_link(&beside, path).and_then(|()| fs::remove_file(&beside))
        }
    });
    if let Err(error) = written {
        let _ = fs::remove_file(&beside);
        return Err(at(path, error));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| at(path, error))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn write_beside(path: &Path, text: &[u8]) -> std::io::Result<()> {
    // What a power cut left behind.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

#[cfg(unix)]
fn owner_only(path: &Path, metadata: &fs::Metadata) -> Result<(), Error> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(Error::Permissions {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn owner_only(_: &Path, _: &fs::Metadata) -> Result<(), Error> {
    Ok(())
}

fn at(path: &Path, source: std::io::Error) -> Error {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::NotFound => Error::Missing { path },
        ErrorKind::AlreadyExists => Error::Exists { path },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::DiskFull { path },
        _ => Error::Io { path, source },
    }
}

/// Only where: what the parser says could quote a key.
fn broken(path: &Path, error: &serde_json::Error) -> Error {
    Error::Damaged {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
    }
}
