//! What follows from a move: terms, sums, sources, powers, until nothing changes any more.

use std::ops::Range;

use crate::aep::ABREAST_M;
use crate::aep::by_lanes::source_at;
use crate::aep::by_pairs::cast::{Ray, Source, cast};
use crate::aep::full::effective_speed;
use crate::aep::live_plant::exact::{Grain, Sum, load_sum, store_sum};
use crate::aep::live_plant::ledger::Ledger;
use crate::aep::live_plant::pairs::Window;
use crate::aep::live_plant::{LivePlant, Site};
use crate::farm::Turbine;
use crate::lanes::{Block, Lanes, differ};
use crate::wake::{LaneWake, SOURCE_NUMBERS, store_source};

impl<W: LaneWake> LivePlant<'_, W> {
    /// Computes everything: some neighbouring blocks after the other, turbines in the order in which the wind of their middle meets them.
    #[inline(always)]
    pub(super) fn start<V: Lanes>(&mut self) {
        let (n, n_blocks) = (self.site.types.len(), self.site.cases.n_blocks());
        for (source, target) in (0..n).flat_map(|source| (0..n).map(move |target| (source, target))) {
            if source != target {
                self.link(source, target);
                if let Some((_, _, terms)) = self.state.pairs.last_relinked() {
                    terms.fill(Block::default());
                }
            }
        }
        for first in (0..n_blocks).step_by(TOGETHER) {
            let blocks = first..(first + TOGETHER).min(n_blocks);
            self.set_order_downwind(&blocks);
            for k in 0..n {
                let turbine = self.scratch.order[k];
                self.look_at::<V>(turbine, &blocks, true);
                self.spread::<V>(turbine);
                self.scratch.stale[turbine].drop(&blocks);
            }
        }
        self.settle::<V>();
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
    pub(super) fn follow<V: Lanes>(&mut self, moved: usize, was_m: (f64, f64)) {
        self.set_order(moved, was_m);
        let (n, n_blocks) = (self.site.types.len(), self.site.cases.n_blocks());
        // All that reaches the moved turbine is other than before: its sums begin anew.
        for block in 0..n_blocks {
            *self.state.sums.change(moved * n_blocks + block) = Sum::default();
        }
        for source in (0..n).filter(|&source| source != moved) {
            self.reconnect::<V>(source, moved, false);
        }
        // First what the moved turbine is at its place, so that its wakes are made once.
        self.look_at::<V>(moved, &(0..n_blocks), false);
        while self.scratch.stale[moved].take_run().is_some() {}
        for target in (0..n).filter(|&target| target != moved) {
            self.reconnect::<V>(moved, target, true);
        }
        self.settle::<V>();
    }

    /// Turbines by their distance from where a turbine was or is: in its wake mostly those that the wind meets first.
    fn set_order(&mut self, moved: usize, was_m: (f64, f64)) {
        let positions = &self.state.positions_m;
        let square_m2 = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1);
        let is_m = positions[moved];
        let distances = &mut self.scratch.distances_m2;
        distances.clear();
        distances.extend(positions.iter().map(|&at_m| square_m2(at_m, is_m).min(square_m2(at_m, was_m))));
        let order = &mut self.scratch.order;
        order.clear();
        order.extend(0..positions.len());
        order.sort_unstable_by(|&a, &b| distances[a].total_cmp(&distances[b]).then(a.cmp(&b)));
    }

    /// Makes the window of a pair anew, and room for its terms.
    fn link(&mut self, source: usize, target: usize) -> [Range<usize>; 2] {
        let ray = ray(&self.site, &self.state.positions_m, source, target);
        let window = self.site.cases.window(ray.to_m.0, ray.to_m.1, self.site.reach(source, target));
        let pair = self.state.pairs.number(source, target);
        self.state.pairs.relink(pair, short(&window));
        window
    }

    /// Makes the window and the terms of a pair anew, and adds them to the target's sums, in the place of those before if these are there.
    #[inline(always)]
    fn reconnect<V: Lanes>(&mut self, source: usize, target: usize, are_there: bool) {
        let window = self.link(source, target);
        let Self { site, state, scratch, .. } = self;
        let Some((known, before, terms)) = state.pairs.last_relinked() else { return };
        let (ray, n_blocks) = (ray(site, &state.positions_m, source, target), site.cases.n_blocks());
        let stale = &mut scratch.stale[target];
        let sums = &mut At { sums: &mut state.sums, first: target * n_blocks, grain: site.grain };
        let mut before = before;
        for run in known.iter().filter(|_| are_there) {
            let run = run.start as usize..run.end as usize;
            let (here, rest) = before.split_at(run.len());
            for (block, old) in run.clone().zip(here) {
                sums.exchange::<V>(block, V::load(&old.0), V::splat(0.0));
            }
            stale.mark(&run);
            before = rest;
        }
        let mut terms = terms;
        for run in &window {
            let (here, rest) = std::mem::take(&mut terms).split_at_mut(run.len());
            let sources = &state.sources.values()[source * n_blocks + run.start..];
            cast::<V, W>(&site.wake, &site.cases.winds[run.clone()], sources, ray, &mut scratch.between, here, None);
            for (block, term) in run.clone().zip(here) {
                let new = site.wake.term(V::load(&term.0));
                new.store(&mut term.0);
                sums.exchange::<V>(block, V::splat(0.0), new);
            }
            stale.mark(run);
            terms = rest;
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
                    self.spread::<V>(turbine);
                }
            }
        }
        self.state.powers.add_up::<V>();
    }

    /// What a turbine does in the blocks in which its sums are others than before the move, or in all of these; where it becomes another
    /// source is noted.
    #[inline(always)]
    fn look_at<V: Lanes>(&mut self, turbine: usize, blocks: &Range<usize>, at_all: bool) {
        let Self { site, state, scratch, .. } = self;
        let all = turbine * site.cases.n_blocks();
        scratch.fresh.clear();
        let (kind, rotor) = (&site.turbines[site.types[turbine]], site.rotor(turbine));
        let mut changed = blocks.end..blocks.start;
        for block in blocks.clone() {
            let k = all + block;
            if let Some(before) = state.sums.before(k) {
                let [high_before, low_before] = load_sum::<V>(before);
                if !site.wake.adds_up() {
                    let sum = state.pairs.fold::<V, W>(&site.wake, turbine, block);
                    store_sum([sum, V::splat(0.0)], state.sums.change(k));
                }
                let [high, low] = load_sum::<V>(&state.sums.values()[k]);
                if !at_all && !differ(high + low, high_before + low_before) && !state.powers.is_set(turbine, block) {
                    continue;
                }
            } else if !at_all {
                continue;
            }
            let [high, low] = load_sum::<V>(&state.sums.values()[k]);
            let sum = high + low;
            let deficit = site.wake.deficit(sum);
            state.powers.set(turbine, block, site.power_w(kind, block, deficit));
            let free = V::load(&site.cases.winds[block].speed_m_s.0);
            let speed = effective_speed(free, deficit);
            changed = changed.start.min(block)..block + 1;
            let source = source_at(&site.wake, kind, rotor, free, speed);
            if is_another::<V>(&source, &state.sources.values()[k]) {
                store_source::<V>(source, state.sources.change(k));
                match scratch.fresh.last_mut() {
                    Some(run) if run.end == block => run.end += 1,
                    _ => scratch.fresh.push(block..block + 1),
                }
            }
        }
        if !changed.is_empty() {
            state.powers.change(turbine, &changed);
        }
    }

    /// The wakes of a turbine where it has become another source.
    #[inline(always)]
    fn spread<V: Lanes>(&mut self, turbine: usize) {
        let Self { site, state, scratch, .. } = self;
        if scratch.fresh.is_empty() {
            return;
        }
        let n_blocks = site.cases.n_blocks();
        for target in 0..site.types.len() {
            let pair = state.pairs.number(turbine, target);
            for (number, run) in state.pairs.window(pair).clone().iter().enumerate() {
                for fresh in &scratch.fresh {
                    let blocks = fresh.start.max(run.start as usize)..fresh.end.min(run.end as usize);
                    if blocks.is_empty() {
                        continue;
                    }
                    let first = state.pairs.first_of(pair, number) + blocks.start - run.start as usize;
                    let (terms, before) = state.pairs.replace(pair, first..first + blocks.len());
                    let sources = &state.sources.values()[turbine * n_blocks + blocks.start..];
                    let ray = ray(site, &state.positions_m, turbine, target);
                    let winds = &site.cases.winds[blocks.clone()];
                    cast::<V, W>(&site.wake, winds, sources, ray, &mut scratch.between, terms, None);
                    let sums = &mut At { sums: &mut state.sums, first: target * n_blocks, grain: site.grain };
                    for ((block, term), old) in blocks.clone().zip(terms).zip(before) {
                        let new = site.wake.term(V::load(&term.0));
                        new.store(&mut term.0);
                        sums.exchange::<V>(block, V::load(&old.0), new);
                    }
                    scratch.stale[target].mark(&blocks);
                }
            }
        }
    }
}

