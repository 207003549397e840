//! What is on a simulated disk, and what an operation changes of it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

use super::super::publish::{is_temporary, parent};
use super::super::record::CaseKey;

/// All folders and files, by number. Folder 0 is the root.
#[derive(Debug, Clone)]
pub(super) struct Image {
    pub(super) files: Vec<Arc<Vec<u8>>>,
    pub(super) dirs: Vec<BTreeMap<OsString, Node>>,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Dir(usize),
    File(usize),
}

/// A change of a disk, as its log keeps it.
#[derive(Clone)]
pub(crate) enum Effect {
    /// Bytes of a file.
    Write { file: usize, at: usize, bytes: Arc<Vec<u8>> },
    /// What was written to a file so far is durable.
    SyncFile { file: usize },
    /// Names of one folder, all of them or none. If `after` is given, not without that effect: no rename loses a file.
    Names { dir: usize, changes: Vec<(OsString, Option<Node>)>, after: Option<usize> },
    /// The names of a folder so far are durable.
    SyncDir { dir: usize },
    /// No change: somebody was told that this case is kept.
    Acknowledged(CaseKey),
}

impl std::fmt::Debug for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Write { file, at, bytes } => write!(f, "{} bytes at {at} of file {file}", bytes.len()),
            Self::SyncFile { file } => write!(f, "sync of file {file}"),
            Self::Names { dir, changes, .. } => write!(f, "{changes:?} in folder {dir}"),
            Self::SyncDir { dir } => write!(f, "sync of folder {dir}"),
            Self::Acknowledged(key) => write!(f, "{key} acknowledged"),
        }
    }
}

impl Default for Image {
    fn default() -> Self {
        Self { files: Vec::new(), dirs: vec![BTreeMap::new()] }
    }
}

impl Image {
    pub(super) fn find(&self, path: &Path) -> io::Result<Node> {
        let mut node = Node::Dir(0);
        for part in path.components() {
            match part {
                Component::RootDir | Component::CurDir => {}
                Component::Normal(name) => {
                    let Node::Dir(dir) = node else { return Err(io::ErrorKind::NotADirectory.into()) };
                    node = *self.dirs[dir].get(name).ok_or(io::ErrorKind::NotFound)?;
                }
                _ => return Err(io::ErrorKind::InvalidInput.into()),
            }
        }
        Ok(node)
    }

    pub(super) fn file(&self, path: &Path) -> io::Result<usize> {
        match self.find(path)? {
            Node::File(file) => Ok(file),
            Node::Dir(_) => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    pub(super) fn dir(&self, path: &Path) -> io::Result<usize> {
        match self.find(path)? {
            Node::Dir(dir) => Ok(dir),
            Node::File(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// The folder of a path, and its name in there.
    pub(super) fn slot<'a>(&self, path: &'a Path) -> io::Result<(usize, &'a OsStr)> {
        Ok((self.dir(parent(path))?, path.file_name().ok_or(io::ErrorKind::InvalidInput)?))
    }

    pub(super) fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::Write { file, at, bytes } => self.write(*file, *at, bytes),
            Effect::Names { dir, changes, .. } => {
                self.make_room(changes.iter().filter_map(|(_, node)| *node).chain([Node::Dir(*dir)]));
                for (name, node) in changes {
                    match node {
                        Some(node) => self.dirs[*dir].insert(name.clone(), *node),
                        None => self.dirs[*dir].remove(name),
                    };
                }
            }
            Effect::SyncFile { .. } | Effect::SyncDir { .. } | Effect::Acknowledged(_) => {}
        }
    }

    /// The length of a write without its bytes: what a file system does that keeps sizes before data.
    pub(super) fn apply_length_only(&mut self, effect: &Effect) {
        if let Effect::Write { file, at, bytes } = effect {
            self.write(*file, *at + bytes.len(), &[]);
        }
    }

    fn write(&mut self, file: usize, at: usize, bytes: &[u8]) {
        self.make_room([Node::File(file)].into_iter());
        let data = Arc::make_mut(&mut self.files[file]);
        let end = at + bytes.len();
        if data.len() < end {
            data.resize(end, 0);
        }
        data[at..end].copy_from_slice(bytes);
    }

    /// Files and folders that were made after this image.
    fn make_room(&mut self, nodes: impl Iterator<Item = Node>) {
        for node in nodes {
            match node {
                Node::File(file) if file >= self.files.len() => self.files.resize(file + 1, Arc::default()),
                Node::Dir(dir) if dir >= self.dirs.len() => self.dirs.resize(dir + 1, BTreeMap::new()),
                _ => {}
            }
        }
    }

    /// Every file that has a name: its path and its number.
    pub(super) fn named_files(&self) -> Vec<(std::path::PathBuf, usize)> {
        let mut found = Vec::new();
        let mut folders = vec![(std::path::PathBuf::from("/"), 0)];
        while let Some((path, dir)) = folders.pop() {
            for (name, node) in &self.dirs[dir] {
                match node {
                    Node::File(file) => found.push((path.join(name), *file)),
                    Node::Dir(inner) => folders.push((path.join(name), *inner)),
                }
            }
        }
        found.sort();
        found
    }

    /// A digest of all that can be reached by a name. Of temporary files the name alone counts: nobody ever looks into one that
    /// another process left, which [`SimFs`](super::SimFs) sees to after a cut.
    pub(super) fn digest(&self) -> u128 {
        use std::os::unix::ffi::OsStrExt;
        let mut hash = xxhash_rust::xxh3::Xxh3::new();
        let mut folders = vec![0];
        while let Some(dir) = folders.pop() {
            hash.update(&self.dirs[dir].len().to_le_bytes());
            for (name, node) in &self.dirs[dir] {
                hash.update(name.as_bytes());
                match node {
                    Node::File(_) if is_temporary(name, OsStr::new("")) => {}
                    Node::File(file) => {
                        let data = self.files.get(*file).map(|data| data.as_slice()).unwrap_or_default();
                        hash.update(&data.len().to_le_bytes());
                        hash.update(data);
                    }
                    Node::Dir(inner) => {
                        hash.update(b"/");
                        folders.push(*inner);
                    }
                }
            }
        }
        hash.digest128()
    }
}
