------------------------------ MODULE Machines ------------------------------
(* Machines, services and fail-overs that run by themselves once somebody has set them off; and faults, each within its budget. *)
EXTENDS Shells

(***************************************************************************)
(* The system                                                              *)
(***************************************************************************)

(* A machine is back: what starts automatically is asked to start; a pause is forgotten (F1.56). *)
CanBoot(s, server) == s.power[server] \in {"Rebooting", "Crashed"}
DoBoot(s, server) ==
    LET up == [s EXCEPT !.power[server] = "Up"]
    IN  IF s.availability[server] = "Removed" THEN up
        ELSE Service(up, {group \in Of[server] : s.startup[group] = "Automatic"}, "start")

(* Services that were asked to start come up, each in its time: if nothing hangs, what they need is up, and they need not wait for
   their pool (F1.38, F1.41). *)
CanServicesStart(s, group) ==
    LET server == ServerOf[group]
    IN  /\ Up(s, server)
        /\ s.service[group] = "StartPending"
        /\ s.hang[group] = None
        /\ \A needed \in Needs[group] : s.service[needed] # "StartPending"
        /\ WaitsForPool(group) => s.pool[PoolOf[server]] \notin FabricDown
DoServicesStart(s, group) == Service(s, {group}, "started")

(* The last connections of what drains end, and it stops, after what needs it (F1.48). A fail-over that ends sessions stops its
   services together, when the last of them is empty (F2.4). *)
CanEmpty(s, group) ==
    LET server == ServerOf[group]
    IN  /\ Up(s, server)
        /\ s.availability[server] # "Draining"
        /\ s.service[group] = "Draining"
        /\ s.hang[group] = None
        /\ \A other \in Of[server] : s.service[other] = "Draining" => group \notin Needs[other]
DoEmpty(s, group) == Service(s, {group}, "emptied")

(* The two phases of a fail-over (F2.4). *)
CanUsersMove(s, server) == Up(s, server) /\ Moved(s, server)
DoUsersMove(s, server) == Service(Server(s, server, "users moved"), Of[server], "drain")
CanTakeOut(s, server) == Up(s, server) /\ s.availability[server] = "Draining" /\ ~Hung(s, server)

(* The cmdlet of a fail-over is gone, and nobody drives it on. *)
CanOrphan(s, server) ==
    Up(s, server) /\ s.availability[server] \in {"Moving", "Draining"} /\ FailingOver(s, server) = {}
DoOrphan(s, server) == Service(Server(s, server, "abandoned"), Of[server], "resume")

