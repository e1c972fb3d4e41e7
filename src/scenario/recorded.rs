//! A scenario with everything that was read for it, so that the same can be read again where no such files are.

use super::Scenario;
use super::loader::Loader;
use super::problem::ScenarioError;
use super::read::{open, parse};
use std::cell::RefCell;
use std::io;
use std::path::Path;

/// Everything that was read for a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What messages and stories call the scenario file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The files that it names, in the order of their paths.
    pub files: Vec<RecordedFile>,
}

/// A file that a scenario names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedFile {
    /// The path as the scenario uses it.
    pub path: String,
    /// What a story calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A loader that notes what it gives.
struct Noting<'l> {
    loader: &'l dyn Loader,
    files: RefCell<Vec<RecordedFile>>,
}

impl Loader for Noting<'_> {
    fn load(&self, path: &str) -> io::Result<Vec<u8>> {
        let bytes = self.loader.load(path)?;
        let mut files = self.files.borrow_mut();
        if let Err(at) = files.binary_search_by(|file| file.path.as_str().cmp(path)) {
            files
                .insert(at, RecordedFile { path: path.to_owned(), name: self.loader.name(path), bytes: bytes.clone() });
        }
        Ok(bytes)
    }

    fn name(&self, path: &str) -> String {
        self.loader.name(path)
    }
}

/// The files as they were.
impl Loader for Recorded {
    fn load(&self, path: &str) -> io::Result<Vec<u8>> {
        let file = self.files.iter().find(|file| file.path == path);
        file.map(|file| file.bytes.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn name(&self, path: &str) -> String {
        self.files.iter().find(|file| file.path == path).map_or_else(|| path.to_owned(), |file| file.name.clone())
    }
}

impl Recorded {
    /// Reads the scenario again.
    ///
    /// # Errors
    /// As for [`parse`].
    pub fn read(&self) -> Result<Scenario, ScenarioError> {
        parse(&self.file, &self.text, self)
    }
}

/// Reads a scenario as [`super::load`] does, and keeps what was read.
///
/// # Errors
/// As for [`super::load`].
pub fn load_recorded(path: &Path) -> Result<(Scenario, Recorded), ScenarioError> {
    let (file, text, directory) = open(path)?;
    let noting = Noting { loader: &directory, files: RefCell::default() };
    let scenario = parse(&file, &text, &noting)?;
    Ok((scenario, Recorded { file, text, files: noting.files.into_inner() }))
}
