//! The definition of a plant's production: every pair of turbines, every flow case.
//!
//! ```text
//! u_j = U (1 - deficit of all i upwind of j),   AEP = 8760 h sum of P(wd, ws) power_j(u_j)
//! ```
//!
//! | symbol | code                | unit | meaning                                                 |
//! |--------|---------------------|------|---------------------------------------------------------|
//! | U      | free_speed_m_s      | m/s  | free-stream wind speed                                  |
//! | u_j    | effective_speed_m_s | m/s  | wind speed that turbine j sees                          |
//! | P      | probability         | -    | probability of the flow case                            |
//!
//! Eight partial sums, by number of the speed within its direction modulo eight, are added up for each turbine and spell of directions; their
//! sum is its energy, see `spells`.
//! Turbines are taken in the order in which the wind meets them. Pairs further apart crosswind than the wake model's reach are left
//! out: they have no part, and no bit of an effective speed changes (a test compares).

use crate::aep::by_rank::simulate_by_rank;
use crate::aep::frame::WindFrame;
use crate::aep::plant::rotor;
use crate::aep::reach::{Reach, extent_m};
use crate::aep::spells::{self, OneByOne, Runner};
use crate::aep::{ABREAST_M, HOURS_PER_YEAR, Plant, Production, Simd, evaluate_by_lanes};
use crate::farm::{FlowCases, Turbine};
use crate::lanes::{Block, EIGHT, Lanes, sum_in_eights, sum_of_eight};
use crate::wake::composed_lanes::known::Plain;
use crate::wake::{BuiltWake, Inflow, Offset, SingleWake};

/// What one turbine does in one flow case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// Index of the flow case.
    pub case: usize,
    /// Index of the turbine.
    pub turbine: usize,
    /// Wind speed at the rotor, m/s.
    pub effective_speed_m_s: f64,
    /// Turbulence intensity at the rotor.
    pub turbulence: f64,
    /// Thrust coefficient.
    pub ct: f64,
}

/// Annual production of a plant, with and without wakes.
pub fn evaluate<W: SingleWake>(wake: &W, plant: &Plant, flow: &FlowCases) -> Production {
    let directions = 0..flow.wind_direction_deg().len();
    let place = |direction| (0..flow.cases_of(direction).len()).map(move |number| (spells::of(direction), number));
    let places: Vec<(usize, usize)> = directions.flat_map(place).collect();
    let mut energy_w = vec![vec![Block::default(); plant.len()]; spells::count(flow)];
    simulate(wake, plant, flow, |point| {
        let power_w = plant.turbine(point.turbine).power_w.at(point.effective_speed_m_s);
        let (spell, number) = places[point.case];
        energy_w[spell][point.turbine].0[number % EIGHT] += power_w * flow.probability()[point.case];
    });
    let turbine_aep_gwh = spells::add_up(plant.len(), &energy_w);
    Production { turbine_aep_gwh, turbine_aep_no_wake_gwh: free_energies_gwh(plant, flow) }
}

/// [`evaluate`] with whichever model was built, by the fastest way there is.
pub fn evaluate_built(simd: Simd, wake: &BuiltWake, plant: &Plant, flow: &FlowCases) -> Production {
    evaluate_built_by(&OneByOne, simd, wake, plant, flow)
}

/// [`evaluate_built`], spells of directions by this runner where the model has lanes: the same bits whatever it does at once.
pub fn evaluate_built_by(
    runner: &impl Runner,
    simd: Simd,
    wake: &BuiltWake,
    plant: &Plant,
    flow: &FlowCases,
) -> Production {
    match wake {
        BuiltWake::Nygaard2022(wake) => {
            evaluate_by_lanes(runner, simd, wake.in_air(flow.turbulence_intensity()), plant, flow)
        }
        BuiltWake::Composed(wake) => {
            let Some(lanes) = wake.in_lanes(flow.turbulence_intensity()) else { return evaluate(wake, plant, flow) };
            let lanes = lanes.for_energy();
            match lanes.plain() {
                Some(plain) => evaluate_plain(runner, simd, plain, plant, flow),
                None => evaluate_by_lanes(runner, simd, lanes, plant, flow),
            }
        }
        BuiltWake::Weighted(wake) => evaluate(wake, plant, flow),
    }
}

/// [`evaluate_by_lanes`] of a composition that is known when it is compiled.
pub(super) fn evaluate_plain(
    runner: &impl Runner,
    simd: Simd,
    plain: Plain,
    plant: &Plant,
    flow: &FlowCases,
) -> Production {
    match plain {
        Plain::SquaredTopHats(lanes) => evaluate_by_lanes(runner, simd, lanes, plant, flow),
        Plain::LinearGaussians(lanes) => evaluate_by_lanes(runner, simd, lanes, plant, flow),
        Plain::SquaredGaussiansOfOneWidth(lanes) => evaluate_by_lanes(runner, simd, lanes, plant, flow),
    }
}

