//! What remains afterwards: the ledger's chains, and where the time went.

use maud::{Markup, html};

use super::bars::bars;
use super::markup::{badge, column_heads, heading, hexadecimal};
use super::model::DemoReport;

/// The ledger's chains; nothing when the report has none.
pub(super) fn chains(report: &DemoReport) -> Markup {
    html! {
        @if !report.chains.is_empty() {
            section {
                (heading("ledger", "The ledger", "دفتر کل"))
                p { "One signed, numbered chain a seat. Nothing in it can be changed or left out without the next line noticing." }
                div.scroll {
                    table.grid {
                        (column_heads(&[("Seat", false), ("Entries", true), ("Head", false), ("", false)]))
                        tbody {
                            @for chain in &report.chains {
                                tr {
                                    td { (chain.seat) }
                                    td.num { (chain.entries) }
                                    td { (hexadecimal(&chain.head)) }
                                    td { (badge(chain.verified, "verified", "broken")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The steps of the whole run.
pub(super) fn timings(report: &DemoReport) -> Markup {
    html! {
        section {
            (heading("time", "Where the time went", "زمان"))
            (bars(&report.timings))
        }
    }
}
