//! Something changes under our hands, just before any of our operations: what is read then is not what was looked at before.

use std::collections::BTreeMap;

use super::container::{ContainerKind, open_bytes, seal_bytes};
use super::fs::StoreFs;
use super::simfs::{Leave, SimFs};
use super::world::{OUTPUT, on};
use super::*;
use crate::Error;

/// Two cases in OUTPUT, three in segments; no locks, so that anybody may do anything at any time.
fn prepared() -> SimFs {
    let fs = SimFs::new();
    fs.mkdir(Path::new("/d")).unwrap();
    run(&on(&fs), &[solved(0, 0), solved(0, 1)]);
    merge(&on(&fs));
    run(&on(&fs), &[solved(0, 2), failed(0, 3), solved(1, 4)]);
    let fs = fs.copy();
    fs.leave_out(Leave::Locks);
    fs
}

fn matching(fs: &SimFs, wanted: fn(&Path) -> bool) -> Vec<(PathBuf, Vec<u8>)> {
    fs.files().into_iter().filter(|(path, _)| wanted(path)).map(|(path, bytes)| (path, bytes.to_vec())).collect()
}

fn is_output(path: &Path) -> bool {
    path == Path::new(OUTPUT)
}

fn is_segment(path: &Path) -> bool {
    !is_output(path) && path.file_name().is_some_and(paths::is_segment)
}

fn is_new_output(path: &Path) -> bool {
    publish::is_temporary(path.file_name().unwrap(), "layouts.h5".as_ref())
}

fn damage(fs: &SimFs, which: fn(&Path) -> bool) {
    for (path, mut bytes) in matching(fs, which).into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs.damage(&path, bytes);
    }
}

fn remove(fs: &SimFs, which: fn(&Path) -> bool) {
    for (path, _) in matching(fs, which) {
        fs.unlink(&path).unwrap();
    }
}

/// A sound OUTPUT of other cases, or of the cases this one is to have, with other words on the sweep.
fn another_output(of: &[Record], name: &str) -> Vec<u8> {
    let fs = SimFs::new();
    fs.mkdir(Path::new("/d")).unwrap();
    run(&on(&fs), of);
    let facts = RootFacts { rng: name.into(), ..facts() };
    on(&fs).merge(&facts, &MergeOptions::default(), &accept).unwrap();
    fs.contents(Path::new(OUTPUT)).unwrap()
}

fn put(fs: &SimFs, which: fn(&Path) -> bool, bytes: &[u8]) {
    for (path, _) in matching(fs, which) {
        fs.damage(&path, bytes.to_vec());
    }
}

const RECORDS: [fn() -> Record; 5] =
    [|| solved(0, 0), || solved(0, 1), || solved(0, 2), || failed(0, 3), || solved(1, 4)];

