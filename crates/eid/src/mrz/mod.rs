//! Machine readable zones of identity cards: three lines of thirty characters, TD1 (ICAO Doc 9303-3 §4 and 9303-5 §4.2).
//!
//! The rule: a zone that is built obeys the standard, and a zone that is read must too, every check digit included.

mod check_digit;
mod date;
mod name;
mod td1;
mod transliteration;

pub use check_digit::check_digit;
pub use date::MrzDate;
pub use name::MrzName;
pub use td1::{Sex, Td1};
pub use transliteration::transliterate;
