//! Where OUTPUT may lie: every place that cannot take it is named before anything is computed, every odd name that can, works.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use layoutopt::store::content_digest;

use crate::stage::{Ended, Stage};

/// Runs two quickstart cases into a file of any name.
fn run(stage: &Stage, output: impl AsRef<OsStr>) -> Ended {
    let mut command = stage.command("run quickstart --seeds 2 --output");
    Ended::of(&command.arg(output).output().unwrap())
}

/// The run was refused as bad input, with these words, and nothing was computed or left behind.
fn refused(stage: &Stage, output: &Path, words: &str) {
    let before = stage.names();
    let ended = run(stage, output);
    assert_eq!(ended.code, 2, "{}: {}{}", output.display(), ended.stdout, ended.stderr);
    assert!(ended.stderr.contains(words) && ended.stderr.contains("--output"), "{words}: {}", ended.stderr);
    assert!(!ended.stderr.contains("to run on"), "refused before anything is planned: {}", ended.stderr);
    assert_eq!(stage.names(), before);
}

#[test]
fn places_that_cannot_take_results_are_refused_before_anything_is_computed() {
    let stage = Stage::new();
    fs::create_dir(stage.path("folder.h5")).unwrap();
    fs::write(stage.path("file"), "").unwrap();
    symlink(stage.path("loop.h5"), stage.path("loop.h5")).unwrap();
    symlink(stage.path("missing/real.h5"), stage.path("astray.h5")).unwrap();
    refused(&stage, &stage.path("missing/layouts.h5"), "does not exist");
    refused(&stage, &stage.path("astray.h5"), "does not exist");
    refused(&stage, &stage.path("folder.h5"), "is a folder");
    refused(&stage, &stage.path("file/layouts.h5"), "is not a folder");
    refused(&stage, &stage.path("loop.h5"), "neither a file nor a link to one");
    refused(&stage, Path::new("/proc/layouts.h5"), "cannot be written");
    refused(&stage, &stage.path(&"x".repeat(255)), "too long");
    refused(&stage, &stage.path(&"x".repeat(300)), "too long");
    fs::write(stage.path("shards.h5.shards"), "").unwrap();
    refused(&stage, &stage.path("shards.h5"), "in the way of the shards' folder");
}

#[test]
fn a_folder_that_may_not_be_written_is_refused() {
    let stage = Stage::new();
    let folder = stage.path("read-only");
    fs::create_dir(&folder).unwrap();
    // Permissions do not stop root; a mount does.
    let root = rustix::process::geteuid().is_root();
    if root {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "ro", "none"]).arg(&folder).output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            eprintln!("skipped: root may not mount here");
            return;
        }
    } else {
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    }
    let result = std::panic::catch_unwind(|| refused(&stage, &folder.join("layouts.h5"), "cannot be written"));
    if root {
        Command::new("umount").arg("-l").arg(&folder).status().unwrap();
    } else {
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    result.unwrap();
}

#[test]
fn odd_names_hold_results_like_any_other() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 2 --output plain.h5");
    let digest = content_digest(&stage.path("plain.h5")).unwrap();
    fs::create_dir(stage.path("a folder")).unwrap();
    symlink("a folder/real.h5", stage.path("link.h5")).unwrap();
    // 255 bytes is the longest name; publishing takes 22 of them for a name of its own.
    let long = "l".repeat(255 - 22);
    let names: [&OsStr; 6] = [
        OsStr::new("my layouts.h5"),
        OsStr::new("a folder/-x'\"$(echo).h5"),
        OsStr::from_bytes(b"layouts-\xff\xfe.h5"),
        OsStr::new("Æøå-風.h5"),
        OsStr::new(&long),
        OsStr::new("link.h5"),
    ];
    for name in names {
        let path = stage.path(".").join(name);
        let ended = run(&stage, &path);
        assert_eq!(ended.code, 0, "{}: {}", path.display(), ended.stderr);
        let real = fs::canonicalize(&path).unwrap();
        assert_eq!(content_digest(&real).unwrap(), digest, "{}", path.display());
        let again = run(&stage, &path);
        assert!(again.stdout.contains("(0 now, 2 before)"), "{}", again.stdout);
        for command in ["status", "validate", "repair"] {
            let ended = Ended::of(&stage.command(command).arg(&path).output().unwrap());
            assert_eq!(ended.code, 0, "{command} {}: {}", path.display(), ended.stderr);
        }
    }
    assert!(stage.path("link.h5").symlink_metadata().unwrap().is_symlink(), "a link stays a link");
    assert!(stage.path("a folder/real.h5").is_file());
}
