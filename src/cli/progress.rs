//! Progress on stderr: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use layoutopt::store::CaseKey;
use layoutopt::sweep::{Observer, Plan, Progress};

use super::out;

/// Says now and then how far a command is, if it takes long.
pub struct Ticker {
    terminal: MultiProgress,
    quiet: bool,
    said: Instant,
}

impl Ticker {
    const INTERVAL: Duration = Duration::from_secs(2);

    /// On this terminal; `quiet` says nothing.
    pub fn new(terminal: &MultiProgress, quiet: bool) -> Self {
        Self { terminal: terminal.clone(), quiet, said: Instant::now() }
    }

    /// Says it, unless something was said a moment ago.
    pub fn tick(&mut self, line: &str) {
        if self.said.elapsed() >= Self::INTERVAL && !self.quiet {
            self.said = Instant::now();
            self.terminal.suspend(|| out::progress(format_args!("{line}")));
        }
    }
}

/// Shows how a run goes.
pub struct RunProgress {
    terminal: MultiProgress,
    quiet: bool,
    bar: Option<ProgressBar>,
}

impl RunProgress {
    /// On this terminal; `quiet` shows nothing but failures.
    pub fn new(terminal: &MultiProgress, quiet: bool) -> Self {
        Self { terminal: terminal.clone(), quiet, bar: None }
    }

    fn say(&self, line: &str) {
        if !self.quiet {
            self.terminal.suspend(|| out::progress(format_args!("{line}")));
        }
    }
}

impl Observer for RunProgress {
    fn planned(&mut self, plan: &Plan, threads: usize) {
        let before = plan.total - plan.remaining.len();
        let noun = if threads == 1 { "thread" } else { "threads" };
        self.say(&format!(
            "{} cases: {before} done before, {} to run on {threads} {noun}",
            plan.total,
            plan.remaining.len()
        ));
        if std::io::stderr().is_terminal() && !self.quiet && !plan.remaining.is_empty() {
            let bar = self.terminal.add(ProgressBar::new(plan.total as u64));
            // The template is a constant; were it wrong, the default style would do.
            if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} cases  {msg}") {
                bar.set_style(style);
            }
            bar.set_position(before as u64);
            self.bar = Some(bar);
        }
    }

    fn progress(&mut self, progress: &Progress) {
        let done = progress.before + progress.finished;
        let text = describe(progress);
        match &self.bar {
            Some(bar) => {
                bar.set_position(done as u64);
                bar.set_message(text);
                bar.tick();
            }
            None => self.say(&format!("{done}/{} cases  {text}", progress.total)),
        }
    }

    fn case_failed(&mut self, key: CaseKey, reason: &str) {
        tracing::warn!("{key} failed: {reason}");
    }

    fn draining(&mut self) {
        self.say("interrupted: finishing the running cases; once more to stop at once");
    }

    fn merging(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish();
        }
        tracing::info!("merging shards");
    }
}

/// Rate, time to go, failures.
fn describe(progress: &Progress) -> String {
    let seconds = progress.elapsed.as_secs_f64();
    let rate = if seconds > 0.0 { progress.finished as f64 / seconds } else { 0.0 };
    let left = progress.total - progress.before - progress.finished;
    let mut parts = vec![if rate >= 1.0 || rate <= 0.0 {
        format!("{rate:.1} cases/s")
    } else {
        format!("{:.1} s/case", 1.0 / rate)
    }];
    if left > 0 && rate > 0.0 {
        parts.push(format!("{} to go", duration(Duration::from_secs_f64(left as f64 / rate))));
    }
    if progress.failed > 0 {
        parts.push(format!("{} failed", progress.failed));
    }
    parts.join("  ")
}

/// `1 h 02 min`, `3 min 20 s`, `12 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_for_people() {
        for (seconds, text) in [(0, "0 s"), (75, "1 min 15 s"), (3720, "1 h 02 min")] {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_report_says_rate_rest_and_failures() {
        let progress = Progress { total: 100, before: 20, finished: 40, failed: 2, elapsed: Duration::from_secs(10) };
        assert_eq!(describe(&progress), "4.0 cases/s  10 s to go  2 failed");
    }
}
