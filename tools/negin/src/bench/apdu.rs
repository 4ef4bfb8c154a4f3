//! `negin bench apdu`: our way down to a card beside bare calls of the crate `pcsc`.
//!
//! Both go through the same handle to the same echoing card ([`negin_firmware_sim::echo`]) in the same reader of the
//! system's PC/SC service, in turn, each first in every other pair:
//! - ours: a typed command through [`Chaining`] and the registry's connection, to a read answer;
//! - bare: the same bytes, encoded before the clock starts, through `Card::transmit` into a buffer that is there already.
//!
//! Under SCP03 at level 33, ours goes through the channel as well; the bare call carries a command of the same session.
//! It is held against ours twice: with the command wrapped before the clock starts and the answer unwrapped after it
//! stops (what is left is cryptography), and with both inside (what is left is our layers).

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use negin_apdu::{Chaining, Command, Exchange, Interface, Limits, Response, StatusWord};
use negin_device::{Address, Error as DeviceError};
use negin_firmware_sim::bus::{InProcess, share};
use negin_firmware_sim::card::{BlankOptions, Card};
use negin_firmware_sim::echo::{CLASS, ECHO, KEY, KEY_VERSION};
use negin_reader::pcsc::{self, BareCard, PcscConnection, PcscReader};
use negin_reader::{CardEvent, Reader};
use negin_secure_channel::channel::Channel;
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::host::{
    Handshake, InitializeUpdateResponse, Opening, initialize_update,
};
use negin_secure_channel::scp03::kdf::SessionKeys;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Map, Value, json};

use super::statistics::{Pair, Ratio, median};
use crate::cli::ApduBenchArgs;
use crate::commands::App;
use crate::devices::simulated::Bus;
use crate::output::{Align, Cell, Exit, Progress, Style, Table, print_json, print_text};
use crate::problem::Problem;
use crate::{commands, interrupt};

/// Bytes of data, both ways.
const SIZES: [usize; 3] = [5, 255, 4_096];
/// Pairs that are not counted, while caches and clocks settle.
const WARMING: usize = 500;
/// Pairs from one look at the keyboard's wish to the next.
const STRIDE: usize = 200;
/// How long the exchanges in the process are counted.
const COUNTED: Duration = Duration::from_secs(1);

/// Runs the command.
pub fn run(args: &ApduBenchArgs, app: &App) -> Result<Exit, Problem> {
    let locator = match (&args.reader, Bus::Pcsc.is_here()) {
        (Some(address), _) => locator(address)?.to_owned(),
        (None, true) => echoing()?,
        (None, false) => return Bus::Pcsc.run_inside(&["--echo"]),
    };
    interrupt::watch();
    let mut reader = PcscReader::open(&locator)?;
    reader.wait_for(CardEvent::Inserted, Duration::from_secs(10))?;
    let connection = reader.connect_bare()?;
    let pairs = args.pairs as usize;
    let mut bench = Bench {
        bare: connection.bare(),
        card: Chaining::new(connection),
        buffer: vec![0; 65_538],
        pairs,
        progress: Progress::new((3 * SIZES.len() * pairs.div_ceil(STRIDE)) as u64),
    };
    let mut measured = Vec::new();
    for size in SIZES {
        measured.push((format!("ratio_{size}"), bench.plain(size)?));
    }
    for (name, beside) in [
        ("scp03_ratio", Beside::Wrapped),
        ("scp03_layers_ratio", Beside::ByHand),
    ] {
        for size in SIZES {
            measured.push((format!("{name}_{size}"), bench.secured(size, beside)?));
        }
    }
    drop(bench);
    tell(&measured, in_process()?, pairs, app)
}

/// The last of the simulated readers: the echoing card lies there.
fn echoing() -> Result<String, Problem> {
    let address = || Address::new("pcsc", "*");
    let readers = pcsc::readers().map_err(|fault| DeviceError::Unavailable {
        address: address(),
        reason: fault.to_string(),
    })?;
    let last = readers.into_iter().next_back();
    let last = last.ok_or_else(|| DeviceError::NoSuchDevice { address: address() })?;
    Ok(last.name)
}

fn locator(address: &Address) -> Result<&str, Problem> {
    if address.scheme() == "pcsc" {
        return Ok(address.locator());
    }
    Err(DeviceError::UnknownScheme {
        scheme: address.scheme().to_owned(),
        known: "pcsc".to_owned(),
    }
    .into())
}

