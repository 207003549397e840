//! The candidates: what one more turbine would yield at each.

use std::ops::Range;

use crate::aep::HOURS_PER_YEAR;
use crate::aep::full::effective_speed;
use crate::aep::lane_map::Site;
use crate::aep::lane_map::cases::Cases;
use crate::aep::lane_map::cast::{Ray, cast};
use crate::aep::lane_map::fleet::Fleet;
use crate::aep::lane_map::marks::Marks;
use crate::aep::lane_map::parts::Parts;
use crate::farm::Turbine;
use crate::lanes::{EIGHT, Lanes, Step, step_through, sum_in_eights};
use crate::wake::LaneWake;

/// Candidates by index.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// Coordinates (x, y), m.
    positions_m: Vec<(f64, f64)>,
    /// Candidates that are still kept up to date, in their order, and whether each is.
    open: Vec<usize>,
    is_open: Vec<bool>,
    /// Sum of what reaches each candidate in every case.
    sums: Vec<f64>,
    parts: Parts,
    /// Directions in which anything changed at each candidate, and those in which its parts are to be added up anew.
    touched: Vec<Marks>,
    stale: Vec<Marks>,
    /// Power of each candidate in every direction: sum over speeds of power times probability, W.
    power_w: Vec<f64>,
    energy_gwh: Vec<f64>,
    scratch: Vec<f64>,
}

impl Field {
    /// These candidates, in the free wind.
    pub(super) fn clear(&mut self, positions_m: &[(f64, f64)], turbine: &Turbine, cases: &Cases) {
        let n = positions_m.len();
        self.positions_m.clear();
        self.positions_m.extend(positions_m);
        self.open.clear();
        self.open.extend(0..n);
        self.is_open.clear();
        self.is_open.resize(n, true);
        self.sums.clear();
        self.sums.resize(n * cases.room(), 0.0);
        self.parts.clear();
        for marks in [&mut self.touched, &mut self.stale] {
            marks.resize_with(n, Marks::default);
            for marks in marks.iter_mut() {
                marks.clear(cases.n_directions());
            }
        }
        self.power_w.clear();
        let free_w = |direction: usize| {
            let mut power_w = 0.0;
            for case in cases.of(&(direction..direction + 1)) {
                power_w += turbine.power_w.at(effective_speed(cases.speed_m_s[case], 0.0)) * cases.probability[case];
            }
            power_w
        };
        self.power_w.extend((0..cases.n_directions()).map(free_w));
        let free_gwh = energy_gwh(&self.power_w);
        for _ in 1..n {
            self.power_w.extend_from_within(..cases.n_directions());
        }
        self.energy_gwh.clear();
        self.energy_gwh.resize(n, free_gwh);
    }

    /// Keeps a candidate up to date no longer.
    pub(super) fn close(&mut self, candidate: usize) {
        self.is_open[candidate] = false;
        self.open.retain(|&known| known != candidate);
    }

    /// Energy at each candidate, GWh.
    pub(super) fn energy_gwh(&self) -> &[f64] {
        &self.energy_gwh
    }

