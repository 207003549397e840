//! Every published wake model, and compositions of parts in other ways, on up to three farms.

use hdf5::{File, Group, H5Type};
use layoutopt::aep::{OperatingPoint, Plant, Simd, evaluate_built, simulate};
use layoutopt::farm::{Curve, FlowCases, Layout, Turbine};
use layoutopt::wake::deficit::Deficit;
use layoutopt::wake::gaussian_width::GaussianWidth;
use layoutopt::wake::spec::{DeficitSum, Expansion, Ground, RotorAverage, TurbulenceAt, WindSpeedAt};
use layoutopt::wake::turbopark::TurbOPark;
use layoutopt::wake::turbulence::{AddedTurbulence, TurbulenceSum};
use layoutopt::wake::{BuiltWake, Induction, Superposition, WakeModel, WakeSpec};

use crate::golden::{golden, interpolation, sectors, worst_relative};

/// The bars: AEP, effective speed.
const AEP_BAR: f64 = 1e-8;
const SPEED_BAR: f64 = 1e-6;

fn list<T: H5Type>(group: &Group, name: &str) -> Vec<T> {
    group.dataset(name).unwrap().read_raw().unwrap()
}

fn number(group: &Group, name: &str) -> f64 {
    group.attr(name).unwrap().read_scalar().unwrap()
}

fn text(group: &Group, name: &str) -> String {
    group.attr(name).unwrap().read_scalar::<hdf5::types::VarLenUnicode>().unwrap().to_string()
}

/// A golden farm, ready to be evaluated.
struct Stage {
    layout: Layout,
    turbines: Vec<Turbine>,
    type_of: Vec<usize>,
    flow: FlowCases,
    /// Directions at which speeds are stored, as indices.
    stored: Vec<usize>,
}

impl Stage {
    fn new(group: &Group) -> Self {
        let types = group.group("types").unwrap();
        let turbine = |t: u64| {
            let group = types.group(&t.to_string()).unwrap();
            let speeds: Vec<f64> = list(&group, "wind_speed_m_s");
            let power_w = Curve::new(speeds.clone(), list(&group, "power_w")).unwrap();
            Turbine {
                name: t.to_string(),
                rotor_diameter_m: number(&group, "rotor_diameter_m"),
                hub_height_m: number(&group, "hub_height_m"),
                rated_power_w: power_w.max(),
                power_w,
                ct: Curve::new(speeds, list(&group, "ct")).unwrap(),
            }
        };
        let directions: Vec<f64> = list(group, "wind_direction_deg");
        let flow = sectors(&text(group, "climate"), number(group, "turbulence_intensity")).flow_cases(
            &directions,
            &list::<f64>(group, "wind_speed_m_s"),
            interpolation(&text(group, "interpolation").into()),
        );
        let stored: Vec<f64> = list(group, "stored_wind_direction_deg");
        Self {
            layout: Layout { x_m: list(group, "x_m"), y_m: list(group, "y_m") },
            turbines: (0..types.len()).map(turbine).collect(),
            type_of: list::<i64>(group, "type").into_iter().map(|t| usize::try_from(t).unwrap()).collect(),
            flow,
            stored: stored
                .iter()
                .map(|d| directions.iter().position(|x| x.to_bits() == d.to_bits()).unwrap())
                .collect(),
        }
    }

    fn plant(&self) -> Plant<'_> {
        Plant::new(&self.layout, &self.turbines, &self.type_of)
    }

    fn build(&self, spec: WakeSpec) -> BuiltWake {
        spec.build(self.turbines.iter().map(|t| t.rotor_diameter_m).collect::<Vec<_>>())
    }

    /// AEP of every turbine, GWh, and its speed and turbulence at the stored directions, turbine-major.
    fn results(&self, wake: &BuiltWake) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let n_speeds = self.flow.cases_of(0).len();
        let per_turbine = self.stored.len() * n_speeds;
        let mut speed = vec![f64::NAN; per_turbine * self.layout.len()];
        let mut turbulence = speed.clone();
        let mut note = |point: OperatingPoint| {
            if let Some(k) = self.stored.iter().position(|&direction| direction == point.case / n_speeds) {
                let at = point.turbine * per_turbine + k * n_speeds + point.case % n_speeds;
                speed[at] = point.effective_speed_m_s;
                turbulence[at] = point.turbulence;
            }
        };
        match wake {
            BuiltWake::Nygaard2022(wake) => simulate(wake, &self.plant(), &self.flow, &mut note),
            BuiltWake::Composed(wake) => simulate(wake, &self.plant(), &self.flow, &mut note),
            BuiltWake::Weighted(wake) => simulate(wake, &self.plant(), &self.flow, &mut note),
        }
        let production = evaluate_built(Simd::detect(), wake, &self.plant(), &self.flow);
        (production.turbine_aep_gwh, speed, turbulence)
    }
}

