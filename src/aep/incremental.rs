//! The yield of one more turbine at every candidate, kept up to date while turbines are placed.
//!
//! Adding a turbine changes its own wakes and, through their thrust, the wakes of turbines downstream of it. Each wind direction is walked
//! downstream from the new turbine; where a turbine's thrust did not change, nothing behind it did. Sums are never corrected by
//! subtraction: the squared deficits that reach a candidate are kept, and summed again in the order of placement, so that the map equals
//! [`crate::aep::candidate_energy`] to the bit.

use crate::aep::frame::WindFrame;
use crate::aep::full::effective_speed;
use crate::aep::plant::rotor;
use crate::aep::{ABREAST_M, HOURS_PER_YEAR};
use crate::farm::{FlowCases, Turbine};
use crate::wake::{Offset, Rotor, SingleWake};

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
    directions: Vec<DirectionState<W::Source>>,
    /// Candidates (by index) that turbines were placed at, in order of placement.
    placed: Vec<usize>,
    /// Which candidates are still kept up to date.
    open: Vec<bool>,
}

/// Everything about one wind direction.
#[derive(Debug)]
struct DirectionState<S> {
    frame: WindFrame,
    /// (downwind, crosswind) of every candidate seen from the first, m.
    turned_m: Vec<(f64, f64)>,
    /// Placed turbines (by order of placement) in the order in which the wind meets them.
    order: Vec<usize>,
    /// Source of each placed turbine at each speed, turbine-major.
    sources: Vec<S>,
    /// Thrust of each placed turbine at each speed, turbine-major.
    ct: Vec<f64>,
    /// For each candidate, the placed turbines that reach it, in order of placement.
    reaching: Vec<Vec<Reaching>>,
    /// Squared deficits, one chunk of (n speeds) for each `Reaching`.
    deficits_squared: Vec<f64>,
    /// Energy at each candidate in this direction: sum over speeds of power times probability, W.
    power_w: Vec<f64>,
}

/// A placed turbine that reaches a candidate.
#[derive(Debug, Clone, Copy)]
struct Reaching {
    turbine: u32,
    /// Chunk of `deficits_squared`.
    chunk: u32,
}

impl<'a, W: SingleWake> CandidateMap<'a, W> {
    /// The map over `candidates_m` (x, y), m, for turbines of one type, with none placed.
    pub fn new(wake: &'a W, turbine: &'a Turbine, candidates_m: &'a [(f64, f64)], flow: &'a FlowCases) -> Self {
        let rotor = rotor(turbine);
        let origin = candidates_m.first().copied().unwrap_or((0.0, 0.0));
        let directions = flow.wind_direction_deg().iter().enumerate().map(|(direction, &degrees)| {
            let frame = WindFrame::new(degrees);
            let mut free_power_w = 0.0;
            for case in flow.cases_of(direction) {
                let power_w = turbine.power_w.at(effective_speed(flow.wind_speed_m_s()[case], 0.0));
                free_power_w += power_w * flow.probability()[case];
            }
            DirectionState {
                frame,
                turned_m: candidates_m.iter().map(|c| frame.turn(c.0 - origin.0, c.1 - origin.1)).collect(),
                order: Vec::new(),
                sources: Vec::new(),
                ct: Vec::new(),
                reaching: vec![Vec::new(); candidates_m.len()],
                deficits_squared: Vec::new(),
                power_w: vec![free_power_w; candidates_m.len()],
            }
        });
        Self {
            wake,
            turbine,
            rotor,
            flow,
            candidates_m,
            reach: Reach::new(wake, turbine, candidates_m, flow),
            directions: directions.collect(),
            placed: Vec::new(),
            open: vec![true; candidates_m.len()],
        }
    }

    /// Places a turbine at candidate `candidate` and brings the map up to date.
    pub fn place(&mut self, candidate: usize) {
        self.placed.push(candidate);
        let mut scratch = Scratch::default();
        for direction in 0..self.directions.len() {
            self.place_in_direction(direction, &mut scratch);
        }
    }

    /// Gives up a candidate: its entry of the map is no longer kept.
    pub fn close(&mut self, candidate: usize) {
        self.open[candidate] = false;
    }

    /// Energy of one more turbine at each candidate, GWh; entries of closed candidates mean nothing.
    pub fn energy_gwh(&self) -> Vec<f64> {
        let mut energy = vec![0.0; self.candidates_m.len()];
        for state in &self.directions {
            for (sum, power) in energy.iter_mut().zip(&state.power_w) {
                *sum += power;
            }
        }
        for e in &mut energy {
            *e *= HOURS_PER_YEAR * 1e-9;
        }
        energy
    }

