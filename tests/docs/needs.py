#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A script of tools/ that a Python without its modules runs says in one line which Python has them."""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM = "/usr/bin/python3"
NEEDS = {"numpy": "python3-numpy", "onnx": "python3-onnx", "PIL": "python3-pil", "torch": "python3-torch"}


def scripts():
    """Those that import one of the modules, and which."""
    for path in sorted((ROOT / "tools").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        modules = [module for module in NEEDS if re.search(rf"^(import|from) (\w.*, )?{module}\b|^import .*\b{module}\b", text, re.M)]
        if modules:
            yield path, modules


def told(python, script):
    # -S: without what is installed beside Python itself.
    done = subprocess.run([python, "-S", "-B", script, "--help"], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def main():
    found = list(scripts())
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        other = pathlib.Path(folder) / "python3"
        other.symlink_to(SYSTEM)
        for path, modules in found:
            packages = "apt install " + " ".join(NEEDS[module] for module in modules)
            lacks = " and no ".join(modules)
            for python, remedy in ((SYSTEM, packages), (str(other), f"run it by {SYSTEM} ({packages})")):
                expected = (2, f"{path.name}: {python} has no {lacks}, {remedy}\n")
                if told(python, path) != expected:
                    print(f"{path.name}: {told(python, path)}, expected {expected}")
                    failed += 1
    print(f"{len(found)} scripts, {failed} failed")
    sys.exit(1 if failed or not found else 0)


if __name__ == "__main__":
    main()
