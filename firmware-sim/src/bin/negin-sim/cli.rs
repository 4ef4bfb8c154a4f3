//! What may be asked on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use negin_apdu::Interface;

use crate::serial;
use crate::usb::Device;

/// Simulated devices where real ones would be: cards in readers behind PC/SC, devices on USB.
#[derive(Debug, Parser)]
#[command(name = "negin-sim", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs a command with a PC/SC of its own, in whose readers the cards lie
    Pcsc(Pcsc),
    /// Runs a command that finds simulated devices on USB, through libusb
    Usb(Usb),
    /// Runs a command that finds simulated devices on serial ports
    Serial(Serial),
    /// Says something to the simulator: put a card in, cut its power, lay a finger on, pull the plug
    Control(Control),
    /// Runs simulated readers for a pcscd that is there already: the system's
    Serve(Serve),
    /// Prints the configuration with which a pcscd finds the readers of 'negin-sim serve'
    Config(Config),
    #[command(hide = true)]
    Inside(Inside),
    #[command(hide = true)]
    Tied(Tied),
}

/// The readers and what lies in them.
#[derive(Debug, Clone, Args)]
pub struct Rack {
    /// How many readers there are, 1 to 16; as many as cards, where it is not said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub readers: Option<u8>,

    /// The file of a card; the first lies in reader 0, the next in reader 1, and so on
    #[arg(long = "card", value_name = "FILE")]
    pub cards: Vec<PathBuf>,

    /// A reader that speaks to cards over the antenna instead of contacts; may be given again
    #[arg(long, value_name = "READER", value_parser = clap::value_parser!(u8).range(0..=15))]
    pub contactless: Vec<u8>,

    /// A reader with keys of its own for PINs, which 'negin-sim control keys' presses; may be given again
    #[arg(long, value_name = "READER", value_parser = clap::value_parser!(u8).range(0..=15))]
    pub pin_pad: Vec<u8>,

    /// One more reader, the last, in which a card lies that says what it is told; for measuring
    #[arg(long)]
    pub echo: bool,

    /// What the cards draw comes from this number, and is the same each time; for tests
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
}

impl Rack {
    /// How many readers there are in all.
    pub fn count(&self) -> usize {
        self.interfaces().len() + usize::from(self.echo)
    }

    /// How many cards lie in them at the beginning.
    pub fn laid(&self) -> usize {
        self.cards.len() + usize::from(self.echo)
    }

    /// How each reader speaks to cards.
    pub fn interfaces(&self) -> Vec<Interface> {
        let count = self
            .readers
            .map_or_else(|| self.cards.len().max(1), usize::from);
        let contactless = |at: usize| self.contactless.iter().any(|&each| usize::from(each) == at);
        (0..count)
            .map(|at| {
                if contactless(at) {
                    Interface::Contactless
                } else {
                    Interface::Contact
                }
            })
            .collect()
    }
}

const PCSC_HELP: &str = "\
The command sees the readers 'Negin Simulated Reader 00 00', '… 01 00' and so on, and no others. What the cards write \
is in their files before the command hears of it. Everything started ends with the command; its exit status is passed \
on, 125 is negin-sim's own failure. Without a command everything stays until Ctrl-C.

In the command's environment, NEGIN_SIM_CONTROL is the socket that 'negin-sim control' speaks to.

Examples:
  negin card blank x.card
  negin-sim pcsc --card x.card -- opensc-tool --list-readers
  negin-sim pcsc --readers 16 --card x.card -- pcsc_scan -r
  negin-sim pcsc --card x.card -- sh -c 'negin-sim control remove 0; pcsc_scan -r'";

#[derive(Debug, Args)]
#[command(after_help = PCSC_HELP)]
pub struct Pcsc {
    #[command(flatten)]
    pub rack: Rack,

    /// The driver; by default libnegin_ifd.so beside this program, or in ../lib/negin
    #[arg(long, value_name = "PATH")]
    pub ifd: Option<PathBuf>,

    /// The command keeps the machine's network, instead of having one of its own with nothing but itself in it
    #[arg(long)]
    pub share_network: bool,

    /// No namespaces: the one pcscd of this machine, as root, for machines that allow nothing else. Waits until other
    /// such runs are over
    #[arg(long, env = "NEGIN_SIM_NO_NAMESPACES")]
    pub no_namespaces: bool,

