//! From a case to its solution.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use crate::aep::{CandidateMap, LaneBuffers, LaneMap, MapBuffers, Plant, Production, Simd, evaluate_built};
use crate::error::{Error, Result};
use crate::farm::{FlowCases, Layout};
use crate::search::{CaseRng, SmartStart, candidates};
use crate::store::{CaseId, CaseKey, Origin, Outcome, Record, Solution};
use crate::sweep::{Case, Selection, Sweep};
use crate::wake::{BuiltWake, Composed, LaneWake, Weighted};

/// What the cases of a sweep share, computed once: candidate grids, flow cases, the wake model's tables.
#[derive(Debug)]
pub struct Solver {
    sweep: Sweep,
    cases: BTreeMap<CaseKey, Case>,
    earlier_ids: BTreeSet<(CaseKey, CaseId)>,
    wake: BuiltWake,
    farms: Vec<FarmGround>,
    simd: Simd,
}

/// The memory that a worker needs to solve one case after the other.
#[derive(Debug, Default)]
pub struct SolverBuffers {
    lanes: LaneBuffers,
    composed: MapBuffers<Composed>,
    weighted: MapBuffers<Weighted>,
}

/// What the cases of one farm share.
#[derive(Debug)]
struct FarmGround {
    candidates_m: Vec<(f64, f64)>,
    /// Flow cases that the search ranks by.
    search_flow: FlowCases,
    /// Flow cases of the AEP that is stored.
    aep_flow: FlowCases,
}

/// Wind directions of the stored AEP: every degree.
pub(crate) const AEP_DIRECTIONS: u16 = 360;
/// Wind speeds of the stored AEP, m/s: every m/s from 3 to 25.
pub(crate) const AEP_SPEEDS_M_S: std::ops::RangeInclusive<u16> = 3..=25;

/// The flow cases that a stored or printed AEP counts unless others are asked for.
pub fn default_directions_deg() -> Vec<f64> {
    (0..AEP_DIRECTIONS).map(f64::from).collect()
}

/// See [`default_directions_deg`]; m/s.
pub fn default_speeds_m_s() -> Vec<f64> {
    AEP_SPEEDS_M_S.map(f64::from).collect()
}

impl Solver {
    /// Prepares the sweep's farms and wake model, to be computed with these instructions.
    ///
    /// # Errors
    /// None for a sweep that was read: listing all its cases cannot fail.
    pub fn new(sweep: Sweep, simd: Simd) -> Result<Self> {
        let cases = sweep.cases(&Selection::default())?.into_iter().map(|case| (case.key, case)).collect();
        let earlier_ids = sweep.earlier_ids()?;
        let search = &sweep.search;
        let (directions, speeds) = (default_directions_deg(), default_speeds_m_s());
        let ground = sweep.farms.iter().map(|entry| FarmGround {
            candidates_m: candidates(&entry.farm, search.grid_size),
            search_flow: entry.wind.flow_cases(
                &search.wind_directions.degrees(),
                &search.wind_speeds_m_s,
                search.sector_interpolation,
            ),
            aep_flow: entry.wind.flow_cases(&directions, &speeds, search.sector_interpolation),
        });
        let farms = ground.collect();
        // A case has turbines of one type only, so rotors are equal and one table serves all types.
        let wake = sweep.wake.build([1.0]);
        Ok(Self { sweep, cases, earlier_ids, wake, farms, simd })
    }

    /// The instructions that it computes with.
    pub fn simd(&self) -> Simd {
        self.simd
    }

    /// The wake model that it computes with.
    pub(super) fn wake(&self) -> &BuiltWake {
        &self.wake
    }

    /// Flow cases of the stored AEP, by index of the farm.
    pub(super) fn aep_flow(&self, farm: u32) -> &FlowCases {
        &self.farms[farm as usize].aep_flow
    }

    /// The sweep whose cases this solves.
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// The case of this key, if the sweep has it.
    pub fn case(&self, key: CaseKey) -> Option<&Case> {
        self.cases.get(&key)
    }

    /// Whether a stored case is this sweep's: of these inputs, solved by this version of the search or by an earlier one.
    pub fn knows(&self, key: CaseKey, case_id: CaseId) -> bool {
        self.case(key).is_some_and(|case| case.case_id == case_id) || self.earlier_ids.contains(&(key, case_id))
    }

