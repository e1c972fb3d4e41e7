//! The votes of a pool: which front ends have one, whether SQL has one, and how many make a quorum.
//!
//! The model: fabric takes the first front ends of a pool as its voters, an odd number of them in larger
//! pools; the SQL principal is one more voter, always or only in even pools (C1); a majority is a quorum.
//! With the SQL principal up it gives every number of the vendor's table under both hypotheses, so the
//! table cannot tell them apart; they differ when the principal is down and the number of front-end
//! voters is odd (F3.14). That is why the hypothesis is a reading and not a decision.
//!
//! Invariant: [`Votes::needed`] is never below the vendor's number for the pool (F3.8).
//! Cost: integer arithmetic.

use super::tables;

/// Whether the SQL principal has a vote (reading `sql-vote`, C1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SqlVote {
    /// In pools with an even number of voters, up to seven front ends (F3.9).
    #[default]
    EvenPools,
    /// In every pool (F3.10).
    Always,
}

impl SqlVote {
    /// Both values.
    pub const ALL: &'static [SqlVote] = &[SqlVote::EvenPools, SqlVote::Always];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            SqlVote::EvenPools => "even-pools",
            SqlVote::Always => "always",
        }
    }
}

/// Which of its two rows a pool of twelve follows (reading `max-voters-12`, F3.16, C4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TwelveVoters {
    /// Five of the first nine, as in the table of 2013 and 2015.
    #[default]
    FiveOfNine,
    /// Seven of the first twelve, as in the row that was added for 2019.
    SevenOfTwelve,
}

impl TwelveVoters {
    /// Both values.
    pub const ALL: &'static [TwelveVoters] = &[TwelveVoters::FiveOfNine, TwelveVoters::SevenOfTwelve];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            TwelveVoters::FiveOfNine => "5-of-9",
            TwelveVoters::SevenOfTwelve => "7-of-12",
        }
    }
}

/// How many front ends of a pool have a vote: the first ones, in the order of the topology (F3.6, C5).
pub fn voters(front_ends: usize, twelve: TwelveVoters) -> usize {
    match front_ends {
        0..=7 => front_ends,
        8..=9 => 7,
        10..=11 => 9,
        12 if twelve == TwelveVoters::FiveOfNine => 9,
        _ => 12,
    }
}

/// The smallest majority of this many votes.
pub fn quorum(votes: usize) -> usize {
    votes / 2 + 1
}

/// The votes of a pool.
///
/// ```
/// use poolproof::fabric::{SqlVote, TwelveVoters, Votes};
/// let votes = Votes::of(3, SqlVote::Always, TwelveVoters::FiveOfNine);
/// assert_eq!(votes.needed(true), 2);
/// assert_eq!(votes.needed(false), 3);
/// assert!(!votes.suffice(2, false));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Votes {
    /// Front ends that have a vote: the first ones of the pool.
    pub voters: usize,
    /// Whether the SQL principal has a vote.
    pub sql_votes: bool,
    /// Votes that make a quorum.
    pub quorum: usize,
    /// The vendor's number, which assumes that the Back End is up; 0 where the table has no row.
    pub published: usize,
}

impl Votes {
    /// The votes of a pool of this many front ends, under one reading of the sources.
    pub fn of(front_ends: usize, sql_vote: SqlVote, twelve: TwelveVoters) -> Votes {
        let voters = voters(front_ends, twelve);
        let sql_votes = match sql_vote {
            SqlVote::EvenPools => front_ends <= 7 && voters.is_multiple_of(2),
            SqlVote::Always => true,
        };
        let published = tables::functional(front_ends, twelve).map_or(0, |row| row.needed);
        Votes { voters, sql_votes, quorum: quorum(voters + usize::from(sql_votes)), published }
    }

    /// All votes.
    pub fn total(self) -> usize {
        self.voters + usize::from(self.sql_votes)
    }

    /// Whether the front end at this position of the topology, from 0, has a vote.
    pub fn is_voter(self, position: usize) -> bool {
        position < self.voters
    }

    /// How many front-end voters must be up by the arithmetic of votes alone.
    ///
    /// More than [`Votes::voters`] means that no number is enough: a pool of one under
    /// [`SqlVote::Always`] has no quorum without its SQL principal.
    pub fn needed_by_votes(self, sql_up: bool) -> usize {
        self.quorum - usize::from(self.sql_votes && sql_up)
    }