    /// The command, with its arguments
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

const CONTROL_HELP: &str = "\
Lines:
  list                   a line a reader
  insert READER [FILE]   put a card in: the file's, or the one that was in last
  remove READER          take the card out
  reset READER           cut the card's power for a moment
  tear READER N WAY      cut its power at its N-th write from now, 0 being the next;
                         WAY: not-begun, half-programmed, complete-unanswered
  hold READER            commands wait before the card gets them
  release READER         they go on
  keys READER KEYS…      what the holder does each time a reader with --pin-pad asks: digits, cancel, nothing
Within 'negin-sim pcsc' also, of the process that holds the cards and of pcscd:
  simulator              whether it runs, and as which process
  simulator kill         ends it as a crash does: kill; stop, continue: no time, time again; start
  daemon, daemon kill    the same of pcscd

Within 'negin-sim usb' and 'negin-sim serial':
  list                   a line a device
  unplug N, plug N       pull the device out, put it back
  finger N WHAT          WHAT: place SEED[:PRESSING], image FILE, lift, wet, dry
  fault N FAULT          a line of a script of faults, as in 'negin-sim usb --help'

Examples:
  negin-sim control list
  negin-sim control remove 0
  negin-sim control tear 0 3 half-programmed";

#[derive(Debug, Args)]
#[command(after_help = CONTROL_HELP)]
pub struct Control {
    /// The control socket
    #[arg(long, value_name = "PATH", env = "NEGIN_SIM_CONTROL")]
    pub socket: PathBuf,

    /// The line
    #[arg(required = true, trailing_var_arg = true, value_name = "LINE")]
    pub line: Vec<String>,
}

const USB_HELP: &str = "\
The command and all that it starts find these devices on USB, and no others, where they use libusb; each as if it had \
been plugged in just before. Everything started ends with the command; its exit status is passed on, 125 is \
negin-sim's own failure. Without a command everything stays until Ctrl-C.

Devices:
  uru4000                    a fingerprint scanner, U.are.U 4500; settings:
    finger=SEED[:PRESSING]     a person lays this synthetic finger on whenever one is asked for, and lifts it
    images=FOLDER              the same with the prints of a folder, one after the other
    encrypt=off                images lie open on the line; as a rule they are hidden, as a 4500 does it
    serial=TEXT                its serial number
    product=VVVV:PPPP          another one of the family: 05ba:0007, 05ba:0008, 045e:00bb, 045e:00bc, 045e:00bd, 045e:00ca
  loopback[,serial=TEXT]     1209:0001, which gives back what it is told; for trying programs

In the command's environment, NEGIN_SIM_DEVICES has a line a device, its address for Negin; NEGIN_SIM_CONTROL is the \
socket that 'negin-sim control' speaks to.

Faults, a line each in a script, '#' begins a comment; transfers are counted from 1, times from the first plugging-in:
  seed 7                     what chance decides comes from here
  at transfer 12 stall       also: corrupt, short, garbage, drop-block, delay TIME
  at transfer 3 silence      nothing is answered from here on; silence TIME: for so long
  at 1.5s unplug             also: plug
  at 2s finger place 12:3    a synthetic finger, by its seed, and how it is pressed; also: finger image FILE, lift, wet, dry

Examples:
  negin-sim usb --device uru4000 -- lsusb -v
  negin-sim usb --device uru4000,finger=7 --device uru4000,encrypt=off -- sh
  negin-sim usb --device uru4000 -- sh -c 'negin-sim control unplug 0; lsusb'";

#[derive(Debug, Args)]
#[command(after_help = USB_HELP)]
pub struct Usb {
    /// A device to plug in; may be given again
    #[arg(long = "device", value_name = "NAME[,KEY=VALUE]…", required = true)]
    pub devices: Vec<Device>,

    /// What passes between programs and device N is written to N.trace in this folder
    #[arg(long, value_name = "FOLDER")]
    pub trace: Option<PathBuf>,

    #[command(flatten)]
    pub run: Run,
}

/// Which device a script of faults is for, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultFile {
    /// The device's number, from 0.
    pub device: usize,
    /// The script.
    pub file: PathBuf,
}

impl std::str::FromStr for FaultFile {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbered = text
            .split_once('=')
            .and_then(|(number, file)| Some((number.parse().ok()?, file)));
        let (device, file) = numbered.unwrap_or((0, text));
        Ok(Self {
            device,
            file: file.into(),
        })
    }
}

const SERIAL_HELP: &str = "\
The command and all that it starts find these devices on serial ports of their own, which come and go as the devices \
are plugged in and pulled out. Everything started ends with the command; its exit status is passed on, 125 is \
negin-sim's own failure. Without a command everything stays until Ctrl-C.