/// Annual energy of each turbine alone in the free wind, GWh.
pub fn free_energies_gwh(plant: &Plant, flow: &FlowCases) -> Vec<f64> {
    let of_types: Vec<f64> = (0..plant.n_types()).map(|t| free_energy_gwh(plant.turbine_type(t), flow)).collect();
    (0..plant.len()).map(|i| of_types[plant.type_of(i)]).collect()
}

fn free_energy_gwh(turbine: &Turbine, flow: &FlowCases) -> f64 {
    let (mut energy_w, mut powers_w) = (0.0, Vec::new());
    let mut known_m_s: &[f64] = &[];
    for direction in 0..flow.wind_direction_deg().len() {
        let cases = flow.cases_of(direction);
        let speeds_m_s = &flow.wind_speed_m_s()[cases.clone()];
        // Mostly the wind speeds of all directions are the same.
        if speeds_m_s != known_m_s {
            known_m_s = speeds_m_s;
            powers_w.clear();
            powers_w.extend(speeds_m_s.iter().map(|&speed_m_s| turbine.power_w.at(speed_m_s)));
        }
        for (power_w, probability) in powers_w.iter().zip(&flow.probability()[cases]) {
            energy_w += power_w * probability;
        }
    }
    energy_w * HOURS_PER_YEAR * 1e-9
}

/// Shows `visit` every turbine in every flow case: flow cases outermost, then turbines in the order the wind meets them.
pub fn simulate<W: SingleWake>(wake: &W, plant: &Plant, flow: &FlowCases, visit: impl FnMut(OperatingPoint)) {
    simulate_summed(wake, plant, flow, Sum::Downwind, visit);
}

/// [`simulate`] with parts added up in this order; where flow cases are coupled there is but one.
fn simulate_summed<W: SingleWake>(
    wake: &W,
    plant: &Plant,
    flow: &FlowCases,
    sum: Sum,
    visit: impl FnMut(OperatingPoint),
) {
    if W::COUPLES_FLOW_CASES {
        simulate_by_rank(wake, plant, flow, visit);
    } else {
        simulate_within(wake, plant, flow, Cut::AtReach, sum, visit);
    }
}

/// Which pairs are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Those beyond the wake model's reach.
    AtReach,
    /// None: the proof that the cut changes nothing.
    #[cfg(test)]
    Nowhere,
}

/// In which order the parts of a target are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    /// As the wind meets the sources: when a turbine's turn comes, its sum is complete.
    Downwind,
    /// By index: a source that is added later is added last.
    ByIndex,
}

/// A source that acts on a target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) source: usize,
    pub(super) offset: Offset,
}

fn simulate_within<W: SingleWake>(
    wake: &W,
    plant: &Plant,
    flow: &FlowCases,
    cut: Cut,
    sum: Sum,
    mut visit: impl FnMut(OperatingPoint),
) {
    let mut state = State::new(wake, plant, flow, plant.len());
    let reaches = (cut == Cut::AtReach).then(|| Reaches::new(wake, plant, flow.turbulence_intensity()));
    let (mut parts, mut added) = (Vec::new(), Vec::new());
    for direction in 0..flow.wind_direction_deg().len() {
        let meeting = Meeting::new(plant, flow, direction, reaches.as_ref(), sum);
        for case in flow.cases_of(direction) {
            for (place, &turbine) in meeting.order.iter().enumerate() {
                parts.clear();
                added.clear();
                for pair in meeting.pairs_of(place) {
                    let source = &state.sources[pair.source];
                    parts.push(wake.part_at_rotor(source, pair.offset, plant.rotor(turbine)));
                    if wake.adds_turbulence() {
                        added.push(wake.added_turbulence(source, pair.offset, plant.rotor(turbine)));
                    }
                }
                let deficit = wake.deficit(&parts);
                visit(state.operate(turbine, turbine, case, deficit, &added));
            }
        }
    }
}

/// The sources as they come to be, and what is needed to make them.
pub(super) struct State<'a, W: SingleWake> {
    wake: &'a W,
    plant: &'a Plant<'a>,
    flow: &'a FlowCases,
    pub(super) sources: Vec<W::Source>,
}

impl<'a, W: SingleWake> State<'a, W> {
    pub(super) fn new(wake: &'a W, plant: &'a Plant<'a>, flow: &'a FlowCases, slots: usize) -> Self {
        Self { wake, plant, flow, sources: vec![W::Source::default(); slots] }
    }

