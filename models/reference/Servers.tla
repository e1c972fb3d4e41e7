------------------------------- MODULE Servers -------------------------------
(* What a state amounts to, and how services and servers change in it. A state is a record here; Poolproof keeps each field in a
   variable of its own. The field `events` says what happened on the way to it, and `readings` what is so in this run (D5). *)
EXTENDS Instance, Fabric
LOCAL INSTANCE TLC

(* A function that is worked out at once. It means `f`; TLC would otherwise work out a value anew whenever it is asked for. *)
Whole(f) == TLCEval(f)

(***************************************************************************)
(* What a server is good for                                               *)
(***************************************************************************)

(* A service that answers: new work may be refused, the process is there. *)
Answers == {"Running", "Paused", "Draining", "Empty"}
(* One that somebody may be connected to. *)
InUse == Answers \ {"Empty"}

Up(s, server) == s.power[server] = "Up"
In(s, groups, states) == \A group \in groups : s.service[group] \in states

(* The fabric node of a server is up: its vote counts (A4). *)
NodeUp(s, server) ==
    /\ Up(s, server)
    /\ s.availability[server] # "Removed"
    /\ In(s, NodeGroups[server], Answers)

(* A replica on this server can be open. *)
CanHoldReplica(s, server) ==
    /\ PoolOf[server] \in Enterprise
    /\ NodeUp(s, server)
    /\ s.availability[server] \in {"Running", "Moving", "Stopped", "FailedBack"}
    /\ In(s, ServingGroups[server], Answers)
    /\ s.pool[PoolOf[server]] \notin FabricDown

(* New users are sent to this server and find their service. *)
TakesUsers(s, server) ==
    /\ Up(s, server)
    /\ s.availability[server] \in {"Running", "Moving", "FailedBack"}
    /\ In(s, Critical[server], {"Running"})
    /\ PoolOf[server] \in WholePools => s.pool[PoolOf[server]] \in {"Running", "Draining"}

(* The server is in full service. *)
InService(s, server) ==
    /\ TakesUsers(s, server)
    /\ s.pool[PoolOf[server]] = "Running"
    /\ s.availability[server] = "Running"
    /\ In(s, Of[server], {"Running"})

(* The server is out, or on its way out. *)
Out(s, server) == s.availability[server] # "Running" \/ ~TakesUsers(s, server)

Hung(s, server) == \E group \in Of[server] : s.hang[group] # None

(***************************************************************************)
(* Votes                                                                   *)
(***************************************************************************)

(* Seven of twelve stands in the page for 2019 only; 2015 has five of nine (C4). *)
TwelveRow(s) == IF Version \in {"2013", "2015"} THEN "5-of-9" ELSE s.readings["max-voters-12"]

Size(pool) == Len(Members[pool])
VotersOf(s, pool) == {Members[pool][i] : i \in 1..Min(Voters(Size(pool), TwelveRow(s)), Size(pool))}
VotersUp(s, pool) == Cardinality({server \in VotersOf(s, pool) : NodeUp(s, server)})

(* Whether SQL's vote, if it has one, is there: the mirror has it only if the vote follows the database (F3.11, A16). *)
SqlUp(s, pool) ==
    CASE s.database[pool] = "Principal" -> TRUE
      [] s.database[pool] \in {"Mirror", "MirrorAlone"} -> s.readings["mirror-vote"] = "follows"
      [] OTHER -> FALSE

Needed(s, pool) == NeededVoters(Size(pool), TwelveRow(s), s.readings["sql-vote"], SqlUp(s, pool))

(* The pool stays functional with so many voters fewer. *)
VotesSuffice(s, pool, fewer) == VotersUp(s, pool) >= Needed(s, pool) + fewer

(***************************************************************************)
(* Changes. Groups do not act on one another, so several change as one.    *)
(***************************************************************************)

Noting(s, event) == [s EXCEPT !.events = @ \cup {event}]

(* An event happens to groups of services. A hang is over with the drain, or the start, that it keeps from ending. *)
Service(s, groups, event) ==
    LET after == Whole([group \in Groups |->
            IF group \in groups THEN After(ServiceTable, s.service[group], event) ELSE s.service[group]])
    IN  [s EXCEPT
            !.service = after,
            !.hang = Whole([group \in Groups |->
                IF group \in groups /\ after[group] \notin {"Draining", "StartPending"} THEN None ELSE @[group]])]

Startup(s, groups, startup) ==
    [s EXCEPT !.startup = Whole([group \in Groups |-> IF group \in groups THEN startup ELSE @[group]])]

Server(s, server, event) == [s EXCEPT !.availability[server] = After(ServerTable, @, event)]
Pool(s, pool, event) == [s EXCEPT !.pool[pool] = After(PoolTable, @, event)]

(* A stop that waits for nobody cuts the conversations that a group may hold. A service that nobody drained is assumed to have
   somebody connected; one whose drain is kept open by what has ended already is not (D2, S10). *)
StopHard(s, groups) ==
    LET cuts == \E group \in groups \cap Talks : s.service[group] \in InUse /\ s.hang[group] # "Ended"
        stopped == Service(s, groups, "stop")
    IN  IF cuts THEN Noting(stopped, "call cut") ELSE stopped

NotDisabled(s, groups) == {group \in groups : s.startup[group] # "Disabled"}
=============================================================================
