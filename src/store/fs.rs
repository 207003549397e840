//! The file system as the store sees it: every operation the store does on a disk goes through [`StoreFs`], so that a simulated
//! one can fail, stop or lose any of them.

use std::any::Any;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Result;

/// The operations a store needs. Paths are the caller's; nothing follows a rule that is not stated here.
pub trait StoreFs: fmt::Debug + Send + Sync {
    /// Creates a file that must not exist yet; readable and writable, closed on exec.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn NewFile>>;
    /// Opens a regular file for reading. Never blocks on a fifo.
    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>>;
    /// Renames over whatever is there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives a file a second name that must not exist yet.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a name.
    fn unlink(&self, path: &Path) -> io::Result<()>;
    /// Creates a directory that must not exist yet.
    fn mkdir(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    fn rmdir(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// What a directory holds, sorted by name.
    fn list(&self, dir: &Path) -> io::Result<Vec<Listed>>;
    /// What a name stands for; a symbolic link is not followed.
    fn stat(&self, path: &Path) -> io::Result<Stat>;
    /// Room and kind of the file system of a directory.
    fn space(&self, dir: &Path) -> io::Result<Space>;
    /// Tries to lock a file of its own, made for that purpose; see [`LockAttempt`].
    fn try_lock(&self, path: &Path, mode: LockMode, missing: Missing) -> io::Result<LockAttempt>;
    /// Waits before a retry.
    fn pause(&self, time: Duration);
}

/// A file being written.
pub trait NewFile: Read + Write + Seek + Send {
    /// Makes the contents durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Lets HDF5 write the file through a path it can open; the contents are then in this file, not yet durable.
    fn build(&mut self, build: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()>;
}

/// A file being read.
pub trait StoredFile: Read + Seek + Send {
    /// Length, bytes.
    fn size(&self) -> io::Result<u64>;
    /// A path by which HDF5 opens these very bytes, even after the name is renamed over.
    fn hdf5_path(&self) -> io::Result<ReadablePath>;
}

/// A path that stays valid as long as this lives (and, for a real file, the [`StoredFile`] it came from).
pub struct ReadablePath {
    /// The path.
    pub path: PathBuf,
    /// Whatever keeps the path valid.
    pub keep: Option<Box<dyn Any + Send>>,
}

/// A name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name alone.
    pub name: OsString,
    /// What it stands for.
    pub kind: FileKind,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Kind.
    pub kind: FileKind,
    /// Length, bytes.
    pub len: u64,
}

/// Kinds of names that the store tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// Anything else: a link, a fifo, a device.
    Other,
}

/// Room on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes an ordinary user may still write.
    pub free_bytes: u64,
    /// Whether locks are known to be seen by this node only (GPFS, `BeeGFS`).
    pub node_local_locks: bool,
}

/// Together with other holders, or alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Several may hold it.
    Shared,
    /// One may hold it.
    Exclusive,
}

/// What to do about a lock file that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Make it.
    Create,
    /// Answer `NotFound`.
    Fail,
}

/// How trying a lock ended.
pub enum LockAttempt {
    /// It is ours until dropped.
    Held(Box<dyn HeldLock>),
    /// Somebody alive holds it.
    Busy,
    /// This file system has no locks; the reason.
    Unsupported(io::Error),
}

/// A lock we hold; dropping it gives it up.
pub trait HeldLock: Send {
    /// Writes who we are into the lock file, for messages only.
    fn note(&mut self, text: &str) -> io::Result<()>;
}

/// The operating system's file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealFs;

