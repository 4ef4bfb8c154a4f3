//! Chaining and tracing over a card of short APDUs that puts chains together and answers in pieces.
#![allow(clippy::unwrap_used, reason = "tests")]

use negin_apdu::{
    Chaining, Command, Exchange, Interface, Limits, Response, Shown, StatusWord, Trace, Traced,
    Transmit, TransmitError,
};
use proptest::prelude::*;

/// What the card does once a command is whole.
type Answer = Box<dyn FnMut(Command) -> Response>;

/// Short APDUs only; answers beyond Ne wait for GET RESPONSE.
struct ShortCard {
    answer: Answer,
    chain: Vec<u8>,
    waiting: Vec<u8>,
    then: StatusWord,
    exchanges: Vec<Vec<u8>>,
    /// Answers 6CXX instead of 61XX.
    wrong_le: bool,
}

impl ShortCard {
    fn new(answer: impl FnMut(Command) -> Response + 'static) -> Self {
        Self {
            answer: Box::new(answer),
            chain: vec![],
            waiting: vec![],
            then: StatusWord::SUCCESS,
            exchanges: vec![],
            wrong_le: false,
        }
    }

    fn give(&mut self, ne: usize) -> Response {
        let rest = self.waiting.split_off(ne.min(self.waiting.len()));
        let data = std::mem::replace(&mut self.waiting, rest);
        let sw = if self.waiting.is_empty() {
            self.then
        } else {
            StatusWord::more_available(self.waiting.len())
        };
        Response { data, sw }
    }
}

impl Transmit for ShortCard {
    fn transmit(&mut self, bytes: &[u8]) -> Result<Vec<u8>, TransmitError> {
        self.exchanges.push(bytes.to_vec());
        let command = Command::parse(bytes).unwrap();
        assert!(
            !command.is_extended() && bytes.len() <= 261,
            "the card takes short APDUs"
        );
        let ne = command.le().unwrap_or(0) as usize;
        if command.ins == 0xC0 {
            assert_eq!(command.cla, 0x00);
            return Ok(self.give(ne).to_bytes());
        }
        self.chain.extend_from_slice(command.data());
        if command.is_chained() {
            return Ok(Response::status(StatusWord::SUCCESS).to_bytes());
        }
        let [cla, ins, p1, p2] = command.header();
        let whole = Command::new(cla, ins, p1, p2)
            .with_data(std::mem::take(&mut self.chain))
            .with_le(command.le().unwrap_or(0));
        let Response { data, sw } = (self.answer)(whole);
        if self.wrong_le && data.len() < ne {
            return Ok(
                Response::status(StatusWord::wrong_le(u8::try_from(data.len()).unwrap()))
                    .to_bytes(),
            );
        }
        (self.waiting, self.then) = (data, sw);
        Ok(self.give(ne).to_bytes())
    }

    fn limits(&self) -> Limits {
        Limits::SHORT
    }

    fn interface(&self) -> Interface {
        Interface::Contact
    }
}

fn echo() -> ShortCard {
    ShortCard::new(|command| Response::new(command.data(), StatusWord::SUCCESS))
}

proptest! {
    #[test]
    fn any_length_there_and_back(data in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut channel = Chaining::new(echo());
        let answer = channel.exchange(&Command::new(0x00, 0xCB, 0x3F, 0xFF).with_data(&data[..]).with_le(65_536)).unwrap();
        prop_assert_eq!(answer, Response::new(&data[..], StatusWord::SUCCESS));
        let sent = data.len().div_ceil(255).max(1);
        let fetched = data.len().div_ceil(256).max(1) - 1;
        prop_assert_eq!(channel.into_inner().exchanges.len(), sent + fetched);
    }
}

#[test]
fn pieces_by_the_standard() {
    let mut channel = Chaining::new(echo());
    channel
        .exchange(
            &Command::new(0x84, 0xDB, 0x3F, 0xFF)
                .with_data(vec![7; 256])
                .with_le(256),
        )
        .unwrap();
    let sent = channel.into_inner().exchanges;
    assert_eq!(sent[0][..5], [0x94, 0xDB, 0x3F, 0xFF, 255]);
    assert_eq!(
        (sent[0].len(), sent[1].as_slice()),
        (260, &[0x84, 0xDB, 0x3F, 0xFF, 1, 7, 0][..])
    );
}

