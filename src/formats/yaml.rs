//! YAML text as a [`Document`], `!include` followed.
//!
//! An included file is read relative to the file that names it. What cannot be included becomes [`Value::Unread`], a fault only for a
//! reader that asks for it: a site can be read although its wind resource lies in a format that is not.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::NonFiniteFloatPolicy;
use serde_saphyr::{Options, Spanned, Tagged, UserMessageFormatter};

use crate::error::Problem;
use crate::formats::field::Faults;
use crate::formats::files::{Files, MAX_FILE_BYTES};
use crate::formats::netcdf;
use crate::formats::tree::{Document, Entry, Node, Value};

/// The file at `path`, parsed; what is wrong with it goes to `faults`.
pub fn open(path: &Path, files: Files, faults: &Faults) -> Option<Document> {
    let read = files.read(path).map_err(|predicate| Problem::new(path.display().to_string(), predicate));
    read.and_then(|text| parse(&text, path, files)).map_err(|problem| faults.add(problem)).ok()
}

/// Parses `text`, the content of `path`, and what it includes.
///
/// # Errors
/// Where it is not YAML, or goes beyond the limits on size, depth and aliases.
pub fn parse(text: &str, path: &Path, files: Files) -> Result<Document, Problem> {
    let file = path.display().to_string();
    let mut root = parse_one(text).map_err(|fault| Problem::new(file.as_str(), fault))?;
    let mut includes = Includes {
        files,
        open: vec![files.identity(path)],
        bytes_left: MAX_FILE_BYTES,
        files_left: MAX_INCLUDES,
        nodes_left: MAX_NODES,
    };
    includes.put_in(&mut root, path);
    Ok(Document { file, root })
}

/// Files within files, at most.
const MAX_INCLUDE_DEPTH: usize = 16;
/// Files put into one document, at most.
const MAX_INCLUDES: usize = 1000;
/// Values of one file, at most: bounds the memory that a small file full of aliases can ask for.
const MAX_NODES: usize = 2_000_000;

/// The tag of a node that stands for a file.
const INCLUDE: &str = "!include";
/// Tags of YAML itself begin like this; they have done their work when a value arrives here.
const CORE_TAG: &str = "tag:yaml.org,2002:";

fn parse_one(text: &str) -> Result<Node, String> {
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    let options: Options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_events: 2 * MAX_NODES,
            max_documents: 1,
        },
        emit_comments: false,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    };
    let parsed: Result<Parsed, _> = serde_saphyr::from_str_with_options(text, options);
    parsed.map(|parsed| parsed.0).map_err(|error| {
        let message = error.render_with_formatter(&UserMessageFormatter);
        let first = message.lines().next().unwrap_or_default();
        format!("is not YAML: {first}")
    })
}

/// A node as the parser hands it over; an `!include` still names its file.
struct Parsed(Node);

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node: Spanned<Tagged<ParsedValue>> = Spanned::deserialize(deserializer)?;
        let Tagged(ParsedValue(value), tag) = node.value;
        let value = match (tag.as_deref(), value) {
            (Some(INCLUDE), Value::Text(path)) => {
                Value::Included(Box::new(Document { file: path, root: Node { line: 0, value: Value::Null } }))
            }
            (Some(tag), _) if !tag.starts_with(CORE_TAG) && tag != "!" => {
                Value::Unread(format!("the tag {tag} is not understood here"))
            }
            (_, value) => value,
        };
        Ok(Self(Node { line: line_number(node.referenced.line()), value }))
    }
}

fn line_number(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(0)
}

struct ParsedValue(Value);

impl<'de> Deserialize<'de> for ParsedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Integer))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Float(value as f64))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Float(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Parsed(node)) = list.next_element()? {
            items.push(node);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, Parsed(node))) = map.next_entry::<Spanned<String>, Parsed>()? {
            entries.push(Entry { key: key.value, line: line_number(key.referenced.line()), node });
        }
        Ok(Value::Map(entries))
    }
}

/// Puts files where `!include` names them.
struct Includes {
    files: Files,
    /// The files being read, outermost first.
    open: Vec<PathBuf>,
    bytes_left: u64,
    files_left: usize,
    /// Counted with aliases expanded: many small files that expand far are refused as well.
    nodes_left: usize,
}