(* SQL's own witness makes the mirror the principal (F9.1). *)
CanMirrorTakeOver(s, pool) == BackEnd[pool] = "mirrored with witness" /\ s.database[pool] = "Down"
DoMirrorTakeOver(s, pool) == [s EXCEPT !.database[pool] = "MirrorAlone"]

(***************************************************************************)
(* Faults                                                                  *)
(***************************************************************************)

Spend(s, fault) == [s EXCEPT !.budget[fault] = @ - 1]
Strikes(s, fault, server) ==
    /\ server \in Faults[fault].servers
    /\ Up(s, server)
    /\ Faults[fault].bounded => s.budget[fault] > 0
SpendOn(s, fault) == IF Faults[fault].bounded THEN Spend(s, fault) ELSE s

(* A server crashes, and comes back by itself or does not. *)
CanCrash(s, server, to) == Strikes(s, "crash", server) /\ to \in Faults["crash"].to
DoCrash(s, server, to) == PowerDown(Spend(s, "crash"), server, to, FALSE)

(* An update policy reboots a server, whatever is going on (R5). *)
CanPolicyReboot(s, server) == Strikes(s, "policy", server)
DoPolicyReboot(s, server) == PowerDown(SpendOn(s, "policy"), server, "Rebooting", TRUE)

(* A watchdog starts what is stopped (R31). On a failed-over server the reading says whether a start of what is Disabled works; an
   attempt in which nothing starts does not count. *)
CanWatchdog(s, server) ==
    /\ Strikes(s, "watchdog", server)
    /\ \E group \in Of[server] :
        s.service[group] = "Stopped" /\ (s.startup[group] # "Disabled" \/ s.availability[server] = "FailedOver")
DoWatchdog(s, server) ==
    LET stopped == {group \in Of[server] : s.service[group] = "Stopped"}
        allowed == s.availability[server] = "FailedOver" /\ s.readings["start-on-failed-over"] = "starts-unavailable"
        started == IF allowed THEN stopped ELSE NotDisabled(s, stopped)
    IN  IF started = {} THEN s ELSE Service(SpendOn(s, "watchdog"), started, "start")

(* A conference keeps a drain from ending (R1, S10): people are in it, or it ended and stays open. *)
CanHang(s, group) ==
    /\ s.budget["hangs"] > 0
    /\ Up(s, ServerOf[group])
    /\ group \in Talks
    /\ s.service[group] = "Draining"
    /\ s.hang[group] = None
DoHang(s, group, how) == [Spend(s, "hangs") EXCEPT !.hang[group] = how]

(* Services that were asked to start do not come up until somebody stops them (R7, R12). *)
CanStartHang(s, group) ==
    /\ s.budget["starts"] > 0
    /\ Up(s, ServerOf[group])
    /\ s.service[group] = "StartPending"
    /\ s.hang[group] = None
DoStartHang(s, group) == [Spend(s, "starts") EXCEPT !.hang[group] = "Ended"]

(* Somebody publishes a topology in which the members of a pool have changed (R14). *)
CanPublish(s, pool) == s.budget["publications"] > 0 /\ pool \in Enterprise
DoPublish(s, pool) == PublishMembers(Spend(s, "publications"), pool)

(* The SQL Server that serves a pool alone fails (R3, F9.2); the listener of an availability group keeps answering (A17). *)
CanPrincipalFail(s, pool) ==
    /\ s.budget["principal"] > 0
    /\ pool \in Enterprise
    /\ BackEnd[pool] # "always on"
    /\ s.database[pool] \in {"Principal", "MirrorAlone"}
DoPrincipalFail(s, pool) ==
    [Spend(s, "principal") EXCEPT !.database[pool] = IF @ = "MirrorAlone" THEN "Lost" ELSE "Down"]

(***************************************************************************)
(* What follows from a step at once                                        *)
(***************************************************************************)

(* An available server with a critical group stopped is stopped, which is not failed over (F1.57); one whose critical groups all run
   again is in service. *)
FollowServices(s) ==
    [s EXCEPT !.availability = Whole([server \in Servers |->
        LET stopped == \E group \in Critical[server] : s.service[group] = "Stopped"
            running == In(s, Critical[server], {"Running"})
            event == CASE @[server] \in {"Running", "FailedBack"} /\ stopped -> "services down"
                       [] @[server] \in {"Stopped", "FailedBack"} /\ running -> "services up"
                       [] OTHER -> None
        IN  IF event = None THEN @[server] ELSE After(ServerTable, @[server], event)])]

(* A pool has its quorum or not; with nothing left that runs, there is nobody whose services would stop some minutes later. *)
FollowVotes(s) ==
    LET next(pool) ==
            LET now == s.pool[pool]
                enough == VotesSuffice(s, pool, 0)
                judged == CASE ~enough /\ now \in FabricUp -> After(PoolTable, now, "votes lost")
                            [] enough /\ now \in FabricFailing -> After(PoolTable, now, "votes regained")
                            [] OTHER -> now
                nothing == In(s, PoolGroups(pool), {"Stopped"})
            IN  IF judged \in FabricFailing /\ nothing THEN After(PoolTable, judged, "services stop") ELSE judged
    IN  [s EXCEPT !.pool = Whole([pool \in Pools |->
            IF pool \in Enterprise /\ @[pool] \notin FabricDown THEN next(pool) ELSE @[pool]])]

(* Of a pool of two, who runs alone is who has what users wrote last (F3.28). *)
FollowLast(s) ==
    [s EXCEPT !.last = Whole([pool \in Pools |->
        IF pool \notin Enterprise \/ Size(pool) # 2 \/ s.pool[pool] \in FabricDown THEN @[pool]
        ELSE LET running == {server \in PoolServers(pool) : NodeUp(s, server)}
             IN  CASE Cardinality(running) = 2 -> "both"
                   [] Cardinality(running) = 1 -> CHOOSE server \in running : TRUE
                   [] OTHER -> @[pool]])]

(* A server that went or came may hold replicas of any of the other groups, so a gate on all groups has to wait for them (D1); none of them is on
   a pool whose users are away. *)
Unsettle(s, before) ==
    LET after == {server \in Servers : CanHoldReplica(s, server)}
        changed == {PoolOf[server] : server \in (before \ after) \cup (after \ before)}
    IN  IF "settled" \in Remembers
        THEN [s EXCEPT !.settled = Whole([pool \in Pools |-> @[pool] /\ (AwayFrom(s, pool) \/ pool \notin changed)])]
        ELSE s

(* Availability follows from services, quorum from votes, replicas from servers. *)
Follow(s, before) ==
    LET stands == FollowLast(FollowVotes(FollowServices(s)))
    IN  {FollowStore(Unsettle(t, before)) : t \in FollowReplicas(stands)}

CanHold(s) == {server \in Servers : CanHoldReplica(s, server)}
=============================================================================
