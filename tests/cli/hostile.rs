//! Files of other programs that are named like shards: each is opened in a child process only, and whatever becomes of the child, the
//! file is put into quarantine with the reason, the sound shards are merged, and it is over within half a minute.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::kept::{half_merged, shards};
use crate::stage::{Stage, project};

const AT_MOST: Duration = Duration::from_secs(30);

/// A half-merged store with foreign files beside its two shards.
fn with_shards(files: &[Vec<u8>]) -> Stage {
    let stage = half_merged();
    for (number, bytes) in files.iter().enumerate() {
        fs::write(shards(&stage).join(format!("w007-{number:06}.h5")), bytes).unwrap();
    }
    stage
}

/// Merges; expects all foreign files in quarantine, each with a reason, and everything else in OUTPUT. What was said.
fn merge(stage: &Stage, foreign: usize) -> String {
    let since = Instant::now();
    let ended = stage.run("merge half.h5");
    assert!(since.elapsed() < AT_MOST, "{:?}", since.elapsed());
    assert_eq!(ended.code, 1, "what is not sound is named: {}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("3 cases solved, 3 failed"), "{}", ended.stdout);
    let quarantine = fs::read_dir(stage.path("half.h5.shards/quarantine")).unwrap();
    let names: Vec<_> = quarantine.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let reasons = names.iter().filter(|name| Path::new(name).extension().is_some_and(|kind| kind == "json")).count();
    assert_eq!((names.len(), reasons), (2 * foreign, foreign), "{names:?}");
    for number in 0..foreign {
        assert!(ended.stderr.contains(&format!("w007-{number:06}.h5")), "{}", ended.stderr);
    }
    assert!(stage.done("validate half.h5").stdout.contains("valid, 3 cases solved, 3 failed"));
    ended.stderr
}

#[test]
fn a_file_that_asks_for_more_memory_than_there_is() {
    let stage = with_shards(&[fs::read(project("tests/stores/greedy.h5")).unwrap()]);
    let said = merge(&stage, 1);
    assert!(said.contains("the child broke off") && said.contains("signal"), "{said}");
}

#[test]
fn a_file_that_keeps_the_reader_busy_for_ever() {
    let stage = with_shards(&[fs::read(project("tests/stores/endless.h5")).unwrap()]);
    let said = merge(&stage, 1);
    assert!(said.contains("the child broke off") && said.contains("signal: 9"), "{said}");
}

#[test]
fn files_of_the_python_script_with_bytes_gone_wrong() {
    let whole = fs::read(project("tests/stores/worker_1.h5")).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut files = vec![whole.clone(), Vec::new(), whole[..whole.len() / 2].to_vec(), b"\x89HDF\r\n\x1a\n".to_vec()];
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..=rng.next_u32() % 4 {
            let at = rng.next_u32() as usize % bytes.len();
            // Addresses of HDF5's trees and heaps are words: a wrong word leads astray where a wrong bit is noticed.
            let from = rng.next_u32() as usize % (bytes.len() - 8);
            if rng.next_u32() % 2 == 0 {
                bytes[at] ^= 1 << (rng.next_u32() % 8);
            } else {
                let word = bytes[from & !7..(from & !7) + 8].to_vec();
                let at = (at & !7).min(bytes.len() - 8);
                bytes[at..at + 8].copy_from_slice(&word);
            }
        }
        files.push(bytes);
    }
    let stage = with_shards(&files);
    merge(&stage, files.len());
}
