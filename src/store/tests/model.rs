//! Any order of anything a user may do, against a map.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::simfs::{Fault, SimFs};
use super::world::on;
use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// A worker finishes a case.
    Send {
        worker: usize,
        seed: u64,
        fails: bool,
    },
    Flush,
    Roll,
    Merge,
    /// The run ends and another one starts.
    Restart,
    /// The run is killed: its next operation never takes place.
    Kill,
    /// The disk refuses some operations from the n-th on, once or until further notice.
    Trouble {
        n: u64,
        lasts: bool,
    },
    /// The power goes; only what is durable is left.
    PowerCut,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_usize, 0..12_u64, any::<bool>()).prop_map(|(worker, seed, fails)| Step::Send { worker, seed, fails }),
        2 => Just(Step::Flush),
        1 => Just(Step::Roll),
        2 => Just(Step::Merge),
        1 => Just(Step::Restart),
        1 => Just(Step::Kill),
        1 => (0..40_u64, any::<bool>()).prop_map(|(n, lasts)| Step::Trouble { n, lasts }),
        1 => Just(Step::PowerCut),
    ]
}

/// The store and what it must hold.
struct Modelled {
    fs: SimFs,
    store: Store,
    writer: Option<RunWriter>,
    /// Handed over, not yet acknowledged: may be there or not.
    pending: BTreeMap<CaseKey, Record>,
    /// Must be there.
    kept: BTreeMap<CaseKey, Record>,
    /// Handed over once.
    known: BTreeSet<RecordDigest>,
}

impl Modelled {
    fn new() -> Self {
        let fs = SimFs::new();
        fs::StoreFs::mkdir(&fs, Path::new("/d")).unwrap();
        fs.settle();
        let store = on(&fs);
        let mut modelled =
            Self { fs, store, writer: None, pending: BTreeMap::new(), kept: BTreeMap::new(), known: BTreeSet::new() };
        modelled.start();
        modelled
    }

    fn start(&mut self) {
        self.writer = Some(self.store.start_run(3, "name = \"test\"\n", &Provenance::default()).unwrap());
    }

    fn acknowledge(&mut self) {
        self.kept.append(&mut self.pending);
    }

    fn end(&mut self) {
        if self.writer.take().is_some_and(|writer| writer.finish().is_ok()) {
            self.acknowledge();
        }
        // Of what a run did not see kept nobody speaks for another one.
        self.pending.clear();
    }

    fn take(&mut self, step: &Step) {
        let writer = self.writer.as_ref().unwrap();
        match step {
            Step::Send { worker, seed, fails } => {
                // A case has one solution, whoever finds it.
                let record = if *fails { failed(1, *seed) } else { solved(0, *seed) };
                if !self.kept.contains_key(&record.key) && writer.handle().send(*worker, record.clone()).is_ok() {
                    self.known.insert(record.digest());
                    self.pending.insert(record.key, record);
                }
            }
            Step::Flush if writer.flush().is_ok() => self.acknowledge(),
            Step::Roll if writer.roll().is_ok() => self.acknowledge(),
            Step::Merge => {
                let own = writer.roll();
                if own.is_ok() {
                    self.acknowledge();
                }
                let options = MergeOptions { own: own.as_ref().ok(), ..MergeOptions::default() };
                let _ = self.store.merge(&facts(), &options, &accept);
            }
            // A run whose disk failed ends.
            Step::Flush | Step::Roll | Step::Restart => self.restart(),
            Step::Kill => {
                self.fs.inject(Fault::for_good(0, 5));
                self.end();
                self.fs.heal();
                self.start();
            }
            Step::Trouble { n, lasts } => {
                self.fs.inject(if *lasts { Fault::for_good(*n, 28) } else { Fault::once(*n, 5) });
            }
            Step::PowerCut => {
                self.fs.heal();
                self.fs.inject(Fault::crash(0));
                self.end();
                self.fs.heal();
                self.start();
            }
        }
    }

    fn restart(&mut self) {
        self.end();
        self.fs.heal();
        self.start();
    }

    fn compare(&mut self) {
        self.fs.heal();
        self.restart();
        let found = self.store.scan().unwrap();
        assert!(found.unsound.is_empty() && found.conflicts.is_empty());
        for (key, record) in &self.kept {
            let entry = found.entries.get(&(*key, record.case_id)).unwrap_or_else(|| panic!("{key} is lost"));
            assert_eq!(entry.digest, record.digest(), "{key}");
        }
        assert!(found.entries.values().all(|entry| self.known.contains(&entry.digest)), "from nowhere");
        let count = found.entries.len() as u64;
        let report = merge(&self.store);
        assert_eq!(report.solved + report.failed, count);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: size(60, 5_000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_holds_what_a_map_would_hold(steps in proptest::collection::vec(step(), 1..30)) {
        let mut modelled = Modelled::new();
        for step in &steps {
            modelled.take(step);
        }
        modelled.compare();
    }
}
