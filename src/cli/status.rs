//! `layoutopt status OUTPUT`.

use std::process::ExitCode;

use layoutopt::report::SweepStatus;
use layoutopt::{Problem, Result};

use super::args::StatusArgs;
use super::{exit, store};

/// Shows how far a sweep is.
pub fn status(args: &StatusArgs) -> Result<ExitCode> {
    let store = store::open(&args.file.output);
    let status = SweepStatus::of(&store)?;
    if args.json {
        let json = serde_json::to_string(&status).map_err(|error| Problem::new("--json", error.to_string()))?;
        println!("{json}");
    } else {
        print(&status);
    }
    Ok(ExitCode::from(exit::DONE))
}

fn print(status: &SweepStatus) {
    println!(
        "sweep {}: {} of {} cases done, {} failed, {} remaining",
        status.sweep, status.done, status.total, status.failed, status.remaining
    );
    println!();
    println!("{:>4} {:<12} {:>4} {:<24} {:>7} {:>7} {:>9}", "farm", "", "type", "", "done", "failed", "remaining");
    for group in &status.groups {
        println!(
            "{:>4} {:<12} {:>4} {:<24} {:>7} {:>7} {:>9}",
            group.farm, group.farm_name, group.turbine, group.turbine_name, group.done, group.failed, group.remaining
        );
    }
    println!();
    match (&status.output_records, &status.output_fault) {
        (Some(records), _) => println!("output: {records} cases"),
        (None, Some(fault)) => println!("output: not sound: {fault}"),
        (None, None) => println!("output: not there yet"),
    }
    println!("shards waiting: {} with {} cases", status.shards_waiting, status.shard_records);
    if status.unsound > 0 {
        println!(
            "unsound files: {}; `layoutopt merge` moves them to quarantine and keeps what is sound in them",
            status.unsound
        );
    }
    if status.quarantined > 0 {
        println!("in quarantine: {} files", status.quarantined);
    }
    println!("locked by: {}", status.locked_by.as_deref().unwrap_or("nobody"));
}
