//! What a turbine does at eight wind speeds, and what it is as a source there.

use crate::aep::Plant;
use crate::aep::facing::Winds;
use crate::aep::full::effective_speed;
use crate::aep::plant::rotor;
use crate::aep::reach::extent_m;
use crate::aep::reach_lines::ReachLines;
use crate::farm::{CurvePair, Turbine};
use crate::lanes::{Block, Lanes};
use crate::wake::spec::WindSpeedAt;
use crate::wake::{LaneWake, Rotor, SOURCE_NUMBERS, store_source};

/// A turbine at eight wind speeds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Operation {
    /// Effective wind speed, m/s.
    speed_m_s: Block,
    pub(super) power_w: Block,
    /// Thrust coefficient, if it is looked up with the power.
    ct: Block,
    /// What it is as a source.
    pub(super) numbers: [Block; SOURCE_NUMBERS],
}

/// A type of turbine of the plant.
pub(super) struct Kind<'a> {
    pub(super) turbine: &'a Turbine,
    pub(super) rotor: Rotor,
    /// Above its reach at any other.
    pub(super) reach: ReachLines,
    /// Power, W, and thrust, where both are read at the effective wind speed and can be looked up together.
    curves: Option<CurvePair>,
}

impl<'a> Kind<'a> {
    /// Those of a plant.
    pub(super) fn of<W: LaneWake>(wake: &W, plant: &'a Plant<'a>) -> Vec<Self> {
        let extent_m = extent_m(&plant.positions());
        let turbines: Vec<&Turbine> = (0..plant.n_types()).map(|t| plant.turbine_type(t)).collect();
        let reaches = ReachLines::of_types(wake, &turbines, extent_m, 1.0);
        let kind = |(turbine, reach): (&'a Turbine, ReachLines)| {
            let is_at_effective = wake.thrust_speed() == WindSpeedAt::Effective;
            let curves = if is_at_effective { CurvePair::new(&turbine.power_w, &turbine.ct) } else { None };
            Self { turbine, rotor: rotor(turbine), reach, curves }
        };
        turbines.into_iter().zip(reaches).map(kind).collect()
    }
}

/// Effective speeds and powers, from the sums of what reaches a turbine.
#[inline(always)]
pub(super) fn operate<V: Lanes, W: LaneWake>(
    wake: &W,
    kind: &Kind,
    winds: &Winds,
    sum: &Block,
    operation: &mut Operation,
) {
    let speed = effective_speed(V::load(&winds.speed_m_s.0), wake.deficit(V::load(&sum.0)));
    speed.store(&mut operation.speed_m_s.0);
    if let Some(curves) = &kind.curves {
        let [power_w, ct] = curves.at_lanes(speed);
        power_w.store(&mut operation.power_w.0);
        ct.store(&mut operation.ct.0);
    } else {
        kind.turbine.power_w.at_lanes(speed).store(&mut operation.power_w.0);
    }
}

/// What a turbine is as a source, from what it does.
#[inline(always)]
pub(super) fn become_source<V: Lanes, W: LaneWake>(wake: &W, kind: &Kind, winds: &Winds, operation: &mut Operation) {
    let (free, speed) = (V::load(&winds.speed_m_s.0), V::load(&operation.speed_m_s.0));
    let source = if kind.curves.is_some() {
        source_of(wake, kind.rotor, V::load(&operation.ct.0), free, speed)
    } else {
        source_at(wake, kind.turbine, kind.rotor, free, speed)
    };
    store_source::<V>(source, &mut operation.numbers);
}

/// What a turbine is as a source in these free and effective wind speeds, m/s.
#[inline(always)]
pub(in crate::aep) fn source_at<V: Lanes, W: LaneWake>(
    wake: &W,
    turbine: &Turbine,
    rotor: Rotor,
    free_m_s: V,
    effective_m_s: V,
) -> [V; SOURCE_NUMBERS] {
    let ct = turbine.ct.at_lanes(wake.thrust_speed_m_s(free_m_s, effective_m_s));
    source_of(wake, rotor, ct, free_m_s, effective_m_s)
}

/// The same of known thrust.
#[inline(always)]
fn source_of<V: Lanes, W: LaneWake>(
    wake: &W,
    rotor: Rotor,
    ct: V,
    free_m_s: V,
    effective_m_s: V,
) -> [V; SOURCE_NUMBERS] {
    let share = if wake.needs_speed_share() { effective_m_s / free_m_s } else { V::splat(1.0) };
    wake.source(rotor, ct, share)
}
