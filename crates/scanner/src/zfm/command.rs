//! Commands as typed values: what each asks, and its bytes.

use super::light::{LightColour, LightMode};
use super::parameters::{BaudRate, PacketSize, SecurityLevel};
use super::password::Password;

/// Which of the module's two buffers for character files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Buffer {
    /// CharBuffer1.
    One,
    /// CharBuffer2.
    Two,
}

impl Buffer {
    const fn code(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

/// One of the settings that a module keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Setting {
    /// Register 4: the line's speed.
    Baud(BaudRate),
    /// Register 5: how strictly the module compares.
    Security(SecurityLevel),
    /// Register 6: how much a data packet carries.
    Packet(PacketSize),
}

/// A command to the module. The names are the manuals'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Take an image of the finger that lies on it.
    GenImg,
    /// Make a character file of the image.
    Img2Tz(Buffer),
    /// Compare the two buffers.
    Match,
    /// Search the library for the finger of a buffer.
    Search {
        /// The finger.
        buffer: Buffer,
        /// The first page.
        start: u16,
        /// How many pages.
        count: u16,
    },
    /// The same, quickly.
    FastSearch {
        /// The finger.
        buffer: Buffer,
        /// The first page.
        start: u16,
        /// How many pages.
        count: u16,
    },
    /// Make a template of the two buffers, in both of them.
    RegModel,
    /// Keep a buffer in the library.
    Store {
        /// What is kept.
        buffer: Buffer,
        /// Where.
        page: u16,
    },
    /// Fetch a page of the library.
    Load {
        /// Where to.
        buffer: Buffer,
        /// From where.
        page: u16,
    },
    /// Send a buffer to the host.
    UpChar(Buffer),
    /// Receive a buffer from the host.
    DownChar(Buffer),
    /// Send the image to the host.
    UpImage,
    /// Receive the image from the host.
    DownImage,
    /// Delete pages of the library.
    Delete {
        /// The first.
        page: u16,
        /// How many.
        count: u16,
    },
    /// Delete all pages.
    Empty,
    /// Change a setting.
    SetSysPara(Setting),
    /// Tell the parameters.
    ReadSysPara,
    /// Change the password.
    SetPwd(Password),
    /// Verify the password.
    VfyPwd(Password),
    /// Give a random number.
    GetRandomCode,
    /// Change the address.
    SetAddr(u32),
    /// Send the information page.
    ReadInfPage,
    /// Write a page of the notepad.
    WriteNotepad {
        /// Which, 0 to 15.
        page: u8,
        /// What.
        content: [u8; NOTEPAD_PAGE],
    },
    /// Read a page of the notepad.
    ReadNotepad {
        /// Which, 0 to 15.
        page: u8,
    },
    /// How many templates there are.
    TemplateNum,
    /// Which pages of the library are used: 256 of them a page of this table.
    ReadConList {
        /// Which 256.
        page: u8,
    },
    /// The ring of light (R50x).
    AuraLed {
        /// What it does.
        mode: LightMode,
        /// How fast.
        speed: u8,
        /// In which colour.
        colour: LightColour,
        /// How often; 0 for ever.
        times: u8,
    },
    /// The light under the glass on (ZFM).
    OpenLed,
    /// The light under the glass off (ZFM).
    CloseLed,
    /// Who made it, and what it is (R50x).
    ReadProdInfo,
}

/// Bytes a page of the notepad holds.
pub const NOTEPAD_PAGE: usize = 32;

