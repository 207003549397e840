//! windIO `wind_energy_system`: a site with its wind, turbines and where they stand.

use std::path::Path;

use crate::error::{Problem, Result};
use crate::farm::{Farm, Layout, Turbine, WindClimate};
use crate::formats::inputs::WindOptions;
use crate::formats::windio::analysis::{AnalysisWish, analysis};
use crate::formats::windio::site::Places;
use crate::formats::windio::{climate, site, turbine};
use crate::formats::{Faults, Field, Files, Value, iea37, yaml};

/// A wind farm as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Name, for people.
    pub name: String,
    /// Where turbines may stand.
    pub farm: Farm,
    /// Its wind.
    pub climate: WindClimate,
    /// The turbine types.
    pub turbines: Vec<Turbine>,
    /// Where turbines stand.
    pub layout: Layout,
    /// For each turbine of the layout, its index in `turbines`.
    pub turbine_types: Vec<usize>,
    /// How the file wants it computed.
    pub analysis: AnalysisWish,
}

/// Reads a `wind_energy_system` file, or the farm file of an IEA Task 37 case study, and what it includes.
///
/// # Errors
/// Every fault of the file and of what it includes.
pub fn read_system(path: &Path, files: Files, options: &WindOptions) -> Result<System> {
    let faults = Faults::new();
    let document = yaml::open(path, files, &faults);
    let system = document.as_ref().and_then(|document| {
        let root = Field::root(document, &faults);
        if iea37::is_one(&root) { iea37::system(&root, files, options) } else { system(&root, options) }
    });
    faults.into_result(&path.display().to_string(), system)
}

/// The plant that the root of a `wind_energy_system` describes.
pub fn system(field: &Field, options: &WindOptions) -> Option<System> {
    let places = Places::default();
    let name = field.get("name").and_then(|name| name.text());
    let site = field.get("site");
    let farm = site.as_ref().and_then(|site| site::farm_in(site, &places));
    let climate = site.and_then(|site| site.get("energy_resource")).and_then(|resource| climate(&resource, options));
    let wind_farm = field.get("wind_farm");
    let turbines = wind_farm.as_ref().and_then(turbines);
    let placed = wind_farm.and_then(|wind_farm| placed(&wind_farm, &places));
    let analysis = field.opt("attributes").map_or(Some(AnalysisWish::default()), |given| analysis(&given));
    let (turbines, (layout, type_keys)) = (turbines?, placed?);
    let turbine_types = turbine_types(field, &turbines, type_keys.as_deref(), layout.len());
    Some(System {
        name: name?.to_owned(),
        farm: farm?,
        climate: climate?,
        layout,
        turbine_types: turbine_types?,
        turbines: turbines.into_iter().map(|(_, turbine)| turbine).collect(),
        analysis: analysis?,
    })
}

/// The turbine types with the numbers by which a layout names them, in rising order.
fn turbines(wind_farm: &Field) -> Option<Vec<(u32, Turbine)>> {
    if let Some(types) = wind_farm.opt("turbine_types") {
        let entries = types.entries()?;
        let mut turbines = Vec::with_capacity(entries.len());
        for (key, field) in &entries {
            let number = key.parse::<u32>().ok();
            if number.is_none() {
                field.fault(format!("`{key}` names a turbine type; layouts name types by whole numbers from 0"));
            }
            turbines.extend(turbine(field).and_then(|turbine| Some((number?, turbine))));
        }
        turbines.sort_by_key(|(number, _)| *number);
        if entries.is_empty() {
            types.fault("is empty, needs at least 1 turbine type");
            return None;
        }
        return (turbines.len() == entries.len()).then_some(turbines);
    }
    Some(vec![(0, turbine(&wind_farm.get("turbines")?)?)])
}

