//! The yield of one more turbine at every candidate, kept up to date while turbines are placed, many flow cases at once, in lanes.
//!
//! A source acts on a target in the directions of one window around the bearing between them; the flow cases of a window are neighbours, and
//! are computed together, eight and eight. A new turbine feels those already there, then acts on them; where one of them becomes another source than before,
//! so do those behind it, until nothing changes any more. Parts are kept, and added again in the order of placement where one of them
//! changed, never taken away: the map equals [`crate::aep::candidate_energy`] to the bit.

use crate::aep::EnergyMap;
use crate::aep::by_pairs::cases::Cases;
use crate::aep::by_pairs::cast::Between;
use crate::aep::plant::rotor;
use crate::aep::reach::{Reach, extent_m};
use crate::aep::simd::{Kernel, Simd};
use crate::farm::{FlowCases, Turbine};
use crate::lanes::Lanes;
use crate::wake::{LaneWake, Rotor};

mod field;
mod fleet;
mod parts;

use field::Field;
use fleet::Fleet;

/// The energy that one more turbine would yield at each candidate, in the wakes of those already placed, for wake models that work in lanes.
#[derive(Debug)]
pub struct LaneMap<'a, W> {
    simd: Simd,
    site: Site<'a, W>,
    candidates_m: &'a [(f64, f64)],
    buffers: &'a mut LaneBuffers,
}

/// The memory of a [`LaneMap`], to be used for one map after the other.
#[derive(Debug, Default)]
pub struct LaneBuffers {
    cases: Cases,
    /// The placed turbines.
    fleet: Fleet,
    /// The candidates.
    field: Field,
    between: Between,
}

/// What stays the same while turbines are placed.
#[derive(Debug)]
struct Site<'a, W> {
    wake: W,
    turbine: &'a Turbine,
    rotor: Rotor,
    reach: Reach,
}

impl<'a, W: LaneWake> LaneMap<'a, W> {
    /// The map over `candidates_m` (x, y), m, for turbines of one type, with none placed.
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
        let reach = Reach::tabulate(extent_m, |downwind_m| wake.reach_m(rotor, max_ct, downwind_m, rotor));
        let site = Site { wake, turbine, rotor, reach };
        buffers.cases.set(flow);
        buffers.fleet.clear();
        buffers.field.clear(candidates_m, turbine, &buffers.cases);
        Self { simd, site, candidates_m, buffers }
    }
}

impl<W: LaneWake> EnergyMap for LaneMap<'_, W> {
    fn place(&mut self, candidate: usize) {
        let Self { simd, site, candidates_m, buffers } = self;
        simd.run(Placement { site, buffers, position_m: candidates_m[candidate] });
    }

    fn close(&mut self, candidate: usize) {
        self.buffers.field.close(candidate);
    }

    fn energy_gwh(&mut self) -> &[f64] {
        self.buffers.field.energy_gwh()
    }
}

/// A turbine is placed.
struct Placement<'p, 'a, W> {
    site: &'p Site<'a, W>,
    buffers: &'p mut LaneBuffers,
    position_m: (f64, f64),
}

impl<W: LaneWake> Kernel for Placement<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        let Self { site, buffers, position_m } = self;
        let LaneBuffers { cases, fleet, field, between } = buffers;
        fleet.place::<V, W>(site, cases, between, position_m);
        field.feel::<V, W>(site, cases, between, fleet);
    }
}

#[cfg(test)]
mod tests;
