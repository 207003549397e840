//! WAsP observed wind climate (`.tab`).
//!
//! ```text
//! line 1    a text
//! line 2    latitude longitude height            (m above ground; not used: a wind at hub height is expected)
//! line 3    sectors speed-factor direction-offset
//! line 4    share of each sector, percent
//! line 5... upper limit of a speed bin, m/s, and its share in each sector, per mille
//! ```
//!
//! Sector i is centred on i 360 / n + offset. Each bin stands at its middle, times the speed factor. Shares are divided by their sum.
//! Source: N. G. Mortensen et al., WAsP help facility, file formats (DTU Wind Energy).

use crate::error::{Problem, Result};
use crate::farm::{ProbabilityTable, WindClimate, WindDistribution};
use crate::formats::Faults;
use crate::formats::inputs::WindOptions;
use crate::formats::wasp::SUM_TOLERANCE;

const MAX_SECTORS: usize = 720;
const MAX_BINS: usize = 1000;

/// The climate that a `.tab` text describes; `place` names the file.
///
/// # Errors
/// Every fault, with its line; no turbulence intensity among the options.
pub fn parse_tab(text: &str, place: &str, options: &WindOptions) -> Result<WindClimate> {
    let faults = Faults::new();
    let fault = |text: String| faults.add(Problem::new(place, text));
    for refused in [options.no_height_and_roughness(), options.no_time_series()] {
        let _ = refused.map_err(|problem| faults.add(problem.within(place)));
    }
    let table = table(text, &fault);
    let climate = table.and_then(|table| faults.take(options.climate(WindDistribution::Table(table), place)));
    faults.into_result(place, climate)
}

fn table(text: &str, fault: &dyn Fn(String)) -> Option<ProbabilityTable> {
    let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
    let _title = lines.next();
    let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let mut next = |what: &str, n: std::ops::RangeInclusive<usize>| {
        let Some((line, text)) = lines.next() else {
            fault(format!("ends before {what}"));
            return None;
        };
        numbers(text, line, what, &n, fault)
    };
    next("latitude, longitude and height", 3..=3)?;
    let header = next("number of sectors, speed factor and direction offset", 3..=4)?;
    let (speed_factor, offset) = (header[1], header[2]);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with the number itself")]
    let sectors = header[0] as usize;
    #[expect(clippy::float_cmp, reason = "whether it is a whole number")]
    if sectors as f64 != header[0] || !(1..=MAX_SECTORS).contains(&sectors) {
        fault(format!("{} sectors, must be 1 to {MAX_SECTORS} (line 3)", header[0]));
        return None;
    }
    if speed_factor <= 0.0 {
        fault(format!("speed factor {speed_factor}, must be positive (line 3)"));
        return None;
    }
    let mut share = next("the share of each sector", sectors..=sectors)?;
    let sum = share.iter().sum::<f64>();
    let sound = share.iter().all(|&f| f >= 0.0) && (sum / 100.0 - 1.0).abs() <= SUM_TOLERANCE;
    if !sound {
        fault(format!("sector shares sum to {sum} %, must be 100 % within {} % (line 4)", 100.0 * SUM_TOLERANCE));
    }
    for f in &mut share {
        *f /= sum;
    }
    let (edges, rows) = bins(lines, sectors, fault)?;
    let sums: Vec<f64> = (0..sectors).map(|sector| rows.iter().map(|row| row[sector]).sum()).collect();
    for (sector, (sum, share)) in sums.iter().zip(&share).enumerate() {
        if *share > 0.0 && (sum / 1000.0 - 1.0).abs() > SUM_TOLERANCE {
            let most = 1000.0 * SUM_TOLERANCE;
            fault(format!("shares of sector {sector} sum to {sum} per mille, must be 1000 within {most}"));
            return None;
        }
    }
    let width = 360.0 / sectors as f64;
    let probability = (0..sectors * rows.len())
        .map(|i| (i / rows.len(), i % rows.len()))
        .map(|(sector, bin)| if share[sector] > 0.0 { share[sector] * rows[bin][sector] / sums[sector] } else { 0.0 })
        .collect();
    let starts = std::iter::once(0.0).chain(edges.iter().copied());
    Some(ProbabilityTable {
        wind_direction_deg: (0..sectors).map(|i| (i as f64 * width + offset).rem_euclid(360.0)).collect(),
        wind_speed_m_s: starts.zip(&edges).map(|(from, to)| speed_factor * f64::midpoint(from, *to)).collect(),
        probability,
    })
}

