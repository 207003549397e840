//! The YAML files of IEA Wind Task 37's wind farm layout optimisation case studies 1 to 4.
//!
//! | file     | holds                                          | what is read, below `definitions` if not said otherwise                        |
//! |----------|------------------------------------------------|---------------------------------------------------------------------------------|
//! | farm     | positions, names of the turbine and rose files | `position.items`: `xc`, `yc` (1, 2) or a list of [x, y] (3, 4); `$ref` of others |
//! | turbine  | rotor, hub, rated power, three wind speeds     | `rotor`, `hub`, `operating_mode`, `wind_turbine_lookup` or `wind_turbine`        |
//! | rose     | directions, speeds, frequencies                | `wind_inflow`: one speed (1, 2) or a table of speeds (3, 4)                      |
//! | boundary | polygons by name                               | `boundaries` at the root                                                         |
//!
//! The power is the cubic between cut-in and rated wind speed ([`Curve::cubic`]), the thrust coefficient 8/9 at every speed, both as the
//! announcement defines them (Baker et al., doi:10.2514/6.2019-0540). A rose without turbulence intensity has 0.075, for which the
//! case studies' wake model is stated. The farm file names no boundary; ours do, in `wind_plant.properties.boundary`.

mod write;

use crate::error::Problem;
use crate::farm::{
    Boundary, Circle, Curve, Farm, Layout, Polygon, ProbabilityTable, Turbine, WindClimate, WindDistribution, Zone,
};
use crate::formats::inputs::WindOptions;
use crate::formats::windio::turbine::checked;
use crate::formats::windio::{AnalysisWish, System, Wish};
use crate::formats::{Field, Files, Value};

pub use write::{CaseFiles, write_case};

/// The thrust coefficient of every case study: 4 a (1 - a) with a = 1/3.
const CT: f64 = 8.0 / 9.0;
/// No wind is faster, m/s.
const END_OF_WIND_M_S: f64 = 100.0;
/// The turbulence intensity that the wake model's expansion stands for.
const TURBULENCE_INTENSITY: f64 = 0.075;

/// Whether a file is one of Task 37's.
pub fn is_one(root: &Field) -> bool {
    matches!(root.kind(), Value::Map(entries) if entries.iter().any(|entry| entry.key == "definitions"))
}

/// The plant of a farm file and of the files that it names.
pub fn system(root: &Field, files: Files, options: &WindOptions) -> Option<System> {
    let definitions = root.get("definitions")?;
    let layout = definitions.get("position").and_then(|position| positions(&position));
    let of_plant = definitions.opt("wind_plant").and_then(|plant| plant.opt("properties"));
    let energy = definitions.opt("plant_energy").and_then(|energy| energy.opt("properties"));
    let Some(turbine_file) = named(of_plant.as_ref(), ["layout", "turbine"]) else {
        root.fault("names no turbine file: needs a $ref in definitions.wind_plant.properties.layout.items");
        return None;
    };
    let Some(rose_file) = named(energy.as_ref(), ["wind_resource_selection", "wind_resource"]) else {
        root.fault("names no wind rose: needs a $ref in definitions.plant_energy.properties.wind_resource_selection");
        return None;
    };
    let turbine = turbine_file.yaml_file(files).and_then(|file| turbine(&Field::root(&file, root.faults())));
    let climate = rose_file.yaml_file(files).and_then(|file| wind(&Field::root(&file, root.faults()), options));
    let name = root.opt("title").and_then(|title| title.text()).unwrap_or("IEA Wind Task 37").to_owned();
    let boundary_file = of_plant.as_ref().and_then(|of| of.opt("boundary")).and_then(|list| reference(&list));
    let (turbine, layout) = (turbine?, layout?);
    let farm = match boundary_file {
        Some(file) => boundary(&Field::root(&file.yaml_file(files)?, root.faults()))?,
        None => around(root, &name, &layout, &turbine)?,
    };
    let place = format!("{}: {}", rose_file.file(), "definitions.plant_energy");
    let model = Wish { value: "Bastankhah2014".to_owned(), place };
    Some(System {
        name,
        farm,
        climate: climate?,
        turbine_types: vec![0; layout.len()],
        turbines: vec![turbine],
        layout,
        analysis: AnalysisWish {
            flow_model: Some(Wish { value: "iea37".to_owned(), place: root.place() }),
            wind_deficit_model: Some(model),
            ..AnalysisWish::default()
        },
    })
}

/// The file that one of two lists names.
fn named<'a>(of: Option<&Field<'a>>, keys: [&str; 2]) -> Option<Field<'a>> {
    let list = keys.iter().find_map(|key| of.and_then(|of| of.opt(key)))?;
    reference(&list)
}

/// The first file that a list of `$ref` names; those that begin with `#` stay within their own file.
fn reference<'a>(list: &Field<'a>) -> Option<Field<'a>> {
    let items = list.opt("items").or_else(|| list.opt("properties").and_then(|inner| inner.opt("items")))?;
    items
        .items()?
        .into_iter()
        .filter_map(|item| item.opt("$ref"))
        .find(|reference| matches!(reference.kind(), Value::Text(text) if !text.starts_with('#')))
}

