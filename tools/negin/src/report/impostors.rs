//! Who tried whose card: a matrix of citizens by citizens, and every try in a list.

use maud::{Markup, html};

use super::markup::{badge, column_heads, heading, percent, persian, score};
use super::model::{Attempt, Citizen, DemoReport, Outcome};
use super::page::portrait;

/// Up to how many citizens the matrix has room for figures.
const FIGURES_UP_TO: usize = 12;

pub(super) fn section(report: &DemoReport) -> Markup {
    let people = &report.citizens;
    html! {
        section {
            (heading("impostors", "Foreign fingers on locked cards", "انگشت بیگانه بر کارت قفل"))
            p {
                "Each row is a card, each column the person whose fingers were tried on a copy of it while it was locked. "
                "The diagonal is the citizen’s own finger at the counter. "
                strong { (report.totals.impostors_refused) " of " (report.totals.impostors_tried) } " foreign tries were refused."
            }
            div.scroll {
                table.matrix.small[people.len() > FIGURES_UP_TO] {
                    thead {
                        tr {
                            th scope="col" { "card ╲ finger" }
                            @for (column, person) in people.iter().enumerate() {
                                th scope="col" { (portrait(column, &person.latin.whole())) span { (column + 1) } }
                            }
                        }
                    }
                    tbody {
                        @for (row, owner) in people.iter().enumerate() {
                            tr {
                                th scope="row" { (portrait(row, &owner.latin.whole())) span { (row + 1) " " (persian(&owner.persian.whole())) } }
                                @for (column, person) in people.iter().enumerate() {
                                    @if row == column { (own(person)) } @else { (foreign(report, row, column)) }
                                }
                            }
                        }
                    }
                }
            }
            p.legend {
                span { span.key.own {} "own finger, accepted" }
                span { span.key.cold {} "refused, far from the threshold" }
                span { span.key.warm {} "refused, near it" }
                span { span.key.wrong {} "accepted: must not happen" }
            }
            (list(report))
        }
    }
}

fn own(person: &Citizen) -> Markup {
    match person
        .fingers
        .iter()
        .find(|f| f.outcome == Outcome::Matched)
    {
        Some(finger) => html! {
            td.own title=(format!("{}, own {}: accepted at {}", person.latin.whole(), finger.name.en, score(finger.score))) {
                "✓" small { (score(finger.score)) }
            }
        },
        None => {
            html! { td.own.none title=(format!("{}: not delivered by a finger", person.latin.whole())) { "–" } }
        }
    }
}

fn foreign(report: &DemoReport, card: usize, finger_of: usize) -> Markup {
    html! {
        td {
            div.tries {
                @for attempt in report.attempts.iter().filter(|a| a.card == card && a.finger_of == finger_of) {
                    (cell(attempt))
                }
            }
        }
    }
}

fn cell(attempt: &Attempt) -> Markup {
    let near = percent(attempt.score, attempt.threshold);
    let about = format!(
        "{}, reference {:02X}: score {} of {}, {}",
        attempt.finger.en,
        attempt.reference,
        score(attempt.score),
        score(attempt.threshold),
        attempt.status_word
    );
    html! {
        span.try.wrong[!attempt.refused] style=(format!("--near:{near:.0}%")) title=(about) {
            span.figure { (score(attempt.score)) }
        }
    }
}

fn list(report: &DemoReport) -> Markup {
    html! {
        details {
            summary { "Every try, with the card’s answer" }
            div.scroll {
                table.grid {
                    (column_heads(&[("Card of", false), ("Finger of", false), ("Finger", false), ("Ref.", false), ("Score", true), ("Threshold", true), ("Answer", false), ("Tries left", true), ("", false)]))
                    tbody {
                        @for attempt in &report.attempts {
                            tr {
                                td { (who(report, attempt.card)) }
                                td { (who(report, attempt.finger_of)) }
                                td { (attempt.finger.en) }
                                td { code { (format!("{:02X}", attempt.reference)) } }
                                td.num { (score(attempt.score)) }
                                td.num { (score(attempt.threshold)) }
                                td { code { (attempt.status_word) } }
                                td.num { @if let Some(left) = attempt.tries_left { (left) } @else { "–" } }
                                td { (badge(attempt.refused, "refused", "accepted")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn who(report: &DemoReport, index: usize) -> String {
    report.citizens.get(index).map_or_else(
        || format!("{}", index + 1),
        |citizen| format!("{} {}", index + 1, citizen.latin.whole()),
    )
}
