//! Whatever the farm, what the search returns is feasible, no worse than its start, and the same on any number of threads.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use layoutopt::aep::{Plant, Simd, evaluate_built};
use layoutopt::farm::{Boundary, Circle, Farm, FlowCases, GenericTurbine, Layout, Polygon, Turbine, Zone};
use layoutopt::search::{CaseRng, Ground, RngKind, starts};
use layoutopt::sweep::{Interrupt, Optimization, Optimized, optimize};
use layoutopt::wake::{WakeChoice, WakeModel};
use proptest::prelude::*;

const TOLERANCE_M: f64 = 1e-6;

type Point = (f64, f64);

/// A concave area, a second one apart from it, a round and a square hole.
fn archipelago(bay_m: f64, hole_m: f64, away_m: f64) -> (Vec<Vec<Point>>, Vec<Point>, Circle) {
    let (x, y) = away_m.sin_cos();
    let at = |p: Point| (700_000.0 + p.0 * y - p.1 * x, 6_200_000.0 + p.0 * x + p.1 * y);
    let areas = [
        vec![(0.0, 0.0), (4000.0, 0.0), (4000.0, 4000.0), (2000.0, 4000.0 - bay_m), (0.0, 4000.0)],
        vec![(5000.0, 500.0), (6500.0, 300.0), (5800.0, 3000.0)],
    ];
    let hole = [(500.0, 500.0), (500.0 + hole_m, 500.0), (500.0 + hole_m, 900.0), (500.0, 900.0)];
    let areas = areas.into_iter().map(|area| area.into_iter().map(at).collect()).collect();
    let disc = Circle { center_m: at((3000.0, 1500.0)), radius_m: hole_m };
    (areas, hole.into_iter().map(at).collect(), disc)
}

/// Whether a point lies in a polygon, by the number of edges that a ray crosses, and its distance from the edge.
fn side(vertices: &[Point], (x, y): Point) -> (bool, f64) {
    let (mut inside, mut distance) = (false, f64::INFINITY);
    for (i, &(x0, y0)) in vertices.iter().enumerate() {
        let (x1, y1) = vertices[(i + 1) % vertices.len()];
        if (y0 > y) != (y1 > y) && x < x0 + (y - y0) / (y1 - y0) * (x1 - x0) {
            inside = !inside;
        }
        let (dx, dy) = (x1 - x0, y1 - y0);
        let t = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        distance = distance.min((x - x0 - t * dx).hypot(y - y0 - t * dy));
    }
    (inside, distance)
}

fn turbines() -> Vec<Turbine> {
    [(15e6, 240.0, 150.0), (10e6, 195.0, 121.0)]
        .into_iter()
        .filter_map(|(w, d, h)| GenericTurbine::new(w, d, h).build("generic").ok())
        .collect()
}

fn flow() -> FlowCases {
    FlowCases::grid((0..12).map(|d| 30.0 * f64::from(d)).collect(), &[9.0], vec![1.0 / 12.0; 12], 0.06)
}

/// A short search.
fn optimization<'a>(
    farm: &'a Farm,
    turbines: &'a [Turbine],
    types: &'a [usize],
    flow: &'a FlowCases,
    wake: &'a WakeChoice,
) -> Optimization<'a> {
    static NOBODY: Layout = Layout { x_m: Vec::new(), y_m: Vec::new() };
    Optimization {
        farm,
        turbines,
        types,
        neighbours: &NOBODY,
        protect_neighbours: false,
        given: None,
        flow,
        wake,
        areas: &[],
        min_spacing_d: 3.0,
        budget: 2_400,
        starts: Some(3),
        seed: 0,
        threads: Some(2),
        pin: false,
        simd: Simd::detect(),
        time: None,
    }
}

fn found(farm: &Farm, types: &[usize], given: Option<&Layout>, seed: u64, threads: usize) -> Optimized {
    confined(farm, types, &[], given, seed, threads)
}

