//! A parsed file, whatever its syntax: a tree of values that remember their lines.

/// A parsed file.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Path of the file, as the user would write it.
    pub file: String,
    /// What it holds.
    pub root: Node,
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Line in the file, from 1; 0 when not known.
    pub line: u32,
    /// The value.
    pub value: Value,
}

/// What a node can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing: YAML's `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number; may be NaN or infinite where the syntax allows it.
    Float(f64),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Node>),
    /// Values by key, in the order of the file; no key occurs twice.
    Map(Vec<Entry>),
    /// Another file, put in by `!include`.
    Included(Box<Document>),
    /// What could not be read, and why: a fault only if the value is asked for.
    Unread(String),
}

/// One key of a map and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Line of the key, from 1.
    pub line: u32,
    /// The value.
    pub node: Node,
}

impl Value {
    /// The value as a person would call it: "the text `x`", "a list".
    pub fn describe(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Bool(value) => format!("`{value}`"),
            Self::Integer(value) => format!("the number {value}"),
            Self::Float(value) => format!("the number {value}"),
            Self::Text(text) => format!("the text `{}`", shortened(text)),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Map(_) => "a table of keys and values".to_owned(),
            Self::Included(document) => format!("the file {}", document.file),
            Self::Unread(_) => "something unreadable".to_owned(),
        }
    }
}

/// Enough of a text to recognise it.
fn shortened(text: &str) -> String {
    const LENGTH: usize = 40;
    if text.chars().count() <= LENGTH {
        text.escape_debug().to_string()
    } else {
        format!("{}...", text.chars().take(LENGTH).collect::<String>().escape_debug())
    }
}
