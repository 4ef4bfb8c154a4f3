//! The C boundary: pointers and numbers of pcscd become slices and types, and back. The only file with `unsafe`.
//!
//! The rule for every function here: what pcsclite's `ifdhandler.h` promises of a pointer is all that is relied on; a
//! null pointer is answered, not followed; a panic ends here, as a communication error; and on failure what was to be
//! filled is said to be empty.

use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_ulong};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::code::{Code, power, protocol, tag};
use crate::readers::Readers;
use crate::{attributes, control};

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
/// `response` is null or points to `response_length` bytes, `returned` is null or points to a number that may be
/// written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHControl(
    lun: Dword,
    code: Dword,
    _command: *const c_uchar,
    _command_length: Dword,
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
        READERS.get(lun)?;
        room.fill(&control::answer(code).ok_or(Code::NotSupported)?)?;
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
