//! Plants and layouts as windIO 2.x YAML, which [`super::read_system`] reads back to the bit.
//!
//! windIO's schema has one circle or several polygons as exclusions. What is more than that is written as polygons drawn round the
//! circles, with a comment; only there the plant that is read back is not the same.

use std::f64::consts::TAU;
use std::fmt::Write;

use crate::farm::{Boundary, Circle, Curve, Farm, Layout, Turbine, WindClimate, WindDistribution, Zone};
use crate::formats::text::{comment, json_text, list, number, numbers};
use crate::formats::windio::{AnalysisWish, System, Wish};

/// One layout of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedLayout {
    /// What it is, for a comment: `farm0_t5_s3: 1234.5 GWh`.
    pub name: String,
    /// Where turbines stand.
    pub layout: Layout,
    /// For each turbine, its index in the list of turbine types.
    pub turbine_types: Vec<usize>,
}

/// A complete `wind_energy_system`: site with energy resource, wind farm with layout and turbines, and the wishes of `analysis`.
pub fn write_system(system: &System) -> String {
    let mut text = format!("name: {}\nsite:\n", json_text(&system.name));
    site(&mut text, &system.farm, &system.climate);
    text.push_str("wind_farm:\n");
    let layout =
        NamedLayout { name: String::new(), layout: system.layout.clone(), turbine_types: system.turbine_types.clone() };
    let crs = system.farm.crs.as_deref();
    let mut farm = String::new();
    wind_farm(&mut farm, &system.farm.name, &system.turbines, std::slice::from_ref(&layout), crs);
    indent(&mut text, 2, &farm);
    analysis(&mut text, &system.analysis);
    text
}

/// A `wind_farm` with a list of layouts.
pub fn write_layouts(name: &str, turbines: &[Turbine], layouts: &[NamedLayout], crs: Option<&str>) -> String {
    let mut text = String::new();
    wind_farm(&mut text, name, turbines, layouts, crs);
    text
}

fn indent(text: &mut String, depth: usize, part: &str) {
    for line in part.lines() {
        let _ = writeln!(text, "{:depth$}{line}", "");
    }
}

fn site(text: &mut String, farm: &Farm, climate: &WindClimate) {
    let crs = farm.crs.as_deref();
    let _ = writeln!(text, "  name: {}\n  boundaries:", json_text(&farm.name));
    match &farm.boundary {
        Boundary::Polygons(polygons) => {
            text.push_str("    polygons:\n");
            for polygon in polygons {
                ring(text, 6, polygon.vertices_m(), crs);
            }
        }
        Boundary::Circle { center_m, radius_m } => {
            circle(text, &Circle { center_m: *center_m, radius_m: *radius_m }, crs);
        }
    }
    match &farm.exclusions[..] {
        [] => {}
        [Zone::Circle(disc)] => {
            text.push_str("  exclusions:\n");
            circle(text, disc, crs);
        }
        zones => {
            text.push_str("  exclusions:\n    polygons:\n");
            for zone in zones {
                match zone {
                    Zone::Polygon(polygon) => ring(text, 6, polygon.vertices_m(), crs),
                    Zone::Circle(disc) => drawn_circle(text, disc, crs),
                }
            }
        }
    }
    let mut resource = format!("energy_resource:\n  name: {}\n", json_text(&farm.name));
    wind_resource(&mut resource, climate);
    indent(text, 2, &resource);
}

/// An item of a list of `coordinates`.
fn ring(text: &mut String, depth: usize, vertices: &[(f64, f64)], crs: Option<&str>) {
    let (x, y): (Vec<f64>, Vec<f64>) = vertices.iter().copied().unzip();
    let _ = writeln!(text, "{:depth$}- x: {}\n{:depth$}  y: {}", "", numbers(&x), "", numbers(&y));
    if let Some(crs) = crs {
        let _ = writeln!(text, "{:depth$}  crs: {}", "", json_text(crs));
    }
}

fn circle(text: &mut String, disc: &Circle, crs: Option<&str>) {
    let (x, y) = disc.center_m;
    let crs = crs.map_or(String::new(), |crs| format!(", crs: {}", json_text(crs)));
    let _ = writeln!(text, "    circle:\n      center: {{x: {}, y: {}{crs}}}", number(x), number(y));
    let _ = writeln!(text, "      radius: {}", number(disc.radius_m));
}

