#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Figures in the fenced blocks of a page that its own commands print otherwise now.

  figures.py SYSTOLE PAGE... [--refresh] [--long]

A line of a fenced block belongs to the output of a command of its page if both have the same words. Where the output has other
figures it is told, and with --refresh the page takes them. Lines that two runs print differently (times) are left alone, and so are
blocks of which a part is no longer printed: those are told.
Exit code 1 if a page tells other figures. Commands that are to fail are told as well. Tables and prose are for a reader's eye.
"""
import pathlib
import re
import sys

import commands

OTHER = re.compile(r"(?:tools/|cmake|ctest|bash|python3|/usr/bin/python3)\S* ?.*")
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


def words(line):
    """What is left of a line without its figures and the blanks that line them up."""
    return re.sub(r"\s+", " ", FIGURE.sub("#", line)).strip()


def outputs(page, systole, long):
    """Of each command of the page its line and the lines that it printed."""
    found = []
    for number, command, _, done in commands.run_page(page, systole, long):
        if done.returncode and not any(lacking in done.stderr for lacking in commands.LACKING):
            print(f"{page}:{number}: exit code {done.returncode}: {command}", file=sys.stderr)
        found.append((number, [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]))
    return found


def steady(first, second):
    """(line of the command, lines that both runs of it printed) of each command."""
    for (number, lines), (_, again) in zip(first, second):
        same = set(again)
        yield number, [line for line in lines if line in same]


def blocks(page):
    """(number of the first line, lines) of each fenced block behind a command that is Systole's, not one of tools/."""
    inside, block, ours = False, [], False
    for number, line in enumerate((commands.ROOT / page).read_text().splitlines(), 1):
        if line.startswith("```"):
            if inside and ours:
                yield number - len(block), block
            inside, block = not inside, []
        elif inside:
            block.append(line)
            if commands.COMMAND.match(line.strip()):
                ours = True
            elif OTHER.match(line.strip()):
                ours = False


def matched(block, printed):
    """Of the lines of the block, in order, those that stand in `printed`, and with which figures: [(index, line printed)]."""
    at, found = 0, []
    for index, line in enumerate(block):
        if not FIGURE.search(line):
            continue
        rest = range(at, len(printed))
        same = [k for k in rest if printed[k].strip() == line.strip()] or [k for k in rest if words(printed[k]) == words(line)]
        if same:
            at = same[0] + 1
            found.append((index, printed[same[0]]))
    return found


def stale(page, found):
    """Lines of the page, counted from 1, with what stands there and what its commands print."""
    for first, block in blocks(page):
        before = [matched(block, printed) for number, printed in found if number < first + len(block)]
        best = max(before, key=lambda pairs: (len(pairs), sum(block[k].strip() == line.strip() for k, line in pairs)), default=[])
        changed = [(first + index, block[index], line) for index, line in best if line.strip() != block[index].strip()]
        missing = sum(bool(FIGURE.search(line)) for line in block) - len(best)
        if best and missing and changed:
            print(f"{page}:{first}: {missing} lines of the block are printed in other words now, or not at all: left as it is")
        else:
            yield from changed


def refresh(page, changes):
    path = commands.ROOT / page
    lines = path.read_text().splitlines()
    for number, line, printed in changes:
        lines[number - 1] = line[:len(line) - len(line.lstrip())] + printed.strip()
    path.write_text("\n".join(lines) + "\n")


def main():
    options = {argument for argument in sys.argv[1:] if argument.startswith("--")}
    systole, *pages = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    count = 0
    for page in pages:
        first, second = (outputs(page, pathlib.Path(systole), "--long" in options) for _ in range(2))
        changes = list(stale(page, list(steady(first, second))))
        for number, line, printed in changes:
            print(f"{page}:{number}:\n  - {line.strip()}\n  + {printed.strip()}")
        if "--refresh" in options:
            refresh(page, changes)
        count += len(changes)
    print(f"{count} lines with other figures")
    sys.exit(1 if count and "--refresh" not in options else 0)


if __name__ == "__main__":
    main()
