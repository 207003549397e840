//! The gradient where every turbine's wake is known beforehand: eight wind directions at once, pairs in any order.
//!
//! With the symbols of `marching`: parts depend on places alone, so that S_j = sum of P power'(u_j) du_j/ds_j, over all
//! wind speeds of the direction.

use crate::aep::by_pairs::cases::Cases;
use crate::aep::condensed::{Condensed, Winds};
use crate::aep::frame;
use crate::aep::full::effective_speed;
use crate::aep::gradient::{Field, Reaches, from_axis, slope_of_sum};
use crate::aep::plant::rotor;
use crate::aep::reach_lines::MARGIN_M;
use crate::aep::simd::Kernel;
use crate::aep::{ABREAST_M, HOURS_PER_YEAR, Plant};
use crate::lanes::{Block, Dual, Lanes, sum_of_eight};
use crate::wake::{LaneWake, PLACE_NUMBERS, Place, SOURCE_NUMBERS, load_source, store_source};

/// The memory of it.
#[derive(Debug, Default)]
pub(super) struct Foreknown {
    /// Directions and speeds by which wakes are computed, and what blows in them.
    cases: Cases,
    winds: Vec<Vec<Winds>>,
    reaches: Reaches,
    /// Each type of turbine as a source.
    sources: Vec<[Block; SOURCE_NUMBERS]>,
    /// Where each turbine lies from the first, m.
    downwind_m: Vec<Block>,
    crosswind_m: Vec<Block>,
    sums: Vec<Block>,
    bars: Vec<Block>,
    pairs: Vec<Pair>,
    /// Power times probability, W, by turbine and direction modulo eight.
    energy_w: Vec<Block>,
    by_x: Vec<Block>,
    by_y: Vec<Block>,
}

/// A part in eight directions, and its slopes, 1/m.
#[derive(Debug, Clone, Copy)]
struct Pair {
    source: u32,
    target: u32,
    part: Block,
    by_downwind: Block,
    by_crosswind: Block,
}

impl Foreknown {
    pub(super) fn new(condensed: Condensed) -> Self {
        let mut cases = Cases::default();
        cases.set(&condensed.flow);
        Self { cases, winds: condensed.winds, ..Self::default() }
    }

    /// See [`Slopes::at`](crate::aep::Slopes::at).
    pub(super) fn at<W: LaneWake>(&mut self, field: &Field<W>, plant: &Plant, slopes: &mut [(f64, f64)]) -> f64 {
        self.reaches.cover(field, plant);
        for blocks in [&mut self.energy_w, &mut self.by_x, &mut self.by_y] {
            blocks.clear();
            blocks.resize(plant.len(), Block::default());
        }
        field.simd.run(Everywhere { memory: self, field, plant });
        let total = |block: &Block| sum_of_eight(block.0) * (HOURS_PER_YEAR * 1e-9);
        for ((slope, x), y) in slopes.iter_mut().zip(&self.by_x).zip(&self.by_y) {
            *slope = (total(x), total(y));
        }
        self.energy_w[field.first..].iter().map(total).sum()
    }
}

/// All directions.
struct Everywhere<'m, 'a, W> {
    memory: &'m mut Foreknown,
    field: &'m Field<'a, W>,
    plant: &'m Plant<'m>,
}

impl<W: LaneWake> Kernel for Everywhere<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        for block in 0..self.memory.winds.len() {
            self.stand::<V>(block);
            for source in 0..self.plant.len() {
                self.cast::<V>(source);
            }
            self.operate::<V>(block);
            self.accumulate::<V>(block);
        }
    }
}

impl<W: LaneWake> Everywhere<'_, '_, W> {
    /// Turns the plant to eight directions.
    #[inline(always)]
    fn stand<V: Lanes>(&mut self, block: usize) {
        let Foreknown { cases, sources, downwind_m, crosswind_m, sums, pairs, .. } = &mut *self.memory;
        let winds = &cases.winds[block];
        sources.clear();
        for turbine in self.field.turbines {
            let ct = turbine.ct.at_lanes(V::load(&winds.speed_m_s.0));
            let mut source = [Block::default(); SOURCE_NUMBERS];
            store_source::<V>(self.field.wake.source(rotor(turbine), ct, V::splat(1.0)), &mut source);
            sources.push(source);
        }
        let n = self.plant.len();
        downwind_m.resize(n, Block::default());
        crosswind_m.resize(n, Block::default());
        let (cos, sin) = (V::load(&winds.cos.0), V::load(&winds.sin.0));
        for i in 0..n {
            let (x, y) = self.plant.position(i);
            let (from_x, from_y) = self.plant.position(0);
            let (down, cross) = frame::turn(cos, sin, V::splat(x - from_x), V::splat(y - from_y));
            down.store(&mut downwind_m[i].0);
            cross.store(&mut crosswind_m[i].0);
        }
        sums.clear();
        sums.resize(n, Block::default());
        pairs.clear();
    }

