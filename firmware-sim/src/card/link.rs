//! Between the link and the card: commands that come in chains, answers that go in pieces (ISO/IEC 7816-4 §5.4.1,
//! §11.8.1).
//!
//! The rules: a chain is pieces of one command (same class, instruction and parameters), all but the last with bit 5
//! of the class byte set; another command in between drops it. An answer longer than was asked for waits for GET
//! RESPONSE, and is forgotten at any other command. Secure messaging is above: it sees whole commands and answers.

use negin_apdu::{Command, Response, StatusWord, ins};
use zeroize::Zeroizing;

/// Longest command data that a chain may bring: what an extended command carries.
const LONGEST_CHAIN: usize = 65_535;

/// What has come in.
pub(super) enum Incoming {
    /// A whole command, to be carried out.
    Whole(Command),
    /// A piece, or a GET RESPONSE: answered here.
    Answered(Response),
}

/// The state between commands.
#[derive(Default)]
pub(super) struct Link {
    chain: Option<Chain>,
    waiting: Option<Waiting>,
}

struct Chain {
    header: [u8; 4],
    data: Zeroizing<Vec<u8>>,
}

struct Waiting {
    data: Zeroizing<Vec<u8>>,
    sw: StatusWord,
}

impl Link {
    /// Takes in what came over the link.
    pub fn receive(&mut self, mut command: Command) -> Incoming {
        // Some hosts keep the class of the command they follow.
        if matches!(
            command.header(),
            [0x00 | 0x80, ins::GET_RESPONSE, 0x00, 0x00]
        ) && command.data().is_empty()
        {
            self.chain = None;
            return Incoming::Answered(match self.waiting.take() {
                Some(waiting) => self.piece(waiting, command.le()),
                None => Response::status(StatusWord::CONDITIONS_NOT_SATISFIED),
            });
        }
        self.waiting = None;
        let more = command.is_chained();
        command.cla &= !0x10;
        let chain = self
            .chain
            .take()
            .filter(|chain| chain.header == command.header());
        if chain.is_none() && !more {
            return Incoming::Whole(command);
        }
        let mut chain = chain.unwrap_or_else(|| Chain {
            header: command.header(),
            data: Zeroizing::default(),
        });
        if chain.data.len() + command.data().len() > LONGEST_CHAIN {
            return Incoming::Answered(Response::status(StatusWord::WRONG_LENGTH));
        }
        chain.data.extend_from_slice(command.data());
        if more {
            self.chain = Some(chain);
            return Incoming::Answered(Response::status(StatusWord::SUCCESS));
        }
        Incoming::Whole(command.with_data(std::mem::take(&mut *chain.data)))
    }

    /// Makes of a whole answer what fits the Ne of the command; the rest waits.
    pub fn send(&mut self, response: Response, ne: Option<u32>) -> Response {
        self.piece(
            Waiting {
                data: Zeroizing::new(response.data),
                sw: response.sw,
            },
            ne,
        )
    }

    fn piece(&mut self, mut waiting: Waiting, ne: Option<u32>) -> Response {
        // Over T=1 a card answers what it has even where no Le came.
        let most = ne.map_or(256, |ne| ne as usize);
        if waiting.data.len() <= most {
            return Response::new(std::mem::take(&mut *waiting.data), waiting.sw);
        }
        let rest = Zeroizing::new(waiting.data.split_off(most));
        let response = Response::new(
            std::mem::take(&mut *waiting.data),
            StatusWord::more_available(rest.len()),
        );
        self.waiting = Some(Waiting {
            data: rest,
            sw: waiting.sw,
        });
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(link: &mut Link, command: Command) -> Command {
        match link.receive(command) {
            Incoming::Whole(command) => command,
            Incoming::Answered(response) => panic!("answered {response:?}"),
        }
    }

    fn answered(link: &mut Link, command: Command) -> Response {
        match link.receive(command) {
            Incoming::Whole(command) => panic!("taken as whole: {command:?}"),
            Incoming::Answered(response) => response,
        }
    }

    #[test]
    fn pieces_become_one_command() {
        let mut link = Link::default();
        for byte in [1, 2] {
            let piece = Command::new(0x10, 0xDB, 0x3F, 0xFF).with_data([byte]);
            assert_eq!(answered(&mut link, piece).sw, StatusWord::SUCCESS);
        }
        let last = whole(
            &mut link,
            Command::new(0x00, 0xDB, 0x3F, 0xFF)
                .with_data([3])
                .with_le(256),
        );
        assert_eq!((last.data(), last.le()), (&[1, 2, 3][..], Some(256)));
    }

    #[test]
    fn another_command_drops_a_chain() {
        let mut link = Link::default();
        answered(
            &mut link,
            Command::new(0x10, 0xDB, 0x3F, 0xFF).with_data([1]),
        );
        whole(&mut link, Command::new(0x00, 0x20, 0x00, 0x80));
        assert_eq!(
            whole(
                &mut link,
                Command::new(0x00, 0xDB, 0x3F, 0xFF).with_data([2])
            )
            .data(),
            [2]
        );
    }

    #[test]
    fn get_response_drops_a_chain_too() {
        let mut link = Link::default();
        let put = |cla, byte| Command::new(cla, 0xDB, 0x3F, 0xFF).with_data([byte]);
        answered(&mut link, put(0x10, 1));
        answered(&mut link, Command::new(0x00, 0xC0, 0x00, 0x00).with_le(256));
        assert_eq!(whole(&mut link, put(0x00, 2)).data(), [2]);
    }

    #[test]
    fn a_chain_has_an_end() {
        let mut link = Link::default();
        let piece = || Command::new(0x10, 0xDB, 0x3F, 0xFF).with_data([0; 255]);
        let answers: Vec<_> = (0..300).map(|_| answered(&mut link, piece()).sw).collect();
        assert!(answers.contains(&StatusWord::WRONG_LENGTH));
    }

    #[test]
    fn a_long_answer_waits() {
        let mut link = Link::default();
        let data: Vec<u8> = (0..600u32).map(|n| n as u8).collect();
        let first = link.send(Response::new(data.clone(), StatusWord::SUCCESS), Some(256));
        assert_eq!((first.data.len(), first.sw.0), (256, 0x6100));
        let get = || Command::new(0x00, 0xC0, 0x00, 0x00).with_le(256);
        let second = answered(&mut link, get());
        assert_eq!((second.data.len(), second.sw.0), (256, 0x6158));
        let third = answered(&mut link, get());
        assert_eq!(third.sw, StatusWord::SUCCESS);
        assert_eq!([first.data, second.data, third.data].concat(), data);
        assert_eq!(
            answered(&mut link, get()).sw,
            StatusWord::CONDITIONS_NOT_SATISFIED
        );
    }

    #[test]
    fn an_answer_that_waits_is_forgotten_at_another_command() {
        let mut link = Link::default();
        link.send(Response::new([7; 300], StatusWord::SUCCESS), Some(256));
        whole(&mut link, Command::new(0x00, 0x20, 0x00, 0x80));
        let get = Command::new(0x00, 0xC0, 0x00, 0x00).with_le(256);
        assert_eq!(
            answered(&mut link, get).sw,
            StatusWord::CONDITIONS_NOT_SATISFIED
        );
    }
}