/// A polygon that holds a circle.
fn drawn_circle(text: &mut String, disc: &Circle, crs: Option<&str>) {
    const CORNERS: u32 = 128;
    let radius = disc.radius_m / libm::cos(TAU / f64::from(CORNERS) / 2.0);
    let corner = |i: u32| {
        let angle = TAU * f64::from(i) / f64::from(CORNERS);
        (disc.center_m.0 + radius * libm::cos(angle), disc.center_m.1 + radius * libm::sin(angle))
    };
    let (x, y) = disc.center_m;
    let _ =
        writeln!(text, "      # The circle around ({}, {}), radius {} m.", number(x), number(y), number(disc.radius_m));
    ring(text, 6, &(0..CORNERS).map(corner).collect::<Vec<_>>(), crs);
}

fn wind_resource(text: &mut String, climate: &WindClimate) {
    text.push_str("  wind_resource:\n");
    let mut put = |key: &str, value: String| {
        let _ = writeln!(text, "    {key}: {value}");
    };
    let by = |values: &[f64], dims: &str| format!("{{data: {}, dims: [{dims}]}}", numbers(values));
    match &climate.distribution {
        WindDistribution::Sectors(sectors) => {
            let n = sectors.frequency.len();
            let centres: Vec<f64> = (0..n).map(|i| i as f64 * 360.0 / n as f64).collect();
            put("wind_direction", numbers(&centres));
            put("sector_probability", by(&sectors.frequency, "wind_direction"));
            put("weibull_a", by(&sectors.weibull_a_m_s, "wind_direction"));
            put("weibull_k", by(&sectors.weibull_k, "wind_direction"));
        }
        WindDistribution::Table(table) => {
            put("wind_direction", numbers(&table.wind_direction_deg));
            put("wind_speed", numbers(&table.wind_speed_m_s));
            let rows = table.probability.chunks(table.wind_speed_m_s.len().max(1)).map(numbers);
            put("probability", format!("{{data: {}, dims: [wind_direction, wind_speed]}}", list(rows)));
        }
        WindDistribution::Series(series) => {
            let repeated = |values: &[f64]| {
                let each = values.iter().zip(series.count());
                each.flat_map(|(&value, &count)| std::iter::repeat_n(value, count as usize)).collect::<Vec<_>>()
            };
            // In the order of direction and speed: when each wind blew is not known any more.
            put("time", list((0..series.times()).map(|time| time.to_string())));
            put("wind_direction", numbers(&repeated(series.wind_direction_deg())));
            put("wind_speed", numbers(&repeated(series.wind_speed_m_s())));
        }
    }
    put("turbulence_intensity", format!("{{data: {}, dims: []}}", number(climate.turbulence_intensity)));
}

fn wind_farm(text: &mut String, name: &str, turbines: &[Turbine], layouts: &[NamedLayout], crs: Option<&str>) {
    let _ = writeln!(text, "name: {}\nlayouts:", json_text(name));
    for named in layouts {
        if !named.name.is_empty() {
            let _ = writeln!(text, "  # {}", comment(&named.name));
        }
        let layout = &named.layout;
        let _ =
            writeln!(text, "  - coordinates:\n      x: {}\n      y: {}", numbers(&layout.x_m), numbers(&layout.y_m));
        if let Some(crs) = crs {
            let _ = writeln!(text, "      crs: {}", json_text(crs));
        }
        if turbines.len() != 1 {
            let types = list(named.turbine_types.iter().map(usize::to_string));
            let _ = writeln!(text, "    turbine_types: {types}");
        }
    }
    if let [one] = turbines {
        text.push_str("turbines:\n");
        turbine(text, 2, one);
        return;
    }
    text.push_str("turbine_types:\n");
    for (i, one) in turbines.iter().enumerate() {
        let _ = writeln!(text, "  {i}:");
        turbine(text, 4, one);
    }
}

