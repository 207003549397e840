//! Winds as CSV: a table of probabilities, or a time series.
//!
//! | columns                                   | what                                                                        |
//! |-------------------------------------------|-----------------------------------------------------------------------------|
//! | wind_direction, wind_speed, probability   | one line for each pair, in any order; pairs that are left out have none      |
//! | time, wind_speed, wind_direction          | one line for each time, all equally probable; the times are not looked at    |
//!
//! Degrees and m/s. Columns may stand in any order; of a table with both `time` and `probability` neither form is meant.

use std::collections::BTreeMap;

use crate::error::{Problem, Result};
use crate::farm::{ProbabilityTable, WindClimate, WindDistribution};
use crate::formats::Faults;
use crate::formats::csv::{Rows, unquoted};
use crate::formats::inputs::{WindOptions, series_as};
use crate::formats::spelling::closest;

/// Lines of one file, at most.
const MAX_LINES: usize = 2_000_000;
/// Directions times speeds, at most: few lines may span a large table.
const MAX_TABLE: usize = 1_000_000;

/// The climate that a CSV text describes; `place` names the file.
///
/// # Errors
/// Every line that is no wind, with its number; no turbulence intensity among the options.
pub fn parse_wind(text: &str, place: &str, options: &WindOptions) -> Result<WindClimate> {
    let faults = Faults::new();
    let fault = |text: String| faults.add(Problem::new(place, text));
    let _ = options.no_height_and_roughness().map_err(|problem| faults.add(problem.within(place)));
    let distribution = read(text, &fault).and_then(|wind| match wind {
        Wind::Table(rows) => {
            let _ = options.no_time_series().map_err(|problem| faults.add(problem.within(place)));
            table(&rows, &fault).map(WindDistribution::Table)
        }
        Wind::Series(winds) => series_as(winds, options).map_err(|problem| faults.add(problem.within(place))).ok(),
    });
    let climate = distribution.and_then(|wind| faults.take(options.climate(wind, place)));
    faults.into_result(place, climate)
}

enum Wind {
    /// Line, direction, speed, probability.
    Table(Vec<(usize, f64, f64, f64)>),
    /// Direction, speed.
    Series(Vec<(f64, f64)>),
}

fn read(text: &str, fault: &dyn Fn(String)) -> Option<Wind> {
    const KNOWN: [&str; 4] = ["time", "wind_direction", "wind_speed", "probability"];
    const NEEDED: &str =
        "the header must name wind_direction, wind_speed and probability, or time, wind_speed and wind_direction";
    let mut rows = Rows::of(text);
    let (number, header) = rows.header(fault, NEEDED)?;
    let names: Vec<String> = header.split(',').map(|name| unquoted(name).to_lowercase()).collect();
    let mut sound = true;
    for (i, name) in names.iter().enumerate() {
        if !KNOWN.contains(&name.as_str()) {
            let guess = closest(name, &KNOWN).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            let name: String = name.chars().take(40).collect();
            fault(format!("the header names a column `{name}`; {NEEDED}{guess} (line {number})"));
            sound = false;
        } else if names[..i].contains(name) {
            fault(format!("the header names the column `{name}` twice (line {number})"));
            sound = false;
        }
    }
    let column = |wanted: &str| names.iter().position(|name| name == wanted);
    let (direction, speed) = (column("wind_direction"), column("wind_speed"));
    let (time, probability) = (column("time"), column("probability"));
    let (Some(direction), Some(speed), true) = (direction, speed, sound && time.is_some() != probability.is_some())
    else {
        if sound {
            fault(format!("{NEEDED} (line {number})"));
        }
        return None;
    };
    let (mut table, mut series) = (Vec::new(), Vec::new());
    for (line, text) in rows {
        if table.len() + series.len() >= MAX_LINES {
            fault(format!("more than {MAX_LINES} lines"));
            return None;
        }
        let cells: Vec<&str> = text.split(',').map(unquoted).collect();
        if cells.len() != names.len() {
            fault(format!("{} columns, but the header has {} (line {line})", cells.len(), names.len()));
            continue;
        }
        let number = |index: usize| {
            let value = cells[index].parse::<f64>().ok().filter(|value| value.is_finite());
            if value.is_none() {
                let cell: String = cells[index].chars().take(40).collect();
                let remedy = if time.is_some() { "; leave out times without wind" } else { "" };
                fault(format!("{} is `{cell}`, must be a finite number{remedy} (line {line})", names[index]));
            }
            value
        };
        let (d, u) = (number(direction), number(speed));
        match probability.map(number) {
            None => series.extend(d.zip(u)),
            Some(p) => table.extend(d.zip(u).zip(p).map(|((d, u), p)| (line, d, u, p))),
        }
    }
    Some(if time.is_some() { Wind::Series(series) } else { Wind::Table(table) })
}

