//! The command line as users write it.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use layoutopt::farm::SectorInterpolation;
use layoutopt::formats::TimeSeries;
use layoutopt::search::{Refinement, RngKind};
use layoutopt::store::{CaseKey, Compression};
use layoutopt::sweep::{Indices, Seeds};
use layoutopt::wake::WakeModel;

mod files;

pub use files::{MergeArgs, RecoverArgs, ReorganizeArgs, RepairArgs, ValidateArgs};

/// Finds turbine layouts for wind farms, thousands of cases at a time, and keeps every result safe.
#[derive(Debug, Parser)]
#[command(
    name = "layoutopt",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, runs the built-in sweep `dei`: ten real farms x six turbine types x 50 seeds.\n\n\
        Examples:\n  \
        layoutopt --grid-size 18 --random-pct 30          the whole built-in sweep into layouts.h5\n  \
        layoutopt --seeds 1 --farms 0,2..5 --dry-run      what a part of it would run\n  \
        layoutopt run quickstart --output first.h5        a small farm, in seconds\n  \
        layoutopt status layouts.h5                       how far it is\n\n\
        Exit codes: 0 all cases done; 1 some cases failed or some stored data was not sound; 2 bad input, nothing started;\n\
        3 OUTPUT is in use; 4 the disk failed; 130, 143 interrupted, finished cases are kept."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Options of `run dei`.
    #[command(flatten)]
    pub run: RunOptions,

    /// Messages on stderr.
    #[command(flatten)]
    pub messages: Messages,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a sweep: solve every case that is not yet done, then merge into OUTPUT
    Run(RunArgs),
    /// Compute the AEP of a layout as it stands
    Evaluate(EvaluateArgs),
    /// Search for the best layout of one farm
    Optimize(OptimizeArgs),
    /// Write solved cases for other programs: windIO, GeoJSON, CSV, IEA Task 37
    Export(ExportArgs),
    /// Merge the shards of OUTPUT into it now
    Merge(MergeArgs),
    /// Show what is done, failed and remaining, shards waiting, and who holds the lock
    Status(StatusArgs),
    /// Keep what is sound in a damaged OUTPUT: a new file takes its place, the old one stays as FILE.backup
    Repair(RepairArgs),
    /// Collect what is sound in shards, quarantine, outputs and the Python script's worker files into one OUTPUT
    Recover(RecoverArgs),
    /// Write a copy of OUTPUT whose cases are also found by farm, by turbine type, or best first
    Reorganize(ReorganizeArgs),
    /// Prove files: structure, checksums, finite numbers, constraints, AEP recomputed
    Validate(ValidateArgs),
    /// Copy the sound records of a file to stdout; run in a child process with limits
    #[command(name = "__salvage", hide = true)]
    Salvage {
        /// The file.
        file: PathBuf,
    },
}

/// How much is said, and how.
#[derive(Debug, Clone, Args)]
pub struct Messages {
    /// Say less: errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice: everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Form of the messages on stderr
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// Form of the messages on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `layoutopt run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  layoutopt run quickstart\n  layoutopt run my-sweep.toml --threads 8 --output my.h5\n  \
    layoutopt run my-sweep.toml --farms 0..3 --types 5    a part of the sweep; several parts may run side by side"
)]
pub struct RunArgs {
    /// A sweep file (.toml), a built-in sweep (dei, quickstart), or an OUTPUT, to go on with its sweep
    #[arg(value_name = "SWEEP", default_value = "dei")]
    pub sweep: PathBuf,
    /// How to run it.
    #[command(flatten)]
    pub options: RunOptions,
}

