//! `[wake]`: a published model by its name, or one put together from parts.
//!
//! `model` names the model to start from; every other key replaces a part of it. Without `model`, parts that are not named are those of the
//! published model whose deficit is named.

use crate::formats::{Field, Value};
use crate::sweep::config::write::{number, numbers, put, quoted};
use crate::sweep::config::{Overrides, settings::named};
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{DeficitSum, Expansion, Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};
use crate::wake::{Induction, Superposition, WakeModel, choice::WakeChoice};

/// Names of a part's kinds.
type Names<T> = &'static [(&'static str, T)];

/// Deficits, each with the published model that has it.
const DEFICITS: Names<WakeModel> = &[
    ("top-hat", WakeModel::Jensen1983),
    ("gaussian", WakeModel::Bastankhah2014),
    ("carbajo-fuertes", WakeModel::CarbajoFuertes2018),
    ("zong", WakeModel::Zong2020),
    ("turbopark", WakeModel::Nygaard2022),
    ("super-gaussian", WakeModel::Blondel2020),
    ("iea37", WakeModel::Iea37),
];
const TURBULENCE_AT: Names<TurbulenceAt> =
    &[("ambient", TurbulenceAt::Ambient), ("effective", TurbulenceAt::Effective)];
const WIND_SPEED_AT: Names<WindSpeedAt> =
    &[("free-stream", WindSpeedAt::FreeStream), ("effective", WindSpeedAt::Effective)];
const INDUCTIONS: Names<Induction> = &[("momentum", Induction::Momentum), ("madsen", Induction::Madsen)];
const SUPERPOSITIONS: Names<DeficitSum> = &[
    ("linear", DeficitSum::Plain(Superposition::Linear)),
    ("squared", DeficitSum::Plain(Superposition::Squared)),
    ("max", DeficitSum::Plain(Superposition::Max)),
    ("weighted", DeficitSum::Weighted),
];
const ROTOR_AVERAGES: Names<RotorAverage> = &[
    ("center", RotorAverage::Center),
    ("gaussian-overlap", RotorAverage::GaussianOverlap),
    ("area-overlap", RotorAverage::AreaOverlap),
];
const GROUNDS: Names<Ground> = &[
    ("none", Ground::None),
    ("mirror-linear", Ground::Mirror(Superposition::Linear)),
    ("mirror-squared", Ground::Mirror(Superposition::Squared)),
    ("mirror-max", Ground::Mirror(Superposition::Max)),
];
const TURBULENCE_SUMS: Names<TurbulenceSum> = &[
    ("linear", TurbulenceSum::Linear),
    ("max", TurbulenceSum::Max),
    ("squared", TurbulenceSum::Squared),
    ("root-of-max", TurbulenceSum::RootOfMax),
];
/// Added turbulence, each with the constants it has unless others are given.
const ADDED_TURBULENCE: Names<AddedTurbulence> = &[
    ("none", AddedTurbulence::None),
    (
        "crespo-hernandez",
        AddedTurbulence::CrespoHernandez { c: [0.73, 0.8325, -0.0325, -0.32], induction: Induction::Madsen },
    ),
    ("stf-2017", AddedTurbulence::Stf2017 { c: [1.5, 0.8] }),
    ("stf-2005", AddedTurbulence::Stf2005),
];
const KEYS: [&str; 16] = [
    "model",
    "deficit",
    "k",
    "expansion_turbulence",
    "c_epsilon",
    "ct_limit",
    "induction",
    "reference_speed",
    "thrust_speed",
    "superposition",
    "rotor_average",
    "ground",
    "added_turbulence",
    "crespo_hernandez",
    "turbulence_induction",
    "turbulence_superposition",
];

/// Reads `[wake]`; a model from the command line replaces all of it.
pub(super) fn read(root: &Field, overrides: &Overrides) -> Option<WakeChoice> {
    if let Some(model) = overrides.wake_model {
        return Some(model.into());
    }
    let Some(table) = root.opt("wake") else { return Some(WakeChoice::default()) };
    table.only(&KEYS);
    let model = match table.opt("model") {
        Some(field) => Some(named::<WakeModel>(&field)?),
        None => None,
    };
    if !KEYS[1..].iter().any(|key| table.has(key)) {
        return Some(model.unwrap_or_default().into());
    }
    let deficit = pick(&table, "deficit", DEFICITS);
    let base = match (model, deficit) {
        (_, Picked::Fault) => return None,
        (Some(model), Picked::Absent) => model.spec(),
        (None, Picked::Absent) => WakeModel::default().spec(),
        (None, Picked::Found(origin)) => origin.spec(),
        (Some(model), Picked::Found(origin)) => WakeSpec { deficit: origin.spec().deficit, ..model.spec() },
    };
    let spec = parts(&table, base)?;
    if let Err(problems) = spec.check() {
        for problem in &problems {
            table.fault_below(problem);
        }
        return None;
    }
    Some(WakeChoice::Composed(spec))
}

