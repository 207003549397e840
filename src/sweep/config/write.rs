//! A [`Sweep`] as TOML that needs no other file: what OUTPUT keeps, and a sweep file like any other.

use std::fmt::Write;

use crate::farm::{Boundary, Circle, Curve, Polygon, Turbine, WindClimate, WindDistribution, Zone};
use crate::search::Refinement;
use crate::sweep::config::wake;
use crate::sweep::config::{Seeds, Sweep, SweepFarm, TurbineCount, interpolation_name};

impl Sweep {
    /// The whole sweep as the text of a sweep file, farms, turbines and winds written out. Reading it back gives the same sweep, to the bit.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        put(&mut text, "name", quoted(&self.name));
        put(&mut text, "seeds", quoted(&Seeds(self.seeds.clone()).to_string()));
        self.write_settings(&mut text);
        // The first farm's wind serves as the sweep's; only farms with another one need their own.
        let shared = self.farms.first().map(|farm| &farm.wind);
        if let Some(wind) = shared {
            text.push_str("\n[wind]\n");
            write_wind(&mut text, wind);
        }
        for farm in &self.farms {
            write_farm(&mut text, farm);
            if Some(&farm.wind) != shared {
                text.push_str("[farms.wind]\n");
                write_wind(&mut text, &farm.wind);
            }
        }
        for turbine in &self.turbines {
            write_turbine(&mut text, turbine);
        }
        text
    }

    fn write_settings(&self, text: &mut String) {
        let search = &self.search;
        text.push_str("\n[search]\n");
        put(text, "grid_size", search.grid_size);
        put(text, "random_pct", number(search.random_pct));
        put(text, "min_spacing_d", number(search.min_spacing_d));
        put(text, "restarts", search.restarts);
        put(text, "rng", quoted(search.rng.name()));
        if search.refine != Refinement::None {
            // Left out otherwise: programs that do not know it read the sweep too.
            put(text, "refine", quoted(search.refine.name()));
        }
        put(text, "wind_speeds", numbers(&search.wind_speeds_m_s));
        let range = search.wind_directions;
        let (start, stop, step) = (number(range.start_deg), number(range.stop_deg), number(range.step_deg));
        put(text, "wind_directions", format!("{{ start = {start}, stop = {stop}, step = {step} }}"));
        put(text, "sector_interpolation", quoted(interpolation_name(search.sector_interpolation)));
        text.push_str("\n[wake]\n");
        wake::write(text, &self.wake);
        text.push_str("\n[turbine_count]\n");
        match self.turbine_count {
            TurbineCount::CapacityMw(capacity) => put(text, "capacity_mw", number(capacity)),
            TurbineCount::Count(count) => put(text, "count", count),
        }
    }
}

fn write_wind(text: &mut String, wind: &WindClimate) {
    put(text, "turbulence_intensity", number(wind.turbulence_intensity));
    match &wind.distribution {
        WindDistribution::Sectors(sectors) => {
            let n = sectors.frequency.len();
            let centres: Vec<f64> = (0..n).map(|i| i as f64 * 360.0 / n as f64).collect();
            put(text, "wind_direction", numbers(&centres));
            put(text, "sector_probability", numbers(&sectors.frequency));
            put(text, "weibull_a", numbers(&sectors.weibull_a_m_s));
            put(text, "weibull_k", numbers(&sectors.weibull_k));
        }
        WindDistribution::Table(table) => {
            put(text, "wind_direction", numbers(&table.wind_direction_deg));
            put(text, "wind_speed", numbers(&table.wind_speed_m_s));
            let rows = table.probability.chunks(table.wind_speed_m_s.len().max(1)).map(numbers);
            put(text, "probability", list(rows));
        }
        WindDistribution::Series(series) => {
            put(text, "wind_direction", numbers(series.wind_direction_deg()));
            put(text, "wind_speed", numbers(series.wind_speed_m_s()));
            put(text, "count", list(series.count().iter().map(u32::to_string)));
        }
    }
}

fn write_farm(text: &mut String, SweepFarm { farm, .. }: &SweepFarm) {
    text.push_str("\n[[farms]]\n");
    put(text, "name", quoted(&farm.name));
    match &farm.boundary {
        Boundary::Polygons(polygons) if polygons.len() == 1 => put(text, "boundary", ring(&polygons[0])),
        Boundary::Polygons(polygons) => put(text, "polygons", list(polygons.iter().map(ring))),
        Boundary::Circle { center_m, radius_m } => {
            put(text, "circle", circle(&Circle { center_m: *center_m, radius_m: *radius_m }));
        }
    }
    if !farm.exclusions.is_empty() {
        let zone = |zone: &Zone| match zone {
            Zone::Polygon(polygon) => ring(polygon),
            Zone::Circle(disc) => circle(disc),
        };
        put(text, "exclusions", list(farm.exclusions.iter().map(zone)));
    }
    if let Some(crs) = &farm.crs {
        put(text, "crs", quoted(crs));
    }
}

fn circle(circle: &Circle) -> String {
    let (x, y) = circle.center_m;
    format!("{{ center = [{}, {}], radius = {} }}", number(x), number(y), number(circle.radius_m))
}

fn write_turbine(text: &mut String, turbine: &Turbine) {
    text.push_str("\n[[turbines]]\n");
    put(text, "name", quoted(&turbine.name));
    put(text, "rotor_diameter", number(turbine.rotor_diameter_m));
    put(text, "hub_height", number(turbine.hub_height_m));
    put(text, "rated_power_w", number(turbine.rated_power_w));
    let mut curve = |key: &str, value: &str, curve: &Curve| {
        let (speeds, values) = (numbers(curve.wind_speed_m_s()), numbers(curve.value()));
        let shape = if curve.is_cubic() { ", shape = \"cubic\"" } else { "" };
        put(text, key, format!("{{ wind_speed = {speeds}, {value} = {values}{shape} }}"));
    };
    curve("power_curve", "power_w", &turbine.power_w);
    curve("ct_curve", "ct", &turbine.ct);
}

fn ring(polygon: &Polygon) -> String {
    list(polygon.vertices_m().iter().map(|&(x, y)| numbers(&[x, y])))
}

pub(super) fn numbers(values: &[f64]) -> String {
    list(values.iter().map(|&value| number(value)))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// The shortest decimal that reads back as the same number.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() { "nan".to_owned() } else { format!("{value:?}") }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

pub(super) fn put(text: &mut String, key: &str, value: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{key} = {value}");
}
