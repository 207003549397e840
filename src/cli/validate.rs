//! `layoutopt validate FILE...`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::MultiProgress;
use layoutopt::report::{FileReport, validate as validate_file};
use layoutopt::store::Salvager;
use layoutopt::sweep::pin::Cpus;
use layoutopt::{Problem, Result};
use serde::Serialize;

use super::args::{Messages, ValidateArgs};
use super::{exit, simd};

/// What `--json` prints: all files together, then each.
#[derive(Debug, Serialize)]
struct Report {
    is_valid: bool,
    errors: Vec<String>,
    warnings: Vec<String>,
    cases: u64,
    failed: u64,
    file_size_bytes: u64,
    files: Vec<FileReport>,
}

/// A validation that takes longer says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

/// Proves files.
pub fn validate(args: &ValidateArgs, messages: &Messages, terminal: &MultiProgress) -> Result<ExitCode> {
    let salvager = std::env::current_exe().ok().map(Salvager::new);
    let (threads, simd) = (Cpus::allowed().count(), simd::instructions()?);
    let mut files = Vec::new();
    for path in &args.files {
        let mut said = Instant::now();
        let report = validate_file(path, salvager.as_ref(), threads, simd, &mut |proven| {
            if said.elapsed() >= PROGRESS_INTERVAL && !messages.quiet {
                said = Instant::now();
                terminal.suspend(|| eprintln!("{}: {proven} cases proven", path.display()));
            }
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
        println!("{json}");
    }
    Ok(ExitCode::from(if is_valid { exit::DONE } else { exit::INCOMPLETE }))
}

fn print(report: &FileReport) {
    let verdict = if report.is_valid { "valid" } else { "NOT valid" };
    println!(
        "{}: {verdict}, {} cases solved, {} failed, {} bytes",
        report.file, report.cases, report.failed, report.file_size_bytes
    );
    for error in &report.errors {
        println!("  error: {error}");
    }
    for warning in &report.warnings {
        println!("  warning: {warning}");
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
        file_size_bytes: files.iter().map(|file| file.file_size_bytes).sum(),
        files,
    }
}
