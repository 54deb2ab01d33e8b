#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rooms of the house, which are the folders of C++ sources: prints which room includes which, and fails on circles.

A circle is a set of rooms each of which leads to each other by includes. Besides, what is lower knows nothing of what is
higher, model of compiler and sim, compiler of sim, and a room that CMake makes a library of (systole_room) names as its
LINKS the rooms that it includes, no more and no less, and all its sources. A room has a namespace of its own, of its
folder's name.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEVELS = ["model", "compiler", "sim"]  # the lowest first
ROOM = re.compile(r"^systole_room\((\S+)([^)]*)\)", re.M)
NAMESPACE = re.compile(r"^namespace (systole[\w:]*) \{", re.M)
# What all rooms know and what users of the library see stands in `systole` itself; `onnx` is ONNX's own.
NAMES = {"model/base": "systole", "sim/library": "systole", "compiler/onnx": "systole::importer"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def sources():
    """Headers and sources, relative to the root."""
    for level in LEVELS:
        for path in sorted((ROOT / level).rglob("*")):
            if path.suffix in {".h", ".cpp"}:
                yield path.relative_to(ROOT)


def find_arrows():
    """{room: {room that it includes: [the files that do]}}, rooms as texts, without arrows to the room itself."""
    arrows = {}
    for source in sources():
        room = str(source.parent)
        arrows.setdefault(room, {})
        for name in INCLUDE.findall((ROOT / source).read_text(encoding="utf-8")):
            target = str(pathlib.PurePosixPath(name).parent)
            if target.split("/")[0] in LEVELS and target != room:
                arrows[room].setdefault(target, []).append(str(source))
    return arrows


def reachable(arrows, start):
    """The rooms to which a way of one arrow or more leads from `start`."""
    found, waiting = set(), [start]
    while waiting:
        for target in arrows.get(waiting.pop(), {}):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def find_circles(arrows):
    """Sets of rooms, sorted, that lead to each other."""
    ways = {room: reachable(arrows, room) for room in arrows}
    circles = {tuple(sorted({room} | {other for other in ways[room] if room in ways.get(other, ())}))
               for room in arrows if room in ways[room]}
    return sorted(circles)


def upward(arrows):
    """Arrows from a lower level to a higher one: (room, room)."""
    level = {name: i for i, name in enumerate(LEVELS)}
    return [(room, target) for room in arrows for target in arrows[room]
            if level[room.split("/")[0]] < level[target.split("/")[0]]]


def declared():
    """{room: (its LINKS, its SOURCES)} of every room that CMake makes a library of."""
    rooms = {}
    for level in LEVELS:
        for path in sorted((ROOT / level).rglob("CMakeLists.txt")):
            for folder, rest in ROOM.findall(path.read_text(encoding="utf-8")):
                lists, current = {"LINKS": set(), "SOURCES": set()}, set()
                for word in rest.split():
                    current = lists[word] if word in lists else current
                    current.add(word)
                rooms[folder] = (lists["LINKS"] - {"LINKS"}, lists["SOURCES"] - {"SOURCES"})
    return rooms


def walls(arrows):
    """What rooms include and their libraries do not say, or say and do not include."""
    rooms = declared()
    for room, (links, listed) in rooms.items():
        # Rooms that CMake makes no library of each are in that of their level.
        needed = {target if target in rooms else "systole_" + target.split("/")[0] for target in arrows.get(room, {})}
        named = {link for link in links if "/" in link or link in {f"systole_{level}" for level in LEVELS}}
        for link in sorted(needed - named):
            yield f"{room}/CMakeLists.txt: {link} is included but not in LINKS"
        for link in sorted(named - needed):
            yield f"{room}/CMakeLists.txt: {link} is in LINKS but not included"
        there = {path.name for path in (ROOT / room).glob("*.cpp")}
        for name in sorted(there ^ listed) if listed else ():
            yield f"{room}/CMakeLists.txt: SOURCES and the folder differ by {name}"


def strangers():
    """Sources that open another namespace of Systole's than their room's."""
    for source in sources():
        room = str(source.parent)
        if room in LEVELS:
            continue
        expected = NAMES.get(room, f"systole::{source.parent.name}")
        for name in NAMESPACE.findall((ROOT / source).read_text(encoding="utf-8")):
            if name != expected:
                yield f"{source}: namespace {name}, expected {expected}"


def main():
    arrows = find_arrows()
    for room in sorted(arrows):
        print(f"{room} -> {', '.join(sorted(arrows[room])) or 'nothing'}")
    problems = [(f"{a} includes {b}, which is above it", [(a, b)]) for a, b in upward(arrows)]
    for circle in find_circles(arrows):
        inner = [(a, b) for a in circle for b in sorted(arrows[a]) if b in circle]
        problems.append((f"a circle of rooms: {', '.join(circle)}", inner))
    for problem, guilty in problems:
        print(f"\n{problem}")
        for a, b in guilty:
            print(f"  {a} -> {b}: {', '.join(sorted(set(arrows[a][b])))}")
    gaps = [*walls(arrows), *strangers()]
    for gap in gaps:
        print(gap)
    sys.exit(1 if problems or gaps else 0)


if __name__ == "__main__":
    main()
