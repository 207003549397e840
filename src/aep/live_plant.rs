//! A plant whose AEP is kept up to date while its turbines move, one at a time; a move can be taken back.
//!
//! What every turbine adds to the sums of every other is kept by pairs. A move makes the terms from and to the moved turbine anew, and where a
//! turbine becomes another source than before those from it, until nothing changes any more. In the sums a term takes the other's place
//! without a trace (`exact`): the AEP is the same to the bit whatever moves led to a layout, and differs from
//! [`crate::aep::evaluate`] by rounding only. What a move replaces is noted (`ledger`, `pairs`, `powers`), to be put back where the move is taken back.

use std::ops::Range;

use crate::aep::Live;
use crate::aep::by_pairs::cases::{self, Cases};
use crate::aep::by_pairs::cast::{Between, Source};
use crate::aep::by_pairs::marks::Marks;
use crate::aep::condensed::{Winds, condense};
use crate::aep::plant::rotor;
use crate::aep::reach::Reach;
use crate::aep::simd::{Kernel, Simd};
use crate::farm::{FlowCases, Layout, Turbine};
use crate::lanes::{Block, Lanes};
use crate::wake::{LaneWake, Rotor, SOURCE_NUMBERS};

mod exact;
mod ledger;
mod pairs;
mod powers;
mod settle;

use exact::{Grain, Sum};
use ledger::Ledger;
use pairs::Pairs;
use powers::Powers;

/// A plant in the wakes of one model, see the module.
#[derive(Debug)]
pub struct LivePlant<'a, W> {
    simd: Simd,
    site: Site<'a, W>,
    state: State,
    scratch: Scratch,
}

/// What moves do not change.
#[derive(Debug)]
struct Site<'a, W> {
    wake: W,
    turbines: &'a [Turbine],
    rotors: Vec<Rotor>,
    /// Type of each turbine.
    types: Vec<usize>,
    /// By which wakes are computed.
    cases: Cases,
    /// By which power is, of eight cases after the other.
    winds: Vec<Vec<Winds>>,
    /// Reach of each type at each other, source-major, for turbines no further apart than this, m.
    reaches: Vec<Reach>,
    extent_m: f64,
    grain: Grain,
}

/// What moves change, and what is put back when they are taken back.
#[derive(Debug, Default)]
struct State {
    positions_m: Vec<(f64, f64)>,
    /// The last move, if it stands: which turbine, from where.
    moved: Option<(usize, (f64, f64))>,
    pairs: Pairs,
    /// Of each turbine in every block, all blocks of one after those of the other: the sum of what reaches it, and what it is as a source.
    sums: Ledger<Sum>,
    sources: Ledger<Source>,
    powers: Powers,
}

/// Memory that outlives no move.
#[derive(Debug, Default)]
struct Scratch {
    /// Blocks in which parts changed at each turbine and it has not been looked at since.
    stale: Vec<Marks>,
    /// In which order turbines are looked at, and by which distances, m^2.
    order: Vec<usize>,
    distances_m2: Vec<f64>,
    /// Blocks in which the turbine at hand has become another source.
    fresh: Vec<Range<usize>>,
    between: Between,
}

/// Distances between turbines may grow by this factor before reaches are computed for larger ones.
const ROOM: f64 = 2.0;

impl<'a, W: LaneWake> LivePlant<'a, W> {
    /// The plant with turbine i, of type `types[i]` of `turbines`, at place i of `layout`.
    ///
    /// # Panics
    /// If there is not one type for each turbine of the layout, or a type that is none of `turbines`.
    pub fn new(
        simd: Simd,
        wake: W,
        turbines: &'a [Turbine],
        types: &[usize],
        layout: &Layout,
        flow: &FlowCases,
    ) -> Self {
        assert_eq!(types.len(), layout.len(), "one type for each turbine");
        let mut cases = Cases::default();
        let winds = if let Some(condensed) = condense(&wake, turbines, flow) {
            cases.set(&condensed.flow);
            condensed.winds
        } else {
            cases.set(flow);
            let same = |of: &cases::Winds| Winds { speed_m_s: of.speed_m_s, probability: of.probability };
            cases.winds.iter().map(|winds| vec![same(winds)]).collect()
        };
        let (n, n_blocks) = (layout.len(), cases.n_blocks());
        let rotors = turbines.iter().map(rotor).collect();
        let types = types.to_vec();
        let grain = Grain::new(n);
        let site = Site { wake, turbines, rotors, types, cases, winds, reaches: Vec::new(), extent_m: 0.0, grain };
        let state = State {
            positions_m: layout.x_m.iter().copied().zip(layout.y_m.iter().copied()).collect(),
            moved: None,
            pairs: Pairs::new(n),
            sums: Ledger::new(n * n_blocks, Sum::default()),
            sources: Ledger::new(n * n_blocks, [Block::default(); SOURCE_NUMBERS]),
            powers: Powers::new(n, n_blocks),
        };
        let mut plant = Self { simd, site, state, scratch: Scratch::new(n, n_blocks) };
        for turbine in 0..n {
            plant.widen(turbine);
        }
        plant.simd.run(Start { plant: &mut plant });
        plant.state.keep();
        plant
    }

