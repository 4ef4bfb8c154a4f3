//! `NAME[,KEY=VALUE]…`: a device as the command line names it.

/// A device's name and its settings. A setting that is given again holds as given last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    name: &'static str,
    settings: Vec<(String, String)>,
}

impl Spec {
    /// Reads a device of those there are, each with the settings that it has.
    ///
    /// # Errors
    /// What is wrong, and what there is.
    pub fn parse(text: &str, known: &[(&'static str, &[&str])]) -> Result<Self, String> {
        let mut parts = text.split(',');
        let wanted = parts.next().unwrap_or_default();
        let &(name, keys) = known
            .iter()
            .find(|(name, _)| *name == wanted)
            .ok_or_else(|| {
                let names: Vec<&str> = known.iter().map(|&(name, _)| name).collect();
                format!("'{wanted}' is no device; there are: {}", names.join(", "))
            })?;
        let settings = parts
            .map(|part| {
                let (key, value) = part
                    .split_once('=')
                    .ok_or_else(|| format!("'{part}' is not of the form KEY=VALUE"))?;
                if !keys.contains(&key) {
                    return Err(format!(
                        "{name} has no '{key}'; it has: {}",
                        keys.join(", ")
                    ));
                }
                if value.chars().any(char::is_control) {
                    return Err(format!("the value of '{key}' is more than one line"));
                }
                Ok((key.to_owned(), value.to_owned()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { name, settings })
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A setting, where it is given.
    pub fn setting(&self, key: &str) -> Option<&str> {
        let found = self.settings.iter().rev().find(|(each, _)| each == key);
        found.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [(&str, &[&str]); 2] = [("bell", &["tone", "loud"]), ("drum", &[])];

    #[test]
    fn devices_have_their_own_settings() {
        let spec = Spec::parse("bell,tone=a=b,tone=c", &KNOWN).unwrap();
        assert_eq!((spec.name(), spec.setting("tone")), ("bell", Some("c")));
        assert_eq!(spec.setting("loud"), None);
        for (text, word) in [
            ("", "bell, drum"),
            ("horn", "bell, drum"),
            ("drum,tone=1", "'tone'"),
            ("bell,tone", "KEY=VALUE"),
            ("bell,tone=a\nb", "one line"),
        ] {
            let error = Spec::parse(text, &KNOWN).expect_err(text);
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
