//! Whole journeys, tear sweeps and scenarios across the rooms.
#![forbid(unsafe_code)]