/// Compares a model with every farm it was run on; how many there were.
fn agrees(name: &str, spec: WakeSpec) -> u64 {
    spec.check().unwrap();
    let file = File::open(golden("models.h5")).unwrap();
    let runs = file.group(&format!("models/{name}")).unwrap();
    for farm in runs.member_names().unwrap() {
        let golden = runs.group(&farm).unwrap();
        let stage = Stage::new(&file.group(&format!("farms/{farm}")).unwrap());
        let (aep, speed, turbulence) = stage.results(&stage.build(spec));
        let off_aep = worst_relative(&aep, &list::<f64>(&golden, "turbine_aep_gwh"));
        let off_speed = worst_relative(&speed, &list::<f64>(&golden, "ws_eff_m_s"));
        println!("{name} {farm}: turbine AEP {off_aep:.1e}, effective speed {off_speed:.1e}");
        assert!(off_aep <= AEP_BAR, "{name} {farm}: a turbine's AEP off by {off_aep:e}");
        assert!(off_speed <= SPEED_BAR, "{name} {farm}: effective speed off by {off_speed:e}");
        if golden.member_names().unwrap().iter().any(|dataset| dataset == "ti_eff") {
            let off = worst_relative(&turbulence, &list::<f64>(&golden, "ti_eff"));
            assert!(off <= SPEED_BAR, "{name} {farm}: turbulence off by {off:e}");
        }
        let off_total = (aep.iter().sum::<f64>() / number(&golden, "aep_gwh") - 1.0).abs();
        assert!(off_total <= AEP_BAR, "{name} {farm}: AEP off by {off_total:e}");
    }
    runs.len()
}

#[test]
fn every_published_model_is_pywakes() {
    for model in WakeModel::ALL {
        assert_eq!(agrees(model.name(), model.spec()), 3, "{model} is run on three farms");
    }
}

#[test]
fn the_fast_path_of_the_default_is_its_parts_put_together() {
    let file = File::open(golden("models.h5")).unwrap();
    for farm in ["irregular", "mixed"] {
        let stage = Stage::new(&file.group(&format!("farms/{farm}")).unwrap());
        let diameters: Vec<f64> = stage.turbines.iter().map(|t| t.rotor_diameter_m).collect();
        let fast = stage.results(&WakeModel::Nygaard2022.build(diameters));
        let parts = stage.results(&stage.build(WakeModel::Nygaard2022.spec()));
        assert!(worst_relative(&fast.0, &parts.0) < 1e-12 && worst_relative(&fast.1, &parts.1) < 3e-10, "{farm}");
    }
}

fn plain(superposition: Superposition) -> DeficitSum {
    DeficitSum::Plain(superposition)
}

/// Growth with the turbulence at the rotor.
const LOCAL: Expansion = Expansion::effective(0.38, 0.004);
const STF_2017: AddedTurbulence = AddedTurbulence::Stf2017 { c: [1.5, 0.8] };

fn agree(cases: &[(&str, WakeSpec)]) {
    for (name, spec) in cases {
        assert!(agrees(name, *spec) >= 2, "{name}");
    }
}

