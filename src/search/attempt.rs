//! One search under way: a plant that is moved turbine by turbine, the moves it has left, and the best layout seen.

use std::fmt;

use crate::aep::{Live, Simd, Slopes, Ways};
use crate::farm::{FlowCases, Layout, Turbine};
use crate::search::Ground;

/// What a search is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// See [`crate::search::starts`].
    Start,
    /// See [`crate::search::relocate`].
    Relocate,
    /// See [`crate::search::pattern`].
    Pattern,
    /// See [`crate::search::recreate`].
    Recreate,
    /// See [`crate::search::polish`].
    Polish,
}

impl Stage {
    /// The name in traces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Relocate => "relocate",
            Self::Pattern => "pattern",
            Self::Recreate => "recreate",
            Self::Polish => "polish",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who is told how a search goes, and may end it. What it is told must not depend on anything but the search.
pub trait Watch {
    /// So many moves have been tried since the last time it was told, and this is the best AEP so far, GWh. False: stop.
    fn go_on(&mut self, moves: u64, best_gwh: f64, stage: Stage) -> bool;
}

/// What layouts are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Physics<'a, W: 'a> {
    /// Instructions to compute with.
    pub simd: Simd,
    /// The wake model.
    pub wake: W,
    /// The turbine types.
    pub turbines: &'a [Turbine],
    /// The type of each turbine.
    pub types: &'a [usize],
    /// The wind.
    pub flow: &'a FlowCases,
    /// The first turbine whose energy counts; neighbours come before the turbines that are moved.
    pub counted_from: usize,
}

impl<'a, W: Ways + 'a> Physics<'a, W> {
    /// The plant of this layout.
    pub fn plant(&self, layout: &Layout) -> Box<dyn Live + 'a> {
        self.wake.plant(self.simd, self.turbines, self.types, layout, self.flow)
    }

    /// What counts of its AEP, GWh.
    pub fn counted_gwh(&self, plant: &dyn Live) -> f64 {
        plant.turbine_aep_gwh()[self.counted_from..].iter().sum()
    }
}

/// A search under way. Every layout that it moves to is feasible, and so is the best one.
pub struct Attempt<'a, W: 'a> {
    physics: Physics<'a, W>,
    plant: Box<dyn Live + 'a>,
    gradient: Box<dyn Slopes + 'a>,
    ground: &'a Ground<'a>,
    places_m: Vec<(f64, f64)>,
    aep_gwh: f64,
    best_m: Vec<(f64, f64)>,
    best_gwh: f64,
    left: u64,
    used: u64,
    told: u64,
    stage: Stage,
    /// Stages that ended, and the best AEP then, GWh.
    ended: Vec<(Stage, f64)>,
    watch: &'a mut dyn Watch,
}

