//! The rooms of `docs/architecture.md`: what each may know, how long a file may be, where `unsafe` may stand.
//!
//! Rust is read as tokens, so that comments and strings do not count as imports. Code under `#[cfg(test)]` may know
//! more than its room, since a test looks at a room from outside.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A room, and what else of the crate it may know: a room, or one module of a room.
struct Room {
    name: &'static str,
    may_know: &'static [&'static str],
}

/// The rooms, in the way of the data. What is not listed is forbidden.
const ROOMS: &[Room] = &[
    Room { name: "lifecycle", may_know: &[] },
    Room { name: "fabric", may_know: &["lifecycle"] },
    Room { name: "topology", may_know: &["lifecycle", "fabric"] },
    Room { name: "runbook", may_know: &["lifecycle", "topology"] },
    Room { name: "scenario", may_know: &["lifecycle", "fabric", "topology", "runbook"] },
    Room { name: "check", may_know: &[] },
    Room { name: "model", may_know: &["lifecycle", "fabric", "topology", "runbook", "scenario", "check::model"] },
    Room { name: "verdict", may_know: &["lifecycle", "fabric", "topology", "runbook", "scenario", "model", "check"] },
    // What was found, to be checked without a search; see `the_auditor_shares_nothing_with_the_search`.
    Room { name: "certificate", may_know: &["scenario", "model", "verdict", "check"] },
    // A report is made of a verdict and of the texts that it points into, and need not know how it was found.
    Room {
        name: "report",
        may_know: &["lifecycle", "runbook", "scenario", "verdict", "!verdict::judge", "certificate"],
    },
    // A walk by hand: the model's steps, the words of stories and reports, and the check behind the judge.
    Room {
        name: "explore",
        may_know: &[
            "lifecycle",
            "scenario",
            "model",
            "check::model",
            "check::Witness",
            "verdict",
            "report::wording",
            "report::page::STYLE",
        ],
    },
    Room { name: "reference", may_know: &["lifecycle", "fabric", "topology", "runbook", "scenario", "model", "check"] },
    Room { name: "testing", may_know: &["lifecycle", "runbook", "scenario", "verdict", "report"] },
    // The command uses the library as anybody else does; see `the_command_uses_the_library_from_outside`.
    Room {
        name: "cli",
        may_know: &[
            "lifecycle",
            "fabric",
            "topology",
            "runbook",
            "scenario",
            "model",
            "verdict",
            "certificate",
            "report",
            "explore",
            "reference",
        ],
    },
];

/// What a room must not name of the standard library and of other crates.
const FORBIDDEN: &[(&[&str], &[&str], &str)] = &[
    (
        &["lifecycle", "fabric", "model"],
        &[
            "std::thread",
            "std::sync",
            "std::fs",
            "std::io",
            "std::net",
            "std::process",
            "std::env",
            "HashMap",
            "HashSet",
            "anstream",
            "anstyle",
            "indicatif",
            "terminal_size",
            "clap",
        ],
        "knows no threads, hash tables, terminals or files",
    ),
    (
        &["lifecycle", "fabric", "topology", "runbook", "scenario", "report"],
        &["stateright"],
        "does not know how states are searched",
    ),
    (
        &["check"],
        &["std::fs", "std::net", "std::process", "anstream", "anstyle", "indicatif", "terminal_size", "clap"],
        "knows no terminals and no files",
    ),
    (
        &["explore"],
        &["std::net", "std::fs", "std::process", "std::thread", "hyper", "hyper_util", "tokio", "anstream", "clap"],
        "opens no socket and no file",
    ),
    (
        &["certificate"],
        &["std::net", "std::process", "std::thread", "anstream", "anstyle", "indicatif", "terminal_size", "clap"],
        "knows no terminals, and does one thing after the other",
    ),
    (&["verdict"], &["anstream", "anstyle", "indicatif", "terminal_size", "clap"], "knows no terminals"),
    (
        &[
            "lifecycle",
            "fabric",
            "topology",
            "runbook",
            "scenario",
            "check",
            "model",
            "verdict",
            "certificate",
            "report",
            "explore",
        ],
        &["println!", "print!", "eprintln!", "eprint!", "dbg!", "todo!", "unimplemented!", "process::exit"],
        "is library: it neither prints nor exits, and nothing in it is a stub",
    ),
];