/// What our channel is held against.
#[derive(Debug, Clone, Copy)]
enum Beside {
    /// Bare calls that carry what was wrapped before.
    Wrapped,
    /// Bare calls between wrapping and unwrapping by hand, which count.
    ByHand,
}

struct Bench {
    bare: BareCard,
    card: Chaining<PcscConnection>,
    buffer: Vec<u8>,
    pairs: usize,
    progress: Progress,
}

fn echo(size: usize) -> Command {
    Command::new(CLASS, ECHO, 0x00, 0x00)
        .with_data(vec![0x5A; size])
        .with_le(if size > 256 { 65_536 } else { 256 })
}

/// A card that does not echo is not what is measured.
fn echoed(response: &Response, size: usize) -> Result<(), Problem> {
    if response.sw == StatusWord::SUCCESS && response.data.len() == size {
        return Ok(());
    }
    Err(negin_card::Error::Refused {
        instruction: "ECHO",
        sw: response.sw,
    }
    .into())
}

fn nanoseconds(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_nanos()).unwrap_or(u32::MAX)
}

impl Bench {
    fn pairs(
        &mut self,
        what: &str,
        mut pair: impl FnMut(&mut Self, bool) -> Result<Pair, Problem>,
    ) -> Result<Vec<Pair>, Problem> {
        self.progress.say(what);
        for turn in 0..WARMING {
            pair(self, turn % 2 == 0)?;
        }
        let mut times = Vec::with_capacity(self.pairs);
        for turn in 0..self.pairs {
            if turn % STRIDE == 0 {
                if interrupt::asked() {
                    return Err(Problem::interrupted());
                }
                self.progress.step();
            }
            times.push(pair(self, turn % 2 == 0)?);
        }
        Ok(times)
    }

    fn plain(&mut self, size: usize) -> Result<Vec<Pair>, Problem> {
        let command = echo(size);
        let bytes = command.to_bytes().map_err(|_| too_long())?;
        self.pairs(&format!("{size} bytes"), |bench, ours_first| {
            let mut pair = [0; 2];
            for which in order(ours_first) {
                pair[which] = match which {
                    0 => {
                        let since = Instant::now();
                        let response = bench.card.exchange(&command).map_err(lost)?;
                        let took = nanoseconds(since);
                        echoed(&response, size)?;
                        took
                    }
                    _ => {
                        let (took, response) = bench.bare(&bytes)?;
                        echoed(&response, size)?;
                        took
                    }
                };
            }
            Ok(pair)
        })
    }

    fn secured(&mut self, size: usize, beside: Beside) -> Result<Vec<Pair>, Problem> {
        let command = echo(size);
        let mut session = self.open()?.session();
        let what = format!("{size} bytes, SCP03, {beside:?}");
        self.pairs(&what, |bench, ours_first| {
            let mut pair = [0; 2];
            for which in order(ours_first) {
                let (took, response) = if which == 0 {
                    let mut channel = Channel::new(&mut bench.card, &mut session);
                    let since = Instant::now();
                    let response = channel.exchange(&command).map_err(lost)?;
                    (nanoseconds(since), response)
                } else {
                    let since = Instant::now();
                    let wrapped = session.wrap(&command).map_err(sm)?;
                    let bytes = wrapped.to_bytes().map_err(|_| too_long())?;
                    let (alone, answer) = bench.bare(&bytes)?;
                    let response = session.unwrap(answer).map_err(sm)?;
                    let by_hand = nanoseconds(since);
                    let took = match beside {
                        Beside::Wrapped => alone,
                        Beside::ByHand => by_hand,
                    };
                    (took, response)
                };
                echoed(&response, size)?;
                pair[which] = took;
            }
            Ok(pair)
        })
    }

    /// A bare call: nothing but the crate `pcsc` while the clock runs.
    fn bare(&mut self, bytes: &[u8]) -> Result<(u32, Response), Problem> {
        let card = self.bare.lock();
        let since = Instant::now();
        let answer = card.transmit(bytes, &mut self.buffer);
        let took = nanoseconds(since);
        let answer = black_box(answer).map_err(|_| too_long())?;
        Ok((took, Response::parse(answer).map_err(lost)?))
    }

