//! `check --graph`: the state graph in a file, whose name says in which form.

use super::error::CliError;
use super::{output, progress, terminal};
use poolproof::report::wording::count;
use poolproof::scenario::Scenario;
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{GraphError, GraphFormat, write_graph};
use std::path::{Path, PathBuf};

/// A file for a graph.
#[derive(Debug, Clone)]
pub struct GraphFile {
    path: PathBuf,
    format: GraphFormat,
}

/// The file that an argument names.
pub fn file(text: &str) -> Result<GraphFile, String> {
    let path = PathBuf::from(text);
    let format = match path.extension().and_then(|extension| extension.to_str()) {
        Some("dot" | "gv") => GraphFormat::Dot,
        Some("jsonl") => GraphFormat::JsonLines,
        _ => return Err("write states.dot or states.gv for Graphviz, states.jsonl for JSON lines".to_owned()),
    };
    Ok(GraphFile { path, format })
}

/// Writes the graph of a scenario and says on stderr what was written.
pub fn write(file: &GraphFile, scenario: &Scenario, options: &CheckOptions) -> miette::Result<()> {
    let GraphFile { path, format } = file;
    let written = output::replace(path, |out| write_graph(scenario, options, *format, out));
    progress::done();
    let written = written.map_err(|error| fault(path, &options.file, error))?;
    let size = format!(
        "{}, {}",
        count(written.states, "state", "states"),
        count(written.transitions, "transition", "transitions")
    );
    let rest = written.limit.map_or(String::new(), |limit| format!("; it is not whole: {limit}"));
    terminal::say(&format!("the state graph is in {} ({size}){rest}", path.display()));
    Ok(())
}

fn fault(path: &Path, scenario: &str, error: GraphError) -> CliError {
    match error {
        GraphError::Check(error) => CliError::Check { file: scenario.to_owned(), error },
        GraphError::Write(error) => CliError::Write { path: path.to_owned(), error },
        GraphError::TooLarge(most) => {
            CliError::TooLarge { path: path.to_owned(), most, instead: path.with_extension("jsonl") }
        }
    }
}
