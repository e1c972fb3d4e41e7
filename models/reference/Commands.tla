------------------------------ MODULE Commands ------------------------------
(* What cmdlets do: when they are issued, while they are waited for, when their wait ends. An outcome is a state and how the cmdlet
   stands in it: "done", "failed", or "blocked" while it goes on. *)
EXTENDS Pairs

Is(state, progress) == {[state |-> state, is |-> progress]}
Done(state) == Is(state, "done")
Failed(state) == Is(state, "failed")
Blocked(state) == Is(state, "blocked")
If(condition, state) == IF condition THEN Done(state) ELSE Failed(state)

AboutServers == {"StopServices", "StartServices", "PauseServices", "SetStartup", "FailOver", "FailBack", "Restart", "Shutdown",
                 "Install", "RemoveMachineState"}
AboutServer(command) == command.cmdlet \in AboutServers

(***************************************************************************)
(* Services                                                                *)
(***************************************************************************)

(* What a start or a stop is about: the services that are named and installed, and with them what they need, or what needs them
   (F1.38, F1.47). *)
Named(command) == command.services \cap Installed[command.server]
ToStart(command) == Ordered(command.server, WithWhatTheyNeed(Named(command)))
ToStop(command) == Reverse(Ordered(command.server, WithWhatNeedsThem(Named(command))))

Stop(s, command) ==
    LET order == ToStop(command)
        drained == Service(s, Range(order), "drain")
    IN  IF order = <<>> THEN Failed(s)
        ELSE IF command.graceful
             THEN IF command.wait /\ ~In(drained, Range(order), {"Stopped"}) THEN Blocked(drained) ELSE Done(drained)
        ELSE IF ~command.wait \/ Len(order) = 1 THEN Done(StopHard(s, Range(order)))
        (* The last in start order is the first to go, one group a step (D3, A18). *)
        ELSE Blocked(StopHard(s, {order[1]}))

(* Disabled services do not start, unless the server is failed over and the reading says that they do; the others are tried all
   the same (A19, F1.43). *)
