#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which machine for a network, at which precision: sweeps, plots, picks.

    python3 choose.py NET.onnx IMAGES.npy LABELS.npy CALIBRATION.npy [FOLDER]

Images are bytes of shape (N, rows, columns), one channel; the network takes them as float32 in 0..1. Asks for 2 points of
accuracy at most. Writes FOLDER/choice.png where matplotlib is installed, FOLDER/points.csv and FOLDER/choice.yaml, the machine.
"""

# %% What there is: a network, data, and a metric of our own.
import pathlib
import sys

import numpy as np

import systole

MOST_LOSS = 0.02
WIDTHS = {"int8": (8, 8), "W4A8": (4, 8), "W4A4": (4, 4), "W2A4": (2, 4), "W2A2": (2, 2)}


def images_of(path: str) -> "np.ndarray":
    pixels = np.load(path)
    return (pixels / 255).astype(np.float32)[:, None]


def mean_recall(outputs: "np.ndarray", targets: "np.ndarray") -> float:
    """Of all classes alike, however many samples they have."""
    found = outputs.argmax(axis=1) == targets
    return float(np.mean([found[targets == label].mean() for label in np.unique(targets)]))


file, images, labels, calibration = sys.argv[1], images_of(sys.argv[2]), np.load(sys.argv[3]), images_of(sys.argv[4])
folder = pathlib.Path(sys.argv[5] if len(sys.argv) > 5 else ".")
folder.mkdir(parents=True, exist_ok=True)
network = systole.load(file, calibration=calibration)

# %% What each precision keeps of it, by the bytes that the hardware computes.
quality = {}
for name, (weights, activations) in WIDTHS.items():
    program = systole.compile(network, "edge-16x16", weights=weights, activations=activations)
    quality[name] = program.accuracy(images, labels.astype(int), metric=mean_recall).value
    print(f"{name:5} mean recall {100 * quality[name]:.1f} %")
kept = [name for name in WIDTHS if quality[name] >= quality["int8"] - MOST_LOSS]

# %% What each precision costs on each machine.
points = systole.sweep(
    networks=[{"file": file, "weights": weights, "activations": activations} for weights, activations in WIDTHS.values()],
    architectures=["edge-16x16"],
    memory=["ddr4-2400"],
    set={"array.rows": [8, 16, 32], "array.cols": [8, 16, 32], "ub.kib": [64, 128]},
)
name_of = {widths: name for name, widths in WIDTHS.items()}
for row in points.rows:
    row["precision"] = name_of[row["weights"], row["activations"]]
    row["recall"] = quality[row["precision"]]
print(f"{len(points)} points, {len(points.rows) // len(WIDTHS)} machines")

# %% The pick: least energy among those that are good, small and fast enough.
fastest = points.best("latency_ms", lambda row: row["precision"] in kept)
choice = points.best(
    "energy_per_inference_uj",
    lambda row: row["precision"] in kept and row["latency_ms"] <= 1.5 * fastest["latency_ms"],
)
machine = systole.Arch(choice["architecture"], set=choice["set"])
print(
    f"{choice['precision']} on {choice['set']['array.rows']}x{choice['set']['array.cols']} with "
    f"{choice['set']['ub.kib']} KiB: {choice['latency_ms'] * 1e3:.2f} us, {choice['energy_per_inference_uj']:.2f} uJ, "
    f"{choice['area_mm2']:.2f} mm2, mean recall {100 * choice['recall']:.1f} %"
)
(folder / "choice.yaml").write_text(machine.yaml)

# %% A table, where there is pandas, and a picture, where there is matplotlib.
try:
    points.frame().to_csv(folder / "points.csv", index=False)
except systole.SystoleError as error:
    print(error)
try:
    import matplotlib
except ImportError:
    print("no picture: matplotlib is not installed")
else:
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    # Colours that people with any colour vision tell apart (Okabe and Ito), and a mark for each.
    for (name, marker), colour in zip(zip(WIDTHS, "os^Dv"), ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00")):
        rows = [row for row in points.rows if row["precision"] == name]
        note = f"{name}, mean recall {100 * quality[name]:.1f} %" + ("" if name in kept else " (too low)")
        axes.scatter(
            [1e3 * row["latency_ms"] for row in rows],
            [row["energy_per_inference_uj"] for row in rows],
            s=[12 * row["area_mm2"] for row in rows],
            marker=marker,
            color=colour if name in kept else "none",
            edgecolors=colour,
            alpha=0.8,
            label=note,
        )
    axes.annotate(
        "chosen",
        (1e3 * choice["latency_ms"], choice["energy_per_inference_uj"]),
        xytext=(24, -24),
        textcoords="offset points",
        arrowprops={"arrowstyle": "->"},
    )
    axes.set_xlabel("latency (µs)")
    axes.set_ylabel("energy per inference (µJ)")
    axes.set_title(f"{pathlib.Path(file).name} on DDR4-2400: marks are as large as the area")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    figure.savefig(folder / "choice.png", dpi=120)
    print(f"wrote {folder / 'choice.png'}")
