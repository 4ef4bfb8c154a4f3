//! `negin demo`: the whole way with simulated devices, from an order folder to live cards and a report.

pub mod citizens;
mod counter;
mod evidence;
mod impostors;
mod paper;
mod portrait;
mod stage;
mod tray;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use negin_issuance::record::calendar::Date;
use serde_json::json;

use crate::cli::DemoArgs;
use crate::commands::{self, App};
use crate::devices::simulated::Bus;
use crate::output::{Align, Cell, Exit, Paint, Progress, Style, Table, print_json};
use crate::problem::Problem;
use counter::Counter;
use stage::{Stage, Story};
use tray::Tray;

/// The PIN that every citizen of a demo chooses.
pub const PIN: &str = "135790";

/// A stopwatch over the steps of the run.
#[derive(Default)]
struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    fn time<R>(&mut self, what: &'static str, work: impl FnOnce() -> R) -> R {
        let begun = Instant::now();
        let result = work();
        self.0.push((what, begun.elapsed()));
        result
    }
}

/// Runs the command.
pub fn run(args: &DemoArgs, app: &App) -> Result<Exit, Problem> {
    let seed = args.seed.to_string();
    if args.pcsc && !Bus::Pcsc.is_here() {
        return Bus::Pcsc.run_inside(&["--readers", "16", "--seed", &seed]);
    }
    let plugged = scanner_bus(args);
    if let Some(bus) = plugged
        && !bus.is_here()
    {
        return bus.run_inside(&["--device", model(bus), "--seed", &seed]);
    }
    prepare(&args.out, args.force)?;
    let tray = match args.pcsc {
        true => Tray::behind_the_service()?,
        false => Tray::Process,
    };
    let counter = Counter::on(plugged)?;
    let profile = commands::profile(args.profile.as_deref())?;
    let today = commands::today()?;
    let count = args.cards as usize;
    let say = |what: &str| {
        if !app.json || Style::stderr().is_terminal() {
            eprintln!("{}", Style::stderr().paint(Paint::Muted, what));
        }
    };

    let mut steps = Steps::default();
    say(&format!("making {count} citizens and their fingers"));
    let people = steps.time("citizens, portraits and fingers", || {
        order(&args.out, args.seed, count, today)
    })?;
    let mut stage = Stage::set(&args.out, args.seed, profile, tray, counter)?;
    say("checking the order and entering it");
    let mut stories = steps.time("quality control and ledger", || stage.enter(&people, today))?;

    say("writing cards");
    let progress = Progress::new(count as u64);
    steps.time("personalisation", || {
        stories.iter_mut().try_for_each(|story| {
            progress.say(story.id.as_str());
            stage.personalise(story)?;
            progress.step();
            Ok::<_, Problem>(())
        })
    })?;
    drop(progress);
    stage.ship(&mut stories)?;

    if let Some(bus) = plugged {
        say(&format!("taking everybody's prints, over {}", bus.name()));
    }
    let prints = steps.time("prints for others' cards", || stage.counter.prints(&people))?;
    say("trying everybody else's fingers on every locked card");
    let attempts = steps.time("impostors", || {
        impostors::try_all(&stage, &prints, &stories)
    })?;
    let shown = prints.iter().map(Vec::len).sum();
    drop(prints);

    say("delivering");
    let progress = Progress::new(count as u64);
    steps.time("delivery", || {
        stories
            .iter_mut()
            .zip(&people)
            .try_for_each(|(story, citizen)| {
                progress.say(story.id.as_str());
                stage.deliver(story, citizen)?;
                progress.step();
                Ok::<_, Problem>(())
            })
    })?;
    drop(progress);
    let report = args.out.join("report.html");
    let page = paper::report(&stage, args.seed, &people, &stories, &attempts, &steps.0)?;
    std::fs::write(&report, page).map_err(|error| Problem::file(&report, &error))?;

    tell(args, &report, &stories, (&attempts, shown), app)
}

/// What the counter's scanner is plugged into; none where it is in this process.
fn scanner_bus(args: &DemoArgs) -> Option<Bus> {
    match (args.usb, args.serial) {
        (true, _) => Some(Bus::Usb),
        (_, true) => Some(Bus::Serial),
        _ => None,
    }
}

