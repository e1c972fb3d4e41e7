//! `poolproof explore`: a page on this machine on which a person walks through the states.

use super::error::CliError;
use super::exit::Exit;
use super::limits::Limits;
use super::server::Server;
use super::{engine, names, output, progress};
use poolproof::explore::Explorer;
use poolproof::explore::service::Service;
use poolproof::scenario::property::PropertyName;
use poolproof::verdict::options::Engine;
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  poolproof explore scenario.toml
  poolproof explore scenario.toml --port 0       any port that is free
  poolproof explore scenario.toml --timeout 1m   the walk goes on when the check has given up

The page is served to this machine alone, until Ctrl-C. Its address always holds the way to the state that is shown, so
a link or a bookmark leads back to it.";

/// Serves a local page on which you walk through the states by hand: what can happen next, how everything stands
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The scenario file
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// The port on 127.0.0.1; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 4477)]
    port: u16,
    /// Shows this property in place of those that the scenario names; may be repeated
    #[arg(long = "property", short, value_name = "NAME", value_parser = names::property(), hide_possible_values = true)]
    properties: Vec<PropertyName>,
    #[command(flatten)]
    limits: Limits,
}

/// Serves until Ctrl-C. The check runs beside it and shows the ways to its counterexamples when it has ended.
pub fn run(args: Args) -> miette::Result<Exit> {
    let name = engine::name(&args.file);
    let scenario = engine::load(&args.file)?;
    let options = args.limits.options(&name, &args.properties)?;
    // The page shows how far the check has come.
    progress::done();
    if options.engine != Engine::Exact {
        return Err(CliError::OnlyExact.into());
    }
    let explorer =
        Explorer::new(&scenario, &options).map_err(|error| CliError::Check { file: options.file.clone(), error })?;
    let server = Server::listen(args.port).map_err(|error| CliError::Port { port: args.port, error })?;
    let port = server.port();
    let service = Arc::new(Service::new(explorer, port));
    let checking = Arc::clone(&service);
    let interrupt = Arc::clone(&options.interrupt);
    std::thread::spawn(move || {
        // What went wrong with the check is shown on the page.
        let _ = checking.check(&options);
    });
    output::print(&format!("exploring {name} at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"))?;
    server.serve(service, &interrupt);
    Ok(Exit::Fine)
}
