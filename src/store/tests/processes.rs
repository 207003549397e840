//! Several processes: killed runs, salvage in a child, a disk that fills up.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::Error;

const OUTPUT_OF_CHILD: &str = "LAYOUTOPT_TEST_OUTPUT";

#[test]
#[ignore = "the child of the test below"]
fn child_that_writes_until_it_is_killed() {
    let Some(output) = std::env::var_os(OUTPUT_OF_CHILD) else { return };
    let store = Store::at(Path::new(&output));
    let writer = store.start_run(1, "name = \"test\"\n", &Provenance::here()).unwrap();
    for seed in 0.. {
        writer.handle().send(0, solved(0, seed)).unwrap();
        writer.flush().unwrap();
        println!("flushed {seed}");
    }
}

#[test]
fn a_killed_run_loses_nothing_that_was_flushed() {
    for rounds in [1, 3, 70] {
        let place = Place::new();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::processes::child_that_writes_until_it_is_killed"])
            .args(["--ignored", "--nocapture"])
            .env(OUTPUT_OF_CHILD, place.store.output())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let flushed: Vec<u64> =
            lines.filter_map(|line| line.unwrap().rsplit_once("flushed ")?.1.parse().ok()).take(rounds).collect();
        assert!(place.store.status().unwrap().runs[0].alive);
        child.kill().unwrap();
        child.wait().unwrap();
        let inventory = place.store.scan().unwrap();
        assert!(inventory.unsound.is_empty());
        for seed in flushed {
            let record = solved(0, seed);
            assert!(inventory.holds(record.key, record.case_id), "{} was flushed", record.key);
        }
        assert!(!place.store.status().unwrap().runs[0].alive);
        assert_eq!(place.merge().solved, inventory.entries.len() as u64);
        assert_eq!(place.names(), ["layouts.h5"], "and nothing of the dead run is left");
    }
}