/// Options of a run; each that is not given comes from the sweep file, else from its default.
#[derive(Debug, Clone, Args)]
pub struct RunOptions {
    /// Candidate points per axis over the farm's bounding box [default: 18]
    #[arg(long, value_name = "N")]
    pub grid_size: Option<usize>,
    /// Place each turbine at a random one of this best share of the candidates, 0 to 100 [default: 30]
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true)]
    pub random_pct: Option<f64>,
    /// Seeds per farm and turbine type: a count, or a range whose end is exclusive, as in 3..10 [default: 50]
    #[arg(long, value_name = "SEEDS")]
    pub seeds: Option<Seeds>,
    /// Run only these farms, by index: 0,2..5
    #[arg(long, value_name = "INDICES")]
    pub farms: Option<Indices>,
    /// Run only these turbine types, by index
    #[arg(long, value_name = "INDICES")]
    pub types: Option<Indices>,
    /// Least distance between turbines, in rotor diameters [default: 3]
    #[arg(long, value_name = "DIAMETERS", allow_negative_numbers = true)]
    pub min_spacing: Option<f64>,
    /// Random restarts per case, of which the best AEP is kept [default: 1]
    #[arg(long, value_name = "N")]
    pub restarts: Option<u32>,
    /// Random generator: chacha8, or numpy for the draws that TOPFARM would make [default: chacha8]
    #[arg(long, value_name = "RNG")]
    pub rng: Option<RngKind>,
    /// Refine each layout: none, relocate (turbines one by one), polish (along the gradient) or full (as optimize does) [default: none]
    #[arg(long, value_name = "HOW")]
    pub refine: Option<Refinement>,
    /// Wake model: nygaard-2022, jensen-1983, bastankhah-2014, iea37, niayifar-2016, carbajo-fuertes-2018, zong-2020 or blondel-2020
    /// [default: nygaard-2022]
    #[arg(long, value_name = "MODEL")]
    pub wake_model: Option<WakeModel>,
    /// The HDF5 file that the results go to
    #[arg(long, short, value_name = "FILE", default_value = "layouts.h5")]
    pub output: PathBuf,
    /// Solve every case anew; the old OUTPUT is replaced only when the new one is complete
    #[arg(long)]
    pub no_hot_start: bool,
    /// Compress large data sets of OUTPUT: none, gzip, or gzip:1 to gzip:9 [default: as they are, at first none]
    #[arg(long, value_name = "HOW")]
    pub compression: Option<Compression>,
    /// Merge into OUTPUT every so many seconds while running; 0: only at the end
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0, allow_negative_numbers = true)]
    pub merge_interval: f64,
    /// Worker threads [default: one for each CPU that the process may use]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Do not pin the worker threads to CPUs
    #[arg(long)]
    pub no_pin: bool,
    /// Seconds between progress reports
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, allow_negative_numbers = true)]
    pub progress_interval: f64,
    /// Say what would run, then stop
    #[arg(long)]
    pub dry_run: bool,
}

/// `layoutopt evaluate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  layoutopt evaluate plant.yaml\n  layoutopt evaluate plant.yaml --layout layout.csv --json\n  \
    layoutopt evaluate plant.yaml --wind-directions 0..360..5 --wind-speeds 8,10,12 --ti 0.06"
)]
pub struct EvaluateArgs {
    /// A windIO wind_energy_system file, or the farm file of an IEA Task 37 case study
    pub system: PathBuf,
    /// Use these positions instead of the system's: a CSV file with the columns x,y[,type], or GeoJSON points
    #[arg(long, value_name = "FILE")]
    pub layout: Option<PathBuf>,
    /// Wind and wakes.
    #[command(flatten)]
    pub physics: PhysicsArgs,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// In which winds, and with which wakes, a system is computed.
#[derive(Debug, Clone, Args)]
pub struct PhysicsArgs {
    /// Wake model: nygaard-2022, jensen-1983, bastankhah-2014, iea37, niayifar-2016, carbajo-fuertes-2018, zong-2020 or blondel-2020
    /// [default: what the system's attributes.analysis asks for, else nygaard-2022]
    #[arg(long, value_name = "MODEL")]
    pub wake_model: Option<WakeModel>,
    /// Wind directions, degrees: a list, or start..stop..step with the stop exclusive [default: 0..360..1]
    #[arg(long, value_name = "DEGREES")]
    pub wind_directions: Option<String>,
    /// Wind speeds, m/s: a list, or start..stop..step with the stop exclusive [default: 3..26..1]
    #[arg(long, value_name = "M/S")]
    pub wind_speeds: Option<String>,
    /// How frequency and Weibull parameters are found between sector centres
    #[arg(long, value_name = "HOW", default_value = "nearest")]
    pub sector_interpolation: Interpolation,
    /// Ambient turbulence intensity, instead of the file's
    #[arg(long, value_name = "FRACTION", allow_negative_numbers = true)]
    pub ti: Option<f64>,
    /// How a time series of wind is taken: cases (every different wind) or binned (1 degree x 1 m/s) [default: cases]
    #[arg(long, value_name = "HOW")]
    pub time_series: Option<TimeSeries>,
    /// Divide the probabilities by their sum
    #[arg(long)]
    pub normalize: bool,
}

/// The area of a turbine type: `1=north.geojson`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeArea {
    /// Number of the type in the system, from 0.
    pub turbine_type: usize,
    /// A site, as for `--site`.
    pub path: PathBuf,
}

impl FromStr for TypeArea {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('=').and_then(|(turbine_type, path)| {
            let turbine_type = turbine_type.trim().parse().ok()?;
            (!path.is_empty()).then(|| Self { turbine_type, path: path.into() })
        });
        parsed.ok_or_else(|| format!("`{text}` is not a turbine type and a file, as in 1=north.geojson"))
    }
}

/// `layoutopt optimize`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  layoutopt optimize plant.yaml --output best.yaml\n  \
    layoutopt optimize plant.yaml --output best.csv --budget 2000000 --min-spacing 4 --trace trace.csv\n  \
    layoutopt optimize iea37-ex16.yaml --site disc.geojson --min-spacing 2 --output best.yaml --json\n\n\
    The same system, budget, number of starts and seed give the same layout, to the bit, on any number of threads. A --time that ends\n\
    the search before its budget is spent makes the layout depend on the machine; a message says so.")]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent of each other")]
