-------------------------------- MODULE Pairs --------------------------------
(* Pairs of pools, the management store that moves between them, and the next hop of Edge pools. A fail-over of a pool goes through
   the stages that the cmdlet prints (A26); between two stages anything else may happen. *)
EXTENDS RoutingGroup

(* The services that a fail-over of a pool leaves running, or starts again: those that copy data (A26). *)
CopyingServices == {"REPLICA", "RTCCLSAGT", "LYNCBACKUP"}
BackupService == {"LYNCBACKUP"}

AwayFrom(s, pool) == s.pool[pool] \in UsersAway
PoolServers(pool) == Range(Members[pool])
PoolGroups(pool) == UNION {Of[server] : server \in PoolServers(pool)}

(* Somebody on the pool can be talked to, by other pools and by cmdlets about it. *)
PoolAnswers(s, pool) ==
    /\ pool \in WholePools => s.pool[pool] \in FabricUp
    /\ \E server \in PoolServers(pool) : Up(s, server) /\ In(s, Critical[server], {"Running"})

Served(s, pool) == s.database[pool] \in {"Principal", "Mirror", "MirrorAlone"}
Usable(s, pool) == PoolAnswers(s, pool) /\ Served(s, pool)

BackupGroups(pool) == {group \in PoolGroups(pool) : Meets(group, BackupService)}
BackupRuns(s, pool) ==
    \E group \in BackupGroups(pool) : Up(s, ServerOf[group]) /\ s.service[group] = "Running"

(* A group of services runs, or will once its machine and its start are complete. *)
ComesUp(s, group) ==
    LET machine == s.power[ServerOf[group]]
    IN  CASE machine = "Up" ->
                s.service[group] = "Running" \/ (s.service[group] = "StartPending" /\ s.hang[group] = None)
          [] machine \in {"Rebooting", "Crashed"} -> s.startup[group] = "Automatic"
          [] machine = "Lost" -> FALSE

