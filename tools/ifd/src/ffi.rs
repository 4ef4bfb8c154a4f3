//! The C boundary: pointers and numbers of pcscd become slices and types, and back. The only file with `unsafe`.
//!
//! The rule for every function here: what pcsclite's `ifdhandler.h` promises of a pointer is all that is relied on; a
//! null pointer is answered, not followed; a panic ends here, as a communication error; and on failure what was to be
//! filled is said to be empty.

use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_ulong};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::attributes;
use crate::code::{Code, power, protocol, tag};
use crate::control::{self, Asked};
use crate::readers::Readers;

/// pcsclite's `DWORD`.
type Dword = c_ulong;
/// pcsclite's `RESPONSECODE`.
type ResponseCode = c_long;

/// `SCARD_IO_HEADER`: which protocol an APDU belongs to. Every protocol is the same to a simulated reader.
#[repr(C)]
pub struct ScardIoHeader {
    protocol: Dword,
    length: Dword,
}

static READERS: Readers = Readers::new();

/// Runs `body` so that no panic leaves this library.
fn guarded(body: impl FnOnce() -> Result<Code, Code>) -> ResponseCode {
    let code = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(code) | Err(code)) => code,
        Err(_) => Code::CommunicationError,
    };
    code as i64 as ResponseCode
}

/// Room that the daemon gives for an answer, and where it reads how much of it was filled.
struct Room {
    bytes: *mut c_uchar,
    capacity: Dword,
    filled: *mut Dword,
}

impl Room {
    /// Room whose capacity stands where the daemon will read the length; nothing is in it yet.
    ///
    /// # Safety
    /// `length` is null or points to a number that may be read and written; `bytes` is null or points to as many bytes
    /// as that number says. Both hold for as long as the room is used.
    unsafe fn new(bytes: *mut c_uchar, length: *mut Dword) -> Self {
        let mut capacity = 0;
        if !length.is_null() {
            // SAFETY: not null, so a number that may be read and written, by this function's contract.
            unsafe {
                capacity = *length;
                *length = 0;
            }
        }
        Self {
            bytes,
            capacity,
            filled: length,
        }
    }

    /// Puts an answer into the room.
    fn fill(&mut self, answer: &[u8]) -> Result<(), Code> {
        if self.filled.is_null() {
            return Err(Code::CommunicationError);
        }
        let length = answer.len() as Dword;
        if length > self.capacity || self.bytes.is_null() && !answer.is_empty() {
            return Err(Code::InsufficientBuffer);
        }
        if !answer.is_empty() {
            // SAFETY: `bytes` is not null and has room for `capacity` bytes, of which no more are written; what is
            // copied from is ours, and the daemon's buffer cannot be a part of it.
            unsafe { std::ptr::copy_nonoverlapping(answer.as_ptr(), self.bytes, answer.len()) };
        }
        // SAFETY: not null, so a number that may be written, by the contract of `Room::new`.
        unsafe { *self.filled = length };
        Ok(())
    }
}

/// The bytes that the daemon gives.
///
/// # Safety
/// `bytes` is null or points to `length` bytes that nobody changes while they are used.
unsafe fn given<'a>(bytes: *const c_uchar, length: Dword) -> Result<&'a [u8], Code> {
    let length = usize::try_from(length).map_err(|_| Code::CommunicationError)?;
    match (bytes.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Code::CommunicationError),
        // SAFETY: not null, and as many bytes as it says, by this function's contract.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(bytes, length) }),
    }
}

/// Opens the reader of a device name: `/dev/null:<socket>:<reader>`.
///
/// # Safety
/// `device_name` is null or points to a string that ends with 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHCreateChannelByName(
    lun: Dword,
    device_name: *const c_char,
) -> ResponseCode {
    guarded(|| {
        if device_name.is_null() {
            return Err(Code::NoSuchDevice);
        }
        // SAFETY: not null, so a string that ends with 0, by this function's contract.
        let name = unsafe { CStr::from_ptr(device_name) };
        READERS.open(lun, name.to_str().map_err(|_| Code::NoSuchDevice)?)?;
        Ok(Code::Success)
    })
}

