//! The command line as a person types it: commands, options, help with examples.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use negin_device::Address;

use crate::finger::FingerCommand;

/// From a checked citizen record to a live national smart card.
#[derive(Debug, Parser)]
#[command(
    name = "negin",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 input refused by checks; 130 interrupted; 143 asked to end (SIGTERM).\n\n\
        Examples:\n  negin demo --cards 5 --out demo\n  negin check demo/order\n  \
        negin card info --reader sim:demo/cards/1.card"
)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// What everything has in common.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Print one JSON object on standard output, for scripts
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of messages; without it, the system's
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Language>,
    /// Say more on standard error; twice for every exchange with a card (secrets masked)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// A language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English
    En,
    /// Persian
    Fa,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The whole way with simulated devices: order, cards, delivery, impostors, report
    Demo(DemoArgs),
    /// Check an order folder and, with a ledger, enter it
    Check(CheckArgs),
    /// Write cards for the checked records of an order
    #[command(alias = "personalise")]
    Personalize(PersonalizeArgs),
    /// Note that written cards leave for their office
    Ship(ShipArgs),
    /// Match the citizen's finger on the card and bring the card to life
    Deliver(DeliverArgs),
    /// Note that a record's card is broken or lost before delivery; the record waits for another
    Spoil(SpoilArgs),
    /// The card readers of this machine and what lies in them
    Readers(ReadersArgs),
    /// The fingerprint scanners of this machine
    Scanners(ScannersArgs),
    /// Take prints from a scanner
    #[command(subcommand)]
    Scanner(ScannerCommand),
    /// Look at a card
    #[command(subcommand)]
    Card(CardCommand),
    /// Fingerprints: extract, match, measure
    #[command(subcommand)]
    Finger(FingerCommand),
    /// Key files for development
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The ledger: list and verify
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Measure what this program costs
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Find out what is missing on this machine and how to mend it
    Doctor(DoctorArgs),
    /// Print the completion script of a shell
    #[command(
        after_help = "Example:\n  negin completions bash > ~/.local/share/bash-completion/completions/negin"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Options of `negin demo`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin demo\n  negin demo --cards 20 --seed 7 --out demo\n  negin demo --pcsc\n  negin demo --usb\n  negin demo --cards 2 --out demo --json"
)]
pub struct DemoArgs {
    /// How many citizens get a card
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub cards: u32,
    /// The same seed makes the same citizens, prints and cards
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Folder for the order, the ledger, the cards and the report; must be empty or new
    #[arg(long, value_name = "DIR", default_value = "negin-demo")]
    pub out: PathBuf,
    /// Empty the folder of an earlier demo first
    #[arg(long)]
    pub force: bool,
    /// Put the system's PC/SC service between host and cards: the cards lie in simulated readers behind a pcscd of the
    /// demo's own
    #[arg(long)]
    pub pcsc: bool,
    /// Plug the counter's scanner into a USB of the demo's own: a simulated U.are.U 4500, which this program drives
    /// through libusb
    #[arg(long, conflicts_with_all = ["pcsc", "serial"])]
    pub usb: bool,
    /// Plug the counter's scanner into a serial port of the demo's own: a simulated fingerprint module of the ZFM
    /// protocol
    #[arg(long, conflicts_with = "pcsc")]
    pub serial: bool,
    /// Profile: `national-id`, `piv-token` (for development) or a file
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<PathBuf>,
}

/// The seat at which a command writes: its keys and its ledger.
#[derive(Debug, Clone, Args)]
pub struct SeatArgs {
    /// Key file (see `negin keys new`)
    #[arg(long, value_name = "FILE")]
    pub keys: PathBuf,
    /// Ledger file, made where it is not there yet
    #[arg(long, value_name = "FILE")]
    pub ledger: PathBuf,
    /// Name of this station or counter
    #[arg(long, value_name = "NAME")]
    pub seat: String,
}

