//! The gradient where turbines depend on each other: down the wind for the speeds, up again for the slopes.
//!
//! ```text
//! s_k = sum of parts p_ik of all i upwind of k,   u_k = U (1 - deficit(s_k)),   AEP = sum of P(wd, ws) power(u_k)
//! S_k = dAEP/ds_k = (P power'(u_k) + sum over targets j of k: S_j ds_j/dp_kj dp_kj/du_k) du_k/ds_k
//! dAEP/dx = sum over pairs: S_j ds_j/dp_ij dp_ij/dx
//! ```
//!
//! | symbol | code           | unit | meaning                                                       |
//! |--------|----------------|------|---------------------------------------------------------------|
//! | p_ij   | `Slopes::part` | -    | what the wake of i contributes at j                           |
//! | s_j    | sums           | -    | all that reaches j                                            |
//! | S_j    | bars           | W    | change of the plant's power with s_j                          |
//! | u_j    | speed          | m/s  | effective wind speed                                          |
//!
//! Turbines are taken as the wind meets them for s and u, then the other way round for S (reverse accumulation). The slopes of one part, along
//! distances downwind and crosswind and along the source's wind speed, come from numbers that carry them ([`Dual`]), so that every wake model
//! in lanes has its gradient by its one formula. At the kinks of curves and tables the slope is that of one side.
//!
//! Proven by the tests beside it: differences, and a plant differentiated forwards.

use crate::aep::facing::Facing;
use crate::aep::full::effective_speed;
use crate::aep::gradient::{Field, Reaches, from_axis, slope_of_sum};
use crate::aep::near::Near;
use crate::aep::plant::rotor;
use crate::aep::simd::Kernel;
use crate::aep::{HOURS_PER_YEAR, Plant};
use crate::lanes::{Block, Dual, Lanes, sum_of_eight};
use crate::wake::{LaneWake, Offset, PLACE_NUMBERS, Place, Rotor, SOURCE_NUMBERS, load_source, store_source};

/// The memory of it.
#[derive(Debug, Default)]
pub(super) struct Marching {
    facing: Facing,
    reaches: Reaches,
    near: Near,
    /// All blocks of one turbine after those of the other, by turbine.
    operations: Vec<Operation>,
    sums: Vec<Block>,
    bars: Vec<Block>,
    /// Pairs of the turbine at each place in the order, ended by this index; and all blocks of one after those of the other.
    pairs: Vec<Pair>,
    pairs_end: Vec<usize>,
    slopes: Vec<Slopes>,
    /// Power times probability, W, summed by number of the speed modulo eight, by turbine.
    energy_w: Vec<Block>,
}

/// A turbine at eight wind speeds.
#[derive(Debug, Clone, Copy, Default)]
struct Operation {
    speed_m_s: Block,
    numbers: [Block; SOURCE_NUMBERS],
    /// Change of the numbers with the effective wind speed, per m/s.
    by_speed: [Block; SOURCE_NUMBERS],
}

/// A source and a target that it reaches.
#[derive(Debug, Clone, Copy)]
struct Pair {
    target: usize,
    /// The target lies on this side of the axis: -1, 1.
    side: f64,
}

/// A part at eight wind speeds, and its slopes.
#[derive(Debug, Clone, Copy, Default)]
struct Slopes {
    part: Block,
    /// 1/m.
    by_downwind: Block,
    /// 1/m.
    by_crosswind: Block,
    /// Per m/s of the source's effective wind speed.
    by_speed: Block,
}

impl Marching {
    /// See [`Slopes::at`](crate::aep::Slopes::at).
    pub(super) fn at<W: LaneWake>(&mut self, field: &Field<W>, plant: &Plant, slopes: &mut [(f64, f64)]) -> f64 {
        self.reaches.cover(field, plant);
        self.energy_w.clear();
        self.energy_w.resize(plant.len(), Block::default());
        for direction in 0..field.flow.wind_direction_deg().len() {
            field.simd.run(Direction { march: March { memory: self, field, plant, slopes }, direction });
        }
        let scale = HOURS_PER_YEAR * 1e-9;
        for (x, y) in slopes {
            (*x, *y) = (*x * scale, *y * scale);
        }
        self.energy_w[field.first..].iter().map(|energy| sum_of_eight(energy.0)).sum::<f64>() * scale
    }
}

/// One wind direction.
struct Direction<'m, 'a, W> {
    march: March<'m, 'a, W>,
    direction: usize,
}

/// A plant under way.
struct March<'m, 'a, W> {
    memory: &'m mut Marching,
    field: &'m Field<'a, W>,
    plant: &'m Plant<'m>,
    /// Of power times probability, W/m.
    slopes: &'m mut [(f64, f64)],
}

