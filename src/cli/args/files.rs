//! The commands that look after stored files.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use layoutopt::store::{Arrangement, Compression};

/// `layoutopt merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The HDF5 file that a sweep writes to
    #[arg(value_name = "OUTPUT", default_value = "layouts.h5")]
    pub output: PathBuf,
    /// Compress large data sets: none, gzip, or gzip:1 to gzip:9 [default: as they are, at first none]
    #[arg(long, value_name = "HOW")]
    pub compression: Option<Compression>,
}

/// `layoutopt repair`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  layoutopt repair layouts.h5\n  layoutopt repair layouts.h5 --no-backup\n  \
    layoutopt repair layouts.h5 --sweep my-sweep.toml    where the file no longer says which sweep it belongs to")]
pub struct RepairArgs {
    /// The damaged OUTPUT
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Do not keep the damaged file as FILE.backup
    #[arg(long)]
    pub no_backup: bool,
    /// The sweep that the file belongs to, as for `run`
    #[arg(long, value_name = "SWEEP")]
    pub sweep: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `layoutopt recover`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  layoutopt recover layouts.h5.shards --output recovered.h5\n  \
    layoutopt recover layouts.h5.shards/quarantine old.h5 --output layouts.h5\n  \
    layoutopt recover worker_*.h5 --sweep dei --output layouts.h5    files of the Python script; their AEP is computed anew\n\n\
    Nothing that is read is changed. Files of the Python script do not say which sweep they belong to: name it with --sweep. Their layouts\n\
    are taken if farm, turbine type, seed and number of turbines are those of a case of the sweep and its constraints hold.")]
pub struct RecoverArgs {
    /// Files and folders to collect from
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// The HDF5 file that everything goes to; what is in it stays
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// The sweep that the files belong to, as for `run` [default: the one they name]
    #[arg(long, value_name = "SWEEP")]
    pub sweep: Option<PathBuf>,
    /// Compress large data sets: none, gzip, or gzip:1 to gzip:9 [default: as they are, at first none]
    #[arg(long, value_name = "HOW")]
    pub compression: Option<Compression>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `layoutopt reorganize`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  layoutopt reorganize layouts.h5 --by farm                        layouts.by-farm.h5\n  \
    layoutopt reorganize layouts.h5 --by aep --output best.h5        best.h5, the best case first in /by_aep"
)]
pub struct ReorganizeArgs {
    /// The OUTPUT to copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What its cases are arranged by: farm, turbine or aep
    #[arg(long, value_name = "ORDER")]
    pub by: Arrangement,
    /// The copy [default: FILE with .by-farm, .by-turbine or .by-aep before its extension]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Compress large data sets: none, gzip, or gzip:1 to gzip:9 [default: as in FILE]
    #[arg(long, value_name = "HOW")]
    pub compression: Option<Compression>,
    /// Replace the copy if it exists
    #[arg(long)]
    pub force: bool,
}

/// `layoutopt validate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  layoutopt validate layouts.h5\n  layoutopt validate layouts.h5 --sample 5%    quick: AEP of every 20th case\n  \
    layoutopt validate layouts.h5.shards/*/*.h5 --json"
)]
pub struct ValidateArgs {
    /// Files written by layoutopt: OUTPUT or shards
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Recompute the AEP of this share of the cases only, evenly spread; everything else is checked for all of them
    #[arg(long, value_name = "PERCENT", conflicts_with = "all")]
    pub sample: Option<Share>,
    /// Recompute the AEP of every case; the default
    #[arg(long)]
    pub all: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A share above 0, at most 1, written in percent: `5%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(pub f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let percent = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
        percent
            .filter(|percent| *percent > 0.0 && *percent <= 100.0)
            .map(|percent| Self(percent / 100.0))
            .ok_or_else(|| format!("`{text}` is not a share in percent, above 0 and at most 100, like 5%"))
    }
}
