//! The parts of every turbine at every other.

use std::ops::Range;

use crate::aep::by_pairs::cast::add_to;
use crate::lanes::{Block, Lanes};
use crate::wake::LaneWake;

/// The blocks in which a source may act on a target: two runs, the first before the second; either may be empty.
pub(super) type Window = [Range<u32>; 2];

/// No blocks.
pub(super) const NOWHERE: Window = [0..0, 0..0];

/// Windows and parts of all pairs, by target, then by source.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    n: usize,
    windows: Vec<Window>,
    /// Those of the first run, then those of the second.
    parts: Vec<Vec<Block>>,
}

impl Pairs {
    /// Nobody acts on anybody.
    pub(super) fn new(n: usize) -> Self {
        Self { n, windows: vec![NOWHERE; n * n], parts: vec![Vec::new(); n * n] }
    }

    /// Number of a pair.
    #[inline]
    pub(super) fn number(&self, source: usize, target: usize) -> usize {
        target * self.n + source
    }

    pub(super) fn window(&self, pair: usize) -> &Window {
        &self.windows[pair]
    }

    /// Another window and its parts, for which those that were there are given back.
    pub(super) fn replace(&mut self, pair: usize, window: Window, parts: Vec<Block>) -> (Window, Vec<Block>) {
        (std::mem::replace(&mut self.windows[pair], window), std::mem::replace(&mut self.parts[pair], parts))
    }

    /// Where the parts of a run of a pair's window begin.
    pub(super) fn first_of(&self, pair: usize, run: usize) -> usize {
        if run == 0 { 0 } else { self.windows[pair][0].len() }
    }

    /// All parts of a pair.
    pub(super) fn parts(&mut self, pair: usize) -> &mut [Block] {
        &mut self.parts[pair]
    }

    /// Adds up all parts at a target in these blocks, in the order of the sources.
    #[inline(always)]
    pub(super) fn add_up<V: Lanes, W: LaneWake>(
        &self,
        wake: &W,
        target: usize,
        blocks: &Range<usize>,
        sums: &mut [Block],
    ) {
        sums.fill(Block::default());
        for pair in target * self.n..(target + 1) * self.n {
            let [a, b] = &self.windows[pair];
            let mut first = 0;
            for run in [a, b] {
                let (start, end) = (blocks.start.max(run.start as usize), blocks.end.min(run.end as usize));
                if start < end {
                    let parts = &self.parts[pair][first + start - run.start as usize..];
                    add_to::<V, W>(wake, &mut sums[start - blocks.start..end - blocks.start], parts);
                }
                first += run.len();
            }
        }
    }
}
