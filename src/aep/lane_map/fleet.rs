//! The placed turbines: what each is in every flow case.

use std::cmp::Ordering;
use std::ops::Range;

use crate::aep::by_lanes::source_at;
use crate::aep::by_pairs::cases::Cases;
use crate::aep::by_pairs::cast::{Between, Ray, Source, cast};
use crate::aep::by_pairs::marks::Marks;
use crate::aep::full::effective_speed;
use crate::aep::lane_map::Site;
use crate::aep::lane_map::parts::Parts;
use crate::lanes::{Block, EIGHT, Lanes, differ};
use crate::wake::{LaneWake, SOURCE_NUMBERS};

/// Turbines by order of placement.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    /// Coordinates (x, y), m.
    pub(super) positions_m: Vec<(f64, f64)>,
    /// What turbines are as sources, all blocks of one turbine after those of the other.
    sources: Vec<Source>,
    /// Sum of what reaches each turbine in every block.
    sums: Vec<Block>,
    parts: Parts,
    /// Blocks in which parts changed at each turbine and its sums are not added up anew yet.
    stale: Vec<Marks>,
    /// Sums as they were before.
    before: Vec<Block>,
    /// Blocks in which sums changed at each turbine and it has not been looked at since.
    dirty: Vec<Marks>,
    /// Blocks in which each turbine is another source than before the last placement.
    pub(super) changed: Vec<Marks>,
    /// Turbines but the last, the nearest to it first.
    by_distance: Vec<usize>,
    /// Blocks in which the turbine at hand has become another source, and nobody knows yet.
    fresh: Vec<Range<usize>>,
    n_blocks: usize,
}

impl Fleet {
    /// No turbines.
    pub(super) fn clear(&mut self) {
        self.positions_m.clear();
        self.sources.clear();
        self.sums.clear();
        self.parts.clear();
    }

    /// Number of turbines.
    pub(super) fn len(&self) -> usize {
        self.positions_m.len()
    }

    /// Where a place (x, y) lies from a turbine, both m.
    pub(super) fn displacement_m(&self, turbine: usize, position_m: (f64, f64)) -> (f64, f64) {
        let from = self.positions_m[turbine];
        (position_m.0 - from.0, position_m.1 - from.1)
    }

    /// What a turbine is as a source in these blocks.
    #[inline]
    pub(super) fn sources(&self, turbine: usize, blocks: &Range<usize>) -> &[Source] {
        &self.sources[turbine * self.n_blocks + blocks.start..turbine * self.n_blocks + blocks.end]
    }

    /// One turbine more, and all that changes at the others because of it.
    #[inline(always)]
    pub(super) fn place<V: Lanes, W: LaneWake>(
        &mut self,
        site: &Site<W>,
        cases: &Cases,
        between: &mut Between,
        position_m: (f64, f64),
    ) {
        let new = self.len();
        self.take_in(cases, position_m);
        for source in 0..new {
            self.connect::<V, W>(site, cases, between, source, new);
        }
        self.operate::<V, W>(site, cases, new, &(0..self.n_blocks));
        self.fresh.clear();
        for target in 0..new {
            self.connect::<V, W>(site, cases, between, new, target);
        }
        self.settle::<V, W>(site, cases, between, new);
    }

    fn take_in(&mut self, cases: &Cases, position_m: (f64, f64)) {
        let new = self.len();
        self.positions_m.push(position_m);
        self.n_blocks = cases.n_blocks();
        self.sources.resize((new + 1) * self.n_blocks, [Block::default(); SOURCE_NUMBERS]);
        self.sums.resize((new + 1) * self.n_blocks, Block::default());
        self.parts.make_room(new + 1, new + 1);
        for marks in [&mut self.stale, &mut self.dirty, &mut self.changed] {
            Marks::clear_each(marks, new + 1, self.n_blocks);
        }
    }

    /// The wake of one turbine at another, where the source or the target is the turbine placed last.
    #[inline(always)]
    fn connect<V: Lanes, W: LaneWake>(
        &mut self,
        site: &Site<W>,
        cases: &Cases,
        between: &mut Between,
        source: usize,
        target: usize,
    ) {
        let to_m = self.displacement_m(source, self.positions_m[target]);
        for blocks in cases.window(to_m.0, to_m.1, &site.rotor_reach) {
            if blocks.is_empty() {
                continue;
            }
            let first = source * self.n_blocks;
            let sources = &self.sources[first + blocks.start..first + blocks.end];
            let parts = self.parts.append(source, target, &blocks);
            let ray = Ray::level(site.rotor, to_m, Some(0.5 * site.rotor.diameter_m));
            if cast::<V, W>(&site.wake, &cases.winds[blocks.clone()], sources, ray, between, parts, None) {
                drop_later(cases, &self.positions_m, source, target, &blocks, parts);
            }
            let sums = &mut self.sums[target * self.n_blocks + blocks.start..];
            for ((sum, part), block) in sums.iter_mut().zip(parts).zip(blocks) {
                let before = V::load(&sum.0);
                let after = site.wake.add(before, V::load(&part.0));
                after.store(&mut sum.0);
                if differ(before, after) {
                    self.dirty[target].mark(&(block..block + 1));
                }
            }
        }
    }

