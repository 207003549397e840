//! The energies that IEA Task 37 published for its example layouts, from the task's files, by the task's formulas written out plainly.

use layoutopt::farm::{SectorInterpolation, WindDistribution};
use layoutopt::formats::windio::System;
use layoutopt::formats::{Faults, Field, Files, iea37, yaml};

use crate::{file, read};

/// Annual energy, MWh, by the case studies' simplified Gaussian wake (announcement, equations 1 to 4).
fn published_energy_mwh(system: &System) -> f64 {
    const GROWTH: f64 = 0.032_455_5;
    let turbine = &system.turbines[0];
    let diameter = turbine.rotor_diameter_m;
    let flow = system.climate.flow_cases(&[], &[], SectorInterpolation::Nearest);
    let mut energy = 0.0;
    for (direction, degrees) in flow.wind_direction_deg().iter().enumerate() {
        let angle = (270.0 - degrees).to_radians();
        let frame: Vec<(f64, f64)> = system
            .layout
            .positions()
            .map(|(x, y)| (x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()))
            .collect();
        let loss = |target: &(f64, f64)| {
            let of_source = |source: &(f64, f64)| {
                let (x, y) = (target.0 - source.0, target.1 - source.1);
                let sigma = GROWTH * x + diameter / 8f64.sqrt();
                let ct = turbine.ct.at(10.0);
                let deficit =
                    (1.0 - (1.0 - ct / (8.0 * (sigma / diameter).powi(2))).sqrt()) * (-0.5 * (y / sigma).powi(2)).exp();
                if x > 0.0 { deficit * deficit } else { 0.0 }
            };
            frame.iter().map(of_source).sum::<f64>().sqrt()
        };
        let losses: Vec<f64> = frame.iter().map(loss).collect();
        for case in flow.cases_of(direction) {
            let speed = flow.wind_speed_m_s()[case];
            let power: f64 = losses.iter().map(|loss| turbine.power_w.at(speed * (1.0 - loss))).sum();
            energy += flow.probability()[case] * power * 8760.0 / 1e6;
        }
    }
    energy
}

#[test]
fn the_published_energies() {
    for (name, published) in [("cs1-16", 366_941.571_16), ("cs1-36", 737_883.098_51), ("cs4", 2_851_096.412_52)] {
        let system = read(&file(&format!("iea37/{name}.yaml")));
        let energy = published_energy_mwh(&system);
        assert!((energy - published).abs() < 1e-4, "{name}: {energy} MWh, published {published}");
    }
}

#[test]
fn what_is_written_is_read_back_to_the_bit() {
    for name in ["cs1-16", "cs4"] {
        let mut system = read(&file(&format!("iea37/{name}.yaml")));
        if name == "cs4" {
            let boundary = yaml::open(&file("iea37/boundary-cs4.yaml"), Files::Disk, &Faults::new()).unwrap();
            let faults = Faults::new();
            system.farm = iea37::boundary(&Field::root(&boundary, &faults)).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let put =
            |suffix: &str, text: &str| std::fs::write(folder.path().join(format!("out{suffix}.yaml")), text).unwrap();
        let written = iea37::write_case(&system, "out", Some(1.0)).unwrap();
        put("", &written.farm);
        put("-turbine", &written.turbine);
        put("-windrose", &written.windrose);
        put("-boundary", &written.boundary);
        let again = read(&folder.path().join("out.yaml"));
        assert_eq!(
            (&again.layout, &again.turbines, &again.climate),
            (&system.layout, &system.turbines, &system.climate)
        );
        assert_eq!((&again.farm.boundary, &again.farm.exclusions), (&system.farm.boundary, &system.farm.exclusions));
        assert_eq!(published_energy_mwh(&again).to_bits(), published_energy_mwh(&system).to_bits());
    }
}

#[test]
fn what_the_format_cannot_say_is_named() {
    let mut system = read(&file("windio/plant-mixed.yaml"));
    assert!(iea37::write_case(&system, "out", None).unwrap_err()[0].fault.contains("one turbine type"));
    system.turbines.truncate(1);
    system.turbine_types.fill(0);
    let faults = iea37::write_case(&system, "out", None).unwrap_err();
    assert_eq!(faults.len(), 3, "power curve, thrust curve, sectors: {faults:?}");
}

#[test]
fn a_rose_of_many_speeds_is_joint() {
    let system = read(&file("iea37/cs4.yaml"));
    let WindDistribution::Table(table) = &system.climate.distribution else { panic!("a table") };
    assert_eq!((table.wind_direction_deg.len(), table.wind_speed_m_s.len()), (360, 20));
    assert!((table.probability.iter().sum::<f64>() - 1.0).abs() < 1e-6);
    assert!((system.climate.turbulence_intensity - 0.075).abs() < 1e-15);
}
