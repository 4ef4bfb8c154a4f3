//! Scenarios: what is said to a card and what it must answer, as data that reads like a script.
//!
//! ```text
//! card live                             # a fresh card in this state, in a reader of its own
//! > 00 A4 04 00 [A0 00 00 03 08] 00     # said as it stands; [ ] puts the length before what it holds
//! < 61 (4F (*) *) 90 00                 # and answered so; ( ) holds as many bytes as the length before it says
//! > 00 20 00 80 [pin(000000)]
//! < 63 C4
//! ```
//!
//! | Line | Meaning |
//! |---|---|
//! | `card STATE` | lays a fresh card on the table: `blank`, `waiting` (for its holder), `live`, `locked`, `terminated` |
//! | `interface contactless` | the cards laid from here on are spoken to over the antenna; `contact` as at the beginning |
//! | `reset` | power off and on; a `<` after it is held against the answer to reset |
//! | `let NAME = BYTES` | names bytes |
//! | `> BYTES` | sends bytes as they are |
//! | `>> BYTES` | sends a command as a host does: in a chain where it is long, the whole answer fetched |
//! | `channel ROLE [LEVEL]` | opens SCP03 with what is selected: `transport`, `issuer`, `delivery`, `override`; level 33 |
//! | `~> BYTES` | sends a command under that channel |
//! | `close` | the host forgets the channel; the card is told nothing |
//! | `< PATTERN` | what is answered; required after each sending |
//! | `expect BYTES = BYTES`, `expect BYTES != BYTES` | compares |
//! | `repeat N` … `end` | as often as that |
//!
//! BYTES are hexadecimal digits, `{NAME}`, `[ ]`, `( )`, `pin(123456)`, `text(abc)` and `fill(5A 300)`. A PATTERN is
//! bytes, `..` for any byte, `6.` and `.C` for half a one, `*` for any number of bytes, `{NAME:8}` for 8 bytes to be
//! named, `{NAME:*}` for any number of them, and `|` between patterns of which one must fit. A line that begins with a
//! space goes on with the line before it; `#` begins a comment.

mod bytes;
mod memory_table;
mod pattern;
mod pcsc_table;
#[cfg(feature = "real-card")]
pub mod real_table;
mod run;
mod script;
mod table;

pub use memory_table::MemoryTable;
pub use pcsc_table::{MOST as MOST_READERS, PcscTable, options};
pub use run::{Told, run};
pub use script::{ParseError, Scenario};
pub use table::{CardState, Laid, Reader, Table};

#[cfg(test)]
mod tests;