fn positions(field: &Field) -> Option<Layout> {
    let items = field.get("items")?;
    let mut layout = Layout::default();
    if let Value::Map(_) = items.kind() {
        let (x, y) = (items.get("xc").and_then(|x| x.numbers()), items.get("yc").and_then(|y| y.numbers()));
        layout = Layout { x_m: x?, y_m: y? };
        if layout.x_m.len() != layout.y_m.len() {
            items.fault(format!("{} values of xc but {} of yc", layout.x_m.len(), layout.y_m.len()));
            return None;
        }
    } else {
        let list = items.items()?;
        let points: Vec<_> = list.iter().filter_map(Field::pair).collect();
        if points.len() < list.len() {
            return None;
        }
        for (x, y) in points {
            layout.push(x, y);
        }
    }
    if layout.is_empty() {
        items.fault("has no turbines, needs at least 1");
        return None;
    }
    Some(layout)
}

/// The turbine of a turbine file.
pub fn turbine(root: &Field) -> Option<Turbine> {
    let definitions = root.get("definitions")?;
    let mode = definitions.get("operating_mode").map(inside);
    let speed = |key: &str| mode.as_ref().and_then(|mode| value(mode, key, "default"));
    let (cut_in, rated) = (speed("cut_in_wind_speed"), speed("rated_wind_speed"));
    let cut_out = speed("cut_out_wind_speed");
    let rotor = definitions.get("rotor").map(inside)?;
    let has_diameter = rotor.opt("diameter").is_some_and(|diameter| diameter.has("default"));
    let diameter = if has_diameter {
        value(&rotor, "diameter", "default")
    } else {
        value(&rotor, "radius", "default").map(|radius| 2.0 * radius)
    };
    let hub = definitions.get("hub").map(inside).and_then(|hub| value(&hub, "height", "default"));
    let own = definitions.opt("wind_turbine");
    let own_power = own.as_ref().and_then(|own| own.opt("rated_power")).filter(|power| power.has("maximum"));
    let power_w = if let Some(power) = own_power {
        power.get("maximum").and_then(|maximum| maximum.number())
    } else {
        let lookup = definitions.get("wind_turbine_lookup").map(inside);
        lookup.and_then(|lookup| value(&lookup, "power", "maximum"))
    };
    let id = own.and_then(|own| own.opt("id")).and_then(|id| id.opt("description"));
    let name = match id.as_ref().map(Field::kind) {
        Some(Value::Text(text)) => text.clone(),
        _ => root.opt("title").and_then(|title| title.text()).unwrap_or("IEA Task 37 turbine").to_owned(),
    };
    let (power_w, rotor_diameter_m, hub_height_m) = (power_w?, diameter?, hub?);
    let curves = Curve::cubic(cut_in?, rated?, cut_out?, power_w)
        .and_then(|power| Ok((power, Curve::new(vec![0.0, END_OF_WIND_M_S], vec![CT; 2])?)));
    let (power, ct) = curves.map_err(|problem| mode.as_ref().unwrap_or(root).fault(problem.fault)).ok()?;
    let turbine = Turbine { name, rotor_diameter_m, hub_height_m, rated_power_w: power_w, power_w: power, ct };
    checked(turbine, &definitions, |name| match name {
        "rotor_diameter" => "rotor.diameter",
        "hub_height" => "hub.height",
        "rated_power" | "power_curve" => "wind_turbine.rated_power",
        other => other,
    })
}

/// Case studies 1 and 2 put everything below `properties`, 3 and 4 do not.
fn inside(field: Field) -> Field {
    field.opt("properties").unwrap_or(field)
}

fn value(field: &Field, key: &str, kind: &str) -> Option<f64> {
    field.get(key)?.get(kind)?.number()
}

/// The climate of a wind rose file.
pub fn wind(root: &Field, options: &WindOptions) -> Option<WindClimate> {
    options.refuse_height_and_roughness(root);
    options.refuse_time_series(root);
    let inflow = root.get("definitions")?.get("wind_inflow").map(inside)?;
    let direction = inflow.get("direction")?;
    let wind_direction_deg = direction.get("bins").and_then(|bins| bins.numbers());
    let share = match direction.opt("frequency") {
        Some(share) => share.numbers(),
        None => value_list(&inflow, "probability"),
    };
    let speed = inflow.get("speed")?;
    let turbulence_intensity = match (options.turbulence_intensity, inflow.opt("ti")) {
        (Some(given), _) => Some(given),
        (None, Some(ti)) => ti.get("default").and_then(|ti| ti.number()),
        (None, None) => Some(TURBULENCE_INTENSITY),
    };
    let (wind_direction_deg, share) = (wind_direction_deg?, share?);
    let n = wind_direction_deg.len();
    if share.len() != n {
        direction.fault(format!("{} frequencies for {n} directions; give one for each", share.len()));
        return None;
    }
    let table = if speed.has("bins") {
        speeds(&speed, wind_direction_deg, &share)?
    } else {
        let one = speed.get("default")?.number()?;
        ProbabilityTable { wind_direction_deg, wind_speed_m_s: vec![one], probability: share }
    };
    let climate =
        WindClimate { distribution: WindDistribution::Table(table), turbulence_intensity: turbulence_intensity? };
    match climate.check() {
        Ok(()) => Some(climate),
        Err(problems) => {
            for problem in &problems {
                inflow.fault_below(problem);
            }
            None
        }
    }
}

