//! `layoutopt merge OUTPUT`.

use std::process::ExitCode;

use layoutopt::Result;
use layoutopt::store::{MergeReport, Quarantined};
use layoutopt::sweep::merge_now;

use super::args::MergeArgs;
use super::out::say;
use super::{exit, store};

/// Merges the shards of OUTPUT now.
pub fn merge(args: &MergeArgs) -> Result<ExitCode> {
    let store = store::open(&args.output);
    let (report, quarantined) = merge_now(&store, args.compression)?;
    say!("{}: {}", store.output().display(), describe(&report));
    let sound = name_unsound(&report, &quarantined);
    Ok(ExitCode::from(if sound { exit::DONE } else { exit::INCOMPLETE }))
}

/// What OUTPUT holds after a merge.
pub fn describe(report: &MergeReport) -> String {
    let mut parts = vec![format!("{} cases solved, {} failed", report.solved, report.failed)];
    if report.added > 0 {
        parts.push(format!("{} new", report.added));
    }
    if report.segments_kept > 0 {
        parts.push(format!("{} shards left for later", report.segments_kept));
    }
    parts.join(", ")
}

/// Names stored data that was not sound; whether there was none.
pub fn name_unsound(report: &MergeReport, quarantined: &[Quarantined]) -> bool {
    for moved in quarantined.iter().chain(&report.quarantined) {
        tracing::error!(
            "{}: {}; moved to {}, {} sound cases in it are kept",
            moved.from.display(),
            moved.flaw,
            moved.to.display(),
            moved.salvaged
        );
    }
    for unsound in &report.unsound {
        tracing::error!("{}: {}; not merged", unsound.path.display(), unsound.flaw);
    }
    quarantined.is_empty() && report.quarantined.is_empty() && report.unsound.is_empty()
}
