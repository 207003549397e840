//! The gradient of wake models that have no lanes: of those in which wakes add turbulence or act on each other.
//!
//! Every flow case is computed twice: first in plain numbers, which says which wakes are felt where, then with these in numbers that remember
//! what they were made of ([`Tape`]). One pass back over the tape gives the slopes along the places of all turbines, whatever the model does
//! with speeds and turbulence on the way: its one formula serves. Where flow cases are coupled the first pass says too how often the model
//! repeats what it repeats; the slopes are those of so many repeats.
//!
//! A turbine feels few wakes, so that tapes are short: what is not felt costs only the look at how far a wake reaches.

use crate::aep::frame::WindFrame;
use crate::aep::full::{Meeting, Reaches, State, Sum, effective_speed};
use crate::aep::{HOURS_PER_YEAR, Plant, Slopes};
use crate::farm::{FlowCases, Layout, Turbine};
use crate::lanes::{Real, Tape, Taped};
use crate::wake::{Inflow, Offset, RealWake, Rotor};

/// The AEP of plants of some turbines and its slopes, one layout after the other, for any wake model.
#[derive(Debug)]
pub struct TapedGradient<'a, W> {
    wake: &'a W,
    turbines: &'a [Turbine],
    type_of: &'a [usize],
    flow: &'a FlowCases,
    /// Wakes are so many times as wide as the model's.
    widening: f64,
    /// The first turbine whose energy counts.
    first: usize,
    tape: Tape,
    bars: Vec<f64>,
}

/// What plain numbers say of a flow case beforehand.
#[derive(Debug, Clone, Default)]
struct Forecast {
    /// Of each pair of the meeting, whether the wake is felt.
    felt: Vec<bool>,
}

/// What reaches a turbine in a flow case.
struct Sums<W: RealWake> {
    parts: Vec<W::Part>,
    added: Vec<f64>,
}

impl<'a, W: RealWake> TapedGradient<'a, W> {
    /// For turbine i of type `turbines[type_of[i]]` in this wind.
    pub fn new(wake: &'a W, turbines: &'a [Turbine], type_of: &'a [usize], flow: &'a FlowCases) -> Self {
        Self { wake, turbines, type_of, flow, widening: 1.0, first: 0, tape: Tape::default(), bars: Vec::new() }
    }

    /// The turbines as a wind direction meets them, with wakes as wide as they are to be.
    fn meeting(&self, plant: &Plant, reaches: &Reaches, direction: usize) -> Meeting {
        // Wider wakes reach further than the model says.
        let reaches = (self.widening <= 1.0).then_some(reaches);
        let mut meeting = Meeting::new(plant, self.flow, direction, reaches, Sum::Downwind);
        for pair in &mut meeting.pairs {
            pair.offset.crosswind_m /= self.widening;
        }
        meeting
    }

    /// What a pair contributes in plain numbers, if it is felt; whether it is.
    fn feel(&self, source: &W::Source, offset: Offset, target: Rotor, sums: &mut Sums<W>) -> bool {
        let is_felt = offset.crosswind_m.abs() <= self.wake.felt_within_m(source, offset.downwind_m, target);
        if is_felt {
            sums.parts.push(self.wake.part_at_rotor(source, offset, target));
            if self.wake.adds_turbulence() {
                sums.added.push(self.wake.added_turbulence(source, offset, target));
            }
        }
        is_felt
    }

    /// A flow case for itself.
    fn foresee(&self, state: &mut State<W>, plant: &Plant, meeting: &Meeting, case: usize) -> Forecast {
        let mut felt = Vec::with_capacity(meeting.pairs.len());
        let mut sums = Sums { parts: Vec::new(), added: Vec::new() };
        for (rank, &turbine) in meeting.order.iter().enumerate() {
            sums.parts.clear();
            sums.added.clear();
            for pair in meeting.pairs_of(rank) {
                let source = &state.sources[pair.source];
                felt.push(self.feel(source, pair.offset, plant.rotor(turbine), &mut sums));
            }
            state.operate(turbine, turbine, case, self.wake.deficit(&sums.parts), &sums.added);
        }
        Forecast { felt }
    }

