//! From the text of a scenario to a [`Scenario`], or to everything that is wrong with it.
//!
//! Two rounds: first the shape of the file (TOML, keys, types), then its meaning (names, numbers, files).
//! Each round reports all it finds; the second needs the first to have passed, and what hangs on a
//! deployment that is wrong is not looked at, so that no message is a mere consequence of another.

use super::file::File;
use super::loader::{Directory, Loader, read_file};
use super::problem::{Problem, ScenarioError, place};
use super::property::PropertyName;
use super::readings::Reading;
use super::{Runbooks, Scenario, capacity, deployment, expect, faults, initially, limits, operators, schema, shape};
use crate::runbook::excerpt::{control_character, printable};
use crate::runbook::{Place, Remark, RemarkKind, Source};
use serde::Deserialize;
use serde_json::Value;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use toml::de::DeTable;

/// The largest scenario file, in bytes: a thousand times the largest that a person writes.
const MOST_BYTES: usize = 4 << 20;

/// Reads a scenario file and the files that it names, which are relative to its directory.
///
/// # Errors
/// [`ScenarioError::Unreadable`] if the file itself cannot be read, [`ScenarioError::Mistakes`] with
/// everything that is wrong with what it says.
pub fn load(path: &Path) -> Result<Scenario, ScenarioError> {
    let (file, text, directory) = open(path)?;
    parse(&file, &text, &directory)
}

/// Reads the text of a scenario. `name` is what messages and stories call the file; `loader` gives the
/// files that it names.
///
/// ```
/// use std::collections::BTreeMap;
/// let text = r#"
///     [deployment]
///     version = "2015"
///     [[deployment.pool]]
///     name = "pool1"
///     front-ends = 3
/// "#;
/// let scenario = poolproof::scenario::parse("small.toml", text, &BTreeMap::new())?;
/// assert_eq!(scenario.deployment.servers[2].fqdn, "fe3");
/// # Ok::<(), poolproof::scenario::ScenarioError>(())
/// ```
///
/// # Errors
/// [`ScenarioError::Mistakes`] with everything that is wrong with what it says.
pub fn parse(name: &str, text: &str, loader: &dyn Loader) -> Result<Scenario, ScenarioError> {
    let mut reader = Reader::new(source_of(name, text), loader);
    let scenario = reader.file().and_then(|file| reader.scenario(&file));
    finished(name, scenario, reader.problems)
}

/// Reads the runbooks that a scenario names, for looking at: what is not understood in one is among its remarks.
///
/// # Errors
/// As [`load`], for what else is wrong with the scenario.
pub fn read_runbooks(path: &Path) -> Result<Runbooks, ScenarioError> {
    let (file, text, directory) = open(path)?;
    let mut reader = Reader::new(source_of(&file, &text), &directory);
    reader.for_looking_at = true;
    let runbooks = reader.file().and_then(|file| {
        let deployment = deployment::resolve(&mut reader, &file.deployment)?;
        let vocabulary = operators::vocabulary(&mut reader, &file.commands, &deployment);
        let operators = operators::resolve(&mut reader, &file.operator, &deployment, &vocabulary);
        Some(Runbooks { deployment, operators })
    });
    finished(&file, runbooks, reader.problems)
}

/// The text of a scenario file.
///
/// # Errors
/// [`ScenarioError`] if it cannot be read, is too large or is no text.
pub fn text_of(path: &Path) -> Result<String, ScenarioError> {
    let file = path.display().to_string();
    let unreadable = |error| ScenarioError::Unreadable { file: file.clone(), error };
    let bytes = read_file(path).map_err(unreadable)?;
    if bytes.len() > MOST_BYTES {
        let message = format!("it has {} bytes, and a scenario has at most {MOST_BYTES}", bytes.len());
        return Err(unreadable(std::io::Error::new(std::io::ErrorKind::FileTooLarge, message)));
    }
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(&file, &error))?;
    match control_character(&text) {
        Some((at, character)) => Err(not_text(&file, &text, at, character)),
        None => Ok(text),
    }
}

/// The text of a scenario file, and where the files are that it names.
pub(super) fn open(path: &Path) -> Result<(String, String, Directory), ScenarioError> {
    let file = path.display().to_string();
    let text = text_of(path)?;
    Ok((file, text, Directory::of(path)))
}

