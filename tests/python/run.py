#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs tests of the Python package by this Python, as CTest asks for it.

Usage: run.py SYSTOLE PACKAGES TEST...   PACKAGES: the folder that has the package

Exit code 77, and what is missing, where pytest or numpy are not installed.
"""
import importlib.util
import os
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent


def main():
    systole, packages, tests = sys.argv[1], sys.argv[2], sys.argv[3:]
    missing = [name for name in ("numpy", "pytest") if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"skipped: {sys.executable} has no {' and no '.join(missing)} (tools/install_deps.sh --tests)"
        )
        sys.exit(77)
    environment = dict(
        os.environ, SYSTOLE_PROGRAM=systole, PYTHONPATH=packages, PYTHONDONTWRITEBYTECODE="1"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "error::pytest.PytestUnraisableExceptionWarning",
    ]
    os.chdir(FOLDER)
    os.execve(sys.executable, [*command, *tests], environment)


if __name__ == "__main__":
    main()