/// The seat, where a command can do without.
#[derive(Debug, Clone, Args)]
pub struct OptionalSeatArgs {
    /// Key file (see `negin keys new`)
    #[arg(long, value_name = "FILE", requires = "ledger")]
    pub keys: Option<PathBuf>,
    /// Enter the records in this ledger
    #[arg(long, value_name = "FILE", requires_all = ["keys", "seat"])]
    pub ledger: Option<PathBuf>,
    /// Name of this station
    #[arg(long, value_name = "NAME", requires = "ledger")]
    pub seat: Option<String>,
}

/// Options of `negin check`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin check order\n  negin check order --json\n  \
        negin check order --keys keys.json --ledger ledger.sqlite --seat station-1"
)]
pub struct CheckArgs {
    /// The order folder
    pub order: PathBuf,
    /// Profile: `national-id`, `piv-token` (for development) or a file
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<PathBuf>,
    /// Where accepted records are entered.
    #[command(flatten)]
    pub seat: OptionalSeatArgs,
}

/// Options of `negin personalize`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin personalize order --keys keys.json --ledger ledger.sqlite --seat station-1 --reader sim:blank.card\n  \
        negin personalize order --record order-7/0003 --keys keys.json --ledger ledger.sqlite --seat station-1 --reader sim:blank.card\n\n\
        Every card also gets the override keys: give both officers' files with --override-share.\n\
        PIV cards of another maker are written with --batch; they have no override, and at the counter this program compares the finger.\n\
        A card that was torn out is put back into any reader and the same command given again: it goes on where it stopped."
)]
pub struct PersonalizeArgs {
    /// The order folder
    pub order: PathBuf,
    /// Only these records
    #[arg(long, value_name = "RECORD")]
    pub record: Vec<String>,
    /// The tray: a reader for each card (may be given several times)
    #[arg(long, value_name = "ADDR", required = true)]
    pub reader: Vec<Address>,
    /// An officer's share of the override keys, which every card gets; two are needed
    #[arg(long, value_name = "FILE")]
    pub override_share: Vec<PathBuf>,
    /// Office whose counter will deliver the cards
    #[arg(long, value_name = "CODE", default_value = "office-1")]
    pub office: String,
    /// Profile: `national-id`, `piv-token` (for development) or a file
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<PathBuf>,
    /// For PIV cards of another maker: the batch they are of (see `negin keys foreign`)
    #[arg(long, value_name = "NAME")]
    pub batch: Option<String>,
    /// Keys and ledger.
    #[command(flatten)]
    pub seat: SeatArgs,
}

/// Options of `negin ship`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  negin ship --office office-1 --keys keys.json --ledger ledger.sqlite --seat station-1"
)]
pub struct ShipArgs {
    /// Only these records; without it, all written ones
    #[arg(long, value_name = "RECORD")]
    pub record: Vec<String>,
    /// Office the cards go to
    #[arg(long, value_name = "CODE", default_value = "office-1")]
    pub office: String,
    /// Keys and ledger.
    #[command(flatten)]
    pub seat: SeatArgs,
}

/// Options of `negin spoil`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  negin spoil order-7/0003 --keys keys.json --ledger ledger.sqlite --seat station-1\n\n\
        Destroy the card first, if you have it: from now on no counter delivers it, and another one is written for its record."
)]
pub struct SpoilArgs {
    /// The records whose cards are of no more use
    #[arg(value_name = "RECORD", required = true)]
    pub record: Vec<String>,
    /// Do not have another card written
    #[arg(long)]
    pub no_new_card: bool,
    /// Keys and ledger.
    #[command(flatten)]
    pub seat: SeatArgs,
}

