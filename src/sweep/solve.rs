//! From a case to its solution.

use crate::aep::{Plant, Production, evaluate};
use crate::error::Result;
use crate::farm::{Farm, FlowCases, Layout, Turbine};
use crate::search::{CaseRng, SmartStart, candidates};
use crate::store::{CaseKey, Outcome, Solution};
use crate::sweep::{Case, Sweep};
use crate::wake::Nygaard2022;
