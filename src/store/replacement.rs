//! Replacing a damaged file: a new one is made and proven in a folder beside it, the old one gets a second name, then the new one its
//! name.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fs::{FileKind, RealFs, StoreFs};
use super::lock::{holder, is_held};
use super::paths::Paths;
use super::publish::{nonce, parent};
use super::store::Store;
use crate::{Error, Result};

/// A file about to be replaced, and the folder in which its successor is made. Dropped before [`install`](Self::install), it leaves
/// the file as it was and nothing beside it.
#[derive(Debug)]
pub struct Replacement {
    target: PathBuf,
    before: Version,
    folder: PathBuf,
    store: Store,
}

/// Which contents a name stood for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    device: u64,
    inode: u64,
    len: u64,
    modified: (i64, i64),
}

impl Replacement {
    /// Prepares for replacing `file`; if it is a symbolic link, the file it points to is meant.
    ///
    /// # Errors
    /// `InUse` if a run holds the file; `Disk` if nothing can be made beside it.
    pub fn of(file: &Path) -> Result<Self> {
        let paths = Paths::of(file);
        let target = paths.output.clone();
        if is_held(&RealFs, &paths.lock).unwrap_or(false) {
            return Err(Error::InUse { output: target, holder: holder(&RealFs, &paths.lock) });
        }
        let before = Version::of(&target)?;
        let folder = parent(&target).join(format!(".repair-{:016x}", nonce()));
        RealFs.mkdir(&folder).map_err(Error::disk("make the folder", &folder))?;
        let store = Store::on(Arc::new(RealFs), &folder.join(target.file_name().unwrap_or_default()));
        Ok(Self { target, before, folder, store })
    }

    /// The store whose OUTPUT will replace the file.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Gives the new file the old one's name; with `backup` the old one stays as `FILE.backup`, `FILE.backup.1` and so on, whichever
    /// name is free. Returns the backup's name.
    ///
    /// # Errors
    /// `InUse` if the file changed since [`of`](Self::of); `Disk`. The file is then as it was.
    pub fn install(self, backup: bool) -> Result<Option<PathBuf>> {
        let (fs, dir) = (&RealFs, parent(&self.target));
        let made = self.store.output();
        if !matches!(fs.stat(made), Ok(stat) if stat.kind == FileKind::File) {
            return Err(Error::disk("find", made)(io::ErrorKind::NotFound.into()));
        }
        if Version::of(&self.target)? != self.before {
            let holder = "another process, which changed it meanwhile".into();
            return Err(Error::InUse { output: self.target.clone(), holder });
        }
        let kept = if backup { Some(self.back_up()?) } else { None };
        fs.sync_dir(dir).map_err(Error::disk("sync the folder", dir))?;
        fs.rename(made, &self.target).map_err(Error::disk("replace", &self.target))?;
        fs.sync_dir(dir).map_err(Error::disk("sync the folder", dir))?;
        Ok(kept)
    }

    fn back_up(&self) -> Result<PathBuf> {
        let mut number = 0_u64;
        loop {
            let mut name = OsString::from(self.target.file_name().unwrap_or_default());
            name.push(if number == 0 { ".backup".to_owned() } else { format!(".backup.{number}") });
            let path = self.target.with_file_name(name);
            match RealFs.link(&self.target, &path) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(Error::disk("give the damaged file the name", &path)(error)),
            }
        }
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!("cannot remove {}: {error}", self.folder.display());
        }
    }
}

impl Version {
    fn of(path: &Path) -> Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(path).map_err(Error::disk("read", path))?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            len: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_file_stays_under_the_first_free_name() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.h5");
        std::fs::write(&file, "0").unwrap();
        std::fs::write(dir.path().join("a.h5.backup"), "precious").unwrap();
        for (round, expected) in [(1, "a.h5.backup.1"), (2, "a.h5.backup.2")] {
            let replacement = Replacement::of(&file).unwrap();
            std::fs::write(replacement.store().output(), round.to_string()).unwrap();
            let kept = replacement.install(true).unwrap().unwrap();
            assert_eq!(kept, dir.path().join(expected));
            assert_eq!(std::fs::read_to_string(kept).unwrap(), (round - 1).to_string());
            assert_eq!(std::fs::read_to_string(&file).unwrap(), round.to_string());
        }
        assert_eq!(std::fs::read_to_string(dir.path().join("a.h5.backup")).unwrap(), "precious");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 4, "and no folder is left");
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.h5");
        std::fs::write(&file, "old").unwrap();
        let replacement = Replacement::of(&file).unwrap();
        std::fs::write(replacement.store().output(), "new").unwrap();
        std::fs::write(&file, "changed").unwrap();
        assert!(matches!(replacement.install(true), Err(Error::InUse { .. })));
        let unfinished = Replacement::of(&file).unwrap();
        assert!(unfinished.install(true).is_err(), "nothing was made");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "changed");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
