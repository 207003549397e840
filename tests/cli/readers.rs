//! Who reads what the program prints may stop at any time, or have no room for it.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::stage::Stage;

#[test]
fn a_reader_that_has_seen_enough_ends_nothing() {
    let stage = Stage::new();
    let mut run =
        stage.command("run quickstart --seeds 2 -v").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((run.stdout.take(), run.stderr.take()));
    assert_eq!(run.wait().unwrap().code(), Some(0));
    let status = stage.done("status layouts.h5");
    assert!(status.stdout.contains("2 of 2 cases done"), "{}", status.stdout);
    for arguments in ["status layouts.h5", "status layouts.h5 --json", "validate layouts.h5", "merge layouts.h5"] {
        let mut command = stage.command(arguments);
        let mut asked = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(asked.stdout.take());
        let ended = asked.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!((ended.status.code(), stderr.contains("panicked")), (Some(0), false), "{arguments}: {stderr}");
    }
}

#[test]
fn results_that_cannot_be_written_are_an_error() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 1");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = stage.command("status layouts.h5 --json").stdout(full).output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("cannot write to standard output: No space left"), "{stderr}");
}