fn value_list(field: &Field, key: &str) -> Option<Vec<f64>> {
    field.get(key)?.get("default")?.numbers()
}

/// The speeds of each direction. `joint`, which only our own files have, gives the products exactly.
fn speeds(speed: &Field, wind_direction_deg: Vec<f64>, share: &[f64]) -> Option<ProbabilityTable> {
    let n = wind_direction_deg.len();
    let wind_speed_m_s = speed.get("bins")?.numbers()?;
    let joint = speed.opt("joint");
    let rows = joint.clone().or_else(|| speed.get("frequency"))?;
    let read: Vec<Vec<f64>> = rows.items()?.iter().filter_map(Field::numbers).collect();
    if read.len() != n || read.iter().any(|row| row.len() != wind_speed_m_s.len()) {
        let fault = format!("needs a row of {} numbers for each of the {n} directions", wind_speed_m_s.len());
        rows.fault(fault);
        return None;
    }
    let factor = |direction: usize| if joint.is_some() { 1.0 } else { share[direction] };
    let probability = read.iter().enumerate().flat_map(|(i, row)| row.iter().map(move |p| p * factor(i))).collect();
    Some(ProbabilityTable { wind_direction_deg, wind_speed_m_s, probability })
}

/// The farm of a boundary file: polygons under any names, `circle`, and `exclusions` of the same form.
pub fn boundary(root: &Field) -> Option<Farm> {
    let name = root.opt("title").or_else(|| root.opt("name")).and_then(|title| title.text());
    let crs = root.opt("crs").and_then(|crs| crs.text()).map(str::to_owned);
    let zones = root.get("boundaries").and_then(|list| zones(&list));
    let exclusions = root.opt("exclusions").map_or(Some(Vec::new()), |list| self::zones(&list));
    let (mut polygons, mut circles) = (Vec::new(), Vec::new());
    for zone in zones? {
        match zone {
            Zone::Polygon(polygon) => polygons.push(polygon),
            Zone::Circle(circle) => circles.push(circle),
        }
    }
    let boundary = match (&circles[..], polygons.is_empty()) {
        ([], _) => Boundary::Polygons(polygons),
        ([Circle { center_m, radius_m }], true) => Boundary::Circle { center_m: *center_m, radius_m: *radius_m },
        _ => {
            root.fault_below(&Problem::new(
                "boundaries",
                "has a circle beside others; keep the circle or the polygons",
            ));
            return None;
        }
    };
    let farm = Farm { name: name.unwrap_or("IEA Wind Task 37").to_owned(), boundary, exclusions: exclusions?, crs };
    farm.check().map_err(|problem| root.fault_below(&problem)).ok()?;
    Some(farm)
}

/// A list of one-entry tables, or one table.
fn zones(list: &Field) -> Option<Vec<Zone>> {
    let named: Vec<(&str, Field)> = match list.kind() {
        Value::List(_) => list.items()?.iter().filter_map(Field::entries).flatten().collect(),
        _ => list.entries()?,
    };
    let zone = |(key, field): &(&str, Field)| {
        if *key == "circle" {
            let center = field.get("center").and_then(|center| center.pair());
            let radius = field.get("radius").and_then(|radius| radius.number());
            let circle = Circle { center_m: center?, radius_m: radius? };
            circle.check().map_err(|problem| field.fault_below(&problem)).ok()?;
            return Some(Zone::Circle(circle));
        }
        let items = field.items()?;
        let vertices: Vec<_> = items.iter().filter_map(Field::pair).collect();
        if vertices.len() < items.len() {
            return None;
        }
        Polygon::new(vertices).map(Zone::Polygon).map_err(|problem| field.fault_below(&problem)).ok()
    };
    let zones: Vec<_> = named.iter().filter_map(zone).collect();
    (zones.len() == named.len()).then_some(zones)
}

/// A box around the turbines, a rotor diameter wider.
fn around(root: &Field, name: &str, layout: &Layout, turbine: &Turbine) -> Option<Farm> {
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min) - turbine.rotor_diameter_m;
    let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max) + turbine.rotor_diameter_m;
    let (x0, x1, y0, y1) = (least(&layout.x_m), most(&layout.x_m), least(&layout.y_m), most(&layout.y_m));
    let polygon = Polygon::new(vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1)]);
    root.note("names no boundary; taken is the box around the turbines, a rotor diameter wider");
    let polygon = polygon.map_err(|problem| root.fault_below(&problem)).ok()?;
    Some(Farm { name: name.to_owned(), boundary: Boundary::Polygons(vec![polygon]), exclusions: Vec::new(), crs: None })
}
