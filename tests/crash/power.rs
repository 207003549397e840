//! Power loss on real file systems. A disk is a file on btrfs; a reflink copy of it, taken while the store publishes and merges, is
//! what a power cut would have left: mounting it replays the journal. Needs root and minutes: `make power-loss`.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use layoutopt::farm::Layout;
use layoutopt::store::{
    CaseId, CaseKey, MergeOptions, Origin, Outcome, Provenance, Record, RootFacts, Solution, Store,
};

use crate::shim::Shim;
use crate::sweep::Draws;

const OUTPUT_OF_CHILD: &str = "LAYOUTOPT_TEST_OUTPUT";
/// `LAYOUTOPT_SNAPSHOTS`, or so many.
const SNAPSHOTS: usize = 300;
const FILE_SYSTEMS: [(&str, &[&str], &str); 2] =
    [("ext4", &["-q", "-F"], "loop"), ("xfs", &["-q", "-f"], "loop,nouuid")];

fn record(seed: u64) -> Record {
    let solution = Solution {
        layout: Layout { x_m: vec![seed as f64, 1e6], y_m: vec![2e6, 3e6 + seed as f64] },
        rotor_diameter_m: 240.0,
        aep_gwh: 4000.0 + seed as f64,
        aep_no_wake_gwh: 1e9,
        restart: 0,
        origin: Origin::Solved,
        stages: vec![],
    };
    Record {
        key: CaseKey { farm: 0, turbine: 0, seed },
        case_id: CaseId([7; 16]),
        farm: "farm".into(),
        turbine: "turbine".into(),
        outcome: Outcome::Solved(solution),
    }
}

fn facts() -> RootFacts {
    RootFacts {
        grid_size: 18,
        random_pct: 30.0,
        total_configs: 1_000_000,
        sweep: "name = \"test\"\n".into(),
        wake_model: "nygaard-2022".into(),
        rng: "chacha8".into(),
    }
}

#[test]
#[ignore = "the child of the test below"]
fn child_that_publishes_and_merges_until_it_is_killed() {
    let Some(output) = std::env::var_os(OUTPUT_OF_CHILD) else { return };
    let store = Store::at(Path::new(&output));
    for run in 0_u64.. {
        let writer = store.start_run(2, &facts().sweep, &Provenance::here()).unwrap();
        for number in 0..12 {
            let seed = run * 12 + number;
            writer.handle().send(usize::try_from(number % 2).unwrap(), record(seed)).unwrap();
            writer.flush().unwrap();
            println!("kept {seed}");
        }
        let own = writer.finish().unwrap().run;
        if run % 2 == 1 {
            store.merge(&facts(), &MergeOptions { own: own.as_ref(), ..MergeOptions::default() }, &|_| Ok(())).unwrap();
        }
    }
}

fn run(program: &str, arguments: &[&str], paths: &[&Path]) {
    let output = Command::new(program).args(arguments).args(paths).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?} {paths:?}: {}", String::from_utf8_lossy(&output.stderr));
}

struct Mounted(PathBuf);

impl Mounted {
    fn image(image: &Path, at: &Path, options: &str) -> Self {
        std::fs::create_dir_all(at).unwrap();
        run("mount", &["-o", options], &[image, at]);
        Self(at.to_owned())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// A store at work on a disk of its own, and how many of its cases are kept.
struct AtWork {
    child: Child,
    kept: Arc<AtomicU64>,
}

impl AtWork {
    fn start(output: &Path, pretence: Option<(&Shim, &str)>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "power::child_that_publishes_and_merges_until_it_is_killed", "--ignored", "--nocapture"])
            .env(OUTPUT_OF_CHILD, output)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some((shim, what)) = pretence {
            shim.around(&mut command, ("SHIM_NO_FSYNC", what));
        }
        let mut child = command.spawn().unwrap();
        let kept = Arc::new(AtomicU64::new(0));
        let (counter, stdout) = (Arc::clone(&kept), child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(seed) = line.rsplit_once("kept ").and_then(|(_, seed)| seed.parse::<u64>().ok()) {
                    counter.store(seed + 1, Ordering::SeqCst);
                }
            }
        });
        Self { child, kept }
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug, Default)]
struct Found {
    snapshots: usize,
    acknowledged: u64,
    visible: usize,
    lost: usize,
    unsound: usize,
    empty: usize,
}

