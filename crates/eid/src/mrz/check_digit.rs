//! Check digits (ICAO Doc 9303-3 §4.9): weights 7, 3, 1 over the characters' values, modulo 10.

/// The check digit, as an ASCII digit, of characters 0-9, A-Z and `<`; `None` where there is any other.
#[must_use]
pub fn check_digit(characters: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (character, weight) in characters.iter().zip([7, 3, 1].into_iter().cycle()) {
        let value = match character {
            b'0'..=b'9' => character - b'0',
            b'A'..=b'Z' => character - b'A' + 10,
            b'<' => 0,
            _ => return None,
        };
        sum = (sum + u32::from(value) * weight) % 10;
    }
    Some(b'0' + sum as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of 9303-3 §4.9.
    #[test]
    fn published_examples() {
        assert_eq!(check_digit(b"520727"), Some(b'3'));
        assert_eq!(check_digit(b"AB2134<<<"), Some(b'5'));
        assert_eq!(check_digit(b"D23145890734"), Some(b'9'));
    }

    #[test]
    fn other_characters_have_none() {
        assert_eq!(check_digit(b"ab"), None);
        assert_eq!(check_digit(b" "), None);
        assert_eq!(check_digit(b""), Some(b'0'));
    }
}