    /// Turbine `turbine` at this deficit; it becomes source number `slot`.
    pub(super) fn operate(
        &mut self,
        turbine: usize,
        slot: usize,
        case: usize,
        deficit: f64,
        added: &[f64],
    ) -> OperatingPoint {
        let (free_speed_m_s, ambient_turbulence) = (self.flow.wind_speed_m_s()[case], self.flow.turbulence_intensity());
        let effective_speed_m_s = effective_speed(free_speed_m_s, deficit);
        let ct = self.plant.turbine(turbine).ct.at(self.wake.thrust_speed_m_s(free_speed_m_s, effective_speed_m_s));
        let turbulence = self.wake.turbulence(ambient_turbulence, added);
        let speed_share = effective_speed_m_s / free_speed_m_s;
        let inflow = Inflow { ct, speed_share, ambient_turbulence, turbulence, free_speed_m_s };
        self.sources[slot] = self.wake.source(self.plant.rotor(turbine), inflow);
        OperatingPoint { case, turbine, effective_speed_m_s, turbulence, ct }
    }
}

/// The reach of every type at every other.
pub(super) struct Reaches {
    n_types: usize,
    /// Source-major; none where no turbine is of the type.
    reaches: Vec<Option<Reach>>,
}

impl Reaches {
    pub(super) fn new<W: SingleWake>(wake: &W, plant: &Plant, ambient_turbulence: f64) -> Self {
        let n_types = plant.n_types();
        let extent_m = extent_m(&plant.positions());
        let used: Vec<bool> = (0..n_types).map(|t| (0..plant.len()).any(|i| plant.type_of(i) == t)).collect();
        let reach = |source: usize, target: usize| {
            let (source, target) = (plant.turbine_type(source), plant.turbine_type(target));
            Reach::new(wake, source, target, extent_m, ambient_turbulence)
        };
        let pairs = (0..n_types).flat_map(|source| (0..n_types).map(move |target| (source, target)));
        let reaches = pairs.map(|(source, target)| (used[source] && used[target]).then(|| reach(source, target)));
        Self { n_types, reaches: reaches.collect() }
    }

    #[inline]
    fn of(&self, source: usize, target: usize) -> &Reach {
        // Types of turbines of the plant are used.
        self.reaches[source * self.n_types + target].as_ref().unwrap_or_else(|| unreachable!("a used type"))
    }
}

/// The turbines of one wind direction in the order in which the wind meets them, and who acts on whom.
pub(super) struct Meeting {
    pub(super) order: Vec<usize>,
    pub(super) pairs: Vec<Pair>,
    /// Index of the first pair of each place in the order, and the number of pairs.
    first_pair: Vec<usize>,
}

impl Meeting {
    /// Pairs beyond `reaches` are left out.
    pub(super) fn new(plant: &Plant, flow: &FlowCases, direction: usize, reaches: Option<&Reaches>, sum: Sum) -> Self {
        let frame = WindFrame::new(flow.wind_direction_deg()[direction]);
        let order = downwind_order(plant, frame);
        let (mut pairs, mut first_pair) = (Vec::new(), vec![0]);
        for (place, &target) in order.iter().enumerate() {
            for &source in &order[..place] {
                let height_m = plant.rotor(target).hub_height_m - plant.rotor(source).hub_height_m;
                let offset = frame.offset(plant.position(source), plant.position(target), height_m);
                let acts = offset.downwind_m > ABREAST_M
                    && reaches.is_none_or(|reaches| {
                        let reach = reaches.of(plant.type_of(source), plant.type_of(target));
                        offset.crosswind_m.abs() <= reach.at_least_m(offset.downwind_m)
                    });
                if acts {
                    pairs.push(Pair { source, offset });
                }
            }
            if sum == Sum::ByIndex {
                pairs[first_pair[place]..].sort_unstable_by_key(|pair: &Pair| pair.source);
            }
            first_pair.push(pairs.len());
        }
        Self { order, pairs, first_pair }
    }

    /// What acts on the turbine at `place` in the order.
    pub(super) fn pairs_of(&self, place: usize) -> &[Pair] {
        &self.pairs[self.first_pair[place]..self.first_pair[place + 1]]
    }
}

/// Turbines in the order in which the wind meets them; equals keep their index order.
fn downwind_order(plant: &Plant, frame: WindFrame) -> Vec<usize> {
    let Some(origin) = (!plant.is_empty()).then(|| plant.position(0)) else {
        return Vec::new();
    };
    let downwind_m: Vec<f64> =
        (0..plant.len()).map(|i| frame.offset(origin, plant.position(i), 0.0).downwind_m).collect();
    let mut order: Vec<usize> = (0..plant.len()).collect();
    order.sort_by(|&i, &j| downwind_m[i].total_cmp(&downwind_m[j]));
    order
}

