//! JUnit XML as a CI server reads it.

use crate::fixtures;
use poolproof::report::junit::render;

#[test]
fn a_test_case_per_scenario_and_property() {
    insta::assert_snapshot!(render(&fixtures::everything()));
}

#[test]
fn outcomes_are_told_apart_and_counted() {
    let xml = render(&fixtures::everything());
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let of = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
    assert_eq!(of("testsuite"), 3);
    assert_eq!(of("testcase"), 3 + 7 + 3);
    assert_eq!((of("failure"), of("error"), of("skipped")), (5, 2, 2));
    let root = document.root_element();
    assert_eq!(root.attribute("tests"), Some("13"));
    assert_eq!(root.attribute("failures"), Some("5"));
    assert_eq!(root.attribute("errors"), Some("2"));
}

#[test]
fn what_xml_cannot_carry_does_not_break_it() {
    let mut scenario = fixtures::official_procedure();
    scenario.title = "a < b & \"c\" \u{1b}[31m ]]> \u{0}".to_owned();
    scenario.properties[0].outcome =
        fixtures::violated(vec![Vec::new()], "<![CDATA[ ]]> \u{8} &", Some(fixtures::accumulation()));
    let xml = render(&fixtures::report(vec![scenario]));
    roxmltree::Document::parse(&xml).expect("XML");
}
