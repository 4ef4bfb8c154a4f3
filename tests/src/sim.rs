//! `negin-sim` and programs that it runs, among them the tests themselves.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use negin_firmware_sim::bus::control;

/// `negin-sim`, built like this test, with its driver beside it.
///
/// # Panics
/// Where it does not build.
#[must_use]
pub fn negin_sim() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| match std::env::var_os(BUILT_BEFORE) {
        Some(path) => path.into(),
        None => build(),
    })
}

/// Where [`within`] finds what was built outside.
const BUILT_BEFORE: &str = "NEGIN_TESTS_NEGIN_SIM";

fn build() -> PathBuf {
    // target/<profile>/deps/<test>: what runs knows where it was built, and how.
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test
        .ancestors()
        .skip(1)
        .find(|folder| folder.join("deps").is_dir())
        .expect("a test lies in cargo's target folder");
    let profile = match folder.file_name().and_then(OsStr::to_str) {
        Some("debug") => "dev",
        Some(other) => other,
        None => panic!("{} has no name", folder.display()),
    };
    let target = folder.parent().expect("a target folder");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let output = Command::new(cargo)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["build", "--quiet", "--profile", profile, "--target-dir"])
        .arg(target)
        .args([
            "-p",
            "negin-ifd",
            "-p",
            "negin-firmware-sim",
            "--lib",
            "--bin",
            "negin-sim",
        ])
        .stdin(Stdio::null())
        .output()
        .expect("cargo");
    assert!(
        output.status.success(),
        "negin-sim and its driver do not build:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder.join("negin-sim")
}

/// What a program came to that `negin-sim` ran.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status; 125 is `negin-sim`'s own failure.
    pub status: Option<i32>,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error, and `negin-sim` too.
    pub err: String,
}

impl Ran {
    /// This, where the program succeeded.
    ///
    /// # Panics
    /// Where it did not: all it said.
    #[must_use]
    pub fn well(self) -> Self {
        assert_eq!(self.status, Some(0), "{}\n{}", self.out, self.err);
        self
    }
}

/// Runs a command to its end, with nothing to read.
///
/// # Panics
/// Where it cannot be started.
#[must_use]
pub fn finish(command: &mut Command) -> Ran {
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("negin-sim was built");
    Ran {
        status: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Which folder [`within`] prepared.
const FOLDER: &str = "NEGIN_TESTS_WITHIN";

/// Carries out a part of the calling test in a process of its own: this test's program once more, with this test alone.
/// `prepare` gets an empty folder and says with which options to go on, `run` makes of them and of the program the
/// command that runs it, `body` gets the same folder. To be called once in a test, with nothing before it.
///
/// # Panics
/// Where the body does.
pub fn within(
    prepare: impl FnOnce(&Path) -> Vec<String>,
    run: impl FnOnce(&[String], &Path) -> Command,
    body: impl FnOnce(&Path),
) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return body(Path::new(&folder));
    }
    let folder = tempfile::tempdir().expect("room");
    let options = prepare(folder.path());
    let thread = std::thread::current();
    let test = thread.name().expect("a test's thread has its name");
    let program = std::env::current_exe().expect("a test has a path");
    let mut command = run(&options, &program);
    command
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(FOLDER, folder.path())
        .env(BUILT_BEFORE, negin_sim());
    let ran = finish(&mut command);
    println!("{}{}", ran.out, ran.err);
    assert_eq!(
        ran.status,
        Some(0),
        "{test} failed within a process of its own, see above"
    );
    assert!(
        ran.out.contains("1 passed"),
        "{test} was not found in its own program"
    );
}

/// Says a line to the simulator, from [`within`]; what it answers.
///
/// # Panics
/// Where it refuses.
pub fn say(line: &str) -> Vec<String> {
    control::ask(&control_socket(), line).unwrap_or_else(|refused| panic!("{line}: {refused}"))
}

/// Where [`say`] says it.
///
/// # Panics
/// Where this process was not started by `negin-sim`.
#[must_use]
pub fn control_socket() -> PathBuf {
    std::env::var_os("NEGIN_SIM_CONTROL")
        .expect("started by negin-sim")
        .into()
}
