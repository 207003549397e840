//! A plant as the files of an IEA Task 37 case study.

use std::fmt::Write;

use crate::error::Problem;
use crate::farm::{Boundary, Circle, Farm, Turbine, WindClimate, WindDistribution, Zone};
use crate::formats::iea37::{CT, TURBULENCE_INTENSITY};
use crate::formats::text::{json_text, list, number, numbers};
use crate::formats::windio::System;

/// The four files of a case, by what is to be put behind the stem of the farm file's name.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFiles {
    /// The farm file itself.
    pub farm: String,
    /// `-turbine.yaml`
    pub turbine: String,
    /// `-windrose.yaml`
    pub windrose: String,
    /// `-boundary.yaml`
    pub boundary: String,
}

/// The files of a plant; `stem` is the farm file's name without its extension, by which it names the others. `aep_mwh`, if known, is
/// written down.
///
/// # Errors
/// What the format cannot say: several turbine types, a power curve other than the cubic, a thrust other than 8/9, a climate that is
/// no table.
pub fn write_case(system: &System, stem: &str, aep_mwh: Option<f64>) -> Result<CaseFiles, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut refuse = |fault: &str| problems.push(Problem::new("iea37", format!("{fault}; use --format windio")));
    let [turbine] = &system.turbines[..] else {
        refuse("an IEA Task 37 farm file has one turbine type");
        return Err(problems);
    };
    if !turbine.power_w.is_cubic() {
        refuse(
            "an IEA Task 37 turbine file has no place for a power curve of its own, only for the case studies' cubic",
        );
    }
    if turbine.ct.value().iter().any(|ct| (ct - CT).abs() > 1e-8) {
        refuse("an IEA Task 37 turbine file has no place for a thrust curve, its thrust coefficient is 8/9");
    }
    let WindDistribution::Table(table) = &system.climate.distribution else {
        refuse("an IEA Task 37 wind rose is a table of directions and speeds");
        return Err(problems);
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(CaseFiles {
        farm: farm_file(system, stem, aep_mwh),
        turbine: turbine_file(turbine),
        windrose: windrose(&system.climate, &table.wind_direction_deg, &table.wind_speed_m_s, &table.probability),
        boundary: boundary_file(&system.farm),
    })
}

fn farm_file(system: &System, stem: &str, aep_mwh: Option<f64>) -> String {
    let positions = system.layout.positions().map(|(x, y)| format!("      - {}\n", numbers(&[x, y])));
    let file = |suffix: &str| json_text(&format!("{stem}-{suffix}.yaml"));
    let aep = aep_mwh.map_or(String::new(), |aep| {
        format!(
            "      annual_energy_production:\n        description: total annual energy production\n        units: MWh\n        \
             default: {}\n",
            number(aep)
        )
    });
    format!(
        "title: {}
definitions:
  wind_plant:
    type: object
    properties:
      turbine:
        type: array
        items:
          - $ref: \"#/definitions/position\"
          - $ref: {}
      # The case studies have no key for this.
      boundary:
        items:
          - $ref: {}
  position:
    description: x and y of every turbine
    units: m
    items:
{}  plant_energy:
    properties:
      wind_resource:
        properties:
          items:
            - $ref: {}
{aep}",
        json_text(&system.name),
        file("turbine"),
        file("boundary"),
        positions.collect::<String>(),
        file("windrose")
    )
}

fn turbine_file(turbine: &Turbine) -> String {
    let speeds = turbine.power_w.wind_speed_m_s();
    format!(
        "title: {name}
definitions:
  wind_turbine:
    id:
      type: string
      description: {name}
    rated_power:
      units: W
      maximum: {power}
  rotor:
    diameter:
      units: m
      default: {diameter}
    radius:
      units: m
      default: {radius}
  hub:
    height:
      units: m
      default: {hub}
  operating_mode:
    cut_in_wind_speed:
      units: m/s
      default: {cut_in}
    rated_wind_speed:
      units: m/s
      default: {rated}
    cut_out_wind_speed:
      units: m/s
      default: {cut_out}
",
        name = json_text(&turbine.name),
        power = number(turbine.rated_power_w),
        diameter = number(turbine.rotor_diameter_m),
        radius = number(turbine.rotor_diameter_m / 2.0),
        hub = number(turbine.hub_height_m),
        cut_in = number(speeds[0]),
        rated = number(speeds[1]),
        cut_out = number(speeds[2]),
    )
}

