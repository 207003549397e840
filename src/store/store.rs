//! The store of one OUTPUT: the door to everything else in this module.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fs::{RealFs, StoreFs};
use super::inventory::Inventory;
use super::lock::{LockKind, RunLock, lock_output};
use super::output::read_root;
use super::paths::Paths;
use super::provenance::Provenance;
use super::publish::{nonce, parent};
use super::reader::OpenContainer;
use super::run_dir::RunDir;
use super::salvage::Salvager;
use super::scan::Scan;
use super::writer::RunWriter;
use crate::{Error, Result};

/// The store of one OUTPUT. Cheap to make and to clone; holds no file open.
#[derive(Debug, Clone)]
pub struct Store {
    fs: Arc<dyn StoreFs>,
    paths: Paths,
    salvager: Option<Salvager>,
}

impl Store {
    /// The store whose result is `output`. Changes nothing. If `output` is a symbolic link, the file it points to is meant.
    pub fn at(output: &Path) -> Self {
        Self::on(Arc::new(RealFs), output)
    }

    /// The same on any file system.
    pub fn on(fs: Arc<dyn StoreFs>, output: &Path) -> Self {
        Self { fs, paths: Paths::of(output), salvager: None }
    }

    /// Lets the store save sound records out of unsound files, by running `program __salvage FILE` in a child.
    #[must_use]
    pub fn with_salvager(mut self, program: PathBuf) -> Self {
        self.salvager = Some(Salvager::new(program));
        self
    }

    /// OUTPUT, links resolved.
    pub fn output(&self) -> &Path {
        &self.paths.output
    }

    /// `OUTPUT.shards`.
    pub fn shards(&self) -> &Path {
        &self.paths.shards
    }

    /// Reads what is stored, OUTPUT and all segments. Verifies every byte, changes nothing.
    pub fn scan(&self) -> Result<Inventory> {
        let scan = Scan::new(self.fs(), &self.paths)?;
        let sweep = match &scan.output {
            Some(Ok(_)) => self.sweep_in_output()?,
            _ => None,
        };
        Ok(Inventory::of(&scan, &self.paths, sweep))
    }

    /// Takes `OUTPUT.lock` for a run.
    ///
    /// # Errors
    /// `InUse` if another run holds it. On a file system without locks a warning is logged and the run goes on: no lock is needed
    /// for correctness.
    pub fn lock(&self, kind: LockKind) -> Result<RunLock> {
        lock_output(self.fs(), &self.paths, kind)
    }

    /// Starts a run's writer. `sweep` is the complete sweep as text, `provenance` says who runs. Nothing is made on the disk
    /// before the first record.
    pub fn start_run(&self, workers: usize, sweep: &str, provenance: &Provenance) -> Result<RunWriter> {
        RunWriter::start(RunDir::new(self.shared_fs(), self.paths.clone(), sweep, provenance), workers)
    }

    /// Keeps the present OUTPUT under the name `OUTPUT.bak`, replacing an older one.
    pub(super) fn back_up_output(&self) -> Result<()> {
        let backup = self.paths.backup();
        let mut name = backup.file_name().unwrap_or_default().to_owned();
        name.push(format!(".tmp-{:016x}", nonce()));
        let aside = backup.with_file_name(name);
        self.fs.link(&self.paths.output, &aside).map_err(Error::disk("link", &aside))?;
        self.fs.rename(&aside, &backup).map_err(Error::disk("rename", &aside))?;
        // Both names may stand for one file already, and then rename leaves both.
        let _ = self.fs.unlink(&aside);
        let dir = parent(&backup);
        self.fs.sync_dir(dir).map_err(Error::disk("sync the folder", dir))
    }

    fn sweep_in_output(&self) -> Result<Option<String>> {
        let opened = match OpenContainer::open(self.fs(), &self.paths.output) {
            // A merge of another process is at work; its OUTPUT belongs to the same sweep or will be found next time.
            Err(Error::Disk { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        match opened.and_then(|opened| read_root(&opened)) {
            Ok(root) => Ok(Some(root.facts.sweep)),
            Err(flaw) => Err(Error::Unsound { path: self.paths.output.clone(), reason: flaw.to_string() }),
        }
    }

    pub(super) fn fs(&self) -> &dyn StoreFs {
        self.fs.as_ref()
    }

    pub(super) fn shared_fs(&self) -> Arc<dyn StoreFs> {
        Arc::clone(&self.fs)
    }

    pub(super) fn paths(&self) -> &Paths {
        &self.paths
    }

    pub(super) fn salvager(&self) -> Option<&Salvager> {
        self.salvager.as_ref()
    }
}
