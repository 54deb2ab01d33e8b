# SPDX-License-Identifier: Apache-2.0
"""The example script picks what it says, and draws it."""

import csv
import importlib.util
import re
import subprocess
import sys

import pytest

import systole
from conftest import DATA, ROOT


def test_the_example_sweeps_plots_and_picks(tmp_path, calibration):
    files = [
        DATA / f"fmnist_{name}_u8.npy" for name in ("test_images", "test_labels", "calib_images")
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-B",
            ROOT / "examples/python/choose.py",
            DATA / "lenet_fmnist.onnx",
            *files,
            tmp_path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "90 points, 18 machines" in done.stdout
    if importlib.util.find_spec("matplotlib") is not None:
        assert (tmp_path / "choice.png").read_bytes().startswith(b"\x89PNG")
    picked = re.search(r"^(W4A4|W4A8|int8) on .*: ([\d.]+) us, ([\d.]+) uJ", done.stdout, re.M)
    assert picked is not None, done.stdout
    # The machine that was written costs what was said.
    network = systole.load(DATA / "lenet_fmnist.onnx", calibration=calibration)
    widths = {"int8": (8, 8), "W4A8": (4, 8), "W4A4": (4, 4)}[picked[1]]
    program = systole.compile(
        network, tmp_path / "choice.yaml", weights=widths[0], activations=widths[1]
    )
    result = program.run(energy="horowitz-45nm")
    assert 1e3 * result.latency_ms == pytest.approx(float(picked[2]), abs=0.005)
    assert result.energy_uj == pytest.approx(float(picked[3]), abs=0.005)
    # Nothing that is good and as fast takes less.
    pytest.importorskip("pandas")
    with open(tmp_path / "points.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["precision"] in ("int8", "W4A8", "W4A4")]
    fastest = min(float(row["latency_ms"]) for row in rows)
    fits = [row for row in rows if float(row["latency_ms"]) <= 1.5 * fastest]
    least = min(float(row["energy_per_inference_uj"]) for row in fits)
    assert least == pytest.approx(result.energy_uj, rel=1e-6)
