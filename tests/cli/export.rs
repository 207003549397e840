//! `layoutopt export`: solved cases for other programs.

use layoutopt::store::Outcome;

use crate::run::records;
use crate::stage::Stage;

fn solved() -> Stage {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 2");
    stage
}

#[test]
fn a_case_as_a_plant_has_the_stored_aep() {
    let stage = solved();
    let Outcome::Solved(solution) = &records(&stage, "layouts.h5")["farm0_t0_s1"].outcome else { panic!("failed") };
    assert_eq!(stage.done("export --case farm0_t0_s1 --output plant.yaml").stdout, "plant.yaml\n");
    let aep = |arguments: &str| stage.done(arguments).json()["aep_gwh"].as_f64().unwrap().to_bits();
    assert_eq!(aep("evaluate plant.yaml --json"), solution.aep_gwh.to_bits());
    for name in ["plant.geojson", "layout.csv"] {
        stage.done(&format!("export layouts.h5 --case farm0_t0_s1 --output {name}"));
        assert_eq!(aep(&format!("evaluate plant.yaml --layout {name} --json")), solution.aep_gwh.to_bits(), "{name}");
    }
}

#[test]
fn all_layouts_of_a_farm() {
    let stage = solved();
    stage.done("export layouts.h5 --farm 0 --type 0 --output layouts.yaml");
    stage.done("export layouts.h5 --farm 0 --output layouts.csv");
    let yaml = std::fs::read_to_string(stage.path("layouts.yaml")).unwrap();
    assert_eq!(yaml.matches("- coordinates:").count(), 2);
    assert!(yaml.contains("# farm0_t0_s1: "), "{yaml}");
    let csv = std::fs::read_to_string(stage.path("layouts.csv")).unwrap();
    assert_eq!(csv.lines().filter(|line| line.starts_with("farm0_t0_s")).count(), 20);
}

#[test]
fn a_case_study_goes_out_as_it_came_in() {
    let stage = Stage::new();
    let iea37 = crate::stage::project("tests/iea37");
    stage.write(
        "s.toml",
        &format!(
            "seeds = 1\nwind = '{0}/windrose-cs4.yaml'\n[search]\ngrid_size = 12\n[turbine_count]\ncount = 3\n\
             [[farms]]\nsite = '{0}/boundary-cs4.yaml'\n[[turbines]]\nfile = '{0}/turbine-10mw.yaml'\n",
            iea37.display()
        ),
    );
    stage.done("run s.toml");
    stage.done("export --case farm0_t0_s0 --format iea37 --output case.yaml");
    let stored = stage.done("export --case farm0_t0_s0 --output case-windio.yaml");
    assert!(stored.stdout.contains("case-windio.yaml"));
    // A case study's file means the case studies' wake model.
    let aep = |name: &str| {
        let evaluated = stage.done(&format!("evaluate {name} --wake-model nygaard-2022 --json"));
        evaluated.json()["aep_gwh"].as_f64().unwrap()
    };
    assert_eq!(aep("case.yaml").to_bits(), aep("case-windio.yaml").to_bits());
    let text = std::fs::read_to_string(stage.path("case.yaml")).unwrap();
    assert!(text.contains("units: MWh") && stage.names().contains(&"case-boundary.yaml".to_owned()));
}

#[test]
fn what_cannot_be_exported_is_named_and_nothing_is_written() {
    let stage = solved();
    stage.write("there.yaml", "mine");
    let before = stage.names();
    for (arguments, words) in [
        ("export absent.h5 --case farm0_t0_s0 --output p.yaml", vec!["absent.h5", "does not exist"]),
        ("export --case farm0_t0_s9 --output p.yaml", vec!["farm0_t0_s9", "is not in layouts.h5"]),
        ("export --case farm0 --output p.yaml", vec!["farm0", "not a case name"]),
        ("export --farm 7 --output p.yaml", vec!["--farm", "there is no farm 7"]),
        ("export --farm 0 --type 3 --output p.yaml", vec!["no solved case"]),
        ("export --farm 0 --output p.geojson", vec!["one layout a file"]),
        ("export --case farm0_t0_s0 --output p.txt", vec!["p.txt", "--format"]),
        ("export --case farm0_t0_s0 --output p.yaml --format iea37", vec!["power curve", "thrust curve", "wind rose"]),
        ("export --case farm0_t0_s0 --output there.yaml", vec!["there.yaml", "--force"]),
        ("export --case farm0_t0_s0 --output no/p.yaml", vec!["no/p.yaml", "does not exist"]),
        ("export --output p.yaml", vec!["--case"]),
    ] {
        let ended = stage.run(arguments);
        assert_eq!(ended.code, 2, "{arguments}: {}", ended.stderr);
        assert!(words.iter().all(|word| ended.stderr.contains(word)), "{arguments}: {}", ended.stderr);
        assert_eq!(stage.names(), before, "{arguments}");
    }
    stage.done("export --case farm0_t0_s0 --output there.yaml --force");
    assert!(std::fs::read_to_string(stage.path("there.yaml")).unwrap().starts_with("name:"));
}
