//! Which reader a locator means.

use std::ffi::{CStr, CString};

use negin_device::{Address, Error as DeviceError};

/// Why it is not clear which.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    None,
    Several(Vec<String>),
}

impl Unclear {
    pub fn into_error(self, address: Address) -> DeviceError {
        match self {
            Self::None => DeviceError::NoSuchDevice { address },
            Self::Several(candidates) => DeviceError::Ambiguous {
                address,
                candidates,
            },
        }
    }
}

/// The name as text; what is no UTF-8 in it is replaced.
pub(super) fn text(name: &CStr) -> String {
    name.to_string_lossy().into_owned()
}

/// The reader of exactly this name; else the only one whose name has this in it, in any case; `*` is the only one there
/// is.
pub(super) fn choose<'a>(names: &'a [CString], locator: &str) -> Result<&'a CString, Unclear> {
    if let Some(name) = names.iter().find(|name| text(name) == locator) {
        return Ok(name);
    }
    let wanted = locator.to_lowercase();
    let meant = |name: &&CString| wanted == "*" || text(name).to_lowercase().contains(&wanted);
    let found: Vec<&CString> = names.iter().filter(meant).collect();
    match found[..] {
        [] => Err(Unclear::None),
        [name] => Ok(name),
        _ => Err(Unclear::Several(
            found.into_iter().map(|name| text(name)).collect(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<CString> {
        names
            .iter()
            .map(|name| CString::new(*name).unwrap())
            .collect()
    }

    #[test]
    fn a_whole_name_a_part_of_it_or_the_only_one() {
        let two = names(&["Gemalto PC Twin 00 00", "Gemalto PC Twin 00 00 (b)"]);
        assert_eq!(choose(&two, "Gemalto PC Twin 00 00"), Ok(&two[0]));
        assert_eq!(choose(&two, "(B)"), Ok(&two[1]));
        assert_eq!(choose(&two, "omnikey"), Err(Unclear::None));
        let Err(Unclear::Several(both)) = choose(&two, "gemalto") else {
            panic!("one of two was chosen");
        };
        assert_eq!(both.len(), 2);
        assert!(matches!(choose(&two, "*"), Err(Unclear::Several(_))));
        assert_eq!(choose(&two[..1], "*"), Ok(&two[0]));
        assert_eq!(choose(&[], "*"), Err(Unclear::None));
    }
}
