//! The card's language: commands, responses, status words, AIDs, ATRs, BER-TLV, and how bytes travel.
#![forbid(unsafe_code)]
