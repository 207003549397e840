//! The gradient against differences, and against a plain plant whose numbers carry slopes from its places to its AEP.

use super::*;
use crate::aep::full::effective_speed;
use crate::aep::plant::rotor;
use crate::aep::sample::{self, turbines};
use crate::aep::{ABREAST_M, HOURS_PER_YEAR, OneByOne, evaluate_by_lanes};
use crate::wake::spec::{DeficitSum, Ground, RotorAverage, WakeSpec, WindSpeedAt};
use crate::wake::{BuiltWake, InAir, Nygaard2022, PLACE_NUMBERS, Place, SOURCE_NUMBERS, Superposition, WakeModel};

fn layout(n: u32) -> Layout {
    sample::layout(n, (13.0, 11.0))
}

fn flow(speeds: &[f64]) -> FlowCases {
    let probability = (0..36 * speeds.len()).map(|k| (k % 7 + 1) as f64 * 1e-3).collect();
    FlowCases::grid((0..36).map(|d| 10.0 * f64::from(d) + 0.3).collect(), speeds, probability, 0.08)
}

/// Between the knots of the curves, as speeds in wakes are.
const SPEEDS: [f64; 11] = [4.13, 5.26, 6.37, 7.44, 8.23, 9.36, 10.44, 11.15, 12.63, 14.07, 17.02];

/// Compositions of all that slopes go through differently.
fn specs() -> Vec<(String, WakeSpec)> {
    let of = |model: WakeModel| (model.to_string(), model.spec());
    let mut specs = vec![of(WakeModel::Jensen1983), of(WakeModel::Bastankhah2014), of(WakeModel::Iea37)];
    for superposition in [Superposition::Linear, Superposition::Max] {
        for model in [WakeModel::Jensen1983, WakeModel::Bastankhah2014] {
            let mut spec = model.spec();
            spec.superposition = DeficitSum::Plain(superposition);
            spec.ground = Ground::Mirror(superposition);
            spec.reference_speed = WindSpeedAt::Effective;
            spec.rotor_average = match model {
                WakeModel::Jensen1983 => RotorAverage::AreaOverlap,
                _ => RotorAverage::GaussianOverlap,
            };
            specs.push((format!("{model}, {superposition:?}"), spec));
        }
    }
    specs
}

/// A plain plant: every pair, one number after the other, with slopes along x and y of turbine `moved`.
fn forwards<W: LaneWake>(wake: W, layout: &Layout, types: &[usize], flow: &FlowCases, moved: usize) -> [f64; 3] {
    type Number = Dual<f64, 2>;
    let turbines = turbines();
    let at = |k: usize| {
        let (x, y) = (Number::constant(layout.x_m[k]), Number::constant(layout.y_m[k]));
        if k == moved { (x.along(0, 1.0), y.along(1, 1.0)) } else { (x, y) }
    };
    let mut power_w = Number::constant(0.0);
    for direction in 0..flow.wind_direction_deg().len() {
        let frame = crate::aep::frame::WindFrame::new(flow.wind_direction_deg()[direction]);
        let (cos, sin) = (Number::constant(frame.cos()), Number::constant(frame.sin()));
        let mut order: Vec<usize> = (0..layout.len()).collect();
        let downwind_m = |k: usize| frame.turn(layout.x_m[k], layout.y_m[k]).0;
        order.sort_by(|&a, &b| downwind_m(a).total_cmp(&downwind_m(b)));
        for case in flow.cases_of(direction) {
            let free = Number::constant(flow.wind_speed_m_s()[case]);
            let mut sources = vec![[Number::constant(0.0); SOURCE_NUMBERS]; layout.len()];
            for (place, &k) in order.iter().enumerate() {
                let (turbine, radius_m) = (&turbines[types[k]], 0.5 * turbines[types[k]].rotor_diameter_m);
                let mut sum = Number::constant(0.0);
                for &i in &order[..place] {
                    let source = rotor(&turbines[types[i]]);
                    let (x, y) = (at(k).0 - at(i).0, at(k).1 - at(i).1);
                    let (downwind_m, crosswind_m) = crate::aep::frame::turn(cos, sin, x, y);
                    if downwind_m.value <= ABREAST_M {
                        continue;
                    }
                    let from_axis = |height_m: f64| {
                        let height = Number::constant(height_m);
                        (crosswind_m * crosswind_m + height * height).sqrt()
                    };
                    let height_m = turbine.hub_height_m - source.hub_height_m;
                    let mut seen = Place {
                        downwind_m,
                        crosswind_m: crosswind_m.abs(),
                        from_axis_m: from_axis(height_m),
                        from_mirrored_axis_m: from_axis(height_m + 2.0 * source.hub_height_m),
                        numbers: [Number::constant(1.0); PLACE_NUMBERS],
                    };
                    seen.numbers = wake.place_numbers(source, &seen, Some(Number::constant(radius_m)));
                    let numbers = wake.behind(&sources[i], source, &seen, Some(radius_m), true);
                    sum = wake.add(sum, wake.part(&numbers, &seen, Some(radius_m)));
                }
                let speed = effective_speed(free, wake.deficit(sum));
                let through =
                    |value: f64, slope: f64, of: Number| Number { value, slopes: of.slopes.map(|s| slope * s) };
                let thrust_at = wake.thrust_speed_m_s(free, speed);
                let ct = through(turbine.ct.at(thrust_at.value), turbine.ct.slope_at(thrust_at.value), thrust_at);
                sources[k] = wake.source(rotor(turbine), ct, speed / free);
                let power = through(turbine.power_w.at(speed.value), turbine.power_w.slope_at(speed.value), speed);
                power_w = power_w + power * Number::constant(flow.probability()[case]);
            }
        }
    }
    [power_w.value, power_w.slopes[0], power_w.slopes[1]].map(|value| value * HOURS_PER_YEAR * 1e-9)
}

