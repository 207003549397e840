//! Too little memory: the program ends with a message or is ended, and what it had published stays.

use std::process::Command;

use crate::stage::Stage;
use crate::sweep::{Sweep, size};

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
