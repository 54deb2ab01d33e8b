#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills sweeps at random, and checks that what is left goes on to the database of an undisturbed one.

  sweep_kills.py SYSTOLE [--kills N] [--points N] [--seed S]

A kill (SIGKILL) hits the sweep, one of its workers or simulations, or the whole process group; after that of a sweep the same command
goes on. Some sweeps have a second one beside them that shares the database. At the end `systole compare` must call the two databases
equal: exit code 0 if it does.
"""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONGEST_NAP = 0.4  # seconds between kills


def children(process):
    """Numbers of the processes below `process`, as far as they can be seen."""
    found = []
    try:
        text = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return found
    for child in map(int, text.split()):
        found += [child] + children(child)
    return found


def start(systole, spec, database):
    return subprocess.Popen([systole, "sweep", spec, "-o", database, "-j", "2", "--retry-failed"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True, start_new_session=True)


def kill_something(sweep, draw):
    """True if it may have ended the sweep."""
    below = children(sweep.pid)
    kind = draw.choice(["parent", "worker", "worker", "group"])
    if kind == "worker" and not below:
        kind = "parent"
    try:
        if kind == "group":
            os.killpg(sweep.pid, signal.SIGKILL)
        else:
            os.kill(sweep.pid if kind == "parent" else draw.choice(below), signal.SIGKILL)
    except ProcessLookupError:
        return kind != "worker"
    return kind != "worker"


def disturb(systole, spec, database, kills, draw):
    """Sweeps into `database` with so many kills; it is left wherever the last one left it."""
    left = kills
    while left > 0:
        for file in database.parent.glob(database.name + "*"):
            file.unlink()
        ended = False
        while left > 0 and not ended:
            sweeps = [start(systole, spec, database) for _ in range(draw.choice([1, 1, 2]))]
            while sweeps and left > 0:
                time.sleep(draw.uniform(0.01, LONGEST_NAP))
                sweep = draw.choice(sweeps)
                if sweep.poll() is None:
                    left -= 1
                    if not kill_something(sweep, draw):
                        continue
                sweeps.remove(sweep)
                text = sweep.communicate()[1]
                ended |= sweep.returncode == 0
                if sweep.returncode not in (0, -signal.SIGKILL, 6):  # 6: a point was killed too often
                    sys.exit(f"a sweep ended with {sweep.returncode}:\n{text}")
            for sweep in sweeps:
                sweep.kill()
                sweep.communicate()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("systole")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--points", type=int, default=48)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    again = f"{sys.argv[0]} {options.systole} --kills {options.kills} --points {options.points} --seed {options.seed}"
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        spec = folder / "s.yaml"
        batches = ", ".join(str(batch) for batch in range(1, options.points // 2 + 1))
        spec.write_text(f"networks: [{ROOT / 'tests/data/lenet_fmnist.onnx'}]\narchitectures: [edge-16x16]\n"
                        f"set: {{ub.kib: [256, 64]}}\nbatch: [{batches}]\n")
        calm, killed = folder / "calm.db", folder / "killed.db"
        command = [options.systole, "sweep", spec, "-o"]
        subprocess.run([*command, calm], stdout=subprocess.DEVNULL, check=True)
        disturb(options.systole, spec, killed, options.kills, draw)
        subprocess.run([*command, killed, "--retry-failed"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        done = subprocess.run([options.systole, "compare", calm, killed], capture_output=True, text=True, check=False)
        if done.returncode != 0 or f"{options.points} equal, 0 differ, 0 only in A, 0 only in B\n" != done.stdout:
            sys.exit(f"the databases differ (again: {again}):\n{done.stdout}{done.stderr}")
    print(f"{options.kills} kills, {options.points} points, seed {options.seed}: equal")


if __name__ == "__main__":
    main()
