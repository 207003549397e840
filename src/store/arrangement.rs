//! A copy of OUTPUT whose cases are also found by farm, by turbine type, or best first: through soft links, so that the file grows by
//! names only and everything that reads OUTPUT reads the copy.
//!
//! | arrangement | links                                                                                    |
//! |-------------|------------------------------------------------------------------------------------------|
//! | farm        | `/by_farm/farm{f}/farm{f}_t{t}_s{s}`; attribute `name` of `farm{f}`                      |
//! | turbine     | `/by_turbine/t{t}/farm{f}_t{t}_s{s}`; attribute `name` of `t{t}`                         |
//! | aep         | `/by_aep/{rank}_farm{f}_t{t}_s{s}`, rank 1 the most energy, zeros in front: h5py's order |

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use hdf5::Group;

use super::attributes::{get_text, put_text};
use super::compression::Compression;
use super::container::{ContainerKind, IndexEntry, seal_file};
use super::flaw::{Flaw, hex};
use super::fs::RealFs;
use super::output::{Head, digest_of, read_root, write_image};
use super::provenance::Provenance;
use super::publish::{Existing, Temporary};
use super::reader::OpenContainer;
use super::record::CaseKey;
use super::schema::create_group;
use super::table::{CaseRow, check_table};
use crate::{Error, Result};

/// What cases are arranged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// Farm.
    Farm,
    /// Turbine type.
    Turbine,
    /// AEP, the most first; ties by key.
    Aep,
}

impl Arrangement {
    /// All, in the order of their names.
    pub const ALL: [Self; 3] = [Self::Aep, Self::Farm, Self::Turbine];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Farm => "farm",
            Self::Turbine => "turbine",
            Self::Aep => "aep",
        }
    }

    /// The group of the links.
    pub(super) fn group(self) -> &'static str {
        match self {
            Self::Farm => "by_farm",
            Self::Turbine => "by_turbine",
            Self::Aep => "by_aep",
        }
    }

    /// Writes the links to the solved cases of a file.
    pub(super) fn write(self, root: &Group, rows: &[CaseRow]) -> hdf5::Result<()> {
        let all = create_group(root, self.group())?;
        let mut solved: Vec<_> = rows.iter().filter_map(CaseRow::ranked).collect();
        if self == Self::Aep {
            solved.sort_by(|(a, a_gwh), (b, b_gwh)| b_gwh.total_cmp(a_gwh).then(a.cmp(b)));
            let digits = solved.len().to_string().len();
            for (rank, (key, _)) in solved.iter().enumerate() {
                all.link_soft(&format!("/{key}"), &format!("{:0digits$}_{key}", rank + 1))?;
            }
            return Ok(());
        }
        for (key, _) in solved {
            let (name, text) = self.shelf(key);
            let shelf = if all.link_exists(&name) {
                all.group(&name)?
            } else {
                let shelf = create_group(&all, &name)?;
                let case = root.group(&key.to_string())?;
                put_text(&shelf, "name", &get_text(&case, text)?)?;
                shelf
            };
            shelf.link_soft(&format!("/{key}"), &key.to_string())?;
        }
        Ok(())
    }

    /// The group that a case belongs to, and the attribute with its name in words.
    fn shelf(self, key: CaseKey) -> (String, &'static str) {
        match self {
            Self::Turbine => (format!("t{}", key.turbine), "turbine"),
            Self::Farm | Self::Aep => (format!("farm{}", key.farm), "farm"),
        }
    }
}

impl FromStr for Arrangement {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let known = Self::ALL.into_iter().find(|arrangement| arrangement.name() == text);
        known.ok_or_else(|| format!("`{text}` is none of farm, turbine, aep"))
    }
}

/// Writes a copy of a sound OUTPUT, arranged. Without `compression` it is compressed as OUTPUT is; with `force` it replaces what is at
/// `to`. Returns the number of cases.
///
/// # Errors
/// `Unsound` if `from` is not a sound OUTPUT, or the copy, read back, is not equal to it; `Disk`, also if `to` exists. Nothing is left
/// at `to` then.
pub fn reorganize(
    from: &Path,
    to: &Path,
    by: Arrangement,
    compression: Option<Compression>,
    force: bool,
) -> Result<usize> {
    let unsound = |path: &Path| {
        let path = path.to_owned();
        move |flaw: Flaw| Error::Unsound { path, reason: flaw.to_string() }
    };
    let original = OpenContainer::open(&RealFs, from)?.map_err(unsound(from))?;
    if original.seal.kind != ContainerKind::Output {
        return Err(unsound(from)(Flaw::Hdf5("a shard, not an output".into())));
    }
    let root = read_root(&original).map_err(unsound(from))?;
    let provenance = Provenance::here().with("reorganized_from", from.display());
    let mut temporary = Temporary::create(&RealFs, to)?;
    let mut index: Vec<IndexEntry> = Vec::new();
    temporary.file().build(&mut |path| {
        let mut records = original.records();
        let mut next = || records.next().transpose().map_err(unsound(from));
        let mut head = |_: &[IndexEntry], _: Duration| Head {
            facts: &root.facts,
            created: root.created.clone(),
            generation: root.generation,
            parent: Some(original.seal.digest),
            provenance: &provenance,
            log: root.log.clone(),
            arrangement: Some(by),
        };
        index = write_image(path, compression.unwrap_or(root.compression), &mut next, &mut head)?;
        Ok(())
    })?;
    seal_file(temporary.file(), ContainerKind::Output, &index).map_err(Error::disk("seal", to))?;
    let copy = temporary.make_durable()?;
    let check = |opened: &OpenContainer| {
        let copied = read_root(opened)?;
        if opened.seal.index != original.seal.index || copied.content_digest != hex(&digest_of(&original.seal.index)) {
            return Err(Flaw::Index("not the records of the original".into()));
        }
        let rows = opened.records().map(|record| record.map(|record| CaseRow::of(&record)));
        check_table(opened.root(), &rows.collect::<std::result::Result<Vec<_>, Flaw>>()?)
    };
    OpenContainer::open(&RealFs, copy.path())?.and_then(|opened| check(&opened)).map_err(unsound(to))?;
    copy.name(to, if force { Existing::Replace } else { Existing::Refuse }, &|| false)?;
    Ok(index.len())
}
