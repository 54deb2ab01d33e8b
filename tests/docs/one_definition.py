#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds types that are defined twice under one qualified name in the C++ sources.

Two such types break the one-definition rule: what compiles and links may run the wrong constructor. Asked is universal-ctags,
which gives every unnamed namespace a name of its own, so that a type in one is no twin of another file's.
"""
import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["model", "compiler", "sim", "tests"]
TYPES = {"class", "struct", "union", "enum", "typedef"}


def program_of(path):
    """What `path` is linked into: the library that all programs share, or one program of the tests."""
    parts = path.parts
    if parts[0] != "tests":
        return "systole"
    return str(path) if parts[1] == "rtl" and path.suffix == ".cpp" else "/".join(parts[:2])


def run_ctags(kinds, sources):
    """Lines of JSON, a tag each, of names of `kinds` (ctags --list-kinds=C++) in `sources`, relative to the root."""
    ctags = shutil.which("ctags-universal") or shutil.which("ctags")
    if ctags is None:
        sys.exit("ctags is missing (tools/install_deps.sh --tests)")
    listed = subprocess.run(
        [ctags, "--language-force=C++", f"--kinds-C++={kinds}", "--fields=+nKZ", "--extras=-q",
         "--fields-C++=+{specialization}", "--output-format=json", "-f", "-", *map(str, sources)],
        cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def definitions():
    """(qualified name, path relative to the root, line) of every type that has a name, specialisations of templates aside."""
    sources = sorted(path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*")
                     if path.suffix in {".h", ".cpp"})
    for tag in map(json.loads, run_ctags("csugt", sources)):
        if tag["_type"] != "tag" or tag["kind"] not in TYPES or "specialization" in tag:
            continue
        if tag["name"].startswith("__anon") or tag.get("scopeKind") == "function":
            continue
        scope = tag.get("scope", "")
        yield (f"{scope}::{tag['name']}" if scope else tag["name"]), pathlib.PurePosixPath(tag["path"]), tag["line"]


def main():
    places = {}
    for name, path, line in definitions():
        places.setdefault(name, {}).setdefault(program_of(path), set()).add((str(path), line))
    failed = False
    if not places:
        sys.exit("no type found: is ctags universal-ctags?")
    for name in sorted(places):
        shared = places[name].pop("systole", set())
        for found in list(places[name].values()) or [set()]:
            if len(shared | found) > 1:
                failed = True
                print(f"{name}: " + ", ".join(f"{path}:{line}" for path, line in sorted(shared | found)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
