//! Before a run: can results be kept where the user wants them? Found out by doing it, with a probe that leaves nothing behind.

use std::io::{self, Read};
use std::path::Path;

use super::fs::FileKind;
use super::publish::{Existing, Temporary, temporary_beside};
use super::store::Store;
use crate::{Error, Problem, Result};

/// Less room than this is worth a warning: some thousand cases.
const LITTLE_ROOM_BYTES: u64 = 64 << 20;

impl Store {
    /// Checks that OUTPUT can be written: its folder exists, is a folder, takes files (one is published, read back and removed
    /// again) and OUTPUT itself is a file or nothing. Leaves nothing behind.
    ///
    /// # Errors
    /// `BadInput`, naming the path and the remedy; `Disk` if the disk itself is at fault (full, I/O error).
    pub fn preflight(&self) -> Result<()> {
        let (fs, paths) = (self.fs(), self.paths());
        let dir = paths.dir();
        match fs.stat(dir) {
            // The probe follows a link to a folder.
            Ok(stat) if stat.kind != FileKind::File => {}
            Ok(_) => return Err(bad(dir, "is not a folder; choose another --output")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(bad(dir, "does not exist; make the folder first, or choose another --output"));
            }
            Err(error) => return Err(refused(dir, error)),
        }
        if paths.output.file_name().is_none() {
            return Err(bad(&paths.output, "is not the name of a file; choose another --output"));
        }
        match fs.stat(&paths.output) {
            Ok(stat) if stat.kind == FileKind::Dir => {
                return Err(bad(&paths.output, "is a folder, not a file; choose another --output"));
            }
            Ok(stat) if stat.kind == FileKind::Other => {
                return Err(bad(&paths.output, "is neither a file nor a link to one; choose another --output"));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(&paths.output, error)),
            _ => {}
        }
        self.probe(&paths.output)?;
        match fs.stat(&paths.shards) {
            Ok(stat) if stat.kind == FileKind::Dir => {
                let probed = self.probe(&paths.shards.join("probe"));
                // A merge of another process may have taken the empty folder away meanwhile.
                if fs.stat(&paths.shards).is_ok() {
                    probed?;
                }
            }
            Ok(_) => {
                return Err(bad(
                    &paths.shards,
                    "is in the way of the shards' folder; move it or choose another --output",
                ));
            }
            Err(_) => {}
        }
        if let Ok(space) = fs.space(dir)
            && space.free_bytes < LITTLE_ROOM_BYTES
        {
            tracing::warn!("{}: only {} MB are free", dir.display(), space.free_bytes >> 20);
        }
        Ok(())
    }

    /// Does all that publishing `target` takes, under names of its own.
    fn probe(&self, target: &Path) -> Result<()> {
        const TRIES: usize = 8;
        let mut last = self.probe_once(target);
        for _ in 1..TRIES {
            match &last {
                // A merge of another process took the probe for a left-over.
                Err(Error::Disk { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                _ => break,
            }
            last = self.probe_once(target);
        }
        match last {
            Err(Error::Disk { source, .. }) => Err(refused(target, source)),
            other => other,
        }
    }

    fn probe_once(&self, target: &Path) -> Result<()> {
        const CONTENTS: &[u8] = b"layoutopt checks whether files can be kept here\n";
        let fs = self.fs();
        let mut temporary = Temporary::create(fs, target)?;
        temporary.file().write_all(CONTENTS).map_err(Error::disk("write", target))?;
        let named = temporary_beside(target);
        temporary.make_durable()?.name(&named, Existing::Replace, &|| false)?;
        let mut found = Vec::new();
        let read = fs.open(&named).and_then(|mut file| file.read_to_end(&mut found));
        let removed = fs.unlink(&named);
        read.map_err(Error::disk("read", &named))?;
        removed.map_err(Error::disk("delete", &named))?;
        if found == CONTENTS {
            return Ok(());
        }
        Err(Error::disk("read back what was written to", &named)(io::Error::other("other bytes came back")))
    }
}

fn bad(path: &Path, fault: &str) -> Error {
    Problem::new(path.display().to_string(), fault).into()
}

/// A full or failing disk is not the user's input; everything else can be cured by another --output.
fn refused(path: &Path, error: io::Error) -> Error {
    const EIO: i32 = 5;
    let disk = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        || error.raw_os_error() == Some(EIO);
    if disk {
        return Error::disk("write", path)(error);
    }
    bad(path, &format!("cannot be written: {error}; choose another --output"))
}
