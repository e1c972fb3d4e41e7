//! The official tables: how many front ends a pool needs to start (F3.7) and to stay functional (F3.8).
//!
//! They are here as data, cell by cell, since they are what an administrator checks a verdict against.
//! The checker works with [`super::votes`]; the tests hold the two together.
//!
//! Invariant: a number in this file stands in a vendor's page, unless its documentation says otherwise.
//! Cost: a scan of a `const` table of a dozen rows.

use super::votes::TwelveVoters;

/// The largest pool of any version (F10.1).
pub const LARGEST_POOL: usize = 16;

/// A row of [`FIRST_START`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstStart {
    /// Front ends in the pool.
    pub front_ends: usize,
    /// Front ends that must be running for the pool to start.
    pub needed: usize,
    /// The facts behind the row.
    pub facts: &'static [&'static str],
}

/// How many servers must run for the first start of a pool, and should at every start of the whole pool
/// (F3.2, F3.3, F3.7).
///
/// The row for 16 came into the vendor's page through its readers, and no row exists for 13 to 15; what
/// [`first_start`] does about that is said there.
pub const FIRST_START: &[FirstStart] = &[
    FirstStart { front_ends: 2, needed: 1, facts: &["F3.7", "C3"] },
    FirstStart { front_ends: 3, needed: 3, facts: &["F3.7"] },
    FirstStart { front_ends: 4, needed: 3, facts: &["F3.7"] },
    FirstStart { front_ends: 5, needed: 4, facts: &["F3.7"] },
    FirstStart { front_ends: 6, needed: 5, facts: &["F3.7"] },
    FirstStart { front_ends: 7, needed: 5, facts: &["F3.7"] },
    FirstStart { front_ends: 8, needed: 6, facts: &["F3.7"] },
    FirstStart { front_ends: 9, needed: 7, facts: &["F3.7"] },
    FirstStart { front_ends: 10, needed: 8, facts: &["F3.7"] },
    FirstStart { front_ends: 11, needed: 9, facts: &["F3.7"] },
    FirstStart { front_ends: 12, needed: 10, facts: &["F3.7"] },
    FirstStart { front_ends: 16, needed: 12, facts: &["F3.7", "F10.6"] },
];

/// A row of [`FUNCTIONAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Functional {
    /// The smallest pool that the row is about.
    pub from: usize,
    /// The largest pool that the row is about.
    pub to: usize,
    /// Front ends that must be running.
    pub needed: usize,
    /// Of how many of the first front ends; `None` where the table says "any".
    pub of_first: Option<usize>,
    /// The facts behind the row.
    pub facts: &'static [&'static str],
}

/// How many servers must run for the pool to stay functional while its Back End is up (F3.5, F3.8).
///
/// Two rows fit a pool of 12 (F3.16, C4).
pub const FUNCTIONAL: &[Functional] = &[
    Functional { from: 2, to: 2, needed: 1, of_first: None, facts: &["F3.8"] },
    Functional { from: 3, to: 4, needed: 2, of_first: None, facts: &["F3.8"] },
    Functional { from: 5, to: 6, needed: 3, of_first: None, facts: &["F3.8"] },
    Functional { from: 7, to: 7, needed: 4, of_first: None, facts: &["F3.8"] },
    Functional { from: 8, to: 9, needed: 4, of_first: Some(7), facts: &["F3.8"] },
    Functional { from: 10, to: 12, needed: 5, of_first: Some(9), facts: &["F3.8"] },
    Functional { from: 12, to: 16, needed: 7, of_first: Some(12), facts: &["F3.8", "F3.15", "F10.6"] },
];

/// The row of [`FUNCTIONAL`] for a pool; `None` for a pool of one and for one beyond 16.
pub fn functional(front_ends: usize, twelve: TwelveVoters) -> Option<&'static Functional> {
    let mut rows = FUNCTIONAL.iter().filter(|row| (row.from..=row.to).contains(&front_ends));
    match twelve {
        TwelveVoters::FiveOfNine => rows.next(),
        TwelveVoters::SevenOfTwelve => rows.next_back(),
    }
}

/// What a start of a whole pool needs (reading `cold-start`, C3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ColdStart {
    /// The number of the table, which is 1 of 2 front ends (F3.7).
    Table,
    /// As the product's own event text has it: pools of two or three need every front end (F3.22).
    #[default]
    All,
}

impl ColdStart {
    /// Both values.
    pub const ALL: &'static [ColdStart] = &[ColdStart::Table, ColdStart::All];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            ColdStart::Table => "table",
            ColdStart::All => "all",
        }
    }
}