fn source_of(name: &str, text: &str) -> Arc<Source> {
    // A byte order mark is no part of the text; without it, offsets are those of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Arc::new(Source::new(name, text))
}

/// What was read, if nothing is wrong with it.
fn finished<T>(name: &str, read: Option<T>, mut problems: Vec<Problem>) -> Result<T, ScenarioError> {
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => {
            problems.sort_by(|a, b| {
                let own = |problem: &Problem| problem.place.source.name != name;
                own(a).cmp(&own(b)).then(a.place.offset.cmp(&b.place.offset))
            });
            Err(ScenarioError::Mistakes { file: name.to_owned(), problems })
        }
    }
}

/// What the modules that find out a scenario's meaning have in common.
pub(super) struct Reader<'a> {
    /// The scenario file.
    pub source: Arc<Source>,
    /// Gives the files that it names.
    pub loader: &'a dyn Loader,
    /// What is wrong, as far as it is known.
    pub problems: Vec<Problem>,
    remarks: Vec<Remark>,
    /// What is not understood in a runbook is no mistake: it is only looked at.
    pub for_looking_at: bool,
}

impl<'a> Reader<'a> {
    /// A reader that has found nothing yet.
    pub fn new(source: Arc<Source>, loader: &'a dyn Loader) -> Reader<'a> {
        Reader { source, loader, problems: Vec::new(), remarks: Vec::new(), for_looking_at: false }
    }

    /// A place in the scenario file.
    pub fn place(&self, span: &Range<usize>) -> Place {
        place(&self.source, span.clone())
    }

    /// The first line of what a table covers: its header.
    pub fn header(&self, span: &Range<usize>) -> Range<usize> {
        let text = self.source.text.get(span.clone()).unwrap_or("");
        span.start..span.start + text.lines().next().unwrap_or("").len()
    }

    /// A mistake in the scenario file: `code`, where, what is wrong, what was expected there.
    pub fn mistake(
        &self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Problem {
        Problem::new(code, self.place(span), message, label)
    }

    /// Notes a mistake; the scenario will be refused.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes something that is legal and suspicious.
    pub fn remark(&mut self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let place = self.place(span);
        let (message, help) = (message.into(), Some(help.into()));
        self.remarks.push(Remark { kind: RemarkKind::Suspicious, code: "scenario", message, help, place });
    }

    /// The bytes of a file that the scenario names at `span`.
    pub fn file_named(&mut self, path: &str, span: &Range<usize>) -> Option<Vec<u8>> {
        if path.is_empty() {
            self.report(self.mistake("no-file", span, "the name of the file is empty", "expected a path"));
            return None;
        }
        match self.loader.load(path) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let file = self.loader.name(path);
                let problem =
                    self.mistake("no-file", span, format!("cannot read {file}"), reason(&error)).help(format!(
                        "a path is relative to the directory of the scenario, {}",
                        if path.contains('\\') {
                            "and `/` separates its parts"
                        } else {
                            "and `..` leads no further than the folder in which poolproof runs"
                        }
                    ));
                self.report(problem);
                None
            }
        }
    }

    /// The file as it is written, if its shape is right.
    fn file(&mut self) -> Option<File> {
        static SCHEMA: LazyLock<Value> = LazyLock::new(schema::schema);
        let source = Arc::clone(&self.source);
        let (document, errors) = DeTable::parse_recoverable(&source.text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let mut lines = error.message().lines();
            let message = format!("this is not TOML: {}", lines.next().unwrap_or("syntax error"));
            let rest = lines.collect::<Vec<_>>().join(" ");
            let problem =
                self.mistake("not-toml", &span, message, if rest.is_empty() { "here".to_owned() } else { rest });
            self.report(problem);
        }
        if !self.problems.is_empty() {
            return None;
        }
        self.problems = shape::compare(&document, &SCHEMA, &source);
        if !self.problems.is_empty() {
            return None;
        }
        match File::deserialize(toml::Deserializer::from(document)) {
            Ok(file) => Some(file),
            Err(error) => {
                // Unreachable as long as schema and types agree, which a test asserts; no reason to panic.
                let span = error.span().unwrap_or(0..0);
                self.report(self.mistake("wrong-shape", &span, error.message(), "here"));
                None
            }
        }
    }

