//! The yield of one more turbine at every candidate, kept up to date while turbines are placed, many flow cases at once, in lanes.
//!
//! A source acts on a target in the directions of one window around the bearing between them; the flow cases of a window are neighbours, and
//! are computed together, eight and eight. A new turbine feels those already there, then acts on them; where one of them becomes another source than before,
//! so do those behind it, until nothing changes any more. Parts are kept, and added again in the order of placement where one of them
//! changed, never taken away: the map equals [`crate::aep::candidate_energy`] to the bit.
//!
//! Where the wake model has a sketch, candidates are kept in single precision (`outline`), and the energies of those asked for are computed
//! exactly (`exact`).

use crate::aep::EnergyMap;
use crate::aep::by_pairs::cases::{Cases, Winds};
use crate::aep::by_pairs::cast::Between;
use crate::aep::full::{effective_speed, energy_gwh};
use crate::aep::plant::rotor;
use crate::aep::reach::{Reach, extent_m};
use crate::aep::simd::{Kernel, Simd};
use crate::farm::{CurveSketch, FlowCases, Turbine};
use crate::lanes::{Block, EIGHT, Lanes, sum_of_eight};
use crate::wake::{LaneWake, Rotor, WakeSketch};

mod exact;
mod field;
mod fleet;
mod outline;
mod parts;
mod places;

use exact::Exact;
use field::Field;
use fleet::Fleet;
use outline::Outline;

/// The energy that one more turbine would yield at each candidate, in the wakes of those already placed, for wake models that work in lanes.
#[derive(Debug)]
pub struct LaneMap<'a, W> {
    simd: Simd,
    site: Site<'a, W>,
    /// How wakes at candidates are sketched, and their reach; none where candidates are kept exactly.
    sketch: Option<(WakeSketch, Reach)>,
    candidates_m: &'a [(f64, f64)],
    buffers: &'a mut LaneBuffers,
}

/// The memory of a [`LaneMap`], to be used for one map after the other.
#[derive(Debug, Default)]
pub struct LaneBuffers {
    cases: Cases,
    /// The placed turbines.
    fleet: Fleet,
    /// The candidates, exactly or in single precision.
    field: Field,
    outline: Outline,
    exact: Exact,
    between: Between,
}

/// What stays the same while turbines are placed.
#[derive(Debug)]
struct Site<'a, W> {
    wake: W,
    turbine: &'a Turbine,
    rotor: Rotor,
    /// How far a source reaches at another turbine, and at a candidate, which is a point.
    rotor_reach: Reach,
    point_reach: Reach,
}

impl<'a, W: LaneWake> LaneMap<'a, W> {
    /// The map over `candidates_m` (x, y), m, for turbines of one type, with none placed; sketched where that can be.
    pub fn new(
        simd: Simd,
        wake: W,
        turbine: &'a Turbine,
        candidates_m: &'a [(f64, f64)],
        flow: &FlowCases,
        buffers: &'a mut LaneBuffers,
    ) -> Self {
        let (rotor, max_ct) = (rotor(turbine), turbine.ct.max());
        let extent_m = extent_m(&candidates_m.iter().copied());
        let reach = |target| Reach::tabulate(extent_m, wake.reach(rotor, max_ct, target));
        let site = Site { wake, turbine, rotor, rotor_reach: reach(Some(rotor)), point_reach: reach(None) };
        buffers.cases.set(flow);
        buffers.fleet.clear();
        let map = Self { simd, site, sketch: None, candidates_m, buffers };
        let Some((wake, power_w)) = wake.sketch(rotor).zip(CurveSketch::of(&turbine.power_w)) else {
            return map.exactly();
        };
        let LaneBuffers { cases, outline, .. } = &mut *map.buffers;
        outline.clear(candidates_m, power_w, energy_gwh(&free_w(turbine, cases)), cases);
        let reach = Reach::tabulate(extent_m, wake.reach(max_ct));
        Self { sketch: Some((wake, reach)), ..map }
    }

