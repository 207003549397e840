//! Publishing: the only way a file of the store gets its name.
//!
//! 1. a new temporary name in the same directory, 2. write, 3. fsync, 4. rename (or link, where replacing is forbidden),
//! 5. fsync the directory.
//!
//! Without 3 a power cut leaves a correctly named file of 0 bytes; without 5 it may leave none.
//! An fsync that failed is never repeated on the same file (the kernel has dropped the pages and would say "done"): the file is
//! discarded and written anew.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fs::{NewFile, StoreFs};
use crate::{Error, Result};

/// What to do when the name is already taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// Replace it: the new contents contain the old.
    Replace,
    /// Leave it and fail with `AlreadyExists`.
    Refuse,
}

/// Waits before the second, the third and the last try.
const PAUSES_MS: [u64; 3] = [50, 200, 800];

/// Gives `bytes` the name `path`, whole and durable, or leaves `path` as it was.
///
/// After an error `path` holds the old contents or, if the very last step failed, the new; never anything else.
pub(super) fn publish(fs: &dyn StoreFs, path: &Path, bytes: &[u8], existing: Existing) -> Result<()> {
    let mut last = attempt(fs, path, bytes, existing);
    for pause in PAUSES_MS {
        match &last {
            Err(Error::Disk { source, .. }) if worth_another_try(source) => {}
            _ => break,
        }
        fs.pause(Duration::from_millis(pause));
        last = attempt(fs, path, bytes, existing);
    }
    last
}

/// Names and permissions do not change within a second; a full disk, a stale handle or an I/O error may.
fn worth_another_try(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidFilename
    )
}

fn attempt(fs: &dyn StoreFs, path: &Path, bytes: &[u8], existing: Existing) -> Result<()> {
    let temporary = Temporary::create(fs, path)?;
    temporary.write(bytes)?.name(path, existing, &|| has_contents(fs, path, bytes))
}

fn has_contents(fs: &dyn StoreFs, path: &Path, bytes: &[u8]) -> bool {
    let read = || -> io::Result<Vec<u8>> {
        let mut found = Vec::new();
        fs.open(path)?.take(bytes.len() as u64 + 1).read_to_end(&mut found)?;
        Ok(found)
    };
    read().is_ok_and(|found| found == bytes)
}

/// A file on its way to its name; removed when dropped before it got it.
pub(super) struct Temporary<'fs> {
    fs: &'fs dyn StoreFs,
    path: PathBuf,
    file: Option<Box<dyn NewFile>>,
}

impl<'fs> Temporary<'fs> {
    /// A new file beside `target`.
    pub(super) fn create(fs: &'fs dyn StoreFs, target: &Path) -> Result<Self> {
        let path = temporary_beside(target);
        let file = fs.create_new(&path).map_err(Error::disk("create", &path))?;
        Ok(Self { fs, path, file: Some(file) })
    }

    /// Where it is for now.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The open file.
    pub(super) fn file(&mut self) -> &mut dyn NewFile {
        self.file.as_mut().expect("the file is open until it is made durable").as_mut()
    }

    fn write(mut self, bytes: &[u8]) -> Result<Durable<'fs>> {
        self.file().write_all(bytes).map_err(Error::disk("write", &self.path))?;
        self.make_durable()
    }

    /// Syncs and closes the file.
    pub(super) fn make_durable(mut self) -> Result<Durable<'fs>> {
        self.file().sync().map_err(Error::disk("sync", &self.path))?;
        self.file = None;
        Ok(Durable(self))
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            // Best effort: a temporary file left behind is ignored by every reader and removed by a later merge.
            let _ = self.fs.unlink(&self.path);
        }
    }
}

/// A temporary file whose contents are on the disk; all it lacks is its name.
pub(super) struct Durable<'fs>(Temporary<'fs>);

impl Durable<'_> {
    /// Where it is for now.
    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    /// Gives the file its name and makes the name durable. `arrived` tells whether `target` now holds the new contents: asked
    /// when the file system reports an error, because on NFS a rename may have happened nevertheless.
    pub(super) fn name(mut self, target: &Path, existing: Existing, arrived: &dyn Fn() -> bool) -> Result<()> {
        let fs = self.0.fs;
        let named = match existing {
            Existing::Replace => fs.rename(&self.0.path, target),
            Existing::Refuse => fs.link(&self.0.path, target),
        };
        match (named, existing) {
            (Ok(()), Existing::Replace) => self.0.path = PathBuf::new(),
            (Ok(()), Existing::Refuse) => {}
            (Err(_), _) if arrived() => {}
            (Err(source), _) => {
                return Err(Error::Disk { action: "give a finished file its name", path: target.to_owned(), source });
            }
        }
        drop(self);
        let dir = parent(target);
        fs.sync_dir(dir).map_err(Error::disk("sync the folder", dir))
    }
}

/// The folder of a file; `.` for a bare name.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

