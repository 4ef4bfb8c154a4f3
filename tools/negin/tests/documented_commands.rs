//! Every command in the documentation is run, page after page, in the order of the summary, in one folder.
//!
//! What counts: in a block fenced as `console`, each line that begins with `$ `. It goes through the shell as a reader
//! would type it, and must end with status 0 unless the page says otherwise in a comment at its end:
//! `$ negin … # status 3`.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const NEGIN: &str = env!("CARGO_BIN_EXE_negin");

struct Step {
    page: String,
    command: String,
    status: i32,
}

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src")
}

/// The pages in the order of the summary: what stands in its links' parentheses.
fn in_order() -> Vec<String> {
    let summary = std::fs::read_to_string(pages().join("SUMMARY.md")).unwrap();
    summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(str::to_owned)
        .collect()
}

fn steps(page: &str) -> Vec<Step> {
    let text = std::fs::read_to_string(pages().join(page)).unwrap();
    text.split("```console\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("$ "))
        .map(|line| {
            let (command, status) = match line.split_once("# status ") {
                Some((command, status)) => (command, status.trim().parse().unwrap()),
                None => (line, 0),
            };
            Step {
                page: page.to_owned(),
                command: command.trim().to_owned(),
                status,
            }
        })
        .collect()
}

#[test]
fn every_page_is_in_the_summary() {
    let listed = in_order();
    for entry in std::fs::read_dir(pages()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") && name != "SUMMARY.md" {
            assert!(listed.contains(&name), "{name} is not in the summary");
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in in_order() {
        let text = std::fs::read_to_string(pages().join(&page)).unwrap();
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            if target.ends_with(".md") && !target.contains("://") {
                assert!(pages().join(target).is_file(), "{page} leads to {target}");
            }
        }
    }
}

#[test]
fn every_command_does_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(NEGIN).parent().unwrap().display();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    // `negin-sim` lies beside `negin` once it is built.
    let (name, value) = negin_tests::pcsc::environment();
    let all: Vec<Step> = in_order().iter().flat_map(|page| steps(page)).collect();
    assert!(all.len() > 10, "only {} commands were found", all.len());
    for step in all {
        let output = Command::new("sh")
            .args(["-c", &step.command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env(name, &value)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(step.status),
            "{}: {}\n{}{}",
            step.page,
            step.command,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