/// The upper edges of the speed bins, m/s, and the shares of each in every sector.
fn bins<'t>(
    lines: impl Iterator<Item = (usize, &'t str)>,
    sectors: usize,
    fault: &dyn Fn(String),
) -> Option<(Vec<f64>, Vec<Vec<f64>>)> {
    let (mut edges, mut rows) = (Vec::new(), Vec::new());
    let mut sound = true;
    for (line, text) in lines {
        if rows.len() >= MAX_BINS {
            fault(format!("more than {MAX_BINS} speed bins (line {line})"));
            return None;
        }
        let Some(numbers) = numbers(text, line, "a speed and its shares", &(sectors + 1..=sectors + 1), fault) else {
            sound = false;
            continue;
        };
        let (edge, shares) = (numbers[0], numbers[1..].to_vec());
        if edge <= edges.last().copied().unwrap_or(0.0) {
            fault(format!("the upper limit {edge} m/s does not increase (line {line})"));
            sound = false;
        }
        if let Some(bad) = shares.iter().find(|share| **share < 0.0) {
            fault(format!("a share of {bad}, must not be negative (line {line})"));
            sound = false;
        }
        edges.push(edge);
        rows.push(shares);
    }
    if rows.is_empty() {
        fault("has no speed bins".to_owned());
        return None;
    }
    sound.then_some((edges, rows))
}

/// The finite numbers of a line, as many as `n` allows.
fn numbers(
    text: &str,
    line: usize,
    what: &str,
    n: &std::ops::RangeInclusive<usize>,
    fault: &dyn Fn(String),
) -> Option<Vec<f64>> {
    let mut numbers = Vec::new();
    for word in text.split_whitespace() {
        match word.parse::<f64>() {
            Ok(number) if number.is_finite() => numbers.push(number),
            _ => {
                let word: String = word.chars().take(40).collect();
                fault(format!("`{word}` is not a number (line {line}, {what})"));
                return None;
            }
        }
    }
    if !n.contains(&numbers.len()) {
        fault(format!("{} numbers, needs {}: {what} (line {line})", numbers.len(), n.start()));
        return None;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAB: &str = "A mast
 55.48940 7.83191 62.0
 4 1.00 0.00
 20.0 30.0 40.0 10.0
 1.0 100 200 0 500
 2.0 400 300 500 500
 4.0 500 500 500 0
";
    const OPTIONS: WindOptions =
        WindOptions { turbulence_intensity: Some(0.1), height_m: None, roughness_m: None, time_series: None };

    #[test]
    fn shares_become_probabilities() {
        let climate = parse_tab(TAB, "m.tab", &OPTIONS).unwrap();
        let WindDistribution::Table(table) = climate.distribution else { panic!() };
        assert_eq!(table.wind_direction_deg, [0.0, 90.0, 180.0, 270.0]);
        assert_eq!(table.wind_speed_m_s, [0.5, 1.5, 3.0]);
        assert!((table.probability[3 + 2] - 0.3 * 0.5).abs() < 1e-15);
        assert!((table.probability.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let turned = parse_tab(&TAB.replace("4 1.00 0.00", "4 2 -10"), "m.tab", &OPTIONS).unwrap();
        let WindDistribution::Table(table) = turned.distribution else { panic!() };
        assert_eq!(
            (table.wind_direction_deg[0].to_bits(), table.wind_speed_m_s[1].to_bits()),
            (350f64.to_bits(), 3f64.to_bits())
        );
    }

    #[test]
    fn faults_have_lines() {
        for (from, to, expected) in [
            ("40.0 10.0", "40.0", "m.tab: 3 numbers, needs 4: the share of each sector (line 4)"),
            ("40.0 10.0", "40.0 20.0", "sector shares sum to 110 %"),
            ("500 500 500 0", "500 500 x 0", "`x` is not a number (line 7"),
            (" 2.0 400", " 1.0 400", "does not increase (line 6)"),
            (" 2.0 400", " 2.0 300", "shares of sector 0 sum to 900 per mille"),
            (" 4 1.00", " 4.5 1.00", "4.5 sectors"),
        ] {
            let message = parse_tab(&TAB.replace(from, to), "m.tab", &OPTIONS).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        assert!(parse_tab("t\n1 2 3\n", "m.tab", &OPTIONS).unwrap_err().to_string().contains("ends before"));
        let none = parse_tab(TAB, "m.tab", &WindOptions::default()).unwrap_err().to_string();
        assert!(none.contains("turbulence_intensity: is missing"), "{none}");
        let height = WindOptions { height_m: Some(80.0), ..OPTIONS };
        assert!(parse_tab(TAB, "m.tab", &height).unwrap_err().to_string().contains("height: is for the wind atlas"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "([0-9. e-]{0,12}\n){0,12}") {
            let _ = parse_tab(&text, "m.tab", &OPTIONS);
        }
    }
}
