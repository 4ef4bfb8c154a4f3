#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| negin_proof::fuzz::zfm(bytes));