    fn scenario(&mut self, file: &File) -> Option<Scenario> {
        let properties = self.properties(file);
        let fixed_readings = fixed_readings(file);
        let expectations = expect::resolve(self, file, &properties, &fixed_readings);
        let deployment = deployment::resolve(self, &file.deployment)?;
        let vocabulary = operators::vocabulary(self, &file.commands, &deployment);
        let capacity = capacity::resolve(self, &file.capacity, &deployment);
        let initially = initially::resolve(self, &file.initially, &deployment);
        let faults = faults::resolve(self, &file.faults, &deployment);
        let operators = operators::resolve(self, &file.operator, &deployment, &vocabulary);
        let title = match &file.title {
            Some(title) if title.value.trim().is_empty() || title.value.trim().contains(char::is_control) => {
                let label = "expected one line; more can be said in `description`";
                self.report(self.mistake("title", &title.span, "the title is not one line", label));
                String::new()
            }
            Some(title) => title.value.trim().to_owned(),
            None => default_title(&self.source.name),
        };
        let scenario = Scenario {
            title,
            description: printable(file.description.as_deref().unwrap_or("").trim()),
            deployment,
            initially,
            operators,
            faults,
            capacity,
            fixed_readings,
            properties,
            expectations,
            remarks: std::mem::take(&mut self.remarks),
        };
        let at = self.header(&file.deployment.span);
        limits::servers(self, &scenario, &at);
        Some(scenario)
    }

    fn properties(&mut self, file: &File) -> Vec<PropertyName> {
        let Some(named) = &file.properties else { return PropertyName::ALL.to_vec() };
        let mut seen: Vec<(PropertyName, Range<usize>)> = Vec::new();
        for name in &named.value {
            let Some(property) = PropertyName::named(&name.value) else { continue };
            match seen.iter().find(|(other, _)| *other == property) {
                Some((_, first)) => {
                    let message = format!("`{}` is listed twice", name.value);
                    let problem = self.mistake("twice", &name.span, message, "remove one of them");
                    self.report(problem.also(self.place(first), "first here"));
                }
                None => seen.push((property, name.span.clone())),
            }
        }
        let mut properties: Vec<PropertyName> = seen.into_iter().map(|(property, _)| property).collect();
        properties.sort_unstable();
        properties
    }
}

/// The readings that the file fixes, in the order of the list of readings. Names were checked by the schema.
fn fixed_readings(file: &File) -> Vec<(Reading, u8)> {
    let mut fixed: Vec<(Reading, u8)> = file
        .readings
        .0
        .iter()
        .filter_map(|(name, value)| {
            let reading = Reading::named(&name.value)?;
            Some((reading, reading.value_named(&value.value)?))
        })
        .collect();
    fixed.sort_unstable();
    fixed
}

/// The name of the file without its extension; of `models/patch/scenario.toml` that of the folder.
fn default_title(file: &str) -> String {
    let path = Path::new(file);
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    match stem(path) {
        Some(name) if name != "scenario" => name,
        other => path.parent().and_then(stem).or(other).unwrap_or_else(|| file.to_owned()),
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        _ => error.to_string(),
    }
}

fn not_text(file: &str, text: &str, at: usize, character: char) -> ScenarioError {
    let source = Arc::new(Source::new(file.to_owned(), printable(text)));
    let message = format!("this is not TOML: the control character U+{:04X}", u32::from(character));
    let problem = Problem::new("not-toml", place(&source, at..at + 1), message, "no text has it")
        .help("in a string, write it as `\\uXXXX`");
    ScenarioError::Mistakes { file: file.to_owned(), problems: vec![problem] }
}

fn not_utf8(file: &str, error: &std::string::FromUtf8Error) -> ScenarioError {
    let valid = error.utf8_error().valid_up_to();
    let text = printable(&String::from_utf8_lossy(error.as_bytes()));
    let wide = matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let source = Arc::new(Source::new(file, text));
    let message = if wide { "the file is UTF-16, and TOML is UTF-8" } else { "the file is not UTF-8" };
    let problem = Problem::new("not-utf-8", place(&source, valid..valid + 1), message, "from here on")
        .help("save the file as UTF-8");
    ScenarioError::Mistakes { file: file.to_owned(), problems: vec![problem] }
}
