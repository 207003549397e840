//! A file system in memory that can fail any operation, once or from then on, and can lose power. Tests only.
//!
//! Its power cut is the harshest POSIX allows: of a file survives what was there at its last fsync, of a folder the names of its
//! last fsync.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::fs::{
    FileKind, HeldLock, Listed, LockAttempt, LockMode, Missing, NewFile, ReadablePath, Space, Stat, StoreFs, StoredFile,
};
use super::publish::parent;
use crate::{Error, Result};

/// A file system of its own; clones share it, as processes share a disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct SimFs(Arc<Mutex<State>>);

/// Which operation fails, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    at: u64,
    errno: i32,
    lasts: bool,
    fired: bool,
    power: bool,
}

impl Fault {
    /// Operation `at`, counted from the injection, fails; later ones do not.
    pub(crate) fn once(at: u64, errno: i32) -> Self {
        Self { at, errno, lasts: false, fired: false, power: false }
    }

    /// Operation `at` and all after it fail: a disk that is gone, or a killed process.
    pub(crate) fn for_good(at: u64, errno: i32) -> Self {
        Self { lasts: true, ..Self::once(at, errno) }
    }

    /// The power goes at operation `at`; `heal` brings back what was durable.
    pub(crate) fn crash(at: u64) -> Self {
        Self { power: true, ..Self::for_good(at, 5) }
    }
}

#[derive(Debug, Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, Node>,
    durable: BTreeMap<PathBuf, Node>,
    locks: BTreeMap<PathBuf, (LockMode, usize)>,
    operations: u64,
    fault: Option<Fault>,
}

#[derive(Debug, Default)]
struct Inode {
    data: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Dir,
    File(usize),
}

impl SimFs {
    pub(crate) fn new() -> Self {
        let fs = Self::default();
        fs.state().names.insert(PathBuf::from("/"), Node::Dir);
        fs
    }

    /// Starts counting operations from 0 and fails as `fault` says.
    pub(crate) fn inject(&self, fault: Fault) {
        let mut state = self.state();
        state.operations = 0;
        state.fault = Some(fault);
    }

    /// Ends the fault; after a power cut only what was durable is left. Whether it ever struck.
    pub(crate) fn heal(&self) -> bool {
        let mut state = self.state();
        let fault = state.fault.take();
        let fired = fault.is_some_and(|fault| fault.fired);
        if fired && fault.is_some_and(|fault| fault.power) {
            state.lose_power();
        }
        fired
    }

