//! Sweep files read, written and compared.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::farm::{
    Boundary, Circle, Curve, GenericTurbine, Polygon, ProbabilityTable, SectorWeibull, WindDistribution, WindSeries,
    Zone,
};
use crate::store::CaseId;
use crate::sweep::Selection;

const SMALL: &str = r#"
name = "small"
seeds = 3
wind = { turbulence_intensity = 0.1, wind_direction = [0, 180], sector_probability = [0.4, 0.6], weibull_a = [9, 10], weibull_k = [2, 2.5] }
[turbine_count]
capacity_mw = 30
[[farms]]
name = "square"
boundary = [[0, 0], [4000, 0], [4000, 4000], [0, 4000]]
exclusions = [[[1000, 1000], [2000, 1000], [2000, 2000]]]
[[farms]]
name = "disc"
circle = { center = [0, 0], radius = 3000 }
wind = { turbulence_intensity = 0.06, wind_direction = [0, 90], wind_speed = [8, 12], probability = [[0.1, 0.2], [0.3, 0.4]] }
[[turbines]]
generic = { rated_mw = 10, rotor_diameter = 195, hub_height = 121 }
[[turbines]]
name = "own"
rotor_diameter = 80
hub_height = 70
power_curve = { wind_speed = [3, 12], power_w = [0, 2e6] }
ct_curve = { wind_speed = [3, 12, 25], ct = [0.8, 0.7, 0.1] }
"#;

fn parse(text: &str) -> Result<Sweep> {
    with(text, &Overrides::default())
}

fn with(text: &str, overrides: &Overrides) -> Result<Sweep> {
    Sweep::from_toml(text, "configs/x.toml", Files::BuiltIn(&[("data/empty.yaml", "")]), overrides)
}

fn small() -> Sweep {
    parse(SMALL).unwrap()
}

fn ids(sweep: &Sweep) -> Vec<CaseId> {
    sweep.cases(&Selection::default()).unwrap().iter().map(|case| case.case_id).collect()
}

#[test]
fn defaults_and_inline_forms() {
    let sweep = small();
    assert_eq!(sweep.search, SearchSettings::default());
    assert_eq!(sweep.search.wind_directions.degrees().len(), 360);
    assert_eq!((sweep.seeds.clone(), sweep.wake), (0..3, WakeModel::Nygaard2022.into()));
    assert_eq!((sweep.n_turbines(0), sweep.n_turbines(1)), (3, 15));
    assert_eq!(sweep.turbines[0], GenericTurbine::new(10e6, 195.0, 121.0).build("Generic 10 MW").unwrap());
    assert!((sweep.turbines[1].rated_power_w - 2e6).abs() < 1e-9);
    assert!(
        matches!(&sweep.farms[1].wind.distribution, WindDistribution::Table(table) if table.probability.len() == 4)
    );
    assert_eq!(sweep.farms[0].farm.exclusions.len(), 1);
    let unnamed = parse(&SMALL.replace("name = \"small\"", "")).unwrap();
    assert_eq!(unnamed.name, "x");
}

#[test]
fn a_flag_beats_the_file_and_the_file_the_default() {
    let overrides = Overrides {
        grid_size: Some(20),
        seeds: Some("3..10".parse().unwrap()),
        rng: Some(RngKind::Numpy),
        ..Overrides::default()
    };
    let sweep = with(&format!("{SMALL}\n[search]\ngrid_size = 5\nrestarts = 7\n"), &overrides).unwrap();
    assert_eq!((sweep.search.grid_size, sweep.search.restarts, sweep.seeds), (20, 7, 3..10));
    assert_eq!(sweep.search.rng, RngKind::Numpy);
    let message = with(SMALL, &Overrides { random_pct: Some(130.0), ..overrides }).unwrap_err().to_string();
    assert_eq!(message, "--random-pct: 130, must be 0 to 100");
}

