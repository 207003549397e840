//! The gradient against differences of the evaluation, against numbers that carry their slopes, and against the fast ways.

use super::*;
use crate::aep::gradient::tests::compare;
use crate::aep::sample::{self, turbines};
use crate::aep::{Gradient, Simd, evaluate};
use crate::lanes::{Dual, Lanes};
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{DeficitSum, Expansion, Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbopark::TurbOPark;
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};
use crate::wake::{BuiltWake, Induction, Superposition, WakeModel};

type Forward = Dual<f64, 2>;

fn layout() -> Layout {
    sample::layout(10, (13.0, 11.0))
}

fn types() -> Vec<usize> {
    (0..10).map(|i| i % 2).collect()
}

fn flow() -> FlowCases {
    let probability = (0..36 * 5).map(|k| f64::from(k % 7 + 1) * 1e-3).collect();
    let directions = (0..36).map(|d| 10.0 * f64::from(d) + 0.3).collect();
    FlowCases::grid(directions, &[5.26, 7.44, 9.36, 11.15, 14.07], probability, 0.08)
}

/// Every published composition, and some of parts that none of them has.
fn specs() -> Vec<(String, WakeSpec)> {
    let mut specs: Vec<(String, WakeSpec)> =
        WakeModel::ALL.into_iter().map(|model| (model.to_string(), model.spec())).collect();
    specs.push((
        "top-hat that grows with turbulence, mirrored".into(),
        WakeSpec {
            deficit: Deficit::TopHat { induction: Induction::Madsen, expansion: Expansion::effective(0.4, 0.005) },
            reference_speed: WindSpeedAt::Effective,
            superposition: DeficitSum::Plain(Superposition::Squared),
            rotor_average: RotorAverage::AreaOverlap,
            ground: Ground::Mirror(Superposition::Linear),
            turbulence: AddedTurbulence::Stf2017 { c: [1.5, 0.8] },
            turbulence_sum: TurbulenceSum::Linear,
            ..WakeModel::Jensen1983.spec()
        },
    ));
    specs.push((
        "TurbOPark in turbulence of wakes".into(),
        WakeSpec {
            deficit: Deficit::Gaussian {
                induction: Induction::Momentum,
                width: GaussianWidth::TurbOPark {
                    constants: TurbOPark::NYGAARD_2022,
                    turbulence: TurbulenceAt::Effective,
                },
            },
            superposition: DeficitSum::Plain(Superposition::Max),
            turbulence: AddedTurbulence::Stf2005,
            turbulence_sum: TurbulenceSum::Squared,
            ..WakeModel::Nygaard2022.spec()
        },
    ));
    specs.push((
        "super-Gaussian, thrust at the free wind".into(),
        WakeSpec {
            thrust_speed: WindSpeedAt::FreeStream,
            turbulence_sum: TurbulenceSum::Max,
            ..WakeModel::Blondel2020.spec()
        },
    ));
    specs
}

/// Slopes along x and y of turbine `moved` by numbers that carry them, GWh/m, with wakes that plain numbers have foreseen.
fn forwards<W: RealWake>(of: &TapedGradient<W>, layout: &Layout, moved: usize) -> (f64, f64) {
    let plant = Plant::new(layout, of.turbines, of.type_of);
    let reaches = Reaches::new(of.wake, &plant, of.flow.turbulence_intensity());
    let meetings: Vec<Meeting> =
        (0..of.flow.wind_direction_deg().len()).map(|d| of.meeting(&plant, &reaches, d)).collect();
    let (forecasts, repeats) = of.foresee_together(&plant, &meetings);
    let mut power_w = Forward::splat(0.0);
    for (direction, meeting) in meetings.iter().enumerate() {
        let frame = WindFrame::new(of.flow.wind_direction_deg()[direction]);
        let place = |k: usize| {
            let (x, y) = (layout.x_m[k] - layout.x_m[0], layout.y_m[k] - layout.y_m[0]);
            let own = if k == moved { 1.0 } else { 0.0 };
            let (x, y) = (Forward::constant(x).along(0, own), Forward::constant(y).along(1, own));
            crate::aep::frame::turn(Forward::splat(frame.cos()), Forward::splat(frame.sin()), x, y)
        };
        let places_m: Vec<(Forward, Forward)> = (0..layout.len()).map(place).collect();
        for case in of.flow.cases_of(direction) {
            power_w = power_w + of.power_w(&plant, meeting, case, (&forecasts[case], &repeats), &places_m);
        }
    }
    let [x, y] = power_w.slopes.map(|slope| slope * HOURS_PER_YEAR * 1e-9);
    (x, y)
}

/// Compares with differences of what is counted, to a share of the steepest slope, and with forward slopes.
fn check<W: RealWake>(name: &str, wake: &W, first: usize, tolerance: f64) {
    let (turbines, types, layout, flow) = (turbines(), types(), layout(), flow());
    let mut gradient = TapedGradient::new(wake, &turbines, &types, &flow);
    gradient.count_from(first);
    let mut slopes = Vec::new();
    let aep_gwh = gradient.at(&layout, &mut slopes);
    let aep = |layout: &Layout| {
        let plant = Plant::new(layout, &turbines, &types);
        evaluate(wake, &plant, &flow).turbine_aep_gwh[first..].iter().sum::<f64>()
    };
    assert!((aep_gwh / aep(&layout) - 1.0).abs() < 1e-12, "{name}: {aep_gwh} {}", aep(&layout));
    compare(name, &layout, &slopes, (|k| forwards(&gradient, &layout, k), 1e-10), (aep, tolerance));
}

#[test]
fn the_gradient_of_every_model_is_that_of_differences_and_of_forward_slopes() {
    for (name, spec) in specs() {
        for first in [0, 4] {
            match spec.build([240.0, 195.0]) {
                BuiltWake::Composed(wake) => check(&name, &wake, first, 1e-3),
                BuiltWake::Weighted(wake) => check(&name, &wake, first, 1e-3),
                BuiltWake::Nygaard2022(_) => unreachable!("a spec builds a composition"),
            }
        }
    }
}

#[test]
fn widened_wakes_are_those_of_the_fast_ways() {
    let (turbines, types, layout, flow) = (turbines(), types(), layout(), flow());
    for model in [WakeModel::Jensen1983, WakeModel::Bastankhah2014, WakeModel::Iea37] {
        let BuiltWake::Composed(wake) = model.build([240.0, 195.0]) else { unreachable!("{model} is a composition") };
        let mut plain = TapedGradient::new(&wake, &turbines, &types, &flow);
        let lanes = wake.in_lanes(0.08).unwrap();
        let mut fast = Gradient::new(Simd::detect(), lanes, &turbines, &types, &flow);
        for widening in [1.0, 2.5] {
            let (mut by_plain, mut by_fast) = (Vec::new(), Vec::new());
            plain.widen(widening);
            fast.widen(widening);
            let (plain_gwh, fast_gwh) = (plain.at(&layout, &mut by_plain), fast.at(&layout, &mut by_fast));
            assert!((plain_gwh / fast_gwh - 1.0).abs() < 1e-12, "{model}: {plain_gwh} {fast_gwh}");
            let steepest = by_fast.iter().flat_map(|s| [s.0.abs(), s.1.abs()]).fold(0.0, f64::max);
            for (plain, fast) in by_plain.iter().zip(&by_fast) {
                let off = (plain.0 - fast.0).abs().max((plain.1 - fast.1).abs());
                assert!(off < 1e-9 * steepest, "{model}, {widening}: {plain:?} {fast:?}");
            }
        }
    }
}
