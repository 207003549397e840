//! How the AEP changes with the place of every turbine: its exact slopes, for about the price of three evaluations.
//!
//! Two ways lead there in lanes. `marching` takes the turbines of each direction as the wind meets them, and then the other way round; it serves
//! every wake model in lanes. `foreknown` serves those in which no turbine's wake depends on another turbine, many times faster. `taped` serves
//! all other models, one number at a time.

use crate::aep::condensed::condense;
use crate::aep::reach::extent_m;
use crate::aep::reach_lines::ReachLines;
use crate::aep::simd::Simd;
use crate::aep::{Plant, Slopes};
use crate::farm::{FlowCases, Layout, Turbine};
use crate::lanes::{Dual, Lanes};
use crate::wake::LaneWake;

mod foreknown;
mod marching;
mod taped;

use foreknown::Foreknown;
use marching::Marching;
pub use taped::TapedGradient;

/// The AEP of plants of some turbines and its slopes, one layout after the other.
#[derive(Debug)]
pub struct Gradient<'a, W> {
    field: Field<'a, W>,
    way: Way,
}

/// What layouts do not change.
#[derive(Debug)]
struct Field<'a, W> {
    simd: Simd,
    wake: W,
    turbines: &'a [Turbine],
    type_of: &'a [usize],
    flow: &'a FlowCases,
    /// Wakes are so many times as wide as the model's.
    widening: f64,
    /// The first turbine whose energy counts.
    first: usize,
}

#[derive(Debug)]
enum Way {
    Marching(Box<Marching>),
    Foreknown(Box<Foreknown>),
}

impl<'a, W: LaneWake> Gradient<'a, W> {
    /// For turbine i of type `turbines[type_of[i]]` in this wind.
    pub fn new(simd: Simd, wake: W, turbines: &'a [Turbine], type_of: &'a [usize], flow: &'a FlowCases) -> Self {
        let way = match condense(&wake, turbines, flow) {
            Some(condensed) => Way::Foreknown(Box::new(Foreknown::new(condensed))),
            None => Way::Marching(Box::default()),
        };
        Self { field: Field { simd, wake, turbines, type_of, flow, widening: 1.0, first: 0 }, way }
    }
}

impl<W: LaneWake> Slopes for Gradient<'_, W> {
    fn widen(&mut self, factor: f64) {
        self.field.widening = factor;
    }

    fn count_from(&mut self, first: usize) {
        self.field.first = first;
    }

    fn at(&mut self, layout: &Layout, slopes: &mut Vec<(f64, f64)>) -> f64 {
        let plant = Plant::new(layout, self.field.turbines, self.field.type_of);
        slopes.clear();
        slopes.resize(plant.len(), (0.0, 0.0));
        match &mut self.way {
            Way::Marching(way) => way.at(&self.field, &plant, slopes),
            Way::Foreknown(way) => way.at(&self.field, &plant, slopes),
        }
    }
}

/// How far each type's wakes are felt at any other: kept from layout to layout, because a layout of few turbines takes no longer.
#[derive(Debug, Default)]
struct Reaches {
    of_types: Vec<ReachLines>,
    /// For wakes so many times as wide as the model's, and turbines no further apart than this, m.
    widening: f64,
    extent_m: f64,
}

/// Layouts may grow by this factor before reaches are computed for larger ones.
const ROOM: f64 = 1.5;

impl Reaches {
    /// Sees to it that reaches are known as far as the turbines of this plant are apart. What is felt does not depend on how much further.
    fn cover<W: LaneWake>(&mut self, field: &Field<W>, plant: &Plant) {
        let extent_m = extent_m(&plant.positions());
        let is_known = !self.of_types.is_empty() && self.widening.to_bits() == field.widening.to_bits();
        if !is_known || extent_m > self.extent_m {
            let turbines: Vec<&Turbine> = field.turbines.iter().collect();
            (self.widening, self.extent_m) = (field.widening, ROOM * extent_m);
            self.of_types = ReachLines::of_types(&field.wake, &turbines, self.extent_m, self.widening);
        }
    }
}

/// A distance from an axis, m, that grows with the one crosswind, which is variable 1; heights differ by this.
#[inline(always)]
fn from_axis<V: Lanes, const N: usize>(crosswind_m: V, height_m: f64) -> Dual<V, N> {
    if height_m == 0.0 {
        return Dual::variable(crosswind_m, 1);
    }
    let distance_m = (crosswind_m * crosswind_m + V::splat(height_m * height_m)).sqrt();
    Dual::constant(distance_m).along(1, crosswind_m / distance_m)
}

/// How a complete sum changes with one of its parts.
#[inline(always)]
fn slope_of_sum<V: Lanes, W: LaneWake>(wake: &W, sum: V, part: V) -> V {
    if wake.adds_up() {
        wake.term(Dual::<V, 1>::variable(part, 0)).slopes[0]
    } else {
        // The largest part is the sum.
        V::select(sum.at_most(part), V::splat(1.0), V::splat(0.0))
    }
}

#[cfg(test)]
mod tests;
