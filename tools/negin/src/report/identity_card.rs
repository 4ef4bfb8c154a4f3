//! The card's two faces, drawn as the printer would lay them out.

use maud::{Markup, html};

use super::markup::persian;
use super::model::Citizen;
use super::page::portrait;

/// Front and back side by side.
pub(super) fn faces(index: usize, citizen: &Citizen) -> Markup {
    html! {
        div.faces {
            (front(index, citizen))
            (back(citizen))
        }
    }
}

fn front(index: usize, citizen: &Citizen) -> Markup {
    html! {
        figure.face.front aria-label=(format!("Front of the card of {}", citizen.latin.whole())) {
            (guilloche(index))
            div.band { span { "SPECIMEN" } (persian("کارت هویت • نمونه")) }
            div.body {
                (portrait(index, &citizen.latin.whole()))
                dl lang="fa" dir="rtl" {
                    (line("نام", &citizen.persian.given))
                    (line("نام خانوادگی", &citizen.persian.family))
                    (line("کد ملی", &digits(&citizen.national_number)))
                    @if let Some(birth) = citizen.dates.first() { (line(&birth.label.fa, &birth.persian)) }
                    @if citizen.dates.len() > 1 {
                        @if let Some(expiry) = citizen.dates.last() { (line(&expiry.label.fa, &expiry.persian)) }
                    }
                }
            }
        }
    }
}

fn line(label: &str, value: &str) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}

fn back(citizen: &Citizen) -> Markup {
    html! {
        figure.face.back aria-label=(format!("Back of the card of {}", citizen.latin.whole())) {
            div.body {
                (chip())
                dl {
                    div { dt { "Surname" } dd { (citizen.latin.family) } }
                    div { dt { "Given names" } dd { (citizen.latin.given) } }
                    div { dt { "National number" } dd { (citizen.national_number) } }
                    div { dt { "Card" } dd { (citizen.card.number) } }
                    @if let Some(birth) = citizen.dates.first() {
                        div { dt { (birth.label.en) } dd { (birth.gregorian) } }
                    }
                    @if citizen.dates.len() > 1 {
                        @if let Some(expiry) = citizen.dates.last() {
                            div { dt { (expiry.label.en) } dd { (expiry.gregorian) } }
                        }
                    }
                }
            }
            pre.mrz {
                @for line in &citizen.mrz { (line) "\n" }
            }
        }
    }
}

/// Persian digits for Latin ones.
fn digits(text: &str) -> String {
    text.chars()
        .map(|c| match c.to_digit(10) {
            Some(d) => char::from_u32(0x06F0 + d).unwrap_or(c),
            None => c,
        })
        .collect()
}

/// The contact pad.
fn chip() -> Markup {
    html! {
        svg.chip viewBox="0 0 60 46" aria-hidden="true" {
            rect x="1" y="1" width="58" height="44" rx="7" {}
            path d="M1 16h18v14H1M59 16H41v14h18M19 1v44M41 1v44M19 16h22v14H19" {}
        }
    }
}

/// The fine lines behind the front, a different weave for each card.
fn guilloche(index: usize) -> Markup {
    let waves = 14;
    html! {
        svg.guilloche viewBox="0 0 428 270" preserveAspectRatio="none" aria-hidden="true" {
            @for wave in 0..waves { path d=(weave(index, wave, waves)) {} }
        }
    }
}

fn weave(index: usize, wave: usize, waves: usize) -> String {
    use std::fmt::Write;

    let turn = std::f64::consts::TAU;
    let phase = wave as f64 / waves as f64 * turn;
    let cycles = 2.0 + (index % 4) as f64 * 0.5;
    let mut path = String::new();
    for step in 0..=48 {
        let x = f64::from(step) / 48.0;
        let envelope = 46.0 + 40.0 * (turn * x + phase * 0.5).sin();
        let y = 150.0 + envelope * (turn * cycles * x + phase).sin();
        let letter = if step == 0 { 'M' } else { 'L' };
        // Writing to a String cannot fail.
        let _ = write!(path, "{letter}{:.0} {y:.1}", x * 428.0);
    }
    path
}
