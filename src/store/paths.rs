//! Where the files of one OUTPUT lie.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::publish::parent;

/// Sub-folder of `OUTPUT.shards` for what is not sound.
pub(super) const QUARANTINE: &str = "quarantine";
/// Held for the life of a run.
pub(super) const LIVE: &str = ".live";
/// The run's complete sweep.
pub(super) const SWEEP: &str = "sweep.toml";

/// The names that belong to one OUTPUT.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    /// OUTPUT itself; if the caller's name is a symbolic link, what it points to, because a rename would replace the link.
    pub(super) output: PathBuf,
    /// `OUTPUT.shards`.
    pub(super) shards: PathBuf,
    /// `OUTPUT.lock`.
    pub(super) lock: PathBuf,
}

impl Paths {
    pub(super) fn of(output: &Path) -> Self {
        let output = resolve(output);
        Self { shards: beside(&output, ".shards"), lock: beside(&output, ".lock"), output }
    }

    pub(super) fn dir(&self) -> &Path {
        parent(&self.output)
    }

    pub(super) fn quarantine(&self) -> PathBuf {
        self.shards.join(QUARANTINE)
    }

    pub(super) fn merge_lock(&self) -> PathBuf {
        self.shards.join(".merge.lock")
    }

    pub(super) fn backup(&self) -> PathBuf {
        beside(&self.output, ".bak")
    }

    pub(super) fn run(&self, run: &OsStr) -> PathBuf {
        self.shards.join(run)
    }
}

/// Name of a worker's segment: `w003-000017.h5`.
pub(super) fn segment_name(worker: usize, sequence: u64) -> OsString {
    format!("w{worker:03}-{sequence:06}.h5").into()
}

/// Worker and sequence number of a name that [`segment_name`] made.
pub(super) fn parse_segment_name(name: &OsStr) -> Option<(usize, u64)> {
    let (worker, sequence) = name.to_str()?.strip_prefix('w')?.strip_suffix(".h5")?.split_once('-')?;
    Some((worker.parse().ok()?, sequence.parse().ok()?))
}

/// Whether a name in a run's folder is that of a segment, put aside for deletion or not.
pub(super) fn is_segment(name: &OsStr) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let name = name.as_bytes();
    name.ends_with(b".h5") && !name.starts_with(b".")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

fn resolve(output: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(output).is_ok_and(|metadata| metadata.is_symlink());
    if !is_link {
        return output.to_owned();
    }
    match fs::canonicalize(output) {
        Ok(real) => real,
        // A link to a file that does not exist yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::read_link(output).map_or_else(|_| output.to_owned(), |target| parent(output).join(target))
        }
        // A loop: preflight reports it.
        Err(_) => output.to_owned(),
    }
}