    /// Solves a case; `buffers` are the caller's to keep from case to case. A case for which no layout can be found is a failed one, with its reason.
    /// None when `stop` was set while its layout was refined: then nothing comes of it.
    pub fn solve(&self, case: &Case, buffers: &mut SolverBuffers, stop: &AtomicBool) -> Option<Record> {
        let (ground, turbine) = (&self.farms[case.key.farm as usize], &self.sweep.turbines[case.key.turbine as usize]);
        let (flow, positions) = (&ground.search_flow, &ground.candidates_m[..]);
        let started = match &self.wake {
            BuiltWake::Nygaard2022(wake) => {
                self.solve_in_lanes(case, wake.in_air(flow.turbulence_intensity()), &mut buffers.lanes)
            }
            BuiltWake::Composed(wake) => match wake.in_lanes(flow.turbulence_intensity()) {
                Some(wake) => self.solve_in_lanes(case, wake, &mut buffers.lanes),
                None => self.best_of_restarts(case, |start, rng| {
                    let mut map = CandidateMap::new(wake, turbine, positions, flow, &mut buffers.composed);
                    start.place(&mut map, positions, rng)
                }),
            },
            BuiltWake::Weighted(wake) => self.best_of_restarts(case, |start, rng| {
                let mut map = CandidateMap::new(wake, turbine, positions, flow, &mut buffers.weighted);
                start.place(&mut map, positions, rng)
            }),
        };
        let outcome = match started.and_then(|(start, rng)| self.refined(case, start, rng, stop)) {
            Ok(Some(solution)) => Outcome::Solved(solution),
            Ok(None) => return None,
            Err(error) => Outcome::Failed { reason: error.to_string() },
        };
        let (farm, turbine) =
            (&self.sweep.farms[case.key.farm as usize], &self.sweep.turbines[case.key.turbine as usize]);
        Some(Record {
            key: case.key,
            case_id: case.case_id,
            farm: farm.farm.name.clone(),
            turbine: turbine.name.clone(),
            outcome,
        })
    }

    fn solve_in_lanes<W: LaneWake>(
        &self,
        case: &Case,
        wake: W,
        buffers: &mut LaneBuffers,
    ) -> Result<(Solution, CaseRng)> {
        let (ground, turbine) = (&self.farms[case.key.farm as usize], &self.sweep.turbines[case.key.turbine as usize]);
        let (flow, positions) = (&ground.search_flow, &ground.candidates_m[..]);
        self.best_of_restarts(case, |start, rng| {
            let mut map = LaneMap::new(self.simd, wake, turbine, positions, flow, buffers);
            start.place(&mut map, positions, rng)
        })
    }

    /// What a layout of this case's farm and turbine type produces in the flow cases of the stored AEP.
    pub fn production(&self, key: CaseKey, layout: &Layout) -> Production {
        let turbine = &self.sweep.turbines[key.turbine as usize];
        let types = vec![0; layout.len()];
        let plant = Plant::new(layout, std::slice::from_ref(turbine), &types);
        evaluate_built(self.simd, &self.wake, &plant, &self.farms[key.farm as usize].aep_flow)
    }

    /// The best of the case's random restarts, and the generator after the last of them; restarts that find no place for a turbine count only if all do.
    fn best_of_restarts(
        &self,
        case: &Case,
        mut place: impl FnMut(&SmartStart, &mut CaseRng) -> Result<Layout>,
    ) -> Result<(Solution, CaseRng)> {
        let turbine = &self.sweep.turbines[case.key.turbine as usize];
        let search = &self.sweep.search;
        let start = SmartStart {
            n_turbines: case.n_turbines,
            random_pct: search.random_pct,
            min_spacing_m: search.min_spacing_d * turbine.rotor_diameter_m,
        };
        let mut rng = CaseRng::new(search.rng, case.key.seed, case.stream);
        let mut best: Option<Solution> = None;
        let mut failure = Error::NoFeasiblePosition { turbine: 0, n_turbines: start.n_turbines };
        for restart in 0..search.restarts {
            match place(&start, &mut rng) {
                Ok(layout) => {
                    let production = self.production(case.key, &layout);
                    let aep_gwh = production.aep_gwh();
                    if best.as_ref().is_none_or(|known| aep_gwh > known.aep_gwh) {
                        let aep_no_wake_gwh = production.aep_no_wake_gwh();
                        let rotor_diameter_m = turbine.rotor_diameter_m;
                        let origin = Origin::Solved;
                        let stages = Vec::new();
                        best = Some(Solution {
                            layout,
                            rotor_diameter_m,
                            aep_gwh,
                            aep_no_wake_gwh,
                            restart,
                            origin,
                            stages,
                        });
                    }
                }
                Err(error) => failure = error,
            }
        }
        best.map(|best| (best, rng)).ok_or(failure)
    }
}
