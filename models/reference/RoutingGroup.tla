---------------------------- MODULE RoutingGroup ----------------------------
(* One arbitrary routing group, as fabric moves it (D1). Of all the others each pool remembers whether they are whole: it is
   `settled`. What is enabled here is a set of servers; what it does is a set of states. *)
EXTENDS Servers

(***************************************************************************)
(* How the group stands                                                    *)
(***************************************************************************)

Tracked(s) == s.trackedPool \in Enterprise
TrackedMembers(s) == Range(Members[s.trackedPool])

WithReplica(s, states) == {server \in TrackedMembers(s) : s.replica[server] \in states}
UpReplicas(s) == WithReplica(s, {"Primary", "Secondary"})
Primaries(s) == WithReplica(s, {"Primary"})
Building(s) == WithReplica(s, {"Building"})
DownReplicas(s) == WithReplica(s, {"Down"})
NumberUp(s) == Cardinality(UpReplicas(s))
NumberDown(s) == Cardinality(DownReplicas(s))

Target(s) == ReplicaTarget(Size(s.trackedPool))
GroupQuorum(s) == ReplicaQuorum(Size(s.trackedPool), NumberUp(s) + NumberDown(s))
GroupHasQuorum(s) == NumberUp(s) >= GroupQuorum(s)
GroupWhole(s) == NumberUp(s) = Target(s) /\ DownReplicas(s) = {} /\ Building(s) = {} /\ Primaries(s) # {}

HoldsOpen(s, server) == server \in UpReplicas(s)

Replica(s, server, event) == [s EXCEPT !.replica[server] = After(ReplicaTable, @, event)]
Replicas(s, servers, event) ==
    [s EXCEPT !.replica = Whole([server \in Servers |->
        IF server \in servers THEN After(ReplicaTable, @[server], event) ELSE @[server]])]

(***************************************************************************)
(* What fabric does with it                                                *)
(***************************************************************************)

RestartIntent(s) == s.readings["failover-intent"] = "restart"
Deactivated == {"Moving", "Draining", "FailedOver"}

(* Replicas that fabric would build elsewhere: those that are down, however they came down (F8.12), and those on a server that is
   being emptied. Under the intent `restart` the replicas of such a server stay where they are (F8.3). *)
ToBeReplaced(s) ==
    {server \in TrackedMembers(s) :
        IF s.availability[server] \in Deactivated
        THEN /\ ~RestartIntent(s)
             /\ s.replica[server] = "Down" \/ (s.availability[server] = "Moving" /\ HoldsOpen(s, server))
        ELSE s.replica[server] = "Down"}

NeedsBuild(s) == NumberUp(s) + NumberDown(s) - Cardinality(ToBeReplaced(s)) < Target(s)

CanBuildOn(s) ==
    {server \in TrackedMembers(s) :
        s.replica[server] = "Absent" /\ s.availability[server] = "Running" /\ CanHoldReplica(s, server)}

(* Somebody to copy from, something to replace, one build at a time. *)
CanBeginBuild(s) ==
    /\ Tracked(s)
    /\ s.pool[s.trackedPool] \in FabricUp
    /\ Primaries(s) # {}
    /\ GroupHasQuorum(s)
    /\ Building(s) = {}
    /\ NeedsBuild(s)

BuildTargets(s) == IF CanBeginBuild(s) THEN CanBuildOn(s) ELSE {}
BuiltTargets(s) == Building(s)