impl Command {
    /// The instruction code and its parameters: the payload of the command's packet.
    #[must_use]
    pub fn payload(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(2 + NOTEPAD_PAGE));
        bytes.push(self.code());
        let two = |bytes: &mut Vec<u8>, number: u16| bytes.extend_from_slice(&number.to_be_bytes());
        match self {
            Self::Img2Tz(buffer) | Self::UpChar(buffer) | Self::DownChar(buffer) => {
                bytes.push(buffer.code());
            }
            Self::Search {
                buffer,
                start,
                count,
            }
            | Self::FastSearch {
                buffer,
                start,
                count,
            } => {
                bytes.push(buffer.code());
                two(&mut bytes, *start);
                two(&mut bytes, *count);
            }
            Self::Store { buffer, page } | Self::Load { buffer, page } => {
                bytes.push(buffer.code());
                two(&mut bytes, *page);
            }
            Self::Delete { page, count } => {
                two(&mut bytes, *page);
                two(&mut bytes, *count);
            }
            Self::SetSysPara(setting) => bytes.extend_from_slice(&match setting {
                Setting::Baud(rate) => [4, rate.multiple()],
                Setting::Security(level) => [5, level.number()],
                Setting::Packet(size) => [6, size.code()],
            }),
            Self::SetPwd(password) | Self::VfyPwd(password) => {
                bytes.extend_from_slice(password.bytes())
            }
            Self::SetAddr(address) => bytes.extend_from_slice(&address.to_be_bytes()),
            Self::WriteNotepad { page, content } => {
                bytes.push(*page);
                bytes.extend_from_slice(content);
            }
            Self::ReadNotepad { page } | Self::ReadConList { page } => bytes.push(*page),
            Self::AuraLed {
                mode,
                speed,
                colour,
                times,
            } => bytes.extend_from_slice(&[mode.code(), *speed, colour.code(), *times]),
            Self::GenImg
            | Self::Match
            | Self::RegModel
            | Self::UpImage
            | Self::DownImage
            | Self::Empty
            | Self::ReadSysPara
            | Self::GetRandomCode
            | Self::ReadInfPage
            | Self::TemplateNum
            | Self::OpenLed
            | Self::CloseLed
            | Self::ReadProdInfo => {}
        }
        bytes
    }

    /// The instruction code.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::GenImg => 0x01,
            Self::Img2Tz(_) => 0x02,
            Self::Match => 0x03,
            Self::Search { .. } => 0x04,
            Self::RegModel => 0x05,
            Self::Store { .. } => 0x06,
            Self::Load { .. } => 0x07,
            Self::UpChar(_) => 0x08,
            Self::DownChar(_) => 0x09,
            Self::UpImage => 0x0A,
            Self::DownImage => 0x0B,
            Self::Delete { .. } => 0x0C,
            Self::Empty => 0x0D,
            Self::SetSysPara(_) => 0x0E,
            Self::ReadSysPara => 0x0F,
            Self::SetPwd(_) => 0x12,
            Self::VfyPwd(_) => 0x13,
            Self::GetRandomCode => 0x14,
            Self::SetAddr(_) => 0x15,
            Self::ReadInfPage => 0x16,
            Self::WriteNotepad { .. } => 0x18,
            Self::ReadNotepad { .. } => 0x19,
            Self::FastSearch { .. } => 0x1B,
            Self::TemplateNum => 0x1D,
            Self::ReadConList { .. } => 0x1F,
            Self::AuraLed { .. } => 0x35,
            Self::ReadProdInfo => 0x3C,
            Self::OpenLed => 0x50,
            Self::CloseLed => 0x51,
        }
    }

    /// Its name in the manuals.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::GenImg => "GenImg",
            Self::Img2Tz(_) => "Img2Tz",
            Self::Match => "Match",
            Self::Search { .. } => "Search",
            Self::RegModel => "RegModel",
            Self::Store { .. } => "Store",
            Self::Load { .. } => "Load",
            Self::UpChar(_) => "UpChar",
            Self::DownChar(_) => "DownChar",
            Self::UpImage => "UpImage",
            Self::DownImage => "DownImage",
            Self::Delete { .. } => "Delete",
            Self::Empty => "Empty",
            Self::SetSysPara(_) => "SetSysPara",
            Self::ReadSysPara => "ReadSysPara",
            Self::SetPwd(_) => "SetPwd",
            Self::VfyPwd(_) => "VfyPwd",
            Self::GetRandomCode => "GetRandomCode",
            Self::SetAddr(_) => "SetAddr",
            Self::ReadInfPage => "ReadInfPage",
            Self::WriteNotepad { .. } => "WriteNotepad",
            Self::ReadNotepad { .. } => "ReadNotepad",
            Self::FastSearch { .. } => "FastSearch",
            Self::TemplateNum => "TemplateNum",
            Self::ReadConList { .. } => "ReadConList",
            Self::AuraLed { .. } => "AuraLed",
            Self::ReadProdInfo => "ReadProdInfo",
            Self::OpenLed => "OpenLed",
            Self::CloseLed => "CloseLed",
        }
    }

    /// Whether carrying it out twice comes to the same as once: then it is sent again where no answer came.
    #[must_use]
    pub const fn repeats(&self) -> bool {
        // After RegModel both buffers hold the template; after SetAddr the old address is nobody's, and after a new
        // baud rate the old one.
        !matches!(
            self,
            Self::RegModel | Self::SetAddr(_) | Self::SetSysPara(Setting::Baud(_))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_those_of_the_manuals() {
        for (command, bytes) in [
            (Command::GenImg, &[0x01][..]),
            (Command::Img2Tz(Buffer::Two), &[0x02, 2]),
            (
                Command::Search {
                    buffer: Buffer::One,
                    start: 1,
                    count: 0x0203,
                },
                &[0x04, 1, 0, 1, 2, 3],
            ),
            (
                Command::Store {
                    buffer: Buffer::Two,
                    page: 0x0102,
                },
                &[0x06, 2, 1, 2],
            ),
            (Command::Delete { page: 5, count: 1 }, &[0x0C, 0, 5, 0, 1]),
            (
                Command::SetSysPara(Setting::Packet(PacketSize::Bytes128)),
                &[0x0E, 6, 2],
            ),
            (
                Command::VfyPwd(Password::new(0x0102_0304)),
                &[0x13, 1, 2, 3, 4],
            ),
            (Command::ReadConList { page: 3 }, &[0x1F, 3]),
            (
                Command::AuraLed {
                    mode: LightMode::On,
                    speed: 0x80,
                    colour: LightColour::Blue,
                    times: 0,
                },
                &[0x35, 3, 0x80, 2, 0],
            ),
        ] {
            assert_eq!(&command.payload()[..], bytes, "{}", command.name());
        }
    }
}
