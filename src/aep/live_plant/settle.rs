//! What follows from a move: parts, sums, sources, energies, until nothing changes any more.

use std::ops::Range;

use crate::aep::ABREAST_M;
use crate::aep::by_lanes::source_at;
use crate::aep::by_pairs::cast::{Ray, cast};
use crate::aep::full::effective_speed;
use crate::aep::live_plant::pairs::{NOWHERE, Window};
use crate::aep::live_plant::{LivePlant, Site};
use crate::lanes::{Block, EIGHT, Lanes, sum_of_eight};
use crate::wake::{LaneWake, load_source, store_source};

impl<W: LaneWake> LivePlant<'_, W> {
    /// Computes everything: some neighbouring blocks after the other, turbines in the order in which the wind of their middle meets them.
    #[inline(always)]
    pub(super) fn start<V: Lanes>(&mut self) {
        let (n, n_blocks) = (self.site.types.len(), self.site.cases.n_blocks());
        for (source, target) in (0..n).flat_map(|source| (0..n).map(move |target| (source, target))) {
            if source != target {
                self.link(source, target);
            }
        }
        for first in (0..n_blocks).step_by(TOGETHER) {
            let blocks = first..(first + TOGETHER).min(n_blocks);
            self.set_order_downwind(&blocks);
            for k in 0..n {
                let turbine = self.scratch.order[k];
                self.look_at::<V>(turbine, &blocks, true);
                self.scratch.stale[turbine].drop(&blocks);
            }
        }
        self.settle::<V>();
        self.finish();
    }

    fn set_order_downwind(&mut self, blocks: &Range<usize>) {
        let directions = self.site.cases.directions_in(blocks);
        let (positions, cases) = (&self.state.positions_m, &self.site.cases);
        let middle = directions.start + directions.len() / 2;
        let downwind_m = |&turbine: &usize| cases.downwind_m(middle, positions[0], positions[turbine]);
        let order = &mut self.scratch.order;
        order.clear();
        order.extend(0..positions.len());
        order.sort_by(|a, b| downwind_m(a).total_cmp(&downwind_m(b)));
    }

    /// Brings everything up to date after `moved` has got another position.
    #[inline(always)]
    pub(super) fn follow<V: Lanes>(&mut self, moved: usize) {
        self.set_order(moved);
        let n = self.site.types.len();
        for target in (0..n).filter(|&target| target != moved) {
            let pair = self.state.pairs.number(moved, target);
            let known = self.state.pairs.replace(pair, NOWHERE, Vec::new());
            for run in &known.0 {
                self.scratch.stale[target].mark(&(run.start as usize..run.end as usize));
            }
            self.journal.pair(pair, known);
            self.connect::<V>(target, moved);
        }
        // First what the moved turbine is at its place, so that its wakes are made once.
        self.look_at::<V>(moved, &(0..self.site.cases.n_blocks()), false);
        while self.scratch.stale[moved].take_run().is_some() {}
        for target in (0..n).filter(|&target| target != moved) {
            self.connect::<V>(moved, target);
        }
        self.settle::<V>();
        self.finish();
    }

    /// Turbines by their distance from where a turbine was or is: in its wake mostly those that the wind meets first.
    fn set_order(&mut self, moved: usize) {
        let (positions, order) = (&self.state.positions_m, &mut self.scratch.order);
        let (is, was) = (positions[moved], self.journal.was_m().unwrap_or(positions[moved]));
        let square_m2 = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1);
        let distance = |&i: &usize| square_m2(positions[i], is).min(square_m2(positions[i], was));
        order.clear();
        order.extend(0..positions.len());
        order.sort_unstable_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
    }

    /// Makes the window of a pair anew, and room for its parts.
    fn link(&mut self, source: usize, target: usize) -> [Range<usize>; 2] {
        let Self { site, state, journal, .. } = self;
        let ray = ray(site, &state.positions_m, source, target);
        let window = site.cases.window(ray.to_m.0, ray.to_m.1, site.reach(source, target));
        let parts = vec![Block::default(); window.iter().map(Range::len).sum()];
        let pair = state.pairs.number(source, target);
        journal.pair(pair, state.pairs.replace(pair, short(&window), parts));
        window
    }

    /// Makes the window and the parts of a pair anew.
    #[inline(always)]
    fn connect<V: Lanes>(&mut self, source: usize, target: usize) {
        let window = self.link(source, target);
        let Self { site, state, scratch, .. } = self;
        let ray = ray(site, &state.positions_m, source, target);
        let sources = &state.sources[source * site.cases.n_blocks()..];
        let (mut first, pair) = (0, state.pairs.number(source, target));
        for run in &window {
            let (winds, sources) = (&site.cases.winds[run.clone()], &sources[run.clone()]);
            let parts = &mut state.pairs.parts(pair)[first..first + run.len()];
            cast::<V, W>(&site.wake, winds, sources, ray, &mut scratch.between, parts, None);
            scratch.stale[target].mark(run);
            first += run.len();
        }
    }

    /// Looks at every turbine that something changed at, until nothing changes.
    #[inline(always)]
    fn settle<V: Lanes>(&mut self) {
        let mut settled = false;
        while !settled {
            settled = true;
            for k in 0..self.scratch.order.len() {
                let turbine = self.scratch.order[k];
                while let Some(blocks) = self.scratch.stale[turbine].take_run() {
                    settled = false;
                    self.look_at::<V>(turbine, &blocks, false);
                }
            }
        }
    }

    /// Adds up what reaches a turbine in these blocks; where it becomes another source, its wakes are made anew. Where sums are as they were
    /// all is, unless it is looked at for the first time.
    #[inline(always)]
    fn look_at<V: Lanes>(&mut self, turbine: usize, blocks: &Range<usize>, first_time: bool) {
        let Self { site, state, scratch, journal, .. } = self;
        let all = turbine * site.cases.n_blocks();
        scratch.sums.resize(scratch.sums.len().max(blocks.len()), Block::default());
        let sums = &mut scratch.sums[..blocks.len()];
        state.pairs.add_up::<V, W>(&site.wake, turbine, blocks, sums);
        let range = all + blocks.start..all + blocks.end;
        journal.turbine(range, &state.sources, &state.sums, &state.power_w);
        scratch.touched[turbine] = true;
        scratch.fresh.clear();
        let (kind, rotor) = (&site.turbines[site.types[turbine]], site.rotor(turbine));
        for (sum, block) in sums.iter().zip(blocks.clone()) {
            let (sum, known) = (V::load(&sum.0), &mut state.sums[all + block]);
            if !first_time && !differs(sum, V::load(&known.0)) {
                continue;
            }
            sum.store(&mut known.0);
            let winds = &site.cases.winds[block];
            let free = V::load(&winds.speed_m_s.0);
            let speed = effective_speed(free, site.wake.deficit(sum));
            let mut of_cases = [0.0; EIGHT];
            (kind.power_w.at_lanes(speed) * V::load(&winds.probability.0)).store(&mut of_cases);
            state.power_w[all + block] = sum_of_eight(of_cases);
            let (source, known) = (source_at(&site.wake, kind, rotor, free, speed), &mut state.sources[all + block]);
            let before = load_source(known);
            if differs(source[0], before[0]) || differs(source[1], before[1]) || differs(source[2], before[2]) {
                store_source::<V>(source, known);
                match scratch.fresh.last_mut() {
                    Some(run) if run.end == block => run.end += 1,
                    _ => scratch.fresh.push(block..block + 1),
                }
            }
        }
        self.spread::<V>(turbine);
    }

    /// The wakes of a turbine where it has become another source.
    #[inline(always)]
    fn spread<V: Lanes>(&mut self, turbine: usize) {
        let Self { site, state, scratch, journal, .. } = self;
        if scratch.fresh.is_empty() {
            return;
        }
        let sources = &state.sources[turbine * site.cases.n_blocks()..];
        for target in 0..site.types.len() {
            let pair = state.pairs.number(turbine, target);
            for (number, run) in state.pairs.window(pair).clone().iter().enumerate() {
                for fresh in &scratch.fresh {
                    let blocks = fresh.start.max(run.start as usize)..fresh.end.min(run.end as usize);
                    if blocks.is_empty() {
                        continue;
                    }
                    let first = state.pairs.first_of(pair, number) + blocks.start - run.start as usize;
                    let range = first..first + blocks.len();
                    let (winds, sources) = (&site.cases.winds[blocks.clone()], &sources[blocks.clone()]);
                    let ray = ray(site, &state.positions_m, turbine, target);
                    let parts = state.pairs.parts(pair);
                    journal.parts(pair, range.clone(), parts);
                    let parts = &mut parts[range];
                    cast::<V, W>(&site.wake, winds, sources, ray, &mut scratch.between, parts, None);
                    scratch.stale[target].mark(&blocks);
                }
            }
        }
    }

    /// Energies where anything changed.
    fn finish(&mut self) {
        self.state.add_up_energies(&self.scratch.touched, self.site.cases.n_blocks());
        self.scratch.touched.fill(false);
    }
}

