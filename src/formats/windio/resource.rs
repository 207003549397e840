//! windIO `energy_resource`: Weibull sectors, a table of probabilities or a time series, and turbulence intensity.

use crate::error::Problem;
use crate::farm::{ProbabilityTable, SectorWeibull, WindClimate, WindDistribution};
use crate::formats::inputs::{WindOptions, series_as};
use crate::formats::windio::data::{Data, one_or_more};
use crate::formats::{Field, Value};

/// The climate that a windIO `energy_resource` describes.
pub fn climate(field: &Field, options: &WindOptions) -> Option<WindClimate> {
    wind_resource(&field.get("wind_resource")?, options)
}

/// What a `wind_resource` may hold that is read, or says nothing of its own.
const HONOURED: [&str; 10] = [
    "wind_direction",
    "wind_speed",
    "probability",
    "sector_probability",
    "weibull_a",
    "weibull_k",
    "turbulence_intensity",
    "time",
    "height",
    "reference_height",
];

/// The climate of a windIO `wind_resource`. Data may stand plainly instead of as `{data, dims}`.
pub fn wind_resource(field: &Field, options: &WindOptions) -> Option<WindClimate> {
    let entries = field.entries()?;
    options.refuse_height_and_roughness(field);
    // What changes the wind or the power and is not honoured.
    for (key, remedy) in [
        ("shear", "wind shear is not supported yet; give the wind at hub height"),
        ("operating", "turbines that stand still at times are not supported; leave it out"),
    ] {
        if field.has(key) {
            field.fault_below(&Problem::new(key, remedy));
        }
    }
    let ignored: Vec<_> = entries
        .iter()
        .map(|(key, _)| *key)
        .filter(|key| !HONOURED.contains(key) && !["shear", "operating"].contains(key))
        .collect();
    if !ignored.is_empty() {
        field.note(format!("given but not used by any wake model here: {}", ignored.join(", ")));
    }
    let distribution = distribution(field, options);
    let turbulence_intensity = options.turbulence_intensity.or_else(|| constant_turbulence_intensity(field));
    if let Some(ti) = turbulence_intensity {
        // Checked here too, so that it is named even if the distribution cannot be read.
        let _ = WindClimate::check_turbulence_intensity(ti).map_err(|problem| field.fault_below(&problem));
    }
    let climate = WindClimate { distribution: distribution?, turbulence_intensity: turbulence_intensity? };
    match climate.check() {
        Ok(()) => Some(climate),
        Err(problems) => {
            for problem in &problems {
                field.fault_below(problem);
            }
            None
        }
    }
}

fn distribution(field: &Field, options: &WindOptions) -> Option<WindDistribution> {
    if field.has("time") {
        return series(field, options);
    }
    options.refuse_time_series(field);
    if field.has("weibull_a") || field.has("weibull_k") {
        sectors(field).map(WindDistribution::Sectors)
    } else if field.has("probability") {
        table(field).map(WindDistribution::Table)
    } else if field.has("sector_probability") {
        field.fault("has sector_probability but not weibull_a and weibull_k, which say how strong the wind is");
        None
    } else {
        field.fault(
            "needs Weibull sectors (sector_probability, weibull_a, weibull_k), a table (probability) or a time series (time)",
        );
        None
    }
}

/// The winds at every time, each as probable as any other; the times themselves are only counted.
fn series(field: &Field, options: &WindOptions) -> Option<WindDistribution> {
    let time = field.get("time")?;
    let n = match time.kind() {
        Value::List(items) => items.len(),
        Value::Map(_) => Data::read(&time, &["time"])?.values.len(),
        _ => 1,
    };
    let at_every_time = |key: &str| {
        let given = field.get(key)?;
        let values = match given.kind() {
            Value::List(_) | Value::Map(_) => Data::read(&given, &["time"])?.values,
            _ => vec![given.number()?],
        };
        if values.len() != n {
            given.fault(format!("{} values for {n} times; give one for each", values.len()));
            return None;
        }
        Some(values)
    };
    let (directions, speeds) = (at_every_time("wind_direction"), at_every_time("wind_speed"));
    series_as(directions?.into_iter().zip(speeds?), options).map_err(|problem| field.fault_below(&problem)).ok()
}

/// How far a sector's direction may be from i * 360 / n, degrees.
const DIRECTION_TOLERANCE_DEG: f64 = 1e-6;

