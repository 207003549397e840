//! What a merge that was stopped while it cleaned up leaves, and who removes it.

use super::simfs::{Fault, SimFs};
use super::world::on;
use super::*;

/// A store of which everything is in OUTPUT or about to be.
fn two_runs_one_merged() -> SimFs {
    let fs = SimFs::new();
    fs::StoreFs::mkdir(&fs, Path::new("/d")).unwrap();
    run(&on(&fs), &[solved(0, 0)]);
    merge(&on(&fs));
    run(&on(&fs), &[solved(0, 1), solved(0, 2)]);
    fs
}

fn names(fs: &SimFs) -> Vec<String> {
    fs::StoreFs::list(fs, Path::new("/d"))
        .unwrap()
        .into_iter()
        .map(|entry| entry.name.to_string_lossy().into())
        .collect()
}

#[test]
fn what_a_stopped_merge_left_goes_without_another_merge() {
    let prepared = two_runs_one_merged();
    let mut left_something = 0;
    for n in 0.. {
        let fs = prepared.copy();
        fs.inject(Fault::for_good(n, 5));
        let _ = on(&fs).merge(&facts(), &MergeOptions::default(), &accept);
        if !fs.heal() {
            break;
        }
        let waiting = on(&fs).scan().unwrap().files.iter().any(|file| !file.is_output);
        let before = fs.files();
        left_something += usize::from(!waiting && names(&fs) != ["layouts.h5"]);
        on(&fs).tidy().unwrap();
        if waiting {
            let kept = |path: &Path| path.file_name().is_some_and(paths::is_segment);
            for (path, contents) in before.iter().filter(|(path, _)| kept(path)) {
                assert_eq!(
                    fs.contents(path).as_deref(),
                    Some(contents.as_slice()),
                    "stopped at {n}: {}",
                    path.display()
                );
            }
        } else {
            assert_eq!(
                names(&fs),
                ["layouts.h5"],
                "stopped at {n}: {:?}",
                fs.files().iter().map(|f| &f.0).collect::<Vec<_>>()
            );
        }
        assert_eq!(on(&fs).scan().unwrap().entries.len(), 3, "stopped at {n}");
    }
    assert!(left_something > 2, "{left_something} stops left something behind");
}

#[test]
fn the_folder_of_a_living_run_and_the_quarantine_stay() {
    let place = Place::new();
    place.run(&[solved(0, 0)]);
    place.merge();
    let living = place.store.start_run(1, "name = \"test\"\n", &Provenance::here()).unwrap();
    living.handle().send(0, solved(0, 1)).unwrap();
    let own = living.roll().unwrap();
    let options = MergeOptions { own: Some(&own), ..MergeOptions::default() };
    place.store.merge(&facts(), &options, &accept).unwrap();
    assert!(place.segments().is_empty());
    let folder = place.store.shards().join(living.run());
    let kept = place.store.shards().join("quarantine").join("kept");
    std::fs::create_dir(kept.parent().unwrap()).unwrap();
    std::fs::write(&kept, "anything").unwrap();
    place.store.tidy().unwrap();
    assert!(folder.join(".live").exists() && kept.exists());
    drop(living);
    place.store.tidy().unwrap();
    assert!(!folder.exists() && kept.exists());
    std::fs::remove_file(&kept).unwrap();
    place.store.tidy().unwrap();
    assert_eq!(place.names(), ["layouts.h5"]);
    place.store.tidy().unwrap();
    assert_eq!(place.names(), ["layouts.h5"]);
}

#[test]
fn nothing_is_tidied_during_a_merge_or_without_locks() {
    let fs = two_runs_one_merged();
    // Stopped late: nothing but the folder is left to do.
    let mut n = 0;
    let stopped = loop {
        let fs = fs.copy();
        fs.inject(Fault::for_good(n, 5));
        let _ = on(&fs).merge(&facts(), &MergeOptions::default(), &accept);
        assert!(fs.heal(), "no stop leaves a folder without segments");
        if !on(&fs).scan().unwrap().files.iter().any(|file| !file.is_output) {
            break fs;
        }
        n += 1;
    };
    let held = on(&stopped).lock_for_merge(std::time::Duration::ZERO).unwrap();
    on(&stopped).tidy().unwrap();
    assert_ne!(names(&stopped), ["layouts.h5"]);
    drop(held);
    stopped.leave_out(simfs::Leave::Locks);
    on(&stopped).tidy().unwrap();
    assert_ne!(names(&stopped), ["layouts.h5"]);
}

#[test]
fn a_probe_that_was_killed_leaves_nothing_for_ever() {
    let prepared = two_runs_one_merged();
    let mut left_something = [0, 0];
    for with_shards in [false, true] {
        for n in 0.. {
            let fs = prepared.copy();
            if !with_shards {
                merge(&on(&fs));
            }
            fs.inject(Fault::for_good(n, 5));
            let _ = on(&fs).preflight();
            if !fs.heal() {
                break;
            }
            let temporary = |(path, _): &(PathBuf, _)| publish::is_temporary(path.file_name().unwrap(), "".as_ref());
            left_something[usize::from(with_shards)] += usize::from(fs.files().iter().any(temporary));
            if with_shards {
                merge(&on(&fs));
            } else {
                on(&fs).tidy().unwrap();
            }
            assert_eq!(names(&fs), ["layouts.h5"], "stopped at {n}");
        }
    }
    assert!(left_something.iter().all(|count| *count > 2), "{left_something:?}");
}

#[test]
fn a_probe_is_not_disturbed_by_a_merge_that_cleans_up() {
    let prepared = two_runs_one_merged();
    for seed in 0..size(300, 20_000) {
        let fs = prepared.copy();
        fs.run_at_once(
            seed,
            vec![
                Box::new(|fs| on(&fs).preflight().unwrap()),
                Box::new(|fs| {
                    let options = MergeOptions { wait: std::time::Duration::from_mins(1), ..MergeOptions::default() };
                    on(&fs).merge(&facts(), &options, &accept).unwrap();
                }),
                Box::new(|fs| on(&fs).tidy().unwrap()),
            ],
        );
        on(&fs).tidy().unwrap();
        assert_eq!(names(&fs), ["layouts.h5"], "order {seed}");
    }
}

#[test]
fn a_probe_that_comes_back_altered_is_noticed() {
    let mut noticed = 0;
    for n in 0.. {
        let fs = two_runs_one_merged().copy();
        fs.meanwhile(n, |fs| {
            for (path, bytes) in fs.files() {
                if publish::is_temporary(path.file_name().unwrap(), "".as_ref()) {
                    fs.damage(&path, bytes.iter().map(|byte| byte ^ 1).collect());
                }
            }
        });
        let result = on(&fs).preflight();
        if !fs.has_happened() {
            break;
        }
        noticed += usize::from(result.is_err_and(|error| error.to_string().contains("other bytes came back")));
    }
    assert!(noticed > 0);
}
