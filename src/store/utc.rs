//! Points in time as texts, for provenance, names and messages only.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, as `2026-03-01T12:30:05Z`.
pub(super) fn now() -> String {
    let (days, [h, m, s]) = split(SystemTime::now());
    let [year, month, day] = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
}

/// Now, as `20260301T123005Z`, for file names.
pub(super) fn compact_now() -> String {
    now().replace(['-', ':'], "")
}

fn split(time: SystemTime) -> (u64, [u64; 3]) {
    // A clock before 1970 is wrong anyway; nothing depends on it.
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let of_day = seconds % 86_400;
    (seconds / 86_400, [of_day / 3600, of_day / 60 % 60, of_day % 60])
}

/// Year, month and day of a day counted from 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: u64) -> [u64; 3] {
    let z = days + 719_468;
    let era = z / 146_097;
    let of_era = z % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    [year_of_era + era * 400 + u64::from(month <= 2), month, day]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), [1970, 1, 1]);
        assert_eq!(civil(11_016), [2000, 2, 29]);
        assert_eq!(civil(20_513), [2026, 3, 1]);
    }
}
