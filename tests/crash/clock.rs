//! A clock that leaps or starts in 1970: provenance says so, nothing else changes.

use crate::shim::Shim;
use crate::stage::{Ended, Stage};
use crate::sweep::Sweep;
use layoutopt::store::read_output_root;

#[test]
fn a_wrong_clock_reaches_provenance_only() {
    let sweep = Sweep::of(60, "--threads 2 --merge-interval 0.05 --progress-interval 0.1");
    let shim = Shim::build();
    for clock in ["jumps", "1970"] {
        let stage = Stage::new();
        let run = |command: &str| {
            Ended::of(&shim.around(&mut stage.command(command), ("SHIM_CLOCK", clock)).output().unwrap())
        };
        let part = run("run quickstart --seeds 20");
        assert_eq!(part.code, 0, "{}", part.stderr);
        let ended = run(&sweep.run);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(ended.stdout.contains("40 now, 20 before"), "{}", ended.stdout);
        sweep.is_complete(&stage);
        let created = read_output_root(&stage.path("layouts.h5")).unwrap().created;
        assert_eq!(created.starts_with("1970-01-01T"), clock == "1970", "the shim does nothing: {created}");
    }
}
