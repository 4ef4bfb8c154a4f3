//! What a scanner sees, in the terminal, while the finger is being laid on; what the person is to do stands beneath.
//!
//! A finger's picture is shown to who asked for it and kept nowhere: it stands on the terminal's alternate screen, which
//! has no scroll-back, and is wiped off it before the screen is given back, however the program ends. Between two frames
//! nothing of it is held here.

mod picture;
mod screen;

use std::io::IsTerminal;

use negin_fingerprint::Image;

use crate::problem::Problem;
use picture::Greys;
use screen::Screen;

pub use screen::give_back as give_back_terminal;

/// Fewest columns and lines of a terminal in which a print can be made out.
const LEAST: (u16, u16) = (20, 8);

/// A terminal that can show it.
pub struct Terminal {
    greys: Greys,
}

impl Terminal {
    /// The terminal on standard output.
    ///
    /// # Errors
    /// `negin.no-terminal` where standard output is none, or one that cannot show a print.
    pub fn find() -> Result<Self, Problem> {
        let none = |why: &str| Problem::new("negin.no-terminal", vec![("detail", why.to_owned())]);
        if !std::io::stdout().is_terminal() {
            return Err(none("standard output is not a terminal"));
        }
        let variable = |name| std::env::var(name).unwrap_or_default();
        let term = variable("TERM");
        if term.is_empty() || term == "dumb" {
            return Err(none("TERM names a terminal that has no screen"));
        }
        let (columns, lines) = screen::size().ok_or_else(|| none("its size is not known"))?;
        if columns < LEAST.0 || lines < LEAST.1 {
            return Err(none(&format!(
                "it has {columns} x {lines} characters, and {} x {} are the least",
                LEAST.0, LEAST.1
            )));
        }
        Ok(Self {
            greys: Greys::of(&variable("COLORTERM"), &term),
        })
    }
}

/// A preview. The terminal is as it was when this is dropped.
pub struct Preview {
    screen: Screen,
    greys: Greys,
}

impl Preview {
    /// Takes the terminal.
    pub fn begin(terminal: Terminal) -> Self {
        Self {
            screen: Screen::take(),
            greys: terminal.greys,
        }
    }

    /// Shows a frame in place of the one before.
    pub fn frame(&self, image: &Image) {
        let Some((columns, lines)) = screen::size() else {
            return;
        };
        // The last line is for words, and one is left free above it.
        let cells = picture::draw(image, columns, lines.saturating_sub(2), self.greys);
        self.screen.write(&cells);
    }

    /// Says what the person is to do, in place of what was said before.
    pub fn say(&self, text: &str) {
        self.screen.say(text);
    }
}
