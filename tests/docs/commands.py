#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every `systole ...` line in the fenced blocks of README, docs and waveforms is a command that works as written.

  commands.py SYSTOLE PAGE [--long]
  commands.py --pages                   # those that have commands

The lines of a page run one after the other in a folder that has the tree's files; assignments (`net=...`) count too. Commands of minutes
run with --long alone.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"^(?:\$ )?((?:build/release/bin/)?systole .*|\w+=\S+(?: \w+=\S+)*)$")
#: What a page takes as given, and says so in its text.
GIVEN = {
    "docs/debugging.md": ["systole run tests/data/mlp_fmnist.onnx --arch edge-4x4 -o DIR"],
    "docs/precision.md": ["/usr/bin/python3 tools/gen_models.py --only tpuv1_mlp0 --out .",
                          "echo 'layers: [{name: \"*\", weights: 4}]' > all.yaml"],
}
#: Take minutes.
LONG = ("systole search-precision", "systole study", "systole run tpuv1_mlp0.onnx", "--precision policy.yaml", "--wave", "systole cosim --random 20")
LONG_GIVEN = ("docs/precision.md",)
#: What a build says that lacks something of the system: the command cannot be tried there.
LACKING = ("this build has no plotting library", "was built without pagmo", "rsvg-convert")
ABSENT = {"less": "cat", "jq": "cat #"}  # programs of the reader's


def commands(page):
    """Lines of fenced blocks that are commands, with those that they go on in."""
    inside, pending = False, ""
    for number, line in enumerate((ROOT / page).read_text().splitlines(), 1):
        if line.startswith("```"):  # those of a console are walk.py's
            inside, pending = not inside and line != "```console", ""
            continue
        if not inside:
            continue
        line = pending + line.strip()
        if line.endswith("\\") and COMMAND.match(line):
            pending = line[:-1]
            continue
        pending = ""
        found = COMMAND.match(line)
        if found:
            yield number, found[1]


def runnable(command):
    """With what a pipe ends in replaced where it is not there."""
    for program, other in ABSENT.items():
        if not shutil.which(program) or program == "less":
            command = re.sub(rf"\| {program}\b", f"| {other}", command)
    return command


def pages():
    every = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "waveforms/README.md"]
    names = [str(page.relative_to(ROOT)) for page in every]
    return [name for name in names if any("systole " in command for _, command in commands(name))]


def workplace(scratch, systole):
    """Fills a folder with the tree's files; gives the environment in which `systole` is the program."""
    for entry in ROOT.iterdir():
        if entry.name not in (".git", "build", "out"):
            (pathlib.Path(scratch) / entry.name).symlink_to(entry)
    programs = pathlib.Path(scratch) / "build/release/bin"
    programs.mkdir(parents=True)
    (programs / "systole").symlink_to(systole.resolve())
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}


def run_page(page, systole, long):
    """Runs the commands of a page; yields for each its line, itself, the seconds it took, and how it ended."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = workplace(scratch, systole)
        assigned = ""
        given = [(0, command) for command in GIVEN.get(page, []) if long or page not in LONG_GIVEN]
        for number, command in given + list(commands(page)):
            if re.match(r"^\w+=\S+( \w+=\S+)*$", command):
                assigned += command + "\n"
                continue
            if any(word in command for word in LONG) and not long:
                continue
            began = time.time()
            done = subprocess.run(["bash", "-c", f"set -o pipefail\n{assigned}{runnable(command)}"], cwd=scratch, env=environment,
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
            yield number, command, time.time() - began, done


def main():
    if sys.argv[1:] == ["--pages"]:
        print("\n".join(pages()))
        return
    systole, page, long = pathlib.Path(sys.argv[1]), sys.argv[2], "--long" in sys.argv[3:]
    failed = ran = 0
    for number, command, seconds, done in run_page(page, systole, long):
        ran += 1
        print(f"{page}:{number}: {seconds:.1f} s: {command}", flush=True)
        if done.returncode and any(words in done.stderr for words in LACKING):
            print(f"{page}:{number}: not tried: {done.stderr.strip()}")
        elif done.returncode:
            failed += 1
            print(f"{page}:{number}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    print(f"{page}: {ran} commands, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
