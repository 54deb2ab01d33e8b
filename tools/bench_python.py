#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the Python package: a cost that was asked before, and `predict` against the executor alone.

Usage: PYTHONPATH=python SYSTOLE_PROGRAM=build/release/bin/systole tools/bench_python.py

The executor's own speed is what `systole accuracy` prints for the same images, without reading them. Both take turns; the
best of each counts. The 1,000 images of the tests are taken ten times, as that prints tenths of a second.
"""
import pathlib
import re
import subprocess
import tempfile
import time

from needs import need

need("numpy")
import numpy as np

import systole
from systole._program import find_program

DATA = pathlib.Path(__file__).resolve().parents[1] / "tests/data"
TURNS = 3
TIMES = 10


def executor_seconds(folder, name):
    """Of float32 it knows too; that is run before, and has a row of its own."""
    for what in ("images", "labels"):
        data = np.load(DATA / f"fmnist_test_{what}_u8.npy")
        np.save(folder / f"{what}.npy", np.concatenate([data] * TIMES))
    recipe = (DATA / f"{name}.yaml").read_text().replace("fmnist_test_images_u8", "images").replace("fmnist_test_labels_u8", "labels")
    (folder / "data.yaml").write_text(recipe)
    command = [find_program(), "accuracy", DATA / f"{name}_fmnist.onnx", "--data", folder / "data.yaml", "--calib", DATA / f"{name}_calib.yaml"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"^int8 .* in ([\d.]+) s", told, re.M)[1])


def images(name):
    pixels = np.load(DATA / "fmnist_test_images_u8.npy")
    if name == "resnet8":
        pixels = np.pad(pixels, ((0, 0), (2, 2), (2, 2)))
    pixels = np.concatenate([pixels] * TIMES)
    data = (pixels / 255).astype(np.float32)[:, None]
    return np.ascontiguousarray(data.repeat(3, axis=1)) if name == "resnet8" else data


def main():
    arch = systole.Arch("edge-16x16")
    layer = systole.conv(64, 64, 56, 56, 3, padding=1)
    started = time.perf_counter()
    systole.cost(layer, arch)
    first = time.perf_counter() - started
    seconds = []
    for _ in range(10_000):
        started = time.perf_counter()
        systole.cost(layer, arch)
        seconds.append(time.perf_counter() - started)
    print(f"cost: the first time {1e3 * first:.0f} ms, again {1e6 * np.median(seconds):.1f} us, at most {1e6 * max(seconds):.0f} us")
    systole._layers._costs.clear()
    started = time.perf_counter()
    systole.cost(layer, arch)
    print(f"cost: that the worker alone remembers {1e3 * (time.perf_counter() - started):.2f} ms")
    network = systole.load(DATA / "resnet8_fmnist.onnx", calibration=DATA / "resnet8_calib.yaml")
    program = systole.compile(network, arch)
    data = images("resnet8")
    program.predict(data[:10])
    own, one, all_ = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(TURNS):
            own.append(executor_seconds(pathlib.Path(folder), "resnet8"))
            for seconds, jobs in ((one, 1), (all_, None)):
                started = time.perf_counter()
                program.predict(data, jobs=jobs)
                seconds.append(time.perf_counter() - started)
    print(
        f"predict: {len(data):,} images of ResNet-8 in {min(one):.2f} s, the executor alone {min(own):.1f} s: "
        f"{min(own) / min(one):.2f} of its speed; by all processors {min(all_):.2f} s"
    )


if __name__ == "__main__":
    main()
