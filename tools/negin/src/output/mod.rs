//! What a person or a script sees of a command: tables, colour, progress, JSON, errors, exit codes.
//!
//! The rule of this room: results go to standard output, everything else to standard error. Colour and other
//! control sequences appear only on a terminal, and not where `NO_COLOR` is set. Text that comes from outside (a
//! record, a card) is made harmless before it reaches a terminal.

mod exit;
mod failure;
mod print;
mod progress;
mod style;
mod table;
mod text;

pub use exit::Exit;
pub use failure::Failure;
pub use print::{print_json, print_text};
pub use progress::Progress;
pub use style::{Paint, Style};
pub use table::{Align, Cell, Table};
pub use text::{harmless, shortened};
