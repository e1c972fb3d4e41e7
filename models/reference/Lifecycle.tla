------------------------------ MODULE Lifecycle ------------------------------
(* The state machines of services, servers, pools and replicas, one table each. A pair of state and event that a table does
   not list is not a transition: whoever asked for it is told of an error, or nothing happens, as the step says.

   A row: the state before, what happens, the state after; beside it the facts that it rests on. *)
LOCAL NotListed == "not listed"

(* Rows as a function from states and events to states. *)
LOCAL Table(rows) ==
    [from \in {row[1] : row \in rows} \cup {row[3] : row \in rows} |->
        [event \in {row[2] : row \in rows} |->
            IF \E row \in rows : row[1] = from /\ row[2] = event
            THEN (CHOOSE row \in rows : row[1] = from /\ row[2] = event)[3]
            ELSE NotListed]]

(* Whether a table has a row for an event in a state. *)
Listed(table, from, event) == table[from][event] # NotListed

(* The state after an event; the same state if the table has no such row. *)
After(table, from, event) == IF Listed(table, from, event) THEN table[from][event] ELSE from

(* A Windows service, or several that a scenario cannot tell apart. *)
ServiceTable == Table({
    <<"Stopped", "start", "StartPending">>,                    \* F1.37, F1.62
    <<"StartPending", "start", "StartPending">>,               \* F1.37, F1.44
    <<"Running", "start", "Running">>,                         \* F1.37
    <<"Paused", "start", "Running">>,                          \* F1.45, A20
    <<"Draining", "start", "Running">>,                        \* F1.45, A20
    <<"Empty", "start", "Running">>,                           \* F1.45, A20
    <<"StartPending", "started", "Running">>,                  \* F1.41
    <<"StartPending", "start given up", "Stopped">>,           \* F2.25
    <<"Running", "pause", "Paused">>,                          \* F1.55
    <<"Paused", "pause", "Paused">>,                           \* F1.55
    <<"Draining", "pause", "Draining">>,                       \* F1.53, F1.55
    <<"Empty", "pause", "Empty">>,                             \* F1.55
    <<"Running", "drain", "Draining">>,                        \* F1.48
    <<"Paused", "drain", "Draining">>,                         \* F1.48, F1.53
    <<"Draining", "drain", "Draining">>,                       \* F1.48
    <<"Empty", "drain", "Stopped">>,                           \* F1.48
    <<"StartPending", "drain", "Stopped">>,                    \* F1.48
    <<"Stopped", "drain", "Stopped">>,                         \* F1.49
    <<"Draining", "emptied", "Stopped">>,                      \* F1.48
    <<"Draining", "emptied, not to be stopped", "Empty">>,     \* F2.11
    <<"Draining", "resume", "Running">>,                       \* F2.9, A2
    <<"Paused", "resume", "Running">>,                         \* F2.9, A2
    <<"Empty", "resume", "Running">>,                          \* F2.9, A2
    <<"Running", "resume", "Running">>,                        \* A2
    <<"Draining", "left paused", "Paused">>,                   \* A2
    <<"Running", "left paused", "Paused">>,                    \* A2
    <<"Running", "stop", "Stopped">>,                          \* F1.46, F1.47
    <<"Paused", "stop", "Stopped">>,                           \* F1.46
    <<"Empty", "stop", "Stopped">>,                            \* F1.46
    <<"Draining", "stop", "Stopped">>,                         \* F7.4, F7.5
    <<"StartPending", "stop", "Stopped">>,                     \* F1.62
    <<"Stopped", "stop", "Stopped">>                           \* F1.49
})

(* The availability of a server to its pool. Its power and its services are kept beside it, since a reboot changes those and not
   this one (F2.5). *)
ServerTable == Table({
    <<"Running", "fail-over", "Moving">>,                      \* F2.4
    <<"Moving", "users moved", "Draining">>,                   \* F2.4
    <<"Draining", "drained, stopped, disabled", "FailedOver">>, \* F2.4, F2.5
    <<"Moving", "abandoned", "Running">>,                      \* F2.9
    <<"Draining", "abandoned", "Running">>,                    \* F2.9, C7
    <<"Moving", "abandoned after the move", "FailedOver">>,    \* A2, C7
    <<"Draining", "abandoned after the move", "FailedOver">>,  \* A2, C7
    <<"FailedOver", "fail-back", "FailedBack">>,               \* F2.22
    <<"Running", "fail-back", "Running">>,                     \* F2.22
    <<"Stopped", "fail-back", "FailedBack">>,                  \* F2.22
    <<"FailedBack", "fail-back", "FailedBack">>,               \* F2.22
    <<"FailedBack", "fail-back expired", "FailedOver">>,       \* F2.25
    <<"FailedBack", "services up", "Running">>,                \* F2.22
    <<"Stopped", "services up", "Running">>,                   \* F1.37, F1.57
    <<"Running", "services down", "Stopped">>,                 \* F1.57
    <<"FailedBack", "services down", "Stopped">>,              \* F1.57, F2.24
    <<"FailedOver", "full reset", "FailedBack">>,              \* F2.29, F4.13, R13
    <<"Moving", "full reset", "FailedBack">>,                  \* F2.29, F4.13
    <<"Draining", "full reset", "FailedBack">>,                \* F2.29, F4.13
    <<"Running", "machine state removed", "Removed">>,         \* F4.14
    <<"Stopped", "machine state removed", "Removed">>,         \* F4.14
    <<"FailedBack", "machine state removed", "Removed">>,      \* F4.14
    <<"FailedOver", "machine state removed", "Removed">>       \* F4.14
})

