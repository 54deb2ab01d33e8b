#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The judge on a program that only says it is broken (exit code 5): each network must count as a failure."""
import pathlib
import subprocess
import sys
import tempfile

BROKEN = """#!/bin/sh
echo "systole: net.onnx: internal error: a reshaped box has no place; this is a fault of Systole, please report it" >&2
exit 5
"""


def main() -> int:
    judge = pathlib.Path(__file__).resolve().parent / "judge.py"
    with tempfile.TemporaryDirectory() as folder:
        broken = pathlib.Path(folder) / "systole"
        broken.write_text(BROKEN)
        broken.chmod(0o755)
        done = subprocess.run([sys.executable, judge, "--systole", broken, "--form", "qonnx", "--opsets", "13-13", "--networks", "2",
                               "--any-cell"], capture_output=True, text=True)
    print(done.stdout[-1000:] + done.stderr)
    good = done.returncode == 1 and "failed    2 times: systole: net.onnx: internal error" in done.stdout and "2 unexplained" in done.stdout
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
