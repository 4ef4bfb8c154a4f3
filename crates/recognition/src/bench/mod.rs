//! Measuring the engine on folders of images, by the protocol ALL of the project's facts: every pair of impressions
//! of a finger is genuine, every pair across fingers an impostor, one threshold for a set.

mod enrolment;
mod interval;
mod metrics;
mod protocol;
mod quality;
mod spectrum;
mod statistics;

pub use enrolment::{Enrolment, references};
pub use interval::{Interval, resample};
pub use metrics::{Metrics, metrics};
pub use protocol::{Clock, Impression, Report, ScoreLine, Set, run, run_keeping};
pub use quality::{Figures, Rejection, rank_correlation, rejections, worst};
pub use spectrum::{Spectrum, spectrum, turns};
pub use statistics::PrintStatistics;
