//! DG11: additional personal details (ICAO Doc 9303-10 §4.7.11). Text is UTF-8, so that a name stands here as its holder
//! writes it; a place or an address is parts, apart by `<`.

use crate::{Date, Error, field};

const OBJECT: &str = "EF.DG11";

/// The file's content. Every field is optional.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Dg11 {
    /// Full name in national characters (5F0E): primary identifier, `<<`, secondary.
    pub full_name: Option<String>,
    /// Other names (5F0F, in A0).
    pub other_names: Vec<String>,
    /// Personal number (5F10): the national number.
    pub personal_number: Option<String>,
    /// Full date of birth (5F2B).
    pub birth: Option<Date>,
    /// Place of birth (5F11).
    pub birth_place: Vec<String>,
    /// Permanent address (5F42).
    pub address: Vec<String>,
    /// Telephone (5F12).
    pub telephone: Option<String>,
    /// Profession (5F13).
    pub profession: Option<String>,
    /// Title (5F14).
    pub title: Option<String>,
    /// Personal summary (5F15).
    pub summary: Option<String>,
}

impl Dg11 {
    /// The file's content, tag 6B and all.
    ///
    /// # Errors
    /// [`Error::TooLong`] for more than 255 other names.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut tags = Vec::new();
        let mut values = Vec::new();
        let mut put = |tag: u32, value: &[u8]| {
            field::put_tag(&mut tags, tag);
            field::put(&mut values, tag, value);
        };
        let parts = |parts: &[String]| parts.join("<").into_bytes();
        if let Some(name) = &self.full_name {
            put(0x5F0E, name.as_bytes());
        }
        if !self.other_names.is_empty() {
            let count = u8::try_from(self.other_names.len()).map_err(|_| Error::TooLong {
                field: "other names",
                max: 255,
            })?;
            let mut names = field::field(0x02, &[count]);
            for name in &self.other_names {
                field::put(&mut names, 0x5F0F, name.as_bytes());
            }
            put(0xA0, &names);
        }
        if let Some(number) = &self.personal_number {
            put(0x5F10, number.as_bytes());
        }
        if let Some(date) = &self.birth {
            put(0x5F2B, date.digits().as_bytes());
        }
        if !self.birth_place.is_empty() {
            put(0x5F11, &parts(&self.birth_place));
        }
        if !self.address.is_empty() {
            put(0x5F42, &parts(&self.address));
        }
        for (tag, text) in [
            (0x5F12, &self.telephone),
            (0x5F13, &self.profession),
            (0x5F14, &self.title),
            (0x5F15, &self.summary),
        ] {
            if let Some(text) = text {
                put(tag, text.as_bytes());
            }
        }
        let mut value = field::field(0x5C, &tags);
        value.extend_from_slice(&values);
        Ok(field::field(0x6B, &value))
    }

    /// Reads the file's content. Fields that are not above (proof of citizenship, custody) are passed over; the date of
    /// birth may be eight digits or four bytes of BCD.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Date`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut file = Self::default();
        for entry in field::fields(OBJECT, field::only(OBJECT, bytes, 0x6B)?) {
            let (tag, value) = entry?;
            match tag {
                0x5F0E => file.full_name = Some(text(value)?),
                0xA0 => {
                    for name in field::fields(OBJECT, value) {
                        if let (0x5F0F, name) = name? {
                            file.other_names.push(text(name)?);
                        }
                    }
                }
                0x5F10 => file.personal_number = Some(text(value)?),
                0x5F2B => {
                    file.birth = Some(match value.try_into() {
                        Ok(bcd) => Date::from_bcd(bcd)?,
                        Err(_) => Date::from_digits(value)?,
                    });
                }
                0x5F11 => file.birth_place = parts(value)?,
                0x5F42 => file.address = parts(value)?,
                0x5F12 => file.telephone = Some(text(value)?),
                0x5F13 => file.profession = Some(text(value)?),
                0x5F14 => file.title = Some(text(value)?),
                0x5F15 => file.summary = Some(text(value)?),
                _ => {}
            }
        }
        Ok(file)
    }
}

impl core::fmt::Debug for Dg11 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Dg11(masked)")
    }
}

fn text(bytes: &[u8]) -> Result<String, Error> {
    String::from_utf8(bytes.to_vec())
        .map_err(|_| Error::malformed(OBJECT, "text that is not UTF-8"))
}

fn parts(bytes: &[u8]) -> Result<Vec<String>, Error> {
    Ok(text(bytes)?.split('<').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Dg11 {
        Dg11 {
            full_name: Some("اریکسون<<آنا<ماریا".into()),
            other_names: vec!["آنی".into(), "ANNIE".into()],
            personal_number: Some("0012345679".into()),
            birth: Some(Date::new(1974, 8, 12).unwrap()),
            birth_place: vec!["شیراز".into(), "فارس".into()],
            address: vec!["خیابان انقلاب ۱".into(), "تهران".into(), "1234567890".into()],
            telephone: Some("+98 21 0000 0000".into()),
            profession: Some("مهندس".into()),
            title: Some("دکتر".into()),
            summary: Some("-".into()),
        }
    }

    #[test]
    fn round_trip() {
        for file in [full(), Dg11::default()] {
            assert_eq!(Dg11::decode(&file.encode().unwrap()).unwrap(), file);
        }
    }

    #[test]
    fn the_tag_list_says_what_is_there() {
        let bytes = full().encode().unwrap();
        let value = field::only(OBJECT, &bytes, 0x6B).unwrap();
        let listed =
            field::tags(OBJECT, field::find(OBJECT, value, 0x5C).unwrap().unwrap()).unwrap();
        let present: Vec<u32> = field::fields(OBJECT, value)
            .skip(1)
            .map(|f| f.unwrap().0)
            .collect();
        assert_eq!(listed, present);
        assert_eq!(
            listed,
            [
                0x5F0E, 0xA0, 0x5F10, 0x5F2B, 0x5F11, 0x5F42, 0x5F12, 0x5F13, 0x5F14, 0x5F15
            ]
        );
    }

    #[test]
    fn birth_in_bcd_is_read() {
        let bytes = [
            0x6B, 0x0B, 0x5C, 0x02, 0x5F, 0x2B, 0x5F, 0x2B, 0x04, 0x19, 0x74, 0x08, 0x12,
        ];
        assert_eq!(
            Dg11::decode(&bytes).unwrap().birth,
            Date::new(1974, 8, 12).ok()
        );
    }
}
