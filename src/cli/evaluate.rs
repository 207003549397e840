//! `layoutopt evaluate SYSTEM`.

use std::process::ExitCode;

use layoutopt::aep::{Plant, Production, evaluate_built};
use layoutopt::farm::{FlowCases, WindDistribution};
use layoutopt::formats::windio::{System, read_system};
use layoutopt::formats::{Files, LayoutTable, WindOptions, csv, geojson};
use layoutopt::sweep::analysis::WishedWake;
use layoutopt::sweep::{default_directions_deg, default_speeds_m_s};
use layoutopt::wake::WakeChoice;
use layoutopt::{Problem, Result};
use serde::Serialize;

use super::args::EvaluateArgs;
use super::{exit, simd};

/// Most values that a list of directions or speeds may have.
const MOST_VALUES: usize = 100_000;

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
    let options =
        WindOptions { turbulence_intensity: args.ti, time_series: args.time_series, ..WindOptions::default() };
    let mut system = read_system(&args.system, Files::Disk, &options)?;
    if let Some(path) = &args.layout {
        replace_layout(&mut system, path)?;
    }
    let flow = flow_cases(&system, args)?;
    name_strays(&system);
    let wake = wake(&system, args)?;
    let plant = Plant::new(&system.layout, &system.turbines, &system.turbine_types);
    let diameters: Vec<f64> = (0..plant.len()).map(|i| plant.turbine(i).rotor_diameter_m).collect();
    let production = evaluate_built(simd::instructions()?, &wake.build(diameters), &plant, &flow);
    print(args, &system, wake.name(), &production)?;
    Ok(ExitCode::from(exit::DONE))
}

fn replace_layout(system: &mut System, path: &std::path::Path) -> Result<()> {
    let table = read_layout(path)?;
    let n_types = system.turbines.len();
    let types = match table.turbine_types {
        Some(types) => types,
        None if n_types == 1 => vec![0; table.layout.len()],
        None => {
            let fault = format!(
                "has no column `type`, but the system has {n_types} turbine types; add `type` (0 to {})",
                n_types - 1
            );
            return Err(Problem::new(path.display().to_string(), fault).into());
        }
    };
    if let Some(i) = types.iter().position(|&t| t >= n_types) {
        let fault = format!("turbine {i} is of type {}, but the system has the types 0 to {}", types[i], n_types - 1);
        return Err(Problem::new(path.display().to_string(), fault).into());
    }
    system.layout = table.layout;
    system.turbine_types = types;
    Ok(())
}

/// Positions of a CSV file, or the points of GeoJSON.
fn read_layout(path: &std::path::Path) -> Result<LayoutTable> {
    let is_json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("geojson") || e.eq_ignore_ascii_case("json"));
    let table = if is_json {
        let place = path.display().to_string();
        let text = Files::Disk.read(path).map_err(|predicate| Problem::new(place.as_str(), predicate))?;
        geojson::parse_layout(&text, &place)?
    } else {
        csv::read_layout(path, Files::Disk)?
    };
    for note in &table.notes {
        tracing::warn!("{note}");
    }
    Ok(table)
}

fn flow_cases(system: &System, args: &EvaluateArgs) -> Result<FlowCases> {
    let own = match system.climate.distribution {
        WindDistribution::Table(_) => Some("a probability table, whose own directions and speeds"),
        WindDistribution::Series(_) => Some("a time series, whose own winds"),
        WindDistribution::Sectors(_) => None,
    };
    for (flag, value) in [("--wind-directions", &args.wind_directions), ("--wind-speeds", &args.wind_speeds)] {
        if let (Some(own), Some(_)) = (own, value) {
            let fault = format!("cannot be chosen: the wind is {own} are the flow cases; leave it out");
            return Err(Problem::new(flag, fault).into());
        }
    }
    let list = |flag: &str, text: &Option<String>, default: fn() -> Vec<f64>| match text {
        None => Ok(default()),
        Some(text) => values(text).map_err(|fault| Problem::new(flag, fault)),
    };
    let directions = list("--wind-directions", &args.wind_directions, default_directions_deg)?;
    let speeds = list("--wind-speeds", &args.wind_speeds, default_speeds_m_s)?;
    if speeds.windows(2).any(|pair| pair[1] <= pair[0]) || speeds[0] < 0.0 {
        return Err(Problem::new("--wind-speeds", "must increase and not be negative").into());
    }
    let flow = system.climate.flow_cases(&directions, &speeds, args.sector_interpolation.into());
    Ok(if args.normalize { flow.normalized() } else { flow })
}

