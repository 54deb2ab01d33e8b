#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Co-simulation finds each planted bug within 100 random programs, and as what it is; without a bug it finds nothing.

  found.py SYSTOLE_BUGS
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import typing

PROGRAMS = 100
#: Of the bug of each number: what a difference has a line of, and what it has none of.
KINDS = {
    1: (["dram byte"], ["retired instruction", "dram burst", "cause of", "cycles:", "counter "]),
    2: (["status: rtl has watchdog; model has finished"], []),
    3: (["cause of ldw", "retired instruction"], ["dram byte", "status:"]),
    4: (["x3 at", "x4 at", "dram byte"], []),
    5: (["counter mxu_busy", "counter mxu_weight_load"], ["dram", "retired instruction", "cycles:", "status:"]),
}


def cosim(folder: str, *words: str) -> typing.Tuple[int, dict]:
    command = [sys.argv[1], "cosim", "--random", str(PROGRAMS), "--arch", "edge-4x4", "-o", f"{folder}/found", "--json", "-", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}\n{done.stderr}")
    return done.returncode, json.loads(done.stdout)


def problems(folder: str) -> typing.Iterator[str]:
    code, result = cosim(folder)
    if code != 0 or result["random"]["programs"] != PROGRAMS:
        yield f"without a bug: {result}"
    for bug, (present, absent) in KINDS.items():
        code, result = cosim(folder, f"--bug={bug}")
        if code != 1 or result["equal"]:
            yield f"bug {bug}: not found in {PROGRAMS} programs"
            continue
        difference = result["difference"].split("  last events up to there:")[0]
        yield from (f"bug {bug}: no '{words}' in\n{difference}" for words in present if words not in result["difference"])
        yield from (f"bug {bug}: '{words}' in\n{difference}" for words in absent if f"\n  {words}" in difference)
        print(f"bug {bug}: found by program {result['random']['programs']}")
    for wrong in ([], ["0"], [str(len(KINDS) + 1)], ["12"]):
        done = subprocess.run([sys.argv[1], "archs", "list", "--bug", *wrong], capture_output=True, text=True, check=False)
        if done.returncode != 2 or done.stderr.count("\n") != 1 or f"expected 1 to {len(KINDS)}" not in done.stderr:
            yield f"--bug {wrong}: exit code {done.returncode}, {done.stderr}"


def main() -> None:
    patches = list(pathlib.Path(__file__).parent.glob("*.patch"))
    with tempfile.TemporaryDirectory() as folder:
        found = list(problems(folder))
    if len(patches) != len(KINDS):
        found.append(f"{len(patches)} patches, expected {len(KINDS)}")
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
