//! Effective wind speed, power and energy of every turbine in 360 x 23 flow cases, on three farms.

use hdf5::{File, Group, H5Type};
use layoutopt::aep::{Plant, evaluate, simulate};
use layoutopt::farm::{Curve, Layout, Turbine};
use layoutopt::wake::Nygaard2022;

use crate::golden::{golden, sectors, worst_relative};

/// The bar: every turbine within this of PyWake, relative.
const BAR: f64 = 1e-8;

fn list<T: H5Type>(group: &Group, name: &str) -> Vec<T> {
    group.dataset(name).unwrap().read_raw().unwrap()
}

fn number(group: &Group, name: &str) -> f64 {
    group.attr(name).unwrap().read_scalar().unwrap()
}

fn turbine(group: &Group) -> Turbine {
    let speeds: Vec<f64> = list(group, "wind_speed_m_s");
    let power_w = Curve::new(speeds.clone(), list(group, "power_w")).unwrap();
    Turbine {
        name: group.name(),
        rotor_diameter_m: number(group, "rotor_diameter_m"),
        hub_height_m: number(group, "hub_height_m"),
        rated_power_w: power_w.max(),
        power_w,
        ct: Curve::new(speeds, list(group, "ct")).unwrap(),
    }
}

fn agrees(farm: &str) {
    let file = File::open(golden("flow.h5")).unwrap();
    let group = file.group(farm).unwrap();
    let types = group.group("types").unwrap();
    let turbines: Vec<Turbine> = (0..types.len()).map(|t| turbine(&types.group(&t.to_string()).unwrap())).collect();
    let layout = Layout { x_m: list(&group, "x_m"), y_m: list(&group, "y_m") };
    let type_of: Vec<usize> = list::<i64>(&group, "type").into_iter().map(|t| usize::try_from(t).unwrap()).collect();
    let plant = Plant::new(&layout, &turbines, &type_of);
    let text = |name: &str| group.attr(name).unwrap().read_scalar::<hdf5::types::VarLenUnicode>().unwrap().to_string();
    let flow = sectors(&text("climate"), number(&group, "turbulence_intensity")).flow_cases(
        &list::<f64>(&group, "wind_direction_deg"),
        &list::<f64>(&group, "wind_speed_m_s"),
        crate::golden::interpolation(&text("interpolation").into()),
    );
    assert!(worst_relative(flow.probability(), &list::<f64>(&group, "probability")) < 1e-11);

    let wake = Nygaard2022::new(turbines.iter().map(|t| t.rotor_diameter_m));
    assert_eq!(flow.len(), 360 * 23);
    let mut speed_m_s = vec![f64::NAN; plant.len() * flow.len()];
    let mut power_w = speed_m_s.clone();
    simulate(&wake, &plant, &flow, |point| {
        let at = point.turbine * flow.len() + point.case;
        speed_m_s[at] = point.effective_speed_m_s;
        power_w[at] = plant.turbine(point.turbine).power_w.at(point.effective_speed_m_s);
    });
    let worst = worst_relative(&speed_m_s, &list::<f64>(&group, "ws_eff_m_s"));
    assert!(worst <= BAR, "{farm}: effective speed off by {worst:e}");
    // Power is nil at calm speeds, so it is compared with the rated power.
    let rated_w = turbines.iter().map(|t| t.rated_power_w).fold(f64::INFINITY, f64::min);
    let expected_w: Vec<f64> = list(&group, "power_w");
    let worst_power = power_w.iter().zip(&expected_w).map(|(p, e)| (p - e).abs() / rated_w).fold(0.0, f64::max);
    assert!(worst_power <= BAR, "{farm}: power off by {worst_power:e} of rated");

    let production = evaluate(&wake, &plant, &flow);
    let worst_aep = worst_relative(&production.turbine_aep_gwh, &list::<f64>(&group, "turbine_aep_gwh"));
    assert!(worst_aep <= BAR, "{farm}: a turbine's AEP off by {worst_aep:e}");
    for (got, name) in [(production.aep_gwh(), "aep_gwh"), (production.aep_no_wake_gwh(), "aep_no_wake_gwh")] {
        let off = (got / number(&group, name) - 1.0).abs();
        assert!(off <= BAR, "{farm}: {name} off by {off:e}");
    }
    println!("{farm}: effective speed {worst:.1e}, power {worst_power:.1e} of rated, turbine AEP {worst_aep:.1e}");
}

#[test]
fn irregular_farm_of_one_type() {
    agrees("irregular");
}

#[test]
fn mixed_types_and_hub_heights() {
    agrees("mixed");
}

#[test]
fn grid_with_turbines_abreast() {
    agrees("grid");
}
