//! The listing for a person: a line a step, then the remarks under the lines that they are about.

use super::{ListedBound, ListedKind, ListedProcedure, ListedRemark, ListedStep, Listing, StepKind};
use crate::report::sources::Sources;
use crate::report::text::{EMPHASIS, FAINT, Look, Remarked, Sheet};

/// The listing, with a newline at its end. With the sources, suspicious lines are shown in theirs.
pub fn render(listing: &Listing, sources: &Sources, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    for (index, procedure) in listing.procedures.iter().enumerate() {
        if index > 0 {
            sheet.blank();
            sheet.rule();
        }
        one(&mut sheet, listing, procedure, sources);
    }
    sheet.finish()
}

fn one(sheet: &mut Sheet, listing: &Listing, procedure: &ListedProcedure, sources: &Sources) {
    let file = sheet.paint(EMPHASIS, &listing.file);
    let on = procedure.on.as_ref().map_or(String::new(), |on| format!(" on {on}"));
    let what = match (&procedure.operator, &listing.scenario) {
        (Some(operator), Some(scenario)) => format!("{file}, as '{operator}' runs it{on} ({scenario})"),
        (Some(job), None) => format!("{file}, {job}: runs beside it"),
        (None, _) => format!("{file}, read without a scenario"),
    };
    sheet.hanging(0, 2, &what);
    for assumed in &procedure.assumed {
        sheet.hanging(2, 4, &format!("made up: {assumed}"));
    }
    let of = |kind: ListedKind| procedure.remarks.iter().filter(move |remark| remark.kind == kind);
    let number = |kind, what: &str| format!("{} {what}", of(kind).count());
    let acts = procedure.steps.iter().filter(|step| step.kind == StepKind::Command).count();
    let acts = match acts {
        0 if procedure.acts => "no command of its own".to_owned(),
        // What was not understood may act.
        0 if !procedure.understood => "no action found".to_owned(),
        0 => "no action: nothing in it changes a pool".to_owned(),
        1 => "1 command".to_owned(),
        acts => format!("{acts} commands"),
    };
    let gates = procedure.steps.iter().filter(|step| step.kind == StepKind::Gate).count();
    let parts = [
        acts,
        format!("{gates} {}", if gates == 1 { "gate" } else { "gates" }),
        number(ListedKind::Suspicious, "suspicious"),
        match of(ListedKind::NotUnderstood).count() {
            1 => "1 statement not understood".to_owned(),
            several => format!("{several} statements not understood"),
        },
        number(ListedKind::Ignored, "ignored"),
    ];
    sheet.hanging(2, 4, &parts.join(", "));
    sheet.blank();
    steps(sheet, procedure);
    ignored(sheet, of(ListedKind::Ignored));
    for kind in [ListedKind::Suspicious, ListedKind::NotUnderstood] {
        for remark in of(kind) {
            let remarked = Remarked {
                code: &remark.code,
                message: &remark.message,
                help: remark.help.as_deref(),
                label: if kind == ListedKind::Suspicious { "suspicious" } else { "not understood" },
                place: &remark.place,
            };
            sheet.blank();
            remarked.show(sheet, sources);
        }
    }
}

fn steps(sheet: &mut Sheet, procedure: &ListedProcedure) {
    let several = procedure.steps.windows(2).any(|pair| pair[0].place.file != pair[1].place.file);
    let place = |step: &ListedStep| {
        let file = if several { format!("{}:", step.place.file) } else { String::new() };
        format!("{file}{}", step.place.line)
    };
    let wide = procedure.steps.iter().map(|step| place(step).len()).max().unwrap_or(0).max(4);
    let heading = sheet.paint(FAINT, &format!("{:>5}  {:<wide$}", "step", "line"));
    sheet.hanging(0, 0, &heading);
    for step in &procedure.steps {
        let follows = |next: usize| next == step.number + 1;
        let otherwise = step.otherwise.map(|other| format!("step {other}"));
        let mut text = match (step.kind, otherwise) {
            (StepKind::Gate, Some(other)) => gate(step, &other),
            (StepKind::Branch, Some(other)) => format!("branch: if {}, else {other}", step.text),
            (StepKind::Unknown, Some(other)) => format!("unknown: if {}, else {other}", step.text),
            (StepKind::Job, Some(other)) => format!("{}, else {other}", step.text),
            (_, Some(other)) => format!("{}; an error leads to {other}", step.text),
            (_, None) => step.text.clone(),
        };
        if let Some(next) = step.next.filter(|next| !follows(*next)) {
            text += &match step.kind {
                StepKind::Branch | StepKind::Unknown | StepKind::Gate => format!(" (then step {next})"),
                _ => format!("; then step {next}"),
            };
        }
        if !step.place.bindings.is_empty() {
            text += &format!("  [{}]", step.place.bindings.join(", "));
        }
        let line = format!("{:>5}  {:<wide$}  {text}", step.number, place(step));
        sheet.hanging(0, 9 + wide, &line);
    }
}

fn gate(step: &ListedStep, otherwise: &str) -> String {
    let bound = match step.bound {
        Some(ListedBound::Rounds(1)) => "given up after one round".to_owned(),
        Some(ListedBound::Rounds(rounds)) => format!("given up after {rounds} rounds"),
        Some(ListedBound::Unknown) => "given up at a time that is not known".to_owned(),
        _ => "never given up".to_owned(),
    };
    let text = &step.text;
    match step.ends_if {
        Some(true) => format!("gate: goes on when {text}, else {otherwise}; {bound}"),
        Some(false) => format!("gate: waits while {text}, goes on at {otherwise}; {bound}"),
        None => format!("gate: if {text}, else {otherwise}; {bound}"),
    }
}

/// What was ignored, one line for each reason.
fn ignored<'a>(sheet: &mut Sheet, remarks: impl Iterator<Item = &'a ListedRemark>) {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for remark in remarks {
        let line = remark.place.line.to_string();
        match reasons.iter_mut().find(|(reason, _)| *reason == remark.message) {
            Some((_, lines)) => {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
            None => reasons.push((&remark.message, vec![line])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    sheet.heading("Ignored");
    for (reason, lines) in reasons {
        let word = if lines.len() == 1 { "line" } else { "lines" };
        sheet.hanging(2, 4, &format!("{reason} ({word} {})", lines.join(", ")));
    }
}
