//! SARIF 2.1.0: a rule a property, a result a violation, a code flow the counterexample.
//!
//! Invariant: only violations are results, because consumers show every result as an alert. What is not
//! proved is a notification of the tool and makes the run not successful. Columns count characters.

use super::{story, wording};
use crate::verdict::{Counterexample, Outcome, Place, PropertyVerdict, Remark, Report, ScenarioVerdict, Step};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use serde_sarif::sarif;
use std::collections::BTreeMap;

/// The address by which consumers know the schema.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What may stand in the path of a URI as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The log of one run, indented, with a newline at its end.
pub fn render(report: &Report) -> String {
    let log = sarif::Sarif::builder().schema(SCHEMA).version(Value::from("2.1.0")).runs(vec![run(report)]).build();
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
    text.push('\n');
    text
}

fn run(report: &Report) -> sarif::Run {
    let rules = rules(report);
    let results: Vec<sarif::Result> = report.scenarios.iter().flat_map(|scenario| results(scenario, &rules)).collect();
    let driver =
        sarif::ToolComponent::builder().name("poolproof").version(report.poolproof.as_str()).rules(rules).build();
    sarif::Run::builder()
        .tool(sarif::Tool::builder().driver(driver).build())
        .invocations(vec![invocation(report)])
        .column_kind(Value::from("unicodeCodePoints"))
        .results(results)
        .build()
}

/// Every property that was asked for, once.
fn rules(report: &Report) -> Vec<sarif::ReportingDescriptor> {
    let mut rules: Vec<sarif::ReportingDescriptor> = Vec::new();
    for property in report.scenarios.iter().flat_map(|scenario| &scenario.properties) {
        if rules.iter().any(|rule| rule.id == property.name) {
            continue;
        }
        let full = format!("{} ({})", property.meaning, property.kind);
        let help = format!("{full} It rests on {}.", wording::list(&property.facts));
        rules.push(
            sarif::ReportingDescriptor::builder()
                .id(property.name.as_str())
                .short_description(sarif::MultiformatMessageString::builder().text(property.meaning.as_str()).build())
                .full_description(sarif::MultiformatMessageString::builder().text(full).build())
                .help(sarif::MultiformatMessageString::builder().text(help).build())
                .build(),
        );
    }
    rules
}

fn results(scenario: &ScenarioVerdict, rules: &[sarif::ReportingDescriptor]) -> Vec<sarif::Result> {
    scenario.properties.iter().filter_map(|property| result(scenario, property, rules)).collect()
}

fn result(
    scenario: &ScenarioVerdict,
    property: &PropertyVerdict,
    rules: &[sarif::ReportingDescriptor],
) -> Option<sarif::Result> {
    let Outcome::Violated { counterexample, .. } = &property.outcome else { return None };
    let text = wording::violation(scenario, &property.outcome).join(" ");
    let decisive = counterexample.as_deref().and_then(story::decisive);
    let place = match decisive {
        Some((_, _, place)) => physical(place),
        None => whole_file(&scenario.file),
    };
    let fingerprint = BTreeMap::from([("poolproof/v1".to_owned(), format!("{}#{}", scenario.file, property.name))]);
    let rule = rules.iter().position(|rule| rule.id == property.name)?;
    let mut result = sarif::Result::builder()
        .rule_id(property.name.as_str())
        .rule_index(i64::try_from(rule).ok()?)
        .level(sarif::ResultLevel::Error)
        .message(message(text))
        .locations(vec![sarif::Location::builder().physical_location(place).build()])
        .analysis_target(artifact(&scenario.file))
        .partial_fingerprints(fingerprint)
        .build();
    result.code_flows = counterexample.as_deref().map(|counterexample| vec![code_flow(scenario, counterexample)]);
    Some(result)
}

fn code_flow(scenario: &ScenarioVerdict, counterexample: &Counterexample) -> sarif::CodeFlow {
    let locations: Vec<sarif::ThreadFlowLocation> = counterexample
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| thread_flow_location(scenario, counterexample, index, step))
        .collect();
    let flow = sarif::ThreadFlow::builder().locations(locations).build();
    let mut code_flow = sarif::CodeFlow::builder().thread_flows(vec![flow]).build();
    code_flow.message =
        story::loop_steps(counterexample).map(|_| message(format!("{} for ever.", story::repeats(counterexample))));
    code_flow
}

