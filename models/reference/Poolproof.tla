------------------------------ MODULE Poolproof ------------------------------
(* What a maintenance scenario means: all runs that it allows, and what is claimed of them. The rooms below say what a step does;
   here the steps are put together. A step does something, and then what follows from it at once (Machines!Follow). *)
EXTENDS Properties

VARIABLES
    readings,       \* what the documents leave open, as it is in this run: it never changes (D5)
    availability,   \* of each server to its pool
    power,          \* of each machine
    replica,        \* on each server, of the tracked routing group (D1)
    service,        \* what each group of services does
    startup,        \* its startup type
    hang,           \* what keeps its drain, or its start, from ending (D2)
    pool,           \* each pool as a whole
    database,       \* who serves the database of each pool
    settled,        \* whether all groups of a pool but the tracked one are whole, as a gate sees it (D1)
    last,           \* of each pool of two, which front end runs or ran alone, or "both" (F3.28)
    nextHop,        \* the next hop of each Edge pool that a step can change
    trackedPool,    \* the pool where the tracked group is
    trackedHome,    \* the pool whose users it holds, where pools fail over
    store,          \* the Central Management Store: where it is, and who knows
    at, phase,      \* where each shell is, and how far its cmdlet is
    registers,      \* what it remembers of what it has read
    left,           \* how many commands a free operator may still issue
    lock,           \* who holds each lock
    budget          \* what is left of each fault's budget

vars == <<readings, availability, power, replica, service, startup, hang, pool, database, settled, last, nextHop, trackedPool,
          trackedHome, store, at, phase, registers, left, lock, budget>>

(* The state as a record, for the rooms. *)
Now ==
    [readings |-> readings, availability |-> availability, power |-> power, replica |-> replica, service |-> service,
     startup |-> startup, hang |-> hang, pool |-> pool, database |-> database, settled |-> settled, last |-> last,
     nextHop |-> nextHop, trackedPool |-> trackedPool, trackedHome |-> trackedHome, store |-> store, at |-> at,
     phase |-> phase, registers |-> registers, left |-> left, lock |-> lock, budget |-> budget, events |-> {}]

(***************************************************************************)
(* How a run begins                                                        *)
(***************************************************************************)

Everything ==
    [readings |-> readings,
     availability |-> Whole([server \in Servers |-> "Running"]),
     power |-> Whole([server \in Servers |-> "Up"]),
     replica |-> Whole([server \in Servers |-> "Absent"]),
     service |-> Whole([group \in Groups |-> "Running"]),
     startup |-> Whole([group \in Groups |-> "Automatic"]),
     hang |-> Whole([group \in Groups |-> None]),
     pool |-> Whole([each \in Pools |-> "Running"]),
     database |-> Whole([each \in Pools |-> "Principal"]),
     settled |-> Whole([each \in Pools |-> TRUE]),
     last |-> Whole([each \in Pools |-> "both"]),
     nextHop |-> FirstNextHop,
     trackedPool |-> PoolOrder[1],
     trackedHome |-> PoolOrder[1],
     store |-> [moved |-> FALSE, replicating |-> FALSE, unaware |-> FALSE],
     at |-> Whole([shell \in Shells |-> 0]),
     phase |-> Whole([shell \in Shells |-> 0]),
     registers |-> Whole([shell \in Shells |-> {}]),
     left |-> Whole([shell \in Shells |-> IF Free(shell) /\ Program[shell].bounded THEN Program[shell].atMost ELSE 0]),
     lock |-> Whole([each \in Locks |-> None]),
     budget |-> Budget,
     events |-> {}]

StopAll(s, servers) ==
    LET groups == UNION {Of[server] : server \in servers}
    IN  [s EXCEPT !.service = Whole([group \in Groups |-> IF group \in groups THEN "Stopped" ELSE @[group]])]