    /// All flow cases, where they are coupled: rank by rank; and the repeats of each rank.
    fn foresee_together(&self, plant: &Plant, meetings: &[Meeting]) -> (Vec<Forecast>, Vec<usize>) {
        let n = plant.len();
        let mut forecasts = vec![Forecast::default(); self.flow.len()];
        let mut state = State::new(self.wake, plant, self.flow, n * self.flow.len());
        let settle = |rank: usize| {
            let (mut parts, mut added) = (Vec::with_capacity(self.flow.len()), Vec::with_capacity(self.flow.len()));
            for (direction, meeting) in meetings.iter().enumerate() {
                let target = plant.rotor(meeting.order[rank]);
                for case in self.flow.cases_of(direction) {
                    let mut sums = Sums { parts: Vec::new(), added: Vec::new() };
                    for pair in meeting.pairs_of(rank) {
                        let source = &state.sources[case * n + pair.source];
                        forecasts[case].felt.push(self.feel(source, pair.offset, target, &mut sums));
                    }
                    parts.push(sums.parts);
                    added.push(sums.added);
                }
            }
            let (deficits, repeats) = self.wake.settle(&parts);
            for (direction, meeting) in meetings.iter().enumerate() {
                let turbine = meeting.order[rank];
                for case in self.flow.cases_of(direction) {
                    state.operate(turbine, case * n + turbine, case, deficits[case], &added[case]);
                }
            }
            repeats
        };
        let repeats = (0..n).map(settle).collect();
        (forecasts, repeats)
    }

    /// Power times probability, W, of all turbines that count, at these places downwind and crosswind, m.
    fn power_w<R: Real>(
        &self,
        plant: &Plant,
        meeting: &Meeting,
        case: usize,
        (forecast, repeats): (&Forecast, &[usize]),
        places_m: &[(R, R)],
    ) -> R {
        let (free_speed_m_s, ambient_turbulence) = (self.flow.wind_speed_m_s()[case], self.flow.turbulence_intensity());
        let mut sources = vec![W::SourceOf::<R>::default(); plant.len()];
        let (mut parts, mut added) = (Vec::new(), Vec::new());
        let mut felt = forecast.felt.iter();
        let mut power_w = R::splat(0.0);
        for (rank, &target) in meeting.order.iter().enumerate() {
            let (turbine, rotor) = (plant.turbine(target), plant.rotor(target));
            parts.clear();
            added.clear();
            for (pair, _) in meeting.pairs_of(rank).iter().zip(&mut felt).filter(|(_, felt)| **felt) {
                let ((from_down, from_cross), (down, cross)) = (places_m[pair.source], places_m[target]);
                let (downwind_m, crosswind_m) = (down - from_down, (cross - from_cross) / self.widening);
                let offset = Offset { downwind_m, crosswind_m, height_m: pair.offset.height_m };
                let source = &sources[pair.source];
                parts.push(self.wake.part_of(source, offset, rotor));
                if self.wake.adds_turbulence() {
                    added.push(self.wake.added_of(source, offset, rotor));
                }
            }
            let deficit = self.wake.deficit_of(&parts, repeats.get(rank).copied().unwrap_or(0));
            let speed_m_s = effective_speed(R::splat(free_speed_m_s), deficit);
            let thrust_at = self.wake.thrust_speed_of(free_speed_m_s, speed_m_s);
            let inflow = Inflow {
                ct: thrust_at.chain(turbine.ct.at(thrust_at.value()), turbine.ct.slope_at(thrust_at.value())),
                speed_share: speed_m_s / free_speed_m_s,
                ambient_turbulence,
                turbulence: self.wake.turbulence_of(ambient_turbulence, &added),
                free_speed_m_s,
            };
            sources[target] = self.wake.source_of(rotor, &inflow);
            if target >= self.first {
                let curve = &turbine.power_w;
                let power = speed_m_s.chain(curve.at(speed_m_s.value()), curve.slope_at(speed_m_s.value()));
                power_w = power_w + power * self.flow.probability()[case];
            }
        }
        power_w
    }

