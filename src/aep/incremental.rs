//! The yield of one more turbine at every candidate, kept up to date while turbines are placed.
//!
//! Adding a turbine changes its own wakes and, through their operating points, the wakes of turbines downstream of it. Each wind direction
//! is walked downstream from the new turbine; where a turbine casts the same wake as before, nothing behind it changed. Sums are never
//! corrected by subtraction: the parts that reach a candidate are kept, and added again in the order of placement, so that the map equals
//! [`crate::aep::candidate_energy`] to the bit.

use std::ops::Range;

use crate::aep::frame::WindFrame;
use crate::aep::full::{self, effective_speed, in_blocks};
use crate::aep::plant::rotor;
use crate::aep::reach::{Reach, extent_m};
use crate::aep::{ABREAST_M, EnergyMap};
use crate::farm::{FlowCases, Turbine};
use crate::wake::{Inflow, Offset, Rotor, SingleWake};

/// The energy that one more turbine would yield at each candidate, in the wakes of those already placed.
#[derive(Debug)]
pub struct CandidateMap<'a, W: SingleWake> {
    wake: &'a W,
    turbine: &'a Turbine,
    rotor: Rotor,
    flow: &'a FlowCases,
    candidates_m: &'a [(f64, f64)],
    /// Crosswind distance that a source can reach, by distance downwind.
    reach: Reach,
    buffers: &'a mut MapBuffers<W>,
}

/// The memory of a [`CandidateMap`], to be used for one map after the other.
#[derive(Debug)]
pub struct MapBuffers<W: SingleWake> {
    directions: Vec<DirectionState<W>>,
    /// Candidates (by index) that turbines were placed at, in order of placement.
    placed: Vec<usize>,
    /// Which candidates are still kept up to date.
    open: Vec<bool>,
    energy_gwh: Vec<f64>,
    scratch: Scratch<W::Part>,
}

/// Everything about one wind direction.
#[derive(Debug)]
struct DirectionState<W: SingleWake> {
    frame: WindFrame,
    /// (downwind, crosswind) of every candidate seen from the first, m.
    turned_m: Vec<(f64, f64)>,
    /// Candidates by crosswind position.
    across: Vec<u32>,
    /// Placed turbines (by order of placement) in the order in which the wind meets them.
    order: Vec<usize>,
    /// Source of each placed turbine at each speed, turbine-major.
    sources: Vec<W::Source>,
    /// For each candidate, the placed turbines that reach it, in order of placement.
    reaching: Vec<Vec<Reaching>>,
    /// Parts, one chunk of (n speeds) for each `Reaching`.
    parts: Vec<W::Part>,
    /// Power times probability at each candidate at each speed, candidate-major, W.
    power_w: Vec<f64>,
}

/// A placed turbine that reaches a candidate.
#[derive(Debug, Clone, Copy)]
struct Reaching {
    turbine: u32,
    /// Chunk of the direction's parts.
    chunk: u32,
}

/// Lists that one placement needs.
#[derive(Debug)]
struct Scratch<P> {
    changed: Vec<usize>,
    touched: Vec<usize>,
    parts: Vec<P>,
    added: Vec<f64>,
    /// Sources upwind of a turbine, with where it lies from them.
    upwind: Vec<(usize, Offset)>,
}

impl<W: SingleWake> Default for MapBuffers<W> {
    fn default() -> Self {
        let scratch = Scratch {
            changed: Vec::new(),
            touched: Vec::new(),
            parts: Vec::new(),
            added: Vec::new(),
            upwind: Vec::new(),
        };
        Self { directions: Vec::new(), placed: Vec::new(), open: Vec::new(), energy_gwh: Vec::new(), scratch }
    }
}

impl<W: SingleWake> EnergyMap for CandidateMap<'_, W> {
    fn place(&mut self, candidate: usize) {
        self.buffers.placed.push(candidate);
        for direction in 0..self.buffers.directions.len() {
            self.place_in_direction(direction);
        }
    }

    fn close(&mut self, candidate: usize) {
        self.buffers.open[candidate] = false;
    }

    fn energy_gwh(&mut self) -> &[f64] {
        let (flow, MapBuffers { directions, energy_gwh, .. }) = (self.flow, &mut *self.buffers);
        energy_gwh.clear();
        energy_gwh.extend((0..self.candidates_m.len()).map(|candidate| {
            let mut power_w = Vec::with_capacity(flow.len());
            for (direction, state) in directions.iter().enumerate() {
                let n_speeds = flow.cases_of(direction).len();
                power_w.extend(&state.power_w[candidate * n_speeds..(candidate + 1) * n_speeds]);
            }
            full::energy_gwh(&in_blocks(&power_w))
        }));
        energy_gwh
    }
}

