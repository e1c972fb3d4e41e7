//! How a check is run: the arguments that `check` and `test` share.

use super::error::CliError;
use super::progress::{self, Shown};
use super::{interrupt, memory, names};
use bytesize::ByteSize;
use poolproof::scenario::property::PropertyName;
use poolproof::verdict::options::{CheckOptions, Engine, SelfCheck, TellApart};
use std::time::Duration;

/// Engine, threads and limits. A limit that is hit makes the verdict "not proved", never "holds".
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How to explore")]
pub struct Limits {
    /// Threads that explore [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Who explores
    #[arg(long, value_name = "ENGINE", default_value = "exact", value_parser = names::engine())]
    engine: Engine,
    /// Gives up after this many distinct states of a scenario: 5000000, 5_000_000
    #[arg(long, value_name = "N", value_parser = count)]
    max_states: Option<u64>,
    /// Gives up when the states of a scenario take this much memory: 8GiB, 500MB [default: most of what is free]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// Gives up on a scenario after this time: 90s, 10m, 1h30m
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    /// Does not look further than this many steps from the beginning
    #[arg(long, value_name = "N")]
    max_depth: Option<u64>,
    /// Checks the model and the checker beside the properties; may be repeated
    #[arg(long, value_name = "CHECK")]
    self_check: Vec<Check>,
    /// Explores states that no property needs, so that the verdict does not rest on their being alike: `servers` tells
    /// interchangeable servers and operators apart, a name such as RTCSRV a service, `services` all of them; may be repeated
    #[arg(long, value_name = "WHAT", value_parser = names::apart)]
    tell_apart: Vec<TellApart>,
    /// How to show how far a check has come
    #[arg(long, value_name = "FORM", default_value = "auto")]
    progress: Shown,
}

/// What a self-check does. A difference is a bug, and ends the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Check {
    /// Runs every transition twice and compares
    Twice,
    /// Replays every transition of every stored state through the step-by-step description of the model
    Replay,
}

impl Limits {
    /// The same for one scenario whose search is to show what it knows, which one engine can.
    pub fn exact_options(&self, file: &str, properties: &[PropertyName]) -> Result<CheckOptions, CliError> {
        match self.engine {
            Engine::Exact if self.tell_apart.is_empty() => self.options(file, properties),
            Engine::Exact => Err(CliError::NotCertified),
            Engine::Stateright => Err(CliError::NotInEngine { option: "--certificate" }),
        }
    }

    /// The options for one scenario; the flag of an interruption is the same for all.
    pub fn options(&self, file: &str, properties: &[PropertyName]) -> Result<CheckOptions, CliError> {
        if self.engine == Engine::Stateright {
            let given = [
                (self.max_states.is_some(), "--max-states"),
                (self.memory.is_some(), "--memory"),
                (self.max_depth.is_some(), "--max-depth"),
                (!self.self_check.is_empty(), "--self-check"),
            ];
            if let Some((_, option)) = given.into_iter().find(|(given, _)| *given) {
                return Err(CliError::NotInEngine { option });
            }
        }
        Ok(CheckOptions {
            file: file.to_owned(),
            threads: self.threads.map_or(0, usize::from),
            engine: self.engine,
            max_states: self.max_states,
            memory: self.memory.map(|size| size.as_u64()).or_else(memory::available),
            timeout: self.timeout,
            max_depth: self.max_depth,
            self_check: SelfCheck {
                twice: self.self_check.contains(&Check::Twice),
                replay: self.self_check.contains(&Check::Replay),
            },
            tell_apart: self.tell_apart.iter().fold(TellApart::default(), |one, other| TellApart {
                services: one.services.or(other.services),
                servers: one.servers || other.servers,
            }),
            properties: properties.to_vec(),
            interrupt: interrupt::flag(),
            progress: progress::on_progress(self.progress, file),
        })
    }
}

fn count(text: &str) -> Result<u64, String> {
    match text.replace(['_', ','], "").parse() {
        Ok(0) => Err("at least one state is needed".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err("not a number such as 5000000 or 5_000_000".to_owned()),
    }
}