    /// Adds the slopes of one flow case; its power times probability, W.
    fn add_case(
        &mut self,
        plant: &Plant,
        meeting: &Meeting,
        (case, frame): (usize, WindFrame),
        forecast: (&Forecast, &[usize]),
        slopes: &mut [(f64, f64)],
    ) -> f64 {
        let mut tape = std::mem::take(&mut self.tape);
        tape.clear();
        let origin = plant.position(0);
        let variable = |(x, y): (f64, f64)| {
            let (downwind_m, crosswind_m) = frame.turn(x - origin.0, y - origin.1);
            (tape.variable(downwind_m), tape.variable(crosswind_m))
        };
        let places_m: Vec<(Taped, Taped)> = plant.positions().map(variable).collect();
        let power_w = self.power_w(plant, meeting, case, forecast, &places_m);
        tape.slopes_of(power_w, &mut self.bars);
        for (slope, (down, cross)) in slopes.iter_mut().zip(&places_m) {
            let (by_down, by_cross) = (down.slope_in(&self.bars), cross.slope_in(&self.bars));
            // Downwind is -cos x - sin y, crosswind sin x - cos y.
            slope.0 += frame.sin() * by_cross - frame.cos() * by_down;
            slope.1 -= frame.sin() * by_down + frame.cos() * by_cross;
        }
        let power_w = power_w.value();
        self.tape = tape;
        power_w
    }
}

impl<W: RealWake> Slopes for TapedGradient<'_, W> {
    fn widen(&mut self, factor: f64) {
        self.widening = factor;
    }

    fn count_from(&mut self, first: usize) {
        self.first = first;
    }

    fn at(&mut self, layout: &Layout, slopes: &mut Vec<(f64, f64)>) -> f64 {
        let (wake, flow) = (self.wake, self.flow);
        let plant = Plant::new(layout, self.turbines, self.type_of);
        slopes.clear();
        slopes.resize(plant.len(), (0.0, 0.0));
        if plant.is_empty() {
            return 0.0;
        }
        let reaches = Reaches::new(wake, &plant, flow.turbulence_intensity());
        let directions = || 0..flow.wind_direction_deg().len();
        let mut power_w = 0.0;
        if W::COUPLES_FLOW_CASES {
            let meetings: Vec<Meeting> = directions().map(|d| self.meeting(&plant, &reaches, d)).collect();
            let (forecasts, repeats) = self.foresee_together(&plant, &meetings);
            for (direction, meeting) in meetings.iter().enumerate() {
                let frame = WindFrame::new(flow.wind_direction_deg()[direction]);
                for case in flow.cases_of(direction) {
                    power_w += self.add_case(&plant, meeting, (case, frame), (&forecasts[case], &repeats), slopes);
                }
            }
        } else {
            let mut state = State::new(wake, &plant, flow, plant.len());
            for direction in directions() {
                let meeting = self.meeting(&plant, &reaches, direction);
                let frame = WindFrame::new(flow.wind_direction_deg()[direction]);
                for case in flow.cases_of(direction) {
                    let forecast = self.foresee(&mut state, &plant, &meeting, case);
                    power_w += self.add_case(&plant, &meeting, (case, frame), (&forecast, &[]), slopes);
                }
            }
        }
        let scale = HOURS_PER_YEAR * 1e-9;
        for (x, y) in slopes {
            (*x, *y) = (*x * scale, *y * scale);
        }
        power_w * scale
    }
}

#[cfg(test)]
mod tests;
