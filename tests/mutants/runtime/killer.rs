//! One shipped scenario, against its part of the committed matrix.

#[path = "../tests/matrix/mod.rs"]
mod matrix;

use poolproof::verdict::options::CheckOptions;
use std::path::Path;

#[test]
fn a_scenario() {
    let Ok(name) = std::env::var("POOLPROOF_SCENARIO") else { return };
    // Where the scenarios really are: a runbook has to lie in the folder of its scenario, or in that of the project.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").canonicalize().unwrap();
    let root = root.parent().unwrap();
    let text = std::fs::read_to_string(root.join("tests/snapshots/verdicts__matrix.snap")).unwrap();
    let head = format!("{name}: ");
    let mut expected = String::new();
    for line in text.lines().skip_while(|line| !line.starts_with(&head)) {
        if !expected.is_empty() && !line.starts_with(' ') {
            break;
        }
        expected += line;
        expected += "\n";
    }
    let states: u64 = expected[head.len()..].split(' ').next().unwrap().parse().unwrap();
    // With more states than that it is another model, however many there are.
    let options = CheckOptions { threads: 1, max_states: Some(2 * states + 1000), ..CheckOptions::default() };
    let verdict = matrix::check(&root.join("models").join(&name).join("scenario.toml"), options);
    assert_eq!(matrix::rows(&verdict), expected);
}
