//! A value of a parsed file with the place where it stands, and the list of what is wrong with it.
//!
//! Readers ask a [`Field`] for what they need; what is missing or of another kind is noted in [`Faults`] with file, field path and line,
//! and the reader gets `None`. A reader asks for all its fields before it gives up on one, so that all faults are found.

use std::cell::RefCell;
use std::path::PathBuf;

use crate::error::{Error, Problem, Result};
use crate::formats::files::Files;
use crate::formats::spelling::closest;
use crate::formats::tree::{Document, Node, Value};
use crate::formats::yaml;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    node: &'a Node,
    file: &'a str,
    /// `farms[2].boundary`; empty at the file's root.
    path: String,
    faults: &'a Faults,
}

/// Every fault found so far, and what a user should know although it is none.
#[derive(Debug, Default)]
pub struct Faults {
    problems: RefCell<Vec<Problem>>,
    notes: RefCell<Vec<Problem>>,
}

/// A list longer than this helps nobody.
const MAX_FAULTS: usize = 100;

impl Faults {
    /// No faults yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault, once.
    pub fn add(&self, problem: Problem) {
        add_once(&mut self.problems.borrow_mut(), problem);
    }

    /// Notes something that is no fault but that a user should know: a warning once all is read and sound.
    pub fn note(&self, note: Problem) {
        add_once(&mut self.notes.borrow_mut(), note);
    }

    /// What a reader outside the tree found; its faults become these.
    pub fn take<T>(&self, read: Result<T>) -> Option<T> {
        match read {
            Ok(value) => return Some(value),
            Err(Error::BadInput(problems)) => problems.into_iter().for_each(|problem| self.add(problem)),
            Err(other) => self.add(Problem::new("", other.to_string())),
        }
        None
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// The notes so far.
    pub fn notes(&self) -> Vec<Problem> {
        self.notes.borrow().clone()
    }

    /// What was read, if nothing was wrong; then the notes are logged as warnings.
    ///
    /// # Errors
    /// [`Error::BadInput`] with every fault; with a general one if `read` is `None` for no stated reason.
    pub fn into_result<T>(self, place: &str, read: Option<T>) -> Result<T> {
        let problems = self.problems.into_inner();
        match read {
            Some(value) if problems.is_empty() => {
                for note in self.notes.into_inner() {
                    tracing::warn!("{note}");
                }
                Ok(value)
            }
            None if problems.is_empty() => Err(Problem::new(place, "cannot be understood").into()),
            _ => Err(Error::BadInput(problems)),
        }
    }
}

fn add_once(list: &mut Vec<Problem>, problem: Problem) {
    if list.len() < MAX_FAULTS && !list.contains(&problem) {
        list.push(problem);
    }
}

impl<'a> Field<'a> {
    /// The whole of a file.
    pub fn root(document: &'a Document, faults: &'a Faults) -> Self {
        Self { node: &document.root, file: &document.file, path: String::new(), faults }.entered()
    }

    /// Follows an include: the path begins anew in the other file.
    fn entered(mut self) -> Self {
        while let Value::Included(document) = &self.node.value {
            self.node = &document.root;
            self.file = &document.file;
            self.path.clear();
        }
        self
    }

    fn inner(&self, node: &'a Node, path: String) -> Self {
        Self { node, file: self.file, path, faults: self.faults }.entered()
    }

    /// Notes a fault of this value.
    pub fn fault(&self, fault: impl AsRef<str>) {
        self.fault_at_line(&self.path, fault.as_ref(), self.node.line);
    }

    /// Notes a fault of a part of this value, as the core types name it: `problem.place` is a path below this one, or empty.
    pub fn fault_below(&self, problem: &Problem) {
        let path = self.path_to(&problem.place);
        self.fault_at_line(&path, &problem.fault, self.node.line);
    }

    fn fault_at_line(&self, path: &str, fault: &str, line: u32) {
        self.faults.add(self.problem(path, fault, line));
    }

    fn problem(&self, path: &str, text: &str, line: u32) -> Problem {
        let place = if path.is_empty() { self.file.to_owned() } else { format!("{}: {path}", self.file) };
        let text = if line > 0 { format!("{text} (line {line})") } else { text.to_owned() };
        Problem::new(place, text)
    }

    /// Notes what a user should know about this value although it is no fault.
    pub fn note(&self, note: impl AsRef<str>) {
        self.faults.note(self.problem(&self.path, note.as_ref(), self.node.line));
    }

    /// Where this value stands: file and path.
    pub fn place(&self) -> String {
        self.problem(&self.path, "", 0).place
    }

    /// Where all faults of this file go.
    pub fn faults(&self) -> &'a Faults {
        self.faults
    }

