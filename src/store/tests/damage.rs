//! Damaged segments: whatever happens to the bytes, no wrong number comes out, and what is sound elsewhere comes through.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::container::{ContainerKind, open_bytes, seal_bytes};
use super::segment::{decode, encode};
use super::simfs::{Draws, SimFs};
use super::world::{OUTPUT, on};
use super::*;

const PAGE: usize = 512;

/// A kind of damage, and the bytes it makes.
fn damaged(bytes: &[u8], other: &[u8], draws: &mut Draws) -> (&'static str, Vec<u8>) {
    let mut out = bytes.to_vec();
    let pages = bytes.len() / PAGE;
    let kind = match draws.below(10) {
        0 => {
            out.truncate(draws.below(bytes.len()));
            "truncated"
        }
        1 | 2 => {
            for _ in 0..=draws.below(8) {
                out[draws.below(bytes.len())] ^= 1 << draws.below(8);
            }
            "bits flipped"
        }
        3 => {
            let page = draws.below(pages) * PAGE;
            out[page..page + PAGE].fill(0);
            "zero page"
        }
        4 => {
            let (a, b) = (draws.below(pages) * PAGE, draws.below(pages) * PAGE);
            let first = out[a..a + PAGE].to_vec();
            out.copy_within(b..b + PAGE, a);
            out[b..b + PAGE].copy_from_slice(&first);
            "pages swapped"
        }
        5 => {
            out.extend((0..=draws.below(200)).map(|_| u8::try_from(draws.below(256)).unwrap()));
            "appended"
        }
        6 => {
            out.extend_from_slice(other);
            "two files in one"
        }
        7 => {
            let at = draws.below(bytes.len().min(other.len()));
            out.truncate(at);
            out.extend_from_slice(&other[at..]);
            "head of one, tail of another"
        }
        8 => {
            let (at, len) = (draws.below(bytes.len()), draws.below(64));
            let end = (at + len).min(bytes.len());
            out[at..end].iter_mut().for_each(|byte| *byte = u8::try_from(draws.below(256)).unwrap());
            "overwritten"
        }
        _ => {
            // The footer's lengths: body_len at 16, n_records at 24, index_len at 28, with a footer hash that fits them.
            let footer = bytes.len() - 64;
            let at = footer + 16 + draws.below(16);
            out[at] ^= 1 << draws.below(8);
            let hash = xxhash_rust::xxh3::xxh3_64(&out[footer..footer + 48]);
            out[footer + 48..footer + 56].copy_from_slice(&hash.to_le_bytes());
            "footer with wrong lengths"
        }
    };
    (kind, out)
}

#[test]
fn ten_thousand_random_damages_are_all_rejected() {
    let bytes = encode(&[solved(0, 0)]).unwrap();
    let other = encode(&[solved(0, 1)]).unwrap();
    let mut draws = Draws(6);
    let mut kinds = std::collections::BTreeMap::new();
    while kinds.values().sum::<usize>() < size(10_000, 200_000) {
        let (kind, hurt) = damaged(&bytes, &other, &mut draws);
        if hurt == bytes || hurt == other {
            continue;
        }
        assert!(open_bytes(&hurt).is_err(), "{kind}: accepted");
        *kinds.entry(kind).or_insert(0) += 1;
    }
    println!("{kinds:?}");
    assert_eq!(kinds.len(), 9);
}

#[test]
fn without_the_digest_wrong_numbers_come_out() {
    // The control: HDF5 alone, on an image whose digest nobody looked at.
    let record = solved(0, 0);
    let bytes = encode(std::slice::from_ref(&record)).unwrap();
    let (_, body) = open_bytes(&bytes).unwrap();
    let Outcome::Solved(truth) = &record.outcome else { unreachable!() };
    let read = |body: &[u8]| -> hdf5::Result<(Vec<f64>, f64, f64)> {
        let file = image::open(body)?;
        let group = file.group(&record.key.to_string())?;
        let layout = group.dataset("layout")?.read_raw::<f64>()?;
        Ok((layout, group.dataset("aep")?.read_scalar()?, group.attr("aep_no_wake_gwh")?.read_scalar()?))
    };
    let whole = read(body).unwrap();
    assert_eq!(whole.1.to_bits(), truth.aep_gwh.to_bits());
    // Checksums of HDF5 catch flips of a header, not a header whose checksum was written after the damage; pages of the body of
    // another version of the file are such headers.
    let newer =
        encode(&[Record { outcome: Outcome::Solved(Solution { aep_gwh: 1.0, ..truth.clone() }), ..record.clone() }]);
    let newer = newer.unwrap();
    let (mut wrong, mut refused, mut caught) = (0, 0, 0);
    for from in 0..body.len() / 64 {
        for to in from + 1..=body.len() / 64 {
            let mut mixed = body.to_vec();
            mixed[from * 64..to * 64].copy_from_slice(&newer[from * 64..to * 64]);
            if mixed == body {
                continue;
            }
            match read(&mixed) {
                Ok(numbers) if numbers != whole => wrong += 1,
                Ok(_) => {}
                Err(_) => refused += 1,
            }
            let sealed = [&mixed[..], &bytes[body.len()..]].concat();
            caught += usize::from(open_bytes(&sealed).is_err());
        }
    }
    println!("without the digest: {wrong} silently wrong, {refused} refused by HDF5; with it {caught} caught");
    assert!(wrong > 100, "the digest is not needed?");
    assert!(caught >= wrong + refused);
}

