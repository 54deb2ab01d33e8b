#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cycles, bytes and energy of a sweep are those of `systole run`, for points drawn at random.

Usage: sweep_is_run.py SYSTOLE [SEED]. Points of a sweep share the first half of the compiler where they may, and those
of `run` never do.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
NETWORKS = ["lenet_fmnist.onnx", "mlp_fmnist.onnx", "lowbit/resnet8_fmnist_w2a2.qonnx.onnx"]
PRUNINGS = ["none", "unstructured:0.8", "nm:2:4", "block:0.5", "channel:0.5+nm:2:4"]
POINTS = 50


def draw(rng):
    """One machine, with what is changed of it."""
    columns = rng.choice([8, 16, 24, 40])
    memory = rng.choice([{"memory.kind": "ideal", "memory.gb_per_s": rng.randint(1, 64)},
                         {"memory.kind": "ddr", "memory.preset": rng.choice(["ddr4-2400", "lpddr5-6400", "hbm2"])}])
    return {"array.rows": columns * rng.choice([1, 2]), "array.cols": columns, "ub.kib": rng.choice([128, 192, 256]),
            "queue.depth": rng.randint(2, 8), "axi.burst_beats": rng.choice([1, 4, 8]), "precision.activation_bits": 2,
            "precision.weight_bits": 2, "sparsity.bitmask": rng.randint(0, 1), "sparsity.structured": 1,
            "compile.fuse": rng.choice(["true", "false"]), "compile.bands": rng.choice(["true", "false"]),
            "compile.prefetch": rng.choice(["true", "false"]), **memory}


def figures(row):
    return row["cycles"], row["dram_bytes"], round(row["energy_per_inference_uj"], 6)


def run(systole, point):
    command = [systole, "run", str(DATA / point["network"]), "--arch", "edge-16x16", "--json", "-", "--energy", "--batch",
               str(point["batch"]), "--repeat", str(point["repeat"])]
    for key, value in point["machine"].items():
        command += ["--set", f"{key}={value}"]
    if point["prune"] != "none":
        for kind in point["prune"].split("+"):
            command += ["--prune", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    result = json.loads(done.stdout)
    return (result["totals"]["cycles"], result["totals"]["dram_bytes"]["total"],
            round(result["energy"]["per_inference_pj"] * 1e-6, 6))


def sweep(systole, network, prune, batch, repeat, machines):
    """The rows of one sweep, by machine."""
    with tempfile.TemporaryDirectory() as folder:
        spec = pathlib.Path(folder) / "sweep.yaml"
        lines = [f"networks: [{DATA / network}]", f"prune: ['{prune}']", f"batch: [{batch}]",
                 f"repeat: [{repeat}]", "architectures:"]
        for machine in machines:
            lines.append("  - {name: edge-16x16, " + ", ".join(f"{k}: {v}" for k, v in machine.items()) + "}")
        spec.write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = subprocess.run([systole, "sweep", str(spec), "--json"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr + done.stdout)
        return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    systole, seed = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "1"
    rng = random.Random(seed)
    print(f"seed {seed}")
    groups = [(network, prune, rng.randint(1, 3), rng.choice([1, 1, 3]), [draw(rng) for _ in range(5)])
              for network in NETWORKS for prune in PRUNINGS]
    groups = rng.sample(groups, POINTS // 5)
    wrong = 0
    for network, prune, batch, repeat, machines in groups:
        for machine, row in zip(machines, sweep(systole, network, prune, batch, repeat, machines)):
            point = {"network": network, "prune": prune, "batch": batch, "repeat": repeat, "machine": machine}
            expected = run(systole, point)
            if figures(row) != expected:
                wrong += 1
                print(f"{point}: sweep {figures(row)}, run {expected}")
    print(f"{POINTS - wrong} of {POINTS} points are equal")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
