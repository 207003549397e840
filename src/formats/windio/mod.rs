//! windIO 2.x: the wind-energy community's YAML for sites, turbines, wind resources and whole plants.
//!
//! Schema: <https://github.com/EUFLOWS/windIO>. What a file says and this program cannot honour is a fault, not silently left out.

pub mod analysis;
mod data;
pub mod resource;
pub mod site;
pub mod system;
pub mod turbine;
pub mod write;

pub use analysis::{AnalysisWish, Wish};
pub use resource::climate;
pub use site::farm;
pub use system::{System, read_system, system};
pub use turbine::turbine;
pub use write::{NamedLayout, write_layouts, write_system};
