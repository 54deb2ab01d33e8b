#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Data sets that are larger than memory: `systole accuracy` and a sweep read them item by item.

  large_data.py SYSTOLE       exit code 1 if anything is wrong, each with a line

Every run has a limit on the memory that it may write to. One data set is a file of 8 GiB, nearly all of it a hole, of
which the first items are taken; another one is taken whole and has more bytes as float32 than the limit leaves.
"""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import typing

import numpy as np
import onnx
from numpy.lib import format as npy_format
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
LIMIT = 192 << 20
problems: typing.List[str] = []


def expect(good: bool, what: str) -> None:
    if not good:
        problems.append(what)


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))


def told(*arguments: typing.Any) -> typing.Dict[str, typing.Any]:
    done = subprocess.run([sys.argv[1], "accuracy", *map(str, arguments), "--json", "-"], capture_output=True, text=True,
                          check=False, preexec_fn=limited)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, arguments))}\nexit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def sparse_npy(path: pathlib.Path, items: np.ndarray, count: int) -> None:
    """`count` items, the first of which are `items`; all others are a hole."""
    with open(path, "wb") as file:
        header = {"descr": npy_format.dtype_to_descr(items.dtype), "fortran_order": False,
                  "shape": (count, *items.shape[1:])}
        npy_format.write_array_header_1_0(file, header)
        start = file.tell()
        file.write(items.tobytes())
        file.truncate(start + count * items[0].nbytes)


def without_seconds(result: typing.Dict[str, typing.Any]) -> typing.Dict[str, typing.Any]:
    for row in result["forms"]:
        del row["seconds"]
    del result["data"]
    return result


def check_first_items(folder: pathlib.Path) -> None:
    images, labels = (np.load(DATA / f"fmnist_test_{what}_u8.npy") for what in ("images", "labels"))
    count = (8 << 30) // images[0].nbytes
    sparse_npy(folder / "images.npy", images[:60], count)
    sparse_npy(folder / "labels.npy", labels[:60], count)
    (folder / "large.yaml").write_text("images: images.npy\nlabels: labels.npy\nscale: 1/255\n", encoding="utf-8")
    common = [DATA / "lenet_fmnist.onnx", "--calib", DATA / "lenet_calib.yaml", "--limit", 60, "--layers"]
    found = without_seconds(told(*common, "--data", folder / "large.yaml"))
    expect(found == without_seconds(told(*common, "--data", DATA / "lenet.yaml")), "other figures of a large file")
    expect(found["forms"][0]["items"] == 60, "another number of items")


def check_all_items(folder: pathlib.Path) -> None:
    count, width = 60_000, 1024
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (count, width), dtype=np.uint8)
    np.save(folder / "x.npy", pixels)
    weights = random.normal(size=(width, 4)).astype(np.float32)
    np.save(folder / "y.npy", (pixels.astype(np.float32) @ weights).argmax(1).astype(np.uint8))
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"], name="head")], "head",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, width])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
                              [numpy_helper.from_array(weights, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(folder / "head.onnx"))
    (folder / "x.yaml").write_text("images: x.npy\nlabels: y.npy\n", encoding="utf-8")
    np.save(folder / "few.npy", pixels[:50])
    (folder / "few.yaml").write_text("images: few.npy\n", encoding="utf-8")
    expect(pixels.size * 4 > LIMIT, "the test's own data is small")
    forms = told(folder / "head.onnx", "--data", folder / "x.yaml", "--calib", folder / "few.yaml")["forms"]
    expect([row["items"] for row in forms] == [count, count], f"items of {forms}")
    expect(forms[0]["value"] > 0.999 and 0.95 < forms[1]["value"] < 1, f"values of {forms}")


with tempfile.TemporaryDirectory() as name:
    check_first_items(pathlib.Path(name))
    check_all_items(pathlib.Path(name))
for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
