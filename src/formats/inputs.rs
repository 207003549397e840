//! The files that a user names for a wind, a turbine or a site: what kind they are, by extension and then by content.
//!
//! | for      | read                                                                                                           |
//! |----------|----------------------------------------------------------------------------------------------------------------|
//! | wind     | windIO `energy_resource`, NetCDF-4 with windIO's names, WAsP `.tab`, `.lib` and `.gwc`, CSV, IEA Task 37 rose    |
//! | turbine  | windIO `turbine`, WAsP `.wtg`, IEA Task 37 turbine                                                               |
//! | site     | windIO `site`, GeoJSON, IEA Task 37 boundary                                                                     |

use std::path::Path;
use std::str::FromStr;

use crate::error::{Problem, Result};
use crate::farm::{Farm, Turbine, WindClimate, WindDistribution, WindSeries};
use crate::formats::tree::{Document, Value};
use crate::formats::windio::{self, resource};
use crate::formats::{Faults, Field, Files, csv, geojson, iea37, netcdf, wasp, yaml};

/// What a user says about a wind beside its file. What a file has no use for is a fault, not ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct WindOptions {
    /// Ambient turbulence intensity, instead of the file's; formats of WAsP and CSV have none of their own.
    pub turbulence_intensity: Option<f64>,
    /// Height above ground, m, at which a WAsP wind atlas is read.
    pub height_m: Option<f64>,
    /// Roughness length, m, for which a WAsP wind atlas is read.
    pub roughness_m: Option<f64>,
    /// How a time series is taken.
    pub time_series: Option<TimeSeries>,
}

/// How a time series becomes flow cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TimeSeries {
    /// Every different wind is a flow case, as probable as it is frequent.
    #[default]
    Cases,
    /// Winds are counted in bins of 1 degree x 1 m/s.
    Binned,
}

impl FromStr for TimeSeries {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "cases" => Ok(Self::Cases),
            "binned" => Ok(Self::Binned),
            _ => Err(format!("`{text}` is not a way to take a time series; choose cases or binned")),
        }
    }
}

impl WindOptions {
    /// Refuses options for which a wind that is no wind atlas has no use.
    ///
    /// # Errors
    /// The first of height and roughness that is given.
    pub fn no_height_and_roughness(&self) -> std::result::Result<(), Problem> {
        for (key, given) in [("height", self.height_m), ("roughness", self.roughness_m)] {
            if given.is_some() {
                return Err(Problem::new(key, "is for the wind atlas files .lib and .gwc, which this is not"));
            }
        }
        Ok(())
    }

    /// Refuses a choice for time series where there is none.
    ///
    /// # Errors
    /// If it is given.
    pub fn no_time_series(&self) -> std::result::Result<(), Problem> {
        match self.time_series {
            Some(_) => Err(Problem::new("time_series", "is for time series of wind, which this is not")),
            None => Ok(()),
        }
    }

    pub(super) fn refuse_height_and_roughness(&self, field: &Field) {
        let _ = self.no_height_and_roughness().map_err(|problem| field.fault_below(&problem));
    }

    pub(super) fn refuse_time_series(&self, field: &Field) {
        let _ = self.no_time_series().map_err(|problem| field.fault_below(&problem));
    }

    /// The turbulence intensity of a format that has none of its own.
    pub(super) fn needed_turbulence_intensity(&self) -> std::result::Result<f64, Problem> {
        let Some(ti) = self.turbulence_intensity else {
            let fault =
                "is missing: this format has none; write wind = { file = \"...\", turbulence_intensity = 0.06 }";
            return Err(Problem::new("turbulence_intensity", fault));
        };
        WindClimate::check_turbulence_intensity(ti).map(|()| ti)
    }

    /// A climate of a format that has no turbulence intensity of its own, checked; faults get `place`.
    pub(super) fn climate(&self, distribution: WindDistribution, place: &str) -> Result<WindClimate> {
        let turbulence_intensity = self.needed_turbulence_intensity().map_err(|problem| problem.within(place))?;
        let climate = WindClimate { distribution, turbulence_intensity };
        climate.check().map_err(|problems| {
            crate::Error::BadInput(problems.into_iter().map(|problem| problem.within(place)).collect())
        })?;
        Ok(climate)
    }
}

