//! The real program, killed at each of its system calls, and each of them refused, once and for good, with every error a disk gives.
//!
//! strace counts a call by its name and by its thread. So that the thread that publishes is met at its first calls too, it is traced
//! alone in the second scene; a merge, the third, has one thread.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use layoutopt::store::{Provenance, Record, Store, read_records};

use crate::installed::installed;
use crate::stage::{Ended, Stage};
use crate::sweep::{Sweep, progress, size};

/// All calls that name, read or change files.
const CALLS: &str = "openat,read,pread64,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,\
    mkdirat,rmdir,flock,ftruncate,lseek,statx,newfstatat,getdents64,close,statfs,copy_file_range";
const ERRORS: [&str; 6] = ["EIO", "ENOSPC", "EDQUOT", "EACCES", "EROFS", "EINTR"];

fn has_strace() -> bool {
    installed(Command::new("strace").arg("--version").output().is_ok_and(|run| run.status.success()), "strace")
}

/// What is done at a call.
#[derive(Debug, Clone)]
struct Injection {
    call: String,
    /// 1 is the first.
    n: usize,
    what: String,
}

impl Injection {
    fn kills(&self) -> bool {
        self.what.starts_with("signal")
    }

    fn argument(&self) -> String {
        let (lasting, n) = (self.what.ends_with('+'), self.n);
        format!("inject={}:{}:when={n}{}", self.call, self.what.trim_end_matches('+'), if lasting { "+" } else { "" })
    }
}

/// Calls of the busiest thread by name: how many before the program itself began, and how many in all.
fn count(stage: &Stage, arguments: &str) -> BTreeMap<String, (usize, usize)> {
    let log = stage.path("strace.log");
    let status = Command::new("strace")
        .args(["-f", "-qq", "-e", &format!("trace={CALLS},poll"), "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_layoutopt"))
        .args(arguments.split_whitespace())
        .current_dir(stage.path(""))
        .output()
        .unwrap()
        .status;
    assert!(status.success(), "{status}");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(log).unwrap();
    let mut counts = BTreeMap::<(String, String), (usize, usize)>::new();
    let mut began = false;
    for line in text.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let Some((call, _)) = call.trim_start().split_once('(') else { continue };
        // The first thing that Rust's runtime does; before it comes the dynamic loader.
        began |= call == "poll";
        let seen = counts.entry((call.to_owned(), thread.to_owned())).or_default();
        seen.0 += usize::from(!began);
        seen.1 += 1;
    }
    let mut most = BTreeMap::<String, (usize, usize)>::new();
    for ((call, _), (before, all)) in counts {
        let known = most.entry(call).or_default();
        *known = (known.0.max(before), known.1.max(all));
    }
    most.remove("poll");
    most
}

/// Everything to inject into a program of such calls: all of it, or `quick` picks.
fn injections(counts: &BTreeMap<String, (usize, usize)>, quick: usize) -> Vec<Injection> {
    let mut all = Vec::new();
    for (call, (before, count)) in counts {
        for n in before + 1..=*count {
            let errors = ERRORS.iter().flat_map(|error| [format!("error={error}"), format!("error={error}+")]);
            // An EINTR for ever is a livelock of every caller. A close that fails has closed; of a folder the standard library
            // does not expect it.
            let errors = errors.filter(|what| what != "error=EINTR+" && call != "close");
            let whats = std::iter::once("signal=KILL".to_owned()).chain(errors);
            all.extend(whats.map(|what| Injection { call: call.clone(), n, what }));
        }
    }
    let picks = size(quick, all.len()).min(all.len());
    // Evenly, so that all calls and all errors occur.
    (0..picks).map(|pick| all[pick * all.len() / picks].clone()).collect()
}

/// Expects that the program was killed, or told what is wrong, or did not mind.
fn is_defined(injection: &Injection, ended: &Ended) {
    if injection.kills() {
        assert!([-1, 0].contains(&ended.code), "{injection:?}: {} {}", ended.code, ended.stderr);
        return;
    }
    // Who cannot even write his last words cannot be asked for them.
    let speechless = injection.call == "write" && ended.code == 101;
    assert!(speechless || (0..=4).contains(&ended.code), "{injection:?}: {} {}", ended.code, ended.stderr);
}

