//! Client programs that have never heard of us, unmodified, with our card behind the system's own pcscd: each in a
//! module of its own. What they need is in the list of packages in `tools/setup`; nothing is skipped where it is not
//! there.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

mod bench;
mod cards;
mod gpgsm;
mod opensc_tool;
mod openssl_cms;
mod p11tool;
mod pcsc_scan;
mod piv_tool;
mod pkcs11_tool;
mod pkcs15_tool;
mod pyscard;
mod ssh;
mod ykman;
mod yubico_piv_tool;
mod yubikey_crate;