/// Winds (direction, degrees; speed, m/s) at equally probable times, taken as the options say.
///
/// # Errors
/// See [`WindSeries::new`].
pub fn series_as(
    winds: impl IntoIterator<Item = (f64, f64)>,
    options: &WindOptions,
) -> std::result::Result<WindDistribution, Problem> {
    let series = WindSeries::new(winds)?;
    Ok(match options.time_series.unwrap_or_default() {
        TimeSeries::Cases => WindDistribution::Series(series),
        TimeSeries::Binned => WindDistribution::Table(series.binned()),
    })
}

/// The climate in the file that a text names.
pub fn wind(field: &Field, files: Files, options: &WindOptions) -> Option<WindClimate> {
    let path = field.file_path(files)?;
    if netcdf::is_named(&path) {
        let Files::Disk = files else {
            field.fault(format!("{} is not built into the program", path.display()));
            return None;
        };
        let read = netcdf::read(&path).map_err(|predicate| field.fault(format!("{} {predicate}", path.display())));
        let document = Document { file: path.display().to_string(), root: read.ok()? };
        return resource::wind_resource(&Field::root(&document, field.faults()), options);
    }
    let (path, text) = field.file_text(files)?;
    let place = path.display().to_string();
    match &extension(&path)[..] {
        "tab" => field.faults().take(wasp::parse_tab(&text, &place, options)),
        "lib" | "gwc" => field.faults().take(wasp::parse_atlas(&text, &place, options)),
        "csv" | "txt" => field.faults().take(csv::parse_wind(&text, &place, options)),
        _ => {
            let document = parsed(&text, &path, files, field.faults())?;
            let root = Field::root(&document, field.faults());
            if iea37::is_one(&root) { iea37::wind(&root, options) } else { windio::climate(&root, options) }
        }
    }
}

/// The turbine in the file that a text names; `hub_height_m`, if given, replaces the file's.
pub fn turbine(field: &Field, files: Files, hub_height_m: Option<f64>) -> Option<Turbine> {
    let (path, text) = field.file_text(files)?;
    if extension(&path) == "wtg" || text.trim_start().starts_with('<') {
        return field.faults().take(wasp::parse_turbine(&text, &path.display().to_string(), hub_height_m));
    }
    let document = parsed(&text, &path, files, field.faults())?;
    let root = Field::root(&document, field.faults());
    let turbine = if iea37::is_one(&root) { iea37::turbine(&root) } else { windio::turbine(&root) }?;
    let Some(hub_height_m) = hub_height_m else { return Some(turbine) };
    windio::turbine::checked(Turbine { hub_height_m, ..turbine }, field, |name| name)
}

/// The farm in the file that a text names.
pub fn site(field: &Field, files: Files) -> Option<Farm> {
    let (path, text) = field.file_text(files)?;
    parse_site(&path, &text, files, field.faults())
}

/// The farm in a file.
///
/// # Errors
/// Every fault of the file.
pub fn read_site(path: &Path, files: Files) -> Result<Farm> {
    let place = path.display().to_string();
    let text = files.read(path).map_err(|predicate| Problem::new(place.as_str(), predicate))?;
    let faults = Faults::new();
    let farm = parse_site(path, &text, files, &faults);
    faults.into_result(&place, farm)
}

fn parse_site(path: &Path, text: &str, files: Files, faults: &Faults) -> Option<Farm> {
    if ["geojson", "json"].contains(&&extension(path)[..]) || text.trim_start().starts_with('{') {
        let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let read = faults.take(geojson::parse_farm(text, &path.display().to_string(), &name))?;
        for note in read.notes {
            faults.note(note);
        }
        return Some(read.farm);
    }
    let document = parsed(text, path, files, faults)?;
    let root = Field::root(&document, faults);
    let is_iea37 = root.opt("boundaries").is_some_and(|boundaries| matches!(boundaries.kind(), Value::List(_)));
    if is_iea37 { iea37::boundary(&root) } else { windio::farm(&root) }
}

fn parsed(text: &str, path: &Path, files: Files, faults: &Faults) -> Option<Document> {
    yaml::parse(text, path, files).map_err(|problem| faults.add(problem)).ok()
}

fn extension(path: &Path) -> String {
    path.extension().map_or_else(String::new, |extension| extension.to_string_lossy().to_lowercase())
}
