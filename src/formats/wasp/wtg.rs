//! WAsP wind turbine generator (`.wtg`, XML).
//!
//! Of several performance tables the one whose air density is nearest to 1.225 kg/m3 is taken, the first of equals. Power is in W. The
//! turbine stands still below LowSpeedCutIn and above HighSpeedCutOut, where it keeps the thrust of its last running speed, as PyWake
//! reads these files. The hub height is the first of the suggested ones unless another is given.

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::{Problem, Result};
use crate::farm::{Curve, Turbine};
use crate::formats::Faults;

/// XML nodes of one file, at most.
const MAX_NODES: u32 = 500_000;
const STANDARD_AIR_DENSITY_KG_M3: f64 = 1.225;
/// How far outside its operating range a turbine has come to rest, m/s.
const STOP_WIDTH_M_S: f64 = 1e-8;
/// Beyond every wind: where the idle part of a curve with cut-out ends, m/s.
const END_OF_WIND_M_S: f64 = 100.0;

/// The turbine that a `.wtg` text describes; `place` names the file, `hub_height_m`, if given, replaces the file's.
///
/// # Errors
/// Every fault, with its line.
pub fn parse_turbine(text: &str, place: &str, hub_height_m: Option<f64>) -> Result<Turbine> {
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = Document::parse_with_options(text, options)
        .map_err(|error| Problem::new(place, format!("is not XML: {error}")))?;
    let faults = Faults::new();
    let file = File { document: &document, place, faults: &faults };
    let turbine = file.turbine(hub_height_m);
    faults.into_result(place, turbine)
}

struct File<'a> {
    document: &'a Document<'a>,
    place: &'a str,
    faults: &'a Faults,
}

impl File<'_> {
    fn fault(&self, node: Node, fault: &str) {
        let line = self.document.text_pos_at(node.range().start).row;
        let name = node.tag_name().name();
        self.faults.add(Problem::new(format!("{}: {name}", self.place), format!("{fault} (line {line})")));
    }

    fn turbine(&self, hub_height_m: Option<f64>) -> Option<Turbine> {
        let root = self.document.root_element();
        if root.tag_name().name() != "WindTurbineGenerator" {
            self.fault(root, "expected a WindTurbineGenerator: this is no WAsP turbine");
            return None;
        }
        let name = self.attribute(root, "Description");
        let rotor_diameter_m = self.number(root, "RotorDiameter");
        let hub_height_m = hub_height_m.or_else(|| self.hub_height(root));
        let table = self.table(root)?;
        let (power_w, ct) = self.curves(table)?;
        let turbine = Turbine {
            name: name?.to_owned(),
            rotor_diameter_m: rotor_diameter_m?,
            hub_height_m: hub_height_m?,
            rated_power_w: power_w.max(),
            power_w,
            ct,
        };
        match turbine.check() {
            Ok(()) => Some(turbine),
            Err(problems) => {
                for problem in problems {
                    self.faults.add(problem.within(self.place));
                }
                None
            }
        }
    }

    fn attribute<'n>(&self, node: Node<'n, '_>, key: &str) -> Option<&'n str> {
        let value = node.attribute(key);
        if value.is_none() {
            self.fault(node, &format!("has no {key}"));
        }
        value
    }

    fn number(&self, node: Node, key: &str) -> Option<f64> {
        let text = self.attribute(node, key)?;
        self.finite(node, key, text)
    }

    fn finite(&self, node: Node, key: &str, text: &str) -> Option<f64> {
        let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            self.fault(node, &format!("{key} is `{}`, must be a number", text.chars().take(40).collect::<String>()));
        }
        number
    }

    fn hub_height(&self, root: Node) -> Option<f64> {
        let suggested = children(root, "SuggestedHeights").flat_map(|heights| children(heights, "Height")).next();
        let Some(height) = suggested else {
            self.fault(root, "suggests no height; give hub_height");
            return None;
        };
        self.finite(height, "height", height.text().unwrap_or_default())
    }

    /// The performance table nearest to standard air density.
    fn table<'n, 'i>(&self, root: Node<'n, 'i>) -> Option<Node<'n, 'i>> {
        let mut best: Option<(f64, Node)> = None;
        for table in children(root, "PerformanceTable") {
            let density = match table.attribute("AirDensity") {
                Some(text) => self.finite(table, "AirDensity", text)?,
                None => STANDARD_AIR_DENSITY_KG_M3,
            };
            let distance = (density - STANDARD_AIR_DENSITY_KG_M3).abs();
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, table));
            }
        }
        if best.is_none() {
            self.fault(root, "has no PerformanceTable");
        }
        best.map(|(_, table)| table)
    }

    /// Power and thrust.
    fn curves(&self, table: Node) -> Option<(Curve, Curve)> {
        let limits = children(table, "StartStopStrategy").next();
        let limit = |key: &str, default: f64| match limits {
            Some(node) if node.has_attribute(key) => self.number(node, key),
            _ => Some(default),
        };
        let (cut_in, cut_out) = (limit("LowSpeedCutIn", 0.0), limit("HighSpeedCutOut", END_OF_WIND_M_S));
        let points: Vec<Node> = children(table, "DataTable").flat_map(|data| children(data, "DataPoint")).collect();
        let read: Vec<_> = points
            .iter()
            .filter_map(|point| {
                let number = |key| self.number(*point, key);
                let (u, power, ct) = (number("WindSpeed"), number("PowerOutput"), number("ThrustCoEfficient"));
                Some((u?, power?, ct?))
            })
            .collect();
        let (cut_in, cut_out) = (cut_in?, cut_out?);
        if read.len() < points.len() {
            return None;
        }
        if !(0.0 <= cut_in && cut_in < cut_out) {
            self.fault(table, &format!("cut-in {cut_in}, cut-out {cut_out} m/s: must be positive and increase"));
            return None;
        }
        let running: Vec<_> = read.into_iter().filter(|(u, ..)| (cut_in..=cut_out).contains(u)).collect();
        let Some(&(_, _, idle_ct)) = running.last() else {
            self.fault(table, "has no data point between cut-in and cut-out wind speed");
            return None;
        };
        let curve = |idle: f64, value: fn(&(f64, f64, f64)) -> f64| {
            let knots = running.iter().map(|point| (point.0, value(point)));
            let curve = stopped_outside((cut_in, cut_out), knots, idle);
            curve.map_err(|problem| self.fault(table, &problem.fault)).ok()
        };
        let (power, ct) = (curve(0.0, |point| point.1), curve(idle_ct, |point| point.2));
        Some((power?, ct?))
    }
}

