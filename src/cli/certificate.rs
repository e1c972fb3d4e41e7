//! `check --certificate`: what was found in a form that can be checked without a search.

use super::error::CliError;
use super::{output, progress, terminal};
use poolproof::certificate::{Certified, WriteError, Written, certify};
use poolproof::report::wording::count;
use poolproof::scenario::{Recorded, Scenario};
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::statistics::Statistics;
use poolproof::verdict::{CheckError, ScenarioVerdict};
use std::io;
use std::path::Path;

/// Why the file was left as it was.
enum Left {
    Check(CheckError),
    Write(WriteError),
    /// There is nothing to write, which is no mistake: the verdict is what it is.
    Nothing(WriteError, Box<(ScenarioVerdict, Statistics)>),
}

impl From<io::Error> for Left {
    fn from(error: io::Error) -> Left {
        Left::Write(WriteError::Io(error))
    }
}

/// Checks a scenario, writes the certificate and says on stderr what was written.
pub fn check(
    path: &Path,
    (scenario, recorded): &(Scenario, Recorded),
    options: &CheckOptions,
) -> miette::Result<(ScenarioVerdict, Statistics)> {
    let written = output::replace(path, |out| {
        let Certified { verdict, statistics, written } =
            certify((scenario, recorded), options, out).map_err(Left::Check)?;
        match written {
            Ok(written) => Ok((verdict, statistics, written)),
            Err(error @ (WriteError::Io(_) | WriteError::Internal(_))) => Err(Left::Write(error)),
            Err(error) => Err(Left::Nothing(error, Box::new((verdict, statistics)))),
        }
    });
    progress::done();
    match written {
        Ok((verdict, statistics, written)) => {
            terminal::say(&format!("the certificate is in {} ({})", path.display(), size(&written)));
            Ok((verdict, statistics))
        }
        Err(Left::Nothing(error, checked)) => {
            terminal::say(&format!("there is no certificate: {error}"));
            Ok(*checked)
        }
        Err(Left::Check(error)) => Err(CliError::Check { file: options.file.clone(), error }.into()),
        Err(Left::Write(WriteError::Io(error))) => Err(CliError::Write { path: path.to_owned(), error }.into()),
        Err(Left::Write(error)) => Err(CliError::NoCertificate { file: options.file.clone(), error }.into()),
    }
}

fn size(written: &Written) -> String {
    let Written { bytes, states, claims } = *written;
    let claims = count(claims as u64, "property", "properties");
    let bytes = count(bytes, "byte", "bytes");
    match states {
        Some(states) if states > 0 => {
            let each = written.bytes as f64 / states as f64;
            format!("{claims}, {}, {bytes}, {each:.2} a state", count(states, "state", "states"))
        }
        _ => format!("{claims}, {bytes}"),
    }
}
