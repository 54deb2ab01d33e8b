#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A network of published shape, generated and run whole: no engine differs, every cycle has one layer and one cause.

  network.py SYSTOLE NAME ARCH [--batch N] [--timing] [--nets DIR]

RTL, model and golden executor must agree in everything that `systole cosim` compares, and the outputs must be those of the
quantised graph. --timing leaves the RTL out: cycles and causes of the model alone. Networks come from DIR or are generated there.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def generated(folder, name):
    path = folder / f"{name}.onnx"
    if not path.exists():
        run(sys.executable, ROOT / "tools/gen_models.py", "--only", name, "--out", folder, "--batch", "1")
    return path


def random_input(folder, network, batch):
    dims = [d.dim_value for d in onnx.load(str(network)).graph.input[0].type.tensor_type.shape.dim]
    path = folder / "input.npy"
    numpy.save(path, numpy.random.default_rng(1).standard_normal([batch, *dims[1:]]).astype("float32"))
    return path


def cycle_errors(result):
    """Where cycles are lost or counted twice: layers against the run, causes of each unit against both."""
    layers, total = result["layers"], result["totals"]
    if sum(layer["cycles"] for layer in layers) != total["cycles"]:
        yield "the layers' cycles do not sum to the run's"
    for row in [*layers, total]:
        for unit, causes in row["unit_cycles"].items():
            if sum(causes.values()) != row["cycles"]:
                yield f"{row.get('name', 'the run')}: the causes of {unit} do not sum to {row['cycles']} cycles"
        distance = row["distance"]
        if sum(distance["causes"].values()) != distance["cycles"]:
            yield f"{row.get('name', 'the run')}: the distance to the bound is not the sum of its causes"
    for unit, causes in total["unit_cycles"].items():
        for cause, cycles in causes.items():
            if sum(layer["unit_cycles"][unit].get(cause, 0) for layer in layers) != cycles:
                yield f"{unit} {cause}: the layers do not sum to the run's {cycles} cycles"
    for layer in layers:
        if layer["mac_utilisation"] > 1:
            yield f"{layer['name']}: utilisation above 100 %"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("systole")
    parser.add_argument("name")
    parser.add_argument("arch")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--timing", action="store_true")
    parser.add_argument("--nets", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        network = generated(args.nets or folder, args.name)
        options = ["--arch", args.arch, "--batch", args.batch]
        if not args.timing:
            options += ["--input", random_input(folder, network, args.batch)]
            print(run(args.systole, "cosim", network, *options).splitlines()[-1], flush=True)
        # Without --timing this also compares the outputs with the quantised graph.
        result = json.loads(run(args.systole, "run", network, *options, "--json", "-"))
    errors = list(cycle_errors(result))
    totals = result["totals"]
    print(f"{args.name} on {args.arch}, batch {args.batch}: {totals['cycles']:,} cycles, {len(result['layers'])} layers, "
          f"{totals['cycles'] / totals['layer_reference_cycles']:.3f} times the sum of layer bounds")
    sys.exit("\n".join(errors) or 0)


if __name__ == "__main__":
    main()
