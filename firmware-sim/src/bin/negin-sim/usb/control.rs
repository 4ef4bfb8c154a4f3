//! The control socket of devices on USB.

use negin_firmware_sim::bus::control::reply;
use negin_firmware_sim::bus::preload::Waker;
use negin_firmware_sim::fault::{Faults, Touch};
use negin_firmware_sim::scanner::glass::Glass;

/// A device, from outside.
pub struct Plug {
    /// What it was called on the command line.
    pub name: String,
    /// Where a program finds it.
    pub address: String,
    pub faults: Faults,
    pub waker: Waker,
    /// What fingers are laid on, where it is a scanner.
    pub glass: Option<Glass>,
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
            ("plug" | "unplug", "") => plug.faults.push(word)?,
            ("plug" | "unplug", other) => return Err(format!("'{other}' is too much")),
            ("finger", rest) => {
                let touch = Touch::parse(rest)?;
                let glass = plug.glass.as_ref();
                let glass = glass.ok_or_else(|| format!("{} takes no fingers", plug.name))?;
                glass.touch(&touch).map_err(|error| error.to_string())?;
            }
            (_, rest) => plug.faults.push(rest)?,
        }
        plug.waker.wake();
        Ok(Vec::new())
    }

    fn list(&self) -> Vec<String> {
        let row = |(number, plug): (usize, &Plug)| {
            let state = if plug.waker.attached() {
                "plugged"
            } else {
                "unplugged"
            };
            format!(
                "{number} {} {} {state} transfers={}",
                plug.name,
                plug.address,
                plug.faults.transfers()
            )
        };
        self.0.iter().enumerate().map(row).collect()
    }
}

fn split(line: &str) -> (&str, &str) {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word, rest.trim())
}
