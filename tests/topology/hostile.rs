//! Input that wants to exhaust memory, stack or patience.

use crate::generator::Plan;
use poolproof::topology::{TopologyError, read};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Well above what an unoptimised build needs, well below what quadratic time would take.
const PATIENCE: Duration = Duration::from_secs(20);

#[track_caller]
fn refused_quickly(text: &str) -> TopologyError {
    let start = Instant::now();
    let error = read(text.as_bytes()).expect_err("refused");
    assert!(start.elapsed() < PATIENCE, "{:?} for {error}", start.elapsed());
    error
}

#[test]
fn entities_are_refused_before_they_expand() {
    let mut text = String::from("<!DOCTYPE t [<!ENTITY a0 \"ha\">");
    for level in 1..30 {
        text += &format!("<!ENTITY a{level} \"&a{0};&a{0};\">", level - 1);
    }
    text += "]><Topology>&a29;</Topology>";
    assert!(matches!(refused_quickly(&text), TopologyError::DocumentType { .. }));
    let external = "<?xml version=\"1.0\"?>\n<!DOCTYPE t SYSTEM \"file:///etc/hostname\"><Topology />";
    let error = refused_quickly(external);
    assert!(matches!(error, TopologyError::DocumentType { at } if (at.line, at.column) == (2, 1)), "{error:?}");
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let depth = 500_000;
    let text = format!("<Topology>{}{}</Topology>", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(matches!(refused_quickly(&text), TopologyError::MissingElement { .. }));
    refused_quickly(&format!("<Topology>{}", "<a>".repeat(depth)));
    // Deep inside an element that is searched for words.
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", "");
    plan.front_ends("pool.example.net", 3, sql);
    let deep = format!("<SqlInstance>{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let text = plan.as_xml().replacen("<SqlInstance>", &deep, 1);
    assert!(read(text.as_bytes()).is_ok());
}

#[test]
fn crowded_elements_and_prefixes_are_refused() {
    let attributes: String = (0..200_000).map(|index| format!(" a{index}=\">\"")).collect();
    assert!(matches!(refused_quickly(&format!("<Topology{attributes} />")), TopologyError::TooLarge { .. }));
    let nested: String = (0..60_000).map(|index| format!("<e xmlns:p{index}=\"u{index}\">")).collect();
    assert!(matches!(refused_quickly(&nested), TopologyError::TooLarge { .. }));
}

#[test]
fn a_hundred_thousand_servers_are_counted_and_refused() {
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", "");
    plan.front_ends("pool.example.net", 100_000, sql);
    for text in [plan.as_xml(), plan.builder()] {
        let error = refused_quickly(&text);
        assert!(matches!(&error, TopologyError::PoolTooLarge { servers: 100_000, .. }), "{error}");
        assert!(error.to_string().starts_with(
            "the pool `pool.example.net` has 100000 front ends; 12 of them are the most that 2015 supports (line "
        ));
    }
}

#[test]
fn a_hundred_thousand_edge_servers_and_pools_are_read() {
    let mut plan = Plan::default();
    for pool in 0..20_000 {
        let names: Vec<_> = (0..5).map(|server| format!("e{server}.p{pool}.example.net")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let cluster = plan.cluster(&format!("p{pool}.example.net"), &names);
        plan.service("EdgeServer", cluster);
    }
    for _ in 0..20_000 {
        let cluster = plan.clusters.len();
        plan.cluster(&format!("other{cluster}.example.net"), &[]);
    }
    let start = Instant::now();
    let deployment = read(plan.as_xml().as_bytes()).expect("it is read");
    assert_eq!((deployment.pools.len(), deployment.servers.len()), (20_000, 100_000));
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

fn document() -> impl Strategy<Value = String> {
    any::<bool>().prop_map(|as_xml| {
        let mut plan = Plan::default();
        let sql = plan.sql("sql.example.net", " MirroringPort=\"5022\"");
        plan.front_ends("pool.example.net", 3, sql);
        let edge = plan.cluster("edge.example.net", &["edge1.example.net", "edge2.example.net"]);
        plan.service("EdgeServer", edge).depends_on = vec![("Default", 2), ("Backup", 9)];
        if as_xml { plan.as_xml() } else { plan.builder() }
    })
}

/// Reads and checks that a place, if there is one, lies in the text and can be shown.
fn survives(bytes: &[u8]) {
    match read(bytes) {
        Ok(deployment) => {
            for pool in &deployment.pools {
                assert!(!pool.members.is_empty());
            }
        }
        Err(error) => {
            let text = poolproof::topology::decode(bytes).unwrap_or_default();
            let at = error.at();
            if !matches!(error, TopologyError::NotText { .. } | TopologyError::Archive { .. }) {
                assert!(text.get(at.offset..at.offset + at.length).is_some(), "{error:?}");
            }
            assert!(at.line >= 1 && at.column >= 1);
            let mut shown = String::new();
            let report = miette::Report::new(error).with_source_code(text);
            let handler = miette::NarratableReportHandler::new();
            handler.render_report(&mut shown, report.as_ref()).expect("a string can be written to");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..Default::default() })]

    #[test]
    fn documents_with_bytes_replaced_never_panic(text in document(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = text.into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survives(&bytes);
    }

    #[test]
    fn documents_with_pieces_moved_never_panic(text in document(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 1..4)) {
        // Tags are the pieces: what is moved, doubled or dropped leaves something that is often well-formed.
        let mut pieces: Vec<&str> = text.split_inclusive('>').collect();
        for (from, length, to, copy) in changes {
            let from = from.index(pieces.len());
            let length = 1 + length.index(8).min(pieces.len() - from - 1);
            let moved: Vec<_> = if copy { pieces[from..from + length].to_vec() } else { pieces.drain(from..from + length).collect() };
            let to = to.index(pieces.len() + 1);
            pieces.splice(to..to, moved);
            if pieces.is_empty() {
                break;
            }
        }
        survives(pieces.concat().as_bytes());
    }

    #[test]
    fn documents_with_words_swapped_never_panic(text in document(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6)) {
        let mut words: Vec<&str> = text.split('"').collect();
        for (one, other) in changes {
            let (one, other) = (one.index(words.len()), other.index(words.len()));
            words.swap(one, other);
        }
        survives(words.join("\"").as_bytes());
    }

    #[test]
    fn anything_at_all_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,200}") {
        survives(&bytes);
        survives(text.as_bytes());
    }
}
