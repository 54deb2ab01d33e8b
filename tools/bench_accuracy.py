#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many multiplications a second `systole accuracy` does, in float32 and bit-exact (docs/speed.md).

  tools/bench_accuracy.py [NETWORK.onnx...]

Runs the trained networks of the tests on 1,000 images, and each NETWORK (of 3 x 224 x 224 images) on 8 random
ones. One thread; the time is that which the command prints.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

from needs import need

need("numpy")
import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent
SYSTOLE = ROOT / "build/release/bin/systole"
DATA = ROOT / "tests/data"


def result_of(command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def measure(network, data, calib, items):
    run = json.loads(result_of([SYSTOLE, "run", network, "--json", "-"]))
    told = json.loads(result_of([SYSTOLE, "accuracy", network, "--data", data, "--calib", calib, "--limit", items,
                                 "--json", "-"]))
    gmac = run["totals"]["dense_macs"] * items * 1e-9
    seconds = {form["form"]: form["seconds"] for form in told["forms"]}
    print(f"{network.stem:28} {items:6} {gmac:7.2f} " +
          " ".join(f"{seconds[kind]:8.3f} {gmac / seconds[kind]:8.1f}" for kind in ("float32", "int8")), flush=True)


def random_images(folder, items):
    """A data set of noise, of 224 x 224 pixels in three colours."""
    numpy.save(folder / "images.npy", numpy.random.default_rng(1).standard_normal((items, 3, 224, 224), dtype=numpy.float32))
    numpy.save(folder / "labels.npy", numpy.zeros(items, dtype=numpy.uint8))
    (folder / "data.yaml").write_text("images: images.npy\nlabels: labels.npy\n")
    return folder / "data.yaml"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", type=pathlib.Path)
    networks = parser.parse_args().networks
    print(f"{'network':28} {'images':>6} {'GMAC':>7} {'float32 s':>8} {'GMAC/s':>8} {'int8 s':>8} {'GMAC/s':>8}")
    for name in ("lenet", "resnet8"):
        measure(DATA / f"{name}_fmnist.onnx", DATA / f"{name}.yaml", DATA / f"{name}_calib.yaml", 1000)
    with tempfile.TemporaryDirectory() as folder:
        data = random_images(pathlib.Path(folder), 8) if networks else None
        for network in networks:
            measure(network, data, data, 8)


if __name__ == "__main__":
    main()