impl<'a, W: Ways + 'a> Attempt<'a, W> {
    /// A search that starts with this layout, which is feasible, and may try so many moves.
    pub fn new(
        physics: Physics<'a, W>,
        layout: &Layout,
        ground: &'a Ground<'a>,
        moves: u64,
        watch: &'a mut dyn Watch,
    ) -> Self {
        let plant = physics.plant(layout);
        let mut gradient = physics.wake.gradient(physics.simd, physics.turbines, physics.types, physics.flow);
        gradient.count_from(physics.counted_from);
        let places_m: Vec<(f64, f64)> = layout.positions().collect();
        let aep_gwh = physics.counted_gwh(&*plant);
        Self {
            physics,
            plant,
            gradient,
            ground,
            best_m: places_m.clone(),
            places_m,
            aep_gwh,
            best_gwh: aep_gwh,
            left: moves,
            used: 0,
            told: 0,
            stage: Stage::Start,
            ended: Vec::new(),
            watch,
        }
    }

    /// Counts what was tried to make the start layout, beside the moves that are left.
    pub fn count_start(&mut self, moves: u64) {
        self.used += moves;
        self.tell();
    }

    /// Says what is being done from now on.
    pub fn begin(&mut self, stage: Stage) {
        self.tell();
        self.ended.push((self.stage, self.best_gwh));
        self.stage = stage;
    }

    /// All stages so far, the start first, and the best AEP at the end of each, or now, GWh.
    pub fn stages(&self) -> impl Iterator<Item = (Stage, f64)> {
        self.ended.iter().copied().chain([(self.stage, self.best_gwh)])
    }

    /// Whether no moves are left, or the watch has ended the search.
    pub fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Moves left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Moves tried.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// What counts of the AEP of the plant as it stands, GWh.
    pub fn aep_gwh(&self) -> f64 {
        self.aep_gwh
    }

    /// AEP of each turbine as the plant stands, GWh.
    pub fn turbine_aep_gwh(&self) -> &[f64] {
        self.plant.turbine_aep_gwh()
    }

    /// Where turbines stand, m.
    pub fn places_m(&self) -> &[(f64, f64)] {
        &self.places_m
    }

    /// What is feasible.
    pub fn ground(&self) -> &'a Ground<'a> {
        self.ground
    }

    /// The AEP with `turbine` at this feasible place, GWh; it stays where it was. None when the search is over.
    pub fn probe(&mut self, turbine: usize, to_m: (f64, f64)) -> Option<f64> {
        let aep_gwh = self.moved(turbine, to_m)?;
        self.plant.take_back();
        Some(aep_gwh)
    }

    /// Moves `turbine` to this feasible place. False when the search is over.
    pub fn put(&mut self, turbine: usize, to_m: (f64, f64)) -> bool {
        let Some(aep_gwh) = self.moved(turbine, to_m) else { return false };
        self.keep(turbine, to_m, aep_gwh);
        true
    }

    /// Moves `turbine` to the feasible place nearest to this one if that gains more than `gain_gwh`; whether it did.
    pub fn improve(&mut self, turbine: usize, wished_m: (f64, f64), gain_gwh: f64) -> bool {
        let Some(to_m) = self.ground.settle(turbine, wished_m, &self.places_m) else { return false };
        let Some(aep_gwh) = self.moved(turbine, to_m) else { return false };
        if aep_gwh > self.aep_gwh + gain_gwh {
            self.keep(turbine, to_m, aep_gwh);
            return true;
        }
        self.plant.take_back();
        false
    }

    /// AEP of any layout, GWh, with wakes so many times as wide as they are, and its slopes along x and y of each turbine, GWh/m. It counts
    /// as a move of every turbine. None when the search is over.
    pub fn survey(&mut self, layout: &Layout, widening: f64, slopes: &mut Vec<(f64, f64)>) -> Option<f64> {
        self.count(layout.len() as u64)?;
        self.gradient.widen(widening);
        Some(self.gradient.at(layout, slopes))
    }

    /// Puts every turbine at its place of these, which are feasible. False when the search is over.
    pub fn adopt(&mut self, places_m: &[(f64, f64)]) -> bool {
        if self.count(places_m.len() as u64).is_none() {
            return false;
        }
        self.plant = self.physics.plant(&places_m.iter().copied().collect());
        self.places_m.copy_from_slice(places_m);
        self.aep_gwh = self.physics.counted_gwh(&*self.plant);
        self.remember();
        true
    }

    /// Goes back to these places, at which the plant has been. False when the search is over before it is there.
    pub fn go_back(&mut self, places_m: &[(f64, f64)]) -> bool {
        let moved = self.places_m.iter().zip(places_m).filter(|(now, then)| now != then).count();
        if 2 * moved > places_m.len() {
            return self.adopt(places_m);
        }
        for (turbine, &to_m) in places_m.iter().enumerate() {
            if self.places_m[turbine] == to_m {
                continue;
            }
            let Some(aep_gwh) = self.moved(turbine, to_m) else { return false };
            // Half way back, one turbine's old place may be too close to another's new one: no layout to keep.
            self.places_m[turbine] = to_m;
            self.aep_gwh = aep_gwh;
        }
        true
    }

    /// Goes back to the best places seen. False when the search is over before it is there.
    pub fn go_back_to_best(&mut self) -> bool {
        let best_m = self.best_m.clone();
        self.go_back(&best_m)
    }

    /// The best layout seen, its AEP by the moves, GWh, and the moves tried.
    pub fn finish(mut self) -> (Layout, f64, u64) {
        self.tell();
        (self.best_m.into_iter().collect(), self.best_gwh, self.used)
    }

    fn moved(&mut self, turbine: usize, to_m: (f64, f64)) -> Option<f64> {
        self.count(1)?;
        self.plant.move_to(turbine, to_m);
        Some(self.physics.counted_gwh(&*self.plant))
    }

    /// Takes moves from those left. None, and none are left, if they are too few.
    fn count(&mut self, moves: u64) -> Option<()> {
        let left = self.left.checked_sub(moves);
        self.left = left.unwrap_or(0);
        left?;
        self.used += moves;
        if self.used - self.told >= W::MOVES_PER_LOOK {
            self.tell();
        }
        Some(())
    }

    fn keep(&mut self, turbine: usize, to_m: (f64, f64), aep_gwh: f64) {
        self.places_m[turbine] = to_m;
        self.aep_gwh = aep_gwh;
        self.remember();
    }

    fn remember(&mut self) {
        if self.aep_gwh > self.best_gwh {
            self.best_gwh = self.aep_gwh;
            self.best_m.copy_from_slice(&self.places_m);
        }
    }

    fn tell(&mut self) {
        if !self.watch.go_on(self.used - self.told, self.best_gwh, self.stage) {
            self.left = 0;
        }
        self.told = self.used;
    }
}

