//! Read, write, read: the same plant, the same AEP to the bit.

use layoutopt::farm::{Layout, Zone};
use layoutopt::formats::windio::{AnalysisWish, System, write_system};
use layoutopt::formats::{csv, geojson};

use crate::{aep_gwh, file, read};

/// A plant with its wishes but without their places, which are another file's.
fn without_places(mut system: System) -> System {
    let wish = &mut system.analysis;
    let texts = [
        &mut wish.flow_model,
        &mut wish.wind_deficit_model,
        &mut wish.axial_induction_model,
        &mut wish.deflection_model,
        &mut wish.turbulence_model,
        &mut wish.ws_superposition,
        &mut wish.ti_superposition,
        &mut wish.rotor_averaging,
        &mut wish.background_averaging,
        &mut wish.wake_averaging,
        &mut wish.blockage_model,
    ];
    texts.into_iter().flatten().for_each(|wish| wish.place.clear());
    let numbers =
        [&mut wish.k_a, &mut wish.k_b, &mut wish.ceps, &mut wish.deflection_beta, &mut wish.blockage_ss_alpha];
    numbers.into_iter().flatten().for_each(|wish| wish.place.clear());
    [&mut wish.rotor_points_x, &mut wish.rotor_points_y].into_iter().flatten().for_each(|wish| wish.place.clear());
    wish.other.clear();
    system
}

fn written_and_read(system: &System) -> System {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plant.yaml");
    std::fs::write(&path, write_system(system)).unwrap();
    read(&path)
}

#[test]
fn every_plant_survives_windio() {
    for name in ["circle", "mixed", "conditional", "series", "table-nc", "series-nc", "weibull-nc"] {
        let first = read(&file(&format!("windio/plant-{name}.yaml")));
        let second = written_and_read(&first);
        assert_eq!(without_places(second.clone()), without_places(first.clone()), "{name}");
        assert_eq!(aep_gwh(&second).to_bits(), aep_gwh(&first).to_bits(), "{name}");
    }
}

#[test]
fn a_case_study_survives_windio() {
    let mut first = read(&file("iea37/cs4.yaml"));
    first.farm.crs = Some("EPSG:32631".to_owned());
    first.analysis = AnalysisWish::default();
    let second = written_and_read(&first);
    assert_eq!(second, first);
}

#[test]
fn geojson_and_csv_keep_the_layout_to_the_bit() {
    let system = read(&file("windio/plant-mixed.yaml"));
    let text = geojson::write_plant(&system.farm, &system.turbines, &system.layout, &system.turbine_types);
    let farm = geojson::parse_farm(&text, "p.geojson", &system.farm.name).unwrap().farm;
    assert_eq!(farm, system.farm);
    let read = geojson::parse_layout(&text, "p.geojson").unwrap();
    assert_eq!((&read.layout, read.turbine_types.as_ref()), (&system.layout, Some(&system.turbine_types)));
    let text = csv::write_layout(&system.layout, Some(&system.turbine_types));
    let table = csv::parse_layout(&text, "l.csv").unwrap();
    assert_eq!((table.layout, table.turbine_types), (system.layout, Some(system.turbine_types)));
}

#[test]
fn names_and_numbers_that_yaml_finds_hard() {
    let mut system = read(&file("windio/plant-circle.yaml"));
    system.name = "a: \"b\" # \u{e9}\n- null \u{2028}\u{85} 'x'".to_owned();
    system.farm.name = "1e5".to_owned();
    system.turbines[0].name = "~".to_owned();
    system.layout = Layout { x_m: vec![1e-7, 1e16, -0.0], y_m: vec![5e-324, 1.0 / 3.0, 2e5] };
    system.turbine_types = vec![0; 3];
    let second = written_and_read(&system);
    assert_eq!(without_places(second.clone()), without_places(system.clone()));
    assert_eq!(second.layout.y_m[0].to_bits(), 5e-324f64.to_bits());
}

#[test]
fn several_round_exclusions_become_polygons_around_them() {
    let mut system = read(&file("windio/plant-mixed.yaml"));
    let Zone::Circle(first) = system.farm.exclusions[0] else { panic!("a circle") };
    system.farm.exclusions.push(Zone::Circle(first));
    let second = written_and_read(&system);
    assert_eq!(second.farm.exclusions.len(), 2);
    let ((x, y), radius) = (first.center_m, first.radius_m);
    for degrees in 0..360 {
        let angle = f64::from(degrees).to_radians();
        let inside = (x + 0.999_999 * radius * angle.cos(), y + 0.999_999 * radius * angle.sin());
        assert!(!second.farm.allows(inside.0, inside.1), "{degrees}");
    }
}
