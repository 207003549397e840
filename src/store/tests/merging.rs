//! Merging, replacing, quarantine.

use super::*;
use crate::Error;

#[test]
fn a_merge_holds_all_and_leaves_only_output() {
    let place = Place::new();
    let mut records: Vec<_> = (0..70).map(|seed| solved(0, seed)).chain([failed(1, 0)]).collect();
    place.run(&records);
    let report = place.merge();
    assert!(report.written);
    assert_eq!((report.solved, report.failed, report.added, report.segments_kept), (70, 1, 71, 0));
    records.sort_by_key(|record| record.key);
    assert_eq!(place.stored(), records);
    assert_eq!(place.names(), ["layouts.h5"]);
    let root = read_output_root(place.store.output()).unwrap();
    assert_eq!(root.facts, facts());
    assert_eq!((root.successful_configs, root.generation, root.log.len()), (70, 1, 1));
}

#[test]
fn merging_again_changes_nothing() {
    let place = Place::new();
    place.run(&[solved(0, 0)]);
    place.merge();
    let before = std::fs::read(place.store.output()).unwrap();
    assert!(!place.merge().written);
    // The same case once more, as after a kill between the rename and the deletion of segments.
    place.run(&[solved(0, 0)]);
    let report = place.merge();
    assert!(!report.written);
    assert_eq!((report.duplicates, report.segments_deleted), (1, 1));
    assert_eq!(std::fs::read(place.store.output()).unwrap(), before);
    assert_eq!(place.names(), ["layouts.h5"]);
}

#[test]
fn order_and_grouping_of_merges_do_not_matter() {
    let records: Vec<_> = (0..6).map(|seed| solved(u32::from(seed % 2 == 0), seed)).chain([failed(2, 9)]).collect();
    let at_once = Place::new();
    at_once.run(&records);
    at_once.merge();
    let piecemeal = Place::new();
    for record in records.iter().rev() {
        piecemeal.run(std::slice::from_ref(record));
        piecemeal.merge();
    }
    assert_eq!(at_once.stored(), piecemeal.stored());
    let digest = |place: &Place| content_digest(place.store.output()).unwrap();
    assert_eq!(digest(&at_once), digest(&piecemeal));
    assert_eq!(read_output_root(piecemeal.store.output()).unwrap().log.len(), records.len());
}

#[test]
fn two_runs_differ_in_provenance_only() {
    // All provenance lies behind the last case, so what comes before must be equal byte for byte.
    let bytes = || {
        let place = Place::new();
        place.run(&(0..100).map(|seed| solved(0, seed)).collect::<Vec<_>>());
        place.merge();
        std::fs::read(place.store.output()).unwrap()
    };
    let (first, second) = (bytes(), bytes());
    let differing: Vec<_> = (0..first.len().min(second.len())).filter(|&at| first[at] != second[at]).collect();
    let last_case = first.windows(7).rposition(|window| window == b"dk0w\0\0\0").unwrap();
    let inside = differing.iter().filter(|&&at| at < last_case && at > 4096).count();
    assert_eq!(inside, 0, "{} bytes differ before {last_case}", differing.len());
}

#[test]
fn segments_of_a_living_run_stay() {
    let place = Place::new();
    let writer = place.store.start_run(1, "", &Provenance::default()).unwrap();
    writer.handle().send(0, solved(0, 0)).unwrap();
    writer.flush().unwrap();
    let report = place.merge();
    assert_eq!((report.solved, report.segments_deleted, report.segments_kept), (1, 0, 1));
    assert_eq!(place.segments().len(), 1);
    // Its own merge may delete what it closed, and nothing else.
    let own = writer.roll().unwrap();
    writer.handle().send(0, solved(0, 1)).unwrap();
    writer.flush().unwrap();
    let options = MergeOptions { own: Some(&own), ..MergeOptions::default() };
    let report = place.store.merge(&facts(), &options, &accept).unwrap();
    assert_eq!((report.solved, report.segments_deleted, report.segments_kept), (2, 1, 1));
    writer.handle().send(0, solved(0, 2)).unwrap();
    writer.finish().unwrap();
    assert_eq!(place.merge().solved, 3);
    assert_eq!(place.names(), ["layouts.h5"]);
}