fn thread_flow_location(
    scenario: &ScenarioVerdict,
    counterexample: &Counterexample,
    index: usize,
    step: &Step,
) -> sarif::ThreadFlowLocation {
    let looping = counterexample.loop_from.is_some_and(|from| index >= from);
    let place = step.place.as_ref().map_or_else(|| whole_file(&scenario.file), physical);
    let mut text = wording::sentence(step);
    if !step.changes.is_empty() {
        text.push_str(&format!(": {}", step.changes.join("; ")));
    }
    let location = sarif::Location::builder().physical_location(place).message(message(text)).build();
    let state = |text: String| sarif::MultiformatMessageString::builder().text(text).build();
    let mut values =
        BTreeMap::from([("out of service".to_owned(), state(wording::out_of_service(&step.after.out_of_service)))]);
    for pool in &step.after.pools {
        values.insert(format!("votes of {}", pool.name), state(format!("{} of {} needed", pool.votes_up, pool.quorum)));
    }
    for value in &step.assuming {
        values.insert(format!("reading {}", value.reading), state(value.value.clone()));
    }
    sarif::ThreadFlowLocation::builder()
        .location(location)
        .execution_order(i64::try_from(index + 1).unwrap_or(i64::MAX))
        .nesting_level(i64::from(looping))
        .importance(Value::from("essential"))
        .state(values)
        .build()
}

fn invocation(report: &Report) -> sarif::Invocation {
    let mut notifications = Vec::new();
    let mut complete = true;
    for scenario in &report.scenarios {
        for property in &scenario.properties {
            if let Outcome::NotProved { reason } = &property.outcome {
                complete = false;
                let text = format!("{}: {} is not proved: {reason}", scenario.title, property.name);
                notifications.push(notification("warning", text, whole_file(&scenario.file)));
            }
        }
        notifications.extend(scenario.remarks.iter().map(remark));
    }
    sarif::Invocation::builder().execution_successful(complete).tool_execution_notifications(notifications).build()
}

fn remark(remark: &Remark) -> sarif::Notification {
    let level = if remark.kind == "ignored" { "note" } else { "warning" };
    let help = remark.help.as_ref().map_or_else(String::new, |help| format!(" {help}"));
    notification(level, format!("{}: {}{help}", remark.kind, remark.message), physical(&remark.place))
}

fn notification(level: &str, text: String, place: sarif::PhysicalLocation) -> sarif::Notification {
    sarif::Notification::builder()
        .level(Value::from(level))
        .message(message(text))
        .locations(vec![sarif::Location::builder().physical_location(place).build()])
        .build()
}

fn message(text: String) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

fn physical(place: &Place) -> sarif::PhysicalLocation {
    let number = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
    let region = sarif::Region::builder()
        .start_line(number(place.line))
        .start_column(number(place.column))
        .snippet(sarif::ArtifactContent::builder().text(place.text.as_str()).build())
        .build();
    sarif::PhysicalLocation::builder().artifact_location(artifact(&place.file)).region(region).build()
}

/// A place for what is written nowhere: the beginning of the scenario, because consumers want a region.
fn whole_file(file: &str) -> sarif::PhysicalLocation {
    let region = sarif::Region::builder().start_line(1_i64).build();
    sarif::PhysicalLocation::builder().artifact_location(artifact(file)).region(region).build()
}

fn artifact(file: &str) -> sarif::ArtifactLocation {
    sarif::ArtifactLocation::builder().uri(uri(file)).build()
}

/// A file name as a URI: relative names stay relative, absolute ones become `file:`.
fn uri(file: &str) -> String {
    let slashes = file.replace('\\', "/");
    let path = slashes.strip_prefix("./").unwrap_or(&slashes);
    let escaped = utf8_percent_encode(path, PATH).to_string();
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if drive {
        format!("file:///{}", escaped.replacen("%3A", ":", 1))
    } else if path.starts_with('/') {
        format!("file://{escaped}")
    } else {
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn file_names_become_uris() {
        for (file, wanted) in [
            ("models/a/patch.ps1", "models/a/patch.ps1"),
            ("./a b.ps1", "a%20b.ps1"),
            ("runbooks\\patch.ps1", "runbooks/patch.ps1"),
            ("/srv/patch.ps1", "file:///srv/patch.ps1"),
            ("C:\\patch#1.ps1", "file:///C:/patch%231.ps1"),
        ] {
            assert_eq!(uri(file), wanted);
        }
    }
}
