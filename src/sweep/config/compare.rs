//! Two sweeps side by side: the one on the command line and the one an OUTPUT holds.

use crate::farm::Turbine;
use crate::sweep::config::wake;
use crate::sweep::config::{DirectionRange, Sweep, SweepFarm, interpolation_name};
use crate::wake::WakeChoice;

impl Sweep {
    /// What makes solutions of `stored` useless for this sweep, in words; empty if every case that both list is the same case.
    ///
    /// Names, seeds and farms or turbine types that only one of the two lists do not count.
    pub fn differences(&self, stored: &Self) -> Vec<String> {
        let settings = settings(stored).into_iter().zip(settings(self));
        let mut found: Vec<String> = settings
            .filter(|((_, there), (_, here))| there != here)
            .map(|((what, there), (_, here))| format!("{what} is {there} there, {here} here"))
            .collect();
        for (i, (there, here)) in stored.farms.iter().zip(&self.farms).enumerate() {
            found.extend(farm_difference(i, there, here));
        }
        for (i, (there, here)) in stored.turbines.iter().zip(&self.turbines).enumerate() {
            found.extend(turbine_difference(i, there, here));
            let (there, here) = (stored.n_turbines(i), self.n_turbines(i));
            if there != here {
                found.push(format!("turbine_count is {there} there, {here} here for turbines[{i}]"));
            }
        }
        found
    }

    /// What an OUTPUT holds that first held `stored` and then gets this sweep too: the longer lists and all seeds from the least to the
    /// greatest. Sensible only for sweeps without [`Sweep::differences`].
    #[must_use]
    pub fn united(&self, stored: &Self) -> Self {
        let mut united = self.clone();
        united.seeds = self.seeds.start.min(stored.seeds.start)..self.seeds.end.max(stored.seeds.end);
        united.farms.extend(stored.farms.iter().skip(self.farms.len()).cloned());
        united.turbines.extend(stored.turbines.iter().skip(self.turbines.len()).cloned());
        united
    }
}

/// Every setting that decides solutions, in words that differ exactly if the setting does.
fn settings(sweep: &Sweep) -> [(&'static str, String); 10] {
    let search = &sweep.search;
    // Adding zero makes 0 of -0, which decide the same.
    let number = |value: f64| (value + 0.0).to_string();
    [
        ("grid_size", search.grid_size.to_string()),
        ("random_pct", number(search.random_pct)),
        ("min_spacing_d", number(search.min_spacing_d)),
        ("restarts", search.restarts.to_string()),
        ("rng", search.rng.name().to_owned()),
        ("refine", search.refine.name().to_owned()),
        ("wind_speeds", format!("{:?}", search.wind_speeds_m_s)),
        ("wind_directions", directions(search.wind_directions)),
        ("sector_interpolation", interpolation_name(search.sector_interpolation).to_owned()),
        ("wake model", wake_words(sweep)),
    ]
}

/// The model's name, or its parts.
fn wake_words(sweep: &Sweep) -> String {
    match sweep.wake {
        WakeChoice::Published(model) => model.name().to_owned(),
        WakeChoice::Composed(_) => {
            let mut text = String::new();
            wake::write(&mut text, &sweep.wake);
            text.trim_end().replace('\n', ", ")
        }
    }
}

fn directions(range: DirectionRange) -> String {
    let DirectionRange { start_deg, step_deg, .. } = range;
    match range.len() {
        1 => format!("{} degrees", start_deg + 0.0),
        n => format!("{n} from {} by {step_deg} degrees", start_deg + 0.0),
    }
}

fn farm_difference(index: usize, there: &SweepFarm, here: &SweepFarm) -> Option<String> {
    let mut parts = Vec::new();
    if there.farm.boundary != here.farm.boundary {
        parts.push("boundary");
    }
    if there.farm.exclusions != here.farm.exclusions {
        parts.push("exclusions");
    }
    if there.wind != here.wind {
        parts.push("wind");
    }
    let names = names(&there.farm.name, &here.farm.name);
    (!parts.is_empty()).then(|| format!("farms[{index}] ({names}) differs in {}", parts.join(" and ")))
}

fn turbine_difference(index: usize, there: &Turbine, here: &Turbine) -> Option<String> {
    let mut parts = Vec::new();
    #[expect(clippy::float_cmp, reason = "any difference makes another case")]
    if there.rotor_diameter_m != here.rotor_diameter_m {
        parts.push("rotor diameter");
    }
    #[expect(clippy::float_cmp, reason = "any difference makes another case")]
    if there.hub_height_m != here.hub_height_m {
        parts.push("hub height");
    }
    if there.power_w != here.power_w {
        parts.push("power curve");
    }
    if there.ct != here.ct {
        parts.push("thrust curve");
    }
    let names = names(&there.name, &here.name);
    (!parts.is_empty()).then(|| format!("turbines[{index}] ({names}) differs in {}", parts.join(" and ")))
}

fn names(there: &str, here: &str) -> String {
    if there == here { here.to_owned() } else { format!("{there} there, {here} here") }
}
