//! What turbines produce, in sums of fixed shape, so that only what changed is added again.

use std::ops::Range;

use crate::aep::HOURS_PER_YEAR;
use crate::aep::by_pairs::marks::Marks;
use crate::lanes::{EIGHT, Lanes, sum_in_eights, sum_of_eight};

/// Powers of all turbines by blocks, all blocks of one after those of the other, and their sums.
#[derive(Debug, Default)]
pub(super) struct Powers {
    /// Blocks and groups of one turbine; the blocks fill the last group.
    n_blocks: usize,
    n_groups: usize,
    /// Power times probability, W, summed over a block; over a group of blocks.
    of_block_w: Vec<f64>,
    of_group_w: Vec<f64>,
    energy_gwh: Vec<f64>,
    /// Blocks that the move at hand has set, and groups that are to be added up.
    is_set: Vec<bool>,
    stale: Vec<Marks>,
    /// What was there before it, the oldest first.
    blocks_before: Vec<(u32, f64)>,
    groups_before: Vec<(u32, f64)>,
    energies_before: Vec<(u32, f64)>,
}

/// Blocks in a group.
const GROUP: usize = 64;

impl Powers {
    pub(super) fn new(n: usize, n_blocks: usize) -> Self {
        let n_groups = n_blocks.div_ceil(GROUP);
        let n_blocks = n_groups * GROUP;
        let mut stale = vec![Marks::default(); n];
        for marks in &mut stale {
            marks.clear(n_groups);
            marks.mark(&(0..n_groups));
        }
        Self {
            n_blocks,
            n_groups,
            of_block_w: vec![0.0; n * n_blocks],
            of_group_w: vec![0.0; n * n_groups],
            energy_gwh: vec![0.0; n],
            is_set: vec![false; n * n_blocks],
            stale,
            ..Self::default()
        }
    }

    /// Energy of each turbine, GWh.
    pub(super) fn energy_gwh(&self) -> &[f64] {
        &self.energy_gwh
    }

    /// Whether the move at hand has set the power of a turbine in a block.
    #[inline(always)]
    pub(super) fn is_set(&self, turbine: usize, block: usize) -> bool {
        self.is_set[turbine * self.n_blocks + block]
    }

    /// Sets the power of a turbine in a block; [`Self::change`] is to be told.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "blocks of all turbines are fewer than 2^32")]
    pub(super) fn set<V: Lanes>(&mut self, turbine: usize, block: usize, power_w: V) {
        let mut of_cases = [0.0; EIGHT];
        power_w.store(&mut of_cases);
        let k = turbine * self.n_blocks + block;
        if !self.is_set[k] {
            self.is_set[k] = true;
            self.blocks_before.push((k as u32, self.of_block_w[k]));
        }
        self.of_block_w[k] = sum_of_eight(of_cases);
    }

    /// Powers in some of these blocks were set.
    pub(super) fn change(&mut self, turbine: usize, blocks: &Range<usize>) {
        self.stale[turbine].mark(&(blocks.start / GROUP..blocks.end.div_ceil(GROUP)));
    }

    /// Adds up where powers were set.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "groups of all turbines are fewer than 2^32")]
    pub(super) fn add_up<V: Lanes>(&mut self) {
        for turbine in 0..self.stale.len() {
            if self.stale[turbine].is_empty() {
                continue;
            }
            while let Some(groups) = self.stale[turbine].take_run() {
                for group in groups {
                    let k = turbine * self.n_groups + group;
                    self.groups_before.push((k as u32, self.of_group_w[k]));
                    let first = turbine * self.n_blocks + group * GROUP;
                    self.of_group_w[k] = add_group::<V>(&self.of_block_w[first..first + GROUP]);
                }
            }
            self.energies_before.push((turbine as u32, self.energy_gwh[turbine]));
            let of_groups = &self.of_group_w[turbine * self.n_groups..(turbine + 1) * self.n_groups];
            self.energy_gwh[turbine] = sum_in_eights(of_groups) * (HOURS_PER_YEAR * 1e-9);
        }
    }

    /// The move stays.
    pub(super) fn keep(&mut self) {
        for (k, _) in self.blocks_before.drain(..) {
            self.is_set[k as usize] = false;
        }
        self.groups_before.clear();
        self.energies_before.clear();
    }

    pub(super) fn take_back(&mut self) {
        for (k, before_w) in self.blocks_before.drain(..) {
            self.is_set[k as usize] = false;
            self.of_block_w[k as usize] = before_w;
        }
        for (k, before_w) in self.groups_before.drain(..) {
            self.of_group_w[k as usize] = before_w;
        }
        for (k, before_gwh) in self.energies_before.drain(..) {
            self.energy_gwh[k as usize] = before_gwh;
        }
    }
}

#[inline(always)]
fn add_group<V: Lanes>(of_blocks: &[f64]) -> f64 {
    let mut sum = V::load(of_blocks);
    for eight in of_blocks[EIGHT..].chunks_exact(EIGHT) {
        sum = sum + V::load(eight);
    }
    let mut partial = [0.0; EIGHT];
    sum.store(&mut partial);
    sum_of_eight(partial)
}