fn confined(
    farm: &Farm,
    types: &[usize],
    areas: &[Option<Farm>],
    given: Option<&Layout>,
    seed: u64,
    threads: usize,
) -> Optimized {
    let (turbines, flow, wake) = (turbines(), flow(), WakeChoice::from(WakeModel::Bastankhah2014));
    let threads = Some(threads);
    let what = Optimization { given, seed, threads, areas, ..optimization(farm, &turbines, types, &flow, &wake) };
    optimize(&what, &Interrupt::default(), &mut |_| ()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_layout_is_feasible_on_concave_and_holed_farms(
        bay_m in 0.0..3500.0f64, hole_m in 100.0..900.0f64, away in 0.0..6.0f64, seed in 0..1000u64, n in 2..14usize,
        home in proptest::bool::ANY,
    ) {
        let (areas, hole, disc) = archipelago(bay_m, hole_m, away);
        let polygons: Vec<_> = areas.iter().map(|area| Polygon::new(area.clone()).unwrap()).collect();
        // Half of the time turbines of one type may stand only in the first of the two areas.
        let boundary = Boundary::Polygons(polygons[..1].to_vec());
        let first = Farm { name: "first".into(), boundary, exclusions: vec![], crs: None };
        let homes = if home { vec![None, Some(first)] } else { vec![] };
        let exclusions = vec![Zone::Polygon(Polygon::new(hole.clone()).unwrap()), Zone::Circle(disc)];
        let farm = Farm { name: "t".into(), boundary: Boundary::Polygons(polygons), exclusions, crs: None };
        let types: Vec<usize> = (0..n).map(|i| i % 2).collect();
        let best = confined(&farm, &types, &homes, None, seed, 2);
        prop_assert!(best.evaluations <= 2_400);
        prop_assert!(best.production.aep_gwh() >= best.start_aep_gwh * (1.0 - 1e-12));
        let places: Vec<Point> = best.layout.positions().collect();
        prop_assert_eq!(places.len(), n);
        for (i, &at) in places.iter().enumerate() {
            let allowed = if home && types[i] == 1 { &areas[..1] } else { &areas[..] };
            let in_area = allowed.iter().map(|area| side(area, at)).any(|(inside, m)| inside || m <= TOLERANCE_M);
            prop_assert!(in_area, "turbine {i} at {at:?} is outside");
            let (in_hole, from_edge) = side(&hole, at);
            prop_assert!(!in_hole || from_edge <= TOLERANCE_M, "turbine {i} at {at:?} is in the square hole");
            let from_center = (at.0 - disc.center_m.0).hypot(at.1 - disc.center_m.1);
            prop_assert!(from_center >= disc.radius_m - TOLERANCE_M, "turbine {i} at {at:?} is in the round hole");
            for (j, &other) in places.iter().enumerate().take(i) {
                let least = if types[i] == 0 || types[j] == 0 { 720.0 } else { 585.0 };
                prop_assert!((at.0 - other.0).hypot(at.1 - other.1) >= least - TOLERANCE_M, "turbines {i} and {j}");
            }
        }
    }
}

fn disc() -> Farm {
    let boundary = Boundary::Circle { center_m: (0.0, 0.0), radius_m: 3000.0 };
    Farm { name: "disc".into(), boundary, exclusions: vec![], crs: None }
}

#[test]
fn threads_change_no_bit() {
    let farm = disc();
    let types = [0; 9];
    let bits = |best: &Optimized| best.layout.positions().map(|(x, y)| (x.to_bits(), y.to_bits())).collect::<Vec<_>>();
    let one = found(&farm, &types, None, 7, 1);
    for threads in [2, 4] {
        let again = found(&farm, &types, None, 7, threads);
        assert_eq!(bits(&one), bits(&again), "{threads} threads");
        assert_eq!(one.evaluations, again.evaluations);
    }
    assert_ne!(bits(&one), bits(&found(&farm, &types, None, 8, 1)));
}

#[test]
fn every_wake_model_betters_its_start_the_same_on_any_number_of_threads() {
    let (farm, turbines, flow, types) = (disc(), turbines(), flow(), [0, 0, 1, 0, 1, 0, 1]);
    for model in WakeModel::ALL {
        let wake = WakeChoice::from(model);
        let search = |threads: usize| {
            let what = Optimization {
                budget: 1_500,
                starts: Some(2),
                threads: Some(threads),
                ..optimization(&farm, &turbines, &types, &flow, &wake)
            };
            optimize(&what, &Interrupt::default(), &mut |_| ()).unwrap()
        };
        let (one, two) = (search(1), search(2));
        assert_eq!(one.layout, two.layout, "{model}");
        let built = wake.build([240.0, 195.0]);
        let plant = Plant::new(&one.layout, &turbines, &types);
        let aep_gwh = evaluate_built(Simd::detect(), &built, &plant, &flow).aep_gwh();
        assert!((one.production.aep_gwh() / aep_gwh - 1.0).abs() < 1e-15, "{model}");
        // The best start is a smart one already; what is left of the wakes after it falls.
        let (free, start) = (one.production.aep_no_wake_gwh(), one.start_aep_gwh);
        assert!(aep_gwh > start + 0.2 * (free - start), "{model}: {start} to {aep_gwh} of {free} GWh");
        Ground::new(&farm, &turbines, &types, 3.0).prove(&one.layout).unwrap();
    }
}

#[test]
fn a_given_layout_is_mended_and_bettered() {
    let farm = disc();
    let turbines = turbines();
    let types = [0; 6];
    // Two at one place, one outside, three in a row with the wind.
    let given = Layout { x_m: vec![0.0, 0.0, 9000.0, -800.0, 800.0, 1600.0], y_m: vec![0.0; 6] };
    let ground = Ground::new(&farm, &turbines, &types, 3.0);
    assert!(ground.prove(&given).is_err());
    let mut rng = CaseRng::new(RngKind::ChaCha8, 3, 0);
    let mended = starts::mended(&ground, &given, &mut rng).unwrap();
    ground.prove(&mended).unwrap();
    assert!(mended.x_m[0].abs() < 1e-12, "the first one stays");
    assert!((mended.x_m[2] - 3000.0).abs() < 1e-3, "the stray goes to the edge");

    let best = found(&farm, &types, Some(&mended), 3, 2);
    let wake = WakeModel::Bastankhah2014.build([240.0]);
    let before = evaluate_built(Simd::detect(), &wake, &Plant::new(&mended, &turbines, &types), &flow());
    assert_eq!(best.given_aep_gwh.map(f64::to_bits), Some(before.aep_gwh().to_bits()));
    assert!(best.production.aep_gwh() > before.aep_gwh());
}

#[test]
fn neighbours_cast_wakes_keep_their_places_and_can_be_protected() {
    let (farm, turbines) = (disc(), turbines());
    // West and south of the farm, and one in the middle of it.
    let neighbours =
        Layout { x_m: vec![-4200.0, -4200.0, -4200.0, 0.0, 0.0], y_m: vec![-900.0, 0.0, 900.0, -4200.0, 0.0] };
    let types = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
    let search = |protect_neighbours: bool, given: Option<&Layout>| {
        let (flow, wake) = (flow(), WakeChoice::from(WakeModel::Bastankhah2014));
        let what = Optimization {
            neighbours: &neighbours,
            protect_neighbours,
            given,
            budget: 20_000,
            starts: Some(2),
            ..optimization(&farm, &turbines, &types, &flow, &wake)
        };
        optimize(&what, &Interrupt::default(), &mut |_| ()).unwrap()
    };
    let evaluated = |layout: &Layout| {
        let wake = WakeModel::Bastankhah2014.build([240.0, 195.0]);
        let plant = Plant::new(layout, &turbines, &types[..layout.len()]);
        evaluate_built(Simd::detect(), &wake, &plant, &flow()).turbine_aep_gwh
    };
    let (mut totals, mut layouts) = (Vec::new(), Vec::new());
    for protect in [false, true] {
        // The second search begins with what the first has found, and can only better what it counts.
        let best = search(protect, layouts.last());
        assert_eq!((best.layout.len(), best.production.turbine_aep_gwh.len()), (5, 5));
        let mut all = neighbours.clone();
        for (x, y) in best.layout.positions() {
            assert!(x.hypot(y) <= 3000.0 + TOLERANCE_M && x.hypot(y) >= 720.0 - TOLERANCE_M, "({x}, {y})");
            all.push(x, y);
        }
        let of_each = evaluated(&all);
        let (theirs, ours): (f64, f64) = (of_each[..5].iter().sum(), of_each[5..].iter().sum());
        let (beside, alone) = best.neighbours_aep_gwh.unwrap();
        assert!((best.production.aep_gwh() / ours - 1.0).abs() < 1e-12);
        assert!((beside / theirs - 1.0).abs() < 1e-12 && beside < alone);
        assert!((alone / evaluated(&neighbours).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        totals.push(ours + theirs);
        layouts.push(best.layout);
    }
    assert!(totals[1] > totals[0] * (1.0 + 1e-6), "{totals:?}");
}
