# SPDX-License-Identifier: Apache-2.0
"""A network that is written as it will run, and read back."""

import numpy as np
import pytest

import systole
from conftest import DATA, command

RESNET = DATA / "resnet8_fmnist.onnx"


@pytest.mark.parametrize("options", [{}, {"weights": 4, "activations": 4}, {"prune": "nm:2:4"}])
def test_what_is_written_is_the_same_program(tmp_path, lenet, images, options):
    written = systole.quantise(lenet, tmp_path / "lenet_fmnist.onnx", **options)
    systole.compile(lenet, **options).save(tmp_path / "float.sysb")
    back = systole.compile(written.file)
    back.save(tmp_path / "written.sysb")
    assert (tmp_path / "written.sysb").read_bytes() == (tmp_path / "float.sysb").read_bytes()
    expected = systole.predict(lenet, images[:20], **options)
    assert (back.predict(images[:20]) == expected).all()


def test_it_is_the_file_of_the_command(tmp_path):
    network = systole.load(RESNET, calibration=DATA / "resnet8_calib.yaml")
    written = systole.quantise(
        network, tmp_path / "a.onnx", masks=tmp_path / "a.npz", prune="nm:2:4"
    )
    command("quantise", RESNET, "--calib", DATA / "resnet8_calib.yaml", "--prune", "nm:2:4", "-o",
            tmp_path / "b.onnx", "--masks", tmp_path / "b.npz")  # fmt: skip
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert written.opset == 13 and written.layers == 11


def test_masks_hold_two_of_four(tmp_path):
    network = systole.load(RESNET, calibration=DATA / "resnet8_calib.yaml")
    written = systole.quantise(
        network, tmp_path / "q.onnx", masks=tmp_path / "m.npz", prune="nm:2:4"
    )
    masks = written.masks()
    assert masks["/b1/conv1/Conv"].shape == (16, 16, 3, 3)
    for name, mask in masks.items():
        if name in ("/conv0/Conv", "/fc/Gemm"):
            continue
        left = mask.reshape(mask.shape[0], mask.shape[1] // 4, 4, -1).sum(axis=2)
        assert mask.dtype == bool and left.max() <= 2, name
    assert masks["/conv0/Conv"].all()
    low, high = written.ranges()["input"]
    assert low == 0 and abs(high - 1) < 1e-6
    onnx = pytest.importorskip("onnx")
    helper = pytest.importorskip("onnx.numpy_helper")
    model = onnx.load(written.file)
    arrays = {t.name: helper.to_array(t) for t in model.graph.initializer}
    assert (arrays["/b1/conv1/Conv/weights"][~masks["/b1/conv1/Conv"]] == 0).all()


def test_bad_input_is_one_exception_and_no_file(tmp_path, lenet):
    with pytest.raises(systole.BadInput, match="opset: 12"):
        systole.quantise(lenet, tmp_path / "q.onnx", opset=12)
    with pytest.raises(systole.CannotCompile, match="codes -1..1 of zero point -1 have no form"):
        systole.quantise(lenet, tmp_path / "q.onnx", activations=1)
    with pytest.raises(systole.BadInput, match="nowhere/q.onnx: cannot be written"):
        systole.quantise(lenet, tmp_path / "nowhere/q.onnx")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="no masks were written"):
        systole.quantise(lenet, tmp_path / "q.onnx").masks()