/// The scanner there. A module on a serial port takes seconds for an image even at its fastest.
fn model(bus: Bus) -> &'static str {
    match bus {
        Bus::Serial => "zfm,baud=115200",
        _ => "uru4000",
    }
}

/// An empty folder to work in.
fn prepare(out: &Path, force: bool) -> Result<(), Problem> {
    let io = |error: std::io::Error| Problem::file(out, &error);
    if out.exists() {
        let occupied = std::fs::read_dir(out).map_err(io)?.next().is_some();
        if occupied && !force {
            return Err(Problem::new(
                "negin.folder-not-empty",
                vec![("file", out.display().to_string())],
            ));
        }
        if occupied {
            // Only what a demo makes is removed.
            for name in stage::FOLDERS {
                remove(std::fs::remove_dir_all(out.join(name))).map_err(io)?;
            }
            for name in stage::FILES {
                remove(std::fs::remove_file(out.join(name))).map_err(io)?;
            }
        }
    }
    std::fs::create_dir_all(out).map_err(io)
}

fn remove(removed: std::io::Result<()>) -> std::io::Result<()> {
    match removed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn order(
    out: &Path,
    seed: u64,
    count: usize,
    today: Date,
) -> Result<Vec<citizens::Citizen>, Problem> {
    let people = citizens::generate(seed, count, today)?;
    let folder: PathBuf = out.join("order");
    citizens::write_order(&folder, &format!("demo-{seed}"), "office-1", &people)?;
    Ok(people)
}

fn tell(
    args: &DemoArgs,
    report: &Path,
    stories: &[Story],
    (attempts, prints): (&[impostors::Tried], usize),
    app: &App,
) -> Result<Exit, Problem> {
    let personalized = stories.iter().filter(|s| s.personalised.is_some()).count();
    let delivered = stories.iter().filter(|s| s.delivered.is_some()).count();
    let refused = attempts.iter().filter(|tried| tried.refused).count();
    let right =
        personalized == stories.len() && delivered == stories.len() && refused == attempts.len();
    if !app.json || Style::stdout().is_terminal() {
        let mut table = Table::new(&[
            ("card", Align::Left),
            ("holder", Align::Right),
            ("written", Align::Right),
            ("delivered", Align::Left),
            ("impostors refused", Align::Right),
        ]);
        for (index, story) in stories.iter().enumerate() {
            let own = attempts.iter().filter(|tried| tried.card == index);
            let (tried, held) = own.fold((0, 0), |(tried, held), attempt| {
                (tried + 1, held + usize::from(attempt.refused))
            });
            let live = match &story.delivered {
                Some(delivered) => {
                    Cell::new(commands::way(&delivered.activation)).painted(Paint::Good)
                }
                None => Cell::new("no").painted(Paint::Bad),
            };
            let written: Duration = story.steps.iter().map(|(_, took)| *took).sum();
            table.row([
                Cell::new(story.number()),
                Cell::new(story.record.persian_name()),
                Cell::new(format!("{:.2} s", written.as_secs_f64())),
                live,
                Cell::new(format!("{held} of {tried}")),
            ]);
        }
        print!("{}", table.render(Style::stdout()));
        println!("report: {}", report.display());
    }
    if app.json {
        let out = &args.out;
        let mut object = json!({
            "cards": stories.len(),
            "personalized": personalized,
            "delivered": delivered,
            "impostors_tried": attempts.len(),
            "impostors_refused": refused,
            // Each came from the scanner once, and was tried on everybody else's card.
            "impostor_prints": prints,
            "report": report,
            "ledger": out.join(stage::LEDGER),
            "order": out.join("order"),
            "cards_folder": out.join("cards"),
            "scanner": scanner_bus(args).map_or("process", Bus::name),
        });
        if args.pcsc {
            object["readers"] = json!("pcsc");
        }
        print_json(&object).map_err(|error| Problem::file(Path::new("-"), &error))?;
    }
    Ok(if right { Exit::Done } else { Exit::Refused })
}
