------------------------------ MODULE Instance ------------------------------
(* What no step changes: what is deployed, who acts, what may go wrong, what is asked. `poolproof export --tla` writes the values.

   Only what a scenario can touch takes part (D6): pools that nothing names are left out, and services of a server that nothing
   tells apart are one group. *)
EXTENDS Naturals, Sequences, FiniteSets, Lifecycle

(* One constant with all of it, since TLC works out a value that stands for a constant anew at each use, and a definition once. *)
CONSTANT Scenario

Version == Scenario.Version            \* "2013", "2015", "2019" or "SE"
PoolOrder == Scenario.PoolOrder        \* the pools, as a sequence
Enterprise == Scenario.Enterprise      \* the pools that have a fabric
WholePools == Scenario.WholePools      \* the pools that can be up or down as a whole: those, and what a step starts or fails over
Members == Scenario.Members            \* for each pool its servers in the order of the topology, which decides who votes (F3.6)
Domain == Scenario.Domain              \* for each server its upgrade domain
BackEnd == Scenario.BackEnd            \* for each pool "single", "mirrored", "mirrored with witness" or "always on"
Partner == Scenario.Partner            \* for each pool the other one of the pair (F6.1), or None
AtLeast == Scenario.AtLeast            \* for each pool how many servers have to take users
NotMeantUp == Scenario.NotMeantUp      \* the pools that the scenario begins with stopped
GroupsOf == Scenario.GroupsOf          \* for each server its groups of services in start order
Holds == Scenario.Holds                \* for each group the names of its services
StoreHome == Scenario.StoreHome        \* the pool with the Central Management Store, or None if it does not take part
StoreOther == Scenario.StoreOther      \* the pool that it can move to, or None
FixedNextHops == Scenario.FixedNextHops \* the next hops of Edge pools that no step changes
FirstNextHop == Scenario.FirstNextHop  \* for each pool its next hop where a step can change it, else None
ShellOrder == Scenario.ShellOrder      \* the shells, as a sequence
Program == Scenario.Program            \* for each shell what it executes
Locks == Scenario.Locks                \* the names of the locks
Initially == Scenario.Initially        \* the deviations from "everything runs" at the beginning
Faults == Scenario.Faults              \* for each fault that strikes servers: which, and how
Budget == Scenario.Budget              \* for each fault how often it may strike
Readings == Scenario.Readings          \* for each reading the values that are explored
Remembers == Scenario.Remembers        \* what has to be remembered: "settled", "home"

None == "none"

Range(sequence) == {sequence[i] : i \in DOMAIN sequence}
Reverse(sequence) == [i \in 1..Len(sequence) |-> sequence[Len(sequence) + 1 - i]]
Max(a, b) == IF a > b THEN a ELSE b
Min(a, b) == IF a < b THEN a ELSE b

Pools == Range(PoolOrder)
Servers == UNION {Range(Members[pool]) : pool \in Pools}
Groups == UNION {Range(GroupsOf[server]) : server \in Servers}
Shells == Range(ShellOrder)
PoolOf == [server \in Servers |-> CHOOSE pool \in Pools : server \in Range(Members[pool])]
ServerOf == [group \in Groups |-> CHOOSE server \in Servers : group \in Range(GroupsOf[server])]
Of == [server \in Servers |-> Range(GroupsOf[server])]
Installed == [server \in Servers |-> UNION {Holds[group] : group \in Of[server]}]

(* What kind of work a service holds (F1.9 to F1.32). *)
FabricServices == {"FabricHostSvc"}
RegistrarServices == {"RTCSRV"}
ConferenceServices == {"RTCDATAPROXY", "RTCIMMCU", "RTCDATAMCU", "RTCAVMCU", "RTCASMCU"}
CallServices == {"RTCMEDIARELAY", "RTCCAA", "RTCCAS", "RTCRGS", "RTCCPS", "RTCMEDSRV"}

Meets(group, services) == Holds[group] \cap services # {}

(* The groups with the fabric node of a server; those that serve users: with the Front-End service, and on servers without it
   the call services of the role; and those on which a conversation can live. *)
NodeGroups == [server \in Servers |-> {group \in Of[server] : Meets(group, FabricServices)}]
ServingGroups ==
    [server \in Servers |->
        LET main == IF Installed[server] \cap RegistrarServices # {} THEN RegistrarServices ELSE CallServices
        IN  {group \in Of[server] : Meets(group, main)}]
Critical == [server \in Servers |-> NodeGroups[server] \cup ServingGroups[server]]
Talks == {group \in Groups : Meets(group, ConferenceServices \cup CallServices)}

(* The Front-End service needs the fabric host (F1.38, A18). *)
WithWhatTheyNeed(services) ==
    IF services \cap RegistrarServices # {} THEN services \cup FabricServices ELSE services
WithWhatNeedsThem(services) ==
    IF services \cap FabricServices # {} THEN services \cup RegistrarServices ELSE services

(* The groups before it on its server that a group needs: they come up first, and it stops before them (F1.38). *)
Place(group) == CHOOSE i \in DOMAIN GroupsOf[ServerOf[group]] : GroupsOf[ServerOf[group]][i] = group
Needs ==
    [group \in Groups |->
        {other \in Of[ServerOf[group]] : Place(other) < Place(group) /\ Meets(other, WithWhatTheyNeed(Holds[group]))}]

(* The groups of a server that these services are, in start order. *)
Ordered(server, services) == SelectSeq(GroupsOf[server], LAMBDA group : Meets(group, services))

(* Computer fail-over, fail-back and Start-CsPool exist from 2015 on (F2.1, F10.2). *)
HasComputerFailOver == Version # "2013"

(* Outcomes of a step are sets: what is open goes every way. *)
Then(outcomes, Step(_)) == UNION {Step(outcome) : outcome \in outcomes}
=============================================================================