#[test]
fn of_two_solutions_the_better_is_taken_and_the_other_kept_in_quarantine() {
    let better = |aep: f64| {
        let mut record = solved(0, 0);
        let Outcome::Solved(solution) = &mut record.outcome else { unreachable!() };
        solution.aep_gwh = aep;
        record
    };
    for order in [[4100.0, 4200.0], [4200.0, 4100.0]] {
        let place = Place::new();
        for aep in order {
            place.run(&[better(aep)]);
        }
        assert_eq!(place.store.scan().unwrap().conflicts.len(), 1);
        let report = place.merge();
        assert_eq!(place.stored(), [better(4200.0)]);
        assert_eq!(report.unsound.len(), 1);
        assert_eq!(report.quarantined.len(), 1);
        assert_eq!(report.quarantined[0].flaw.slug(), "conflict");
        assert!(!place.merge().written);
    }
}

#[test]
fn a_record_that_is_not_proven_is_named_and_the_rest_goes_in() {
    let place = Place::new();
    place.run(&[solved(0, 0), solved(0, 1), solved(0, 2)]);
    let prove = |record: &Record| if record.key.seed == 1 { Err("turbine 3 stands outside".into()) } else { Ok(()) };
    let report = place.store.merge(&facts(), &MergeOptions::default(), &prove).unwrap();
    assert_eq!(report.solved, 2);
    assert_eq!(report.unsound.len(), 1);
    assert!(report.unsound[0].flaw.to_string().contains("farm0_t5_s1: turbine 3 stands outside"));
    assert_eq!(report.quarantined.len(), 1);
    let report = place.store.merge(&facts(), &MergeOptions::default(), &prove).unwrap();
    assert!(!report.written && report.unsound.is_empty());
}

#[test]
fn records_of_another_sweep_stay_where_they_are() {
    let place = Place::new();
    let foreign = Record { case_id: CaseId([99; 16]), ..solved(0, 0) };
    place.run(&[solved(0, 0)]);
    place.run(std::slice::from_ref(&foreign));
    let inventory = place.store.scan().unwrap();
    assert_eq!(inventory.ids_of(foreign.key).count(), 2);
    let error = place.store.merge(&facts(), &MergeOptions::default(), &accept).unwrap_err();
    assert!(matches!(&error, Error::BadInput(problems) if problems[0].place == "farm0_t5_s0"), "{error}");
    let only = |_, case_id| case_id != CaseId([99; 16]);
    let options = MergeOptions { only: Some(&only), ..MergeOptions::default() };
    let report = place.store.merge(&facts(), &options, &accept).unwrap();
    assert_eq!(report.left_out, [(foreign.key, foreign.case_id)]);
    assert_eq!((report.segments_deleted, report.segments_kept), (1, 1));
    assert_eq!(place.stored(), [solved(0, 0)]);
    assert!(place.store.scan().unwrap().holds(foreign.key, foreign.case_id), "nothing sound is dropped");
}

#[test]
fn starting_over_replaces_output_and_keeps_the_old_one_aside() {
    let place = Place::new();
    place.run(&[solved(0, 0), solved(0, 7)]);
    place.merge();
    place.run(&[solved(0, 8)]);
    let own = place.run(&[Record { case_id: CaseId([5; 16]), ..solved(0, 0) }]).run.unwrap();
    let options = MergeOptions { own: Some(&own), replace: true, ..MergeOptions::default() };
    let report = place.store.merge(&facts(), &options, &accept).unwrap();
    assert_eq!((report.solved, report.quarantined.len()), (1, 1));
    assert_eq!(report.quarantined[0].flaw, Flaw::Superseded);
    assert_eq!(place.stored()[0].case_id, CaseId([5; 16]));
    assert_eq!(stored(&place.dir.path().join("layouts.h5.bak")).len(), 2);
}