fn trace(stage: &Stage, injection: &Injection, arguments: &str) -> Ended {
    let output = Command::new("strace")
        .args(["--seccomp-bpf", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={}", injection.call)])
        .args(["-e", &injection.argument()])
        .arg(env!("CARGO_BIN_EXE_layoutopt"))
        .args(arguments.split_whitespace())
        .current_dir(stage.path(""))
        .output()
        .unwrap();
    Ended::of(&output)
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-r").arg(from.join(".")).arg(to).status().unwrap().success());
}

#[test]
fn a_run_struck_at_any_system_call_is_made_whole_by_the_next() {
    if !has_strace() {
        return;
    }
    let sweep = Sweep::light(6, "--threads 1");
    let counts = count(&Stage::new(), &sweep.run);
    let injections = injections(&counts, 20);
    let mut minded = 0;
    for (number, injection) in injections.iter().enumerate() {
        progress("injections", number, injections.len());
        let stage = Stage::new();
        let ended = trace(&stage, injection, &sweep.run);
        is_defined(injection, &ended);
        minded += usize::from(ended.code != 0);
        let kept = sweep.stored(&stage.path("layouts.h5"));
        sweep.resumes(&stage, &kept);
    }
    println!("a run: {} injections, {minded} of them ended it", injections.len());
    assert!(minded > 5, "{minded} of {}", injections.len());
}

#[test]
fn a_merge_struck_at_any_system_call_loses_nothing() {
    if !has_strace() {
        return;
    }
    let sweep = Sweep::light(9, "--threads 1");
    let template = Stage::new();
    spread(&sweep, &template);
    let counted = Stage::new();
    copy(&template.path(""), &counted.path(""));
    let injections = injections(&count(&counted, "merge layouts.h5"), 20);
    let all = sweep.stored(&template.path("layouts.h5"));
    assert_eq!(all.len(), 9);
    let mut minded = 0;
    for (number, injection) in injections.iter().enumerate() {
        progress("injections", number, injections.len());
        let stage = Stage::new();
        copy(&template.path(""), &stage.path(""));
        let ended = trace(&stage, injection, "merge layouts.h5");
        is_defined(injection, &ended);
        minded += usize::from(ended.code != 0);
        sweep.resumes(&stage, &all);
    }
    println!("a merge: {} injections, {minded} of them ended it", injections.len());
    assert!(minded > 5, "{minded} of {}", injections.len());
}

/// Three cases in OUTPUT, and three runs that ended without a merge, of two cases each.
fn spread(sweep: &Sweep, stage: &Stage) {
    let whole = Stage::new();
    whole.done(&sweep.run);
    let mut records: Vec<Record> = Vec::new();
    read_records(&whole.path("layouts.h5"), &mut |record| {
        records.push(record);
        Ok(())
    })
    .unwrap();
    stage.done(&sweep.run.replace("--seeds 9", "--seeds 3"));
    let text = Store::at(&whole.path("layouts.h5")).scan().unwrap().stored_sweeps.remove(0).text;
    for two in records[3..].chunks(2) {
        let store = Store::at(&stage.path("layouts.h5"));
        let writer = store.start_run(1, &text, &Provenance::here()).unwrap();
        for record in two {
            writer.handle().send(0, record.clone()).unwrap();
        }
        writer.finish().unwrap();
    }
}

#[test]
fn the_publishing_thread_struck_at_any_system_call_publishes_nothing_half() {
    if !has_strace() {
        return;
    }
    // Fewer cases than a segment holds, on one thread: nothing is published before the last one is solved.
    let sweep = Sweep::of(60, "--threads 1");
    // What the thread does to publish: a folder, its lock, the sweep, a segment.
    let calls = ["mkdir", "openat", "write", "fsync", "rename", "flock", "ftruncate", "lseek", "statx", "close"];
    let counts = calls.iter().map(|call| ((*call).to_owned(), (0, if *call == "mkdir" { 2 } else { 6 }))).collect();
    let injections = injections(&counts, 10);
    let mut minded = 0;
    for (number, injection) in injections.iter().enumerate() {
        progress("injections", number, injections.len());
        let stage = Stage::new();
        let child = stage.command(&sweep.run).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let thread = publishing_thread(child.id());
        let mut strace = Command::new("strace")
            .args(["-o", "/dev/null", "-e", &format!("trace={}", injection.call), "-e", &injection.argument()])
            .args(["-p", &thread.to_string()])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(strace.stderr.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.contains("attached"), "{said}");
        let ended = Ended::of(&child.wait_with_output().unwrap());
        strace.wait().unwrap();
        is_defined(injection, &ended);
        minded += usize::from(ended.code != 0);
        let kept = sweep.stored(&stage.path("layouts.h5"));
        assert!(kept.is_empty() || kept.len() == sweep.cases(), "{injection:?}: {} cases", kept.len());
        sweep.resumes(&stage, &kept);
    }
    println!("publishing: {} injections, {minded} of them ended the run", injections.len());
    assert!(minded > 1, "{minded} of {}", injections.len());
}

fn publishing_thread(process: u32) -> u32 {
    let since = Instant::now();
    loop {
        for task in std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
            if std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "store") {
                return task.file_name().to_str().unwrap().parse().unwrap();
            }
        }
        assert!(since.elapsed() < Duration::from_secs(20), "no store thread");
    }
}