(* One pool: does fabric hold its quorum, is it up, and where are its users. *)
PoolTable == Table({
    <<"Running", "votes lost", "QuorumLost">>,                 \* F3.1, F3.8
    <<"QuorumLost", "votes regained", "Running">>,             \* F3.20, A1
    <<"QuorumLost", "services stop", "Stopped">>,              \* F3.4, F3.19
    <<"Running", "reset", "Stopped">>,                         \* F4.11
    <<"QuorumLost", "reset", "Stopped">>,                      \* F4.11
    <<"Stopped", "reset", "Stopped">>,                         \* F4.11
    <<"Stopped", "enough servers started", "Running">>,        \* F3.2, F3.3, F3.7
    <<"Stopped", "recovered from quorum loss", "Running">>,    \* F3.3, F4.12
    <<"Running", "pool fail-over", "Draining">>,               \* F6.6, F6.7
    <<"Draining", "pool fail-over", "Draining">>,              \* A25
    <<"Draining", "votes lost", "QuorumLost">>,                \* F3.1, F6.8
    <<"Draining", "reset", "Stopped">>,                        \* F4.11
    <<"Draining", "users on the paired pool", "FailedOverUp">>, \* F6.7
    <<"Running", "pool fail-over in disaster mode", "FailedOverUp">>, \* F6.8
    <<"Draining", "pool fail-over in disaster mode", "FailedOverUp">>, \* F6.8
    <<"QuorumLost", "pool fail-over in disaster mode", "FailedOverLost">>, \* F6.8
    <<"Stopped", "pool fail-over in disaster mode", "FailedOver">>, \* F6.8
    <<"FailedOverUp", "services stop", "FailedOver">>,         \* A26
    <<"FailedOverUp", "votes lost", "FailedOverLost">>,        \* F3.1, F3.8
    <<"FailedOverLost", "votes regained", "FailedOverUp">>,    \* F3.20, A1
    <<"FailedOverLost", "services stop", "FailedOver">>,       \* F3.4, F3.19
    <<"FailedOver", "services stop", "FailedOver">>,           \* A26
    <<"FailedOver", "enough servers started", "FailedOverUp">>, \* F3.3, F6.9
    <<"FailedOver", "recovered from quorum loss", "FailedOverUp">>, \* F3.3, F4.12
    <<"FailedOver", "reset", "FailedOver">>,                   \* F4.11
    <<"FailedOverUp", "reset", "FailedOver">>,                 \* F4.11
    <<"FailedOverLost", "reset", "FailedOver">>,               \* F4.11
    <<"FailedOverUp", "pool fail-back", "FailedBack">>,        \* F6.9, F6.11
    <<"FailedBack", "pool fail-back", "FailedBack">>,          \* A25
    <<"FailedBack", "votes lost", "FailedOverLost">>,          \* F3.1, F3.8
    <<"FailedBack", "reset", "FailedOver">>,                   \* F4.11
    <<"FailedBack", "users at home", "Running">>               \* F6.11
})

(* The replica of a routing group on one server. *)
ReplicaTable == Table({
    <<"Absent", "build begins", "Building">>,                  \* F4.6, F8.3
    <<"Building", "built", "Secondary">>,                      \* F4.6, A13
    <<"Building", "build cancelled", "Absent">>,               \* F8.10, F8.12
    <<"Secondary", "promoted", "Primary">>,                    \* F4.3, F4.6
    <<"Primary", "demoted", "Secondary">>,                     \* F2.6, F8.5
    <<"Primary", "server gone", "Down">>,                      \* F4.6
    <<"Secondary", "server gone", "Down">>,                    \* F4.6
    <<"Down", "server back", "Secondary">>,                    \* F8.3, F8.11
    <<"Down", "replaced", "Absent">>,                          \* F8.12
    <<"Secondary", "replaced", "Absent">>,                     \* F8.3
    <<"Absent", "loaded from the backup store", "Secondary">>, \* F4.12, A26
    <<"Primary", "moved to another pool", "Absent">>,          \* F6.7, A26
    <<"Secondary", "moved to another pool", "Absent">>,        \* F6.7, A26
    <<"Building", "moved to another pool", "Absent">>,         \* F6.7, A26
    <<"Down", "moved to another pool", "Absent">>              \* F6.7, A26
})

(* What a pool's state says of its fabric, and of where its users are. *)
FabricUp == {"Running", "Draining", "FailedOverUp", "FailedBack"}
FabricFailing == {"QuorumLost", "FailedOverLost"}
FabricDown == {"Stopped", "FailedOver"}
UsersAway == {"FailedOver", "FailedOverUp", "FailedOverLost", "FailedBack"}
=============================================================================
