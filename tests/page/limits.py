#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The first sentence of a report names what holds a run up, in runs where that is known.

Usage: limits.py SYSTOLE. Each run is made so that one part of the machine must be the limit; the sentence has to begin with
it, and to name figures of the result.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from browser import page_data

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
RESNET8, LENET, MLP = (str(DATA / f"{name}_fmnist.onnx") for name in ("resnet8", "lenet", "mlp"))
NO_LIBRARY = "no plotting library"


def save(path: pathlib.Path, nodes, weights: dict, shape: list[int], output: str) -> str:
    """A network of float32 `nodes` from x, of `shape`, to `output`."""
    random = np.random.default_rng(1)
    initial = [numpy_helper.from_array(random.normal(size=size).astype(np.float32), name) for name, size in weights.items()]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "g", [value("x", TensorProto.FLOAT, shape)], [value(output, TensorProto.FLOAT, None)], initial)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(onnx.shape_inference.infer_shapes(model), str(path))
    return str(path)


def networks(folder: pathlib.Path) -> dict[str, str]:
    """Networks that load one part of the machine: large windows, depthwise convolutions, forty tiny layers."""
    pool = [helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=[1, 1]),
            helper.make_node("MaxPool", ["a"], ["y"], kernel_shape=[5, 5], pads=[2] * 4)]
    depthwise = [helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3], pads=[1] * 4, group=64)]
    tensors = ["x"] + [f"a{i}" for i in range(40)]
    chain = [helper.make_node("Conv", [tensors[i], f"w{i}"], [tensors[i + 1]], kernel_shape=[1, 1]) for i in range(40)]
    return {
        "pool": save(folder / "pool.onnx", pool, {"w": (16, 16, 1, 1)}, [1, 16, 32, 32], "y"),
        "depthwise": save(folder / "depthwise.onnx", depthwise, {"w": (64, 1, 3, 3)}, [1, 64, 32, 32], "y"),
        "chain": save(folder / "chain.onnx", chain, {f"w{i}": (4, 4, 1, 1) for i in range(40)}, [1, 4, 1, 1], tensors[-1]),
    }


def cases(net: dict[str, str]):
    """(what was done, options of run, name of the limit, how the sentence begins)."""
    slow = ["--set", "memory.bytes_per_cycle=4"]
    sparse = ["--prune", "nm:2:4", "--set", "sparsity.structured=1"]
    return [
        ("a network that fits", [RESNET8], "products", "The products of the 16x16 array"),
        ("2:4 on", [RESNET8, *sparse], "products", "The products of the 16x16 array"),
        ("bandwidth cut", [RESNET8, "--set", "memory.bytes_per_cycle=1"], "bandwidth",
         "The bandwidth bounds this run: the memory (ideal)"),
        ("2:4 on, bandwidth cut", [RESNET8, *sparse, "--set", "memory.bytes_per_cycle=1"], "bandwidth",
         "The bandwidth bounds this run: the memory (ideal)"),
        ("bus narrowed", [MLP, "--set", "axi.data_bits=32"], "bandwidth", "The bandwidth bounds this run: the bus of 32 bits"),
        ("array doubled twice", [LENET, "--set", "array.rows=64", "--set", "array.cols=64"], "unfilled array",
         "The unfilled array bounds this run"),
        ("buffer of 32 KiB", [RESNET8, *slow, "--set", "ub.kib=32"], "products", "The products of the 16x16 array"),
        ("buffer halved", [RESNET8, *slow, "--set", "ub.kib=16"], "buffers", "The buffers bound this run"),
        ("batch 1 of an MLP", [MLP], "weight entry", "The entry of weights into the array bounds this run"),
        ("batch 1 of an MLP, bandwidth cut", [MLP, *slow], "bandwidth", "The bandwidth bounds this run: the memory (ideal)"),
        ("batch 64 of an MLP", [MLP, "--batch", "64"], "products", "The products of the 16x16 array"),
        ("latency of 3,000 cycles", [LENET, "--set", "memory.latency_cycles=3000"], "memory latency",
         "The latency of the memory bounds this run"),
        ("large windows", [net["pool"]], "vector unit", "The vector unit bounds this run"),
        ("depthwise", [net["depthwise"]], "unfilled array", "The unfilled array bounds this run"),
        ("forty tiny layers", [net["chain"]], "hand-over", "The hand-over between instructions bounds this run"),
    ]


def numbers(text: str) -> set[float]:
    return {float(word.replace(",", "")) for word in re.findall(r"\d[\d,]*\.?\d*", text)}


def check_figures(sentence: dict, result: dict) -> list[str]:
    """Figures of a sentence are those of the result, and whole ones stand in the text as they are."""
    problems = []
    for pointer, value in sentence["figures"].items():
        found = result
        for part in pointer.strip("/").split("/"):
            found = found[int(part)] if isinstance(found, list) else found[part]
        if found != value:
            problems.append(f"{pointer} is {found}, the sentence has {value}")
    cycles = sentence["figures"].get("/totals/cycles")
    if cycles is not None and float(cycles) not in numbers(sentence["text"]):
        problems.append(f"{cycles} cycles are not in the text")
    return problems


def main(systole: str) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        every = cases(networks(folder))
        for what, options, limit, begins in every:
            run = subprocess.run([systole, "run", *options, "-o", folder / "out"], capture_output=True, text=True, check=False)
            if run.returncode != 0:
                sys.exit(f"{what}: {run.stderr}")
            page = folder / "page.html"
            report = subprocess.run([systole, "report", folder / "out", "-o", page], capture_output=True, text=True, check=False)
            if NO_LIBRARY in report.stderr:
                print(report.stderr)
                return 77
            if report.returncode != 0:
                sys.exit(f"{what}: {report.stderr}")
            data = page_data(page)
            first = data["answer"][0]
            problems = check_figures(first, data["result"])
            if data["limit"] != limit:
                problems.append(f"the limit is {data['limit']}, expected {limit}")
            if not first["text"].startswith(begins):
                problems.append(f"expected a sentence that begins with '{begins}'")
            for problem in problems:
                print(f"{what}: {problem}\n  {first['text']}")
            failed += bool(problems)
    print(f"{len(every) - failed} of {len(every)} limits named")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