/// Opens a reader by channel number: there are none, a simulated reader is found by its device name.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHCreateChannel(_lun: Dword, _channel: Dword) -> ResponseCode {
    guarded(|| Err(Code::NoSuchDevice))
}

/// Closes a reader.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHCloseChannel(lun: Dword) -> ResponseCode {
    guarded(|| READERS.close(lun).map(|()| Code::Success))
}

/// Tells what a reader is and can.
///
/// # Safety
/// `length` is null or points to a number that may be read and written, `value` is null or points to as many bytes as
/// that number says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHGetCapabilities(
    lun: Dword,
    wanted: Dword,
    length: *mut Dword,
    value: *mut c_uchar,
) -> ResponseCode {
    guarded(|| {
        // SAFETY: the contract is this function's.
        let mut room = unsafe { Room::new(value, length) };
        let reader = READERS.get(lun)?;
        let function = match wanted {
            tag::POLLING_THREAD_WITH_TIMEOUT => {
                reader.will_be_awaited();
                Some(wait_for_card as extern "C" fn(_, _) -> _ as usize)
            }
            tag::STOP_POLLING_THREAD => Some(stop_waiting as extern "C" fn(_) -> _ as usize),
            _ => None,
        };
        match function {
            Some(function) => room.fill(&function.to_ne_bytes())?,
            None => room.fill(&attributes::value(&reader, wanted).ok_or(Code::UnknownTag)?)?,
        }
        Ok(Code::Success)
    })
}

/// Waits until a card comes or goes, at most so many milliseconds.
extern "C" fn wait_for_card(lun: Dword, milliseconds: c_int) -> ResponseCode {
    guarded(|| {
        let time = Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
        READERS.get(lun)?.wait(time);
        Ok(Code::Success)
    })
}

/// Ends the waiting.
extern "C" fn stop_waiting(lun: Dword) -> ResponseCode {
    guarded(|| {
        READERS.get(lun)?.wake();
        Ok(Code::Success)
    })
}

/// Sets what a reader is: nothing of it can be set.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHSetCapabilities(
    lun: Dword,
    wanted: Dword,
    _length: Dword,
    _value: *const c_uchar,
) -> ResponseCode {
    guarded(|| {
        let known = attributes::value(&*READERS.get(lun)?, wanted).is_some();
        Err(if known {
            Code::ReadOnly
        } else {
            Code::UnknownTag
        })
    })
}

/// Chooses the protocol: T=1 or T=0, which are the same to a simulated reader; it carries whole APDUs.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHSetProtocolParameters(
    lun: Dword,
    wanted: Dword,
    _flags: c_uchar,
    _pts1: c_uchar,
    _pts2: c_uchar,
    _pts3: c_uchar,
) -> ResponseCode {
    guarded(|| {
        READERS.get(lun)?;
        match wanted {
            protocol::T0 | protocol::T1 => Ok(Code::Success),
            _ => Err(Code::ProtocolNotSupported),
        }
    })
}

/// Powers the card on or off, or resets it.
///
/// # Safety
/// As [`IFDHGetCapabilities`], with `atr` and `atr_length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHPowerICC(
    lun: Dword,
    action: Dword,
    atr: *mut c_uchar,
    atr_length: *mut Dword,
) -> ResponseCode {
    guarded(|| {
        // SAFETY: the contract is this function's.
        let mut room = unsafe { Room::new(atr, atr_length) };
        // The daemon gives room for an answer to reset and does not always say so.
        room.capacity = room.capacity.max(negin_link::MAX_ATR as Dword);
        let reader = READERS.get(lun)?;
        match action {
            power::UP => room.fill(&reader.power_up()?)?,
            power::RESET => room.fill(&reader.reset()?)?,
            power::DOWN => reader.power_down(),
            _ => return Err(Code::NotSupported),
        }
        Ok(Code::Success)
    })
}

