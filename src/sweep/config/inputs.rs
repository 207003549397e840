//! The farms, turbines and winds of a sweep file, inline or in files of their own.

use std::sync::Arc;

use crate::error::Problem;
use crate::farm::{
    Boundary, Circle, Curve, Farm, GenericTurbine, Polygon, Turbine, WindClimate, WindDistribution, WindSeries, Zone,
};
use crate::formats::windio::{resource, turbine};
use crate::formats::{Field, Files, Value, WindOptions, inputs};
use crate::sweep::config::SweepFarm;
use crate::sweep::config::settings::named;

/// All farms, each with its own wind or the sweep's.
pub(super) fn farms(root: &Field, files: Files) -> Option<Vec<SweepFarm>> {
    // Absent is not yet a fault: every farm may name its own.
    let shared = root.opt("wind").map(|field| wind(&field, files));
    let read = |field: &Field| {
        field.only(&["name", "site", "boundary", "polygons", "circle", "exclusions", "crs", "wind"]);
        let farm = farm(field, files);
        let own = field.opt("wind").map(|field| wind(&field, files));
        if own.is_none() && shared.is_none() {
            field.fault_below(&Problem::new(
                "wind",
                "is missing, here and for the whole sweep; name a wind climate in one of the two",
            ));
        }
        Some(SweepFarm { farm: farm?, wind: own.or_else(|| shared.clone())?? })
    };
    entries(root, "farms", "farm", read)
}

/// All turbine types.
pub(super) fn turbines(root: &Field, files: Files) -> Option<Vec<Turbine>> {
    entries(root, "turbines", "turbine type", |field| one_turbine(field, files))
}

/// The entries of a list that must not be empty, with the faults of every one.
fn entries<T>(root: &Field, key: &str, what: &str, read: impl Fn(&Field) -> Option<T>) -> Option<Vec<T>> {
    let missing = || {
        root.fault_below(&Problem::new(key, format!("no {what}, needs at least 1: add [[{key}]]")));
        None
    };
    let Some(list) = root.opt(key) else { return missing() };
    let items = list.items()?;
    if items.is_empty() {
        return missing();
    }
    let read: Vec<T> = items.iter().filter_map(read).collect();
    (read.len() == items.len()).then_some(read)
}

/// A wind climate: the name of a file, a file with what it leaves open, or numbers as a windIO `wind_resource` has them.
fn wind(field: &Field, files: Files) -> Option<Arc<WindClimate>> {
    match field.kind() {
        Value::Map(_) if field.has("file") => {
            field.only(&["file", "turbulence_intensity", "height", "roughness", "time_series"]);
            let options = wind_options(field);
            inputs::wind(&field.get("file")?, files, &options?).map(Arc::new)
        }
        Value::Map(_) if field.has("count") => counted_series(field).map(Arc::new),
        Value::Map(_) => {
            field.only(&[
                "wind_direction",
                "wind_speed",
                "probability",
                "sector_probability",
                "weibull_a",
                "weibull_k",
                "turbulence_intensity",
            ]);
            resource::wind_resource(field, &WindOptions::default()).map(Arc::new)
        }
        Value::Text(_) => inputs::wind(field, files, &WindOptions::default()).map(Arc::new),
        other => {
            field.fault(format!("expected the name of a file or a table of numbers, found {}", other.describe()));
            None
        }
    }
}

fn wind_options(field: &Field) -> Option<WindOptions> {
    let number = |key: &str| field.opt(key).map(|field| field.number());
    let (turbulence_intensity, height_m) = (number("turbulence_intensity"), number("height"));
    let (roughness_m, time_series) = (number("roughness"), field.opt("time_series").map(|field| named(&field)));
    // What is given must be readable.
    let sound = |given: Option<Option<f64>>| given.map_or(Some(None), |read| read.map(Some));
    Some(WindOptions {
        turbulence_intensity: sound(turbulence_intensity)?,
        height_m: sound(height_m)?,
        roughness_m: sound(roughness_m)?,
        time_series: time_series.map_or(Some(None), |read| read.map(Some))?,
    })
}