fn windrose(climate: &WindClimate, directions: &[f64], speeds: &[f64], probability: &[f64]) -> String {
    let shares: Vec<f64> = probability.chunks(speeds.len().max(1)).map(|row| row.iter().sum()).collect();
    let mut text = format!(
        "title: wind rose
definitions:
  wind_inflow:
    description: inflow for current wind conditions
    properties:
      direction:
        units: deg
        bins: {}
        frequency: {}
        minimum: 0.0
        maximum: 360.0
",
        numbers(directions),
        numbers(&shares)
    );
    if let [one] = speeds {
        let _ = writeln!(text, "      speed:\n        units: m/s\n        default: {}", number(*one));
        let _ = writeln!(text, "      probability:\n        default: {}", numbers(&shares));
    } else {
        let (least, most) = (speeds.first().copied().unwrap_or(0.0), speeds.last().copied().unwrap_or(0.0));
        let _ = writeln!(text, "      speed:\n        units: m/s\n        bins: {}", numbers(speeds));
        let _ = writeln!(text, "        minimum: {}\n        maximum: {}", number(least), number(most));
        text.push_str("        frequency:\n");
        for (row, share) in probability.chunks(speeds.len()).zip(&shares) {
            let of_direction: Vec<f64> = row.iter().map(|p| if *share > 0.0 { p / share } else { 0.0 }).collect();
            let _ = writeln!(text, "          - {}", numbers(&of_direction));
        }
        text.push_str(
            "        # Direction and speed together, to the last bit; the case studies have no key for this.\n",
        );
        text.push_str("        joint:\n");
        for row in probability.chunks(speeds.len()) {
            let _ = writeln!(text, "          - {}", numbers(row));
        }
    }
    if (climate.turbulence_intensity - TURBULENCE_INTENSITY).abs() > 0.0 {
        let _ = writeln!(text, "      ti:\n        default: {}", number(climate.turbulence_intensity));
    }
    text
}

fn boundary_file(farm: &Farm) -> String {
    let mut text = format!("title: {}\n", json_text(&farm.name));
    if let Some(crs) = &farm.crs {
        let _ = writeln!(text, "crs: {}", json_text(crs));
    }
    text.push_str("boundaries:\n");
    match &farm.boundary {
        Boundary::Polygons(polygons) => {
            for (i, polygon) in polygons.iter().enumerate() {
                let _ = writeln!(text, "  - area{}: {}", i + 1, ring(polygon.vertices_m()));
            }
        }
        Boundary::Circle { center_m, radius_m } => {
            text.push_str(&circle(&Circle { center_m: *center_m, radius_m: *radius_m }));
        }
    }
    if !farm.exclusions.is_empty() {
        text.push_str("exclusions:\n");
        for (i, zone) in farm.exclusions.iter().enumerate() {
            match zone {
                Zone::Polygon(polygon) => {
                    let _ = writeln!(text, "  - exclusion{}: {}", i + 1, ring(polygon.vertices_m()));
                }
                Zone::Circle(disc) => text.push_str(&circle(disc)),
            }
        }
    }
    text
}

fn ring(vertices: &[(f64, f64)]) -> String {
    list(vertices.iter().map(|&(x, y)| numbers(&[x, y])))
}

fn circle(disc: &Circle) -> String {
    let (x, y) = disc.center_m;
    format!("  - circle: {{center: {}, radius: {}}}\n", numbers(&[x, y]), number(disc.radius_m))
}
