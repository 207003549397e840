//! A file system in memory that can fail any operation, once or from then on, and can lose power. Tests only.
//!
//! It logs every change, so that all states can be visited that a power cut at any point may leave (`crash.rs`), and runs several
//! processes on one disk in an order that a seed decides (`schedule.rs`). [`Fault::crash`] is the harshest cut: of a file survives
//! what was there at its last fsync, of a folder the names of its last fsync.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::fs::{
    FileKind, HeldLock, Listed, LockAttempt, LockMode, Missing, NewFile, ReadablePath, Space, Stat, StoreFs,
    StoredFile, no_locks_here,
};
use super::publish::is_temporary;
use super::record::CaseKey;
use crate::{Error, Result};

mod crash;
mod image;
mod schedule;

pub(crate) use crash::{Count, Draws};
use image::{Effect, Image, Node};
use schedule::Schedule;

/// A file system of its own; clones share it, as processes share a disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct SimFs {
    disk: Arc<Disk>,
    process: usize,
}

#[derive(Debug, Default)]
struct Disk {
    state: Mutex<State>,
    turn: Condvar,
}

/// Which operation fails, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    at: u64,
    errno: i32,
    lasts: bool,
    fired: bool,
    power: bool,
    process: Option<usize>,
}

impl Fault {
    /// Operation `at`, counted from the injection, fails; later ones do not.
    pub(crate) fn once(at: u64, errno: i32) -> Self {
        Self { at, errno, lasts: false, fired: false, power: false, process: None }
    }

    /// Operation `at` and all after it fail: a disk that is gone, or a killed process.
    pub(crate) fn for_good(at: u64, errno: i32) -> Self {
        Self { lasts: true, ..Self::once(at, errno) }
    }

    /// The power goes at operation `at`; `heal` brings back what was durable.
    pub(crate) fn crash(at: u64) -> Self {
        Self { power: true, ..Self::for_good(at, 5) }
    }

    /// Strikes and counts the operations of one process only.
    pub(crate) fn of(self, process: usize) -> Self {
        Self { process: Some(process), ..self }
    }
}

/// What the disk pretends to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    /// Files are never really synced: the program without its file fsync.
    FileSync,
    /// Folders are never really synced.
    DirSync,
    /// There are no locks.
    Locks,
    /// Of a long write one bit is not what it was.
    Truth,
}

#[derive(Debug, Default)]
struct State {
    /// What processes see.
    now: Image,
    /// What was durable when the log began.
    base: Image,
    log: Vec<Effect>,
    locks: BTreeMap<usize, (LockMode, usize)>,
    operations: BTreeMap<Option<usize>, u64>,
    fault: Option<Fault>,
    left_out: Vec<Leave>,
    schedule: Option<Schedule>,
    /// Files that nobody may look at, copy or give a name.
    forbidden: BTreeSet<PathBuf>,
    meanwhile: Option<Meanwhile>,
}

/// What somebody else does just before an operation.
struct Meanwhile {
    at: u64,
    deed: Box<dyn FnOnce(&SimFs) + Send>,
}

impl std::fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "before operation {}", self.at)
    }
}

impl SimFs {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn with(image: Image) -> Self {
        let fs = Self::default();
        let mut state = fs.state();
        state.base = image.clone();
        state.now = image;
        drop(state);
        fs
    }

    /// A disk of its own with the same on it, all durable; nobody holds a lock there.
    pub(crate) fn copy(&self) -> Self {
        let image = self.state().now.clone();
        Self::with(image)
    }

    /// The disk as another process sees it.
    pub(crate) fn process(&self, process: usize) -> Self {
        Self { disk: Arc::clone(&self.disk), process }
    }

    /// From now on this is left out.
    pub(crate) fn leave_out(&self, what: Leave) {
        self.state().left_out.push(what);
    }

    /// From now on the temporary files that are there may be removed, and nothing else.
    fn forbid_temporaries(&self) {
        let mut state = self.state();
        let named = state.now.named_files().into_iter().map(|(path, _)| path);
        state.forbidden = named.filter(|path| is_temporary(path.file_name().unwrap(), "".as_ref())).collect();
    }

