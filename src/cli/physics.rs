//! What a command computes a SYSTEM with: the file, its wind, its wake model.

use std::path::Path;

use layoutopt::farm::{FlowCases, Layout, WindDistribution};
use layoutopt::formats::windio::{System, read_system};
use layoutopt::formats::{Files, LayoutTable, WindOptions, csv, geojson};
use layoutopt::sweep::analysis::WishedWake;
use layoutopt::sweep::{default_directions_deg, default_speeds_m_s};
use layoutopt::wake::WakeChoice;
use layoutopt::{Problem, Result};

use super::args::PhysicsArgs;

/// Most values that a list of directions or speeds may have.
const MOST_VALUES: usize = 100_000;

/// Reads a SYSTEM.
pub fn read(path: &Path, args: &PhysicsArgs) -> Result<System> {
    let options =
        WindOptions { turbulence_intensity: args.ti, time_series: args.time_series, ..WindOptions::default() };
    read_system(path, Files::Disk, &options)
}

/// The flow cases asked for.
pub fn flow_cases(system: &System, args: &PhysicsArgs) -> Result<FlowCases> {
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

/// The wake model of the command line, else the one that the system asks for; what of that is not honoured is named.
pub fn wake(system: &System, args: &PhysicsArgs) -> Result<WakeChoice> {
    if let Some(model) = args.wake_model {
        return Ok(model.into());
    }
    let wished = WishedWake::of(&system.analysis)?;
    for unmet in &wished.unmet {
        tracing::warn!("{unmet}");
    }
    Ok(wished.wake)
}

/// The turbines of a layout file, with their types, of which the system has so many.
pub fn layout(path: &Path, n_types: usize) -> Result<(Layout, Vec<usize>)> {
    let table = read_layout(path)?;
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
    Ok((table.layout, types))
}

/// Positions of a CSV file, or the points of GeoJSON.
fn read_layout(path: &Path) -> Result<LayoutTable> {
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
