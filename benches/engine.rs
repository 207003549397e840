//! The engine on the headline job: farm dk0w, 66 turbines of 15 MW, one thread.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench that cannot read its input stops")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use layoutopt::aep::{LaneBuffers, LaneMap, Plant, Simd, evaluate, evaluate_by_lanes};
use layoutopt::farm::{Boundary, Farm, FlowCases, GenericTurbine, Layout, Polygon, Turbine};
use layoutopt::search::{CaseRng, RngKind, SmartStart, candidates};
use layoutopt::wake::{Nygaard2022, Overlap};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("../tests/golden/smart-start-dk0w-15mw-seed1.json")).unwrap()
}

fn list<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn turbine() -> Turbine {
    GenericTurbine::new(15e6, 240.0, 150.0).build("generic 15 MW").unwrap()
}

fn uniform(speeds: &[f64]) -> FlowCases {
    let probability = vec![1.0 / 360.0; 360 * speeds.len()];
    let wind_direction_deg = (0..360).map(f64::from).collect();
    FlowCases::grid(wind_direction_deg, speeds, probability, 0.1)
}

/// Smart start: 18 x 18 candidates, 360 directions x 5 speeds, 66 turbines.
fn smart_start(criterion: &mut Criterion) {
    let reference = reference();
    let boundary = Boundary::Polygons(vec![Polygon::new(list(&reference["boundary"])).unwrap()]);
    let grid = candidates(&Farm { name: "dk0w".into(), boundary, exclusions: vec![], crs: None }, 18);
    let (turbine, wake) = (turbine(), Nygaard2022::new([240.0]));
    let flow = uniform(&[6.0, 8.0, 10.0, 12.0, 14.0]);
    let start = SmartStart { n_turbines: 66, random_pct: 30.0, min_spacing_m: 264.0 };
    let expected = list::<Vec<f64>>(&reference["x"]);
    for simd in Simd::usable() {
        criterion.bench_function(&format!("smart start, 66 turbines, 18x18, 360x5, {simd}"), |bencher| {
            let mut buffers = LaneBuffers::default();
            bencher.iter(|| {
                let mut map = LaneMap::new(simd, wake.in_air(0.1), &turbine, black_box(&grid), &flow, &mut buffers);
                let layout = start.place(&mut map, &grid, &mut CaseRng::new(RngKind::Numpy, 1, 0)).unwrap();
                assert_eq!(layout.x_m, expected);
                layout
            });
        });
    }
}

/// Full AEP of the reference layout: 66 turbines, 360 directions x 23 speeds.
fn full_aep(criterion: &mut Criterion) {
    let reference = reference();
    let layout = Layout { x_m: list(&reference["x"]), y_m: list(&reference["y"]) };
    let (turbines, wake) = ([turbine()], Nygaard2022::new([240.0]));
    let types = vec![0; layout.len()];
    let flow = uniform(&(3..26).map(f64::from).collect::<Vec<_>>());
    criterion.bench_function("full AEP, 66 turbines, 360x23", |bencher| {
        bencher.iter(|| evaluate(&wake, &Plant::new(black_box(&layout), &turbines, &types), &flow));
    });
    let expected = evaluate(&wake.for_energy(), &Plant::new(&layout, &turbines, &types), &flow);
    for simd in Simd::usable() {
        let plant = Plant::new(&layout, &turbines, &types);
        assert_eq!(evaluate_by_lanes(simd, wake.for_energy().in_air(0.1), &plant, &flow), expected, "{simd}");
        criterion.bench_function(&format!("full AEP by lanes, 66 turbines, 360x23, {simd}"), |bencher| {
            let plant = Plant::new(&layout, &turbines, &types);
            bencher.iter(|| evaluate_by_lanes(simd, wake.for_energy().in_air(0.1), black_box(&plant), &flow));
        });
    }
}

fn overlap_table(criterion: &mut Criterion) {
    criterion.bench_function("overlap table, equal rotors", |bencher| bencher.iter(|| Overlap::new(black_box(2.0))));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = smart_start, full_aep, overlap_table
}
criterion_main!(benches);