/// A part that may be named.
enum Picked<T> {
    Absent,
    Found(T),
    Fault,
}

impl<T> Picked<T> {
    fn or(self, default: T) -> Option<T> {
        match self {
            Self::Absent => Some(default),
            Self::Found(value) => Some(value),
            Self::Fault => None,
        }
    }
}

fn pick<T: Copy>(table: &Field, key: &str, names: Names<T>) -> Picked<T> {
    let Some(field) = table.opt(key) else { return Picked::Absent };
    let Some(text) = field.text() else { return Picked::Fault };
    if let Some((_, value)) = names.iter().find(|(name, _)| *name == text) {
        return Picked::Found(*value);
    }
    let known: Vec<_> = names.iter().map(|(name, _)| *name).collect();
    field.fault(format!("`{text}` is not one; choose {}", known.join(", ")));
    Picked::Fault
}

/// `base` with the parts that the table names.
fn parts(table: &Field, base: WakeSpec) -> Option<WakeSpec> {
    let turbulence = pick(table, "added_turbulence", ADDED_TURBULENCE);
    // Naming the kind that the base has keeps its constants.
    let same = |named: &AddedTurbulence| std::mem::discriminant(named) == std::mem::discriminant(&base.turbulence);
    let turbulence = turbulence.or(base.turbulence).map(|named| if same(&named) { base.turbulence } else { named });
    let deficit = deficit(table, base.deficit);
    let reference_speed = pick(table, "reference_speed", WIND_SPEED_AT).or(base.reference_speed);
    let thrust_speed = pick(table, "thrust_speed", WIND_SPEED_AT).or(base.thrust_speed);
    let superposition = pick(table, "superposition", SUPERPOSITIONS).or(base.superposition);
    let rotor_average = pick(table, "rotor_average", ROTOR_AVERAGES).or(base.rotor_average);
    let ground = pick(table, "ground", GROUNDS).or(base.ground);
    let turbulence_sum = pick(table, "turbulence_superposition", TURBULENCE_SUMS).or(base.turbulence_sum);
    let turbulence = turbulence.and_then(|turbulence| constants(table, turbulence));
    Some(WakeSpec {
        deficit: deficit?,
        reference_speed: reference_speed?,
        thrust_speed: thrust_speed?,
        superposition: superposition?,
        rotor_average: rotor_average?,
        ground: ground?,
        turbulence: turbulence?,
        turbulence_sum: turbulence_sum?,
    })
}

fn deficit(table: &Field, base: Deficit) -> Option<Deficit> {
    let number = |key: &str, default: f64| table.opt(key).map_or(Some(default), |field| field.number());
    let mut unused = Vec::new();
    let mut deficit = base;
    match &mut deficit {
        Deficit::TopHat { induction, expansion: known } => {
            *induction = pick(table, "induction", INDUCTIONS).or(*induction)?;
            *known = expansion(table, *known)?;
            unused.extend(["c_epsilon", "ct_limit"]);
        }
        Deficit::Gaussian { induction, width } => {
            *induction = pick(table, "induction", INDUCTIONS).or(*induction)?;
            match width {
                GaussianWidth::Linear { expansion: known, c_epsilon, ct_limit } => {
                    *known = expansion(table, *known)?;
                    *c_epsilon = number("c_epsilon", *c_epsilon)?;
                    *ct_limit = number("ct_limit", *ct_limit)?;
                }
                GaussianWidth::CarbajoFuertes { expansion: known, .. }
                | GaussianWidth::Zong { expansion: known, .. } => {
                    *known = expansion(table, *known)?;
                    unused.extend(["c_epsilon", "ct_limit"]);
                }
                GaussianWidth::TurbOPark { constants, turbulence } => {
                    *turbulence = pick(table, "expansion_turbulence", TURBULENCE_AT).or(*turbulence)?;
                    constants.expansion = number("k", constants.expansion)?;
                    constants.c_epsilon = number("c_epsilon", constants.c_epsilon)?;
                    constants.ct_limit = number("ct_limit", constants.ct_limit)?;
                }
            }
        }
        Deficit::Iea37 { k } => {
            *k = number("k", *k)?;
            unused.extend(["c_epsilon", "ct_limit", "induction", "expansion_turbulence"]);
        }
        Deficit::SuperGaussian { expansion: known, .. } => {
            *known = expansion(table, *known)?;
            unused.extend(["c_epsilon", "ct_limit", "induction"]);
        }
    }
    for key in unused {
        if let Some(field) = table.opt(key) {
            field.fault("changes nothing: this deficit has no such part; leave it out");
        }
    }
    Some(deficit)
}

