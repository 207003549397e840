//! Numbers and texts as YAML, JSON and every program that reads them understand.

use std::fmt::Write;

/// The shortest decimal that reads back as the same number. A mantissa always has a point and an exponent always a sign, without which
/// YAML 1.1 readers (PyYAML) take `1e-7` for a text.
pub fn number(value: f64) -> String {
    let text = format!("{value:?}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// `[1.0, 2.5]`
pub fn numbers(values: &[f64]) -> String {
    list(values.iter().map(|&value| number(value)))
}

/// `[a, b]`
pub fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

/// A text in double quotes, as JSON and YAML both have it.
pub fn json_text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            // What YAML does not print, and its line breaks.
            c if c.is_control() || ['\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'].contains(&c) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text in one line, for a comment.
pub fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn exponents_have_a_point_and_a_sign() {
        for (value, text) in [(1.0, "1.0"), (1e-7, "1.0e-7"), (1.5e300, "1.5e+300"), (-1e16, "-1.0e+16")] {
            assert_eq!(number(value), text);
        }
    }

    proptest! {
        #[test]
        fn read_back_to_the_bit(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL, text in "\\PC{0,20}") {
            prop_assert_eq!(number(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
            prop_assert_eq!(serde_json::from_str::<String>(&json_text(&text)).unwrap(), text);
        }
    }
}
