//! What a user can do wrong outside a scenario.

use poolproof::certificate::WriteError;
use poolproof::runbook::powershell::DecodeError;
use poolproof::verdict::CheckError;
use std::io;
use std::path::PathBuf;

/// Why a scenario cannot be read.
pub type LoadError = poolproof::scenario::ScenarioError;

/// An error that ends the command with [`super::exit::Exit::Usage`].
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CliError {
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    #[diagnostic(code(poolproof::output))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(code(poolproof::input))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A scenario has something that the reference in TLA+ does not contain.
    #[error("{file} cannot be written in TLA+: the reference does not contain {feature}")]
    #[diagnostic(code(poolproof::export), help("leave it out of the scenario, or use `poolproof check`"))]
    Unsupported {
        /// The scenario.
        file: String,
        /// What it has.
        feature: &'static str,
    },
    /// A runbook is no text.
    #[error("{} is no text", path.display())]
    #[diagnostic(
        code(poolproof::input),
        help("expected a script or a document, as UTF-8, or as UTF-16 with a byte order mark")
    )]
    NoText {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: DecodeError,
    },
    /// No operator of a scenario runs a runbook.
    #[error("no operator of {} runs {}", scenario.display(), file.display())]
    #[diagnostic(code(poolproof::input), help("its runbooks and steps are in {runbooks}"))]
    NobodyRuns {
        /// The runbook.
        file: PathBuf,
        /// The scenario.
        scenario: PathBuf,
        /// What its operators follow.
        runbooks: String,
    },
    /// It is not clear which runbook of a scenario others take the place of.
    #[error("{} does not say which runbook is compared", file.display())]
    #[diagnostic(code(poolproof::diff), help("{}", which(runbooks)))]
    WhichRunbook {
        /// The scenario.
        file: PathBuf,
        /// The runbooks that it names.
        runbooks: String,
    },
    /// A file that `init` would write exists.
    #[error("{} exists already", path.display())]
    #[diagnostic(code(poolproof::init), help("name another folder: `poolproof init FOLDER`"))]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A folder could not be searched.
    #[error("cannot search {}", path.display())]
    #[diagnostic(code(poolproof::search))]
    Search {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        error: walkdir::Error,
    },
    /// A folder contains no scenario.
    #[error("no scenario in {}", path.display())]
    #[diagnostic(
        code(poolproof::search),
        help(
            "a folder is searched for files named scenario.toml or *.scenario.toml; any other file can be named itself"
        )
    )]
    NothingFound {
        /// The folder.
        path: PathBuf,
    },
    /// A scenario cannot be checked.
    #[error("{file} cannot be checked")]
    #[diagnostic(code(poolproof::check))]
    Check {
        /// The scenario.
        file: String,
        /// Why.
        #[source]
        error: CheckError,
    },
    /// A state graph is too large for its form.
    #[error("{} would be a drawing of more than {most} states, and no drawing shows so many", path.display())]
    #[diagnostic(code(poolproof::graph), help("JSON lines have no limit: `--graph {}`", instead.display()))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What a drawing can have.
        most: usize,
        /// A file that has no such limit.
        instead: PathBuf,
    },
    /// One file cannot hold the graphs of several scenarios.
    #[error("--graph writes the graph of one scenario, and {count} are named")]
    #[diagnostic(code(poolproof::graph), help("call it once for each scenario"))]
    OneGraph {
        /// How many.
        count: usize,
    },
    /// One certificate is about one scenario.
    #[error("--certificate writes the certificate of one scenario, and {count} are named")]
    #[diagnostic(code(poolproof::certificate), help("call it once for each scenario"))]
    OneCertificate {
        /// How many.
        count: usize,
    },
    /// A certificate could not be made.
    #[error("there is no certificate of {file}")]
    #[diagnostic(code(poolproof::certificate))]
    NoCertificate {
        /// The scenario.
        file: String,
        /// Why.
        #[source]
        error: WriteError,
    },
    /// An option that stateright's search would not heed.
    #[error("the stateright engine does not know {option}")]
    #[diagnostic(
        code(poolproof::engine),
        help("it stops by --timeout alone; `--engine exact` heeds every limit and check")
    )]
    NotInEngine {
        /// The option.
        option: &'static str,
    },
    /// A certificate says nothing of how the model is built.
    #[error("a certificate is of the model as it is, without --tell-apart")]
    #[diagnostic(code(poolproof::certificate), help("leave one of --certificate and --tell-apart away"))]
    NotCertified,
    /// The explorer shows what only one engine finds.
    #[error("the explorer checks with the exact engine alone")]
    #[diagnostic(code(poolproof::engine), help("leave --engine out"))]
    OnlyExact,
    /// A port cannot be listened on.
    #[error("cannot listen on port {port} of 127.0.0.1")]
    #[diagnostic(code(poolproof::port), help("`--port 0` takes any port that is free"))]
    Port {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// Several scenarios could not be read.
    #[error("{count} scenarios cannot be read")]
    Several {
        /// How many.
        count: usize,
        /// Why.
        #[related]
        errors: Vec<LoadError>,
    },
}

fn which(runbooks: &str) -> String {
    if runbooks.is_empty() {
        return "no operator of it has a `runbook`; compare two scenarios: `poolproof diff OLD.toml NEW.toml`"
            .to_owned();
    }
    format!(
        "it has several ({runbooks}), and neither OLD nor NEW is one of them; compare two scenarios, or name one of these"
    )
}