/// Names of the domain that have no business in a checker for any model.
const DOMAIN: &[&str] = &[
    "skype",
    "lync",
    "front end",
    "front-end",
    "frontend",
    "front_end",
    "routing",
    "quorum",
    "fabric",
    "registrar",
    "runbook",
    "cmdlet",
    "powershell",
    "conference",
    "fail-over",
    "failover",
    "fail-back",
    "failback",
    "topology",
    "upgrade domain",
    "sql",
];

const LONGEST_FILE: usize = 600;
const MEDIAN_BELOW: usize = 250;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(below: &str) -> Vec<PathBuf> {
    let found = walkdir::WalkDir::new(root().join(below)).sort_by_file_name();
    let found = found.into_iter().map(|entry| entry.expect("the folder can be read").into_path());
    found.filter(|path| path.extension().is_some_and(|it| it == "rs")).collect()
}

/// The files of src, read once for all tests.
static FILES: LazyLock<Vec<(PathBuf, Reader)>> = LazyLock::new(|| {
    let read = |path: PathBuf| {
        let reader = Reader::read(&read(&path), module_of(&path));
        (path, reader)
    };
    rust_files("src").into_iter().map(read).collect()
});

/// The files of a room, without those that are for tests alone.
fn room(room: &str) -> impl Iterator<Item = &'static (PathBuf, Reader)> {
    let folder = format!("src/{room}/");
    FILES.iter().filter(move |(path, _)| name(path).starts_with(&folder) && !is_test_file(path))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string().replace('\\', "/")
}

/// The path of the module that a file is: `src/model/turn.rs` is `model`, `turn`.
fn module_of(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix(root().join("src")).expect("a file of src");
    let mut module: Vec<String> =
        inside.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib" || last == "main") {
        module.pop();
    }
    module
}

/// A path that is written in a file, from the root of the crate (`crate::check::run`) or of another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Mention {
    path: Vec<String>,
    line: usize,
}

impl Mention {
    fn is_below(&self, prefix: &str) -> bool {
        let parts: Vec<&str> = prefix.split("::").collect();
        self.path.windows(parts.len()).any(|window| window == parts)
    }
}

/// Reads the tokens of a file: its paths, its macros, its `unsafe`.
struct Reader {
    module: Vec<String>,
    mentions: Vec<Mention>,
    unsafe_lines: Vec<usize>,
}

impl Reader {
    fn read(text: &str, module: Vec<String>) -> Reader {
        let mut reader = Reader { module, mentions: Vec::new(), unsafe_lines: Vec::new() };
        let tokens: TokenStream = text.parse().expect("the file is Rust");
        reader.stream(tokens);
        reader
    }

    fn stream(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Punct(punct) if punct.as_char() == '#' && is_cfg_test(tokens.get(at + 1)) => {
                    at = after_item(&tokens, at + 2);
                }
                // Attributes import nothing; the codes of diagnostics look like paths.
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    at += 1 + usize::from(is_punct(tokens.get(at + 1), '!'));
                    let bracket = |group: &proc_macro2::Group| group.delimiter() == Delimiter::Bracket;
                    at += usize::from(matches!(tokens.get(at), Some(TokenTree::Group(group)) if bracket(group)));
                }
                TokenTree::Ident(word) if *word == "mod" => {
                    // A module in the file: `super` means something else in it.
                    match (tokens.get(at + 1), tokens.get(at + 2)) {
                        (Some(TokenTree::Ident(inner)), Some(TokenTree::Group(body))) => {
                            self.module.push(inner.to_string());
                            self.stream(body.stream());
                            self.module.pop();
                            at += 3;
                        }
                        _ => at += 1,
                    }
                }
                TokenTree::Ident(word) => {
                    if *word == "unsafe" {
                        self.unsafe_lines.push(word.span().start().line);
                    }
                    at = self.path(&tokens, at, Vec::new());
                }
                TokenTree::Group(group) => {
                    self.stream(group.stream());
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }

