#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds names of unnamed namespaces that hide what other files of the room, or all of them, know by the same name.

Sources of a room are compiled in pieces, in which all unnamed namespaces are one: such a name would stand in the way of the
other one in the files that follow, or be taken for it. Two such names of one kind the compiler finds by itself.
"""
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from one_definition import ROOT, run_ctags  # noqa: E402

FOLDERS = ["model", "compiler", "sim"]
EVERYWHERE = "model/base"  # what it declares stands in `systole` itself
# ctags overlooks some initialisers.
CONSTANT = re.compile(r"^inline constexpr [^=;(]*?\b(k[A-Z]\w*)(?= = |\[|\{)", re.M)


def names():
    """({room: {name: file}} of unnamed namespaces, the same of others), of names at the scope of a namespace."""
    hiding, known = {}, {}
    sources = sorted(path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*")
                     if path.suffix in {".h", ".cpp"})
    for tag in map(json.loads, run_ctags("csugtfpv", sources)):
        if tag["_type"] != "tag" or tag["name"].startswith(("__anon", "operator ")):
            continue
        if tag.get("scopeKind") not in {None, "namespace"}:
            continue
        path = pathlib.PurePosixPath(tag["path"])
        unnamed = tag.get("scope", "").rsplit("::", 1)[-1].startswith("__anon")
        (hiding if unnamed else known).setdefault(str(path.parent), {})[tag["name"]] = str(path)
    for source in sources:
        if source.suffix == ".h":
            for name in CONSTANT.findall((ROOT / source).read_text(encoding="utf-8")):
                known.setdefault(str(source.parent), {})[name] = str(source)
    return hiding, known


def main():
    hiding, known = names()
    if not hiding or "kNever" not in known.get(EVERYWHERE, {}):
        sys.exit("names are missing: is ctags universal-ctags?")
    failed = False
    for room in sorted(hiding):
        for name, path in sorted(hiding[room].items()):
            for other in (room, EVERYWHERE):
                if name in known.get(other, {}):
                    failed = True
                    print(f"{path}: {name} in an unnamed namespace hides that of {known[other][name]}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
