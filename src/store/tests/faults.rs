//! Every operation of a merge fails once, for good, or is the last one before the power goes.

use std::sync::Arc;

use super::simfs::{Fault, SimFs};
use super::*;

const OUTPUT: &str = "/d/layouts.h5";

/// An OUTPUT with two cases, and three more in the segments of a run that ended.
fn prepared() -> (SimFs, Store) {
    let fs = SimFs::new();
    fs::StoreFs::mkdir(&fs, Path::new("/d")).unwrap();
    fs::StoreFs::sync_dir(&fs, Path::new("/")).unwrap();
    let store = Store::on(Arc::new(fs.clone()), Path::new(OUTPUT));
    run(&store, &[solved(0, 0), solved(0, 1)]);
    merge(&store);
    run(&store, &[solved(0, 2), failed(0, 3), solved(1, 4)]);
    (fs, store)
}

fn keys(store: &Store) -> Vec<String> {
    store.scan().unwrap().entries.keys().map(|(key, _)| key.to_string()).collect()
}

fn check_after(fault: Fault, n: u64) -> bool {
    let (fs, store) = prepared();
    let all = keys(&store);
    assert_eq!(all.len(), 5);
    fs.inject(fault);
    let result = store.merge(&facts(), &MergeOptions::default(), &accept);
    let fired = fs.heal();
    assert_eq!(keys(&store), all, "a case was lost by a fault at operation {n} ({fault:?})");
    assert!(store.scan().unwrap().unsound.is_empty(), "something unsound is visible after a fault at operation {n}");
    if !fired {
        assert_eq!(result.unwrap().solved, 4);
    }
    let report = store.merge(&facts(), &MergeOptions::default(), &accept).unwrap();
    assert_eq!((report.solved, report.failed), (4, 1), "after a fault at operation {n}");
    assert!(report.unsound.is_empty() && report.quarantined.is_empty());
    assert_eq!(keys(&store), all);
    fired
}

#[test]
fn no_error_at_any_operation_of_a_merge_loses_a_case() {
    for errno in [5, 28] {
        for fault in [Fault::once as fn(u64, i32) -> Fault, Fault::for_good] {
            assert!((0..10_000).take_while(|&n| check_after(fault(n, errno), n)).count() > 50);
        }
    }
}

#[test]
fn no_power_cut_at_any_operation_of_a_merge_loses_a_case() {
    assert!((0..10_000).take_while(|&n| check_after(Fault::crash(n), n)).count() > 50);
}

#[test]
fn no_power_cut_during_a_run_loses_a_flushed_case() {
    for n in 0.. {
        let fs = SimFs::new();
        let store = Store::on(Arc::new(fs.clone()), Path::new("/layouts.h5"));
        fs.inject(Fault::crash(n));
        let writer = store.start_run(2, "name = \"test\"\n", &Provenance::default()).unwrap();
        let mut flushed = 0;
        for seed in 0..3_usize {
            if writer.handle().send(seed % 2, solved(0, seed as u64)).is_err() || writer.flush().is_err() {
                break;
            }
            flushed = seed + 1;
        }
        let _ = writer.finish();
        let fired = fs.heal();
        let found = store.scan().unwrap();
        assert!(
            found.entries.len() >= flushed,
            "{flushed} were acknowledged, a cut at {n} left {}",
            found.entries.len()
        );
        assert!(found.unsound.is_empty());
        if !fired {
            break;
        }
    }
}

#[test]
fn without_the_file_fsync_the_power_cut_test_would_fail() {
    // The control: a rename without the fsync before it leaves exactly the file of 0 bytes.
    let fs = SimFs::new();
    let path = Path::new("/w000-000000.h5");
    let mut file = fs::StoreFs::create_new(&fs, Path::new("/tmp")).unwrap();
    file.write_all(b"contents").unwrap();
    fs::StoreFs::rename(&fs, Path::new("/tmp"), path).unwrap();
    fs::StoreFs::sync_dir(&fs, Path::new("/")).unwrap();
    fs.inject(Fault::crash(0));
    assert!(fs::StoreFs::stat(&fs, path).is_err());
    fs.heal();
    assert_eq!(fs.contents(path).as_deref(), Some(&b""[..]));
}