    /// The parts of a turbine at all that it reaches in any of the directions.
    #[inline(always)]
    fn cast<V: Lanes>(&mut self, source: usize) {
        let Foreknown { reaches, sources, downwind_m, crosswind_m, sums, pairs, .. } = &mut *self.memory;
        let kind = self.field.type_of[source];
        let rotor = self.plant.rotor(source);
        let (from_down, from_cross) = (V::load(&downwind_m[source].0), V::load(&crosswind_m[source].0));
        let numbers = load_source::<V>(&sources[kind]);
        let mut duals = [Dual::<V, 2>::splat(0.0); SOURCE_NUMBERS];
        for k in 0..SOURCE_NUMBERS {
            duals[k] = Dual::constant(numbers[k]);
        }
        let (narrower, beyond_m) = (V::splat(1.0 / self.field.widening), V::splat(ABREAST_M));
        for target in 0..self.plant.len() {
            let down = V::load(&downwind_m[target].0) - from_down;
            let across = (V::load(&crosswind_m[target].0) - from_cross).abs();
            let reached = across.less(reaches.of_types[kind].lanes(down) + V::splat(MARGIN_M));
            let acts = beyond_m.less(down) & reached;
            if target == source || V::bits(acts) == 0 {
                continue;
            }
            let seen = self.plant.rotor(target);
            let height_m = seen.hub_height_m - rotor.hub_height_m;
            let radius_m = 0.5 * seen.diameter_m;
            let across = across * narrower;
            let mut place = Place {
                downwind_m: Dual::<V, 2>::variable(down, 0),
                crosswind_m: Dual::variable(across, 1),
                from_axis_m: from_axis(across, height_m),
                from_mirrored_axis_m: from_axis(across, height_m + 2.0 * rotor.hub_height_m),
                numbers: [Dual::splat(1.0); PLACE_NUMBERS],
            };
            if self.field.wake.has_place_numbers() {
                place.numbers = self.field.wake.place_numbers(rotor, &place, Some(Dual::splat(radius_m)));
            }
            let wake = self.field.wake.behind(&duals, rotor, &place, Some(radius_m), acts);
            let part = self.field.wake.part(&wake, &place, Some(radius_m));
            let sum = &mut sums[target];
            self.field.wake.add(V::load(&sum.0), part.value).store(&mut sum.0);
            #[expect(clippy::cast_possible_truncation, reason = "turbines are far fewer than 2^32")]
            let (source, target) = (source as u32, target as u32);
            let mut pair = Pair {
                source,
                target,
                part: Block::default(),
                by_downwind: Block::default(),
                by_crosswind: Block::default(),
            };
            part.value.store(&mut pair.part.0);
            part.slopes[0].store(&mut pair.by_downwind.0);
            part.slopes[1].store(&mut pair.by_crosswind.0);
            pairs.push(pair);
        }
    }

    /// Powers at all wind speeds, and how they change with what reaches the turbine.
    #[inline(always)]
    fn operate<V: Lanes>(&mut self, block: usize) {
        let Foreknown { winds, sums, bars, energy_w, .. } = &mut *self.memory;
        bars.resize(sums.len(), Block::default());
        for i in 0..sums.len() {
            let power_w = &self.plant.turbine(i).power_w;
            let deficit = self.field.wake.deficit(Dual::<V, 1>::variable(V::load(&sums[i].0), 0));
            let (mut energy, mut bar) = (V::load(&energy_w[i].0), V::splat(0.0));
            for winds in &winds[block] {
                let probability = V::load(&winds.probability.0);
                let speed = effective_speed(Dual::constant(V::load(&winds.speed_m_s.0)), deficit);
                energy = energy + power_w.at_lanes(speed.value) * probability;
                bar = bar + power_w.slope_at_lanes(speed.value) * speed.slopes[0] * probability;
            }
            let counted = V::splat(if i < self.field.first { 0.0 } else { 1.0 });
            energy.store(&mut energy_w[i].0);
            (counted * bar).store(&mut bars[i].0);
        }
    }

    /// How the energy changes with the places of both turbines of every pair.
    #[inline(always)]
    fn accumulate<V: Lanes>(&mut self, block: usize) {
        let Foreknown { cases, sums, bars, pairs, crosswind_m, by_x, by_y, .. } = &mut *self.memory;
        let (cos, sin) = (V::load(&cases.winds[block].cos.0), V::load(&cases.winds[block].sin.0));
        let (zero, per_widening) = (V::splat(0.0), 1.0 / self.field.widening);
        let (left, right) = (V::splat(-per_widening), V::splat(per_widening));
        for pair in &*pairs {
            let (i, j) = (pair.source as usize, pair.target as usize);
            let part = V::load(&pair.part.0);
            let bar = V::load(&bars[j].0) * slope_of_sum(&self.field.wake, V::load(&sums[j].0), part);
            let cross = V::load(&crosswind_m[j].0) - V::load(&crosswind_m[i].0);
            let along = bar * V::load(&pair.by_downwind.0);
            let across = bar * V::load(&pair.by_crosswind.0) * V::select(cross.less(zero), left, right);
            // Downwind is -cos x - sin y, crosswind sin x - cos y.
            let x = sin * across - cos * along;
            let y = zero - sin * along - cos * across;
            (V::load(&by_x[j].0) + x).store(&mut by_x[j].0);
            (V::load(&by_y[j].0) + y).store(&mut by_y[j].0);
            (V::load(&by_x[i].0) - x).store(&mut by_x[i].0);
            (V::load(&by_y[i].0) - y).store(&mut by_y[i].0);
        }
    }
}
