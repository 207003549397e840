//! Too little memory: the program ends with a message or is ended, and what it had published stays.
//!
//! Memory runs out in two ways. A limit on the address space refuses an allocation; the out-of-memory killer, of a machine or of a
//! job's control group, kills whoever is found above the limit, without a word.

use std::process::{Child, Command, Stdio};

use crate::stage::Stage;
use crate::sweep::{Sweep, progress, size};

#[test]
fn no_limit_on_memory_spoils_anything() {
    let sweep = Sweep::of(120, "--threads 2 --merge-interval 0.1");
    let program = env!("CARGO_BIN_EXE_layoutopt");
    let (mut refused, mut completed) = (0, 0);
    let step = size(80, 4);
    for megabytes in (4..=400).step_by(step) {
        // On a fresh folder each time, or nothing would be left to do.
        let fresh = Stage::new();
        let limited = format!("ulimit -v {}; exec {program} {}", megabytes * 1024, sweep.run);
        let output = Command::new("sh").args(["-c", &limited]).current_dir(fresh.path("")).output().unwrap();
        let kept = sweep.stored(&fresh.path("layouts.h5"));
        if output.status.success() {
            sweep.is_complete(&fresh);
            completed += 1;
        } else {
            refused += 1;
            sweep.resumes(&fresh, &kept);
        }
    }
    println!("{refused} limits were too low, {completed} high enough");
    assert!(refused > 0 && completed > 0, "{refused} limits were too low, {completed} high enough");
}

#[test]
fn a_kill_at_any_size_in_memory_costs_no_published_case() {
    let sweep = Sweep::of(120, "--threads 2 --merge-interval 0.02");
    let (whole, most) = grow(&sweep, usize::MAX);
    sweep.is_complete(&whole);
    let rounds = size(12, 400);
    let (mut killed, mut completed, mut after_a_publication) = (0, 0, 0);
    for round in 0..rounds {
        progress("sizes", round, rounds);
        let (stage, reached) = grow(&sweep, most * (round + 1) / rounds);
        let kept = sweep.stored(&stage.path("layouts.h5"));
        if reached < most * (round + 1) / rounds {
            sweep.is_complete(&stage);
            completed += 1;
            continue;
        }
        killed += 1;
        after_a_publication += usize::from(!kept.is_empty());
        sweep.resumes(&stage, &kept);
    }
    println!(
        "up to {} KB: {killed} killed, {after_a_publication} of them after a publication, {completed} completed",
        most / 1024
    );
    assert!(after_a_publication > 0, "{killed} were killed, all of them before anything was published");
}

/// Runs the sweep and kills it as soon as it is found above so many bytes; the folder and the most bytes that were found.
fn grow(sweep: &Sweep, limit: usize) -> (Stage, usize) {
    let stage = Stage::new();
    let mut child = stage.command(&sweep.run).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(resident(&child));
        if most >= limit {
            child.kill().unwrap();
            child.wait().unwrap();
            break;
        }
        std::thread::sleep(std::time::Duration::from_micros(200));
    }
    (stage, most)
}

/// Memory of a process that is in use now, bytes; 0 if it has ended.
fn resident(child: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    resident.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<usize>().ok()).unwrap_or(0) * 1024
}