#[test]
fn wrong_le_is_asked_again_once() {
    let mut card = echo();
    card.wrong_le = true;
    let mut channel = Chaining::new(card);
    let answer = channel
        .exchange(
            &Command::new(0x00, 0xB0, 0, 0)
                .with_data([1, 2, 3])
                .with_le(256),
        )
        .unwrap();
    assert_eq!(answer, Response::new([1, 2, 3], StatusWord::SUCCESS));
    assert_eq!(
        channel.into_inner().exchanges[1],
        [0, 0xB0, 0, 0, 3, 1, 2, 3, 3]
    );
}

/// Gives the same answer to everything.
struct Always(&'static [u8], Limits);

impl Transmit for Always {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransmitError> {
        Ok(self.0.to_vec())
    }
    fn limits(&self) -> Limits {
        self.1
    }
    fn interface(&self) -> Interface {
        Interface::Contactless
    }
}

#[test]
fn a_card_that_never_ends_is_left() {
    let select = Command::new(0, 0xA4, 4, 0).with_le(256);
    assert_eq!(
        Chaining::new(Always(&[0x61, 0x10], Limits::SHORT)).exchange(&select),
        Err(TransmitError::Malformed)
    );
    let drip = Chaining::new(Always(&[1, 2, 3, 4, 0x61, 0x00], Limits::SHORT)).exchange(&select);
    assert!(matches!(
        drip,
        Err(TransmitError::Malformed | TransmitError::TooLong)
    ));
    assert_eq!(
        Chaining::new(Always(&[0x61], Limits::SHORT)).exchange(&select),
        Err(TransmitError::Malformed)
    );
    // A chain that the card breaks off gives the card's answer.
    let long = Command::new(0, 0xDB, 0x3F, 0xFF).with_data(vec![0; 600]);
    let broken = Chaining::new(Always(&[0x68, 0x84], Limits::SHORT))
        .exchange(&long)
        .unwrap();
    assert_eq!(broken.sw, StatusWord::CHAINING_NOT_SUPPORTED);
    // An error in the middle of the pieces leaves nothing of them.
    let mut first = true;
    let card = ShortCard::new(|_| Response::new(vec![9; 300], StatusWord::SUCCESS));
    let mut channel = Chaining::new(Interrupted {
        card,
        first: &mut first,
    });
    assert_eq!(
        channel.exchange(&select).unwrap(),
        Response::status(StatusWord::UNKNOWN_ERROR)
    );
}

/// Fails on GET RESPONSE.
struct Interrupted<'a> {
    card: ShortCard,
    first: &'a mut bool,
}

impl Transmit for Interrupted<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        if std::mem::take(self.first) {
            self.card.transmit(command)
        } else {
            Ok(vec![0x6F, 0x00])
        }
    }
    fn limits(&self) -> Limits {
        Limits::SHORT
    }
    fn interface(&self) -> Interface {
        Interface::Contact
    }
}

#[test]
fn extended_channels_are_not_split() {
    let mut channel = Chaining::new(Always(&[0x90, 0x00], Limits::EXTENDED));
    assert!(
        channel
            .exchange(&Command::new(0, 0xDB, 0x3F, 0xFF).with_data(vec![0; 65_535]))
            .unwrap()
            .sw
            .is_success()
    );
    let mut split = Chaining::within(
        echo(),
        Limits {
            command_data: 100,
            response_data: 100,
        },
    );
    split
        .exchange(
            &Command::new(0, 0xCB, 0x3F, 0xFF)
                .with_data(vec![1; 250])
                .with_le(256),
        )
        .unwrap();
    assert!(
        split
            .into_inner()
            .exchanges
            .iter()
            .all(|sent| sent.len() <= 106)
    );
}

#[test]
fn too_long_for_the_channel_is_told() {
    let long = Command::new(0, 0xDB, 0x3F, 0xFF).with_data(vec![0; 256]);
    assert_eq!(echo().exchange(&long), Err(TransmitError::TooLong));
    let mut channel: Box<dyn Transmit> = Box::new(echo());
    assert_eq!(channel.exchange(&long), Err(TransmitError::TooLong));
}

/// Runs commands through chaining over a tracer and gives the traces.
fn traces(card: ShortCard, commands: &[Command]) -> Vec<Trace> {
    let mut all = Vec::new();
    let mut channel = Chaining::new(Traced::new(card, |trace: &Trace| all.push(trace.clone())));
    for command in commands {
        channel.exchange(command).unwrap();
    }
    drop(channel);
    all
}

