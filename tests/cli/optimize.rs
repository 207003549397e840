//! `layoutopt optimize` on the case studies of IEA Wind Task 37.

use serde_json::Value;

use crate::stage::{Stage, project};

/// Case study 1 with 16 turbines on its disc.
fn case(options: &str) -> String {
    let (system, site) = (project("tests/iea37/cs1-16.yaml"), project("tests/iea37/boundary-cs1-16.yaml"));
    format!("optimize {} --site {} --min-spacing 2 {options}", system.display(), site.display())
}

fn positions(csv: &str) -> Vec<(f64, f64)> {
    let rows = csv.lines().filter(|line| !line.starts_with(['#', 'x']));
    let pair = |line: &str| line.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()));
    rows.filter_map(pair).collect()
}

#[test]
fn a_small_budget_beats_the_published_swarm_and_genetic_algorithms() {
    let stage = Stage::new();
    let ended = stage.done(&case("--output best.csv --budget 30000 --seed 1 --json --trace trace.csv"));
    let report = ended.json();
    let number = |key: &str| report[key].as_f64().unwrap();
    // Submissions 6 and 7 of the case study's announcement of results, Baker et al., doi:10.2514/6.2019-0540.
    assert!(number("aep_gwh") > 392.588, "{report}");
    assert!(number("aep_gwh") > number("start_aep_gwh"), "{report}");
    assert!((number("given_aep_gwh") - 366.941_571_16).abs() < 1e-6, "{report}");
    assert!(number("evaluations") <= 30_000.0 && number("evaluations") > 25_000.0, "{report}");
    assert_eq!((&report["n_turbines"], &report["ended_early"]), (&Value::from(16), &Value::from(false)));

    let places = positions(&std::fs::read_to_string(stage.path("best.csv")).unwrap());
    assert_eq!(places.len(), 16);
    for (i, (x, y)) in places.iter().enumerate() {
        assert!((x * x + y * y).sqrt() <= 1300.0 + 1e-6);
        for (u, v) in &places[..i] {
            assert!(((x - u).powi(2) + (y - v).powi(2)).sqrt() >= 260.0 - 1e-6);
        }
    }
    let system = project("tests/iea37/cs1-16.yaml");
    let again = stage.done(&format!("evaluate {} --layout best.csv --json", system.display())).json();
    assert_eq!(again["aep_gwh"].as_f64().unwrap().to_bits(), number("aep_gwh").to_bits());

    let trace = std::fs::read_to_string(stage.path("trace.csv")).unwrap();
    let mut lines = trace.lines();
    assert_eq!(lines.next(), Some("evaluations,seconds,aep_gwh,stage,start"));
    let aeps: Vec<f64> = lines.map(|line| line.split(',').nth(2).unwrap().parse().unwrap()).collect();
    assert!(aeps.windows(2).all(|pair| pair[0] < pair[1]));
    assert!((aeps.last().unwrap() - number("aep_gwh")).abs() < 1e-9);
}

#[test]
fn any_number_of_threads_writes_the_same_bytes_and_another_seed_others() {
    let stage = Stage::new();
    let written = |name: &str, options: &str| {
        stage.done(&case(&format!("--output {name} --budget 6000 --starts 5 {options}")));
        std::fs::read(stage.path(name)).unwrap()
    };
    let one = written("one.yaml", "--threads 1");
    assert_eq!(one, written("two.yaml", "--threads 2"));
    assert_eq!(one, written("five.yaml", "--threads 5 --no-pin"));
    assert_ne!(one, written("other.yaml", "--seed 1"));
}

#[test]
fn what_is_written_is_read_again_in_every_format() {
    let stage = Stage::new();
    for (name, options) in [("best.yaml", ""), ("study.yaml", "--format iea37")] {
        let ended = stage.done(&case(&format!("--output {name} --budget 500 --json {options}")));
        let read = stage.done(&format!("evaluate {name} --json")).json();
        assert_eq!(read["aep_gwh"], ended.json()["aep_gwh"], "{name}");
    }
    stage.done(&case("--output best.geojson --budget 500"));
    let system = project("tests/iea37/cs1-16.yaml");
    stage.done(&format!("evaluate {} --layout best.geojson", system.display()));
}

#[test]
fn a_time_limit_ends_it_early_and_says_so() {
    let stage = Stage::new();
    let ended = stage.done(&case("--output best.csv --budget 1000000000 --time 0.5 --json"));
    let report = ended.json();
    assert_eq!(report["ended_early"], Value::from(true));
    assert!(report["seconds"].as_f64().unwrap() < 20.0, "{report}");
    assert!(ended.stderr.contains("depends on the machine"), "{}", ended.stderr);
    assert_eq!(positions(&std::fs::read_to_string(stage.path("best.csv")).unwrap()).len(), 16);
}