/// How many front ends must be starting or running for a stopped pool of this size to come up.
///
/// Where [`FIRST_START`] has no row the number is 85 % of the pool, rounded up (F3.2), but never more than
/// the next larger row and never less than the next smaller one, so that a larger pool never needs fewer
/// servers. That makes 12 for pools of 13, 14 and 15, and 1 for a pool of one. It is the cautious end of
/// what the table leaves open: it is never below what either neighbour row implies.
///
/// ```
/// use poolproof::fabric::{ColdStart, first_start};
/// assert_eq!(first_start(2, ColdStart::Table), 1);
/// assert_eq!(first_start(2, ColdStart::All), 2);
/// assert_eq!(first_start(14, ColdStart::Table), 12);
/// ```
pub fn first_start(front_ends: usize, cold_start: ColdStart) -> usize {
    if cold_start == ColdStart::All && front_ends <= 3 {
        return front_ends;
    }
    if let Some(row) = FIRST_START.iter().find(|row| row.front_ends == front_ends) {
        return row.needed;
    }
    let percentage = front_ends - front_ends.saturating_mul(15) / 100;
    let smaller = FIRST_START.iter().rev().find(|row| row.front_ends < front_ends).map_or(0, |row| row.needed);
    let larger = FIRST_START.iter().find(|row| row.front_ends > front_ends).map_or(usize::MAX, |row| row.needed);
    percentage.clamp(smaller, larger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_cell_of_the_start_table() {
        let published =
            [(2, 1), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (8, 6), (9, 7), (10, 8), (11, 9), (12, 10), (16, 12)];
        assert_eq!(FIRST_START.len(), published.len());
        for (front_ends, needed) in published {
            assert_eq!(first_start(front_ends, ColdStart::Table), needed, "{front_ends} front ends");
        }
    }

    #[test]
    fn pools_without_a_row_are_interpolated_cautiously() {
        for front_ends in [13, 14, 15] {
            assert_eq!(first_start(front_ends, ColdStart::Table), 12, "{front_ends} front ends");
        }
        assert_eq!(first_start(1, ColdStart::Table), 1);
        assert_eq!(first_start(0, ColdStart::Table), 0);
        assert_eq!(first_start(17, ColdStart::Table), 15);
        assert_eq!(first_start(33, ColdStart::Table), 29);
        assert_eq!(first_start(100, ColdStart::Table), 85);
    }

    #[test]
    fn every_published_cell_of_the_functional_table() {
        let published = [
            (1, None),
            (2, Some((1, None))),
            (3, Some((2, None))),
            (4, Some((2, None))),
            (5, Some((3, None))),
            (6, Some((3, None))),
            (7, Some((4, None))),
            (8, Some((4, Some(7)))),
            (9, Some((4, Some(7)))),
            (10, Some((5, Some(9)))),
            (11, Some((5, Some(9)))),
            (13, Some((7, Some(12)))),
            (16, Some((7, Some(12)))),
            (17, None),
        ];
        for (front_ends, cells) in published {
            for &twelve in TwelveVoters::ALL {
                let row = functional(front_ends, twelve).map(|row| (row.needed, row.of_first));
                assert_eq!(row, cells, "{front_ends} front ends");
            }
        }
    }

    #[test]
    fn the_event_text_asks_for_all_of_two_and_three_and_for_nothing_else() {
        assert_eq!(first_start(1, ColdStart::All), 1);
        assert_eq!(first_start(2, ColdStart::All), 2);
        assert_eq!(first_start(3, ColdStart::All), 3);
        for front_ends in 4..=LARGEST_POOL {
            assert_eq!(first_start(front_ends, ColdStart::All), first_start(front_ends, ColdStart::Table));
        }
    }

    #[test]
    fn a_larger_pool_never_needs_fewer() {
        for &cold_start in ColdStart::ALL {
            let needed: Vec<_> = (3..=LARGEST_POOL).map(|front_ends| first_start(front_ends, cold_start)).collect();
            assert!(needed.is_sorted(), "{needed:?}");
            for (front_ends, needed) in (3..).zip(needed) {
                assert!(needed <= front_ends);
            }
        }
    }

    #[test]
    fn only_twelve_front_ends_fit_two_rows() {
        for front_ends in 0..=20 {
            let rows = FUNCTIONAL.iter().filter(|row| (row.from..=row.to).contains(&front_ends)).count();
            let expected = match front_ends {
                12 => 2,
                2..=16 => 1,
                _ => 0,
            };
            assert_eq!(rows, expected, "{front_ends} front ends");
        }
        assert_eq!(functional(12, TwelveVoters::FiveOfNine).map(|row| (row.needed, row.of_first)), Some((5, Some(9))));
        assert_eq!(
            functional(12, TwelveVoters::SevenOfTwelve).map(|row| (row.needed, row.of_first)),
            Some((7, Some(12)))
        );
    }
}