#[test]
fn other_gaussians_are_pywakes() {
    let gaussian = |induction, expansion| Deficit::Gaussian {
        induction,
        width: GaussianWidth::Linear { expansion, c_epsilon: 0.2, ct_limit: 0.899 },
    };
    let mirrored = WakeSpec {
        deficit: gaussian(Induction::Momentum, Expansion::constant(0.04)),
        reference_speed: WindSpeedAt::FreeStream,
        ground: Ground::Mirror(Superposition::Linear),
        ..WakeModel::Bastankhah2014.spec()
    };
    let niayifar = WakeModel::Niayifar2016.spec();
    let stf_2005 = WakeSpec {
        deficit: gaussian(Induction::Madsen, LOCAL),
        reference_speed: WindSpeedAt::FreeStream,
        superposition: plain(Superposition::Max),
        ground: Ground::Mirror(Superposition::Squared),
        turbulence: AddedTurbulence::Stf2005,
        turbulence_sum: TurbulenceSum::RootOfMax,
        ..niayifar
    };
    let stf_2017 = WakeSpec {
        deficit: gaussian(Induction::Momentum, LOCAL),
        turbulence: STF_2017,
        turbulence_sum: TurbulenceSum::Linear,
        ..niayifar
    };
    let constants = TurbOPark { ct_limit: 0.999, ..TurbOPark::NYGAARD_2022 };
    let turbopark = WakeSpec {
        deficit: Deficit::Gaussian {
            induction: Induction::Madsen,
            width: GaussianWidth::TurbOPark { constants, turbulence: TurbulenceAt::Effective },
        },
        ..niayifar
    };
    let zong = WakeModel::Zong2020.spec();
    let Deficit::Gaussian { width, .. } = zong.deficit else { panic!("zong-2020 is a Gaussian") };
    let zong_linear = WakeSpec {
        deficit: Deficit::Gaussian { induction: Induction::Momentum, width },
        superposition: plain(Superposition::Linear),
        ..zong
    };
    agree(&[
        ("iea37-downwind", WakeSpec { thrust_speed: WindSpeedAt::Effective, ..WakeModel::Iea37.spec() }),
        ("gaussian-linear-mirror", mirrored),
        ("gaussian-stf2005-madsen", stf_2005),
        ("gaussian-stf2017", stf_2017),
        ("turbopark-effective", turbopark),
        ("zong-linear", zong_linear),
    ]);
}

#[test]
fn other_top_hats_and_super_gaussians_are_pywakes() {
    let jensen = WakeModel::Jensen1983.spec();
    let top_hat = |induction, expansion| Deficit::TopHat { induction, expansion };
    let largest = WakeSpec {
        deficit: top_hat(Induction::Madsen, Expansion::constant(0.075)),
        superposition: plain(Superposition::Max),
        rotor_average: RotorAverage::Center,
        ..jensen
    };
    let local = WakeSpec {
        deficit: top_hat(Induction::Madsen, LOCAL),
        reference_speed: WindSpeedAt::Effective,
        superposition: plain(Superposition::Linear),
        ground: Ground::Mirror(Superposition::Linear),
        turbulence: STF_2017,
        turbulence_sum: TurbulenceSum::Linear,
        ..jensen
    };
    let effective = WakeSpec {
        deficit: top_hat(Induction::Momentum, Expansion::constant(0.05)),
        reference_speed: WindSpeedAt::Effective,
        ..jensen
    };
    let blondel = WakeModel::Blondel2020.spec();
    let Deficit::SuperGaussian { expansion, c_s, exponent } = blondel.deficit else {
        panic!("blondel-2020 is a super-Gaussian")
    };
    let expansion = Expansion { turbulence: TurbulenceAt::Ambient, ..expansion };
    let ambient = WakeSpec {
        deficit: Deficit::SuperGaussian { expansion, c_s, exponent },
        turbulence: AddedTurbulence::None,
        ..blondel
    };
    let squared =
        WakeSpec { superposition: plain(Superposition::Squared), reference_speed: WindSpeedAt::FreeStream, ..ambient };
    agree(&[
        ("tophat-max-centre", largest),
        ("tophat-mirror-stf2017", local),
        ("tophat-squared-effective", effective),
        ("blondel-2020-ambient", ambient),
        ("supergaussian-squared", squared),
    ]);
}
