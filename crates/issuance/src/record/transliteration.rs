//! Arabic-script names in a machine-readable zone, where no Latin name is given.
//!
//! The rule: the letter table of ICAO Doc 9303-3, section 6.C, letter by letter, so that a machine
//! can turn the zone back into the Arabic-script name. It is no phonetic spelling: vowels that are
//! not written are not added, and `X` only escapes the letter after it.

/// The transliteration of a name of one or more words: letters A to Z, words joined by one `<`.
///
/// Shadda repeats the letter before it; teh marbuta is `XAH` at the end of a word and `XTA` within
/// one. Characters that the table leaves out (vowel signs, kashida) or does not know give nothing;
/// a non-joiner separates nothing.
#[must_use]
pub fn transliterate(name: &str) -> String {
    name.split_whitespace()
        .map(word)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("<")
}

fn word(word: &str) -> String {
    let mut out = String::new();
    let mut last = "";
    let mut characters = word.chars().peekable();
    while let Some(character) = characters.next() {
        let sequence = match character {
            SHADDA => last,
            TEH_MARBUTA if !characters.clone().any(|next| !letter(next).is_empty()) => "XAH",
            _ => letter(character),
        };
        if sequence.is_empty() {
            continue;
        }
        out.push_str(sequence);
        last = sequence;
    }
    out
}

const SHADDA: char = '\u{0651}';
const TEH_MARBUTA: char = '\u{0629}';

/// The table; empty for what is not encoded.
const fn letter(character: char) -> &'static str {
    match character {
        '\u{0621}' => "XE",
        '\u{0622}' => "XAA",
        '\u{0623}' => "XAE",
        '\u{0624}' => "U",
        '\u{0625}' => "I",
        '\u{0626}' => "XI",
        '\u{0627}' => "A",
        '\u{0628}' => "B",
        TEH_MARBUTA => "XTA",
        '\u{062A}' => "T",
        '\u{062B}' => "XTH",
        '\u{062C}' => "J",
        '\u{062D}' => "XH",
        '\u{062E}' => "XKH",
        '\u{062F}' => "D",
        '\u{0630}' => "XDH",
        '\u{0631}' => "R",
        '\u{0632}' => "Z",
        '\u{0633}' => "S",
        '\u{0634}' => "XSH",
        '\u{0635}' => "XSS",
        '\u{0636}' => "XDZ",
        '\u{0637}' => "XTT",
        '\u{0638}' => "XZZ",
        '\u{0639}' => "E",
        '\u{063A}' => "G",
        '\u{0641}' => "F",
        '\u{0642}' => "Q",
        '\u{0643}' => "K",
        '\u{0644}' => "L",
        '\u{0645}' => "M",
        '\u{0646}' => "N",
        '\u{0647}' => "H",
        '\u{0648}' => "W",
        '\u{0649}' => "XAY",
        '\u{064A}' | '\u{06D0}' => "Y",
        '\u{0671}' => "XXA",
        '\u{0679}' => "XXT",
        '\u{067C}' => "XRT",
        '\u{067E}' => "P",
        '\u{0681}' => "XKE",
        '\u{0685}' => "XXH",
        '\u{0686}' => "XC",
        '\u{0688}' => "XXD",
        '\u{0689}' => "XDR",
        '\u{0691}' => "XXR",
        '\u{0693}' => "XRR",
        '\u{0696}' => "XRX",
        '\u{0698}' => "XJ",
        '\u{069A}' => "XXS",
        '\u{06A9}' => "XKK",
        '\u{06AB}' => "XXK",
        '\u{06AD}' => "XNG",
        '\u{06AF}' => "XGG",
        '\u{06BA}' => "XNN",
        '\u{06BC}' => "XXN",
        '\u{06BE}' => "XDO",
        '\u{06C0}' => "XYH",
        '\u{06C1}' => "XXG",
        '\u{06C2}' => "XGE",
        '\u{06C3}' => "XTG",
        '\u{06CC}' => "XYA",
        '\u{06CD}' => "XXY",
        '\u{06D2}' => "XYB",
        '\u{06D3}' => "XBE",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::persian::PersianText;

    #[test]
    fn published_examples() {
        // Doc 9303-3, section 6.C note 3, and the worked examples of appendix B.
        for (arabic, zone) in [
            (
                "ابو بكر محمد بن زكريا الرازي",
                "ABW<BKR<MXHMD<BN<ZKRYA<ALRAZY",
            ),
            ("جمال عبد الناصر", "JMAL<EBD<ALNAXSSR"),
            ("هاري الشماع", "HARY<ALXSHMAE"),
            ("إسماعيل", "ISMAEYL"),
            ("عبّاس", "EBBAS"),
            ("فضّة", "FXDZXDZXAH"),
            ("جميلة نعيمة", "JMYLXAH<NEYMXAH"),
        ] {
            assert_eq!(transliterate(arabic), zone, "{arabic}");
        }
    }

    #[test]
    fn persian_letters_have_their_own_sequences() {
        let name = PersianText::name("پروین چگینی ژاله کاظمی").unwrap();
        assert_eq!(
            transliterate(name.as_str()),
            "PRWXYAN<XCXGGXYANXYA<XJALH<XKKAXZZMXYA"
        );
        assert_eq!(transliterate("علی\u{200C}رضا"), "ELXYARXDZA");
    }

    #[test]
    fn teh_marbuta_depends_on_its_place() {
        assert_eq!(transliterate("فاطمة"), "FATTMXAH".replace("TT", "XTT"));
        assert_eq!(transliterate("فاطمةُ"), "FAXTTMXAH");
        assert_eq!(transliterate("ةب"), "XTAB");
    }

    proptest! {
        #[test]
        fn every_persian_name_has_letters_for_the_zone(text in "[ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآأإؤئءةۀ \u{200C}]{1,30}") {
            if let Ok(name) = PersianText::name(&text) {
                let zone = transliterate(name.as_str());
                prop_assert!(!zone.is_empty());
                prop_assert!(zone.bytes().all(|b| b.is_ascii_uppercase() || b == b'<'), "{}", zone);
            }
        }
    }
}
