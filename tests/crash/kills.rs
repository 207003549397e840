//! kill -9 at random times, again and again, until the sweep is done.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use crate::stage::Stage;
use crate::sweep::{Draws, Sweep, progress, size};

#[test]
fn kill_9_at_any_time_costs_no_published_case() {
    let rounds = size(25, 1000);
    let sweep = Sweep::light(size(200, 600), "--threads 2 --merge-interval 0.02 --progress-interval 60");
    let undisturbed = sweep.undisturbed();
    let mut draws = Draws(4);
    let (mut kills, mut completed, mut merged_before_end) = (0, 0, 0);
    // How many kills come between a merge and the end depends on the machine's speed: on, until one has.
    let enough = |kills, merged| kills >= rounds && (merged > 0 || kills >= 8 * rounds);
    while !enough(kills, merged_before_end) {
        let stage = Stage::new();
        let output = stage.path("layouts.h5");
        let mut kept = BTreeSet::new();
        while !enough(kills, merged_before_end) {
            let mut child = stage.command(&sweep.run).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(undisturbed.mul_f64(draws.unit() * 0.4).max(Duration::from_millis(1)));
            if child.try_wait().unwrap().is_some() {
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            let now = sweep.stored(&output);
            assert!(kept.is_subset(&now), "kill {kills} lost {:?}", kept.difference(&now).collect::<Vec<_>>());
            merged_before_end += usize::from(output.exists() && now.len() < sweep.cases());
            kept = now;
            progress("kills", kills, rounds);
        }
        sweep.resumes(&stage, &kept);
        completed += 1;
    }
    println!(
        "{kills} kills, {merged_before_end} of them after a merge and before the end, {completed} sweeps completed"
    );
    assert!(merged_before_end > 0, "every kill came too early or too late to show anything");
}