/// Options of `negin deliver`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin deliver --reader sim:1.card --scanner dir:finger --keys keys.json --ledger ledger.sqlite --seat counter-1\n  \
        negin deliver --reader sim:1.card --override-share a.share --override-share b.share --keys keys.json --ledger ledger.sqlite --seat centre\n\n\
        The PIN is entered at the reader where it has keys of its own, otherwise on the terminal; scripts give it with --pin-file."
)]
pub struct DeliverArgs {
    /// The reader with the citizen's card
    #[arg(long, value_name = "ADDR")]
    pub reader: Address,
    /// The scanner
    #[arg(long, value_name = "ADDR", required_unless_present = "override_share")]
    pub scanner: Option<Address>,
    /// Which enrolled finger is put on the scanner
    #[arg(long, value_enum, default_value_t = FingerChoice::Primary)]
    pub finger: FingerChoice,
    /// How often the finger may be put on
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=10))]
    pub tries: u8,
    /// Write the photograph that the card holds to this file, to hold it against the person
    #[arg(long, value_name = "FILE")]
    pub portrait: Option<PathBuf>,
    /// File with the PIN the citizen chose, on its first line
    #[arg(long, value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
    /// Have the PIN entered at this machine though the reader has keys of its own
    #[arg(long)]
    pub no_pin_pad: bool,
    /// Office of this counter
    #[arg(long, value_name = "CODE", default_value = "office-1")]
    pub office: String,
    /// For a PIV card of another maker that holds no fingerprints: the order whose images are compared
    #[arg(long, value_name = "DIR")]
    pub order: Option<PathBuf>,
    /// An officer's share of the override keys: with two of them the card comes alive without a match
    #[arg(long, value_name = "FILE")]
    pub override_share: Vec<PathBuf>,
    /// Keys and ledger.
    #[command(flatten)]
    pub seat: SeatArgs,
}

/// One of the two references on a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FingerChoice {
    /// Key reference 96
    Primary,
    /// Key reference 97
    Secondary,
}

/// Options of `negin readers`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin readers\n  negin readers --watch\n  negin readers --watch --json\n\n\
        A reader is named pcsc:NAME elsewhere; a part of the name is enough where only one reader has it, and \
        pcsc:* is the only reader there is.\n\
        With --watch and --json, one object is printed for each event."
)]
pub struct ReadersArgs {
    /// Go on telling what happens, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
}

/// Options of `negin scanners`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin scanners\n  negin scanners --json\n  negin scanners --ask serial:/dev/ttyUSB0\n  negin scanners --watch\n\n\
        Ports of serial adapters are listed and not asked: bytes for a fingerprint module may do anything to another machine. \
        With --ask the status is 1 where a scanner that was asked is not ready.\n\
        With --watch and --json, one object is printed for each event."
)]
pub struct ScannersArgs {
    /// Go on telling which are plugged in and pulled out, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// Also open this scanner and ask what it is, as a module on a serial port (may be given several times)
    #[arg(long, value_name = "ADDR", conflicts_with = "watch")]
    pub ask: Vec<Address>,
}

/// Commands about one scanner.
#[derive(Debug, Subcommand)]
pub enum ScannerCommand {
    /// Take one print and write it as a PNG file
    #[command(
        after_help = "Examples:\n  negin scanner capture --device usb:05ba:000a --out finger.png\n  \
            negin scanner capture --device usb:05ba:000a@1-2 --frames 5 --out finger.png --json\n  \
            negin scanner capture --device usb:05ba:000a --preview --out finger.png\n\n\
            Ctrl-C calls it off. A file that is there is replaced. With --frames the best of so many is written, if the scanner \
            gives several.\n\
            With --preview the frames are shown in the terminal as they come, and up to 50 are taken where --frames does not \
            say how many; the terminal is left as it was, and no picture stays in it."
    )]
    Capture(CaptureArgs),
}

/// Options of `negin scanner capture`.
#[derive(Debug, Args)]
pub struct CaptureArgs {
    /// The scanner (see `negin scanners`)
    #[arg(long, value_name = "ADDR")]
    pub device: Address,
    /// The PNG file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How many seconds a finger is waited for
    #[arg(long, value_name = "S", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// Take up to so many frames while the finger lies there, and keep the best; one where it is not said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=50))]
    pub frames: Option<u8>,
    /// Show what the scanner sees, in this terminal, while the finger is laid on
    #[arg(long)]
    pub preview: bool,
    /// For the replay of recorded traffic: a seed of the image's cipher as it was recorded, in hexadecimal; one for each
    /// key, the last one for all further keys
    #[arg(long, value_name = "HEX", value_parser = seed)]
    pub seed: Vec<u32>,
}