#[test]
fn a_changed_root_is_written_and_an_equal_one_is_not() {
    let place = Place::new();
    place.run(&[solved(0, 0)]);
    place.merge();
    place.run(&[solved(0, 0)]);
    let changed = RootFacts { total_configs: 2000, random_pct: 12.5, ..facts() };
    assert!(place.store.merge(&changed, &MergeOptions::default(), &accept).unwrap().written);
    assert_eq!(read_output_root(place.store.output()).unwrap().facts, changed);
}

#[test]
fn a_damaged_output_goes_to_quarantine_and_shards_make_a_new_one() {
    let place = Place::new();
    place.run(&[solved(0, 0)]);
    place.merge();
    let mut bytes = std::fs::read(place.store.output()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(place.store.output(), &bytes).unwrap();
    assert!(!validate_structure(place.store.output(), None, &mut |_| {}).unwrap().is_valid());
    assert_eq!(place.store.scan().unwrap().unsound.len(), 1);
    place.run(&[solved(0, 1)]);
    let report = place.merge();
    assert_eq!((report.solved, report.quarantined.len()), (1, 1));
    assert_eq!(std::fs::read(&report.quarantined[0].to).unwrap(), bytes, "the original is kept as it was");
}

#[test]
fn damage_to_a_segment_costs_that_segment_only() {
    let place = Place::new();
    let records: Vec<_> = (0..200).map(|seed| solved(0, seed)).collect();
    place.run(&records);
    let segments = place.segments();
    assert!(segments.len() >= 3);
    let bytes = std::fs::read(&segments[1]).unwrap();
    std::fs::write(&segments[1], &bytes[..bytes.len() - 1]).unwrap();
    let report = place.merge();
    assert!(report.solved >= 200 - 64 && report.solved < 200);
    assert_eq!(report.quarantined.len(), 1);
    assert!(validate_structure(place.store.output(), None, &mut |_| {}).unwrap().is_valid());
}

#[test]
fn salvage_gives_back_every_record_that_fits_its_checksum() {
    let place = Place::new();
    place.run(&[solved(0, 0), solved(0, 1), failed(0, 2)]);
    place.merge();
    let mut bytes = std::fs::read(place.store.output()).unwrap();
    let at = bytes.windows(8).position(|window| window == 4001_f64.to_le_bytes()).unwrap();
    bytes[at] ^= 1;
    let damaged = place.dir.path().join("damaged.h5");
    for length in [bytes.len(), bytes.len() - 64] {
        std::fs::write(&damaged, &bytes[..length]).unwrap();
        let mut frames = Vec::new();
        salvage_to(&damaged, &mut frames).unwrap();
        let mut rest = &frames[..];
        let mut said = Vec::new();
        loop {
            let length = usize::try_from(u64::from_le_bytes(rest[..8].try_into().unwrap())).unwrap();
            if length == 0 {
                break;
            }
            said.extend(Some(&rest[8..8 + length]).filter(|said| *said != b"LOPTLIVE"));
            rest = &rest[8 + length..];
        }
        assert_eq!(rest, [0; 8]);
        let (notes, segments): (Vec<_>, Vec<_>) = said.into_iter().partition(|said| said.starts_with(b"LOPTNOTE"));
        let mut records = segment::decode(segments[0]).unwrap();
        records.sort_by_key(|record| record.key);
        assert_eq!((segments.len(), records), (1, vec![solved(0, 0), failed(0, 2)]));
        let notes: Vec<_> = notes.iter().map(|note| String::from_utf8_lossy(note)).collect();
        assert!(notes.len() == 2 && notes[0].contains("sweep") && notes[1].contains("farm0_t5_s1"), "{notes:?}");
    }
}

#[test]
fn many_merges_at_once_end_in_the_union() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for worker in 0..4_u64 {
            let store = &place.store;
            scope.spawn(move || {
                for round in 0..4 {
                    run(store, &[solved(0, worker * 100 + round), solved(0, round)]);
                    let options = MergeOptions { wait: std::time::Duration::from_mins(1), ..MergeOptions::default() };
                    store.merge(&facts(), &options, &accept).unwrap();
                }
            });
        }
    });
    let report = place.merge();
    assert_eq!(report.solved, 16, "4 workers x 4 rounds; worker 0's own are the shared ones");
    assert_eq!(place.names(), ["layouts.h5"]);
}
