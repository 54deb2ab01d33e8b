#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The nightly test: random programs on RTL, model and golden executor, which must not differ, and random networks by ONNX
Runtime (tests/judge), which must be right or refused for a documented reason; then sweeps that are killed at random, every command
of the documentation, as written, the figures that stand below the quick ones, all tests under the sanitizers and clang-tidy on all
files.

  tools/nightly.py [--programs N] [--networks N] [--kills N] [--seed S] [-j N] [--minutes N] [--no-pages] [--no-checks] [--record]
                   [--state DIR] [--systole FILE] [--list]

The configurations are those of tests/cosim/archs and edge-16x16, each with the memories ideal, random and the DRAM presets
in turn. Exit code 1 if a program differs or a network fails; `systole cosim` then tells where, and the command that runs it again.

It may be stopped at any moment, also by --minutes: the same command on the same commit goes on where it was. --record writes
what ran by then into docs/nightly.md.
"""
import argparse
import collections
import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import nightly_checks
import nightly_kills
import nightly_networks
import nightly_pages
from nightly_ledger import ROOT, Ledger, Result, run_timed

SEEDS_A_DAY = 1_000_000
WIDTH = max(len(file.stem) for file in (ROOT / "tests/cosim/archs").glob("*.yaml"))
RESULT = re.compile(r"^(\d+) random programs from seed (\d+): ([\d,]+) cycles on each engine, (\d+) ended in a fault, "
                    r"(\d+) differ$", re.MULTILINE)


class Job(collections.namedtuple("Job", "arch memory programs seed")):  # arch: its file
    kind = "programs"

    @property
    def key(self):
        return f"{self.arch.stem} {self.memory} {self.seed} {self.programs}"

    def run(self, systole):
        command = [systole, "cosim", "--random", self.programs, "--seed", self.seed, "--arch", self.arch, "--memory", self.memory]
        done, seconds = run_timed(command)
        found = RESULT.search(done.stdout)
        if found is None:
            text = " ".join(map(str, command)) + "\n" + done.stdout + done.stderr
            return Result(self.key, self.kind, 0, 0, 2, self.row(0, 0, 0, 0), text, seconds)
        programs, seed, cycles, faults, different = (int(group.replace(",", "")) for group in found.groups())
        # All were run, or all up to a difference.
        as_asked = seed == self.seed and (different > 0 or (programs == self.programs and done.returncode == 0))
        code = 2 if not as_asked else 1 if different else 0
        return Result(self.key, self.kind, programs, different, code, self.row(programs, different, faults, cycles),
                      done.stdout + done.stderr if code else "", seconds)

    def row(self, programs, different, faults, cycles):
        return (f"{self.arch.stem:<{WIDTH}}  {self.memory:<11} {programs:>8,} {programs - different:>7,} {faults:>7,} {cycles:>12,}  "
                f"{self.seed}..{self.seed + self.programs - 1}")


def configurations():
    return sorted((ROOT / "tests/cosim/archs").glob("*.yaml")) + [ROOT / "configs/edge-16x16.yaml"]


def shares(total, parts):
    """`total` as `parts` whole numbers that differ by one at most."""
    return [total // parts + (i < total % parts) for i in range(parts)]


def make_jobs(files, presets, programs, seed):
    """Memories slowest: architectures that must be built are, side by side."""
    cells = shares(programs, 3 * len(files))
    jobs = []

    def add(file, memory, count):
        nonlocal seed
        if count > 0:
            jobs.append(Job(file, memory, count, seed))
            seed += count

    for m, kind in enumerate(("ideal", "random", "ddr")):
        for c, file in enumerate(files):
            count = cells[m * len(files) + c]
            if kind != "ddr":
                add(file, kind, count)
                continue
            for p, share in enumerate(shares(count, len(presets))):
                add(file, presets[(c + p) % len(presets)], share)  # each has another one first
    return jobs


def run_parts(parts, options, ledger):
    """Prints a row a part, and what failed; returns the worst exit code of this run and those before it."""
    left = [part for part in parts if part.key not in ledger.results]
    if len(left) < len(parts):
        print(f"{len(parts) - len(left)} of {len(parts)} parts were run before")
    code = max((ledger.results[part.key].code for part in parts if part.key in ledger.results), default=0)

    def run(part):
        late = options.minutes is not None and time.time() - options.began >= 60 * options.minutes
        return None if late else part.run(options.systole)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(run, part) for part in left]
        try:
            for future in concurrent.futures.as_completed(futures):
                result = future.result()
                if result is None:
                    continue
                ledger.add(result)
                print(result.row + ("\n" + result.text if result.text else ""), flush=True)
                code = max(code, result.code)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            code = 130
    return code


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=20_000, help="over all configurations and memories")
    parser.add_argument("--networks", type=int, default=30_000, help="over all forms")
    parser.add_argument("--kills", type=int, default=100, help="of sweeps, over all parts")
    parser.add_argument("--seed", type=int, help="of the first program; default: from the date")
    parser.add_argument("-j", "--jobs", type=int, default=len(os.sched_getaffinity(0)), help="that run at once")
    parser.add_argument("--minutes", type=float, help="starts no part later than that")
    parser.add_argument("--no-pages", dest="pages", action="store_false", help="without the commands of the documentation")
    parser.add_argument("--no-checks", dest="checks", action="store_false", help="without sanitizers and clang-tidy")
    parser.add_argument("--record", action="store_true", help="adds what ran to docs/nightly.md")
    parser.add_argument("--state", type=pathlib.Path, default=ROOT / "build/nightly", help="where it keeps what ran")
    parser.add_argument("--systole", default=os.environ.get("SYSTOLE", ROOT / "build/release/bin/systole"))
    parser.add_argument("--list", action="store_true", help="tell the configurations and run nothing")
    options = parser.parse_args()
    if min(options.programs, options.networks, options.kills) < 0 or options.jobs < 1:
        parser.error("--programs, --networks and --kills: expected 0 at least, --jobs: 1")
    files = configurations()
    if options.list:
        for file in files:
            print(file.relative_to(ROOT))
        return 0
    seed = options.seed
    if seed is None:
        seed = int(datetime.date.today().strftime("%Y%m%d")) * SEEDS_A_DAY
    options.began = time.time()
    ledger = Ledger(options.state / f"{seed}-{options.programs}-{options.networks}.jsonl")
    code = run_programs(options, files, seed, ledger) if options.programs else 0
    if options.networks and code != 130:
        code = max(code, run_networks(options, seed, ledger))
    if options.kills and code != 130:
        code = max(code, run_parts(nightly_kills.make_parts(options.kills, seed), options, ledger))
    if options.pages and code != 130:
        code = max(code, run_parts(nightly_pages.make_parts(), options, ledger))
    if options.checks and code != 130:
        options.jobs = 1  # each builds with all of them
        code = max(code, run_parts(nightly_checks.make_parts(), options, ledger))
    if options.record:
        ledger.record(ROOT / "docs/nightly.md", seed)
    return code


def run_programs(options, files, seed, ledger):
    table = subprocess.run([options.systole, "memory", "--json"], check=True, capture_output=True, text=True).stdout
    presets = list(dict.fromkeys(row["memory"] for row in json.loads(table)))
    print(f"{options.programs:,} programs, seeds {seed}..{seed + options.programs - 1}, {len(files)} "
          f"configurations, memories ideal, random and {len(presets)} DRAM presets, {options.jobs} at once", flush=True)
    print(f"{'arch':<{WIDTH}}  {'memory':<11} {'programs':>8} {'equal':>7} {'faults':>7} {'cycles':>12}  seeds")
    code = run_parts(make_jobs(files, presets, options.programs, seed), options, ledger)
    run, different = ledger.sum("programs", "ran"), ledger.sum("programs", "bad")
    print(f"{run - different:,} of {options.programs:,} programs were equal on RTL, model and golden executor, {different:,} differed, "
          f"{options.programs - run:,} were not run", flush=True)
    return code


def run_networks(options, seed, ledger):
    parts = nightly_networks.make_parts(options.networks, seed)
    code = run_parts(parts, options, ledger)
    left = sum(part.networks for part in parts if part.key not in ledger.results)
    print(f"{ledger.sum('networks', 'ran'):,} networks were judged by ONNX Runtime, {ledger.sum('networks', 'bad'):,} are unexplained, "
          f"{left:,} were not run")
    return code


if __name__ == "__main__":
    sys.exit(main())
