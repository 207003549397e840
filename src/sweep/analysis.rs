//! From what a windIO file asks for (`attributes.analysis`) to a wake model. What is honoured becomes parts of the model; what is not is named.

use crate::error::{Error, Problem, Result};
use crate::formats::windio::{AnalysisWish, Wish};
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{DeficitSum, Expansion, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};
use crate::wake::{Induction, Superposition, WakeChoice, WakeModel};

/// A wake model and what of the wish it leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct WishedWake {
    /// The model.
    pub wake: WakeChoice,
    /// What is not honoured, each with its place.
    pub unmet: Vec<Problem>,
}

/// The deficit models that windIO names and this program has.
const DEFICIT_MODELS: [(&str, WakeModel); 4] = [
    ("Jensen", WakeModel::Jensen1983),
    ("Bastankhah2014", WakeModel::Bastankhah2014),
    ("TurbOPark", WakeModel::Nygaard2022),
    ("SuperGaussian", WakeModel::Blondel2020),
];

/// The `flow_model` by which IEA Task 37's own files, which have no such key, ask for the case studies' Gaussian wake.
const CASE_STUDIES: &str = "iea37";

impl WishedWake {
    /// The model that a file asks for; the default one if it asks for nothing.
    ///
    /// # Errors
    /// A deficit model that this program does not have, or parts that do not fit together.
    pub fn of(wish: &AnalysisWish) -> Result<Self> {
        let is_case_study = wish.flow_model.as_ref().is_some_and(|flow| flow.value == CASE_STUDIES);
        let model = match &wish.wind_deficit_model {
            None => WakeModel::default(),
            Some(name) if is_case_study && name.value == "Bastankhah2014" => WakeModel::Iea37,
            Some(name) => DEFICIT_MODELS
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(&name.value))
                .map(|(_, model)| *model)
                .ok_or_else(|| unknown_model(name))?,
        };
        let mut unmet = Unmet(Vec::new());
        let spec = parts(model.spec(), wish, &mut unmet);
        unmet.name_what_has_no_part(wish);
        if let Err(problems) = spec.check() {
            return Err(Error::BadInput(problems.into_iter().map(|p| p.within("attributes.analysis")).collect()));
        }
        let wake = if spec == model.spec() { model.into() } else { WakeChoice::Composed(spec) };
        Ok(Self { wake, unmet: unmet.0 })
    }

    /// What to write into a file so that reading it gives this model; `None` where windIO has no words for it.
    pub fn written(wake: &WakeChoice) -> Option<AnalysisWish> {
        let wish = |value: &str| Some(Wish { value: value.to_owned(), place: String::new() });
        if *wake == WakeChoice::Published(WakeModel::Iea37) {
            let (flow_model, wind_deficit_model) = (wish(CASE_STUDIES), wish("Bastankhah2014"));
            return Some(AnalysisWish { flow_model, wind_deficit_model, ..AnalysisWish::default() });
        }
        let (name, _) = DEFICIT_MODELS.iter().find(|(_, model)| *wake == WakeChoice::Published(*model))?;
        Some(AnalysisWish { wind_deficit_model: wish(name), ..AnalysisWish::default() })
    }
}

fn unknown_model(name: &Wish<String>) -> Error {
    let known: Vec<_> = DEFICIT_MODELS.iter().map(|(known, _)| *known).collect();
    let fault = format!(
        "`{}` is not a deficit model of this program ({}); choose a model with --wake-model",
        name.value,
        known.join(", ")
    );
    Problem::new(name.place.as_str(), fault).into()
}

/// Wishes that are not met.
struct Unmet(Vec<Problem>);

impl Unmet {
    fn add(&mut self, place: &str, fault: impl Into<String>) {
        self.0.push(Problem::new(place, fault));
    }

    fn part<T>(&mut self, wish: &Wish<T>, why: &str) {
        self.add(&wish.place, format!("is not honoured: {why}"));
    }

    /// Wishes for which no model here has a part.
    fn name_what_has_no_part(&mut self, wish: &AnalysisWish) {
        let none = |name: &&Wish<String>| !name.value.eq_ignore_ascii_case("none");
        if let Some(model) = wish.deflection_model.as_ref().filter(none) {
            self.part(model, "turbines are not yawed, so wakes are not deflected");
        }
        if let Some(model) = wish.blockage_model.as_ref().filter(none) {
            self.part(model, "blockage is not computed");
        }
        let center = |name: &&Wish<String>| !name.value.eq_ignore_ascii_case("center");
        for averaging in [&wish.background_averaging, &wish.wake_averaging] {
            if let Some(averaging) = averaging.as_ref().filter(center) {
                self.part(averaging, "rotor grids are not computed");
            }
        }
        for points in [&wish.rotor_points_x, &wish.rotor_points_y].into_iter().flatten() {
            self.part(points, "rotor grids are not computed");
        }
        for exponent in [&wish.wind_speed_exponent_for_power, &wish.wind_speed_exponent_for_ct].into_iter().flatten() {
            self.part(exponent, "the wind is averaged over the rotor with exponent 1");
        }
        for other in &wish.other {
            self.part(other, "it has no meaning here");
        }
    }
}

