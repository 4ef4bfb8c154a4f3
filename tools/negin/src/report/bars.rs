//! Bars for how long things took.

use std::time::Duration;

use maud::{Markup, html};

use super::markup::{duration, percent};
use super::model::StepTime;

/// A bar a step, the longest one as wide as the room allows.
pub(super) fn bars(steps: &[StepTime]) -> Markup {
    let longest = steps.iter().map(|s| s.took).max().unwrap_or(Duration::ZERO);
    html! {
        table.bars {
            tbody {
                @for step in steps {
                    tr {
                        th scope="row" { (step.what) }
                        td.bar { div style=(format!("width:{:.1}%", percent(step.took.as_secs_f64(), longest.as_secs_f64()))) {} }
                        td.num { (duration(step.took)) }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" { "Together" }
                    td {}
                    td.num { (duration(steps.iter().map(|s| s.took).sum())) }
                }
            }
        }
    }
}