#[test]
fn another_number_of_turbines_can_be_placed() {
    let stage = Stage::new();
    let report = stage.done(&case("--output best.csv --budget 2000 --turbines 9 --json")).json();
    assert_eq!((&report["n_turbines"], &report["given_aep_gwh"]), (&Value::from(9), &Value::Null));
}

#[test]
fn neighbours_are_told_apart() {
    let stage = Stage::new();
    stage.write("nearby.csv", "x,y\n-2000,0\n-2000,400\n");
    let options = "--output best.csv --turbines 9 --budget 4000 --neighbours nearby.csv";
    let report = stage.done(&case(&format!("{options} --json"))).json();
    let (beside, alone) = (&report["neighbours_aep_gwh"], &report["neighbours_alone_aep_gwh"]);
    assert!(beside.as_f64().unwrap() < alone.as_f64().unwrap(), "{report}");
    assert_eq!(
        (&report["n_turbines"], positions(&std::fs::read_to_string(stage.path("best.csv")).unwrap()).len()),
        (&Value::from(9), 9)
    );
    let told = stage.done(&case(&format!("{options} --force --protect-neighbours"))).stdout;
    assert!(told.contains("neighbours ") && told.contains("% of what they have alone"), "{told}");
    let alone = stage.run(&case("--output other.csv --protect-neighbours"));
    assert!(alone.code == 2 && alone.stderr.contains("--neighbours"), "{}", alone.stderr);
    stage.write("typed.csv", "x,y,type\n-2000,0,3\n");
    let strange = stage.run(&case("--output other.csv --neighbours typed.csv"));
    assert!(strange.code == 2 && strange.stderr.contains("typed.csv"), "{}", strange.stderr);
}

#[test]
fn a_type_is_kept_in_its_area() {
    let stage = Stage::new();
    let ring = "[[-1300, -1300], [1300, -1300], [1300, 0], [-1300, 0], [-1300, -1300]]";
    stage.write("south.geojson", &format!(r#"{{"type": "Polygon", "coordinates": [{ring}]}}"#));
    stage.done(&case("--output best.csv --turbines 8 --budget 9000 --area 0=south.geojson"));
    let places = positions(&std::fs::read_to_string(stage.path("best.csv")).unwrap());
    assert_eq!(places.len(), 8);
    assert!(places.iter().all(|&(x, y)| y <= 1e-6 && x.hypot(y) <= 1300.0 + 1e-6), "{places:?}");
    let twice = stage.run(&case("--output other.csv --area 0=south.geojson --area 0=south.geojson"));
    assert!(twice.code == 2 && twice.stderr.contains("two areas"), "{}", twice.stderr);
}

#[test]
fn mistakes_are_named_before_the_search() {
    let stage = Stage::new();
    stage.write("there.csv", "mine");
    let system = project("tests/iea37/cs1-16.yaml");
    let elsewhere = stage.run(&format!("optimize {} --output best.csv --site gone.yaml", system.display()));
    assert_eq!(elsewhere.code, 2, "{}", elsewhere.stderr);
    assert!(elsewhere.stderr.contains("gone.yaml"), "{}", elsewhere.stderr);
    for (options, words) in [
        ("--output best.txt", vec!["best.txt", "--format"]),
        ("--output there.csv", vec!["there.csv", "exists", "--force"]),
        ("--output gone/best.csv", vec!["gone/best.csv", "folder"]),
        ("--output best.csv --trace there.csv", vec!["there.csv", "exists"]),
        ("--output best.csv --trace best.csv", vec!["--trace", "the same file"]),
        ("--output best.csv --budget 0", vec!["--budget", "at least 1"]),
        ("--output best.csv --budget 10 --starts 5", vec!["--budget", "too few for 5 starts"]),
        ("--output best.csv --starts 0", vec!["--starts", "at least 1"]),
        ("--output best.csv --threads 0", vec!["--threads", "at least 1"]),
        ("--output best.csv --turbines 0", vec!["--turbines", "at least 1"]),
        ("--output best.csv --time -1", vec!["--time", "above 0"]),
        ("--output best.csv --area there.csv", vec!["--area", "1=north.geojson"]),
        ("--output best.csv --area 3=there.csv", vec!["--area", "no turbine type 3", "types 0 to 0"]),
    ] {
        let ended = stage.run(&case(options));
        assert_eq!(ended.code, 2, "{options}: {}", ended.stderr);
        assert!(words.iter().all(|word| ended.stderr.contains(word)), "{options}: {}", ended.stderr);
    }
    assert_eq!(stage.names(), ["there.csv"]);
    assert_eq!(std::fs::read_to_string(stage.path("there.csv")).unwrap(), "mine");
    let crowded = stage.run(&case("--output best.csv --turbines 400 --starts 1 --budget 4000"));
    assert_eq!(crowded.code, 1, "{}", crowded.stderr);
    assert!(crowded.stderr.contains("no feasible position for turbine"), "{}", crowded.stderr);
}