/// `k = 0.04`, or `k = [per turbulence, constant]`.
fn expansion(table: &Field, base: Expansion) -> Option<Expansion> {
    let turbulence = pick(table, "expansion_turbulence", TURBULENCE_AT);
    let Some(field) = table.opt("k") else {
        return Some(Expansion { turbulence: turbulence.or(base.turbulence)?, ..base });
    };
    if matches!(field.kind(), Value::List(_)) {
        let (per_turbulence, constant) = field.pair()?;
        return Some(Expansion { per_turbulence, constant, turbulence: turbulence.or(base.turbulence)? });
    }
    // A constant does not ask which turbulence counts.
    Some(Expansion { turbulence: turbulence.or(TurbulenceAt::Ambient)?, ..Expansion::constant(field.number()?) })
}

fn constants(table: &Field, mut turbulence: AddedTurbulence) -> Option<AddedTurbulence> {
    if let AddedTurbulence::CrespoHernandez { c, induction } = &mut turbulence {
        *induction = pick(table, "turbulence_induction", INDUCTIONS).or(*induction)?;
        if let Some(field) = table.opt("crespo_hernandez") {
            let given = field.numbers()?;
            let Ok(four) = <[f64; 4]>::try_from(given) else {
                field.fault("needs 4 numbers: c0, c1, c2, c3");
                return None;
            };
            *c = four;
        }
    } else {
        for key in ["crespo_hernandez", "turbulence_induction"] {
            if let Some(field) = table.opt(key) {
                field.fault("changes nothing: added_turbulence is not crespo-hernandez; leave it out");
            }
        }
    }
    Some(turbulence)
}

/// Writes the keys of `[wake]`; reading them gives the same choice.
pub(in crate::sweep) fn write(text: &mut String, wake: &WakeChoice) {
    let spec = match wake {
        WakeChoice::Published(model) => return put(text, "model", quoted(model.name())),
        WakeChoice::Composed(spec) => spec,
    };
    put(text, "deficit", quoted(deficit_name(&spec.deficit)));
    write_deficit(text, &spec.deficit);
    put(text, "reference_speed", quoted(name_of(WIND_SPEED_AT, spec.reference_speed)));
    put(text, "thrust_speed", quoted(name_of(WIND_SPEED_AT, spec.thrust_speed)));
    put(text, "superposition", quoted(name_of(SUPERPOSITIONS, spec.superposition)));
    put(text, "rotor_average", quoted(name_of(ROTOR_AVERAGES, spec.rotor_average)));
    put(text, "ground", quoted(name_of(GROUNDS, spec.ground)));
    let same = |known: &AddedTurbulence| std::mem::discriminant(known) == std::mem::discriminant(&spec.turbulence);
    let turbulence = ADDED_TURBULENCE.iter().find(|(_, known)| same(known)).map_or("none", |(name, _)| *name);
    put(text, "added_turbulence", quoted(turbulence));
    if let AddedTurbulence::CrespoHernandez { c, induction } = &spec.turbulence {
        put(text, "crespo_hernandez", numbers(c));
        put(text, "turbulence_induction", quoted(name_of(INDUCTIONS, *induction)));
    }
    put(text, "turbulence_superposition", quoted(name_of(TURBULENCE_SUMS, spec.turbulence_sum)));
}

fn write_deficit(text: &mut String, deficit: &Deficit) {
    if let Deficit::TopHat { induction, .. } | Deficit::Gaussian { induction, .. } = deficit {
        put(text, "induction", quoted(name_of(INDUCTIONS, *induction)));
    }
    match deficit {
        Deficit::Gaussian { width: GaussianWidth::TurbOPark { constants, turbulence }, .. } => {
            put(text, "k", number(constants.expansion));
            put(text, "expansion_turbulence", quoted(name_of(TURBULENCE_AT, *turbulence)));
            put(text, "c_epsilon", number(constants.c_epsilon));
            put(text, "ct_limit", number(constants.ct_limit));
        }
        Deficit::Iea37 { k } => put(text, "k", number(*k)),
        other => {
            if let Some(expansion) = other.expansion() {
                put(text, "k", numbers(&[expansion.per_turbulence, expansion.constant]));
                put(text, "expansion_turbulence", quoted(name_of(TURBULENCE_AT, expansion.turbulence)));
            }
            if let Deficit::Gaussian { width: GaussianWidth::Linear { c_epsilon, ct_limit, .. }, .. } = other {
                put(text, "c_epsilon", number(*c_epsilon));
                put(text, "ct_limit", number(*ct_limit));
            }
        }
    }
}

