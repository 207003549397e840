//! The turbines that wakes reach in a wind direction, and all that wakes need of where they lie.

use std::ops::Range;

use crate::aep::Plant;
use crate::aep::facing::Facing;
use crate::aep::near::Near;
use crate::aep::reach_lines::ReachLines;
use crate::lanes::{Block, EIGHT, Lanes};
use crate::wake::{LaneWake, PLACE_NUMBERS, Place, Rotor};

/// Those that are near, and by their number in that list what follows from it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    near: Near,
    radius_m: Vec<f64>,
    crosswind_m: Vec<f64>,
    from_axis_m: Vec<f64>,
    from_mirrored_axis_m: Vec<f64>,
    place_numbers: [Vec<f64>; PLACE_NUMBERS],
}

impl Seen {
    /// Lists whom the turbine at the first of these places in the order reaches, and those after it until there are many, all of this rotor and reach.
    #[inline(always)]
    pub(super) fn look<V: Lanes, W: LaneWake>(
        &mut self,
        wake: &W,
        plant: &Plant,
        facing: &Facing,
        places: Range<usize>,
        (rotor, reach): (Rotor, &ReachLines),
    ) {
        facing.near::<V>(places, reach, &mut self.near);
        self.make_room(self.near.len() + EIGHT);
        for first in (0..self.near.len()).step_by(V::WIDTH) {
            self.complete::<V, W>(wake, plant, first, rotor);
        }
    }

    /// Those of the turbine at this place; none if they were not listed.
    #[inline(always)]
    pub(super) fn of(&self, place: usize) -> Option<Range<usize>> {
        self.near.of(place)
    }

    /// Which turbine is number `k` of the list.
    #[inline(always)]
    pub(super) fn turbine(&self, k: usize) -> usize {
        self.near.turbine(k)
    }

    /// Its radius, m.
    #[inline(always)]
    pub(super) fn radius_m(&self, k: usize) -> f64 {
        self.radius_m[k]
    }

    /// Where it lies.
    #[inline(always)]
    pub(super) fn place<V: Lanes>(&self, k: usize) -> Place<V> {
        Place {
            downwind_m: V::splat(self.near.downwind_m[k]),
            crosswind_m: V::splat(self.crosswind_m[k]),
            from_axis_m: V::splat(self.from_axis_m[k]),
            from_mirrored_axis_m: V::splat(self.from_mirrored_axis_m[k]),
            numbers: [V::splat(self.place_numbers[0][k]), V::splat(self.place_numbers[1][k])],
        }
    }

    fn make_room(&mut self, n: usize) {
        if self.radius_m.len() < n {
            let Self { radius_m, crosswind_m, from_axis_m, from_mirrored_axis_m, place_numbers, .. } = self;
            for list in [radius_m, crosswind_m, from_axis_m, from_mirrored_axis_m] {
                list.resize(n, 0.0);
            }
            for list in place_numbers {
                list.resize(n, 1.0);
            }
        }
    }

    /// What follows from these, for as many as there are lanes.
    #[inline(always)]
    fn complete<V: Lanes, W: LaneWake>(&mut self, wake: &W, plant: &Plant, first: usize, rotor: Rotor) {
        let crosswind_m = V::load(&self.near.crosswind_m[first..]).abs();
        let (mut height_m, mut radius_m) = (V::splat(0.0), V::splat(0.5 * rotor.diameter_m));
        let mut from_axis_m = crosswind_m;
        if plant.n_types() > 1 {
            let (mut heights_m, mut radii_m) = (Block::default(), Block::default());
            for k in first..self.near.len().min(first + V::WIDTH) {
                let target = plant.rotor(self.turbine(k));
                heights_m.0[k - first] = target.hub_height_m - rotor.hub_height_m;
                radii_m.0[k - first] = 0.5 * target.diameter_m;
            }
            (height_m, radius_m) = (V::load(&heights_m.0), V::load(&radii_m.0));
            // The root of a square is the number itself.
            let is_level = height_m.abs().at_most(V::splat(0.0));
            from_axis_m = V::select(is_level, crosswind_m, distance(crosswind_m, height_m));
        }
        crosswind_m.store(&mut self.crosswind_m[first..]);
        from_axis_m.store(&mut self.from_axis_m[first..]);
        radius_m.store(&mut self.radius_m[first..]);
        let mut from_mirrored_axis_m = from_axis_m;
        if wake.is_mirrored() {
            from_mirrored_axis_m = distance(crosswind_m, height_m + V::splat(2.0 * rotor.hub_height_m));
            from_mirrored_axis_m.store(&mut self.from_mirrored_axis_m[first..]);
        }
        if wake.has_place_numbers() {
            let downwind_m = V::load(&self.near.downwind_m[first..]);
            let numbers = [V::splat(1.0); PLACE_NUMBERS];
            let place = Place { downwind_m, crosswind_m, from_axis_m, from_mirrored_axis_m, numbers };
            let [a, b] = wake.place_numbers(rotor, &place, Some(radius_m));
            a.store(&mut self.place_numbers[0][first..]);
            b.store(&mut self.place_numbers[1][first..]);
        }
    }
}

/// From an axis to what lies so far beside it and above.
#[inline(always)]
fn distance<V: Lanes>(beside_m: V, above_m: V) -> V {
    (beside_m * beside_m + above_m * above_m).sqrt()
}
