//! Records that are there more than once, by whatever way they came.

use super::*;

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn run_folder(place: &Place) -> PathBuf {
    place.segments()[0].parent().unwrap().to_owned()
}

#[test]
fn a_copied_run_folder_adds_nothing() {
    let place = Place::new();
    place.run(&[solved(0, 0), solved(0, 1), failed(0, 2)]);
    for copy in ["a copy", "20260101T000000Z-elsewhere-1-0"] {
        copy_folder(&run_folder(&place), &place.store.shards().join(copy));
    }
    let report = place.merge();
    assert_eq!((report.solved, report.failed, report.duplicates), (2, 1, 6));
    assert!(report.unsound.is_empty());
    assert_eq!(place.names(), ["layouts.h5"], "the copies are merged as well, and go");
}

#[test]
fn a_renamed_or_copied_segment_counts_once() {
    let place = Place::new();
    place.run(&[solved(0, 0)]);
    let segment = place.segments().remove(0);
    let dir = segment.parent().unwrap();
    std::fs::copy(&segment, dir.join("backup of mine.h5")).unwrap();
    std::fs::copy(&segment, dir.join("w007-000003.h5")).unwrap();
    std::fs::rename(&segment, dir.join("renamed.h5")).unwrap();
    let report = place.merge();
    assert_eq!((report.solved, report.duplicates), (1, 2));
    assert_eq!(place.names(), ["layouts.h5"]);
}

#[test]
fn an_output_copied_among_the_shards_is_not_taken_for_more() {
    let place = Place::new();
    place.run(&[solved(0, 0)]);
    place.merge();
    let copy = std::fs::read(place.store.output()).unwrap();
    place.run(&[solved(0, 1)]);
    std::fs::write(run_folder(&place).join("layouts.h5"), copy).unwrap();
    let report = place.merge();
    assert_eq!((report.solved, report.duplicates), (2, 1));
    assert_eq!(place.stored(), [solved(0, 0), solved(0, 1)]);
}

#[test]
fn a_shard_of_another_sweep_under_the_same_keys_is_refused_and_kept() {
    let (place, other) = (Place::new(), Place::new());
    place.run(&[solved(0, 0)]);
    place.merge();
    other.run(&[Record { case_id: CaseId([77; 16]), ..solved(0, 0) }]);
    std::fs::create_dir(place.store.shards()).unwrap();
    copy_folder(&run_folder(&other), &place.store.shards().join("foreign"));
    let before = std::fs::read(place.store.output()).unwrap();
    let error = place.store.merge(&facts(), &MergeOptions::default(), &accept).unwrap_err();
    assert!(error.to_string().contains("two different sets of inputs"), "{error}");
    assert_eq!(std::fs::read(place.store.output()).unwrap(), before);
    assert_eq!(place.segments().len(), 1, "nothing sound is dropped");
}