(* What is not so, and will be without anybody's help. *)
BecomesUsable(s, pool) ==
    /\ Served(s, pool)
    /\ IF pool \in WholePools /\ s.pool[pool] \in FabricDown
       THEN CanStart(s, pool, FALSE)
       ELSE \E server \in PoolServers(pool) : \A group \in Critical[server] : ComesUp(s, group)
BackupComesUp(s, pool) == \E group \in BackupGroups(pool) : ComesUp(s, group)

(***************************************************************************)
(* The Central Management Store                                            *)
(***************************************************************************)

StorePool(s) == IF s.store.moved THEN StoreOther ELSE StoreHome
FormerStorePool(s) == IF s.store.moved THEN StoreHome ELSE StoreOther

(* A store on a pool that does not take part is usable. *)
StoreUsable(s) == StorePool(s) # None => Usable(s, StorePool(s))

(* The former master was not told of a move, and answers. *)
TwoMasters(s) == s.store.unaware /\ FormerStorePool(s) # None /\ PoolAnswers(s, FormerStorePool(s))

CanReplicate(s) == s.store.replicating /\ StoreUsable(s)
DoReplicated(s) == {[s EXCEPT !.store.replicating = FALSE]}

(* A former master that runs again and was never told stands down, or goes on (reading old-master, R29, A28). *)
FollowStore(s) ==
    IF TwoMasters(s) /\ s.readings["old-master"] = "stands-down" THEN [s EXCEPT !.store.unaware = FALSE] ELSE s

(* The backups of two pools on each other can come to a steady and to a final state (F6.13). *)
Synchronise(s, pools) == (\A pool \in pools : Usable(s, pool) /\ BackupRuns(s, pool)) /\ StoreUsable(s)

CanMoveStore(s, force) ==
    /\ StorePool(s) # None
    /\ FormerStorePool(s) # None
    /\ ~s.store.replicating                 \* A move that is not known everywhere blocks the next one (R10).
    /\ ~s.store.unaware
    /\ Usable(s, FormerStorePool(s))
    /\ force \/ Synchronise(s, {StorePool(s), FormerStorePool(s)})

(* By force the old master is not asked, and so not told. *)
DoMoveStore(s, force) ==
    [s EXCEPT !.store = [moved |-> ~s.store.moved, replicating |-> TRUE, unaware |-> force]]

(***************************************************************************)
(* Stages of a fail-over and of a fail-back of a pool                      *)
(***************************************************************************)

Stages(command) ==
    IF command.cmdlet = "FailOverPool"
    THEN IF command.disaster THEN <<"switch", "stop">> ELSE <<"announce", "switch", "stop">>
    ELSE <<"start", "announce return", "return">>
Stage(command, phase) == Stages(command)[phase]

(* Another Edge pool still sends what comes from outside here (F6.4, R20). *)
IsNextHop(s, pool) == pool \in FixedNextHops \/ \E edge \in Pools : s.nextHop[edge] = pool

CanFailOverPool(s, pool, disaster) ==
    /\ Partner[pool] # None
    /\ ~IsNextHop(s, pool)
    /\ ~AwayFrom(s, Partner[pool])          \* F6.10
    /\ ~AwayFrom(s, pool)
    /\ disaster \/ Usable(s, pool)          \* F6.8
    /\ StorePool(s) = pool => s.readings["store-guard"] = "permits"

CanFailBackPool(s, pool) == Partner[pool] # None /\ AwayFrom(s, pool)

(* Whether a stage still makes sense; if not, somebody has taken the pool elsewhere in the meantime (A25). *)
StageMakesSense(s, command, stage) ==
    LET state == s.pool[command.pool]
        partnerAtHome == ~AwayFrom(s, Partner[command.pool])
    IN  CASE stage = "announce" -> partnerAtHome /\ state \in {"Running", "Draining"}
          [] stage = "switch" -> partnerAtHome /\ (IF command.disaster THEN state \notin UsersAway ELSE state = "Draining")
          [] stage = "stop" -> state \in UsersAway \ {"FailedBack"}
          [] stage \in {"start", "announce return"} -> state \in UsersAway
          [] stage = "return" -> state = "FailedBack"

(* Whether what a stage waits for has come, given which pools are usable and where the backup service runs. *)
StageReady(s, command, stage, usable(_), backup(_)) ==
    LET home == command.pool
        partner == Partner[home]
        copies(pools) == \A each \in pools : usable(each) /\ backup(each)
        reachable == StorePool(s) # None => usable(StorePool(s))
    IN  CASE stage = "stop" -> TRUE
          [] stage = "announce return" -> s.pool[home] \notin {"FailedOver", "FailedOverLost"}
          [] stage = "switch" /\ command.disaster -> usable(partner) /\ reachable
          [] stage = "return" /\ command.disaster -> usable(home) /\ reachable
          [] stage = "start" -> (command.disaster \/ copies({partner})) /\ reachable
          [] OTHER -> copies({home, partner}) /\ reachable

(* How such a cmdlet can go on: "failed", "ready", or not yet. *)
PoolOutlook(s, command, phase) ==
    LET stage == Stage(command, phase)
    IN  IF ~StageMakesSense(s, command, stage) THEN "failed"
        ELSE IF StageReady(s, command, stage, LAMBDA pool : Usable(s, pool), LAMBDA pool : BackupRuns(s, pool))
             THEN "ready" ELSE "not yet"

(* It waits for something that will not come by itself (D4). *)
PoolStuck(s, command, phase) ==
    LET stage == Stage(command, phase)
        usable(pool) == Usable(s, pool) \/ BecomesUsable(s, pool)
        backup(pool) == BackupRuns(s, pool) \/ BackupComesUp(s, pool)
    IN  IF stage = "announce return"
        THEN s.pool[command.pool] \in FabricDown /\ ~CanStart(s, command.pool, FALSE)
        ELSE ~StageReady(s, command, stage, usable, backup)

(* Asks everything on a pool to start that is available and not disabled, but for some servers (F4.17). *)
StartAvailable(s, pool, skipped) ==
    LET servers == {server \in PoolServers(pool) \ skipped :
            Up(s, server) /\ s.availability[server] \notin Deactivated \cup {"Removed"}}
    IN  Service(s, NotDisabled(s, UNION {Of[server] : server \in servers}), "start")

(* The users are on another pool now, and the tracked group with them if it is theirs; the other groups have to settle there. At home
   no group is left that could miss a replica. *)
MoveUsers(s, home, to) ==
    LET settled == [s.settled EXCEPT ![to] = to \notin Enterprise, ![home] = IF to = home THEN home \notin Enterprise ELSE TRUE]
        unsettled == IF "settled" \in Remembers THEN [s EXCEPT !.settled = settled] ELSE s
    IN  IF home \in Enterprise /\ s.trackedHome = home THEN MoveGroup(unsettled, to) ELSE {unsettled}

(* The services of a pool whose users have gone are stopped, but for those that copy data. A move of the store that is not known
   everywhere has not reached its old master if that is stopped now (R29). *)
StopAtHome(s, pool) ==
    LET groups == UNION {Of[server] : server \in {server \in PoolServers(pool) : Up(s, server)}}
        copying == {group \in groups : Meets(group, CopyingServices)}
        stopped == StopHard(Pool(s, pool, "services stop"), groups \ copying)
        told == IF s.store.replicating /\ FormerStorePool(s) = pool
                THEN [stopped EXCEPT !.store.unaware = TRUE] ELSE stopped
    IN  Service(told, NotDisabled(told, copying), "start")

(* What a stage does: a set of states. *)
EnterStage(s, command, phase) ==
    LET stage == Stage(command, phase)
        home == command.pool
        (* What was not copied yet stays behind (F6.3, F6.8, F6.9). *)
        losing(t) == IF command.disaster THEN Noting(t, "data lost") ELSE t
    IN  CASE stage = "announce" -> {Pool(s, home, "pool fail-over")}
          [] stage = "switch" ->
                LET event == IF command.disaster THEN "pool fail-over in disaster mode" ELSE "users on the paired pool"
                IN  MoveUsers(losing(Pool(s, home, event)), home, Partner[home])
          [] stage = "stop" -> {StopAtHome(s, home)}
          [] stage = "start" -> {StartAvailable(s, home, {})}
          [] stage = "announce return" -> {Pool(s, home, "pool fail-back")}
          [] stage = "return" ->
                (* Running conferences of these users end (F6.11). *)
                MoveUsers(losing(Noting(Pool(s, home, "users at home"), "call cut")), home, home)
=============================================================================
