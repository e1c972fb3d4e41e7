#!/usr/bin/env python3
"""Count the instructions of small runs with callgrind, and compare them with those that were recorded.

Counts do not depend on how busy the machine is, so a slower hot loop shows where times would not. They do depend on the
compiler. With the rustc that recorded them, a count may grow by five per cent. With another one the counts themselves say
nothing; then each is taken as a multiple of that of the bare search (benches/ceiling.rs), compiled by the same compiler, and
that multiple may grow by a quarter. Which of the two was done is said.

A count that shrinks by more than five per cent is no failure, but worth recording.

What is counted is a release, or with `--build tests` what `test.sh` has built, which says within seconds whether the code does
more, and not how well it was optimised.

usage: instructions.py [--build tests|release] [--record]      (needs valgrind; --record writes benches/instructions.json)
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORDED = ROOT / "benches/instructions.json"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# Where a build is, what asks cargo for it, and the environment that makes it that of `test.sh`, where it is there already.
BUILDS = {
    "tests": ("debug", [], {"CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_PROFILE_DEV_CODEGEN_UNITS": "4"}),
    "release": ("release", ["--release"], {}),
}
BARE = "bare search"
CASES = {
    BARE: ["examples/ceiling", "6"],
    "search": ["examples/two_phase_commit", "6", "--threads", "1"],
    "search and graph": ["examples/two_phase_commit", "6", "--threads", "1", "--property", "abort-possible",
                         "--property", "abort-agreed"],
    "maintenance": ["poolproof", "check", "models/official-patch/scenario.toml", "--threads", "1"],
}
# What an administrator's script repeats. Names that never come twice are in it, for what is kept of each of them.
PIECE = """# Take server {n} out, patch it, put it back.
function Step-Server{n} {{ param($Server) Write-Host "step {n} on $Server"; Restart-Computer $Server -Wait }}
$name{n} = "fe{m}"
$table["server{n}"] = @{{ Name = $name{n}; Number = {n} }}
foreach ($server in (Get-CsPool pool1).Computers) {{
    if ($server -ne "fe9") {{ Invoke-CsComputerFailOver -ComputerName $server -Confirm:$false }}
    do {{ Start-Sleep 30; $svc = Get-CsWindowsService -Name RTCSRV -ComputerName $server }} until ($svc.Status -eq "Stopped")
    $log += "$server done"
}}
try {{ Step-Server{n} $name{n} }} catch {{ Write-Error $_; exit 1 }}
if ($answer -eq "y{n}") {{ Invoke-CsComputerFailBack fe{m} }}
"""
# Reading a script of so many bytes, and one of four times as many, which may cost a little more than four times as much.
SHORT, TIMES, GROWTH = 20_000, 4, 5
# What a run may end with: a violation that is found is no failure here.
FINE = (0, 1)
SAME_COMPILER = 0.05
OTHER_COMPILER = 0.25
ACCEPT = "If the change is worth it, record the new counts and commit them: benches/instructions.py --record, for both builds"


def instructions(built, arguments):
    """How many instructions a run takes."""
    with tempfile.TemporaryDirectory() as folder:
        tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"]
        run = subprocess.run([*tool, built / arguments[0], *arguments[1:]], cwd=ROOT, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode not in FINE or not found:
        sys.exit(f"callgrind failed on {' '.join(arguments)}:\n{run.stderr[-2000:]}")
    return int(found[1])


def script(size):
    """A script of about so many bytes."""
    text, number = "$table = @{}\n", 0
    while len(text) < size:
        text += PIECE.format(n=number, m=number % 3 + 1)
        number += 1
    return text


def reading(built, size):
    """How many instructions it takes to read a script of so many bytes."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "long.ps1"
        file.write_text(script(size))
        return instructions(built, ["poolproof", "read", file])


def compiler():
    """The compiler that makes the counts what they are."""
    return subprocess.run(["rustc", "--version"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", choices=BUILDS, default="release")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("missing: valgrind")
    # With all features, so that every dependency is the one that the tests have.
    programs = ["--bin", "poolproof", "--example", "ceiling", "--example", "two_phase_commit"]
    folder, how, environment = BUILDS[options.build]
    build = ["cargo", "build", "--locked", "--quiet", "--all-features", *how, *programs]
    subprocess.run(build, cwd=ROOT, check=True, env={**os.environ, **environment})
    built = TARGET / folder
    # As many at a time as there are processors, which changes no count; what takes longest begins first.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        read = [pool.submit(reading, built, size) for size in (TIMES * SHORT, SHORT)]
        counting = {name: pool.submit(instructions, built, arguments) for name, arguments in CASES.items()}
        long, short = (it.result() for it in read)
        counts = {name: it.result() for name, it in counting.items()}
    growth = long / short
    print(f"reading: {TIMES} times the script takes {growth:.2f} times the instructions")
    if growth > GROWTH:
        sys.exit(f"more than {GROWTH} times the instructions for {TIMES} times the script")
    if options.record:
        records = json.loads(RECORDED.read_text())
        records[options.build] = {"rustc": compiler(), "instructions": counts}
        RECORDED.write_text(json.dumps(records, indent=2) + "\n")
        print(f"recorded in {RECORDED.relative_to(ROOT)}")
    recorded = json.loads(RECORDED.read_text())[options.build]
    before = recorded["instructions"]
    if before.keys() != counts.keys():
        sys.exit(f"other runs were recorded than are counted. {ACCEPT}")
    same = recorded["rustc"] == compiler()
    limit = SAME_COMPILER if same else OTHER_COMPILER
    if not same:
        print(f"Recorded with {recorded['rustc']}, and this is {compiler()}: compared as multiples of the bare search, which")
        print(f"may grow by {limit:.0%} instead of {SAME_COMPILER:.0%}.")
    worse = []
    for name, count in counts.items():
        now, then = (count, before[name]) if same else (count / counts[BARE], before[name] / before[BARE])
        change = now / then - 1
        shown = f"{count:,} instructions" + ("" if same else f", {now:.2f} times the bare search")
        print(f"{name}: {shown}, {change:+.1%}")
        if change > limit:
            worse.append(name)
    if worse:
        sys.exit(f"More than {limit:.0%} more instructions: {', '.join(worse)}. {ACCEPT}")


if __name__ == "__main__":
    main()
