//! Solved cases as plants that other programs read.

use crate::error::{Error, Problem, Result};
use crate::farm::Turbine;
use crate::formats::windio::{NamedLayout, System};
use crate::store::{CaseKey, Outcome, Record, Solution};
use crate::sweep::Sweep;
use crate::sweep::analysis::WishedWake;

/// All solved cases of one farm.
#[derive(Debug, Clone, PartialEq)]
pub struct FarmLayouts {
    /// The turbine types that occur.
    pub turbines: Vec<Turbine>,
    /// One layout for each case, in the order of the records.
    pub layouts: Vec<NamedLayout>,
    /// The case of each layout.
    pub keys: Vec<CaseKey>,
}

impl Sweep {
    /// The plant of a solved case.
    ///
    /// # Errors
    /// A failed case, with its reason; a case that the sweep does not have.
    pub fn plant(&self, record: &Record) -> Result<System> {
        let refused = |fault: String| Error::from(Problem::new(record.key.to_string(), fault));
        let farm = self.farms.get(record.key.farm as usize);
        let turbine = self.turbines.get(record.key.turbine as usize);
        let (Some(farm), Some(turbine)) = (farm, turbine) else {
            return Err(refused("is not a case of this sweep".to_owned()));
        };
        let solution = match &record.outcome {
            Outcome::Solved(solution) => solution,
            Outcome::Failed { reason } => return Err(refused(format!("has no layout: {reason}"))),
        };
        Ok(System {
            name: format!("{} {}", self.name, record.key),
            farm: farm.farm.clone(),
            climate: (*farm.wind).clone(),
            turbines: vec![turbine.clone()],
            turbine_types: vec![0; solution.layout.len()],
            layout: solution.layout.clone(),
            analysis: WishedWake::written(&self.wake).unwrap_or_default(),
        })
    }

    /// The solved ones among `records`, which are of one farm.
    pub fn farm_layouts(&self, records: &[Record]) -> FarmLayouts {
        let mut used: Vec<u32> = records.iter().map(|record| record.key.turbine).collect();
        used.sort_unstable();
        used.dedup();
        used.retain(|&index| (index as usize) < self.turbines.len());
        let mut layouts = Vec::new();
        let mut keys = Vec::new();
        for record in records {
            let (Outcome::Solved(solution), Some(index)) =
                (&record.outcome, used.iter().position(|&index| index == record.key.turbine))
            else {
                continue;
            };
            layouts.push(NamedLayout {
                name: described(record.key, solution),
                layout: solution.layout.clone(),
                turbine_types: vec![index; solution.layout.len()],
            });
            keys.push(record.key);
        }
        let turbines = used.iter().map(|&index| self.turbines[index as usize].clone()).collect();
        FarmLayouts { turbines, layouts, keys }
    }
}

fn described(key: CaseKey, solution: &Solution) -> String {
    format!("{key}: {} GWh, wake loss {:.4} %", solution.aep_gwh, solution.wake_loss_pct())
}