(* The primary moves off a server that is being emptied, to a secondary on one that is not (F2.6, F8.5). *)
SwapTargets(s) ==
    IF \E server \in Primaries(s) : s.availability[server] = "Moving"
    THEN {server \in WithReplica(s, {"Secondary"}) : s.availability[server] # "Moving"}
    ELSE {}

(* A group without a primary gets one (F4.6). *)
PromoteTargets(s) ==
    IF Tracked(s) /\ Primaries(s) = {} /\ GroupHasQuorum(s) /\ s.pool[s.trackedPool] \in FabricUp
    THEN WithReplica(s, {"Secondary"})
    ELSE {}

(* A complete replacement makes others superfluous: what is down goes first, then what was to move. *)
RECURSIVE Trim(_)
Trim(s) ==
    LET down == DownReplicas(s) \cap ToBeReplaced(s)
        replaced == IF down # {} THEN down ELSE WithReplica(s, {"Secondary"}) \cap ToBeReplaced(s)
    IN  IF NumberUp(s) + NumberDown(s) <= Target(s) \/ replaced = {}
        THEN {s}
        ELSE UNION {Trim(Replica(s, server, "replaced")) : server \in replaced}

DoSwap(s, to) == Trim(Replica(Replicas(s, Primaries(s), "demoted"), to, "promoted"))
DoPromote(s, to) == {Replica(s, to, "promoted")}
DoBuildBegins(s, on) == {Replica(s, on, "build begins")}
DoBuilt(s, on) == Trim(Replica(s, on, "built"))

(* With as many replicas up as fabric wants, those beyond are dropped at once (F4.2): such as a fail-over leaves behind that
   failed after its replacement was complete. While something is still to be replaced, only what is down goes. *)
RECURSIVE DropSurplus(_)
DropSurplus(s) ==
    LET down == DownReplicas(s) \cap ToBeReplaced(s)
        surplus ==
            IF down # {} THEN down
            ELSE IF ToBeReplaced(s) = {} THEN WithReplica(s, {"Secondary"})
            ELSE {}
    IN  IF NumberUp(s) < Target(s) \/ NumberUp(s) + NumberDown(s) <= Target(s) \/ surplus = {}
        THEN {s}
        ELSE UNION {DropSurplus(Replica(s, server, "replaced")) : server \in surplus}

(* Replicas go and come with their servers; a build ends when what it replaces is back, or when there is nobody to copy from. *)
FollowReplicas(s) ==
    LET gone == {server \in Servers : ~CanHoldReplica(s, server)}
        back == {server \in Servers \ gone : s.replica[server] = "Down"}
        lost == {server \in gone : s.replica[server] \in {"Primary", "Secondary"}}
        broken == {server \in gone : s.replica[server] = "Building"}
        moved == Replicas(Replicas(Replicas(s, lost, "server gone"), broken, "build cancelled"), back, "server back")
        pointless == Building(moved) # {} /\ (~NeedsBuild(moved) \/ ~GroupHasQuorum(moved))
    IN  DropSurplus(IF pointless THEN Replicas(moved, Building(moved), "build cancelled") ELSE moved)

(***************************************************************************)
(* What holds a fail-over back                                             *)
(***************************************************************************)

(* Fabric is still moving the replica off a server, or can begin to. *)
Movable(s, server) ==
    /\ HoldsOpen(s, server)
    /\ ~RestartIntent(s)
    /\ Building(s) # {} \/ BuildTargets(s) # {}

(* The server has no vote that is up, or the votes without it are a quorum; SQL's vote always counts as up here (F8.6). *)
VotesSufficeWithout(s, server) ==
    LET its == PoolOf[server]
        sql == SqlVotes(Size(its), s.readings["sql-vote"])
        others == VotersUp(s, its) - 1 + (IF sql THEN 1 ELSE 0)
    IN  (server \in VotersOf(s, its) /\ NodeUp(s, server))
            => others >= VoteQuorum(Size(its), TwelveRow(s), s.readings["sql-vote"])

(* The group keeps its quorum without the replica on this server (F8.9). *)
GroupSufficesWithout(s, server) ==
    HoldsOpen(s, server) => NumberUp(s) > GroupQuorum(s) \/ NumberUp(s) >= Target(s)

SafetyChecksPass(s, server) == VotesSufficeWithout(s, server) /\ GroupSufficesWithout(s, server)

HeldBack(s, server) ==
    ~Movable(s, server) /\ ~SafetyChecksPass(s, server) /\ s.readings["fabric-guard"] = "refuses"

(* The first phase of a fail-over may last longer than anybody waits: for the sake of the pool or of the tracked group, or of
   another group, which may miss a replica while the pool is not settled (D1, A12). *)
StuckMoving(s, server) ==
    HeldBack(s, server) \/ (~s.settled[PoolOf[server]] /\ s.readings["fabric-guard"] = "refuses")

(* The first phase of a fail-over is complete. *)
Moved(s, server) ==
    /\ s.availability[server] = "Moving"
    /\ ~Movable(s, server)
    /\ ~(s.replica[server] = "Primary" /\ SwapTargets(s) # {})
    /\ ~HeldBack(s, server)

(***************************************************************************)
(* Pools: when they start and stop, when their other groups are whole      *)
(***************************************************************************)

(* As many servers can hold replicas as a group has. *)
HasRoomForAll(s, pool) ==
    LET members == Range(Members[pool])
        open == {server \in members : CanHoldReplica(s, server)}
        remaining == {server \in members : s.availability[server] # "Removed"}
    IN  Cardinality(open) >= Min(ReplicaTarget(Size(pool)), Cardinality(remaining))

(* All routing groups but the tracked one can be whole. *)
CanSettle(s, pool) ==
    /\ "settled" \in Remembers
    /\ ~s.settled[pool]
    /\ s.pool[pool] \in FabricUp
    /\ HasRoomForAll(s, pool)

(* A server takes part in a start of its stopped pool: what matters has at least been asked to start, and nothing of it hangs. *)
Starting(s, server) ==
    /\ Up(s, server)
    /\ s.availability[server] \in {"Running", "Stopped", "FailedBack"}
    /\ \A group \in Critical[server] :
        s.service[group] # "Stopped" /\ ~(s.service[group] = "StartPending" /\ s.hang[group] # None)

(* Of a pool of two, the front end that ran alone before has what users wrote last (F3.28, F3.29). *)
LastIsStarting(s, pool) == IF s.last[pool] = "both" THEN TRUE ELSE Starting(s, s.last[pool])

(* Enough servers are starting for a stopped pool to run: as many voters as needed, and without a recovery the number of a
   whole-pool start (F3.3, F3.7). A Standard Edition pool is its one server. *)
CanStart(s, pool, recovering) ==
    LET starting == {server \in Range(Members[pool]) : Starting(s, server)}
    IN  /\ s.pool[pool] \in FabricDown
        /\ IF pool \notin Enterprise THEN starting # {}
           ELSE /\ Cardinality(starting \cap VotersOf(s, pool)) >= Needed(s, pool)
                /\ recovering \/ LastIsStarting(s, pool)
                /\ recovering \/ Cardinality(starting) >= FirstStart(Size(pool), s.readings["cold-start"])

(* Every server of a pool without quorum stops all its services; startup types stay (F3.4, A22). *)
DoPoolStops(s, pool) ==
    Service(Pool(s, pool, "services stop"), UNION {Of[server] : server \in Range(Members[pool])}, "stop")

(* A front end waits for its pool, and so does all that users connect to; its fabric node alone does not (F3.2, F3.21). *)
WaitsForPool(group) ==
    PoolOf[ServerOf[group]] \in WholePools /\ group \in ServingGroups[ServerOf[group]] \cup Talks

(* A stopped pool runs again, with the servers that are starting. *)
DoPoolStarts(s, pool, event) ==
    LET starting == {server \in Range(Members[pool]) : Starting(s, server)}
        critical == UNION {Critical[server] : server \in starting}
        pending == {group \in critical : s.service[group] = "StartPending"}
    IN  Service(Pool(s, pool, event), pending, "started")

(***************************************************************************)
(* Loading the group from the backup store                                 *)
(***************************************************************************)

(* On servers that fabric picks, as many as it wants and as there are. *)
RECURSIVE Load(_)
Load(s) ==
    IF CanBuildOn(s) = {} \/ NumberUp(s) >= Target(s)
    THEN {s}
    ELSE UNION {Load(Replica(s, server, "loaded from the backup store")) : server \in CanBuildOn(s)}

(* A group that has lost its quorum is loaded anew; what was down of it is worth nothing then. *)
Reload(s) ==
    LET emptied == Replicas(s, Building(s), "build cancelled")
    IN  {IF NumberUp(loaded) > 0 THEN Replicas(loaded, DownReplicas(loaded), "replaced") ELSE loaded :
            loaded \in Load(emptied)}

(* QuorumLossRecovery (F4.12, F3.3): what comes of it, and whether it could do anything. *)
Recover(s, pool) ==
    LET down == s.pool[pool] \in FabricDown
        running ==
            IF ~down THEN {s}
            ELSE IF CanStart(s, pool, TRUE) THEN FollowReplicas(DoPoolStarts(s, pool, "recovered from quorum loss"))
            ELSE {}
        recovered(t) == IF t.trackedPool = pool /\ ~GroupHasQuorum(t) THEN Reload(t) ELSE {t}
    IN  IF running = {} \/ (~down /\ s.pool[pool] \notin FabricUp)
        THEN {[state |-> s, worked |-> FALSE]}
        ELSE {[state |-> t, worked |-> TRUE] : t \in Then(running, recovered)}

(* The group moves to the paired pool with its users, or home again (A26). *)
MoveGroup(s, to) ==
    Load([Replicas(s, TrackedMembers(s), "moved to another pool") EXCEPT !.trackedPool = to])
=============================================================================
