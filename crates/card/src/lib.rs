//! The card as the host sees it: security domain, PIV, travel document.
#![forbid(unsafe_code)]
