//! Production, fast: all wind speeds of a direction at once, in lanes.
//!
//! Turbines are taken in the order in which the wind meets them. Each adds its part to the sums of those that it reaches, so that a sum is
//! complete when its turbine's turn comes, and has been added up in the order of [`crate::aep::full`]: the numbers are the same to the bit.

use std::ops::Range;

use crate::aep::facing::Facing;
use crate::aep::full::free_energies_gwh;
use crate::aep::seen::Seen;
use crate::aep::simd::{Kernel, Simd};
use crate::aep::spells::{self, Runner};
use crate::aep::{Plant, Production};
use crate::farm::FlowCases;
use crate::lanes::{Block, Lanes};
use crate::wake::{LaneWake, Place, Rotor, SOURCE_NUMBERS, WAKE_NUMBERS, load_source, load_wake, store_wake};

mod operation;

pub(super) use operation::source_at;
use operation::{Kind, Operation, become_source, operate};

/// Annual production of a plant, with and without wakes: [`crate::aep::evaluate`] for wake models that work in lanes.
pub fn evaluate_by_lanes<W: LaneWake>(
    runner: &impl Runner,
    simd: Simd,
    wake: W,
    plant: &Plant,
    flow: &FlowCases,
) -> Production {
    let kinds = Kind::of(&wake, plant);
    let march = || March::new(wake, plant, flow, &kinds);
    let energies_w = runner.run(spells::count(flow), march, |march, spell| {
        march.energy_w.fill(Block::default());
        simd.run(Passage { march, directions: spells::directions(flow, spell) });
        march.energy_w.clone()
    });
    let turbine_aep_gwh = spells::add_up(plant.len(), &energies_w);
    Production { turbine_aep_gwh, turbine_aep_no_wake_gwh: free_energies_gwh(plant, flow) }
}

/// What the evaluation of a spell needs, and its state in the direction that it has come to.
struct March<'a, W> {
    wake: W,
    plant: &'a Plant<'a>,
    flow: &'a FlowCases,
    kinds: &'a [Kind<'a>],
    facing: Facing,
    operations: Operations,
    /// Turbines that are reached.
    seen: Seen,
    /// Power times probability of each turbine, W, summed by number of the speed modulo eight.
    energy_w: Vec<Block>,
}

/// A wake at eight wind speeds where it is felt, what it takes to aim it, and the number of the sum that it goes to.
#[derive(Debug, Clone, Copy, Default)]
struct Felt {
    wake: [Block; WAKE_NUMBERS],
    from_axis_m: f64,
    from_mirrored_axis_m: f64,
    radius_m: f64,
    sum: usize,
}

/// Blocks of wakes that are taken through a stage before they are taken through the next.
const AT_ONCE: usize = 32;

/// Wakes between the stages, and anything after them.
struct Between<V: Lanes, W: LaneWake> {
    leaving: [W::Leaving<V>; AT_ONCE],
    felt: [Felt; AT_ONCE],
    aimed: [W::Aimed<V>; AT_ONCE],
}

/// What turbines do in the direction at hand.
#[derive(Debug, Default)]
struct Operations {
    /// Types of turbine in the free wind: all blocks of one after those of the other.
    free: Vec<Operation>,
    /// The turbine at hand, if it stands in wakes.
    in_wakes: Vec<Operation>,
}

