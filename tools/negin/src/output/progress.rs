//! A bar on standard error for work that takes longer than a second.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::harmless;

/// How long work stays without a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Progress through a known number of steps. The bar comes when a second has passed, is shown on a terminal only,
/// and is wiped when this is dropped.
pub struct Progress {
    bar: ProgressBar,
    done: Option<Sender<()>>,
    waiting: Option<JoinHandle<()>>,
}

impl Progress {
    /// Progress through `steps` steps.
    #[must_use]
    pub fn new(steps: u64) -> Self {
        Self::on(steps, PATIENCE, ProgressDrawTarget::stderr)
    }

    fn on(
        steps: u64,
        patience: Duration,
        target: impl FnOnce() -> ProgressDrawTarget + Send + 'static,
    ) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:28} {pos}/{len}  {wide_msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let (done, is_done) = channel();
        let shown = bar.clone();
        let waiting = std::thread::spawn(move || {
            if is_done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(target());
                shown.tick();
                // Only the end of the work ends this wait.
                let _ = is_done.recv();
            }
        });
        Self {
            bar,
            done: Some(done),
            waiting: Some(waiting),
        }
    }

    /// Says what is being done now.
    pub fn say(&self, what: &str) {
        self.bar.set_message(harmless(what));
    }

    /// One step further.
    pub fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(waiting) = self.waiting.take() {
            // A thread that panicked drew nothing; the work itself is not touched by it.
            let _ = waiting.join();
        }
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn add(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.add(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.add(text)
        }
        fn clear_line(&self) -> io::Result<()> {
            self.add("<cleared>")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn progress(patience: Duration) -> (Progress, Screen) {
        let screen = Screen::default();
        let target = screen.clone();
        let progress = Progress::on(3, patience, move || {
            ProgressDrawTarget::term_like(Box::new(target))
        });
        (progress, screen)
    }

    #[test]
    fn quick_work_shows_no_bar() {
        let (progress, screen) = progress(Duration::from_secs(3600));
        progress.say("quick");
        for _ in 0..3 {
            progress.step();
        }
        drop(progress);
        assert_eq!(*screen.0.lock().unwrap(), "");
    }

    #[test]
    fn long_work_shows_a_bar_and_wipes_it() {
        let (progress, screen) = progress(Duration::ZERO);
        progress.say("long\u{1b}[2J");
        progress.step();
        for _ in 0..200 {
            if screen.0.lock().unwrap().contains("1/3") {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
            progress.bar.tick();
        }
        let seen = screen.0.lock().unwrap().clone();
        assert!(
            seen.contains("1/3") && seen.contains("long\u{FFFD}[2J"),
            "{seen:?}"
        );
        drop(progress);
        assert!(screen.0.lock().unwrap().ends_with("<cleared>"));
    }
}
