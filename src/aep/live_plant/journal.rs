//! What a move replaced, so that it can be put back.

use std::ops::Range;

use crate::aep::by_pairs::cast::Source;
use crate::aep::live_plant::State;
use crate::aep::live_plant::pairs::Window;
use crate::lanes::Block;

/// The record of one move, the oldest entry first.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// The turbine that moved, from where, and the energies before.
    moved: Option<(usize, (f64, f64))>,
    energy_gwh: Vec<f64>,
    entries: Vec<Entry>,
    sources: Vec<Source>,
    blocks: Vec<Block>,
    power_w: Vec<f64>,
}

#[derive(Debug)]
enum Entry {
    /// A pair's window and parts as they were.
    Pair { pair: usize, window: Window, parts: Vec<Block> },
    /// Some parts of a pair as they were: the last of `blocks`.
    Parts { pair: usize, range: Range<usize> },
    /// A turbine in some blocks as it was: the last of `sources`, `blocks` and `power_w`.
    Turbine { range: Range<usize> },
}

impl Journal {
    /// Keeps nothing.
    pub(super) fn forget(&mut self) {
        self.moved = None;
        self.entries.clear();
        self.sources.clear();
        self.blocks.clear();
        self.power_w.clear();
    }

    /// A turbine is about to move.
    pub(super) fn begin(&mut self, turbine: usize, position_m: (f64, f64), energy_gwh: &[f64]) {
        self.moved = Some((turbine, position_m));
        self.energy_gwh.clear();
        self.energy_gwh.extend(energy_gwh);
    }

    /// Where the turbine that moved was, m.
    pub(super) fn was_m(&self) -> Option<(f64, f64)> {
        self.moved.map(|(_, position_m)| position_m)
    }

    /// A pair was given another window.
    pub(super) fn pair(&mut self, pair: usize, (window, parts): (Window, Vec<Block>)) {
        self.entries.push(Entry::Pair { pair, window, parts });
    }

    /// Parts `range` of a pair are about to change.
    pub(super) fn parts(&mut self, pair: usize, range: Range<usize>, parts: &[Block]) {
        self.blocks.extend(&parts[range.clone()]);
        self.entries.push(Entry::Parts { pair, range });
    }

    /// The state of a turbine is about to change in these of all turbines' blocks.
    pub(super) fn turbine(&mut self, range: Range<usize>, sources: &[Source], sums: &[Block], power_w: &[f64]) {
        self.sources.extend(&sources[range.clone()]);
        self.blocks.extend(&sums[range.clone()]);
        self.power_w.extend(&power_w[range.clone()]);
        self.entries.push(Entry::Turbine { range });
    }

    /// Puts everything back, the newest first.
    pub(super) fn restore(&mut self, state: &mut State) {
        let Some((turbine, position_m)) = self.moved.take() else { return };
        state.positions_m[turbine] = position_m;
        state.energy_gwh.copy_from_slice(&self.energy_gwh);
        while let Some(entry) = self.entries.pop() {
            match entry {
                Entry::Pair { pair, window, parts } => drop(state.pairs.replace(pair, window, parts)),
                Entry::Parts { pair, range } => {
                    let first = self.blocks.len() - range.len();
                    state.pairs.parts(pair)[range].copy_from_slice(&self.blocks[first..]);
                    self.blocks.truncate(first);
                }
                Entry::Turbine { range } => {
                    let (n, first) = (range.len(), self.blocks.len() - range.len());
                    state.sums[range.clone()].copy_from_slice(&self.blocks[first..]);
                    self.blocks.truncate(first);
                    let first = self.sources.len() - n;
                    state.sources[range.clone()].copy_from_slice(&self.sources[first..]);
                    self.sources.truncate(first);
                    let first = self.power_w.len() - n;
                    state.power_w[range].copy_from_slice(&self.power_w[first..]);
                    self.power_w.truncate(first);
                }
            }
        }
    }
}
