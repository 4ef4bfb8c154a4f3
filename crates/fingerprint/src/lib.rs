//! What a print is: image, minutiae, templates and their codecs, and how one is captured.
#![forbid(unsafe_code)]
