//! `layoutopt reorganize FILE`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use layoutopt::store::{Arrangement, reorganize as write_copy};
use layoutopt::{Problem, Result};

use super::args::ReorganizeArgs;
use super::exit;
use super::out::say;

/// Writes a copy of OUTPUT, arranged.
pub fn reorganize(args: &ReorganizeArgs) -> Result<ExitCode> {
    let output = args.output.clone().unwrap_or_else(|| beside(&args.file, args.by));
    if !args.file.is_file() {
        return Err(Problem::new(args.file.display().to_string(), "is not a file; give an OUTPUT").into());
    }
    if output.symlink_metadata().is_ok() && !args.force {
        return Err(Problem::new(output.display().to_string(), "exists; give another --output, or --force").into());
    }
    let cases = write_copy(&args.file, &output, args.by, args.compression, args.force)?;
    say!("{}: {cases} cases, by {}", output.display(), args.by.name());
    Ok(ExitCode::from(exit::DONE))
}

/// `layouts.h5` becomes `layouts.by-farm.h5`.
fn beside(file: &Path, by: Arrangement) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".by-{}", by.name()));
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}