fn table(rows: &[(usize, f64, f64, f64)], fault: &dyn Fn(String)) -> Option<ProbabilityTable> {
    let distinct = |value: fn(&(usize, f64, f64, f64)) -> f64| {
        let mut values: Vec<f64> = rows.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.dedup_by(|a, b| a.to_bits() == b.to_bits());
        values
    };
    let (directions, speeds) = (distinct(|row| row.1 + 0.0), distinct(|row| row.2 + 0.0));
    if rows.is_empty() {
        fault("has no lines; needs one `wind_direction,wind_speed,probability` for each wind".to_owned());
        return None;
    }
    if directions.first() == Some(&0.0) && directions.last() == Some(&360.0) {
        fault("has the directions 0 and 360, which are the same; keep one of the two".to_owned());
        return None;
    }
    if directions.len().saturating_mul(speeds.len()) > MAX_TABLE {
        let (n, m) = (directions.len(), speeds.len());
        fault(format!("{n} directions x {m} speeds are more than {MAX_TABLE} winds; use bins"));
        return None;
    }
    let mut probability = vec![0.0; directions.len() * speeds.len()];
    let mut seen = BTreeMap::new();
    for &(line, d, u, p) in rows {
        let place = |list: &[f64], value: f64| list.partition_point(|known| *known < value);
        let index = place(&directions, d) * speeds.len() + place(&speeds, u);
        if let Some(first) = seen.insert(index, line) {
            fault(format!("direction {d}, speed {u} come twice (lines {first} and {line})"));
            return None;
        }
        probability[index] = p;
    }
    Some(ProbabilityTable { wind_direction_deg: directions, wind_speed_m_s: speeds, probability })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::formats::inputs::TimeSeries;

    const OPTIONS: WindOptions =
        WindOptions { turbulence_intensity: Some(0.1), height_m: None, roughness_m: None, time_series: None };

    #[test]
    fn a_table_in_any_order_with_gaps() {
        let text = "wind_speed,Wind_Direction,probability\n8,90,.25\n# comment\n6,0,.5\n8,0,.25\n";
        let WindDistribution::Table(table) = parse_wind(text, "w.csv", &OPTIONS).unwrap().distribution else {
            panic!()
        };
        assert_eq!((table.wind_direction_deg, table.wind_speed_m_s), (vec![0.0, 90.0], vec![6.0, 8.0]));
        assert_eq!(table.probability, [0.5, 0.25, 0.0, 0.25]);
    }

    #[test]
    fn a_series_as_cases_or_binned() {
        let text = "time,wind_speed,wind_direction\n2020-01-01 00:00,8.2,90.4\n2020-01-01 01:00,6,0\n";
        let climate = parse_wind(text, "w.csv", &OPTIONS).unwrap();
        assert!(matches!(climate.distribution, WindDistribution::Series(series) if series.times() == 2));
        let binned = WindOptions { time_series: Some(TimeSeries::Binned), ..OPTIONS };
        let WindDistribution::Table(table) = parse_wind(text, "w.csv", &binned).unwrap().distribution else { panic!() };
        assert_eq!((table.wind_direction_deg.len(), table.wind_speed_m_s.len()), (360, 9));
    }

    #[test]
    fn faults_have_lines() {
        for (text, expected) in [
            ("", "is empty"),
            ("wind_speed,wind_direction\n1,2\n", "the header must name"),
            ("time,wind_speed,direction\n", "names a column `direction`"),
            (
                "time,wind_speed,wind_direction\n1,nan,3\n1,2\n",
                "wind_speed is `nan`, must be a finite number; leave out times without wind (line 2)\nw.csv: 2 columns, but the header has 3 (line 3)",
            ),
            ("time,wind_speed,wind_direction\n", "has no times"),
            ("time,wind_speed,wind_direction\n1,-2,3\n", "wind_speed: -2 m/s at time 0, must be 0 to 200"),
            ("wind_direction,wind_speed,probability\n0,5,.5\n0,5,.5\n", "come twice (lines 2 and 3)"),
            ("wind_direction,wind_speed,probability\n0,5,.5\n360,5,.5\n", "keep one of the two"),
            ("wind_direction,wind_speed,probability\n0,5,50\n90,5,50\n", "looks like percent"),
        ] {
            let message = parse_wind(text, "w.csv", &OPTIONS).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "(time|wind_speed|wind_direction|probability|,|[0-9.\n-]){0,60}") {
            let _ = parse_wind(&text, "w.csv", &OPTIONS);
        }
    }
}