#[test]
fn each_bad_input_has_one_message_with_file_field_and_line() {
    let search = |line: &str| format!("{SMALL}[search]\n{line}\n");
    let farm = |line: &str| format!("{SMALL}[[farms]]\n{line}\n");
    let turbine = |line: &str| format!("{SMALL}[[turbines]]\n{line}\n");
    for (text, expected) in [
        (search("random_pct = 130"), "configs/x.toml: search.random_pct: 130, must be 0 to 100 (line 24)"),
        (search("random_pct = nan"), "search.random_pct: NaN, must be a finite number"),
        (search("grid_size = 1"), "search.grid_size: 1, must be 2 to 1000"),
        (search("grid_size = -1"), "search.grid_size: -1 is out of range"),
        (search("grid_size = 18.5"), "search.grid_size: expected a whole number, found the number 18.5"),
        (search("gridsize = 18"), "search.gridsize: is not a known key; did you mean `grid_size`?"),
        (search("restarts = 0"), "search.restarts: 0, must be at least 1"),
        (search("min_spacing_d = -1"), "search.min_spacing_d: -1 rotor diameters"),
        (search("rng = 'mt'"), "search.rng: `mt` is not a random generator; choose chacha8 or numpy"),
        (search("wind_speeds = [8, 6]"), "search.wind_speeds: wind speeds must increase, but 6 follows 8 m/s"),
        (search("wind_speeds = []"), "search.wind_speeds: 0 wind speeds"),
        (search("wind_directions = {start = 0, stop = 0}"), "stop must be above start"),
        (search("wind_directions = {step = 0}"), "a step of 0 degrees, must be positive"),
        (search("wind_directions = {step = 1e-9}"), "use a larger step"),
        (search("wind_directions = {stop = 720}"), "directions come twice"),
        (search("sector_interpolation = 'cubic'"), "choose nearest or linear"),
        (format!("{SMALL}[wake]\nmodel = 'jensen'"), "wake.model: `jensen` is not a wake model"),
        (SMALL.replace("seeds = 3", "seeds = 0"), "configs/x.toml: seeds: holds no seed (line 3)"),
        (SMALL.replace("seeds = 3", "seeds = '5..5'"), "`5..5` holds no seed"),
        (SMALL.replace("seeds = 3", "seeds = 9000000"), "more than 1000000 cases"),
        (
            SMALL.replace("seeds = 3", "seeds = '4294967296..4294967297'\nsearch = {rng = 'numpy'}"),
            "too large for the numpy",
        ),
        (SMALL.replace("capacity_mw = 30", "capacity_mw = 3"), "no turbine of 10 MW (turbines[0], Generic 10 MW) fits"),
        (SMALL.replace("capacity_mw = 30", "capacity_mw = 1e300"), "must be at most 1000000"),
        (SMALL.replace("capacity_mw = 30", "count = 0"), "turbine_count.count: 0 turbines"),
        (SMALL.replace("capacity_mw = 30", ""), "turbine_count: needs `capacity_mw` or `count`"),
        (
            farm("name = 'a'\nboundary = []"),
            "configs/x.toml: farms[2].boundary: 0 vertices, needs at least 3 (line 25)",
        ),
        (farm("name = 'a'\nboundary = [[0, 0], [1, 1]]"), "farms[2].boundary: 2 vertices, needs at least 3"),
        (farm("name = 'a'\nboundary = [[0, 0], [9, 9], [9, 0], [0, 9]]"), "farms[2].boundary: is not a simple polygon"),
        (farm("name = 'a'\nboundary = [[0, 0], [9], [9, 0]]"), "farms[2].boundary[1]: 1 numbers, needs 2"),
        (farm("name = 'a'\ncircle = {center = [0, 0], radius = 0}"), "farms[2].circle: radius 0 m"),
        (farm("name = 'a'"), "farms[2]: needs `site` (a file), `boundary`, `polygons` or `circle`"),
        (farm("site = '../data/nope.yaml'"), "farms[2].site: data/nope.yaml is not built into the program (line 24)"),
        (farm("site = '../data/empty.yaml'"), "data/empty.yaml: is empty"),
        (
            turbine("generic = {rated_mw = 10000, rotor_diameter = 195, hub_height = 121}"),
            "turbines[2].generic.rated_mw: ",
        ),
        (
            SMALL.replace("[0, 2e6]", "[0, nan]"),
            "configs/x.toml: turbines[1].power_curve.power_w[1]: NaN, must be a finite number (line 21)",
        ),
        (SMALL.replace("[3, 12, 25]", "[3, 25, 12]"), "turbines[1].ct_curve: wind speeds must increase"),
        (SMALL.replace("[0.4, 0.6]", "[0.4, 0.7]"), "configs/x.toml: wind.sector_probability: sums to 1.1"),
        (
            SMALL.replace("wind = { turbulence_intensity = 0.1,", "wand = {"),
            "configs/x.toml: wand: is not a known key; did you mean `wind`?",
        ),
        ("seeds = ".to_owned(), "configs/x.toml: is not TOML: "),
        (String::new(), "configs/x.toml: farms: no farm, needs at least 1: add [[farms]]"),
    ] {
        let message = parse(&text).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\n  expected {expected}");
    }
}