impl<W: LaneWake> Kernel for Direction<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        let Self { mut march, direction } = self;
        let memory = &mut *march.memory;
        memory.facing.turn(march.plant, march.field.flow, direction);
        let (n, blocks) = (march.plant.len(), memory.facing.winds.len());
        memory.operations.resize(n * blocks, Operation::default());
        memory.sums.clear();
        memory.sums.resize(n * blocks, Block::default());
        memory.bars.resize(n * blocks, Block::default());
        memory.pairs.clear();
        memory.pairs_end.clear();
        memory.slopes.clear();
        for place in 0..n {
            march.operate::<V>(march.memory.facing.met(place));
            march.look::<V>(place);
        }
        for place in (0..n).rev() {
            march.accumulate::<V>(place);
        }
    }
}

impl<W: LaneWake> March<'_, '_, W> {
    /// A turbine whose sums are complete, and its slopes along its wind speed.
    #[inline(always)]
    fn operate<V: Lanes>(&mut self, i: usize) {
        let turbine = &self.field.turbines[self.field.type_of[i]];
        let rotor = rotor(turbine);
        let n = self.memory.facing.winds.len();
        let mut energy_w = V::load(&self.memory.energy_w[i].0);
        for (block, winds) in self.memory.facing.winds.iter().enumerate() {
            let free = V::load(&winds.speed_m_s.0);
            let speed = effective_speed(free, self.field.wake.deficit(V::load(&self.memory.sums[i * n + block].0)));
            let operation = &mut self.memory.operations[i * n + block];
            speed.store(&mut operation.speed_m_s.0);
            energy_w = energy_w + turbine.power_w.at_lanes(speed) * V::load(&winds.probability.0);
            let thrust_at = self.field.wake.thrust_speed_m_s(Dual::<V, 1>::constant(free), Dual::variable(speed, 0));
            let ct = Dual::<V, 1>::constant(turbine.ct.at_lanes(thrust_at.value))
                .along(0, turbine.ct.slope_at_lanes(thrust_at.value) * thrust_at.slopes[0]);
            let (zero, one) = (V::splat(0.0), V::splat(1.0));
            let share = Dual::<V, 1>::constant(speed / free).along(0, V::select(zero.less(free), one / free, zero));
            let [a, b, c] = self.field.wake.source(rotor, ct, share);
            store_source::<V>([a.value, b.value, c.value], &mut operation.numbers);
            store_source::<V>([a.slopes[0], b.slopes[0], c.slopes[0]], &mut operation.by_speed);
        }
        energy_w.store(&mut self.memory.energy_w[i].0);
    }

    /// The parts of the turbine at `place` in the order at all that it reaches, added to their sums.
    #[inline(always)]
    fn look<V: Lanes>(&mut self, place: usize) {
        let source = self.memory.facing.met(place);
        let rotor = self.plant.rotor(source);
        self.memory.facing.near::<V>(
            place..place + 1,
            &self.memory.reaches.of_types[self.field.type_of[source]],
            &mut self.memory.near,
        );
        for k in 0..self.memory.near.len() {
            let target = self.memory.near.turbine(k);
            let seen = self.plant.rotor(target);
            let (downwind_m, crosswind_m) = (self.memory.near.downwind_m[k], self.memory.near.crosswind_m[k]);
            let side = if crosswind_m < 0.0 { -1.0 } else { 1.0 } / self.field.widening;
            let height_m = seen.hub_height_m - rotor.hub_height_m;
            let offset = Offset { downwind_m, crosswind_m: crosswind_m * side, height_m };
            self.cast::<V>(source, target, rotor, offset, 0.5 * seen.diameter_m);
            self.memory.pairs.push(Pair { target, side });
        }
        self.memory.pairs_end.push(self.memory.pairs.len());
    }

    /// The parts of a source at a target, whose crosswind distance is not negative.
    #[inline(always)]
    fn cast<V: Lanes>(&mut self, source: usize, target: usize, rotor: Rotor, offset: Offset, radius_m: f64) {
        let n = self.memory.facing.winds.len();
        let at = place::<V, W>(&self.field.wake, rotor, offset, radius_m);
        let acts = V::everywhere();
        for block in 0..n {
            let operation = &self.memory.operations[source * n + block];
            let values = load_source::<V>(&operation.numbers);
            let by_speed = load_source::<V>(&operation.by_speed);
            let mut numbers = [Dual::<V, 3>::splat(0.0); SOURCE_NUMBERS];
            for k in 0..SOURCE_NUMBERS {
                numbers[k] = Dual::constant(values[k]).along(2, by_speed[k]);
            }
            let wake = self.field.wake.behind(&numbers, rotor, &at, Some(radius_m), acts);
            let part = self.field.wake.part(&wake, &at, Some(radius_m));
            let mut slopes = Slopes::default();
            part.value.store(&mut slopes.part.0);
            part.slopes[0].store(&mut slopes.by_downwind.0);
            part.slopes[1].store(&mut slopes.by_crosswind.0);
            part.slopes[2].store(&mut slopes.by_speed.0);
            self.memory.slopes.push(slopes);
            let sum = &mut self.memory.sums[target * n + block];
            self.field.wake.add(V::load(&sum.0), part.value).store(&mut sum.0);
        }
    }

