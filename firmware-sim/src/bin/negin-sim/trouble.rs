//! What goes wrong, for a person: what happened, what it means, what to do next.

use std::fmt;

/// What a person is told where the program cannot go on.
#[derive(Debug)]
pub struct Trouble {
    /// What happened.
    pub what: String,
    /// What it means; may be empty.
    pub means: String,
    /// What to do next.
    pub next: String,
}

impl Trouble {
    /// What happened, and what to do next.
    pub fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            means: String::new(),
            next: next.into(),
        }
    }

    /// What it means.
    pub fn meaning(mut self, means: impl Into<String>) -> Self {
        self.means = means.into();
        self
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "negin-sim: {}", self.what)?;
        if !self.means.is_empty() {
            write!(f, "\n{}", self.means)?;
        }
        write!(f, "\nNext: {}", self.next)
    }
}