    /// SCP03 at level 33 under the echoing card's keys.
    fn open(&mut self) -> Result<Opening, Problem> {
        let keys = Key::new(&KEY).map(|key| KeySet::of_one(&key)).map_err(sm)?;
        let mut challenge = [0; 8];
        crate::entropy::fill(&mut challenge);
        let update = initialize_update(KEY_VERSION, &challenge);
        let answer = self.card.exchange(&update).map_err(lost)?;
        let answer = InitializeUpdateResponse::parse(&answer.data).map_err(sm)?;
        let session = SessionKeys::derive(&keys, &challenge, answer.card_challenge.as_bytes());
        let (command, opening) = Handshake::new(&challenge, answer)
            .and_then(|handshake| handshake.verify_card(session))
            .and_then(|card| card.external_authenticate(SecurityLevel::Full))
            .map_err(sm)?;
        let answer = self.card.exchange(&command).map_err(lost)?;
        if answer.sw == StatusWord::SUCCESS {
            return Ok(opening);
        }
        Err(negin_card::Error::AuthenticationRefused { sw: answer.sw }.into())
    }
}

fn order(ours_first: bool) -> [usize; 2] {
    if ours_first { [0, 1] } else { [1, 0] }
}

fn lost(error: negin_apdu::TransmitError) -> Problem {
    negin_card::Error::Transmit(error).into()
}

fn sm(error: negin_secure_channel::Error) -> Problem {
    negin_card::Error::from(error).into()
}

fn too_long() -> Problem {
    lost(negin_apdu::TransmitError::TooLong)
}

/// Exchanges a second with a simulated card in this process: GET DATA, card recognition data.
fn in_process() -> Result<u64, Problem> {
    let options =
        BlankOptions::new(commands::maker_keys()?, *b"NEGINBENCH").map_err(commands::simulated)?;
    let card =
        Card::blank(&options, ChaCha20Rng::from_seed([7; 32])).map_err(commands::simulated)?;
    let mut card =
        InProcess::connect(share(card), Interface::Contact, Limits::EXTENDED).map_err(lost)?;
    let command = Command::new(0x80, 0xCA, 0x00, 0x66).with_le(256);
    let begun = Instant::now();
    let mut exchanged = 0_u64;
    while begun.elapsed() < COUNTED {
        for _ in 0..100 {
            black_box(card.exchange(&command).map_err(lost)?);
        }
        exchanged += 100;
    }
    Ok((exchanged as f64 / begun.elapsed().as_secs_f64()) as u64)
}

/// What was measured, for people.
fn title(name: &str) -> String {
    let (what, size) = name.split_once("ratio_").unwrap_or((name, ""));
    let what = match what {
        "scp03_" => "SCP03 beside wrapped commands",
        "scp03_layers_" => "SCP03 beside wrapping by hand",
        _ => "plain",
    };
    format!("{what}, {size} bytes")
}

fn tell(
    measured: &[(String, Vec<Pair>)],
    in_process: u64,
    pairs: usize,
    app: &App,
) -> Result<Exit, Problem> {
    let mut object = Map::new();
    let mut table = Table::new(&[
        ("", Align::Left),
        ("ours, µs", Align::Right),
        ("bare, µs", Align::Right),
        ("ratio", Align::Right),
        ("95 %", Align::Right),
    ]);
    for (name, times) in measured {
        let ratio = Ratio::of(times);
        object.insert(name.clone(), ratio.json());
        let middle = [0, 1].map(|which| {
            let mut of: Vec<u32> = times.iter().map(|pair| pair[which]).collect();
            median(&mut of) / 1_000.0
        });
        object.insert(
            name.replace("ratio", "microseconds"),
            json!({ "ours": middle[0], "bare": middle[1] }),
        );
        table.row([
            Cell::new(title(name)),
            Cell::new(format!("{:.1}", middle[0])),
            Cell::new(format!("{:.1}", middle[1])),
            Cell::new(format!("{:.3}", ratio.median)),
            Cell::new(format!("{:.3} to {:.3}", ratio.low, ratio.high)),
        ]);
    }
    object.insert("in_process_per_second".to_owned(), json!(in_process));
    object.insert("pairs".to_owned(), json!(pairs));
    let unprinted = |error: std::io::Error| Problem::file(Path::new("-"), &error);
    if app.json {
        print_json(&Value::Object(object)).map_err(unprinted)?;
    } else {
        let more = format!("{in_process} exchanges a second in the process; {pairs} pairs each\n");
        print_text(&(table.render(Style::stdout()) + &more)).map_err(unprinted)?;
    }
    Ok(Exit::Done)
}
