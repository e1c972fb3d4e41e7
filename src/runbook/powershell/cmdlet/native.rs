//! Programs: service control of old, restarts, installers by name.

use super::Reader;
use super::service::Raw;
use super::status::find_service;
use crate::lifecycle::service::Startup;
use crate::runbook::Command;
use crate::runbook::powershell::ast::Span;
use crate::runbook::powershell::bind::{Argument, Arguments};
use crate::runbook::powershell::exec::{ErrorAction, State};
use crate::runbook::powershell::value::Value;
use crate::topology::{ServerId, ServiceSet};

/// Programs that change nothing a pool notices.
const HARMLESS: &[&str] = &[
    "ping",
    "ipconfig",
    "whoami",
    "hostname",
    "gpresult",
    "w32tm",
    "robocopy",
    "xcopy",
    "nltest",
    "klist",
    "netstat",
    "tasklist",
    "quser",
    "query",
    "systeminfo",
    "nslookup",
    "tracert",
    "pathping",
    "certutil",
    "icacls",
    "attrib",
    "findstr",
    "find",
    "more",
    "timeout",
    "title",
    "echo",
    "dir",
    "type",
    "explorer",
    "notepad",
    "eventvwr",
    "perfmon",
    "services",
    "mmc",
    "wevtutil",
    "logman",
    "setx",
    "driverquery",
    "pswindowsupdate",
    "choice",
    "clip",
    "mode",
    "vssadmin",
    "fsutil",
];

/// Words in the name of a program that installs something.
const INSTALLERS: &[&str] = &[
    "setup",
    "install",
    "bootstrapper",
    "update",
    "patch",
    "hotfix",
    "msiexec",
    "wusa",
    "ocscore",
    "vcredist",
    "dotnet",
    "ndp",
    "kb",
];

/// Whether a program of this path installs something, by its name.
pub(super) fn is_installer(path: &str) -> bool {
    let file = path.rsplit(['\\', '/']).next().unwrap_or(path).to_ascii_lowercase();
    if file.ends_with(".msp") || file.ends_with(".msu") || file.ends_with(".msi") {
        return true;
    }
    let stem = file.strip_suffix(".exe").unwrap_or(&file);
    let program = file.ends_with(".exe") || matches!(stem, "msiexec" | "wusa");
    let number = |word: &str| {
        stem.find(word).is_some_and(|at| stem[at + word.len()..].starts_with(|c: char| c.is_ascii_digit()))
    };
    program && INSTALLERS.iter().any(|word| if *word == "kb" { number("kb") } else { stem.contains(word) })
}

