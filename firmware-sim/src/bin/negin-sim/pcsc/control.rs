//! The control socket of a run: lines for the simulator are passed on to it, and two words more are known, each with
//! what is to be done to a process: `simulator`, which holds the cards, and `daemon`, which is pcscd.

use std::os::unix::net::UnixListener;

use negin_firmware_sim::bus::control::{Refused, ask, reply, serve};

use super::simulator::Simulator;
use super::tie::Tie;
use super::{Deed, Places};

/// Answers lines for as long as the process lives.
pub fn begin(listener: UnixListener, places: Places, simulator: Simulator, tie: Tie) {
    let answer = move |line: &str| {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let said = match word {
            "simulator" => Deed::parse(rest.trim()).and_then(|deed| simulator.deed(deed)),
            "daemon" => Deed::parse(rest.trim()).and_then(|_| daemon(&tie, rest.trim())),
            _ => ask(&places.simulator(), line).map_err(|refused| match refused {
                Refused::Unreachable(_) => {
                    "the simulator is gone; 'simulator start' starts it again".to_owned()
                }
                said => said.to_string(),
            }),
        };
        reply(said)
    };
    std::thread::spawn(move || serve(&listener, answer));
}

/// The part inside answers with one line: 'ok', 'ok' and something to say, or what is wrong.
fn daemon(tie: &Tie, deed: &str) -> Result<Vec<String>, String> {
    let answer = tie.ask(&format!("daemon {deed}"))?;
    match answer.strip_prefix("ok") {
        Some("") => Ok(Vec::new()),
        Some(said) => Ok(vec![said.trim().to_owned()]),
        None => Err(answer),
    }
}
