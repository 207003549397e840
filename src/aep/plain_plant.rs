//! A plant whose turbines move, in the wakes of any model, by one number at a time.
//!
//! What every source contributes at every target that feels it is kept, by wind direction. A move makes the parts from and to the moved turbine
//! anew, and where a turbine becomes another source than before those from it, until nothing changes any more; sums are made anew, in the
//! order in which the wind meets the sources, so that the AEP depends on the layout alone. It differs from [`crate::aep::evaluate`] by what is
//! too slight to be felt ([`RealWake::felt_within_m`]). What a move replaces is kept, to be put back where the move is taken back.
//!
//! Where flow cases are coupled, the deficits of all turbines are made anew from their parts after every move.

use std::ops::Range;

use crate::aep::frame::WindFrame;
use crate::aep::full::effective_speed;
use crate::aep::{ABREAST_M, HOURS_PER_YEAR, Live, Plant};
use crate::farm::{FlowCases, Layout, Turbine};
use crate::lanes::{EIGHT, sum_of_eight};
use crate::wake::{Inflow, RealWake};

/// A plant whose turbines move, see the module.
#[derive(Debug)]
pub struct PlainPlant<'a, W: RealWake> {
    site: Site<'a, W>,
    layout: Layout,
    directions: Vec<Direction<W>>,
    turbine_aep_gwh: Vec<f64>,
    /// The last move, if it stands.
    before: Option<Before<W>>,
}

/// What moves do not change.
#[derive(Debug)]
struct Site<'a, W> {
    wake: &'a W,
    turbines: &'a [Turbine],
    types: &'a [usize],
    flow: &'a FlowCases,
}

/// The plant in one wind direction.
#[derive(Debug)]
struct Direction<W: RealWake> {
    frame: WindFrame,
    cases: Range<usize>,
    /// Turbines in the order in which the wind meets them.
    order: Vec<usize>,
    /// By target, then by source.
    contributions: Vec<Option<Box<Contribution<W>>>>,
    /// Of each turbine.
    operations: Vec<Operation<W>>,
}

/// What a turbine does in one wind direction.
#[derive(Debug)]
struct Operation<W: RealWake> {
    /// At all wind speeds.
    deficits: Vec<f64>,
    sources: Vec<W::Source>,
    /// Power times probability, W, summed by number of the speed modulo eight.
    power_w: [f64; EIGHT],
}

/// What one source contributes at one target, at all wind speeds.
#[derive(Debug)]
struct Contribution<W: RealWake> {
    parts: Vec<W::Part>,
    added: Vec<f64>,
}

/// What a move has replaced.
#[derive(Debug)]
struct Before<W: RealWake> {
    turbine: usize,
    position_m: (f64, f64),
    turbine_aep_gwh: Vec<f64>,
    directions: Vec<Replaced<W>>,
}

/// What a move has replaced in one wind direction, in the order in which it did.
#[derive(Debug)]
struct Replaced<W: RealWake> {
    order: Vec<usize>,
    /// Turbines that a wake reaches differently, and those whose wakes are others than before, as far as the wind has met them.
    stale: Vec<bool>,
    fresh: Vec<usize>,
    contributions: Vec<(usize, Option<Box<Contribution<W>>>)>,
    operations: Vec<(usize, Operation<W>)>,
}

impl<'a, W: RealWake> PlainPlant<'a, W> {
    /// The plant with turbine i, of type `types[i]` of `turbines`, at place i of `layout`.
    ///
    /// # Panics
    /// If there is not one type for each turbine of the layout, or a type that is none of `turbines`.
    pub fn new(wake: &'a W, turbines: &'a [Turbine], types: &'a [usize], layout: &Layout, flow: &'a FlowCases) -> Self {
        assert_eq!(types.len(), layout.len(), "one type for each turbine");
        let (site, n) = (Site { wake, turbines, types, flow }, layout.len());
        let directions = (0..flow.wind_direction_deg().len()).map(|direction| Direction::new(n, flow, direction));
        let (layout, directions) = (layout.clone(), directions.collect());
        let mut plant = Self { site, layout, directions, turbine_aep_gwh: Vec::new(), before: None };
        plant.follow(None);
        plant.turbine_aep_gwh = plant.produced();
        plant
    }

