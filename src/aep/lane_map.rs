//! The yield of one more turbine at every candidate, kept up to date while turbines are placed, all wind speeds at once, in lanes.
//!
//! The same walk as in [`crate::aep::incremental`], with the same numbers to the bit: in each wind direction downstream from the new turbine, and
//! on only behind turbines that cast another wake than before; parts are kept and added again in a fixed order, never taken away.

use crate::aep::EnergyMap;
use crate::aep::chains::Chains;
use crate::aep::frame::WindFrame;
use crate::aep::near::ReachLines;
use crate::aep::plant::rotor;
use crate::aep::reach::{Reach, extent_m};
use crate::aep::scan::{Positions, Seen};
use crate::aep::simd::Simd;
use crate::farm::{FlowCases, Turbine};
use crate::lanes::{EIGHT, blocks};
use crate::wake::{LaneWake, Rotor, SOURCE_NUMBERS};

mod batch;
mod placement;
mod total;

use batch::{Batch, Repeated};
use placement::Placement;
use total::Total;

/// The energy that one more turbine would yield at each candidate, in the wakes of those already placed, for wake models that work in lanes.
#[derive(Debug)]
pub struct LaneMap<'a, W> {
    simd: Simd,
    site: Site<'a, W>,
    buffers: &'a mut LaneBuffers,
}

/// The memory of a [`LaneMap`], to be used for one map after the other.
#[derive(Debug, Default)]
pub struct LaneBuffers {
    directions: Vec<DirectionState>,
    ground: Ground,
    scratch: Scratch,
    energy_gwh: Vec<f64>,
}

/// What stays the same while turbines are placed.
#[derive(Debug)]
struct Site<'a, W> {
    wake: W,
    turbine: &'a Turbine,
    rotor: Rotor,
    flow: &'a FlowCases,
    candidates_m: &'a [(f64, f64)],
    reach: ReachLines,
}

/// Where turbines are and may yet be.
#[derive(Debug, Default)]
struct Ground {
    /// Candidates that are still kept up to date.
    open: Positions,
    /// Placed turbines, by order of placement.
    placed: Positions,
    /// Their coordinates, m.
    placed_m: Vec<(f64, f64)>,
}

/// Everything about one wind direction.
#[derive(Debug)]
struct DirectionState {
    frame: WindFrame,
    /// Distance downwind of each placed turbine, seen from the first, m.
    downwind_m: Vec<f64>,
    /// Placed turbines (by order of placement) in the order in which the wind meets them, and the place of each in it.
    order: Vec<u32>,
    place_of: Vec<u32>,
    /// Each placed turbine as a source: each number at all speeds, in whole blocks.
    numbers: [Vec<f64>; SOURCE_NUMBERS],
    /// Parts of turbines at turbines: a chain for each target, in the order in which the wind meets its sources.
    pairs: Chains,
    /// Parts of turbines at candidates: a chain for each candidate, in the order of placement of its sources.
    reaching: Chains,
    /// The first link in `reaching` of each placed turbine; its links follow in the order of its candidates.
    first_link: Vec<usize>,
    /// Probability of each speed, repeated.
    probability: Repeated,
    /// Energy at each candidate in this direction: sum over speeds of power times probability, W.
    power_w: Vec<f64>,
}

/// Lists that one placement in one direction needs.
#[derive(Debug, Default)]
struct Scratch {
    /// Speeds of the direction, repeated, m/s.
    speed_m_s: Repeated,
    /// A turbine that nothing reaches, at these speeds: each number in whole blocks.
    free: [Vec<f64>; SOURCE_NUMBERS],
    /// A turbine at these speeds, likewise.
    operation: [Vec<f64>; SOURCE_NUMBERS],
    seen: Vec<Seen>,
    batch: Batch,
    sums: Vec<f64>,
    energy_w: Vec<f64>,
    /// Turbines that may differ, and those that do.
    dirty: Vec<bool>,
    changed: Vec<u32>,
    /// Candidates that anything changed at.
    is_touched: Vec<bool>,
    touched: Vec<u32>,
}

impl<'a, W: LaneWake> LaneMap<'a, W> {
    /// The map over `candidates_m` (x, y), m, for turbines of one type, with none placed.
    pub fn new(
        simd: Simd,
        wake: W,
        turbine: &'a Turbine,
        candidates_m: &'a [(f64, f64)],
        flow: &'a FlowCases,
        buffers: &'a mut LaneBuffers,
    ) -> Self {
        let (rotor, max_ct) = (rotor(turbine), turbine.ct.max());
        let extent_m = extent_m(&candidates_m.iter().copied());
        let reach = Reach::tabulate(extent_m, |downwind_m| wake.reach_m(rotor, max_ct, downwind_m, rotor));
        let site = Site { wake, turbine, rotor, flow, candidates_m, reach: ReachLines::above(&reach) };
        buffers.clear(&site);
        Self { simd, site, buffers }
    }
}

