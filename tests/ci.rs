//! What a team copies into its CI does what the guide says: every file is read as its consumer reads it, every command
//! line is tried on the command, and the scripts are run, on a scenario that holds and on one that does not.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
}

fn yaml<T: for<'a> Deserialize<'a>>(file: &str) -> T {
    serde_saphyr::from_str(&read(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
}

const FILES: [&str; 3] = ["docs/ci/github-actions.yml", "docs/ci/azure-pipelines.yml", "docs/ci/gitlab-ci.yml"];

/// The scripts of a file, in their order: what is written below `run`, `bash`, `before_script` and `script`.
fn scripts(file: &str) -> Vec<String> {
    fn collect(value: &Value, scripts: &mut Vec<String>) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    match (key.as_str(), value) {
                        ("run" | "bash", Value::String(script)) => scripts.push(script.clone()),
                        ("before_script" | "script", Value::Array(lines)) => {
                            scripts.extend(lines.iter().map(|line| line.as_str().expect("a line").to_owned()));
                        }
                        _ => collect(value, scripts),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, scripts)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&yaml(file), &mut found);
    assert!(!found.is_empty(), "{file} has no script");
    found
}

/// The arguments of every `poolproof` that a text calls.
fn calls(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let commands = lines.flat_map(|line| line.split(" || "));
    let arguments = commands.filter_map(|command| command.trim().strip_prefix("poolproof "));
    // What stands behind two spaces explains the command; what stands behind a pipe is for another one.
    let own = arguments.filter_map(|arguments| arguments.split("  ").next());
    let words = own.map(|own| own.split_whitespace().take_while(|word| !["#", "|", ">", ">>"].contains(word)));
    words.map(|words| words.map(|word| word.trim_matches('"').to_owned()).collect()).collect()
}

/// What a page has to type into a shell.
fn code(page: &str) -> String {
    page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// Whether the command knows these arguments; with `--help` it tries what stands before, and does nothing.
fn known(arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_poolproof")).args(arguments).arg("--help").output().expect("the command runs")
}

#[test]
fn every_command_line_is_one_that_the_command_knows() {
    assert!(!known(&["check".into(), "--formt".into()]).status.success());
    assert!(!known(&["check".into(), "x".into(), "--format".into(), "sariff".into()]).status.success());
    let mut texts: Vec<(String, String)> =
        FILES.iter().flat_map(|file| scripts(file).into_iter().map(|script| (file.to_string(), script))).collect();
    texts.push((".pre-commit-hooks.yaml".into(), hooks().iter().map(|hook| hook.entry.clone() + "\n").collect()));
    // The book and the page in front of it.
    for file in walkdir::WalkDir::new(root().join("docs")).sort_by_file_name() {
        let path = file.expect("the folder can be read").into_path();
        if path.extension().is_some_and(|it| it == "md") {
            let name = path.strip_prefix(root()).expect("below").display().to_string();
            texts.push((name.clone(), code(&read(&name))));
        }
    }
    texts.push(("README.md".into(), code(&read("README.md"))));
    for subcommand in subcommands() {
        let help = known(std::slice::from_ref(&subcommand)).stdout;
        texts.push((format!("{subcommand} --help"), String::from_utf8(help).expect("text")));
    }
    let mut tried = 0;
    for (file, text) in &texts {
        for arguments in calls(text) {
            let output = known(&arguments);
            assert!(
                output.status.success(),
                "{file}: poolproof {arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            tried += 1;
        }
    }
    assert!(tried > 25, "only {tried} command lines were found");
}

/// The subcommands, as the help lists them.
fn subcommands() -> Vec<String> {
    let help = String::from_utf8(known(&[]).stdout).expect("text");
    let listed = help.split("Commands:\n").nth(1).expect("a list").lines().take_while(|line| !line.is_empty());
    listed
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned))
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn every_subcommand_has_examples_that_call_it() {
    for subcommand in subcommands().iter().filter(|name| *name != "help") {
        let help = String::from_utf8(known(std::slice::from_ref(subcommand)).stdout).expect("text");
        let examples = help.split("Examples:\n").nth(1).unwrap_or_default();
        assert!(calls(examples).iter().any(|call| call[0] == *subcommand), "{subcommand} has no example:\n{help}");
    }
}

/// A hook, as pre-commit reads it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read to know that it can be")]
struct Hook {
    id: String,
    name: String,
    description: String,
    entry: String,
    language: String,
    files: String,
    #[serde(default)]
    args: Vec<String>,
    pass_filenames: Option<bool>,
    require_serial: Option<bool>,
}

fn hooks() -> Vec<Hook> {
    yaml(".pre-commit-hooks.yaml")
}

#[test]
fn hooks_run_when_a_scenario_or_a_runbook_changes() {
    let hooks = hooks();
    let ids: Vec<&str> = hooks.iter().map(|hook| hook.id.as_str()).collect();
    assert_eq!(ids, ["poolproof-test", "poolproof-check"]);
    let runs = |hook: &Hook, file: &str| regex::Regex::new(&hook.files).expect("a pattern").is_match(file);
    for file in ["changes/a/scenario.toml", "night.scenario.toml"] {
        assert!(hooks.iter().all(|hook| runs(hook, file)), "{file}");
    }
    assert!(runs(&hooks[0], "changes/a/patch.ps1") && runs(&hooks[0], "topology.tbxml"));
    for file in ["changes/a/patch.ps1", "Cargo.toml", "myscenario.toml"] {
        assert!(!runs(&hooks[1], file), "{file}");
    }
    assert!(hooks.iter().all(|hook| hook.language == "rust"));
    let guide = read("docs/ci.md");
    assert!(ids.iter().all(|id| guide.contains(id)));
}

/// An action of GitHub, as far as this one uses its form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read to know that it can be")]
struct Action {
    name: String,
    description: String,
    branding: BTreeMap<String, String>,
    inputs: BTreeMap<String, Input>,
    outputs: BTreeMap<String, ActionOutput>,
    runs: Runs,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read to know that it can be")]
struct Input {
    description: String,
    default: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read to know that it can be")]
struct ActionOutput {
    description: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Runs {
    using: String,
    steps: Vec<ActionStep>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read to know that it can be")]
struct ActionStep {
    name: String,
    id: Option<String>,
    shell: String,
    env: BTreeMap<String, String>,
    run: String,
}

#[test]
fn the_action_is_what_the_guide_and_the_workflow_say() {
    let action: Action = yaml("action.yml");
    assert_eq!(action.runs.using, "composite");
    let guide = read("docs/ci.md");
    for (name, input) in &action.inputs {
        assert!(guide.contains(&format!("| `{name}` |")), "docs/ci.md says nothing of {name}");
        let passed = action.runs.steps.iter().flat_map(|step| step.env.values());
        assert!(
            passed.into_iter().any(|value| *value == format!("${{{{ inputs.{name} }}}}")),
            "{name}: {}",
            input.description
        );
    }
    for step in &action.runs.steps {
        // What a caller writes reaches a script as a variable and never as a part of it.
        assert!(!step.run.contains("${{"), "{}", step.name);
    }
    let workflow: Value = yaml(FILES[0]);
    let steps = workflow["jobs"]["poolproof"]["steps"].as_array().expect("steps");
    let used = steps.iter().find(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("/poolproof@")));
    let with = used.expect("the workflow uses the action")["with"].as_object().expect("inputs");
    assert!(with.keys().all(|input| action.inputs.contains_key(input)), "{with:?}");
}

/// A repository with one change, whose runbook holds or does not.
#[cfg(unix)]
mod run {
    use super::*;
    use tempfile::TempDir;

    struct Repository(TempDir);

    impl Repository {
        fn new(holds: bool) -> Repository {
            let folder = TempDir::new().expect("a folder");
            let back = if holds { ", \"Invoke-CsComputerFailBack fe1\"" } else { "" };
            let scenario = format!(
                "title = \"One server\"\nproperties = [\"returns-to-service\"]\n[deployment]\nversion = \"2015\"\n\
                 [[deployment.pool]]\nname = \"pool1\"\nfront-ends = 4\n\
                 [[operator]]\nname = \"alice\"\nsteps = [\"Invoke-CsComputerFailOver fe1\"{back}]\n"
            );
            let change = folder.path().join("changes/a night");
            std::fs::create_dir_all(&change).expect("a folder can be made");
            std::fs::write(change.join("scenario.toml"), scenario).expect("a file can be written");
            // What would build poolproof finds the one that is tested.
            let bin = folder.path().join("bin");
            std::fs::create_dir(&bin).expect("a folder can be made");
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_poolproof"), bin.join("poolproof"))
                .expect("a link can be made");
            std::os::unix::fs::symlink("/bin/true", bin.join("cargo")).expect("a link can be made");
            Repository(folder)
        }

        fn bash(&self, script: &str, variables: &[(&str, &str)]) -> Output {
            let path = format!("{}:{}", self.0.path().join("bin").display(), std::env::var("PATH").unwrap_or_default());
            let mut bash = Command::new("bash");
            bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(self.0.path());
            bash.env("PATH", path).env("GITHUB_PATH", "github-path").env("GITHUB_OUTPUT", "github-output");
            bash.env("RUNNER_TEMP", ".").env("AGENT_TEMPDIRECTORY", ".");
            bash.envs(variables.iter().copied()).output().expect("bash runs")
        }

        fn has(&self, file: &str) -> bool {
            self.0.path().join(file).exists()
        }

        fn text(&self, file: &str) -> String {
            std::fs::read_to_string(self.0.path().join(file)).unwrap_or_default()
        }
    }

    fn said(output: &Output) -> String {
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    #[test]
    fn the_scripts_of_every_guide_pass_what_holds_and_stop_what_does_not() {
        for file in FILES {
            for holds in [true, false] {
                let repository = Repository::new(holds);
                // A step that fails does not keep later ones from running that want to.
                let outputs: Vec<Output> = scripts(file).iter().map(|script| repository.bash(script, &[])).collect();
                let failed = outputs.iter().filter(|output| !output.status.success()).count();
                let expected = usize::from(!holds && file != FILES[0]);
                let told: String = outputs.iter().map(said).collect();
                assert_eq!(failed, expected, "{file}, holds: {holds}: {told}");
                assert!(repository.text("review.html").contains("returns-to-service"), "{file}: {told}");
                if file != FILES[0] {
                    assert!(repository.text("poolproof.xml").contains("<testsuites"), "{file}: {told}");
                }
            }
        }
    }

    fn check(repository: &Repository, inputs: &[(&str, &str)]) -> Output {
        let action: Action = yaml("action.yml");
        let step = action.runs.steps.iter().find(|step| step.id.as_deref() == Some("check")).expect("a step");
        let value = |variable: &String| {
            let input = variable.to_lowercase();
            let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| (*value).to_owned());
            given.unwrap_or_else(|| action.inputs[&input].default.clone())
        };
        let variables: Vec<(String, String)> = step.env.keys().map(|name| (name.clone(), value(name))).collect();
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        repository.bash(&step.run, &variables)
    }

    #[test]
    fn the_action_annotates_and_writes_what_is_asked_for() {
        let repository = Repository::new(false);
        let output =
            check(&repository, &[("sarif", "out.sarif"), ("junit", "out.xml"), ("arguments", "--timeout=10m\n")]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains("::error file=changes/a night/scenario.toml"), "{}", said(&output));
        assert!(
            repository.text("out.sarif").contains("\"version\": \"2.1.0\"")
                && repository.text("out.xml").contains("<testsuites")
        );
        assert_eq!(repository.text("github-output"), "exit-code=1\n");

        let repository = Repository::new(true);
        let output = check(&repository, &[]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(!repository.has("out.sarif") && repository.text("github-output") == "exit-code=0\n");
    }

    #[test]
    fn the_action_says_when_there_is_nothing_to_check_or_no_sense_in_it() {
        let repository = Repository::new(true);
        let output = check(&repository, &[("scenarios", "nowhere/*.toml")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("::error::no scenario matches: nowhere/*.toml"), "{}", said(&output));
        let output = check(&repository, &[("arguments", "--nonsense"), ("sarif", "out.sarif")]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        // A name is not run, whatever is in it.
        let output = check(&repository, &[("scenarios", "$(touch run)"), ("arguments", "`touch run`; touch run")]);
        assert!(output.status.code() == Some(2) && !repository.has("run"), "{}", said(&output));
    }
}
