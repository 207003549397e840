//! windIO `attributes`: how a file wants its plant computed, as plain data.
//!
//! Nothing is decided here: every wish keeps the file's spelling and its place, so that whoever computes can honour it or name it.
//! What this reader has no field for stands in [`AnalysisWish::other`].

use crate::formats::{Field, Value};

/// One wish of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish<T> {
    /// What the file says, as it spells it.
    pub value: T,
    /// Where: `plant.yaml: attributes.analysis.wind_deficit_model.name`.
    pub place: String,
}

/// What `attributes` of a `wind_energy_system` asks for; `None` is what the file does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisWish {
    /// `flow_model.name`: the program that the file was written for.
    pub flow_model: Option<Wish<String>>,
    /// `analysis.wind_deficit_model.name`: Jensen, Bastankhah2014, Bastankhah2016, TurbOPark, SuperGaussian by the schema.
    pub wind_deficit_model: Option<Wish<String>>,
    /// `analysis.wind_deficit_model.wake_expansion_coefficient.k_a`: growth of the wake, constant part.
    pub k_a: Option<Wish<f64>>,
    /// `....k_b`: growth of the wake, factor of the turbulence intensity.
    pub k_b: Option<Wish<f64>>,
    /// `....free_stream_ti`: whether that is the ambient turbulence intensity.
    pub free_stream_ti: Option<Wish<bool>>,
    /// `analysis.wind_deficit_model.ceps`: initial width of a Gaussian wake.
    pub ceps: Option<Wish<f64>>,
    /// `analysis.wind_deficit_model.use_effective_ws`: whether deficits count from the wind at the rotor.
    pub use_effective_ws: Option<Wish<bool>>,
    /// `analysis.axial_induction_model`: 1D, Madsen.
    pub axial_induction_model: Option<Wish<String>>,
    /// `analysis.deflection_model.name`: None, Jimenez, Bastankhah2016.
    pub deflection_model: Option<Wish<String>>,
    /// `analysis.deflection_model.beta`.
    pub deflection_beta: Option<Wish<f64>>,
    /// `analysis.turbulence_model.name`: STF2005, STF2017, IEC-TI-2019, CrespoHernandez, GCL, None.
    pub turbulence_model: Option<Wish<String>>,
    /// `analysis.turbulence_model.coefficents` (the schema's spelling) or `coefficients`.
    pub turbulence_coefficients: Option<Wish<Vec<f64>>>,
    /// `analysis.superposition_model.ws_superposition`: Linear, Squared, Max, Product.
    pub ws_superposition: Option<Wish<String>>,
    /// `analysis.superposition_model.ti_superposition`: Linear, Squared, Max, Product.
    pub ti_superposition: Option<Wish<String>>,
    /// `analysis.rotor_averaging.grid`, or `name` as some files have it.
    pub rotor_averaging: Option<Wish<String>>,
    /// `analysis.rotor_averaging.n_x_grid_points`.
    pub rotor_points_x: Option<Wish<i64>>,
    /// `analysis.rotor_averaging.n_y_grid_points`.
    pub rotor_points_y: Option<Wish<i64>>,
    /// `analysis.rotor_averaging.background_averaging`: center, grid.
    pub background_averaging: Option<Wish<String>>,
    /// `analysis.rotor_averaging.wake_averaging`: center, grid.
    pub wake_averaging: Option<Wish<String>>,
    /// `analysis.rotor_averaging.wind_speed_exponent_for_power`.
    pub wind_speed_exponent_for_power: Option<Wish<f64>>,
    /// `analysis.rotor_averaging.wind_speed_exponent_for_ct`.
    pub wind_speed_exponent_for_ct: Option<Wish<f64>>,
    /// `analysis.blockage_model.name`: None, RankineHalfBody, Rathmann, SelfSimilarityDeficit, SelfSimilarityDeficit2020.
    pub blockage_model: Option<Wish<String>>,
    /// `analysis.blockage_model.ss_alpha`.
    pub blockage_ss_alpha: Option<Wish<f64>>,
    /// Everything else that is there, each with a short description of its value.
    pub other: Vec<Wish<String>>,
}

