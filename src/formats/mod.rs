//! Reading and writing the field's files: windIO (YAML and NetCDF), IEA Task 37, GeoJSON, CSV, WAsP.
//!
//! ```text
//! path -> Files -> text -> Document (tree with line numbers) -> Field (where, what) -> Farm, Turbine, WindClimate, Layout
//! ```
//!
//! A text is parsed into a tree once; the readers take the tree apart with [`Field`], which knows file, field path and line of
//! everything it holds and notes every fault, so that a user sees all of them at once. Nothing here panics on a user's file.

pub mod csv;
pub mod field;
pub mod files;
pub mod geojson;
pub mod iea37;
pub mod inputs;
pub mod netcdf;
pub mod projection;
pub mod spelling;
pub mod text;
pub mod toml;
pub mod tree;
pub mod wasp;
pub mod windio;
pub mod yaml;

pub use csv::LayoutTable;
pub use field::{Faults, Field};
pub use files::Files;
pub use inputs::{TimeSeries, WindOptions};
pub use tree::{Document, Entry, Node, Value};
pub use windio::System;
