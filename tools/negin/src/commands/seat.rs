//! A seat opened from its files: key store, certificates, ledger.

use std::path::{Path, PathBuf};

use negin_issuance::Seat;
use negin_issuance::credentials::Credentials;
use negin_issuance::profile::Profile;
use negin_keystore::{FileKeyStore, KeyStore, OverrideShare, SigningKeyId};
use negin_ledger::{Seat as LedgerSeat, SeatName, SqliteLedger, TrustedKeys};

use crate::cli::SeatArgs;
use crate::entropy;
use crate::problem::Problem;

/// Everything a seat works with.
pub struct OpenSeat {
    /// Its keys.
    pub keys: FileKeyStore,
    /// Its ledger.
    pub ledger: SqliteLedger,
    /// The issuer's certificates.
    pub credentials: Credentials,
}

impl OpenSeat {
    /// Opens the files; the ledger is made where it is not there yet.
    pub fn open(args: &SeatArgs) -> Result<Self, Problem> {
        let keys = FileKeyStore::open(&args.keys)?;
        let credentials = read_credentials(&args.keys)?;
        let ledger = open_ledger(&keys, &args.ledger, &args.seat)?;
        Ok(Self {
            keys,
            ledger,
            credentials,
        })
    }

    /// Lets the key store derive override keys by the two officers' files, where they were given.
    pub fn unlock_override(&mut self, shares: &[PathBuf]) -> Result<(), Problem> {
        match shares {
            [] => Ok(()),
            [one, two] => {
                let (one, two) = (OverrideShare::open(one)?, OverrideShare::open(two)?);
                Ok(self.keys.unlock_override(&one, &two)?)
            }
            _ => Err(negin_keystore::Error::OverrideLocked.into()),
        }
    }

    /// Has `work` done at this seat, with the system's clock and randomness.
    pub fn work<R>(&mut self, work: impl FnOnce(&mut Seat<'_>, &Credentials) -> R) -> R {
        let mut seat = Seat {
            keys: &self.keys,
            ledger: &mut self.ledger,
            now: &super::now,
            entropy: &mut entropy::fill,
        };
        work(&mut seat, &self.credentials)
    }
}

/// Where the certificates of a key file lie: beside it, ending in `.pem`.
pub fn credentials_file(keys: &Path) -> PathBuf {
    keys.with_extension("pem")
}

/// Reads the certificates that belong to a key file.
pub fn read_credentials(keys: &Path) -> Result<Credentials, Problem> {
    let file = credentials_file(keys);
    let text = std::fs::read_to_string(&file).map_err(|error| Problem::file(&file, &error))?;
    Ok(Credentials::from_pem(&text)?)
}

/// Opens a ledger for a seat, or makes it.
pub fn open_ledger(keys: &FileKeyStore, file: &Path, seat: &str) -> Result<SqliteLedger, Problem> {
    let seat = ledger_seat(keys.clone(), seat)?;
    Ok(if file.exists() {
        SqliteLedger::open(file, seat)?
    } else {
        SqliteLedger::create(file, seat)?
    })
}

fn ledger_seat(keys: FileKeyStore, name: &str) -> Result<LedgerSeat, Problem> {
    let seat: SeatName = name.parse()?;
    let id = SigningKeyId::LedgerSeat(name.to_owned());
    let public = keys.public_key(&id)?;
    Ok(LedgerSeat::new(
        seat,
        public,
        Box::new(move |message| keys.sign(&id, message).map_err(Into::into)),
        Box::new(entropy::fill),
    ))
}

/// The keys of all seats that a key store knows.
pub fn trusted(keys: &FileKeyStore) -> Result<TrustedKeys, Problem> {
    keys.seats()
        .map(|(name, key)| Ok((name.parse()?, key)))
        .collect()
}

/// The profile of a file, the built-in one of a name, or without either that of the national card.
pub fn profile(named: Option<&Path>) -> Result<Profile, Problem> {
    let Some(named) = named else {
        return Ok(Profile::national_id()?);
    };
    match named.to_str().and_then(Profile::built_in) {
        Some(built_in) => Ok(built_in?),
        None => Ok(Profile::open(named)?),
    }
}
