//! What the control socket of devices says and is told.

use negin_firmware_sim::bus::control::reply;
use negin_firmware_sim::fault::Touch;

/// What can be done to a device, whatever it is plugged into.
pub trait Handle: Send + Sync {
    /// Adds a line to its script of faults, and sees to it that it is heeded at once.
    fn push(&self, line: &str) -> Result<(), String>;

    /// Does something on its glass.
    fn touch(&self, touch: &Touch) -> Result<(), String>;

    /// Whether it is plugged in.
    fn attached(&self) -> bool;

    /// Transfers so far, as its script counts them.
    fn transfers(&self) -> u64;
}

/// A device, from outside.
pub struct Plug {
    /// What it was called on the command line.
    pub name: String,
    /// Where a program finds it.
    pub address: String,
    pub handle: Box<dyn Handle>,
}

/// All of them, from number 0.
pub struct Plugs(pub Vec<Plug>);

impl Plugs {
    /// Where programs find them: one a line.
    pub fn addresses(&self) -> String {
        let addresses: Vec<&str> = self.0.iter().map(|plug| plug.address.as_str()).collect();
        addresses.join("\n")
    }

    /// Carries out a line; its answer.
    pub fn answer(&self, line: &str) -> String {
        reply(self.carry_out(line))
    }

    fn carry_out(&self, line: &str) -> Result<Vec<String>, String> {
        let (word, rest) = split(line);
        if word == "list" {
            return match rest {
                "" => Ok(self.list()),
                other => Err(format!("'{other}' is too much")),
            };
        }
        if !["plug", "unplug", "finger", "fault"].contains(&word) {
            return Err(format!(
                "'{word}' is no command; there are: list, plug, unplug, finger, fault"
            ));
        }
        let (number, rest) = split(rest);
        let number: usize = number
            .parse()
            .map_err(|_| format!("'{number}' is no device's number"))?;
        let plug = self.0.get(number).ok_or_else(|| {
            format!(
                "there is no device {number}; there are {} of them, from 0",
                self.0.len()
            )
        })?;
        match (word, rest) {
            ("plug" | "unplug", "") => plug.handle.push(word)?,
            ("plug" | "unplug", other) => return Err(format!("'{other}' is too much")),
            ("finger", rest) => plug
                .handle
                .touch(&Touch::parse(rest)?)
                .map_err(|error| format!("{}: {error}", plug.name))?,
            (_, rest) => plug.handle.push(rest)?,
        }
        Ok(Vec::new())
    }

    fn list(&self) -> Vec<String> {
        let row = |(number, plug): (usize, &Plug)| {
            let state = if plug.handle.attached() {
                "plugged"
            } else {
                "unplugged"
            };
            format!(
                "{number} {} {} {state} transfers={}",
                plug.name,
                plug.address,
                plug.handle.transfers()
            )
        };
        self.0.iter().enumerate().map(row).collect()
    }
}

fn split(line: &str) -> (&str, &str) {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word, rest.trim())
}