    /// Takes in the turbine placed last, and what it changed at the others.
    #[inline(always)]
    pub(super) fn feel<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, fleet: &Fleet) {
        let new = fleet.len() - 1;
        self.parts.make_room(self.positions_m.len(), new + 1);
        for k in 0..self.open.len() {
            self.feel_new::<V, W>(site, cases, fleet, self.open[k]);
        }
        for turbine in 0..new {
            if !fleet.changed[turbine].is_empty() {
                self.feel_changed::<V, W>(site, cases, fleet, turbine);
            }
        }
        for k in 0..self.open.len() {
            self.update::<V, W>(site, cases, self.open[k]);
        }
    }

    #[inline(always)]
    fn feel_new<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, fleet: &Fleet, candidate: usize) {
        let new = fleet.len() - 1;
        let to_m = self.displacement_m(fleet, new, candidate);
        for directions in cases.window(to_m.0, to_m.1, &site.reach) {
            if directions.is_empty() {
                continue;
            }
            let range = cases.of(&directions);
            let parts = self.parts.append(new, candidate, directions.clone(), range.clone());
            let sums = &mut self.sums[candidate * cases.room() + range.start..];
            let ray = Ray { source: new, to_m, radius_m: None };
            cast::<V, W>(site, cases, &fleet.numbers, ray, &range, parts, Some(sums));
            self.touched[candidate].mark(&directions);
        }
    }

    #[inline(always)]
    fn feel_changed<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, fleet: &Fleet, turbine: usize) {
        let changed = &fleet.changed[turbine];
        for k in 0..self.parts.sights(turbine).len() {
            let sight = self.parts.sights(turbine)[k];
            let candidate = sight.target as usize;
            if !changed.may_meet(&sight.directions()) || !self.is_open[candidate] {
                continue;
            }
            let to_m = self.displacement_m(fleet, turbine, candidate);
            let mut from = sight.directions().start;
            while let Some(run) = changed.run_from(from) {
                let directions = sight.meet(&run);
                if directions.is_empty() {
                    break;
                }
                let range = cases.of(&directions);
                let parts = self.parts.starting_at(sight, range.start);
                let ray = Ray { source: turbine, to_m, radius_m: None };
                cast::<V, W>(site, cases, &fleet.numbers, ray, &range, parts, None);
                self.stale[candidate].mark(&directions);
                from = run.end;
            }
        }
    }

    fn displacement_m(&self, fleet: &Fleet, turbine: usize, candidate: usize) -> (f64, f64) {
        let (from, to) = (fleet.positions_m[turbine], self.positions_m[candidate]);
        (to.0 - from.0, to.1 - from.1)
    }

    /// Sums, powers and energy of a candidate where anything changed.
    #[inline(always)]
    fn update<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, candidate: usize) {
        let first = candidate * cases.room();
        while let Some(directions) = self.stale[candidate].take_run() {
            let range = cases.of(&directions);
            self.parts.add_up::<V, W>(&site.wake, candidate, &range, &mut self.scratch);
            self.sums[first + range.start..first + range.end].copy_from_slice(&self.scratch[..range.len()]);
            self.touched[candidate].mark(&directions);
        }
        if self.touched[candidate].is_empty() {
            return;
        }
        let n = cases.n_directions();
        let power_w = &mut self.power_w[candidate * n..(candidate + 1) * n];
        while let Some(directions) = self.touched[candidate].take_run() {
            let range = cases.of(&directions);
            self.scratch.resize(self.scratch.len().max(range.len() + EIGHT), 0.0);
            let sums = &self.sums[first + range.start..];
            let powers = &mut Powers { site, cases, range: &range, sums, power_w: &mut self.scratch };
            step_through::<V>(range.len().next_multiple_of(EIGHT), powers);
            for direction in directions {
                let own = cases.of(&(direction..direction + 1));
                let mut sum = 0.0;
                for power_w in &self.scratch[own.start - range.start..own.end - range.start] {
                    sum += power_w;
                }
                power_w[direction] = sum;
            }
        }
        self.energy_gwh[candidate] = energy_gwh(power_w);
    }
}

/// Energy of a year, GWh, from the power in every direction, W.
fn energy_gwh(power_w: &[f64]) -> f64 {
    sum_in_eights(power_w) * (HOURS_PER_YEAR * 1e-9)
}

/// Power times probability in neighbouring cases, W.
struct Powers<'a, W> {
    site: &'a Site<'a, W>,
    cases: &'a Cases,
    range: &'a Range<usize>,
    sums: &'a [f64],
    power_w: &'a mut [f64],
}

impl<W: LaneWake> Step for Powers<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let case = self.range.start + first;
        let free = V::load(&self.cases.speed_m_s[case..]);
        let speed = effective_speed(free, self.site.wake.deficit(V::load(&self.sums[first..])));
        let power = self.site.turbine.power_w.at_lanes(speed) * V::load(&self.cases.probability[case..]);
        power.store(&mut self.power_w[first..]);
    }
}
