#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The `console` blocks of a page show what their commands print.

  walk.py SYSTOLE PAGE [--refresh]    --refresh writes the page

Commands stand behind `$ ` and may go on behind a backslash; what they print is below. They run one after the other, in a folder
that has the tree's files and the programs beside SYSTOLE in its path.
"""
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]


def walked(page: str, run: typing.Callable[[str], str]) -> typing.Tuple[str, int]:
    """The page with what `run` makes of each command, and how many there are."""
    out: typing.List[str] = []
    count, inside, command = 0, False, ""
    for line in page.splitlines():
        if not inside:
            inside = line == "```console"
            out.append(line)
        elif command or line.startswith("$ "):
            out.append(line)
            command += line[2:] if not command else "\n" + line
            if not line.endswith("\\"):
                out += run(command).splitlines()
                count, command = count + 1, ""
        elif line == "```":
            inside = False
            out.append(line)
    return "\n".join(out) + "\n", count


def main() -> None:
    programs, page = pathlib.Path(sys.argv[1]).resolve().parent, ROOT / sys.argv[2]
    with tempfile.TemporaryDirectory() as scratch:
        for entry in ROOT.iterdir():
            if entry.name not in (".git", "build", "out"):
                (pathlib.Path(scratch) / entry.name).symlink_to(entry)
        environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "120"}

        def run(command: str) -> str:
            done = subprocess.run(["bash", "-c", command], cwd=scratch, env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL, check=False)
            return done.stdout

        shown = page.read_text(encoding="utf-8")
        printed, count = walked(shown, run)
    if count == 0:
        sys.exit(f"{sys.argv[2]}: no command in a console block")
    if "--refresh" in sys.argv[3:]:
        page.write_text(printed, encoding="utf-8")
        return
    difference = list(difflib.unified_diff(shown.splitlines(), printed.splitlines(), sys.argv[2], "what is printed", lineterm="", n=0))
    if difference:
        sys.exit("\n".join(difference))
    print(f"{count} commands print what {sys.argv[2]} shows")


if __name__ == "__main__":
    main()
