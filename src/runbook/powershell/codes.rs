//! The codes of remarks, in one list, so that a consumer can rely on them and the book can explain them.

use crate::runbook::RemarkKind;

/// What a code is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The code, in kebab-case.
    pub name: &'static str,
    /// How serious a remark with this code is.
    pub kind: RemarkKind,
    /// What it says, in a clause.
    pub meaning: &'static str,
}

const fn suspicious(name: &'static str, meaning: &'static str) -> Code {
    Code { name, kind: RemarkKind::Suspicious, meaning }
}

const fn not_understood(name: &'static str, meaning: &'static str) -> Code {
    Code { name, kind: RemarkKind::NotUnderstood, meaning }
}

const fn ignored(name: &'static str, meaning: &'static str) -> Code {
    Code { name, kind: RemarkKind::Ignored, meaning }
}

/// Every code that a remark on a runbook can have.
pub const CODES: &[Code] = &[
    suspicious("fail-over-without-fail-back", "on some path a server that was failed over is not failed back"),
    suspicious("stop-without-start", "on some path a server that was stopped is not started"),
    suspicious("left-out-on-error", "an error in the middle ends the script while a server is out"),
    suspicious("fail-over-not-checked", "a fail-over that failed is followed by work on the server"),
    suspicious("catch-never-runs", "nothing in a `try` stops with an error, so its `catch` is never run"),
    suspicious("next-without-check", "the next server goes, and nothing was tested since the last one came back"),
    suspicious("checks-another-pool", "what was tested in between is about another pool"),
    suspicious("status-not-tested", "a status is read or displayed, and nothing tests it"),
    suspicious("stale-snapshot", "a loop tests what was read before it and is never read again"),
    suspicious("wait-without-bound", "nothing bounds a wait"),
    suspicious("drain-without-bound", "nothing bounds a drain"),
    suspicious("endless-loop", "a loop never ends"),
    suspicious("waits-for-w3svc", "a wait looks for W3SVC, which says nothing about the front end"),
    suspicious("blocking-cold-start", "a whole pool is started one server at a time, each waited for"),
    suspicious("full-reset", "a FullReset as a step"),
    suspicious("force-whatif", "`-Force -WhatIf`, which acts"),
    suspicious("starts-whatever-is-stopped", "what somebody stopped on purpose is started"),
    suspicious("path-printed", "the path of a program is printed, not run"),
    suspicious("break-leaves-loop-only", "a `break` that was meant to stop the script leaves a small loop"),
    suspicious("break-outside-loop", "a `break` outside of any loop ends the whole script"),
    suspicious("never-called", "a function that brings a server back is left for somebody to remember"),
    suspicious("never-assigned", "a condition tests a variable that never has a value there"),
    suspicious("restarts-itself", "a script restarts the machine that it runs on, and ends there"),
    suspicious("waits-for-itself", "`Restart-Computer -Wait` does not restart the machine that it runs on"),
    suspicious("enter-pssession-in-script", "`Enter-PSSession` moves nothing in a script"),
    suspicious("installer-not-awaited", "the script does not wait for an installer"),
    suspicious("job-not-awaited", "the script does not wait for a job that it started"),
    suspicious("sc-is-set-content", "`sc` writes a file; the program is `sc.exe`"),
    suspicious("service-not-there", "a server does not have the service"),
    suspicious("not-in-version", "the cmdlet does not exist in the version that is deployed"),
    suspicious("any-server", "which server is meant is not known; each of the deployment is explored"),
    suspicious("table-order", "the entries of a table come in an order of its own; they are taken as written"),
    suspicious("fixed-size", "`.Add` on an array adds nothing"),
    suspicious("edge-from-elsewhere", "the services of an Edge Server are controlled from another machine"),
    suspicious("declared-and-defined", "`[commands]` of the scenario declares a function that the script defines"),
    not_understood("misspelt", "there is no such cmdlet, and there is one of nearly this name"),
    not_understood("not-understood", "a construct, a command or an argument that is not followed"),
    not_understood("unknown-server", "a name is no server of the deployment, or which one is meant is not known"),
    not_understood("unknown-pool", "a name is no pool of the deployment, or which one is meant is not known"),
    not_understood("unknown-program", "what a program does is not known"),
    not_understood("no-machine", "a step acts on the machine that it runs on, and nobody says which that is"),
    not_understood("missing-argument", "a mandatory parameter of the script has no value"),
    not_understood("unused-argument", "the scenario gives a value that nothing takes"),
    not_understood("unbound-placeholder", "a placeholder of a document has no value"),
    not_understood(
        "function-not-there",
        "a function is called where it is not known: above its definition, or in another session",
    ),
    not_understood("jobs-without-number", "jobs are started in a loop of unknown length"),
    not_understood("menu-item", "an item of a menu is not exactly one command that acts"),
    ignored("ignored", "has no effect on a pool"),
    ignored("bounded-wait", "a wait with so many rounds, of which the checker needs one"),
    ignored("not-searched", "the rest of a very long procedure is not searched for defects"),
    ignored("named-in-text", "a cmdlet that a document names outside of its command blocks"),
];
