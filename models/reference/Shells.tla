------------------------------- MODULE Shells -------------------------------
(* Shells: those with a runbook follow a procedure, a graph of nodes; those of free operators issue commands of a menu. The position
   `at` of a shell with a runbook is a node, or one beyond the last for a shell that died or ended in an error; that of a free
   operator is the number of a menu item, or 0. `phase` is 0 until a node has begun, then how far its cmdlet is. *)
EXTENDS Commands

Free(shell) == Program[shell].kind = "free"
Runbooks == {shell \in Shells : ~Free(shell)}
Nodes(shell) == Program[shell].nodes
Beyond(shell) == Cardinality(DOMAIN Nodes(shell))
Node(s, shell) == Nodes(shell)[s.at[shell]]

(* A job that was not started has nothing to do, as one that has ended. *)
EndedWell(s, shell) ==
    s.at[shell] # Beyond(shell) /\ Node(s, shell).op \in {"end", "await start"}
EndedBadly(s, shell) == IF s.at[shell] = Beyond(shell) THEN TRUE ELSE Node(s, shell).op = "fail"
Ended(s, shell) == EndedWell(s, shell) \/ EndedBadly(s, shell)

(* The system frees what a process held that has ended, in whatever way. *)
FreeLocks(s, shell) == [s EXCEPT !.lock = Whole([lock \in Locks |-> IF @[lock] = shell THEN None ELSE @[lock]])]

EndEarly(s, shell) ==
    FreeLocks([s EXCEPT !.at[shell] = Beyond(shell), !.phase[shell] = 0, !.registers[shell] = {}], shell)

(* How a condition on registers may come out; what nobody can know comes out either way. *)
RECURSIVE Decide(_, _)
DecideAll(conditions, registers) ==
    {\A i \in DOMAIN conditions : values[i] :
        values \in {values \in [DOMAIN conditions -> BOOLEAN] :
            \A i \in DOMAIN conditions : values[i] \in Decide(conditions[i], registers)}}
Decide(condition, registers) ==
    CASE condition.is = "register" -> {condition.register \in registers}
      [] condition.is = "not" -> {~value : value \in Decide(condition.of, registers)}
      [] condition.is = "all" -> DecideAll(condition.of, registers)
      [] condition.is = "any" ->
            {~value : value \in DecideAll([i \in DOMAIN condition.of |-> [is |-> "not", of |-> condition.of[i]]], registers)}
      [] condition.is = "unknown" -> BOOLEAN

(* Decisions take no time: what they depend on is the shell's own memory. The node at which a shell comes to rest, in every way;
   where decisions alone go in a circle, it rests in it. *)
RECURSIVE Land(_, _, _, _)
Land(shell, registers, node, seen) ==
    IF Nodes(shell)[node].op # "branch" \/ node \in seen THEN {node}
    ELSE UNION {Land(shell, registers, IF value THEN Nodes(shell)[node].yes ELSE Nodes(shell)[node].no, seen \cup {node}) :
            value \in Decide(Nodes(shell)[node].condition, registers)}

(* A shell arrives at a node. What is not read again is forgotten. *)
Arrive(s, shell, node) ==
    {LET t == [s EXCEPT !.at[shell] = rest, !.phase[shell] = 0, !.registers[shell] = @ \cap Nodes(shell)[rest].live]
     IN  IF Nodes(shell)[rest].op \in {"end", "fail"} THEN FreeLocks(t, shell) ELSE t :
        rest \in Land(shell, s.registers[shell], node, {})}

(* A command of a runbook has returned, has failed, or goes on. *)
EndCommand(s, shell, is) ==
    CASE is = "blocked" -> {s}
      [] is = "done" -> Arrive(s, shell, Node(s, shell).next)
      [] is = "failed" ->
            (CASE Node(s, shell).onError = "continue" -> Arrive(Noting(s, "error ignored"), shell, Node(s, shell).next)
               [] Node(s, shell).onError = "stop" -> {EndEarly(s, shell)}
               [] Node(s, shell).onError = "handler" -> Arrive(s, shell, Node(s, shell).handler))

(***************************************************************************)
(* Machines that go down                                                   *)
(***************************************************************************)

(* Scripts on a machine that goes down are gone. Persons go on when it is back; a cmdlet that one waited for has failed, unless it
   was the restart itself. *)
