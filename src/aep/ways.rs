//! The ways through the engine that a search needs, whatever the wake model: a plant whose turbines move, the slopes of its AEP, a map of
//! what one more turbine would yield.
//!
//! Wake models in lanes have fast ways ([`LivePlant`], [`Gradient`], [`LaneMap`]). [`Plain`] leads any other model through plain ones.

use std::fmt::Debug;

use crate::aep::{
    CandidateMap, EnergyMap, Gradient, LaneBuffers, LaneMap, LivePlant, MapBuffers, PlainPlant, Simd, TapedGradient,
};
use crate::farm::{FlowCases, Layout, Turbine};
use crate::wake::{LaneWake, RealWake};

/// A wake model that a search can work with.
pub trait Ways: Copy + Debug + Send + Sync {
    /// How many moves are tried between two looks at whoever may end the search.
    const MOVES_PER_LOOK: u64;

    /// What a map keeps, to be used for one map after the other.
    type MapMemory: Default;

    /// The plant with turbine i, of type `types[i]` of `turbines`, at place i of `layout`.
    fn plant<'a>(
        self,
        simd: Simd,
        turbines: &'a [Turbine],
        types: &'a [usize],
        layout: &Layout,
        flow: &'a FlowCases,
    ) -> Box<dyn Live + 'a>
    where
        Self: 'a;

    /// The AEP of plants of these turbines and its slopes.
    fn gradient<'a>(
        self,
        simd: Simd,
        turbines: &'a [Turbine],
        types: &'a [usize],
        flow: &'a FlowCases,
    ) -> Box<dyn Slopes + 'a>
    where
        Self: 'a;

    /// The energy that one more turbine would yield at each candidate (x, y), m, with none placed.
    fn map<'m>(
        self,
        simd: Simd,
        turbine: &'m Turbine,
        candidates_m: &'m [(f64, f64)],
        flow: &FlowCases,
        memory: &'m mut Self::MapMemory,
    ) -> Box<dyn EnergyMap + 'm>
    where
        Self: 'm;
}

/// A plant whose AEP is kept up to date while its turbines move. The AEP depends on the layout alone, not on the moves that led to it.
pub trait Live: Debug {
    /// Moves a turbine to (x, y), m.
    fn move_to(&mut self, turbine: usize, position_m: (f64, f64));

    /// Takes the last move back. Without one, or if it was taken back already, nothing happens.
    fn take_back(&mut self);

    /// AEP of each turbine, GWh.
    fn turbine_aep_gwh(&self) -> &[f64];

    /// AEP of the plant, GWh.
    fn aep_gwh(&self) -> f64 {
        self.turbine_aep_gwh().iter().sum()
    }
}

/// The AEP of plants of some turbines and its exact slopes, one layout after the other.
pub trait Slopes: Debug {
    /// Wakes so many times as wide, their centres as deep: a smoother function with fewer local maxima, to start a search with
    /// (Thomas et al. 2022, doi:10.1088/1742-6596/2265/4/042014).
    fn widen(&mut self, factor: f64);

    /// Leaves the energy of all turbines before this one out of account.
    fn count_from(&mut self, first: usize);

    /// AEP of a layout, GWh; the slopes along x and y of each turbine, GWh/m, replace `slopes`.
    ///
    /// # Panics
    /// If the layout has another number of turbines.
    fn at(&mut self, layout: &Layout, slopes: &mut Vec<(f64, f64)>) -> f64;
}

impl<W: LaneWake> Ways for W {
    const MOVES_PER_LOOK: u64 = 64;
    type MapMemory = LaneBuffers;

    fn plant<'a>(
        self,
        simd: Simd,
        turbines: &'a [Turbine],
        types: &'a [usize],
        layout: &Layout,
        flow: &'a FlowCases,
    ) -> Box<dyn Live + 'a>
    where
        Self: 'a,
    {
        Box::new(LivePlant::new(simd, self, turbines, types, layout, flow))
    }

    fn gradient<'a>(
        self,
        simd: Simd,
        turbines: &'a [Turbine],
        types: &'a [usize],
        flow: &'a FlowCases,
    ) -> Box<dyn Slopes + 'a>
    where
        Self: 'a,
    {
        Box::new(Gradient::new(simd, self, turbines, types, flow))
    }

    fn map<'m>(
        self,
        simd: Simd,
        turbine: &'m Turbine,
        candidates_m: &'m [(f64, f64)],
        flow: &FlowCases,
        memory: &'m mut LaneBuffers,
    ) -> Box<dyn EnergyMap + 'm>
    where
        Self: 'm,
    {
        Box::new(LaneMap::new(simd, self, turbine, candidates_m, flow, memory))
    }
}

