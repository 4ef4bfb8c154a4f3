//! `negin doctor`: what this machine has for what this program does, and how to mend what is missing.
//!
//! The rule: each check looks at one thing, changes nothing that stays, and says what it found. A check that fails
//! stops something from working; one that warns leaves something less well. All of them together take less than two
//! seconds.

mod engine;
mod files;
mod machine;
mod pcsc;
mod scanners;
mod texts;

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::cli::{Common, DoctorArgs, Language};
use crate::output::{Align, Cell, Exit, Paint, Style, Table, print_json, print_text};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Ok,
    Warn,
    Fail,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    fn cell(self) -> Cell {
        let paint = match self {
            Self::Ok => Paint::Good,
            Self::Warn => Paint::Warn,
            Self::Fail => Paint::Bad,
        };
        Cell::new(self.word()).painted(paint)
    }
}

/// What came of one check. Its title and what to do about it are found under its name in [`texts`].
#[derive(Debug)]
struct Check {
    name: &'static str,
    status: Status,
    found: String,
    /// The name under which [`texts`] say what to do.
    hint: &'static str,
}

impl Check {
    fn new(name: &'static str, status: Status, found: impl Into<String>) -> Self {
        Self {
            name,
            status,
            found: found.into(),
            hint: name,
        }
    }

    /// The same check with another remedy than its only one.
    fn hinting(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }
}

/// Carries out every check, prints what came of them, and ends with [`Exit::Refused`] if one failed.
pub fn run(args: &DoctorArgs, common: &Common, language: Language) -> Exit {
    let begun = Instant::now();
    let checks = examine(args);
    let milliseconds = begun.elapsed().as_millis() as u64;
    let printed = if common.json {
        print_json(&as_json(&checks, language, milliseconds))
    } else {
        print_text(&as_text(&checks, language, Style::stdout()))
    };
    match printed {
        Ok(()) => verdict(&checks),
        Err(_) => Exit::Refused,
    }
}

fn examine(args: &DoctorArgs) -> Vec<Check> {
    let mut checks = machine::checks(Path::new("."));
    checks.extend(pcsc::checks());
    checks.extend(scanners::checks());
    checks.extend(args.keys.as_deref().map(files::keys));
    checks.extend(
        args.ledger
            .as_deref()
            .map(|ledger| files::ledger(ledger, args.keys.as_deref())),
    );
    checks.push(engine::comparison());
    checks.push(engine::card());
    checks
}

fn verdict(checks: &[Check]) -> Exit {
    match checks.iter().map(|check| check.status).max() {
        Some(Status::Fail) => Exit::Refused,
        _ => Exit::Done,
    }
}

fn as_text(checks: &[Check], language: Language, style: Style) -> String {
    let mut table = Table::new(&[("", Align::Left), ("", Align::Left), ("", Align::Left)]);
    for check in checks {
        table.row([
            check.status.cell(),
            texts::title(check.name, language).into(),
            Cell::new(&check.found).painted(Paint::Muted),
        ]);
    }
    let mut out = table.render(style);
    for check in checks.iter().filter(|check| check.status != Status::Ok) {
        out.push_str(&format!(
            "\n{}: {}\n",
            style.paint(Paint::Strong, texts::title(check.name, language)),
            texts::next(check.hint, language)
        ));
    }
    out
}

fn as_json(checks: &[Check], language: Language, milliseconds: u64) -> Value {
    let checks_json: Vec<Value> = checks
        .iter()
        .map(|check| {
            let next = (check.status != Status::Ok).then(|| texts::next(check.hint, language));
            json!({
                "name": check.name,
                "status": check.status.word(),
                "title": texts::title(check.name, language),
                "found": check.found,
                "next": next,
            })
        })
        .collect();
    json!({
        "ok": verdict(checks) == Exit::Done,
        "checks": checks_json,
        "milliseconds": milliseconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Vec<Check> {
        vec![
            Check::new("disk", Status::Ok, "12 GiB free"),
            Check::new("openssl", Status::Warn, "not found"),
        ]
    }

    #[test]
    fn every_check_has_its_texts_in_both_languages() {
        let args = DoctorArgs {
            keys: Some("no-such-keys".into()),
            ledger: Some("no-such-ledger".into()),
        };
        for check in examine(&args) {
            for language in [Language::En, Language::Fa] {
                assert!(
                    !texts::title(check.name, language).is_empty(),
                    "{}",
                    check.name
                );
                assert!(
                    !texts::next(check.hint, language).is_empty(),
                    "{}",
                    check.name
                );
            }
        }
    }

    #[test]
    fn a_warning_does_not_fail_and_a_failure_does() {
        let mut checks = checks();
        assert_eq!(verdict(&checks), Exit::Done);
        checks.push(Check::new("folder", Status::Fail, "read-only"));
        assert_eq!(verdict(&checks), Exit::Refused);
        assert_eq!(as_json(&checks, Language::En, 1)["ok"], false);
    }

    #[test]
    fn what_is_missing_comes_with_what_to_do() {
        let text = as_text(&checks(), Language::En, Style::plain());
        assert!(text.contains("openssl"), "{text}");
        assert!(text.contains(texts::next("openssl", Language::En)));
        assert!(!text.contains(texts::next("disk", Language::En)));
        let value = as_json(&checks(), Language::Fa, 1);
        assert_eq!(value["checks"][0]["next"], Value::Null);
        assert_eq!(
            value["checks"][1]["next"],
            texts::next("openssl", Language::Fa)
        );
    }

    #[test]
    fn files_that_are_not_there_are_failures() {
        let args = DoctorArgs {
            keys: Some("no-such-keys".into()),
            ledger: Some("no-such-ledger".into()),
        };
        let failed: Vec<&str> = examine(&args)
            .iter()
            .filter(|check| check.status == Status::Fail)
            .map(|check| check.name)
            .collect();
        assert_eq!(failed, ["keys", "ledger"]);
    }
}
