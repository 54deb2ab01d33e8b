# SPDX-License-Identifier: Apache-2.0
"""The package as it is installed, by a Python that need not have pytest: values, cycles, errors, a worker that is killed.

Usage: smoke.py DATA [PROGRAM]   DATA: tests/data; PROGRAM: the one that must have been found
"""

import os
import pathlib
import signal
import sys
import time

import numpy as np

import systole


def main() -> None:
    data = pathlib.Path(sys.argv[1])
    pixels = np.load(data / "fmnist_test_images_u8.npy")[:200]
    labels = np.load(data / "fmnist_test_labels_u8.npy")[:200].astype(int)
    images = (pixels / 255).astype(np.float32).reshape(-1, 1, 28, 28)
    network = systole.load(data / "lenet_fmnist.onnx", calibration=data / "lenet_calib.yaml")
    program = systole.compile(network, systole.Arch("edge-16x16", set={"array.cols": 32}))
    if len(sys.argv) > 2:
        worker = systole.default_session()._slot.worker
        assert worker is not None and os.path.samefile(worker.program, sys.argv[2]), worker
    outputs = program.predict(images)
    assert isinstance(outputs, np.ndarray) and outputs.shape == (200, 10)
    run = program.run(images[:1])
    assert (run.outputs["logits"] == outputs[:1]).all() and run.cycles == program.run().cycles
    found = program.accuracy(images, labels)
    assert found.value > 0.8
    try:
        program.predict(images.astype(np.float64))
    except systole.BadInput as error:
        assert error.expected is not None and "float32" in error.expected
    else:
        raise AssertionError("float64 was taken")
    pid = systole.default_session().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)
    assert (program.predict(images) == outputs).all()
    layer = systole.conv(16, 16, 14, 14, 3, padding=1)
    arch = systole.Arch("edge-16x16")
    cycles = systole.cost(layer, arch).cycles
    seconds = 1.0
    for _ in range(100):  # of which some may have had to wait for others
        started = time.perf_counter()
        assert systole.cost(layer, arch).cycles == cycles
        seconds = min(seconds, time.perf_counter() - started)
    assert seconds < 1e-3, f"a cost that is known took {1e3 * seconds:.2f} ms"
    print(
        f"Python {sys.version.split()[0]}, numpy {np.__version__}: {run.cycles} cycles, top-1 {100 * found.value:.1f} %, "
        f"a known cost {1e6 * seconds:.1f} us"
    )


if __name__ == "__main__":
    main()
