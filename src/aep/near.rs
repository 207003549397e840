//! Turbines side by side across the wind, so that the few that a wake may reach are found without looking at all.

use crate::aep::reach::Reach;
use crate::lanes::{EIGHT, Lanes};

/// Positions in one wind direction, sorted across the wind.
#[derive(Debug, Default)]
pub(super) struct Across {
    /// Positions by increasing crosswind coordinate; kept from direction to direction, in which it changes little.
    order: Vec<u32>,
    /// Downwind and crosswind coordinates in that order, m, with eight more that nothing reaches.
    downwind_m: Vec<f64>,
    crosswind_m: Vec<f64>,
}

/// Two straight lines, each above a [`Reach`] everywhere: the reach is at most the lower of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReachLines {
    /// Intercept, m, and slope.
    steep: [f64; 2],
    flat: [f64; 2],
    most_m: f64,
}

/// Far more than turned positions are off by rounding, m: what lies this near to a line is looked at more closely.
const MARGIN_M: f64 = 1e-3;

impl Across {
    /// Sorts positions given by their downwind and crosswind coordinates, m.
    pub(super) fn sort(&mut self, turned_m: &[(f64, f64)]) {
        if self.order.len() != turned_m.len() {
            self.order.clear();
            #[expect(clippy::cast_possible_truncation, reason = "positions are far fewer than 2^32")]
            self.order.extend(0..turned_m.len() as u32);
        }
        let order = &mut self.order;
        insertion_sort(order, |a, b| turned_m[a as usize].1.total_cmp(&turned_m[b as usize].1).then(a.cmp(&b)));
        self.downwind_m.clear();
        self.downwind_m.extend(order.iter().map(|&i| turned_m[i as usize].0));
        self.downwind_m.extend([f64::NEG_INFINITY; EIGHT]);
        self.crosswind_m.clear();
        self.crosswind_m.extend(order.iter().map(|&i| turned_m[i as usize].1));
        self.crosswind_m.extend([f64::INFINITY; EIGHT]);
    }

    /// Lists every position that a source at these coordinates, m, may reach, and few that it does not.
    #[inline(always)]
    pub(super) fn near<V: Lanes>(&self, source_m: (f64, f64), reach: &ReachLines, list: &mut Vec<u32>) {
        list.clear();
        let (least, most) = (source_m.1 - reach.most_m - MARGIN_M, source_m.1 + reach.most_m + MARGIN_M);
        let mut first = self.crosswind_m.partition_point(|&c| c < least);
        let (down, cross) = (V::splat(source_m.0), V::splat(source_m.1));
        while first < self.order.len() && self.crosswind_m[first] <= most {
            let behind = V::load(&self.downwind_m[first..]) - down;
            let beside = (V::load(&self.crosswind_m[first..]) - cross).abs();
            let mut near = V::bits(V::splat(-MARGIN_M).less(behind) & beside.at_most(reach.lanes(behind)));
            while near != 0 {
                list.push(self.order[first + near.trailing_zeros() as usize]);
                near &= near - 1;
            }
            first += V::WIDTH;
        }
    }
}

impl ReachLines {
    /// Lines above this reach.
    pub(super) fn above(reach: &Reach) -> Self {
        let points: Vec<(f64, f64)> = reach.steps().collect();
        let most_m = reach.most_m();
        if !most_m.is_finite() {
            return Self { steep: [f64::INFINITY, 0.0], flat: [f64::INFINITY, 0.0], most_m };
        }
        let line = |slope: f64| {
            let intercept = points.iter().map(|(x, r)| r - slope * x).fold(f64::NEG_INFINITY, f64::max);
            [intercept + MARGIN_M, slope]
        };
        // Through an early step and through a later one, as steep as the curve is there.
        let slope_at = |k: usize| (points[k + 1].1 - points[k].1) / (points[k + 1].0 - points[k].0);
        let steps = points.len() - 1;
        Self { steep: line(slope_at(steps / 32)), flat: line(slope_at(steps / 3)), most_m }
    }

    #[inline(always)]
    pub(super) fn lanes<V: Lanes>(&self, downwind_m: V) -> V {
        let steep = V::splat(self.steep[0]) + V::splat(self.steep[1]) * downwind_m;
        let flat = V::splat(self.flat[0]) + V::splat(self.flat[1]) * downwind_m;
        steep.min(flat)
    }
}

/// Sorts what is nearly sorted.
pub(super) fn insertion_sort(order: &mut [u32], compare: impl Fn(u32, u32) -> std::cmp::Ordering) {
    for end in 1..order.len() {
        let item = order[end];
        let mut place = end;
        while place > 0 && compare(order[place - 1], item).is_gt() {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = item;
    }
}