fn stopped_outside(
    (cut_in, cut_out): (f64, f64),
    running: impl Iterator<Item = (f64, f64)>,
    idle: f64,
) -> std::result::Result<Curve, Problem> {
    let mut knots = Vec::new();
    if cut_in > STOP_WIDTH_M_S {
        knots.extend([(0.0, idle), (cut_in - STOP_WIDTH_M_S, idle)]);
    }
    knots.extend(running);
    if cut_out < END_OF_WIND_M_S {
        knots.extend([(cut_out + STOP_WIDTH_M_S, idle), (END_OF_WIND_M_S, idle)]);
    }
    let (speeds, values) = knots.into_iter().unzip();
    Curve::new(speeds, values)
}

fn children<'n, 'i>(node: Node<'n, 'i>, name: &'n str) -> impl Iterator<Item = Node<'n, 'i>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WTG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<WindTurbineGenerator FormatVersion="1.01" Description="T 2 MW" RotorDiameter="80">
  <SuggestedHeights><Height>70.0</Height><Height>90.0</Height></SuggestedHeights>
  <PerformanceTable AirDensity="1.06"><DataTable/></PerformanceTable>
  <PerformanceTable AirDensity="1.225">
    <StartStopStrategy LowSpeedCutOut="4.0" LowSpeedCutIn="4.0" HighSpeedCutIn="25.0" HighSpeedCutOut="25.0"/>
    <DataTable>
      <DataPoint WindSpeed="4.0" PowerOutput="55000.0" ThrustCoEfficient="0.871"/>
      <DataPoint WindSpeed="14.0" PowerOutput="2000000.0" ThrustCoEfficient="0.4"/>
      <DataPoint WindSpeed="25.0" PowerOutput="2000000.0" ThrustCoEfficient="0.059"/>
    </DataTable>
  </PerformanceTable>
</WindTurbineGenerator>"#;

    #[test]
    fn the_table_of_standard_air() {
        let turbine = parse_turbine(WTG, "t.wtg", None).unwrap();
        assert_eq!((turbine.name.as_str(), turbine.hub_height_m.to_bits()), ("T 2 MW", 70f64.to_bits()));
        for (u, power, ct) in [(3.9, 0.0, 0.059), (4.0, 55e3, 0.871), (9.0, 1_027_500.0, 0.6355), (25.1, 0.0, 0.059)] {
            assert!((turbine.power_w.at(u) - power).abs() < 1e-6, "power at {u}");
            assert!((turbine.ct.at(u) - ct).abs() < 1e-9, "thrust at {u}");
        }
        let taller = parse_turbine(WTG, "t.wtg", Some(90.0)).unwrap();
        assert!((taller.hub_height_m - 90.0).abs() < 1e-12);
    }

    #[test]
    fn faults_have_lines() {
        for (from, to, expected) in [
            ("RotorDiameter=\"80\"", "", "t.wtg: WindTurbineGenerator: has no RotorDiameter (line 2)"),
            ("55000.0", "x", "t.wtg: DataPoint: PowerOutput is `x`, must be a number (line 8)"),
            ("WindSpeed=\"14.0\"", "WindSpeed=\"4.0\"", "must increase"),
            ("\"25.0\"/>\n    <Data", "\"3.0\"/>\n    <Data", "must be positive and increase"),
            ("RotorDiameter=\"80\"", "RotorDiameter=\"8\"", "is the rotor diameter in metres?"),
            ("<Height>70.0</Height><Height>90.0</Height>", "", "give hub_height"),
            ("WindTurbineGenerator", "Turbine", "this is no WAsP turbine"),
            ("</DataTable>", "", "is not XML"),
        ] {
            let message = parse_turbine(&WTG.replace(from, to), "t.wtg", None).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn no_document_types() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>";
        assert!(parse_turbine(bomb, "t.wtg", None).unwrap_err().to_string().contains("is not XML"));
    }

    proptest! {
        #[test]
        fn a_damaged_file_never_panics(cut in 0usize..1200, at in 0usize..1200, byte in 32u8..127) {
            let _ = parse_turbine(&WTG[..cut.min(WTG.len())], "t.wtg", None);
            let mut bytes = WTG.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = parse_turbine(&String::from_utf8(bytes).unwrap(), "t.wtg", None);
        }
    }
}
