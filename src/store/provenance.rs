//! Who computed something, where and when. Kept beside the results, never part of them.

use std::collections::BTreeMap;

use super::utc;

/// Named texts about a run; they become attributes of `/metadata` in OUTPUT.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    entries: BTreeMap<String, String>,
}

impl Provenance {
    /// What this process knows of itself: host, process, CPU, versions, command line, start (now), SLURM ids if there are any.
    pub fn here() -> Self {
        let command: Vec<_> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let mut provenance = Self::default()
            .with("host", host())
            .with("pid", std::process::id())
            .with("cpu", cpu())
            .with("layoutopt_version", env!("CARGO_PKG_VERSION"))
            .with("hdf5_version", hdf5_version())
            .with("command_line", command.join(" "))
            .with("start", utc::now());
        for name in ["SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_RESTART_COUNT", "SLURM_PROCID"]
        {
            if let Ok(value) = std::env::var(name) {
                provenance = provenance.with(&name.to_lowercase(), value);
            }
        }
        provenance
    }

    /// Adds or replaces an entry.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "callers give literals and numbers")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.entries.insert(name.to_owned(), value.to_string());
        self
    }

    /// All entries, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As one JSON object.
    pub(super) fn to_json(&self) -> String {
        serde_json::json!(self.entries).to_string()
    }
}

/// Name of this node.
pub(super) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    info.lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

fn hdf5_version() -> String {
    let (major, minor, release) = hdf5::library_version();
    format!("{major}.{minor}.{release}")
}
