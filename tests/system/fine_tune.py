#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The loop of fine-tuning: ResNet-8 is pruned 2:4 and written here, trained in PyTorch with its masks, and read back better.

  fine_tune.py SYSTOLE [--epochs N]      exit code 77: no PyTorch (apt install python3-torch)
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
SKIPPED = 77
LEAST_GAIN = 25.0  # points


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main():
    if importlib.util.find_spec("torch") is None:
        print("skipped: no PyTorch, apt install python3-torch")
        sys.exit(SKIPPED)
    systole, epochs = sys.argv[1], sys.argv[3] if "--epochs" in sys.argv else "10"
    network, data = DATA / "resnet8_fmnist.onnx", DATA / "resnet8.yaml"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        pruned, masks, tuned = folder / "q.onnx", folder / "m.npz", folder / "tuned.onnx"

        def top1(file):
            return json.loads(run(systole, "accuracy", file, "--data", data, "--json", "-"))["forms"][-1]["top1"] * 100

        run(systole, "quantise", network, "--calib", DATA / "resnet8_calib.yaml", "--prune", "nm:2:4", "-o", pruned, "--masks", masks)
        run(ROOT / "tools/fine_tune.py", pruned, "--masks", masks, "--images", DATA / "fmnist_calib_images_u8.npy", "--labels",
            DATA / "fmnist_calib_labels_u8.npy", "--pad", "2", "--replicate", "3", "--teacher", network, "--epochs", epochs, "-o", tuned)
        with np.load(masks) as arrays:
            for tensor in onnx.load(str(tuned)).graph.initializer:
                mask = "mask/" + tensor.name.removesuffix("/weights")
                if tensor.name.endswith("/weights") and numpy_helper.to_array(tensor)[~arrays[mask]].any():
                    sys.exit(f"{tensor.name}: a weight is back that pruning took")
        before, after = top1(pruned), top1(tuned)
        sparsity = run(systole, "compile", tuned, "-o", folder / "t.sysb", "--sparsity", "--set", "sparsity.structured=1")
        if "2:4" not in sparsity:
            sys.exit(f"no layer is 2:4 any more\n{sparsity}")
    print(f"ResNet-8 pruned 2:4: {before:.1f} % as it is, {after:.1f} % after {epochs} epochs, {after - before:+.1f} points")
    if after - before < LEAST_GAIN:
        sys.exit(f"expected {LEAST_GAIN} points at least")


if __name__ == "__main__":
    main()