impl StoreFs for RealFs {
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        use rustix::fs::{Mode, OFlags};
        // NONBLOCK: opening a fifo that is named like a shard must not wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Box::new(RealFile(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn mkdir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn rmdir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        let mut listed = fs::read_dir(dir)?
            .map(|entry| {
                let entry = entry?;
                Ok(Listed { name: entry.file_name(), kind: kind(entry.file_type()?) })
            })
            .collect::<io::Result<Vec<_>>>()?;
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listed)
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Stat { kind: kind(metadata.file_type()), len: metadata.len() })
    }

    fn space(&self, dir: &Path) -> io::Result<Space> {
        const GPFS: u64 = 0x4750_4653;
        const BEEGFS: u64 = 0x1983_0326;
        let stat = rustix::fs::statfs(dir)?;
        let room = rustix::fs::statvfs(dir)?;
        // The width and the sign of f_type differ by platform; magic numbers have 32 bits.
        #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)]
        let magic = stat.f_type as u64 & 0xffff_ffff;
        Ok(Space {
            free_bytes: room.f_bavail.saturating_mul(room.f_frsize),
            node_local_locks: magic == GPFS || magic == BEEGFS,
        })
    }

    fn try_lock(&self, path: &Path, mode: LockMode, missing: Missing) -> io::Result<LockAttempt> {
        let node_local = self.space(super::publish::parent(path)).is_ok_and(|space| space.node_local_locks);
        lock_file(path, mode, missing, node_local)
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// See [`StoreFs::try_lock`]; `node_local`: `flock` ends at the node here.
pub(super) fn lock_file(path: &Path, mode: LockMode, missing: Missing, node_local: bool) -> io::Result<LockAttempt> {
    // NFS grants an exclusive lock only on a file open for writing.
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(missing == Missing::Create).truncate(false);
    loop {
        let file = options.open(path)?;
        let tried = match mode {
            LockMode::Shared => file.try_lock_shared(),
            LockMode::Exclusive => file.try_lock(),
        };
        match tried {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(LockAttempt::Busy),
            Err(TryLockError::Error(error)) if no_locks_here(&error) => return Ok(LockAttempt::Unsupported(error)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if node_local && !lock_across_nodes(&file, mode)? {
            return Ok(LockAttempt::Busy);
        }
        // Whoever held it before may have removed the name: a lock on a nameless file excludes nobody.
        let held = file.metadata()?;
        let named = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            named => named?,
        };
        if (named.dev(), named.ino()) == (held.dev(), held.ino()) {
            return Ok(LockAttempt::Held(Box::new(RealFile(file))));
        }
    }
}

/// On file systems where `flock` ends at the node, POSIX record locks do not. They belong to the process, so they come on top.
pub(super) fn lock_across_nodes(file: &File, mode: LockMode) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    use rustix::io::Errno;
    let operation = match mode {
        LockMode::Shared => FlockOperation::NonBlockingLockShared,
        LockMode::Exclusive => FlockOperation::NonBlockingLockExclusive,
    };
    match fcntl_lock(file, operation) {
        Ok(()) => Ok(true),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// ENOLCK (NFS without lockd), ENOSYS (Lustre without flock), EOPNOTSUPP, and ENOTSUPP of DVS and some kernels.
pub(super) fn no_locks_here(error: &io::Error) -> bool {
    const ENOTSUPP: i32 = 524;
    let code = error.raw_os_error();
    [rustix::io::Errno::NOLCK, rustix::io::Errno::NOSYS, rustix::io::Errno::OPNOTSUPP]
        .iter()
        .any(|errno| code == Some(errno.raw_os_error()))
        || code == Some(ENOTSUPP)
}

fn kind(file_type: fs::FileType) -> FileKind {
    if file_type.is_file() {
        FileKind::File
    } else if file_type.is_dir() {
        FileKind::Dir
    } else {
        FileKind::Other
    }
}

struct RealFile(File);

impl RealFile {
    /// By the descriptor: HDF5 takes only UTF-8 paths, and the name may stand for another file by now.
    fn descriptor_path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }
}

impl NewFile for RealFile {
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn build(&mut self, build: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
        build(&self.descriptor_path())
    }
}

impl StoredFile for RealFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn hdf5_path(&self) -> io::Result<ReadablePath> {
        Ok(ReadablePath { path: self.descriptor_path(), keep: None })
    }
}

impl HeldLock for RealFile {
    fn note(&mut self, text: &str) -> io::Result<()> {
        self.0.set_len(0)?;
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(text.as_bytes())
    }
}

impl Read for RealFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for RealFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for RealFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
