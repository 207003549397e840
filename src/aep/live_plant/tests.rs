//! Moves lead where a fresh start leads, to the bit, and to what the definition says.

use super::*;
use crate::aep::sample::{self, turbines};
use crate::aep::{Plant, evaluate};
use crate::wake::spec::DeficitSum;
use crate::wake::{BuiltWake, Nygaard2022, Superposition, WakeModel, WakeSpec};

fn layout(n: u32) -> Layout {
    sample::layout(n, (31.0, 29.0))
}

fn flow(speeds: &[f64]) -> FlowCases {
    let probability = (0..72 * speeds.len()).map(|k| (k % 7 + 1) as f64 * 1e-3).collect();
    FlowCases::grid((0..72).map(|d| 5.0 * f64::from(d)).collect(), speeds, probability, 0.08)
}

/// Moves of all sizes, near and far, out of the box around the first layout too.
fn moves(n: usize) -> Vec<(usize, (f64, f64))> {
    let place = |k: u32| {
        let (k, far) = (f64::from(k), if k % 9 == 8 { 40_000.0 } else { 0.0 });
        (700_011.0 + far + 1_733.0 * (k * 5.0 % 7.0), 6_200_023.0 + 1_459.0 * (k * 3.0 % 8.0))
    };
    (0..24_u32).map(|k| (k as usize * 5 % n, place(k))).collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Makes moves, and takes some of them back; after each, the plant is what it would be from a fresh start.
fn check<W: LaneWake>(simd: Simd, wake: W, types: &[usize], flow: &FlowCases) -> Vec<Vec<u64>> {
    let turbines = turbines();
    let mut expected_layout = layout(u32::try_from(types.len()).unwrap());
    let mut plant = LivePlant::new(simd, wake, &turbines, types, &expected_layout, flow);
    let mut seen = vec![bits(plant.turbine_aep_gwh())];
    for (k, (turbine, to_m)) in moves(types.len()).into_iter().enumerate() {
        let before = bits(plant.turbine_aep_gwh());
        plant.move_to(turbine, to_m);
        if k % 3 == 1 {
            plant.take_back();
            plant.take_back();
            assert_eq!(bits(plant.turbine_aep_gwh()), before, "move {k} is taken back");
        } else {
            (expected_layout.x_m[turbine], expected_layout.y_m[turbine]) = to_m;
        }
        assert_eq!(plant.layout(), expected_layout);
        let fresh = LivePlant::new(simd, wake, &turbines, types, &expected_layout, flow);
        assert_eq!(bits(plant.turbine_aep_gwh()), bits(fresh.turbine_aep_gwh()), "{simd}, move {k}");
        seen.push(bits(plant.turbine_aep_gwh()));
    }
    seen
}

#[test]
fn moves_lead_where_a_fresh_start_leads_with_every_set_of_instructions() {
    let types: Vec<usize> = (0..23).map(|i| usize::from(i % 3 == 0)).collect();
    let wake = Nygaard2022::new([240.0, 195.0]);
    for speeds in [vec![8.0], vec![4.0, 7.0, 9.5, 11.0, 14.0]] {
        let flow = flow(&speeds);
        let all: Vec<_> =
            Simd::usable().into_iter().map(|simd| check(simd, wake.in_air(0.08), &types, &flow)).collect();
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "the same bits");
    }
}

#[test]
fn moves_do_so_however_deficits_add_up() {
    let (types, flow) = ([0, 1, 1, 0, 0, 0, 1, 0, 0], flow(&[5.0, 8.0, 11.0]));
    for superposition in [Superposition::Linear, Superposition::Squared, Superposition::Max] {
        let spec = WakeSpec { superposition: DeficitSum::Plain(superposition), ..WakeModel::Bastankhah2014.spec() };
        let BuiltWake::Composed(wake) = spec.build([240.0, 195.0]) else { panic!("a plain sum") };
        let lanes = wake.in_lanes(0.08).unwrap().for_energy();
        let all: Vec<_> = Simd::usable().into_iter().map(|simd| check(simd, lanes, &types, &flow)).collect();
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "the same bits");
    }
}

#[test]
fn agrees_with_the_definition() {
    let (turbines, flow) = (turbines(), flow(&[5.0, 8.0, 12.0]));
    let layout = layout(41);
    let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
    let plant = Plant::new(&layout, &turbines, &types);
    let mut in_lanes = 0;
    let mut check = |got: &[f64], expected: &[f64], model: WakeModel| {
        in_lanes += 1;
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-12 * expected, "{model}: {got} {expected}");
        }
    };
    for model in WakeModel::ALL {
        match model.build([240.0, 195.0]) {
            BuiltWake::Nygaard2022(wake) => {
                let live = LivePlant::new(Simd::detect(), wake.in_air(0.08), &turbines, &types, &layout, &flow);
                check(live.turbine_aep_gwh(), &evaluate(&wake, &plant, &flow).turbine_aep_gwh, model);
            }
            BuiltWake::Composed(wake) => {
                let Some(lanes) = wake.in_lanes(0.08) else { continue };
                let live = LivePlant::new(Simd::detect(), lanes, &turbines, &types, &layout, &flow);
                check(live.turbine_aep_gwh(), &evaluate(&wake, &plant, &flow).turbine_aep_gwh, model);
            }
            BuiltWake::Weighted(_) => {}
        }
    }
    assert!(in_lanes >= 4, "{in_lanes}");
}

#[test]
fn a_plant_of_one_or_none_is_one_too() {
    let (turbines, flow, wake) = (turbines(), flow(&[8.0]), Nygaard2022::new([240.0]));
    let none = LivePlant::new(Simd::detect(), wake.in_air(0.08), &turbines, &[], &Layout::default(), &flow);
    assert!(none.aep_gwh().abs() < 1e-300);
    let mut one = LivePlant::new(Simd::detect(), wake.in_air(0.08), &turbines, &[0], &layout(1), &flow);
    let alone_gwh = one.aep_gwh();
    assert!(alone_gwh > 1.0);
    one.move_to(0, (5.0, 5.0));
    assert_eq!(one.aep_gwh().to_bits(), alone_gwh.to_bits());
}
