//! The drawings in the book are those of the tables that the checker executes.

use poolproof::{lifecycle, report::diagram};
use std::path::{Path, PathBuf};

fn machines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/machines")
}

/// Compares a file of the book with what it should be, or writes it if `UPDATE_DOCS` is set.
#[track_caller]
fn check(name: &str, expected: &str) {
    let path = machines().join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(machines()).expect("docs/machines can be made");
        std::fs::write(&path, expected).expect("docs/machines can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "{} is out of date: run UPDATE_DOCS=1 cargo test --test diagrams", path.display());
}

#[test]
fn the_book_shows_the_tables() {
    for drawing in lifecycle::drawings() {
        check(&format!("{}.md", drawing.name), &diagram::page(&drawing));
        check(&format!("{}.svg", drawing.name), &diagram::svg(&drawing));
        check(&format!("{}.dot", drawing.name), &diagram::dot(&drawing));
    }
}

#[test]
fn a_picture_is_well_formed_self_contained_and_says_everything() {
    for drawing in lifecycle::drawings() {
        let picture = diagram::svg(&drawing);
        let tree = roxmltree::Document::parse(&picture).unwrap_or_else(|why| panic!("{}: {why}", drawing.name));
        let texts: Vec<_> =
            tree.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text"))).collect();
        for row in &drawing.rows {
            let shown = texts.iter().any(|text| {
                let reason =
                    text.children().find(|child| child.tag_name().name() == "title").and_then(|title| title.text());
                text.text() == Some(row.event)
                    && reason.is_some_and(|reason| {
                        reason.starts_with(&format!("{} to {}: {}", row.from, row.to, row.why))
                            && row.facts.iter().all(|fact| reason.contains(fact))
                    })
            });
            assert!(shown, "{}: {row:?}", drawing.name);
        }
        let described = tree.descendants().find(|node| node.tag_name().name() == "desc").and_then(|node| node.text());
        assert!(described.is_some_and(|text| drawing.states.iter().all(|state| text.contains(state))));
        assert!(picture.contains("prefers-color-scheme: dark"));
        assert_eq!(picture.matches("http").count(), 1, "nothing but the namespace refers to the outside");
    }
}

#[test]
fn the_text_forms_have_every_state_and_event() {
    for drawing in lifecycle::drawings() {
        for text in [diagram::mermaid(&drawing), diagram::dot(&drawing)] {
            for name in
                drawing.states.iter().chain(drawing.rows.iter().flat_map(|row| [&row.from, &row.event, &row.to]))
            {
                assert!(text.contains(name), "{}: {name}", drawing.name);
            }
        }
    }
}

#[test]
fn the_smallest_machine_in_the_text_forms() {
    let pool = lifecycle::drawing::<lifecycle::pool::Pool>();
    insta::assert_snapshot!("pool_mermaid", diagram::mermaid(&pool));
    insta::assert_snapshot!("pool_dot", diagram::dot(&pool));
}
