//! The turbines that the wake of one reaches in a wind direction, and where they lie from it: one list for each coordinate.

use crate::aep::facing::Facing;
use crate::aep::reach_lines::{MARGIN_M, ReachLines};
use crate::aep::{ABREAST_M, Plant, frame};
use crate::lanes::{Block, EIGHT, Lanes};
use crate::wake::{LaneWake, Place, Rotor};

/// Turbines by number in the list; the lists are longer than that, and hold anything there.
#[derive(Debug, Default)]
pub(super) struct Seen {
    len: usize,
    turbine: Vec<f64>,
    radius_m: Vec<f64>,
    downwind_m: Vec<f64>,
    crosswind_m: Vec<f64>,
    from_axis_m: Vec<f64>,
    from_mirrored_axis_m: Vec<f64>,
    factor: Vec<f64>,
}

impl Seen {
    /// Lists whom the turbine at `place` in the order reaches, of this rotor and reach.
    #[inline(always)]
    pub(super) fn look<V: Lanes, W: LaneWake>(
        &mut self,
        wake: &W,
        plant: &Plant,
        facing: &Facing,
        place: usize,
        (rotor, reach): (Rotor, &ReachLines),
    ) {
        self.make_room(plant.len());
        self.list::<V>(facing, place, reach);
        for first in (0..self.len).step_by(V::WIDTH) {
            self.complete::<V, W>(wake, plant, first, rotor);
        }
    }

    /// How many there are.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Which turbine number `k` of the list is.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number of a turbine")]
    pub(super) fn turbine(&self, k: usize) -> usize {
        self.turbine[k] as usize
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
            downwind_m: V::splat(self.downwind_m[k]),
            crosswind_m: V::splat(self.crosswind_m[k]),
            from_axis_m: V::splat(self.from_axis_m[k]),
            from_mirrored_axis_m: V::splat(self.from_mirrored_axis_m[k]),
            factor: V::splat(self.factor[k]),
        }
    }

    fn make_room(&mut self, n: usize) {
        if self.turbine.len() < n + EIGHT {
            let Self { turbine, radius_m, downwind_m, crosswind_m, from_axis_m, from_mirrored_axis_m, factor, .. } =
                self;
            for list in [turbine, radius_m, downwind_m, crosswind_m, from_axis_m, from_mirrored_axis_m] {
                list.resize(n + EIGHT, 0.0);
            }
            factor.resize(n + EIGHT, 1.0);
        }
    }

    /// Turbines, downwind and crosswind.
    #[inline(always)]
    fn list<V: Lanes>(&mut self, facing: &Facing, place: usize, reach: &ReachLines) {
        let (x_m, y_m) = (V::splat(facing.x_m[place]), V::splat(facing.y_m[place]));
        let (cos, sin) = (V::splat(facing.frame.cos()), V::splat(facing.frame.sin()));
        self.len = 0;
        for first in (place + 1..facing.order.len()).step_by(V::WIDTH) {
            let (to_x_m, to_y_m) = (V::load(&facing.x_m[first..]) - x_m, V::load(&facing.y_m[first..]) - y_m);
            let (downwind_m, crosswind_m) = frame::turn(cos, sin, to_x_m, to_y_m);
            let crosswind_m = crosswind_m.abs();
            let is_near = crosswind_m.less(reach.lanes(downwind_m) + V::splat(MARGIN_M));
            let is_seen = V::splat(ABREAST_M).less(downwind_m) & is_near;
            // Written without asking whether any is seen, which could not be foretold.
            V::load(&facing.turbine[first..]).store_where(is_seen, &mut self.turbine[self.len..]);
            downwind_m.store_where(is_seen, &mut self.downwind_m[self.len..]);
            crosswind_m.store_where(is_seen, &mut self.crosswind_m[self.len..]);
            self.len += V::bits(is_seen).count_ones() as usize;
        }
    }

    /// What follows from these, for as many as there are lanes.
    #[inline(always)]
    fn complete<V: Lanes, W: LaneWake>(&mut self, wake: &W, plant: &Plant, first: usize, rotor: Rotor) {
        let crosswind_m = V::load(&self.crosswind_m[first..]);
        let (mut height_m, mut radius_m) = (V::splat(0.0), V::splat(0.5 * rotor.diameter_m));
        let mut from_axis_m = crosswind_m;
        if plant.n_types() > 1 {
            let (mut heights_m, mut radii_m) = (Block::default(), Block::default());
            for k in first..self.len.min(first + V::WIDTH) {
                let target = plant.rotor(self.turbine(k));
                heights_m.0[k - first] = target.hub_height_m - rotor.hub_height_m;
                radii_m.0[k - first] = 0.5 * target.diameter_m;
            }
            (height_m, radius_m) = (V::load(&heights_m.0), V::load(&radii_m.0));
            // The root of a square is the number itself.
            let is_level = height_m.abs().at_most(V::splat(0.0));
            from_axis_m = V::select(is_level, crosswind_m, distance(crosswind_m, height_m));
        }
        from_axis_m.store(&mut self.from_axis_m[first..]);
        radius_m.store(&mut self.radius_m[first..]);
        let mut from_mirrored_axis_m = from_axis_m;
        if wake.is_mirrored() {
            from_mirrored_axis_m = distance(crosswind_m, height_m + V::splat(2.0 * rotor.hub_height_m));
            from_mirrored_axis_m.store(&mut self.from_mirrored_axis_m[first..]);
        }
        if wake.has_place_factor() {
            let downwind_m = V::load(&self.downwind_m[first..]);
            let factor = V::splat(1.0);
            let place = Place { downwind_m, crosswind_m, from_axis_m, from_mirrored_axis_m, factor };
            wake.place_factor(rotor, &place, Some(radius_m)).store(&mut self.factor[first..]);
        }
    }
}

/// From an axis to what lies so far beside it and above.
#[inline(always)]
fn distance<V: Lanes>(beside_m: V, above_m: V) -> V {
    (beside_m * beside_m + above_m * above_m).sqrt()
}