fn turbine(text: &mut String, depth: usize, turbine: &Turbine) {
    let mut own = format!("name: {}\nperformance:\n", json_text(&turbine.name));
    let mut curve = |key: &str, name: &str, curve: &Curve| {
        let _ = writeln!(own, "  {key}:\n    {name}_values: {}", numbers(curve.value()));
        let _ = writeln!(own, "    {name}_wind_speeds: {}", numbers(curve.wind_speed_m_s()));
    };
    if !turbine.power_w.is_cubic() {
        curve("power_curve", "power", &turbine.power_w);
    }
    curve("Ct_curve", "Ct", &turbine.ct);
    let _ = writeln!(own, "  rated_power: {}", number(turbine.rated_power_w));
    if turbine.power_w.is_cubic() {
        let keys = ["cutin_wind_speed", "rated_wind_speed", "cutout_wind_speed"];
        for (key, speed) in keys.into_iter().zip(turbine.power_w.wind_speed_m_s()) {
            let _ = writeln!(own, "  {key}: {}", number(*speed));
        }
    }
    let _ = writeln!(own, "hub_height: {}", number(turbine.hub_height_m));
    let _ = writeln!(own, "rotor_diameter: {}", number(turbine.rotor_diameter_m));
    indent(text, depth, &own);
}

/// The wishes that the schema has a place for.
fn analysis(text: &mut String, wish: &AnalysisWish) {
    let mut sections: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    let mut add = |section: &'static str, key: &'static str, value: Option<String>| {
        let Some(value) = value else { return };
        match sections.iter_mut().find(|(name, _)| *name == section) {
            Some((_, entries)) => entries.push((key, value)),
            None => sections.push((section, vec![(key, value)])),
        }
    };
    let word = |wish: &Option<Wish<String>>| wish.as_ref().map(|wish| json_text(&wish.value));
    let real = |wish: &Option<Wish<f64>>| wish.as_ref().map(|wish| number(wish.value));
    let whole = |wish: &Option<Wish<i64>>| wish.as_ref().map(|wish| wish.value.to_string());
    let truth = |wish: &Option<Wish<bool>>| wish.as_ref().map(|wish| wish.value.to_string());
    add("wind_deficit_model", "name", word(&wish.wind_deficit_model));
    let expansion: Vec<String> =
        [("k_a", real(&wish.k_a)), ("k_b", real(&wish.k_b)), ("free_stream_ti", truth(&wish.free_stream_ti))]
            .into_iter()
            .filter_map(|(key, value)| value.map(|value| format!("{key}: {value}")))
            .collect();
    let expansion = (!expansion.is_empty()).then(|| format!("{{{}}}", expansion.join(", ")));
    add("wind_deficit_model", "wake_expansion_coefficient", expansion);
    add("wind_deficit_model", "ceps", real(&wish.ceps));
    add("wind_deficit_model", "use_effective_ws", truth(&wish.use_effective_ws));
    add("", "axial_induction_model", word(&wish.axial_induction_model));
    add("deflection_model", "name", word(&wish.deflection_model));
    add("deflection_model", "beta", real(&wish.deflection_beta));
    add("turbulence_model", "name", word(&wish.turbulence_model));
    let coefficients = wish.turbulence_coefficients.as_ref().map(|wish| numbers(&wish.value));
    add("turbulence_model", "coefficents", coefficients);
    add("superposition_model", "ws_superposition", word(&wish.ws_superposition));
    add("superposition_model", "ti_superposition", word(&wish.ti_superposition));
    add("rotor_averaging", "grid", word(&wish.rotor_averaging));
    add("rotor_averaging", "n_x_grid_points", whole(&wish.rotor_points_x));
    add("rotor_averaging", "n_y_grid_points", whole(&wish.rotor_points_y));
    add("rotor_averaging", "background_averaging", word(&wish.background_averaging));
    add("rotor_averaging", "wake_averaging", word(&wish.wake_averaging));
    add("rotor_averaging", "wind_speed_exponent_for_power", real(&wish.wind_speed_exponent_for_power));
    add("rotor_averaging", "wind_speed_exponent_for_ct", real(&wish.wind_speed_exponent_for_ct));
    add("blockage_model", "name", word(&wish.blockage_model));
    add("blockage_model", "ss_alpha", real(&wish.blockage_ss_alpha));
    if sections.is_empty() && wish.flow_model.is_none() {
        return;
    }
    text.push_str("attributes:\n");
    if let Some(model) = &wish.flow_model {
        let _ = writeln!(text, "  flow_model:\n    name: {}", json_text(&model.value));
    }
    if !sections.is_empty() {
        text.push_str("  analysis:\n");
    }
    for (section, entries) in sections {
        let depth = if section.is_empty() { 4 } else { 6 };
        if !section.is_empty() {
            let _ = writeln!(text, "    {section}:");
        }
        for (key, value) in entries {
            let _ = writeln!(text, "{:depth$}{key}: {value}", "");
        }
    }
}