/// `base` with the parts that the file names.
fn parts(base: WakeSpec, wish: &AnalysisWish, unmet: &mut Unmet) -> WakeSpec {
    let mut spec = base;
    width(&mut spec.deficit, wish, unmet);
    if let Some(effective) = &wish.use_effective_ws {
        spec.reference_speed = if effective.value { WindSpeedAt::Effective } else { WindSpeedAt::FreeStream };
    }
    if let Some(name) = &wish.axial_induction_model {
        let known = named(&name.value, &[("1D", Induction::Momentum), ("Madsen", Induction::Madsen)]);
        match (known, &mut spec.deficit) {
            (Some(known), Deficit::TopHat { induction, .. } | Deficit::Gaussian { induction, .. }) => {
                *induction = known;
            }
            (Some(_), _) => unmet.part(name, "this deficit has no induction model"),
            (None, _) => unmet.part(name, "1D and Madsen are known"),
        }
    }
    if let Some(name) = &wish.ws_superposition {
        let known =
            [("Linear", Superposition::Linear), ("Squared", Superposition::Squared), ("Max", Superposition::Max)];
        match named(&name.value, &known) {
            Some(known) => spec.superposition = DeficitSum::Plain(known),
            None => unmet.part(name, "Linear, Squared and Max are known"),
        }
    }
    if let Some(name) = &wish.rotor_averaging {
        match name.value.to_ascii_lowercase().as_str() {
            "center" | "none" => spec.rotor_average = RotorAverage::Center,
            _ => unmet.part(name, "rotor grids are not computed"),
        }
    }
    turbulence(&mut spec, wish, unmet);
    spec
}

fn width(deficit: &mut Deficit, wish: &AnalysisWish, unmet: &mut Unmet) {
    let given = [&wish.k_a, &wish.k_b];
    let expansion = match deficit {
        Deficit::TopHat { expansion, .. }
        | Deficit::SuperGaussian { expansion, .. }
        | Deficit::Gaussian { width: GaussianWidth::Linear { expansion, .. }, .. } => Some(expansion),
        _ => None,
    };
    match expansion {
        Some(expansion) => {
            if given.iter().any(|k| k.is_some()) {
                let value = |k: &Option<Wish<f64>>| k.as_ref().map_or(0.0, |k| k.value);
                *expansion = Expansion { per_turbulence: value(&wish.k_b), constant: value(&wish.k_a), ..*expansion };
            }
            if let Some(ambient) = &wish.free_stream_ti {
                expansion.turbulence = if ambient.value { TurbulenceAt::Ambient } else { TurbulenceAt::Effective };
            }
            if expansion.per_turbulence == 0.0 {
                expansion.turbulence = TurbulenceAt::Ambient;
            }
        }
        None => given.into_iter().flatten().for_each(|k| unmet.part(k, "this model's expansion has no such constant")),
    }
    if let Some(ceps) = &wish.ceps {
        match deficit {
            Deficit::Gaussian { width: GaussianWidth::Linear { c_epsilon, .. }, .. } => *c_epsilon = ceps.value,
            Deficit::Gaussian { width: GaussianWidth::TurbOPark { constants, .. }, .. } => {
                constants.c_epsilon = ceps.value;
            }
            _ => unmet.part(ceps, "this model has no initial width of that kind"),
        }
    }
}

fn turbulence(spec: &mut WakeSpec, wish: &AnalysisWish, unmet: &mut Unmet) {
    if let Some(name) = &wish.turbulence_model {
        let coefficients = wish.turbulence_coefficients.as_ref().map_or(&[][..], |c| c.value.as_slice());
        let crespo = <[f64; 4]>::try_from(coefficients).unwrap_or([0.73, 0.8325, -0.0325, -0.32]);
        let stf = <[f64; 2]>::try_from(coefficients).unwrap_or([1.5, 0.8]);
        let known = [
            ("None", AddedTurbulence::None),
            ("CrespoHernandez", AddedTurbulence::CrespoHernandez { c: crespo, induction: Induction::Madsen }),
            ("STF2017", AddedTurbulence::Stf2017 { c: stf }),
            ("STF2005", AddedTurbulence::Stf2005),
        ];
        match named(&name.value, &known) {
            Some(known) => spec.turbulence = known,
            None => unmet.part(name, "CrespoHernandez, STF2017 and STF2005 are known"),
        }
        let wanted = match spec.turbulence {
            AddedTurbulence::CrespoHernandez { .. } => 4,
            AddedTurbulence::Stf2017 { .. } => 2,
            AddedTurbulence::None | AddedTurbulence::Stf2005 => 0,
        };
        if let Some(given) = wish.turbulence_coefficients.as_ref().filter(|given| given.value.len() != wanted) {
            unmet.part(given, &format!("this turbulence model has {wanted} coefficients"));
        }
    }
    if let Some(name) = &wish.ti_superposition {
        let known =
            [("Linear", TurbulenceSum::Linear), ("Squared", TurbulenceSum::Squared), ("Max", TurbulenceSum::Max)];
        match named(&name.value, &known) {
            Some(known) => spec.turbulence_sum = known,
            None => unmet.part(name, "Linear, Squared and Max are known"),
        }
    }
    if !spec.deficit.uses_effective_turbulence() && spec.turbulence != AddedTurbulence::None {
        if let Some(name) = wish.turbulence_model.as_ref() {
            unmet.part(name, "no part of this model depends on the turbulence at the rotor");
        }
        spec.turbulence = AddedTurbulence::None;
    }
}

