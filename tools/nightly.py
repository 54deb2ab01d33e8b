#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The nightly test: random programs on RTL, model and golden executor, which must not differ.

  tools/nightly.py [--programs N] [--seed S] [-j N] [--systole FILE] [--list]

The configurations are those of tests/cosim/random_test.cpp, each with the memories ideal, random and the DRAM presets
in turn. Exit code 1 if a program differs; `systole cosim` then tells where, and the command that runs it again.
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
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tests/cosim/random_test.cpp"
SEEDS_A_DAY = 1_000_000
RESULT = re.compile(r"^(\d+) random programs from seed (\d+): ([\d,]+) cycles on each engine, (\d+) ended in a fault, "
                    r"(\d+) differ$", re.MULTILINE)

Configuration = collections.namedtuple("Configuration", "name overrides")  # every parameter: files have their own
Job = collections.namedtuple("Job", "configuration memory programs seed")
Outcome = collections.namedtuple("Outcome", "job programs cycles faults different code text")


def hardware_parameters():
    with open(ROOT / "model/isa/isa.toml", "rb") as file:
        return tomllib.load(file)["param"]


class Reader:
    """Reads the architectures that the random test makes; what it does not understand is an error."""

    def __init__(self, text):
        self.text = text
        self.defaults = {param["name"]: param["default"] for param in hardware_parameters()}
        self.keys = {param["sv"].lower(): param["name"] for param in hardware_parameters()}  # of members of HwParams
        small = re.search(r"^ArchConfig small_arch\(int rows, int cols\) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
        if small is None:
            sys.exit(f"{SOURCE.name}: small_arch(int rows, int cols): missing")
        self.small = {}
        for line, statement in self.statements(small):
            if statement not in ("ArchConfig arch", 'arch.name = "test"', "arch.hw.rows = rows", "arch.hw.cols = cols",
                                 "return arch"):
                self.small |= self.assignment(line, statement)

    def statements(self, match):
        """The statements of the body that is the match's last group, each with its line."""
        first = self.text.count("\n", 0, match.start(match.lastindex)) + 1
        for number, line in enumerate(match[match.lastindex].splitlines(), first):
            code = line.split("//")[0].strip()
            if code and not code.endswith(";"):
                self.fail(number, code)
            yield from ((number, part.strip()) for part in code.split(";") if part.strip())

    def fail(self, line, code):
        sys.exit(f"{SOURCE.name}:{line}: '{code}', expected arch.hw.MEMBER = NUMBER")

    def assignment(self, line, statement):
        *targets, value = statement.split(" = ")
        members = [target.removeprefix("arch.hw.") for target in targets]
        known = members and all(t.startswith("arch.hw.") for t in targets) and all(m in self.keys for m in members)
        if not known or not value.isdecimal():
            self.fail(line, statement)
        return {self.keys[member]: int(value) for member in members}

    def configurations(self):
        for case in re.finditer(r'^TEST_CASE\(((?:\s*"[^"]*")+)\) \{\n(.*?)^\}', self.text, re.MULTILINE | re.DOTALL):
            name = "".join(re.findall(r'"([^"]*)"', case[1])).removeprefix("random programs are equal on both engines ")
            overrides = dict(self.defaults)
            for line, statement in self.statements(case):
                small = re.fullmatch(r"ArchConfig arch = small_arch\((\d+), (\d+)\)", statement)
                if small is not None:
                    overrides |= {"array.rows": int(small[1]), "array.cols": int(small[2])} | self.small
                elif statement != "ArchConfig arch" and not statement.startswith("check_random_programs(arch, "):
                    overrides |= self.assignment(line, statement)
            yield Configuration(name.removeprefix("at ").removeprefix("with "), overrides)


def shares(total, parts):
    """`total` as `parts` whole numbers that differ by one at most."""
    return [total // parts + (i < total % parts) for i in range(parts)]


def make_jobs(configurations, presets, programs, seed):
    """Memories slowest: architectures that must be built are, side by side."""
    cells = shares(programs, 3 * len(configurations))
    jobs = []

    def add(configuration, memory, count):
        nonlocal seed
        if count > 0:
            jobs.append(Job(configuration, memory, count, seed))
            seed += count

    for m, kind in enumerate(("ideal", "random", "ddr")):
        for c, configuration in enumerate(configurations):
            count = cells[m * len(configurations) + c]
            if kind != "ddr":
                add(configuration, kind, count)
                continue
            for p, share in enumerate(shares(count, len(presets))):
                add(configuration, presets[(c + p) % len(presets)], share)  # each has another one first
    return jobs


def run_job(systole, job):
    command = [systole, "cosim", "--random", str(job.programs), "--seed", str(job.seed), "--arch", "edge-16x16",
               "--memory", job.memory]
    for key, value in job.configuration.overrides.items():
        command += ["--set", f"{key}={value}"]
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
    width = max(len(job.configuration.name) for job in jobs)
    print(f"{'configuration':<{width}}  {'memory':<11} {'programs':>8} {'equal':>7} {'faults':>7} {'cycles':>12}  seeds")
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
                print(f"{job.configuration.name:<{width}}  {job.memory:<11} {outcome.programs:>8,} "
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
    parser.add_argument("--seed", type=int, help="of the first program; default: from the date")
    parser.add_argument("-j", "--jobs", type=int, default=len(os.sched_getaffinity(0)), help="that run at once")
    parser.add_argument("--systole", default=os.environ.get("SYSTOLE", ROOT / "build/release/bin/systole"))
    parser.add_argument("--list", action="store_true", help="tell the configurations and run nothing")
    options = parser.parse_args()
    if options.programs < 1 or options.jobs < 1:
        parser.error("--programs and --jobs: expected 1 at least")
    configurations = list(Reader(SOURCE.read_text()).configurations())
    if not configurations:
        sys.exit(f"{SOURCE.name}: no TEST_CASE found")
    if options.list:
        for configuration in configurations:
            print(f"{configuration.name}: " + " ".join(f"{k}={v}" for k, v in configuration.overrides.items()))
        return 0
    table = subprocess.run([options.systole, "memory", "--json"], check=True, capture_output=True, text=True).stdout
    presets = list(dict.fromkeys(row["memory"] for row in json.loads(table)))
    seed = options.seed
    if seed is None:
        seed = int(datetime.date.today().strftime("%Y%m%d")) * SEEDS_A_DAY
    print(f"{options.programs:,} programs, seeds {seed}..{seed + options.programs - 1}, {len(configurations)} "
          f"configurations, memories ideal, random and {len(presets)} DRAM presets, {options.jobs} at once", flush=True)
    return run_jobs(options.systole, make_jobs(configurations, presets, options.programs, seed), options.jobs)


if __name__ == "__main__":
    sys.exit(main())