(* A deviation from "everything runs". *)
Deviate(s, initially) ==
    CASE initially.is = "pool stopped" ->
            LET p == initially.pool
                stopped == StopAll(s, PoolServers(p))
            IN  IF p \in WholePools THEN [stopped EXCEPT !.pool[p] = "Stopped"] ELSE stopped
      [] initially.is = "pool failed over" ->
            LET stopped == {group \in PoolGroups(initially.pool) : ~Meets(group, CopyingServices)}
            IN  [s EXCEPT !.pool[initially.pool] = "FailedOver",
                          !.service = Whole([group \in Groups |-> IF group \in stopped THEN "Stopped" ELSE @[group]])]
      [] initially.is = "failed over" ->
            LET x == initially.server
            IN  [Startup(StopAll(s, {x}), Of[x], "Disabled") EXCEPT !.availability[x] = "FailedOver"]
      [] initially.is = "stopped" -> StopAll(s, {initially.server})
      [] initially.is = "lost" -> [StopAll(s, {initially.server}) EXCEPT !.power[initially.server] = "Lost"]
      [] initially.is = "on mirror" -> [s EXCEPT !.database[initially.pool] = "MirrorAlone"]

RECURSIVE DeviateFrom(_, _)
DeviateFrom(s, i) == IF i > Len(Initially) THEN s ELSE DeviateFrom(Deviate(s, Initially[i]), i + 1)

(* The tracked group is any group of any pool: any servers that may hold it, any primary among them. The group of a pool whose users
   are on the paired pool is there. *)
Placed ==
    LET host(home) ==
            IF \E i \in DOMAIN Initially : Initially[i].is = "pool failed over" /\ Initially[i].pool = home
                /\ Partner[home] # None
            THEN Partner[home] ELSE home
        holders(where) ==
            IF where \in Enterprise
            THEN {set \in SUBSET PoolServers(where) : Cardinality(set) = ReplicaTarget(Size(where))}
            ELSE {{}}
        place(home, set, primary) ==
            [Everything EXCEPT
                !.trackedPool = host(home),
                !.trackedHome = IF "home" \in Remembers THEN home ELSE @,
                !.replica = Whole([server \in Servers |->
                    IF server = primary THEN "Primary" ELSE IF server \in set THEN "Secondary" ELSE "Absent"])]
    IN  IF Enterprise = {} THEN {Everything}
        ELSE UNION {UNION {{place(home, set, primary) : primary \in IF set = {} THEN {None} ELSE set} :
                set \in holders(host(home))} : home \in Enterprise}

OutAtFirst == {Initially[i].server : i \in {j \in DOMAIN Initially : Initially[j].is \in {"failed over", "stopped", "lost"}}}

(* Replicas have long been built elsewhere than on a server that is failed over from the beginning, if there was a server for them,
   unless they stay where they are (F8.3). *)
Possible(s) ==
    \A i \in DOMAIN Initially :
        (Initially[i].is = "failed over" /\ ~RestartIntent(s)) =>
            LET x == Initially[i].server
            IN  s.replica[x] = "Absent" \/ \A y \in PoolServers(PoolOf[x]) \ OutAtFirst : s.replica[y] # "Absent"

RECURSIVE BeginFrom(_, _)
BeginFrom(s, i) ==
    IF i > Len(ShellOrder) THEN {s}
    ELSE UNION {BeginFrom(t, i + 1) : t \in IF Free(ShellOrder[i]) THEN {s} ELSE Arrive(s, ShellOrder[i], 0)}

(* With servers out from the beginning, a group that can have a primary has had time to promote one. *)
Promoted(s) == IF PromoteTargets(s) = {} THEN {s} ELSE {Replica(s, server, "promoted") : server \in PromoteTargets(s)}

(* With so many servers out from the beginning every other group misses a replica, too. *)
Misses(s, p) ==
    /\ "settled" \in Remembers
    /\ p \in Enterprise
    /\ ~AwayFrom(s, p)
    /\ s.pool[p] \in FabricUp
    /\ ~HasRoomForAll(s, p)
