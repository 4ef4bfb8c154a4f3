//! What the program says to people, in their language.
//!
//! The rule: every error and finding has a stable key; under it `messages/en.toml` and
//! `messages/fa.toml` hold what happened, what it means for this card or record, and what to do
//! next. A key without texts, or texts without a key, fail a test.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use negin_issuance::finding::Finding;
use negin_issuance::record::calendar::{Calendar, Date};
use negin_issuance::record::digits;
use serde::Deserialize;

use crate::cli::Language;

const EN: &str = include_str!("../messages/en.toml");
const FA: &str = include_str!("../messages/fa.toml");

/// Parameters whose value is a Gregorian date; people read it in their own calendar.
const DATES: [&str; 6] = ["birth", "expiry", "first", "issue", "last", "latest"];

/// Parameters whose value is a finger's code.
const FINGERS: [&str; 2] = ["finger", "other"];

/// The texts of one key, their placeholders filled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    /// What happened.
    pub what: String,
    /// What it means for this card or record.
    pub means: String,
    /// What to do next.
    pub next: String,
}

/// The texts of a key with these parameters. A key that the catalogue does not know, which no
/// released program has, is its own `what`.
#[must_use]
pub fn texts(language: Language, key: &str, params: &[(&str, String)]) -> Texts {
    let catalogue = catalogue(language);
    let Some(entry) = catalogue.entry(key) else {
        return Texts {
            what: key.to_owned(),
            ..Texts::default()
        };
    };
    let fill = |template: &str| fill(template, |name| catalogue.value(language, name, params));
    Texts {
        what: fill(&entry.what),
        means: fill(&entry.means),
        next: fill(&entry.next),
    }
}

/// The texts of a finding.
#[must_use]
pub fn of_finding(language: Language, finding: &Finding) -> Texts {
    texts(language, finding.key(), &finding.params())
}

/// The language asked for, or that of the environment: the first of `LC_ALL`, `LC_MESSAGES` and
/// `LANG` that is set decides, as POSIX has it; English where it is not Persian.
#[must_use]
pub fn choose(asked: Option<Language>, environment: impl Fn(&str) -> Option<String>) -> Language {
    asked.unwrap_or_else(|| {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(environment)
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        let language = locale.split(['_', '.', '@']).next();
        if language == Some("fa") {
            Language::Fa
        } else {
            Language::En
        }
    })
}

#[derive(Debug, Default, Deserialize)]
struct Catalogue {
    fingers: Vec<String>,
    #[serde(default)]
    words: BTreeMap<String, String>,
    #[serde(flatten)]
    rooms: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    what: String,
    means: String,
    next: String,
}

fn catalogue(language: Language) -> &'static Catalogue {
    static ENGLISH: OnceLock<Catalogue> = OnceLock::new();
    static PERSIAN: OnceLock<Catalogue> = OnceLock::new();
    let (once, text) = match language {
        Language::En => (&ENGLISH, EN),
        Language::Fa => (&PERSIAN, FA),
    };
    // Both are part of this program, and a test reads them.
    once.get_or_init(|| toml::from_str(text).unwrap_or_default())
}

impl Catalogue {
    fn entry(&self, key: &str) -> Option<&Entry> {
        let (room, name) = key.split_once('.')?;
        self.rooms.get(room)?.get(name)
    }

    /// A parameter's value as a person of that language reads it.
    fn value(&self, language: Language, name: &str, params: &[(&str, String)]) -> Option<String> {
        let (_, value) = params.iter().find(|(param, _)| *param == name)?;
        if DATES.contains(&name)
            && let Ok(date) = Date::parse(value)
        {
            return Some(match language {
                Language::En => date.long(Calendar::Gregorian),
                Language::Fa => date.long(Calendar::Persian),
            });
        }
        if FINGERS.contains(&name)
            && let Some(finger) = value
                .parse::<usize>()
                .ok()
                .and_then(|code| self.fingers.get(code.checked_sub(1)?))
        {
            return Some(finger.clone());
        }
        if let Some(word) = self.words.get(value) {
            return Some(word.clone());
        }
        let number = !value.is_empty() && value.chars().all(|c| c.is_ascii_digit() || c == '.');
        Some(match language {
            Language::Fa if number => digits::to_persian(value).replace('.', "٫"),
            _ => value.clone(),
        })
    }
}

/// The template with each `{name}` replaced; a name that `value` does not know stays as it is.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match value(name) {
            Some(text) => out.push_str(&text),
            None => out.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