/// Any wake model, by the plain ways: one number at a time.
#[derive(Debug)]
pub struct Plain<'w, W>(pub &'w W);

impl<W> Clone for Plain<'_, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Copy for Plain<'_, W> {}

/// What the map of a [`Plain`] model keeps.
#[derive(Debug)]
pub struct PlainMapMemory<W: RealWake> {
    buffers: MapBuffers<W>,
    flow: FlowCases,
}

impl<W: RealWake> Default for PlainMapMemory<W> {
    fn default() -> Self {
        Self { buffers: MapBuffers::default(), flow: FlowCases::by_direction(Vec::new(), 0.0) }
    }
}

impl<W: RealWake> Ways for Plain<'_, W> {
    /// A move may take a second.
    const MOVES_PER_LOOK: u64 = 1;
    type MapMemory = PlainMapMemory<W>;

    fn plant<'a>(
        self,
        _simd: Simd,
        turbines: &'a [Turbine],
        types: &'a [usize],
        layout: &Layout,
        flow: &'a FlowCases,
    ) -> Box<dyn Live + 'a>
    where
        Self: 'a,
    {
        Box::new(PlainPlant::new(self.0, turbines, types, layout, flow))
    }

    fn gradient<'a>(
        self,
        _simd: Simd,
        turbines: &'a [Turbine],
        types: &'a [usize],
        flow: &'a FlowCases,
    ) -> Box<dyn Slopes + 'a>
    where
        Self: 'a,
    {
        Box::new(TapedGradient::new(self.0, turbines, types, flow))
    }

    /// In few wind directions, each at its mean speed: the map keeps every part at every candidate, and ranking needs no more.
    fn map<'m>(
        self,
        _simd: Simd,
        turbine: &'m Turbine,
        candidates_m: &'m [(f64, f64)],
        flow: &FlowCases,
        memory: &'m mut PlainMapMemory<W>,
    ) -> Box<dyn EnergyMap + 'm>
    where
        Self: 'm,
    {
        memory.flow = coarse(flow);
        Box::new(CandidateMap::new(self.0, turbine, candidates_m, &memory.flow, &mut memory.buffers))
    }
}

/// Wind directions by which candidates are ranked, at most.
const MOST_DIRECTIONS: usize = 72;

/// The wind in few directions, each that in the middle of some neighbours, at their mean speed.
fn coarse(flow: &FlowCases) -> FlowCases {
    let all: Vec<usize> = (0..flow.wind_direction_deg().len()).collect();
    let together = |neighbours: &[usize]| {
        let (mut probability, mut weighted) = (0.0, 0.0);
        for case in neighbours.iter().flat_map(|&direction| flow.cases_of(direction)) {
            probability += flow.probability()[case];
            weighted += flow.probability()[case] * flow.wind_speed_m_s()[case];
        }
        let winds = if probability > 0.0 { vec![(weighted / probability, probability)] } else { Vec::new() };
        (flow.wind_direction_deg()[neighbours[neighbours.len() / 2]], winds)
    };
    let directions = all.chunks(all.len().div_ceil(MOST_DIRECTIONS).max(1)).map(together).collect();
    FlowCases::by_direction(directions, flow.turbulence_intensity())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_winds_are_the_mean_of_neighbours() {
        let directions =
            vec![(10.0, vec![(4.0, 0.25), (8.0, 0.75)]), (20.0, vec![(9.0, 0.0)]), (30.0, vec![(6.0, 0.1)])];
        let few = coarse(&FlowCases::by_direction(directions, 0.07));
        assert_eq!(few.wind_direction_deg(), [10.0, 20.0, 30.0]);
        assert_eq!((few.cases_of(0), few.cases_of(1), few.cases_of(2)), (0..1, 1..1, 1..2));
        assert!((few.wind_speed_m_s()[0] - 7.0).abs() < 1e-15 && (few.probability()[0] - 1.0).abs() < 1e-15);
        let many: Vec<f64> = (0..360).map(f64::from).collect();
        let coarse = coarse(&FlowCases::grid(many, &[5.0, 9.0], vec![1.0 / 720.0; 720], 0.07));
        assert_eq!((coarse.wind_direction_deg().len(), coarse.len()), (72, 72));
        assert!((coarse.wind_direction_deg()[1] - 7.0).abs() < 1e-12);
        assert!((coarse.total_probability() - 1.0).abs() < 1e-12 && (coarse.wind_speed_m_s()[71] - 7.0).abs() < 1e-12);
    }
}
