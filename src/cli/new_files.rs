//! The files that a command writes for other programs.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use layoutopt::formats::text::comment;
use layoutopt::formats::{csv, geojson, iea37, windio};
use layoutopt::{Error, Problem, Result};

use super::args::ExportFormat;

/// A file and what goes into it.
pub type NewFile = (PathBuf, String);

/// The format asked for, or the one that the extension means.
pub fn format(output: &Path, asked: Option<ExportFormat>) -> Result<ExportFormat> {
    if let Some(format) = asked {
        return Ok(format);
    }
    let extension = output.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("yaml" | "yml") => Ok(ExportFormat::Windio),
        Some("geojson" | "json") => Ok(ExportFormat::Geojson),
        Some("csv") => Ok(ExportFormat::Csv),
        _ => {
            let fault = "has none of the extensions .yaml, .geojson and .csv; choose with --format";
            Err(Problem::new(output.display().to_string(), fault).into())
        }
    }
}

/// A plant in a format: one file, or the four of an IEA Task 37 case, in which its AEP, if known, is written down.
pub fn of_plant(
    plant: &windio::System,
    format: ExportFormat,
    output: &Path,
    aep_gwh: Option<f64>,
) -> Result<Vec<NewFile>> {
    let text = match format {
        ExportFormat::Windio => windio::write_system(plant),
        ExportFormat::Geojson => {
            geojson::write_plant(&plant.farm, &plant.turbines, &plant.layout, &plant.turbine_types)
        }
        ExportFormat::Csv => {
            let head = format!("# {}{}\n", comment(&plant.name), crs_note(plant.farm.crs.as_deref()));
            let types = (plant.turbines.len() > 1).then_some(&plant.turbine_types[..]);
            head + &csv::write_layout(&plant.layout, types)
        }
        ExportFormat::Iea37 => return case_study(plant, output, aep_gwh),
    };
    Ok(vec![(output.to_owned(), text)])
}

/// The four files of an IEA Task 37 case.
fn case_study(plant: &windio::System, output: &Path, aep_gwh: Option<f64>) -> Result<Vec<NewFile>> {
    let Some(stem) = output.file_stem().and_then(|stem| stem.to_str()) else {
        return Err(Problem::new(output.display().to_string(), "is not the name of a file").into());
    };
    let files = iea37::write_case(plant, stem, aep_gwh.map(|aep| 1000.0 * aep)).map_err(Error::BadInput)?;
    let beside = |suffix: &str| output.with_file_name(format!("{stem}-{suffix}.yaml"));
    Ok(vec![
        (beside("turbine"), files.turbine),
        (beside("windrose"), files.windrose),
        (beside("boundary"), files.boundary),
        (output.to_owned(), files.farm),
    ])
}

/// Refuses to replace files, unless that is forced.
pub fn refuse_existing<'a>(paths: impl IntoIterator<Item = &'a Path>, force: bool) -> Result<()> {
    let existing: Vec<Problem> = paths
        .into_iter()
        .filter(|path| !force && path.symlink_metadata().is_ok())
        .map(|path| Problem::new(path.display().to_string(), "exists; give another --output, or --force"))
        .collect();
    if existing.is_empty() { Ok(()) } else { Err(Error::BadInput(existing)) }
}

/// The coordinate reference system, for a comment.
pub fn crs_note(crs: Option<&str>) -> String {
    crs.map_or(String::new(), |crs| format!(", coordinates in {}", comment(crs)))
}

/// Refuses what cannot be the path of a file: a folder, or one in a folder that does not exist.
pub fn refuse_no_file(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    if path.is_dir() || path.file_name().is_none() {
        return Err(Problem::new(path.display().to_string(), "is a folder, must be a file").into());
    }
    if !folder.is_dir() {
        return Err(Problem::new(path.display().to_string(), "lies in a folder that does not exist").into());
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes beside the file, then renames: nobody sees half a file.
pub fn publish(path: &Path, text: &str) -> Result<()> {
    refuse_no_file(path)?;
    let folder = folder_of(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
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