#[test]
fn all_problems_are_listed() {
    let text = SMALL
        .replace("seeds = 3", "seeds = 'x'")
        .replace("[[0, 0], [4000, 0], [4000, 4000], [0, 4000]]", "[[0, 0], [1, 1]]")
        .replace("[0, 2e6]", "[0, nan]")
        .replace("hub_height = 70", "hub_height = 'high'");
    let message = parse(&format!("{text}\n[search]\nrandom_pct = 130\n")).unwrap_err().to_string();
    assert_eq!(message.lines().count(), 5, "{message}");
}

#[test]
fn a_case_keeps_its_id() {
    // Computed outside this program from the documentation of `sweep::cases`, with Python's xxhash.
    // If this changes, nothing that users have stored is taken up again. Change it only together with the algorithm's version.
    let sweep = Sweep { seeds: 7..8, ..small() };
    let cases = sweep.cases(&Selection::default()).unwrap();
    let found: Vec<_> =
        cases.iter().map(|case| format!("{} {} {:016x}", case.key, case.case_id, case.stream)).collect();
    assert_eq!(
        (found[1].as_str(), found[3].as_str()),
        (
            "farm0_t1_s7 5562ebbf203f9efadfd0c5e27573a8d5 5700a5f3fc7038f4",
            "farm1_t1_s7 74c1a27d3c40ec2fad0258f8284b14b7 d574b7f146568f69"
        )
    );
    let sweep = Sweep { wake: WakeChoice::Published(WakeModel::Iea37), ..sweep };
    let cases = sweep.cases(&Selection::default()).unwrap();
    let found: Vec<_> = cases.iter().map(|case| case.case_id.to_string()).collect();
    assert_eq!(
        (found[1].as_str(), found[3].as_str()),
        ("8589a4aedaace0f643d55a4c6ee3bbd4", "760ffca80713b30815056f29a40fccf6")
    );
    assert_eq!(sweep.earlier_ids().unwrap().len(), 7 * cases.len());
}

