//! Generalised wind climate: WAsP's `.lib`, the Global Wind Atlas' `.gwc`.
//!
//! ```text
//! line 1   a text
//! line 2   number of roughness classes, heights, sectors
//! line 3   roughness lengths, m
//! line 4   heights above ground, m
//! then, for each roughness: the share of each sector, percent; for each height: A of each sector, m/s, and k of each sector
//! ```
//!
//! It holds for flat terrain of uniform roughness, and so do the climates read from it. Between the tabulated heights, and between the
//! tabulated roughness lengths, share, A and k are interpolated linearly each for itself: in height as WAsP does
//! (<https://www.wasp.dk/support/frequently-asked-questions/wasp-faq/the-wasp-model>), in both as PyWake does. Nothing is extrapolated.
//! Shares are divided by their sum.

use crate::error::{Problem, Result};
use crate::farm::{SectorWeibull, WindClimate, WindDistribution};
use crate::formats::Faults;
use crate::formats::inputs::WindOptions;
use crate::formats::wasp::SUM_TOLERANCE;

/// Roughness classes and heights, each, at most.
const MAX_CLASSES: usize = 100;
const MAX_SECTORS: usize = 720;

/// The climate that a `.lib` or `.gwc` text describes at the height and roughness of the options; `place` names the file.
///
/// # Errors
/// Every fault, with its line; a height or roughness that must be chosen, or lies outside the file's.
pub fn parse_atlas(text: &str, place: &str, options: &WindOptions) -> Result<WindClimate> {
    let faults = Faults::new();
    let fault = |text: String| faults.add(Problem::new(place, text));
    let _ = options.no_time_series().map_err(|problem| faults.add(problem.within(place)));
    let atlas = Atlas::parse(text, &fault);
    let sectors = atlas.and_then(|atlas| {
        let roughness = between("roughness", options.roughness_m, &atlas.roughness_m, &fault);
        let height = between("height", options.height_m, &atlas.height_m, &fault);
        Some(atlas.at(roughness?, height?))
    });
    let climate = sectors.and_then(|sectors| faults.take(options.climate(WindDistribution::Sectors(sectors), place)));
    faults.into_result(place, climate)
}

#[derive(Debug)]
struct Atlas {
    roughness_m: Vec<f64>,
    height_m: Vec<f64>,
    sectors: usize,
    /// Roughness by roughness: shares, then A and k of each height; each of `sectors` numbers.
    rows: Vec<Vec<f64>>,
}

/// Where a value lies in a list: between index `lower` and the next, `part` of the way.
#[derive(Debug, Clone, Copy)]
struct Between {
    lower: usize,
    part: f64,
}

