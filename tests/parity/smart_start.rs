//! Layouts that TOPFARM's smart start chose, turbine by turbine.

use layoutopt::Error;
use layoutopt::aep::{LaneBuffers, LaneMap, Simd};
use layoutopt::farm::{Boundary, Farm, FlowCases, Polygon, Turbine};
use layoutopt::search::{CaseRng, RngKind, SmartStart, candidates};
use layoutopt::wake::Nygaard2022;
use serde_json::Value;

use crate::golden::{get, interpolation, json, sectors, turbine};

/// Flow cases of a climate that knows directions only: every speed counts fully.
fn uniform(directions: Vec<f64>, speeds: &[f64], turbulence_intensity: f64) -> FlowCases {
    let step = directions[1] - directions[0];
    let probability = vec![step / 360.0; directions.len() * speeds.len()];
    FlowCases::grid(directions, speeds, probability, turbulence_intensity)
}

fn flow_of(case: &Value) -> FlowCases {
    let directions: Vec<f64> = get(&case["wind_directions_deg"]);
    let speeds: Vec<f64> = get(&case["wind_speeds_m_s"]);
    let climate = &case["climate"];
    let ti = get(&climate["turbulence_intensity"]);
    match climate["file"].as_str() {
        Some(path) => sectors(path, ti).flow_cases(&directions, &speeds, interpolation(&climate["interpolation"])),
        None => uniform(directions, &speeds, ti),
    }
}

fn farm_of(boundary: &Value) -> Farm {
    let vertices = get::<Vec<(f64, f64)>>(boundary);
    Farm {
        name: "golden".into(),
        boundary: Boundary::Polygons(vec![Polygon::new(vertices).unwrap()]),
        exclusions: vec![],
        crs: None,
    }
}

struct Job {
    farm: Farm,
    turbine: Turbine,
    flow: FlowCases,
    grid_size: usize,
    seed: u64,
    start: SmartStart,
}

impl Job {
    fn run(&self) -> layoutopt::Result<(Vec<f64>, Vec<f64>)> {
        let wake = Nygaard2022::new([self.turbine.rotor_diameter_m]);
        let positions = candidates(&self.farm, self.grid_size);
        let mut buffers = LaneBuffers::default();
        let wake = wake.in_air(self.flow.turbulence_intensity());
        let mut map = LaneMap::new(Simd::detect(), wake, &self.turbine, &positions, &self.flow, &mut buffers);
        let mut rng = CaseRng::new(RngKind::Numpy, self.seed, 0);
        let layout = self.start.place(&mut map, &positions, &mut rng)?;
        Ok((layout.x_m, layout.y_m))
    }
}

#[test]
fn every_smaller_case_is_identical() {
    let cases: Vec<Value> = get(&json("smart_start.json")["cases"]);
    assert!(cases.len() > 12);
    for case in &cases {
        let job = Job {
            farm: farm_of(&case["boundary"]),
            turbine: turbine(case["turbine"].as_str().unwrap()),
            flow: flow_of(case),
            grid_size: get(&case["grid_size"]),
            seed: get(&case["seed"]),
            start: SmartStart {
                n_turbines: get(&case["n_turbines"]),
                random_pct: get(&case["random_pct"]),
                min_spacing_m: get(&case["min_spacing_m"]),
            },
        };
        assert_eq!(candidates(&job.farm, job.grid_size).len(), get::<usize>(&case["candidates"]), "{}", case["name"]);
        match (job.run(), get::<Option<usize>>(&case["failed_turbine"])) {
            (Ok(layout), None) => assert_eq!(layout, (get(&case["x_m"]), get(&case["y_m"])), "{}", case["name"]),
            (Err(Error::NoFeasiblePosition { turbine, .. }), Some(failed)) => {
                assert_eq!(turbine, failed, "{}", case["name"]);
            }
            (got, expected) => panic!("{}: {got:?}, expected a failure at {expected:?}", case["name"]),
        }
    }
}

#[test]
fn the_whole_job_is_identical() {
    let reference = json("smart-start-dk0w-15mw-seed1.json");
    let settings = &reference["smart_start"];
    let speeds: Vec<f64> = get(&settings["ws"]);
    let job = Job {
        farm: farm_of(&reference["boundary"]),
        turbine: turbine("turbines/generic-15mw.yaml"),
        flow: uniform((0..360).map(f64::from).collect(), &speeds, 0.1),
        grid_size: get(&settings["grid_size"]),
        seed: get(&settings["seed"]),
        start: SmartStart {
            n_turbines: get(&settings["n_turbines"]),
            random_pct: get(&settings["random_pct"]),
            min_spacing_m: get(&settings["min_spacing_m"]),
        },
    };
    assert_eq!(job.run().unwrap(), (get(&reference["x"]), get(&reference["y"])));
}
