//! Latin letters in a machine readable zone (ICAO Doc 9303-3 §6, table A): what letters beyond A to Z become.
//!
//! Where the table leaves a choice, the longer writing is taken, which says more (Ä is AE, Ö and Ø OE, Ü UE, Å AA).

/// The letters A to Z for one Latin letter, upper case or lower; `None` for what is no Latin letter of the table.
#[must_use]
pub fn transliterate(letter: char) -> Option<&'static str> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if letter.is_ascii_alphabetic() {
        let at = usize::from(letter.to_ascii_uppercase() as u8 - b'A');
        return ALPHABET.get(at..=at);
    }
    let mut upper = letter.to_uppercase();
    let upper = match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        // ß has no single capital; its two are its writing.
        _ => letter,
    };
    Some(match upper {
        'Á' | 'À' | 'Â' | 'Ã' | 'Ă' | 'Ą' | 'Ā' => "A",
        'Ä' | 'Æ' => "AE",
        'Å' => "AA",
        'Ć' | 'Ĉ' | 'Č' | 'Ċ' | 'Ç' => "C",
        'Đ' | 'Ď' | 'Ð' => "D",
        'É' | 'È' | 'Ê' | 'Ë' | 'Ě' | 'Ė' | 'Ę' | 'Ē' | 'Ĕ' | 'Ə' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ħ' | 'Ĥ' => "H",
        'Í' | 'Ì' | 'Î' | 'Ï' | 'Ĩ' | 'İ' | 'Į' | 'Ī' | 'Ĭ' => "I",
        'Ĳ' => "IJ",
        'Ĵ' => "J",
        'Ķ' => "K",
        'Ł' | 'Ĺ' | 'Ľ' | 'Ļ' | 'Ŀ' => "L",
        'Ń' | 'Ñ' | 'Ň' | 'Ņ' | 'Ŋ' => "N",
        'Ø' | 'Ö' | 'Œ' => "OE",
        'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ő' | 'Ō' | 'Ŏ' => "O",
        'Ŕ' | 'Ř' | 'Ŗ' => "R",
        'Ś' | 'Ŝ' | 'Š' | 'Ş' | 'Ș' => "S",
        'ß' | 'ẞ' => "SS",
        'Ť' | 'Ţ' | 'Ț' | 'Ŧ' => "T",
        'Þ' => "TH",
        'Ü' => "UE",
        'Ú' | 'Ù' | 'Û' | 'Ũ' | 'Ű' | 'Ų' | 'Ū' | 'Ů' | 'Ŭ' => "U",
        'Ŵ' => "W",
        'Ý' | 'Ÿ' | 'Ŷ' => "Y",
        'Ź' | 'Ž' | 'Ż' => "Z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_cases_are_alike() {
        for letter in 'A'..='Ž' {
            let lower = letter.to_lowercase().next().unwrap();
            assert_eq!(transliterate(letter), transliterate(lower), "{letter}");
        }
        assert_eq!(transliterate('z'), Some("Z"));
        assert_eq!(transliterate('ß'), Some("SS"));
    }

    #[test]
    fn only_latin_letters() {
        for other in ['1', '<', ' ', 'ن', 'Я', '×'] {
            assert_eq!(transliterate(other), None, "{other}");
        }
    }
}
