//! `layoutopt export OUTPUT`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use layoutopt::formats::text::{comment, number};
use layoutopt::formats::{csv, geojson, iea37, windio};
use layoutopt::store::{CaseKey, Outcome, Record, StoredSweep, read_output_root, read_records};
use layoutopt::sweep::{Sweep, parse_stored};
use layoutopt::{Error, Problem, Result};

use super::args::{ExportArgs, ExportFormat};
use super::exit;

/// Writes solved cases in a format that other programs read.
pub fn export(args: &ExportArgs) -> Result<ExitCode> {
    let format = format(args)?;
    let sweep = stored_sweep(&args.results)?;
    let files = match (args.case, args.farm) {
        (Some(key), _) => one_case(args, &sweep, key, format)?,
        (None, Some(farm)) => of_farm(args, &sweep, farm, format)?,
        (None, None) => return Err(Problem::new("export", "needs --case or --farm").into()),
    };
    let existing: Vec<Problem> = files
        .iter()
        .filter(|(path, _)| !args.force && path.symlink_metadata().is_ok())
        .map(|(path, _)| Problem::new(path.display().to_string(), "exists; give another --output, or --force"))
        .collect();
    if !existing.is_empty() {
        return Err(Error::BadInput(existing));
    }
    for (path, text) in &files {
        publish(path, text)?;
        println!("{}", path.display());
    }
    Ok(ExitCode::from(exit::DONE))
}

/// A file and what goes into it.
type NewFile = (PathBuf, String);

/// The format asked for, or the one that the extension means.
fn format(args: &ExportArgs) -> Result<ExportFormat> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let extension = args.output.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("yaml" | "yml") => Ok(ExportFormat::Windio),
        Some("geojson" | "json") => Ok(ExportFormat::Geojson),
        Some("csv") => Ok(ExportFormat::Csv),
        _ => {
            let fault = "has none of the extensions .yaml, .geojson and .csv; choose with --format";
            Err(Problem::new(args.output.display().to_string(), fault).into())
        }
    }
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
    let text = match format {
        ExportFormat::Windio => windio::write_system(&plant),
        ExportFormat::Geojson => {
            geojson::write_plant(&plant.farm, &plant.turbines, &plant.layout, &plant.turbine_types)
        }
        ExportFormat::Csv => {
            let head = format!("# {}{}\n", comment(&plant.name), crs_note(plant.farm.crs.as_deref()));
            head + &csv::write_layout(&plant.layout, None)
        }
        ExportFormat::Iea37 => return case_study(args, &plant, record),
    };
    Ok(vec![(args.output.clone(), text)])
}

/// The four files of an IEA Task 37 case.
fn case_study(args: &ExportArgs, plant: &windio::System, record: &Record) -> Result<Vec<NewFile>> {
    let Some(stem) = args.output.file_stem().and_then(|stem| stem.to_str()) else {
        return Err(Problem::new(args.output.display().to_string(), "is not the name of a file").into());
    };
    let aep_mwh = match &record.outcome {
        Outcome::Solved(solution) => Some(solution.aep_gwh * 1000.0),
        Outcome::Failed { .. } => None,
    };
    let files = iea37::write_case(plant, stem, aep_mwh).map_err(Error::BadInput)?;
    let beside = |suffix: &str| args.output.with_file_name(format!("{stem}-{suffix}.yaml"));
    Ok(vec![
        (beside("turbine"), files.turbine),
        (beside("windrose"), files.windrose),
        (beside("boundary"), files.boundary),
        (args.output.clone(), files.farm),
    ])
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

fn crs_note(crs: Option<&str>) -> String {
    crs.map_or(String::new(), |crs| format!(", coordinates in {}", comment(crs)))
}

/// Writes beside the file, then renames: nobody sees half a file.
fn publish(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path.is_dir() || name.is_empty() {
        return Err(Problem::new(path.display().to_string(), "is a folder, must be a file").into());
    }
    if !folder.is_dir() {
        return Err(Problem::new(path.display().to_string(), "lies in a folder that does not exist").into());
    }
    let temporary = folder.join(format!(".{name}.tmp-{:016x}", std::process::id()));
    let write = || {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|source| {
        // What is left of it is of no use; the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
        Error::disk("write", path)(source)
    })
}
