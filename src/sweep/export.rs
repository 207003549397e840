//! Solved cases as plants that other programs read.

use crate::error::{Error, Problem, Result};
use crate::farm::Turbine;
use crate::formats::windio::{AnalysisWish, NamedLayout, System, Wish};
use crate::store::{CaseKey, Outcome, Record, Solution};
use crate::sweep::Sweep;

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
            analysis: self.analysis(),
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

    /// The sweep's wake model as windIO's schema spells it, where it has a word for it.
    fn analysis(&self) -> AnalysisWish {
        let spelled = match self.wake.name() {
            "nygaard-2022" => "TurbOPark",
            "jensen-1983" => "Jensen",
            "bastankhah-2014" | "iea37" | "niayifar-2016" | "carbajo-fuertes-2018" | "zong-2020" => "Bastankhah2014",
            "blondel-2020" => "SuperGaussian",
            _ => return AnalysisWish::default(),
        };
        let model = Wish { value: spelled.to_owned(), place: String::new() };
        AnalysisWish { wind_deficit_model: Some(model), ..AnalysisWish::default() }
    }
}

fn described(key: CaseKey, solution: &Solution) -> String {
    format!("{key}: {} GWh, wake loss {:.4} %", solution.aep_gwh, solution.wake_loss_pct())
}