/// Sends a command APDU to the card and takes its response.
///
/// # Safety
/// `command` is null or points to `command_length` bytes; `response_length` and `response` as in
/// [`IFDHGetCapabilities`]; `received` is null or points to a header that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHTransmitToICC(
    lun: Dword,
    sent: ScardIoHeader,
    command: *const c_uchar,
    command_length: Dword,
    response: *mut c_uchar,
    response_length: *mut Dword,
    received: *mut ScardIoHeader,
) -> ResponseCode {
    guarded(|| {
        // SAFETY: the contract is this function's.
        let (mut room, command) = unsafe {
            (
                Room::new(response, response_length),
                given(command, command_length)?,
            )
        };
        READERS
            .get(lun)?
            .transmit(command, |response| room.fill(response))?;
        if !received.is_null() {
            // SAFETY: not null, so a header that may be written, by this function's contract.
            unsafe { (*received).protocol = sent.protocol };
        }
        Ok(Code::Success)
    })
}

/// Asks something of the reader itself.
///
/// # Safety
/// `command` is null or points to `command_length` bytes, `response` to `response_length` bytes; `returned` is null or
/// points to a number that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHControl(
    lun: Dword,
    code: Dword,
    command: *const c_uchar,
    command_length: Dword,
    response: *mut c_uchar,
    response_length: Dword,
    returned: *mut Dword,
) -> ResponseCode {
    guarded(|| {
        if !returned.is_null() {
            // SAFETY: not null, so a number that may be written, by this function's contract.
            unsafe { *returned = 0 };
        }
        let mut room = Room {
            bytes: response,
            capacity: response_length,
            filled: returned,
        };
        let reader = READERS.get(lun)?;
        match control::asked(code, reader.features()).ok_or(Code::NotSupported)? {
            Asked::Answered(answer) => room.fill(&answer)?,
            Asked::AtTheKeys(entry) => {
                // SAFETY: the contract is this function's.
                let structure = unsafe { given(command, command_length)? };
                reader.pin_pad(entry, structure, |answer| room.fill(answer))?;
            }
        }
        Ok(Code::Success)
    })
}

