//! What the card holds, as published: applications, files, data objects, access rules, key references, states.
#![forbid(unsafe_code)]
