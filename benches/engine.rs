//! The engine on the headline job: farm dk0w, 66 turbines of 15 MW, one thread.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench that cannot read its input stops")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use layoutopt::aep::{
    Kernel, LaneBuffers, LaneMap, Live, LivePlant, OneByOne, Plant, Simd, evaluate, evaluate_by_lanes,
};
use layoutopt::farm::{Boundary, Curve, Farm, FlowCases, GenericTurbine, Layout, Polygon, Turbine};
use layoutopt::lanes::{Block, Lanes};
use layoutopt::search::{CaseRng, RngKind, SmartStart, candidates};
use layoutopt::wake::{
    BuiltWake, InAir, LaneWake, Nygaard2022, Offset, Overlap, PLACE_NUMBERS, Place, Rotor, WakeModel,
};
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
    let expected = evaluate(&wake, &Plant::new(&layout, &turbines, &types), &flow);
    for simd in Simd::usable() {
        let plant = Plant::new(&layout, &turbines, &types);
        assert_eq!(evaluate_by_lanes(&OneByOne, simd, wake.in_air(0.1), &plant, &flow), expected, "{simd}");
        criterion.bench_function(&format!("full AEP by lanes, 66 turbines, 360x23, {simd}"), |bencher| {
            let plant = Plant::new(&layout, &turbines, &types);
            bencher.iter(|| evaluate_by_lanes(&OneByOne, simd, wake.in_air(0.1), black_box(&plant), &flow));
        });
    }
}

/// One turbine of the reference layout is put elsewhere, and back.
fn one_move(criterion: &mut Criterion) {
    let reference = reference();
    let layout = Layout { x_m: list(&reference["x"]), y_m: list(&reference["y"]) };
    let (turbines, wake) = ([turbine()], Nygaard2022::new([240.0]));
    let (types, air) = (vec![0; layout.len()], wake.in_air(0.1));
    let flow = uniform(&(3..26).map(f64::from).collect::<Vec<_>>());
    let (near, far) = ((30.0, -40.0), (4_700.0, -3_500.0));
    for (name, (dx, dy)) in [("50 m", near), ("6 km", far)] {
        let mut plant = LivePlant::new(Simd::detect(), air, &turbines, &types, &layout, &flow);
        let mut turbine = 0;
        let mut moved = layout.clone();
        (moved.x_m[0], moved.y_m[0]) = (layout.x_m[0] + dx, layout.y_m[0] + dy);
        let expected = evaluate(&wake, &Plant::new(&moved, &turbines, &types), &flow).aep_gwh();
        plant.move_to(0, (moved.x_m[0], moved.y_m[0]));
        let got = plant.aep_gwh();
        assert!((got / expected - 1.0).abs() < 1e-12, "{got} {expected}");
        plant.take_back();
        criterion.bench_function(&format!("one move by {name} and back, 66 turbines, 360x23"), |bencher| {
            bencher.iter(|| {
                let to_m = (layout.x_m[turbine] + dx, layout.y_m[turbine] + dy);
                plant.move_to(turbine, black_box(to_m));
                let aep_gwh = plant.aep_gwh();
                plant.take_back();
                turbine = (turbine + 1) % layout.len();
                aep_gwh
            });
        });
    }
}

/// IEA Wind Task 37's plants: its model, constant thrust, `n` turbines on an uneven grid. Each turbine is put elsewhere, and back.
fn task_37_moves(criterion: &mut Criterion) {
    let BuiltWake::Composed(wake) = WakeModel::Iea37.build([198.0]) else { panic!("a composition") };
    let power_w = Curve::cubic(4.0, 10.0, 25.0, 10e6).unwrap();
    let ct = Curve::new(vec![0.0, 30.0], vec![8.0 / 9.0; 2]).unwrap();
    let (rotor_diameter_m, hub_height_m) = (198.0, 119.0);
    let turbines = [Turbine { name: "10 MW".into(), rotor_diameter_m, hub_height_m, rated_power_w: 10e6, power_w, ct }];
    for (n, n_directions, n_speeds) in [(81, 360, 20), (64, 16, 1), (16, 16, 1)] {
        let directions = (0..n_directions).map(|d| 360.0 / f64::from(n_directions) * f64::from(d)).collect::<Vec<_>>();
        let speeds = (0..n_speeds).map(|s| if n_speeds == 1 { 9.8 } else { 0.625 + 1.25 * f64::from(s) });
        let (speeds, n_cases) = (speeds.collect::<Vec<_>>(), n_directions * n_speeds);
        let probability = vec![1.0 / f64::from(n_cases); usize::try_from(n_cases).unwrap()];
        let flow = FlowCases::grid(directions, &speeds, probability, 0.075);
        let mut layout = Layout::default();
        for i in 0..n {
            layout.push(900.0 * (f64::from(i % 9) + 0.06 * f64::from(i * 7 % 5)), 900.0 * f64::from(i / 9));
        }
        let (types, lanes) = (vec![0; layout.len()], wake.in_lanes(0.075).unwrap().for_energy());
        let mut plant = LivePlant::new(Simd::detect(), lanes, &turbines, &types, &layout, &flow);
        let expected = evaluate(&wake, &Plant::new(&layout, &turbines, &types), &flow).aep_gwh();
        assert!((plant.aep_gwh() / expected - 1.0).abs() < 1e-12, "{} {expected}", plant.aep_gwh());
        let mut turbine = 0;
        criterion.bench_function(
            &format!("one move by 50 m and back, IEA37, {n} turbines, {n_directions}x{n_speeds}"),
            |bencher| {
                bencher.iter(|| {
                    plant.move_to(turbine, (layout.x_m[turbine] + 30.0, layout.y_m[turbine] - 40.0));
                    let aep_gwh = plant.aep_gwh();
                    plant.take_back();
                    turbine = (turbine + 1) % layout.len();
                    black_box(aep_gwh)
                });
            },
        );
    }
}

