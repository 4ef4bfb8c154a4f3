//! What the page must hold, whatever the data.

use super::model::*;
use super::{render, sample};

/// The page as text: markup's optional break points taken out, entities put back.
fn text_of(page: &str) -> String {
    page.replace("<wbr>", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "wbr", "br"];

/// Walks through the page's tags; an error says where it first goes wrong.
fn well_formed(page: &str) -> Result<usize, String> {
    let body = page
        .strip_prefix("<!DOCTYPE html>")
        .ok_or("it has no document type")?;
    let (before, rest) = body.split_once("<style>").ok_or("it has no style")?;
    let (style, after) = rest.split_once("</style>").ok_or("its style has no end")?;
    if style.contains('<') {
        return Err("there is markup in its style".to_owned());
    }
    let markup = format!("{before}{after}");
    let mut open: Vec<String> = Vec::new();
    let mut seen = 0;
    let mut rest = markup.as_str();
    while let Some(start) = rest.find('<') {
        if rest[..start].contains('>') {
            return Err(format!(
                "a stray > before {:?}",
                &rest[start..].chars().take(30).collect::<String>()
            ));
        }
        let end = end_of_tag(&rest[start..]).ok_or("a tag has no end")? + start;
        let tag = &rest[start + 1..end];
        seen += 1;
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some(last) if last == name => {}
                other => return Err(format!("</{name}> closes {other:?}")),
            }
        } else {
            let name: String = tag.chars().take_while(|c| !c.is_whitespace()).collect();
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(format!("<{tag}> is no tag"));
            }
            if !VOID.contains(&name.as_str()) {
                open.push(name);
            }
        }
        rest = &rest[end + 1..];
    }
    if rest.contains('>') {
        Err("a stray > at the end".to_owned())
    } else if open.is_empty() {
        Ok(seen)
    } else {
        Err(format!("left open: {open:?}"))
    }
}

/// Where the tag that begins the text ends, minding quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[test]
fn the_checker_itself_refuses_what_is_not_well_formed() {
    let page = |body: &str| format!("<!DOCTYPE html><style></style>{body}");
    assert_eq!(well_formed(&page("<p title=\"a>b\">x</p>")), Ok(2));
    for broken in [
        "<p>",
        "<p></b>",
        "</p>",
        "a > b",
        "<p title=\"x></p>",
        "< p></p>",
    ] {
        assert!(well_formed(&page(broken)).is_err(), "{broken} passed");
    }
}

#[test]
fn a_full_report_is_well_formed() {
    for cards in [0, 1, 2, 5, 14] {
        let tags = well_formed(&render(&sample::report(cards))).unwrap();
        assert!(tags > 60 + cards * 400, "{cards} cards, {tags} tags");
    }
}

