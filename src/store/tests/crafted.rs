//! Files with a right seal around contents that no program of ours writes: each contradiction is named.

use hdf5::File;

use super::attributes::{get_text, put, put_text};
use super::container::{ContainerKind, IndexEntry, open_bytes, seal_bytes};
use super::image;
use super::segment::{decode, encode};
use super::table::{CASES, CaseRow, write_table};
use super::*;
use crate::Error;

/// A sealed file whose image was changed through HDF5 before it was sealed.
fn crafted(bytes: &[u8], change: &dyn Fn(&File), index: &dyn Fn(&mut Vec<IndexEntry>)) -> Vec<u8> {
    let (seal, body) = open_bytes(bytes).unwrap();
    let place = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(place.path(), body).unwrap();
    let file = File::open_rw(place.path()).unwrap();
    change(&file);
    file.close().unwrap();
    let mut entries = seal.index;
    index(&mut entries);
    seal_bytes(std::fs::read(place.path()).unwrap(), seal.kind, &entries)
}

fn replace<T: hdf5::H5Type>(on: &hdf5::Location, name: &str, value: T) {
    on.delete_attr(name).unwrap();
    put(on, name, value).unwrap();
}

fn output() -> (Place, Vec<u8>) {
    let place = Place::new();
    place.run(&[solved(0, 0), solved(0, 1), failed(0, 2)]);
    place.merge();
    let bytes = std::fs::read(place.store.output()).unwrap();
    (place, bytes)
}

fn table(file: &File, rows: &[Record]) {
    file.unlink(CASES).unwrap();
    write_table(file, &rows.iter().map(CaseRow::of).collect::<Vec<_>>(), Compression::None).unwrap();
}

/// The record of a case with a number that cannot be right, under a checksum that fits; its digest.
fn implausible(file: &File, record: &Record) -> RecordDigest {
    let mut wrong = record.clone();
    let Outcome::Solved(solution) = &mut wrong.outcome else { unreachable!() };
    solution.rotor_diameter_m = -240.0;
    let group = file.group(&record.key.to_string()).unwrap();
    replace(&group, "diameter", -240.0);
    group.delete_attr("checksum").unwrap();
    put_text(&group, "checksum", &super::flaw::hex(&wrong.digest().0)).unwrap();
    wrong.digest()
}

