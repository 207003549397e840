//! Cases as the Python script wrote them: numbers that carry no checksum.
//!
//! | object                  | what                                                                  |
//! |-------------------------|-----------------------------------------------------------------------|
//! | `/farm{f}_t{t}_s{s}`    | a case                                                                |
//! | `.../layout`            | (2, n): row 0 x, row 1 y, m                                           |
//! | `.../aep`               | GWh; 0.0 where the script never evaluated it                          |
//! | `.../` attributes       | `farm_idx type_idx n_turbines diameter ss_seed`, each may be missing  |

use hdf5::Group;
use serde::{Deserialize, Serialize};

use crate::store::attributes::get;
use crate::store::record::CaseKey;

/// A case of another program, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForeignCase {
    /// Index of the farm.
    pub farm: u32,
    /// Index of the turbine type.
    pub turbine: u32,
    /// Seed.
    pub seed: u64,
    /// Coordinates, m; finite.
    pub x_m: Vec<f64>,
    /// Coordinates, m; finite, as many as `x_m`.
    pub y_m: Vec<f64>,
    /// Rotor diameter, m, where it is stated.
    pub rotor_diameter_m: Option<f64>,
    /// AEP, GWh; finite, 0 where it was never computed.
    pub aep_gwh: f64,
}

impl ForeignCase {
    /// Its key.
    pub fn key(&self) -> CaseKey {
        CaseKey { farm: self.farm, turbine: self.turbine, seed: self.seed }
    }

    /// Reads the group of a case.
    pub(super) fn read(group: &Group, key: CaseKey) -> hdf5::Result<Self> {
        let layout = group.dataset("layout")?;
        let &[2, n] = layout.shape().as_slice() else {
            return Err(format!("layout has the shape {:?}, not (2, n)", layout.shape()).into());
        };
        let mut x_m = layout.read_raw::<f64>()?;
        let y_m = x_m.split_off(n);
        if n == 0 || x_m.iter().chain(&y_m).any(|coordinate| !coordinate.is_finite()) {
            return Err("a coordinate is not a finite number, or there is none".into());
        }
        let aep_gwh = group.dataset("aep")?.read_scalar::<f64>()?;
        if !aep_gwh.is_finite() || aep_gwh < 0.0 {
            return Err(format!("aep is {aep_gwh}").into());
        }
        let has = group.attr_names()?;
        let stated = |name: &str| -> hdf5::Result<Option<f64>> {
            if has.iter().any(|known| known == name) { get::<f64>(group, name).map(Some) } else { Ok(None) }
        };
        let expected = [
            ("farm_idx", f64::from(key.farm)),
            ("type_idx", f64::from(key.turbine)),
            ("ss_seed", key.seed as f64),
            ("n_turbines", n as f64),
        ];
        for (name, value) in expected {
            #[allow(clippy::float_cmp, reason = "integers, far below 2^53")]
            if let Some(found) = stated(name)?
                && found != value
            {
                return Err(format!("{name} is {found}, not {value}").into());
            }
        }
        let rotor_diameter_m = stated("diameter")?;
        Ok(Self { farm: key.farm, turbine: key.turbine, seed: key.seed, x_m, y_m, rotor_diameter_m, aep_gwh })
    }
}
