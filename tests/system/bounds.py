#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The bounds that the compiler reports are those that tools/bounds.py computes from the ONNX file alone."""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHS = {"edge-16x16": (16, 16, 64), "edge-4x4": (4, 4, 8), "edge-32x32": (32, 32, 64)}


def output_of(*command):
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


DRAM_PEAK = 1e3 * 64 / 3334  # ddr4-2400: 64 bytes every 3,334 ps, below the 64 bytes a cycle of AXI at 1 GHz


def differences(binary, network, arch, batch, memory):
    rows, cols, peak = ARCHS[arch]
    options = []
    if memory:
        peak, options = DRAM_PEAK, ["--memory", memory]
    path = ROOT / "tests/data" / network
    run = output_of(binary, "run", str(path), "--arch", arch, "--batch", str(batch), *options,
                    "--json", "-")
    script = output_of(sys.executable, str(ROOT / "tools/bounds.py"), str(path), "--rows", str(rows), "--cols",
                       str(cols), "--peak", str(peak), "--batch", str(batch), "--json")
    expected = [(layer["name"], layer["mxu"], layer["vpu"], layer["memory"]) for layer in script["layers"]]
    got = [(layer["name"], *(layer["reference_cycles"][k] for k in ("mxu", "vpu", "memory"))) for layer in run["layers"]]
    if len(expected) != len(got):
        yield f"{len(got)} layers, expected {len(expected)}"
    for a, b in zip(got, expected):
        if a != b:
            yield f"compiler {a}, script {b}"
    lower_bound = run["totals"]["lower_bound_cycles"]
    for key in ("mxu", "vpu", "memory"):
        if lower_bound[key] != script["network"][key]:
            yield f"lower bound, {key}: compiler {lower_bound[key]}, script {script['network'][key]}"


def main():
    failed = False
    for network in ("lenet_fmnist.onnx", "resnet8_fmnist.onnx", "mlp_fmnist.onnx"):
        for arch, batch, memory in (("edge-16x16", 1, None), ("edge-16x16", 3, None), ("edge-4x4", 1, None),
                                    ("edge-32x32", 1, None), ("edge-32x32", 1, "ddr4-2400")):
            for difference in differences(sys.argv[1], network, arch, batch, memory):
                failed = True
                print(f"{network} on {arch}, batch {batch}, memory {memory}: {difference}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