/// The wishes of a system's `attributes`.
pub fn analysis(attributes: &Field) -> Option<AnalysisWish> {
    let mut wish = AnalysisWish::default();
    let mut read = Reader { other: Vec::new(), sound: true };
    let of_system = read.section(attributes, &["flow_model", "analysis"])?;
    if let Some(flow) = of_system.opt("flow_model").and_then(|flow| read.section(&flow, &["name"])) {
        wish.flow_model = read.text(&flow, "name");
    }
    if let Some(analysis) = of_system.opt("analysis") {
        read.analysis(&analysis, &mut wish);
    }
    wish.other = read.other;
    read.sound.then_some(wish)
}

/// What is left over, and whether all was of the right kind.
struct Reader {
    other: Vec<Wish<String>>,
    sound: bool,
}

impl Reader {
    fn analysis(&mut self, field: &Field, wish: &mut AnalysisWish) {
        const SECTIONS: [&str; 7] = [
            "wind_deficit_model",
            "axial_induction_model",
            "deflection_model",
            "turbulence_model",
            "superposition_model",
            "rotor_averaging",
            "blockage_model",
        ];
        if self.section(field, &SECTIONS).is_none() {
            return;
        }
        wish.axial_induction_model = self.text(field, "axial_induction_model");
        if let Some(model) = self.inner(field, "wind_deficit_model", &DEFICIT_KEYS) {
            self.deficit(&model, wish);
        }
        if let Some(model) = self.inner(field, "deflection_model", &["name", "beta"]) {
            wish.deflection_model = self.text(&model, "name");
            wish.deflection_beta = self.wish(&model, "beta", Field::number);
        }
        if let Some(model) = self.inner(field, "turbulence_model", &["name", "coefficents", "coefficients"]) {
            wish.turbulence_model = self.text(&model, "name");
            let spelled = if model.has("coefficents") { "coefficents" } else { "coefficients" };
            wish.turbulence_coefficients = self.wish(&model, spelled, Field::numbers);
        }
        if let Some(model) = self.inner(field, "superposition_model", &["ws_superposition", "ti_superposition"]) {
            wish.ws_superposition = self.text(&model, "ws_superposition");
            wish.ti_superposition = self.text(&model, "ti_superposition");
        }
        if let Some(model) = self.inner(field, "rotor_averaging", &ROTOR_KEYS) {
            self.rotor(&model, wish);
        }
        if let Some(model) = self.inner(field, "blockage_model", &["name", "ss_alpha"]) {
            wish.blockage_model = self.text(&model, "name");
            wish.blockage_ss_alpha = self.wish(&model, "ss_alpha", Field::number);
        }
    }

    fn deficit(&mut self, model: &Field, wish: &mut AnalysisWish) {
        wish.wind_deficit_model = self.text(model, "name");
        wish.ceps = self.wish(model, "ceps", Field::number);
        wish.use_effective_ws = self.wish(model, "use_effective_ws", Field::truth);
        let expansion = self.inner(model, "wake_expansion_coefficient", &["k_a", "k_b", "free_stream_ti"]);
        // Older files have the coefficients directly in the model.
        let coefficients = expansion.as_ref().unwrap_or(model);
        wish.k_a = self.wish(coefficients, "k_a", Field::number);
        wish.k_b = self.wish(coefficients, "k_b", Field::number);
        wish.free_stream_ti = self.wish(coefficients, "free_stream_ti", Field::truth);
    }

    fn rotor(&mut self, model: &Field, wish: &mut AnalysisWish) {
        wish.rotor_averaging = self.text(model, if model.has("grid") { "grid" } else { "name" });
        wish.rotor_points_x = self.wish(model, "n_x_grid_points", Field::whole);
        wish.rotor_points_y = self.wish(model, "n_y_grid_points", Field::whole);
        wish.background_averaging = self.text(model, "background_averaging");
        wish.wake_averaging = self.text(model, "wake_averaging");
        wish.wind_speed_exponent_for_power = self.wish(model, "wind_speed_exponent_for_power", Field::number);
        wish.wind_speed_exponent_for_ct = self.wish(model, "wind_speed_exponent_for_ct", Field::number);
    }