/// Wind speed, m/s, that a deficit leaves.
#[inline(always)]
pub(crate) fn effective_speed<V: Lanes>(free_speed_m_s: V, deficit: V) -> V {
    free_speed_m_s - free_speed_m_s * deficit
}

/// The energy, GWh, that one more turbine like those of `plant` would yield at each candidate position (x, y), m, in the wakes of the
/// plant; what it would take from the plant itself is not counted.
///
/// Parts are added up in the order of the turbines, the power of cases first in blocks of eight neighbours, blocks then in
/// eight partial sums, by number of the block modulo eight.
/// The plant must be of one type, `turbine`. This is the definition that [`crate::aep::CandidateMap`] keeps up to date.
pub fn candidate_energy<W: SingleWake>(
    wake: &W,
    plant: &Plant,
    turbine: &Turbine,
    candidates_m: &[(f64, f64)],
    flow: &FlowCases,
) -> Vec<f64> {
    let n = plant.len();
    let mut sources = vec![W::Source::default(); flow.len() * n];
    let ambient_turbulence = flow.turbulence_intensity();
    simulate_summed(wake, plant, flow, Sum::ByIndex, |point| {
        let free_speed_m_s = flow.wind_speed_m_s()[point.case];
        let inflow = Inflow {
            ct: point.ct,
            speed_share: point.effective_speed_m_s / free_speed_m_s,
            ambient_turbulence,
            turbulence: point.turbulence,
            free_speed_m_s,
        };
        sources[point.case * n + point.turbine] = wake.source(rotor(turbine), inflow);
    });
    let energy_at = |candidate: (f64, f64)| {
        let mut power_w = Vec::with_capacity(flow.len());
        for (direction, &degrees) in flow.wind_direction_deg().iter().enumerate() {
            let frame = WindFrame::new(degrees);
            for case in flow.cases_of(direction) {
                let mut parts = Vec::new();
                for (i, source) in sources[case * n..(case + 1) * n].iter().enumerate() {
                    let offset = frame.offset(plant.position(i), candidate, 0.0);
                    if offset.downwind_m > ABREAST_M {
                        parts.push(wake.part_at_point(source, offset));
                    }
                }
                let speed = effective_speed(flow.wind_speed_m_s()[case], wake.deficit(&parts));
                power_w.push(turbine.power_w.at(speed) * flow.probability()[case]);
            }
        }
        energy_gwh(&in_blocks(&power_w))
    };
    candidates_m.iter().map(|&candidate| energy_at(candidate)).collect()
}

/// The sums of eight neighbours each; the last may be of fewer.
pub(super) fn in_blocks(values: &[f64]) -> Vec<f64> {
    let of_block = |block: &[f64]| sum_of_eight(std::array::from_fn(|k| block.get(k).copied().unwrap_or(0.0)));
    values.chunks(EIGHT).map(of_block).collect()
}

/// Energy of a year, GWh, from power times probability, W, summed over blocks of eight neighbouring flow cases.
pub(super) fn energy_gwh(power_w: &[f64]) -> f64 {
    sum_in_eights(power_w) * (HOURS_PER_YEAR * 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::sample::turbines;
    use crate::farm::Layout;
    use crate::wake::Nygaard2022;

    fn speeds(cut: Cut, types: &[usize]) -> Vec<u64> {
        let turbines = turbines();
        let mut layout = Layout::default();
        for i in 0..types.len() {
            let i = i as f64;
            layout.push(700_000.0 + 613.0 * (i * 7.0 % 11.0), 6_200_000.0 + 571.0 * (i * 5.0 % 13.0));
        }
        let directions = (0..72).map(|d| 5.0 * f64::from(d)).collect();
        let flow = FlowCases::grid(directions, &[7.0, 11.0], vec![1.0 / 144.0; 144], 0.06);
        let wake = Nygaard2022::new([240.0, 195.0]);
        let mut bits = Vec::new();
        simulate_within(&wake, &Plant::new(&layout, &turbines, types), &flow, cut, Sum::Downwind, |point| {
            bits.push(point.effective_speed_m_s.to_bits());
        });
        bits
    }

    #[test]
    fn the_cut_changes_no_bit() {
        let (one_type, mixed) = ([0; 30], std::array::from_fn::<usize, 30, _>(|i| i % 2));
        assert_eq!(speeds(Cut::AtReach, &one_type), speeds(Cut::Nowhere, &one_type));
        assert_eq!(speeds(Cut::AtReach, &mixed), speeds(Cut::Nowhere, &mixed));
    }
}
