//! Measuring the engine on folders of images, by the protocol ALL of the project's facts: every pair of impressions
//! of a finger is genuine, every pair across fingers an impostor, one threshold for a set.

mod interval;
mod metrics;
mod protocol;
mod spectrum;
mod statistics;

pub use interval::{Interval, resample};
pub use metrics::{Metrics, metrics};
pub use protocol::{Clock, Impression, Report, ScoreLine, Set, run};
pub use spectrum::{Spectrum, spectrum, turns};
pub use statistics::PrintStatistics;