impl<'a, W: SingleWake> CandidateMap<'a, W> {
    /// The map over `candidates_m` (x, y), m, for turbines of one type, with none placed.
    pub fn new(
        wake: &'a W,
        turbine: &'a Turbine,
        candidates_m: &'a [(f64, f64)],
        flow: &'a FlowCases,
        buffers: &'a mut MapBuffers<W>,
    ) -> Self {
        buffers.placed.clear();
        buffers.open.clear();
        buffers.open.resize(candidates_m.len(), true);
        buffers.directions.truncate(flow.wind_direction_deg().len());
        for (direction, &degrees) in flow.wind_direction_deg().iter().enumerate() {
            let free_w = |case: usize| {
                turbine.power_w.at(effective_speed(flow.wind_speed_m_s()[case], 0.0)) * flow.probability()[case]
            };
            let free_power_w: Vec<f64> = flow.cases_of(direction).map(free_w).collect();
            let frame = WindFrame::new(degrees);
            match buffers.directions.get_mut(direction) {
                Some(state) => state.reset(frame, candidates_m, &free_power_w),
                None => buffers.directions.push(DirectionState::new(frame, candidates_m, &free_power_w)),
            }
        }
        let extent_m = extent_m(&candidates_m.iter().copied());
        let reach = Reach::new(wake, turbine, turbine, extent_m, flow.turbulence_intensity());
        Self { wake, turbine, rotor: rotor(turbine), flow, candidates_m, reach, buffers }
    }

    fn place_in_direction(&mut self, direction: usize) {
        let n_speeds = self.flow.cases_of(direction).len();
        let new = self.buffers.placed.len() - 1;
        let state = &mut self.buffers.directions[direction];
        // Seen from the first turbine, as `full` sees them, so that turbines abreast come in the same order there and here.
        let position = |turbine: usize| self.candidates_m[self.buffers.placed[turbine]];
        let downwind_m = |turbine: usize| state.frame.offset(position(0), position(turbine), 0.0).downwind_m;
        // Behind every turbine that the wind meets earlier or at the same time: equals keep the order of placement.
        let place = state.order.partition_point(|&turbine| downwind_m(turbine) <= downwind_m(new));
        state.order.insert(place, new);
        state.sources.resize((new + 1) * n_speeds, W::Source::default());

        let mut changed = std::mem::take(&mut self.buffers.scratch.changed);
        changed.clear();
        for downstream in place..=new {
            let target = self.buffers.directions[direction].order[downstream];
            let acts = |&source: &usize| self.acts_on(direction, source, self.buffers.placed[target]);
            if target == new || changed.iter().any(acts) {
                let differs = self.update_turbine(direction, downstream);
                if differs || target == new {
                    changed.push(target);
                }
            }
        }
        let mut touched = std::mem::take(&mut self.buffers.scratch.touched);
        touched.clear();
        for &source in &changed {
            self.update_parts(direction, source, &mut touched);
        }
        touched.sort_unstable();
        touched.dedup();
        for &candidate in &touched {
            self.update_power(direction, candidate);
        }
        self.buffers.scratch.changed = changed;
        self.buffers.scratch.touched = touched;
    }

    /// Whether placed turbine `source` may act on candidate `target`, by the coarse bound of its reach.
    #[inline]
    fn acts_on(&self, direction: usize, source: usize, target: usize) -> bool {
        let turned = &self.buffers.directions[direction].turned_m;
        let (from, to) = (turned[self.buffers.placed[source]], turned[target]);
        let (downwind_m, crosswind_m) = (to.0 - from.0, to.1 - from.1);
        // Far more than the rounding of turned positions, so that nothing that counts is missed; `offset` decides.
        downwind_m > 2e4 * ABREAST_M && crosswind_m.abs() <= self.reach.at_least_m(downwind_m)
    }

    /// Which of the candidates, counted across the wind, placed turbine `turbine` may reach at all.
    fn within_reach(&self, direction: usize, turbine: usize) -> Range<usize> {
        let state = &self.buffers.directions[direction];
        let (crosswind_m, most_m) = (state.turned_m[self.buffers.placed[turbine]].1, self.reach.most_m());
        let position = |c: &u32| state.turned_m[*c as usize].1;
        let first = state.across.partition_point(|c| position(c) < crosswind_m - most_m);
        let end = state.across.partition_point(|c| position(c) <= crosswind_m + most_m);
        first..end
    }

    /// Where candidate `target` lies from placed turbine `source`, if that acts on it.
    #[inline]
    fn offset(&self, direction: usize, source: usize, target: usize) -> Option<Offset> {
        let (from, to) = (self.candidates_m[self.buffers.placed[source]], self.candidates_m[target]);
        let offset = self.buffers.directions[direction].frame.offset(from, to, 0.0);
        (offset.downwind_m > ABREAST_M).then_some(offset)
    }