LoseMachine(s, shell, server) ==
    IF Free(shell) \/ Program[shell].machine # server \/ Ended(s, shell) THEN {s}
    ELSE IF ~Program[shell].person THEN {EndEarly(s, shell)}
    ELSE IF s.phase[shell] = 0 THEN {s}
    ELSE LET command == CommandAt(s, shell)
             own == command.cmdlet = "Restart" /\ command.server = server
         IN  EndCommand(s, shell, IF own THEN "done" ELSE "failed")

RECURSIVE LoseMachineFrom(_, _, _)
LoseMachineFrom(s, server, i) ==
    IF i > Len(ShellOrder) THEN {s}
    ELSE UNION {LoseMachineFrom(t, server, i + 1) : t \in LoseMachine(s, ShellOrder[i], server)}

(* A machine goes down. If somebody decided that, conversations are cut; if it crashes, nobody did. A fail-over in progress fails;
   whether the node stays out is as open as for one whose wait ends (A2). *)
PowerDown(s, server, to, decided) ==
    LET stopped == IF decided THEN StopHard(s, Of[server]) ELSE Service(s, Of[server], "stop")
        event == IF s.readings["wait-expiry"] = "users-moved" THEN "abandoned after the move" ELSE "abandoned"
        failed == Server(stopped, server, event)
    IN  LoseMachineFrom([failed EXCEPT !.power[server] = to], server, 1)

(***************************************************************************)
(* What status cmdlets show                                                *)
(***************************************************************************)

(* Every routing group of a pool is whole: where fabric does not run none is, and a pool without a fabric has none. *)
AllWhole(s, pool) ==
    /\ s.pool[pool] \in FabricUp
    /\ pool \in Enterprise => s.settled[pool] /\ (s.trackedPool = pool => GroupWhole(s))

(* What the readiness cmdlet says (F5.4, F5.5). *)
Readiness(s, pool) ==
    LET everyone == \A server \in PoolServers(pool) : TakesUsers(s, server)
        whole == IF AllWhole(s, pool) THEN "Ready" ELSE "Busy"
        withOneOut == pool \in Enterprise /\ VotesSuffice(s, pool, 0) /\ s.readings["ready-with-one-out"] # "no"
    IN  IF everyone \/ withOneOut THEN whole ELSE "InsufficientActiveFrontEnds"

(* A draining service shows as paused (F1.53), and says of itself that it drains (F1.3). *)
Shown(state, shown) == state \in shown \/ (state \in {"Draining", "Empty"} /\ "Paused" \in shown)

Answer(s, query) ==
    CASE query.asks = "readiness" -> Readiness(s, query.pool) = query.is
      [] query.asks = "domain ready" ->
            Readiness(s, PoolOf[query.server]) = "Ready" /\ SafetyChecksPass(s, query.server)
      [] query.asks = "replicas whole" -> AllWhole(s, query.pool)
      [] query.asks = "services" ->
            LET groups == Range(Ordered(query.server, query.services))
            IN  (* A machine that does not answer shows nothing, which matches nothing. *)
                /\ Up(s, query.server)
                /\ IF query.all THEN \A group \in groups : Shown(s.service[group], query.shown)
                   ELSE \E group \in groups : Shown(s.service[group], query.shown)
      [] query.asks = "store replicated" -> ~s.store.replicating /\ ~s.store.unaware
      [] query.asks = "backup steady" ->
            Partner[query.pool] # None /\ Synchronise(s, {query.pool, Partner[query.pool]})
      [] query.asks = "reachable" -> Up(s, query.server)

(***************************************************************************)
(* Shells go on                                                            *)
(***************************************************************************)

HasMachine(s, shell) == Program[shell].machine \in Servers => Up(s, Program[shell].machine)

(* A shell is blocked in a cmdlet. *)
IsBlocked(s, shell) ==
    s.phase[shell] > 0 /\ (Free(shell) \/ (HasMachine(s, shell) /\ ~Ended(s, shell) /\ Node(s, shell).op = "command"))

AllJobsEnded(s, jobs) == \A job \in jobs : Ended(s, job)

(* A shell with a runbook can begin with the node at which it is. *)
CanBegin(s, shell) ==
    /\ ~Free(shell)
    /\ s.phase[shell] = 0
    /\ ~Ended(s, shell)
    /\ HasMachine(s, shell)
    /\ LET node == Node(s, shell)
       IN  CASE node.op = "take lock" -> s.lock[node.lock] \in {None, shell}
             [] node.op = "await jobs" -> node.mayGoOn \/ AllJobsEnded(s, node.jobs)
             [] OTHER -> TRUE

CanAdvance(s, shell) ==
    \/ CanBegin(s, shell)
    \/ IsBlocked(s, shell) /\ Outlook(s, CommandAt(s, shell), s.phase[shell]) # "not yet"