    /// Where the turbines are.
    pub fn layout(&self) -> Layout {
        self.state.positions_m.iter().copied().collect()
    }

    /// Sees to it that reaches are known as far as this turbine is from any other.
    fn widen(&mut self, turbine: usize) {
        let from = self.state.positions_m[turbine];
        let distance_m = |to: &(f64, f64)| libm::hypot(to.0 - from.0, to.1 - from.1);
        let most_m = self.state.positions_m.iter().map(distance_m).fold(0.0, f64::max);
        if most_m > self.site.extent_m {
            self.site.widen(ROOM * most_m);
        }
    }
}

impl<W: LaneWake> Live for LivePlant<'_, W> {
    fn move_to(&mut self, turbine: usize, position_m: (f64, f64)) {
        self.state.keep();
        let was_m = std::mem::replace(&mut self.state.positions_m[turbine], position_m);
        self.state.moved = Some((turbine, was_m));
        self.widen(turbine);
        let simd = self.simd;
        simd.run(Move { plant: self, turbine, was_m });
    }

    fn take_back(&mut self) {
        self.state.take_back();
    }

    fn turbine_aep_gwh(&self) -> &[f64] {
        self.state.powers.energy_gwh()
    }
}

impl<W: LaneWake> Site<'_, W> {
    fn widen(&mut self, extent_m: f64) {
        let Self { wake, turbines, rotors, .. } = &*self;
        let pairs = (0..rotors.len()).flat_map(|source| (0..rotors.len()).map(move |target| (source, target)));
        let reach = |(source, target): (usize, usize)| {
            let max_ct = turbines[source].ct.max();
            Reach::tabulate(extent_m, wake.reach(rotors[source], max_ct, Some(rotors[target])))
        };
        self.reaches = pairs.map(reach).collect();
        self.extent_m = extent_m;
    }

    fn rotor(&self, turbine: usize) -> Rotor {
        self.rotors[self.types[turbine]]
    }

    fn reach(&self, source: usize, target: usize) -> &Reach {
        &self.reaches[self.types[source] * self.rotors.len() + self.types[target]]
    }
}

impl State {
    /// The last move stays.
    fn keep(&mut self) {
        self.moved = None;
        self.pairs.keep();
        self.sums.keep();
        self.sources.keep();
        self.powers.keep();
    }

    fn take_back(&mut self) {
        if let Some((turbine, was_m)) = self.moved.take() {
            self.positions_m[turbine] = was_m;
            self.pairs.take_back();
            self.sums.take_back();
            self.sources.take_back();
            self.powers.take_back();
        }
    }
}

impl Scratch {
    fn new(n: usize, n_blocks: usize) -> Self {
        let mut stale = vec![Marks::default(); n];
        for marks in &mut stale {
            marks.clear(n_blocks);
        }
        Self { stale, ..Self::default() }
    }
}

/// Everything from nothing.
struct Start<'p, 'a, W> {
    plant: &'p mut LivePlant<'a, W>,
}

impl<W: LaneWake> Kernel for Start<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        self.plant.start::<V>();
    }
}

/// A turbine has been put elsewhere.
struct Move<'p, 'a, W> {
    plant: &'p mut LivePlant<'a, W>,
    turbine: usize,
    was_m: (f64, f64),
}

impl<W: LaneWake> Kernel for Move<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        self.plant.follow::<V>(self.turbine, self.was_m);
    }
}

#[cfg(test)]
mod tests;