/// What somebody does, and whether all cases must still be there.
type Deed = (&'static str, fn(&SimFs), bool);

const DEEDS: [Deed; 9] = [
    ("OUTPUT is damaged", |fs| damage(fs, is_output), false),
    ("OUTPUT goes", |fs| remove(fs, is_output), false),
    ("OUTPUT becomes another", |fs| put(fs, is_output, &another_output(&[solved(0, 9)], "chacha8")), false),
    ("segments are damaged", |fs| damage(fs, is_segment), false),
    ("segments go", |fs| remove(fs, is_segment), false),
    ("the new OUTPUT is damaged", |fs| damage(fs, is_new_output), false),
    ("the new OUTPUT has other cases", |fs| put(fs, is_new_output, &another_output(&[solved(0, 9)], "chacha8")), false),
    (
        "the new OUTPUT has other words",
        |fs| put(fs, is_new_output, &another_output(&RECORDS.map(|record| record()), "numpy")),
        false,
    ),
    (
        "somebody else merges",
        |fs| {
            run(&on(fs), &[solved(1, 5)]);
            let _ = on(fs).merge(&facts(), &MergeOptions::default(), &accept);
        },
        true,
    ),
];

#[test]
fn whatever_changes_at_whatever_operation_nothing_false_comes_out() {
    let prepared = prepared();
    let known: Vec<Record> = RECORDS.map(|record| record()).into_iter().chain([solved(0, 9), solved(1, 5)]).collect();
    let mut endings = BTreeMap::<String, usize>::new();
    for (name, deed, all_stay) in DEEDS {
        for n in (0..).step_by(size(2, 1)) {
            let fs = prepared.copy();
            fs.leave_out(Leave::Locks);
            fs.meanwhile(n, deed);
            let store = on(&fs);
            let merged = store.scan().and_then(|inventory| {
                store.quarantine(&inventory)?;
                store.merge(&facts(), &MergeOptions::default(), &accept)
            });
            if !fs.has_happened() {
                break;
            }
            let ending = match &merged {
                Ok(_) => "done",
                Err(Error::Unsound { .. }) => "unsound",
                Err(Error::Disk { .. }) => "gone, or shorter",
                Err(error) => panic!("{name}, before operation {n}: {error}"),
            };
            // Noticed before it got its name, nothing has come of it.
            let read_back = matches!(&merged, Err(error) if error.to_string().contains("read back after writing"));
            *endings.entry(format!("{name}: {ending}")).or_default() += 1;
            let _ = store.merge(&facts(), &MergeOptions::default(), &accept);
            let found = store.scan();
            if all_stay || read_back {
                let found = found.unwrap();
                for record in RECORDS.map(|record| record()) {
                    assert!(
                        found.holds(record.key, record.case_id),
                        "{name}, before operation {n}: {} is lost",
                        record.key
                    );
                }
            }
            for (path, bytes) in matching(&fs, |path| is_output(path) || is_segment(path)) {
                for record in segment::decode(&bytes).unwrap_or_default() {
                    assert!(known.contains(&record), "{name}, before operation {n}: {} is false", path.display());
                }
            }
        }
    }
    println!("{endings:#?}");
    assert!(endings.len() > 12, "{endings:#?}");
}

#[test]
fn an_output_that_others_replace_again_and_again_is_left_to_them() {
    let fs = prepared();
    let store = on(&fs);
    let seed = std::cell::Cell::new(100);
    let others = |_: &Record| {
        seed.set(seed.get() + 1);
        run(&store, &[solved(2, seed.get())]);
        store.merge(&facts(), &MergeOptions::default(), &accept).unwrap();
        run(&store, &[solved(3, seed.get())]);
        Ok(())
    };
    let error = store.merge(&facts(), &MergeOptions::default(), &others).unwrap_err();
    assert!(matches!(&error, Error::InUse { holder, .. } if holder.contains("keep replacing")), "{error}");
    assert!(store.scan().unwrap().entries.len() > 5);
}

#[test]
fn an_output_damaged_after_it_was_looked_at_is_not_believed() {
    // All is merged, but the segments are still there: only OUTPUT's second reading decides about them.
    let fs = prepared();
    merge(&on(&fs));
    let (mut refused, mut n) = (0, 0);
    loop {
        let fs = fs.copy();
        fs.leave_out(Leave::Locks);
        fs.meanwhile(n, |fs| damage(fs, is_output));
        let merged = on(&fs).merge(&facts(), &MergeOptions::default(), &accept);
        if !fs.has_happened() {
            break;
        }
        refused += usize::from(matches!(merged, Err(Error::Unsound { .. })));
        n += 1;
    }
    assert!(refused > 0);
}

#[test]
fn starting_over_leaves_what_belongs_to_a_living_run() {
    let place = Place::new();
    place.run(&[solved(0, 0)]);
    place.merge();
    let living = place.store.start_run(1, "name = \"test\"\n", &Provenance::here()).unwrap();
    living.handle().send(0, solved(0, 1)).unwrap();
    living.flush().unwrap();
    let own = place.run(&[solved(0, 2)]).run.unwrap();
    let options = MergeOptions { own: Some(&own), replace: true, ..MergeOptions::default() };
    assert_eq!(place.store.merge(&facts(), &options, &accept).unwrap().solved, 1);
    assert_eq!(place.segments().len(), 1);
    assert_eq!(place.store.scan().unwrap().entries.len(), 2);
    drop(living);
}

#[test]
fn a_solved_case_is_taken_before_a_failed_one() {
    for order in [[solved(0, 0), failed(0, 0)], [failed(0, 0), solved(0, 0)]] {
        let place = Place::new();
        for record in order {
            place.run(&[record]);
        }
        let report = place.merge();
        assert_eq!((report.solved, report.failed, report.unsound.len()), (1, 0, 1));
    }
}

#[test]
fn a_writer_whose_store_is_gone_says_so() {
    let nowhere = Store::on(std::sync::Arc::new(SimFs::new()), Path::new("/nowhere/layouts.h5"));
    let writer = nowhere.start_run(1, "", &Provenance::default()).unwrap();
    writer.handle().send(0, solved(0, 0)).unwrap();
    assert!(matches!(writer.flush(), Err(Error::Disk { source, .. }) if source.kind() == std::io::ErrorKind::NotFound));
    let writer = on(&prepared()).start_run(1, "", &Provenance::default()).unwrap();
    let sender = writer.handle();
    writer.finish().unwrap();
    let error = sender.send(0, solved(0, 0)).unwrap_err();
    assert!(error.to_string().contains("the store thread has ended"), "{error}");
}

#[test]
fn a_segment_put_aside_by_a_merge_counts_as_closed() {
    let fs = prepared();
    let bytes = matching(&fs, is_segment).remove(0).1;
    let (seal, body) = open_bytes(&bytes).unwrap();
    assert_eq!(seal_bytes(body.to_vec(), ContainerKind::Segment, &seal.index), bytes);
    let writer = on(&fs).start_run(1, "", &Provenance::default()).unwrap();
    writer.handle().send(0, solved(0, 0)).unwrap();
    let own = writer.roll().unwrap();
    assert!(own.is_closed("w000-000000.h5".as_ref()) && !own.is_closed("w000-000001.h5".as_ref()));
    assert!(own.is_closed("w000-000001.merged-0123456789abcdef.h5".as_ref()));
    writer.finish().unwrap();
}