/// A change and how the difference it makes begins.
type Change = (&'static str, fn(&mut Sweep));

/// Every change to a sweep that changes what its cases are.
fn changes() -> Vec<Change> {
    fn wind(sweep: &mut Sweep) -> &mut WindClimate {
        Arc::make_mut(&mut sweep.farms[0].wind)
    }
    fn sectors(sweep: &mut Sweep) -> &mut SectorWeibull {
        match &mut wind(sweep).distribution {
            WindDistribution::Sectors(sectors) => sectors,
            _ => panic!(),
        }
    }
    fn table(sweep: &mut Sweep) -> &mut ProbabilityTable {
        match &mut Arc::make_mut(&mut sweep.farms[1].wind).distribution {
            WindDistribution::Table(table) => table,
            _ => panic!(),
        }
    }
    fn curve(most: f64) -> Curve {
        Curve::new(vec![3.0, 13.0], vec![0.0, most]).unwrap()
    }
    vec![
        ("grid_size", |s| s.search.grid_size += 1),
        ("random_pct", |s| s.search.random_pct += 1e-12 * 30.0),
        ("min_spacing_d", |s| s.search.min_spacing_d = 2.5),
        ("restarts", |s| s.search.restarts += 1),
        ("rng", |s| s.search.rng = RngKind::Numpy),
        ("refine", |s| s.search.refine = Refinement::Polish),
        ("wind_speeds", |s| s.search.wind_speeds_m_s[0] = 5.0),
        ("wind_speeds", |s| s.search.wind_speeds_m_s.truncate(2)),
        ("wind_directions", |s| s.search.wind_directions.step_deg = 2.0),
        ("sector_interpolation", |s| s.search.sector_interpolation = SectorInterpolation::Linear),
        ("turbine_count", |s| s.turbine_count = TurbineCount::Count(4)),
        ("farms[0] (square) differs in boundary", |s| {
            let ring = vec![(0.0, 0.0), (4000.0, 0.0), (4000.0, 4000.5), (0.0, 4000.0)];
            s.farms[0].farm.boundary = Boundary::Polygons(vec![Polygon::new(ring).unwrap()]);
        }),
        ("farms[1] (disc) differs in boundary", |s| {
            s.farms[1].farm.boundary = Boundary::Circle { center_m: (0.0, 0.0), radius_m: 3001.0 };
        }),
        ("farms[0] (square) differs in exclusions", |s| s.farms[0].farm.exclusions.clear()),
        ("farms[0] (square) differs in wind", |s| wind(s).turbulence_intensity = 0.11),
        ("farms[0] (square) differs in wind", |s| sectors(s).frequency.swap(0, 1)),
        ("farms[0] (square) differs in wind", |s| sectors(s).weibull_a_m_s[1] = 11.0),
        ("farms[0] (square) differs in wind", |s| sectors(s).weibull_k[1] = 2.0),
        ("farms[1] (disc) differs in wind", |s| table(s).probability[0] = 0.0),
        ("farms[1] (disc) differs in wind", |s| table(s).wind_speed_m_s[0] = 7.0),
        ("farms[0] (square) differs in exclusions", |s| {
            let hole = Circle { center_m: (0.0, 0.0), radius_m: 1.0 };
            s.farms[0].farm.exclusions.push(Zone::Circle(hole));
        }),
        ("farms[0] (square) differs in wind", |s| {
            wind(s).distribution = WindDistribution::Series(WindSeries::new([(0.0, 8.0), (0.0, 8.0)]).unwrap());
        }),
        ("turbines[1] (own) differs in power curve", |s| {
            s.turbines[1].power_w = Curve::cubic(3.0, 12.0, 25.0, 2e6).unwrap();
        }),
        ("turbines[1] (own) differs in rotor diameter", |s| s.turbines[1].rotor_diameter_m = 81.0),
        ("turbines[1] (own) differs in hub height", |s| s.turbines[1].hub_height_m = 71.0),
        ("turbines[1] (own) differs in power curve", |s| s.turbines[1].power_w = curve(2e6)),
        ("turbines[1] (own) differs in thrust curve", |s| s.turbines[1].ct = curve(0.5)),
    ]
}

#[test]
fn whatever_decides_a_solution_changes_ids_and_is_a_difference() {
    let before = small();
    for (expected, change) in changes() {
        let mut after = before.clone();
        change(&mut after);
        assert_ne!(ids(&before), ids(&after), "{expected}");
        let differences = after.differences(&before);
        assert!(
            !differences.is_empty() && differences.iter().all(|text| text.starts_with(expected)),
            "{differences:?}"
        );
        assert_eq!(parse(&after.to_toml()).unwrap(), after, "{expected}");
    }
}

#[test]
fn what_decides_nothing_changes_no_id() {
    let before = small();
    let mut after = before.clone();
    after.name = "other".to_owned();
    after.farms[0].farm.name = "other".to_owned();
    after.farms[0].farm.crs = Some("EPSG:32632".to_owned());
    after.turbines[0].name = "other".to_owned();
    after.turbines[1].rated_power_w = 1.99e6;
    after.turbine_count = TurbineCount::CapacityMw(30.001);
    after.search.wind_directions.stop_deg = 359.5;
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(after.differences(&before), Vec::<String>::new());
}

#[test]
fn a_difference_is_told_in_words() {
    let stored = small();
    let mut sweep = stored.clone();
    sweep.search.grid_size = 20;
    sweep.turbine_count = TurbineCount::Count(5);
    assert_eq!(
        sweep.differences(&stored),
        [
            "grid_size is 18 there, 20 here",
            "turbine_count is 3 there, 5 here for turbines[0]",
            "turbine_count is 15 there, 5 here for turbines[1]",
        ]
    );
}

#[test]
fn appended_farms_and_other_seeds_unite() {
    let stored = Sweep { seeds: 2..4, ..small() };
    let mut sweep = Sweep { seeds: 6..9, ..small() };
    sweep.farms.truncate(1);
    sweep.turbines.push(sweep.turbines[0].clone());
    assert!(sweep.differences(&stored).is_empty());
    let united = sweep.united(&stored);
    assert_eq!((united.seeds.clone(), united.farms.len(), united.turbines.len()), (2..9, 2, 3));
    let listed = ids(&united);
    assert!(ids(&sweep).iter().chain(&ids(&stored)).all(|id| listed.contains(id)));
}

#[test]
fn selections_and_order() {
    let sweep = small();
    let selection = Selection { farms: Some("1".parse().unwrap()), turbines: None };
    let keys: Vec<_> = sweep.cases(&selection).unwrap().iter().map(|case| case.key.to_string()).collect();
    assert_eq!(keys, ["farm1_t0_s0", "farm1_t0_s1", "farm1_t0_s2", "farm1_t1_s0", "farm1_t1_s1", "farm1_t1_s2"]);
    let beyond = Selection { farms: Some("0..9".parse().unwrap()), turbines: Some("2".parse().unwrap()) };
    let message = sweep.cases(&beyond).unwrap_err().to_string();
    assert_eq!(
        message,
        "--farms: there is no farm 8; the sweep has 0 to 1\n--types: there is no turbine type 2; the sweep has 0 to 1"
    );
    let mut ids = ids(&sweep);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

#[test]
fn the_built_in_sweeps_read_back_to_the_bit() {
    for name in builtin::names() {
        let sweep = Sweep::builtin(name, &Overrides::default()).unwrap().unwrap();
        let again = parse(&sweep.to_toml()).unwrap();
        assert_eq!(sweep, again);
        assert_eq!(ids(&sweep), ids(&again));
    }
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![1e-300f64..1e-3, 1e-3f64..1e4]
}

prop_compose! {
    fn any_sweep()(
        name in "\\PC{0,12}",
        seeds in (0u64..1 << 40, 1u64..1000),
        random_pct in 0.0f64..100.0,
        spacing in number(),
        (start, step) in (-360.0f64..360.0, 0.2f64..90.0),
        radius in number(),
        center in (-1e7f64..1e7, -1e7f64..1e7),
        corners in prop::collection::vec((0.5f64..1.0, 0.0f64..1.0), 3..9),
        n_sectors in 1usize..20,
        k in number(),
        powers in prop::collection::vec(0.0f64..5e7, 1..20),
        ct in prop::collection::vec(0.0f64..1.2, 2..20),
        probability in prop::collection::vec(0.0f64..0.05, 6),
        capacity in 60.0f64..1e4,
    ) -> Sweep {
        let n = corners.len() as f64;
        let ring = corners.iter().enumerate().map(|(i, (r, turn))| {
            let angle = (i as f64 + 0.9 * turn) * std::f64::consts::TAU / n;
            (center.0 + 5e3 * r * angle.cos(), center.1 + 5e3 * r * angle.sin())
        });
        let sectors = Arc::new(WindClimate {
            distribution: WindDistribution::Sectors(SectorWeibull {
                frequency: vec![1.0 / n_sectors as f64; n_sectors],
                weibull_a_m_s: (0..n_sectors).map(|i| 8.0 + i as f64 / 7.0).collect(),
                weibull_k: vec![k; n_sectors],
            }),
            turbulence_intensity: 0.1 / 3.0,
        });
        let mut table = ProbabilityTable {
            wind_direction_deg: vec![start, start + step],
            wind_speed_m_s: vec![k, k + 1.0, k + 2.0],
            probability,
        };
        table.probability[0] += 0.01;
        let table = Arc::new(WindClimate { distribution: WindDistribution::Table(table), turbulence_intensity: 0.06 });
        let polygon = Polygon::new(ring.collect());
        let hole = Circle { center_m: center, radius_m: radius };
        let disc = Boundary::Circle { center_m: center, radius_m: radius };
        let farm = |name: &str, boundary, wind: &Arc<WindClimate>| SweepFarm {
            farm: Farm { name: name.to_owned(), boundary, exclusions: polygon.clone().into_iter().map(Zone::Polygon).chain([Zone::Circle(hole)]).collect(),
                crs: Some(name.to_owned()),
            },
            wind: wind.clone(),
        };
        let outline = polygon.clone().map_or(disc.clone(), |polygon| Boundary::Polygons(vec![polygon.clone(), polygon]));
        let speeds = |n: usize| (0..n).map(|i| k + i as f64 / 3.0).collect::<Vec<_>>();
        let mut powers = powers;
        powers.push(5e6);
        let turbine = Turbine {
            name: name.chars().rev().collect(),
            rotor_diameter_m: 1000.0 / 3.0,
            hub_height_m: 170.1,
            rated_power_w: 1e8 / 3.0,
            power_w: Curve::new(speeds(powers.len()), powers).unwrap(),
            ct: Curve::new(speeds(ct.len()), ct).unwrap(),
        };
        let cubic = Turbine { power_w: Curve::cubic(k, k + 0.1, k + 1.0 / 3.0, 1e8 / 3.0).unwrap(), ..turbine.clone() };
        let winds = [(start, k.min(30.0)), (start + step, 5.0), (start, k.min(30.0))];
        let series = Arc::new(WindClimate {
            distribution: WindDistribution::Series(WindSeries::new(winds).unwrap()),
            turbulence_intensity: 0.1,
        });
        Sweep {
            seeds: seeds.0..seeds.0 + seeds.1,
            search: SearchSettings {
                random_pct,
                min_spacing_d: spacing,
                wind_directions: DirectionRange { start_deg: start, stop_deg: start + 360.0 - step, step_deg: step },
                ..SearchSettings::default()
            },
            wake: WakeChoice::default(),
            turbine_count: TurbineCount::CapacityMw(capacity),
            farms: vec![farm(&name, disc, &sectors), farm("b", outline.clone(), &table), farm("c", outline, &series)],
            turbines: vec![turbine, cubic],
            name,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_to_the_bit(sweep in any_sweep()) {
        let text = sweep.to_toml();
        let again = parse(&text);
        prop_assert!(again.is_ok(), "{}\n{text}", again.unwrap_err());
        let again = again.unwrap();
        prop_assert_eq!(&again, &sweep);
        prop_assert_eq!(ids(&again), ids(&sweep));
        prop_assert!(again.differences(&sweep).is_empty());
    }

    #[test]
    fn a_damaged_sweep_file_never_panics(cut in 0usize..2000, at in 0usize..2000, byte in 32u8..127) {
        let _ = parse(&SMALL[..cut.min(SMALL.len())]);
        let mut bytes = SMALL.as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = parse(&String::from_utf8(bytes).unwrap());
    }
}
