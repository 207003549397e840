//! What the store does not take: files of another kind or time, disks that lie, places where nothing can be kept.

use std::io::Read;

use super::container::{ContainerKind, check_seal, open_bytes, read_seal, seal_bytes, seal_file};
use super::fs::StoreFs;
use super::segment::{decode, encode};
use super::simfs::{Fault, Leave, SimFs};
use super::world::{OUTPUT, on};
use super::*;
use crate::Error;

/// A disk with an OUTPUT of two cases on it, and its bytes.
fn with_output() -> (SimFs, Store, Vec<u8>) {
    let fs = SimFs::new();
    fs.mkdir(Path::new("/d")).unwrap();
    let store = on(&fs);
    run(&store, &[solved(0, 0), solved(0, 1)]);
    merge(&store);
    let bytes = fs.contents(Path::new(OUTPUT)).unwrap();
    (fs, store, bytes)
}

fn try_merge(store: &Store) -> crate::Result<MergeReport> {
    store.merge(&facts(), &MergeOptions::default(), &accept)
}

/// Puts a footer that fits behind changed bytes.
fn with_footer(mut bytes: Vec<u8>, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let footer = bytes.len() - 64;
    change(&mut bytes[footer..]);
    let hash = xxhash_rust::xxh3::xxh3_64(&bytes[footer..footer + 48]);
    bytes[footer + 48..footer + 56].copy_from_slice(&hash.to_le_bytes());
    bytes
}

#[test]
fn a_file_of_a_newer_program_is_left_alone() {
    let (fs, store, bytes) = with_output();
    let newer = with_footer(bytes, |footer| footer[8] = 2);
    assert_eq!(check_seal(&newer), Err(Flaw::Version(2)));
    fs.damage(Path::new(OUTPUT), newer.clone());
    run(&store, &[solved(0, 2)]);
    let error = try_merge(&store).unwrap_err();
    assert!(matches!(&error, Error::Unsound { reason, .. } if reason.contains("newer than this program")), "{error}");
    let inventory = store.scan().unwrap();
    assert!(store.quarantine(&inventory).unwrap().is_empty());
    assert_eq!(fs.contents(Path::new(OUTPUT)).unwrap(), newer);
    assert!(matches!(store.status().unwrap().output, Some(Err(Flaw::Version(2)))));
}

#[test]
fn a_container_of_an_unknown_kind_or_state_is_refused() {
    let bytes = encode(&[solved(0, 0)]).unwrap();
    let odd = with_footer(bytes.clone(), |footer| footer[12] = 7);
    assert_eq!(check_seal(&odd), Err(Flaw::Footer));
    let mut odd = bytes;
    let entry = odd.len() - 128;
    odd[entry + 60] = 1;
    let digest = xxhash_rust::xxh3::xxh3_128(&odd[..entry + 64]).to_be_bytes();
    let odd = with_footer(odd, |footer| footer[32..48].copy_from_slice(&digest));
    assert!(matches!(check_seal(&odd), Err(Flaw::Index(_))));
}

/// A file that ends earlier than its length says: cut off under our hands.
struct CutOff(std::io::Cursor<Vec<u8>>, u64);

impl Read for CutOff {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.1.saturating_sub(self.0.position());
        let n = buffer.len().min(usize::try_from(left).unwrap());
        self.0.read(&mut buffer[..n])
    }
}

