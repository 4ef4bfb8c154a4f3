//! Colour, where there is a terminal that wants it.

use std::ffi::OsStr;
use std::io::IsTerminal;

/// What a word says by its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// It went well: green.
    Good,
    /// It was refused or failed: red.
    Bad,
    /// Something to look at: yellow.
    Warn,
    /// Less important: dim.
    Muted,
    /// More important: bold.
    Strong,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Bad => "31",
            Self::Warn => "33",
            Self::Muted => "2",
            Self::Strong => "1",
        }
    }
}

/// How a stream is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: bool,
    terminal: bool,
}

impl Style {
    /// No terminal: text and nothing but text.
    #[cfg(test)]
    pub fn plain() -> Self {
        Self {
            colour: false,
            terminal: false,
        }
    }

    /// The style of standard output, as its kind and the environment have it.
    #[must_use]
    pub fn stdout() -> Self {
        Self::of(std::io::stdout().is_terminal())
    }

    /// The style of standard error, as its kind and the environment have it.
    #[must_use]
    pub fn stderr() -> Self {
        Self::of(std::io::stderr().is_terminal())
    }

    fn of(terminal: bool) -> Self {
        Self::decide(
            terminal,
            std::env::var_os("NO_COLOR").as_deref(),
            std::env::var_os("TERM").as_deref(),
        )
    }

    /// The style of a stream that is, or is not, a terminal, under `NO_COLOR` and `TERM`.
    ///
    /// `NO_COLOR` counts when it is there and not empty (no-color.org); a terminal named `dumb` gets no colour.
    #[must_use]
    pub fn decide(terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> Self {
        let forbidden = no_color.is_some_and(|value| !value.is_empty());
        let dumb = term.is_some_and(|value| value == "dumb");
        Self {
            colour: terminal && !forbidden && !dumb,
            terminal,
        }
    }

    /// Whether a person is looking at a terminal.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        self.terminal
    }

    /// Whether colour is written.
    #[must_use]
    pub fn has_colour(self) -> bool {
        self.colour
    }

    /// The text in its colour; without colour, the text.
    #[must_use]
    pub fn paint(self, paint: Paint, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", paint.code())
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(terminal: bool, no_color: Option<&str>, term: &str) -> Style {
        Style::decide(terminal, no_color.map(OsStr::new), Some(OsStr::new(term)))
    }

    #[test]
    fn colour_only_on_a_terminal_that_wants_it() {
        assert!(style(true, None, "xterm-256color").has_colour());
        assert!(style(true, Some(""), "xterm").has_colour());
        assert!(!style(true, Some("1"), "xterm").has_colour());
        assert!(!style(true, None, "dumb").has_colour());
        assert!(!style(false, None, "xterm").has_colour());
        assert!(style(true, Some("1"), "xterm").is_terminal());
    }

    #[test]
    fn painted_text_ends_its_colour() {
        assert_eq!(
            style(true, None, "xterm").paint(Paint::Bad, "no"),
            "\u{1b}[31mno\u{1b}[0m"
        );
        assert_eq!(Style::plain().paint(Paint::Bad, "no"), "no");
        assert_eq!(style(true, None, "xterm").paint(Paint::Good, ""), "");
    }
}