    /// Reads a path that begins at a word; says where to go on.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, mut path: Vec<String>) -> usize {
        let line = tokens[at].span().start().line;
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) => {
                    path.push(word.to_string());
                    at += 1;
                }
                // `use a::{b, c::d}`: every branch is a path.
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let mut branch = 0;
                    while branch < inner.len() {
                        match &inner[branch] {
                            TokenTree::Ident(word) if *word == "as" => branch += 2,
                            TokenTree::Ident(_) => branch = self.path(&inner, branch, path.clone()),
                            _ => branch += 1,
                        }
                    }
                    return at + 1;
                }
                _ => break,
            }
            if !is_punct(tokens.get(at), ':') || !is_punct(tokens.get(at + 1), ':') {
                if is_punct(tokens.get(at), '!')
                    && let Some(last) = path.last_mut()
                {
                    last.push('!');
                }
                break;
            }
            at += 2;
        }
        let path = self.resolved(path);
        self.mentions.push(Mention { path, line });
        at
    }

    /// `super` and `self` resolved: a path of this crate begins with `crate`.
    fn resolved(&self, path: Vec<String>) -> Vec<String> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        match path.first().map(String::as_str) {
            Some("super") => {
                let kept = self.module.len().saturating_sub(supers);
                let here = self.module[..kept].iter().cloned();
                std::iter::once("crate".to_string()).chain(here).chain(path[supers..].iter().cloned()).collect()
            }
            Some("poolproof") => std::iter::once("crate".to_string()).chain(path[1..].iter().cloned()).collect(),
            _ => path,
        }
    }
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_cfg_test(token: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = token else { return false };
    let mut inside = group.stream().into_iter();
    matches!(inside.next(), Some(TokenTree::Ident(word)) if word == "cfg")
        && matches!(inside.next(), Some(TokenTree::Group(what)) if what.stream().to_string() == "test")
}

/// Where the item that begins here ends: after its braces or its semicolon.
fn after_item(tokens: &[TokenTree], from: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    tokens[from..].iter().position(ends).map_or(tokens.len(), |at| from + at + 1)
}

/// Modules that are declared under `#[cfg(test)]` in another file.
fn is_test_file(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests") || name(path).contains("/tests/")
}

#[track_caller]
fn none(violations: Vec<String>, what: &str) {
    assert!(violations.is_empty(), "{} {what}:\n{}", violations.len(), violations.join("\n"));
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let text = r#"
        //! crate::comment::is_none
        use crate::{check::run, model::{self, turn::Turn as T}};
        use super::super::report;
        fn f() { let text = "crate::string"; super::g(crate::topology::X); println!("{}", std::fs::read("a")); }
        mod inner { use super::super::sister; unsafe fn u() {} }
        #[cfg(test)]
        mod tests { use crate::forbidden; }
        table! { crate::in_a_macro }
    "#;
    let reader = Reader::read(text, vec!["model".into(), "turn".into()]);
    let own: BTreeSet<String> =
        reader.mentions.iter().filter(|it| it.path[0] == "crate").map(|it| it.path[1..].join("::")).collect();
    let expected = [
        "check::run",
        "in_a_macro",
        "model::g",
        "model::self",
        "model::sister",
        "model::turn::Turn",
        "report",
        "topology::X",
    ];
    assert_eq!(own.into_iter().collect::<Vec<_>>(), expected);
    assert!(reader.mentions.iter().any(|it| it.is_below("println!")));
    assert!(reader.mentions.iter().any(|it| it.is_below("std::fs")));
    assert_eq!(reader.unsafe_lines.len(), 1);
}

