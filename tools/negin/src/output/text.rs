//! Text from outside on a terminal: how wide it is, and how it is kept from steering the terminal.

use unicode_width::UnicodeWidthChar;

/// A mark without width that keeps what follows it in left-to-right order.
pub(super) const LEFT_TO_RIGHT_MARK: char = '\u{200E}';

/// The text without what could steer a terminal or turn the order of what stands around it: control characters and
/// bidirectional embeddings, overrides and isolates each become U+FFFD. The zero-width non-joiner stays; Persian
/// needs it.
#[must_use]
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| {
            let steers = c.is_control()
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
            if steers { '\u{FFFD}' } else { c }
        })
        .collect()
}

/// How many columns of a terminal the text takes.
///
/// Counted character by character: terminals do not join lam and alef into one cell, as the width of the whole
/// string would have it.
pub(super) fn columns(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// So much of the text as has room in so many columns.
#[must_use]
pub fn shortened(text: &str, columns: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|&c| {
            used += UnicodeWidthChar::width(c).unwrap_or(0);
            used <= columns
        })
        .collect()
}

/// Whether the text has letters that run from right to left.
pub(super) fn runs_right_to_left(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
            // Persian digits are in these blocks but run from left to right.
            && !matches!(c, '\u{0660}'..='\u{0669}' | '\u{06F0}'..='\u{06F9}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_sequences_and_bidirectional_tricks_become_harmless() {
        assert_eq!(
            harmless("a\u{1b}[31mb\nc\t"),
            "a\u{FFFD}[31mb\u{FFFD}c\u{FFFD}"
        );
        assert_eq!(
            harmless("x\u{202E}y\u{2066}z\u{9b}"),
            "x\u{FFFD}y\u{FFFD}z\u{FFFD}"
        );
        assert_eq!(harmless("گل\u{200C}نار Ψ"), "گل\u{200C}نار Ψ");
    }

    #[test]
    fn columns_of_persian_text() {
        assert_eq!(columns("نگار"), 4);
        // Lam and alef take a cell each; the non-joiner and a vowel sign take none.
        assert_eq!(columns("لالا"), 4);
        assert_eq!(columns("گل\u{200C}نار"), 5);
        assert_eq!(columns("مُ"), 1);
        assert_eq!(columns("漢a"), 3);
    }

    #[test]
    fn what_has_no_room_is_left_out() {
        assert_eq!(shortened("گل\u{200C}نار", 3), "گل\u{200C}ن");
        assert_eq!(shortened("漢漢", 3), "漢");
        assert_eq!(shortened("ab", 9), "ab");
    }

    #[test]
    fn direction_is_seen_in_letters_and_not_in_digits() {
        assert!(runs_right_to_left("نگار"));
        assert!(runs_right_to_left("a ب"));
        assert!(!runs_right_to_left("۱۲۳"));
        assert!(!runs_right_to_left("Negar 12"));
    }
}
