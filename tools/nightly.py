#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The nightly test: random programs on RTL, model and golden executor, which must not differ, and random networks by ONNX
Runtime (tests/judge), which must be right or refused for a documented reason.

  tools/nightly.py [--programs N] [--networks N] [--seed S] [-j N] [--systole FILE] [--list]

The configurations are those of tests/cosim/archs and edge-16x16, each with the memories ideal, random and the DRAM presets
in turn. Exit code 1 if a program differs or a network fails; `systole cosim` then tells where, and the command that runs it again.
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

from nightly_networks import run_networks

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEEDS_A_DAY = 1_000_000
RESULT = re.compile(r"^(\d+) random programs from seed (\d+): ([\d,]+) cycles on each engine, (\d+) ended in a fault, "
                    r"(\d+) differ$", re.MULTILINE)

Job = collections.namedtuple("Job", "arch memory programs seed")  # arch: its file
Outcome = collections.namedtuple("Outcome", "job programs cycles faults different code text")


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


def run_job(systole, job):
    command = [systole, "cosim", "--random", str(job.programs), "--seed", str(job.seed), "--arch",
               str(job.arch), "--memory", job.memory]
    done = subprocess.run(command, capture_output=True, text=True)
    result = RESULT.search(done.stdout)
    if result is None:
        return Outcome(job, 0, 0, 0, 0, done.returncode or 2, " ".join(command) + "\n" + done.stdout + done.stderr)
    programs, seed, cycles, faults, different = (int(group.replace(",", "")) for group in result.groups())
    # All were run, or all up to a difference.
    as_asked = seed == job.seed and (different > 0 or (programs == job.programs and done.returncode == 0))
    return Outcome(job, programs, cycles, faults, different, 0 if as_asked else 2, done.stdout + done.stderr)


def run_jobs(systole, jobs, at_once):
    """Prints a row a job, and what differs; returns the exit code."""
    width = max(len(job.arch.stem) for job in jobs)
    print(f"{'arch':<{width}}  {'memory':<11} {'programs':>8} {'equal':>7} {'faults':>7} {'cycles':>12}  seeds")
    equal = run = 0
    code = 0
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(run_job, systole, job) for job in jobs]
        try:
            for future in concurrent.futures.as_completed(futures):
                outcome = future.result()
                job = outcome.job
                run += outcome.programs
                equal += outcome.programs - outcome.different
                print(f"{job.arch.stem:<{width}}  {job.memory:<11} {outcome.programs:>8,} "
                      f"{outcome.programs - outcome.different:>7,} {outcome.faults:>7,} {outcome.cycles:>12,}  "
                      f"{job.seed}..{job.seed + job.programs - 1}")
                if outcome.different or outcome.code:
                    print(outcome.text, end="")
                    code = max(code, 2 if outcome.code else 1)
                sys.stdout.flush()
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            code = 130
    total = sum(job.programs for job in jobs)
    print(f"{equal:,} of {total:,} programs were equal on RTL, model and golden executor, {run - equal:,} differed, "
          f"{total - run:,} were not run")
    return code


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=20_000, help="over all configurations and memories")
    parser.add_argument("--networks", type=int, default=30_000, help="over all forms")
    parser.add_argument("--seed", type=int, help="of the first program; default: from the date")
    parser.add_argument("-j", "--jobs", type=int, default=len(os.sched_getaffinity(0)), help="that run at once")
    parser.add_argument("--systole", default=os.environ.get("SYSTOLE", ROOT / "build/release/bin/systole"))
    parser.add_argument("--list", action="store_true", help="tell the configurations and run nothing")
    options = parser.parse_args()
    if options.programs < 0 or options.networks < 0 or options.jobs < 1:
        parser.error("--programs and --networks: expected 0 at least, --jobs: 1")
    files = configurations()
    if options.list:
        for file in files:
            print(file.relative_to(ROOT))
        return 0
    seed = options.seed
    if seed is None:
        seed = int(datetime.date.today().strftime("%Y%m%d")) * SEEDS_A_DAY
    code = run_programs(options, files, seed) if options.programs else 0
    if options.networks:
        code = max(code, run_networks(options.systole, options.networks, seed, options.jobs))
    return code


def run_programs(options, files, seed):
    table = subprocess.run([options.systole, "memory", "--json"], check=True, capture_output=True, text=True).stdout
    presets = list(dict.fromkeys(row["memory"] for row in json.loads(table)))
    print(f"{options.programs:,} programs, seeds {seed}..{seed + options.programs - 1}, {len(files)} "
          f"configurations, memories ideal, random and {len(presets)} DRAM presets, {options.jobs} at once", flush=True)
    return run_jobs(options.systole, make_jobs(files, presets, options.programs, seed), options.jobs)


if __name__ == "__main__":
    sys.exit(main())
