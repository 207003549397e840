//! Signals at random times: the run drains, ends in time with the right code, and keeps every finished case.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::stage::{Ended, Stage};
use crate::sweep::{Draws, Sweep, progress, size};

/// Two seconds and the running cases, which take some milliseconds here; as much again for a machine that does other things.
const LIMIT: Duration = Duration::from_secs(4);

#[test]
fn signals_at_any_time_drain_in_two_seconds_and_lose_nothing() {
    let sweep = Sweep::of(240, "--threads 2 --merge-interval 0.3");
    let undisturbed = sweep.undisturbed();
    let mut draws = Draws(11);
    let mut waits = Vec::new();
    let (mut drained, mut too_early, mut too_late) = (0, 0, 0);
    let rounds = size(10, 200);
    for round in 0..rounds {
        progress("signals", round, rounds);
        let kinds = [Signal::TERM, Signal::INT, Signal::HUP, Signal::USR1, Signal::TERM];
        let (signal, twice) = (kinds[round % 5], round % 5 == 4);
        let code = 128 + signal.as_raw();
        let stage = Stage::new();
        let child = stage.command(&sweep.run).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_child(&child);
        std::thread::sleep(undisturbed.mul_f64(0.1 + draws.unit() * 0.7));
        let since = Instant::now();
        let sent = kill_process(pid, signal).is_ok();
        if twice {
            let _ = kill_process(pid, signal);
        }
        let output = child.wait_with_output().unwrap();
        let took = since.elapsed();
        let by_default_action = output.status.code().is_none();
        let ended = Ended::of(&output);
        let stored = sweep.stored(&stage.path("layouts.h5"));
        if by_default_action || !sent {
            // Before the program listens a signal just ends it; nothing is stored then.
            assert!(stored.is_empty(), "{}", ended.stderr);
            too_early += 1;
        } else if ended.code == 0 {
            assert_eq!(stored.len(), sweep.cases());
            too_late += 1;
            continue;
        } else {
            assert_eq!(ended.code, code, "{}", ended.stderr);
            assert!(took < LIMIT, "{took:?}");
            waits.push(took);
            drained += 1;
            if !twice {
                let solved: usize = ended.stdout.split(' ').nth(1).unwrap().parse().unwrap();
                assert_eq!(stored.len(), solved, "every finished case is stored: {}", ended.stdout);
            }
        }
        sweep.resumes(&stage, &stored);
    }
    waits.sort();
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    println!("{drained} drained, {too_early} too early, {too_late} too late; {:?} median, {:?} p99", at(50), at(99));
    assert!(drained > too_early + too_late, "{drained} of {}", drained + too_early + too_late);
}
