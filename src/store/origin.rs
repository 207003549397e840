//! Which sweep a single file belongs to.

use std::path::Path;

use super::inventory::StoredSweep;
use super::paths::SWEEP;
use super::run_dir::parse_sweep;
use super::validate::read_output_root;
use crate::{Error, Result};

/// The sweep of an OUTPUT (in its root) or of a segment (beside it, in its run's folder).
///
/// # Errors
/// `Unsound` or `Disk` if neither can be read.
pub fn sweep_of(path: &Path) -> Result<StoredSweep> {
    if let Ok(root) = read_output_root(path) {
        return Ok(StoredSweep { path: path.to_owned(), text: root.facts.sweep });
    }
    let beside = path.with_file_name(SWEEP);
    let bytes = std::fs::read(&beside).map_err(Error::disk("read", &beside))?;
    match parse_sweep(&bytes) {
        Ok(text) => Ok(StoredSweep { path: beside, text }),
        Err(flaw) => Err(Error::Unsound { path: beside, reason: flaw.to_string() }),
    }
}
