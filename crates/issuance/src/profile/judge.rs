//! Values of a profile's form, judged one by one; each fault with its line.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use toml::Spanned;

use super::form::{Number, Real, Word};
use crate::fault::Fault;
use crate::finding::Finding;

/// Line and column, from 1, of a byte of a text.
pub(super) fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before
        .get(line_start..)
        .map_or(0, |line| line.chars().count());
    (before.matches('\n').count() + 1, column + 1)
}

/// Turns the form into a profile, gathering faults.
pub(super) struct Judge<'a> {
    text: &'a str,
    file: &'a str,
    findings: RefCell<Vec<Finding>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(text: &'a str, file: &'a str) -> Self {
        Self {
            text,
            file,
            findings: RefCell::default(),
        }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.findings.borrow().is_empty()
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    pub(super) fn line<T>(&self, value: &Spanned<T>) -> usize {
        position(self.text, value.span().start).0
    }

    pub(super) fn report(&self, field: &str, fault: Fault) {
        self.findings
            .borrow_mut()
            .push(Finding::at(fault, self.file, field));
    }

    pub(super) fn outside<T>(
        &self,
        field: &str,
        line: usize,
        found: impl ToString,
        min: impl ToString,
        max: impl ToString,
    ) -> Option<T> {
        self.report(
            field,
            Fault::ProfileOutOfRange {
                line,
                found: found.to_string(),
                min: min.to_string(),
                max: max.to_string(),
            },
        );
        None
    }

    pub(super) fn number<T: TryFrom<i64>>(
        &self,
        field: &str,
        value: &Number,
        range: RangeInclusive<i64>,
    ) -> Option<T> {
        let number = *value.get_ref();
        let taken = T::try_from(number).ok().filter(|_| range.contains(&number));
        taken.or_else(|| self.outside(field, self.line(value), number, range.start(), range.end()))
    }

    pub(super) fn real(
        &self,
        field: &str,
        value: &Real,
        range: RangeInclusive<f64>,
    ) -> Option<f64> {
        let number = *value.get_ref();
        if range.contains(&number) {
            return Some(number);
        }
        self.outside(field, self.line(value), number, range.start(), range.end())
    }

    pub(super) fn word<T: Copy>(
        &self,
        field: &str,
        value: &Word,
        words: &[(&str, T)],
    ) -> Option<T> {
        let found = words.iter().find(|(word, _)| word == value.get_ref());
        if found.is_none() {
            self.report(
                field,
                Fault::ProfileWordUnknown {
                    line: self.line(value),
                    found: value.get_ref().clone(),
                    known: words
                        .iter()
                        .map(|(word, _)| *word)
                        .collect::<Vec<_>>()
                        .join(", "),
                },
            );
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// A list of words, none of them twice.
    pub(super) fn words<T: Copy + PartialEq>(
        &self,
        field: &str,
        list: &Spanned<Vec<Word>>,
        words: &[(&str, T)],
    ) -> Option<Vec<T>> {
        let read: Vec<Option<T>> = list
            .get_ref()
            .iter()
            .map(|value| self.word(field, value, words))
            .collect();
        let meanings: Vec<T> = read.into_iter().collect::<Option<_>>()?;
        for (index, value) in list.get_ref().iter().enumerate() {
            if meanings[..index].contains(&meanings[index]) {
                self.report(
                    field,
                    Fault::ProfileRepeated {
                        line: self.line(value),
                        found: value.get_ref().clone(),
                    },
                );
            }
        }
        Some(meanings)
    }

    /// A text of so many characters, all of them allowed.
    pub(super) fn text(
        &self,
        field: &str,
        value: &Word,
        length: RangeInclusive<usize>,
        known: &str,
        allowed: impl Fn(char) -> bool,
    ) -> Option<String> {
        let text = value.get_ref();
        if length.contains(&text.chars().count()) && text.chars().all(allowed) {
            return Some(text.clone());
        }
        self.report(
            field,
            Fault::ProfileWordUnknown {
                line: self.line(value),
                found: text.clone(),
                known: known.to_owned(),
            },
        );
        None
    }

    pub(super) fn missing(&self, field: &str, line: usize, wanted: &str) {
        self.report(
            field,
            Fault::ProfileMissing {
                line,
                wanted: wanted.to_owned(),
            },
        );
    }
}
