//! Where the files that a scenario names come from.
//!
//! A scenario names runbooks and topology documents relative to its own directory; `..` is allowed,
//! because runbooks are commonly kept beside scenarios and not below them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Gives the files that a scenario names.
pub trait Loader {
    /// The bytes of a file.
    ///
    /// # Errors
    /// Whatever keeps the file from being read.
    fn load(&self, path: &str) -> io::Result<Vec<u8>>;

    /// What a story calls the file.
    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Files relative to a directory.
#[derive(Debug, Clone)]
pub struct Directory(pub PathBuf);

impl Loader for Directory {
    fn load(&self, path: &str) -> io::Result<Vec<u8>> {
        let path = self.0.join(path);
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        std::fs::read(path)
    }

    fn name(&self, path: &str) -> String {
        let plain = Path::new(path).strip_prefix(".").unwrap_or(Path::new(path));
        self.0.join(plain).display().to_string()
    }
}

/// Files that are held in memory, by the path that the scenario uses.
impl Loader for BTreeMap<String, Vec<u8>> {
    fn load(&self, path: &str) -> io::Result<Vec<u8>> {
        self.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