impl<W: LaneWake> Site<'_, W> {
    /// Power times probability of a turbine at this deficit in the winds of a block, W.
    #[inline(always)]
    fn power_w<V: Lanes>(&self, turbine: &Turbine, block: usize, deficit: V) -> V {
        let mut power_w = V::splat(0.0);
        for winds in &self.winds[block] {
            let speed = effective_speed(V::load(&winds.speed_m_s.0), deficit);
            power_w = power_w + turbine.power_w.at_lanes(speed) * V::load(&winds.probability.0);
        }
        power_w
    }
}

/// Blocks that are computed together at the start: few directions, so that one order serves most turbines.
const TOGETHER: usize = 8;

/// The sums of one turbine.
struct At<'a> {
    sums: &'a mut Ledger<Sum>,
    first: usize,
    grain: Grain,
}

impl At<'_> {
    /// Puts a term in the place of another.
    #[inline(always)]
    fn exchange<V: Lanes>(&mut self, block: usize, old: V, new: V) {
        if !differ(old, new) {
            return;
        }
        let sum = self.sums.change(self.first + block);
        store_sum(self.grain.exchange(old, new, load_sum(sum)), sum);
    }
}

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

/// Whether any number of a source differs. Mostly the first one does, and the others are not read.
#[inline(always)]
fn is_another<V: Lanes>(source: &[V; SOURCE_NUMBERS], [a, b, c]: &Source) -> bool {
    differ(source[0], V::load(&a.0)) || differ(source[1], V::load(&b.0)) || differ(source[2], V::load(&c.0))
}
