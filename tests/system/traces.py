#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The traces of `systole run` hold what they say: both engines write the same bytes, sums are those of the counters, DRAM commands
keep the rules of docs/memory.md, and other simulators' forms have the same accesses.

  traces.py SYSTOLE       exit code 1 if anything is wrong, each with a line
"""
import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

import dram_rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
NETWORK = str(ROOT / "tests/data/lenet_fmnist.onnx")
# Memories, and changes that make the rules of each matter; two of them have several channels.
MEMORIES = [("ideal", []), ("random", []), ("ddr4-2400", []), ("ddr4-2400", ["memory.mapping=RoBaBgCoCh"]),
            ("ddr5-4800", []), ("lpddr4-3200", ["memory.mapping=RoCoBaBgCh"])]
# Its buffer is so small that it writes a lot; for the model alone, as the RTL takes longer.
WRITER = str(ROOT / "tests/data/resnet8_fmnist.onnx")
WRITERS = [("ddr4-2400", ["ub.kib=4"]), ("ddr5-4800", ["ub.kib=4"])]
Rows = typing.List[typing.Dict[str, str]]
problems: typing.List[str] = []


def expect(good: bool, what: str) -> None:
    if not good:
        problems.append(what)


def systole(*words: str) -> str:
    done = subprocess.run([sys.argv[1], *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"systole {' '.join(words)}\nexit code {done.returncode}\n{done.stderr}")
    return done.stdout


def read_table(path: pathlib.Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("# ")))


def memory_keys(settings: typing.Sequence[str]) -> typing.Dict[str, int]:
    text = systole("archs", "show", "edge-4x4", *settings)
    return {key: int(value) for key, value in re.findall(r"^  (\w+): (\d+)(?:$| )", text[text.index("\nmemory:"):], re.M)}


def check_requests(rows: Rows, result: dict, name: str) -> None:
    counters = result["counters"]
    sums = {"instructions": 0, "activations": 0, "params": 0, "weights": 0, "outputs": 0}
    last = {"read": -1, "write": -1}
    before = (-1, "")
    layers = {layer["name"] for layer in result["layers"]}
    for row in rows:
        request, accept, first, end = (int(row[f"{key}_cycle"]) for key in ("request", "accept", "first_beat", "last_beat"))
        direction = row["direction"]
        expect(before < (request, direction), f"{name}: requests are not in order at cycle {request}")
        before = (request, direction)
        expect(request <= accept < first <= end and first > last[direction] and end - first >= int(row["beats"]) - 1,
               f"{name}: cycles of the request of {request}")
        last[direction] = end
        sums[row["class"]] += int(row["bytes"])
        expect(row["layer"] in layers, f"{name}: no layer {row['layer']}")
        expect((row["class"] == "outputs") == (direction == "write"), f"{name}: a {direction} of {row['class']}")
    for kind, total in sums.items():
        counter = "write_bytes" if kind == "outputs" else f"read_bytes_{kind}"
        expect(total == counters[counter], f"{name}: {total} bytes of {kind}, {counter} is {counters[counter]}")
    for direction in ("read", "write"):
        of_it = [row for row in rows if row["direction"] == direction]
        expect(len(of_it) == counters[f"{direction}_bursts"], f"{name}: {direction} bursts")
        expect(sum(int(row["beats"]) for row in of_it) == counters[f"{direction}_beats"], f"{name}: {direction} beats")
    memory = result["totals"]["memory"]
    for key in ("row_hits", "row_misses", "row_conflicts") if "row_hits" in memory else ():
        expect(sum(int(row[key]) for row in rows) == memory[key], f"{name}: {key}")


def check_retired(rows: Rows, requests: Rows, result: dict, name: str) -> None:
    by_unit: typing.Dict[str, typing.List[typing.Dict[str, str]]] = {}
    for row in rows:
        fetched, dispatched, start, end = (int(row[f"{key}_cycle"]) for key in ("fetch", "dispatch", "start", "end"))
        # A burst's bytes are usable in the cycle after; a step, IR, DR; a head is seen, taken, its ports acquired.
        expect(fetched + 1 + 2 <= dispatched and dispatched + 3 <= start <= end, f"{name}: cycles of instruction {row['pc']}")
        by_unit.setdefault(row["unit"], []).append(row)
    expect([(int(row["end_cycle"])) for row in rows] == sorted(int(row["end_cycle"]) for row in rows), f"{name}: order")
    for unit in ("lda", "ldw", "mxu", "vpu", "sto"):
        mine = by_unit.get(unit, [])
        expect(len(mine) == result["counters"][f"retired_{unit}"], f"{name}: retired of {unit}")
        expect(all(int(a["pc"]) < int(b["pc"]) for a, b in zip(mine, mine[1:])), f"{name}: {unit} is not in order")
    work = {int(row["pc"]): (int(row["start_cycle"]), int(row["end_cycle"])) for row in rows}
    for row in requests:
        if row["unit"] != "fetch":
            start, end = work[int(row["pc"])]
            expect(start < int(row["request_cycle"]) <= end + 1, f"{name}: a burst outside of its instruction {row['pc']}")


def commands_of(path: pathlib.Path) -> typing.Dict[int, typing.List[dram_rules.Command]]:
    channels: typing.Dict[int, typing.List[dram_rules.Command]] = {}
    for row in read_table(path):
        group, bank, line = (int(row[key]) if row[key] else None for key in ("bank_group", "bank", "row"))
        channels.setdefault(int(row["channel"]), []).append((int(row["ps"]), row["command"], group, bank, line))
    return channels


def check_commands(path: pathlib.Path, settings: typing.Sequence[str], result: dict, name: str) -> typing.Set[str]:
    """Returns the rules that some commands meet to the picosecond."""
    ddr = memory_keys(settings)
    channels = commands_of(path)
    expect(len(channels) == ddr["channels"], f"{name}: {len(channels)} channels")
    memory = result["totals"]["memory"]
    columns = activates = refreshes = 0
    met: typing.Set[str] = set()
    for commands in channels.values():
        expect(dram_rules.broken_rule(commands, ddr) is None, f"{name}: commands break {dram_rules.broken_rule(commands, ddr)}")
        # The checker would see it: of each rule that is met exactly somewhere, the later command a picosecond earlier.
        pairs = dram_rules.tight_pairs(commands, ddr)
        expect({"tRCD", "tCCD_L"} <= pairs.keys(), f"{name}: only {sorted(pairs)} are ever met exactly")
        met.update(pairs)
        for rule, (_, later) in pairs.items():
            early = list(commands[max(later - 60, 0):later + 1])
            early[-1] = (early[-1][0] - 1, *early[-1][1:])
            early.sort(key=lambda command: command[0])
            expect(dram_rules.broken_distance(early, ddr) is not None, f"{name}: {rule} is not seen broken")
        used = [command for command in commands if command[1] in ("RD", "WR")]
        columns += len(used)
        activates += sum(command[1] == "ACT" for command in commands)
        refreshes += sum(command[1].startswith("REF") and command[0] < used[-1][0] for command in commands)
        without = [command for command in commands if command[1] != "ACT"]
        expect(dram_rules.broken_rule(without, ddr) == "row not open", f"{name}: reads of closed rows are not seen")
        idle = [command for command in commands if not command[1].startswith("REF")]
        expect(dram_rules.broken_rule(idle, ddr) == "tREFI", f"{name}: missing refreshes are not seen")
    expect(columns == sum(memory[key] for key in ("row_hits", "row_misses", "row_conflicts")), f"{name}: column commands")
    expect(activates == memory["row_misses"] + memory["row_conflicts"], f"{name}: activates")
    expect(refreshes == memory["refreshes"], f"{name}: {refreshes} refreshes, {memory['refreshes']} in the result")
    return met


def check_forms(folder: pathlib.Path, memory: typing.Sequence[str], requests: Rows, access: int, name: str) -> None:
    """The accesses of Ramulator's and DRAMSys' forms are those of the requests, in their order."""
    wanted = []
    for row in requests:
        first = int(row["address"], 16) // 8 * 8  # the bus has 64 bits
        for address in range(first // access * access, first + 8 * int(row["beats"]), access):
            wanted.append((row["request_cycle"], row["direction"], address))
    for form, line in (("ramulator2", r"(LD|ST) 0x([0-9a-f]+)"), ("dramsys", r"(\d+): \((\d+)\) (read|write) 0x([0-9a-f]+)")):
        path = folder / form
        systole("run", NETWORK, "--arch", "edge-4x4", *memory, "--dram-trace", str(path), "--dram-trace-format", form)
        lines = [text for text in path.read_text(encoding="utf-8").splitlines() if not text.startswith("# ")]
        found = [re.fullmatch(line, text) for text in lines]
        if not expect_all(found, f"{name}: a line of {form}"):
            continue
        if form == "ramulator2":
            got = [({"LD": "read", "ST": "write"}[m[1]], int(m[2], 16)) for m in found]
            expect(got == [access[1:] for access in wanted], f"{name}: the accesses for {form}")
        else:
            got = [(m[1], m[3], int(m[4], 16)) for m in found]
            expect(got == wanted and all(int(m[2]) == access for m in found), f"{name}: the accesses for {form}")


def expect_all(found: typing.Sequence[object], what: str) -> bool:
    expect(all(found), what)
    return all(found)


def check_drampower(folder: pathlib.Path, memory: typing.Sequence[str], settings: typing.Sequence[str], name: str) -> None:
    """A file a channel with the same commands in whole clocks, rounded up."""
    ddr = memory_keys(settings)
    systole("run", NETWORK, "--arch", "edge-4x4", *memory, "--dram-commands", str(folder / "power.csv"),
            "--dram-commands-format", "drampower")
    # A column access to the same group takes whole clocks: their length follows from the first two activates of the presets.
    clock = {"ddr4-2400": 1e6 / 1200, "ddr5-4800": 1e6 / 2400, "lpddr4-3200": 1e6 / 1600}[memory[1]]
    for channel, commands in commands_of(folder / "model-commands").items():
        several = ddr["channels"] > 1
        path = folder / (f"power-ch{channel}.csv" if several else "power.csv")
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        expect(rows[-1][1] == "END" and len(rows) == len(commands) + 1, f"{name}: {path.name} has {len(rows)} lines")
        times = [int(row[0]) for row in rows]
        expect(times == sorted(times), f"{name}: {path.name} is not in order")
        for row, (ps, command, group, bank, line) in zip(rows, commands):
            place = [0, group or 0, (group or 0) * ddr["banks"] + (bank or 0), line or 0]
            expect(row[1] == command and [int(value) for value in row[2:6]] == place, f"{name}: {path.name}: {row[:6]}")
            expect(0 <= int(row[0]) * clock - ps < clock + 0.01, f"{name}: {path.name}: clock {row[0]} for {ps} ps")
            expect((len(row) == 8) == (command in ("RD", "WR")), f"{name}: {path.name}: data of {command}")


def check_memory(folder: pathlib.Path, memory: str, changes: typing.Sequence[str]) -> None:
    name = "+".join([memory, *changes])
    is_ddr = memory not in ("ideal", "random")
    options = ["--memory", memory, *(word for change in changes for word in ("--set", change))]
    settings = [word for change in ["memory.kind=ddr", f"memory.preset={memory}", *changes] for word in ("--set", change)]
    files = ["requests", "retired"] + (["commands"] if is_ddr else [])
    for engine in ("model", "rtl"):
        traces = ["--dram-trace", str(folder / f"{engine}-requests"), "--retire-log", str(folder / f"{engine}-retired")]
        if is_ddr:
            traces += ["--dram-commands", str(folder / f"{engine}-commands")]
        systole("run", NETWORK, "--arch", "edge-4x4", "--engine", engine, *options, *traces, "--json",
                str(folder / f"{engine}.json"))
    for file in files:
        model, rtl = ((folder / f"{engine}-{file}").read_bytes() for engine in ("model", "rtl"))
        expect(model == rtl and len(model) > 1000, f"{name}: {file} of the engines differ")
    result = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    requests = read_table(folder / "model-requests")
    check_requests(requests, result, name)
    check_retired(read_table(folder / "model-retired"), requests, result, name)
    access = memory_keys(settings)["access_bytes"] if is_ddr else 64
    check_forms(folder, options, requests, access, name)
    if is_ddr:
        check_commands(folder / "model-commands", settings, result, name)
        check_drampower(folder, options, settings, name)


def check_writer(folder: pathlib.Path, memory: str, changes: typing.Sequence[str]) -> None:
    name = "+".join([memory, *changes])
    changed = [word for change in changes for word in ("--set", change)]
    systole("run", WRITER, "--arch", "edge-4x4", "--memory", memory, *changed, "--dram-trace", str(folder / "requests"),
            "--dram-commands", str(folder / "commands"), "--json", str(folder / "json"))
    result = json.loads((folder / "json").read_text(encoding="utf-8"))
    check_requests(read_table(folder / "requests"), result, name)
    met = check_commands(folder / "commands", ["--set", "memory.kind=ddr", "--set", f"memory.preset={memory}"], result, name)
    expect({"read to write", "tWTR_S", "tWR", "tRP", "tRAS", "tRTP"} <= met, f"{name}: only {sorted(met)} are met exactly")


def main() -> int:
    for check, memories in ((check_memory, MEMORIES), (check_writer, WRITERS)):
        for memory, changes in memories:
            with tempfile.TemporaryDirectory() as folder:
                check(pathlib.Path(folder), memory, changes)
    for problem in problems[:40]:
        print(problem)
    print(f"{len(MEMORIES + WRITERS)} memories, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
