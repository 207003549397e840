//! The parts of all sources at all targets, kept for the day when one of them changes.

use std::ops::Range;

use crate::lanes::{EIGHT, Lanes};
use crate::wake::LaneWake;

/// What one source contributes at one target, in the flow cases of some neighbouring directions.
#[derive(Debug, Clone)]
struct Link {
    cases: Range<usize>,
    /// Where its parts begin; eight zeros stand before and behind them.
    first: usize,
}

/// The same link seen from its source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    pub(super) target: u32,
    /// Number of the link among those of the target.
    pub(super) link: u32,
    /// First direction, and the one after the last.
    start: u32,
    end: u32,
}

/// Links to each target, in the order of its sources, and their parts.
#[derive(Debug, Default)]
pub(super) struct Parts {
    links: Vec<Vec<Link>>,
    sights: Vec<Vec<Sight>>,
    values: Vec<f64>,
    /// The links that a sum is of.
    hits: Vec<Link>,
}

impl Sight {
    /// Directions of the link.
    pub(super) fn directions(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Directions of the link that are in `directions` too.
    #[inline]
    pub(super) fn meet(&self, directions: &Range<usize>) -> Range<usize> {
        directions.start.max(self.start as usize)..directions.end.min(self.end as usize)
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

    /// All parts of a link, and the zeros after them.
    pub(super) fn all(&mut self, sight: Sight) -> &mut [f64] {
        let link = &self.links[sight.target as usize][sight.link as usize];
        &mut self.values[link.first..link.first + link.cases.len() + EIGHT]
    }

    /// A link from a source that was placed after all that the target has links from, and the room for its parts.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "turbines, candidates and directions are far fewer than 2^32")]
    pub(super) fn append(
        &mut self,
        source: usize,
        target: usize,
        directions: Range<usize>,
        cases: Range<usize>,
    ) -> &mut [f64] {
        let first = self.values.len() + EIGHT;
        self.values.resize(first + cases.len() + EIGHT, 0.0);
        let (start, end) = (directions.start as u32, directions.end as u32);
        let link = self.links[target].len() as u32;
        self.sights[source].push(Sight { target: target as u32, link, start, end });
        self.links[target].push(Link { cases, first });
        &mut self.values[first..]
    }

    /// The parts of a link from case `case` on, and the zeros after them.
    #[inline]
    pub(super) fn starting_at(&mut self, sight: Sight, case: usize) -> &mut [f64] {
        let link = &self.links[sight.target as usize][sight.link as usize];
        let end = link.first + link.cases.len() + EIGHT;
        &mut self.values[link.first + (case - link.cases.start)..end]
    }

    /// Adds up all parts at a target in these cases, in the order of the sources. `sums` has room for eight more, which mean nothing.
    #[inline(always)]
    pub(super) fn add_up<V: Lanes, W: LaneWake>(
        &mut self,
        wake: &W,
        target: usize,
        cases: &Range<usize>,
        sums: &mut Vec<f64>,
    ) {
        let Self { links, values, hits, .. } = self;
        hits.clear();
        hits.extend(links[target].iter().filter(|l| l.cases.start < cases.end && cases.start < l.cases.end).cloned());
        sums.resize(sums.len().max(cases.len() + EIGHT), 0.0);
        // Sums stay in a register: a vector that is read where two were just written has to wait for them.
        for first in (0..cases.len()).step_by(V::WIDTH) {
            let case = cases.start + first;
            let mut sum = V::splat(0.0);
            for hit in &*hits {
                if hit.cases.start < case + V::WIDTH && case < hit.cases.end {
                    // The zeros around the parts make up for the lanes that are not in the link.
                    sum = wake.add(sum, V::load(&values[hit.first + case - hit.cases.start..]));
                }
            }
            sum.store(&mut sums[first..]);
        }
    }
}

/// Adds `n` parts to as many sums; up to seven more are added too.
#[inline(always)]
pub(super) fn add_to<V: Lanes, W: LaneWake>(wake: &W, sums: &mut [f64], parts: &[f64], n: usize) {
    for first in (0..n).step_by(V::WIDTH) {
        wake.add(V::load(&sums[first..]), V::load(&parts[first..])).store(&mut sums[first..]);
    }
}