pub struct OptimizeArgs {
    /// A windIO wind_energy_system file, or the farm file of an IEA Task 37 case study; its layout is one of the starts
    pub system: PathBuf,
    /// The file to write the best layout to
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Its format [default: by extension: .yaml windio, .geojson geojson, .csv csv]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ExportFormat>,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
    /// Where turbines may stand, instead of the system's: windIO site, GeoJSON, or IEA Task 37 boundary
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// Turbines of type TYPE (0, 1 ...) may stand only in this area, inside the site; repeat it for other types
    #[arg(long = "area", value_name = "TYPE=FILE")]
    pub areas: Vec<TypeArea>,
    /// Turbines that stand nearby and are not moved, a layout as for `evaluate --layout`: their wakes count, their AEP is told apart
    #[arg(long, value_name = "FILE")]
    pub neighbours: Option<PathBuf>,
    /// Search for the most AEP of farm and neighbours together
    #[arg(long, requires = "neighbours")]
    pub protect_neighbours: bool,
    /// Place so many turbines, not as many as the system has
    #[arg(long, value_name = "N")]
    pub turbines: Option<usize>,
    /// Least distance between turbines, in rotor diameters of the larger one
    #[arg(long, value_name = "DIAMETERS", default_value_t = 3.0, allow_negative_numbers = true)]
    pub min_spacing: f64,
    /// Moves of a turbine to try; a gradient counts as a move of each [default: 10000 for each turbine]
    #[arg(long, value_name = "MOVES")]
    pub budget: Option<u64>,
    /// Stop after so many seconds, if the budget is not spent before
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub time: Option<f64>,
    /// Starts that share the budget; the better half goes on after each of four rounds [default: one for every 6000 moves per turbine, at most 64]
    #[arg(long, value_name = "N")]
    pub starts: Option<usize>,
    /// Seed of all random numbers
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    /// Worker threads [default: one for each CPU that the process may use]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Do not pin the worker threads to CPUs
    #[arg(long)]
    pub no_pin: bool,
    /// Write how the best AEP grew: a CSV file with the columns evaluations,seconds,aep_gwh,stage,start
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Wind and wakes.
    #[command(flatten)]
    pub physics: PhysicsArgs,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Names of [`SectorInterpolation`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Interpolation {
    /// The nearest sector's.
    Nearest,
    /// Linear between sector centres.
    Linear,
}

impl From<Interpolation> for SectorInterpolation {
    fn from(name: Interpolation) -> Self {
        match name {
            Interpolation::Nearest => Self::Nearest,
            Interpolation::Linear => Self::Linear,
        }
    }
}

/// A command on OUTPUT.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// The HDF5 file that a sweep writes to
    #[arg(value_name = "OUTPUT", default_value = "layouts.h5")]
    pub output: PathBuf,
}

/// `layoutopt export`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  layoutopt export layouts.h5 --case farm0_t5_s0 --output plant.yaml     a complete windIO plant\n  \
    layoutopt export layouts.h5 --farm 0 --type 5 --output layouts.yaml    all its layouts as a windIO wind_farm\n  \
    layoutopt export layouts.h5 --case farm0_t5_s0 --output plant.geojson"
)]
pub struct ExportArgs {
    /// The HDF5 file that a sweep wrote to
    #[arg(value_name = "OUTPUT", default_value = "layouts.h5")]
    pub results: PathBuf,
    /// The case to write, named like its group in OUTPUT: farm0_t5_s3
    #[arg(long, value_name = "CASE", conflicts_with_all = ["farm", "turbine"], required_unless_present = "farm")]
    pub case: Option<CaseKey>,
    /// Write all solved cases of this farm, by index, as a list of layouts
    #[arg(long, value_name = "INDEX")]
    pub farm: Option<u32>,
    /// Of these, only those of this turbine type, by index
    #[arg(long = "type", value_name = "INDEX", requires = "farm")]
    pub turbine: Option<u32>,
    /// The file to write
    #[arg(long = "output", short, value_name = "FILE")]
    pub output: PathBuf,
    /// Its format [default: by extension: .yaml windio, .geojson geojson, .csv csv]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ExportFormat>,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
}

/// What `export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// windIO 2.x: wind_energy_system, or wind_farm with a list of layouts.
    Windio,
    /// GeoJSON FeatureCollection.
    Geojson,
    /// The columns x,y, or case,type,x,y.
    Csv,
    /// IEA Task 37: farm, turbine, wind rose and boundary file.
    Iea37,
}

/// `layoutopt status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The file.
    #[command(flatten)]
    pub file: OutputArgs,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
