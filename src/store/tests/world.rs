//! What a store does, as scenes on a simulated disk, and what must be true after anything that happens to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::simfs::SimFs;
use super::*;
use crate::Error;

pub(super) const OUTPUT: &str = "/d/layouts.h5";

/// A disk with a store on it, and all that was ever handed to that store.
#[derive(Clone)]
pub(super) struct World {
    pub(super) fs: SimFs,
    /// Every record that exists, by case: nothing else may ever come out of the store.
    pub(super) truth: BTreeMap<CaseKey, Vec<Record>>,
    /// Cases that count as done before the scene begins, and must for ever.
    pub(super) kept: BTreeSet<CaseKey>,
    /// Records that must be found in some sealed file for ever, be it in quarantine or in a backup.
    pub(super) sound: BTreeSet<RecordDigest>,
    /// Contents of unsound files: they may stay or move, never vanish.
    pub(super) unsound: Vec<Vec<u8>>,
}

/// One thing the store does, from a prepared disk on.
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) prepare: fn() -> World,
    /// The processes that do it; more than one run at the same time.
    pub(super) processes: &'static [fn(&World, &SimFs)],
}

pub(super) const SCENES: [Scene; 9] = [
    Scene { name: "publish", prepare: empty, processes: &[publish_three] },
    Scene { name: "roll", prepare: empty, processes: &[roll_twice] },
    Scene { name: "merge", prepare: two_in_output_three_in_segments, processes: &[merge_all] },
    Scene { name: "prune", prepare: all_in_output_and_in_segments, processes: &[merge_all] },
    Scene { name: "quarantine", prepare: damaged, processes: &[quarantine_all] },
    Scene { name: "replace", prepare: two_to_be_replaced, processes: &[start_over] },
    Scene { name: "conflict", prepare: two_solutions, processes: &[merge_all] },
    Scene { name: "tidy", prepare: folders_without_segments, processes: &[tidy_all] },
    Scene {
        name: "three writers",
        prepare: two_in_output_three_in_segments,
        processes: &[write_own, write_same, merge_all],
    },
];

pub(super) const THREE_MERGES: Scene = Scene {
    name: "three merges",
    prepare: two_in_output_three_in_segments,
    processes: &[merge_all, merge_all, write_own],
};

impl Scene {
    /// Plays the scene to its end; `seed` orders the operations of several processes.
    pub(super) fn play(&self, world: &World, seed: u64) {
        match self.processes {
            [process] => process(world, &world.fs),
            processes => {
                let processes = processes.iter().map(|process| -> Box<dyn FnOnce(SimFs) + Send + '_> {
                    Box::new(move |fs: SimFs| process(world, &fs))
                });
                world.fs.run_at_once(seed, processes.collect());
            }
        }
    }
}

impl World {
    fn new() -> Self {
        let fs = SimFs::new();
        fs::StoreFs::mkdir(&fs, Path::new("/d")).unwrap();
        Self { fs, truth: BTreeMap::new(), kept: BTreeSet::new(), sound: BTreeSet::new(), unsound: Vec::new() }
    }

    /// Makes records known, so that a scene may store them.
    fn know(mut self, records: &[Record]) -> Self {
        for record in records {
            self.truth.entry(record.key).or_default().push(record.clone());
        }
        self
    }

    /// Stores records as an ended run does.
    fn with_run(self, records: &[Record]) -> Self {
        run(&on(&self.fs), records);
        let mut world = self.know(records);
        world.kept.extend(records.iter().map(|record| record.key));
        world.sound.extend(records.iter().map(Record::digest));
        world
    }

    fn with_merge(self) -> Self {
        merge(&on(&self.fs));
        self
    }

    /// The same world on a disk of its own.
    pub(super) fn copy(&self) -> Self {
        Self { fs: self.fs.copy(), ..self.clone() }
    }

