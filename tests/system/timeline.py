#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Timelines of `systole run` keep the rules of their format, both engines write the same, and their sums are the counters.

  timeline.py SYSTOLE              networks of the tests; the checker finds what is broken on purpose
  timeline.py SYSTOLE TIMELINE...  the format of these files alone

Exit code 1 if anything is wrong, each with a line.
"""
import bisect
import copy
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

import trace_events

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAUSES = ("busy", "setup", "drain", "sem_lda", "sem_ldw", "sem_mxu", "sem_vpu", "sem_sto", "bank", "memory", "weights",
          "weight_load", "queue", "fetch", "idle")
UNITS = ("fetch", "lda", "ldw", "mxu", "vpu", "sto")
# Networks, architectures and memories, and whether the RTL runs them, too.
CASES = [("lenet_fmnist.onnx", "edge-4x4", "ideal", True), ("lenet_fmnist.onnx", "edge-4x4", "ddr4-2400", True),
         ("resnet8_fmnist.onnx", "edge-16x16", "ddr5-4800", False)]
Events = typing.List[trace_events.Event]
problems: typing.List[str] = []


def expect(good: bool, what: str) -> None:
    if not good:
        problems.append(what)


def run(folder: pathlib.Path, case: typing.Sequence[typing.Any], *words: str) -> typing.Tuple[bytes, dict, dict]:
    """The file, what is in it, and the result of the run."""
    network, arch, memory, _ = case
    where = [] if "--timeline" in words else ["--timeline", str(folder / "t.json")]
    command = [sys.argv[1], "run", str(ROOT / "tests/data" / network), "--arch", arch, "--memory", memory, *where,
               "--json", str(folder / "r.json"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nexit code {done.returncode}\n{done.stderr}")
    data = (folder / "t.json").read_bytes()
    timeline = json.loads(data)
    name_kinds(timeline["traceEvents"])
    return data, timeline, json.loads((folder / "r.json").read_text(encoding="utf-8"))


def tracks_of(events: Events) -> typing.Dict[int, str]:
    return {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}


def name_kinds(events: Events) -> None:
    """Gives slices the category that they do without in the file: layer, instruction (it has a number) or cause."""
    tracks = tracks_of(events)
    for event in events:
        if event["ph"] == "X":
            event["cat"] = "layer" if tracks[event["tid"]] == "layer" else "instruction" if "args" in event else "cause"


def unit_of(track: str) -> str:
    return track.split(" ")[0]


def cause_sums(events: Events) -> typing.Dict[str, int]:
    """By UNIT_CAUSE, as counters are called."""
    tracks = tracks_of(events)
    sums: typing.Dict[str, int] = {}
    for event in events:
        if event["ph"] == "X" and event["cat"] == "cause":
            key = f"{unit_of(tracks[event['tid']])}_{event['name']}"
            sums[key] = sums.get(key, 0) + event["dur"]
    return sums


def check_sums(timeline: dict, result: dict, bus_bytes: int, name: str) -> None:
    events, counters = timeline["traceEvents"], result["counters"]
    tracks = tracks_of(events)
    causes = cause_sums(events)
    for key in (f"{unit}_{cause}" for unit in UNITS for cause in CAUSES):
        expect(causes.get(key, 0) == counters[key], f"{name}: {key} is {counters[key]}, its slices have {causes.get(key, 0)}")
    instructions = [e for e in events if e["ph"] == "X" and e["cat"] == "instruction"]
    for unit in UNITS[1:]:
        mine = [e for e in instructions if unit_of(tracks[e["tid"]]) == unit]
        expect(len(mine) == counters[f"retired_{unit}"], f"{name}: instructions of {unit}")
        queue = [e for e in events if e["ph"] == "C" and e["name"] == f"queue {unit}"]
        depths = [e["args"]["n"] for e in queue]
        expect(depths[0] == 0 and depths[-1] == 0 and max(depths) in range(1, 10), f"{name}: queue of {unit}")
    layers = {layer["name"]: layer["cycles"] for layer in result["layers"]}
    drawn: typing.Dict[str, int] = {}
    for event in events:
        if event["ph"] == "X" and event["cat"] == "layer":
            drawn[event["name"]] = drawn.get(event["name"], 0) + event["dur"]
    expect(drawn == layers, f"{name}: layers have other cycles than in the report")
    traffic = [e["args"] for e in events if e["ph"] == "C" and e["name"].startswith("bytes in ")]
    for direction in ("read", "write"):
        total = sum(args[direction] for args in traffic)
        expect(total == bus_bytes * counters[f"{direction}_beats"], f"{name}: {direction} {total} bytes")
    expect(any(e["ph"] == "s" for e in events), f"{name}: no token")
    check_levels(events, tracks, result, name)
    check_tokens(events, instructions, tracks, name)


def check_size(data: bytes, events: Events, name: str) -> None:
    """Causes, of which there are most, take no more than what they say: ResNet-50 on edge-16x16 stays below 50 MB by that."""
    causes = [e for e in events if e["ph"] == "X" and e["cat"] == "cause"]
    keys = len(',{"ph":"X","name":"","pid":1,"tid":,"ts":,"dur":}')
    said = sum(keys + sum(len(str(e[key])) for key in ("name", "tid", "ts", "dur")) for e in causes)
    taken = sum(len(line) for line in re.findall(rb',\{"ph":"X","name":"[a-z_]+","pid":1,"tid":\d+,"ts":\d+,"dur":\d+\}', data))
    expect(taken == said, f"{name}: causes take {taken} bytes, expected {said}")


def level_of(events: Events, what: str) -> typing.Tuple[typing.Callable[[int], int], typing.List[int], int]:
    """The most in use in the step of a cycle, all values, and the cycles of a step."""
    drawn = [e for e in events if e["ph"] == "C" and e["name"].startswith(f"{what}: most in ")]
    times = [e["ts"] for e in drawn]
    values = [next(iter(e["args"].values())) for e in drawn]
    return lambda cycle: values[bisect.bisect_right(times, cycle) - 1], values, int(drawn[0]["name"].split(" ")[-2])


def check_levels(events: Events, tracks: typing.Dict[int, str], result: dict, name: str) -> None:
    """Buffers and ring are never fuller than they are large; where ldw waits for a free tile, the ring is full."""
    hardware = result["architecture"]["parameters"]
    lanes = max(hardware["array.rows"], hardware["array.cols"])
    sizes = {"ring of weight tiles": hardware["wb.tiles"], "accumulators": hardware["acc.rows"],
             "unified buffer": hardware["ub.kib"] * 1024 // (1 << (lanes - 1).bit_length())}
    pieces = [(unit_of(tracks[e["tid"]]), e) for e in events if e["ph"] == "X" and e["cat"] == "cause"]
    for what, size in sizes.items():
        level, values, step = level_of(events, what)
        expect(0 < max(values) <= size and min(values) >= 0, f"{name}: {what} holds {max(values)} of {size}")
        for unit, piece in pieces:
            steps = range(piece["ts"] // step * step, piece["ts"] + piece["dur"], step)
            if unit == "ldw" and piece["name"] == "weights" and what == "ring of weight tiles":
                expect(all(level(at) == size for at in steps), f"{name}: at {piece['ts']} ldw waits, the ring has {[level(at) for at in steps][:3]}")
            if unit == "mxu" and piece["name"] == "busy":
                expect(all(level(at) > 0 for at in steps), f"{name}: at {piece['ts']} rows stream, {what} holds nothing")


def check_tokens(events: Events, instructions: Events, tracks: typing.Dict[int, str], name: str) -> None:
    """An instruction has an arrow for each unit that it waits for, from that unit."""
    waits = {}
    for event in instructions:
        words = dict(word.split("=", 1) for word in event["args"]["text"].split(" ") if "=" in word)
        waits[event["tid"], event["ts"]] = sorted(words["wait"].split(",")) if "wait" in words else []
    begins = {e["id"]: e for e in events if e["ph"] == "s"}
    got: typing.Dict[typing.Tuple[int, int], typing.List[str]] = {place: [] for place in waits}
    for event in events:
        if event["ph"] == "f":
            got[event["tid"], event["ts"]].append(unit_of(tracks[begins[event["id"]]["tid"]]))
    for place, units in waits.items():
        expect(sorted(got[place]) == units, f"{name}: the instruction at {place} waits for {units}, arrows from {got[place]}")


def check_window(folder: pathlib.Path, case: typing.Sequence[typing.Any], whole: dict, result: dict) -> None:
    """A window has the part of the whole that lies in it."""
    cycles = result["totals"]["cycles"]
    _, part, _ = run(folder, case, "--timeline-window", f"{cycles // 3}:{cycles // 2}")
    expect(not trace_events.problems(part), f"window: {trace_events.problems(part)[:2]}")
    begin, end = cycles // 3, cycles // 2
    units: typing.Dict[str, int] = {}
    for key, count in cause_sums(part["traceEvents"]).items():
        units[key.split("_")[0]] = units.get(key.split("_")[0], 0) + count
    expect(units == {unit: end - begin for unit in UNITS}, f"window: {units} cycles, expected {end - begin}")
    clipped: typing.Dict[str, int] = {}
    tracks = tracks_of(whole["traceEvents"])
    for e in whole["traceEvents"]:
        if e["ph"] == "X" and e["cat"] == "cause":
            key = f"{unit_of(tracks[e['tid']])}_{e['name']}"
            inside = min(e["ts"] + e["dur"], end) - max(e["ts"], begin)
            if inside > 0:
                clipped[key] = clipped.get(key, 0) + inside
    expect(clipped == cause_sums(part["traceEvents"]), "window: other causes than the whole has there")
    layer = result["layers"][1]["name"]
    _, of_layer, _ = run(folder, case, "--timeline-window", layer)
    names = [e["name"] for e in of_layer["traceEvents"] if e["ph"] == "X" and e["cat"] == "instruction"]
    wanted = [e["name"] for e in whole["traceEvents"] if e["ph"] == "X" and e["cat"] == "instruction" and
              e["name"].startswith(f"{layer}: ")]
    expect([n for n in names if n.startswith(f"{layer}: ")] == wanted and wanted, f"window: instructions of {layer}")


def breaks(timeline: dict) -> typing.Iterator[typing.Tuple[str, dict]]:
    """Timelines that are wrong on purpose."""
    def changed(what: str, change: typing.Callable[[Events], None]) -> typing.Tuple[str, dict]:
        other = copy.deepcopy(timeline)
        change(other["traceEvents"])
        return what, other

    def first(events: Events, phase: str, number: int = 0, **fields: typing.Any) -> trace_events.Event:
        return [e for e in events if e["ph"] == phase and all(e.get(k) == v for k, v in fields.items())][number]

    yield changed("a time that is no integer", lambda events: first(events, "X").update(ts=0.5))
    yield changed("a time as text", lambda events: first(events, "X").update(ts="0"))
    yield changed("a negative length", lambda events: first(events, "X").update(dur=-1))
    yield changed("a slice of no length", lambda events: first(events, "X").update(dur=0))
    yield changed("a slice without a length", lambda events: first(events, "X").pop("dur"))
    yield changed("a time that is true", lambda events: first(events, "X").update(ts=True))
    yield changed("a slice without a name", lambda events: first(events, "X").update(name=""))
    yield changed("a flow of no category", lambda events: first(events, "s").update(cat=""))
    yield changed("arguments that are no object", lambda events: first(events, "X", cat="instruction").update(args=[1]))
    yield changed("unknown metadata", lambda events: first(events, "M").update(name="colour"))
    yield changed("metadata without a value", lambda events: first(events, "M", name="thread_name").update(args={}))
    yield changed("a flow without an id", lambda events: first(events, "s").pop("id"))
    yield changed("a counter without values", lambda events: first(events, "C").update(args={}))
    yield changed("a counter of words", lambda events: first(events, "C").update(args={"n": "1"}))
    yield changed("an unknown phase", lambda events: first(events, "X").update(ph="Y"))
    yield changed("a slice without a track", lambda events: first(events, "X").pop("tid"))
    yield changed("a track without a name", lambda events: events.remove(first(events, "M", name="thread_name")))
    yield changed("a track with two names", lambda events: events.append(dict(first(events, "M", name="thread_name"))))
    yield changed("a process without a name", lambda events: events.remove(first(events, "M", name="process_name")))
    yield changed("a child that outlives its parent", lambda events: first(events, "X", 3, cat="instruction").update(dur=1))
    yield changed("slices that overlap", lambda events: first(events, "X", 0, cat="layer").update(
        dur=first(events, "X", 0, cat="layer")["dur"] + 1))
    yield changed("slices out of order", lambda events: events.append(dict(first(events, "X", 0, cat="cause"))))
    yield changed("a flow without an end", lambda events: events.remove(first(events, "f")))
    yield changed("a flow without a begin", lambda events: events.remove(first(events, "s")))
    yield changed("two flows of one id", lambda events: first(events, "s", 1).update(id=first(events, "s")["id"]))
    yield changed("a flow that goes back", lambda events: first(events, "s").update(ts=first(events, "f")["ts"] + 1))
    yield changed("a flow that ends in no slice", lambda events: first(events, "f").update(ts=10 ** 9))
    yield changed("a flow that changes its name", lambda events: first(events, "f").update(name="other"))
    yield changed("a flow that binds to the next slice", lambda events: first(events, "f").update(bp="n"))
    yield changed("a counter that goes back", lambda events: first(events, "C", 1).update(ts=first(events, "C", 0)["ts"]))
    yield changed("a counter below zero", lambda events: first(events, "C").update(args={"n": -1}))
    yield changed("a counter of other lines", lambda events: first(events, "C", 1).update(args={"other": 1}))
    yield "no unit of time", {**timeline, "otherData": {}}
    yield "no events", {"displayTimeUnit": "ns"}
    yield "an unknown display unit", {**timeline, "displayTimeUnit": "s"}


def check_cases() -> None:
    for case in CASES:
        name = " ".join(case[:3])
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            data, timeline, result = run(folder, case)
            if case[3]:
                rtl, _, _ = run(folder, case, "--engine", "rtl")
                expect(data == rtl, f"{name}: the engines' files differ")
            found = trace_events.problems(timeline)
            expect(not found, f"{name}: {len(found)} times against the format, first: {found[:1]}")
            check_size(data, timeline["traceEvents"], name)
            check_sums(timeline, result, {"edge-4x4": 8, "edge-16x16": 64}[case[1]], name)
            if case is CASES[0]:
                run(folder, case, "--timeline", str(folder / "t.json.gz"))
                expect(gzip.decompress((folder / "t.json.gz").read_bytes()) == data, f"{name}: compressed it is another file")
                check_window(folder, case, timeline, result)
                for what, wrong in breaks(timeline):
                    expect(bool(trace_events.problems(wrong)), f"the checker does not see {what}")


def main() -> int:
    for path in sys.argv[2:]:
        timeline = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        for problem in trace_events.problems(timeline):
            problems.append(f"{path}: {problem}")
    if len(sys.argv) == 2:
        check_cases()
    for problem in problems[:40]:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
