//! Which files a user means who names files and folders to recover.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::inventory::StoredSweep;
use super::paths::SWEEP;
use super::publish::parent;
use super::run_dir::parse_sweep;
use crate::{Error, Problem, Result};

/// The named files, and below named folders every file whose name says HDF5 (`w003-000017.h5`, in quarantine
/// `w003-000017.h5.digest.1f3c...`); each once, sorted. Links to folders are not followed, nor are fifos opened.
///
/// # Errors
/// Every path that is not there, and files that are none, as one list of problems.
pub fn files_below(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let (mut files, mut problems) = (BTreeSet::new(), Vec::new());
    for path in paths {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => walk(path, &mut files)?,
            Ok(found) if found.is_file() => {
                files.insert(real(path));
            }
            Ok(_) => problems.push(Problem::new(path.display().to_string(), "is neither a file nor a folder")),
            Err(error) => problems.push(Problem::new(path.display().to_string(), format!("cannot be read: {error}"))),
        }
    }
    if problems.is_empty() { Ok(files.into_iter().collect()) } else { Err(Error::BadInput(problems)) }
}

/// The sweeps that lie beside segments, proven.
pub fn sweeps_beside(files: &[PathBuf]) -> Vec<StoredSweep> {
    let folders: BTreeSet<&Path> = files.iter().map(|file| parent(file)).collect();
    let read = |folder: &Path| {
        let path = folder.join(SWEEP);
        let text = parse_sweep(&std::fs::read(&path).ok()?).ok()?;
        Some(StoredSweep { path, text })
    };
    folders.into_iter().filter_map(read).collect()
}

fn walk(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(Error::disk("list", folder))? {
        let entry = entry.map_err(Error::disk("list", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(Error::disk("read", &path))?;
        if kind.is_dir() {
            walk(&path, files)?;
        } else if says_hdf5(&entry.file_name()) && std::fs::metadata(&path).is_ok_and(|found| found.is_file()) {
            files.insert(real(&path));
        }
    }
    Ok(())
}

/// Two names of one file are one file.
fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn says_hdf5(name: &OsStr) -> bool {
    let name = name.as_bytes();
    let has = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    !name.starts_with(b".")
        && (name.ends_with(b".h5") || name.ends_with(b".hdf5") || has(b".h5."))
        && !(name.ends_with(b".json") || name.ends_with(b".lock"))
}
