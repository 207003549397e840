//! Layouts as CSV: the columns `x`, `y` (m), or `longitude`, `latitude` (degrees, projected to UTM), and, if there are several turbine
//! types, `type` (index from 0). Winds are read by [`parse_wind`].

mod wind;

use std::fmt::Write;
use std::path::Path;

use crate::error::{Problem, Result};
use crate::farm::Layout;
use crate::formats::projection::Projector;
use crate::formats::spelling::closest;
use crate::formats::{Faults, Files};

pub use wind::parse_wind;

/// What a layout file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct LayoutTable {
    /// Where turbines stand, in the order of the file.
    pub layout: Layout,
    /// Index of each turbine's type, if the file has a column for it.
    pub turbine_types: Option<Vec<usize>>,
    /// What a user should know although it is no fault: the UTM zone that was projected to.
    pub notes: Vec<Problem>,
}

/// The text of a layout, which [`parse_layout`] reads back to the bit.
pub fn write_layout(layout: &Layout, turbine_types: Option<&[usize]>) -> String {
    let mut text = if turbine_types.is_some() { "x,y,type\n" } else { "x,y\n" }.to_owned();
    for (i, (x, y)) in layout.positions().enumerate() {
        // Writing to a String cannot fail.
        let _ = match turbine_types.and_then(|types| types.get(i)) {
            Some(turbine_type) => writeln!(text, "{x:?},{y:?},{turbine_type}"),
            None => writeln!(text, "{x:?},{y:?}"),
        };
    }
    text
}

/// Reads a layout file.
///
/// # Errors
/// Every line that is not a turbine, with its number.
pub fn read_layout(path: &Path, files: Files) -> Result<LayoutTable> {
    let place = path.display().to_string();
    let text = files.read(path).map_err(|predicate| Problem::new(place.as_str(), predicate))?;
    parse_layout(&text, &place)
}

/// Parses a layout; `place` names the file in messages. Empty lines and lines that begin with `#` are skipped.
///
/// # Errors
/// Every line that is not a turbine, with its number.
pub fn parse_layout(text: &str, place: &str) -> Result<LayoutTable> {
    let faults = Faults::new();
    let mut table = table(text, &|fault| faults.add(Problem::new(place, fault)));
    if let Some(table) = &mut table {
        table.notes = table.notes.drain(..).map(|note| note.within(place)).collect();
    }
    faults.into_result(place, table)
}

/// Which column holds what, and how many there are.
struct Columns {
    x: usize,
    y: usize,
    /// Whether x and y are longitudes and latitudes.
    degrees: bool,
    turbine_type: Option<usize>,
    count: usize,
}

/// The lines of a CSV text with their numbers; empty ones and those that begin with `#` are left out.
pub(super) struct Rows<'t>(std::iter::Enumerate<std::str::Lines<'t>>);

impl<'t> Rows<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self(text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate())
    }

    /// The first line, if its columns are separated by commas.
    pub(super) fn header(&mut self, fault: &dyn Fn(String), needed: &str) -> Option<(usize, &'t str)> {
        let Some((number, header)) = self.next() else {
            fault(format!("is empty; {needed}"));
            return None;
        };
        for (separator, name) in [(';', "semicolons"), ('\t', "tabs")] {
            if !header.contains(',') && header.contains(separator) {
                fault(format!("columns are separated by {name}; separate them by commas (line {number})"));
                return None;
            }
        }
        Some((number, header))
    }
}

