//! Several processes on one OUTPUT, merging at random, with locks and without; a reader with h5py in the middle of it.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::shim::Shim;
use crate::stage::{Ended, Stage};
use crate::sweep::{Draws, Sweep, progress, size};

const CASES: usize = 48;

fn start(stage: &Stage, shim: Option<&Shim>, arguments: &str) -> Child {
    let mut command = stage.command(arguments);
    if let Some(shim) = shim {
        shim.around(&mut command, ("SHIM_NO_FLOCK", "1"));
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Four runs of overlapping parts, and merges in between.
fn share(sweep: &Sweep, shim: Option<&Shim>, draws: &mut Draws) -> usize {
    let stage = Stage::new();
    let mut children: Vec<Child> = (0..4)
        .map(|_| {
            // A part each, so that they may share OUTPUT: the one farm of the sweep.
            let interval = 0.02 + draws.unit() * 0.2;
            start(&stage, shim, &format!("{} --farms 0 --threads 1 --merge-interval {interval:.3}", sweep.run))
        })
        .collect();
    let mut merges = 0;
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        std::thread::sleep(Duration::from_secs_f64(draws.unit() * 0.2));
        if stage.path("layouts.h5").exists() {
            let merge = Ended::of(&start(&stage, shim, "merge layouts.h5").wait_with_output().unwrap());
            assert!([0, 3].contains(&merge.code), "{}{}", merge.stdout, merge.stderr);
            merges += usize::from(merge.code == 0);
        }
    }
    for child in children {
        let ended = Ended::of(&child.wait_with_output().unwrap());
        // 3: without locks others may have replaced OUTPUT again and again while this one merged; its cases stand.
        assert!(ended.code == 0 || shim.is_some() && ended.code == 3, "{}{}", ended.stdout, ended.stderr);
    }
    assert_eq!(sweep.stored(&stage.path("layouts.h5")).len(), sweep.cases());
    // One that has locks and is alone cleans up.
    stage.done(&sweep.run);
    sweep.is_complete(&stage);
    merges
}

#[test]
fn four_processes_on_one_output_end_in_the_union() {
    let sweep = Sweep::light(CASES, "");
    let shim = Shim::build();
    let mut draws = Draws(12);
    for shim in [None, Some(&shim)] {
        let rounds = size(2, 500);
        let mut merges = 0;
        for round in 0..rounds {
            progress("shared", round, rounds);
            merges += share(&sweep, shim, &mut draws);
        }
        println!("{rounds} rounds of 4 processes, {merges} merges beside them, locks: {}", shim.is_none());
    }
}

/// Opens OUTPUT, says so, waits for a word, reads on through the same handle, and opens it anew.
const READER: &str = r#"
import sys
import h5py

def cases(f):
    found = {name: (f[name]["layout"][:].sum(), f[name]["aep"][()]) for name in f if "aep" in f[name]}
    assert all(aep > 0 for _, aep in found.values())
    return found

with h5py.File(sys.argv[1], "r") as f:
    first = next(iter(f))
    print(len([name for name in f if "aep" in f[name]]), flush=True)
    sys.stdin.readline()
    before = cases(f)
with h5py.File(sys.argv[1], "r") as f:
    after = cases(f)
assert before.items() <= after.items()
print(len(before), len(after), flush=True)
"#;

#[test]
fn a_reader_in_the_middle_of_a_merge_sees_the_old_file_whole() {
    use std::io::{BufRead, BufReader, Write};
    let python = std::env::var("LAYOUTOPT_PYTHON").unwrap_or_else(|_| "python3".into());
    if !Command::new(&python).args(["-c", "import h5py"]).output().is_ok_and(|run| run.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "{python} has no h5py: set LAYOUTOPT_PYTHON");
        eprintln!("skipped: {python} has no h5py; set LAYOUTOPT_PYTHON to one that has");
        return;
    }
    let stage = Stage::new();
    stage.done("run quickstart --seeds 20");
    let mut reader = Command::new(&python)
        .args(["-c", READER])
        .arg(stage.path("layouts.h5"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(reader.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "20");
    stage.done("run quickstart --seeds 50 --merge-interval 0.05");
    reader.stdin.take().unwrap().write_all(b"go on\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "20 50");
    assert!(reader.wait().unwrap().success());
}
