# SPDX-License-Identifier: Apache-2.0
"""The rules of the Trace Event Format (JSON object form, as Perfetto reads it) that a timeline has to keep.

`problems(timeline)` lists what breaks them: phases, fields and their types, names of tracks, order and nesting of the slices of a
track, pairs and ends of flows, counters.
"""
import bisect
import typing

PHASES = {"M", "X", "s", "f", "C"}
METADATA = {"process_name", "process_sort_index", "thread_name", "thread_sort_index"}
NEEDED = {"M": {"name", "pid", "args"}, "X": {"name", "pid", "tid", "ts", "dur"}, "C": {"name", "pid", "ts", "args"},
          "s": {"name", "cat", "id", "pid", "tid", "ts"}, "f": {"name", "cat", "id", "pid", "tid", "ts", "bp"}}
Event = typing.Dict[str, typing.Any]
Track = typing.Tuple[int, int]


def is_count(value: typing.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def field_problems(event: Event) -> typing.Iterator[str]:
    phase = event.get("ph")
    if phase not in PHASES:
        yield f"phase {phase}"
        return
    for key in sorted(NEEDED[phase] - event.keys()):
        yield f"{phase} without {key}"
    for key in ("pid", "tid", "ts", "dur", "id"):
        if key in event and not is_count(event[key]):
            yield f"{key} {event[key]!r} of {phase}"
    if not isinstance(event.get("name"), str) or not event.get("name"):
        yield f"name {event.get('name')!r}"
    if phase in "sf" and not event.get("cat"):
        yield f"{phase} of no category"
    if "args" in event and not isinstance(event["args"], dict):
        yield f"arguments {event['args']!r}"
    if phase == "M" and not event.get("args"):
        yield "metadata without a value"
    if phase == "X" and event.get("dur") == 0:
        yield "a slice of no length"
    if phase == "f" and event.get("bp") != "e":
        yield "a flow that does not end in the slice around it"
    if phase == "M" and event.get("name") not in METADATA:
        yield f"metadata {event.get('name')}"


class Names:
    """Processes and tracks that have a name."""

    def __init__(self, events: typing.Sequence[Event]) -> None:
        self.processes = [event["pid"] for event in events if event["ph"] == "M" and event["name"] == "process_name"]
        self.tracks = [(event["pid"], event["tid"]) for event in events if event["ph"] == "M" and event["name"] == "thread_name"]

    def problems(self, events: typing.Sequence[Event]) -> typing.Iterator[str]:
        for named in (self.processes, self.tracks):
            if len(named) != len(set(named)):
                yield "a name that is given twice"
        used = {(event["pid"], event["tid"]) for event in events if event["ph"] in "Xsf"}
        for track in sorted(used - set(self.tracks)):
            yield f"track {track} has no name"
        for process in sorted({event["pid"] for event in events} - set(self.processes)):
            yield f"process {process} has no name"


def slice_problems(track: Track, slices: typing.Sequence[Event]) -> typing.Iterator[str]:
    """Of one track, in the order of the file."""
    open_ends: typing.List[int] = []
    before = 0
    for event in slices:
        begin, end = event["ts"], event["ts"] + event["dur"]
        if begin < before:
            yield f"track {track}: a slice at {begin} stands behind one at {before}"
        before = begin
        while open_ends and open_ends[-1] <= begin:
            open_ends.pop()
        if open_ends and end > open_ends[-1]:
            yield f"track {track}: the slice at {begin} is cut by the end of another at {open_ends[-1]}"
        open_ends.append(end)


def outermost(slices: typing.Sequence[Event]) -> typing.List[typing.Tuple[int, int]]:
    """Begins and ends of the slices of one track that lie in no other, in order."""
    spans: typing.List[typing.Tuple[int, int]] = []
    for event in slices:
        if not spans or event["ts"] >= spans[-1][1]:
            spans.append((event["ts"], event["ts"] + event["dur"]))
    return spans


def flow_problems(events: typing.Sequence[Event], slices: typing.Dict[Track, typing.List[Event]]) -> typing.Iterator[str]:
    """Each id begins once and ends once, later, in slices that are there."""
    ends: typing.Dict[int, typing.Dict[str, typing.List[Event]]] = {}
    for event in events:
        if event["ph"] in "sf":
            ends.setdefault(event["id"], {"s": [], "f": []})[event["ph"]].append(event)
    spans = {track: outermost(of_it) for track, of_it in slices.items()}
    for number, both in ends.items():
        if len(both["s"]) != 1 or len(both["f"]) != 1:
            yield f"flow {number} has {len(both['s'])} begins and {len(both['f'])} ends"
            continue
        begin, end = both["s"][0], both["f"][0]
        if (begin["name"], begin["cat"]) != (end["name"], end["cat"]):
            yield f"flow {number} changes its name"
        if begin["ts"] > end["ts"]:
            yield f"flow {number} goes back in time"
        for event in (begin, end):
            of_track = spans.get((event["pid"], event["tid"]), [])
            last = bisect.bisect_right(of_track, (event["ts"], float("inf"))) - 1
            if last < 0 or of_track[last][1] <= event["ts"]:
                yield f"flow {number} has no slice at {event['ts']}"


def counter_problems(events: typing.Sequence[Event]) -> typing.Iterator[str]:
    last: typing.Dict[typing.Tuple[int, str], Event] = {}
    for event in events:
        if event["ph"] != "C":
            continue
        key = (event["pid"], event["name"])
        if not event["args"] or not all(is_count(value) for value in event["args"].values()):
            yield f"counter {key} has {event['args']}"
        before = last.get(key)
        if before and before["ts"] >= event["ts"]:
            yield f"counter {key} goes back in time at {event['ts']}"
        if before and before["args"].keys() != event["args"].keys():
            yield f"counter {key} changes its lines"
        last[key] = event


def problems(timeline: typing.Any) -> typing.List[str]:
    if not isinstance(timeline, dict) or not isinstance(timeline.get("traceEvents"), list):
        return ["no object with a list traceEvents"]
    events = timeline["traceEvents"]
    if timeline.get("displayTimeUnit") not in ("ms", "ns"):
        return [f"displayTimeUnit {timeline.get('displayTimeUnit')!r}"]
    found = [problem for event in events for problem in field_problems(event)]
    if "1 us is one cycle" not in timeline.get("otherData", {}).get("time", ""):
        found.append("the unit of time is not told")
    if found:
        return found
    slices: typing.Dict[Track, typing.List[Event]] = {}
    for event in events:
        if event["ph"] == "X":
            slices.setdefault((event["pid"], event["tid"]), []).append(event)
    found += Names(events).problems(events)
    for track, of_it in slices.items():
        found += slice_problems(track, of_it)
    return found + list(flow_problems(events, slices)) + list(counter_problems(events))