    /// Looks at every turbine that something changed at, until nothing changes. Those near the new turbine first: in its wake they are mostly
    /// those that the wind meets first, and most turbines are looked at once.
    #[inline(always)]
    fn settle<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, between: &mut Between, new: usize) {
        // The new turbine was operated in all blocks.
        while self.dirty[new].take_run().is_some() {}
        let mut by_distance = std::mem::take(&mut self.by_distance);
        by_distance.clear();
        by_distance.extend(0..new);
        let distance_m = |turbine: usize| {
            let (x, y) = self.displacement_m(new, self.positions_m[turbine]);
            x * x + y * y
        };
        by_distance.sort_unstable_by(|&a, &b| distance_m(a).total_cmp(&distance_m(b)).then(a.cmp(&b)));
        let mut settled = false;
        while !settled {
            settled = true;
            for &turbine in &by_distance {
                while let Some(blocks) = self.stale[turbine].take_run() {
                    let first = turbine * self.n_blocks;
                    let sums = &mut self.sums[first + blocks.start..first + blocks.end];
                    self.before.clear();
                    self.before.extend_from_slice(sums);
                    self.parts.add_up::<V, W>(&site.wake, turbine, &blocks, sums);
                    for ((before, after), block) in self.before.iter().zip(sums).zip(blocks) {
                        if differ(V::load(&before.0), V::load(&after.0)) {
                            self.dirty[turbine].mark(&(block..block + 1));
                        }
                    }
                }
                while let Some(blocks) = self.dirty[turbine].take_run() {
                    settled = false;
                    self.operate::<V, W>(site, cases, turbine, &blocks);
                }
                self.spread::<V, W>(site, cases, between, turbine);
            }
        }
        self.by_distance = by_distance;
    }

    /// What a turbine is as a source in these blocks; where it differs from before is noted.
    #[inline(always)]
    fn operate<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, turbine: usize, blocks: &Range<usize>) {
        let first = turbine * self.n_blocks;
        let mut fresh = blocks.start..blocks.start;
        for block in blocks.clone() {
            let free = V::load(&cases.winds[block].speed_m_s.0);
            let speed = effective_speed(free, site.wake.deficit(V::load(&self.sums[first + block].0)));
            let source = source_at(&site.wake, site.turbine, site.rotor, free, speed);
            let mut differs = false;
            for (known, number) in self.sources[first + block].iter_mut().zip(source) {
                differs |= differ(V::load(&known.0), number);
                number.store(&mut known.0);
            }
            if !differs {
                continue;
            }
            if fresh.end != block {
                self.note(turbine, &fresh);
                fresh.start = block;
            }
            fresh.end = block + 1;
        }
        self.note(turbine, &fresh);
    }

    fn note(&mut self, turbine: usize, fresh: &Range<usize>) {
        if !fresh.is_empty() {
            self.changed[turbine].mark(fresh);
            self.fresh.push(fresh.clone());
        }
    }

    /// The wakes of a turbine where it has become another source.
    #[inline(always)]
    fn spread<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, between: &mut Between, turbine: usize) {
        let fresh = std::mem::take(&mut self.fresh);
        for k in 0..if fresh.is_empty() { 0 } else { self.parts.sights(turbine).len() } {
            let sight = self.parts.sights(turbine)[k];
            let target = sight.target as usize;
            for run in &fresh {
                let blocks = sight.meet(run);
                if blocks.is_empty() {
                    continue;
                }
                let to_m = self.displacement_m(turbine, self.positions_m[target]);
                let first = turbine * self.n_blocks;
                let sources = &self.sources[first + blocks.start..first + blocks.end];
                let parts = self.parts.within(sight, &blocks);
                let ray = Ray::level(site.rotor, to_m, Some(0.5 * site.rotor.diameter_m));
                if cast::<V, W>(&site.wake, &cases.winds[blocks.clone()], sources, ray, between, parts, None) {
                    drop_later(cases, &self.positions_m, turbine, target, &blocks, parts);
                }
                self.stale[target].mark(&blocks);
            }
        }
        self.fresh = fresh;
        self.fresh.clear();
    }
}

/// Clears the parts of a source that the wind does not meet before the target, among those that stand nearly abreast.
fn drop_later(
    cases: &Cases,
    positions_m: &[(f64, f64)],
    source: usize,
    target: usize,
    blocks: &Range<usize>,
    parts: &mut [Block],
) {
    for direction in cases.directions_in(blocks) {
        // Seen from the first turbine, as `full` sees them.
        let downwind_m = |turbine: usize| cases.downwind_m(direction, positions_m[0], positions_m[turbine]);
        if downwind_m(source).total_cmp(&downwind_m(target)).then(source.cmp(&target)) == Ordering::Greater {
            for case in cases.of(direction).filter(|case| blocks.contains(&(case / EIGHT))) {
                parts[case / EIGHT - blocks.start].0[case % EIGHT] = 0.0;
            }
        }
    }
}
