//! Every state that a power cut may leave: none loses an acknowledged case, shows a torn file, or leads to a wrong merge.

use std::collections::{BTreeMap, BTreeSet};

use super::simfs::{Count, Leave};
use super::world::{SCENES, Scene, THREE_MERGES};
use super::*;

/// What became of a scene under all power cuts.
#[derive(Debug, Default)]
struct Findings {
    count: Count,
    /// States that differ in files or in what was acknowledged; each was looked into.
    distinct: usize,
    /// How many states went wrong, by the kind of wrong.
    violations: BTreeMap<String, usize>,
    first: String,
}

/// Plays a scene and cuts the power everywhere.
fn cut_everywhere(scene: &Scene, seed: u64, most_per_cut: usize, left_out: &[Leave]) -> Findings {
    let world = (scene.prepare)().copy();
    for &what in left_out {
        world.fs.leave_out(what);
    }
    scene.play(&world, seed);
    let mut findings = Findings::default();
    let mut seen = BTreeSet::new();
    findings.count = world.fs.crash_states(most_per_cut, &mut |cut| {
        if !seen.insert((cut.digest, cut.acknowledged.len())) {
            return;
        }
        findings.distinct += 1;
        if let Err(violation) = world.check(&cut.disk(), &cut.acknowledged) {
            let kind = violation.split(':').next().unwrap_or_default().to_owned();
            *findings.violations.entry(kind).or_default() += 1;
            if findings.first.is_empty() {
                findings.first = format!("{violation}; {}", cut.story());
            }
        }
    });
    findings
}

#[test]
fn no_power_cut_loses_tears_or_mixes_anything() {
    let (most_per_cut, orders) = size((60, 1), (4000, 6));
    let (mut states, mut distinct) = (0, 0);
    for scene in SCENES.iter().chain([&THREE_MERGES]) {
        for locks in [&[][..], &[Leave::Locks][..]] {
            for seed in 0..if scene.processes.len() > 1 { orders } else { 1 } {
                let found = cut_everywhere(scene, seed, most_per_cut, locks);
                println!(
                    "{}, without {locks:?}, order {seed}: {} cuts ({} by draws), {} states, {} distinct",
                    scene.name, found.count.cuts, found.count.sampled, found.count.states, found.distinct
                );
                assert!(found.violations.is_empty(), "{}, {:?}: {}", scene.name, found.violations, found.first);
                states += found.count.states;
                distinct += found.distinct;
            }
        }
    }
    println!("{states} states, {distinct} of them distinct and looked into");
    assert!(states >= size(5_000, 100_000), "{states} states");
}

#[test]
fn without_an_fsync_the_power_cuts_are_noticed() {
    for (scene, left_out, expected) in [
        (&SCENES[0], Leave::FileSync, "torn"),
        (&SCENES[1], Leave::FileSync, "torn"),
        (&SCENES[2], Leave::FileSync, "torn"),
        (&SCENES[0], Leave::DirSync, "lost"),
        (&SCENES[2], Leave::DirSync, "lost"),
        (&SCENES[4], Leave::DirSync, "vanished"),
    ] {
        let found = cut_everywhere(scene, 0, 60, &[left_out]);
        println!("{} without {left_out:?}: {:?} of {} states", scene.name, found.violations, found.distinct);
        let noticed = found.violations.get(expected).copied().unwrap_or_default();
        assert!(noticed > 0, "{} without {left_out:?}: {:?}, {}", scene.name, found.violations, found.first);
    }
}
