//! Simulation for wake models whose superposition couples flow cases: rank by rank, the j-th turbine that the wind meets in every flow
//! case before the next in any.
//!
//! The sources of all flow cases are kept at once: memory grows with turbines times flow cases.

use crate::aep::Plant;
use crate::aep::full::{Meeting, OperatingPoint, Reaches, State, Sum};
use crate::farm::FlowCases;
use crate::wake::SingleWake;

/// Shows `visit` every turbine in every flow case: ranks outermost.
pub(super) fn simulate_by_rank<W: SingleWake>(
    wake: &W,
    plant: &Plant,
    flow: &FlowCases,
    mut visit: impl FnMut(OperatingPoint),
) {
    let n = plant.len();
    let reaches = Reaches::new(wake, plant, flow.turbulence_intensity());
    let n_directions = flow.wind_direction_deg().len();
    let meetings: Vec<Meeting> = (0..n_directions)
        .map(|direction| Meeting::new(plant, flow, direction, Some(&reaches), Sum::Downwind))
        .collect();
    let mut state = State::new(wake, plant, flow, n * flow.len());
    for rank in 0..n {
        let mut parts = vec![Vec::new(); flow.len()];
        let mut added = vec![Vec::new(); flow.len()];
        for (direction, meeting) in meetings.iter().enumerate() {
            let target = plant.rotor(meeting.order[rank]);
            for case in flow.cases_of(direction) {
                for pair in meeting.pairs_of(rank) {
                    let source = &state.sources[case * n + pair.source];
                    parts[case].push(wake.part_at_rotor(source, pair.offset, target));
                    if wake.adds_turbulence() {
                        added[case].push(wake.added_turbulence(source, pair.offset, target));
                    }
                }
            }
        }
        let deficits = wake.deficits_together(&parts);
        for (direction, meeting) in meetings.iter().enumerate() {
            let turbine = meeting.order[rank];
            for case in flow.cases_of(direction) {
                visit(state.operate(turbine, case * n + turbine, case, deficits[case], &added[case]));
            }
        }
    }
}