    fn place_in_direction(&mut self, direction: usize, scratch: &mut Scratch) {
        let n_speeds = self.flow.cases_of(direction).len();
        let state = &mut self.directions[direction];
        let new = self.placed.len() - 1;
        let downwind_m = |turbine: usize| state.turned_m[self.placed[turbine]].0;
        // Behind every turbine that the wind meets earlier or at the same time: equals keep the order of placement.
        let place = state.order.partition_point(|&turbine| downwind_m(turbine) <= downwind_m(new));
        state.order.insert(place, new);
        state.sources.resize((new + 1) * n_speeds, W::Source::default());
        // No thrust is NaN, so the new turbine counts as changed.
        state.ct.resize((new + 1) * n_speeds, f64::NAN);

        scratch.changed.clear();
        for downstream in place..=new {
            let target = self.directions[direction].order[downstream];
            let behind_change = |&source: &usize| self.acts_on(direction, self.placed[source], self.placed[target]);
            if (target == new || scratch.changed.iter().any(behind_change))
                && self.update_turbine(direction, downstream)
            {
                scratch.changed.push(target);
            }
        }
        scratch.touched.clear();
        for &source in &scratch.changed {
            self.update_deficits(direction, source, &mut scratch.touched);
        }
        scratch.touched.sort_unstable();
        scratch.touched.dedup();
        for &candidate in &scratch.touched {
            self.update_power(direction, candidate);
        }
    }

    /// Whether a turbine at candidate `source` acts on candidate `target`, by the coarse bound of its reach.
    #[inline]
    fn acts_on(&self, direction: usize, source: usize, target: usize) -> bool {
        let turned = &self.directions[direction].turned_m;
        let (downwind_m, crosswind_m) = (turned[target].0 - turned[source].0, turned[target].1 - turned[source].1);
        // Twice the rounding of turned positions, so that nothing that counts is missed; `offset` decides.
        downwind_m > 2e4 * ABREAST_M && crosswind_m.abs() <= self.reach.at_least_m(downwind_m)
    }

    #[inline]
    fn offset(&self, direction: usize, source: usize, target: usize) -> Offset {
        self.directions[direction].frame.offset(self.candidates_m[source], self.candidates_m[target], 0.0)
    }

    /// Thrust and wake of the turbine at `place` in the wind's order, from all upwind of it. Returns whether its thrust changed.
    fn update_turbine(&mut self, direction: usize, place: usize) -> bool {
        let n_speeds = self.flow.cases_of(direction).len();
        let target = self.directions[direction].order[place];
        let mut sums = vec![0.0; n_speeds];
        for &source in &self.directions[direction].order[..place] {
            if !self.acts_on(direction, self.placed[source], self.placed[target]) {
                continue;
            }
            let offset = self.offset(direction, self.placed[source], self.placed[target]);
            if offset.downwind_m > ABREAST_M {
                let sources = &self.directions[direction].sources[source * n_speeds..(source + 1) * n_speeds];
                for (sum, source) in sums.iter_mut().zip(sources) {
                    *sum += self.wake.deficit_squared_at_rotor(source, offset, self.rotor);
                }
            }
        }
        let first_case = self.flow.cases_of(direction).start;
        let mut changed = false;
        for (speed, sum) in sums.into_iter().enumerate() {
            let ct = self.turbine.ct.at(effective_speed(self.flow.wind_speed_m_s()[first_case + speed], sum));
            let state = &mut self.directions[direction];
            let known = &mut state.ct[target * n_speeds + speed];
            if known.to_bits() != ct.to_bits() {
                *known = ct;
                state.sources[target * n_speeds + speed] =
                    self.wake.source(self.rotor, ct, self.flow.turbulence_intensity());
                changed = true;
            }
        }
        changed
    }

    /// Squared deficits of placed turbine `turbine` at every open candidate it reaches; their indices are added to `touched`.
    fn update_deficits(&mut self, direction: usize, turbine: usize, touched: &mut Vec<usize>) {
        let n_speeds = self.flow.cases_of(direction).len();
        let source = self.placed[turbine];
        for candidate in 0..self.candidates_m.len() {
            if !self.open[candidate] || !self.acts_on(direction, source, candidate) {
                continue;
            }
            let offset = self.offset(direction, source, candidate);
            if offset.downwind_m <= ABREAST_M {
                continue;
            }
            let state = &mut self.directions[direction];
            let chunk = state.chunk_of(turbine, candidate, n_speeds);
            let sources = &state.sources[turbine * n_speeds..(turbine + 1) * n_speeds];
            for (squared, source) in state.deficits_squared[chunk..chunk + n_speeds].iter_mut().zip(sources) {
                *squared = self.wake.deficit_squared_at_point(source, offset);
            }
            touched.push(candidate);
        }
    }

