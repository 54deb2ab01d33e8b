#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many points a second a core a sweep gives (docs/sweep.md).

  tools/bench_sweep.py [NAME...]    names of RUNS, default all

Each run is 60 points of one network on machines that differ pairwise in array, buffer and memory, so that no two share
a plan, timing only, by one worker; `two-workers` is the first with two, `bandwidths` differs in bandwidth alone. Times
are of the whole command on this machine: compare them as ratios of one run.
"""
import argparse
import contextlib
import os
import pathlib
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time

import quality

ROOT = pathlib.Path(__file__).resolve().parent.parent
POINTS = 60


def machine(index, least, step, memory):
    """The index-th machine: an array of `least` and up in steps of `step`, 13 lengths a side."""
    rows = least + step * (index % 13)
    cols = least + step * ((5 * index + index // 13) % 13)
    keys = {"array.rows": rows, "array.cols": cols, "ub.kib": 256 * (1 + index % 7)}
    if memory == "ideal":
        keys |= {"memory.kind": "ideal", "memory.gb_per_s": 16 + index}
    else:
        keys |= {"memory.kind": "ddr", "memory.preset": memory, "memory.controller_ps": 15000 + 100 * index}
    return keys


def bandwidth(index):
    return {"memory.kind": "ideal", "memory.gb_per_s": 4 + index}


# Name: network, machine of an index, workers, the goal in points a second a core (0: none).
RUNS = {
    "resnet18-ideal": ("resnet18", lambda i: machine(i, 32, 8, "ideal"), 1, 20),
    "resnet18-ddr4": ("resnet18", lambda i: machine(i, 32, 8, "ddr4-2400"), 1, 16),
    "resnet18-16x16": ("resnet18", lambda i: machine(i, 10, 1, "ideal"), 1, 15),
    "resnet18-8x8": ("resnet18", lambda i: machine(i, 2, 1, "ideal"), 1, 8),
    "bandwidths": ("resnet18", bandwidth, 1, 30),
    "resnet50": ("resnet50", lambda i: machine(i, 32, 8, "ideal"), 1, 6),
    "mobilenet_v2": ("mobilenet_v2", lambda i: machine(i, 32, 8, "ideal"), 1, 8),
    "mlp": ("mlp_fmnist", lambda i: machine(i, 32, 8, "ideal"), 1, 100),
    "two-workers": ("resnet18", lambda i: machine(i, 32, 8, "ideal"), 2, 0),
}


def network(folder, name):
    trained = ROOT / f"tests/data/{name}.onnx"
    return trained if trained.exists() else quality.network_file(folder, name)


def spec(file, keys_of):
    """The sweep as text."""
    machines = []
    for index in range(POINTS):
        keys = ", ".join(f"{key}: {value}" for key, value in keys_of(index).items())
        machines.append(f"  - {{name: edge-32x32, {keys}}}")
    return f"networks: [{file}]\narchitectures:\n" + "\n".join(machines) + "\n"


def processor_seconds():
    """Of the commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def points_in(database):
    """Those that stand in it; none while it is being made."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True)) as results:
            return results.execute("SELECT count(*) FROM points").fetchone()[0]
    except sqlite3.Error:
        return 0


def run(systole, file, keys_of, workers):
    """(points that finished, seconds, those until the first point stood in the database, processor seconds, share of time
    spent with putting points in, bytes of the database)."""
    with tempfile.TemporaryDirectory() as folder:
        text, database = pathlib.Path(folder) / "sweep.yaml", pathlib.Path(folder) / "results.db"
        text.write_text(spec(file, keys_of), encoding="utf-8")
        start, before = time.monotonic(), processor_seconds()
        with open(pathlib.Path(folder) / "errors", "w+", encoding="utf-8") as errors:
            sweep = subprocess.Popen([str(systole), "sweep", str(text), "-j", str(workers), "-o", str(database)],
                                     stdout=subprocess.DEVNULL, stderr=errors)
            while sweep.poll() is None and points_in(database) == 0:
                time.sleep(0.01)
            first = time.monotonic() - start
            code = sweep.wait()
            seconds = time.monotonic() - start
            errors.seek(0)
            said = errors.read()
        if code not in (0, 6):
            sys.exit(said)
        failed = re.search(r"^(\d+) of \d+ points failed", said, re.M)
        with sqlite3.connect(database) as results:
            inserting = results.execute("SELECT sum(inserting) FROM claimants").fetchone()[0]
        results.close()
        return (POINTS - (int(failed[1]) if failed else 0), seconds, first, processor_seconds() - before, inserting / seconds,
                os.path.getsize(database))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="of the runs", metavar="NAME")
    parser.add_argument("--systole", default=ROOT / "build/release/bin/systole", type=pathlib.Path)
    parser.add_argument("--out", default=ROOT / "out/networks", type=pathlib.Path, help="where networks are kept")
    args = parser.parse_args()
    print(f"{'run':<16}{'points':>8}{'workers':>9}{'seconds':>9}{'first s':>9}{'points/s a core':>17}{'goal':>6}"
          f"{'CPU s a point':>15}{'inserting':>11}{'KB a point':>12}")
    for name in args.names or RUNS:
        network_name, keys_of, workers, goal = RUNS[name]
        points, seconds, first, processor, inserting, size = run(args.systole, network(args.out, network_name), keys_of, workers)
        print(f"{name:<16}{points:>8}{workers:>9}{seconds:>9.1f}{first:>9.2f}{points / seconds / workers:>17.2f}"
              f"{goal or '':>6}{processor / POINTS:>15.3f}{inserting:>11.2%}{size / 1000 / POINTS:>12.1f}", flush=True)


if __name__ == "__main__":
    main()