    /// Everything is durable; the log begins here.
    pub(crate) fn settle(&self) {
        let mut state = self.state();
        state.base = state.now.clone();
        state.log.clear();
    }

    /// Runs processes 1 to n at once, their operations in an order that the seed decides.
    pub(crate) fn run_at_once(&self, seed: u64, processes: Vec<Box<dyn FnOnce(SimFs) + Send + '_>>) {
        self.state().schedule = Some(Schedule::new(seed, 1..=processes.len()));
        std::thread::scope(|scope| {
            for (number, process) in processes.into_iter().enumerate() {
                let fs = self.process(number + 1);
                scope.spawn(move || {
                    let _leaving = Leaving(fs.clone());
                    process(fs);
                });
            }
        });
        self.state().schedule = None;
    }

    /// Notes in the log that somebody was told that a case is kept.
    pub(crate) fn acknowledge(&self, key: CaseKey) {
        self.state().log.push(Effect::Acknowledged(key));
    }

    /// The cases of which somebody was told so.
    pub(crate) fn acknowledged(&self) -> Vec<CaseKey> {
        let state = self.state();
        let keys = state.log.iter().filter_map(|effect| match effect {
            Effect::Acknowledged(key) => Some(*key),
            _ => None,
        });
        keys.collect()
    }

    /// Starts counting operations from 0 and fails as `fault` says.
    pub(crate) fn inject(&self, fault: Fault) {
        let mut state = self.state();
        state.operations.clear();
        state.fault = Some(fault);
    }

    /// Starts counting operations from 0; before number `at` somebody else does this.
    pub(crate) fn meanwhile(&self, at: u64, deed: impl FnOnce(&SimFs) + Send + 'static) {
        let mut state = self.state();
        state.operations.clear();
        state.meanwhile = Some(Meanwhile { at, deed: Box::new(deed) });
    }

    /// Whether that has been done. If not, it never is.
    pub(crate) fn has_happened(&self) -> bool {
        self.state().meanwhile.take().is_none()
    }

    /// Ends the fault; after a power cut only what was durable is left. Whether it ever struck.
    pub(crate) fn heal(&self) -> bool {
        let mut state = self.state();
        let fault = state.fault.take();
        let fired = fault.is_some_and(|fault| fault.fired);
        if fired && fault.is_some_and(|fault| fault.power) {
            state.now = SimFs::least(&state.base, &state.log);
            state.base = state.now.clone();
            state.log.clear();
            state.locks.clear();
        }
        fired
    }

    pub(crate) fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        state.now.file(path).ok().map(|file| state.now.files[file].to_vec())
    }

    /// What a power cut now would leave of `path` at least.
    pub(crate) fn durable(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        let left = SimFs::least(&state.base, &state.log);
        left.file(path).ok().map(|file| left.files[file].to_vec())
    }

    /// Every file: path and contents.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Arc<Vec<u8>>)> {
        let state = self.state();
        state.now.named_files().into_iter().map(|(path, file)| (path, Arc::clone(&state.now.files[file]))).collect()
    }

    /// Replaces the contents of a file, durably: damage, not an operation.
    pub(crate) fn damage(&self, path: &Path, contents: Vec<u8>) {
        let mut state = self.state();
        let file = state.now.file(path).unwrap();
        state.now.files[file] = Arc::new(contents);
        state.base = state.now.clone();
        state.log.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.disk.state.lock().unwrap()
    }

    fn await_turn(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        if !state.schedule.as_ref().is_some_and(|schedule| schedule.knows(self.process)) {
            return state;
        }
        state.schedule.as_mut().unwrap().wait(self.process);
        self.disk.turn.notify_all();
        while !state.schedule.as_mut().unwrap().take_turn(self.process) {
            state = self.disk.turn.wait(state).unwrap();
        }
        state
    }

    fn operate(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.await_turn();
        let whose = state.fault.and_then(|fault| fault.process);
        if whose.is_some_and(|process| process != self.process) {
            return Ok(state);
        }
        let operations = state.operations.entry(whose).or_default();
        let now = *operations;
        *operations += 1;
        if let Some(fault) = &mut state.fault
            && (now == fault.at || (fault.lasts && now > fault.at))
        {
            fault.fired = true;
            return Err(io::Error::from_raw_os_error(fault.errno));
        }
        if let Some(meanwhile) = state.meanwhile.take_if(|meanwhile| meanwhile.at == now) {
            drop(state);
            (meanwhile.deed)(self);
            state = self.state();
        }
        Ok(state)
    }
}