impl Reader<'_> {
    /// Does what a program does; false if it is not known.
    pub(super) fn program(&mut self, path: &str, arguments: &Arguments, span: Span, state: &mut State) -> bool {
        let file = path.trim_matches(['"', '\'']).rsplit(['\\', '/']).next().unwrap_or(path).to_ascii_lowercase();
        let stem = file.strip_suffix(".exe").unwrap_or(&file);
        let words = self.words(arguments);
        let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
        match stem {
            "net" | "net1" => self.net(&lower, span, state),
            "sc" if file == "sc" => {
                let message = "`sc` is `Set-Content` in Windows PowerShell: this writes a file and controls no service";
                self.suspicious(span, "sc-is-set-content", message, Some("write `sc.exe`".into()));
            }
            "sc" => self.sc(&lower, span, state),
            "iisreset" => self.iisreset(&lower, span, state),
            "shutdown" => self.shutdown(&lower, span, state),
            "psshutdown" => self.shutdown(&lower, span, state),
            "cmd" => return self.command_line(&words, span, state),
            "schtasks" | "reg" | "wmic" | "netsh" | "dism" | "gpupdate" => {
                return self.by_verb(stem, &lower, span, state);
            }
            _ if is_installer(path) || (stem == "msiexec" || stem == "wusa") => match state.env.machine {
                Some(server) => self.act(state, Command::Install { server }, ErrorAction::Continue, span),
                None => self.no_machine(span),
            },
            _ if HARMLESS.contains(&stem) => self.ignored(span, format!("`{stem}` has no effect on the pool")),
            _ => return false,
        }
        true
    }

    /// Arguments as a program sees them.
    fn words(&self, arguments: &Arguments) -> Vec<String> {
        let mut words = Vec::new();
        for argument in &arguments.list {
            match argument {
                Argument::Positional(value) => {
                    words.push(self.text(value).map_or_else(|| "?".to_owned(), |text| text.to_string()))
                }
                Argument::Named { name, value, .. } => {
                    let value = value.as_ref().and_then(|value| self.text(value));
                    words.push(value.map_or_else(|| format!("-{name}"), |value| format!("-{name}:{value}")));
                }
                Argument::Unknown => words.push("?".to_owned()),
            }
        }
        words
    }

    /// `cmd /c …`, whose commands follow one another after `&`.
    fn command_line(&mut self, words: &[String], span: Span, state: &mut State) -> bool {
        let line: Vec<&str> = words.iter().flat_map(|word| word.split_whitespace()).collect();
        let switches = line.iter().take_while(|word| word.starts_with('/')).count();
        let line = &line[switches..];
        if line.iter().any(|word| word.contains("&&") || word.contains('|')) {
            let help = "call the programs one by one in the script";
            self.not_understood(span, "a command line with `&&`, `||` or `|`", Some(help.into()));
            return true;
        }
        let line = line.join(" ");
        line.split('&').filter(|command| !command.trim().is_empty()).all(|command| {
            let mut words = command.split_whitespace().map(|word| word.trim_matches('"'));
            let Some(program) = words.next() else { return true };
            let list = words.map(|word| Argument::Positional(Value::text(word))).collect();
            program != "cmd" && self.program(program, &Arguments { list, span }, span, state)
        })
    }

    /// Programs that look or act, by what they are told; false where they act in a way that is not followed.
    fn by_verb(&mut self, program: &str, words: &[String], span: Span, state: &mut State) -> bool {
        let has = |wanted: &[&str]| {
            words
                .iter()
                .any(|word| wanted.contains(&word.trim_start_matches(['/', '-']).split(':').next().unwrap_or("")))
        };
        let looks = match program {
            "schtasks" => has(&["query"]),
            "reg" => {
                has(&["query", "export", "save", "compare", "load", "unload"])
                    || !words.iter().any(|word| word == "?" || word.contains("\\services\\"))
            }
            "wmic" => has(&["get", "list"]) && !has(&["call", "delete", "set", "create"]),
            "netsh" => has(&["show", "dump", "winhttp", "trace", "http"]),
            "gpupdate" => !has(&["boot", "logoff"]) && !words.iter().any(|word| word == "?"),
            _ => words.iter().any(|word| word.starts_with("/get") || word.starts_with("/export")),
        };
        if looks {
            self.ignored(span, format!("`{program}` has no effect on the pool here"));
        } else if program == "dism" && !words.iter().any(|word| word == "?") {
            match state.env.machine {
                Some(server) => self.act(state, Command::Install { server }, ErrorAction::Continue, span),
                None => self.no_machine(span),
            }
        }
        looks || program == "dism"
    }

    fn local(&mut self, span: Span, state: &State) -> Option<ServerId> {
        if state.env.machine.is_none() {
            self.no_machine(span);
        }
        state.env.machine
    }

    fn one_service(&mut self, name: Option<&String>, span: Span) -> Option<ServiceSet> {
        match name.and_then(|name| find_service(name.trim_matches('"'))) {
            Some(service) => Some(ServiceSet::only(service)),
            None if name.is_some_and(|name| name != "?") => {
                self.ignored(span, "the service is not one of the product's");
                None
            }
            None => {
                self.not_understood(span, "which service is meant is not known", None);
                None
            }
        }
    }

    fn raw_by_program(
        &mut self,
        raw: Raw,
        server: Option<ServerId>,
        name: Option<&String>,
        wait: bool,
        span: Span,
        state: &mut State,
    ) {
        let Some(services) = self.one_service(name, span) else { return };
        let Some(server) = server.or_else(|| self.local(span, state)) else { return };
        self.raw(raw, server, services, wait, ErrorAction::Continue, span, state);
    }

    fn net(&mut self, words: &[String], span: Span, state: &mut State) {
        match words.first().map(String::as_str) {
            Some("stop") => self.raw_by_program(Raw::Stop, None, words.get(1), true, span, state),
            Some("start") if words.len() > 1 => self.raw_by_program(Raw::Start, None, words.get(1), true, span, state),
            Some("pause") => self.raw_by_program(Raw::Pause, None, words.get(1), true, span, state),
            Some("continue") => self.raw_by_program(Raw::Start, None, words.get(1), true, span, state),
            Some(
                "use" | "user" | "view" | "time" | "share" | "session" | "localgroup" | "group" | "accounts" | "config"
                | "statistics" | "file" | "computer" | "print" | "send" | "help" | "helpmsg" | "start",
            )
            | None => self.ignored(span, "this `net` command controls no service"),
            _ => self.not_understood(span, "what this `net` command does is not known", None),
        }
    }

    fn sc(&mut self, words: &[String], span: Span, state: &mut State) {
        let (server, words) = match words.split_first() {
            Some((first, rest)) if first.starts_with("\\\\") => {
                match self.server_of(&Value::text(first.trim_start_matches('\\')), state) {
                    Ok(server) => (Some(server), rest),
                    Err(message) => {
                        self.bad_server(&Value::text(first.trim_start_matches('\\')), message, span);
                        return;
                    }
                }
            }
            _ => (None, words),
        };
        let name = words.get(1);
        match words.first().map(String::as_str) {
            Some("stop") => self.raw_by_program(Raw::Stop, server, name, false, span, state),
            Some("start") => self.raw_by_program(Raw::Start, server, name, false, span, state),
            Some("pause") => self.raw_by_program(Raw::Pause, server, name, false, span, state),
            Some("continue") => self.raw_by_program(Raw::Start, server, name, false, span, state),
            Some("config") => {
                let text = words.join(" ");
                let startup = ["disabled", "demand", "auto", "delayed-auto"]
                    .iter()
                    .find(|kind| text.contains(&format!("start= {kind}")) || text.contains(&format!("start={kind}")));
                match startup {
                    Some(&"disabled") => {
                        self.raw_by_program(Raw::Startup(Startup::Disabled), server, name, true, span, state)
                    }
                    Some(&"demand") => {
                        self.raw_by_program(Raw::Startup(Startup::Manual), server, name, true, span, state)
                    }
                    Some(_) => self.raw_by_program(Raw::Startup(Startup::Automatic), server, name, true, span, state),
                    None if text.contains("start=") || words.iter().any(|word| word == "?") => {
                        self.not_understood(span, "this startup type does not exist or is not known", None);
                    }
                    None => self.ignored(span, "does not change the startup type"),
                }
            }
            Some(
                "query" | "queryex" | "qc" | "qdescription" | "qfailure" | "description" | "failure" | "failureflag"
                | "sdshow" | "enumdepend" | "getdisplayname" | "getkeyname" | "interrogate" | "qprivs" | "qsidtype",
            )
            | None => self.ignored(span, "this `sc.exe` command changes no service"),
            _ => self.not_understood(span, "what this `sc.exe` command does is not known", None),
        }
    }

    fn iisreset(&mut self, words: &[String], span: Span, state: &mut State) {
        let named = words.iter().find(|word| !word.starts_with(['/', '-'])).cloned();
        let server = match named {
            Some(name) => match self.server_of(&Value::text(name.trim_start_matches('\\')), state) {
                Ok(server) => Some(server),
                Err(message) => {
                    self.bad_server(&Value::text(name), message, span);
                    return;
                }
            },
            None => self.local(span, state),
        };
        let Some(server) = server else { return };
        let has = |word: &str| words.iter().any(|own| own.trim_start_matches(['/', '-']) == word);
        let raw = if has("stop") {
            Raw::Stop
        } else if has("start") {
            Raw::Start
        } else if has("status") {
            return self.ignored(span, "shows how IIS stands");
        } else {
            Raw::Restart
        };
        self.raw(raw, server, ServiceSet::named(&["W3SVC"]), true, ErrorAction::Continue, span, state);
    }

    fn shutdown(&mut self, words: &[String], span: Span, state: &mut State) {
        // `/r/f` is two of them.
        let has = |word: &str| words.iter().any(|own| own.split('/').any(|own| own.trim_start_matches('-') == word));
        let machine =
            words.iter().position(|word| word.trim_start_matches(['/', '-']) == "m").and_then(|at| words.get(at + 1));
        let machine = machine.or_else(|| words.iter().find(|word| word.starts_with("\\\\")));
        let server = match machine {
            Some(name) => {
                let value = Value::text(name.trim_start_matches('\\'));
                match self.server_of(&value, state) {
                    Ok(server) => Some(server),
                    Err(message) => {
                        self.bad_server(&value, message, span);
                        return;
                    }
                }
            }
            None => self.local(span, state),
        };
        let Some(server) = server else { return };
        if has("r") || has("g") {
            self.act(
                state,
                Command::Restart { server, wait: self.by_hand && self.context.machine == Some(server) },
                ErrorAction::Continue,
                span,
            );
        } else if has("s") || has("p") {
            self.act(state, Command::Shutdown { server }, ErrorAction::Continue, span);
        } else if has("a") {
            self.not_understood(span, "whether this calls a restart off in time is not known", None);
        } else if has("l") || has("i") || (has("?") && words.iter().any(|own| own == "/?")) {
            self.ignored(span, "this `shutdown` changes nothing");
        } else {
            self.not_understood(span, "what this `shutdown` does is not known", None);
        }
    }
}
