#!/usr/bin/env python3
"""Print how the maintenance model grows: with front ends, with who acts, with faults.

Makes a scenario for each combination, checks it with the exact engine, and prints a Markdown table. The last column says by
how much the states grow with one more front end: a factor that falls towards 1 is a polynomial, a constant one an exponential.
A combination that hits a limit is shown as what was explored until then, and the larger ones of its series are left out.

usage: growth.py [--front-ends 3-12] [--acting runbook,1,2] [--crashes 0-2] [--hung 0-1] [--timeout 120s] [--memory 8GiB]
                 [--threads N]
"""
import argparse
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/poolproof"
RUNBOOK = ROOT / "models/official-patch/patch.ps1"
PROPERTIES = ["pool-quorum", "routing-group-quorum", "no-stranded-routing-group", "one-out-at-a-time", "recoverable"]
ACTING = {"runbook": "the patch runbook", "1": "one free operator", "2": "two free operators"}


def scenario(front_ends, acting, crashes, hung):
    """A scenario file; free operators fail over and fail back whatever they like."""
    text = f'title = "Growth"\nproperties = {json.dumps(PROPERTIES)}\n\n[deployment]\nversion = "2015"\n\n'
    text += f'[[deployment.pool]]\nname = "pool1"\nfront-ends = {front_ends}\n\n'
    if acting == "runbook":
        text += '[[operator]]\nname = "patching"\nrunbook = "patch.ps1"\narguments = { PoolFqdn = "pool1" }\n\n'
    for number in range(0 if acting == "runbook" else int(acting)):
        text += f'[[operator]]\nname = "operator {number + 1}"\n'
        text += 'menu = ["Invoke-CsComputerFailOver", "Invoke-CsComputerFailBack"]\n\n'
    return text + f"[faults]\ncrash = {crashes}\nhung-conference = {hung}\n"


def check(folder, text, limits):
    """The numbers of the last line, whether everything was explored, and whether everything was decided."""
    file = folder / "scenario.toml"
    file.write_text(text)
    command = [folder / PROGRAM.name, "check", file, "--format", "json", "--stats", "--progress", "none", *limits]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode == 2:
        sys.exit(f"{text}\n{run.stderr}")
    last = dict(part.split("=") for part in run.stderr.strip().splitlines()[-1].split())
    verdict = json.loads(run.stdout)["scenarios"][0]
    decided = all(found["outcome"]["verdict"] != "not-proved" for found in verdict["properties"])
    return last, verdict["explored"]["complete"], decided


def span(text):
    """3-12, or 4."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--front-ends", type=span, default=span("3-12"))
    parser.add_argument("--acting", default="runbook,1,2")
    parser.add_argument("--crashes", type=span, default=span("0-2"))
    parser.add_argument("--hung", type=span, default=span("0-1"))
    parser.add_argument("--timeout", default="120s")
    parser.add_argument("--memory", default="8GiB")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    acting = options.acting.split(",")
    if unknown := [who for who in acting if who not in ACTING]:
        parser.error(f"--acting is a list of {', '.join(ACTING)}, not {', '.join(unknown)}")
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "--bin", "poolproof"], cwd=ROOT, check=True)
    limits = ["--timeout", options.timeout, "--memory", options.memory, "--threads", str(options.threads)]
    print("| acting | crashes | hung conferences | front ends | states | transitions | seconds | growth |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        # A copy, so that a build during the measurement does not change what is measured.
        shutil.copy(PROGRAM, folder)
        shutil.copy(RUNBOOK, folder)
        for who, crashes, hung in itertools.product(acting, options.crashes, options.hung):
            before = None
            for front_ends in options.front_ends:
                last, complete, decided = check(folder, scenario(front_ends, who, crashes, hung), limits)
                states = int(last["states"])
                growth = f"{states / before:.2f}" if before and complete else ""
                more, longer = "" if complete else "more than ", "" if decided else "more than "
                print(f"| {ACTING[who]} | {crashes} | {hung} | {front_ends} | {more}{states:,} "
                      f"| {more}{int(last['transitions']):,} | {longer}{float(last['seconds']):.2f} | {growth} |", flush=True)
                if not decided:
                    break
                before = states


if __name__ == "__main__":
    main()