/// A process that ends, however it ends.
struct Leaving(SimFs);

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(schedule) = &mut self.0.state().schedule {
            schedule.leave(self.0.process);
        }
        self.0.disk.turn.notify_all();
    }
}

impl State {
    fn allow(&self, path: &Path) {
        assert!(!self.forbidden.contains(path), "looks into {}, which another process left", path.display());
    }

    fn change(&mut self, effect: Effect) {
        self.now.apply(&effect);
        self.log.push(effect);
    }

    fn rename_one(&mut self, path: &Path, node: Option<Node>) -> io::Result<()> {
        let (dir, name) = self.now.slot(path)?;
        self.change(Effect::Names { dir, changes: vec![(name.to_owned(), node)], after: None });
        Ok(())
    }

    fn add(&mut self, path: &Path, node: Node) -> io::Result<()> {
        let (dir, name) = self.now.slot(path)?;
        if self.now.dirs[dir].contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.rename_one(path, Some(node))
    }

    fn new_file(&mut self, path: &Path) -> io::Result<usize> {
        let file = self.now.files.len();
        self.now.files.push(Arc::default());
        self.add(path, Node::File(file))?;
        Ok(file)
    }
}

impl StoreFs for SimFs {
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        let file = self.operate()?.new_file(path)?;
        Ok(Box::new(SimFile { fs: self.clone(), file, at: 0 }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        let state = self.operate()?;
        state.allow(path);
        let file = state.now.file(path)?;
        Ok(Box::new(SimFile { fs: self.clone(), file, at: 0 }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        state.allow(from);
        let node = state.now.find(from)?;
        let (from_dir, from_name) = state.now.slot(from)?;
        let (to_dir, to_name) = state.now.slot(to)?;
        if state.now.dirs[to_dir].get(to_name) == Some(&node) {
            return Ok(());
        }
        let (gone, come) = ((from_name.to_owned(), None), (to_name.to_owned(), Some(node)));
        if from_dir == to_dir {
            state.change(Effect::Names { dir: to_dir, changes: vec![gone, come], after: None });
        } else {
            state.change(Effect::Names { dir: to_dir, changes: vec![come], after: None });
            let after = Some(state.log.len() - 1);
            state.change(Effect::Names { dir: from_dir, changes: vec![gone], after });
        }
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        state.allow(from);
        let file = state.now.file(from)?;
        state.add(to, Node::File(file))
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        state.now.file(path)?;
        state.rename_one(path, None)
    }

    fn mkdir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let dir = state.now.dirs.len();
        state.now.dirs.push(BTreeMap::new());
        state.add(path, Node::Dir(dir))
    }

    fn rmdir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let dir = state.now.dir(path)?;
        if !state.now.dirs[dir].is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.rename_one(path, None)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let dir = state.now.dir(dir)?;
        if !state.left_out.contains(&Leave::DirSync) {
            state.change(Effect::SyncDir { dir });
        }
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        let state = self.operate()?;
        let dir = state.now.dir(dir)?;
        let listed = |(name, node): (&std::ffi::OsString, &Node)| Listed { name: name.clone(), kind: node.kind() };
        Ok(state.now.dirs[dir].iter().map(listed).collect())
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let state = self.operate()?;
        state.allow(path);
        let node = state.now.find(path)?;
        let len = match node {
            Node::File(file) => state.now.files[file].len() as u64,
            Node::Dir(_) => 0,
        };
        Ok(Stat { kind: node.kind(), len })
    }

    fn space(&self, _dir: &Path) -> io::Result<Space> {
        drop(self.operate()?);
        Ok(Space { free_bytes: 1 << 40, node_local_locks: false })
    }

    fn try_lock(&self, path: &Path, mode: LockMode, missing: Missing) -> io::Result<LockAttempt> {
        let mut state = match self.operate() {
            Err(error) if no_locks_here(&error) => return Ok(LockAttempt::Unsupported(error)),
            other => other?,
        };
        let file = match state.now.file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && missing == Missing::Create => {
                state.new_file(path)?
            }
            other => other?,
        };
        if state.left_out.contains(&Leave::Locks) {
            return Ok(LockAttempt::Unsupported(io::ErrorKind::Unsupported.into()));
        }
        match state.locks.get_mut(&file) {
            None => {
                state.locks.insert(file, (mode, 1));
            }
            Some((LockMode::Shared, holders)) if mode == LockMode::Shared => *holders += 1,
            Some(_) => return Ok(LockAttempt::Busy),
        }
        Ok(LockAttempt::Held(Box::new(SimLock(SimFile { fs: self.clone(), file, at: 0 }))))
    }

