//! `layoutopt repair FILE`.

use std::process::ExitCode;

use indicatif::MultiProgress;
use layoutopt::Result;
use layoutopt::report::{Effort, Repair, RepairSettings, Replaced, repair as repair_file};
use layoutopt::store::LostCase;
use layoutopt::sweep::Overrides;
use layoutopt::sweep::pin::Cpus;
use serde_json::{Value, json};

use super::args::{Messages, RepairArgs};
use super::out::say;
use super::progress::Ticker;
use super::{exit, simd, store, sweeps};

/// Keeps what is sound in a damaged file.
pub fn repair(args: &RepairArgs, messages: &Messages, terminal: &MultiProgress) -> Result<ExitCode> {
    let named = args.sweep.as_deref().map(|name| sweeps::named(name, &Overrides::default()));
    let settings = RepairSettings {
        backup: !args.no_backup,
        sweep: named.transpose()?,
        salvager: store::salvager()?,
        effort: Effort { aep_share: 1.0, threads: Cpus::allowed().count(), simd: simd::instructions()? },
    };
    let mut ticker = Ticker::new(terminal, messages.quiet);
    let place = args.file.display();
    let done =
        repair_file(&args.file, &settings, &mut |proven| ticker.tick(&format!("{place}: {proven} cases proven")))?;
    match done {
        Repair::NothingToDo(found) if args.json => {
            say!("{}", json!({ "repaired": false, "cases": found.cases, "failed": found.failed }));
            Ok(ExitCode::from(exit::DONE))
        }
        Repair::NothingToDo(found) => {
            say!("{place}: nothing to repair, {} cases solved, {} failed; not changed", found.cases, found.failed);
            Ok(ExitCode::from(exit::DONE))
        }
        Repair::Replaced(replaced) => Ok(conclude(args, &replaced)),
    }
}

fn conclude(args: &RepairArgs, replaced: &Replaced) -> ExitCode {
    let place = args.file.display();
    for fault in &replaced.faults {
        tracing::info!("{place}: {fault}");
    }
    let code = ExitCode::from(if replaced.lost.is_empty() { exit::DONE } else { exit::INCOMPLETE });
    if args.json {
        say!("{}", as_json(replaced));
        return code;
    }
    say!("{place}: repaired, {} cases kept, {} lost", replaced.kept.len(), replaced.lost.len());
    for key in &replaced.kept {
        say!("  kept {key}");
    }
    for LostCase { case, reason } in &replaced.lost {
        say!("  lost {case}: {reason}");
    }
    for warning in &replaced.warnings {
        say!("  warning: {warning}");
    }
    if let Some(backup) = &replaced.backup {
        say!("the damaged file is {}", backup.display());
    }
    if replaced.missing > 0 {
        say!(
            "{} cases of the sweep are not in it; to compute them: layoutopt run {place} --output {place}",
            replaced.missing
        );
    }
    code
}

fn as_json(replaced: &Replaced) -> Value {
    json!({
        "repaired": true,
        "kept": replaced.kept.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "lost": replaced.lost,
        "missing": replaced.missing,
        "faults": replaced.faults,
        "warnings": replaced.warnings,
        "backup": replaced.backup.as_ref().map(|path| path.display().to_string()),
    })
}
