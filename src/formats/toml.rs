//! TOML text as a [`Document`].

use ::toml::de::{DeTable, DeValue};

use crate::error::Problem;
use crate::formats::tree::{Document, Entry, Node, Value};

/// Parses `text`; `file` names it in messages.
///
/// # Errors
/// Every place where it is not TOML.
pub fn parse(text: &str, file: &str) -> Result<Document, Vec<Problem>> {
    let lines = Lines::of(text);
    let (table, mut errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        let problem = |error: &::toml::de::Error| {
            let line = error.span().map_or(String::new(), |span| format!(" (line {})", lines.at(span.start)));
            Problem::new(file, format!("is not TOML: {}{line}", error.message()))
        };
        return Err(errors.iter().map(problem).collect());
    }
    let line = lines.at(table.span().start);
    Ok(Document { file: file.to_owned(), root: Node { line, value: table_value(table.get_ref(), &lines) } })
}

/// Where each line begins, to turn a byte offset into a line number.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    fn at(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|&start| start <= offset) + 1).unwrap_or(0)
    }
}

fn table_value(table: &DeTable, lines: &Lines) -> Value {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let node = Node { line: lines.at(value.span().start), value: value_of(value.get_ref(), lines) };
            let line = lines.at(key.span().start);
            (key.span().start, Entry { key: key.get_ref().to_string(), line, node })
        })
        .collect();
    // The parser sorts by key; messages follow the file.
    entries.sort_by_key(|(start, _)| *start);
    Value::Map(entries.into_iter().map(|(_, entry)| entry).collect())
}

fn value_of(value: &DeValue, lines: &Lines) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Unread(format!("{number} is too large a whole number")),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Value::Float(number),
            Err(_) => Value::Unread(format!("{number} is not a number")),
        },
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(date) => Value::Unread(format!("found the date {date}, put it in quotes if it is a text")),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Node { line: lines.at(item.span().start), value: value_of(item.get_ref(), lines) })
                .collect(),
        ),
        DeValue::Table(table) => table_value(table, lines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_order_of_the_file() {
        let document = parse("z = 1_000\na = [1.5,\n  0x10]\n[t]\nd = 2020-01-01\n", "x.toml").unwrap();
        let Value::Map(entries) = document.root.value else { panic!() };
        let keys: Vec<_> = entries.iter().map(|entry| (entry.key.as_str(), entry.line)).collect();
        assert_eq!(keys, [("z", 1), ("a", 2), ("t", 4)]);
        assert_eq!(entries[0].node.value, Value::Integer(1000));
        let Value::List(items) = &entries[1].node.value else { panic!() };
        assert_eq!(items[1], Node { line: 3, value: Value::Integer(16) });
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(parse(&format!("a = {}", "[".repeat(100_000)), "x.toml").is_err());
        assert!(parse(&"a.".repeat(100_000), "x.toml").is_err());
        let header = format!("[{}a]\nb = 1\n", "a.".repeat(50_000));
        let _ = parse(&header, "x.toml");
    }

    #[test]
    fn every_syntax_error_is_listed_with_its_line() {
        let problems = parse("a = \nb = 1\nc = [1, 2\n", "x.toml").unwrap_err();
        assert!(problems.len() >= 2, "{problems:?}");
        assert!(problems[0].fault.contains("(line 1)"), "{problems:?}");
    }
}
