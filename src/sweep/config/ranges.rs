//! Seeds and indices as users write them: `50`, `3..10`, `0,2..5`; the end of a range is exclusive.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// The seeds of a sweep: `50` is 0 to 49, `3..10` is 3 to 9. Never empty when parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds(pub Range<u64>);

/// Indices of farms or turbine types, such as `0,2..5`: 0, 2, 3, 4. Never empty when parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indices(Vec<Range<u32>>);

impl Indices {
    /// Whether `index` is among them.
    pub fn contains(&self, index: u32) -> bool {
        self.0.iter().any(|range| range.contains(&index))
    }

    /// The largest of them; 0 if there is none.
    pub fn largest(&self) -> u32 {
        self.0.iter().map(|range| range.end.saturating_sub(1)).max().unwrap_or(0)
    }
}

impl From<&[u32]> for Indices {
    fn from(indices: &[u32]) -> Self {
        Self(indices.iter().map(|&index| index..index.saturating_add(1)).collect())
    }
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (start, end) = match text.split_once("..") {
            Some((start, end)) => (start.trim().parse().ok(), end.trim().parse().ok()),
            None => (Some(0), text.trim().parse().ok()),
        };
        let (Some(start), Some(end)) = (start, end) else {
            return Err(format!("`{text}` is neither a number of seeds nor a range like 3..10"));
        };
        if start >= end {
            return Err(format!("`{text}` holds no seed; the end of a range is exclusive and must be above its start"));
        }
        Ok(Self(start..end))
    }
}

impl FromStr for Indices {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(|part| range(part.trim())).collect::<Option<_>>().map(Self).ok_or_else(|| {
            format!("`{text}` is not a list of indices like 0,2..5; the end of a range is exclusive and must be above its start")
        })
    }
}

fn range(part: &str) -> Option<Range<u32>> {
    let (start, end): (u32, u32) = if let Some((start, end)) = part.split_once("..") {
        (start.trim().parse().ok()?, end.trim().parse().ok()?)
    } else {
        let index: u32 = part.parse().ok()?;
        (index, index.checked_add(1)?)
    };
    (start < end).then_some(start..end)
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.0.start, self.0.end)
    }
}

impl fmt::Display for Indices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, range) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            if range.end - range.start == 1 {
                write!(f, "{comma}{}", range.start)?;
            } else {
                write!(f, "{comma}{}..{}", range.start, range.end)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds() {
        assert_eq!("50".parse(), Ok(Seeds(0..50)));
        assert_eq!("3..10".parse(), Ok(Seeds(3..10)));
        for text in ["0", "5..5", "7..3"] {
            assert!(text.parse::<Seeds>().unwrap_err().contains("holds no seed"), "{text}");
        }
        for text in ["", "x", "-1", "1..", "1..2..3", "1.5", "99999999999999999999"] {
            assert!(text.parse::<Seeds>().unwrap_err().contains("neither"), "{text}");
        }
    }

    #[test]
    fn indices() {
        let indices: Indices = "0,2..5".parse().unwrap();
        assert_eq!((0..7).filter(|&i| indices.contains(i)).collect::<Vec<_>>(), [0, 2, 3, 4]);
        assert_eq!((indices.largest(), indices.to_string()), (4, "0,2..5".to_owned()));
        for text in ["", ",", "1,", "3..3", "-1", "a", "4294967295", "0..4294967296"] {
            assert!(text.parse::<Indices>().is_err(), "{text}");
        }
    }
}