Settled(s) == [s EXCEPT !.settled = Whole([each \in Pools |-> @[each] /\ ~Misses(s, each)])]

Beginnings ==
    LET stands == {DeviateFrom(s, 1) : s \in {s \in Placed : Possible(s)}}
        begun == UNION {BeginFrom(s, 1) : s \in stands}
        followed == {Settled(s) : s \in UNION {Follow(s, CanHold(s)) : s \in begun}}
    IN  UNION {Promoted(s) : s \in followed}

(* Every way to give each reading one of its values. *)
RECURSIVE ValuationsOf(_)
ValuationsOf(some) ==
    IF some = {} THEN {<<>>}
    ELSE LET one == CHOOSE reading \in some : TRUE
         IN  {Whole([reading \in some |-> IF reading = one THEN value ELSE others[reading]]) :
                value \in Readings[one], others \in ValuationsOf(some \ {one})}

Init ==
    /\ readings \in ValuationsOf(DOMAIN Readings)
    /\ \E s \in Beginnings :
        /\ availability = s.availability /\ power = s.power /\ replica = s.replica
        /\ service = s.service /\ startup = s.startup /\ hang = s.hang
        /\ pool = s.pool /\ database = s.database /\ settled = s.settled /\ last = s.last /\ nextHop = s.nextHop
        /\ trackedPool = s.trackedPool /\ trackedHome = s.trackedHome /\ store = s.store
        /\ at = s.at /\ phase = s.phase /\ registers = s.registers /\ left = s.left /\ lock = s.lock
        /\ budget = s.budget

(***************************************************************************)
(* Steps                                                                   *)
(***************************************************************************)

(* What may come of a step: of its effects, what follows from them. *)
Result(effects) == UNION {Follow(t, CanHold(Now)) : t \in effects}

Become(effects) ==
    \E s \in Result(effects) :
        /\ UNCHANGED readings
        /\ availability' = s.availability /\ power' = s.power /\ replica' = s.replica
        /\ service' = s.service /\ startup' = s.startup /\ hang' = s.hang
        /\ pool' = s.pool /\ database' = s.database /\ settled' = s.settled /\ last' = s.last /\ nextHop' = s.nextHop
        /\ trackedPool' = s.trackedPool /\ trackedHome' = s.trackedHome /\ store' = s.store
        /\ at' = s.at /\ phase' = s.phase /\ registers' = s.registers /\ left' = s.left /\ lock' = s.lock
        /\ budget' = s.budget

(* Whether a step is enabled is a yes or a no. TLC would take each half of an "or" in it for a step of its own. *)
Given(enabled) == enabled = TRUE

(* Operators. A shell of a runbook goes on, or a blocked cmdlet of anybody returns; a free operator issues a command. *)
Advance(shell) == Given(CanAdvance(Now, shell)) /\ Become(DoAdvance(Now, shell))
Issues(shell) ==
    Given(CanIssue(Now, shell)) /\ \E item \in DOMAIN Program[shell].menu : Become(DoIssue(Now, shell, item))