    /// The same with nothing sketched: every energy is exact at any time. To be asked for before a turbine is placed.
    #[must_use]
    pub fn exactly(self) -> Self {
        let LaneBuffers { cases, field, .. } = &mut *self.buffers;
        field.clear(self.candidates_m, &free_w(self.site.turbine, cases));
        Self { sketch: None, ..self }
    }
}

impl<W: LaneWake> EnergyMap for LaneMap<'_, W> {
    fn place(&mut self, candidate: usize) {
        let Self { simd, site, sketch, candidates_m, buffers } = self;
        simd.run(Placement { site, sketch: sketch.as_ref(), buffers, position_m: candidates_m[candidate] });
        if sketch.is_some() {
            let undecided: Vec<usize> = buffers.outline.undecided().collect();
            for candidate in undecided {
                let energy_gwh = self.exact_energy_gwh(candidate);
                self.buffers.outline.decide(candidate, energy_gwh);
            }
        }
    }

    fn close(&mut self, candidate: usize) {
        let LaneBuffers { field, outline, .. } = &mut *self.buffers;
        let places = if self.sketch.is_some() { &mut outline.places } else { &mut field.places };
        places.close(candidate);
    }

    fn energy_gwh(&mut self) -> &[f64] {
        if self.sketch.is_some() { self.buffers.outline.energy_gwh() } else { self.buffers.field.energy_gwh() }
    }

    fn doubt_gwh(&self) -> f64 {
        if self.sketch.is_some() { self.buffers.outline.doubt_gwh() } else { 0.0 }
    }

    fn exact_energy_gwh(&mut self, candidate: usize) -> f64 {
        let Self { simd, site, sketch, candidates_m, buffers } = self;
        if sketch.is_none() {
            return buffers.field.energy_gwh()[candidate];
        }
        simd.run(Visit { site, buffers, position_m: candidates_m[candidate] })
    }
}

/// Power of a turbine in the free wind in every block, W.
fn free_w(turbine: &Turbine, cases: &Cases) -> Vec<f64> {
    let free_w = |winds: &Winds| {
        let power_w =
            |lane: usize| turbine.power_w.at(effective_speed(winds.speed_m_s.0[lane], 0.0)) * winds.probability.0[lane];
        sum_of_eight(std::array::from_fn::<f64, EIGHT, _>(power_w))
    };
    cases.winds.iter().map(free_w).collect()
}

/// Power at a candidate in eight flow cases, W, from the sums of what reaches it.
#[inline(always)]
fn power_w<V: Lanes, W: LaneWake>(site: &Site<W>, winds: &Winds, sum: &Block) -> f64 {
    let speed = effective_speed(V::load(&winds.speed_m_s.0), site.wake.deficit(V::load(&sum.0)));
    let power = site.turbine.power_w.at_lanes(speed) * V::load(&winds.probability.0);
    let mut of_cases = [0.0; EIGHT];
    power.store(&mut of_cases);
    sum_of_eight(of_cases)
}

/// A turbine is placed.
struct Placement<'p, 'a, W> {
    site: &'p Site<'a, W>,
    sketch: Option<&'p (WakeSketch, Reach)>,
    buffers: &'p mut LaneBuffers,
    position_m: (f64, f64),
}

impl<W: LaneWake> Kernel for Placement<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        let Self { site, sketch, buffers, position_m } = self;
        let LaneBuffers { cases, fleet, field, outline, between, .. } = buffers;
        fleet.place::<V, W>(site, cases, between, position_m);
        match sketch {
            Some((wake, reach)) => outline.feel(wake, cases, reach, fleet),
            None => field.feel::<V, W>(site, cases, between, fleet),
        }
    }
}

/// The exact energy at a place is asked for.
struct Visit<'p, 'a, W> {
    site: &'p Site<'a, W>,
    buffers: &'p mut LaneBuffers,
    position_m: (f64, f64),
}

impl<W: LaneWake> Kernel for Visit<'_, '_, W> {
    type Output = f64;

    #[inline(always)]
    fn run<V: Lanes>(self) -> f64 {
        let LaneBuffers { cases, fleet, exact, between, .. } = self.buffers;
        exact.energy_gwh::<V, W>(self.site, cases, between, fleet, self.position_m)
    }
}

#[cfg(test)]
mod tests;
