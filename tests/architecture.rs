//! The rules of ARCHITECTURE.md, checked against the sources.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the bottom up; a room may use those before it and itself.
const ROOMS: [&str; 10] = ["error", "lanes", "farm", "wake", "aep", "formats", "search", "store", "sweep", "report"];
/// Rooms that compute and do nothing else.
const CORE: [&str; 5] = ["lanes", "farm", "wake", "aep", "search"];
/// Crates that live in some places only.
const HOMES: [(&str, &[&str]); 10] = [
    ("hdf5", &["store/"]),
    ("hdf5_sys", &["store/"]),
    ("rayon", &["sweep/run"]),
    ("clap", &["cli/", "main.rs"]),
    ("indicatif", &["cli/"]),
    ("argmin", &["search/polish.rs"]),
    ("serde_saphyr", &["formats/"]),
    ("netcdf_reader", &["formats/netcdf.rs"]),
    ("geodesy", &["formats/projection.rs"]),
    ("roxmltree", &["formats/wasp/wtg.rs"]),
];
const UNSAFE_HOMES: [&str; 2] = ["aep/simd/", "store/image.rs"];
const MOST_LINES_PER_FILE: usize = 420;
const MOST_LINES_PER_FUNCTION: usize = 75;

struct Source {
    /// Path below src/.
    name: String,
    /// The text without its test module.
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap()
    }

    /// Lines of code: comments left out.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(k, line)| (k + 1, line.split("//").next().unwrap()))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                if path.ends_with("tests.rs")
                    || path.parent().is_some_and(|p| p.ends_with("tests"))
                    || path.ends_with("simfs.rs")
                {
                    continue;
                }
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap().to_owned();
                found.push(Source { name, text });
            }
        }
    }
    assert!(found.len() > 20, "the sources are found");
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

#[test]
fn dependencies_point_down() {
    for source in sources() {
        let Some(own) = ROOMS.iter().position(|room| *room == source.room()) else {
            assert!(["lib", "main", "cli"].contains(&source.room()), "src/{}: a room without a rank", source.name);
            continue;
        };
        for (line, code) in source.code() {
            for used in code.split("crate::").skip(1) {
                let room: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if let Some(rank) = ROOMS.iter().position(|r| *r == room) {
                    assert!(rank <= own, "src/{}:{line}: {} must not use {room}", source.name, source.room());
                }
            }
        }
    }
}

#[test]
fn the_core_only_computes() {
    let effects = [
        "std::fs",
        "std::io",
        "std::net",
        "std::process",
        "std::thread",
        "std::time",
        "std::env",
        "print!",
        "println!",
        "tracing",
    ];
    for source in sources().iter().filter(|s| CORE.contains(&s.room())) {
        for (line, code) in source.code() {
            for effect in effects {
                assert!(!code.contains(effect), "src/{}:{line}: the core must not use {effect}", source.name);
            }
        }
    }
}

#[test]
fn every_crate_has_its_home() {
    for source in sources() {
        for (line, code) in source.code() {
            for (name, homes) in HOMES {
                let uses = code.contains(&format!("use {name}::"))
                    || code.contains(&format!("{name}::")) && starts_word(code, name);
                assert!(
                    !uses || homes.iter().any(|home| source.name.starts_with(home)),
                    "src/{}:{line}: {name} lives in {homes:?}",
                    source.name
                );
            }
            let is_unsafe = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == "unsafe");
            let at_home = UNSAFE_HOMES.iter().any(|home| source.name.starts_with(home));
            assert!(!is_unsafe || at_home, "src/{}:{line}: unsafe lives in {UNSAFE_HOMES:?}", source.name);
        }
    }
}

/// Whether `name::` begins a path somewhere in `code`: not the tail of a longer name or path.
fn starts_word(code: &str, name: &str) -> bool {
    code.match_indices(&format!("{name}::"))
        .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}

#[test]
fn files_and_functions_stay_small() {
    for source in sources() {
        let lines = source.text.lines().count();
        assert!(lines <= MOST_LINES_PER_FILE, "src/{}: {lines} lines", source.name);
        let base = Path::new(&source.name).file_stem().unwrap().to_str().unwrap();
        assert!(
            !["utils", "util", "helpers", "common", "misc"].contains(&base),
            "src/{}: name what it holds",
            source.name
        );
        let text: Vec<&str> = source.text.lines().collect();
        for (start, line) in text.iter().enumerate() {
            let code = line.trim_start();
            let indent = line.len() - code.len();
            let words = code.split("fn ").next().unwrap();
            let is_function = code.contains("fn ")
                && words
                    .split_whitespace()
                    .all(|w| w.starts_with("pub") || ["const", "unsafe", "in"].contains(&w) || w.ends_with(')'));
            let opens = text[start..].iter().find(|l| l.ends_with(['{', ';', '}']));
            if !is_function || opens.is_none_or(|l| !l.ends_with('{')) {
                continue;
            }
            let end = format!("{}}}", " ".repeat(indent));
            let length = text[start..].iter().position(|l| *l == end).map_or(1, |n| n + 1);
            assert!(
                length <= MOST_LINES_PER_FUNCTION,
                "src/{}:{}: a function of {length} lines",
                source.name,
                start + 1
            );
        }
    }
}

/// `module::name` of every test below a folder; a module is named like its file.
fn tests_below(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            for test in text.split("#[test]").skip(1) {
                let name = test.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).unwrap();
                found.push(format!("{module}::{name}"));
            }
        }
    }
}

#[test]
fn every_test_that_the_page_of_the_store_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = Vec::new();
    tests_below(&root.join("src/store"), &mut tests);
    tests_below(&root.join("tests"), &mut tests);
    let page = fs::read_to_string(root.join("docs/store.md")).unwrap();
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
    assert!(named.len() > 30, "the page names its tests");
    for name in named {
        assert!(tests.iter().any(|test| test == name), "docs/store.md: there is no test {name}");
    }
}