    /// The path from the file's root, `farms[2].boundary`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The file this value stands in, as the user would write it.
    pub fn file(&self) -> &'a str {
        self.file
    }

    fn path_to(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (_, true) => self.path.clone(),
            (true, _) => key.to_owned(),
            _ => format!("{}.{key}", self.path),
        }
    }

    /// The value itself; what could not be read is a fault now.
    fn value(&self) -> Option<&'a Value> {
        if let Value::Unread(why) = &self.node.value {
            self.fault(why);
            return None;
        }
        Some(&self.node.value)
    }

    fn expected<T>(&self, what: &str, value: &Value) -> Option<T> {
        self.fault(format!("expected {what}, found {}", value.describe()));
        None
    }

    /// The value at `key`, or `None` when it is absent or null.
    pub fn opt(&self, key: &str) -> Option<Self> {
        let value = self.value()?;
        let Value::Map(entries) = value else {
            return self.expected("a table of keys and values", value);
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        let field = self.inner(&entry.node, self.path_to(key));
        (field.node.value != Value::Null).then_some(field)
    }

    /// The value at `key`; a fault when it is absent.
    pub fn get(&self, key: &str) -> Option<Self> {
        let found = self.opt(key);
        if found.is_none() && matches!(self.node.value, Value::Map(_)) {
            self.fault_at_line(&self.path_to(key), "is missing", self.node.line);
        }
        found
    }

    /// Whether there is a value at `key`.
    pub fn has(&self, key: &str) -> bool {
        matches!(&self.node.value, Value::Map(entries)
            if entries.iter().any(|entry| entry.key == key && entry.node.value != Value::Null))
    }

    /// All keys with their values.
    pub fn entries(&self) -> Option<Vec<(&'a str, Self)>> {
        match self.value()? {
            Value::Map(entries) => Some(
                entries
                    .iter()
                    .map(|entry| (entry.key.as_str(), self.inner(&entry.node, self.path_to(&entry.key))))
                    .collect(),
            ),
            other => self.expected("a table of keys and values", other),
        }
    }

    /// The values of a list.
    pub fn items(&self) -> Option<Vec<Self>> {
        match self.value()? {
            Value::List(items) => Some(
                items.iter().enumerate().map(|(i, node)| self.inner(node, format!("{}[{i}]", self.path))).collect(),
            ),
            other => self.expected("a list", other),
        }
    }

    /// A finite number.
    pub fn number(&self) -> Option<f64> {
        let number = match self.value()? {
            Value::Integer(number) => *number as f64,
            Value::Float(number) => *number,
            other => return self.expected("a number", other),
        };
        if !number.is_finite() {
            self.fault(format!("{number}, must be a finite number"));
            return None;
        }
        Some(number)
    }

    /// A whole number that fits in `T`, for counts and indices.
    pub fn whole<T: TryFrom<i64>>(&self) -> Option<T> {
        match self.value()? {
            Value::Integer(number) => {
                let fits = T::try_from(*number).ok();
                if fits.is_none() {
                    self.fault(format!("{number} is out of range for this whole number"));
                }
                fits
            }
            other => self.expected("a whole number", other),
        }
    }

    /// A truth value.
    pub fn truth(&self) -> Option<bool> {
        match self.value()? {
            Value::Bool(value) => Some(*value),
            other => self.expected("true or false", other),
        }
    }

    /// A text.
    pub fn text(&self) -> Option<&'a str> {
        match self.value()? {
            Value::Text(text) => Some(text),
            other => self.expected("a text", other),
        }
    }

    /// A list of finite numbers.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        let Value::List(items) = self.value()? else {
            return self.expected("a list of numbers", &self.node.value);
        };
        let mut numbers = Vec::with_capacity(items.len());
        for (i, node) in items.iter().enumerate() {
            match node.value {
                Value::Integer(number) => numbers.push(number as f64),
                Value::Float(number) if number.is_finite() => numbers.push(number),
                // The slow way, for its fault.
                _ => numbers.extend(self.inner(node, format!("{}[{i}]", self.path)).number()),
            }
        }
        (numbers.len() == items.len()).then_some(numbers)
    }

    /// A list of two numbers: a point (x, y).
    pub fn pair(&self) -> Option<(f64, f64)> {
        let numbers = self.numbers()?;
        let [x, y] = numbers[..] else {
            self.fault(format!("{} numbers, needs 2: [x, y]", numbers.len()));
            return None;
        };
        Some((x, y))
    }

    /// A text or a number, kept as it is for readers that accept several kinds.
    pub fn kind(&self) -> &'a Value {
        &self.node.value
    }

    /// Notes a fault for every key that is not among `known`.
    pub fn only(&self, known: &[&str]) {
        let Value::Map(entries) = &self.node.value else { return };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let remedy = match closest(&entry.key, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            self.fault_at_line(&self.path_to(&entry.key), &format!("is not a known key; {remedy}"), entry.line);
        }
    }

    /// The path of the file that this text names, relative to the file it stands in.
    pub fn file_path(&self, files: Files) -> Option<PathBuf> {
        Some(files.beside(self.file.as_ref(), self.text()?))
    }

    /// The text of the file that this text names.
    pub fn file_text(&self, files: Files) -> Option<(PathBuf, String)> {
        let path = self.file_path(files)?;
        match files.read(&path) {
            Ok(text) => Some((path, text)),
            Err(predicate) => {
                self.fault(format!("{} {predicate}", path.display()));
                None
            }
        }
    }

    /// The YAML file that this text names, parsed.
    pub fn yaml_file(&self, files: Files) -> Option<Document> {
        let (path, text) = self.file_text(files)?;
        yaml::parse(&text, &path, files).map_err(|problem| self.faults.add(problem)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(text: &str, read: impl Fn(&Field)) -> Vec<String> {
        let document = crate::formats::toml::parse(text, "x.toml").unwrap();
        let faults = Faults::new();
        read(&Field::root(&document, &faults));
        faults.problems.into_inner().iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_fault_names_file_field_and_line_once() {
        let found = faults_of("a = 1\n\n[[b]]\nc = [1, nan, 'x']\nsped = 3\n", |root| {
            root.get("d");
            root.get("d");
            let b = &root.get("b").unwrap().items().unwrap()[0];
            b.get("c").unwrap().numbers();
            b.only(&["c", "speed"]);
            root.get("a").unwrap().text();
        });
        assert_eq!(
            found,
            [
                "x.toml: d: is missing (line 1)",
                "x.toml: b[0].c[1]: NaN, must be a finite number (line 4)",
                "x.toml: b[0].c[2]: expected a number, found the text `x` (line 4)",
                "x.toml: b[0].sped: is not a known key; did you mean `speed`? (line 5)",
                "x.toml: a: expected a text, found the number 1 (line 1)",
            ]
        );
    }
}
