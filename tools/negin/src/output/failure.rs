//! An error as a person sees it: what happened, what it means, what to do next; and as a script sees it.

use std::io::Write;

use serde_json::{Value, json};

use super::exit::Exit;
use super::print::print_json;
use super::style::{Paint, Style};
use super::text::harmless;
use crate::cli::Language;

/// Why a command could not do what was asked. The texts come from the catalogue, in the person's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stable key, such as `ledger.disk-full`.
    pub key: String,
    /// What happened, in one sentence.
    pub what: String,
    /// What it means.
    pub means: String,
    /// What to do next.
    pub next: String,
    /// What the program knows besides, in English: the file, the status word.
    pub detail: String,
    /// How the command ends.
    pub exit: Exit,
}

impl Failure {
    /// The failure as lines of text.
    #[must_use]
    pub fn text(&self, language: Language, style: Style) -> String {
        let words = match language {
            Language::En => ["Error", "It means", "Do this", "Details"],
            Language::Fa => ["خطا", "یعنی", "چه باید کرد", "جزئیات"],
        };
        let mut out = String::new();
        let lines = [&self.what, &self.means, &self.next, &self.detail];
        for (at, (word, text)) in words.iter().zip(lines).enumerate() {
            if text.is_empty() {
                continue;
            }
            let word = match at {
                0 => style.paint(Paint::Bad, word),
                3 => style.paint(Paint::Muted, word),
                _ => style.paint(Paint::Strong, word),
            };
            let text = harmless(text);
            let key = if at == 3 {
                format!(" [{}]", self.key)
            } else {
                String::new()
            };
            out.push_str(&format!("{word}: {text}{key}\n"));
        }
        if self.detail.is_empty() {
            out.push_str(&format!("[{}]\n", self.key));
        }
        out
    }

    /// The failure as an object: `{"error": {"key", "what", "means", "next", "detail"}}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "error": {
                "key": self.key,
                "what": self.what,
                "means": self.means,
                "next": self.next,
                "detail": self.detail,
            }
        })
    }

    /// Tells the person on standard error and, if `json`, the script on standard output; gives the exit code back.
    pub fn tell(&self, language: Language, json: bool) -> Exit {
        // Where neither stream takes the message there is nobody left to tell; the exit code still says it.
        let _ = std::io::stderr()
            .lock()
            .write_all(self.text(language, Style::stderr()).as_bytes());
        if json {
            let _ = print_json(&self.to_json());
        }
        self.exit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> Failure {
        Failure {
            key: "ledger.disk-full".to_owned(),
            what: "The ledger could not be written.".to_owned(),
            means: "The disk is full; nothing of this step was entered.".to_owned(),
            next: "Make room, then give the same command again.".to_owned(),
            detail: "/tmp/\u{1b}[2J: no space left".to_owned(),
            exit: Exit::Refused,
        }
    }

    #[test]
    fn a_person_reads_what_means_next_and_detail_in_that_order() {
        assert_eq!(
            failure().text(Language::En, Style::plain()),
            "Error: The ledger could not be written.\n\
             It means: The disk is full; nothing of this step was entered.\n\
             Do this: Make room, then give the same command again.\n\
             Details: /tmp/\u{FFFD}[2J: no space left [ledger.disk-full]\n"
        );
        assert!(
            failure()
                .text(Language::Fa, Style::plain())
                .starts_with("خطا: ")
        );
    }

    #[test]
    fn the_key_is_there_without_details_too() {
        let mut failure = failure();
        failure.detail.clear();
        assert!(
            failure
                .text(Language::En, Style::plain())
                .ends_with("again.\n[ledger.disk-full]\n")
        );
    }

    #[test]
    fn a_script_reads_one_object() {
        let value = failure().to_json();
        let error = value["error"].as_object().unwrap();
        let mut keys: Vec<&str> = error.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["detail", "key", "means", "next", "what"]);
        assert_eq!(error["key"], "ledger.disk-full");
    }
}
