//! An office with a folder of its own, in which `negin` is started as a person would.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use negin_issuance::record::calendar::Date;
use negin_tests::citizen::{Citizen, write_order};
use serde_json::Value;
use tempfile::TempDir;

pub const NEGIN: &str = env!("CARGO_BIN_EXE_negin");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    Persian,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Persian];

    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Persian => "fa",
        }
    }
}

/// That a text says something in this language.
pub fn said(language: Language, text: &str) {
    let persian = text
        .chars()
        .any(|letter| ('\u{0600}'..='\u{06FF}').contains(&letter));
    let words = text.split_whitespace().count();
    assert!(words >= 2, "{language:?}: {text:?}");
    assert_eq!(persian, language == Language::Persian, "{text}");
}

pub struct Office {
    folder: TempDir,
}

impl Office {
    /// An office with a key file.
    pub fn new() -> Self {
        let office = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        office.done(&["keys", "new", "keys.json"]);
        office
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// A synthetic citizen whose card is issued today.
    pub fn citizen(&self, number: u64) -> Citizen {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let seconds = i64::try_from(since.as_secs()).expect("before the end of time");
        Citizen::synthetic(number).issued(Date::from_unix(seconds, 0).expect("a date"))
    }

    /// Enters an order of these citizens in `ledger.sqlite`.
    pub fn enter(&self, citizens: &[Citizen]) {
        write_order(&self.path("order"), "order-1", citizens);
        self.done(&self.seat_words(&["check", "order"], "station-1"));
    }

    /// Arguments with the keys and this ledger and seat.
    pub fn seat(&self, words: &[&str], ledger: &str, seat: &str) -> Vec<String> {
        let own = ["--keys", "keys.json", "--ledger", ledger, "--seat", seat];
        words.iter().chain(&own).map(ToString::to_string).collect()
    }

    /// As [`seat`](Self::seat), with the office's ledger.
    pub fn seat_words(&self, words: &[&str], seat: &str) -> Vec<String> {
        self.seat(words, "ledger.sqlite", seat)
    }

    /// `negin personalize` of the order with this card.
    pub fn personalize(&self, card: &str) -> Vec<String> {
        let reader = format!("sim:{card}");
        let words = [
            "personalize",
            "order",
            "--reader",
            &reader,
            "--override-share",
            "keys.officer-1.share",
            "--override-share",
            "keys.officer-2.share",
        ];
        self.seat_words(&words, "station-1")
    }

    /// The program with these arguments, in the office's folder.
    pub fn command(&self, words: &[impl AsRef<str>]) -> Command {
        let mut command = Command::new(NEGIN);
        command
            .args(words.iter().map(AsRef::as_ref))
            .current_dir(self.folder())
            .env_remove("LC_ALL")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command
    }

    fn run(&self, code: i32, words: &[impl AsRef<str>], more: &[&str]) -> (Vec<u8>, Vec<u8>) {
        let mut command = self.command(words);
        let output = command.args(more).output().expect("started");
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{command:?}: {shown}");
        (output.stdout, output.stderr)
    }

    /// That it ends well.
    pub fn done(&self, words: &[impl AsRef<str>]) {
        self.run(0, words, &[]);
    }

    /// What it tells a script.
    pub fn json(&self, code: i32, words: &[impl AsRef<str>]) -> Value {
        let (stdout, _) = self.run(code, words, &["--json"]);
        serde_json::from_slice(&stdout).expect("one object")
    }

    /// What it tells a person on standard output.
    pub fn text(&self, code: i32, language: Language, words: &[impl AsRef<str>]) -> String {
        let (stdout, _) = self.run(code, words, &["--lang", language.code()]);
        String::from_utf8(stdout).expect("text")
    }

    /// That it fails with this key, and says so in both languages.
    pub fn fails(&self, key: &str, code: i32, words: &[impl AsRef<str>]) {
        for language in Language::ALL {
            let more = ["--json", "--lang", language.code()];
            let (stdout, stderr) = self.run(code, words, &more);
            self.is_error(key, language, &stdout, &stderr);
        }
    }

    /// That this is an error with that key: an object on standard output, the same texts on standard error.
    pub fn is_error(&self, key: &str, language: Language, stdout: &[u8], stderr: &[u8]) {
        let object: Value = serde_json::from_slice(stdout).expect("one object");
        let error = &object["error"];
        assert_eq!(error["key"], key, "{object}");
        let shown = String::from_utf8_lossy(stderr);
        for part in ["what", "means", "next"] {
            let text = error[part].as_str().expect(part);
            said(language, text);
            assert!(shown.contains(text), "{shown}");
        }
        assert!(shown.contains(&format!("[{key}]")), "{shown}");
    }
}
