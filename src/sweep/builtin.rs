//! The sweeps and data files that are part of the program, so that it runs anywhere.

use crate::formats::Files;

/// The built-in sweeps by name, the default one first, with their files.
const SWEEPS: [(&str, &str); 2] = [("dei", "configs/dei.toml"), ("quickstart", "configs/quickstart.toml")];

/// Names of the built-in sweeps, the default one first.
pub fn names() -> impl Iterator<Item = &'static str> {
    SWEEPS.into_iter().map(|(name, _)| name)
}

/// The path of the sweep file of this name among [`FILES`].
pub fn path(name: &str) -> Option<&'static str> {
    SWEEPS.into_iter().find(|(known, _)| *known == name).map(|(_, path)| path)
}

/// All built-in files.
pub const FILES: Files = Files::BuiltIn(TEXTS);

macro_rules! texts {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))),*]
    };
}

static TEXTS: &[(&str, &str)] = texts![
    "configs/dei.toml",
    "configs/quickstart.toml",
    "data/farms/dk0w.yaml",
    "data/farms/dk1d.yaml",
    "data/farms/dk0z.yaml",
    "data/farms/dk0v.yaml",
    "data/farms/dk0y.yaml",
    "data/farms/dk0x.yaml",
    "data/farms/dk1a.yaml",
    "data/farms/dk1b.yaml",
    "data/farms/dk1c.yaml",
    "data/farms/dk1e.yaml",
    "data/farms/quickstart.yaml",
    "data/turbines/generic-10mw.yaml",
    "data/turbines/generic-11mw.yaml",
    "data/turbines/generic-12mw.yaml",
    "data/turbines/generic-13mw.yaml",
    "data/turbines/generic-14mw.yaml",
    "data/turbines/generic-15mw.yaml",
    "data/wind/horns-rev-1.yaml",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::{Overrides, Selection, Sweep};

    #[test]
    fn every_built_in_sweep_is_sound() {
        for name in names() {
            let sweep = Sweep::builtin(name, &Overrides::default()).unwrap().unwrap();
            assert_eq!(sweep.name, name);
        }
        assert!(Sweep::builtin("no", &Overrides::default()).is_none());
    }

    #[test]
    fn the_default_sweep_is_ten_farms_six_types_fifty_seeds() {
        let sweep = Sweep::builtin("dei", &Overrides::default()).unwrap().unwrap();
        let farms: Vec<_> = sweep.farms.iter().map(|farm| farm.farm.name.as_str()).collect();
        assert_eq!(farms, ["dk0w", "dk1d", "dk0z", "dk0v", "dk0y", "dk0x", "dk1a", "dk1b", "dk1c", "dk1e"]);
        let counts: Vec<_> = (0..6).map(|turbine| sweep.n_turbines(turbine)).collect();
        assert_eq!(counts, [100, 90, 83, 76, 71, 66]);
        assert_eq!(sweep.cases(&Selection::default()).unwrap().len(), 3000);
    }

    #[test]
    fn a_built_in_sweep_equals_its_file() {
        for name in names() {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(format!("{name}.toml"));
            let from_disk = Sweep::load(&path, &Overrides::default()).unwrap();
            assert_eq!(from_disk, Sweep::builtin(name, &Overrides::default()).unwrap().unwrap());
        }
    }
}
