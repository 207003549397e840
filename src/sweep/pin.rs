//! Which CPU each worker thread runs on.
//!
//! Workers are pinned one to one to CPUs of the mask that the process was started with (so cgroups, `taskset` and SLURM are respected),
//! one CPU of every physical core first, their siblings after.

use std::collections::BTreeMap;
use std::fs;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// CPUs this process may use, in the order in which workers take them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpus(Vec<usize>);

impl Cpus {
    /// The CPUs of the calling thread's affinity mask; to be called before any thread is pinned. Empty if the system does not tell.
    pub fn allowed() -> Self {
        let mut allowed = Vec::new();
        match sched_getaffinity(None) {
            Ok(mask) => allowed.extend((0..CpuSet::MAX_CPU).filter(|&cpu| mask.is_set(cpu))),
            Err(error) => {
                tracing::warn!("the system does not tell which CPUs may be used ({error}); threads are not pinned");
            }
        }
        Self(cores_first(&allowed, core_of))
    }

    /// How many there are; at least 1, the CPU that asks.
    pub fn count(&self) -> usize {
        self.0.len().max(1)
    }

    /// Pins the calling thread, worker number `worker`, to its CPU; workers beyond the number of CPUs wrap round.
    ///
    /// # Errors
    /// The system's refusal; the thread then runs unpinned.
    pub fn pin(&self, worker: usize) -> Result<(), rustix::io::Errno> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut mask = CpuSet::new();
        mask.set(self.0[worker % self.0.len()]);
        sched_setaffinity(None, &mask)
    }
}

/// The first CPU of every core in ascending order, then the second of every core, and so on.
fn cores_first(allowed: &[usize], core_of: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut cores: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &cpu in allowed {
        cores.entry(core_of(cpu)).or_default().push(cpu);
    }
    let most = cores.values().map(Vec::len).max().unwrap_or(0);
    (0..most).flat_map(|k| cores.values().filter_map(move |cpus| cpus.get(k).copied())).collect()
}

/// A number that CPUs of one physical core share: the least of its CPUs. A system that does not tell has one CPU per core.
fn core_of(cpu: usize) -> usize {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    let siblings = fs::read_to_string(path).unwrap_or_default();
    siblings.split([',', '-']).next().and_then(|first| first.trim().parse().ok()).unwrap_or(cpu)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cpu_of_every_core_before_any_sibling() {
        // Cores {0, 4}, {1, 5}, {2, 6}, of which 4 is not allowed.
        assert_eq!(cores_first(&[0, 1, 2, 5, 6], |cpu| cpu % 4), [0, 1, 2, 5, 6]);
        // Cores {0, 1}, {2, 3}.
        assert_eq!(cores_first(&[0, 1, 2, 3], |cpu| cpu / 2), [0, 2, 1, 3]);
    }

    #[test]
    fn a_pinned_thread_may_use_its_cpu_only() {
        let cpus = Cpus::allowed();
        assert!(!cpus.0.is_empty());
        // Beyond the last CPU workers wrap round.
        for worker in [0, cpus.count() + 1] {
            let cpus = cpus.clone();
            let mask = std::thread::spawn(move || cpus.pin(worker).and_then(|()| sched_getaffinity(None))).join();
            let mask = mask.expect("the thread ends").expect("the system pins");
            assert_eq!(mask.count(), 1);
        }
    }
}