fn sectors(field: &Field) -> Option<SectorWeibull> {
    let directions = field.get("wind_direction").and_then(|list| one_or_more(&list));
    let by_direction = |key: &str| {
        let data = Data::read(&field.get(key)?, &["wind_direction"])?;
        Some(data.values)
    };
    let (frequency, weibull_a, weibull_k) =
        (by_direction("sector_probability"), by_direction("weibull_a"), by_direction("weibull_k"));
    let mut directions = directions?;
    let (mut frequency, mut weibull_a_m_s, mut weibull_k) = (frequency?, weibull_a?, weibull_k?);
    let n = directions.len();
    let mut complete = true;
    for (key, values) in [("sector_probability", &frequency), ("weibull_a", &weibull_a_m_s), ("weibull_k", &weibull_k)]
    {
        if values.len() != n {
            let fault = format!("{} values for {n} wind directions; give one for each", values.len());
            field.fault_below(&Problem::new(key, fault));
            complete = false;
        }
    }
    if !complete {
        return None;
    }
    if repeats_north(&directions) {
        // The frequencies of the two cannot tell whether each is half a sector or the same one twice; A and k of the same are the same.
        for values in [&mut frequency, &mut weibull_a_m_s, &mut weibull_k] {
            if values.first() != values.last() {
                // Reading goes on, for the other faults.
                field.fault_below(&Problem::new(
                    "wind_direction",
                    "has 0 and 360 with different values; keep one of the two",
                ));
            }
            values.pop();
        }
        directions.pop();
    }
    let width = 360.0 / directions.len() as f64;
    let centred = |(i, direction): (usize, &f64)| (direction - i as f64 * width).abs() <= DIRECTION_TOLERANCE_DEG;
    if !directions.iter().enumerate().all(centred) {
        let fault =
            format!("sectors must be centred on 0, {width}, {} ... up to below 360, in this order", 2.0 * width);
        field.fault_below(&Problem::new("wind_direction", fault));
        return None;
    }
    Some(SectorWeibull { frequency, weibull_a_m_s, weibull_k })
}

fn table(field: &Field) -> Option<ProbabilityTable> {
    let directions = field.get("wind_direction").and_then(|list| one_or_more(&list));
    let speeds = field.get("wind_speed").and_then(|list| one_or_more(&list));
    let data = field.get("probability").and_then(|p| Data::read(&p, &["wind_direction", "wind_speed"]));
    let (mut wind_direction_deg, wind_speed_m_s, data) = (directions?, speeds?, data?);
    let (n_directions, n_speeds) = (wind_direction_deg.len(), wind_speed_m_s.len());
    let size = |dimension: &str| if dimension == "wind_direction" { n_directions } else { n_speeds };
    let expected: Vec<usize> = data.dims.iter().map(|dimension| size(dimension)).collect();
    let left_out = |dimension: &str, n: usize| n != 1 && !data.dims.iter().any(|d| d == dimension);
    if expected != data.shape || left_out("wind_direction", n_directions) || left_out("wind_speed", n_speeds) {
        let fault = format!(
            "has the shape {:?} over {:?}, but there are {n_directions} wind directions and {n_speeds} wind speeds",
            data.shape, data.dims
        );
        field.fault_below(&Problem::new("probability", fault));
        return None;
    }
    let speed_major = data.dims.first().is_some_and(|dimension| dimension == "wind_speed");
    let mut probability = if speed_major && data.dims.len() == 2 {
        (0..n_directions * n_speeds).map(|i| data.values[(i % n_speeds) * n_directions + i / n_speeds]).collect()
    } else {
        data.values
    };
    if field.has("sector_probability") {
        joint_probability(field, &mut probability, n_directions, n_speeds)?;
    }
    if repeats_north(&wind_direction_deg) {
        if probability[..n_speeds] != probability[(n_directions - 1) * n_speeds..] {
            field.fault_below(&Problem::new(
                "wind_direction",
                "has 0 and 360 with different values; keep one of the two",
            ));
            return None;
        }
        wind_direction_deg.pop();
        probability.truncate((n_directions - 1) * n_speeds);
    }
    Some(ProbabilityTable { wind_direction_deg, wind_speed_m_s, probability })
}

/// Above this sum a table cannot be of direction and speed together.
const LARGEST_JOINT_SUM: f64 = 1.5;

