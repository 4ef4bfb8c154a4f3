//! The page as a whole: its head, the pictures it keeps, and the sections in their order.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::markup::data_uri;
use super::model::DemoReport;
use super::{citizen, evidence, impostors, summary};

const STYLE: &str = include_str!("style.css");

pub(super) fn page(report: &DemoReport) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "Negin: " (report.totals.delivered) " of " (report.totals.cards) " cards delivered, seed " (report.seed) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (pictures(report))
                (summary::header(report))
                main {
                    (summary::overview(report))
                    @for (index, one) in report.citizens.iter().enumerate() {
                        (citizen::section(index, one))
                    }
                    (impostors::section(report))
                    (evidence::chains(report))
                    (evidence::timings(report))
                }
                footer {
                    p { "Every person, name, number, portrait and fingerprint on this page is made up by the program from seed "
                        code { (report.seed) } ". The same seed gives the same people and the same fingers." }
                    p lang="fa" dir="rtl" { "همهٔ آدم‌ها، نام‌ها، شماره‌ها، چهره‌ها و اثر انگشت‌های این صفحه ساختگی‌اند." }
                }
            }
        }
    }
}

/// Every picture once; the sections refer to them by name, so that none is in the file twice.
fn pictures(report: &DemoReport) -> Markup {
    html! {
        svg.store width="0" height="0" aria-hidden="true" {
            defs {
                @for (c, citizen) in report.citizens.iter().enumerate() {
                    image id=(portrait_id(c)) width="300" height="400" preserveAspectRatio="xMidYMid slice"
                        href=(data_uri(&citizen.portrait)) {}
                    @for (f, finger) in citizen.fingers.iter().enumerate() {
                        @for (side, print) in [(Side::Enrolled, &finger.enrolled), (Side::Probe, &finger.probe)] {
                            image id=(print_id(c, f, side)) width=(print.width) height=(print.height)
                                href=(data_uri(&print.image)) {}
                        }
                    }
                }
            }
        }
    }
}

/// Which of the two impressions of a finger.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Enrolled,
    Probe,
}

/// The name under which a portrait is kept, in a box of 300 by 400.
pub(super) fn portrait_id(citizen: usize) -> String {
    format!("portrait-{citizen}")
}

/// The name under which an impression is kept, in a box of its own pixels.
pub(super) fn print_id(citizen: usize, finger: usize, side: Side) -> String {
    let side = match side {
        Side::Enrolled => "enrolled",
        Side::Probe => "probe",
    };
    format!("print-{citizen}-{finger}-{side}")
}

/// The portrait of a citizen, as large as its box.
pub(super) fn portrait(citizen: usize, of: &str) -> Markup {
    html! {
        svg.portrait viewBox="0 0 300 400" role="img" aria-label=(format!("Portrait of {of}")) {
            use href=(format!("#{}", portrait_id(citizen))) {}
        }
    }
}

/// The name under which a citizen's section is found.
pub(super) fn citizen_id(citizen: usize) -> String {
    format!("citizen-{}", citizen + 1)
}
