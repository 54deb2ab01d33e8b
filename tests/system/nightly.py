#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tools/nightly.py has the configurations of the random test, adds up what `systole cosim` says, and tells figures of pages that
are not those printed.

nightly.py SYSTOLE: the architectures are shown to the real program, differences come from a stand-in that says it found
some.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path += [str(ROOT / "tools"), str(ROOT / "tests/docs")]
import figures  # noqa: E402
import nightly_pages  # noqa: E402
STAND_IN = """#!/bin/sh
# cosim --random N --seed S ...: runs from a seed that ends in 7 differ in their second program.
[ "$1" = memory ] && exec {systole} "$@"
[ "$5" = 1000000000099 ] && {{ echo "systole: no such thing" >&2; exit 2; }}
echo "headline"
[ "${{5#${{5%?}}}}" = 7 ] && {{ echo "2 random programs from seed $5: 1,234 cycles on each engine, 0 ended in a fault, 1 differ"
  echo "the difference"; exit 1; }}
echo "$3 random programs from seed $5: 1,000 cycles on each engine, 1 ended in a fault, 0 differ"
"""


def nightly(*arguments):
    with tempfile.TemporaryDirectory() as state:
        return resumed(state, *arguments)


def resumed(state, *arguments):
    """With what an earlier run left in `state`."""
    return subprocess.run([ROOT / "tools/nightly.py", "--networks", "0", "--kills", "0", "--no-pages", "--no-checks", "--state", state, *map(str, arguments)], capture_output=True, text=True)


def check_resuming(stand_in, state):
    """A run of six parts that may start none, one that runs them, one that finds them done; a damaged line is run again."""
    arguments = ["--systole", stand_in, "--programs", 6, "--seed", 10]
    run = resumed(state, *arguments, "--minutes", 0)
    check(run.returncode == 0 and "\n0 of 6 programs were equal on RTL, model and golden executor, 0 differed, 6 were not run\n" in run.stdout,
          f"parts that start too late:\n{run.stdout}{run.stderr}")
    run = resumed(state, *arguments)
    check("were run before" not in run.stdout and "\n6 of 6 programs" in run.stdout, f"the rest of it:\n{run.stdout}")
    run = resumed(state, *arguments)
    check("6 of 6 parts were run before\n" in run.stdout and "\n6 of 6 programs" in run.stdout and ".." not in run.stdout.split("before")[1],
          f"what is done is run again:\n{run.stdout}")
    ledger = next(pathlib.Path(state).iterdir())
    lines = ledger.read_text().splitlines()
    ledger.write_text("\n".join(lines[:-1] + [lines[-1][:20]]) + "\n")
    run = resumed(state, *arguments)
    check("5 of 6 parts were run before\n" in run.stdout and "\n6 of 6 programs" in run.stdout, f"after a cut line:\n{run.stdout}")
    ledger.write_text("\n".join(['{"commit": "another"}'] + lines[1:]) + "\n")
    run = resumed(state, *arguments)
    check("were run before" not in run.stdout, f"results of another commit are taken:\n{run.stdout}")


def check_figures(folder, page="docs/energy.md"):
    """A program that prints a block of the page as it stands there, or with another figure in a line."""
    first, block = max(figures.blocks(page), key=lambda pair: sum(bool(figures.FIGURE.search(line)) for line in pair[1]))
    stand_in = pathlib.Path(folder) / "printer"
    at = next(k for k, line in enumerate(block) if figures.FIGURE.search(line))
    other = figures.FIGURE.sub("77777", block[at], count=1)
    for line, bad in ((block[at], 0), (other, 1)):
        printed = "\n".join(block[:at] + [line] + block[at + 1:])
        stand_in.write_text(f"#!/bin/sh\ncat <<'end of block'\n{printed}\nend of block\n")
        stand_in.chmod(0o755)
        result = nightly_pages.Figures(page).run(stand_in)
        check((result.bad, result.code) == (bad, bad) and result.row == f"{page}: {bad} lines with other figures", f"figures: {result}")
        check(bad == 0 or f"{page}:{first + at}:\n  - {block[at].strip()}\n  + {other.strip()}\n" in result.text, f"figures: {result.text}")


def check(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


def main():
    systole = sys.argv[1]
    listed = nightly("--list").stdout.splitlines()
    cases = re.findall(r'^  check_random_programs\((?:small_arch|arch::load_arch)\("([^"]+)"\)',
                       (ROOT / "tests/cosim/random_test.cpp").read_text(), re.MULTILINE)
    check(sorted(pathlib.Path(line).stem for line in listed) == sorted(cases),
          f"test cases {cases}, listed:\n" + "\n".join(listed))
    for line in listed:
        shown = subprocess.run([systole, "archs", "show", ROOT / line], capture_output=True, text=True)
        check(shown.returncode == 0, f"{line}: is no architecture: {shown.stderr}")

    with tempfile.TemporaryDirectory() as folder:
        stand_in = pathlib.Path(folder) / "systole"
        stand_in.write_text(STAND_IN.format(systole=systole))
        stand_in.chmod(0o755)
        count = 3 * len(listed)
        # One program a job: seeds 10.. in their order, of which those that end in 7 are said to differ.
        run = nightly("--systole", stand_in, "--programs", count, "--seed", 10)
        sevens = sum(seed % 10 == 7 for seed in range(10, 10 + count))
        check(run.returncode == 1, f"exit code {run.returncode} where programs differ, expected 1")
        check(run.stdout.count("the difference\n") == sevens, f"what differs is not told:\n{run.stdout}")
        # The stand-in says that it ran two of those.
        check(f"\n{count} of {count} programs were equal on RTL, model and golden executor, {sevens} differed" in run.stdout,
              f"not added up:\n{run.stdout}")
        run = nightly("--systole", stand_in, "--programs", 6, "--seed", 10)
        check(run.returncode == 0, f"exit code {run.returncode} where nothing differs:\n{run.stdout}")
        check("6 programs, seeds 10..15," in run.stdout, f"the seeds are not told:\n{run.stdout}")
        check("\n6 of 6 programs were equal on RTL, model and golden executor, 0 differed, 0 were not run\n" in run.stdout,
              f"not added up:\n{run.stdout}")
        check_figures(folder)
        with tempfile.TemporaryDirectory() as state:
            check_resuming(stand_in, state)
        run = nightly("--systole", stand_in, "--programs", 2, "--seed", 1000000000098)
        check(run.returncode == 2 and "systole: no such thing" in run.stdout and "1 of 2 programs" in run.stdout,
              f"a run that fails: {run.returncode}\n{run.stdout}")


if __name__ == "__main__":
    main()
