//! A sweep whose undisturbed end is known, and what must be true after any disturbance of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use layoutopt::store::{CaseKey, RecordDigest, Store, content_digest};

use crate::stage::{Ended, Stage};

/// How much of a test to do.
pub(crate) fn size<T>(quick: T, soak: T) -> T {
    if std::env::var_os("LAYOUTOPT_SOAK").is_some() { soak } else { quick }
}

/// Says now and then how far a long test is.
pub(crate) fn progress(what: &str, done: usize, all: usize) {
    if done.is_multiple_of(50) {
        println!("{what}: {done} of {all}");
    }
}

/// A run and what it leaves when nothing happens to it.
pub(crate) struct Sweep {
    /// The command, into `layouts.h5`.
    pub(crate) run: String,
    digest: String,
    records: BTreeMap<CaseKey, RecordDigest>,
}

impl Sweep {
    /// `quickstart` with so many seeds.
    pub(crate) fn of(seeds: usize, options: &str) -> Self {
        Self::from(&format!("run quickstart --seeds {seeds}"), seeds, options)
    }

    /// The same with a wake model that is ready at once: for a program that is started thousands of times.
    pub(crate) fn light(seeds: usize, options: &str) -> Self {
        Self::from(&format!("run quickstart --seeds {seeds} --wake-model jensen-1983"), seeds, options)
    }

    fn from(run: &str, seeds: usize, options: &str) -> Self {
        let stage = Stage::new();
        stage.done(run);
        let records = found(&stage.path("layouts.h5")).unwrap();
        assert_eq!(records.len(), seeds);
        let digest = content_digest(&stage.path("layouts.h5")).unwrap();
        Self { run: format!("{run} {options}"), digest, records }
    }

    pub(crate) fn cases(&self) -> usize {
        self.records.len()
    }

    /// How long the command takes here and now when nothing happens to it.
    pub(crate) fn undisturbed(&self) -> Duration {
        let (stage, since) = (Stage::new(), Instant::now());
        stage.done(&self.run);
        since.elapsed()
    }

    /// Looks at what is stored now: nothing but records of the undisturbed run, nothing unsound.
    pub(crate) fn stored(&self, output: &Path) -> BTreeSet<CaseKey> {
        let found = found(output).unwrap();
        for (key, digest) in &found {
            assert_eq!(self.records.get(key), Some(digest), "{key} differs from the undisturbed run's");
        }
        found.into_keys().collect()
    }

    /// Runs undisturbed, and expects that everything of `before` was kept and that the end is that of the undisturbed run.
    pub(crate) fn resumes(&self, stage: &Stage, before: &BTreeSet<CaseKey>) {
        let still = self.stored(&stage.path("layouts.h5"));
        assert!(before.is_subset(&still), "lost: {:?}", before.difference(&still).collect::<Vec<_>>());
        let ended = stage.done(&self.run);
        assert_eq!(before_this_run(&ended), still.len(), "stored cases are not run again: {}", ended.stdout);
        self.is_complete(stage);
    }

    /// Expects that OUTPUT is the undisturbed one and that nothing is left beside it.
    pub(crate) fn is_complete(&self, stage: &Stage) {
        assert_eq!(content_digest(&stage.path("layouts.h5")).unwrap(), self.digest);
        let left: Vec<_> = below(&stage.path("layouts.h5.shards"));
        assert_eq!(stage.names(), ["layouts.h5", "layouts.h5.lock"], "{left:?}");
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| below(&path).into_iter().chain([path.clone()]).collect::<Vec<_>>()).collect()
}

/// Records in sound files, by their digests; an error in words if anything is unsound.
fn found(output: &Path) -> Result<BTreeMap<CaseKey, RecordDigest>, String> {
    let inventory = Store::at(output).scan().map_err(|error| error.to_string())?;
    if let Some(unsound) = inventory.unsound.first() {
        return Err(format!("{}: {}", unsound.path.display(), unsound.flaw));
    }
    assert!(inventory.conflicts.is_empty(), "{:?}", inventory.conflicts);
    Ok(inventory.entries.iter().map(|((key, _), entry)| (*key, entry.digest)).collect())
}

fn before_this_run(ended: &Ended) -> usize {
    ended.stdout.split("now, ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap()
}

/// Draws that are the same in every run (SplitMix64).
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    /// From 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
