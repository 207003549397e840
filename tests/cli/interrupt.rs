//! Signals, kill -9, two runs at once, a full disk.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use layoutopt::store::{Store, content_digest};
use rustix::process::{Pid, Signal, kill_process};

use crate::stage::{Ended, Stage};

/// Enough cases to be interrupted.
const RUN: &str = "run quickstart --seeds 960 --threads 2";

fn start(stage: &Stage) -> Child {
    stage.command(RUN).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Cases in sound shards and OUTPUT.
fn stored(stage: &Stage) -> usize {
    Store::at(&stage.path("layouts.h5")).scan().unwrap().entries.len()
}

fn wait_until_stored(stage: &Stage) -> usize {
    let since = Instant::now();
    loop {
        let count = stored(stage);
        if count > 0 {
            return count;
        }
        assert!(since.elapsed() < Duration::from_mins(1), "nothing is published");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The same cases, never interrupted.
fn undisturbed() -> String {
    let stage = Stage::new();
    stage.done(RUN);
    content_digest(&stage.path("layouts.h5")).unwrap()
}

/// Runs again and expects that `kept` cases are not run again and that nothing differs from an undisturbed run.
fn resumes(stage: &Stage, kept: usize) {
    let ended = stage.done(RUN);
    let before =
        ended.stdout.split("now, ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse::<usize>().unwrap();
    assert!(before >= kept, "{before} before, {kept} were stored");
    assert_eq!(content_digest(&stage.path("layouts.h5")).unwrap(), undisturbed());
    assert!(!stage.path("layouts.h5.shards").exists(), "all shards are merged");
    stage.done("validate layouts.h5");
}

#[test]
fn kill_9_loses_nothing_published() {
    let stage = Stage::new();
    let mut child = start(&stage);
    wait_until_stored(&stage);
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = stored(&stage);
    assert!(kept > 0 && kept < 960, "{kept} cases: killed in the middle");
    assert!(!stage.path("layouts.h5").exists());
    resumes(&stage, kept);
}

#[test]
fn signals_drain() {
    for (sent, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let stage = Stage::new();
        let child = start(&stage);
        wait_until_stored(&stage);
        let since = Instant::now();
        signal(&child, sent);
        let ended = Ended::of(&child.wait_with_output().unwrap());
        assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert!(ended.stderr.contains("the same command goes on"), "{}", ended.stderr);
        let solved: usize = ended.stdout.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(stored(&stage), solved, "every finished case is stored");
        if sent == Signal::TERM {
            let status = stage.done("status --json").json();
            assert_eq!(status["done"], solved);
            stage.done("merge");
            assert_eq!(stored(&stage), solved);
            resumes(&stage, solved);
        }
    }
}

#[test]
fn a_second_signal_stops_at_once() {
    let stage = Stage::new();
    let child = start(&stage);
    wait_until_stored(&stage);
    signal(&child, Signal::INT);
    signal(&child, Signal::INT);
    let ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    assert!(stored(&stage) > 0);
}

#[test]
fn a_second_run_of_the_whole_sweep_is_refused() {
    let stage = Stage::new();
    let mut child = start(&stage);
    wait_until_stored(&stage);
    let second = stage.run(RUN);
    assert_eq!(second.code, 3, "{}", second.stderr);
    assert!(second.stderr.contains(&child.id().to_string()), "names the holder: {}", second.stderr);
    let status = stage.done("status --json").json();
    assert!(status["locked_by"].as_str().unwrap().contains(&child.id().to_string()), "{status}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn part_runs_share() {
    let stage = Stage::new();
    let both =
        [stage.command("run quickstart --seeds 60 --farms 0"), stage.command("run quickstart --seeds 60 --types 0")]
            .map(|mut command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    for child in both {
        let ended = Ended::of(&child.wait_with_output().unwrap());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
    }
    assert_eq!(stored(&stage), 60);
    stage.done("validate layouts.h5");
}

#[test]
fn a_disk_that_refuses_keeps_what_was_finished() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 20");
    let before = content_digest(&stage.path("layouts.h5")).unwrap();
    let program = env!("CARGO_BIN_EXE_layoutopt");
    // 64 blocks of 512 or 1024 bytes: a segment of a few cases fits, the whole OUTPUT does not.
    let limited = format!("ulimit -f 64; exec {program} run quickstart --seeds 300");
    let output = std::process::Command::new("sh").args(["-c", &limited]).current_dir(stage.path("")).output().unwrap();
    let ended = Ended::of(&output);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("kept"), "{}", ended.stderr);
    assert_eq!(content_digest(&stage.path("layouts.h5")).unwrap(), before);
    let done = stage.done("run quickstart --seeds 300");
    assert!(done.stdout.contains("300 of 300"), "{}", done.stdout);
}
