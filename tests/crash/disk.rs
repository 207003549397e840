//! Disks that fill up at every size there is, and files that may not grow.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stage::{Ended, Stage};
use crate::sweep::{Sweep, size};

struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(at: &Path, kilobytes: usize) -> Option<Mounted> {
    std::fs::create_dir(at).unwrap();
    let size = format!("size={kilobytes}k");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(at).output();
    mounted.is_ok_and(|mount| mount.status.success()).then(|| Mounted(at.to_owned()))
}

#[test]
fn a_disk_of_any_size_fills_up_without_harm_and_room_cures_it() {
    let sweep = Sweep::light(200, "--threads 2 --merge-interval 0.1");
    let (mut full, mut enough) = (0, 0);
    for kilobytes in (64..=1600).step_by(size(288, 16)) {
        let stage = Stage::new();
        let disk = stage.path("disk");
        let Some(_mounted) = mount(&disk, kilobytes) else {
            eprintln!("skipped: mounting a small disk needs root; the limit on file sizes below does not");
            return;
        };
        let run = |stage: &Stage| Ended::of(&stage.command(&sweep.run).current_dir(&disk).output().unwrap());
        let ended = run(&stage);
        let output = disk.join("layouts.h5");
        let kept = sweep.stored(&output);
        if ended.code == 0 {
            enough += 1;
            assert_eq!(kept.len(), sweep.cases());
            continue;
        }
        full += 1;
        assert_eq!(ended.code, 4, "{kilobytes} KB: {}", ended.stderr);
        assert!(ended.stderr.contains("No space left"), "{kilobytes} KB: {}", ended.stderr);
        let more = Command::new("mount").args(["-o", "remount,size=16m"]).arg(&disk).status().unwrap();
        assert!(more.success());
        let ended = run(&stage);
        assert_eq!(ended.code, 0, "{kilobytes} KB: {}", ended.stderr);
        let whole = sweep.stored(&output);
        assert!(kept.is_subset(&whole) && whole.len() == sweep.cases());
    }
    println!("{full} disks were too small, {enough} large enough");
    assert!(full > 1 && enough > 0, "{full} disks were too small, {enough} large enough");
}

#[test]
fn no_limit_on_the_size_of_files_spoils_anything() {
    let sweep = Sweep::light(200, "--threads 2 --merge-interval 0.1");
    let program = env!("CARGO_BIN_EXE_layoutopt");
    let (mut refused, mut completed) = (0, 0);
    // In blocks of 512 bytes.
    for blocks in (0..=1200).step_by(size(240, 10)) {
        let stage = Stage::new();
        let limited = format!("ulimit -f {blocks}; exec {program} {}", sweep.run);
        let output = Command::new("sh").args(["-c", &limited]).current_dir(stage.path("")).output().unwrap();
        let ended = Ended::of(&output);
        let kept = sweep.stored(&stage.path("layouts.h5"));
        match ended.code {
            0 => {
                completed += 1;
                sweep.is_complete(&stage);
            }
            2 | 4 => {
                refused += 1;
                sweep.resumes(&stage, &kept);
            }
            other => panic!("{blocks} blocks: exit code {other}, {}", ended.stderr),
        }
    }
    println!("{refused} limits were too low, {completed} high enough");
    assert!(refused > 1 && completed > 0, "{refused} limits were too low, {completed} high enough");
}