    /// The change of power with what reaches the turbine at `place` in the order, when that of all downwind of it is known; and with the
    /// distances to them.
    #[inline(always)]
    fn accumulate<V: Lanes>(&mut self, place: usize) {
        let i = self.memory.facing.met(place);
        let n = self.memory.facing.winds.len();
        let pairs =
            place.checked_sub(1).map_or(0, |before| self.memory.pairs_end[before])..self.memory.pairs_end[place];
        let turbine = &self.field.turbines[self.field.type_of[i]];
        for block in 0..n {
            let speed = V::load(&self.memory.operations[i * n + block].speed_m_s.0);
            let probability = V::load(&self.memory.facing.winds[block].probability.0);
            let counted = V::splat(if i < self.field.first { 0.0 } else { 1.0 });
            (counted * probability * turbine.power_w.slope_at_lanes(speed))
                .store(&mut self.memory.bars[i * n + block].0);
        }
        for k in pairs {
            let Pair { target, side } = self.memory.pairs[k];
            let (mut by_downwind, mut by_crosswind) = (V::splat(0.0), V::splat(0.0));
            for block in 0..n {
                let slopes = &self.memory.slopes[k * n + block];
                let sum = V::load(&self.memory.sums[target * n + block].0);
                let bar = V::load(&self.memory.bars[target * n + block].0)
                    * slope_of_sum(&self.field.wake, sum, V::load(&slopes.part.0));
                by_downwind = by_downwind + bar * V::load(&slopes.by_downwind.0);
                by_crosswind = by_crosswind + bar * V::load(&slopes.by_crosswind.0);
                let own = &mut self.memory.bars[i * n + block];
                (V::load(&own.0) + bar * V::load(&slopes.by_speed.0)).store(&mut own.0);
            }
            let (along, across) = (total(by_downwind), side * total(by_crosswind));
            let (cos, sin) = (self.memory.facing.frame.cos(), self.memory.facing.frame.sin());
            // Downwind is -cos x - sin y, crosswind sin x - cos y.
            let (x, y) = (sin * across - cos * along, 0.0 - sin * along - cos * across);
            let (of_target, of_source) = (self.slopes[target], self.slopes[i]);
            self.slopes[target] = (of_target.0 + x, of_target.1 + y);
            self.slopes[i] = (of_source.0 - x, of_source.1 - y);
        }
        for block in 0..n {
            let free = V::load(&self.memory.facing.winds[block].speed_m_s.0);
            let sum = Dual::<V, 1>::variable(V::load(&self.memory.sums[i * n + block].0), 0);
            let speed = effective_speed(Dual::constant(free), self.field.wake.deficit(sum));
            let own = &mut self.memory.bars[i * n + block];
            (V::load(&own.0) * speed.slopes[0]).store(&mut own.0);
        }
    }
}

/// Where a target lies, as variables 0 (downwind) and 1 (crosswind).
#[inline(always)]
fn place<V: Lanes, W: LaneWake>(wake: &W, rotor: Rotor, offset: Offset, radius_m: f64) -> Place<Dual<V, 3>> {
    let at = Place::new(offset, Some(rotor.hub_height_m));
    let downwind_m = Dual::variable(V::splat(at.downwind_m), 0);
    let crosswind_m = Dual::variable(V::splat(at.crosswind_m), 1);
    let across_m = V::splat(at.crosswind_m);
    let from_axis_m = from_axis(across_m, offset.height_m);
    let from_mirrored_axis_m = from_axis(across_m, offset.height_m + 2.0 * rotor.hub_height_m);
    let numbers = [Dual::splat(1.0); PLACE_NUMBERS];
    let mut place = Place { downwind_m, crosswind_m, from_axis_m, from_mirrored_axis_m, numbers };
    if wake.has_place_numbers() {
        place.numbers = wake.place_numbers(rotor, &place, Some(Dual::splat(radius_m)));
    }
    place
}

/// The sum of the lanes.
#[inline(always)]
fn total<V: Lanes>(lanes: V) -> f64 {
    let mut block = Block::default();
    lanes.store(&mut block.0);
    sum_of_eight(block.0)
}
