----------------------------- MODULE Properties -----------------------------
(* What is claimed. The names are those of a scenario. *)
EXTENDS Machines

(***************************************************************************)
(* In every state                                                          *)
(***************************************************************************)

PoolQuorum(s) ==
    \A pool \in Enterprise :
        /\ s.pool[pool] # "QuorumLost"
        /\ s.pool[pool] = "Stopped" => pool \in NotMeantUp

RoutingGroupQuorum(s) == Tracked(s) => GroupHasQuorum(s)

(* One further crash would break neither quorum. A crashed server's replica is down and not gone, so the majority that is asked
   for stays what it is. *)
SurvivesOneMoreCrash(s) ==
    /\ \A pool \in Enterprise \ {pool \in Pools : AwayFrom(s, pool)} :
        /\ s.pool[pool] # "QuorumLost"
        /\ VotesSuffice(s, pool, IF VotersUp(s, pool) > 0 THEN 1 ELSE 0)
    /\ Tracked(s) => NumberUp(s) > GroupQuorum(s)

OneOutAtATime(s) ==
    \A pool \in Pools :
        ~AwayFrom(s, pool) => Cardinality({Domain[server] : server \in {server \in PoolServers(pool) : Out(s, server)}}) <= 1

(* No server takes users while a cmdlet waits for an installer on it. *)
IsolatedWhilePatched(s) ==
    \A shell \in Shells :
        (s.phase[shell] > 0 /\ AtCommand(s, shell)) =>
            (CommandAt(s, shell).cmdlet = "Install" => ~TakesUsers(s, CommandAt(s, shell).server))

Capacity(s) ==
    \A pool \in Pools :
        AwayFrom(s, pool) \/ Cardinality({server \in PoolServers(pool) : TakesUsers(s, server)}) >= AtLeast[pool]

(* The pool that has the users of a pool runs, its database is served, and one of its servers takes users. *)
FullService(s) ==
    \A pool \in Pools :
        LET host == IF AwayFrom(s, pool) /\ Partner[pool] # None THEN Partner[pool] ELSE pool
        IN  s.pool[host] = "Running" /\ Served(s, host) /\ \E server \in PoolServers(host) : TakesUsers(s, server)

OneManagementStore(s) == ~TwoMasters(s)

(***************************************************************************)
(* What can or must be reached                                             *)
(***************************************************************************)

(* The tracked group has a serving primary. *)
GroupServed(s) == Tracked(s) => GroupHasQuorum(s) /\ Primaries(s) # {} /\ s.pool[s.trackedPool] \in FabricUp

AllEnded(s) == \A shell \in Runbooks : Ended(s, shell)
Completed(s) == \A shell \in Runbooks : EndedWell(s, shell)

Gone(s, server) == s.power[server] = "Lost" \/ s.availability[server] = "Removed"
Serving(s) ==
    /\ \A pool \in Pools : Served(s, pool)
    /\ \A server \in Servers : InService(s, server) \/ Gone(s, server)

(* The normal state: everything serves, and the group is whole if enough servers are left for that. *)
CanBeWhole(s) == Cardinality({server \in TrackedMembers(s) : ~Gone(s, server)}) >= Target(s)
Normal(s) == Serving(s) /\ (Tracked(s) /\ CanBeWhole(s) => GroupWhole(s))

(* The properties that a state violates by itself. *)
Broken(s) ==
    (IF PoolQuorum(s) THEN {} ELSE {"pool-quorum"})
    \cup (IF RoutingGroupQuorum(s) THEN {} ELSE {"routing-group-quorum"})
    \cup (IF SurvivesOneMoreCrash(s) THEN {} ELSE {"survives-one-more-crash"})
    \cup (IF OneOutAtATime(s) THEN {} ELSE {"one-out-at-a-time"})
    \cup (IF IsolatedWhilePatched(s) THEN {} ELSE {"isolated-while-patched"})
    \cup (IF Capacity(s) THEN {} ELSE {"capacity"})
    \cup (IF FullService(s) THEN {} ELSE {"full-service"})
    \cup (IF OneManagementStore(s) THEN {} ELSE {"one-management-store"})

(* The goals of the other properties that a state reaches. *)
Reached(s) ==
    (IF GroupServed(s) THEN {"group served"} ELSE {})
    \cup (IF AllEnded(s) THEN {"ended"} ELSE {})
    \cup (IF Completed(s) THEN {"completed"} ELSE {})
    \cup (IF Serving(s) THEN {"serving"} ELSE {})
    \cup (IF Normal(s) THEN {"normal"} ELSE {})
=============================================================================
