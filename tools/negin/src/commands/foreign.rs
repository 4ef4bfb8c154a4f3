//! PIV cards of other makers: their batches, and what distinguishes them at station and counter.

use std::io::IsTerminal;
use std::path::Path;

use negin_issuance::entering::record_id;
use negin_issuance::order::{Entry, Order};
use negin_issuance::record::Record;
use negin_keystore::ForeignBatch;
use negin_ledger::RecordId;
use negin_secure_channel::challenge::ChallengeKey;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use crate::output::Exit;
use crate::problem::Problem;

/// What is asked or read of a batch. Wiped when dropped.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    algorithm: String,
    key: String,
    pin: String,
    puk: String,
}

impl Drop for Codes {
    fn drop(&mut self) {
        self.key.zeroize();
        self.pin.zeroize();
        self.puk.zeroize();
    }
}

/// The batch of this name, with codes from a file, from the terminal, or those that everybody knows.
pub fn batch(name: &str, factory: bool, from: Option<&Path>) -> Result<ForeignBatch, Problem> {
    if factory {
        return Ok(ForeignBatch::factory(name)?);
    }
    let codes = match from {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map(Zeroizing::new)
                .map_err(|error| Problem::file(file, &error))?;
            toml::from_str(&text).map_err(|_| unusable())?
        }
        None if std::io::stdin().is_terminal() => ask()?,
        None => return Err(unusable()),
    };
    codes.batch(name)
}

fn ask() -> Result<Codes, Problem> {
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt).map_err(|error| Problem::file(Path::new("-"), &error))
    };
    Ok(Codes {
        algorithm: ask("algorithm (3des, aes-128, aes-192, aes-256): ")?,
        key: ask("management key (9B), hexadecimal: ")?,
        pin: ask("PIN: ")?,
        puk: ask("PUK: ")?,
    })
}

impl Codes {
    fn batch(&self, name: &str) -> Result<ForeignBatch, Problem> {
        let bytes = hex::decode(self.key.trim())
            .map(Zeroizing::new)
            .map_err(|_| unusable())?;
        let key = match (self.algorithm.trim(), bytes.len()) {
            ("3des", _) => ChallengeKey::triple_des(&bytes),
            ("aes-128", 16) | ("aes-192", 24) | ("aes-256", 32) => ChallengeKey::aes(&bytes),
            _ => return Err(unusable()),
        };
        let key = key.map_err(|_| unusable())?;
        let (pin, puk) = (self.pin.trim().as_bytes(), self.puk.trim().as_bytes());
        Ok(ForeignBatch::new(name, key, pin, puk)?)
    }
}

/// Nothing of what was entered is said again.
fn unusable() -> Problem {
    Problem::new("negin.foreign-codes", Vec::new()).ending(Exit::Usage)
}

/// The record of that name in an order, and where it lies.
pub fn find<'a>(order: &'a Order, id: &RecordId) -> Option<(&'a Entry, &'a Record)> {
    order.entries.iter().enumerate().find_map(|(index, entry)| {
        let found = record_id(&order.id, index).is_ok_and(|named| named == *id);
        found.then_some((entry, entry.record.as_ref()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(algorithm: &str, key: &str) -> Codes {
        Codes {
            algorithm: algorithm.to_owned(),
            key: key.to_owned(),
            pin: "123456".to_owned(),
            puk: "12345678".to_owned(),
        }
    }

    #[test]
    fn keys_of_every_algorithm_and_none_of_another_length() {
        for (algorithm, bytes) in [
            ("3des", 24),
            ("aes-128", 16),
            ("aes-192", 24),
            ("aes-256", 32),
        ] {
            let batch = codes(algorithm, &"0A".repeat(bytes)).batch("b").unwrap();
            assert_eq!(batch.pin(), b"123456");
            let short = codes(algorithm, &"0A".repeat(bytes - 8)).batch("b");
            let short = short
                .err()
                .map(|problem| problem.failure(crate::cli::Language::En).key);
            assert_eq!(short.as_deref(), Some("negin.foreign-codes"));
        }
        assert!(codes("des", &"0A".repeat(24)).batch("b").is_err());
        assert!(codes("aes-128", "no digits").batch("b").is_err());
    }

    #[test]
    fn from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("batch.toml");
        let text = "algorithm = \"aes-128\"\nkey = \"000102030405060708090a0b0c0d0e0f\"\npin = \"98765432\"\npuk = \"87654321\"\n";
        std::fs::write(&file, text).unwrap();
        assert_eq!(batch("b", false, Some(&file)).unwrap().pin(), b"98765432");
        std::fs::write(&file, "key = 7").unwrap();
        assert!(batch("b", false, Some(&file)).is_err());
        assert_eq!(batch("b", true, None).unwrap().pin(), b"123456");
    }
}