CanExpire(s, shell) ==
    /\ IsBlocked(s, shell)
    /\ Outlook(s, CommandAt(s, shell), s.phase[shell]) = "not yet"
    /\ Stuck(s, CommandAt(s, shell), s.phase[shell])

CanIssue(s, shell) ==
    Free(shell) /\ s.at[shell] = 0 /\ (Program[shell].bounded => s.left[shell] > 0)

Idle(s, shell) == [s EXCEPT !.at[shell] = 0, !.phase[shell] = 0]

(* A cmdlet that was under way stands as `outcome` says. A machine that went may have taken its shell elsewhere. *)
Settle(outcome, shell, at) ==
    LET t == outcome.state
    IN  IF Free(shell) THEN {IF outcome.is = "blocked" THEN t ELSE Idle(t, shell)}
        ELSE IF t.at[shell] = at /\ t.phase[shell] > 0 THEN EndCommand(t, shell, outcome.is) ELSE {t}

BeginCommand(s, shell, command) ==
    UNION {Settle(outcome, shell, s.at[shell]) :
        outcome \in Issue([s EXCEPT !.phase[shell] = 1], command, PowerDown)}

(* Locks are given back by who holds them; another one's is an error. *)
Release(s, shell, lock) ==
    IF s.lock[lock] = shell THEN [s EXCEPT !.lock[lock] = None] ELSE Noting(s, "error ignored")

(* All reads of a node happen at one moment. *)
Observe(s, shell, reads) ==
    LET read == {pair.register : pair \in reads}
        so == {pair.register : pair \in {pair \in reads : Answer(s, pair.query)}}
    IN  [s EXCEPT !.registers[shell] = (@ \ read) \cup so]

(* Jobs end where they are; a cmdlet under way in one is left to itself. *)
RECURSIVE StopJobs(_, _)
StopJobs(s, jobs) ==
    IF jobs = {} THEN s
    ELSE LET job == CHOOSE job \in jobs : TRUE
         IN  StopJobs(IF Ended(s, job) THEN s ELSE EndEarly(s, job), jobs \ {job})

Begin(s, shell) ==
    LET node == Node(s, shell)
    IN  CASE node.op = "command" -> BeginCommand(s, shell, node.command)
          [] node.op = "observe" -> Arrive(Observe(s, shell, node.reads), shell, node.next)
          [] node.op = "branch" -> Arrive(s, shell, s.at[shell])
          [] node.op = "pause" -> Arrive(s, shell, node.next)
          [] node.op = "await jobs" ->
                Arrive(s, shell, IF AllJobsEnded(s, node.jobs) THEN node.next ELSE node.otherwise)
          [] node.op = "stop jobs" -> Arrive(StopJobs(s, node.jobs), shell, node.next)
          [] node.op = "take lock" -> Arrive([s EXCEPT !.lock[node.lock] = shell], shell, node.next)
          [] node.op = "release lock" -> Arrive(Release(s, shell, node.lock), shell, node.next)
          [] node.op = "start job" ->
                LET starts(t) == Arrive(t, shell, node.next)
                    waits == ~EndedBadly(s, node.job) /\ Node(s, node.job).op = "await start"
                IN  IF waits THEN Then(Arrive(s, node.job, Node(s, node.job).next), starts) ELSE starts(s)

GoOn(s, shell) ==
    UNION {IF outcome.is = "blocked" THEN {[outcome.state EXCEPT !.phase[shell] = @ + 1]}
           ELSE Settle(outcome, shell, s.at[shell]) :
        outcome \in Proceed(s, CommandAt(s, shell), s.phase[shell])}

DoAdvance(s, shell) == IF s.phase[shell] > 0 THEN GoOn(s, shell) ELSE Begin(s, shell)

DoExpire(s, shell) ==
    UNION {Settle(outcome, shell, s.at[shell]) : outcome \in Expire(s, CommandAt(s, shell))}

DoIssue(s, shell, item) ==
    LET counted == IF Program[shell].bounded THEN [s EXCEPT !.left[shell] = @ - 1] ELSE s
    IN  BeginCommand([counted EXCEPT !.at[shell] = item], shell, Program[shell].menu[item])

(* A command of a runbook ends in an error before it does anything. *)
CanFail(s, shell) ==
    s.budget["failing"] > 0 /\ CanBegin(s, shell) /\ Node(s, shell).op = "command"
DoFail(s, shell) == EndCommand([s EXCEPT !.budget["failing"] = @ - 1], shell, "failed")
=============================================================================
