//! Several processes on one simulated disk, one operation at a time, in an order that a seed decides.

use std::collections::BTreeSet;

use super::crash::Draws;

/// Whose turn it is. An operation takes place when all living processes wait for their turn and the draw falls on this one, so the
/// order depends on the seed alone.
#[derive(Debug)]
pub(super) struct Schedule {
    draws: u64,
    living: BTreeSet<usize>,
    waiting: BTreeSet<usize>,
    turn: Option<usize>,
}

impl Schedule {
    pub(super) fn new(seed: u64, processes: impl Iterator<Item = usize>) -> Self {
        Self { draws: seed, living: processes.collect(), waiting: BTreeSet::new(), turn: None }
    }

    pub(super) fn knows(&self, process: usize) -> bool {
        self.living.contains(&process)
    }

    pub(super) fn wait(&mut self, process: usize) {
        self.waiting.insert(process);
        self.draw();
    }

    /// Whether the process may go on; then its turn is over.
    pub(super) fn take_turn(&mut self, process: usize) -> bool {
        if self.turn != Some(process) {
            return false;
        }
        self.turn = None;
        self.waiting.remove(&process);
        true
    }

    pub(super) fn leave(&mut self, process: usize) {
        self.living.remove(&process);
        self.draw();
    }

    fn draw(&mut self) {
        if self.turn.is_none() && !self.waiting.is_empty() && self.waiting.len() == self.living.len() {
            let mut draws = Draws(self.draws);
            let at = draws.below(self.waiting.len());
            self.draws = draws.0;
            self.turn = self.waiting.iter().nth(at).copied();
        }
    }
}
