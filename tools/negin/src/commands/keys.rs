//! `negin keys`: key files for development.

use std::path::{Path, PathBuf};

use negin_issuance::credentials::Credentials;
use negin_issuance::profile::Profile;
use negin_keystore::{FileKeyStore, NewKeys, OfficeCode, OverrideShare, TransportBatch};
use negin_secure_channel::key::{Key, KeySet};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use super::foreign;
use super::seat::{credentials_file, read_credentials};
use super::{App, now};
use crate::cli::KeysCommand;
use crate::output::{Exit, print_json};
use crate::problem::Problem;
use crate::{entropy, files};

/// The two persons of a development key file.
pub const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// The seats of a development key file.
pub const SEATS: [&str; 2] = ["station-1", "counter-1"];

/// The keys the simulated maker puts on its blank chips: those every GlobalPlatform tool knows as a test card's.
pub fn maker_keys() -> Result<KeySet, Problem> {
    let bytes: [u8; 16] = std::array::from_fn(|at| 0x40 + at as u8);
    let key = Key::new(&bytes)
        .map_err(|error| Problem::new("negin.synthetic", vec![("detail", error.to_string())]))?;
    Ok(KeySet::of_one(&key))
}

/// A national key store with the development seats, its certificates and the override's two shares.
pub fn develop(
    profile: &Profile,
    rng: &mut ChaCha20Rng,
) -> Result<(FileKeyStore, Credentials, [OverrideShare; 2]), Problem> {
    let new = NewKeys::new(OFFICERS[0], OFFICERS[1]);
    let (mut keys, shares) = FileKeyStore::generate(&new, rng)?;
    keys.add_transport(TransportBatch {
        name: "simulated maker".to_owned(),
        chips: Vec::new(),
        diversified: false,
        keys: maker_keys()?,
    })?;
    for seat in SEATS {
        keys.add_seat(seat, rng)?;
    }
    let serials = std::array::from_fn(|_| rand::Rng::next_u64(rng)).map(|low: u64| {
        let high = rand::Rng::next_u64(rng);
        (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
    });
    let credentials = Credentials::establish(&keys, &profile.certificates, now(), serials)?;
    Ok((keys, credentials, shares))
}

/// Writes key file, certificates and shares; gives the shares' files.
pub fn write(
    file: &Path,
    keys: &FileKeyStore,
    credentials: &Credentials,
    shares: &[OverrideShare; 2],
) -> Result<[PathBuf; 2], Problem> {
    keys.create_file(file)?;
    let certificates = credentials_file(file);
    files::replace(
        &certificates,
        credentials.to_pem()?.as_bytes(),
        files::Access::Anybody,
    )
    .map_err(|error| Problem::file(&certificates, &error))?;
    let places = OFFICERS.map(|officer| file.with_extension(format!("{officer}.share")));
    for (share, place) in shares.iter().zip(&places) {
        share.create_file(place)?;
    }
    Ok(places)
}

/// A generator seeded by the operating system.
pub fn system_rng() -> ChaCha20Rng {
    let mut seed = [0; 32];
    entropy::fill(&mut seed);
    ChaCha20Rng::from_seed(seed)
}

/// Runs the command.
pub fn run(command: &KeysCommand, app: &App) -> Result<Exit, Problem> {
    let made: Vec<PathBuf> = match command {
        KeysCommand::New { file } => {
            let (keys, credentials, shares) = develop(&Profile::national_id()?, &mut system_rng())?;
            let shares = write(file, &keys, &credentials, &shares)?;
            let mut made = vec![file.clone(), credentials_file(file)];
            made.extend(shares);
            made
        }
        KeysCommand::Office {
            code,
            keys,
            seat,
            out,
        } => {
            let office: OfficeCode = code.parse()?;
            let mut national = FileKeyStore::open(keys)?;
            let counter = national.export_office(office, seat, &mut system_rng())?;
            let root = read_credentials(keys)?.root_pem()?;
            counter.create_file(out)?;
            let certificates = credentials_file(out);
            files::replace(&certificates, root.as_bytes(), files::Access::Anybody)
                .map_err(|error| Problem::file(&certificates, &error))?;
            // The national store knows the seat only once its counter's file is there.
            national.replace_file(keys)?;
            vec![out.clone(), certificates]
        }
        KeysCommand::Foreign {
            name,
            keys,
            factory,
            from,
        } => {
            let mut national = FileKeyStore::open(keys)?;
            national.add_foreign(foreign::batch(name, *factory, from.as_deref())?)?;
            national.replace_file(keys)?;
            vec![keys.clone()]
        }
    };
    let made: Vec<String> = made.iter().map(|file| file.display().to_string()).collect();
    if app.json {
        print_json(&json!({ "made": made })).map_err(|e| Problem::file(Path::new("-"), &e))?;
    } else {
        for file in made {
            println!("{file}");
        }
    }
    Ok(Exit::Done)
}
