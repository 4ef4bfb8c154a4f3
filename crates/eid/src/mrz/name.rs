//! The name field (ICAO Doc 9303-3 §4.6): primary identifier, `<<`, secondary identifier, components apart by `<`.
//!
//! A name that does not fit is truncated as 9303-5 §4.2.3 allows: components are shortened to their initials, the last
//! ones first and the secondary identifier's before the primary's, only as far as needed, so that every component
//! leaves a trace and the last position holds a letter. Only where the initials alone are too many are components left
//! out, from the end.

use super::transliterate;
use crate::Error;

/// A name in the characters of a machine readable zone: components of A to Z.
#[derive(Clone, PartialEq, Eq)]
pub struct MrzName {
    primary: Vec<String>,
    secondary: Vec<String>,
}

impl MrzName {
    /// A name from Latin text: `primary` is the surname, `secondary` the given names, possibly empty. Letters are
    /// written as [`transliterate`] does, hyphens and spaces part components, apostrophes are left out.
    ///
    /// # Errors
    /// [`Error::Character`] for what is not Latin, [`Error::Missing`] where the primary identifier has no letter.
    pub fn new(primary: &str, secondary: &str) -> Result<Self, Error> {
        let name = Self {
            primary: components(primary, "primary identifier")?,
            secondary: components(secondary, "secondary identifier")?,
        };
        if name.primary.is_empty() {
            return Err(Error::missing("name", "primary identifier"));
        }
        Ok(name)
    }

    /// The primary identifier's components.
    #[must_use]
    pub fn primary(&self) -> &[String] {
        &self.primary
    }

    /// The secondary identifier's components.
    #[must_use]
    pub fn secondary(&self) -> &[String] {
        &self.secondary
    }

    /// The field of `width` characters, filled with `<`.
    #[must_use]
    pub fn field(&self, width: usize) -> String {
        let mut name = self.clone();
        while name.initials() > width && (name.secondary.len() > 1 || name.primary.len() > 1) {
            let identifier = if name.secondary.len() > 1 {
                &mut name.secondary
            } else {
                &mut name.primary
            };
            identifier.pop();
        }
        let mut excess = name.text().len().saturating_sub(width);
        for component in name
            .secondary
            .iter_mut()
            .rev()
            .chain(name.primary.iter_mut().rev())
        {
            let cut = excess.min(component.len() - 1);
            component.truncate(component.len() - cut);
            excess -= cut;
        }
        let field = name.text();
        format!("{field:<<width$}")
    }

    /// How long the field would be with initials only.
    fn initials(&self) -> usize {
        let components = self.primary.len() + self.secondary.len();
        2 * components - 1 + usize::from(!self.secondary.is_empty())
    }

    fn text(&self) -> String {
        if self.secondary.is_empty() {
            self.primary.join("<")
        } else {
            format!("{}<<{}", self.primary.join("<"), self.secondary.join("<"))
        }
    }

    /// Reads a name field.
    ///
    /// # Errors
    /// [`Error::Character`] for anything but A to Z and `<`, [`Error::Missing`] where there is no primary identifier.
    pub fn read(field: &str) -> Result<Self, Error> {
        if let Some(at) = field
            .bytes()
            .position(|b| !(b.is_ascii_uppercase() || b == b'<'))
        {
            return Err(Error::Character {
                field: "name",
                position: at + 1,
            });
        }
        let (primary, secondary) = field.split_once("<<").unwrap_or((field, ""));
        Self::new(primary, secondary)
    }
}

impl core::fmt::Debug for MrzName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "MrzName({} + {} components)",
            self.primary.len(),
            self.secondary.len()
        )
    }
}

