//! Locks of the real file system.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::fs::{LockAttempt, LockMode, Missing, RealFs, StoreFs, lock_across_nodes, lock_file};
use super::lock::{holder, is_held};
use super::simfs::{Fault, SimFs};
use super::*;

const FILE_OF_CHILD: &str = "LAYOUTOPT_TEST_LOCK";

#[test]
#[ignore = "the child of the test below"]
fn child_that_holds_a_lock_between_nodes() {
    let Some(path) = std::env::var_os(FILE_OF_CHILD) else { return };
    let file = File::options().read(true).write(true).open(path).unwrap();
    assert!(lock_across_nodes(&file, LockMode::Exclusive).unwrap());
    println!("locked");
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn where_locks_end_at_the_node_another_one_is_taken_on_top() {
    let place = Place::new();
    let path = place.dir.path().join("lock");
    for mode in [LockMode::Shared, LockMode::Exclusive] {
        let tried = lock_file(&path, mode, Missing::Create, true).unwrap();
        assert!(matches!(tried, LockAttempt::Held(_)));
    }
    // A lock that only `fcntl` knows of, as one of another node would be.
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "store::tests::locking::child_that_holds_a_lock_between_nodes"])
        .env(FILE_OF_CHILD, &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.contains("locked")));
    for mode in [LockMode::Shared, LockMode::Exclusive] {
        assert!(matches!(lock_file(&path, mode, Missing::Fail, true).unwrap(), LockAttempt::Busy));
    }
    assert!(matches!(lock_file(&path, LockMode::Exclusive, Missing::Fail, false).unwrap(), LockAttempt::Held(_)));
    drop(child.stdin.take());
    child.wait().unwrap();
    // A file that may only be read cannot be locked for writing: the reason comes through.
    assert!(lock_across_nodes(&File::open(&path).unwrap(), LockMode::Exclusive).is_err());
}

#[test]
fn a_lock_whose_file_is_removed_and_made_anew_still_excludes() {
    let place = Place::new();
    let path = place.dir.path().join("lock");
    let (inside, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let until = Instant::now() + Duration::from_millis(500);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while Instant::now() < until {
                    if let LockAttempt::Held(held) =
                        RealFs.try_lock(&path, LockMode::Exclusive, Missing::Create).unwrap()
                    {
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two hold it");
                        taken.fetch_add(1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        std::fs::remove_file(&path).unwrap();
                        drop(held);
                    }
                }
            });
        }
    });
    assert!(taken.into_inner() > 10);
}

#[test]
fn a_holder_is_named_with_its_job() {
    let place = Place::new();
    let path = place.dir.path().join("lock");
    std::fs::write(&path, r#"{"pid": 7, "host": "n12", "since": "2026-01-01T00:00:00Z", "job": "4711"}"#).unwrap();
    assert_eq!(holder(&RealFs, &path), "process 7 on n12, since 2026-01-01T00:00:00Z, SLURM job 4711");
    std::fs::write(&path, "{").unwrap();
    assert_eq!(holder(&RealFs, &path), "another process");
    let fs = SimFs::new();
    assert!(!is_held(&fs, Path::new("/lock")).unwrap());
    fs.inject(Fault::once(0, 5));
    assert!(is_held(&fs, Path::new("/lock")).is_err());
    let held = place.store.lock(LockKind::WholeSweep).unwrap();
    assert_eq!(format!("{held:?}"), "RunLock { held: true }");
}

#[test]
fn a_file_that_a_run_holds_is_not_repaired() {
    let place = Place::new();
    place.run(&[solved(0, 0)]);
    place.merge();
    let held = place.store.lock(LockKind::WholeSweep).unwrap();
    assert!(matches!(Replacement::of(place.store.output()), Err(crate::Error::InUse { .. })));
    drop(held);
    drop(Replacement::of(place.store.output()).unwrap());
    assert_eq!(place.names(), ["layouts.h5", "layouts.h5.lock"]);
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    let place = Place::new();
    let error = RealFs.open(place.dir.path()).err().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}
