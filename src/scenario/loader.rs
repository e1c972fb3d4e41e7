//! Where the files that a scenario names come from.
//!
//! A scenario names runbooks and topology documents relative to its own directory; `..` is allowed,
//! because runbooks are commonly kept beside scenarios and not below them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

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
        let path = self.0.join(path);
        let tidied = tidy(&path);
        // Behind a link, `..` leads elsewhere than it reads.
        let same = path.canonicalize().ok() == tidied.canonicalize().ok();
        if same { tidied } else { path }.display().to_string()
    }
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
            let named = Directory(PathBuf::from(folder)).name(path);
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
        let directory = Directory(at("link"));
        assert_eq!(directory.load("../patch.ps1").expect("it is there"), b"far");
        assert_eq!(Path::new(&directory.name("../patch.ps1")), at("link/../patch.ps1"));
    }
}
