//! What the store keeps of one case.

use std::fmt;
use std::str::FromStr;

use xxhash_rust::xxh3::Xxh3;

use crate::farm::Layout;

/// A finished case as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Which case of the sweep.
    pub key: CaseKey,
    /// Digest of the case's inputs: the same id means the same solution, to the bit.
    pub case_id: CaseId,
    /// Name of the farm, for readers.
    pub farm: String,
    /// Name of the turbine type, for readers.
    pub turbine: String,
    /// What came of it.
    pub outcome: Outcome,
}

impl Record {
    /// Whether the case has a layout.
    pub fn is_solved(&self) -> bool {
        matches!(self.outcome, Outcome::Solved(_))
    }

    /// XXH3-128 over the record's canonical bytes: every field, floats by their bits, little endian, texts behind their length.
    /// It travels with the record from the worker to OUTPUT, so that any copy can be proven whole.
    pub fn digest(&self) -> RecordDigest {
        let mut hash = Xxh3::new();
        hash.update(b"LOPTREC1");
        hash.update(&self.key.farm.to_le_bytes());
        hash.update(&self.key.turbine.to_le_bytes());
        hash.update(&self.key.seed.to_le_bytes());
        hash.update(&self.case_id.0);
        text(&mut hash, &self.farm);
        text(&mut hash, &self.turbine);
        match &self.outcome {
            Outcome::Solved(solution) => {
                hash.update(&[1]);
                solution.hash_into(&mut hash);
            }
            Outcome::Failed { reason } => {
                hash.update(&[0]);
                text(&mut hash, reason);
            }
        }
        RecordDigest(hash.digest128().to_be_bytes())
    }
}

fn text(hash: &mut Xxh3, text: &str) {
    hash.update(&(text.len() as u64).to_le_bytes());
    hash.update(text.as_bytes());
}

/// Solved, or failed for a stated reason. A failed case is a result too: it is not run again.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A layout was found.
    Solved(Solution),
    /// No layout can be found.
    Failed {
        /// Why, as a sentence for the user.
        reason: String,
    },
}

/// What a finished case leaves: layout, AEP, how it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Where the turbines stand, m.
    pub layout: Layout,
    /// Rotor diameter of the turbine type, m.
    pub rotor_diameter_m: f64,
    /// Annual energy production with wakes, GWh.
    pub aep_gwh: f64,
    /// The same without wakes, GWh.
    pub aep_no_wake_gwh: f64,
    /// Which of the case's random restarts gave this layout, from 0.
    pub restart: u32,
    /// Who found the layout.
    pub origin: Origin,
    /// What each stage of the search led to, the start first; empty where nothing was refined.
    pub stages: Vec<StageAep>,
}

/// The AEP that a stage of the search ended with.
#[derive(Debug, Clone, PartialEq)]
pub struct StageAep {
    /// Name of the stage; without commas.
    pub stage: String,
    /// Annual energy production with wakes, GWh.
    pub aep_gwh: f64,
}

/// Who found a layout.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Origin {
    /// This program, by solving the case.
    #[default]
    Solved,
    /// The Python script; `layoutopt recover` took it over and computed its AEP anew.
    Recovered {
        /// The AEP that the script's file states, GWh; 0 where it was never evaluated.
        stated_aep_gwh: f64,
    },
}

impl Solution {
    /// Energy lost to wakes, percent of the AEP without wakes.
    pub fn wake_loss_pct(&self) -> f64 {
        100.0 * (1.0 - self.aep_gwh / self.aep_no_wake_gwh)
    }

    fn hash_into(&self, hash: &mut Xxh3) {
        hash.update(&(self.layout.len() as u64).to_le_bytes());
        for coordinate in self.layout.x_m.iter().chain(&self.layout.y_m) {
            hash.update(&coordinate.to_bits().to_le_bytes());
        }
        for value in [self.rotor_diameter_m, self.aep_gwh, self.aep_no_wake_gwh] {
            hash.update(&value.to_bits().to_le_bytes());
        }
        hash.update(&self.restart.to_le_bytes());
        if let Origin::Recovered { stated_aep_gwh } = self.origin {
            hash.update(&[1]);
            hash.update(&stated_aep_gwh.to_bits().to_le_bytes());
        }
        if !self.stages.is_empty() {
            hash.update(&[2]);
            hash.update(&(self.stages.len() as u64).to_le_bytes());
            for StageAep { stage, aep_gwh } in &self.stages {
                text(hash, stage);
                hash.update(&aep_gwh.to_bits().to_le_bytes());
            }
        }
    }
}

/// Position of a case in its sweep. Displayed and parsed as `farm{f}_t{t}_s{s}`, the name of its group in OUTPUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseKey {
    /// Index of the farm in the sweep.
    pub farm: u32,
    /// Index of the turbine type in the sweep.
    pub turbine: u32,
    /// Seed of the random draws.
    pub seed: u64,
}

impl fmt::Display for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "farm{}_t{}_s{}", self.farm, self.turbine, self.seed)
    }
}

impl FromStr for CaseKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (farm, rest) = text.strip_prefix("farm")?.split_once("_t")?;
            let (turbine, seed) = rest.split_once("_s")?;
            Some(Self { farm: farm.parse().ok()?, turbine: turbine.parse().ok()?, seed: seed.parse().ok()? })
        };
        // A name that does not print back the same (`farm+1`, `farm01`) is not one of ours.
        parse()
            .filter(|key| key.to_string() == text)
            .ok_or_else(|| format!("`{text}` is not a case name like farm0_t5_s3"))
    }
}

/// XXH3-128 digest of everything that decides a case's solution. Displayed as 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub [u8; 16]);

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for CaseId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Exactly what `Display` prints: a sign or a capital is not ours.
        u128::from_str_radix(text, 16)
            .map(|bits| Self(bits.to_be_bytes()))
            .ok()
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| format!("`{text}` is not a case id of 32 hex digits"))
    }
}

/// XXH3-128 digest of a whole record. Displayed as 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordDigest(pub [u8; 16]);

impl fmt::Display for RecordDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