/// The layout and, if given, the number of the type of each turbine.
fn placed(wind_farm: &Field, places: &Places) -> Option<(Layout, Option<Vec<u32>>)> {
    let layouts = wind_farm.get("layouts")?;
    let one = match layouts.kind() {
        Value::List(_) => only_one(layouts.items()?, &layouts)?,
        _ if layouts.has("coordinates") => layouts,
        // windIO 1: layouts by name.
        _ => only_one(layouts.entries()?.into_iter().map(|(_, layout)| layout).collect(), &layouts)?,
    };
    let points = one.get("coordinates").and_then(|field| site::coordinates(&field, places));
    let types = one.opt("turbine_types").map(|types| -> Option<Vec<u32>> {
        let items = types.items()?;
        let numbers: Vec<u32> = items.iter().filter_map(Field::whole).collect();
        (numbers.len() == items.len()).then_some(numbers)
    });
    let (x_m, y_m): (Vec<f64>, Vec<f64>) = points?.into_iter().unzip();
    if x_m.is_empty() {
        one.fault("has no turbines, needs at least 1");
        return None;
    }
    let types = match types {
        Some(types) => Some(types?),
        None => None,
    };
    Some((Layout { x_m, y_m }, types))
}

fn only_one<'a>(mut layouts: Vec<Field<'a>>, field: &Field<'a>) -> Option<Field<'a>> {
    if layouts.len() != 1 {
        field.fault(format!("{} layouts, must be 1; keep the one that is meant", layouts.len()));
        return None;
    }
    layouts.pop()
}

