//! windIO's own kinds of plants, rebuilt small under `tests/windio/`.

use layoutopt::farm::{Boundary, WindDistribution, Zone};
use layoutopt::formats::windio::read_system;
use layoutopt::formats::{Files, TimeSeries, WindOptions};

use crate::{aep_gwh, file, read};

#[test]
fn boundaries_exclusions_and_mixed_types() {
    let mixed = read(&file("windio/plant-mixed.yaml"));
    assert!(matches!(&mixed.farm.boundary, Boundary::Polygons(polygons) if polygons.len() == 2));
    assert!(matches!(&mixed.farm.exclusions[..], [Zone::Circle(_)]));
    assert_eq!((mixed.turbines.len(), &mixed.turbine_types[..]), (2, &[1, 0, 0, 1, 0, 1][..]));
    assert!((mixed.turbines[0].rated_power_w - 10e6).abs() < 1e-6);
    let cp = &mixed.turbines[1];
    let area = std::f64::consts::PI / 4.0 * 240.0 * 240.0;
    assert!((cp.power_w.at(8.0) - 0.5 * 1.225 * area * 512.0 * 0.485).abs() < 1e-3);
    assert!(cp.power_w.at(25.5).abs() < 1e-9 && cp.power_w.at(2.9).abs() < 1e-9);
    let circle = read(&file("windio/plant-circle.yaml"));
    assert!(matches!(circle.farm.boundary, Boundary::Circle { .. }));
    assert!(circle.turbines[0].power_w.is_cubic());
}

#[test]
fn the_wishes_of_a_plant() {
    let wish = read(&file("windio/plant-mixed.yaml")).analysis;
    assert_eq!(wish.wind_deficit_model.unwrap().value, "Bastankhah2014");
    assert!((wish.k_b.unwrap().value - 0.1).abs() < 1e-15);
    assert!(wish.ceps.unwrap().place.ends_with("attributes.analysis.wind_deficit_model.ceps"));
    assert_eq!(wish.blockage_model.unwrap().value, "SelfSimilarityDeficit2020");
    assert_eq!(wish.other.len(), 1, "model_outputs_specification");
}

#[test]
fn a_resource_in_netcdf_is_the_one_in_yaml() {
    for (name, yaml) in [("table", "conditional"), ("series", "series")] {
        let nc = read(&file(&format!("windio/plant-{name}-nc.yaml"))).climate;
        let own = read(&file(&format!("windio/plant-{yaml}.yaml"))).climate;
        match (nc.distribution, own.distribution) {
            (WindDistribution::Table(a), WindDistribution::Table(b)) => {
                assert_eq!((a.wind_direction_deg, a.wind_speed_m_s), (b.wind_direction_deg, b.wind_speed_m_s));
                assert!(a.probability.iter().zip(b.probability).all(|(p, q)| (p - q).abs() < 1e-12));
            }
            (WindDistribution::Series(a), WindDistribution::Series(b)) => assert_eq!(a, b),
            other => panic!("{other:?}"),
        }
    }
    let weibull = read(&file("windio/plant-weibull-nc.yaml")).climate;
    assert_eq!(weibull, read(&file("windio/plant-mixed.yaml")).climate);
}

#[test]
fn a_time_series_as_cases_or_binned() {
    let path = file("windio/plant-series.yaml");
    let read = |time_series| {
        let options = WindOptions { time_series, ..WindOptions::default() };
        read_system(&path, Files::Disk, &options).unwrap()
    };
    let (cases, binned) = (read(Some(TimeSeries::Cases)), read(Some(TimeSeries::Binned)));
    assert_eq!(read(None), cases);
    let WindDistribution::Series(series) = &cases.climate.distribution else { panic!("a series") };
    assert_eq!((series.times(), series.count()), (4, &[1, 2, 1][..]));
    assert!(
        matches!(&binned.climate.distribution, WindDistribution::Table(table) if table.wind_direction_deg.len() == 360)
    );
    let ratio = aep_gwh(&binned) / aep_gwh(&cases);
    assert!((ratio - 1.0).abs() < 0.1 && (ratio - 1.0).abs() > 1e-9, "9.5 m/s falls into the bin of 10: {ratio}");
}