#[test]
fn a_line_for_each_exchange() {
    let card = ShortCard::new(|_| Response::status(StatusWord::verification_failed(2)));
    let told = traces(
        card,
        &[Command::new(0, 0x20, 0, 0x80).with_data(*b"123456\xFF\xFF")],
    );
    assert_eq!(
        told[0].to_string(),
        "00200080 VERIFY [8 secret bytes] -> 63C2 (the verification failed; tries are left)"
    );
    let card = ShortCard::new(|_| Response::new([0x6F, 0x00], StatusWord::SUCCESS));
    let told = traces(
        card,
        &[Command::new(0, 0xA4, 4, 0)
            .with_data([0xA0, 0, 0, 3, 8])
            .with_le(256)],
    );
    assert_eq!(
        told[0].to_string(),
        "00A40400 SELECT A000000308 Ne=256 -> 6F00 9000 (done)"
    );
}

/// A secret that no trace may hold, in any piece of any chain or answer.
const SECRET: [u8; 6] = [0xDE, 0xC0, 0xDE, 0xC0, 0xDE, 0x55];

#[test]
fn no_piece_of_a_secret_passes_the_tracer() {
    let long = SECRET.repeat(200);
    let reference = [&[0x7F, 0x60, 0x82, 0x04, 0xB0][..], &long].concat();
    let commands = [
        Command::new(0, 0x20, 0, 0x96).with_data(&long[..]),
        Command::new(0x04, 0x24, 1, 0x80).with_data(SECRET),
        Command::new(0, 0x2C, 0, 0x80).with_data(SECRET),
        Command::new(0x84, 0xD8, 0, 0x81)
            .with_data(SECRET)
            .with_le(256),
        Command::new(0, 0xDB, 0x3F, 0xFF).with_data(reference),
    ];
    let card = ShortCard::new(|_| Response::status(StatusWord::SUCCESS));
    let told = traces(card, &commands);
    assert_eq!(told.len(), 5 + 1 + 1 + 1 + 5);
    for trace in &told {
        assert!(matches!(trace.data, Shown::Masked(1..)), "{trace}");
    }
    // An answer that is secret stays so in the pieces that GET RESPONSE brings.
    let card = ShortCard::new(move |_| Response::new(SECRET.repeat(200), StatusWord::SUCCESS));
    let agree = Command::new(0, 0x87, 0x11, 0x9D)
        .with_data([0x7C, 4, 0x82, 0, 0x85, 0])
        .with_le(256);
    let challenge = Command::new(0, 0x84, 0, 0).with_le(256);
    let told = traces(card, &[agree, challenge]);
    let masked = |trace: &Trace| matches!(&trace.answer, Ok((Shown::Masked(_), _)));
    assert_eq!(
        told.iter().map(masked).collect::<Vec<_>>(),
        [[true; 5], [false; 5]].concat()
    );
    // RSA's operation under a signing key may be a decryption, too; a curve's is not.
    for (algorithm, hidden) in [(0x07, true), (0x11, false)] {
        let card = ShortCard::new(move |_| Response::new(SECRET.repeat(200), StatusWord::SUCCESS));
        let operate = Command::new(0, 0x87, algorithm, 0x9A)
            .with_data([0x7C, 4, 0x82, 0, 0x81, 0])
            .with_le(256);
        let told = traces(card, &[operate]);
        assert_eq!(told.iter().map(masked).collect::<Vec<_>>(), [hidden; 5]);
    }
    // What follows a chain is judged for itself again.
    let card = ShortCard::new(|_| Response::status(StatusWord::SUCCESS));
    let open = Command::new(0, 0xDB, 0x3F, 0xFF).with_data([0x5C, 3, 0x5F, 0xC1, 5, 0x53, 0]);
    let told = traces(
        card,
        &[Command::new(0, 0x20, 0, 0x96).with_data(&long[..]), open],
    );
    assert!(matches!(told.last().unwrap().data, Shown::Bytes(_)));
}

#[test]
fn what_is_no_command_is_hidden_whole() {
    let mut told = Vec::new();
    let mut traced = Traced::new(Always(&[0x90, 0x00], Limits::SHORT), |trace: &Trace| {
        told.push(trace.clone())
    });
    traced.transmit(&[0, 0x20, 0, 0x80, 9, 1, 2]).unwrap();
    let _ = traced.into_parts();
    assert_eq!(told[0].data, Shown::Masked(7));
}