impl std::io::Seek for CutOff {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

impl std::io::Write for CutOff {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_noticed() {
    let bytes = encode(&[solved(0, 0)]).unwrap();
    let len = bytes.len() as u64;
    for end in [0, 100, len - 70, len - 1] {
        let mut file = CutOff(std::io::Cursor::new(bytes.clone()), end);
        assert!(matches!(read_seal(&mut file, len).unwrap(), Err(Flaw::Length { .. })), "cut at {end}");
    }
    let (seal, body) = open_bytes(&bytes).unwrap();
    let mut file = CutOff(std::io::Cursor::new(body.to_vec()), 100);
    let error = seal_file(&mut file, ContainerKind::Output, &seal.index).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}

#[test]
fn a_disk_that_alters_what_it_is_given_is_noticed_before_output_is_replaced() {
    let (fs, store, before) = with_output();
    run(&store, &[solved(0, 2)]);
    fs.leave_out(Leave::Truth);
    let error = try_merge(&store).unwrap_err();
    assert!(matches!(&error, Error::Unsound { reason, .. } if reason.contains("read back after writing")), "{error}");
    assert_eq!(fs.contents(Path::new(OUTPUT)).unwrap(), before);
    assert_eq!(store.scan().unwrap().entries.len(), 3);
    let (fs, store, _) = with_output();
    fs.leave_out(Leave::Truth);
    run(&store, &[solved(0, 2)]);
    let inventory = store.scan().unwrap();
    assert_eq!((inventory.entries.len(), inventory.unsound.len()), (2, 1), "a segment is proven when it is read");
    assert!(!matches!(inventory.unsound[0].flaw, Flaw::Hdf5(_)), "before HDF5 sees it");
}

#[test]
fn a_segment_named_output_is_not_replaced() {
    let (fs, store, _) = with_output();
    let segment = encode(&[solved(0, 7)]).unwrap();
    fs.damage(Path::new(OUTPUT), segment.clone());
    for _ in 0..2 {
        let error = try_merge(&store).unwrap_err();
        assert!(matches!(&error, Error::Unsound { reason, .. } if reason.contains("not an output")), "{error}");
        run(&store, &[solved(0, 2)]);
    }
    assert_eq!(fs.contents(Path::new(OUTPUT)).unwrap(), segment);
}

#[test]
fn an_output_that_contradicts_itself_under_a_right_seal_is_not_replaced() {
    let (_, _, bytes) = with_output();
    let (seal, body) = open_bytes(&bytes).unwrap();
    let place = |what: &[u8]| body.windows(what.len()).position(|window| window == what).unwrap();
    for at in [place(&4001_f64.to_le_bytes()), place(b"schema_version")] {
        let (fs, store, _) = with_output();
        let mut body = body.to_vec();
        body[at] ^= 1;
        let wrong = seal_bytes(body, ContainerKind::Output, &seal.index);
        fs.damage(Path::new(OUTPUT), wrong.clone());
        run(&store, &[solved(0, 2)]);
        assert!(matches!(try_merge(&store), Err(Error::Unsound { .. })), "byte {at}");
        assert_eq!(fs.contents(Path::new(OUTPUT)).unwrap(), wrong);
        assert!(decode(&wrong).is_err() || store.scan().is_err(), "byte {at}");
    }
}

#[test]
fn numbers_that_cannot_be_right_are_not_even_encoded() {
    let spoil: [fn(&mut Solution); 4] = [
        |solution| solution.layout.x_m.truncate(1),
        |solution| solution.layout.y_m[1] = f64::INFINITY,
        |solution| solution.rotor_diameter_m = 0.0,
        |solution| solution.aep_no_wake_gwh = f64::NAN,
    ];
    for spoil in spoil {
        let mut record = solved(0, 0);
        let Outcome::Solved(solution) = &mut record.outcome else { unreachable!() };
        spoil(solution);
        assert!(matches!(encode(&[record]), Err(Error::Hdf5 { .. })));
    }
}

#[test]
fn preflight_looks_at_the_shards_and_tells_a_bad_disk_from_a_bad_place() {
    let (fs, store, _) = with_output();
    run(&store, &[solved(0, 2)]);
    store.preflight().unwrap();
    for (errno, is_disk) in [(28, true), (122, true), (5, true), (30, false), (13, false)] {
        let mut n = 0;
        loop {
            fs.inject(Fault::for_good(n, errno));
            let result = store.preflight();
            if !fs.heal() {
                break;
            }
            match result {
                Ok(()) => assert!(n > 5, "errno {errno} at {n} unnoticed"),
                Err(Error::Disk { .. }) => assert!(is_disk, "errno {errno} at {n}"),
                Err(error) => assert!(!is_disk && matches!(error, Error::BadInput(_)), "errno {errno} at {n}: {error}"),
            }
            n += 1;
        }
        assert!(n > 10);
    }
    let place = Place::new();
    std::fs::write(place.store.shards(), "in the way").unwrap();
    let error = place.store.preflight().unwrap_err();
    assert!(error.to_string().contains("in the way"), "{error}");
    assert!(matches!(Store::at(&place.dir.path().join("..")).preflight(), Err(Error::BadInput(_))));
}

#[test]
fn a_second_solution_of_a_case_in_one_run_starts_a_new_segment() {
    let place = Place::new();
    let mut other = solved(0, 0);
    other.farm = "with\0nul".into();
    let writer = place.store.start_run(1, "", &Provenance::default()).unwrap();
    for record in [solved(0, 0), solved(0, 0), other] {
        writer.handle().send(0, record).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(place.segments().len(), 2);
    assert_eq!(place.store.scan().unwrap().conflicts.len(), 1);
    assert_eq!(place.merge().solved, 1);
}

#[test]
fn a_finished_case_is_on_the_disk_after_five_seconds_at_most() {
    let place = Place::new();
    let writer = place.store.start_run(1, "", &Provenance::default()).unwrap();
    writer.handle().send(0, solved(0, 0)).unwrap();
    let since = std::time::Instant::now();
    while place.store.scan().unwrap().entries.is_empty() {
        assert!(since.elapsed().as_secs() < 10, "nobody flushes");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    writer.finish().unwrap();
}

#[test]
fn an_output_too_large_for_memory_is_read_from_the_disk() {
    let place = Place::new();
    let large = |seed: u64| {
        let mut record = solved(0, seed);
        let Outcome::Solved(solution) = &mut record.outcome else { unreachable!() };
        solution.layout.x_m = (0..3000).map(f64::from).collect();
        solution.layout.y_m = solution.layout.x_m.clone();
        record
    };
    let records: Vec<_> = (0..300).map(large).collect();
    place.run(&records);
    assert_eq!(place.merge().solved, 300);
    assert!(std::fs::metadata(place.store.output()).unwrap().len() > 8 << 20);
    place.run(&[solved(1, 0)]);
    assert_eq!(place.merge().solved, 301);
    assert_eq!(place.stored()[..300], records);
}