#[test]
fn validation_names_every_contradiction() {
    type Change = (&'static str, &'static dyn Fn(&File), &'static dyn Fn(&mut Vec<IndexEntry>));
    let changes: [Change; 12] = [
        ("successful_configs is 5", &|file| replace(file, "successful_configs", 5_i64), &|_| {}),
        ("total_configs is 1", &|file| replace(file, "total_configs", 1_i64), &|_| {}),
        ("total_configs is -1", &|file| replace(file, "total_configs", -1_i64), &|_| {}),
        (
            "content_digest is not",
            &|file| {
                file.delete_attr("content_digest").unwrap();
                put_text(file, "content_digest", "0").unwrap();
            },
            &|_| {},
        ),
        ("newer than this program", &|file| replace(file, "schema_version", 99_i64), &|_| {}),
        ("not in order", &|_| {}, &|index| index.reverse()),
        ("lists a case twice", &|_| {}, &|index| index.push(index[0])),
        ("farm0_t5_s0: not in the index", &|_| {}, &|index| {
            index.remove(0);
        }),
        ("has 1 rows", &|file| table(file, &[solved(0, 0)]), &|_| {}),
        ("row 1 of", &|file| table(file, &[solved(0, 0), solved(1, 1), failed(0, 2)]), &|_| {}),
        ("farm0_t5_s1", &|file| replace(&file.group("farm0_t5_s1").unwrap(), "diameter", 1.0), &|_| {}),
        (
            "layout has the shape [3, 2]",
            &|file| {
                let group = file.group("farm0_t5_s1").unwrap();
                group.unlink("layout").unwrap();
                group.new_dataset::<f64>().shape([3, 2]).create("layout").unwrap();
            },
            &|_| {},
        ),
    ];
    for (named, change, index) in changes {
        let (place, bytes) = output();
        std::fs::write(place.store.output(), crafted(&bytes, change, index)).unwrap();
        let report = validate_structure(place.store.output(), None, &mut |_| {}).unwrap();
        assert!(report.errors.iter().any(|error| error.contains(named)), "{named}: {:?}", report.errors);
        assert!(!report.is_valid());
    }
}

#[test]
fn validation_names_numbers_that_cannot_be_right_and_objects_that_are_not_ours() {
    let (place, bytes) = output();
    let digest = std::cell::Cell::new(None);
    let odd = |file: &File| {
        digest.set(Some(implausible(file, &solved(0, 1))));
        file.create_group("odd").unwrap();
    };
    // Changed before the index is.
    let wrong = crafted(&bytes, &odd, &|index| index[1].digest = digest.get().unwrap());
    std::fs::write(place.store.output(), wrong).unwrap();
    let report = validate_structure(place.store.output(), None, &mut |_| {}).unwrap();
    assert!(report.errors.iter().any(|error| error.starts_with("farm0_t5_s1: ")), "{:?}", report.errors);
    assert!(report.warnings.iter().any(|warning| warning.starts_with("odd: ")), "{:?}", report.warnings);
}

#[test]
fn an_output_of_a_newer_schema_is_refused_by_every_door() {
    let (place, bytes) = output();
    let newer = crafted(&bytes, &|file| replace(file, "schema_version", 99_i64), &|_| {});
    std::fs::write(place.store.output(), &newer).unwrap();
    let refused = |error: Error| assert!(error.to_string().contains("newer than this program"), "{error}");
    refused(place.store.scan().unwrap_err());
    place.run(&[solved(0, 4)]);
    refused(place.store.merge(&facts(), &MergeOptions::default(), &accept).unwrap_err());
    refused(read_output_root(place.store.output()).unwrap_err());
    let copy = place.dir.path().join("copy");
    refused(reorganize(place.store.output(), &copy, Arrangement::Farm, None, false).unwrap_err());
    assert_eq!(std::fs::read(place.store.output()).unwrap(), newer);
    let segment = &place.segments()[0];
    let error = reorganize(segment, &copy, Arrangement::Farm, None, false).unwrap_err();
    assert!(error.to_string().contains("a shard"), "{error}");
    assert!(!copy.exists());
}

#[test]
fn a_file_without_a_right_seal_has_no_content() {
    let (place, mut bytes) = output();
    bytes[100] ^= 1;
    std::fs::write(place.store.output(), bytes).unwrap();
    assert!(matches!(content_digest(place.store.output()), Err(Error::Unsound { .. })));
    let nowhere = place.dir.path().join("nowhere");
    assert!(matches!(content_digest(&nowhere), Err(Error::Disk { .. })));
    let problems = crate::store::files_below(&[nowhere, "/dev/null".into()]).unwrap_err().to_string();
    assert!(problems.contains("cannot be read") && problems.contains("neither a file nor a folder"), "{problems}");
}

#[test]
fn a_heap_that_does_not_end_is_never_given_to_hdf5() {
    let bytes = encode(&[solved(0, 0)]).unwrap();
    let (seal, body) = open_bytes(&bytes).unwrap();
    let mut body = body.to_vec();
    let heap = body.windows(4).position(|four| four == b"GCOL").unwrap();
    // The size of its first object.
    body[heap + 24..heap + 32].fill(0xff);
    let wrong = seal_bytes(body, ContainerKind::Segment, &seal.index);
    assert!(matches!(decode(&wrong), Err(Flaw::Hdf5(reason)) if reason.contains("heap of texts")));
    assert!(image::open(b"").is_err());
}

/// What the child says of a file: texts, and segments as texts.
fn salvaged(path: &Path) -> Vec<Vec<u8>> {
    let (mut said, mut frames) = (Vec::new(), Vec::new());
    salvage_to(path, &mut said).unwrap();
    let mut rest = said.as_slice();
    while let Some((length, more)) = rest.split_first_chunk() {
        let (frame, after) = more.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
        frames.push(frame.to_vec());
        rest = after;
    }
    assert_eq!(frames.pop(), Some(Vec::new()), "the end is said");
    frames.retain(|frame| frame != b"LOPTLIVE");
    frames
}

fn text(frames: &[Vec<u8>]) -> String {
    String::from_utf8_lossy(&frames.concat()).into_owned()
}

#[test]
fn what_is_salvaged_is_plausible_and_comes_once() {
    let place = Place::new();
    let path = place.dir.path().join("file.h5");
    // Solved and failed under one key.
    std::fs::write(&path, open_bytes(&encode(&[solved(0, 0), failed(0, 0)]).unwrap()).unwrap().1).unwrap();
    let frames = salvaged(&path);
    assert_eq!((decode(&frames[0]), frames.len()), (Ok(vec![solved(0, 0)]), 1));
    // A number that cannot be right, under a checksum that fits; by name, and by its header alone.
    let bytes = encode(&[solved(0, 0)]).unwrap();
    let wrong = crafted(
        &bytes,
        &|file| {
            implausible(file, &solved(0, 0));
        },
        &|_| {},
    );
    std::fs::write(&path, &wrong).unwrap();
    let said = text(&salvaged(&path));
    assert!(said.contains(r#"{"lost":{"case":"farm0_t5_s0""#), "{said}");
    // Nothing that HDF5 would open, too long to be held in memory.
    std::fs::File::create(&path).unwrap().set_len(600 << 20).unwrap();
    assert!(salvage_to(&path, &mut Vec::new()).is_err());
}

#[test]
fn cases_of_the_python_script_with_odd_shapes_and_energies_are_lost_by_name() {
    let place = Place::new();
    let path = place.dir.path().join("worker.h5");
    let file = File::create(&path).unwrap();
    for (seed, shape, aep) in [(0, [3, 2], 1.0), (1, [2, 3], -1.0), (2, [2, 3], 1.0)] {
        let group = file.create_group(&format!("farm0_t0_s{seed}")).unwrap();
        group.new_dataset::<f64>().shape(shape).create("layout").unwrap();
        group.new_dataset::<f64>().create("aep").unwrap().write_scalar(&aep).unwrap();
    }
    file.close().unwrap();
    let said = text(&salvaged(&path));
    assert!(said.contains("layout has the shape [3, 2]") && said.contains("aep is -1"), "{said}");
    assert!(said.contains(r#"{"foreign":{"farm":0,"turbine":0,"seed":2"#), "{said}");
}

#[test]
fn what_a_damaged_file_lists_and_nobody_finds_is_named() {
    let place = Place::new();
    let path = place.dir.path().join("file.h5");
    let mut bytes = encode(&[solved(0, 0), solved(0, 1)]).unwrap();
    let mute = Salvager::new("/bin/false".into());
    let lost = |salvager: &Salvager| {
        let mut lost = Vec::new();
        let state = read_anyhow(&path, salvager, &mut |found| {
            if let Salvaged::Lost(case) = found {
                lost.push(case.case);
            }
            Ok(())
        });
        (state.unwrap(), lost)
    };
    // Sealed around a record that is not what its checksum says.
    let changed = |file: &File| replace(&file.group("farm0_t5_s1").unwrap(), "diameter", 1.0);
    std::fs::write(&path, crafted(&bytes, &changed, &|_| {})).unwrap();
    let (state, names) = lost(&mute);
    assert!(matches!(state, FileState::Sealed) && names == ["farm0_t5_s1"], "{names:?}");
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let (state, names) = lost(&mute);
    assert!(
        matches!(state, FileState::Unsealed(Flaw::Salvage(_))) && names == ["farm0_t5_s0", "farm0_t5_s1"],
        "{names:?}"
    );
}

#[test]
fn every_flaw_has_a_word_and_a_sentence_of_its_own() {
    let why = || String::from("why");
    let all = [
        Flaw::Empty,
        Flaw::NotAFile,
        Flaw::NoFooter,
        Flaw::Footer,
        Flaw::Length { expected: 1, found: 2 },
        Flaw::Digest { expected: [1; 16], found: [2; 16] },
        Flaw::Version(2),
        Flaw::Index(why()),
        Flaw::Hdf5(why()),
        Flaw::Record { case: "farm0_t0_s0".into(), reason: why() },
        Flaw::Conflict(why()),
        Flaw::Superseded,
        Flaw::Unreadable(why()),
        Flaw::Salvage(why()),
    ];
    let words: std::collections::BTreeSet<_> = all.iter().map(Flaw::slug).collect();
    let sentences: std::collections::BTreeSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!((words.len(), sentences.len()), (all.len(), all.len()));
}

#[test]
fn an_image_that_cannot_be_made_is_told_without_an_answer_of_the_system() {
    let facts = facts();
    let provenance = Provenance::default();
    let mut head = |_: &[IndexEntry], _: std::time::Duration| output::Head {
        facts: &facts,
        created: String::new(),
        generation: 1,
        parent: None,
        provenance: &provenance,
        log: Vec::new(),
        arrangement: None,
    };
    let error = output::write_image(Path::new("a\0b"), Compression::None, &mut || Ok(None), &mut head).unwrap_err();
    assert!(matches!(error, Error::Hdf5 { .. }), "{error}");
    assert!(get_text(&File::create(tempfile::NamedTempFile::new().unwrap().path()).unwrap(), "no").is_err());
}