fn named<T: Copy>(name: &str, known: &[(&str, T)]) -> Option<T> {
    known.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "the fields of a wish are optional")]
    fn wish<T>(value: T) -> Option<Wish<T>> {
        Some(Wish { value, place: "plant.yaml: attributes.analysis.x".into() })
    }

    fn model(name: &str) -> AnalysisWish {
        AnalysisWish { wind_deficit_model: wish(name.to_owned()), ..AnalysisWish::default() }
    }

    #[test]
    fn a_named_model_is_the_published_one_and_nothing_is_the_default() {
        assert_eq!(WishedWake::of(&AnalysisWish::default()).unwrap().wake, WakeChoice::default());
        for (name, known) in DEFICIT_MODELS {
            let wished = WishedWake::of(&model(name)).unwrap();
            assert_eq!((wished.wake, wished.unmet), (known.into(), vec![]), "{name}");
            assert_eq!(
                WishedWake::written(&known.into()),
                Some(model(name)).map(|mut m| {
                    m.wind_deficit_model.as_mut().unwrap().place.clear();
                    m
                })
            );
        }
        let case_study = WishedWake::written(&WakeModel::Iea37.into()).unwrap();
        assert_eq!(WishedWake::of(&case_study).unwrap().wake, WakeModel::Iea37.into());
        let error = WishedWake::of(&model("Bastankhah2016")).unwrap_err().to_string();
        assert!(error.contains("Bastankhah2016") && error.contains("--wake-model"), "{error}");
    }

    #[test]
    fn parts_are_honoured() {
        let asked = AnalysisWish {
            k_a: wish(0.004),
            k_b: wish(0.38),
            free_stream_ti: wish(false),
            ceps: wish(0.25),
            use_effective_ws: wish(false),
            axial_induction_model: wish("Madsen".to_owned()),
            turbulence_model: wish("STF2017".to_owned()),
            ws_superposition: wish("Squared".to_owned()),
            ti_superposition: wish("Max".to_owned()),
            ..model("Bastankhah2014")
        };
        let wished = WishedWake::of(&asked).unwrap();
        let expected = WakeSpec {
            deficit: Deficit::Gaussian {
                induction: Induction::Madsen,
                width: GaussianWidth::Linear {
                    expansion: Expansion::effective(0.38, 0.004),
                    c_epsilon: 0.25,
                    ct_limit: 0.899,
                },
            },
            reference_speed: WindSpeedAt::FreeStream,
            superposition: DeficitSum::Plain(Superposition::Squared),
            turbulence: AddedTurbulence::Stf2017 { c: [1.5, 0.8] },
            turbulence_sum: TurbulenceSum::Max,
            ..WakeModel::Bastankhah2014.spec()
        };
        assert_eq!((wished.wake, wished.unmet), (WakeChoice::Composed(expected), vec![]));
    }

    #[test]
    fn what_is_not_honoured_is_named() {
        let asked = AnalysisWish {
            deflection_model: wish("Jimenez".to_owned()),
            blockage_model: wish("Rathmann".to_owned()),
            ws_superposition: wish("Product".to_owned()),
            turbulence_model: wish("GCL".to_owned()),
            rotor_points_x: wish(5),
            other: vec![wish("a list".to_owned()).unwrap()],
            ..model("Jensen")
        };
        let wished = WishedWake::of(&asked).unwrap();
        assert_eq!(wished.wake, WakeModel::Jensen1983.into());
        assert_eq!(wished.unmet.len(), 6, "{:?}", wished.unmet);
        assert!(wished.unmet.iter().all(|p| p.to_string().starts_with("plant.yaml: attributes.analysis")));
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let asked = AnalysisWish { k_b: wish(0.38), free_stream_ti: wish(false), ..model("Bastankhah2014") };
        let error = WishedWake::of(&asked).unwrap_err().to_string();
        assert!(error.contains("attributes.analysis: added_turbulence: is none"), "{error}");
    }
}
