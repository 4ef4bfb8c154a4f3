//! Why a command could not do what was asked, from whatever room, with what the catalogue needs to say it.

use std::path::Path;

use negin_fingerprint::CaptureError;
use negin_issuance::finding::Rejected;

use crate::cli::Language;
use crate::messages;
use crate::output::{Exit, Failure};

/// A command's failure before a language is chosen.
#[derive(Debug)]
pub struct Problem {
    key: &'static str,
    params: Vec<(&'static str, String)>,
    detail: String,
    exit: Exit,
}

impl Problem {
    /// Keys of the program itself, not of a room.
    #[cfg(test)]
    pub const KEYS: &'static [&'static str] = &[
        "negin.file",
        "negin.folder-not-empty",
        "negin.interrupted",
        "negin.pin",
        "negin.pin-missing",
        "negin.synthetic",
        "negin.no-card-for-record",
        "negin.foreign-batch-missing",
        "negin.foreign-codes",
        "negin.foreign-override",
        "negin.no-simulator",
        "negin.no-terminal",
        "negin.simulator",
    ];

    /// A failure under a key, with the values of its texts' placeholders.
    pub fn new(key: &'static str, params: Vec<(&'static str, String)>) -> Self {
        let detail = params
            .iter()
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join("; ");
        Self {
            key,
            params,
            detail,
            exit: Exit::Refused,
        }
    }

    /// A file that could not be read or written.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            "negin.file",
            vec![
                ("file", path.display().to_string()),
                ("detail", error.to_string()),
            ],
        )
    }

    /// The person called the work off.
    pub fn interrupted() -> Self {
        Self::new("negin.interrupted", Vec::new()).ending(Exit::Interrupted)
    }

    /// The same, ending with this exit code.
    pub fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The stable key.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// The failure in a language.
    pub fn failure(&self, language: Language) -> Failure {
        let texts = messages::texts(language, self.key, &self.params);
        Failure {
            key: self.key.to_owned(),
            what: texts.what,
            means: texts.means,
            next: texts.next,
            detail: self.detail.clone(),
            exit: self.exit,
        }
    }

    fn of(key: &'static str, error: &dyn std::fmt::Display) -> Self {
        Self {
            key,
            params: vec![("detail", error.to_string())],
            detail: error.to_string(),
            exit: Exit::Refused,
        }
    }
}

impl From<negin_issuance::Error> for Problem {
    fn from(error: negin_issuance::Error) -> Self {
        match error {
            negin_issuance::Error::CalledOff => return Self::interrupted(),
            negin_issuance::Error::Capture(error) => return error.into(),
            _ => {}
        }
        Self {
            key: error.key(),
            params: error.params(),
            detail: error.to_string(),
            exit: Exit::Refused,
        }
    }
}

impl From<CaptureError> for Problem {
    fn from(error: CaptureError) -> Self {
        let problem = Self::of(error.key(), &error);
        match error {
            CaptureError::Cancelled => problem.ending(Exit::Interrupted),
            _ => problem,
        }
    }
}

impl From<Rejected> for Problem {
    fn from(rejected: Rejected) -> Self {
        let finding = rejected.first();
        Self {
            key: finding.key(),
            params: finding.params(),
            detail: rejected.to_string(),
            exit: Exit::InputRefused,
        }
    }
}

impl From<crate::demo::citizens::Error> for Problem {
    fn from(error: crate::demo::citizens::Error) -> Self {
        Self::of("negin.synthetic", &error)
    }
}

macro_rules! of_rooms {
    ($($room:ty),+ $(,)?) => {
        $(impl From<$room> for Problem {
            fn from(error: $room) -> Self {
                Self::of(error.key(), &error)
            }
        })+
    };
}

of_rooms!(
    negin_card::Error,
    negin_keystore::Error,
    negin_ledger::Error,
    negin_device::Error,
    negin_reader::Error,
    negin_fingerprint::Error,
    negin_recognition::Error,
    negin_issuance::pki::Error,
    crate::finger::Error,
);

#[cfg(test)]
mod tests {
    use negin_apdu::TransmitError;
    use negin_card::Presence;

    use super::*;

    /// What a simulated reader cannot show to the whole program.
    #[test]
    fn a_foreign_card_and_one_pulled_out_are_said_in_both_languages() {
        use negin_card::Error::{Foreign, Transmit};
        let errors = [
            (Foreign(Presence::ForeignPiv), "card.foreign"),
            (Foreign(Presence::Unknown), "card.foreign"),
            (Transmit(TransmitError::CardRemoved), "card.removed"),
            (Transmit(TransmitError::CardReset), "card.reset"),
            (Transmit(TransmitError::ReaderGone), "card.reader-gone"),
            (
                Transmit(TransmitError::ServiceStopped),
                "card.service-stopped",
            ),
        ];
        for (error, key) in errors {
            for language in [Language::En, Language::Fa] {
                let problem = Problem::from(negin_issuance::Error::Card(error));
                let failure = problem.failure(language);
                assert_eq!((failure.key.as_str(), failure.exit), (key, Exit::Refused));
                for text in [&failure.what, &failure.means, &failure.next] {
                    let persian = text.chars().any(|c| ('\u{0600}'..='\u{06FF}').contains(&c));
                    assert_eq!(persian, language == Language::Fa, "{key}: {text}");
                    assert!(!text.contains('{'), "{key}: {text}");
                }
            }
        }
    }
}
