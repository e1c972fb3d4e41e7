//! The page of the book about quorum: what the model of votes says for every size of pool.

use poolproof::fabric::{ColdStart, Replicas, SqlVote, TwelveVoters, Votes, first_start, tables};
use std::fmt::Write;
use std::path::Path;

const INTRODUCTION: &str = "# Votes and quorum, for every size of pool

Fabric takes the first front ends of a pool as voters; the SQL principal is one more voter in pools with an
even number of them, or always (reading `sql-vote`, C1); a majority is a quorum. The vendor's tables give the
columns *published* and *to start* and assume that the Back End is up (F3.5, F3.7, F3.8). The other columns
follow from the votes (section *needed*: with SQL up / with SQL down).

";

const CLOSE: &str = "
- **12 front ends** fit two rows of the published table; the reading `max-voters-12` chooses (C4).
- **13 to 16 front ends**: with an SQL vote that always counts, six voters would do by arithmetic. The vendor's
  page asks for seven, and a proof must not rest on the smaller number, so seven counts (F3.15).
- **13 to 15 front ends** have no published number to start with. 85 % rounded up (F3.2), bounded by the rows
  for 12 and 16, makes 12 for each.
- **2 front ends** start with 1 by the table and with both by the product's own event text (reading
  `cold-start`, C3).
- **1 front end** is in no table. With an SQL vote that always counts it has no quorum without SQL, with
  whatever number of front ends: 2 are needed and there is 1.
- A **routing group** has a replica on three front ends, of which two must be up; in a pool of two, one
  suffices, and of one, it has one (F4.6, A10, A11).

<!-- Generated from src/fabric by tests/quorum.rs; UPDATE_DOCS=1 rewrites it. -->
";

fn page() -> String {
    let mut out = String::from(INTRODUCTION);
    out.push_str("| front ends | published | voters | needed, `even-pools` | needed, `always` | to start, `table` | to start, `all` | replicas |\n");
    out.push_str("|---|---|---|---|---|---|---|---|\n");
    for front_ends in 1..=tables::LARGEST_POOL {
        for &twelve in TwelveVoters::ALL {
            if front_ends != 12 && twelve == TwelveVoters::SevenOfTwelve {
                continue;
            }
            let name = if front_ends == 12 { format!("12, `{}`", twelve.name()) } else { front_ends.to_string() };
            let published = tables::functional(front_ends, twelve).map_or("-".into(), |row| match row.of_first {
                Some(first) => format!("{} of the first {first}", row.needed),
                None => row.needed.to_string(),
            });
            let [even, always] = [SqlVote::EvenPools, SqlVote::Always].map(|sql| {
                let votes = Votes::of(front_ends, sql, twelve);
                format!(
                    "{} / {} ({} of {} votes)",
                    votes.needed(true),
                    votes.needed(false),
                    votes.quorum,
                    votes.total()
                )
            });
            let voters = Votes::of(front_ends, SqlVote::EvenPools, twelve).voters;
            let [table, all] = [ColdStart::Table, ColdStart::All].map(|reading| first_start(front_ends, reading));
            let replicas = Replicas::of(front_ends);
            let _ = writeln!(
                out,
                "| {name} | {published} | {voters} | {even} | {always} | {table} | {all} | {} of {} |",
                replicas.quorum, replicas.target
            );
        }
    }
    out + CLOSE
}

#[test]
fn the_book_shows_the_votes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/quorum.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == page(), "docs/quorum.md is out of date: run UPDATE_DOCS=1 cargo test --test quorum");
}
