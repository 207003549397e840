//! Every operation of everything the store does fails, once or for good, with every error a disk may give.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::simfs::{Fault, SimFs};
use super::world::{SCENES, Scene, THREE_MERGES, World};
use super::*;

const EIO: i32 = 5;
const EINTR: i32 = 4;
/// EIO, ENOSPC, EDQUOT, EACCES, EROFS, ESTALE, ENOLCK, EMFILE, EINTR, ENOENT, EXDEV.
const ERRNOS: [i32; 11] = [EIO, 28, 122, 13, 30, 116, 37, 24, EINTR, 2, 18];

/// Plays a scene in which a fault strikes; whether it did.
fn strike(scene: &Scene, prepared: &World, seed: u64, fault: Fault) -> bool {
    let world = prepared.copy();
    world.fs.inject(fault);
    scene.play(&world, seed);
    let fired = world.fs.heal();
    let acknowledged: BTreeSet<_> = world.fs.acknowledged().into_iter().collect();
    if let Err(violation) = world.check(&world.fs, &acknowledged) {
        panic!("{}, order {seed}, {fault:?}: {violation}", scene.name);
    }
    fired
}

#[test]
fn no_error_at_any_operation_loses_or_spoils_a_case() {
    let mut runs = 0;
    for scene in SCENES.iter().filter(|scene| scene.processes.len() == 1) {
        let prepared = (scene.prepare)();
        let mut n = 0;
        loop {
            // In the quick size each operation sees one of the errors, in turn.
            let turn = ERRNOS[usize::try_from(n).unwrap() % ERRNOS.len()];
            let mut fired = false;
            for errno in size(vec![turn], ERRNOS.to_vec()) {
                fired |= strike(scene, &prepared, 0, Fault::once(n, errno));
                // EINTR for ever is no fault but a livelock, of `write_all` as of any caller.
                let lasting = if errno == EINTR { EIO } else { errno };
                fired |= strike(scene, &prepared, 0, Fault::for_good(n, lasting));
                runs += 2;
            }
            if !fired {
                break;
            }
            n += 1;
        }
        println!("{}: {n} operations", scene.name);
        assert!(n > 20, "{}: {n} operations", scene.name);
    }
    println!("{runs} runs with a fault");
}

#[test]
fn no_killed_process_of_several_costs_a_case() {
    let mut kills = 0;
    for scene in SCENES.iter().chain([&THREE_MERGES]).filter(|scene| scene.processes.len() > 1) {
        let prepared = (scene.prepare)();
        for seed in 0..size(1, 10) {
            for process in 1..=scene.processes.len() {
                let killed = |n: &u64| strike(scene, &prepared, seed, Fault::for_good(*n, EIO).of(process));
                kills += (seed % 7..).step_by(size(7, 1)).take_while(killed).count();
            }
        }
    }
    println!("{kills} kills");
    assert!(kills > 20, "{kills}");
}

#[test]
fn no_power_cut_during_a_run_loses_a_flushed_case() {
    for n in 0.. {
        let fs = SimFs::new();
        let store = Store::on(Arc::new(fs.clone()), Path::new("/layouts.h5"));
        fs.inject(Fault::crash(n));
        let writer = store.start_run(2, "name = \"test\"\n", &Provenance::default()).unwrap();
        let mut flushed = 0;
        for seed in 0..3_usize {
            if writer.handle().send(seed % 2, solved(0, seed as u64)).is_err() || writer.flush().is_err() {
                break;
            }
            flushed = seed + 1;
        }
        let _ = writer.finish();
        let fired = fs.heal();
        let found = store.scan().unwrap();
        assert!(
            found.entries.len() >= flushed,
            "{flushed} were acknowledged, a cut at {n} left {}",
            found.entries.len()
        );
        assert!(found.unsound.is_empty());
        if !fired {
            break;
        }
    }
}