#[test]
fn every_room_is_listed() {
    let folders: BTreeSet<String> = std::fs::read_dir(root().join("src"))
        .expect("src can be read")
        .map(|entry| entry.expect("src can be read"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = ROOMS.iter().map(|room| room.name.to_string()).collect();
    assert_eq!(folders, listed, "a room of src is not listed here, or the other way round");
    let page = read(&root().join("docs/architecture.md"));
    for room in ROOMS {
        assert!(
            page.contains(&format!("| `src/{}/` |", room.name)),
            "docs/architecture.md says nothing of {}",
            room.name
        );
    }
}

#[test]
fn no_room_knows_what_it_must_not_know() {
    let mut violations = Vec::new();
    for this in ROOMS {
        let mut own = 0;
        for (path, reader) in room(this.name) {
            for mention in &reader.mentions {
                let Some(target) = mention.path.get(1).filter(|_| mention.path[0] == "crate") else { continue };
                if !ROOMS.iter().any(|other| other.name == target) || target == this.name {
                    own += usize::from(target == this.name);
                    continue;
                }
                let allowed = |rule: &str| mention.is_below(&format!("crate::{rule}"));
                let denied = this.may_know.iter().filter_map(|rule| rule.strip_prefix('!'));
                let known = this.may_know.iter().any(|rule| allowed(rule)) && !denied.into_iter().any(allowed);
                if !known {
                    let written = mention.path[1..].join("::");
                    violations.push(format!("{}:{}: {} must not know {written}", name(path), mention.line, this.name));
                }
            }
        }
        assert!(own > 0 || room(this.name).count() < 3, "no path was read in {}", this.name);
    }
    none(violations, "imports against docs/architecture.md");
}

#[test]
fn no_room_reaches_for_what_is_outside_its_business() {
    let mut violations = Vec::new();
    for (rooms, words, rule) in FORBIDDEN {
        for (path, reader) in rooms.iter().flat_map(|name| room(name)) {
            for mention in &reader.mentions {
                if let Some(word) = words.iter().find(|word| mention.is_below(word)) {
                    violations.push(format!("{}:{}: {word} in a room that {rule}", name(path), mention.line));
                }
            }
        }
    }
    none(violations, "uses against docs/architecture.md");
}

#[test]
fn the_command_uses_the_library_from_outside() {
    let text = read(&root().join("src/main.rs"));
    assert!(text.lines().count() < 20, "src/main.rs is a few lines");
    let rooms = ROOMS.iter().filter(|room| room.name != "cli");
    for room in rooms {
        assert!(!text.contains(&format!("mod {};", room.name)), "src/main.rs must not compile {} again", room.name);
    }
}

#[test]
fn the_checker_does_not_know_the_domain() {
    let mut violations = Vec::new();
    for path in rust_files("src/check") {
        for (line, text) in read(&path).lines().enumerate() {
            let lower = text.to_lowercase();
            if let Some(word) = DOMAIN.iter().find(|word| lower.contains(*word)) {
                violations.push(format!("{}:{}: '{word}'", name(&path), line + 1));
            }
        }
    }
    none(violations, "names of the domain in src/check");
}

/// Everything of the room of certificates but the writer may run in an audit. Of the checker it may know the interface of
/// models, and of verdicts the plain data; nothing of it may know the writer.
#[test]
fn the_auditor_shares_nothing_with_the_search() {
    let mut violations = Vec::new();
    let mut auditing = 0;
    for (path, reader) in room("certificate") {
        let entrance = name(path) == "src/certificate/mod.rs";
        if name(path) == "src/certificate/write.rs" {
            continue;
        }
        auditing += usize::from(name(path).starts_with("src/certificate/audit/"));
        for mention in reader.mentions.iter().filter(|mention| mention.path[0] == "crate") {
            let below = |prefixes: &[&str]| prefixes.iter().any(|prefix| mention.is_below(prefix));
            // What the entrance offers beside the audit is to check and certify at once.
            let certify = entrance && below(&["crate::verdict"]);
            let search = below(&["crate::check"]) && !below(&["crate::check::model"]);
            let judge = below(&["crate::verdict", "crate::certificate::write"])
                && !below(&["crate::verdict::ReadingValue"])
                && !certify;
            if search || judge {
                violations.push(format!("{}:{}: {}", name(path), mention.line, mention.path[1..].join("::")));
            }
        }
    }
    assert!(auditing > 3, "the auditor was not found");
    none(violations, "places where an audit knows of the search");
}

#[test]
fn unsafe_stands_in_the_store_alone() {
    let mut violations = Vec::new();
    for (path, reader) in FILES.iter().filter(|(path, _)| !name(path).starts_with("src/check/store/")) {
        violations.extend(reader.unsafe_lines.iter().map(|line| format!("{}:{line}", name(path))));
    }
    none(violations, "places outside src/check/store that are unsafe");
}

#[test]
fn one_concept_a_file() {
    let mut violations = Vec::new();
    let mut lengths = Vec::new();
    for path in [rust_files("src"), rust_files("tests")].concat() {
        let lines = read(&path).lines().count();
        if lines > LONGEST_FILE {
            violations.push(format!("{}: {lines} lines", name(&path)));
        }
        if name(&path).starts_with("src/") {
            lengths.push(lines);
        }
    }
    none(violations, &format!("files with more than {LONGEST_FILE} lines"));
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < MEDIAN_BELOW, "half of the files have {median} lines or more");
}