/// `8,10,12` or `start..stop..step`, the stop exclusive.
fn values(text: &str) -> std::result::Result<Vec<f64>, String> {
    let number = |word: &str| {
        let parsed = word.trim().parse::<f64>().ok().filter(|value| value.is_finite());
        parsed.ok_or_else(|| format!("`{word}` is not a number; write 8,10,12 or 0..360..1"))
    };
    let parts: Vec<&str> = text.split("..").collect();
    let values = match parts[..] {
        [list] => list.split(',').map(number).collect::<std::result::Result<Vec<_>, _>>()?,
        [start, stop] => range(number(start)?, number(stop)?, 1.0)?,
        [start, stop, step] => range(number(start)?, number(stop)?, number(step)?)?,
        _ => return Err(format!("`{text}` is not a list; write 8,10,12 or 0..360..1")),
    };
    Ok(values)
}

fn range(start: f64, stop: f64, step: f64) -> std::result::Result<Vec<f64>, String> {
    let n = ((stop - start) / step).ceil();
    if !(step > 0.0 && n >= 1.0 && n <= MOST_VALUES as f64) {
        return Err(format!("{start}..{stop}..{step} holds no values, or more than {MOST_VALUES}"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and MOST_VALUES")]
    let n = n as usize;
    Ok((0..n).map(|i| start + step * i as f64).collect())
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

/// The wake model of the command line, else the one that the system asks for; what of that is not honoured is named.
fn wake(system: &System, args: &EvaluateArgs) -> Result<WakeChoice> {
    if let Some(model) = args.wake_model {
        return Ok(model.into());
    }
    let wished = WishedWake::of(&system.analysis)?;
    for unmet in &wished.unmet {
        tracing::warn!("{unmet}");
    }
    Ok(wished.wake)
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
        println!("{json}");
        return Ok(());
    }
    println!("{}: {} turbines, {wake_model}", system.name, production.turbine_aep_gwh.len());
    println!();
    println!("AEP             {:12.4} GWh", production.aep_gwh());
    println!("without wakes   {:12.4} GWh", production.aep_no_wake_gwh());
    println!("wake loss       {:12.4} %", production.wake_loss_pct());
    println!();
    let by_aep = |a: &usize, b: &usize| production.turbine_aep_gwh[*a].total_cmp(&production.turbine_aep_gwh[*b]);
    let turbines = || 0..production.turbine_aep_gwh.len();
    for (rank, turbine) in [("best turbine", turbines().max_by(by_aep)), ("worst turbine", turbines().min_by(by_aep))] {
        if let Some(i) = turbine {
            let (aep, free) = (production.turbine_aep_gwh[i], production.turbine_aep_no_wake_gwh[i]);
            let (x, y) = (system.layout.x_m[i], system.layout.y_m[i]);
            let loss = 100.0 * (1.0 - aep / free);
            println!("{rank:<15} {aep:12.4} GWh, wake loss {loss:.4} %: turbine {i} at x {x:.1} m, y {y:.1} m");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges() {
        assert_eq!(values("8, 10,12.5").unwrap(), [8.0, 10.0, 12.5]);
        assert_eq!(values("0..360..90").unwrap(), [0.0, 90.0, 180.0, 270.0]);
        assert_eq!(values("3..6").unwrap(), [3.0, 4.0, 5.0]);
        for bad in ["", "a", "1..2..0", "5..1", "1..2..3..4", "nan", "0..1e30"] {
            assert!(values(bad).is_err(), "{bad}");
        }
    }
}
