//! `layoutopt recover PATH... --output OUT`.

use std::collections::BTreeSet;
use std::process::ExitCode;

use indicatif::MultiProgress;
use layoutopt::Result;
use layoutopt::store::{CaseKey, Store};
use layoutopt::sweep::pin::Cpus;
use layoutopt::sweep::{Overrides, Recovery, RecoverySettings, recover as recover_files};
use serde_json::{Value, json};

use super::args::{Messages, RecoverArgs};
use super::out::say;
use super::progress::Ticker;
use super::{exit, simd, store, sweeps};

/// Collects what is sound into one OUTPUT.
pub fn recover(args: &RecoverArgs, messages: &Messages, terminal: &MultiProgress) -> Result<ExitCode> {
    let named = args.sweep.as_deref().map(|name| sweeps::named(name, &Overrides::default()));
    let settings = RecoverySettings {
        sweep: named.transpose()?,
        salvager: store::salvager()?,
        threads: Cpus::allowed().count(),
        simd: simd::instructions()?,
        compression: args.compression,
    };
    let store = Store::at(&args.output);
    let mut ticker = Ticker::new(terminal, messages.quiet);
    let report = recover_files(&args.paths, &store, &settings, &mut |read, all| {
        ticker.tick(&format!("{read} of {all} files read"));
    })?;
    Ok(conclude(args, &report))
}

fn conclude(args: &RecoverArgs, report: &Recovery) -> ExitCode {
    let output = args.output.display();
    for (file, flaw) in &report.damaged {
        tracing::error!("{}: {flaw}; what is sound in it is taken, the file is left as it is", file.display());
    }
    for (file, lost) in &report.lost {
        tracing::error!("{}: {} is not taken: {}", file.display(), lost.case, lost.reason);
    }
    for unsound in &report.merge.unsound {
        tracing::error!("{}: {}; not merged", unsound.path.display(), unsound.flaw);
    }
    if args.json {
        say!("{}", as_json(&output.to_string(), report));
    } else {
        print(&output.to_string(), report);
    }
    let sound = report.damaged.is_empty() && report.lost.is_empty() && report.merge.unsound.is_empty();
    ExitCode::from(if sound { exit::DONE } else { exit::INCOMPLETE })
}

fn print(output: &str, report: &Recovery) {
    say!(
        "{output}: {} cases recovered from {} files, {} found more than once; {} solved, {} failed in it now",
        report.taken,
        report.files,
        report.duplicates,
        report.merge.solved,
        report.merge.failed
    );
    if report.foreign > 0 {
        say!(
            "{} of them are layouts of the Python script, marked as recovered; {} had no AEP (0.0) and have one now",
            report.foreign,
            report.never_evaluated
        );
    }
    if report.missing.is_empty() {
        say!("no case of the sweep is missing ({} cases)", report.total);
    } else {
        name_missing(output, report);
    }
}

fn as_json(output: &str, report: &Recovery) -> Value {
    let damaged = report
        .damaged
        .iter()
        .map(|(file, flaw)| json!({ "file": file.display().to_string(), "reason": flaw.to_string() }));
    let lost = report
        .lost
        .iter()
        .map(|(file, lost)| json!({ "file": file.display().to_string(), "case": lost.case, "reason": lost.reason }));
    json!({
        "output": output,
        "files": report.files,
        "recovered": report.taken,
        "foreign": report.foreign,
        "never_evaluated": report.never_evaluated,
        "duplicates": report.duplicates,
        "damaged": damaged.collect::<Vec<_>>(),
        "lost": lost.collect::<Vec<_>>(),
        "total": report.total,
        "missing": report.missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "command": (!report.missing.is_empty()).then(|| command(output, &report.missing)),
    })
}

/// What is missing and the command for it: hot start leaves out what is there, so naming farms and types only narrows it to them.
fn name_missing(output: &str, report: &Recovery) {
    say!("missing: {} of {} cases", report.missing.len(), report.total);
    for line in by_seeds(&report.missing) {
        say!("  {line}");
    }
    say!("to compute just those:");
    say!("  {}", command(output, &report.missing));
}

fn command(output: &str, missing: &[CaseKey]) -> String {
    let indices = |of: fn(&CaseKey) -> u32| {
        let indices: BTreeSet<u32> = missing.iter().map(of).collect();
        indices.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    };
    let (farms, types) = (indices(|key| key.farm), indices(|key| key.turbine));
    format!("layoutopt run {output} --output {output} --farms {farms} --types {types}")
}

/// One line for each farm and turbine type: `farm0_t5: seeds 0..3, 7`.
fn by_seeds(missing: &[CaseKey]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for group in missing.chunk_by(|a, b| (a.farm, a.turbine) == (b.farm, b.turbine)) {
        let ranges = group.chunk_by(|a, b| a.seed.checked_add(1) == Some(b.seed)).map(|range| {
            let (first, last) = (range[0].seed, range[range.len() - 1].seed);
            if first == last { first.to_string() } else { format!("{first}..{}", u128::from(last) + 1) }
        });
        let seeds = ranges.collect::<Vec<_>>().join(", ");
        let noun = if group.len() == 1 { "seed" } else { "seeds" };
        lines.push(format!("farm{}_t{}: {noun} {seeds}", group[0].farm, group[0].turbine));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_cases_are_told_in_ranges() {
        let key = |farm, turbine, seed| CaseKey { farm, turbine, seed };
        let missing = [key(0, 5, 0), key(0, 5, 1), key(0, 5, 2), key(0, 5, 7), key(1, 0, 3), key(1, 2, 3)];
        assert_eq!(by_seeds(&missing), ["farm0_t5: seeds 0..3, 7", "farm1_t0: seed 3", "farm1_t2: seed 3"]);
        let last = by_seeds(&[key(0, 0, u64::MAX - 1), key(0, 0, u64::MAX)]);
        assert_eq!(last, ["farm0_t0: seeds 18446744073709551614..18446744073709551616"]);
    }
}