fn deficit_name(deficit: &Deficit) -> &'static str {
    match deficit {
        Deficit::TopHat { .. } => "top-hat",
        Deficit::Gaussian { width: GaussianWidth::Linear { .. }, .. } => "gaussian",
        Deficit::Gaussian { width: GaussianWidth::CarbajoFuertes { .. }, .. } => "carbajo-fuertes",
        Deficit::Gaussian { width: GaussianWidth::Zong { .. }, .. } => "zong",
        Deficit::Gaussian { width: GaussianWidth::TurbOPark { .. }, .. } => "turbopark",
        Deficit::Iea37 { .. } => "iea37",
        Deficit::SuperGaussian { .. } => "super-gaussian",
    }
}

fn name_of<T: PartialEq + Copy>(names: Names<T>, value: T) -> &'static str {
    names.iter().find(|(_, known)| *known == value).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Faults, toml};

    fn parse(table: &str) -> Result<WakeChoice, String> {
        let document = toml::parse(&format!("[wake]\n{table}"), "s.toml").unwrap();
        let faults = Faults::new();
        let choice = read(&Field::root(&document, &faults), &Overrides::default());
        faults.into_result("s.toml", choice).map_err(|error| error.to_string())
    }

    #[test]
    fn every_published_model_and_its_parts_written_out_read_back() {
        for model in WakeModel::ALL {
            for choice in [WakeChoice::Published(model), WakeChoice::Composed(model.spec())] {
                let mut text = String::new();
                write(&mut text, &choice);
                assert_eq!(parse(&text), Ok(choice), "{text}");
            }
        }
    }

    #[test]
    fn parts_replace_those_of_the_model() {
        let composed = |table: &str| parse(table).unwrap().spec();
        let gaussian = composed("deficit = 'gaussian'\nk = 0.04\nsuperposition = 'squared'");
        assert_eq!(gaussian.superposition, DeficitSum::Plain(Superposition::Squared));
        assert_eq!(gaussian.deficit.expansion(), Some(Expansion::constant(0.04)));
        assert_eq!(gaussian.reference_speed, WakeModel::Bastankhah2014.spec().reference_speed);
        let mirrored = composed("model = 'niayifar-2016'\nground = 'mirror-linear'");
        assert_eq!(mirrored.turbulence, WakeModel::Niayifar2016.spec().turbulence);
        assert_eq!(mirrored.ground, Ground::Mirror(Superposition::Linear));
        assert_eq!(parse("model = 'jensen-1983'"), Ok(WakeModel::Jensen1983.into()));
    }

    #[test]
    fn combinations_that_make_no_sense_say_why() {
        for (table, words) in [
            ("deficit = 'gaussian'\nrotor_average = 'area-overlap'", "wake.rotor_average: area-overlap is the share"),
            (
                "deficit = 'top-hat'\nrotor_average = 'gaussian-overlap'",
                "wake.rotor_average: gaussian-overlap is the mean",
            ),
            (
                "deficit = 'gaussian'\nk = [0.38, 0.004]\nexpansion_turbulence = 'effective'",
                "wake.added_turbulence: is none",
            ),
            ("model = 'jensen-1983'\nadded_turbulence = 'stf-2017'", "wake.added_turbulence: changes nothing"),
            ("model = 'jensen-1983'\nsuperposition = 'weighted'", "wake.superposition: weighted needs"),
            ("model = 'niayifar-2016'\nsuperposition = 'weighted'", "wake.superposition: weighted is defined"),
            ("model = 'iea37'\nreference_speed = 'effective'", "wake.reference_speed: is effective"),
            ("model = 'iea37'\ninduction = 'madsen'", "wake.induction: changes nothing"),
            ("deficit = 'gaussian'\nk = -1", "wake.k: must be finite"),
            ("deficit = 'gaussian'\nct_limit = 1", "wake.ct_limit: must be at least 0 and below 1"),
            ("deficit = 'turbopark'\nct_limit = 2", "wake.ct_limit: must be"),
            ("deficit = 'sombrero'", "wake.deficit: `sombrero` is not one; choose top-hat"),
            ("superposition = 3", "wake.superposition"),
        ] {
            let message = parse(table).unwrap_err();
            assert!(message.contains(words), "{table}: {message}");
        }
    }
}