    pub(crate) fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        state.file(path).ok().map(|inode| state.inodes[inode].data.clone())
    }

    /// What a power cut now would leave of `path`.
    pub(crate) fn durable(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        match state.durable.get(path) {
            Some(Node::File(inode)) => Some(state.inodes[*inode].synced.clone()),
            _ => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn operate(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        let now = state.operations;
        state.operations += 1;
        if let Some(fault) = &mut state.fault
            && (now == fault.at || (fault.lasts && now > fault.at))
        {
            fault.fired = true;
            return Err(io::Error::from_raw_os_error(fault.errno));
        }
        Ok(state)
    }
}

impl State {
    fn lose_power(&mut self) {
        self.names = self.durable.clone();
        self.names.insert(PathBuf::from("/"), Node::Dir);
        let orphans: Vec<_> =
            self.names.keys().filter(|path| path.ancestors().any(|up| !self.names.contains_key(up))).cloned().collect();
        for path in orphans {
            self.names.remove(&path);
        }
        self.locks.clear();
        for inode in &mut self.inodes {
            inode.data = inode.synced.clone();
        }
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        match self.names.get(path) {
            Some(Node::File(inode)) => Ok(*inode),
            Some(Node::Dir) => Err(io::ErrorKind::InvalidInput.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn add(&mut self, path: &Path, node: Node) -> io::Result<()> {
        if self.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if self.names.get(parent(path)) != Some(&Node::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.names.insert(path.to_owned(), node);
        Ok(())
    }
}

impl StoreFs for SimFs {
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        let mut state = self.operate()?;
        state.inodes.push(Inode::default());
        let inode = state.inodes.len() - 1;
        state.add(path, Node::File(inode))?;
        Ok(Box::new(SimFile { fs: self.clone(), inode, at: 0 }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        let inode = self.operate()?.file(path)?;
        Ok(Box::new(SimFile { fs: self.clone(), inode, at: 0 }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let node = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        if state.names.get(parent(to)) != Some(&Node::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let moved: Vec<_> =
            state.names.iter().filter(|(path, _)| path.starts_with(from)).map(|(p, n)| (p.clone(), *n)).collect();
        for (path, child) in moved {
            state.names.remove(&path);
            let rest = path.strip_prefix(from).unwrap();
            let target = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
            state.names.insert(target, child);
        }
        // The children of a folder move with it, durable or not; the folder's own new name waits for the fsync.
        if node == Node::Dir {
            let moved: Vec<_> =
                state.durable.iter().filter(|(path, _)| path.starts_with(from)).map(|(p, n)| (p.clone(), *n)).collect();
            for (path, child) in moved.into_iter().filter(|(path, _)| path != from) {
                let rest = path.strip_prefix(from).unwrap().to_owned();
                state.durable.insert(to.join(rest), child);
            }
        }
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let inode = state.file(from)?;
        state.add(to, Node::File(inode))
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        state.file(path)?;
        state.names.remove(path);
        Ok(())
    }

    fn mkdir(&self, path: &Path) -> io::Result<()> {
        self.operate()?.add(path, Node::Dir)
    }

    fn rmdir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        if state.names.keys().any(|other| other != path && other.starts_with(path)) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.names.remove(path).map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        if state.names.get(dir) != Some(&Node::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let now: Vec<_> =
            state.names.iter().filter(|(path, _)| path.parent() == Some(dir)).map(|(p, n)| (p.clone(), *n)).collect();
        state.durable.retain(|path, _| path.parent() != Some(dir));
        state.durable.extend(now);
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        let state = self.operate()?;
        if state.names.get(dir) != Some(&Node::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = state.names.iter().filter(|(path, _)| path.parent() == Some(dir));
        Ok(inside
            .map(|(path, node)| Listed { name: path.file_name().unwrap().to_owned(), kind: node.kind() })
            .collect())
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let state = self.operate()?;
        match state.names.get(path) {
            Some(Node::File(inode)) => Ok(Stat { kind: FileKind::File, len: state.inodes[*inode].data.len() as u64 }),
            Some(Node::Dir) => Ok(Stat { kind: FileKind::Dir, len: 0 }),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn space(&self, _dir: &Path) -> io::Result<Space> {
        drop(self.operate()?);
        Ok(Space { free_bytes: 1 << 40, node_local_locks: false })
    }

    fn try_lock(&self, path: &Path, mode: LockMode, missing: Missing) -> io::Result<LockAttempt> {
        let mut state = self.operate()?;
        if !state.names.contains_key(path) {
            if missing == Missing::Fail {
                return Err(io::ErrorKind::NotFound.into());
            }
            state.inodes.push(Inode::default());
            let inode = state.inodes.len() - 1;
            state.add(path, Node::File(inode))?;
        }
        let inode = state.file(path)?;
        match state.locks.get_mut(path) {
            None => {
                state.locks.insert(path.to_owned(), (mode, 1));
            }
            Some((LockMode::Shared, holders)) if mode == LockMode::Shared => *holders += 1,
            Some(_) => return Ok(LockAttempt::Busy),
        }
        let file = SimFile { fs: self.clone(), inode, at: 0 };
        Ok(LockAttempt::Held(Box::new(SimLock { file, path: path.to_owned() })))
    }

    fn pause(&self, _time: Duration) {}
}

impl Node {
    fn kind(self) -> FileKind {
        match self {
            Self::Dir => FileKind::Dir,
            Self::File(_) => FileKind::File,
        }
    }
}

struct SimLock {
    file: SimFile,
    path: PathBuf,
}

impl HeldLock for SimLock {
    fn note(&mut self, text: &str) -> io::Result<()> {
        let mut state = self.file.fs.operate()?;
        state.inodes[self.file.inode].data = text.as_bytes().to_vec();
        Ok(())
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.file.fs.state();
        if let Some((_, holders)) = state.locks.get_mut(&self.path) {
            *holders -= 1;
            if *holders == 0 {
                state.locks.remove(&self.path);
            }
        }
    }
}

struct SimFile {
    fs: SimFs,
    inode: usize,
    at: usize,
}

impl Read for SimFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.fs.operate()?;
        let data = &state.inodes[self.inode].data;
        let from = self.at.min(data.len());
        let n = buffer.len().min(data.len() - from);
        buffer[..n].copy_from_slice(&data[from..from + n]);
        self.at = from + n;
        Ok(n)
    }
}

impl Write for SimFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut state = self.fs.operate()?;
        let data = &mut state.inodes[self.inode].data;
        // Half at a time, so that a fault can strike between two writes of one file.
        let n = buffer.len().div_ceil(2);
        let end = self.at + n;
        if data.len() < end {
            data.resize(end, 0);
        }
        data[self.at..end].copy_from_slice(&buffer[..n]);
        self.at = end;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for SimFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let len = self.fs.state().inodes[self.inode].data.len();
        self.at = match to {
            SeekFrom::Start(at) => usize::try_from(at).unwrap(),
            SeekFrom::End(back) => usize::try_from(i64::try_from(len).unwrap() + back).unwrap(),
            SeekFrom::Current(step) => usize::try_from(i64::try_from(self.at).unwrap() + step).unwrap(),
        };
        Ok(self.at as u64)
    }
}

impl NewFile for SimFile {
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.fs.operate()?;
        let inode = &mut state.inodes[self.inode];
        inode.synced = inode.data.clone();
        Ok(())
    }

    fn build(&mut self, build: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
        let real = tempfile::NamedTempFile::new().unwrap();
        build(real.path())?;
        let bytes = std::fs::read(real.path()).unwrap();
        self.write_all(&bytes).map_err(Error::disk("write", Path::new("simulated")))
    }
}

impl StoredFile for SimFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.fs.operate()?.inodes[self.inode].data.len() as u64)
    }

    fn hdf5_path(&self) -> io::Result<ReadablePath> {
        let state = self.fs.operate()?;
        let mut real = tempfile::NamedTempFile::new()?;
        real.write_all(&state.inodes[self.inode].data)?;
        Ok(ReadablePath { path: real.path().to_owned(), keep: Some(Box::new(real)) })
    }
}
