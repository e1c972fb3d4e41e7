------------------------------- MODULE Fabric -------------------------------
(* What Windows Fabric needs to keep a pool alive: how many votes there are, how many make a quorum, what a start of a whole
   pool needs, and how many replicas a routing group has. The vendor publishes numbers and names no mechanism; the mechanism
   here is a majority of votes, and never less than the vendor's number. *)
EXTENDS Naturals

(* How many front ends vote: the first ones of the pool (F3.6, F3.8). For twelve the reading says which row counts (C4). *)
Voters(size, twelve) ==
    CASE size <= 7 -> size
      [] size \in 8..9 -> 7
      [] size \in 10..11 -> 9
      [] size = 12 /\ twelve = "5-of-9" -> 9
      [] OTHER -> 12

(* The vendor's number for a pool to stay functional while its Back End is up (F3.5, F3.8); none for a pool of one. *)
Published(size, twelve) ==
    CASE size = 1 -> 0
      [] size = 2 -> 1
      [] size \in 3..4 -> 2
      [] size \in 5..6 -> 3
      [] size \in 7..9 -> 4
      [] size \in 10..11 -> 5
      [] size = 12 /\ twelve = "5-of-9" -> 5
      [] OTHER -> 7

(* Whether the SQL principal has a vote: in every pool, or where the number of front-end voters is even, up to seven front
   ends (reading sql-vote, F3.9, F3.10). *)
SqlVotes(size, sqlVote) == sqlVote = "always" \/ (size <= 7 /\ size % 2 = 0)

(* How many votes are a quorum. *)
VoteQuorum(size, twelve, sqlVote) ==
    (Voters(size, twelve) + (IF SqlVotes(size, sqlVote) THEN 1 ELSE 0)) \div 2 + 1

(* How many front-end voters have to be up, given whether SQL's vote is (F3.15). *)
NeededVoters(size, twelve, sqlVote, sqlUp) ==
    LET byVotes == VoteQuorum(size, twelve, sqlVote) - (IF SqlVotes(size, sqlVote) /\ sqlUp THEN 1 ELSE 0)
    IN  IF byVotes > Published(size, twelve) THEN byVotes ELSE Published(size, twelve)

(* How many front ends have to be starting before a stopped pool runs (F3.2, F3.7). The table has no row for 13 to 15, where the
   row for 16 is taken; under cold-start = all, pools of two or three need every one (F3.22, C3). *)
FirstStart(size, coldStart) ==
    IF coldStart = "all" /\ size <= 3 THEN size
    ELSE CASE size \in 1..2 -> 1
           [] size \in 3..4 -> 3
           [] size = 5 -> 4
           [] size \in 6..7 -> 5
           [] size = 8 -> 6
           [] size = 9 -> 7
           [] size = 10 -> 8
           [] size = 11 -> 9
           [] size = 12 -> 10
           [] OTHER -> 12

(* How many replicas fabric keeps of a routing group (F4.2, A10). *)
ReplicaTarget(size) == IF size < 3 THEN size ELSE 3

(* How many have to be up: more than half of those that are configured; in pools of one or two one is enough (F4.6, A11, F3.29). *)
ReplicaQuorum(size, configured) ==
    IF size < 3 THEN 1 ELSE (IF configured > 3 THEN 3 ELSE configured) \div 2 + 1
=============================================================================
