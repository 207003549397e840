//! This side of `peers.py`: reads the jobs, says how long each takes on one thread and on all, and what comes out.
//!
//! `cargo bench --bench peers -- jobs.json answers.json`, both in JSON; with `--once` each job is done once, for those who count instructions.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench that cannot read its input stops")]

use std::time::Instant;

use layoutopt::aep::{LaneBuffers, LaneMap, Plant, Simd, evaluate_built, evaluate_built_by};
use layoutopt::farm::{Boundary, Farm, FlowCases, GenericTurbine, Layout, Polygon, Turbine};
use layoutopt::search::{CaseRng, RngKind, SmartStart, candidates};
use layoutopt::sweep::OnAllThreads;
use layoutopt::wake::{BuiltWake, WakeModel};
use serde_json::{Value, json};

/// A job is repeated until it has taken this long, and the shortest time counts.
const LEAST_SECONDS: f64 = 1.0;

fn list(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn flow(speeds: &[f64]) -> FlowCases {
    let directions = (0..360).map(f64::from).collect();
    FlowCases::grid(directions, speeds, vec![1.0 / 360.0; 360 * speeds.len()], 0.1)
}

/// The shortest time of a job, s, and its last answer.
fn timed<T>(mut job: impl FnMut() -> T) -> (f64, T) {
    let (start, mut least) = (Instant::now(), f64::INFINITY);
    loop {
        let since = Instant::now();
        let answer = job();
        least = least.min(since.elapsed().as_secs_f64());
        let once = std::env::args().any(|argument| argument == "--once");
        if once || start.elapsed().as_secs_f64() > LEAST_SECONDS {
            return (least, answer);
        }
    }
}

fn smart_start(job: &Value, turbine: &Turbine, wake: &BuiltWake) -> Value {
    let boundary: Vec<(f64, f64)> = serde_json::from_value(job["boundary"].clone()).unwrap();
    let boundary = Boundary::Polygons(vec![Polygon::new(boundary).unwrap()]);
    let farm = Farm { name: "peers".into(), boundary, exclusions: vec![], crs: None };
    let grid_size = usize::try_from(job["grid_size"].as_u64().unwrap()).unwrap();
    let start = SmartStart {
        n_turbines: usize::try_from(job["n_turbines"].as_u64().unwrap()).unwrap(),
        random_pct: job["random_pct"].as_f64().unwrap(),
        min_spacing_m: job["min_spacing_m"].as_f64().unwrap(),
    };
    let flow = flow(&list(&job["wind_speeds_m_s"]));
    let BuiltWake::Nygaard2022(wake) = wake else { panic!("the default model") };
    let mut buffers = LaneBuffers::default();
    let (seconds, layout) = timed(|| {
        let grid = candidates(&farm, grid_size);
        let mut map = LaneMap::new(Simd::detect(), wake.in_air(0.1), turbine, &grid, &flow, &mut buffers);
        let mut rng = CaseRng::new(RngKind::Numpy, job["seed"].as_u64().unwrap(), 0);
        start.place(&mut map, &grid, &mut rng).unwrap()
    });
    json!({"seconds": seconds, "x_m": layout.x_m, "y_m": layout.y_m})
}

fn aep(job: &Value, turbine: &Turbine, wake: &BuiltWake) -> Value {
    let layout = Layout { x_m: list(&job["x_m"]), y_m: list(&job["y_m"]) };
    let types = vec![0; layout.len()];
    let plant = Plant::new(&layout, std::slice::from_ref(turbine), &types);
    let flow = flow(&(3..26).map(f64::from).collect::<Vec<_>>());
    let (seconds, production) = timed(|| evaluate_built(Simd::detect(), wake, &plant, &flow));
    let (seconds_everywhere, same) = timed(|| evaluate_built_by(&OnAllThreads, Simd::detect(), wake, &plant, &flow));
    assert_eq!(production, same, "the same bits on any number of threads");
    json!({"seconds": seconds, "seconds_everywhere": seconds_everywhere, "aep_gwh": production.aep_gwh()})
}

/// Most memory that the process ever had, MB.
fn peak_memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [jobs, answers] = &paths[..] else {
        eprintln!("peers: give the jobs and the answers file; `make peers` does");
        return;
    };
    let jobs: Value = serde_json::from_str(&std::fs::read_to_string(jobs).unwrap()).unwrap();
    let turbine = GenericTurbine::new(15e6, 240.0, 150.0).build("generic 15 MW").unwrap();
    let mut found = serde_json::Map::new();
    found.insert("simd".into(), json!(Simd::detect().name()));
    for (name, job) in jobs.as_object().unwrap() {
        let model: WakeModel = job["model"].as_str().unwrap().parse().unwrap();
        let wake = model.build([240.0]);
        let is_search = job["n_turbines"].is_number();
        let answer = if is_search { smart_start(job, &turbine, &wake) } else { aep(job, &turbine, &wake) };
        found.insert(name.clone(), answer);
    }
    found.insert("peak_memory_mb".into(), json!(peak_memory_mb()));
    std::fs::write(answers, serde_json::to_string(&found).unwrap()).unwrap();
}
