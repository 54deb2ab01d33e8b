#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The session that docs/debugging.md shows is what its command prints, on both engines.

  debug_session.py SYSTOLE
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    systole = pathlib.Path(sys.argv[1]).resolve()
    page = (ROOT / "docs/debugging.md").read_text()
    shown = re.search(r"^(systole debug (?:.*\\\n)*.*)\n```\n\n```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    if not shown:
        sys.exit("docs/debugging.md: shows no session behind its command")
    with tempfile.TemporaryDirectory() as scratch:
        for folder in ("examples", "tests"):
            (pathlib.Path(scratch) / folder).symlink_to(ROOT / folder)
        for engine in ("model", "rtl"):
            command = [str(systole), *shown[1].replace("\\\n", " ").split()[1:], "--engine", engine, "--rtl-build", "quick"]
            done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
            if done.returncode != 0:
                sys.exit(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.strip()}")
            if done.stdout != shown[2]:
                sys.exit(f"{' '.join(command)} prints something else than docs/debugging.md shows:\n{done.stdout}")
    print("the session is the same on both engines")


if __name__ == "__main__":
    main()
