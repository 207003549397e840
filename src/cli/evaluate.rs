//! `layoutopt evaluate SYSTEM`.

use std::process::ExitCode;

use layoutopt::aep::{Plant, Production, evaluate_built_by, wake_loss_pct};
use layoutopt::formats::windio::System;
use layoutopt::sweep::OnAllThreads;
use layoutopt::{Problem, Result};
use serde::Serialize;

use super::args::EvaluateArgs;
use super::out::say;
use super::{exit, physics, simd};

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    aep_gwh: f64,
    aep_no_wake_gwh: f64,
    wake_loss_pct: f64,
    n_turbines: usize,
    wake_model: &'a str,
    turbine_aep_gwh: &'a [f64],
}

/// Computes the AEP of a layout as it stands.
pub fn evaluate(args: &EvaluateArgs) -> Result<ExitCode> {
    let mut system = physics::read(&args.system, &args.physics)?;
    if let Some(path) = &args.layout {
        (system.layout, system.turbine_types) = physics::layout(path, system.turbines.len())?;
    }
    let flow = physics::flow_cases(&system, &args.physics)?;
    name_strays(&system);
    let wake = physics::wake(&system, &args.physics)?;
    let plant = Plant::new(&system.layout, &system.turbines, &system.turbine_types);
    let diameters: Vec<f64> = (0..plant.len()).map(|i| plant.turbine(i).rotor_diameter_m).collect();
    let production = evaluate_built_by(&OnAllThreads, simd::instructions()?, &wake.build(diameters), &plant, &flow);
    print(args, &system, wake.name(), &production)?;
    Ok(ExitCode::from(exit::DONE))
}

/// Counts turbines outside the boundary.
fn name_strays(system: &System) {
    let distances = system.layout.positions().map(|(x, y)| -system.farm.signed_distance_m(x, y));
    let outside: Vec<f64> = distances.filter(|&distance| distance > 1e-6).collect();
    if !outside.is_empty() {
        let farthest = outside.iter().copied().fold(0.0, f64::max);
        tracing::warn!(
            "{} of {} turbines stand outside the boundary, the farthest by {farthest:.3} m",
            outside.len(),
            system.layout.len()
        );
    }
}

fn print(args: &EvaluateArgs, system: &System, wake_model: &str, production: &Production) -> Result<()> {
    if args.json {
        let report = Report {
            aep_gwh: production.aep_gwh(),
            aep_no_wake_gwh: production.aep_no_wake_gwh(),
            wake_loss_pct: production.wake_loss_pct(),
            n_turbines: production.turbine_aep_gwh.len(),
            wake_model,
            turbine_aep_gwh: &production.turbine_aep_gwh,
        };
        let json = serde_json::to_string(&report).map_err(|error| Problem::new("--json", error.to_string()))?;
        say!("{json}");
        return Ok(());
    }
    say!("{}: {} turbines, {wake_model}", system.name, production.turbine_aep_gwh.len());
    say!();
    say!("AEP             {:12.4} GWh", production.aep_gwh());
    say!("without wakes   {:12.4} GWh", production.aep_no_wake_gwh());
    say!("wake loss       {:12.4} %", production.wake_loss_pct());
    say!();
    let by_aep = |a: &usize, b: &usize| production.turbine_aep_gwh[*a].total_cmp(&production.turbine_aep_gwh[*b]);
    let turbines = || 0..production.turbine_aep_gwh.len();
    for (rank, turbine) in [("best turbine", turbines().max_by(by_aep)), ("worst turbine", turbines().min_by(by_aep))] {
        if let Some(i) = turbine {
            let (aep, free) = (production.turbine_aep_gwh[i], production.turbine_aep_no_wake_gwh[i]);
            let (x, y) = (system.layout.x_m[i], system.layout.y_m[i]);
            let loss = wake_loss_pct(aep, free);
            say!("{rank:<15} {aep:12.4} GWh, wake loss {loss:.4} %: turbine {i} at x {x:.1} m, y {y:.1} m");
        }
    }
    Ok(())
}
