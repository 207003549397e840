//! What every turbine adds to the sums of every other.

use std::ops::Range;

use crate::lanes::{Block, Lanes};
use crate::wake::LaneWake;

/// The blocks in which a source may act on a target: two runs, the first before the second; either may be empty.
pub(super) type Window = [Range<u32>; 2];

/// Windows and terms of all pairs, by source, then by target.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    n: usize,
    windows: Vec<Window>,
    /// Those of the first run, then those of the second.
    terms: Vec<Vec<Block>>,
    /// Pairs that the move at hand has given another window, with what they had.
    relinked: Vec<(u32, Window, Vec<Block>)>,
    /// Pairs of which it has replaced terms, from which place on, and where in the list of them the terms begin that were there.
    replaced: Vec<(u32, u32, u32)>,
    terms_before: Vec<Block>,
    /// Memory for terms.
    spare: Vec<Vec<Block>>,
}

impl Pairs {
    /// Nobody acts on anybody.
    pub(super) fn new(n: usize) -> Self {
        let nowhere: Window = [0..0, 0..0];
        Self { n, windows: vec![nowhere; n * n], terms: vec![Vec::new(); n * n], ..Self::default() }
    }

    /// Number of a pair.
    #[inline(always)]
    pub(super) fn number(&self, source: usize, target: usize) -> usize {
        source * self.n + target
    }

    #[inline(always)]
    pub(super) fn window(&self, pair: usize) -> &Window {
        &self.windows[pair]
    }

    /// Another window for a pair, and room for its terms, which hold anything.
    #[expect(clippy::cast_possible_truncation, reason = "pairs of turbines are fewer than 2^32")]
    pub(super) fn relink(&mut self, pair: usize, window: Window) {
        let mut terms = self.spare.pop().unwrap_or_default();
        terms.resize(window.iter().map(Range::len).sum(), Block::default());
        let window = std::mem::replace(&mut self.windows[pair], window);
        let terms = std::mem::replace(&mut self.terms[pair], terms);
        self.relinked.push((pair as u32, window, terms));
    }

    /// Window and terms of the pair that was relinked last, as they were before, and its terms.
    pub(super) fn last_relinked(&mut self) -> Option<(&Window, &[Block], &mut [Block])> {
        let (pair, window, terms) = self.relinked.last()?;
        Some((window, terms, &mut self.terms[*pair as usize]))
    }

    /// Where the terms of a run of a pair's window begin.
    #[inline(always)]
    pub(super) fn first_of(&self, pair: usize, run: usize) -> usize {
        if run == 0 { 0 } else { self.windows[pair][0].len() }
    }

    /// The terms of some places of a pair, to be replaced, and as they are.
    #[expect(clippy::cast_possible_truncation, reason = "pairs of turbines and blocks are fewer than 2^32")]
    pub(super) fn replace(&mut self, pair: usize, places: Range<usize>) -> (&mut [Block], &[Block]) {
        let first = self.terms_before.len();
        self.replaced.push((pair as u32, places.start as u32, first as u32));
        let terms = &mut self.terms[pair][places];
        self.terms_before.extend_from_slice(terms);
        (terms, &self.terms_before[first..])
    }

    /// The terms at a target in a block, in the order of the sources, one after the other by the model's own rule.
    #[inline(always)]
    pub(super) fn fold<V: Lanes, W: LaneWake>(&self, wake: &W, target: usize, block: usize) -> V {
        let mut sum = V::splat(0.0);
        for source in 0..self.n {
            let pair = self.number(source, target);
            for (run, blocks) in self.windows[pair].iter().enumerate() {
                if (blocks.start as usize..blocks.end as usize).contains(&block) {
                    let place = self.first_of(pair, run) + block - blocks.start as usize;
                    sum = wake.add(sum, V::load(&self.terms[pair][place].0));
                }
            }
        }
        sum
    }

    /// The move stays.
    pub(super) fn keep(&mut self) {
        self.replaced.clear();
        self.terms_before.clear();
        self.spare.extend(self.relinked.drain(..).map(|(_, _, terms)| terms));
    }

    pub(super) fn take_back(&mut self) {
        // Windows change before terms do.
        while let Some((pair, place, first)) = self.replaced.pop() {
            let before = &self.terms_before[first as usize..];
            self.terms[pair as usize][place as usize..][..before.len()].copy_from_slice(before);
            self.terms_before.truncate(first as usize);
        }
        while let Some((pair, window, terms)) = self.relinked.pop() {
            self.windows[pair as usize] = window;
            self.spare.push(std::mem::replace(&mut self.terms[pair as usize], terms));
        }
    }
}