    /// The source that the turbine at `place` in the wind's order is now. Returns whether it differs from before at any speed.
    fn update_turbine(&mut self, direction: usize, place: usize) -> bool {
        let cases = self.flow.cases_of(direction);
        let n_speeds = cases.len();
        let target = self.buffers.directions[direction].order[place];
        let (mut parts, mut added) =
            (std::mem::take(&mut self.buffers.scratch.parts), std::mem::take(&mut self.buffers.scratch.added));
        let mut upwind = std::mem::take(&mut self.buffers.scratch.upwind);
        upwind.clear();
        for &source in &self.buffers.directions[direction].order[..place] {
            if self.acts_on(direction, source, self.buffers.placed[target]) {
                let offset = self.offset(direction, source, self.buffers.placed[target]);
                upwind.extend(offset.map(|offset| (source, offset)));
            }
        }
        upwind.sort_unstable_by_key(|(source, _)| *source);
        let mut differs = false;
        for (speed, case) in cases.enumerate() {
            parts.clear();
            added.clear();
            let state = &self.buffers.directions[direction];
            for &(source, offset) in &upwind {
                let source = &state.sources[source * n_speeds + speed];
                parts.push(self.wake.part_at_rotor(source, offset, self.rotor));
                if self.wake.adds_turbulence() {
                    added.push(self.wake.added_turbulence(source, offset, self.rotor));
                }
            }
            let source = self.source(case, self.wake.deficit(&parts), &added);
            let known = &mut self.buffers.directions[direction].sources[target * n_speeds + speed];
            differs |= *known != source;
            *known = source;
        }
        self.buffers.scratch.parts = parts;
        self.buffers.scratch.added = added;
        self.buffers.scratch.upwind = upwind;
        differs
    }

    /// The source that a turbine is in flow case `case` at this deficit.
    fn source(&self, case: usize, deficit: f64, added: &[f64]) -> W::Source {
        let (free_speed_m_s, ambient_turbulence) = (self.flow.wind_speed_m_s()[case], self.flow.turbulence_intensity());
        let effective_m_s = effective_speed(free_speed_m_s, deficit);
        let inflow = Inflow {
            ct: self.turbine.ct.at(self.wake.thrust_speed_m_s(free_speed_m_s, effective_m_s)),
            speed_share: effective_m_s / free_speed_m_s,
            ambient_turbulence,
            turbulence: self.wake.turbulence(ambient_turbulence, added),
            free_speed_m_s,
        };
        self.wake.source(self.rotor, inflow)
    }

    /// Parts of placed turbine `turbine` at every open candidate it reaches; their indices are added to `touched`.
    fn update_parts(&mut self, direction: usize, turbine: usize, touched: &mut Vec<usize>) {
        let n_speeds = self.flow.cases_of(direction).len();
        for k in self.within_reach(direction, turbine) {
            let candidate = self.buffers.directions[direction].across[k] as usize;
            if !self.buffers.open[candidate] || !self.acts_on(direction, turbine, candidate) {
                continue;
            }
            let Some(offset) = self.offset(direction, turbine, candidate) else { continue };
            let state = &mut self.buffers.directions[direction];
            let first = turbine * n_speeds;
            let known = state.chunk_of(turbine, candidate);
            let mut new_parts = std::mem::take(&mut self.buffers.scratch.parts);
            new_parts.clear();
            new_parts.extend((first..first + n_speeds).map(|k| self.wake.part_at_point(&state.sources[k], offset)));
            if known.is_some() || !new_parts.iter().all(W::is_negligible) {
                let chunk = known.unwrap_or_else(|| state.new_chunk(turbine, candidate, n_speeds)) * n_speeds;
                state.parts[chunk..chunk + n_speeds].copy_from_slice(&new_parts);
                touched.push(candidate);
            }
            self.buffers.scratch.parts = new_parts;
        }
    }

    /// Power at a candidate from the parts that reach it, added in the order of placement.
    fn update_power(&mut self, direction: usize, candidate: usize) {
        let cases = self.flow.cases_of(direction);
        let n_speeds = cases.len();
        let state = &mut self.buffers.directions[direction];
        let parts = &mut self.buffers.scratch.parts;
        for (speed, case) in cases.enumerate() {
            parts.clear();
            parts.extend(state.reaching[candidate].iter().map(|r| state.parts[r.chunk as usize * n_speeds + speed]));
            let speed_m_s = effective_speed(self.flow.wind_speed_m_s()[case], self.wake.deficit(parts));
            let power_w = self.turbine.power_w.at(speed_m_s) * self.flow.probability()[case];
            state.power_w[candidate * n_speeds + speed] = power_w;
        }
    }
}