/// Blocks of eight in a kernel's bench.
const BLOCKS: usize = 1024;
const ROTOR: Rotor = Rotor { diameter_m: 240.0, hub_height_m: 150.0 };

/// Numbers from one to another, in no order.
fn spread(from: f64, to: f64) -> Vec<Block> {
    let number = |k: usize| from + (to - from) * ((k * 7919 % 8191) as f64 / 8191.0);
    (0..BLOCKS).map(|block| Block(std::array::from_fn(|lane| number(8 * block + lane)))).collect()
}

/// The wakes of many sources at as many places, on a rotor or at a point.
struct Parts<'a> {
    wake: InAir<'a>,
    ct: &'a [Block],
    downwind_m: &'a [Block],
    crosswind_m: &'a [Block],
    radius_m: Option<f64>,
    out: &'a mut [Block],
}

impl Kernel for Parts<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        let mirrored_m = V::splat(2.0 * ROTOR.hub_height_m);
        for (k, part) in self.out.iter_mut().enumerate() {
            let crosswind_m = V::load(&self.crosswind_m[k].0);
            let place = Place {
                downwind_m: V::load(&self.downwind_m[k].0),
                crosswind_m,
                from_axis_m: crosswind_m,
                from_mirrored_axis_m: (crosswind_m * crosswind_m + mirrored_m * mirrored_m).sqrt(),
                numbers: [V::splat(1.0); PLACE_NUMBERS],
            };
            let source = self.wake.source(ROTOR, V::load(&self.ct[k].0), V::splat(1.0));
            let acts = V::splat(0.0).less(place.downwind_m);
            let wake = self.wake.behind(&source, ROTOR, &place, self.radius_m, acts);
            self.wake.part(&wake, &place, self.radius_m).store(&mut part.0);
        }
    }
}

/// A power curve at many speeds.
struct Powers<'a> {
    turbine: &'a Turbine,
    speed_m_s: &'a [Block],
    power_w: &'a mut [Block],
}

impl Kernel for Powers<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        for (power_w, speed_m_s) in self.power_w.iter_mut().zip(self.speed_m_s) {
            self.turbine.power_w.at_lanes(V::load(&speed_m_s.0)).store(&mut power_w.0);
        }
    }
}

/// The kernels alone, 8192 numbers each.
fn kernels(criterion: &mut Criterion) {
    use layoutopt::wake::{Inflow, SingleWake};
    let (wake, turbine) = (Nygaard2022::new([240.0]), turbine());
    let (ct, downwind_m, crosswind_m) = (spread(0.05, 0.85), spread(500.0, 20_000.0), spread(0.0, 3_000.0));
    let speed_m_s = spread(2.0, 26.0);
    let mut out = vec![Block::default(); BLOCKS];
    for simd in Simd::usable() {
        for (name, radius_m) in [("a rotor", Some(120.0)), ("a point", None)] {
            let run = |out: &mut [Block]| {
                let (ct, downwind_m, crosswind_m) = (&ct[..], &downwind_m[..], &crosswind_m[..]);
                simd.run(Parts { wake: wake.in_air(0.1), ct, downwind_m, crosswind_m, radius_m, out });
            };
            run(&mut out);
            for (k, lane) in (0..8 * BLOCKS).map(|k| (k / 8, k % 8)) {
                let source = wake.source(ROTOR, Inflow::undisturbed(ct[k].0[lane], 0.1, 10.0));
                let (downwind_m, crosswind_m) = (downwind_m[k].0[lane], crosswind_m[k].0[lane]);
                let offset = Offset { downwind_m, crosswind_m, height_m: 0.0 };
                let expected = match radius_m {
                    Some(_) => wake.part_at_rotor(&source, offset, ROTOR),
                    None => wake.part_at_point(&source, offset),
                };
                assert_eq!(out[k].0[lane].to_bits(), expected.to_bits(), "{simd}");
            }
            criterion.bench_function(&format!("kernel: source and part at {name}, {simd}"), |bencher| {
                bencher.iter(|| run(black_box(&mut out)));
            });
        }
        let run = |power_w: &mut [Block]| simd.run(Powers { turbine: &turbine, speed_m_s: &speed_m_s, power_w });
        run(&mut out);
        for (power_w, speed_m_s) in out.iter().zip(&speed_m_s) {
            let expected = speed_m_s.0.map(|speed| turbine.power_w.at(speed).to_bits());
            assert_eq!(power_w.0.map(f64::to_bits), expected, "{simd}");
        }
        criterion.bench_function(&format!("kernel: power curve, {simd}"), |bencher| {
            bencher.iter(|| run(black_box(&mut out)));
        });
    }
}

fn overlap_table(criterion: &mut Criterion) {
    criterion.bench_function("overlap table, equal rotors", |bencher| bencher.iter(|| Overlap::new(black_box(2.0))));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = smart_start, full_aep, one_move, task_37_moves, kernels, overlap_table
}
criterion_main!(benches);