/// A program that answers `__salvage FILE` as the shell script says.
fn salvager(place: &Place, script: &str) -> PathBuf {
    let program = place.dir.path().join("salvager.sh");
    std::fs::write(&program, format!("#!/bin/sh\ncd \"{}\"\n{script}\n", place.dir.path().display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

/// An OUTPUT of four cases with one bit flipped in the second, and what the child's side gives for it.
fn damaged() -> Place {
    let place = Place::new();
    place.run(&[solved(0, 0), solved(0, 1), solved(0, 2), failed(0, 3)]);
    place.merge();
    let mut bytes = std::fs::read(place.store.output()).unwrap();
    let at = bytes.windows(8).position(|window| window == 4001_f64.to_le_bytes()).unwrap();
    bytes[at] ^= 1;
    std::fs::write(place.store.output(), &bytes).unwrap();
    let mut frames = Vec::new();
    salvage_to(place.store.output(), &mut frames).unwrap();
    std::fs::write(place.dir.path().join("frames"), &frames).unwrap();
    place
}

#[test]
fn sound_records_of_a_damaged_output_are_saved_and_count_as_done() {
    let place = damaged();
    let store = place.store.clone().with_salvager(salvager(&place, "test \"$1\" = __salvage && exec cat frames"));
    let inventory = store.scan().unwrap();
    assert!(inventory.entries.is_empty());
    let moved = store.quarantine(&inventory).unwrap();
    assert_eq!((moved.len(), moved[0].salvaged), (1, 3));
    let inventory = store.scan().unwrap();
    assert_eq!(inventory.entries.len(), 3);
    assert!(inventory.unsound.is_empty() && inventory.stored_sweeps.is_empty());
    assert_eq!(merge(&store).solved, 2);
    assert_eq!(stored(store.output()), [solved(0, 0), solved(0, 2), failed(0, 3)]);
}

#[test]
fn sound_records_of_a_damaged_segment_keep_their_sweep() {
    let place = Place::new();
    place.run(&[solved(0, 0), solved(0, 2)]);
    let segment = place.segments().remove(0);
    let mut frames = Vec::new();
    salvage_to(&segment, &mut frames).unwrap();
    std::fs::write(place.dir.path().join("frames"), &frames).unwrap();
    let bytes = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &bytes[..bytes.len() - 1]).unwrap();
    let store = place.store.clone().with_salvager(salvager(&place, "exec cat frames"));
    assert_eq!(store.quarantine(&store.scan().unwrap()).unwrap()[0].salvaged, 1);
    let inventory = store.scan().unwrap();
    assert_eq!(inventory.entries.len(), 2);
    let sweeps: Vec<_> = inventory.stored_sweeps.iter().map(|sweep| sweep.text.as_str()).collect();
    assert_eq!(sweeps, ["name = \"test\"\n"; 2]);
}

#[test]
fn a_child_that_crashes_hangs_or_lies_costs_nothing_but_its_records() {
    let scripts = [
        ("cat frames | head -c -8", 3),
        ("kill -SEGV $$", 0),
        ("exec sleep 60", 0),
        ("exec yes", 0),
        ("printf '\\1\\0\\0\\0\\0\\0\\0\\0x'; exec cat frames", 0),
        ("exit 0", 0),
    ];
    for (script, salvaged) in scripts {
        let place = damaged();
        let program = salvager(&place, script);
        let since = Instant::now();
        let mut got = 0;
        let flaw = Salvager::new(program.clone())
            .with_wall_time(Duration::from_millis(300))
            .run(place.store.output(), &mut |records| {
                got += records.len();
                Ok(())
            })
            .unwrap();
        assert!(matches!(flaw, Some(Flaw::Salvage(_))), "{script}: {flaw:?}");
        assert_eq!(got, salvaged, "{script}");
        assert!(since.elapsed() < Duration::from_secs(10), "{script}");
    }
    let place = damaged();
    let store = place.store.clone().with_salvager(PathBuf::from("/does/not/exist"));
    assert_eq!(store.quarantine(&store.scan().unwrap()).unwrap()[0].salvaged, 0);
}

struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_leaves_nothing_half_and_room_cures_it() {
    let place = Place::new();
    let disk = place.dir.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "none"]).arg(&disk).output();
    if !mounted.is_ok_and(|mount| mount.status.success()) {
        eprintln!("skipped: mounting a small disk needs root");
        return;
    }
    let _mounted = Mounted(disk.clone());
    let store = Store::at(&disk.join("layouts.h5"));
    // Segments of 128 KB and an OUTPUT as large as both: it does not fit beside them and a filling.
    let records: Vec<_> = (0..100).map(|seed| solved(0, seed)).collect();
    run(&store, &records);
    let filling = disk.join("filling");
    let free = fs::StoreFs::space(&fs::RealFs, &disk).unwrap().free_bytes;
    std::fs::write(&filling, vec![0; usize::try_from(free).unwrap() - 40_000]).unwrap();
    let error = store.merge(&facts(), &MergeOptions::default(), &accept).unwrap_err();
    assert!(matches!(&error, Error::Disk { source, .. } if source.raw_os_error() == Some(28)), "{error:?}");
    assert_eq!(store.scan().unwrap().entries.len(), 100);
    assert!(!store.output().exists());
    let writer = store.start_run(1, "", &Provenance::default()).unwrap();
    for seed in 100..140 {
        writer.handle().send(0, solved(0, seed)).unwrap();
    }
    let error = writer.finish().unwrap_err();
    assert!(matches!(&error, Error::Disk { source, .. } if source.raw_os_error() == Some(28)), "{error:?}");
    assert!(store.scan().unwrap().unsound.is_empty());
    std::fs::remove_file(&filling).unwrap();
    assert_eq!(merge(&store).solved, 100);
}

#[test]
#[ignore = "takes a minute: 64 000 cases, for time and memory"]
fn memory_does_not_grow_with_the_number_of_cases() {
    let place = Place::new();
    let since = Instant::now();
    let record = |seed: u64| {
        let mut record = solved(0, seed);
        let Outcome::Solved(solution) = &mut record.outcome else { unreachable!() };
        solution.layout.x_m = (0..66).map(f64::from).collect();
        solution.layout.y_m = solution.layout.x_m.clone();
        record
    };
    let writer = place.store.start_run(4, "", &Provenance::default()).unwrap();
    for seed in 0..64_000_u16 {
        writer.handle().send(usize::from(seed % 4), record(seed.into())).unwrap();
    }
    println!("{:?} in {:?}, peak {} MB", writer.finish().unwrap(), since.elapsed(), peak_mb());
    for what in ["merge", "nothing new", "nothing at all", "one more"] {
        match what {
            "nothing new" => place.run(&[record(0)]),
            "one more" => place.run(&[record(64_000)]),
            _ => WriterReport::default(),
        };
        let since = Instant::now();
        let report = place.merge();
        println!("{what}: {} solved in {:?}, peak {} MB", report.solved, since.elapsed(), peak_mb());
    }
    let since = Instant::now();
    assert_eq!(place.store.scan().unwrap().entries.len(), 64_001);
    println!(
        "scan in {:?}, peak {} MB, OUTPUT {} MB",
        since.elapsed(),
        peak_mb(),
        std::fs::metadata(place.store.output()).unwrap().len() >> 20
    );
    assert!(peak_mb() < 128);
}

fn peak_mb() -> u64 {
    let mut status = String::new();
    std::fs::File::open("/proc/self/status").unwrap().read_to_string(&mut status).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
