#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`systole run --graph` writes a model that ONNX's own checker takes, whose nodes have the figures of result.json.

  compiled_graph.py SYSTOLE       exit code 1 if anything is wrong, each with a line
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import typing

import onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNS = [("lenet_fmnist.onnx", []), ("resnet8_fmnist.onnx", ["--memory", "ddr4-2400"]), ("quantised/lenet_qdq_u8s8_perchannel.onnx", []),
        ("sequence/vit_fmnist_qdq.onnx", ["--host-fallback"])]
problems: typing.List[str] = []


def expect(good: bool, what: str) -> None:
    if not good:
        problems.append(what)


def attributes(node: onnx.NodeProto) -> typing.Dict[str, typing.Any]:
    found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return {key: value.decode() if isinstance(value, bytes) else value for key, value in found.items()}


def check_run(folder: pathlib.Path, network: str, options: typing.Sequence[str]) -> None:
    command = [sys.argv[1], "run", str(ROOT / "tests/data" / network), "--arch", "edge-16x16", *options, "--graph",
               str(folder / "g.onnx"), "--json", str(folder / "r.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nexit code {done.returncode}\n{done.stderr}")
    model = onnx.load(str(folder / "g.onnx"))
    onnx.checker.check_model(model)  # fields, names, and the order of nodes
    result = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    nodes = {node.name: attributes(node) for node in model.graph.node if node.domain == "systole"}
    shown = {name: figures for name, figures in nodes.items() if "cycles" in figures}
    layers = {layer["name"]: layer for layer in result["layers"]}
    expect(shown.keys() == layers.keys(), f"{network}: layers {sorted(shown.keys() ^ layers.keys())[:3]} are on one side alone")
    for name, figures in shown.items():
        layer = layers.get(name, {})
        bounds = layer["lower_bound_cycles"]
        expect(figures["cycles"] == layer["cycles"], f"{network}: cycles of {name}")
        expect(figures["bound_cycles"] == max(bounds[key] for key in ("mxu", "vpu", "memory")) == bounds[figures["bound"]],
               f"{network}: bound of {name}")
        expect(figures["largest_stall"] == layer["largest_stall"], f"{network}: stall of {name}")
        expect(figures["dram_bytes"] == layer["dram_bytes"]["total"], f"{network}: bytes of {name}")
        expect(figures["kind"] == layer["operator"], f"{network}: kind of {name}")
    about = {entry.key: entry.value for entry in model.metadata_props}
    cycles = result["totals"]["cycles"]
    expect(sum(figures["cycles"] for figures in shown.values()) == cycles == int(about["systole.cycles"]), f"{network}: total")
    hosts = [node for node in model.graph.node if node.op_type == "HostStage"]
    stages = result.get("host_fallback", {}).get("stages", [])
    expect(len(hosts) == sum(stage.get("cycles") is None for stage in stages), f"{network}: {len(hosts)} stages of the host")
    original = onnx.load(str(ROOT / "tests/data" / network), load_external_data=False)
    constants = {tensor.name for tensor in original.graph.initializer}
    for side in ("input", "output"):
        wanted = [value.name for value in getattr(original.graph, side) if value.name not in constants]
        expect([value.name for value in getattr(model.graph, side)] == wanted, f"{network}: {side}s")


def main() -> int:
    runs = [run for run in RUNS if (ROOT / "tests/data" / run[0]).exists()]
    for network, options in runs:
        with tempfile.TemporaryDirectory() as folder:
            check_run(pathlib.Path(folder), network, options)
    for problem in problems[:40]:
        print(problem)
    print(f"{len(runs)} networks, {len(problems)} problems")
    return 1 if problems or len(runs) < 3 else 0


if __name__ == "__main__":
    sys.exit(main())