impl<W> fmt::Debug for Attempt<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempt at {} GWh, best {} GWh, {} moves left", self.aep_gwh, self.best_gwh, self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::farm::FlowCases;
    use crate::search::{CaseRng, Pattern, Polish, Recreate, Relocate, RngKind, sample};
    use crate::wake::InAir;

    /// Goes on for so many looks, and counts what it is told.
    struct Patience {
        looks: u64,
        moves: u64,
    }

    impl Watch for Patience {
        fn go_on(&mut self, moves: u64, _best_gwh: f64, _stage: Stage) -> bool {
            self.moves += moves;
            self.looks = self.looks.saturating_sub(1);
            self.looks > 0
        }
    }

    /// Gain of a search that starts with turbines in a row, GWh, and the moves it tried.
    fn search(moves: u64, looks: u64, run: impl Fn(&mut Attempt<InAir>, &[usize], &mut CaseRng)) -> (f64, u64) {
        let flow = FlowCases::grid(vec![250.0, 270.0, 300.0], &[9.0], vec![0.3, 0.4, 0.3], 0.06);
        let row = Layout { x_m: vec![-1600.0, -800.0, 0.0, 800.0, 1600.0], y_m: vec![0.0; 5] };
        sample::on_disc(3000.0, 5, &flow, |physics, ground| {
            let mut patience = Patience { looks, moves: 0 };
            let mut attempt = Attempt::new(*physics, &row, ground, moves, &mut patience);
            let before_gwh = attempt.aep_gwh();
            let mut rng = CaseRng::new(RngKind::ChaCha8, 4, 0);
            run(&mut attempt, &[0, 1, 2, 3, 4], &mut rng);
            let (best, best_gwh, used) = attempt.finish();
            ground.prove(&best).unwrap();
            assert_eq!(physics.plant(&best).aep_gwh().to_bits(), best_gwh.to_bits(), "the AEP is that of the layout");
            assert!(used <= moves);
            assert_eq!(patience.moves, used, "every move is told once");
            (best_gwh - before_gwh, used)
        })
    }

    const PATTERN: Pattern = Pattern { first_step_m: 195.0, least_step_m: 2.0, least_gain: 1e-8 };

    const POLISH: Polish = Polish { diameter_m: 195.0, widenings: &[2.0, 1.0], rounds: 3, steps: 10, least_gain: 1e-8 };
    const RECREATE: Recreate =
        Recreate { most_removed: 2, places: 8, edge_step_m: 195.0, polish: POLISH, heat: (1e-3, 0.0) };

    #[test]
    fn every_stage_gains_by_itself() {
        let (pattern, used) = search(3_000, u64::MAX, |attempt, all, rng| PATTERN.run(attempt, all, rng));
        assert!(pattern > 1.0 && used < 3_000, "{pattern} GWh, {used} moves: it comes to rest");
        let relocate = Relocate { step_m: 500.0, refinements: 2, least_gain: 1e-8 };
        let (relocated, _) = search(3_000, u64::MAX, |attempt, all, rng| {
            assert!(relocate.run(attempt, all, rng) > 0);
        });
        assert!(relocated > 1.0, "{relocated} GWh");
        let (polished, used) = search(3_000, u64::MAX, |attempt, _, _| assert!(POLISH.run(attempt)));
        assert!(polished > 1.0 && used < 3_000, "{polished} GWh, {used} moves: it comes to rest");
        let (recreated, used) = search(3_000, u64::MAX, |attempt, _, rng| RECREATE.run(attempt, 10_000, rng));
        assert!(recreated > 1.0 && used + 5 > 3_000, "{recreated} GWh, {used} moves: it spends the budget");
    }

    #[test]
    fn a_search_ends_when_the_watch_says_so() {
        let (_, used) = search(100_000, 5, |attempt, _, rng| RECREATE.run(attempt, 100_000, rng));
        // A survey counts as a move of each of five turbines: looks may come a little late.
        let per_look = <InAir as Ways>::MOVES_PER_LOOK;
        assert!((5 * per_look..6 * per_look).contains(&used), "{used}");
    }

    #[test]
    fn going_back_leads_to_the_very_same_plant() {
        search(100, u64::MAX, |attempt, _, _| {
            let (from_m, from_gwh) = (attempt.places_m().to_vec(), attempt.aep_gwh());
            assert!(attempt.put(2, (0.0, -1500.0)) && attempt.put(1, (-900.0, 1500.0)));
            let better_gwh = attempt.aep_gwh();
            assert!(better_gwh > from_gwh);
            assert!(attempt.go_back(&from_m));
            assert_eq!(attempt.aep_gwh().to_bits(), from_gwh.to_bits());
            assert!(attempt.go_back_to_best());
            assert_eq!(attempt.aep_gwh().to_bits(), better_gwh.to_bits());
            let probed = attempt.probe(0, (1500.0, 1500.0));
            assert!(probed.is_some() && attempt.aep_gwh().to_bits() == better_gwh.to_bits());
        });
    }
}
