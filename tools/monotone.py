#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""More never costs: whether cycles rise where a resource grows or a network shrinks (docs/quality.md).

For each network, array and memory one axis at a time goes up from the stock machine's values, and cycles are held
against the fewest that any poorer point of the axis took:

  buffers   ub.kib, acc.rows, wb.tiles, pb.rows
  queues    queue.depth, axi.outstanding, axi.burst_beats
  pruning   zeros, stored as they are, as a mask, two of four
  widths    weights and activations of fewer bits
  batch     a batch, against as many halves of it

Prints every rise above --show, the counts of each axis, and what misses its goal; exit code 1 if anything does.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

import quality

ROOT = pathlib.Path(__file__).resolve().parent.parent
TRAINED = ["lenet_fmnist", "resnet8_fmnist"]
NETWORKS = TRAINED + ["mlperf_tiny_ds_cnn", "mlperf_tiny_mobilenet_v1_025_96", "mobilenet_v2", "resnet18"]
ARRAYS = ["edge-16x16", "edge-32x32"]
MEMORIES = {"ideal-8B": ["memory.kind=ideal", "memory.gb_per_s=8"], "ddr4-2400": ["memory.kind=ddr", "memory.preset=ddr4-2400"]}
# Axes of hardware: values from poorer to richer. What an array cannot have is refused and left out.
HARDWARE = {
    "buffers": {"ub.kib": [64, 128, 256, 512, 1024], "acc.rows": [128, 256, 512, 1024, 2048], "wb.tiles": [2, 4, 8, 16],
                "pb.rows": [16, 32, 64, 128]},
    "queues": {"queue.depth": [2, 4, 8, 16], "axi.outstanding": [1, 2, 4, 8, 16], "axi.burst_beats": [1, 2, 4, 8, 16]},
}
WIDTHS = [(8, 8), (8, 4), (8, 2), (4, 8), (2, 8), (4, 4), (2, 2)]  # weights, activations
PRUNINGS = ["none", "unstructured:0.5", "unstructured:0.8", "nm:2:4", "channel:0.5"]
BATCHES = [1, 2, 4, 8]
GOALS = {"buffers": 0.005, "queues": 0.02, "pruning": 0.005, "widths": 0.005, "batch": 0.005}

Rise = collections.namedtuple("Rise", "share axis where before after")


def points():
    """(axis group, axis, place on the axis, network, array, memory, point of the sweep)."""
    for memory, keys in MEMORIES.items():
        for array in ARRAYS:
            base = dict(key.split("=") for key in keys)
            for group, axes in HARDWARE.items():
                for key, values in axes.items():
                    for value in values:
                        yield group, key, value, array, memory, {"set": {**base, key: value}}
            for value in PRUNINGS:
                yield "pruning", "prune", value, array, memory, {"set": {**base, "sparsity.bitmask": 1, "sparsity.structured": 1},
                                                                 "prune": value}
            for value in WIDTHS:
                yield "widths", "widths", value, array, memory, {"set": {**base, "precision.weight_bits": 2, "precision.activation_bits": 2},
                                                                 "widths": value}
            for value in BATCHES:
                yield "batch", "batch", value, array, memory, {"set": base, "batch": value}


def command(systole, network, array, point):
    weights, activations = point.get("widths", (8, 8))
    return [str(systole), "run", str(network), "--arch", array, "--json", "-", "--weights", str(weights), "--activations",
            str(activations), "--batch", str(point.get("batch", 1)),
            *(["--prune", point["prune"]] if point.get("prune", "none") != "none" else []),
            *[part for key, value in point["set"].items() for part in ("--set", f"{key}={value}")]]


def poorer(axis, value):
    """The values of the axis that nothing richer than `value` is among."""
    if axis == "widths":
        return [w for w in WIDTHS if w != value and w[0] >= value[0] and w[1] >= value[1]]
    if axis == "prune":
        return {"unstructured:0.8": ["unstructured:0.5", "none"], "none": []}.get(value, ["none"])
    if axis == "batch":
        return [b for b in BATCHES if b * 2 == value]
    values = next(axes[axis] for axes in HARDWARE.values() if axis in axes)
    return values[:values.index(value)]


def cycles_of(systole, network, array, point):
    done = subprocess.run(command(systole, network, array, point), capture_output=True, text=True, check=False)
    if done.returncode == 3:  # what the machine has no room for
        print(f"{point['set']}: {done.stderr.strip()}", file=sys.stderr)
        return None
    if done.returncode != 0:
        sys.exit(f"{' '.join(command(systole, network, array, point))}\n{done.stderr}")
    return json.loads(done.stdout)["totals"]["cycles"]


def rises(values):
    """What rose: `values` is {(group, axis, network, array, memory): {value: cycles}}."""
    for (group, axis, network, array, memory), row in values.items():
        for value, cycles in row.items():
            before = [row[other] for other in poorer(axis, value) if row.get(other)]
            if cycles is None or not before:
                continue
            least = min(before) * (2 if axis == "batch" else 1)
            yield Rise(cycles / least - 1, axis, f"{network} {array} {memory} {value}", least, cycles), group


def report(found, show):
    """Prints rises and counts; whether all goals are met."""
    for rise, _ in sorted(found, reverse=True):
        if rise.share > show:
            print(f"{rise.share:>+8.2%}  {rise.axis:<16}{rise.where}: {rise.before:,} -> {rise.after:,}")
    met = True
    print(f"\n{'axis':<10}{'steps':>7}{'rises above 0.5 %':>20}{'above the goal':>16}{'goal':>8}{'worst':>9}")
    for group, goal in GOALS.items():
        shares = [rise.share for rise, of in found if of == group]
        over = sum(share > goal for share in shares)
        met &= over == 0
        print(f"{group:<10}{len(shares):>7}{sum(share > 0.005 for share in shares):>20}{over:>16}{goal:>8.1%}"
              f"{max(shares, default=0):>+9.2%}")
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    parser.add_argument("--systole", default=ROOT / "build/release/bin/systole", type=pathlib.Path)
    parser.add_argument("--out", default=ROOT / "out/networks", type=pathlib.Path, help="where networks are kept")
    parser.add_argument("--axes", nargs="*", default=list(GOALS), choices=list(GOALS))
    parser.add_argument("--show", type=float, default=0.005, help="the rise from which a step is printed (default 0.005)")
    parser.add_argument("-j", type=int, default=os.cpu_count(), help="runs at once")
    args = parser.parse_args()

    wanted = [(point, network) for network in args.networks for point in points() if point[0] in args.axes]
    files = {name: ROOT / f"tests/data/{name}.onnx" if name in TRAINED else quality.network_file(args.out, name)
             for name in args.networks}
    values = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        cycles = pool.map(lambda job: cycles_of(args.systole, files[job[1]], job[0][3], job[0][5]), wanted)
        for ((group, axis, value, array, memory, _), network), count in zip(wanted, cycles):
            values[group, axis, network, array, memory][value] = count
    ran = sum(count is not None for row in values.values() for count in row.values())
    print(f"{ran} of {len(wanted)} points ran")
    return 0 if report(list(rises(values)), args.show) else 1


if __name__ == "__main__":
    sys.exit(main())
