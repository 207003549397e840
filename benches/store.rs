//! What it takes to keep results: publishing a segment, scanning 10 000 shards, merging 100 000 cases. Layouts have 66 turbines.
//!
//! The merge is measured once more in a process of its own, for its memory: `cargo bench --bench store -- --peak`.

#![allow(clippy::unwrap_used, reason = "a bench that cannot set up has failed")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use criterion::{BatchSize, Criterion};
use layoutopt::farm::Layout;
use layoutopt::store::{
    CaseId, CaseKey, MergeOptions, MergeReport, Origin, Outcome, Provenance, Record, RootFacts, Solution, Store,
};

/// A shard full of records: it rolls after these.
const RECORDS_PER_SHARD: u64 = 64;
const SHARDS_TO_SCAN: u64 = 10_000;
const CASES_TO_MERGE: u64 = 100_000;
/// By which the program calls itself.
const MERGE_HERE: &str = "LAYOUTOPT_BENCH_MERGE";
const PEAK_LIMIT_MB: u64 = 200;

fn main() {
    if let Some(output) = std::env::var_os(MERGE_HERE) {
        return report_merge(Path::new(&output));
    }
    if std::env::args().any(|argument| argument == "--peak") {
        return peak();
    }
    let mut criterion = Criterion::default().configure_from_args();
    publish(&mut criterion);
    scan(&mut criterion);
    merge(&mut criterion);
    criterion.final_summary();
}

fn publish(criterion: &mut Criterion) {
    let records: Vec<_> = (0..RECORDS_PER_SHARD).map(record).collect();
    let dir = tempfile::tempdir().unwrap();
    let writer = Store::at(&dir.path().join("layouts.h5")).start_run(1, "", &Provenance::default()).unwrap();
    let mut published = 0;
    let mut group = criterion.benchmark_group("publish");
    group.bench_function("a shard of 64 cases", |bencher| {
        bencher.iter(|| {
            for record in &records {
                writer.handle().send(0, record.clone()).unwrap();
            }
            writer.flush().unwrap();
            published += 1;
        });
    });
    group.finish();
    assert_eq!(writer.finish().unwrap().io.publications, published, "each time one file");
}

fn scan(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(&dir.path().join("layouts.h5"));
    // A shard of a single record each: the most files for the fewest bytes. One run writes one of them, the others are its copies.
    fill(&store, [record(0)]);
    let run = std::fs::read_dir(store.shards()).unwrap().next().unwrap().unwrap().path();
    let first = run.join("w000-000000.h5");
    for shard in 1..SHARDS_TO_SCAN {
        std::fs::copy(&first, run.join(format!("w000-{shard:06}.h5"))).unwrap();
    }
    assert_eq!(store.scan().unwrap().files.len() as u64, SHARDS_TO_SCAN);
    let mut group = criterion.benchmark_group("scan");
    group.sample_size(10);
    group.bench_function("10 000 shards", |bencher| bencher.iter(|| black_box(store.scan().unwrap())));
    group.finish();
}

fn merge(criterion: &mut Criterion) {
    let full = full_store();
    let mut group = criterion.benchmark_group("merge");
    group.sample_size(10);
    group.bench_function("100 000 cases", |bencher| {
        bencher.iter_batched_ref(
            || copy_of(&full),
            |(_, store)| {
                let report = merge_all(store);
                assert_eq!(report.solved, CASES_TO_MERGE);
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// Merges in a process that does nothing else, and holds its peak memory to the limit.
fn peak() {
    let full = full_store();
    let output = full.path().join("layouts.h5");
    let merged = Command::new(std::env::current_exe().unwrap()).env(MERGE_HERE, output).status().unwrap();
    assert!(merged.success());
}

fn report_merge(output: &Path) {
    let store = Store::at(output);
    let since = Instant::now();
    let report = merge_all(&store);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak_mb = peak.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024;
    let output_mb = std::fs::metadata(output).unwrap().len() >> 20;
    println!("merge of {} cases: {:?}, peak {peak_mb} MB, OUTPUT {output_mb} MB", report.solved, since.elapsed());
    assert_eq!(report.solved, CASES_TO_MERGE);
    assert!(peak_mb <= PEAK_LIMIT_MB, "peak of {peak_mb} MB, at most {PEAK_LIMIT_MB}");
}

fn merge_all(store: &Store) -> MergeReport {
    let facts = RootFacts {
        grid_size: 18,
        random_pct: 30.0,
        total_configs: CASES_TO_MERGE,
        sweep: "name = \"bench\"\n".into(),
        wake_model: "nygaard-2022".into(),
        rng: "chacha8".into(),
    };
    store.merge(&facts, &MergeOptions::default(), &|_| Ok(())).unwrap()
}

fn full_store() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fill(&Store::at(&dir.path().join("layouts.h5")), (0..CASES_TO_MERGE).map(record));
    dir
}

/// The same shards by other names of the same files: a merge only reads and removes them.
fn copy_of(full: &tempfile::TempDir) -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    link(full.path(), dir.path());
    let store = Store::at(&dir.path().join("layouts.h5"));
    (dir, store)
}

fn link(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            link(&path, &target);
        } else {
            std::fs::hard_link(&path, &target).unwrap();
        }
    }
}

fn fill(store: &Store, records: impl IntoIterator<Item = Record>) {
    let writer = store.start_run(1, "name = \"bench\"\n", &Provenance::default()).unwrap();
    for record in records {
        writer.handle().send(0, record).unwrap();
    }
    writer.finish().unwrap();
}

/// A solved case of 66 turbines whose numbers follow from its seed.
fn record(seed: u64) -> Record {
    let x_m: Vec<f64> =
        (0..66).map(|k| 690_000.0 + (f64::from(k) * 0.754_877 + seed as f64 * 0.61).fract() * 12_000.0).collect();
    let y_m = x_m.iter().map(|x| x * 9.0).collect();
    Record {
        key: CaseKey { farm: 0, turbine: 5, seed },
        case_id: CaseId(u128::from(seed).to_be_bytes()),
        farm: "dk0w".into(),
        turbine: "Generic 15 MW".into(),
        outcome: Outcome::Solved(Solution {
            layout: Layout { x_m, y_m },
            rotor_diameter_m: 240.0,
            aep_gwh: 4000.0 + (seed % 97) as f64,
            aep_no_wake_gwh: 4500.5,
            restart: 0,
            origin: Origin::Solved,
            stages: vec![],
        }),
    }
}
