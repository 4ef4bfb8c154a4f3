//! Small pieces of markup that every section uses.

use std::time::Duration;

use base64ct::{Base64, Encoding};
use maud::{Markup, html};

use super::model::{Bilingual, Picture};

/// The picture as a `data:` URI.
pub(super) fn data_uri(picture: &Picture) -> String {
    format!(
        "data:{};base64,{}",
        picture.media_type(),
        Base64::encode_string(picture.bytes())
    )
}

/// Persian text, with its language and direction.
pub(super) fn persian(text: &str) -> Markup {
    html! { span.fa lang="fa" dir="rtl" { (text) } }
}

/// A label, English first, Persian beside it.
pub(super) fn label(label: &Bilingual) -> Markup {
    html! { span.label { span { (label.en) } " " (persian(&label.fa)) } }
}

/// A heading of a section in both languages.
pub(super) fn heading(id: &str, en: &str, fa: &str) -> Markup {
    html! { h2 id=(id) { span { (en) } (persian(fa)) } }
}

/// A heading within a section in both languages.
pub(super) fn subheading(en: &str, fa: &str) -> Markup {
    html! { h4 { span { (en) } (persian(fa)) } }
}

/// A duration for people: three figures and a unit.
pub(super) fn duration(took: Duration) -> String {
    let seconds = took.as_secs_f64();
    if seconds >= 60.0 {
        // Rounded before it is divided, so that 119.7 s is 2 min and not 1 min 60 s.
        let whole = seconds.round() as u64;
        format!("{} min {} s", whole / 60, whole % 60)
    } else if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 0.1 {
        format!("{:.0} ms", seconds * 1e3)
    } else if seconds >= 0.001 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{:.0} µs", seconds * 1e6)
    }
}

/// A moment as short as it can be among others of the same day: of an RFC 3339 time in UTC the time of day, of any
/// other text all of it. The whole is in the title.
pub(super) fn moment(text: &str) -> Markup {
    let of_day = text
        .strip_suffix('Z')
        .and_then(|text| text.split_once('T'))
        .map_or(text, |(_, of_day)| of_day);
    html! { time title=(text) { (of_day) } }
}

/// A score for people: whole where it is whole, else one decimal place.
pub(super) fn score(value: f64) -> String {
    if (value - value.round()).abs() < 0.05 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

/// A part of a whole in percent of width, for a `style` attribute.
pub(super) fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 && part.is_finite() {
        (part / whole * 100.0).clamp(0.0, 100.0)
    } else {
        0.0
    }
}

/// A long hexadecimal text that may be broken after every four characters.
pub(super) fn hexadecimal(text: &str) -> Markup {
    let chars: Vec<char> = text.chars().collect();
    html! {
        code.hex {
            @for chunk in chars.chunks(4) { (chunk.iter().collect::<String>()) wbr; }
        }
    }
}

/// The heads of a table's columns, each with whether figures stand under it.
pub(super) fn column_heads(columns: &[(&str, bool)]) -> Markup {
    html! {
        thead { tr { @for (name, figures) in columns { th.num[*figures] scope="col" { (name) } } } }
    }
}

/// A word with a colour that says how it went.
pub(super) fn badge(good: bool, yes: &str, no: &str) -> Markup {
    html! {
        @if good { span.badge.good { "✓ " (yes) } } @else { span.badge.bad { "✗ " (no) } }
    }
}

/// The mark of the house: the stone in its ring.
pub(super) fn gem() -> Markup {
    html! {
        svg.gem viewBox="0 0 64 64" aria-hidden="true" {
            circle cx="32" cy="32" r="28" fill="none" stroke="currentColor" stroke-width="3" opacity=".35" {}
            path d="M20 20h24l10 14-22 22L10 34z" fill="currentColor" opacity=".18" {}
            path d="M20 20h24l10 14-22 22L10 34zM10 34h44M20 20l5 14 7 22 7-22 5-14M25 34l7-14 7 14"
                fill="none" stroke="currentColor" stroke-width="2.4" stroke-linejoin="round" {}
        }
    }
}