/// Whether a card is in.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHICCPresence(lun: Dword) -> ResponseCode {
    guarded(|| {
        let present = READERS.get(lun)?.presence();
        Ok(if present {
            Code::CardPresent
        } else {
            Code::NoCard
        })
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::ptr::null_mut;

    use negin_link::{Answer, FrameReader, Request, send};

    use super::*;

    const HEADER: fn() -> ScardIoHeader = || ScardIoHeader {
        protocol: protocol::T1,
        length: 16,
    };

    /// A simulator with one card, which answers every command with the command and 9000.
    fn simulator() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("s")).unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                std::thread::spawn(move || serve(stream.unwrap()));
            }
        });
        folder
    }

    fn serve(mut stream: UnixStream) -> Result<(), negin_link::Error> {
        let (mut frames, mut frame) = (FrameReader::new(), Vec::new());
        loop {
            let mut response = Vec::new();
            let (answer, more) = match Request::parse(frames.next(&mut stream)?)? {
                Request::Hello { purpose, .. } => {
                    let watches = purpose == negin_link::Purpose::Watch;
                    (
                        Answer::Welcome(Default::default()),
                        watches.then_some(Answer::Presence(true)),
                    )
                }
                Request::PowerUp | Request::Reset => (Answer::Atr(&[0x3B, 0x00]), None),
                Request::PowerDown => (Answer::PoweredDown, None),
                Request::Transmit(command) | Request::PinPad(_, command) => {
                    response.extend_from_slice(command);
                    response.extend_from_slice(&[0x90, 0x00]);
                    (Answer::Response(&response), None)
                }
            };
            send(&mut stream, &answer, &mut frame)?;
            if let Some(answer) = more {
                send(&mut stream, &answer, &mut frame)?;
            }
        }
    }

    /// Opens a reader of this simulator under this number.
    fn open(folder: &tempfile::TempDir, lun: Dword) {
        let socket = folder.path().join("s");
        let name = CString::new(format!("/dev/null:{}:0", socket.display())).unwrap();
        // SAFETY: a string that ends with 0.
        assert_eq!(unsafe { IFDHCreateChannelByName(lun, name.as_ptr()) }, 0);
    }

    fn capability(lun: Dword, tag: Dword, room: usize) -> (ResponseCode, Vec<u8>) {
        let (mut bytes, mut length) = (vec![0; room], room as Dword);
        // SAFETY: as many bytes as the number says.
        let code = unsafe { IFDHGetCapabilities(lun, tag, &mut length, bytes.as_mut_ptr()) };
        bytes.truncate(length as usize);
        (code, bytes)
    }

    fn power(lun: Dword, action: Dword) -> (ResponseCode, Vec<u8>) {
        let (mut bytes, mut length) = (vec![0; negin_link::MAX_ATR], 0);
        // SAFETY: room for an answer to reset.
        let code = unsafe { IFDHPowerICC(lun, action, bytes.as_mut_ptr(), &mut length) };
        bytes.truncate(length as usize);
        (code, bytes)
    }

    fn transmit(lun: Dword, command: &[u8], room: usize) -> (ResponseCode, Vec<u8>) {
        let (mut bytes, mut length) = (vec![0; room], room as Dword);
        let mut received = HEADER();
        // SAFETY: slices and numbers of our own, with the lengths they have.
        let code = unsafe {
            IFDHTransmitToICC(
                lun,
                HEADER(),
                command.as_ptr(),
                command.len() as Dword,
                bytes.as_mut_ptr(),
                &mut length,
                &mut received,
            )
        };
        bytes.truncate(length as usize);
        (code, bytes)
    }

    #[test]
    fn a_card_through_the_c_boundary() {
        let (folder, lun) = (simulator(), 0x10000);
        open(&folder, lun);
        assert_eq!(IFDHICCPresence(lun), 615);
        assert_eq!(power(lun, power::UP), (0, vec![0x3B, 0x00]));
        assert_eq!(capability(lun, tag::ATR, 33), (0, vec![0x3B, 0x00]));
        assert_eq!(IFDHSetProtocolParameters(lun, protocol::T1, 0, 0, 0, 0), 0);
        assert_eq!(IFDHSetProtocolParameters(lun, 4, 0, 0, 0, 0), 607);
        assert_eq!(transmit(lun, &[1, 2], 4), (0, vec![1, 2, 0x90, 0x00]));
        assert_eq!(transmit(lun, &[1, 2], 3), (618, vec![]), "too little room");
        assert_eq!(
            transmit(lun, &[1, 2], 4),
            (0, vec![1, 2, 0x90, 0x00]),
            "and then enough"
        );
        assert_eq!(power(lun, power::RESET), (0, vec![0x3B, 0x00]));
        assert_eq!(power(lun, power::DOWN), (0, vec![]));
        assert_eq!(power(lun, 503).0, 614);
        assert_eq!(IFDHCloseChannel(lun), 0);
        assert_eq!(IFDHICCPresence(lun), 617);
    }

    #[test]
    fn what_the_reader_tells_fits_or_is_not_told() {
        let (folder, lun) = (simulator(), 0x20000);
        open(&folder, lun);
        for (tag, value) in [
            (tag::THREAD_SAFE, 1),
            (tag::SLOT_THREAD_SAFE, 1),
            (tag::SLOTS_NUMBER, 1),
            (tag::SIMULTANEOUS_ACCESS, 16),
            (tag::POLLING_THREAD_KILLABLE, 0),
        ] {
            assert_eq!(capability(lun, tag, 1), (0, vec![value]));
            assert_eq!(capability(lun, tag, 0), (618, vec![]));
        }
        assert_eq!(capability(lun, tag::STOP_POLLING_THREAD, 8).0, 0);
        assert_eq!(capability(lun, tag::STOP_POLLING_THREAD, 7).0, 618);
        assert_eq!(capability(lun, 0x1234, 8), (600, vec![]));
        assert_eq!(
            IFDHSetCapabilities(lun, tag::THREAD_SAFE, 0, null_mut()),
            602
        );
        assert_eq!(IFDHSetCapabilities(lun, 0x1234, 0, null_mut()), 600);
        assert_eq!(IFDHCloseChannel(lun), 0);
    }

    #[test]
    fn null_pointers_are_answered() {
        let (folder, lun) = (simulator(), 0x30000);
        open(&folder, lun);
        power(lun, power::UP);
        // SAFETY: null is what all of these take.
        unsafe {
            assert_eq!(IFDHCreateChannelByName(lun, null_mut()), 617);
            assert_eq!(
                IFDHGetCapabilities(lun, tag::ATR, null_mut(), null_mut()),
                612
            );
            let mut length = 33;
            assert_eq!(
                IFDHGetCapabilities(lun, tag::ATR, &mut length, null_mut()),
                618
            );
            assert_eq!(IFDHPowerICC(lun, power::UP, null_mut(), null_mut()), 612);
            let (none, nothing) = (null_mut(), null_mut());
            let mut length = 4;
            let code = IFDHTransmitToICC(lun, HEADER(), none, 3, nothing, &mut length, null_mut());
            assert_eq!((code, length), (612, 0));
            let command = [0; 4];
            let none = null_mut();
            let code = IFDHTransmitToICC(
                lun,
                HEADER(),
                command.as_ptr(),
                4,
                nothing,
                none,
                null_mut(),
            );
            assert_eq!(code, 612);
            assert_eq!(
                IFDHControl(lun, 0x4200_0D48, null_mut(), 0, null_mut(), 0, null_mut()),
                612
            );
        }
        assert_eq!(IFDHCloseChannel(lun), 0);
    }

    #[test]
    fn readers_that_are_not_there() {
        for name in ["", "/dev/null", "/dev/null:relative:0", "/dev/null:/s:16"] {
            let name = CString::new(name).unwrap();
            // SAFETY: a string that ends with 0.
            assert_eq!(
                unsafe { IFDHCreateChannelByName(0x40000, name.as_ptr()) },
                617
            );
        }
        assert_eq!(IFDHCreateChannel(0x40000, 1), 617);
        assert_eq!(IFDHCloseChannel(0x40000), 617);
        assert_eq!(IFDHICCPresence(0x40000), 617);
        assert_eq!(transmit(0x40000, &[0; 5], 9), (617, vec![]));
        assert_eq!(power(0x40000, power::UP), (617, vec![]));
    }

    #[test]
    fn without_a_simulator_there_is_a_reader_with_no_card() {
        let (folder, lun) = (tempfile::tempdir().unwrap(), 0x50000);
        open(&folder, lun);
        assert_eq!(IFDHICCPresence(lun), 616);
        assert_eq!(power(lun, power::UP), (608, vec![]));
        assert_eq!(transmit(lun, &[0; 5], 9), (616, vec![]));
        assert_eq!(power(lun, power::DOWN), (0, vec![]));
        assert_eq!(IFDHCloseChannel(lun), 0);
    }

    #[test]
    fn waiting_ends_with_a_change_a_word_or_the_time() {
        let (folder, lun) = (tempfile::tempdir().unwrap(), 0x60000);
        open(&folder, lun);
        assert_eq!(capability(lun, tag::POLLING_THREAD_WITH_TIMEOUT, 8).0, 0);
        assert_eq!(wait_for_card(lun, 1), 0);
        stop_waiting(lun);
        assert_eq!(wait_for_card(lun, 600_000), 0);
        // A simulator comes: the change is kept until it is waited for.
        let come = simulator();
        std::fs::rename(come.path().join("s"), folder.path().join("s")).unwrap();
        assert_eq!(wait_for_card(lun, 600_000), 0);
        assert_eq!(IFDHICCPresence(lun), 615);
        assert_eq!(IFDHCloseChannel(lun), 0);
        assert_eq!(wait_for_card(lun, 600_000), 617);
    }

    #[test]
    fn a_panic_ends_at_the_boundary() {
        assert_eq!(guarded(|| panic!("on purpose")), 612);
    }
}