impl Includes {
    fn put_in(&mut self, node: &mut Node, file: &Path) {
        self.nodes_left = self.nodes_left.saturating_sub(1);
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| self.put_in(item, file)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| self.put_in(&mut entry.node, file)),
            Value::Included(document) => {
                let path = self.files.beside(file, &document.file);
                node.value = match self.read(&path) {
                    Ok(root) => Value::Included(Box::new(Document { file: path.display().to_string(), root })),
                    Err(why) => Value::Unread(format!("{} {why}", path.display())),
                };
            }
            _ => {}
        }
    }

    /// `root`, its values counted as if they had been parsed.
    fn counted(&mut self, root: Node) -> Node {
        fn count(node: &Node) -> usize {
            1 + match &node.value {
                Value::List(items) => items.iter().map(count).sum::<usize>(),
                Value::Map(entries) => entries.iter().map(|entry| count(&entry.node)).sum(),
                _ => 0,
            }
        }
        self.nodes_left = self.nodes_left.saturating_sub(count(&root));
        root
    }

    fn read(&mut self, path: &Path) -> Result<Node, String> {
        let identity = self.files.identity(path);
        if self.open.contains(&identity) {
            return Err("includes itself".to_owned());
        }
        if self.open.len() > MAX_INCLUDE_DEPTH || self.files_left == 0 || self.nodes_left == 0 {
            return Err(format!(
                "is one include too many; at most {MAX_INCLUDE_DEPTH} files within each other, {MAX_INCLUDES} files and {MAX_NODES} values in all"
            ));
        }
        self.files_left -= 1;
        if netcdf::is_named(path) {
            return match self.files {
                Files::Disk => netcdf::read(path).map(|root| self.counted(root)),
                Files::BuiltIn(_) => Err("is NetCDF, of which none is built into the program".to_owned()),
            };
        }
        let text = self.files.read(path)?;
        self.bytes_left = self
            .bytes_left
            .checked_sub(text.len() as u64)
            .ok_or_else(|| format!("makes more than {} MB of included files", MAX_FILE_BYTES >> 20))?;
        let mut root = parse_one(&text)?;
        self.open.push(identity);
        self.put_in(&mut root, path);
        self.open.pop();
        Ok(root)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::formats::field::Field;

    fn parse_text(text: &str) -> Result<Document, Problem> {
        parse(text, Path::new("a.yaml"), Files::BuiltIn(FILES))
    }

    const FILES: &[(&str, &str)] = &[
        ("b/part.yaml", "x: 1\ny: !include ../c.yaml\n"),
        ("c.yaml", "[1, 2]"),
        ("loop.yaml", "again: !include loop.yaml"),
        ("broken.yaml", "a: [1,\nb: }"),
    ];

    fn number(text: &str, key: &str) -> f64 {
        let document = parse_text(text).unwrap();
        let faults = Faults::new();
        Field::root(&document, &faults).get(key).unwrap().number().unwrap()
    }

    #[test]
    fn numbers_as_people_write_them() {
        let text = "a: 0.\nb: 1e6\nc: -3\nd: .5\ne: 2.5E-3\nf: 18446744073709551615\ny: 7\n";
        for (key, expected) in [
            ("a", 0.0),
            ("b", 1e6),
            ("c", -3.0),
            ("d", 0.5),
            ("e", 2.5e-3),
            ("f", 18_446_744_073_709_551_615.0),
            ("y", 7.0),
        ] {
            assert!((number(text, key) - expected).abs() <= 1e-15 * expected.abs(), "{key}");
        }
    }

    #[test]
    fn kinds_and_lines() {
        let document = parse_text("a: text\nb:\n  - true\n  - ~\n  - .nan\n0: '5'\n").unwrap();
        let Value::Map(entries) = &document.root.value else { panic!() };
        assert_eq!(entries[0].node, Node { line: 1, value: Value::Text("text".into()) });
        let Value::List(items) = &entries[1].node.value else { panic!("{entries:?}") };
        assert_eq!(items[0], Node { line: 3, value: Value::Bool(true) });
        assert_eq!(items[1].value, Value::Null);
        assert!(matches!(items[2].value, Value::Float(number) if number.is_nan()));
        assert_eq!((entries[2].key.as_str(), &entries[2].node.value), ("0", &Value::Text("5".into())));
    }

    #[test]
    fn includes_are_followed_from_their_own_folder() {
        let document = parse_text("part: !include b/part.yaml\n").unwrap();
        let faults = Faults::new();
        let part = Field::root(&document, &faults).get("part").unwrap();
        assert_eq!((part.file(), part.path()), ("b/part.yaml", ""));
        assert_eq!(part.get("y").unwrap().numbers().unwrap(), [1.0, 2.0]);
    }

    #[test]
    fn what_cannot_be_included_is_a_fault_only_when_asked_for() {
        for (file, word) in [
            ("gone.yaml", "is not built into"),
            ("loop.yaml", ""),
            ("wind.nc", "NetCDF"),
            ("broken.yaml", "broken.yaml is not YAML"),
            ("a.yaml", "includes itself"),
        ] {
            let document = parse_text(&format!("ok: 1\nbad: !include {file}\n")).unwrap();
            let faults = Faults::new();
            let root = Field::root(&document, &faults);
            root.get("ok").unwrap().number().unwrap();
            assert!(faults.is_empty());
            root.get("bad").and_then(|bad| bad.get("again")).and_then(|again| again.number());
            let message = faults.into_result::<()>("", None).unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn not_yaml_has_a_line() {
        for text in ["a: [1,\nb: }", "a: 1\na: 2\n", "", "a: &x [*x]\n", "- a\nb: 1\n"] {
            let problem = parse_text(text).unwrap_err();
            assert!(text.is_empty() || problem.fault.contains("line "), "{problem}");
        }
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            let row = vec![format!("*a{}", i - 1); 10].join(", ");
            writeln!(text, "a{i}: &a{i} [{row}]").unwrap();
        }
        assert!(parse_text(&text).is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(parse_text(&"[".repeat(100_000)).is_err());
        assert!(parse_text(&"- ".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "[ -~\n]{0,200}") {
            let _ = parse_text(&text);
        }
    }
}