impl Atlas {
    fn parse(text: &str, fault: &dyn Fn(String)) -> Option<Self> {
        let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
        let _title = lines.next();
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
        let mut next = |what: &str| {
            let line = lines.next();
            if line.is_none() {
                fault(format!("ends before {what}"));
            }
            let (line, text) = line?;
            let numbers: Option<Vec<f64>> = text.split_whitespace().map(|word| number(word, line, fault)).collect();
            Some((line, numbers?))
        };
        let (line, counts) = next("the numbers of roughness classes, heights and sectors")?;
        let [n_roughness, n_heights, sectors] = counts[..] else {
            fault(format!("{} numbers, needs 3: roughness classes, heights, sectors (line {line})", counts.len()));
            return None;
        };
        let count = |name: &str, value: f64, most: usize| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with the number")]
            let whole = value as usize;
            #[expect(clippy::float_cmp, reason = "whether it is a whole number")]
            let sound = whole as f64 == value && (1..=most).contains(&whole);
            if !sound {
                fault(format!("{value} {name}, must be 1 to {most} (line {line})"));
            }
            sound.then_some(whole)
        };
        let n_roughness = count("roughness classes", n_roughness, MAX_CLASSES)?;
        let n_heights = count("heights", n_heights, MAX_CLASSES)?;
        let sectors = count("sectors", sectors, MAX_SECTORS)?;
        let mut increasing = |what: &str, n: usize| {
            let (line, list) = next(what)?;
            let rises =
                list.windows(2).all(|pair| pair[0] < pair[1]) && list.first().is_some_and(|&first| first >= 0.0);
            if list.len() != n || !rises {
                fault(format!("{what}: needs {n} numbers that increase, as line 2 says (line {line})"));
                return None;
            }
            Some(list)
        };
        let roughness_m = increasing("roughness lengths", n_roughness)?;
        let height_m = increasing("heights", n_heights)?;
        let rows = rows(lines, n_roughness * (1 + 2 * n_heights), sectors, fault)?;
        let mut atlas = Self { roughness_m, height_m, sectors, rows };
        atlas.normalise(fault)?;
        Some(atlas)
    }

    /// Percent to shares that sum to 1.
    fn normalise(&mut self, fault: &dyn Fn(String)) -> Option<()> {
        let stride = 1 + 2 * self.height_m.len();
        for (class, shares) in self.rows.iter_mut().step_by(stride).enumerate() {
            let sum: f64 = shares.iter().sum();
            if (sum / 100.0 - 1.0).abs() > SUM_TOLERANCE || shares.iter().any(|share| *share < 0.0) {
                let most = 100.0 * SUM_TOLERANCE;
                fault(format!(
                    "sector shares of roughness class {class} sum to {sum} %, must be 100 % within {most} %"
                ));
                return None;
            }
            for share in shares.iter_mut() {
                *share /= sum;
            }
        }
        Some(())
    }

    fn at(&self, roughness: Between, height: Between) -> SectorWeibull {
        let stride = 1 + 2 * self.height_m.len();
        let row = |class: usize, row: usize| &self.rows[(class * stride + row).min(self.rows.len() - 1)];
        // The neighbour above exists unless the part is 0, where it does not count.
        let of_class = |class: usize, kind: usize, sector: usize| {
            let at = |height: usize| row(class, 1 + 2 * height.min(self.height_m.len() - 1) + kind)[sector];
            mixed(at(height.lower), at(height.lower + 1), height.part)
        };
        let last = self.roughness_m.len() - 1;
        let over = |value: &dyn Fn(usize) -> f64| {
            mixed(value(roughness.lower), value((roughness.lower + 1).min(last)), roughness.part)
        };
        let each = |value: &dyn Fn(usize, usize) -> f64| {
            (0..self.sectors).map(|sector| over(&|class| value(class, sector))).collect::<Vec<f64>>()
        };
        SectorWeibull {
            frequency: each(&|class, sector| row(class, 0)[sector]),
            weibull_a_m_s: each(&|class, sector| of_class(class, 0, sector)),
            weibull_k: each(&|class, sector| of_class(class, 1, sector)),
        }
    }
}

fn mixed(lower: f64, upper: f64, part: f64) -> f64 {
    (1.0 - part) * lower + part * upper
}

/// Rows of `sectors` numbers, however they are broken into lines.
fn rows<'t>(
    lines: impl Iterator<Item = (usize, &'t str)>,
    n: usize,
    sectors: usize,
    fault: &dyn Fn(String),
) -> Option<Vec<Vec<f64>>> {
    let mut rows = vec![Vec::with_capacity(sectors)];
    for (line, text) in lines {
        for word in text.split_whitespace() {
            let value = number(word, line, fault)?;
            if rows[rows.len() - 1].len() == sectors {
                if rows.len() == n {
                    fault(format!(
                        "goes on after {n} rows of {sectors} numbers, all that line 2 promises (line {line})"
                    ));
                    return None;
                }
                rows.push(Vec::with_capacity(sectors));
            }
            let last = rows.len() - 1;
            rows[last].push(value);
        }
    }
    if rows.len() != n || rows[n - 1].len() != sectors {
        fault(format!("ends after {} of the {n} rows of {sectors} numbers that line 2 promises", rows.len() - 1));
        return None;
    }
    Some(rows)
}

fn number(word: &str, line: usize, fault: &dyn Fn(String)) -> Option<f64> {
    let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
    if number.is_none() {
        let word: String = word.chars().take(40).collect();
        fault(format!("`{word}` is not a number (line {line})"));
    }
    number
}