(* The system. *)
Expires(shell) == Given(CanExpire(Now, shell)) /\ Become(DoExpire(Now, shell))
Boot(server) == Given(CanBoot(Now, server)) /\ Become({DoBoot(Now, server)})
ServicesStart(group) == Given(CanServicesStart(Now, group)) /\ Become({DoServicesStart(Now, group)})
Emptied(group) == Given(CanEmpty(Now, group)) /\ Become({DoEmpty(Now, group)})
UsersMoved(server) == Given(CanUsersMove(Now, server)) /\ Become({DoUsersMove(Now, server)})
TakenOut(server) == Given(CanTakeOut(Now, server)) /\ Become({TakeOut(Now, server)})
Orphaned(server) == Given(CanOrphan(Now, server)) /\ Become({DoOrphan(Now, server)})
Swap == \E server \in SwapTargets(Now) : Become(DoSwap(Now, server))
Promote == \E server \in PromoteTargets(Now) : Become(DoPromote(Now, server))
BuildBegins == \E server \in BuildTargets(Now) : Become(DoBuildBegins(Now, server))
Built == \E server \in BuiltTargets(Now) : Become(DoBuilt(Now, server))
Settles(p) == Given(CanSettle(Now, p)) /\ Become({[Now EXCEPT !.settled[p] = TRUE]})
PoolStops(p) == pool[p] \in FabricFailing /\ Become({DoPoolStops(Now, p)})
PoolStarts(p) == Given(CanStart(Now, p, FALSE)) /\ Become({DoPoolStarts(Now, p, "enough servers started")})
MirrorTakesOver(p) == Given(CanMirrorTakeOver(Now, p)) /\ Become({DoMirrorTakeOver(Now, p)})
Replicated == Given(CanReplicate(Now)) /\ Become(DoReplicated(Now))

(* Faults. *)
Crash(server) ==
    \E to \in {"Crashed", "Lost"} : Given(CanCrash(Now, server, to)) /\ Become(DoCrash(Now, server, to))
PolicyReboot(server) == Given(CanPolicyReboot(Now, server)) /\ Become(DoPolicyReboot(Now, server))
Watchdog(server) == Given(CanWatchdog(Now, server)) /\ Become({DoWatchdog(Now, server)})
Hang(group) == Given(CanHang(Now, group)) /\ \E how \in {"Live", "Ended"} : Become({DoHang(Now, group, how)})
StartHangs(group) == Given(CanStartHang(Now, group)) /\ Become({DoStartHang(Now, group)})
Publishes(p) == Given(CanPublish(Now, p)) /\ Become({DoPublish(Now, p)})
PrincipalFails(p) == Given(CanPrincipalFail(Now, p)) /\ Become({DoPrincipalFail(Now, p)})
FailCmdlet(shell) == Given(CanFail(Now, shell)) /\ Become(DoFail(Now, shell))

Next ==
    \/ \E shell \in Shells : Advance(shell) \/ Issues(shell) \/ Expires(shell) \/ FailCmdlet(shell)
    \/ \E server \in Servers :
        \/ Boot(server) \/ UsersMoved(server) \/ TakenOut(server) \/ Orphaned(server)
        \/ Crash(server) \/ PolicyReboot(server) \/ Watchdog(server)
    \/ Swap \/ Promote \/ BuildBegins \/ Built \/ Replicated
    \/ \E p \in Pools :
        \/ Settles(p) \/ PoolStops(p) \/ PoolStarts(p) \/ MirrorTakesOver(p)
        \/ Publishes(p) \/ PrincipalFails(p)
    \/ \E group \in Groups : ServicesStart(group) \/ Emptied(group) \/ Hang(group) \/ StartHangs(group)

(* What the steps that can carry an event do. *)
Carriers ==
    UNION {IF CanAdvance(Now, shell) THEN Result(DoAdvance(Now, shell)) ELSE {} : shell \in Shells}
    \cup UNION {IF CanIssue(Now, shell)
                THEN UNION {Result(DoIssue(Now, shell, item)) : item \in DOMAIN Program[shell].menu} ELSE {} : shell \in Shells}
    \cup UNION {IF CanExpire(Now, shell) THEN Result(DoExpire(Now, shell)) ELSE {} : shell \in Shells}
    \cup UNION {IF CanFail(Now, shell) THEN Result(DoFail(Now, shell)) ELSE {} : shell \in Shells}
    \cup UNION {IF CanTakeOut(Now, server) THEN Result({TakeOut(Now, server)}) ELSE {} : server \in Servers}
    \cup UNION {IF CanPolicyReboot(Now, server) THEN Result(DoPolicyReboot(Now, server)) ELSE {} : server \in Servers}
    \cup UNION {IF CanPublish(Now, p) THEN Result({DoPublish(Now, p)}) ELSE {} : p \in Pools}

