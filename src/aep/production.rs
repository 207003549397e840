//! What a plant produces in a year.

/// Annual energy of every turbine, with and without wakes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Production {
    /// AEP of each turbine with wakes, GWh.
    pub turbine_aep_gwh: Vec<f64>,
    /// AEP of each turbine alone in the free wind, GWh.
    pub turbine_aep_no_wake_gwh: Vec<f64>,
}

impl Production {
    /// AEP of the plant, GWh.
    pub fn aep_gwh(&self) -> f64 {
        self.turbine_aep_gwh.iter().sum()
    }

    /// AEP of the plant without wakes, GWh.
    pub fn aep_no_wake_gwh(&self) -> f64 {
        self.turbine_aep_no_wake_gwh.iter().sum()
    }

    /// Energy lost to wakes, percent of the AEP without wakes.
    pub fn wake_loss_pct(&self) -> f64 {
        wake_loss_pct(self.aep_gwh(), self.aep_no_wake_gwh())
    }
}

/// Energy lost to wakes, percent of what there is without them; 0 where nothing is.
pub fn wake_loss_pct(aep_gwh: f64, aep_no_wake_gwh: f64) -> f64 {
    if aep_no_wake_gwh > 0.0 { 100.0 * (1.0 - aep_gwh / aep_no_wake_gwh) } else { 0.0 }
}