const FROM_BIT: &str = "LAYOUTOPT_TEST_FROM_BIT";

/// Reads a segment with each bit flipped in turn, under a footer that fits, and says what came of each.
#[test]
#[ignore = "the child of the test below"]
fn child_that_reads_what_was_sealed_again() {
    let Ok(from) = std::env::var(FROM_BIT) else { return };
    let record = solved(0, 0);
    let bytes = encode(std::slice::from_ref(&record)).unwrap();
    let (seal, body) = open_bytes(&bytes).unwrap();
    for bit in (from.parse::<usize>().unwrap()..body.len() * 8).step_by(size(5, 1)) {
        println!("begin {bit}");
        let mut hurt = body.to_vec();
        hurt[bit / 8] ^= 1 << (bit % 8);
        let outcome = match decode(&seal_bytes(hurt, ContainerKind::Segment, &seal.index)) {
            Ok(records) if records == std::slice::from_ref(&record) => "harmless",
            Ok(_) => "wrong",
            Err(_) => "caught",
        };
        println!("end {outcome}");
    }
    println!("end of all");
}

/// HDF5 is not to be trusted with a damaged image, so a child does it, and a bit that takes it longer than five seconds counts as
/// one that it does not come back from.
#[test]
fn damage_that_was_sealed_again_is_caught_by_the_records_own_digest() {
    let mut outcomes = std::collections::BTreeMap::<String, usize>::new();
    let mut from = Some(0);
    while let Some(first) = from.take() {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "store::tests::damage::child_that_reads_what_was_sealed_again",
                "--ignored",
                "--nocapture",
            ])
            .env(FROM_BIT, first.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let reading = std::thread::spawn(move || {
            stdout.lines().map_while(std::result::Result::ok).all(|line| sender.send(line).is_ok())
        });
        let mut at = first;
        loop {
            let Ok(line) = lines.recv_timeout(Duration::from_secs(5)) else {
                // Hung or crashed at this bit: go on behind it.
                *outcomes.entry("never came back".into()).or_default() += 1;
                from = Some(at + size(5, 1));
                break;
            };
            if line == "end of all" {
                break;
            }
            match line.split_once(' ') {
                Some(("begin", bit)) => at = bit.parse().unwrap(),
                Some(("end", outcome)) => *outcomes.entry(outcome.to_owned()).or_default() += 1,
                _ => {}
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        drop(lines);
        reading.join().unwrap();
    }
    println!("sealed again: {outcomes:?}");
    assert!(!outcomes.contains_key("wrong"), "{outcomes:?}");
    assert!(outcomes["caught"] > size(2_000, 10_000), "{outcomes:?}");
    assert!(!outcomes.contains_key("never came back"), "{outcomes:?}");
}

#[test]
fn an_index_that_lies_under_a_right_footer_is_caught() {
    let bytes = encode(&[solved(0, 0), solved(0, 1)]).unwrap();
    let (seal, body) = open_bytes(&bytes).unwrap();
    for bit in 0..64 * 8 {
        let mut index = bytes[body.len()..body.len() + 64].to_vec();
        index[bit / 8] ^= 1 << (bit % 8);
        let mut entry = seal.index[0];
        entry.key.farm = u32::from_le_bytes(index[..4].try_into().unwrap());
        entry.key.turbine = u32::from_le_bytes(index[4..8].try_into().unwrap());
        entry.key.seed = u64::from_le_bytes(index[8..16].try_into().unwrap());
        entry.case_id = CaseId(index[16..32].try_into().unwrap());
        entry.digest = RecordDigest(index[32..48].try_into().unwrap());
        entry.solved = index[48] == 1;
        if entry == seal.index[0] {
            continue;
        }
        let lying = seal_bytes(body.to_vec(), ContainerKind::Segment, &[entry, seal.index[1]]);
        assert!(decode(&lying).is_err(), "bit {bit}");
    }
}

#[test]
fn a_damaged_segment_costs_no_case_of_the_others() {
    let prepared = SimFs::new();
    fs::StoreFs::mkdir(&prepared, Path::new("/d")).unwrap();
    run(&on(&prepared), &[solved(0, 0)]);
    merge(&on(&prepared));
    run(&on(&prepared), &[solved(0, 1)]);
    run(&on(&prepared), &[solved(0, 2), failed(0, 3)]);
    let segments: Vec<_> =
        prepared.files().into_iter().filter(|(path, _)| path.file_name().is_some_and(paths::is_segment)).collect();
    let other = encode(&[solved(5, 5)]).unwrap();
    let mut draws = Draws(66);
    for round in 0..size(300, 5_000) {
        let fs = prepared.copy();
        let (path, whole) = &segments[draws.below(segments.len())];
        let lost = open_bytes(whole).unwrap().0.index;
        let (kind, hurt) = damaged(whole, &other, &mut draws);
        if hurt == **whole || hurt == other {
            continue;
        }
        fs.damage(path, hurt);
        let report = merge(&on(&fs));
        assert_eq!(report.quarantined.len(), 1, "round {round}, {kind}");
        assert_eq!(report.solved + report.failed, 4 - lost.len() as u64, "round {round}, {kind}");
        let bytes = fs.contents(Path::new(OUTPUT)).unwrap();
        for record in decode(&bytes).unwrap() {
            assert!(
                [solved(0, 0), solved(0, 1), solved(0, 2), failed(0, 3)].contains(&record),
                "round {round}, {kind}"
            );
        }
    }
}
