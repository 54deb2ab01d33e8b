# SPDX-License-Identifier: Apache-2.0
"""What a script needs beside Python itself, told in one line where the Python that runs it does not have it."""
import importlib.util
import pathlib
import sys

SYSTEM = "/usr/bin/python3"
# Debian's, which only its own Python sees.
PACKAGES = {"numpy": "python3-numpy", "onnx": "python3-onnx", "PIL": "python3-pil", "torch": "python3-torch"}


def need(*modules: str) -> None:
    """Ends the script with exit code 2 unless this Python has all `modules`."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if not missing:
        return
    remedy = "apt install " + " ".join(PACKAGES[module] for module in missing)
    if sys.executable != SYSTEM:
        remedy = f"run it by {SYSTEM} ({remedy})"
    script = pathlib.Path(sys.argv[0]).name
    print(f"{script}: {sys.executable} has no {' and no '.join(missing)}, {remedy}", file=sys.stderr)
    sys.exit(2)