/// Compares with differences to a share of the largest slope, and with the plain plant.
fn check<W: LaneWake>(name: &str, wake: W, tolerance: f64) {
    let (turbines, layout, flow) = (turbines(), layout(14), flow(&SPEEDS));
    let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
    let mut slopes = Vec::new();
    let aep_gwh = Gradient::new(Simd::detect(), wake, &turbines, &types, &flow).at(&layout, &mut slopes);
    let aep = |layout: &Layout| {
        let plant = Plant::new(layout, &turbines, &types);
        evaluate_by_lanes(&OneByOne, Simd::detect(), wake, &plant, &flow).aep_gwh()
    };
    assert!((aep_gwh / aep(&layout) - 1.0).abs() < 1e-13, "{name}: {aep_gwh} {}", aep(&layout));
    let plain = |k: usize| {
        let [value, along_x, along_y] = forwards(wake, &layout, &types, &flow, k);
        assert!((value / aep_gwh - 1.0).abs() < 1e-11, "{name}: {value} {aep_gwh}");
        (along_x, along_y)
    };
    compare(name, &layout, &slopes, (plain, 1e-9), (aep, tolerance));
}

/// Compares slopes at a layout with those of `forwards`, turbine by turbine, and with differences of `aep`, each to a share of the steepest one.
pub(super) fn compare(
    name: &str,
    layout: &Layout,
    slopes: &[(f64, f64)],
    (forwards, forwards_share): (impl Fn(usize) -> (f64, f64), f64),
    (aep, difference_share): (impl Fn(&Layout) -> f64, f64),
) {
    let steepest = slopes.iter().flat_map(|s| [s.0.abs(), s.1.abs()]).fold(0.0, f64::max);
    assert!(steepest > 1e-4, "{name}: {slopes:?}");
    for (k, &(by_x, by_y)) in slopes.iter().enumerate() {
        let (along_x, along_y) = forwards(k);
        let difference = |axis: fn(&mut Layout) -> &mut Vec<f64>| {
            let h_m = 1e-4;
            let (mut more, mut less) = (layout.clone(), layout.clone());
            axis(&mut more)[k] += h_m;
            axis(&mut less)[k] -= h_m;
            (aep(&more) - aep(&less)) / (2.0 * h_m)
        };
        let expected = (difference(|l| &mut l.x_m), difference(|l| &mut l.y_m));
        for (got, forwards, difference) in [(by_x, along_x, expected.0), (by_y, along_y, expected.1)] {
            assert!((got - forwards).abs() < forwards_share * steepest, "{name}, {k}: {got} but forwards {forwards}");
            let off = (got - difference).abs() / steepest;
            assert!(off < difference_share, "{name}, {k}: {got} but difference {difference}, {off:e} of the steepest");
        }
    }
}

#[test]
fn the_gradient_is_that_of_differences_and_of_the_plain_plant() {
    let nygaard = Nygaard2022::new([240.0, 195.0]);
    // Differences run over kinks: tables have them at every hundredth of a sigma, power curves at every 0.1 m/s.
    check("nygaard-2022", nygaard.in_air(0.08), 1e-3);
    for (name, spec) in specs() {
        let BuiltWake::Composed(composed) = spec.build([240.0, 195.0]) else { unreachable!("{name}") };
        check(&name, composed.in_lanes(0.08).unwrap(), 1e-3);
    }
}