    /// What must be true of `fs` after a fault, a cut, a kill: every case of `kept` and of `acknowledged` is there, what is there is
    /// true, and a merge makes all of it one sound OUTPUT. The first thing that is not so, in words.
    pub(super) fn check(&self, fs: &SimFs, acknowledged: &BTreeSet<CaseKey>) -> std::result::Result<(), String> {
        let store = on(fs);
        let found = store.scan().map_err(|error| format!("scan: {error}"))?;
        for unsound in &found.unsound {
            let contents = fs.contents(&unsound.path).unwrap_or_default();
            if !self.unsound.contains(&contents) {
                return Err(format!("torn: {}: {}", unsound.path.display(), unsound.flaw));
            }
        }
        for (&(key, case_id), entry) in &found.entries {
            let true_ones = self.truth.get(&key).map(Vec::as_slice).unwrap_or_default();
            if !true_ones.iter().any(|record| record.case_id == case_id && record.digest() == entry.digest) {
                return Err(format!("false: {key}"));
            }
        }
        let there: BTreeSet<_> = found.entries.keys().map(|(key, _)| *key).collect();
        if let Some(lost) = self.kept.iter().chain(acknowledged).find(|key| !there.contains(key)) {
            return Err(format!("lost: {lost}"));
        }
        self.check_merge(&store, &there)?;
        let named = |path: &Path| !publish::is_temporary(path.file_name().unwrap_or_default(), "".as_ref());
        let files = fs.files().into_iter().filter(|(path, _)| named(path));
        let contents: Vec<_> = files.map(|(_, contents)| contents).collect();
        if let Some(gone) = self.unsound.iter().position(|unsound| !contents.iter().any(|found| **found == *unsound)) {
            return Err(format!("vanished: unsound file {gone}"));
        }
        let sealed = contents.iter().filter_map(|contents| container::open_bytes(contents).ok());
        let somewhere: BTreeSet<_> = sealed.flat_map(|(seal, _)| seal.index).map(|entry| entry.digest).collect();
        if self.sound.is_subset(&somewhere) { Ok(()) } else { Err("dropped: a sound record is nowhere".into()) }
    }

    fn check_merge(&self, store: &Store, there: &BTreeSet<CaseKey>) -> std::result::Result<(), String> {
        let merge = || store.merge(&facts(), &MergeOptions::default(), &accept);
        merge().map_err(|error| format!("merge: {error}"))?;
        let opened = match reader::OpenContainer::open(store.fs(), store.output()) {
            Ok(Ok(opened)) => opened,
            Ok(Err(flaw)) => return Err(format!("OUTPUT after the merge: {flaw}")),
            Err(Error::Disk { source, .. }) if source.kind() == std::io::ErrorKind::NotFound && there.is_empty() => {
                return Ok(());
            }
            Err(error) => return Err(format!("OUTPUT after the merge: {error}")),
        };
        let mut merged = BTreeSet::new();
        for record in opened.records() {
            let record = record.map_err(|flaw| format!("OUTPUT after the merge: {flaw}"))?;
            if !self.truth.get(&record.key).is_some_and(|true_ones| true_ones.contains(&record)) {
                return Err(format!("false after the merge: {}", record.key));
            }
            merged.insert(record.key);
        }
        if merged != *there {
            return Err(format!("merged {} cases of {}", merged.len(), there.len()));
        }
        let again = merge().map_err(|error| format!("second merge: {error}"))?;
        let waiting = store.scan().map_err(|error| format!("scan after the merge: {error}"))?;
        if again.written || !waiting.unsound.is_empty() {
            return Err("a second merge found something to do".into());
        }
        Ok(())
    }
}

pub(super) fn on(fs: &SimFs) -> Store {
    Store::on(Arc::new(fs.clone()), Path::new(OUTPUT))
}

/// Another solution of the same case: what a program with a fault may leave.
fn another(record: &Record, aep_gwh: f64) -> Record {
    let mut other = record.clone();
    let Outcome::Solved(solution) = &mut other.outcome else { unreachable!() };
    solution.aep_gwh = aep_gwh;
    other
}

fn empty() -> World {
    World::new().know(&[solved(0, 0), solved(0, 1), failed(0, 2)])
}

fn two_in_output_three_in_segments() -> World {
    World::new()
        .with_run(&[solved(0, 0), solved(0, 1)])
        .with_merge()
        .with_run(&[solved(0, 2), failed(0, 3), solved(1, 4)])
        .know(&[solved(0, 5), solved(1, 6)])
}

/// Starting over gives two of the cases anew; the others may go out of sight.
fn two_to_be_replaced() -> World {
    let mut world = two_in_output_three_in_segments();
    world.kept = [solved(0, 0).key, solved(0, 1).key].into();
    world
}

fn all_in_output_and_in_segments() -> World {
    let records = [solved(0, 0), solved(0, 1), failed(0, 2)];
    let mut world = World::new().with_run(&records).with_merge();
    run(&on(&world.fs), &records[..2]);
    run(&on(&world.fs), &records[2..]);
    world.truth.values_mut().for_each(|all| all.truncate(1));
    world
}

