//! `layoutopt status OUTPUT`.

use std::process::ExitCode;

use layoutopt::report::SweepStatus;
use layoutopt::{Problem, Result};

use super::args::StatusArgs;
use super::out::say;
use super::{exit, store};

/// Shows how far a sweep is.
pub fn status(args: &StatusArgs) -> Result<ExitCode> {
    let store = store::open(&args.file.output);
    let status = SweepStatus::of(&store)?;
    if args.json {
        let json = serde_json::to_string(&status).map_err(|error| Problem::new("--json", error.to_string()))?;
        say!("{json}");
    } else {
        print(&status);
    }
    Ok(ExitCode::from(exit::DONE))
}

fn print(status: &SweepStatus) {
    say!(
        "sweep {}: {} of {} cases done, {} failed, {} remaining",
        status.sweep,
        status.done,
        status.total,
        status.failed,
        status.remaining
    );
    say!();
    say!("{:>4} {:<12} {:>4} {:<24} {:>7} {:>7} {:>9}", "farm", "", "type", "", "done", "failed", "remaining");
    for group in &status.groups {
        say!(
            "{:>4} {:<12} {:>4} {:<24} {:>7} {:>7} {:>9}",
            group.farm,
            group.farm_name,
            group.turbine,
            group.turbine_name,
            group.done,
            group.failed,
            group.remaining
        );
    }
    say!();
    match (&status.output_records, &status.output_fault) {
        (Some(records), _) => say!("output: {records} cases"),
        (None, Some(fault)) => say!("output: not sound: {fault}"),
        (None, None) => say!("output: not there yet"),
    }
    say!("shards waiting: {} with {} cases", status.shards_waiting, status.shard_records);
    if status.unsound > 0 {
        say!(
            "unsound files: {}; `layoutopt merge` moves them to quarantine and keeps what is sound in them",
            status.unsound
        );
    }
    if status.quarantined > 0 {
        say!("in quarantine: {} files", status.quarantined);
    }
    say!("locked by: {}", status.locked_by.as_deref().unwrap_or("nobody"));
}
