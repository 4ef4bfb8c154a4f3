//! `negin-sim serve`: simulated readers for a pcscd that somebody else runs.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;

use negin_firmware_sim::bus::control::{self as socket, serve};
use negin_firmware_sim::bus::ifd::{Bay, BayError, CardFileError, Rack, control};
use negin_link::MAX_READERS;

use crate::cli::{self, Serve};
use crate::entropy;
use crate::trouble::Trouble;

/// Serves until Ctrl-C, or until standard input ends where it is tied to it.
pub fn run(options: &Serve) -> Result<(), Trouble> {
    let interfaces = options.rack.interfaces();
    let cards = &options.rack.cards;
    fits(&options.rack)?;
    let entropy = entropy::source(options.rack.seed);
    let bays = interfaces.iter().enumerate().map(|(at, &interface)| {
        let bay = Bay::new(interface);
        let pad = options
            .rack
            .pin_pad
            .iter()
            .any(|&each| usize::from(each) == at);
        if pad { bay.with_pin_pad() } else { bay }
    });
    let rack = match options.rack.echo {
        true => Rack::with_echo(bays, entropy),
        false => Rack::new(bays, entropy),
    };
    for (bay, card) in rack.bays().iter().zip(cards) {
        rack.insert(bay, Some(card))
            .map_err(|error| no_card(&error))?;
    }
    let control = match &options.control {
        Some(path) => Some(listen(path, 0o600)?),
        None => None,
    };
    // Whoever may speak to pcscd may speak to its readers; it need not run as the same user.
    let readers = listen(&options.socket, 0o666)?;
    if let Some(control) = control {
        let rack = Arc::clone(&rack);
        std::thread::spawn(move || serve(&control, move |line| control::answer(&rack, line)));
    }
    println!("ready");
    let _ = std::io::stdout().flush();
    if options.tied {
        std::thread::spawn(move || rack.serve(&readers));
        // Who holds the other end says nothing; it ends when that one does.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        // Between commands every card's file is as its memory.
    } else {
        rack.serve(&readers);
    }
    Ok(())
}

/// Whether what is to be in readers has readers to be in.
fn fits(rack: &cli::Rack) -> Result<(), Trouble> {
    let readers = rack.interfaces().len();
    let named = rack.contactless.iter().chain(&rack.pin_pad);
    let (what, next) = if rack.cards.len() > readers {
        (
            format!(
                "{} cards do not fit into {readers} readers",
                rack.cards.len()
            ),
            "ask for more readers with --readers, at most 16, or for fewer cards.",
        )
    } else if let Some(reader) = named
        .into_iter()
        .find(|&&each| usize::from(each) >= readers)
    {
        (
            format!("there is no reader {reader}; there are {readers} of them, from 0"),
            "ask for more readers with --readers, or name one that is there.",
        )
    } else if rack.count() > MAX_READERS.into() {
        (
            format!("{} readers are more than pcscd takes", rack.count()),
            "ask for at most 15 readers beside the one of --echo.",
        )
    } else {
        return Ok(());
    };
    Err(Trouble::new(what, next))
}

fn listen(path: &Path, mode: u32) -> Result<UnixListener, Trouble> {
    let listening = socket::listen(path).and_then(|listener| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).map(|()| listener)
    });
    listening.map_err(|error| {
        Trouble::new(
            format!("no socket can be made at {}: {error}", path.display()),
            "choose a path in a folder that is there and yours, shorter than 100 bytes, where no other simulator is.",
        )
    })
}

fn no_card(error: &BayError) -> Trouble {
    let next = match error {
        BayError::File(CardFileError::InUse(_)) => {
            "end the other simulator, or make a copy of the file: each copy is a card of its own."
        }
        BayError::File(CardFileError::State { .. }) => {
            "name a .card file; 'negin card blank FILE' makes one, 'negin demo' makes personalised ones."
        }
        _ => "name the file of a card that is there and that you may read.",
    };
    Trouble::new(format!("no card can be put in: {error}"), next)
}
