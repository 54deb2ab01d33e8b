#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`.ci/run` with stand-ins for its stages: what fails fails the run, the table is printed, ctest's closing lines come last."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAILED = "2/3 Test  #7: a ***Failed    0.10 sec\nwhy it failed\n\n"
STARTED = "        Start 8: b\n1/3 Test  #8: b ...   Passed    0.20 sec\n"
CLOSING = "100% tests passed, 0 tests failed out of 3\nTotal Test time (real) =   1.00 sec\n"


def check(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def stand_ins(tree, failing):
    """A tree of `.ci/run` and commands that only say that they ran; `failing` ends with 3, tests with what a test printed."""
    for line in (ROOT / ".ci/run").read_text().splitlines():
        if line.count("|") < 2 or not line.startswith('  "'):
            continue
        name, _, command = line.strip().strip('"').split("|")
        script = next(word for word in command.split() if "/" in word)
        path = tree / script
        path.parent.mkdir(parents=True, exist_ok=True)
        says = f"{name} ran\n"
        if name == "tests":
            says = (FAILED if failing == name else "") + STARTED * 20 + CLOSING
        if path.suffix == ".py":
            path.write_text(f"print({says!r}, end='')\n")
        else:
            path.write_text(f"#!/bin/sh\ncat <<'EOF'\n{says}EOF\n{'exit 3' if name == failing else ''}\n")
        path.chmod(0o755)
    (tree / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tree / ".ci/run")


def run(failing, *stages):
    with tempfile.TemporaryDirectory() as folder:
        stand_ins(pathlib.Path(folder), failing)
        return subprocess.run([f"{folder}/.ci/run", *stages], capture_output=True, text=True, check=False)


def main():
    names = run("", "--list").stdout.split()
    whole = run("")
    check(whole.returncode == 0, f"exit code {whole.returncode} where nothing fails:\n{whole.stdout}{whole.stderr}")
    check(whole.stdout.endswith(CLOSING), f"ctest's lines are not the last:\n{whole.stdout}")
    table = whole.stdout[whole.stdout.index("\nstage"):]
    check(all(f"\n{name} " in table for name in names) and table.count("passed\n") == len(names), f"the table:\n{table}")
    broken = run("lint")
    check(broken.returncode == 1, f"exit code {broken.returncode} where a stage fails")
    check("failed (3)\n" in broken.stdout and broken.stdout.count("passed\n") == len(names) - 1 and broken.stdout.endswith(CLOSING),
          f"a stage that fails stops the others:\n{broken.stdout}")
    told = run("tests").stdout
    check(told[told.index("== closing lines =="):].startswith(f"== closing lines ==\n{FAILED}") and told.endswith(CLOSING),
          f"what a failed test printed:\n{told}")
    one = run("", "lint")
    check(one.returncode == 0 and "lint ran" in one.stdout and "build ran" not in one.stdout, f"one stage:\n{one.stdout}")
    check(run("", "lnit").returncode == 2, "a stage that does not exist is no error")


if __name__ == "__main__":
    main()