/// Whether a name is that of a temporary file for `target`; for any target if that is empty.
pub(super) fn is_temporary(name: &OsStr, target: &OsStr) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let (name, target) = (name.as_bytes(), target.as_bytes());
    if name.first() != Some(&b'.') || name.len() < 22 {
        return false;
    }
    let (stem, nonce) = name[1..].split_at(name.len() - 17);
    nonce.iter().all(u8::is_ascii_hexdigit)
        && stem.strip_suffix(b".tmp-").is_some_and(|stem| target.is_empty() || stem == target)
}

/// A new temporary name beside `target`.
pub(super) fn temporary_beside(target: &Path) -> PathBuf {
    target.with_file_name(temporary_name(target.file_name().unwrap_or_default()))
}

fn temporary_name(target: &OsStr) -> OsString {
    let mut name = OsString::from(".");
    name.push(target);
    name.push(format!(".tmp-{:016x}", nonce()));
    name
}

/// 64 bits that no other process, thread or call has.
pub(super) fn nonce() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // RandomState is seeded by the operating system once per thread and counts on from there.
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use super::super::simfs::{Fault, SimFs};
    use super::*;

    const OLD: &[u8] = b"old";
    const NEW: &[u8] = b"new and longer";

    fn with_old() -> (SimFs, PathBuf) {
        let fs = SimFs::new();
        fs.mkdir(Path::new("/d")).unwrap();
        fs.settle();
        let path = PathBuf::from("/d/f");
        publish(&fs, &path, OLD, Existing::Replace).unwrap();
        (fs, path)
    }

    #[test]
    fn replaces_whole_and_leaves_no_temporary_file() {
        let (fs, path) = with_old();
        publish(&fs, &path, NEW, Existing::Replace).unwrap();
        assert_eq!(fs.contents(&path).unwrap(), NEW);
        assert_eq!(fs.list(Path::new("/d")).unwrap().len(), 1);
    }

    #[test]
    fn refusing_keeps_what_is_there() {
        let (fs, path) = with_old();
        let error = publish(&fs, &path, NEW, Existing::Refuse).unwrap_err();
        assert!(matches!(error, Error::Disk { source, .. } if source.kind() == io::ErrorKind::AlreadyExists));
        assert_eq!(fs.contents(&path).unwrap(), OLD);
        assert_eq!(fs.list(Path::new("/d")).unwrap().len(), 1);
    }

    #[test]
    fn under_every_fault_at_every_operation_the_name_holds_old_or_new() {
        for errno in [5, 28, 122, 4, 116, 13, 30, 24] {
            for fault in [Fault::once as fn(u64, i32) -> Fault, Fault::for_good] {
                // EINTR for ever is no fault but a livelock, of `write_all` as of any caller.
                let fault = if errno == 4 { Fault::once } else { fault };
                for n in 0.. {
                    let (fs, path) = with_old();
                    fs.inject(fault(n, errno));
                    let result = publish(&fs, &path, NEW, Existing::Replace);
                    let fired = fs.heal();
                    let contents = fs.contents(&path).unwrap();
                    assert!(contents == OLD || contents == NEW, "errno {errno} at operation {n}: {contents:?}");
                    if result.is_ok() {
                        assert_eq!(contents, NEW, "acknowledged, but not there: errno {errno} at {n}");
                        assert_eq!(fs.durable(&path).as_deref(), Some(NEW), "acknowledged, but not durable");
                    }
                    if !fired {
                        break;
                    }
                }
            }
        }
    }

    #[test]
    fn an_error_once_is_survived_by_writing_anew() {
        for n in 0..5 {
            let (fs, path) = with_old();
            fs.inject(Fault::once(n, 5));
            publish(&fs, &path, NEW, Existing::Replace).unwrap();
            assert_eq!(fs.contents(&path).unwrap(), NEW);
        }
    }

    #[test]
    fn power_loss_after_any_operation_leaves_old_or_new() {
        for n in 0.. {
            let (fs, path) = with_old();
            fs.inject(Fault::crash(n));
            let result = publish(&fs, &path, NEW, Existing::Replace);
            let fired = fs.heal();
            let survived = fs.durable(&path);
            assert!(
                survived.as_deref() == Some(OLD) || survived.as_deref() == Some(NEW),
                "crash at operation {n} left {survived:?}"
            );
            if !fired {
                result.unwrap();
                break;
            }
        }
    }

    #[test]
    fn temporary_names_are_told_from_names() {
        let name = temporary_name(OsStr::new("layouts.h5"));
        assert!(is_temporary(&name, OsStr::new("layouts.h5")));
        assert!(is_temporary(&name, OsStr::new("")));
        assert!(!is_temporary(&name, OsStr::new("other.h5")));
        assert!(!is_temporary(OsStr::new("w000-000000.h5"), OsStr::new("")));
        assert!(!is_temporary(OsStr::new(".hidden.tmp-file"), OsStr::new("")));
    }
}
