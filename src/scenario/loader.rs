//! Where the files that a scenario names come from.
//!
//! A scenario names runbooks and topology documents relative to its own directory; `..` is allowed,
//! because runbooks are commonly kept beside scenarios and not below them. But a scenario may come from anybody, and
//! reports quote what it names.
//!
//! Invariant: a scenario reaches no file outside of its own directory and of the one in which the program runs, by no
//! path and through no link; and no file is read that is endless or waits for somebody to write it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The largest file that is read, in bytes: several hundred times the largest topology document.
const MOST_BYTES: u64 = 256 << 20;

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

/// Files relative to a directory, in it or below, or in the directory in which the program runs if that is above.
#[derive(Debug, Clone)]
pub struct Directory {
    path: PathBuf,
    root: Option<PathBuf>,
}

impl Directory {
    /// Files relative to a directory.
    pub fn new(path: impl Into<PathBuf>) -> Directory {
        Directory { path: path.into(), root: None }
    }

    /// The directory of a file.
    pub fn of(file: &Path) -> Directory {
        Directory::new(file.parent().unwrap_or(Path::new("")))
    }

    /// Allows files in `root` and below too, for a program that knows where its files belong.
    pub fn within(self, root: impl Into<PathBuf>) -> Directory {
        Directory { root: Some(root.into()), ..self }
    }

    /// Where a path leads, if that is a place that a scenario may read.
    fn allowed(&self, path: &str) -> io::Result<PathBuf> {
        let own = if self.path.as_os_str().is_empty() { Path::new(".") } else { &self.path }.canonicalize()?;
        let real = self.path.join(path).canonicalize()?;
        let root = match &self.root {
            Some(root) => Some(root.canonicalize()?),
            // The root of a file system confines nothing.
            None => {
                std::env::current_dir()?.canonicalize().ok().filter(|it| own.starts_with(it) && it.parent().is_some())
            }
        };
        if real.starts_with(own) || root.is_some_and(|root| real.starts_with(root)) {
            return Ok(real);
        }
        let message = "it lies outside of the folder of the scenario and of the one in which poolproof runs";
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }
}

impl Loader for Directory {
    fn load(&self, path: &str) -> io::Result<Vec<u8>> {
        let path = self.allowed(path)?;
        // Opening a pipe would wait for somebody to write into it.
        if !path.is_dir() && !path.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        read_file(&path)
    }

    fn name(&self, path: &str) -> String {
        let path = self.path.join(path);
        let tidied = tidy(&path);
        // Behind a link, `..` leads elsewhere than it reads.
        let same = path.canonicalize().ok() == tidied.canonicalize().ok();
        if same { tidied } else { path }.display().to_string()
    }
}

/// The bytes of a file that the user names; one that is too large to be meant is refused before it fills the memory.
///
/// # Errors
/// Whatever keeps the file from being read.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("it has more than {} MiB, and no file of a scenario is so large", MOST_BYTES >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// A path without `.`, and without `..` after a folder that it names.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for component in path.components() {
        match (component, tidied.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                tidied.pop();
            }
            (Component::ParentDir, Some(Component::RootDir | Component::Prefix(_))) => {}
            _ => tidied.push(component),
        }
    }
    tidied
}

/// Files that are held in memory, by the path that the scenario uses.
impl Loader for BTreeMap<String, Vec<u8>> {
    fn load(&self, path: &str) -> io::Result<Vec<u8>> {
        self.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_calls_a_file_by_its_shortest_path() {
        let rows = [
            ("models/a", "../../runbooks/patch.ps1", "runbooks/patch.ps1"),
            ("models/a", "./patch.ps1", "models/a/patch.ps1"),
            ("models/a", "../b/./patch.ps1", "models/b/patch.ps1"),
            ("", "../patch.ps1", "../patch.ps1"),
            ("..", "../patch.ps1", "../../patch.ps1"),
            (".", "patch.ps1", "patch.ps1"),
            ("/srv/models", "../../../patch.ps1", "/patch.ps1"),
        ];
        for (folder, path, name) in rows {
            let named = Directory::new(folder).name(path);
            assert_eq!(Path::new(&named), Path::new(name), "{folder} {path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn behind_a_link_the_path_stays_as_it_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        std::fs::create_dir_all(at("far/away")).expect("folders");
        std::fs::write(at("far/patch.ps1"), "far").expect("a file");
        std::fs::write(at("patch.ps1"), "near").expect("a file");
        std::os::unix::fs::symlink(at("far/away"), at("link")).expect("a link");
        let directory = Directory::new(at("link")).within(folder.path());
        assert_eq!(directory.load("../patch.ps1").expect("it is there"), b"far");
        assert_eq!(Path::new(&directory.name("../patch.ps1")), at("link/../patch.ps1"));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_outside_is_reached_by_any_path_or_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        std::fs::create_dir_all(at("own/below")).expect("folders");
        for file in ["secret.ps1", "own/a.ps1", "own/below/b.ps1"] {
            std::fs::write(at(file), file).expect("a file");
        }
        for (link, to) in [("own/link.ps1", "secret.ps1"), ("own/up", ""), ("own/inner.ps1", "own/a.ps1")] {
            std::os::unix::fs::symlink(at(to), at(link)).expect("a link");
        }
        let directory = Directory::new(at("own"));
        let inside = at("own/a.ps1").display().to_string();
        for path in ["a.ps1", "below/b.ps1", "below/../a.ps1", "../own/a.ps1", "inner.ps1", "up/own/a.ps1", &inside] {
            assert!(directory.load(path).is_ok(), "{path}");
        }
        let outside = at("secret.ps1").display().to_string();
        for path in ["../secret.ps1", "below/../../secret.ps1", "link.ps1", "up/secret.ps1", "/etc/passwd", &outside] {
            let error = directory.load(path).expect_err(path);
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{path}: {error}");
            assert!(directory.clone().within(folder.path()).load(path).is_ok() || path.starts_with("/etc"), "{path}");
        }
    }
}
