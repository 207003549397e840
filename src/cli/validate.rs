//! `layoutopt validate FILE...`.

use std::process::ExitCode;

use indicatif::MultiProgress;
use layoutopt::report::{Effort, FileReport, validate as validate_file};
use layoutopt::store::Salvager;
use layoutopt::sweep::pin::Cpus;
use layoutopt::{Problem, Result};
use serde::Serialize;

use super::args::{Messages, ValidateArgs};
use super::out::say;
use super::progress::Ticker;
use super::{exit, simd};

/// What `--json` prints: all files together, then each.
#[derive(Debug, Serialize)]
struct Report {
    is_valid: bool,
    errors: Vec<String>,
    warnings: Vec<String>,
    cases: u64,
    failed: u64,
    aep_recomputed: u64,
    file_size_bytes: u64,
    files: Vec<FileReport>,
}

/// Proves files.
pub fn validate(args: &ValidateArgs, messages: &Messages, terminal: &MultiProgress) -> Result<ExitCode> {
    let salvager = std::env::current_exe().ok().map(Salvager::new);
    let effort = Effort {
        aep_share: args.sample.map_or(1.0, |sample| sample.0),
        threads: Cpus::allowed().count(),
        simd: simd::instructions()?,
    };
    let mut files = Vec::new();
    for path in &args.files {
        let mut ticker = Ticker::new(terminal, messages.quiet);
        let report = validate_file(path, salvager.as_ref(), effort, &mut |proven| {
            ticker.tick(&format!("{}: {proven} cases proven", path.display()));
        })?;
        if !args.json {
            print(&report);
        }
        files.push(report);
    }
    let is_valid = files.iter().all(|file| file.is_valid);
    if args.json {
        let json =
            serde_json::to_string(&together(files)).map_err(|error| Problem::new("--json", error.to_string()))?;
        say!("{json}");
    }
    Ok(ExitCode::from(if is_valid { exit::DONE } else { exit::INCOMPLETE }))
}

fn print(report: &FileReport) {
    let verdict = if report.is_valid { "valid" } else { "NOT valid" };
    say!(
        "{}: {verdict}, {} cases solved, {} failed, AEP of {} recomputed, {} bytes",
        report.file,
        report.cases,
        report.failed,
        report.aep_recomputed,
        report.file_size_bytes
    );
    for error in &report.errors {
        say!("  error: {error}");
    }
    for warning in &report.warnings {
        say!("  warning: {warning}");
    }
}

fn together(files: Vec<FileReport>) -> Report {
    let named = |of: fn(&FileReport) -> &Vec<String>| {
        files.iter().flat_map(|file| of(file).iter().map(|text| format!("{}: {text}", file.file))).collect()
    };
    Report {
        is_valid: files.iter().all(|file| file.is_valid),
        errors: named(|file| &file.errors),
        warnings: named(|file| &file.warnings),
        cases: files.iter().map(|file| file.cases).sum(),
        failed: files.iter().map(|file| file.failed).sum(),
        aep_recomputed: files.iter().map(|file| file.aep_recomputed).sum(),
        file_size_bytes: files.iter().map(|file| file.file_size_bytes).sum(),
        files,
    }
}