/// A seed: 32 bits in hexadecimal.
fn seed(text: &str) -> Result<u32, String> {
    let digits = text.trim_start_matches("0x");
    u32::from_str_radix(digits, 16).map_err(|error| format!("not 32 bits in hexadecimal: {error}"))
}

/// Commands about one card.
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// What the card is, its state and what it shows to anybody
    #[command(after_help = "Example:\n  negin card info --reader sim:demo/cards/1.card --json")]
    Info {
        /// The reader
        #[arg(long, value_name = "ADDR")]
        reader: Address,
    },
    /// Make a blank simulated card, as the maker delivers it
    #[command(after_help = "Example:\n  negin card blank blank.card")]
    Blank {
        /// The state file to make
        file: PathBuf,
    },
}

/// Commands about key files.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key file for development, with fresh keys and two officers' override shares beside it
    #[command(after_help = "Example:\n  negin keys new keys.json")]
    New {
        /// The key file to make
        file: PathBuf,
    },
    /// Make the key file of one office's counters: it delivers that office's cards and no others
    #[command(
        after_help = "Example:\n  negin keys office office-1 --keys keys.json --seat counter-7 --out office-1.json"
    )]
    Office {
        /// The office's code
        code: String,
        /// The national key file, which learns the seat's public key
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// Name of the counter
        #[arg(long, value_name = "NAME")]
        seat: String,
        /// The key file to make
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Enter a batch of PIV cards of another maker: their management key, PIN and PUK
    #[command(
        after_help = "Examples:\n  negin keys foreign tokens --keys keys.json --factory\n  negin keys foreign batch-7 --keys keys.json\n  \
            negin keys foreign batch-7 --keys keys.json --from batch-7.toml\n\n\
            Without --factory and --from, key, PIN and PUK are asked for on the terminal, unseen. The file has four lines:\n  \
            algorithm = \"aes-256\"\n  key = \"…\"\n  pin = \"…\"\n  puk = \"…\"\n\
            The algorithm is 3des, aes-128, aes-192 or aes-256; the key is in hexadecimal. Delete the file afterwards."
    )]
    Foreign {
        /// The batch's name
        name: String,
        /// The national key file, which takes the batch
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// Development tokens with the codes that everybody knows
        #[arg(long, conflicts_with = "from")]
        factory: bool,
        /// Read key and codes from this file
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

/// Commands about the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// List the records and where they stand
    #[command(after_help = "Example:\n  negin ledger list --ledger demo/ledger.sqlite --json")]
    List {
        /// The ledger file
        #[arg(long, value_name = "FILE")]
        ledger: PathBuf,
    },
    /// Check every hash, signature and link of every chain
    #[command(
        after_help = "Example:\n  negin ledger verify --ledger demo/ledger.sqlite --keys demo/keys.json"
    )]
    Verify {
        /// The ledger file
        #[arg(long, value_name = "FILE")]
        ledger: PathBuf,
        /// The key file that holds the seats' keys
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
    },
}

/// Commands that measure.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Exchanges with a card through PC/SC, beside bare calls of the crate pcsc
    Apdu(ApduBenchArgs),
}

/// Options of `negin bench apdu`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin bench apdu\n  negin bench apdu --pairs 50000 --json\n\n\
        Without --reader a simulated reader behind a PC/SC service of its own is measured (negin-sim pcsc)."
)]
pub struct ApduBenchArgs {
    /// Pairs of exchanges for each size, ours and a bare one in turn
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    pub pairs: u32,
    /// A reader in which an echoing card lies
    #[arg(long, value_name = "ADDR")]
    pub reader: Option<Address>,
}

/// Options of `negin doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  negin doctor --json")]
pub struct DoctorArgs {
    /// Also look at this key file
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// Also look at this ledger
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
}
