//! The replicas of a routing group: how many there are, and how many must be up.
//!
//! Invariant: pools of three and more keep three replicas, of which two are a quorum; smaller pools keep
//! one on every front end, and one is enough (A10, A11).
//! Cost: integer arithmetic.

/// The replicas of a routing group in a pool of some size.
///
/// ```
/// use poolproof::fabric::{Health, Replicas};
/// let replicas = Replicas::of(4);
/// assert_eq!((replicas.target, replicas.quorum), (3, 2));
/// assert_eq!(replicas.health(1), Health::QuorumLost);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Replicas {
    /// How many replicas fabric keeps (F4.2, A10).
    pub target: usize,
    /// How many must be up for the group to be served (F4.6, A11).
    pub quorum: usize,
}

/// How a routing group stands, after the number of its replicas that are up (F4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Every replica is up.
    Whole,
    /// Its users have full service; one replica is missing.
    Degraded,
    /// Its users are in Limited Functionality Mode, though the pool may be up.
    QuorumLost,
    /// No replica is up: its users have no service.
    Gone,
}

impl Replicas {
    /// The replicas in a pool of this many front ends.
    pub fn of(front_ends: usize) -> Replicas {
        let target = front_ends.min(3);
        // With two front ends the survivor goes on alone (A11, F3.29), so a majority is asked for of
        // three replicas only.
        let quorum = if target == 3 { 2 } else { 1 };
        Replicas { target, quorum }
    }

    /// How the group stands with this many of its replicas up. What is still being built does not count.
    pub fn health(self, up: usize) -> Health {
        if up == 0 {
            Health::Gone
        } else if up < self.quorum {
            Health::QuorumLost
        } else if up < self.target {
            Health::Degraded
        } else {
            Health::Whole
        }
    }

    /// Whether the users of the group have full service, given that one of the replicas is primary.
    pub fn suffice(self, up: usize) -> bool {
        up >= self.quorum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Health::{Degraded, Gone, QuorumLost, Whole};

    #[test]
    fn every_row_of_the_effects_of_lost_replicas() {
        let lost = [(0, Whole), (1, Degraded), (2, QuorumLost), (3, Gone)];
        for front_ends in 3..=16 {
            let replicas = Replicas::of(front_ends);
            assert_eq!(replicas, Replicas { target: 3, quorum: 2 });
            for (lost, health) in lost {
                assert_eq!(replicas.health(3 - lost), health, "{lost} of 3 lost in a pool of {front_ends}");
            }
        }
    }

    #[test]
    fn in_small_pools_one_replica_serves_alone() {
        assert_eq!([2, 1, 0].map(|up| Replicas::of(2).health(up)), [Whole, Degraded, Gone]);
        assert_eq!([1, 0].map(|up| Replicas::of(1).health(up)), [Whole, Gone]);
        assert!(Replicas::of(2).suffice(1) && !Replicas::of(2).suffice(0));
    }

    #[test]
    fn a_group_suffices_exactly_when_its_users_have_full_service() {
        for front_ends in 1..=16 {
            let replicas = Replicas::of(front_ends);
            for up in 0..=replicas.target {
                assert_eq!(replicas.suffice(up), replicas.health(up) <= Degraded, "{up} of {front_ends}");
            }
        }
    }
}