/// A table beside `sector_probability` may give each direction's own distribution of speeds, as windIO's IEA Task 37 files do: its sum is
/// then about the number of directions. It becomes the probability of direction and speed together; a table that sums to 1 is that already.
fn joint_probability(field: &Field, probability: &mut [f64], n_directions: usize, n_speeds: usize) -> Option<()> {
    let share = Data::read(&field.get("sector_probability")?, &["wind_direction"])?.values;
    if share.len() != n_directions {
        let fault = format!("{} values for {n_directions} wind directions; give one for each", share.len());
        field.fault_below(&Problem::new("sector_probability", fault));
        return None;
    }

    if n_speeds > 0 && probability.iter().sum::<f64>() > LARGEST_JOINT_SUM {
        for (row, share) in probability.chunks_mut(n_speeds).zip(share) {
            for p in row {
                *p *= share;
            }
        }
    }
    Some(())
}

/// Whether the last direction is the first again: 360 after 0.
fn repeats_north(directions: &[f64]) -> bool {
    let is =
        |direction: Option<&f64>, value: f64| direction.is_some_and(|d| (d - value).abs() <= DIRECTION_TOLERANCE_DEG);
    directions.len() > 1 && is(directions.first(), 0.0) && is(directions.last(), 360.0)
}

fn constant_turbulence_intensity(field: &Field) -> Option<f64> {
    let Some(given) = field.opt("turbulence_intensity") else {
        field.fault_below(&Problem::new(
            "turbulence_intensity",
            "is missing; windIO leaves it optional, the wake model needs it: give for instance {data: 0.06, dims: []}",
        ));
        return None;
    };
    let data = Data::read(&given, &["wind_direction", "wind_speed", "time"])?;
    let first = data.values.first().copied();
    if data.values.iter().any(|value| Some(*value) != first) {
        given.fault("varies; only one value for all winds is supported yet: give it with --ti");
        return None;
    }
    if first.is_none() {
        given.fault("is empty, needs one value");
    }
    first
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::Result;
    use crate::formats::{Faults, Files, yaml};

    fn read(text: &str) -> Result<WindClimate> {
        let faults = Faults::new();
        let text = format!("name: W\nwind_resource:\n{text}");
        let document = yaml::parse(&text, Path::new("w.yaml"), Files::BuiltIn(&[]))?;
        let read = climate(&Field::root(&document, &faults), &WindOptions::default());
        faults.into_result("w.yaml", read)
    }

    const SECTORS: &str = "  wind_direction: [0, 120, 240]
  sector_probability: {data: [0.2, 0.3, 0.5], dims: [wind_direction]}
  weibull_a: {data: [8, 9, 10], dims: [wind_direction]}
  weibull_k: {data: [2, 2.1, 2.2], dims: [wind_direction]}
  turbulence_intensity: {data: 0.1, dims: []}
";

    #[test]
    fn sectors_with_and_without_the_repeated_north() {
        let plain = read(SECTORS).unwrap();
        let repeated = SECTORS
            .replace("240]", "240, 360]")
            .replace("0.5]", "0.5, 0.2]")
            .replace("10]", "10, 8]")
            .replace("2.2]", "2.2, 2]");
        assert_eq!(read(&repeated).unwrap(), plain);
        let different = repeated.replace("2.2, 2]", "2.2, 3]");
        assert!(read(&different).unwrap_err().to_string().contains("0 and 360 with different values"));
    }

    #[test]
    fn a_table_in_either_order() {
        let table = |dims: &str, data: &str| {
            read(&format!(
                "  wind_direction: [0, 90, 180]\n  wind_speed: [8, 10]\n  probability: {{data: {data}, dims: {dims}}}\n  turbulence_intensity: 0.1\n"
            ))
        };
        let direction_major = table("[wind_direction, wind_speed]", "[[.1, .2], [.1, .3], [.2, .1]]").unwrap();
        let speed_major = table("[wind_speed, wind_direction]", "[[.1, .1, .2], [.2, .3, .1]]").unwrap();
        assert_eq!(direction_major, speed_major);
        let WindDistribution::Table(read) = direction_major.distribution else { panic!() };
        assert_eq!(read.probability, [0.1, 0.2, 0.1, 0.3, 0.2, 0.1]);
        let wrong = table("[wind_speed, wind_direction]", "[[.1, .2], [.1, .3], [.2, .1]]").unwrap_err().to_string();
        assert!(wrong.contains("3 wind directions and 2 wind speeds"), "{wrong}");
        let ragged = table("[wind_direction, wind_speed]", "[[.1, .2], [.1], [.2, .1]]").unwrap_err().to_string();
        assert!(ragged.contains("differ in length"), "{ragged}");
        assert!(table("[wind_direction, wind_speed]", "[.1, [.1], [.2, .1]]").is_err());
    }

    #[test]
    fn a_table_of_each_directions_own_distribution() {
        let text = "  wind_direction: [0, 180]\n  wind_speed: [8, 10]\n  sector_probability: {data: [.25, .75], dims: [wind_direction]}
  probability: {data: [[.5, .5], [.2, .8]], dims: [wind_direction, wind_speed]}\n  turbulence_intensity: 0.1\n";
        let WindDistribution::Table(table) = read(text).unwrap().distribution else { panic!() };
        assert_eq!(table.probability, [0.125, 0.125, 0.75 * 0.2, 0.75 * 0.8]);
        assert!(read(&text.replace(".25, .75", ".25")).is_err());
    }

    #[test]
    fn a_single_speed_may_be_left_out_of_the_dimensions() {
        let text = "  wind_direction: [0., 180.]\n  wind_speed: 9.8\n  probability: {data: [.4, .6], dims: [wind_direction]}\n  turbulence_intensity: {data: 0.075, dims: []}\n";
        let WindDistribution::Table(table) = read(text).unwrap().distribution else { panic!() };
        assert_eq!((table.wind_speed_m_s, table.probability), (vec![9.8], vec![0.4, 0.6]));
    }

    #[test]
    fn a_time_series_is_its_winds() {
        let text = "  time: ['2023-07-25T00:00:00Z', '2023-07-25T01:00:00Z', '2023-07-25T02:00:00Z']
  wind_speed: [5, 6, 5]\n  wind_direction: {data: [0, 350, 360], dims: [time]}\n  turbulence_intensity: 0.1\n  z0: {data: 1, dims: []}\n";
        let WindDistribution::Series(series) = read(text).unwrap().distribution else { panic!() };
        assert_eq!((series.wind_direction_deg(), series.count()), (&[0.0, 350.0][..], &[2, 1][..]));
        let short = read(&text.replace("[5, 6, 5]", "[5, 6]")).unwrap_err().to_string();
        assert!(short.contains("wind_resource.wind_speed: 2 values for 3 times"), "{short}");
        let profile = read(&text.replace("[0, 350, 360], dims: [time]", "[[0], [1], [2]], dims: [time, height]"));
        assert!(profile.unwrap_err().to_string().contains("depends on height"));
    }

    #[test]
    fn every_fault_of_a_resource_is_listed() {
        let text = SECTORS
            .replace("240]", "240, 360]")
            .replace("0.5]", "0.7, 0.3]")
            .replace("10]", "10, 8]")
            .replace("2.2]", "2.2, 2]")
            .replace("{data: 0.1,", "{data: 8,");
        let message = read(&text).unwrap_err().to_string();
        for word in ["0 and 360 with different values", "sums to", "looks like percent"] {
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn what_cannot_be_honoured_is_named() {
        for (from, to, expected) in [
            (
                "{data: 0.1, dims: []}",
                "{data: [0.1, 0.2, 0.1], dims: [wind_direction]}",
                "turbulence_intensity: varies",
            ),
            ("  turbulence_intensity: {data: 0.1, dims: []}\n", "", "wind_resource.turbulence_intensity: is missing"),
            ("0.1, dims", "10, dims", "looks like percent"),
            ("[8, 9, 10], dims: [wind_direction]", "[8, 9, 10], dims: [x]", "depends on x"),
            ("[8, 9, 10]", "[8, 9]", "w.yaml: wind_resource.weibull_a: 2 values for 3 wind directions"),
            ("[8, 9, 10]", "[8, -9, 10]", "weibull_a: -9, must be positive"),
            ("0.5]", "0.9]", "sector_probability: sums to"),
            ("[0, 120, 240]", "[0, 100, 240]", "centred on 0, 120, 240"),
            ("  weibull_a", "  shear: {alpha: 0.1, h_ref: 100}\n  weibull_a", "shear is not supported"),
        ] {
            let message = read(&SECTORS.replace(from, to)).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        let constant = SECTORS.replace("{data: 0.1, dims: []}", "{data: [0.1, 0.1, 0.1], dims: [wind_direction]}");
        assert_eq!(read(&constant).unwrap(), read(SECTORS).unwrap());
    }
}
