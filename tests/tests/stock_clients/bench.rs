//! A card in a reader of a pcscd of its own, and a shell script of client programs run beside them.
//!
//! The rules:
//! - Everything a client needs (daemons, configuration, home folder) is made for the run in a folder of its own and
//!   ends with the run: the script runs inside `negin-sim pcsc`, which ends all that was started in it.
//! - A client is run as a `step`: what it said and how it ended is kept under the step's name, and looked at by the
//!   test. A step that did not run fails the test that asks for it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use negin_tests::desk::PIN;
use negin_tests::pcsc;
use tempfile::TempDir;

/// What every script begins with. A step gets no input, no terminal and two minutes; its end is no end of the script.
const PREAMBLE: &str = r#"
set -u
step() {
    step_name=$1; shift
    setsid --wait timeout -k 5 120 "$@" >"$step_name.said" 2>"$step_name.errors" </dev/null
    echo $? >"$step_name.status"
}
# Runs until the command succeeds, thirty seconds at most.
until_so() {
    tries=300
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "not so after thirty seconds: $*" >&2; return 1; }
        sleep 0.1
    done
}
for OPENSC in /usr/lib/*/opensc-pkcs11.so; do :; done
"#;

/// A folder with cards in it, for one test.
pub struct Bench {
    folder: TempDir,
    cards: Vec<PathBuf>,
}

impl Bench {
    /// These cards, the first in the first reader.
    pub fn with(cards: &[&[u8]]) -> Self {
        // Sockets lie in it, whose paths must be short.
        let folder = tempfile::tempdir_in("/tmp").expect("a folder");
        let mut paths = Vec::new();
        for (number, state) in cards.iter().enumerate() {
            let path = folder.path().join(format!("{number}.card"));
            fs::write(&path, state).expect("room on the disk");
            paths.push(path);
        }
        Self {
            folder,
            cards: paths,
        }
    }

    /// Where scripts run, and where they leave their files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a file there.
    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.folder().join(name), content).expect("room on the disk");
    }

    /// Reads a file there.
    pub fn get(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The state of the card in reader `number`, as the last run left it.
    pub fn card(&self, number: usize) -> Vec<u8> {
        fs::read(&self.cards[number]).expect("a card's file")
    }

    /// Runs a script of steps with the cards in their readers.
    ///
    /// # Panics
    /// Where the script itself ends badly; a step that does is looked at by the test.
    pub fn run(&self, script: &str) {
        self.put("script", format!("{PREAMBLE}\n{script}\n"));
        let mut options = Vec::new();
        for card in &self.cards {
            options.extend([OsStr::new("--card"), card.as_os_str()]);
        }
        let mut command = pcsc::command(&options, "sh");
        command
            .arg("script")
            .current_dir(self.folder())
            .env("HOME", self.folder())
            .env("LC_ALL", "C.UTF-8")
            .env("PIN", PIN)
            .env_remove("SSH_AUTH_SOCK")
            .env_remove("DISPLAY");
        let ran = pcsc::finish(&mut command);
        assert_eq!(
            ran.status,
            Some(0),
            "the script failed: {}{}",
            ran.out,
            ran.err
        );
    }

    /// How a step ended, and all it said: standard output, then errors.
    pub fn step(&self, name: &str) -> (i32, String) {
        let status = String::from_utf8(self.get(&format!("{name}.status"))).expect("a number");
        let mut said = String::from_utf8_lossy(&self.get(&format!("{name}.said"))).into_owned();
        said.push_str(&String::from_utf8_lossy(
            &self.get(&format!("{name}.errors")),
        ));
        (status.trim().parse().expect("a number"), said)
    }

    /// What a step said that must have succeeded.
    pub fn succeeded(&self, name: &str) -> String {
        let (status, said) = self.step(name);
        assert_eq!(status, 0, "{name} said: {said}");
        said
    }

    /// What a step said that must have been refused.
    pub fn refused(&self, name: &str) -> String {
        let (status, said) = self.step(name);
        assert!(
            !matches!(status, 0 | 124 | 126 | 127 | 137),
            "{name} ended with {status} and said: {said}"
        );
        said
    }

    /// That a step succeeded and said all of these.
    pub fn says(&self, name: &str, words: &[&str]) {
        let said = self.succeeded(name);
        for word in words {
            assert!(
                said.contains(word),
                "{name} does not say {word:?}, but: {said}"
            );
        }
    }
}
