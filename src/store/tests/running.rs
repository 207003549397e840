//! Writing, scanning, locking, looking.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::*;
use crate::Error;

#[test]
fn a_run_with_nothing_to_do_leaves_no_trace() {
    let place = Place::new();
    let report = place.run(&[]);
    assert_eq!(report.records, 0);
    assert!(report.run.is_none());
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[test]
fn preflight_leaves_nothing_behind() {
    let place = Place::new();
    place.store.preflight().unwrap();
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[test]
fn preflight_names_what_is_wrong_and_the_way_out() {
    let place = Place::new();
    let cases = [
        (place.dir.path().join("missing/layouts.h5"), "does not exist"),
        (place.dir.path().to_owned(), "is a folder"),
        (PathBuf::from("/proc/layouts.h5"), "cannot be written"),
    ];
    for (path, fault) in cases {
        let error = Store::at(&path).preflight().unwrap_err();
        assert!(matches!(error, Error::BadInput(_)), "{error}");
        assert!(error.to_string().contains(fault) && error.to_string().contains("--output"), "{error}");
    }
    let file = place.dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(Store::at(&file.join("layouts.h5")).preflight().is_err());
    let link = place.dir.path().join("loop");
    std::os::unix::fs::symlink(&link, &link).unwrap();
    assert!(Store::at(&link).preflight().is_err());
    let long = place.dir.path().join("x".repeat(255));
    assert!(matches!(Store::at(&long).preflight(), Err(Error::BadInput(_))));
}

#[test]
fn what_was_stored_is_found_again_without_output() {
    let place = Place::new();
    let records: Vec<_> = (0..150).map(|seed| solved(0, seed)).chain([failed(1, 0)]).collect();
    let report = place.run(&records);
    assert_eq!(report.records, records.len());
    let inventory = place.store.scan().unwrap();
    assert_eq!(inventory.entries.len(), records.len());
    for record in &records {
        assert!(inventory.holds(record.key, record.case_id));
        assert_eq!(inventory.entries[&(record.key, record.case_id)].digest, record.digest());
    }
    assert!(inventory.unsound.is_empty() && inventory.conflicts.is_empty());
    assert_eq!(inventory.stored_sweeps.len(), 1);
    assert_eq!(inventory.stored_sweeps[0].text, "name = \"test\"\n");
}

#[test]
fn a_flush_puts_every_record_on_the_disk() {
    let place = Place::new();
    let writer = place.store.start_run(1, "", &Provenance::default()).unwrap();
    for seed in 0..3 {
        writer.handle().send(0, solved(0, seed)).unwrap();
        writer.flush().unwrap();
        assert_eq!(place.store.scan().unwrap().entries.len() as u64, seed + 1);
    }
    assert_eq!(place.segments().len(), 1, "the open segment is replaced, not multiplied");
}

#[test]
fn a_writer_that_is_dropped_keeps_what_it_was_given() {
    let place = Place::new();
    let writer = place.store.start_run(1, "", &Provenance::default()).unwrap();
    writer.handle().send(0, solved(0, 0)).unwrap();
    drop(writer);
    assert_eq!(place.store.scan().unwrap().entries.len(), 1);
}

#[test]
fn numbers_that_cannot_be_right_are_refused_and_the_run_goes_on() {
    let place = Place::new();
    let writer = place.store.start_run(1, "", &Provenance::default()).unwrap();
    let mut record = solved(0, 0);
    let Outcome::Solved(solution) = &mut record.outcome else { unreachable!() };
    solution.aep_gwh = f64::NAN;
    assert!(matches!(writer.handle().send(0, record), Err(Error::Unsound { .. })));
    writer.handle().send(0, solved(0, 1)).unwrap();
    assert_eq!(writer.finish().unwrap().records, 1);
}

#[test]
fn a_second_whole_run_is_told_who_holds_the_output() {
    let place = Place::new();
    let lock = place.store.lock(LockKind::WholeSweep).unwrap();
    for kind in [LockKind::WholeSweep, LockKind::Part] {
        match place.store.lock(kind) {
            Err(Error::InUse { holder, .. }) => assert!(holder.contains(&std::process::id().to_string()), "{holder}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(place.store.status().unwrap().holder.is_some());
    drop(lock);
    let _first = place.store.lock(LockKind::Part).unwrap();
    let _second = place.store.lock(LockKind::Part).unwrap();
    assert!(matches!(place.store.lock(LockKind::WholeSweep), Err(Error::InUse { .. })));
}

#[test]
fn half_written_files_are_not_even_looked_at() {
    let place = Place::new();
    let run = place.run(&[solved(0, 0)]).run.unwrap();
    let folder = place.store.shards().join(&run.name);
    std::fs::write(folder.join(".w000-000001.h5.tmp-0123456789abcdef"), b"half").unwrap();
    let inventory = place.store.scan().unwrap();
    assert_eq!((inventory.entries.len(), inventory.unsound.len()), (1, 0));
    place.merge();
    assert_eq!(place.names(), ["layouts.h5"], "and go with the folder");
}

#[test]
fn what_is_named_like_a_segment_but_is_none_stops_nobody() {
    let place = Place::new();
    let run = place.run(&[solved(0, 0)]).run.unwrap();
    let folder = place.store.shards().join(&run.name);
    std::fs::create_dir(folder.join("dir.h5")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.join("fifo.h5"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    std::os::unix::fs::symlink("loop.h5", folder.join("loop.h5")).unwrap();
    std::fs::write(folder.join("empty.h5"), b"").unwrap();
    std::fs::write(folder.join("foreign.h5"), b"not ours, and longer than a footer is: sixty-four bytes of nonsense")
        .unwrap();
    let inventory = place.store.scan().unwrap();
    let mut slugs: Vec<_> = inventory.unsound.iter().map(|unsound| unsound.flaw.slug()).collect();
    slugs.sort_unstable();
    assert_eq!(slugs, ["empty", "no-footer", "not-a-file", "not-a-file", "not-a-file"]);
    let moved = place.store.quarantine(&inventory).unwrap();
    assert_eq!(moved.len(), 2);
    for moved in &moved {
        assert!(moved.to.exists() && !moved.from.exists());
        let mut reason = moved.to.clone().into_os_string();
        reason.push(".json");
        let reason: serde_json::Value = serde_json::from_slice(&std::fs::read(reason).unwrap()).unwrap();
        assert_eq!(reason["reason"], moved.flaw.slug());
    }
    assert_eq!(place.merge().solved, 1);
    assert_eq!(place.store.status().unwrap().quarantined, 2);
}

#[test]
fn names_with_spaces_and_without_utf8_work() {
    let names: [&OsStr; 2] = [OsStr::new("my layouts.h5"), OsStr::from_bytes(b"layouts-\xff\xfe.h5")];
    for name in names {
        let place = Place::named(name);
        place.store.preflight().unwrap();
        place.run(&[solved(0, 0), failed(0, 1)]);
        assert_eq!(place.merge().solved, 1);
        assert_eq!(place.stored(), [solved(0, 0), failed(0, 1)]);
        assert!(validate_structure(place.store.output(), None, &mut |_| {}).unwrap().is_valid());
    }
}

#[test]
fn a_link_stays_a_link() {
    let elsewhere = tempfile::tempdir().unwrap();
    let place = Place::new();
    let link = place.dir.path().join("link.h5");
    std::os::unix::fs::symlink(elsewhere.path().join("real.h5"), &link).unwrap();
    let store = Store::at(&link);
    store.preflight().unwrap();
    for seed in 0..2 {
        // Once the file is there, and once not yet.
        let store = Store::at(&link);
        run(&store, &[solved(0, seed)]);
        merge(&store);
    }
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(stored(&elsewhere.path().join("real.h5")).len(), 2);
}

#[test]
fn a_disk_that_fails_stops_the_writer_with_the_disks_error() {
    let fs = simfs::SimFs::new();
    let store = Store::on(std::sync::Arc::new(fs.clone()), Path::new("/layouts.h5"));
    let writer = store.start_run(1, "", &Provenance::default()).unwrap();
    writer.handle().send(0, solved(0, 0)).unwrap();
    writer.flush().unwrap();
    fs.inject(simfs::Fault::for_good(0, 28));
    writer.handle().send(0, solved(0, 1)).unwrap();
    assert!(matches!(writer.flush(), Err(Error::Disk { source, .. }) if source.raw_os_error() == Some(28)));
    assert!(writer.has_failed());
    assert!(writer.handle().send(0, solved(0, 2)).is_err());
    assert!(matches!(writer.finish(), Err(Error::Disk { source, .. }) if source.raw_os_error() == Some(28)));
    fs.heal();
    assert_eq!(store.scan().unwrap().entries.len(), 1, "what was flushed before is kept");
}