Start(s, command) ==
    LET groups == Range(ToStart(command))
        disabled == groups \ NotDisabled(s, groups)
        allowed == s.availability[command.server] = "FailedOver" /\ s.readings["start-on-failed-over"] = "starts-unavailable"
        refused == groups = {} \/ (disabled # {} /\ ~allowed)
        after == Service(s, IF refused THEN groups \ disabled ELSE groups, "start")
    IN  IF refused THEN Failed(after)
        ELSE IF command.wait /\ ~In(after, groups, {"Running"}) THEN Blocked(after)
        ELSE Done(after)

Pause(s, command) ==
    LET groups == Range(Ordered(command.server, command.services))
    IN  If(groups # {} /\ \A group \in groups : Listed(ServiceTable, s.service[group], "pause"), Service(s, groups, "pause"))

SetStartup(s, command) ==
    LET groups == Range(Ordered(command.server, command.services))
    IN  If(groups # {}, Startup(s, groups, command.startup))

(***************************************************************************)
(* Servers                                                                 *)
(***************************************************************************)

FailOver(s, command) ==
    LET server == command.server
        another == \E other \in PoolServers(PoolOf[server]) \ {server} : Out(s, other)
    IN  IF /\ HasComputerFailOver
           /\ PoolOf[server] \in Enterprise
           /\ s.availability[server] = "Running"
           /\ ~(another /\ ~command.force /\ s.readings["capacity-check"] = "refuses")
        THEN Blocked(Server(s, server, "fail-over"))
        ELSE Failed(s)

FailBack(s, command) ==
    LET server == command.server
        available == Startup(Server(s, server, "fail-back"), Of[server], "Automatic")
        after == IF command.noStart THEN available ELSE Service(available, Of[server], "start")
    IN  IF ~HasComputerFailOver \/ PoolOf[server] \notin Enterprise
            \/ ~Listed(ServerTable, s.availability[server], "fail-back")
        THEN Failed(s)
        ELSE IF command.noStart \/ InService(after, server) THEN Done(after) ELSE Blocked(after)

(* The command that a shell stands at, if it does; and the one that is failing a server over: that of the first shell that waits
   for such a command, since a shell whose fail-over failed may not have been told yet. *)
AtCommand(s, shell) ==
    IF Program[shell].kind = "free" THEN s.at[shell] > 0
    ELSE s.at[shell] \in DOMAIN Program[shell].nodes /\ Program[shell].nodes[s.at[shell]].op = "command"
CommandAt(s, shell) ==
    IF Program[shell].kind = "free" THEN Program[shell].menu[s.at[shell]] ELSE Program[shell].nodes[s.at[shell]].command
FailingOver(s, server) ==
    LET waiting == {i \in DOMAIN ShellOrder :
            /\ s.phase[ShellOrder[i]] > 0
            /\ AtCommand(s, ShellOrder[i])
            /\ CommandAt(s, ShellOrder[i]).cmdlet = "FailOver"
            /\ CommandAt(s, ShellOrder[i]).server = server}
    IN  {CommandAt(s, ShellOrder[i]) : i \in {i \in waiting : \A j \in waiting : i <= j}}

(* Sessions have ended: services stop and are disabled (F2.4, F2.5), or stay up, paused (F2.11). What somebody started again in the
   meantime is stopped all the same. *)
TakeOut(s, server) ==
    LET noStop == \E command \in FailingOver(s, server) : command.noStop
        draining == {group \in Of[server] : s.service[group] = "Draining"}
        emptied == Service(s, draining, IF noStop THEN "emptied, not to be stopped" ELSE "emptied")
        stopped == IF noStop THEN emptied ELSE StopHard(emptied, Of[server] \ draining)
    IN  Server(Startup(stopped, Of[server], "Disabled"), server, "drained, stopped, disabled")

(* What still keeps a drain from ending is cut. *)
CutHangs(s, server) ==
    LET live == \E group \in Of[server] : s.hang[group] = "Live"
    IN  TakeOut(IF live THEN Noting(s, "call cut") ELSE s, server)

(* The hour of a fail-over's wait is over (C7, A2). Force ends connections and does not overrule fabric (A6). *)
ExpireFailOver(s, command) ==
    LET server == command.server
        reading == s.readings["wait-expiry"]
        draining == s.availability[server] = "Draining"
        forced == draining /\ (command.drainingTimeout \/ reading = "force-disconnect")
        event == IF reading = "users-moved" THEN "abandoned after the move" ELSE "abandoned"
        services == IF reading = "left-paused" THEN "left paused" ELSE "resume"
    IN  IF forced THEN Blocked(CutHangs(s, server))
        ELSE Failed(Service(Server(s, server, event), Of[server], services))

ExpireFailBack(s, command) ==
    LET server == command.server
    IN  Failed(Startup(StopHard(Server(s, server, "fail-back expired"), Of[server]), Of[server], "Disabled"))

(***************************************************************************)
(* Pools                                                                   *)
(***************************************************************************)

RestartedByReset == {"RTCSRV", "FabricHostSvc"}

Restarted(s, pool, everything, noRestart) ==
    LET servers == {server \in PoolServers(pool) : Up(s, server)}
        all == UNION {Of[server] : server \in servers}
        core == {group \in all : Meets(group, RestartedByReset)}
        lifted == [s EXCEPT !.availability = Whole([server \in Servers |->
            IF everything /\ server \in servers THEN After(ServerTable, @[server], "full reset") ELSE @[server]])]
        stopped == StopHard(lifted, core)
        enabled == IF everything THEN Startup(stopped, all, "Automatic") ELSE stopped
        wanted == IF everything THEN all ELSE core
        started == IF noRestart THEN enabled ELSE Service(enabled, NotDisabled(enabled, wanted), "start")
    IN  Pool(started, pool, "reset")

ResetPool(s, command) ==
    IF command.pool \notin WholePools THEN Failed(s)
    ELSE LET after == Restarted(s, command.pool, command.everything, command.noRestart)
         IN  IF command.noRestart THEN Done(after) ELSE Blocked(after)

QuorumLossRecovery(s, pool) ==
    IF pool \notin WholePools THEN Failed(s)
    ELSE UNION {If(outcome.worked, outcome.state) : outcome \in Recover(s, pool)}

(* The server is no longer a member of its pool, and its replica is gone (F4.14). A Standard Edition server is its pool. *)
RemoveMachineState(s, command) ==
    LET server == command.server
    IN  IF /\ command.pool \in Enterprise
           /\ PoolOf[server] = command.pool
           /\ Listed(ServerTable, s.availability[server], "machine state removed")
        THEN Done([Server(s, server, "machine state removed") EXCEPT !.replica[server] = "Absent"])
        ELSE Failed(s)

StartPool(s, command) ==
    LET home == command.pool
        started == StartAvailable(s, home, command.skip)
        (* Too many servers are left out for a start of the whole pool (F3.7). *)
        tooFew == /\ ~command.recover
                  /\ command.skip # {}
                  /\ Size(home) - Cardinality(command.skip) < FirstStart(Size(home), s.readings["cold-start"])
        recovered == IF command.recover THEN {outcome.state : outcome \in Recover(started, home)} ELSE {started}
    IN  IF ~HasComputerFailOver \/ home \notin WholePools \/ tooFew THEN Failed(s)
        ELSE UNION {IF t.pool[home] \in FabricUp THEN Done(t) ELSE Blocked(t) : t \in recovered}

(* Other members are published: the servers that there are restart their services, or go on (reading member-change, C8, R14). *)
PublishMembers(s, pool) ==
    LET servers == {server \in PoolServers(pool) :
            Up(s, server) /\ s.availability[server] \notin Deactivated \cup {"Removed"}}
        all == UNION {Of[server] : server \in servers}
        stopped == StopHard(s, all)
        restarted == Service(stopped, NotDisabled(stopped, all), "start")
    IN  IF s.readings["member-change"] # "restarts-all" THEN s
        ELSE IF pool \in WholePools THEN Pool(restarted, pool, "reset") ELSE restarted

(* The databases of a pool (F9.1, F9.2, F9.4): a principal that is down may have been repaired or not. *)
FailOverDatabase(s, pool, toMirror) ==
    LET now == s.database[pool]
        to(database) == [s EXCEPT !.database[pool] = database]
    IN  IF BackEnd[pool] \notin {"mirrored", "mirrored with witness"} THEN Failed(s)
        ELSE IF toMirror
             THEN CASE now = "Principal" -> Done(to("Mirror"))
                    [] now = "Down" -> Done(to("MirrorAlone"))
                    [] OTHER -> Failed(s)
             ELSE CASE now = "Mirror" -> Done(to("Principal"))
                    [] now = "MirrorAlone" -> Done(to("Principal")) \cup Failed(s)
                    [] OTHER -> Failed(s)

StopDatabase(s, pool) ==
    CASE s.database[pool] = "Principal" -> Done([s EXCEPT !.database[pool] = "Down"])
      [] s.database[pool] = "Mirror" -> Done([s EXCEPT !.database[pool] = "MirrorAlone"])
      [] OTHER -> Failed(s)

StartDatabase(s, pool) ==
    Done([s EXCEPT !.database[pool] = IF @ \in {"Mirror", "MirrorAlone"} THEN "Mirror" ELSE "Principal"])

(***************************************************************************)
(* Any cmdlet                                                              *)
(***************************************************************************)

(* The effect of a cmdlet on a machine that goes down depends on the shells on it, so Shells passes that in. *)
Issue(s, command, PowerDown(_, _, _, _)) ==
    LET cmdlet == command.cmdlet
    IN  IF AboutServer(command) /\ cmdlet # "RemoveMachineState" /\ ~Up(s, command.server)
        THEN Failed(s)                      \* A machine that does not answer cannot be acted on (A7).
        ELSE CASE cmdlet = "StopServices" -> Stop(s, command)
               [] cmdlet = "StartServices" -> Start(s, command)
               [] cmdlet = "PauseServices" -> Pause(s, command)
               [] cmdlet = "SetStartup" -> SetStartup(s, command)
               [] cmdlet = "FailOver" -> FailOver(s, command)
               [] cmdlet = "FailBack" -> FailBack(s, command)
               [] cmdlet = "ResetPool" -> ResetPool(s, command)
               [] cmdlet = "QuorumLossRecovery" -> QuorumLossRecovery(s, command.pool)
               [] cmdlet = "RemoveMachineState" -> RemoveMachineState(s, command)
               [] cmdlet = "StartPool" -> StartPool(s, command)
               [] cmdlet = "Restart" ->
                    UNION {IF command.wait THEN Blocked(t) ELSE Done(t) :
                        t \in PowerDown(s, command.server, "Rebooting", TRUE)}
               [] cmdlet = "Shutdown" -> UNION {Done(t) : t \in PowerDown(s, command.server, "Lost", TRUE)}
               [] cmdlet = "Install" -> Blocked(s)
               [] cmdlet = "FailOverDatabase" -> FailOverDatabase(s, command.pool, command.toMirror)
               [] cmdlet = "StopDatabase" -> StopDatabase(s, command.pool)
               [] cmdlet = "StartDatabase" -> StartDatabase(s, command.pool)
               [] cmdlet = "PublishMembers" -> Done(PublishMembers(s, command.pool))
               [] cmdlet = "FailOverPool" ->
                    IF CanFailOverPool(s, command.pool, command.disaster) THEN Blocked(s) ELSE Failed(s)
               [] cmdlet = "FailBackPool" -> IF CanFailBackPool(s, command.pool) THEN Blocked(s) ELSE Failed(s)
               [] cmdlet = "MoveManagementStore" ->
                    IF CanMoveStore(s, command.force) THEN Done(DoMoveStore(s, command.force)) ELSE Failed(s)
               [] cmdlet = "SetNextHop" ->
                    IF StoreUsable(s) THEN Done([s EXCEPT !.nextHop[command.pool] = command.hop]) ELSE Failed(s)

(* How a cmdlet that a shell is blocked in can go on: "done", "failed", "ready" for its next part, "last" if that is the last one;
   "not yet" while it waits. *)
Outlook(s, command, phase) ==
    LET cmdlet == command.cmdlet
        server == command.server
    IN  IF AboutServer(command) /\ ~Up(s, server) THEN IF cmdlet = "Restart" THEN "not yet" ELSE "failed"
        ELSE CASE cmdlet = "StopServices" /\ command.graceful ->
                    LET groups == Range(ToStop(command))
                    IN  IF In(s, groups, {"Stopped"}) THEN "done"
                        ELSE IF \E group \in groups : s.service[group] = "Draining" THEN "not yet"
                        ELSE "failed"       \* Somebody started again what this call had drained.
               [] cmdlet = "StopServices" /\ ~command.graceful ->
                    IF phase + 1 = Len(ToStop(command)) THEN "last" ELSE "ready"
               [] cmdlet = "StartServices" ->
                    LET groups == Range(ToStart(command))
                    IN  IF \E group \in groups : s.service[group] = "StartPending" THEN "not yet"
                        ELSE IF In(s, groups, {"Running"}) THEN "done" ELSE "failed"
               [] cmdlet = "FailOver" ->
                    IF s.availability[server] \in {"Moving", "Draining"} THEN "not yet"
                    ELSE IF s.availability[server] = "FailedOver" THEN "done" ELSE "failed"
               [] cmdlet = "FailBack" ->
                    IF InService(s, server) THEN "done"
                    ELSE IF /\ s.availability[server] \in {"FailedBack", "Running", "Stopped"}
                            /\ \E group \in Of[server] : s.service[group] = "StartPending"
                         THEN "not yet" ELSE "failed"
               [] cmdlet \in {"ResetPool", "StartPool"} ->
                    IF s.pool[command.pool] \in FabricUp THEN "done" ELSE "not yet"
               [] cmdlet \in {"FailOverPool", "FailBackPool"} ->
                    LET outlook == PoolOutlook(s, command, phase)
                    IN  IF outlook = "ready" /\ phase = Len(Stages(command)) THEN "last" ELSE outlook
               [] OTHER -> "done"

(* A blocked cmdlet goes on. *)
Proceed(s, command, phase) ==
    LET outlook == Outlook(s, command, phase)
        is == CASE outlook = "ready" -> "blocked" [] outlook = "last" -> "done" [] OTHER -> outlook
        after ==
            CASE outlook \in {"ready", "last"} /\ command.cmdlet = "StopServices" ->
                    {StopHard(s, {ToStop(command)[phase + 1]})}
              [] outlook \in {"ready", "last"} /\ command.cmdlet \in {"FailOverPool", "FailBackPool"} ->
                    EnterStage(s, command, phase)
              (* A full reset builds the local databases anew, from what the backup store has (F4.13). *)
              [] outlook = "done" /\ command.cmdlet = "ResetPool" /\ command.everything ->
                    {outcome.state : outcome \in Recover(s, command.pool)}
              [] OTHER -> {s}
    IN  {[state |-> t, is |-> is] : t \in after}

(* A pool that is stopped and cannot start with the servers that are starting. *)
StaysDown(s, pool) == pool \in WholePools /\ s.pool[pool] \in FabricDown /\ ~CanStart(s, pool, FALSE)

(* A start that hangs, or that waits for a pool which stays down, never ends by itself. *)
NeverStarts(s, group) ==
    /\ s.service[group] = "StartPending"
    /\ s.hang[group] # None \/ (WaitsForPool(group) /\ StaysDown(s, PoolOf[ServerOf[group]]))

(* A blocked cmdlet waits for something that the system will not bring about (D2, D4): only then does its wait end. *)
Stuck(s, command, phase) ==
    LET cmdlet == command.cmdlet
        server == command.server
    IN  CASE cmdlet = "FailOver" ->
                IF s.availability[server] = "Moving" THEN StuckMoving(s, server)
                ELSE s.availability[server] = "Draining" /\ Hung(s, server)
          [] cmdlet = "FailBack" -> Up(s, server) /\ \E group \in Of[server] : NeverStarts(s, group)
          [] cmdlet = "StartServices" -> Up(s, server) /\ \E group \in Range(ToStart(command)) : NeverStarts(s, group)
          [] cmdlet \in {"ResetPool", "StartPool"} -> StaysDown(s, command.pool)
          [] cmdlet \in {"FailOverPool", "FailBackPool"} -> PoolStuck(s, command, phase)
          [] OTHER -> FALSE

Expire(s, command) ==
    CASE command.cmdlet = "FailOver" -> ExpireFailOver(s, command)
      [] command.cmdlet = "FailBack" -> ExpireFailBack(s, command)
      [] OTHER -> Failed(s)
=============================================================================
