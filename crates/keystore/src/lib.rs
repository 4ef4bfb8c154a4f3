//! Who holds keys: derives, wraps, signs, and never hands out a master.
#![forbid(unsafe_code)]