/// A time series as OUTPUT keeps it: every different wind and how often it occurs.
fn counted_series(field: &Field) -> Option<WindClimate> {
    field.only(&["wind_direction", "wind_speed", "count", "turbulence_intensity"]);
    let numbers = |key: &str| field.get(key).and_then(|list| list.numbers());
    let (directions, speeds) = (numbers("wind_direction"), numbers("wind_speed"));
    let counts = field.get("count").and_then(|list| {
        let items = list.items()?;
        let counts: Vec<u32> = items.iter().filter_map(Field::whole).collect();
        (counts.len() == items.len()).then_some(counts)
    });
    let ti = field.get("turbulence_intensity").and_then(|ti| ti.number());
    let (directions, speeds, counts) = (directions?, speeds?, counts?);
    if directions.len() != speeds.len() || directions.len() != counts.len() {
        field.fault("wind_direction, wind_speed and count differ in length; give one of each for every wind");
        return None;
    }
    let winds =
        directions.into_iter().zip(speeds).zip(counts).map(|((direction, speed), count)| (direction, speed, count));
    let series = WindSeries::counted(winds).map_err(|problem| field.fault_below(&problem)).ok()?;
    let climate = WindClimate { distribution: WindDistribution::Series(series), turbulence_intensity: ti? };
    climate.check().map_err(|problems| problems.iter().for_each(|problem| field.fault_below(problem))).ok()?;
    Some(climate)
}

fn farm(field: &Field, files: Files) -> Option<Farm> {
    let name = field.opt("name").map(|name| name.text().map(str::to_owned));
    let given: Vec<&str> =
        ["site", "boundary", "polygons", "circle"].into_iter().filter(|key| field.has(key)).collect();
    let [given] = given[..] else {
        field.fault(match given[..] {
            [] => "needs `site` (a file), `boundary`, `polygons` or `circle`".to_owned(),
            _ => format!("has {}; keep one", given.join(" and ")),
        });
        return None;
    };
    let value = field.get(given)?;
    if given == "site" {
        if field.has("exclusions") {
            field.fault_below(&Problem::new("exclusions", "belong into the site file when there is one"));
        }
        let farm = inputs::site(&value, files)?;
        return Some(match name {
            Some(name) => Farm { name: name?, ..farm },
            None => farm,
        });
    }
    if name.is_none() {
        field.fault_below(&Problem::new("name", "is missing"));
    }
    let boundary = match given {
        "boundary" => polygon(&value).map(|polygon| Boundary::Polygons(vec![polygon])),
        "polygons" => polygons(&value).map(Boundary::Polygons),
        _ => circle(&value).map(|Circle { center_m, radius_m }| Boundary::Circle { center_m, radius_m }),
    };
    let exclusions = field.opt("exclusions").map_or(Some(Vec::new()), |list| zones(&list));
    let crs = field.opt("crs").map(|crs| crs.text().map(str::to_owned));
    // Without a name the rest is checked all the same.
    let named = name.flatten();
    let farm = Farm {
        name: named.clone().unwrap_or_default(),
        boundary: boundary?,
        exclusions: exclusions?,
        crs: crs.unwrap_or_default(),
    };
    farm.check().map_err(|problem| value.fault(problem.fault)).ok()?;
    named.map(|_| farm)
}

fn circle(field: &Field) -> Option<Circle> {
    field.only(&["center", "radius"]);
    let center = field.get("center").and_then(|center| center.pair());
    let radius = field.get("radius").and_then(|radius| radius.number());
    Some(Circle { center_m: center?, radius_m: radius? })
}

/// Polygons and circles.
fn zones(field: &Field) -> Option<Vec<Zone>> {
    let items = field.items()?;
    let zone = |item: &Field| match item.kind() {
        Value::Map(_) => {
            let circle = circle(item)?;
            circle.check().map_err(|problem| item.fault_below(&problem)).ok()?;
            Some(Zone::Circle(circle))
        }
        _ => polygon(item).map(Zone::Polygon),
    };
    let zones: Vec<_> = items.iter().filter_map(zone).collect();
    (zones.len() == items.len()).then_some(zones)
}

fn polygons(field: &Field) -> Option<Vec<Polygon>> {
    let items = field.items()?;
    let polygons: Vec<_> = items.iter().filter_map(polygon).collect();
    (polygons.len() == items.len()).then_some(polygons)
}

fn polygon(field: &Field) -> Option<Polygon> {
    let items = field.items()?;
    let vertices: Vec<_> = items.iter().filter_map(Field::pair).collect();
    if vertices.len() < items.len() {
        return None;
    }
    Polygon::new(vertices).map_err(|problem| field.fault_below(&problem)).ok()
}

