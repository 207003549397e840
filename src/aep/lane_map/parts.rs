//! The parts of all sources at all targets, kept for the day when one of them changes.

use std::ops::Range;

use crate::aep::by_pairs::cast::add_to;
use crate::lanes::{Block, Lanes};
use crate::wake::LaneWake;

/// What one source contributes at one target, in some neighbouring blocks of flow cases.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// First block, and the one after the last.
    start: u32,
    end: u32,
    /// Where its parts begin.
    first: u32,
}

/// The same link seen from its source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    pub(super) target: u32,
    start: u32,
    end: u32,
    first: u32,
}

/// Links to each target, in the order of its sources, and their parts.
#[derive(Debug, Default)]
pub(super) struct Parts {
    links: Vec<Vec<Link>>,
    sights: Vec<Vec<Sight>>,
    values: Vec<Block>,
}

impl Sight {
    /// Blocks of the link.
    pub(super) fn blocks(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Blocks of the link that are in `blocks` too.
    #[inline]
    pub(super) fn meet(&self, blocks: &Range<usize>) -> Range<usize> {
        blocks.start.max(self.start as usize)..blocks.end.min(self.end as usize)
    }
}

impl Parts {
    /// No links.
    pub(super) fn clear(&mut self) {
        self.links.iter_mut().for_each(Vec::clear);
        self.sights.iter_mut().for_each(Vec::clear);
        self.values.clear();
    }

    /// Makes sure that there are so many targets and sources.
    pub(super) fn make_room(&mut self, targets: usize, sources: usize) {
        self.links.resize_with(targets.max(self.links.len()), Vec::new);
        self.sights.resize_with(sources.max(self.sights.len()), Vec::new);
    }

    /// The targets that a source has links to.
    pub(super) fn sights(&self, source: usize) -> &[Sight] {
        &self.sights[source]
    }

    /// A link from a source that was placed after all that the target has links from, and the room for its parts.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "turbines, candidates, blocks and links are far fewer than 2^32"
    )]
    pub(super) fn append(&mut self, source: usize, target: usize, blocks: &Range<usize>) -> &mut [Block] {
        let (start, end, first) = (blocks.start as u32, blocks.end as u32, self.values.len() as u32);
        self.values.resize(self.values.len() + blocks.len(), Block::default());
        self.sights[source].push(Sight { target: target as u32, start, end, first });
        self.links[target].push(Link { start, end, first });
        &mut self.values[first as usize..]
    }

    /// The parts of a link in some of its blocks.
    #[inline]
    pub(super) fn within(&mut self, sight: Sight, blocks: &Range<usize>) -> &mut [Block] {
        let first = sight.first as usize + (blocks.start - sight.start as usize);
        &mut self.values[first..first + blocks.len()]
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
        for link in &self.links[target] {
            let (start, end) = (blocks.start.max(link.start as usize), blocks.end.min(link.end as usize));
            if start < end {
                let first = link.first as usize + (start - link.start as usize);
                add_to::<V, W>(wake, &mut sums[start - blocks.start..end - blocks.start], &self.values[first..]);
            }
        }
    }
}