#[test]
fn hostile_names_stay_text() {
    let mut report = sample::report(2);
    let hostile = "<script>alert('x')</script><img src=x onerror=\"boom()\">&amp;\"";
    let citizen = &mut report.citizens[0];
    citizen.latin.given = hostile.to_owned();
    citizen.persian.family = hostile.to_owned();
    citizen.national_number = hostile.to_owned();
    citizen.mrz[2] = hostile.to_owned();
    citizen.fields[0].latin = hostile.to_owned();
    citizen.fields[0].label = Bilingual::new(hostile, hostile);
    citizen.fingers[0].name = Bilingual::new(hostile, hostile);
    citizen.card.number = hostile.to_owned();
    citizen.card.chip_id = hostile.to_owned();
    citizen.card.certificates[0].subject = hostile.to_owned();
    citizen.card.states[0].state = hostile.to_owned();
    report.attempts[0].status_word = hostile.to_owned();
    report.profile = hostile.to_owned();
    let page = render(&report);
    well_formed(&page).unwrap();
    let calm = render(&sample::report(2));
    assert!(!page.contains("<script") && !page.contains("<img"));
    assert_eq!(
        page.matches('<').count() - page.matches("<wbr>").count(),
        calm.matches('<').count() - calm.matches("<wbr>").count(),
        "a hostile text became markup"
    );
    assert!(page.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
    assert!(page.contains("onerror=&quot;boom()&quot;&gt;&amp;amp;&quot;"));
}

#[test]
fn every_figure_is_in_the_page() {
    let report = sample::report(3);
    let page = text_of(&render(&report));
    let mut wanted = vec![
        report.seed.to_string(),
        report.when.clone(),
        report.profile.clone(),
        report.program.clone(),
        "12<span class=\"of\">/12</span>".to_owned(),
        "2.31 s".to_owned(),
    ];
    for citizen in &report.citizens {
        wanted.extend([
            citizen.persian.whole(),
            citizen.latin.whole(),
            citizen.national_number.clone(),
            citizen.card.number.clone(),
            citizen.card.chip_id.clone(),
        ]);
        wanted.extend(citizen.mrz.clone());
        for field in &citizen.fields {
            wanted.extend([
                field.label.en.clone(),
                field.label.fa.clone(),
                field.latin.clone(),
                field.persian.clone(),
            ]);
        }
        for date in &citizen.dates {
            wanted.extend([
                date.gregorian.clone(),
                date.persian.clone(),
                date.hijri.clone(),
            ]);
        }
        for finger in &citizen.fingers {
            wanted.extend([
                finger.name.en.clone(),
                format!("{} pairs", finger.pairs.len()),
            ]);
            wanted.push(format!(
                "{} minutiae · quality {}",
                finger.probe.marks.len(),
                finger.probe.quality
            ));
        }
        for certificate in &citizen.card.certificates {
            wanted.extend([
                certificate.subject.clone(),
                certificate.serial.clone(),
                certificate.fingerprint.clone(),
            ]);
        }
        for reached in &citizen.card.states {
            wanted.extend([reached.state.clone(), reached.when.clone()]);
        }
        let (activation, proof) = (
            citizen.card.activation.as_ref().unwrap(),
            citizen.card.proof.as_ref().unwrap(),
        );
        wanted.extend([
            activation.method.clone(),
            activation.operator.clone(),
            proof.challenge.clone(),
            proof.signature.clone(),
        ]);
        wanted.extend(citizen.steps.iter().map(|step| step.what.clone()));
    }
    wanted.extend(report.chains.iter().map(|chain| chain.head.clone()));
    for one in wanted.iter().filter(|one| !one.is_empty()) {
        assert!(page.contains(one.as_str()), "{one} is not in the page");
    }
}

#[test]
fn each_picture_is_in_the_file_once_and_each_reference_leads_to_one() {
    let page = render(&sample::report(3));
    // A portrait and two impressions of two fingers for each of three.
    assert_eq!(page.matches("data:image/").count(), 3 * 5);
    let mut references = 0;
    for part in page.split("href=\"#").skip(1) {
        let id = part.split('"').next().unwrap();
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
        references += 1;
    }
    assert!(references > 3 * (1 + 2 * 4));
}

#[test]
fn minutiae_and_pairs_are_drawn_on_the_prints() {
    let report = sample::report(1);
    let page = render(&report);
    let marks: usize = report.citizens[0]
        .fingers
        .iter()
        .map(|f| f.enrolled.marks.len() + f.probe.marks.len())
        .sum();
    let pairs: usize = report.citizens[0]
        .fingers
        .iter()
        .map(|f| f.pairs.len())
        .sum();
    // Once on its own print and once in the comparison.
    assert_eq!(page.matches("<g class=\"minutia ").count(), 2 * marks);
    assert_eq!(page.matches("<line class=\"pair\"").count(), pairs);
}

#[test]
fn pairs_that_lead_nowhere_are_left_out() {
    let mut report = sample::report(1);
    report.citizens[0].fingers.truncate(1);
    report.citizens[0].fingers[0].pairs = vec![(0, 1), (900, 0), (0, 900)];
    assert_eq!(render(&report).matches("<line class=\"pair\"").count(), 1);
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let page = render(&sample::report(2));
    for forbidden in [
        "http:",
        "https:",
        "<script",
        "<link",
        "@import",
        "url(",
        " src=",
        "javascript:",
        " onload",
    ] {
        assert!(!page.contains(forbidden), "{forbidden} is in the page");
    }
}

#[test]
fn a_moment_shows_its_time_of_day_and_keeps_the_whole_in_its_title() {
    use super::markup::moment;

    assert_eq!(
        moment("2026-04-01T09:30:01.071Z").into_string(),
        "<time title=\"2026-04-01T09:30:01.071Z\">09:30:01.071</time>"
    );
    assert_eq!(
        moment("at noon").into_string(),
        "<time title=\"at noon\">at noon</time>"
    );
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(render(&sample::report(2)), render(&sample::report(2)));
}

#[test]
fn what_did_not_hold_is_said_at_the_head() {
    let all_well = render(&sample::report(2));
    assert!(all_well.contains("Every card reached its citizen, and no other."));
    let mut report = sample::report(2);
    report.totals.impostors_refused -= 1;
    report.attempts[0].refused = false;
    report.attempts[0].status_word = "9000".to_owned();
    report.citizens[1].card.activation = None;
    report.citizens[1].card.proof = None;
    let page = render(&report);
    assert!(page.contains("Not everything held: see the red marks."));
    assert!(page.contains("class=\"try wrong\""));
    assert!(
        page.contains("✗ accepted")
            && page.contains("✗ locked")
            && page.contains("the card is locked")
    );
    assert!(!all_well.contains("class=\"try wrong\"") && !all_well.contains("✗ "));
}

#[test]
fn persian_text_carries_its_language_and_direction() {
    let page = render(&sample::report(1));
    assert!(page.contains("<html lang=\"en\">"));
    assert!(page.contains("<span class=\"fa\" lang=\"fa\" dir=\"rtl\">نگار رستمی</span>"));
    assert!(page.contains("<td lang=\"fa\" dir=\"rtl\">نگار</td>"));
}

#[test]
fn prints_and_portraits_do_not_reach_debug_output() {
    let report = sample::report(1);
    let shown = format!("{:?}", report.citizens[0].fingers[0]);
    assert!(shown.contains("Mark(..)") && shown.contains("image/png of"));
    assert!(
        !shown.contains("137, 80, 78, 71") && !shown.contains("x: "),
        "{shown}"
    );
}

#[test]
fn durations_and_scores_read_well() {
    use super::markup::{duration, score};
    use std::time::Duration;

    assert_eq!(duration(Duration::from_micros(420)), "420 µs");
    assert_eq!(duration(Duration::from_micros(12_340)), "12.3 ms");
    assert_eq!(duration(Duration::from_millis(345)), "345 ms");
    assert_eq!(duration(Duration::from_millis(1500)), "1.50 s");
    assert_eq!(duration(Duration::from_millis(119_700)), "2 min 0 s");
    assert_eq!(score(24.0), "24");
    assert_eq!(score(24.25), "24.2");
}