impl<W: SingleWake> DirectionState<W> {
    fn new(frame: WindFrame, candidates_m: &[(f64, f64)], free_power_w: &[f64]) -> Self {
        let mut state = Self {
            frame,
            turned_m: Vec::new(),
            across: Vec::new(),
            order: Vec::new(),
            sources: Vec::new(),
            reaching: Vec::new(),
            parts: Vec::new(),
            power_w: Vec::new(),
        };
        state.reset(frame, candidates_m, free_power_w);
        state
    }

    /// As new, in the same memory.
    fn reset(&mut self, frame: WindFrame, candidates_m: &[(f64, f64)], free_power_w: &[f64]) {
        let origin = candidates_m.first().copied().unwrap_or((0.0, 0.0));
        self.frame = frame;
        self.turned_m.clear();
        self.turned_m.extend(candidates_m.iter().map(|c| frame.turn(c.0 - origin.0, c.1 - origin.1)));
        self.across.clear();
        #[expect(clippy::cast_possible_truncation, reason = "candidates are far fewer than 2^32")]
        self.across.extend(0..candidates_m.len() as u32);
        let turned_m = &self.turned_m;
        self.across
            .sort_unstable_by(|&a, &b| turned_m[a as usize].1.total_cmp(&turned_m[b as usize].1).then(a.cmp(&b)));
        self.order.clear();
        self.sources.clear();
        for list in &mut self.reaching {
            list.clear();
        }
        self.reaching.resize_with(candidates_m.len(), Vec::new);
        self.parts.clear();
        self.power_w.clear();
        self.power_w.extend(free_power_w.repeat(candidates_m.len()));
    }

    /// Which chunk holds the parts of `turbine` at `candidate`.
    fn chunk_of(&self, turbine: usize, candidate: usize) -> Option<usize> {
        let known = self.reaching[candidate].iter().find(|entry| entry.turbine as usize == turbine);
        known.map(|entry| entry.chunk as usize)
    }

    /// A new chunk, in its place in the order of placement.
    fn new_chunk(&mut self, turbine: usize, candidate: usize, n_speeds: usize) -> usize {
        let chunk = self.parts.len() / n_speeds;
        self.parts.resize(self.parts.len() + n_speeds, W::Part::default());
        let list = &mut self.reaching[candidate];
        let place = list.partition_point(|entry| (entry.turbine as usize) < turbine);
        #[expect(clippy::cast_possible_truncation, reason = "turbines and chunks are far fewer than 2^32")]
        list.insert(place, Reaching { turbine: turbine as u32, chunk: chunk as u32 });
        chunk
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::{Plant, candidate_energy};
    use crate::farm::{GenericTurbine, Layout};
    use crate::wake::{BuiltWake, Nygaard2022, WakeModel};

    fn check<W: SingleWake>(wake: &W, buffers: &mut MapBuffers<W>, grid: u32) {
        let turbine = GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap();
        let turbines = std::slice::from_ref(&turbine);
        let place = |k: u32| (700_000.0 + 650.0 * f64::from(k % grid), 6_200_000.0 + 701.5 * f64::from(k / grid));
        let candidates: Vec<(f64, f64)> = (0..grid * grid).map(place).collect();
        let directions = (0..36).map(|d| 10.0 * f64::from(d)).collect();
        let probability = (0..108).map(|k| f64::from(k % 7 + 1) * 1e-3).collect();
        let flow = FlowCases::grid(directions, &[6.0, 9.0, 12.0], probability, 0.1);
        let mut map = CandidateMap::new(wake, &turbine, &candidates, &flow, buffers);
        let mut layout = Layout::default();
        for (placed, candidate) in [24, 3, 35, 0, 30, 10, 31, 28, 6, 12, 17, 22].into_iter().enumerate() {
            let types = vec![0; placed];
            let plant = Plant::new(&layout, turbines, &types);
            let expected = candidate_energy(wake, &plant, &turbine, &candidates, &flow);
            let got = map.energy_gwh();
            for k in 0..candidates.len() {
                let (got, expected) = (got[k], expected[k]);
                assert_eq!(got.to_bits(), expected.to_bits(), "candidate {k} after {placed}: {got} {expected}");
            }
            map.place(candidate);
            layout.push(candidates[candidate].0, candidates[candidate].1);
        }
    }

    #[test]
    fn equals_the_definition_to_the_bit_after_every_placement() {
        let wake = Nygaard2022::new([195.0]);
        let mut buffers = MapBuffers::default();
        check(&wake, &mut buffers, 7);
        // Buffers of a larger map serve a smaller one, and back.
        check(&wake, &mut buffers, 6);
        check(&wake, &mut buffers, 7);
    }

    #[test]
    fn equals_the_definition_for_every_model_that_takes_flow_cases_for_themselves() {
        for model in WakeModel::ALL {
            // Momentum-conserving superposition couples flow cases in an evaluation, but not in a search.
            if let BuiltWake::Composed(wake) = model.spec().build([195.0]) {
                check(&wake, &mut MapBuffers::default(), 6);
            }
        }
    }
}
