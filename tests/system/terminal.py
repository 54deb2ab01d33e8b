#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs commands on terminals of some widths: tables fit, --wide shows all, colours come and go as they are told.

Usage: terminal.py SYSTOLE.
"""
import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import threading

SYSTOLE = pathlib.Path(sys.argv[1]).resolve()
NETWORK = pathlib.Path(__file__).resolve().parents[1] / "data/lenet_fmnist.onnx"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
MARK = b"\x00end"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}

# A command, and the first word of the lines of its tables, at which they begin.
TABLES = [
    (["run", NETWORK], ["layer", "unit"]),
    (["run", NETWORK, "--energy"], ["energy by layer"]),
    (["run", NETWORK, "--sparsity", "--prune", "block:0.5"], ["weights "]),
    (["run", NETWORK, "--explain", "--layer", "/fc3/Gemm"], ["  change"]),
    (["memory", "ddr4-2400"], ["memory"]),
    (["memory", "list"], ["ddr3-2133"]),
    (["archs", "list"], ["cloud-128x128"]),
    (["sweep", "sweep.yaml"], ["point"]),
    (["optimise", "optimise.yaml"], ["network"]),
    (["reprice", "points.db"], ["  point"]),
    (["compare", "points.db:1", "points.db:2"], ["  configuration"]),
    (["study", NETWORK, "--precisions", "int8,W4A4", "--prunes", "none,unstructured:0.8", "--set", "ub.kib=32"], ["row"]),
]
SWEEP = f"networks: [{NETWORK}]\narchitectures: [edge-4x4]\nset: {{ub.kib: [64, 32]}}\n"
OPTIMISE = SWEEP + "objectives: [latency, energy, area]\nbudget: 2\npopulation: 8\n"


def on_terminal(columns, command, **variables):
    """What `command` prints on a terminal of its own, without standard error.

    The terminal is closed only when all of it is read: Linux may throw away what was written just before its last writer
    closed it. So it is held open here, and a mark written behind what the command wrote says where that ends.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen([SYSTOLE, *command], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL,
                          env={**ENVIRONMENT, "TERM": "xterm", **variables}) as process:
        marker = threading.Thread(target=lambda: (process.wait(), os.write(slave, MARK)))
        marker.start()
        text = b""
        while not text.endswith(MARK):
            text += os.read(master, 65536)
        marker.join()
    os.close(slave)
    os.close(master)
    return text.removesuffix(MARK).decode().replace("\r\n", "\n")


def piped(command, **variables):
    return subprocess.run([SYSTOLE, *command], capture_output=True, text=True, check=False, env={**ENVIRONMENT, **variables})


def table_of(text, first):
    """The lines from the one that begins with `first` to the next empty one, without sentences behind."""
    lines = ESCAPE.sub("", text).split("\n")
    begin = next((i for i, line in enumerate(lines) if line.startswith(first)), None)
    if begin is None:
        sys.exit(f"no line begins with {first!r}:\n{text}")
    end = next((i for i in range(begin, len(lines)) if not lines[i]), len(lines))
    sentence = re.compile("gained|not gained|best gain|without more|largest saving|sweep: ")
    return [line for line in lines[begin:end] if not sentence.match(line)]


def check(condition, *what):
    if not condition:
        sys.exit("\n".join(str(one) for one in what))


def try_tables():
    for command, tables in TABLES:
        everything = piped(command).stdout
        for columns in (60, 80, 100, 250):
            shown = on_terminal(columns, command)
            for first in tables:
                lines = table_of(shown, first)
                check(len(lines) >= 2, command, shown)
                for line in lines:
                    check(len(line) <= columns or columns < 80 or line.startswith("(not shown"), f"{columns} columns: {line!r}", command)
                if columns == 250:
                    check(lines == table_of(everything, first), "all columns expected", command, shown)
        if command[0] != "sweep":  # whose points may come in another order of progress lines
            wide = on_terminal(60, [*command, "--wide"])
            for first in tables:
                check(table_of(wide, first) == table_of(everything, first), "--wide differs from a pipe", command, wide)
    print(f"{len(TABLES)} commands on terminals of 60 to 250 columns")


def try_colors():
    command = ["memory", "ddr4-2400"]
    check(ESCAPE.search(on_terminal(80, command)), "no colours on a terminal")
    check(not ESCAPE.search(on_terminal(80, command, NO_COLOR="1")), "colours in spite of NO_COLOR")
    check(ESCAPE.search(on_terminal(80, command, NO_COLOR="")), "an empty NO_COLOR is none")
    check(not ESCAPE.search(on_terminal(80, command, TERM="dumb")), "colours on a dumb terminal")
    check(not ESCAPE.search(on_terminal(80, [*command, "--color", "never"])), "colours in spite of --color never")
    check(not ESCAPE.search(piped(command).stdout), "colours in a pipe")
    check(ESCAPE.search(piped([*command, "--color", "always"], NO_COLOR="1").stdout), "no colours in spite of --color always")
    check(piped(["run", "none.onnx", "--color", "always"]).stderr == "\x1b[1;31msystole:\x1b[0m none.onnx: no such file\n", "errors")
    check(piped(["run", "none.onnx"]).stderr == "systole: none.onnx: no such file\n", "errors in a pipe")
    check(piped([*command, "--color", "green"]).returncode == 2, "--color green")
    print("colours come and go")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pathlib.Path("sweep.yaml").write_text(SWEEP)
        pathlib.Path("optimise.yaml").write_text(OPTIMISE)
        piped(["sweep", "sweep.yaml", "-o", "points.db", "--detail", "all"])
        try_tables()
        try_colors()


if __name__ == "__main__":
    main()