    /// How many front-end voters must be up for the pool to stay functional.
    ///
    /// That is the arithmetic of votes, but never less than the vendor's number. The two differ in one
    /// place: with 13 to 16 front ends and an SQL vote six voters would do, and the vendor's page asks
    /// for seven (F3.15). A proof must not rest on the smaller one.
    pub fn needed(self, sql_up: bool) -> usize {
        self.needed_by_votes(sql_up).max(self.published)
    }

    /// Whether this many front-end voters keep the pool functional.
    pub fn suffice(self, voters_up: usize, sql_up: bool) -> bool {
        voters_up >= self.needed(sql_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A row of the comparison: what both hypotheses say for pools of these sizes, each as
    /// `(votes, quorum, needed with SQL up, needed with SQL down)`.
    struct Comparison {
        front_ends: &'static [usize],
        twelve: TwelveVoters,
        published: (usize, usize),
        even_pools: (usize, usize, usize, usize),
        always: (usize, usize, usize, usize),
    }

    const NINE: TwelveVoters = TwelveVoters::FiveOfNine;
    const TWELVE: TwelveVoters = TwelveVoters::SevenOfTwelve;

    #[rustfmt::skip]
    const COMPARISON: &[Comparison] = &[
        Comparison { front_ends: &[2], twelve: NINE, published: (1, 2), even_pools: (3, 2, 1, 2), always: (3, 2, 1, 2) },
        Comparison { front_ends: &[3], twelve: NINE, published: (2, 3), even_pools: (3, 2, 2, 2), always: (4, 3, 2, 3) },
        Comparison { front_ends: &[4], twelve: NINE, published: (2, 4), even_pools: (5, 3, 2, 3), always: (5, 3, 2, 3) },
        Comparison { front_ends: &[5], twelve: NINE, published: (3, 5), even_pools: (5, 3, 3, 3), always: (6, 4, 3, 4) },
        Comparison { front_ends: &[6], twelve: NINE, published: (3, 6), even_pools: (7, 4, 3, 4), always: (7, 4, 3, 4) },
        Comparison { front_ends: &[7], twelve: NINE, published: (4, 7), even_pools: (7, 4, 4, 4), always: (8, 5, 4, 5) },
        Comparison { front_ends: &[8, 9], twelve: NINE, published: (4, 7), even_pools: (7, 4, 4, 4), always: (8, 5, 4, 5) },
        Comparison { front_ends: &[10, 11, 12], twelve: NINE, published: (5, 9), even_pools: (9, 5, 5, 5), always: (10, 6, 5, 6) },
        Comparison { front_ends: &[12], twelve: TWELVE, published: (7, 12), even_pools: (12, 7, 7, 7), always: (13, 7, 6, 7) },
        Comparison { front_ends: &[13, 14, 15, 16], twelve: NINE, published: (7, 12), even_pools: (12, 7, 7, 7), always: (13, 7, 6, 7) },
    ];

    fn arithmetic(votes: Votes) -> (usize, usize, usize, usize) {
        (votes.total(), votes.quorum, votes.needed_by_votes(true), votes.needed_by_votes(false))
    }

    #[test]
    fn every_cell_of_both_hypotheses() {
        for row in COMPARISON {
            for &front_ends in row.front_ends {
                let even = Votes::of(front_ends, SqlVote::EvenPools, row.twelve);
                let always = Votes::of(front_ends, SqlVote::Always, row.twelve);
                assert_eq!(arithmetic(even), row.even_pools, "{front_ends} front ends, even pools");
                assert_eq!(arithmetic(always), row.always, "{front_ends} front ends, always");
                assert_eq!((even.published, even.voters), row.published, "{front_ends} front ends");
            }
        }
    }

    #[test]
    fn every_size_from_two_to_sixteen_is_compared() {
        for front_ends in 2..=tables::LARGEST_POOL {
            assert!(COMPARISON.iter().any(|row| row.front_ends.contains(&front_ends)), "{front_ends} front ends");
        }
    }

    #[test]
    fn every_published_number_follows_from_the_votes() {
        let published = [
            (2, 1, 2),
            (3, 2, 3),
            (4, 2, 4),
            (5, 3, 5),
            (6, 3, 6),
            (7, 4, 7),
            (8, 4, 7),
            (9, 4, 7),
            (10, 5, 9),
            (11, 5, 9),
            (12, 5, 9),
        ];
        for (front_ends, needed, of_first) in published {
            for &sql_vote in SqlVote::ALL {
                let votes = Votes::of(front_ends, sql_vote, NINE);
                assert_eq!(votes.needed_by_votes(true), needed, "{front_ends} front ends, {}", sql_vote.name());
                assert_eq!(votes.voters, of_first);
            }
        }
        for front_ends in 12..=16 {
            let votes = Votes::of(front_ends, SqlVote::EvenPools, TWELVE);
            assert_eq!((votes.needed_by_votes(true), votes.voters), (7, 12), "{front_ends} front ends");
        }
    }

    #[test]
    fn the_vendors_number_wins_where_the_votes_undercut_it() {
        for front_ends in 0..=20 {
            for &sql_vote in SqlVote::ALL {
                for &twelve in TwelveVoters::ALL {
                    let votes = Votes::of(front_ends, sql_vote, twelve);
                    let undercut = votes.needed(true) != votes.needed_by_votes(true);
                    let beyond_nine = votes.voters == 12 && front_ends <= 16 && sql_vote == SqlVote::Always;
                    assert_eq!(undercut, beyond_nine, "{front_ends} front ends, {votes:?}");
                    assert_eq!(votes.needed(false), votes.needed_by_votes(false));
                }
            }
        }
        assert_eq!(Votes::of(16, SqlVote::Always, NINE).needed(true), 7);
    }

    #[test]
    fn the_hypotheses_differ_only_without_sql_and_with_odd_voters() {
        for front_ends in 2..=16 {
            for &twelve in TwelveVoters::ALL {
                let even = Votes::of(front_ends, SqlVote::EvenPools, twelve);
                let always = Votes::of(front_ends, SqlVote::Always, twelve);
                assert_eq!(even.needed(true), always.needed(true), "{front_ends} front ends, SQL up");
                let differ = even.needed(false) != always.needed(false);
                assert_eq!(differ, even.voters % 2 == 1, "{front_ends} front ends, SQL down");
            }
        }
    }

    #[test]
    fn a_pool_of_one_depends_on_sql_only_if_sql_always_votes() {
        assert!(Votes::of(1, SqlVote::EvenPools, NINE).suffice(1, false));
        assert!(Votes::of(1, SqlVote::Always, NINE).suffice(1, true));
        assert!(!Votes::of(1, SqlVote::Always, NINE).suffice(1, false));
        assert!(!Votes::of(0, SqlVote::EvenPools, NINE).suffice(0, false));
    }

    fn any_reading() -> impl Strategy<Value = (SqlVote, TwelveVoters)> {
        (proptest::sample::select(SqlVote::ALL), proptest::sample::select(TwelveVoters::ALL))
    }

    proptest! {
        #[test]
        fn no_two_halves_of_a_pool_both_have_a_quorum(front_ends in 1usize..=16, (sql, twelve) in any_reading(), part in 0usize..=16) {
            let votes = Votes::of(front_ends, sql, twelve);
            let part = part.min(votes.voters);
            prop_assert!(!(votes.suffice(part, true) && votes.suffice(votes.voters - part, false)));
        }

        #[test]
        fn losing_sql_or_a_voter_never_helps(front_ends in 1usize..=16, (sql, twelve) in any_reading(), up in 0usize..16) {
            let votes = Votes::of(front_ends, sql, twelve);
            prop_assert!(votes.needed(false) >= votes.needed(true));
            for sql_up in [false, true] {
                prop_assert!(!votes.suffice(up, sql_up) || votes.suffice(up + 1, sql_up));
            }
        }

        #[test]
        fn a_larger_pool_never_needs_fewer(front_ends in 1usize..16, (sql, twelve) in any_reading()) {
            let votes = Votes::of(front_ends, sql, twelve);
            let larger = Votes::of(front_ends + 1, sql, twelve);
            prop_assert!(larger.voters >= votes.voters);
            prop_assert!(larger.needed(true) >= votes.needed(true));
        }

        #[test]
        fn the_whole_pool_is_always_enough_with_sql(front_ends in 1usize..1000, (sql, twelve) in any_reading()) {
            let votes = Votes::of(front_ends, sql, twelve);
            prop_assert!(votes.suffice(votes.voters, true));
            prop_assert!(votes.is_voter(0) && !votes.is_voter(front_ends));
        }
    }
}