Events == UNION {t.events : t \in Carriers}

(***************************************************************************)
(* Fairness                                                                *)
(***************************************************************************)

(* A shell may wait where it is: a poll that takes a step and comes back to the very same state has gone on. TLA+ does not see such a
   step, so the promise to the shell is made only where it has none. *)
Polls(shell) ==
    CanAdvance(Now, shell) /\ \E s \in Result(DoAdvance(Now, shell)) : [s EXCEPT !.events = {}] = Now

(* Shells and the system go on; free operators decide to act or not, and faults need not happen. Which server fabric picks is its
   own affair. What goes on is named by its step and by whom it is about. *)
Promises ==
    ({"Advance", "Expires"} \X Shells)
    \cup ({"Boot", "UsersMoved", "TakenOut", "Orphaned"} \X Servers)
    \cup ({"ServicesStart", "Emptied"} \X Groups)
    \cup ({"Settles", "PoolStops", "PoolStarts", "MirrorTakesOver"} \X Pools)
    \cup ({"Swap", "Promote", "BuildBegins", "Built", "Replicated"} \X {None})

Keeps(promise) ==
    LET who == promise[2]
    IN  CASE promise[1] = "Advance" -> Advance(who) /\ ~Polls(who)
          [] promise[1] = "Expires" -> Expires(who)
          [] promise[1] = "Boot" -> Boot(who)
          [] promise[1] = "UsersMoved" -> UsersMoved(who)
          [] promise[1] = "TakenOut" -> TakenOut(who)
          [] promise[1] = "Orphaned" -> Orphaned(who)
          [] promise[1] = "ServicesStart" -> ServicesStart(who)
          [] promise[1] = "Emptied" -> Emptied(who)
          [] promise[1] = "Settles" -> Settles(who)
          [] promise[1] = "PoolStops" -> PoolStops(who)
          [] promise[1] = "PoolStarts" -> PoolStarts(who)
          [] promise[1] = "MirrorTakesOver" -> MirrorTakesOver(who)
          [] promise[1] = "Swap" -> Swap
          [] promise[1] = "Promote" -> Promote
          [] promise[1] = "BuildBegins" -> BuildBegins
          [] promise[1] = "Built" -> Built
          [] promise[1] = "Replicated" -> Replicated

Fairness == \A promise \in Promises : WF_vars(Keeps(promise))

Spec == Init /\ [][Next]_vars /\ Fairness

(***************************************************************************)
(* Claims                                                                  *)
(***************************************************************************)

(* In every state. *)
HoldsPoolQuorum == PoolQuorum(Now)
HoldsRoutingGroupQuorum == RoutingGroupQuorum(Now)
HoldsSurvivesOneMoreCrash == SurvivesOneMoreCrash(Now)
HoldsOneOutAtATime == OneOutAtATime(Now)
HoldsIsolatedWhilePatched == IsolatedWhilePatched(Now)
HoldsCapacity == Capacity(Now)
HoldsFullService == FullService(Now)
HoldsOneManagementStore == OneManagementStore(Now)

(* On no step: a claim about what comes next is one about the state before, so a trace of TLC ends just before the step. *)
HoldsNoCutCalls == "call cut" \notin Events
HoldsNoFailedStep == "error ignored" \notin Events
HoldsNoLostData == "data lost" \notin Events

(* On every fair run. *)
HoldsRunbookCompletes == <>AllEnded(Now)
HoldsReturnsToService == AllEnded(Now) ~> Serving(Now)

(* On some run: to be violated. *)
NeverCompletes == ~Completed(Now)

(* What TLC cannot say in its own logic, `recoverable` and `no-stranded-routing-group`, is that from every reachable state one of
   these can be reached: by any steps, or by those of the system alone. *)
IsNormal == Normal(Now)
IsGroupServed == GroupServed(Now)
=============================================================================
