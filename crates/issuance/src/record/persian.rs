//! Persian text in one spelling.
//!
//! The rule: two texts that a reader takes for the same are kept as the same characters, so that
//! they compare, hash and print alike.
//! - Arabic yeh and kaf, and the look-alikes of heh and alef, become the Persian letters;
//!   presentation forms (U+FB50–FDFF, U+FE70–FEFF), which old programs store, become plain letters.
//! - Hamza and madda on a letter become one character with it; heh with hamza is U+06C0 (ۀ). The
//!   result is in Unicode normalisation form C.
//! - Kashida, vowel signs, the joiner and direction marks are dropped.
//! - The non-joiner (ZWNJ) stays only where it has an effect: after a letter that would join, before
//!   another letter.
//! - Spaces of any kind become one U+0020 between words; digits become Persian.
//! - Everything else is refused, with its place.

use std::fmt;

use serde::{Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

use super::digits;
use crate::fault::{Fault, show};

/// Most characters of a name.
pub const NAME_MAX: usize = 48;
/// Most characters of a place.
pub const PLACE_MAX: usize = 120;

const ZWNJ: char = '\u{200C}';

/// A Persian text in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersianText(String);

impl PersianText {
    /// Normalises a name: letters, spaces and non-joiners.
    ///
    /// # Errors
    /// [`Fault::PersianCharacter`], [`Fault::TextEmpty`], [`Fault::TextTooLong`].
    pub fn name(text: &str) -> Result<Self, Fault> {
        normalise(text, Alphabet::Name, NAME_MAX).map(Self)
    }

    /// Normalises the name of a place: as a name, and digits and `- / . ( ) ،`.
    ///
    /// # Errors
    /// [`Fault::PersianCharacter`], [`Fault::TextEmpty`], [`Fault::TextTooLong`].
    pub fn place(text: &str) -> Result<Self, Fault> {
        normalise(text, Alphabet::Place, PLACE_MAX).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersianText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PersianText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Name,
    Place,
}

/// What becomes of one character.
enum Step {
    Letter(char),
    Other(char),
    /// A hamza or madda to be joined with the letter before it.
    Mark(char),
    Space,
    NonJoiner,
    Drop,
    Refuse,
}

fn step(character: char, alphabet: Alphabet) -> Step {
    match character {
        'ا' | 'ب' | 'پ' | 'ت' | 'ث' | 'ج' | 'چ' | 'ح' | 'خ' | 'د' | 'ذ' | 'ر' | 'ز' | 'ژ' | 'س'
        | 'ش' | 'ص' | 'ض' | 'ط' | 'ظ' | 'ع' | 'غ' | 'ف' | 'ق' | 'ک' | 'گ' | 'ل' | 'م' | 'ن'
        | 'و' | 'ه' | 'ی' | 'آ' | 'أ' | 'إ' | 'ؤ' | 'ئ' | 'ء' | 'ة' | 'ۀ' => {
            Step::Letter(character)
        }
        // Arabic kaf, swash kaf.
        'ك' | '\u{06AA}' => Step::Letter('ک'),
        // Arabic yeh, alef maksura, yeh barree.
        'ي' | 'ى' | 'ے' => Step::Letter('ی'),
        // Heh goal, heh doachashmee, ae.
        'ہ' | 'ھ' | 'ە' => Step::Letter('ه'),
        // Heh goal with hamza; teh marbuta goal; alef wasla.
        'ۂ' => Step::Letter('ۀ'),
        'ۃ' => Step::Letter('ة'),
        'ٱ' => Step::Letter('ا'),
        '\u{0653}'..='\u{0655}' => Step::Mark(character),
        // Vowel signs and superscript alef; kashida; joiner, direction marks, byte order mark,
        // soft hyphen.
        '\u{064B}'..='\u{0652}' | '\u{0670}' => Step::Drop,
        '\u{0640}' | '\u{200D}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{FEFF}'
        | '\u{00AD}' => Step::Drop,
        ZWNJ => Step::NonJoiner,
        ' '
        | '\t'
        | '\u{00A0}'
        | '\u{2000}'..='\u{200A}'
        | '\u{202F}'
        | '\u{205F}'
        | '\u{3000}' => Step::Space,
        _ if alphabet == Alphabet::Place => match character {
            '-' | '/' | '.' | '(' | ')' | '،' => Step::Other(character),
            ',' => Step::Other('،'),
            _ if digits::value(character).is_some() => Step::Other(digits::persian(character)),
            _ => Step::Refuse,
        },
        _ => Step::Refuse,
    }
}

/// The letter that `base` and a mark make together.
const fn composed(base: char, mark: char) -> Option<char> {
    match (base, mark) {
        ('ا', '\u{0653}') => Some('آ'),
        ('ا', '\u{0654}') => Some('أ'),
        ('ا', '\u{0655}') => Some('إ'),
        ('و', '\u{0654}') => Some('ؤ'),
        ('ی', '\u{0654}') => Some('ئ'),
        ('ه', '\u{0654}') => Some('ۀ'),
        _ => None,
    }
}

/// Whether a letter joins the one after it, so that a non-joiner there has an effect.
const fn joins_next(letter: char) -> bool {
    !matches!(
        letter,
        'ا' | 'آ' | 'أ' | 'إ' | 'د' | 'ذ' | 'ر' | 'ز' | 'ژ' | 'و' | 'ؤ' | 'ء' | 'ة' | 'ۀ'
    )
}

const fn is_presentation_form(character: char) -> bool {
    matches!(character, '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}')
}

/// The text being built: what was kept, and whether a space or a non-joiner waits to see what
/// comes after it.
#[derive(Default)]
struct Builder {
    out: String,
    last_letter: Option<char>,
    space: bool,
    non_joiner: bool,
}

impl Builder {
    fn push(&mut self, character: char, is_letter: bool) {
        if self.space && !self.out.is_empty() {
            self.out.push(' ');
        } else if self.non_joiner && is_letter && self.last_letter.is_some_and(joins_next) {
            self.out.push(ZWNJ);
        }
        self.space = false;
        self.non_joiner = false;
        self.out.push(character);
        self.last_letter = is_letter.then_some(character);
    }

    fn mark(&mut self, mark: char) -> bool {
        let base = self.last_letter.filter(|_| !self.space && !self.non_joiner);
        let Some(letter) = base.and_then(|base| composed(base, mark)) else {
            return false;
        };
        self.out.pop();
        self.out.push(letter);
        self.last_letter = Some(letter);
        true
    }
}

fn normalise(text: &str, alphabet: Alphabet, max: usize) -> Result<String, Fault> {
    let mut builder = Builder::default();
    for (index, source) in text.chars().enumerate() {
        let refused = || Fault::PersianCharacter {
            character: show(source),
            position: index + 1,
        };
        let plain: Vec<char> = if is_presentation_form(source) {
            // An isolated mark decomposes to a space and the mark; the space is not the writer's.
            std::iter::once(source)
                .nfkc()
                .filter(|c| *c != ' ')
                .collect()
        } else {
            vec![source]
        };
        for character in plain {
            match step(character, alphabet) {
                Step::Letter(letter) => builder.push(letter, true),
                Step::Other(other) => builder.push(other, false),
                Step::Mark(mark) if builder.mark(mark) => {}
                Step::Mark(_) | Step::Refuse => return Err(refused()),
                Step::Space => builder.space = true,
                Step::NonJoiner => builder.non_joiner = true,
                Step::Drop => {}
            }
        }
    }
    let found = builder.out.chars().count();
    if found == 0 {
        return Err(Fault::TextEmpty {});
    }
    if found > max {
        return Err(Fault::TextTooLong { found, max });
    }
    Ok(builder.out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::is_nfc;

    use super::*;

    fn name(text: &str) -> String {
        PersianText::name(text).unwrap().0
    }

    #[test]
    fn arabic_letters_become_persian() {
        assert_eq!(name("علي"), "علی");
        assert_eq!(name("كاظم"), "کاظم");
        assert_eq!(name("موسى"), "موسی");
        assert_eq!(name("ٱمین"), "امین");
        assert_eq!(name("مہدی"), "مهدی");
    }

    #[test]
    fn marks_compose_or_vanish() {
        assert_eq!(name("ا\u{0653}رش"), "آرش");
        assert_eq!(name("مو\u{0654}من"), "مؤمن");
        assert_eq!(name("فاطمه\u{0654} زهرا"), "فاطمۀ زهرا");
        assert_eq!(name("فاطمە\u{0654} زهرا"), "فاطمۀ زهرا");
        assert_eq!(name("ي\u{0654}"), "ئ");
        assert_eq!(name("مُحَمَّد"), "محمد");
        assert_eq!(name("رحمــن"), "رحمن");
        assert_eq!(name("الرحمٰن"), "الرحمن");
    }

    #[test]
    fn non_joiner_stays_only_where_it_works() {
        assert_eq!(name("علی\u{200C}رضا"), "علی\u{200C}رضا");
        assert_eq!(name("علی\u{200C}\u{200C}رضا"), "علی\u{200C}رضا");
        assert_eq!(name("زهرا\u{200C}سادات"), "زهراسادات");
        assert_eq!(name("علی\u{200C} رضا"), "علی رضا");
        assert_eq!(name("\u{200C}علی\u{200C}"), "علی");
        assert_eq!(name("علی\u{200F}"), "علی");
    }

    #[test]
    fn spaces_are_single() {
        assert_eq!(name("  سید\u{00A0}\u{2003} محمد\tرضا "), "سید محمد رضا");
    }

    #[test]
    fn presentation_forms_are_plain_letters() {
        // Initial meem, medial hah, medial meem, final dal; the ligature of Allah.
        assert_eq!(name("\u{FEE3}\u{FEA4}\u{FEE4}\u{FEAA}"), "محمد");
        assert_eq!(name("عبد\u{FDF2}"), "عبدالله");
        assert_eq!(name("\u{FB58}\u{FBFE}\u{FEAE}"), "پیر");
        assert_eq!(name("\u{FEFB}\u{FEDF}\u{FEEA}"), "لاله");
        assert_eq!(name("م\u{FE76}"), "م");
    }

    #[test]
    fn places_hold_digits_and_some_marks() {
        let place = PersianText::place("شهر7, کوی ٣ (قديم)").unwrap();
        assert_eq!(place.as_str(), "شهر۷، کوی ۳ (قدیم)");
        assert!(PersianText::name("شهر۷").is_err());
    }

    #[test]
    fn forbidden_characters_are_named_with_their_place() {
        assert_eq!(
            PersianText::name("علیA"),
            Err(Fault::PersianCharacter {
                character: "U+0041 A".into(),
                position: 4
            })
        );
        // A direction override could show another name than the one stored.
        assert_eq!(
            PersianText::name("\u{202E}علی"),
            Err(Fault::PersianCharacter {
                character: "U+202E".into(),
                position: 1
            })
        );
        assert!(matches!(
            PersianText::name("ب\u{0654}"),
            Err(Fault::PersianCharacter { position: 2, .. })
        ));
        assert!(matches!(
            PersianText::name("علی\nرضا"),
            Err(Fault::PersianCharacter { position: 4, .. })
        ));
    }

    #[test]
    fn empty_and_endless_texts_are_refused() {
        assert_eq!(
            PersianText::name(" \u{200C}\u{0640} "),
            Err(Fault::TextEmpty {})
        );
        let long: String = std::iter::repeat_n('ب', NAME_MAX + 1).collect();
        assert_eq!(
            PersianText::name(&long),
            Err(Fault::TextTooLong {
                found: NAME_MAX + 1,
                max: NAME_MAX
            })
        );
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "[\u{0600}-\u{06FF}\u{200C}\u{200D}\u{FB50}-\u{FDFF}\u{FE70}-\u{FEFC} ()0-9-]{0,40}") {
            for read in [PersianText::name, PersianText::place] {
                if let Ok(once) = read(&text) {
                    prop_assert!(is_nfc(once.as_str()));
                    prop_assert_eq!(read(once.as_str()).unwrap(), once);
                }
            }
        }

        #[test]
        fn canonical_equivalents_are_one_text(text in "[آأإؤئابپیهو ]{1,20}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(PersianText::name(&decomposed), PersianText::name(&text));
        }
    }
}
