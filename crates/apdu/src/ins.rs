//! Instruction bytes by name (ISO/IEC 7816-4, -8, -9; GlobalPlatform; PIV), and what a trace calls them.

/// VERIFY (ISO/IEC 7816-4).
pub const VERIFY: u8 = 0x20;
/// VERIFY with BER-TLV data.
pub const VERIFY_TLV: u8 = 0x21;
/// MANAGE SECURITY ENVIRONMENT.
pub const MANAGE_SECURITY_ENVIRONMENT: u8 = 0x22;
/// CHANGE REFERENCE DATA.
pub const CHANGE_REFERENCE_DATA: u8 = 0x24;
/// CHANGE REFERENCE DATA with BER-TLV data.
pub const CHANGE_REFERENCE_DATA_TLV: u8 = 0x25;
/// PERFORM SECURITY OPERATION.
pub const PERFORM_SECURITY_OPERATION: u8 = 0x2A;
/// RESET RETRY COUNTER.
pub const RESET_RETRY_COUNTER: u8 = 0x2C;
/// RESET RETRY COUNTER with BER-TLV data.
pub const RESET_RETRY_COUNTER_TLV: u8 = 0x2D;
/// ACTIVATE FILE (ISO/IEC 7816-9).
pub const ACTIVATE_FILE: u8 = 0x44;
/// GENERATE ASYMMETRIC KEY PAIR.
pub const GENERATE_ASYMMETRIC_KEY_PAIR: u8 = 0x47;
/// INITIALIZE UPDATE (GlobalPlatform).
pub const INITIALIZE_UPDATE: u8 = 0x50;
/// EXTERNAL AUTHENTICATE.
pub const EXTERNAL_AUTHENTICATE: u8 = 0x82;
/// GET CHALLENGE.
pub const GET_CHALLENGE: u8 = 0x84;
/// GENERAL AUTHENTICATE.
pub const GENERAL_AUTHENTICATE: u8 = 0x87;
/// GENERAL AUTHENTICATE without BER-TLV data.
pub const GENERAL_AUTHENTICATE_PLAIN: u8 = 0x86;
/// SELECT.
pub const SELECT: u8 = 0xA4;
/// READ BINARY.
pub const READ_BINARY: u8 = 0xB0;
/// READ BINARY with an offset data object.
pub const READ_BINARY_TLV: u8 = 0xB1;
/// GET RESPONSE.
pub const GET_RESPONSE: u8 = 0xC0;
/// GET DATA.
pub const GET_DATA: u8 = 0xCA;
/// GET DATA with a tag list (PIV).
pub const GET_DATA_TLV: u8 = 0xCB;
/// UPDATE BINARY.
pub const UPDATE_BINARY: u8 = 0xD6;
/// UPDATE BINARY with an offset data object.
pub const UPDATE_BINARY_TLV: u8 = 0xD7;
/// PUT KEY (GlobalPlatform).
pub const PUT_KEY: u8 = 0xD8;
/// PUT DATA with BER-TLV data (PIV).
pub const PUT_DATA_TLV: u8 = 0xDB;
/// PUT DATA.
pub const PUT_DATA: u8 = 0xDA;
/// CREATE FILE (ISO/IEC 7816-9).
pub const CREATE_FILE: u8 = 0xE0;
/// STORE DATA (GlobalPlatform).
pub const STORE_DATA: u8 = 0xE2;
/// DELETE (GlobalPlatform), DELETE FILE (ISO/IEC 7816-9).
pub const DELETE: u8 = 0xE4;
/// SET STATUS (GlobalPlatform).
pub const SET_STATUS: u8 = 0xF0;
/// GET STATUS (GlobalPlatform).
pub const GET_STATUS: u8 = 0xF2;
/// Yubico's PIV extension: set the management key.
pub const SET_MANAGEMENT_KEY: u8 = 0xFF;
/// Yubico's PIV extension: import an asymmetric key.
pub const IMPORT_ASYMMETRIC_KEY: u8 = 0xFE;

/// The name of an instruction byte, or `"unknown instruction"`. The class decides where a byte has two meanings.
#[must_use]
pub const fn name(cla: u8, ins: u8) -> &'static str {
    let proprietary = cla & 0x80 != 0;
    match ins {
        0x20 | 0x21 => "VERIFY",
        0x22 => "MANAGE SECURITY ENVIRONMENT",
        0x24 | 0x25 => "CHANGE REFERENCE DATA",
        0x2A => "PERFORM SECURITY OPERATION",
        0x2C | 0x2D => "RESET RETRY COUNTER",
        0x44 => "ACTIVATE FILE",
        0x47 => "GENERATE ASYMMETRIC KEY PAIR",
        0x50 if proprietary => "INITIALIZE UPDATE",
        0x70 => "MANAGE CHANNEL",
        0x82 => "EXTERNAL AUTHENTICATE",
        0x84 => "GET CHALLENGE",
        0x86 | 0x87 => "GENERAL AUTHENTICATE",
        0x88 => "INTERNAL AUTHENTICATE",
        0xA4 => "SELECT",
        0xB0 | 0xB1 => "READ BINARY",
        0xC0 => "GET RESPONSE",
        0xCA | 0xCB => "GET DATA",
        0xD6 | 0xD7 => "UPDATE BINARY",
        0xD8 if proprietary => "PUT KEY",
        0xDA | 0xDB => "PUT DATA",
        0xE0 => "CREATE FILE",
        0xE2 if proprietary => "STORE DATA",
        0xE4 => "DELETE",
        0xE6 if proprietary => "INSTALL",
        0xE8 if proprietary => "LOAD",
        0xF0 if proprietary => "SET STATUS",
        0xF2 if proprietary => "GET STATUS",
        0xFE => "IMPORT ASYMMETRIC KEY",
        0xFF => "SET MANAGEMENT KEY",
        _ => "unknown instruction",
    }
}
