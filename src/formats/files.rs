//! Where files are read from: the disk, or the ones built into the program.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// A source of files.
#[derive(Debug, Clone, Copy)]
pub enum Files {
    /// The file system.
    Disk,
    /// Files compiled into the program, as (path, text); paths are relative, with `/`.
    BuiltIn(&'static [(&'static str, &'static str)]),
}

/// Larger files are refused before they are read, bytes.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

impl Files {
    /// The text of a file.
    ///
    /// # Errors
    /// A predicate to put behind the file's name: "does not exist", "is a directory", "is not UTF-8 text ...", "is larger than ...".
    pub fn read(self, path: &Path) -> Result<String, String> {
        match self {
            Self::Disk => read_disk(path),
            Self::BuiltIn(files) => {
                let wanted = without_dots(path);
                let found = files.iter().find(|(name, _)| Path::new(name) == wanted);
                found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "is not built into the program".to_owned())
            }
        }
    }

    /// The path that `reference` means when `file` names it: relative to the folder of `file`, `a/../b` shortened to `b`.
    pub fn beside(self, file: &Path, reference: &str) -> PathBuf {
        let path = file.parent().unwrap_or(Path::new("")).join(reference);
        let short = without_dots(&path);
        match self {
            Self::BuiltIn(_) => short,
            // If `a` is a link to elsewhere, `a/../b` is not `b`.
            Self::Disk if folder(&path) == folder(&short) => short,
            Self::Disk => path,
        }
    }

    /// One name for a file however it is spelled, to notice a file that includes itself.
    pub(super) fn identity(self, path: &Path) -> PathBuf {
        match self {
            Self::Disk => path.canonicalize().unwrap_or_else(|_| path.to_owned()),
            Self::BuiltIn(_) => without_dots(path),
        }
    }
}

/// The folder that a file lies in, links followed, if it exists.
fn folder(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().ok()
}

fn read_disk(path: &Path) -> Result<String, String> {
    let refusal = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory, must be a file".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read: permission denied".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    let file = File::open(path).map_err(refusal)?;
    let mut bytes = Vec::new();
    // The limit holds while reading, so that a device or a pipe without end is refused too.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(refusal)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("is larger than {} MB", MAX_FILE_BYTES >> 20));
    }
    String::from_utf8(bytes)
        .map(|text| text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
        .map_err(|error| format!("is not UTF-8 text (byte {})", error.utf8_error().valid_up_to()))
}

/// `a/../b` as `b`.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_readable_file_is_said_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latin1.yaml");
        std::fs::write(&path, b"name: \xe9").unwrap();
        for (path, word) in
            [(path.as_path(), "not UTF-8"), (folder.path(), "is a directory"), (&folder.path().join("no"), "not exist")]
        {
            assert!(Files::Disk.read(path).unwrap_err().contains(word), "{path:?}");
        }
        if Path::new("/dev/zero").exists() {
            assert!(Files::Disk.read(Path::new("/dev/zero")).unwrap_err().contains("larger than 64 MB"));
        }
    }

    #[test]
    fn paths_are_shortened_where_that_is_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("configs/deep")).unwrap();
        let (file, data) = (folder.path().join("configs/x.toml"), folder.path().join("a.yaml"));
        assert_eq!(Files::Disk.beside(&file, "../a.yaml"), data);
        assert_eq!(Files::Disk.beside(Path::new("x.toml"), "../a.yaml"), Path::new("../a.yaml"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path().join("configs/deep"), folder.path().join("link")).unwrap();
            let through = folder.path().join("link/x.toml");
            assert_eq!(Files::Disk.beside(&through, "../a.yaml"), folder.path().join("link/../a.yaml"));
        }
    }

    #[test]
    fn built_in_files_are_found_from_beside_each_other() {
        let files = Files::BuiltIn(&[("data/wind/a.yaml", "text")]);
        assert_eq!(files.beside(Path::new("configs/x.toml"), "../data/./wind/a.yaml"), Path::new("data/wind/a.yaml"));
        assert_eq!(files.read(Path::new("configs/../data/wind/a.yaml")).unwrap(), "text");
        assert!(files.read(Path::new("/etc/passwd")).is_err());
    }
}