    /// Brings everything up to date after one turbine has moved, or all; what was there before, by wind direction.
    fn follow(&mut self, moved: Option<usize>) -> Vec<Replaced<W>> {
        let Self { site, layout, directions, .. } = self;
        let plant = Plant::new(layout, site.turbines, site.types);
        let mut replaced: Vec<Replaced<W>> =
            directions.iter_mut().map(|direction| direction.begin(&plant, moved)).collect();
        for rank in 0..plant.len() {
            for (direction, replaced) in directions.iter_mut().zip(&mut replaced) {
                direction.meet(site, &plant, rank, moved, replaced);
            }
            let together = W::COUPLES_FLOW_CASES.then(|| {
                let parts: Vec<Vec<W::Part>> = directions.iter().flat_map(|direction| direction.parts(rank)).collect();
                site.wake.deficits_together(&parts)
            });
            for (direction, replaced) in directions.iter_mut().zip(&mut replaced) {
                let together = together.as_ref().map(|deficits| &deficits[direction.cases.clone()]);
                direction.operate(site, &plant, rank, moved, together, replaced);
            }
        }
        replaced
    }

    /// AEP of each turbine as things stand.
    fn produced(&self) -> Vec<f64> {
        let produced = |turbine: usize| {
            let mut partial = [0.0; EIGHT];
            for direction in &self.directions {
                for (sum, power_w) in partial.iter_mut().zip(direction.operations[turbine].power_w) {
                    *sum += power_w;
                }
            }
            sum_of_eight(partial) * (HOURS_PER_YEAR * 1e-9)
        };
        (0..self.layout.len()).map(produced).collect()
    }
}

impl<W: RealWake> Live for PlainPlant<'_, W> {
    fn move_to(&mut self, turbine: usize, (x_m, y_m): (f64, f64)) {
        let position_m = (self.layout.x_m[turbine], self.layout.y_m[turbine]);
        (self.layout.x_m[turbine], self.layout.y_m[turbine]) = (x_m, y_m);
        let directions = self.follow(Some(turbine));
        let produced = self.produced();
        let turbine_aep_gwh = std::mem::replace(&mut self.turbine_aep_gwh, produced);
        self.before = Some(Before { turbine, position_m, turbine_aep_gwh, directions });
    }

    fn take_back(&mut self) {
        let Some(before) = self.before.take() else { return };
        (self.layout.x_m[before.turbine], self.layout.y_m[before.turbine]) = before.position_m;
        self.turbine_aep_gwh = before.turbine_aep_gwh;
        for (direction, replaced) in self.directions.iter_mut().zip(before.directions) {
            direction.take_back(replaced);
        }
    }

    fn turbine_aep_gwh(&self) -> &[f64] {
        &self.turbine_aep_gwh
    }
}

impl<W: RealWake> Direction<W> {
    /// With nothing known of the turbines.
    fn new(n: usize, flow: &FlowCases, direction: usize) -> Self {
        Self {
            frame: WindFrame::new(flow.wind_direction_deg()[direction]),
            cases: flow.cases_of(direction),
            order: (0..n).collect(),
            contributions: (0..n * n).map(|_| None).collect(),
            operations: (0..n)
                .map(|_| Operation { deficits: vec![], sources: vec![], power_w: [0.0; EIGHT] })
                .collect(),
        }
    }

    /// Forgets what comes of the turbine that has moved, and from it.
    fn begin(&mut self, plant: &Plant, moved: Option<usize>) -> Replaced<W> {
        let n = plant.len();
        let mut replaced = Replaced {
            order: self.order.clone(),
            stale: vec![moved.is_none(); n],
            fresh: Vec::new(),
            contributions: Vec::new(),
            operations: Vec::new(),
        };
        self.sort(plant);
        if let Some(moved) = moved {
            for other in 0..n {
                self.put(&mut replaced, moved, other, None);
                self.put(&mut replaced, other, moved, None);
            }
            replaced.stale[moved] = true;
        }
        replaced
    }

    /// What reaches the turbine at this place in the order, from those whose wakes are others than before.
    fn meet(&mut self, site: &Site<W>, plant: &Plant, rank: usize, moved: Option<usize>, replaced: &mut Replaced<W>) {
        let target = self.order[rank];
        let is_new = moved.is_none_or(|moved| moved == target);
        let upwind = if is_new { self.order[..rank].to_vec() } else { replaced.fresh.clone() };
        for source in upwind {
            let contribution = self.contribution(site, plant, source, target);
            self.put(replaced, target, source, contribution);
        }
    }

