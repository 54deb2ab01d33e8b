# SPDX-License-Identifier: Apache-2.0
"""What the tests share: the program, data, networks of one node, and a look at processes."""

import json
import os
import pathlib
import subprocess
import time

import numpy as np
import pytest

import systole

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
PROGRAM = os.environ.get("SYSTOLE_PROGRAM", "systole")


@pytest.fixture(scope="session")
def images():
    """1,000 images as LeNet takes them: float32 (1000, 1, 28, 28)."""
    pixels = np.load(DATA / "fmnist_test_images_u8.npy")
    return (pixels / 255).astype(np.float32).reshape(-1, 1, 28, 28)


@pytest.fixture(scope="session")
def labels():
    return np.load(DATA / "fmnist_test_labels_u8.npy").astype(np.int64)


@pytest.fixture(scope="session")
def calibration():
    pixels = np.load(DATA / "fmnist_calib_images_u8.npy")
    return (pixels / 255).astype(np.float32).reshape(-1, 1, 28, 28)


@pytest.fixture(scope="session")
def arch():
    return systole.Arch("edge-16x16")


@pytest.fixture(scope="session")
def lenet():
    return systole.load(DATA / "lenet_fmnist.onnx", calibration=DATA / "lenet_calib.yaml")


@pytest.fixture(scope="session")
def program(lenet, arch):
    return systole.compile(lenet, arch)


def command(*arguments, code=0):
    """A command of the program, as users call it."""
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def run_json(*arguments):
    return json.loads(command("run", *arguments, "--json", "-"))


def is_there(pid):
    """Whether a process runs: a zombie does not."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def ends(pid, seconds=60.0):
    until = time.monotonic() + seconds
    while is_there(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def below(pid):
    """The processes that a process has started."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        state, parent = stat.rsplit(")", 1)[1].split()[:2]
        if int(parent) == pid and state != "Z":
            found.append(int(entry.name))
    return found
