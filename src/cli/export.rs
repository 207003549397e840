//! `layoutopt export OUTPUT`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use layoutopt::formats::text::{comment, number};
use layoutopt::formats::windio;
use layoutopt::store::{CaseKey, Outcome, Record, StoredSweep, read_output_root, read_records};
use layoutopt::sweep::{Sweep, parse_stored};
use layoutopt::{Problem, Result};

use super::args::{ExportArgs, ExportFormat};
use super::exit;
use super::new_files::{self, NewFile, crs_note};
use super::out::say;

/// Writes solved cases in a format that other programs read.
pub fn export(args: &ExportArgs) -> Result<ExitCode> {
    let format = new_files::format(&args.output, args.format)?;
    let sweep = stored_sweep(&args.results)?;
    let files = match (args.case, args.farm) {
        (Some(key), _) => one_case(args, &sweep, key, format)?,
        (None, Some(farm)) => of_farm(args, &sweep, farm, format)?,
        (None, None) => return Err(Problem::new("export", "needs --case or --farm").into()),
    };
    new_files::refuse_existing(files.iter().map(|(path, _)| path.as_path()), args.force)?;
    for (path, text) in &files {
        new_files::publish(path, text)?;
        say!("{}", path.display());
    }
    Ok(ExitCode::from(exit::DONE))
}

fn stored_sweep(output: &Path) -> Result<Sweep> {
    if !output.exists() {
        return Err(Problem::new(output.display().to_string(), "does not exist").into());
    }
    let root = read_output_root(output)?;
    parse_stored(&StoredSweep { path: output.to_owned(), text: root.facts.sweep })
}

/// The records that `wanted` picks, ordered by case.
fn records(output: &Path, wanted: impl Fn(CaseKey) -> bool) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    read_records(output, &mut |record| {
        if wanted(record.key) {
            found.push(record);
        }
        Ok(())
    })?;
    found.sort_by_key(|record| record.key);
    Ok(found)
}

fn one_case(args: &ExportArgs, sweep: &Sweep, key: CaseKey, format: ExportFormat) -> Result<Vec<NewFile>> {
    let found = records(&args.results, |candidate| candidate == key)?;
    let Some(record) = found.first() else {
        let fault = format!("is not in {}; `layoutopt status` shows what is", args.results.display());
        return Err(Problem::new(key.to_string(), fault).into());
    };
    let plant = sweep.plant(record)?;
    let aep_gwh = match &record.outcome {
        Outcome::Solved(solution) => Some(solution.aep_gwh),
        Outcome::Failed { .. } => None,
    };
    new_files::of_plant(&plant, format, &args.output, aep_gwh)
}

/// All solved cases of a farm, or of one turbine type on it, as a list of layouts.
fn of_farm(args: &ExportArgs, sweep: &Sweep, farm: u32, format: ExportFormat) -> Result<Vec<NewFile>> {
    let Some(swept) = sweep.farms.get(farm as usize) else {
        let fault = format!("there is no farm {farm}; the sweep has 0 to {}", sweep.farms.len().saturating_sub(1));
        return Err(Problem::new("--farm", fault).into());
    };
    let wanted = |key: CaseKey| key.farm == farm && args.turbine.is_none_or(|turbine| key.turbine == turbine);
    let found = sweep.farm_layouts(&records(&args.results, wanted)?);
    if found.layouts.is_empty() {
        let fault = format!("has no solved case of this farm and type in {}", args.results.display());
        return Err(Problem::new("--farm", fault).into());
    }
    let crs = swept.farm.crs.as_deref();
    let text = match format {
        ExportFormat::Windio => windio::write_layouts(&swept.farm.name, &found.turbines, &found.layouts, crs),
        ExportFormat::Csv => {
            let mut text = format!("# {}{}\ncase,type,x,y\n", comment(&swept.farm.name), crs_note(crs));
            for (key, named) in found.keys.iter().zip(&found.layouts) {
                for (x, y) in named.layout.positions() {
                    // Writing to a String cannot fail.
                    let _ = writeln!(text, "{key},{},{},{}", key.turbine, number(x), number(y));
                }
            }
            text
        }
        ExportFormat::Geojson | ExportFormat::Iea37 => {
            let fault = "holds one layout a file; export a --case, or the farm's layouts as windio or csv";
            return Err(Problem::new("--format", fault).into());
        }
    };
    Ok(vec![(args.output.clone(), text)])
}