/// Index into `turbines` of each of the `n` turbines of the layout.
fn turbine_types(
    field: &Field,
    turbines: &[(u32, Turbine)],
    type_keys: Option<&[u32]>,
    n: usize,
) -> Option<Vec<usize>> {
    let fault = |text: String| {
        field.fault_below(&Problem::new("wind_farm.layouts.turbine_types", text));
        None
    };
    let Some(keys) = type_keys else {
        if turbines.len() > 1 {
            return fault(format!(
                "is missing, but there are {} turbine types; give one number for each turbine",
                turbines.len()
            ));
        }
        return Some(vec![0; n]);
    };
    if keys.len() != n {
        return fault(format!("{} types for {n} turbines; give one for each", keys.len()));
    }
    let index = |key: &u32| turbines.iter().position(|(number, _)| number == key);
    if let Some(unknown) = keys.iter().find(|key| index(key).is_none()) {
        let known: Vec<_> = turbines.iter().map(|(number, _)| number.to_string()).collect();
        return fault(format!("type {unknown} is not defined; there are: {}", known.join(", ")));
    }
    Some(keys.iter().filter_map(index).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TURBINE: &str = "
name: T
performance:
  power_curve: {power_values: [0, 2000000.0], power_wind_speeds: [3, 12]}
  Ct_curve: {Ct_values: [0.8, 0.1], Ct_wind_speeds: [3, 25]}
hub_height: 70
rotor_diameter: 80
";
    const SITE: &str = "
name: S
boundaries: {circle: {center: {x: 0, y: 0}, radius: 1300}}
energy_resource: !include ../wind/w.yaml
";
    const WIND: &str = "
name: W
wind_resource:
  wind_direction: [0., 90., 180., 270.]
  wind_speed: [9.8]
  probability: {data: [.25, .25, .25, .25], dims: [wind_direction]}
  turbulence_intensity: {data: 0.075, dims: []}
";
    const PLANT: &str = "
name: P
site: !include site/s.yaml
wind_farm:
  name: F
  layouts:
    - coordinates: {x: [0., 650., 200.861], y: [0., 0., 618.1867]}
      turbine_types: [7, 3, 7]
  turbine_types:
    7: !include turbine/t.yaml
    3: !include turbine/t.yaml
attributes:
  analysis:
    wind_deficit_model: {name: TurbOPark}
";

    fn read(plant: &str) -> Result<System> {
        let leak = |text: &str| -> &'static str { text.to_owned().leak() };
        let files: &'static [(&str, &str)] = vec![
            ("plant.yaml", leak(plant)),
            ("site/s.yaml", SITE),
            ("wind/w.yaml", WIND),
            ("turbine/t.yaml", TURBINE),
        ]
        .leak();
        read_system(Path::new("plant.yaml"), Files::BuiltIn(files), &WindOptions::default())
    }

    #[test]
    fn a_plant_of_several_files_and_types() {
        let system = read(PLANT).unwrap();
        assert_eq!(system.turbines.len(), 2);
        assert_eq!(system.turbine_types, [1, 0, 1]);
        assert_eq!(system.layout.len(), 3);
        assert_eq!(system.analysis.wind_deficit_model.unwrap().value, "TurbOPark");
    }

    #[test]
    fn layouts_in_their_other_forms() {
        let one_type =
            PLANT.replace("      turbine_types: [7, 3, 7]\n", "").replace("    3: !include turbine/t.yaml\n", "");
        let system = read(&one_type).unwrap();
        assert_eq!(system.turbine_types, [0, 0, 0]);
        let as_map = one_type.replace("    - coordinates", "    coordinates");
        assert_eq!(read(&as_map).unwrap(), system);
        let named = one_type.replace("    - coordinates", "    initial_layout:\n      coordinates");
        assert_eq!(read(&named).unwrap(), system);
        let single = one_type.replace("  turbine_types:\n    7: !include", "  turbines: !include");
        assert_eq!(read(&single).unwrap(), system);
    }

    #[test]
    fn faults_of_a_plant() {
        for (from, to, expected) in [
            (
                "[7, 3, 7]",
                "[7, 4, 7]",
                "plant.yaml: wind_farm.layouts.turbine_types: type 4 is not defined; there are: 3, 7",
            ),
            ("[7, 3, 7]", "[7, 3]", "2 types for 3 turbines"),
            ("      turbine_types: [7, 3, 7]\n", "", "there are 2 turbine types; give one number for each"),
            ("0., 618.1867]", "0.]", "plant.yaml: wind_farm.layouts[0].coordinates: 3 values of x but 2 of y"),
            ("    3: !", "    big: !", "`big` names a turbine type"),
            ("x: [0., 650., 200.861], y: [0., 0., 618.1867]", "x: [], y: []", "has no turbines"),
            (
                "site/s.yaml",
                "site/gone.yaml",
                "plant.yaml: site: site/gone.yaml is not built into the program (line 3)",
            ),
        ] {
            let message = read(&PLANT.replace(from, to)).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    proptest! {
        #[test]
        fn a_damaged_plant_never_panics(part in 0usize..4, cut in 0usize..600, at in 0usize..600, byte in 32u8..127) {
            let files = Files::BuiltIn(&[("site/s.yaml", SITE), ("wind/w.yaml", WIND), ("turbine/t.yaml", TURBINE)]);
            let options = WindOptions::default();
            let read = |text: &str| {
                let faults = Faults::new();
                let Ok(document) = yaml::parse(text, Path::new("x.yaml"), files) else { return };
                let root = Field::root(&document, &faults);
                match part {
                    0 => drop(system(&root, &options)),
                    1 => drop(site::farm(&root)),
                    2 => drop(climate(&root, &options)),
                    _ => drop(turbine(&root)),
                }
            };
            let text = [PLANT, SITE, WIND, TURBINE][part];
            read(&text[..cut.min(text.len())]);
            let mut bytes = text.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            read(&String::from_utf8(bytes).unwrap());
        }
    }

    #[test]
    fn a_given_turbulence_intensity_replaces_the_files() {
        let files = Files::BuiltIn(&[]);
        let faults = Faults::new();
        let text = WIND.replace("  turbulence_intensity: {data: 0.075, dims: []}\n", "");
        let document = yaml::parse(&text, Path::new("w.yaml"), files).unwrap();
        let options = WindOptions { turbulence_intensity: Some(0.06), ..WindOptions::default() };
        let climate = climate(&Field::root(&document, &faults), &options).unwrap();
        assert!((climate.turbulence_intensity - 0.06).abs() < 1e-15);
    }
}