fn components(text: &str, field: &'static str) -> Result<Vec<String>, Error> {
    let mut components = vec![String::new()];
    for (at, character) in text.chars().enumerate() {
        match character {
            ' ' | '-' | '<' | '\u{2010}' | '\u{2011}' | ',' | '.' | '\u{200C}' => {
                components.push(String::new())
            }
            '\'' | '\u{2019}' | '\u{02BC}' | '`' => {}
            _ => match (transliterate(character), components.last_mut()) {
                (Some(letters), Some(component)) => component.push_str(letters),
                _ => {
                    return Err(Error::Character {
                        field,
                        position: at + 1,
                    });
                }
            },
        }
    }
    components.retain(|component| !component.is_empty());
    Ok(components)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn td1(primary: &str, secondary: &str) -> String {
        MrzName::new(primary, secondary).unwrap().field(30)
    }

    /// 9303-5 §4.2.3; the TD2 ones of 9303-6 §4.2.3.
    #[test]
    fn published_examples() {
        assert_eq!(
            td1("Eriksson", "Anna Maria"),
            "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
        );
        assert_eq!(
            td1("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG"),
            "NILAVADHANANANDA<<CHAYAPA<DE<K"
        );
        assert_eq!(td1("Arkfreith", ""), "ARKFREITH<<<<<<<<<<<<<<<<<<<<<");
        let td2 = |primary, secondary| MrzName::new(primary, secondary).unwrap().field(31);
        assert_eq!(
            td2("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG"),
            "NILAVADHANANANDA<<CHAYAPA<DEJ<K"
        );
        let long = "BENNELONG WOOLOOMOOLOO WARRANDYTE WARNAMBOOL";
        assert_eq!(
            td2(long, "DINGO POTOROO"),
            "BENNELONG<WOOLOOMOOLOO<W<W<<D<P"
        );
        assert_eq!(
            td2("Papandropoulous", "Jonathoon Alec"),
            "PAPANDROPOULOUS<<JONATHOON<ALEC"
        );
        assert_eq!(
            td2("Van Der Muellen", "Martin"),
            "VAN<DER<MUELLEN<<MARTIN<<<<<<<<"
        );
        assert_eq!(
            td2("Al-Basri", "Huda Muhammad Jawad"),
            "AL<BASRI<<HUDA<MUHAMMAD<JAWAD<<"
        );
    }

    #[test]
    fn apostrophes_go_and_letters_are_written_out() {
        assert_eq!(
            td1("O'Connor", "Enya-Siobhan"),
            "OCONNOR<<ENYA<SIOBHAN<<<<<<<<<"
        );
        assert_eq!(td1("Müßener", "Åsa Þóra"), "MUESSENER<<AASA<THORA<<<<<<<<<");
    }

    #[test]
    fn one_long_component() {
        assert_eq!(td1(&"A".repeat(40), ""), "A".repeat(30));
        assert_eq!(td1(&"A".repeat(40), "B"), format!("{}<<B", "A".repeat(27)));
    }

    #[test]
    fn what_is_not_latin_is_refused() {
        assert_eq!(
            MrzName::new("نگین", "A"),
            Err(Error::Character {
                field: "primary identifier",
                position: 1
            })
        );
        assert_eq!(
            MrzName::new("--", "A"),
            Err(Error::missing("name", "primary identifier"))
        );
    }

    proptest! {
        #[test]
        fn every_name_fills_its_field(primary in "[A-Z]{1,14}( [A-Z]{1,14}){0,20}",
                                      secondary in "([A-Z]{1,14}( [A-Z]{1,14}){0,20})?") {
            let name = MrzName::new(&primary, &secondary).unwrap();
            let field = name.field(30);
            prop_assert_eq!(field.len(), 30);
            let read = MrzName::read(&field).unwrap();
            prop_assert_eq!(read.secondary.is_empty(), name.secondary.is_empty());
            prop_assert_eq!(read.primary[0].as_bytes()[0], name.primary[0].as_bytes()[0]);
            if name.text().len() <= 30 {
                prop_assert_eq!(read, name);
            } else {
                // Where components were left out, those that stay may be too short to reach the last position.
                let whole = read.primary.iter().all(|c| name.primary.contains(c))
                    && read.secondary.iter().all(|c| name.secondary.contains(c));
                prop_assert!(whole || field.as_bytes()[29].is_ascii_uppercase(), "{}", field);
            }
        }
    }
}
