#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types command lines with tabs into real shells and reads what stands there then; and reads the manual pages.

Usage: completion.py SYSTOLE bash|zsh|man. A shell or a reader of pages that is not installed is told, and exit code 77.
"""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

SYSTOLE = pathlib.Path(sys.argv[1]).resolve()
NOT_TRIED = 77

# What is typed, with "<TAB>", and what it becomes. The folder has net.onnx, other.yaml, notes.txt, old.sysb, results/.
LINES = [
    ("systole comple<TAB>", "systole completion "),
    ("systole doc<TAB>", "systole doctor "),
    ("systole archs sh<TAB>", "systole archs show "),
    ("systole run --expl<TAB>", "systole run --explain "),
    ("systole run --engine rt<TAB>", "systole run --engine rtl "),
    ("systole run --engine=rt<TAB>", "systole run --engine=rtl "),
    ("systole run --calib-method perc<TAB>", "systole run --calib-method percentile "),
    ("systole run --arch tpu-v<TAB>", "systole run --arch tpu-v1 "),
    ("systole run --memory lpddr5x<TAB>", "systole run --memory lpddr5x-8533 "),
    ("systole archs show cloud-<TAB>", "systole archs show cloud-128x128 "),
    ("systole run --set array.ro<TAB>", "systole run --set array.rows="),
    ("systole run --set compile.fu<TAB>", "systole run --set compile.fuse="),
    ("systole run n<TAB>", "systole run net.onnx "),  # not notes.txt
    ("systole run --calib o<TAB>", "systole run --calib other.yaml "),  # not old.sysb
    ("systole run -o r<TAB>", "systole run -o results/"),
    ("systole man acc<TAB>", "systole man acc"),  # nothing that it knows
]


def plain(text):
    """Without what moves the cursor and colours."""
    text = re.sub(r"\x1b\][^\x07]*\x07|\x1b[\[?][0-9;?]*[A-Za-z]|\x1b[=>]", "", text)
    return text.replace("\r", "").replace("\x07", "")


class Shell:
    """A shell on a terminal of its own."""

    def __init__(self, command, folder):
        environment = {"PATH": f"{SYSTOLE.parent}:{os.environ['PATH']}", "HOME": str(folder), "TERM": "dumb", "PS1": "> ",
                       "LC_ALL": "C.UTF-8"}
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.pid = pid

    def read_until(self, mark, seconds=30):
        text, limit = "", time.time() + seconds
        while mark not in plain(text):
            if time.time() > limit or not select.select([self.terminal], [], [], 1)[0] and time.time() > limit:
                sys.exit(f"no {mark!r} within {seconds} s: {text!r}")
            if select.select([self.terminal], [], [], 0.1)[0]:
                text += os.read(self.terminal, 65536).decode(errors="replace")
        return plain(text)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def run(self, command):
        """Runs `command` and waits for its end."""
        self.type(f"{command}; echo do''ne\n")
        self.read_until("done")

    def line_after(self, keys):
        """What stands in the line once `keys` are typed: a command that would print it is put before."""
        self.type(keys.replace("<TAB>", "\t"))
        time.sleep(0.2)
        # The line becomes an argument of the shell's own printf.
        self.type("\x01printf '<%s>' '\x05'; echo do''ne\n")
        return re.findall(r"<(systole[^>]*)>done", self.read_until(">done"))[-1]

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def try_lines(shell, behind):
    """`behind`: whether what was put behind a word stays; zsh takes it away when the cursor moves."""
    failed = 0
    for keys, expected in LINES:
        found = shell.line_after(keys)
        if not behind:
            expected = expected.rstrip(" /")
        if found != expected:
            print(f"{keys!r}: {found!r}, expected {expected!r}")
            failed += 1
    print(f"{len(LINES)} lines, {failed} failed")
    return failed


def make_folder(folder):
    for name in ("net.onnx", "other.yaml", "notes.txt", "old.sysb"):
        (folder / name).write_text("")
    (folder / "results").mkdir()


def try_shell(name, folder):
    make_folder(folder)
    script = subprocess.run([SYSTOLE, "completion", name], capture_output=True, text=True, check=True).stdout
    functions = folder.parent / "functions"
    functions.mkdir()
    (functions / "_systole").write_text(script)
    checked = subprocess.run([name, "-n", functions / "_systole"], capture_output=True, text=True, check=False)
    if checked.returncode or checked.stderr:
        sys.exit(f"{name} -n: {checked.stderr}")
    if name == "bash":
        shell = Shell(["bash", "--norc", "--noprofile", "-i"], folder)
        shell.run("bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; set -o emacs; source ../functions/_systole")
        failed = try_lines(shell, True)
    else:
        shell = Shell(["zsh", "-f", "-i"], folder)
        shell.run("unsetopt zle_bracketed_paste; unset zle_bracketed_paste; bindkey -e; unsetopt list_beep auto_menu; fpath=(../functions $fpath); "
                  "autoload -U compinit && compinit -u -D")
        failed = try_lines(shell, False)
    shell.close()
    return failed


def try_pages(folder):
    """Each command has a page; the pages are sound to man and to mandoc, and say what --help says."""
    subprocess.run([SYSTOLE, "man", "-o", folder / "man1"], check=True)
    pages = sorted((folder / "man1").iterdir())
    listed = subprocess.run([SYSTOLE, "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z][a-z-]*)", listed[listed.index("Subcommands:"):].split("\n\n")[0], re.M)
    if [page.name for page in pages] != sorted(["systole.1", *(f"systole-{name}.1" for name in commands)]):
        sys.exit(f"pages {[page.name for page in pages]}, commands {commands}")
    failed = 0
    readers = [["mandoc", "-Tlint"], ["man", "--warnings", "-l", "-Tutf8", "-Z"]]
    readers = [reader for reader in readers if shutil.which(reader[0])]
    for page in pages:
        for reader in readers:
            done = subprocess.run([*reader, page], capture_output=True, text=True, check=False,
                                  env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
            said = done.stderr + (done.stdout if reader[0] == "mandoc" else "")
            if said or done.returncode:
                print(f"{' '.join(reader)} {page.name}: {said}")
                failed += 1
        name = page.stem.removeprefix("systole-") if page.stem != "systole" else ""
        told = subprocess.run([SYSTOLE, *([name] if name else []), "--help"], capture_output=True, text=True, check=True).stdout
        text = page.read_text().replace("\\-", "-")
        for option in set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", told, re.M)):
            if f"\\fB{option}\\fR" not in text:
                print(f"{page.name}: {option} is missing")
                failed += 1
    print(f"{len(pages)} pages, {failed} failed, read by {', '.join(reader[0] for reader in readers) or 'nobody'}")
    if not readers:
        sys.exit(NOT_TRIED)
    return failed


def main():
    what = sys.argv[2]
    if what in ("bash", "zsh") and not shutil.which(what):
        print(f"{what} is not installed")
        sys.exit(NOT_TRIED)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "folder"
        folder.mkdir()
        sys.exit(1 if (try_pages(folder) if what == "man" else try_shell(what, folder)) else 0)


if __name__ == "__main__":
    main()