    /// Puts turbines in the order in which the wind meets them; equals by their index.
    fn sort(&mut self, plant: &Plant) {
        // Seen from a fixed place: two turbines come in the same order wherever others are.
        let downwind_m: Vec<f64> = plant.positions().map(|(x, y)| self.frame.turn(x, y).0).collect();
        self.order.sort_by(|&i, &j| downwind_m[i].total_cmp(&downwind_m[j]).then(i.cmp(&j)));
    }

    /// Replaces a contribution; the target is stale if there was one or is one now.
    fn put(&mut self, replaced: &mut Replaced<W>, target: usize, source: usize, new: Option<Box<Contribution<W>>>) {
        let at = target * self.order.len() + source;
        if new.is_some() || self.contributions[at].is_some() {
            replaced.contributions.push((at, std::mem::replace(&mut self.contributions[at], new)));
            replaced.stale[target] = true;
        }
    }

    /// What a source contributes at a target; none if it is not felt at any wind speed.
    fn contribution(
        &self,
        site: &Site<W>,
        plant: &Plant,
        source: usize,
        target: usize,
    ) -> Option<Box<Contribution<W>>> {
        let rotor = plant.rotor(target);
        let height_m = rotor.hub_height_m - plant.rotor(source).hub_height_m;
        let offset = self.frame.offset(plant.position(source), plant.position(target), height_m);
        if offset.downwind_m <= ABREAST_M {
            return None;
        }
        let mut contribution: Option<Box<Contribution<W>>> = None;
        let n_speeds = self.cases.len();
        for (speed, of) in self.operations[source].sources.iter().enumerate() {
            if offset.crosswind_m.abs() > site.wake.felt_within_m(of, offset.downwind_m, rotor) {
                continue;
            }
            let contribution = contribution.get_or_insert_with(|| {
                Box::new(Contribution { parts: vec![W::Part::default(); n_speeds], added: vec![0.0; n_speeds] })
            });
            contribution.parts[speed] = site.wake.part_at_rotor(of, offset, rotor);
            if site.wake.adds_turbulence() {
                contribution.added[speed] = site.wake.added_turbulence(of, offset, rotor);
            }
        }
        contribution
    }

    /// What reaches the turbine at this place in the order, as the wind meets the sources.
    fn felt(&self, rank: usize) -> Vec<&Contribution<W>> {
        let row = &self.contributions[self.order[rank] * self.order.len()..][..self.order.len()];
        self.order[..rank].iter().filter_map(|&source| row[source].as_deref()).collect()
    }

    /// The same at each wind speed.
    fn parts(&self, rank: usize) -> Vec<Vec<W::Part>> {
        let felt = self.felt(rank);
        let at_speed = |speed: usize| felt.iter().map(|contribution| contribution.parts[speed]).collect();
        (0..self.cases.len()).map(at_speed).collect()
    }

    /// What the turbine at this place in the order does, if that may be something else than before: where flow cases are coupled, at
    /// these deficits.
    fn operate(
        &mut self,
        site: &Site<W>,
        plant: &Plant,
        rank: usize,
        moved: Option<usize>,
        together: Option<&[f64]>,
        replaced: &mut Replaced<W>,
    ) {
        let target = self.order[rank];
        let is_same = together.is_none_or(|deficits| self.operations[target].deficits == deficits);
        if is_same && !replaced.stale[target] {
            return;
        }
        let (turbine, rotor) = (plant.turbine(target), plant.rotor(target));
        let felt = self.felt(rank);
        let mut parts = Vec::with_capacity(felt.len());
        let mut added = Vec::with_capacity(felt.len());
        let n_speeds = self.cases.len();
        let mut new = Operation {
            deficits: Vec::with_capacity(n_speeds),
            sources: Vec::with_capacity(n_speeds),
            power_w: [0.0; EIGHT],
        };
        let ambient_turbulence = site.flow.turbulence_intensity();
        for (speed, case) in self.cases.clone().enumerate() {
            let deficit = if let Some(deficits) = together {
                deficits[speed]
            } else {
                parts.clear();
                parts.extend(felt.iter().map(|contribution| contribution.parts[speed]));
                site.wake.deficit(&parts)
            };
            added.clear();
            added.extend(felt.iter().map(|contribution| contribution.added[speed]));
            let free_speed_m_s = site.flow.wind_speed_m_s()[case];
            let speed_m_s = effective_speed(free_speed_m_s, deficit);
            new.power_w[speed % EIGHT] += turbine.power_w.at(speed_m_s) * site.flow.probability()[case];
            let inflow = Inflow {
                ct: turbine.ct.at(site.wake.thrust_speed_m_s(free_speed_m_s, speed_m_s)),
                speed_share: speed_m_s / free_speed_m_s,
                ambient_turbulence,
                turbulence: site.wake.turbulence(ambient_turbulence, &added),
                free_speed_m_s,
            };
            new.deficits.push(deficit);
            new.sources.push(site.wake.source(rotor, inflow));
        }
        if self.operations[target].sources != new.sources || moved.is_none_or(|moved| moved == target) {
            replaced.fresh.push(target);
        }
        replaced.operations.push((target, std::mem::replace(&mut self.operations[target], new)));
    }