fn between(key: &str, wanted: Option<f64>, known: &[f64], fault: &dyn Fn(String)) -> Option<Between> {
    let list = known.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
    let Some(wanted) = wanted else {
        if known.len() == 1 {
            return Some(Between { lower: 0, part: 0.0 });
        }
        fault(format!("{key}: must be chosen; the file has {list} m, between which is interpolated"));
        return None;
    };
    let (first, last) = (known[0], known[known.len() - 1]);
    if !(first..=last).contains(&wanted) {
        fault(format!("{key}: {wanted} m lies outside the file's {list} m; nothing is extrapolated"));
        return None;
    }
    let lower = known.partition_point(|&value| value <= wanted).max(1) - 1;
    let part = match known.get(lower + 1) {
        Some(upper) => (wanted - known[lower]) / (upper - known[lower]),
        None => 0.0,
    };
    Some(Between { lower, part })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIB: &str = "Somewhere <coordinates>7.83,55.48,0.0</coordinates>
 2 2 3
 0.000 0.030
 50 100
 20.0 30.0 50.1
 8 9 10
 2.0 2.1 2.2
 10 11 12
 2.2 2.3 2.4
 30.0 30.0 40.0
 6 7 8 2.0 2.1 2.2
 8 9 10
 2.2 2.3 2.4
";
    const OPTIONS: WindOptions = WindOptions {
        turbulence_intensity: Some(0.1),
        height_m: Some(75.0),
        roughness_m: Some(0.0),
        time_series: None,
    };

    fn sectors(options: &WindOptions) -> SectorWeibull {
        let WindDistribution::Sectors(sectors) = parse_atlas(LIB, "a.lib", options).unwrap().distribution else {
            panic!()
        };
        sectors
    }

    #[test]
    fn linear_in_height_and_roughness() {
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        let found = sectors(&OPTIONS);
        assert!(close(&found.weibull_a_m_s, &[9.0, 10.0, 11.0]) && close(&found.weibull_k, &[2.1, 2.2, 2.3]));
        assert!((found.frequency.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let found = sectors(&WindOptions { roughness_m: Some(0.015), height_m: Some(100.0), ..OPTIONS });
        assert!(close(&found.weibull_a_m_s, &[9.0, 10.0, 11.0]));
        assert!((found.frequency[0] - f64::midpoint(20.0 / 100.1, 0.3)).abs() < 1e-12);
        let corner = sectors(&WindOptions { roughness_m: Some(0.03), height_m: Some(50.0), ..OPTIONS });
        assert!(close(&corner.weibull_a_m_s, &[6.0, 7.0, 8.0]));
    }

    #[test]
    fn what_is_left_open_or_wrong_is_named() {
        let options = |height_m, roughness_m| WindOptions { height_m, roughness_m, ..OPTIONS };
        for (text, options, expected) in [
            (LIB.to_owned(), options(None, Some(0.0)), "height: must be chosen; the file has 50, 100 m"),
            (LIB.to_owned(), options(Some(10.0), Some(0.0)), "height: 10 m lies outside"),
            (LIB.to_owned(), options(Some(60.0), Some(1.0)), "roughness: 1 m lies outside"),
            (LIB.replace("50.1", "60"), OPTIONS, "sum to 110 %"),
            (LIB.replace(" 2 2 3", " 1 2 3"), OPTIONS, "roughness lengths: needs 1 numbers"),
            (LIB.replace("2.2 2.3 2.4\n 30", "2.2 x 2.4\n 30"), OPTIONS, "`x` is not a number (line 9)"),
            (format!("{LIB} 7"), OPTIONS, "goes on after 10 rows"),
            (LIB.replace("8 9 10\n 2.2 2.3 2.4\n", ""), OPTIONS, "ends after"),
        ] {
            let message = parse_atlas(&text, "a.lib", &options).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  expected {expected}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "([0-9. e-]{0,12}\n){0,12}", cut in 0usize..300) {
            let _ = parse_atlas(&text, "a.lib", &OPTIONS);
            let _ = parse_atlas(&LIB[..cut.min(LIB.len())], "a.lib", &OPTIONS);
        }
    }
}
