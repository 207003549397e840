//! Flow cases in which all wakes are alike, taken together.
//!
//! Where thrust is read at the free wind and deficits are shares of it ([`LaneWake::is_known_beforehand`]), no turbine's wake depends on another
//! turbine; and at wind speeds of one direction at which thrust coefficients are the same, every deficit is the same. It is then computed once
//! for all of them.

use crate::farm::{FlowCases, Turbine};
use crate::lanes::{Block, EIGHT};
use crate::wake::LaneWake;

/// Flow cases for wakes, each of which stands for several for power.
#[derive(Debug, Clone)]
pub(super) struct Condensed {
    /// One case for all winds of a direction in which wakes are alike, at the first of their speeds.
    pub(super) flow: FlowCases,
    /// Of eight cases after the other, the winds that they stand for.
    pub(super) winds: Vec<Vec<Winds>>,
}

/// A wind speed, m/s, of each of eight cases, and its probability; where a case has fewer winds than others the probability is 0.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Winds {
    pub(super) speed_m_s: Block,
    pub(super) probability: Block,
}

/// Winds of one direction in which wakes are alike.
struct Bundle {
    /// Of each turbine type.
    ct: Vec<f64>,
    /// Speeds, m/s, and probabilities.
    winds: Vec<(f64, f64)>,
}

/// The flow cases in which any turbine can produce, taken together; none if wakes depend on each other.
pub(super) fn condense<W: LaneWake>(wake: &W, turbines: &[Turbine], flow: &FlowCases) -> Option<Condensed> {
    if !wake.is_known_beforehand() {
        return None;
    }
    let (mut directions, mut all) = (Vec::new(), Vec::new());
    for (direction, &degrees) in flow.wind_direction_deg().iter().enumerate() {
        let mut bundles: Vec<Bundle> = Vec::new();
        for case in flow.cases_of(direction) {
            let speed_m_s = flow.wind_speed_m_s()[case];
            if turbines.iter().all(|turbine| turbine.power_w.is_nil_up_to(speed_m_s)) {
                continue;
            }
            let ct: Vec<f64> = turbines.iter().map(|turbine| turbine.ct.at(speed_m_s)).collect();
            let wind = (speed_m_s, flow.probability()[case]);
            match bundles.iter_mut().find(|bundle| bundle.ct == ct) {
                Some(bundle) => bundle.winds.push(wind),
                None => bundles.push(Bundle { ct, winds: vec![wind] }),
            }
        }
        let together = |bundle: &Bundle| (bundle.winds[0].0, bundle.winds.iter().map(|wind| wind.1).sum());
        directions.push((degrees, bundles.iter().map(together).collect()));
        all.extend(bundles.into_iter().map(|bundle| bundle.winds));
    }
    let flow = FlowCases::by_direction(directions, flow.turbulence_intensity());
    Some(Condensed { flow, winds: all.chunks(EIGHT).map(in_block).collect() })
}

fn in_block(cases: &[Vec<(f64, f64)>]) -> Vec<Winds> {
    let wind = |k: usize| {
        let mut winds = Winds { speed_m_s: Block([1.0; EIGHT]), ..Winds::default() };
        for (lane, case) in cases.iter().enumerate() {
            if let Some(&(speed_m_s, probability)) = case.get(k) {
                winds.speed_m_s.0[lane] = speed_m_s;
                winds.probability.0[lane] = probability;
            }
        }
        winds
    };
    (0..cases.iter().map(Vec::len).max().unwrap_or(0)).map(wind).collect()
}