    fn take_back(&mut self, replaced: Replaced<W>) {
        self.order = replaced.order;
        for (at, contribution) in replaced.contributions.into_iter().rev() {
            self.contributions[at] = contribution;
        }
        for (turbine, operation) in replaced.operations {
            self.operations[turbine] = operation;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::{evaluate, sample};
    use crate::wake::{BuiltWake, WakeModel};

    fn bits(plant: &PlainPlant<impl RealWake>) -> Vec<u64> {
        plant.turbine_aep_gwh().iter().map(|aep_gwh| aep_gwh.to_bits()).collect()
    }

    /// After every move, and after it is taken back, the plant is that of a fresh start, and agrees with the definition.
    fn check<W: RealWake>(name: &str, wake: &W) {
        let (turbines, mut layout) = (sample::turbines(), sample::layout(12, (13.0, 11.0)));
        let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
        let directions = (0..12).map(|d| 30.0 * f64::from(d)).collect();
        let flow = FlowCases::grid(directions, &[6.0, 9.0, 13.0], vec![1.0 / 36.0; 36], 0.08);
        let mut plant = PlainPlant::new(wake, &turbines, &types, &layout, &flow);
        for (k, turbine) in [0, 7, 7, 3, 11, 0, 5].into_iter().enumerate() {
            let before = bits(&plant);
            let to_m = (layout.x_m[turbine] + 700.0 - 190.0 * k as f64, layout.y_m[turbine] + 250.0 * k as f64 - 600.0);
            plant.move_to(turbine, to_m);
            if k % 3 == 1 {
                assert_ne!(bits(&plant), before, "{name}, move {k}");
                plant.take_back();
                plant.take_back();
                assert_eq!(bits(&plant), before, "{name}, move {k} is taken back");
            } else {
                (layout.x_m[turbine], layout.y_m[turbine]) = to_m;
            }
            let fresh = PlainPlant::new(wake, &turbines, &types, &layout, &flow);
            assert_eq!(bits(&plant), bits(&fresh), "{name}, move {k}");
            let defined = evaluate(wake, &Plant::new(&layout, &turbines, &types), &flow).turbine_aep_gwh;
            for (got, defined) in plant.turbine_aep_gwh().iter().zip(defined) {
                assert!((got / defined - 1.0).abs() < 1e-12, "{name}, move {k}: {got} {defined}");
            }
        }
    }

    #[test]
    fn moves_lead_where_a_fresh_start_leads_for_every_model() {
        for model in WakeModel::ALL {
            match model.spec().build([240.0, 195.0]) {
                BuiltWake::Composed(wake) => check(model.name(), &wake),
                BuiltWake::Weighted(wake) => check(model.name(), &wake),
                BuiltWake::Nygaard2022(_) => unreachable!("a spec builds a composition"),
            }
        }
    }

    #[test]
    fn a_plant_of_none_produces_nothing() {
        let BuiltWake::Composed(wake) = WakeModel::Niayifar2016.build([240.0]) else { unreachable!("a composition") };
        let (turbines, flow) = (sample::turbines(), FlowCases::grid(vec![270.0], &[9.0], vec![1.0], 0.08));
        let plant = PlainPlant::new(&wake, &turbines, &[], &Layout::default(), &flow);
        assert!(plant.turbine_aep_gwh().is_empty() && plant.aep_gwh().abs() < 1e-300);
    }
}
