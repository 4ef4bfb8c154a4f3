//! The head of the page: what came of it, and who is in it.

use maud::{Markup, html};

use super::markup::{badge, duration, gem, heading, persian};
use super::model::{DemoReport, Outcome};
use super::page::{citizen_id, portrait};

pub(super) fn header(report: &DemoReport) -> Markup {
    let totals = report.totals;
    let complete = totals.cards > 0
        && totals.personalized == totals.cards
        && totals.delivered == totals.cards
        && totals.impostors_refused == totals.impostors_tried;
    html! {
        header.top {
            div.inner {
                div.brand {
                    (gem())
                    div {
                        h1 { "Negin" (persian("نگین")) }
                        p { "From an order to the citizen’s hand" }
                    }
                }
                p.verdict.(if complete { "good" } else { "bad" }) {
                    @if complete {
                        strong { "Every card reached its citizen, and no other." }
                        " " (persian("هر کارت تنها به دست صاحبش رسید."))
                    } @else {
                        strong { "Not everything held: see the red marks." }
                        " " (persian("همه چیز درست نبود؛ نشان‌های سرخ را ببینید."))
                    }
                }
                div.tiles {
                    (tile("Cards ordered", "سفارش", totals.cards, None))
                    (tile("Personalised", "شخصی‌سازی‌شده", totals.personalized, Some(totals.cards)))
                    (tile("Delivered", "تحویل‌شده", totals.delivered, Some(totals.cards)))
                    (tile("Foreign fingers refused", "انگشت بیگانه رد شد", totals.impostors_refused, Some(totals.impostors_tried)))
                }
                dl.facts {
                    div { dt { "Run" } dd { (report.when) } }
                    div { dt { "Profile" } dd { code { (report.profile) } } }
                    div { dt { "Seed" } dd { code { (report.seed) } } }
                    div { dt { "Program" } dd { (report.program) } }
                    div { dt { "Took" } dd { (duration(report.timings.iter().map(|t| t.took).sum())) } }
                }
            }
        }
    }
}

fn tile(en: &str, fa: &str, count: usize, of: Option<usize>) -> Markup {
    let good = of.is_none_or(|of| of == count);
    html! {
        div.tile.bad[!good] {
            p.figure { (count) @if let Some(of) = of { span.of { "/" (of) } } }
            p.what { (en) }
            p.what { (persian(fa)) }
        }
    }
}

pub(super) fn overview(report: &DemoReport) -> Markup {
    html! {
        section {
            (heading("people", "The citizens", "شهروندان"))
            ol.people {
                @for (index, citizen) in report.citizens.iter().enumerate() {
                    @let alive = citizen.card.activation.is_some();
                    @let matched = citizen.fingers.iter().find(|f| f.outcome == Outcome::Matched);
                    li {
                        a href=(format!("#{}", citizen_id(index))) {
                            (portrait(index, &citizen.latin.whole()))
                            span.who {
                                strong { (persian(&citizen.persian.whole())) }
                                span { (citizen.latin.whole()) }
                                span.num { (citizen.national_number) }
                                span.how {
                                    (badge(alive, "live", "locked"))
                                    @if let Some(finger) = matched { span.muted { (finger.name.en) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
