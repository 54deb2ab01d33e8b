#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a tour prints is what its page shows: the block below the line that names the script.

  tour.py SYSTOLE SCRIPT PAGE [--refresh]    --refresh writes the page
"""
import difflib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    systole, script, page = sys.argv[1], sys.argv[2], ROOT / sys.argv[3]
    done = subprocess.run([str(ROOT / script)], env={**os.environ, "SYSTOLE": systole}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{script}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    text = page.read_text()
    begin = text.index("```\n", text.index(f"`{script}`")) + 4
    end = text.index("```\n", begin)
    if "--refresh" in sys.argv[4:]:
        page.write_text(text[:begin] + done.stdout + text[end:])
        return
    shown, printed = text[begin:end].splitlines(), done.stdout.splitlines()
    difference = list(difflib.unified_diff(shown, printed, sys.argv[3], script, lineterm="", n=0))
    if difference:
        sys.exit("\n".join(difference))
    print(f"{len(shown)} lines of {script} are those of {sys.argv[3]}")


if __name__ == "__main__":
    main()
