//! The store as a whole, on real folders and on the simulated file system.

mod crafted;
mod crash_states;
mod damage;
mod duplicates;
mod faults;
mod locking;
mod meanwhile;
mod merging;
mod model;
mod processes;
mod refusals;
mod running;
mod tidying;
mod world;

use std::path::{Path, PathBuf};

use super::segment::tests::{failed, solved};
use super::*;

/// A folder of its own with a store in it.
struct Place {
    dir: tempfile::TempDir,
    store: Store,
}

impl Place {
    fn new() -> Self {
        Self::named("layouts.h5")
    }

    fn named(name: impl AsRef<Path>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(&dir.path().join(name));
        Self { dir, store }
    }

    /// Stores records as an ended run does.
    fn run(&self, records: &[Record]) -> WriterReport {
        run(&self.store, records)
    }

    fn merge(&self) -> MergeReport {
        merge(&self.store)
    }

    fn segments(&self) -> Vec<PathBuf> {
        files_below(self.store.shards())
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "h5"))
            .collect()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn stored(&self) -> Vec<Record> {
        stored(self.store.output())
    }
}

/// How much of a test to do: `LAYOUTOPT_SOAK=1`, as `make soak` sets it, does all of it.
fn size<T>(quick: T, soak: T) -> T {
    if std::env::var_os("LAYOUTOPT_SOAK").is_some() { soak } else { quick }
}

fn run(store: &Store, records: &[Record]) -> WriterReport {
    let writer = store.start_run(2, "name = \"test\"\n", &Provenance::here()).unwrap();
    let sender = writer.handle();
    for (number, record) in records.iter().enumerate() {
        sender.send(number % 2, record.clone()).unwrap();
    }
    writer.finish().unwrap()
}

pub(super) fn facts() -> RootFacts {
    RootFacts {
        grid_size: 18,
        random_pct: 30.0,
        total_configs: 1000,
        sweep: "name = \"test\"\n".into(),
        wake_model: "nygaard-2022".into(),
        rng: "chacha8".into(),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of `Prove`")]
fn accept(_: &Record) -> std::result::Result<(), String> {
    Ok(())
}

fn merge(store: &Store) -> MergeReport {
    store.merge(&facts(), &MergeOptions::default(), &accept).unwrap()
}

fn stored(path: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    read_records(path, &mut |record| {
        records.push(record);
        Ok(())
    })
    .unwrap();
    records
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