    fn pause(&self, _time: Duration) {
        drop(self.await_turn());
    }
}

impl Node {
    fn kind(self) -> FileKind {
        match self {
            Self::Dir(_) => FileKind::Dir,
            Self::File(_) => FileKind::File,
        }
    }
}

struct SimLock(SimFile);

impl HeldLock for SimLock {
    fn note(&mut self, text: &str) -> io::Result<()> {
        let mut state = self.0.fs.operate()?;
        state.change(Effect::Write { file: self.0.file, at: 0, bytes: Arc::new(text.as_bytes().to_vec()) });
        Ok(())
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.0.fs.state();
        if let Some((_, holders)) = state.locks.get_mut(&self.0.file) {
            *holders -= 1;
            if *holders == 0 {
                state.locks.remove(&self.0.file);
            }
        }
    }
}

struct SimFile {
    fs: SimFs,
    file: usize,
    at: usize,
}

impl Read for SimFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.fs.operate()?;
        let data = &state.now.files[self.file];
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
        // The first write takes half, so that a fault can strike between two writes of one file.
        let n = if self.at == 0 { buffer.len().div_ceil(2) } else { buffer.len() };
        let mut bytes = buffer[..n].to_vec();
        if n > 1000 && state.left_out.contains(&Leave::Truth) {
            // In every sector, so that it does not matter what lies where.
            bytes.iter_mut().step_by(512).for_each(|byte| *byte ^= 1);
        }
        state.change(Effect::Write { file: self.file, at: self.at, bytes: Arc::new(bytes) });
        self.at += n;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for SimFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let len = self.fs.state().now.files[self.file].len();
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
        if !state.left_out.contains(&Leave::FileSync) {
            state.change(Effect::SyncFile { file: self.file });
        }
        Ok(())
    }

    fn build(&mut self, build: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
        let real = tempfile::NamedTempFile::new_in(memory()).unwrap();
        build(real.path())?;
        let bytes = std::fs::read(real.path()).unwrap();
        self.write_all(&bytes).map_err(Error::disk("write", Path::new("simulated")))
    }
}

impl StoredFile for SimFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.fs.operate()?.now.files[self.file].len() as u64)
    }

    fn hdf5_path(&self) -> io::Result<ReadablePath> {
        let state = self.fs.operate()?;
        let mut real = tempfile::NamedTempFile::new_in(memory())?;
        real.write_all(&state.now.files[self.file])?;
        Ok(ReadablePath { path: real.path().to_owned(), keep: Some(Box::new(real)) })
    }
}

/// Where files lie that HDF5 has to see: in memory, if the system has such a folder.
fn memory() -> PathBuf {
    let shm = PathBuf::from("/dev/shm");
    if shm.is_dir() { shm } else { std::env::temp_dir() }
}
