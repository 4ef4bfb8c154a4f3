//! A finger: the enrolled impression, the one at the counter, and the pairs the comparison found.

use maud::{Markup, html};

use super::markup::{label, percent, score};
use super::model::{Finger, Kind, Mark, Outcome, Print};
use super::page::{Side, print_id};

/// Room between the two prints of a comparison, in pixels.
const GAP: f32 = 24.0;

pub(super) fn finger(citizen: usize, index: usize, finger: &Finger) -> Markup {
    html! {
        article.finger {
            header {
                h5 { (label(&finger.name)) }
                code.muted { "reference " (format!("{:02X}", finger.reference)) }
                (outcome(finger.outcome))
            }
            div.prints {
                (single(citizen, index, Side::Enrolled, &finger.enrolled, "Enrolled", &finger.name.en))
                (single(citizen, index, Side::Probe, &finger.probe, "At the counter", &finger.name.en))
                (comparison(citizen, index, finger))
            }
            (meter(finger))
        }
    }
}

fn outcome(outcome: Outcome) -> Markup {
    match outcome {
        Outcome::Matched => html! { span.badge.good { "✓ the card says yes" } },
        Outcome::Refused => html! { span.badge.bad { "✗ the card says no" } },
        Outcome::NotAsked => html! { span.badge { "not asked for" } },
    }
}

fn single(
    citizen: usize,
    index: usize,
    side: Side,
    print: &Print,
    what: &str,
    name: &str,
) -> Markup {
    let about = format!(
        "{name}, {}: {} minutiae",
        what.to_lowercase(),
        print.marks.len()
    );
    html! {
        figure {
            svg.print viewBox=(format!("0 0 {} {}", print.width, print.height)) role="img" aria-label=(about) {
                use href=(format!("#{}", print_id(citizen, index, side))) {}
                @for mark in &print.marks { (drawn(mark, true)) }
            }
            figcaption { strong { (what) } " · " (print.marks.len()) " minutiae · quality " (print.quality) }
        }
    }
}

fn comparison(citizen: usize, index: usize, finger: &Finger) -> Markup {
    let (left, right) = (&finger.enrolled, &finger.probe);
    let shift = left.width as f32 + GAP;
    let width = shift + right.width as f32;
    let height = left.height.max(right.height);
    let pairs = joined(finger);
    let is_paired = |side: Side, at: usize| {
        finger.pairs.iter().any(|&(a, b)| match side {
            Side::Enrolled => a == at,
            Side::Probe => b == at,
        })
    };
    html! {
        figure.wide {
            svg.print.pairs viewBox=(format!("0 0 {width} {height}")) role="img"
                aria-label=(format!("{}: {} pairs of minutiae", finger.name.en, pairs.len())) {
                use href=(format!("#{}", print_id(citizen, index, Side::Enrolled))) {}
                use href=(format!("#{}", print_id(citizen, index, Side::Probe))) x=(shift) {}
                @for (at, mark) in left.marks.iter().enumerate() { (drawn(mark, is_paired(Side::Enrolled, at))) }
                g transform=(format!("translate({shift} 0)")) {
                    @for (at, mark) in right.marks.iter().enumerate() { (drawn(mark, is_paired(Side::Probe, at))) }
                }
                @for (a, b, hue) in &pairs {
                    line.pair x1=(tenth(a.x)) y1=(tenth(a.y)) x2=(tenth(b.x + shift)) y2=(tenth(b.y))
                        style=(format!("--hue:{hue}")) {}
                }
            }
            figcaption { strong { "Compared" } " · " (pairs.len()) " pairs" }
        }
    }
}

/// The pairs whose two ends exist, from the top of the enrolled print to its bottom, each with a hue of its own so
/// that neighbouring lines can be told apart.
fn joined(finger: &Finger) -> Vec<(Mark, Mark, usize)> {
    let mut ends: Vec<(Mark, Mark)> = finger
        .pairs
        .iter()
        .filter_map(|&(a, b)| Some((*finger.enrolled.marks.get(a)?, *finger.probe.marks.get(b)?)))
        .collect();
    ends.sort_by(|(a, _), (b, _)| a.y.total_cmp(&b.y));
    let count = ends.len().max(1);
    ends.into_iter()
        .enumerate()
        .map(|(at, (a, b))| (a, b, 150 + at * 240 / count))
        .collect()
}

/// One minutia: its kind as a shape, its direction as a tail.
fn drawn(mark: &Mark, strong: bool) -> Markup {
    const RADIUS: f32 = 4.2;
    const TAIL: f32 = 11.0;

    let (sin, cos) = mark.angle.sin_cos();
    let at = |length: f32| (tenth(mark.x + cos * length), tenth(mark.y - sin * length));
    let (near, far) = (at(RADIUS), at(RADIUS + TAIL));
    let tail = format!("M{} {}L{} {}", near.0, near.1, far.0, far.1);
    html! {
        @match mark.kind {
            Kind::Ending => g.minutia.ending.faint[!strong] {
                path d=(tail) {}
                circle cx=(tenth(mark.x)) cy=(tenth(mark.y)) r=(RADIUS) {}
            },
            Kind::Bifurcation => g.minutia.bifurcation.faint[!strong] {
                path d=(tail) {}
                rect x=(tenth(mark.x - RADIUS)) y=(tenth(mark.y - RADIUS)) width=(2.0 * RADIUS) height=(2.0 * RADIUS) {}
            },
            Kind::Other => g.minutia.other.faint[!strong] {
                path d=(tail) {}
                circle cx=(tenth(mark.x)) cy=(tenth(mark.y)) r="2.5" {}
            },
        }
    }
}

/// A coordinate to a tenth of a pixel.
fn tenth(value: f32) -> f32 {
    (value * 10.0).round() / 10.0
}

/// The score against the threshold.
fn meter(finger: &Finger) -> Markup {
    let whole = (finger.score.max(finger.threshold) * 1.15).max(1.0);
    let over = finger.score >= finger.threshold;
    html! {
        div.meter {
            span.reading { "score " strong { (score(finger.score)) } }
            div.track role="img" aria-label=(format!("score {} of threshold {}", score(finger.score), score(finger.threshold))) {
                div.fill.over[over] style=(format!("width:{:.1}%", percent(finger.score, whole))) {}
                div.limit style=(format!("left:{:.1}%", percent(finger.threshold, whole))) {}
            }
            span.reading { "threshold " strong { (score(finger.threshold)) } }
        }
    }
}