    /// A table whose keys beyond `known` are noted as other wishes.
    fn section<'a>(&mut self, field: &Field<'a>, known: &[&str]) -> Option<Field<'a>> {
        let Some(entries) = field.entries() else {
            self.sound = false;
            return None;
        };
        for (key, value) in entries {
            if !known.contains(&key) && *value.kind() != Value::Null {
                self.other.push(Wish { value: value.kind().describe(), place: value.place() });
            }
        }
        Some(field.clone())
    }

    fn inner<'a>(&mut self, field: &Field<'a>, key: &str, known: &[&str]) -> Option<Field<'a>> {
        let inner = field.opt(key)?;
        self.section(&inner, known)
    }

    fn text(&mut self, field: &Field, key: &str) -> Option<Wish<String>> {
        self.wish(field, key, |field| field.text().map(str::to_owned))
    }

    fn wish<'a, T>(&mut self, field: &Field<'a>, key: &str, read: impl Fn(&Field<'a>) -> Option<T>) -> Option<Wish<T>> {
        let given = field.opt(key)?;
        let value = read(&given);
        self.sound &= value.is_some();
        Some(Wish { value: value?, place: given.place() })
    }
}

const DEFICIT_KEYS: [&str; 7] =
    ["name", "wake_expansion_coefficient", "ceps", "use_effective_ws", "k_a", "k_b", "free_stream_ti"];
const ROTOR_KEYS: [&str; 8] = [
    "grid",
    "name",
    "n_x_grid_points",
    "n_y_grid_points",
    "background_averaging",
    "wake_averaging",
    "wind_speed_exponent_for_power",
    "wind_speed_exponent_for_ct",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::Result;
    use crate::formats::{Faults, Files, yaml};

    fn read(text: &str) -> Result<AnalysisWish> {
        let faults = Faults::new();
        let document = yaml::parse(text, Path::new("p.yaml"), Files::BuiltIn(&[]))?;
        let read = analysis(&Field::root(&document, &faults));
        faults.into_result("p.yaml", read)
    }

    #[test]
    fn every_wish_has_its_place() {
        let wish = read(
            "flow_model: {name: foxes}
analysis:
  wind_deficit_model: {name: Bastankhah2014, wake_expansion_coefficient: {k_b: 0.1}, ceps: 0.23}
  deflection_model: {name: Jimenez}
  turbulence_model: {name: STF2005, coefficents: [1, 2]}
  superposition_model: {ws_superposition: Linear, ti_superposition: Linear}
  rotor_averaging: {n_x_grid_points: 5, n_y_grid_points: 5, background_averaging: center, wake_averaging: grid}
  blockage_model: {name: SelfSimilarityDeficit2020}
  HPC_config: {run_partition: x}
model_outputs_specification: {run_configuration: {times_run: {all_occurences: true}}}
",
        )
        .unwrap();
        let model = wish.wind_deficit_model.unwrap();
        assert_eq!(
            (model.value.as_str(), model.place.as_str()),
            ("Bastankhah2014", "p.yaml: analysis.wind_deficit_model.name")
        );
        assert_eq!(wish.k_b.unwrap().place, "p.yaml: analysis.wind_deficit_model.wake_expansion_coefficient.k_b");
        assert_eq!((wish.k_a, wish.rotor_points_x.unwrap().value), (None, 5));
        assert_eq!(wish.turbulence_coefficients.unwrap().value, [1.0, 2.0]);
        let other: Vec<_> = wish.other.iter().map(|wish| wish.place.as_str()).collect();
        assert_eq!(other, ["p.yaml: model_outputs_specification", "p.yaml: analysis.HPC_config"]);
    }

    #[test]
    fn a_wish_of_the_wrong_kind_is_a_fault() {
        let message = read("analysis: {wind_deficit_model: {name: 5}}").unwrap_err().to_string();
        assert!(message.contains("analysis.wind_deficit_model.name: expected a text"), "{message}");
        assert!(read("analysis: {wind_deficit_model: [1]}").is_err());
        assert_eq!(read("{}").unwrap(), AnalysisWish::default());
    }
}