impl<'a, W: LaneWake> March<'a, W> {
    fn new(wake: W, plant: &'a Plant<'a>, flow: &'a FlowCases, kinds: &'a [Kind<'a>]) -> Self {
        Self {
            wake,
            plant,
            flow,
            kinds,
            facing: Facing::default(),
            operations: Operations::default(),
            seen: Seen::default(),
            energy_w: vec![Block::default(); plant.len()],
        }
    }

    /// The types of turbine alone in the wind speeds of a direction.
    #[inline(always)]
    fn operate_free<V: Lanes>(&mut self) {
        let Operations { free, in_wakes } = &mut self.operations;
        in_wakes.resize(self.facing.winds.len(), Operation::default());
        free.clear();
        for kind in self.kinds {
            for winds in &self.facing.winds {
                let mut operation = Operation::default();
                operate::<V, W>(&self.wake, kind, winds, &Block::default(), &mut operation);
                become_source::<V, W>(&self.wake, kind, winds, &mut operation);
                free.push(operation);
            }
        }
    }

    /// All turbines in the direction at hand.
    #[inline(always)]
    fn blow<V: Lanes>(&mut self, between: &mut Between<V, W>) {
        for place in 0..self.plant.len() {
            let turbine = self.facing.met(place);
            self.operate_at::<V>(turbine);
            let seen = self.seen_from::<V>(place);
            if seen.is_empty() {
                continue;
            }
            // What turbines in the free wind are as sources is known.
            if self.facing.waked[turbine] {
                self.become_source_at::<V>(turbine);
            }
            if self.wake.in_stages() {
                self.wake_seen_in_stages::<V>(turbine, seen, between);
            } else {
                self.wake_seen::<V>(turbine, seen);
            }
        }
    }

    /// Which of those seen the turbine at this place of the order reaches.
    #[inline(always)]
    fn seen_from<V: Lanes>(&mut self, place: usize) -> Range<usize> {
        // In another direction others are seen.
        if let Some(seen) = self.seen.of(place).filter(|_| place > 0) {
            return seen;
        }
        let type_index = self.plant.type_of(self.facing.met(place));
        let kind = &self.kinds[type_index];
        let places = place..self.end_of_type(place, type_index);
        self.seen.look::<V, W>(&self.wake, self.plant, &self.facing, places, (kind.rotor, &kind.reach));
        self.seen.of(place).unwrap_or_default()
    }

    /// The first place of the order after this one where a turbine of another type stands, or the end.
    fn end_of_type(&self, place: usize, type_index: usize) -> usize {
        let n = self.plant.len();
        if self.plant.n_types() == 1 {
            return n;
        }
        let is_other = |&next: &usize| self.plant.type_of(self.facing.met(next)) != type_index;
        (place + 1..n).find(is_other).unwrap_or(n)
    }

    /// What a turbine does, and its energy.
    #[inline(always)]
    fn operate_at<V: Lanes>(&mut self, i: usize) {
        let (facing, type_index) = (&self.facing, self.plant.type_of(i));
        if facing.waked[i] {
            let kind = &self.kinds[type_index];
            let sums = &facing.sums[i * facing.winds.len()..];
            for ((operation, winds), sum) in self.operations.in_wakes.iter_mut().zip(&facing.winds).zip(sums) {
                operate::<V, W>(&self.wake, kind, winds, sum, operation);
            }
        }
        let mut energy_w = V::load(&self.energy_w[i].0);
        for (operation, winds) in self.operations.of(type_index, facing.waked[i]).iter().zip(&facing.winds) {
            energy_w = energy_w + V::load(&operation.power_w.0) * V::load(&winds.probability.0);
        }
        energy_w.store(&mut self.energy_w[i].0);
    }

    #[inline(always)]
    fn become_source_at<V: Lanes>(&mut self, i: usize) {
        let kind = &self.kinds[self.plant.type_of(i)];
        for (operation, winds) in self.operations.in_wakes.iter_mut().zip(&self.facing.winds) {
            become_source::<V, W>(&self.wake, kind, winds, operation);
        }
    }

    /// The parts of a source at those that it reaches, added to their sums.
    #[inline(always)]
    fn wake_seen<V: Lanes>(&mut self, source: usize, seen: Range<usize>) {
        let acts = V::everywhere();
        // A copy, which no store into a sum can be thought to change.
        let (wake, facing, type_index) = (self.wake, &mut self.facing, self.plant.type_of(source));
        let (rotor, n) = (self.kinds[type_index].rotor, facing.winds.len());
        let operations = self.operations.of(type_index, facing.waked[source]);
        for k in seen {
            let (target, place, radius_m) = (self.seen.turbine(k), self.seen.place(k), Some(self.seen.radius_m(k)));
            facing.waked[target] = true;
            let sums = &mut facing.sums[target * n..(target + 1) * n];
            for (sum, operation) in sums.iter_mut().zip(operations) {
                let source = load_source::<V>(&operation.numbers);
                let behind = wake.behind(&source, rotor, &place, radius_m, acts);
                let part = wake.part(&behind, &place, radius_m);
                wake.add(V::load(&sum.0), part).store(&mut sum.0);
            }
        }
    }

    /// The same for models with long parts.
    #[inline(always)]
    fn wake_seen_in_stages<V: Lanes>(&mut self, source: usize, seen: Range<usize>, between: &mut Between<V, W>) {
        let n = self.facing.winds.len();
        for first in (0..n).step_by(AT_ONCE) {
            let blocks = first..n.min(first + AT_ONCE);
            let targets = AT_ONCE / blocks.len();
            for first in seen.clone().step_by(targets) {
                self.wake_some::<V>(source, first..seen.end.min(first + targets), blocks.clone(), between);
            }
        }
    }

    /// The parts of a source at some of those that it reaches, in some blocks, not more than [`AT_ONCE`] altogether.
    #[inline(always)]
    fn wake_some<V: Lanes>(
        &mut self,
        source: usize,
        seen: Range<usize>,
        blocks: Range<usize>,
        between: &mut Between<V, W>,
    ) {
        // A copy, which no store into a sum can be thought to change.
        let (wake, facing, type_index) = (self.wake, &mut self.facing, self.plant.type_of(source));
        let (rotor, n) = (self.kinds[type_index].rotor, facing.winds.len());
        let operations = &self.operations.of(type_index, facing.waked[source])[blocks.clone()];
        let mut number = 0;
        for k in seen.clone() {
            let downwind_m = self.seen.place(k).downwind_m;
            for operation in operations {
                between.leaving[number] = wake.leave(&load_source(&operation.numbers), rotor, downwind_m);
                number += 1;
            }
        }
        let (mut number, mut felt) = (0, 0);
        for k in seen {
            let (target, place, radius_m) = (self.seen.turbine(k), self.seen.place(k), self.seen.radius_m(k));
            let at: Place<f64> = self.seen.place(k);
            facing.waked[target] = true;
            for (block, operation) in blocks.clone().zip(operations) {
                let source = load_source(&operation.numbers);
                let behind = wake.grow(&between.leaving[number], &source, rotor, &place, radius_m);
                number += 1;
                // Written anyway and kept only where it is felt, which could not be foretold.
                let known = &mut between.felt[felt];
                store_wake::<V>(behind, &mut known.wake);
                (known.from_axis_m, known.from_mirrored_axis_m) = (at.from_axis_m, at.from_mirrored_axis_m);
                known.radius_m = radius_m;
                known.sum = target * n + block;
                felt += usize::from(wake.is_felt(&behind));
            }
        }
        for (known, aimed) in between.felt[..felt].iter().zip(&mut between.aimed) {
            let place = Place::across(V::splat(known.from_axis_m), V::splat(known.from_mirrored_axis_m));
            *aimed = wake.aim(&load_wake(&known.wake), &place, known.radius_m);
        }
        for (Felt { sum, .. }, aimed) in between.felt[..felt].iter().zip(&between.aimed) {
            let sum = &mut facing.sums[*sum].0;
            wake.add(V::load(sum), wake.hit(aimed)).store(sum);
        }
    }
}

impl<V: Lanes, W: LaneWake> Between<V, W> {
    /// Anything.
    #[inline(always)]
    fn new(wake: &W, rotor: Rotor) -> Self {
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let place = Place::across(zero, zero);
        Self {
            leaving: [wake.leave(&[one; SOURCE_NUMBERS], rotor, zero); AT_ONCE],
            felt: [Felt::default(); AT_ONCE],
            aimed: [wake.aim(&[one; WAKE_NUMBERS], &place, 0.5 * rotor.diameter_m); AT_ONCE],
        }
    }
}

impl Operations {
    /// Those of the turbine at hand, of this type.
    #[inline(always)]
    fn of(&self, type_index: usize, is_waked: bool) -> &[Operation] {
        let n = self.in_wakes.len();
        if is_waked { &self.in_wakes } else { &self.free[type_index * n..(type_index + 1) * n] }
    }
}

/// One direction after the other.
struct Passage<'m, 'a, W> {
    march: &'m mut March<'a, W>,
    directions: Range<usize>,
}

impl<W: LaneWake> Kernel for Passage<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        let Self { march, directions } = self;
        let Some(kind) = march.kinds.first() else { return };
        let mut between = Between::new(&march.wake, kind.rotor);
        for direction in directions {
            if march.facing.turn(march.plant, march.flow, direction) {
                march.operate_free::<V>();
            }
            march.blow::<V>(&mut between);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::full::evaluate_plain;
    use crate::aep::sample::{self, turbines};
    use crate::aep::{OneByOne, evaluate};
    use crate::farm::Layout;
    use crate::wake::{BuiltWake, Nygaard2022, WakeModel};

    fn layout(n: u32) -> Layout {
        sample::layout(n, (31.0, 29.0))
    }

    #[test]
    fn equals_the_definition_to_the_bit_with_every_set_of_instructions() {
        let (turbines, wake) = (turbines(), Nygaard2022::new([240.0, 195.0]));
        let directions: Vec<f64> = (0..72).map(|d| 5.0 * f64::from(d)).collect();
        for (n, speeds) in [
            (0, vec![8.0]),
            (1, vec![8.0]),
            (37, vec![4.0, 7.0, 9.5, 11.0, 14.0]),
            (52, (3..26).map(f64::from).collect()),
        ] {
            let probability = (0..72 * speeds.len()).map(|k| (k % 7 + 1) as f64 * 1e-3).collect();
            let flow = FlowCases::grid(directions.clone(), &speeds, probability, 0.08);
            let layout = layout(n);
            let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
            let plant = Plant::new(&layout, &turbines, &types);
            let expected = evaluate(&wake, &plant, &flow);
            for simd in Simd::usable() {
                assert_eq!(
                    evaluate_by_lanes(&OneByOne, simd, wake.in_air(0.08), &plant, &flow),
                    expected,
                    "{n} turbines, {simd}"
                );
            }
        }
    }

    #[test]
    fn compositions_agree_with_their_definition_and_themselves() {
        let turbines = turbines();
        let flow =
            FlowCases::grid((0..36).map(|d| 10.0 * f64::from(d)).collect(), &[5.0, 8.0, 12.0], vec![1e-3; 108], 0.08);
        let layout = layout(41);
        let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
        let plant = Plant::new(&layout, &turbines, &types);
        let (mut in_lanes, mut in_plain_lanes) = (0, 0);
        for model in WakeModel::ALL {
            let BuiltWake::Composed(wake) = model.spec().build([240.0, 195.0]) else { continue };
            let Some(lanes) = wake.in_lanes(0.08) else { continue };
            in_lanes += 1;
            let expected = evaluate(&wake, &plant, &flow);
            let plain = evaluate_by_lanes(&OneByOne, Simd::usable()[0], lanes, &plant, &flow);
            for (got, expected) in plain.turbine_aep_gwh.iter().zip(&expected.turbine_aep_gwh) {
                assert!((got / expected - 1.0).abs() < 1e-13, "{model}: {got} {expected}");
            }
            for simd in Simd::usable() {
                assert_eq!(evaluate_by_lanes(&OneByOne, simd, lanes, &plant, &flow), plain, "{model}, {simd}");
            }
            let cut = evaluate_by_lanes(&OneByOne, Simd::detect(), lanes.for_energy(), &plant, &flow);
            for (cut, plain) in cut.turbine_aep_gwh.iter().zip(&plain.turbine_aep_gwh) {
                assert!((cut / plain - 1.0).abs() < 2e-11, "{model}: the cut leaves little out: {cut} {plain}");
            }
            let Some(known) = lanes.for_energy().plain() else { continue };
            in_plain_lanes += 1;
            for simd in Simd::usable() {
                assert_eq!(evaluate_plain(&OneByOne, simd, known, &plant, &flow), cut, "{model}, {simd}");
            }
        }
        assert_eq!((in_lanes, in_plain_lanes), (3, 3), "models in lanes");
    }
}