fn one_turbine(field: &Field, files: Files) -> Option<Turbine> {
    const INLINE: [&str; 4] = ["rotor_diameter", "rated_power_w", "power_curve", "ct_curve"];
    field.only(&[&["name", "file", "generic", "hub_height"], &INLINE[..]].concat());
    let name = field.opt("name").map(|name| name.text().map(str::to_owned));
    let inline = INLINE.iter().any(|key| field.has(key));
    let turbine = match (field.opt("file"), field.opt("generic")) {
        (Some(file), None) if !inline => {
            // Beside a file, the height to take instead of the file's.
            let height = field.opt("hub_height").map(|height| height.number());
            inputs::turbine(&file, files, height.map_or(Some(None), |read| read.map(Some))?)
        }
        (None, Some(generic)) if !inline && !field.has("hub_height") => generic_turbine(&generic),
        (None, None) => {
            if name.is_none() {
                field.fault_below(&Problem::new("name", "is missing"));
            }
            inline_turbine(field)
        }
        _ => {
            field.fault("needs one of `file`, `generic` and curves of its own; keep one");
            None
        }
    }?;
    Some(match name {
        Some(name) => Turbine { name: name?, ..turbine },
        None => turbine,
    })
}

/// A turbine written out; its name is put in by the caller.
fn inline_turbine(field: &Field) -> Option<Turbine> {
    let number = |key: &str| field.get(key).and_then(|field| field.number());
    let (diameter, hub) = (number("rotor_diameter"), number("hub_height"));
    let curve = |key: &str, value: &str| {
        let table = field.get(key)?;
        table.only(&["wind_speed", value, "shape"]);
        let curve = turbine::curve(&table, "wind_speed", value)?;
        let Some(shape) = table.opt("shape") else { return Some(curve) };
        let (speeds, values) = (curve.wind_speed_m_s(), curve.value());
        let ([cut_in, rated, cut_out], [_, power, _], "cubic") = (speeds, values, shape.text()?) else {
            shape.fault("must be `cubic`, with the wind speeds cut-in, rated and cut-out and the values 0, P, P");
            return None;
        };
        Curve::cubic(*cut_in, *rated, *cut_out, *power).map_err(|problem| table.fault_below(&problem)).ok()
    };
    let (power_w, ct) = (curve("power_curve", "power_w"), curve("ct_curve", "ct"));
    let rated = field.opt("rated_power_w").map(|rated| rated.number());
    let power_w = power_w?;
    let turbine = Turbine {
        name: String::new(),
        rotor_diameter_m: diameter?,
        hub_height_m: hub?,
        rated_power_w: rated.unwrap_or(Some(power_w.max()))?,
        power_w,
        ct: ct?,
    };
    turbine::checked(turbine, field, |name| if name == "rated_power" { "rated_power_w" } else { name })
}

fn generic_turbine(field: &Field) -> Option<Turbine> {
    field.only(&["rated_mw", "rotor_diameter", "hub_height", "turbulence_intensity"]);
    let positive = |key: &str| {
        let field = field.get(key)?;
        let number = field.number()?;
        if number <= 0.0 {
            field.fault(format!("{number}, must be positive"));
        }
        (number > 0.0).then_some(number)
    };
    let (rated_mw, diameter, hub) = (positive("rated_mw"), positive("rotor_diameter"), positive("hub_height"));
    let turbulence_intensity = field.opt("turbulence_intensity").map(|field| {
        let number = field.number()?;
        let sound = (0.0..=1.0).contains(&number);
        if !sound {
            field.fault(format!("{number}, must be 0 to 1"));
        }
        sound.then_some(number)
    });
    let (rated_mw, diameter, hub) = (rated_mw?, diameter?, hub?);
    let mut generic = GenericTurbine::new(rated_mw * 1e6, diameter, hub);
    if let Some(given) = turbulence_intensity {
        generic.turbulence_intensity = given?;
    }
    let built = generic.build(format!("Generic {rated_mw} MW"));
    let turbine = built.map_err(|problem| field.fault(format!("gives no power curve: {}", problem.fault))).ok()?;
    turbine::checked(turbine, field, |name| match name {
        "rated_power" => "rated_mw",
        "power_curve" | "ct_curve" => "",
        other => other,
    })
}