/// Blocks that are computed together at the start: few directions, so that one order serves most turbines.
const TOGETHER: usize = 8;

/// From a source to a target. Of two that stand abreast, the one with the lower number acts.
fn ray<W: LaneWake>(site: &Site<W>, positions_m: &[(f64, f64)], source: usize, target: usize) -> Ray {
    let ((from_x, from_y), (to_x, to_y)) = (positions_m[source], positions_m[target]);
    Ray {
        rotor: site.rotor(source),
        to_m: (to_x - from_x, to_y - from_y),
        height_m: site.rotor(target).hub_height_m - site.rotor(source).hub_height_m,
        radius_m: Some(0.5 * site.rotor(target).diameter_m),
        acts_beyond_m: if source < target { ABREAST_M } else { -ABREAST_M },
    }
}

#[expect(clippy::cast_possible_truncation, reason = "blocks of flow cases are far fewer than 2^32")]
fn short(window: &[Range<usize>; 2]) -> Window {
    let [a, b] = window;
    [a.start as u32..a.end as u32, b.start as u32..b.end as u32]
}

/// Whether any of the lanes differ.
#[inline(always)]
fn differs<V: Lanes>(a: V, b: V) -> bool {
    V::bits(a.less(b)) | V::bits(b.less(a)) != 0
}