Devices:
  zfm       a fingerprint module of the ZFM protocol: ZFM-20, R30x, AS608 and their kin
    finger=SEED[:PRESSING]   a person lays this synthetic finger on whenever one is waited for
    images=DIR               a person lays the images of this folder on, one after the other
    make=zfm20, make=r503    256 × 288 px at 500 dpi, or 192 × 192 px at 508 dpi
    baud=N, packet=BYTES     the speed, 9600 × 1 to 12; what a data packet carries, 32, 64, 128 or 256
    password=HEX, address=HEX, pages=N   what it is locked with, which it is, how large its library is

In the command's environment, NEGIN_SIM_DEVICES has a line a device, its address for Negin: 'serial:' and the port; \
NEGIN_SIM_CONTROL is the socket that 'negin-sim control' speaks to.

Faults are as in 'negin-sim usb --help'; a transfer is a packet, in whichever direction.

Examples:
  negin-sim serial --device zfm,finger=7 -- sh -c 'echo $NEGIN_SIM_DEVICES'
  negin-sim serial --device zfm,baud=115200,password=0BADC0DE -- my-program
  negin-sim serial --device zfm -- sh -c 'negin-sim control finger 0 place 7; negin-sim control list'";

#[derive(Debug, Args)]
#[command(after_help = SERIAL_HELP)]
pub struct Serial {
    /// A device to plug in; may be given again
    #[arg(long = "device", value_name = "NAME[,KEY=VALUE]…", required = true)]
    pub devices: Vec<serial::Device>,

    #[command(flatten)]
    pub run: Run,
}

/// What is said of devices beside what they are.
#[derive(Debug, Args)]
pub struct Run {
    /// A script of faults for device N, or for the first; may be given again
    #[arg(long = "fault", value_name = "[N=]FILE")]
    pub faults: Vec<FaultFile>,

    /// Where 'negin-sim control' finds it; by default a place of its own
    #[arg(long, value_name = "PATH")]
    pub control: Option<PathBuf>,

    /// What the devices draw comes from this number, and is the same each time; for tests
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// The command, with its arguments
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

const SERVE_HELP: &str = "\
Examples, as root:
  negin-sim config --socket /run/negin-sim/readers --readers 2 > /etc/reader.conf.d/negin
  negin-sim serve --socket /run/negin-sim/readers --readers 2 --card x.card
and, in another terminal, a pcscd that is started anew.";

#[derive(Debug, Args)]
#[command(after_help = SERVE_HELP)]
pub struct Serve {
    #[command(flatten)]
    pub rack: Rack,

    /// Where the driver finds the simulator
    #[arg(long, value_name = "PATH")]
    pub socket: PathBuf,

    /// Where 'negin-sim control' finds it
    #[arg(long, value_name = "PATH")]
    pub control: Option<PathBuf>,

    /// Ends when its standard input does
    #[arg(long, hide = true)]
    pub tied: bool,
}

#[derive(Debug, Args)]
pub struct Config {
    /// Where the driver finds the simulator
    #[arg(long, value_name = "PATH")]
    pub socket: PathBuf,

    /// How many readers there are
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub readers: u8,

    /// The driver; by default libnegin_ifd.so beside this program, or in ../lib/negin
    #[arg(long, value_name = "PATH")]
    pub ifd: Option<PathBuf>,
}

/// What the part within the namespaces is told by the part outside.
#[derive(Debug, Args)]
pub struct Inside {
    /// The folder of this run
    #[arg(long)]
    pub folder: PathBuf,
    /// How many readers there will be
    #[arg(long)]
    pub readers: usize,
    /// In how many of them, from the first, a card lies
    #[arg(long)]
    pub cards: usize,
    /// It is in namespaces of its own
    #[arg(long)]
    pub namespaces: bool,
    /// The user whom the command is to be, where it would be root otherwise
    #[arg(long, requires = "group")]
    pub user: Option<u32>,
    /// The user's group
    #[arg(long)]
    pub group: Option<u32>,
    /// The command
    #[arg(last = true)]
    pub command: Vec<OsString>,
}

/// What becomes the command is told by whoever simulates its devices.
#[derive(Debug, Args)]
pub struct Tied {
    /// The process that simulates them
    #[arg(long)]
    pub parent: i32,
    /// The command
    #[arg(last = true)]
    pub command: Vec<OsString>,
}