/// As a merge leaves it that was stopped before it removed the folders; one segment still waits.
fn folders_without_segments() -> World {
    let world = two_in_output_three_in_segments().with_merge();
    for seed in [0, 1, 2] {
        run(&on(&world.fs), &[solved(0, seed)]);
    }
    for (path, _) in world.fs.files().iter().filter(|(path, _)| path.starts_with(on(&world.fs).shards())) {
        if path.file_name().is_some_and(paths::is_segment) {
            fs::StoreFs::unlink(&world.fs, path).unwrap();
        }
    }
    world.with_run(&[solved(1, 7)])
}

fn two_solutions() -> World {
    let first = solved(0, 0);
    World::new()
        .with_run(&[first.clone(), solved(0, 1)])
        .with_merge()
        .with_run(&[another(&first, 4500.0)])
        .with_run(&[another(&first, 3000.0)])
}

/// A segment cut off, one of 0 bytes, an OUTPUT with a flipped bit; one sound segment.
fn damaged() -> World {
    let mut world = World::new().with_run(&[solved(0, 0)]).with_merge().with_run(&[solved(0, 1), solved(0, 2)]);
    world.kept.clear();
    world.sound.clear();
    let world_fs = world.fs.clone();
    let mut hurt = |path: &Path, contents: Vec<u8>| {
        world_fs.damage(path, contents.clone());
        world.unsound.push(contents);
    };
    let segments: Vec<_> =
        world_fs.files().into_iter().filter(|(path, _)| path.file_name().is_some_and(paths::is_segment)).collect();
    let mut output = world_fs.contents(Path::new(OUTPUT)).unwrap();
    let middle = output.len() / 2;
    output[middle] ^= 1;
    hurt(Path::new(OUTPUT), output);
    let [.., (first, whole), (second, _)] = &segments[..] else { panic!("two segments") };
    hurt(first, whole[..whole.len() / 2].to_vec());
    hurt(second, Vec::new());
    world.with_run(&[solved(1, 3)])
}

fn publish_three(world: &World, fs: &SimFs) {
    write(world, fs, &[solved(0, 0), solved(0, 1), failed(0, 2)], false);
}

fn roll_twice(world: &World, fs: &SimFs) {
    write(world, fs, &[solved(0, 0), solved(0, 1), failed(0, 2)], true);
}

fn write_own(world: &World, fs: &SimFs) {
    write(world, fs, &[solved(0, 5), solved(1, 6)], false);
}

/// What others have, too.
fn write_same(world: &World, fs: &SimFs) {
    write(world, fs, &[solved(0, 5), solved(0, 1)], true);
}

/// A run that says which cases are kept as soon as it knows.
fn write(world: &World, fs: &SimFs, records: &[Record], roll: bool) {
    let store = on(fs);
    let Ok(writer) = store.start_run(2, "name = \"test\"\n", &Provenance::default()) else { return };
    let mut handed_over: Vec<CaseKey> = Vec::new();
    for (number, record) in records.iter().enumerate() {
        assert!(world.truth[&record.key].contains(record));
        if writer.handle().send(number % 2, record.clone()).is_err() {
            break;
        }
        handed_over.push(record.key);
        let kept = if roll { writer.roll().is_ok() } else { writer.flush().is_ok() };
        if kept {
            handed_over.drain(..).for_each(|key| fs.acknowledge(key));
        }
    }
    if writer.finish().is_ok() {
        for key in handed_over {
            fs.acknowledge(key);
        }
    }
}

fn merge_all(_: &World, fs: &SimFs) {
    let options = MergeOptions { wait: std::time::Duration::from_mins(1), ..MergeOptions::default() };
    let _ = on(fs).merge(&facts(), &options, &accept);
}

fn tidy_all(_: &World, fs: &SimFs) {
    let _ = on(fs).tidy();
}

fn quarantine_all(_: &World, fs: &SimFs) {
    let store = on(fs);
    let _ = store.scan().and_then(|inventory| store.quarantine(&inventory));
    let _ = store.merge(&facts(), &MergeOptions::default(), &accept);
}

fn start_over(_: &World, fs: &SimFs) {
    let store = on(fs);
    let Ok(writer) = store.start_run(1, "name = \"test\"\n", &Provenance::default()) else { return };
    for seed in 0..2 {
        let _ = writer.handle().send(0, solved(0, seed));
    }
    let Ok(WriterReport { run: Some(own), .. }) = writer.finish() else { return };
    let options = MergeOptions { own: Some(&own), replace: true, ..MergeOptions::default() };
    let _ = store.merge(&facts(), &options, &accept);
}