impl<'t> Iterator for Rows<'t> {
    type Item = (usize, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let numbered = self.0.by_ref().map(|(i, line)| (i + 1, line.trim()));
        numbered.into_iter().find(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    }
}

fn table(text: &str, fault: &dyn Fn(String)) -> Option<LayoutTable> {
    let mut rows = Rows::of(text);
    let needed = "needs a header `x,y` or `x,y,type` and one line for each turbine";
    let (number, header) = rows.header(fault, needed)?;
    let columns = columns(header, &|text| fault(format!("{text} (line {number})")))?;
    let mut points = Vec::new();
    let mut turbine_types = columns.turbine_type.map(|_| Vec::new());
    for (number, line) in rows {
        let fault = |text: String| fault(format!("{text} (line {number})"));
        let cells: Vec<&str> = line.split(',').map(unquoted).collect();
        if cells.len() != columns.count {
            fault(format!("{} columns, but the header has {}", cells.len(), columns.count));
            continue;
        }
        let names = if columns.degrees { ("longitude", "latitude") } else { ("x", "y") };
        let (x, y) = (coordinate(names.0, cells[columns.x], &fault), coordinate(names.1, cells[columns.y], &fault));
        points.extend(x.zip(y));
        if let (Some(column), Some(types)) = (columns.turbine_type, &mut turbine_types) {
            match cells[column].parse() {
                Ok(index) => types.push(index),
                Err(_) => fault(format!("type `{}`, must be a whole number from 0", cells[column])),
            }
        }
    }
    if points.is_empty() {
        fault("has no turbines; needs one line `x,y` for each".to_owned());
        return None;
    }
    let mut notes = Vec::new();
    if columns.degrees {
        let projector = Projector::default();
        points = projector.project(&points).map_err(fault).ok()?;
        let zone = projector.zone()?;
        notes.push(Problem::new("", format!("longitudes and latitudes are projected to {zone}, m")));
    }
    let (x_m, y_m) = points.into_iter().unzip();
    Some(LayoutTable { layout: Layout { x_m, y_m }, turbine_types, notes })
}

fn columns(header: &str, fault: &dyn Fn(String)) -> Option<Columns> {
    const KNOWN: [&str; 5] = ["x", "y", "type", "longitude", "latitude"];
    let names: Vec<String> = header.split(',').map(|name| unquoted(name).to_lowercase()).collect();
    let mut sound = true;
    for (i, name) in names.iter().enumerate() {
        if !KNOWN.contains(&name.as_str()) {
            let guess =
                closest(name, &KNOWN[2..]).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            fault(format!("the header names a column `{name}`; known are x, y (m) and type{guess}"));
            sound = false;
        } else if names[..i].contains(name) {
            fault(format!("the header names the column `{name}` twice"));
            sound = false;
        }
    }
    let find = |wanted: &str| names.iter().position(|name| name == wanted);
    let degrees = find("longitude").is_some() || find("latitude").is_some();
    if degrees && (find("x").is_some() || find("y").is_some()) {
        fault("the header names x and y as well as longitude and latitude; keep one of the two".to_owned());
        return None;
    }
    let missing = |wanted: &str| {
        fault(format!("the header has no column `{wanted}`; the first line must read `x,y` or `x,y,type`"));
        None
    };
    let (x, y) = if degrees { ("longitude", "latitude") } else { ("x", "y") };
    let (x, y) = (find(x).or_else(|| missing(x)), find(y).or_else(|| missing(y)));
    let columns = Columns { x: x?, y: y?, degrees, turbine_type: find("type"), count: names.len() };
    sound.then_some(columns)
}

pub(super) fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell)
}

fn coordinate(column: &str, cell: &str, fault: &dyn Fn(String)) -> Option<f64> {
    match cell.parse::<f64>() {
        Ok(number) if number.is_finite() => Some(number),
        _ => {
            let unit = if column.len() == 1 { "m" } else { "degrees" };
            fault(format!("{column} is `{cell}`, must be a finite number ({unit})"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_in_any_order() {
        let table =
            parse_layout("\u{feff}# from somewhere\r\nType, Y,\"X\"\r\n1,2.5,-1e3\r\n\r\n0,4,3\r\n", "l.csv").unwrap();
        assert_eq!(table.layout, Layout { x_m: vec![-1000.0, 3.0], y_m: vec![2.5, 4.0] });
        assert_eq!(table.turbine_types, Some(vec![1, 0]));
        assert_eq!(parse_layout("x,y\n1,2", "l.csv").unwrap().turbine_types, None);
    }

    #[test]
    fn longitudes_and_latitudes_are_projected() {
        let table = parse_layout("latitude,longitude\n55,12\n55.01,12\n", "l.csv").unwrap();
        assert_eq!(table.layout.x_m[0].to_bits(), 308_124.368f64.to_bits());
        assert!(table.notes[0].fault.contains("UTM zone 33N (EPSG:32633)"));
        for (text, word) in [
            ("longitude,y\n1,2\n", "keep one"),
            ("longitude\n1\n", "no column `latitude`"),
            ("latitude,longitude\n95,1\n", "UTM covers"),
        ] {
            let message = parse_layout(text, "l.csv").unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn faults_have_line_numbers() {
        let message = parse_layout("x,y,type\n1,2,0\n\n1,nan,0\n1\n1,two,-1\n", "l.csv").unwrap_err().to_string();
        let expected = "l.csv: y is `nan`, must be a finite number (m) (line 4)
l.csv: 1 columns, but the header has 3 (line 5)
l.csv: y is `two`, must be a finite number (m) (line 6)
l.csv: type `-1`, must be a whole number from 0 (line 6)";
        assert_eq!(message, expected);
        for (text, word) in [
            ("", "is empty"),
            ("x,y\n", "has no turbines"),
            ("1,2\n3,4\n", "no column `x`"),
            ("x;y\n1;2\n", "semicolons"),
            ("x,y,tpye\n1,2,0\n", "did you mean `type`"),
            ("x,y,x\n1,2,0\n", "twice"),
        ] {
            let message = parse_layout(text, "l.csv").unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(points in prop::collection::vec((-1e7f64..1e7, -1e7f64..1e7, 0usize..9), 1..50)) {
            let layout = Layout { x_m: points.iter().map(|p| p.0).collect(), y_m: points.iter().map(|p| p.1).collect() };
            let types: Vec<usize> = points.iter().map(|p| p.2).collect();
            let table = parse_layout(&write_layout(&layout, Some(&types)), "l.csv").unwrap();
            prop_assert_eq!(table.layout.positions().collect::<Vec<_>>(), points.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>());
            prop_assert_eq!(table.turbine_types.unwrap(), points.iter().map(|p| p.2).collect::<Vec<_>>());
        }

        #[test]
        fn never_panics(text in "[xy,type0-9.\n\"#; \u{e9}-]{0,200}") {
            let _ = parse_layout(&text, "l.csv");
        }
    }
}