#[test]
fn every_set_of_instructions_gives_the_same_bits() {
    let (turbines, layout, flow) = (turbines(), layout(29), flow(&[6.0, 9.0, 12.0]));
    let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
    let nygaard = Nygaard2022::new([240.0, 195.0]);
    let of = |simd: Simd| {
        let mut slopes = Vec::new();
        let mut gradient = Gradient::new(simd, nygaard.in_air(0.08), &turbines, &types, &flow);
        let aep_gwh = gradient.at(&layout, &mut slopes);
        (aep_gwh.to_bits(), slopes.into_iter().map(|(x, y)| (x.to_bits(), y.to_bits())).collect::<Vec<_>>())
    };
    let expected = of(Simd::usable()[0]);
    for simd in Simd::usable() {
        assert_eq!(of(simd), expected, "{simd}");
    }
}

#[test]
fn what_was_asked_before_changes_no_bit() {
    let (turbines, flow) = (turbines(), flow(&[6.0, 9.0]));
    let types = [0, 1, 0, 1, 0, 1, 0, 1, 0];
    let wake = Nygaard2022::new([240.0, 195.0]);
    let (small, large) = (sample::layout(9, (3.0, 3.0)), sample::layout(9, (29.0, 23.0)));
    let bits = |gradient: &mut Gradient<InAir>, layout: &Layout| {
        let mut slopes = Vec::new();
        let aep_gwh = gradient.at(layout, &mut slopes);
        (aep_gwh.to_bits(), slopes.into_iter().map(|(x, y)| (x.to_bits(), y.to_bits())).collect::<Vec<_>>())
    };
    let fresh = || Gradient::new(Simd::detect(), wake.in_air(0.08), &turbines, &types, &flow);
    let expected = bits(&mut fresh(), &small);
    let mut used = fresh();
    assert_ne!(bits(&mut used, &large), expected);
    assert_eq!(bits(&mut used, &small), expected);
    used.widen(4.0);
    assert_ne!(bits(&mut used, &small), expected);
    used.widen(1.0);
    assert_eq!(bits(&mut used, &small), expected);
}

#[test]
fn wider_wakes_are_felt_further_aside() {
    let turbines = turbines();
    let flow = FlowCases::grid(vec![270.0], &[9.0], vec![1.0], 0.08);
    let wake = Nygaard2022::new([240.0]);
    let layout = Layout { x_m: vec![0.0, 2000.0], y_m: vec![0.0, 900.0] };
    let mut gradient = Gradient::new(Simd::detect(), wake.in_air(0.08), &turbines[..1], &[0, 0], &flow);
    let mut slopes = Vec::new();
    let narrow_gwh = gradient.at(&layout, &mut slopes);
    gradient.widen(3.0);
    let wide_gwh = gradient.at(&layout, &mut slopes);
    let nearer = Layout { x_m: vec![0.0, 2000.0], y_m: vec![0.0, 300.0] };
    gradient.widen(1.0);
    let nearer_gwh = gradient.at(&nearer, &mut Vec::new());
    assert!(wide_gwh < narrow_gwh - 1.0, "{wide_gwh} {narrow_gwh}");
    assert!(slopes[1].1 > 0.0, "away from the axis: {slopes:?}");
    // Only the mirrored wakes differ: their distance grows with height too.
    assert!((wide_gwh / nearer_gwh - 1.0).abs() < 1e-2, "{wide_gwh} {nearer_gwh}");
}

/// The energy of turbines that do not count has no part in value and slopes.
fn check_counted<W: LaneWake>(wake: W) {
    let (turbines, layout, flow) = (turbines(), layout(9), flow(&SPEEDS));
    let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
    let counted = |layout: &Layout| {
        let plant = Plant::new(layout, &turbines, &types);
        evaluate_by_lanes(&OneByOne, Simd::detect(), wake, &plant, &flow).turbine_aep_gwh[4..].iter().sum::<f64>()
    };
    let mut gradient = Gradient::new(Simd::detect(), wake, &turbines, &types, &flow);
    gradient.count_from(4);
    let mut slopes = Vec::new();
    let aep_gwh = gradient.at(&layout, &mut slopes);
    assert!((aep_gwh / counted(&layout) - 1.0).abs() < 1e-12);
    let steepest = slopes.iter().flat_map(|s| [s.0.abs(), s.1.abs()]).fold(0.0, f64::max);
    for (k, &(by_x, _)) in slopes.iter().enumerate() {
        let (mut more, mut less) = (layout.clone(), layout.clone());
        more.x_m[k] += 1e-3;
        less.x_m[k] -= 1e-3;
        let difference = (counted(&more) - counted(&less)) / 2e-3;
        assert!((by_x - difference).abs() < 5e-3 * steepest, "{k}: {by_x} but difference {difference}");
    }
}

#[test]
fn what_does_not_count_is_left_out() {
    check_counted(Nygaard2022::new([240.0, 195.0]).in_air(0.08));
    let BuiltWake::Composed(iea37) = WakeModel::Iea37.build([240.0, 195.0]) else {
        unreachable!("it is a composition")
    };
    check_counted(iea37.in_lanes(0.08).unwrap());
}