impl<W: LaneWake> EnergyMap for LaneMap<'_, W> {
    fn place(&mut self, candidate: usize) {
        let position = self.site.candidates_m[candidate];
        let ground = &mut self.buffers.ground;
        #[expect(clippy::cast_possible_truncation, reason = "turbines are far fewer than 2^32")]
        ground.placed.push(ground.placed_m.len() as u32, position);
        ground.placed_m.push(position);
        for (direction, state) in self.buffers.directions.iter_mut().enumerate() {
            let (site, ground, scratch) = (&self.site, &self.buffers.ground, &mut self.buffers.scratch);
            self.simd.run(Placement { site, ground, scratch, state, direction });
        }
    }

    fn close(&mut self, candidate: usize) {
        #[expect(clippy::cast_possible_truncation, reason = "candidates are far fewer than 2^32")]
        self.buffers.ground.open.remove(candidate as u32);
    }

    fn energy_gwh(&mut self) -> &[f64] {
        let LaneBuffers { directions, energy_gwh, .. } = &mut *self.buffers;
        self.simd.run(Total { directions, energy_gwh });
        &self.buffers.energy_gwh[..self.site.candidates_m.len()]
    }
}

impl LaneBuffers {
    /// As new, in the same memory.
    fn clear<W: LaneWake>(&mut self, site: &Site<W>) {
        let n = site.candidates_m.len();
        self.ground.open.clear();
        for (id, position) in (0_u32..).zip(site.candidates_m) {
            self.ground.open.push(id, *position);
        }
        self.ground.placed.clear();
        self.ground.placed_m.clear();
        self.energy_gwh.clear();
        self.energy_gwh.resize(blocks(n) * EIGHT, 0.0);
        self.scratch.dirty.clear();
        self.scratch.is_touched.clear();
        self.scratch.is_touched.resize(n, false);
        self.scratch.speed_m_s.set(&[]);
        let n_directions = site.flow.wind_direction_deg().len();
        self.directions.truncate(n_directions);
        self.directions.resize_with(n_directions, DirectionState::new);
        for (direction, state) in self.directions.iter_mut().enumerate() {
            state.clear(site, direction);
        }
    }
}

impl DirectionState {
    fn new() -> Self {
        Self {
            frame: WindFrame::new(0.0),
            downwind_m: Vec::new(),
            order: Vec::new(),
            place_of: Vec::new(),
            numbers: Default::default(),
            pairs: Chains::default(),
            reaching: Chains::default(),
            first_link: Vec::new(),
            probability: Repeated::default(),
            power_w: Vec::new(),
        }
    }

    fn clear<W: LaneWake>(&mut self, site: &Site<W>, direction: usize) {
        let cases = site.flow.cases_of(direction);
        let n = site.candidates_m.len();
        self.frame = WindFrame::new(site.flow.wind_direction_deg()[direction]);
        self.downwind_m.clear();
        self.order.clear();
        self.place_of.clear();
        for list in &mut self.numbers {
            list.clear();
        }
        self.pairs.clear(0, cases.len());
        self.reaching.clear(n, cases.len());
        self.first_link.clear();
        self.probability.set(&site.flow.probability()[cases.clone()]);
        let mut free_power_w = 0.0;
        for case in cases {
            free_power_w += site.turbine.power_w.at(site.flow.wind_speed_m_s()[case]) * site.flow.probability()[case];
        }
        self.power_w.clear();
        self.power_w.resize(blocks(n) * EIGHT, free_power_w);
    }

    /// Puts the turbine placed last into the wind's order: behind every turbine that the wind meets earlier or at the same time.
    fn take_in(&mut self, ground: &Ground) {
        #[expect(clippy::cast_possible_truncation, reason = "turbines are far fewer than 2^32")]
        let new = self.order.len() as u32;
        // Seen from the first turbine, as `full` sees them, so that turbines abreast come in the same order there and here.
        let (first, last) = (ground.placed_m[0], ground.placed_m[new as usize]);
        let downwind_m = self.frame.turn(last.0 - first.0, last.1 - first.1).0;
        self.downwind_m.push(downwind_m);
        let place = self.order.partition_point(|&turbine| self.downwind_m[turbine as usize] <= downwind_m);
        self.order.insert(place, new);
        self.place_of.push(0);
        for (place, &turbine) in (0_u32..).zip(&self.order).skip(place) {
            self.place_of[turbine as usize] = place;
        }
        self.pairs.grow();
    }
}

#[cfg(test)]
mod tests;
