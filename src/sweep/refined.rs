//! From a case's smart start to its refined layout.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::aep::{Plain, Ways};
use crate::error::Result;
use crate::search::{Attempt, CaseRng, Ground, Physics, Refinement, Stage, Watch};
use crate::store::{Solution, StageAep};
use crate::sweep::{Case, Solver};
use crate::wake::BuiltWake;

impl Solver {
    /// The solution refined as the sweep says; none when `stop` was set before it was.
    pub(super) fn refined(
        &self,
        case: &Case,
        start: Solution,
        mut rng: CaseRng,
        stop: &AtomicBool,
    ) -> Result<Option<Solution>> {
        if self.sweep().search.refine == Refinement::None {
            return Ok(Some(start));
        }
        let ti = self.aep_flow(case.key.farm).turbulence_intensity();
        match self.wake() {
            BuiltWake::Nygaard2022(wake) => self.refine(case, wake.in_air(ti), &start, &mut rng, stop),
            BuiltWake::Composed(wake) => match wake.in_lanes(ti) {
                Some(wake) => self.refine(case, wake.for_energy(), &start, &mut rng, stop),
                None => self.refine(case, Plain(wake), &start, &mut rng, stop),
            },
            BuiltWake::Weighted(wake) => self.refine(case, Plain(wake), &start, &mut rng, stop),
        }
    }

    fn refine<W: Ways>(
        &self,
        case: &Case,
        wake: W,
        start: &Solution,
        rng: &mut CaseRng,
        stop: &AtomicBool,
    ) -> Result<Option<Solution>> {
        let (search, farm) = (&self.sweep().search, &self.sweep().farms[case.key.farm as usize].farm);
        let turbines = std::slice::from_ref(&self.sweep().turbines[case.key.turbine as usize]);
        let types = vec![0; start.layout.len()];
        let ground = Ground::new(farm, turbines, &types, search.min_spacing_d);
        let flow = self.aep_flow(case.key.farm);
        let physics = Physics { simd: self.simd(), wake, turbines, types: &types, flow, counted_from: 0 };
        let (mut until, moves) = (Until(stop), search.refine.moves(types.len()));
        let mut attempt = Attempt::new(physics, &start.layout, &ground, moves, &mut until);
        search.refine.run(&mut attempt, turbines[0].rotor_diameter_m, rng);
        let of_stage = |(stage, aep_gwh): (Stage, f64)| StageAep { stage: stage.name().to_owned(), aep_gwh };
        let mut stages: Vec<StageAep> = attempt.stages().map(of_stage).collect();
        let (layout, ..) = attempt.finish();
        if stop.load(Ordering::SeqCst) {
            return Ok(None);
        }
        ground.prove(&layout)?;
        let production = self.production(case.key, &layout);
        let aep_gwh = production.aep_gwh();
        // What the moves added up to and a full evaluation differ in the last digits; the last stage ends with what is stored.
        if let Some(last) = stages.last_mut() {
            last.aep_gwh = aep_gwh;
        }
        Ok(Some(Solution { layout, aep_gwh, aep_no_wake_gwh: production.aep_no_wake_gwh(), stages, ..*start }))
    }
}

/// Goes on until it is told to stop.
struct Until<'a>(&'a AtomicBool);

impl Watch for Until<'_> {
    fn go_on(&mut self, _moves: u64, _best_gwh: f64, _stage: Stage) -> bool {
        !self.0.load(Ordering::SeqCst)
    }
}
