//! Making and opening the file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::schema::{APPLICATION_ID, STATEMENTS, VERSION};
use super::{Options, SqliteLedger, begin};
use crate::{Error, Seat};

/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Bytes of a page of the file.
const PAGE: u64 = 4096;

impl SqliteLedger {
    /// Makes a new ledger at `path`, readable by its owner only, and opens it for `seat`.
    ///
    /// # Errors
    /// [`Error::Exists`] where there is a file already, and those of the storage.
    pub fn create(path: &Path, seat: Seat) -> Result<Self, Error> {
        Self::create_with(path, seat, Options::default())
    }

    /// As [`create`](Self::create), with options.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_with(path: &Path, seat: Seat, options: Options) -> Result<Self, Error> {
        let mut file = OpenOptions::new();
        file.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        file.open(path).map_err(|error| at_path(path, &error))?;
        let made = Self::opened(connect(path, false)?, Some(seat), options);
        if made.is_err() {
            // Nothing of a ledger is in it yet: a second try must not find it.
            let _ = std::fs::remove_file(path);
        }
        made
    }

    /// Opens the ledger at `path` for `seat`. An empty file, left by a power cut while it was being made, becomes one.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::NotALedger`], [`Error::Damaged`], [`Error::NewerSchema`], [`Error::ReadOnly`],
    /// [`Error::SeatKey`] where the ledger knows the seat with another key, and those of the storage.
    pub fn open(path: &Path, seat: Seat) -> Result<Self, Error> {
        Self::open_with(path, seat, Options::default())
    }

    /// As [`open`](Self::open), with options.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: &Path, seat: Seat, options: Options) -> Result<Self, Error> {
        look_at(path)?;
        Self::opened(connect(path, false)?, Some(seat), options)
    }

    /// Opens the ledger at `path` for reading only.
    ///
    /// # Errors
    /// As [`open`](Self::open), but for the seat.
    pub fn open_read_only(path: &Path) -> Result<Self, Error> {
        look_at(path)?;
        Self::opened(connect(path, true)?, None, Options::default())
    }

    /// A ledger in memory, gone when it is dropped.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn in_memory(seat: Seat) -> Result<Self, Error> {
        Self::opened(
            Connection::open_in_memory()?,
            Some(seat),
            Options::default(),
        )
    }

    /// Lets another seat write through this connection from now on.
    ///
    /// # Errors
    /// [`Error::SeatKey`] where the ledger knows the seat with another key, and those of the storage; the seat stays as it
    /// was then.
    pub fn set_seat(&mut self, seat: Seat) -> Result<(), Error> {
        let transaction = begin(&self.db, self.patience)?;
        register_seat(&transaction, seat.name(), seat.public_key())?;
        transaction.commit()?;
        self.seat = Some(seat);
        Ok(())
    }

    fn opened(db: Connection, seat: Option<Seat>, options: Options) -> Result<Self, Error> {
        let patience = options.busy_timeout;
        db.busy_timeout(patience)?;
        db.execute_batch(
            "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON;
             PRAGMA recursive_triggers = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;",
        )?;
        if let Some(quota) = options.quota {
            db.pragma_update(
                None,
                "max_page_count",
                i64::try_from(quota / PAGE).unwrap_or(i64::MAX).max(1),
            )?;
        }
        let Some(seat) = seat else {
            check_version(&db)?;
            return Ok(Self {
                db,
                seat: None,
                patience,
            });
        };
        if db.is_readonly("main")? {
            return Err(Error::ReadOnly);
        }
        let transaction = begin(&db, patience)?;
        if is_empty(&transaction)? {
            for statement in STATEMENTS {
                transaction.execute_batch(statement)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        check_version(&transaction)?;
        register_seat(&transaction, seat.name(), seat.public_key())?;
        transaction.commit()?;
        Ok(Self {
            db,
            seat: Some(seat),
            patience,
        })
    }
}

/// Notes the seat's key, or finds it the same.
pub(super) fn register_seat(
    db: &Connection,
    seat: &crate::SeatName,
    key: &p256::ecdsa::VerifyingKey,
) -> Result<(), Error> {
    let key = key.to_sec1_point(true);
    let known: Option<Vec<u8>> = db
        .query_row(
            "SELECT public_key FROM seats WHERE seat = ?1",
            [seat.as_str()],
            |row| row.get(0),
        )
        .optional()?;
    match known {
        None => {
            db.execute(
                "INSERT INTO seats (seat, public_key) VALUES (?1, ?2)",
                params![seat.as_str(), key.as_bytes()],
            )?;
            Ok(())
        }
        Some(known) if known == key.as_bytes() => Ok(()),
        Some(_) => Err(Error::SeatKey { seat: seat.clone() }),
    }
}

fn connect(path: &Path, read_only: bool) -> Result<Connection, Error> {
    let access = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    };
    Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(|error| {
        match Error::from(error) {
            // SQLite says only "cannot open"; the system knows more.
            Error::Storage { code, message } => {
                match OpenOptions::new().read(true).write(!read_only).open(path) {
                    Ok(_) => Error::Storage { code, message },
                    Err(error) => at_path(path, &error),
                }
            }
            other => other,
        }
    })
}

/// Finds out before SQLite does what is no database at all, for it would take some such files for empty ones.
fn look_at(path: &Path) -> Result<(), Error> {
    let file = OpenOptions::new()
        .read(true)
        .open(path)
        .map_err(|error| at_path(path, &error))?;
    let mut start = Vec::new();
    file.take(MAGIC.len() as u64)
        .read_to_end(&mut start)
        .map_err(|error| at_path(path, &error))?;
    if start.is_empty() || start == MAGIC {
        Ok(())
    } else {
        Err(Error::NotALedger)
    }
}

fn at_path(path: &Path, error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::Missing {
            path: path.to_owned(),
        },
        ErrorKind::AlreadyExists => Error::Exists {
            path: path.to_owned(),
        },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::DiskFull,
        _ => Error::Storage {
            code: error.raw_os_error().unwrap_or(0),
            message: error.to_string(),
        },
    }
}

fn is_empty(db: &Connection) -> Result<bool, Error> {
    let objects: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(objects == 0 && pragma(db, "application_id")? == 0)
}

fn check_version(db: &Connection) -> Result<(), Error> {
    if pragma(db, "application_id")? != APPLICATION_ID {
        return Err(Error::NotALedger);
    }
    match pragma(db, "user_version")? {
        VERSION => Ok(()),
        found if found > VERSION => Err(Error::NewerSchema {
            found,
            known: VERSION,
        }),
        _ => Err(Error::NotALedger),
    }
}

fn pragma(db: &Connection, name: &str) -> Result<i64, Error> {
    Ok(db.pragma_query_value(None, name, |row| row.get(0))?)
}
