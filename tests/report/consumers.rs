//! What holds for every form of report.

use crate::fixtures;
use poolproof::report::sources::Sources;
use poolproof::report::text::Look;
use poolproof::report::{self, Format};
use poolproof::verdict::Report;

fn render(report: &Report, format: Format, look: &Look) -> String {
    report::render(report, &Sources::none(), format, look)
}

#[test]
fn every_form_is_deterministic_and_ends_with_a_newline() {
    let report = fixtures::everything();
    for format in Format::ALL {
        let text = render(&report, *format, &Look::default());
        assert_eq!(text, render(&report, *format, &Look::default()), "{}", format.name());
        assert!(text.ends_with('\n'), "{}", format.name());
    }
}

#[test]
fn every_form_names_every_violated_property() {
    let report = fixtures::everything();
    for format in Format::ALL {
        let text = render(&report, *format, &Look::default());
        for property in report.scenarios.iter().flat_map(|scenario| &scenario.properties) {
            if property.outcome.violated() {
                assert!(text.contains(&property.name), "{} in {}", property.name, format.name());
            }
        }
    }
}

#[test]
fn an_empty_report_is_no_failure_of_any_form() {
    for format in Format::ALL {
        render(&fixtures::report(Vec::new()), *format, &Look::default());
    }
}
