//! Card readers: addresses, the reader's contract, the registry of backends.
#![forbid(unsafe_code)]