/// Cuts the power `snapshots` times while a store is at work, and looks at what each cut left.
fn cut(host: &Path, file_system: (&str, &[&str], &str), pretence: Option<(&Shim, &str)>, snapshots: usize) -> Found {
    let (name, options, mount) = file_system;
    let disk = host.join("disk.img");
    run("truncate", &["-s", "320M"], &[&disk]);
    run(&format!("mkfs.{name}"), options, &[&disk]);
    let mounted = Mounted::image(&disk, &host.join("disk"), mount);
    let (mut found, mut draws) = (Found::default(), Draws(5));
    let mut at_work = None;
    let mut output = PathBuf::new();
    while found.snapshots < snapshots {
        // Now and then a new store: the more cases one has, the longer it takes to look at it.
        if found.snapshots % 25 == 0 {
            output = PathBuf::from(format!("{}.h5", found.snapshots));
            drop(at_work.take());
            at_work = Some(AtWork::start(&mounted.0.join(&output), pretence));
        }
        let Some(at_work) = &at_work else { continue };
        std::thread::sleep(Duration::from_secs_f64(0.01 + 0.05 * draws.unit()));
        let kept = at_work.kept.load(Ordering::SeqCst);
        let snapshot = host.join("snapshot.img");
        run("cp", &["--reflink=always"], &[&disk, &snapshot]);
        let mounted = Mounted::image(&snapshot, &host.join("snapshot"), mount);
        look(&Store::at(&mounted.0.join(&output)), kept, &mut found);
        drop(mounted);
        std::fs::remove_file(&snapshot).unwrap();
        found.snapshots += 1;
    }
    drop(at_work);
    drop(mounted);
    std::fs::remove_file(&disk).unwrap();
    found
}

fn look(store: &Store, kept: u64, found: &mut Found) {
    let inventory = store.scan().unwrap();
    let seeds: BTreeSet<u64> = inventory.entries.keys().map(|(key, _)| key.seed).collect();
    found.acknowledged += kept;
    found.visible += seeds.len();
    found.lost += (0..kept).filter(|seed| !seeds.contains(seed)).count();
    found.unsound += inventory.unsound.len();
    found.empty += inventory.unsound.iter().filter(|unsound| unsound.flaw.slug() == "empty").count();
    let is_true = |(key, digest): (CaseKey, _)| record(key.seed).digest() == digest;
    assert!(inventory.entries.iter().all(|((key, _), entry)| is_true((*key, entry.digest))), "a false record");
    let merged = store.merge(&facts(), &MergeOptions::default(), &|_| Ok(())).unwrap();
    assert_eq!(merged.solved, seeds.len() as u64, "a merge after the cut");
}

#[test]
#[ignore = "needs root, mkfs of btrfs, ext4 and xfs, and minutes: make power-loss"]
fn power_loss_costs_nothing_that_was_acknowledged() {
    // In memory, where the copies are quick; on a disk if there is no such folder.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let image = folder.path().join("host.img");
    run("truncate", &["-s", "4G"], &[&image]);
    run("mkfs.btrfs", &["-q"], &[&image]);
    let host = Mounted::image(&image, &folder.path().join("host"), "loop");
    let shim = Shim::build();
    let snapshots = std::env::var("LAYOUTOPT_SNAPSHOTS").map_or(SNAPSHOTS, |number| number.parse().unwrap());
    for file_system in FILE_SYSTEMS {
        let name = file_system.0;
        let found = cut(&host.0, file_system, None, snapshots);
        println!("{name}: {found:?}");
        assert!(found.acknowledged > 0);
        assert_eq!((found.lost, found.unsound), (0, 0), "{name}: {found:?}");
        // The controls: without the fsync of files, and without any, the same cuts must do harm.
        for left_out in ["files", "files,folders"] {
            let found = cut(&host.0, file_system, Some((&shim, left_out)), snapshots.div_ceil(10));
            println!("{name}, no fsync of {left_out}: {found:?}");
            assert!(found.lost + found.unsound > 0, "{name}: no fsync of {left_out} goes unnoticed");
        }
    }
}