    /// Power at a candidate from the squared deficits that reach it, summed in the order of placement.
    fn update_power(&mut self, direction: usize, candidate: usize) {
        let cases = self.flow.cases_of(direction);
        let n_speeds = cases.len();
        let state = &mut self.directions[direction];
        let mut power_w = 0.0;
        for (speed, case) in cases.enumerate() {
            let reaching = state.reaching[candidate].iter();
            let mut sum = 0.0;
            for entry in reaching {
                sum += state.deficits_squared[entry.chunk as usize * n_speeds + speed];
            }
            let free_speed_m_s = self.flow.wind_speed_m_s()[case];
            power_w += self.turbine.power_w.at(effective_speed(free_speed_m_s, sum)) * self.flow.probability()[case];
        }
        state.power_w[candidate] = power_w;
    }
}

impl<S> DirectionState<S> {
    /// Where the squared deficits of `turbine` at `candidate` are kept; made on first use, which happens in the order of placement.
    fn chunk_of(&mut self, turbine: usize, candidate: usize, n_speeds: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "turbines and chunks are far fewer than 2^32")]
        let index = turbine as u32;
        let reaching = &mut self.reaching[candidate];
        if let Some(known) = reaching.iter().find(|entry| entry.turbine == index) {
            return known.chunk as usize * n_speeds;
        }
        #[expect(clippy::cast_possible_truncation, reason = "turbines and chunks are far fewer than 2^32")]
        let chunk = (self.deficits_squared.len() / n_speeds) as u32;
        self.deficits_squared.resize(self.deficits_squared.len() + n_speeds, 0.0);
        reaching.push(Reaching { turbine: index, chunk });
        chunk as usize * n_speeds
    }
}

/// Lists that one placement needs.
#[derive(Debug, Default)]
struct Scratch {
    changed: Vec<usize>,
    touched: Vec<usize>,
}

/// Crosswind reach of the widest wake, bounded from above by steps of the distance downwind.
#[derive(Debug)]
struct Reach {
    step_m: f64,
    /// Reach at the end of each step, and so the most within it: it grows downwind.
    bound_m: Vec<f64>,
}

/// Steps over the candidates' extent; each is then a small share of a rotor diameter's growth in reach.
const REACH_STEPS: usize = 512;

impl Reach {
    fn new<W: SingleWake>(wake: &W, turbine: &Turbine, candidates_m: &[(f64, f64)], flow: &FlowCases) -> Self {
        let rotor = rotor(turbine);
        let widest = wake.source(rotor, turbine.ct.max(), flow.turbulence_intensity());
        let extent = |of: fn(&(f64, f64)) -> f64| {
            let values = || candidates_m.iter().map(of);
            (values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)).max(1.0)
        };
        let step_m = libm::hypot(extent(|c| c.0), extent(|c| c.1)) / REACH_STEPS as f64;
        let bound_m = (1..=REACH_STEPS + 1).map(|k| wake.reach_m(&widest, step_m * k as f64, rotor)).collect();
        Self { step_m, bound_m }
    }

    /// At least the reach at `downwind_m`, m.
    #[inline]
    fn at_least_m(&self, downwind_m: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, then capped")]
        let step = (downwind_m.max(0.0) / self.step_m) as usize;
        self.bound_m[step.min(REACH_STEPS)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::{Plant, candidate_energy};
    use crate::farm::{GenericTurbine, Layout};
    use crate::wake::Nygaard2022;

    #[test]
    fn equals_the_definition_to_the_bit_after_every_placement() {
        let turbine = GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap();
        let turbines = std::slice::from_ref(&turbine);
        let wake = Nygaard2022::new([195.0]);
        let candidates: Vec<(f64, f64)> =
            (0..49).map(|k| (700_000.0 + 650.0 * f64::from(k % 7), 6_200_000.0 + 701.5 * f64::from(k / 7))).collect();
        let directions = (0..36).map(|d| 10.0 * f64::from(d)).collect();
        let probability = (0..108).map(|k| f64::from(k % 7 + 1) * 1e-3).collect();
        let flow = FlowCases::grid(directions, &[6.0, 9.0, 12.0], probability, 0.1);
        let mut map = CandidateMap::new(&wake, &turbine, &candidates, &flow);
        let mut layout = Layout::default();
        let chosen = [24, 3, 45, 0, 48, 10, 31, 28, 6, 42, 17, 38];
        for (placed, &candidate) in chosen.iter().enumerate() {
            let types = vec![0; placed];
            let expected =
                candidate_energy(&wake, &Plant::new(&layout, turbines, &types), &turbine, &candidates, &flow);
            let got = map.energy_gwh();
            for k in 0..candidates.len() {
                assert_eq!(
                    got[k].to_bits(),
                    expected[k].to_bits(),
                    "candidate {k} after {placed}: {} {}",
                    got[k],
                    expected[k]
                );
            }
            map.place(candidate);
            layout.push(candidates[candidate].0, candidates[candidate].1);
        }
    }
}
