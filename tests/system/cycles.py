#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The exact cycles of networks, architectures and memories, held to the text that is reviewed: cycles.txt.

  cycles.py SYSTOLE [--refresh]     --refresh: writes the figures of this build (tools/refresh_cycles.sh)

Each line of the text is a run of the model without data: its first two words are the cycles and the bytes that pass through
DRAM, the others say what runs: network (below tests/data), architecture, memory, and options of `systole run`. An architecture may
have keys behind its name, each with a +, as reports name it; the memory `own` is the architecture's. A new line begins with
two dashes until it is refreshed. Without --refresh: prints each line that differs, the old one first; exit code 1 if any does.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import typing
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = pathlib.Path(__file__).resolve().parent / "cycles.txt"


def command(systole: str, row: typing.Sequence[str]) -> typing.List[str]:
    """`row`: network, architecture, memory, options."""
    network, architecture, memory, *options = row
    name, *keys = architecture.split("+")
    words = [systole, "run", str(ROOT / "tests/data" / network), "--arch", name]
    for key in keys:
        words += ["--set", key]
    if memory != "own":
        words += ["--memory", memory]
    return words + options + ["--json", "-"]


def figures(systole: str, row: typing.Sequence[str]) -> typing.Tuple[int, int]:
    """Cycles, and bytes that pass through DRAM."""
    words = command(systole, row)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}\nexit code {done.returncode}\n{done.stderr}")
    totals = json.loads(done.stdout)["totals"]
    return totals["cycles"], totals["dram_bytes"]["total"]


def line_of(row: typing.Sequence[str], cycles: typing.Union[int, str], moved: typing.Union[int, str]) -> str:
    network, architecture, memory, *options = row
    numbers = [f"{number:,}" if isinstance(number, int) else number for number in (cycles, moved)]
    return f"{numbers[0]:>10} {numbers[1]:>12}  {network:<42} {architecture:<36} {memory:<12} {' '.join(options)}".rstrip()


def change(old: str, new: str) -> str:
    """What became of the cycles: '-1.25 %'."""
    before, after = (line.split()[0].replace(",", "") for line in (old, new))
    return f"{100 * (int(after) / int(before) - 1):+.2f} %" if before.isdigit() else "new"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("systole")
    parser.add_argument("--refresh", action="store_true")
    options = parser.parse_args()
    old = TEXT.read_text(encoding="utf-8").splitlines()
    rows = [[] if line.startswith("#") or not line.strip() else line.split()[2:] for line in old]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda row: figures(options.systole, row) if row else None, rows))
    new = [line_of(row, *result) if result else line for line, row, result in zip(old, rows, found)]
    differing = [(before, after) for before, after in zip(old, new) if before != after]
    for before, after in differing:
        print(f"- {before}\n+ {after}   ({change(before, after)})")
    print(f"{sum(map(bool, rows))} runs, {len(differing)} lines differ")
    if options.refresh:
        TEXT.write_text("\n".join(new) + "\n", encoding="utf-8")
        return 0
    if differing:
        print("if that is meant: tools/refresh_cycles.sh, and the reason in the commit")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
