# SPDX-License-Identifier: Apache-2.0
"""Networks of several inputs and outputs, of integers, with a share for the host: values are those of `systole run`."""

import json

import numpy as np
import pytest

import systole
from conftest import DATA, command

onnx = pytest.importorskip("onnx")
helper = onnx.helper
FLOAT, UINT8, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.UINT8, onnx.TensorProto.INT64


def save(path, nodes, inputs, outputs, constants=()):
    numpy_helper = pytest.importorskip("onnx.numpy_helper")
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "net",
        [value(*one) for one in inputs],
        [value(*one) for one in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def check(tmp_path, network, inputs, *options, **more):
    """Outputs of `predict` and of `run` are the arrays that the command writes."""
    batch = len(next(iter(inputs.values())))
    files = []
    for name, array in inputs.items():
        np.save(tmp_path / f"{name}.npy", array)
        files += ["--input", f"{name}={tmp_path / name}.npy"]
    command("run", network, *files, "--batch", batch, *options, "-o", tmp_path / "out")
    loaded = systole.load(network, calibration=inputs, **more)
    program = systole.compile(loaded, batch=batch)
    predicted = program.predict(inputs)
    if not isinstance(predicted, dict):
        predicted = {program.outputs[0].name: predicted}
    ran = program.run(inputs).outputs
    for info in program.outputs:
        written = np.load(tmp_path / f"out/{info.name}.npy")
        for found in (predicted[info.name], ran[info.name]):
            assert found.shape == written.shape and found.tobytes() == written.tobytes(), info.name
    return program


def random(*shape):
    return np.random.default_rng(3).standard_normal(shape).astype(np.float32)


def test_two_inputs_and_two_outputs(tmp_path):
    nodes = [
        helper.make_node("Conv", ["left", "w"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["c", "right"], ["sum"]),
        helper.make_node("Relu", ["sum"], ["positive"]),
        helper.make_node("GlobalAveragePool", ["positive"], ["mean"]),
    ]
    network = save(
        tmp_path / "two.onnx",
        nodes,
        [("left", FLOAT, [1, 3, 8, 8]), ("right", FLOAT, [1, 4, 8, 8])],
        [("positive", FLOAT, None), ("mean", FLOAT, None)],
        [("w", random(4, 3, 3, 3))],
    )
    inputs = {"left": random(5, 3, 8, 8), "right": random(5, 4, 8, 8) * 3}
    program = check(tmp_path, network, inputs)
    assert {info.name for info in program.outputs} == {"positive", "mean"}
    with pytest.raises(systole.BadInput, match="expected a dict with an array for each of"):
        program.predict(inputs["left"])
    with pytest.raises(
        systole.BadInput, match=r"inputs\['right'\]: 4 samples, expected 5 as in 'left'"
    ):
        program.predict({"left": inputs["left"], "right": inputs["right"][:4]})
    with pytest.raises(systole.BadInput, match=r"inputs\['right'\]: missing"):
        program.predict({"left": inputs["left"]})
    by_dict = program.accuracy(
        inputs, None, metric=lambda outputs, _: float(outputs["mean"].mean())
    )
    assert by_dict.value > 0


def test_the_host_has_a_share(tmp_path):
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("Hardmax", ["c"], ["h"], axis=1),
        helper.make_node("Conv", ["h", "v"], ["y"]),
    ]
    network = save(
        tmp_path / "host.onnx",
        nodes,
        [("x", FLOAT, [1, 3, 6, 6])],
        [("y", FLOAT, None)],
        [("w", random(4, 3, 3, 3)), ("v", random(2, 4, 1, 1))],
    )
    with pytest.raises(systole.CannotCompile, match="Hardmax"):
        systole.compile(network)
    program = check(
        tmp_path, network, {"x": random(3, 3, 6, 6)}, "--host-fallback", host_fallback=True
    )
    result = program.run()
    assert "host_fallback" in result.json


def test_a_transformer_with_a_share_for_the_host(tmp_path, images):
    network = DATA / "sequence/vit_fmnist_qdq.onnx"
    loaded = systole.load(network, host_fallback=True)
    program = systole.compile(loaded)
    np.save(tmp_path / "x.npy", images[:1])
    command(
        *("run", network, "--host-fallback", "--input", tmp_path / "x.npy", "-o", tmp_path / "out")
    )
    name = program.outputs[0].name
    written = np.load(tmp_path / f"out/{name}.npy")
    assert program.predict(images[:2])[:1].tobytes() == written.tobytes()


def test_softmax_at_the_tail_is_the_hosts(tmp_path):
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["g"]),
        helper.make_node("Softmax", ["g"], ["y"], axis=1),
    ]
    network = save(
        tmp_path / "tail.onnx",
        nodes,
        [("x", FLOAT, [1, 12])],
        [("y", FLOAT, None)],
        [("w", random(12, 5))],
    )
    inputs = {"x": random(6, 12)}
    program = check(tmp_path, network, inputs)
    whole = program.predict(inputs)
    assert np.allclose(whole.sum(axis=1), 1)
    before = program.predict(inputs, host_steps=False)
    assert not np.allclose(before.sum(axis=1), 1)
    assert (before.argmax(axis=1) == whole.argmax(axis=1)).all()


def quantised_input(tmp_path):
    """Takes bytes, as networks of some exporters do."""
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "s", "z"], ["f"]),
        helper.make_node("DequantizeLinear", ["w", "t", "n"], ["v"]),
        helper.make_node("Conv", ["f", "v"], ["c"]),
        helper.make_node("QuantizeLinear", ["c", "u", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "u", "z"], ["y"]),
    ]
    weights = np.random.default_rng(1).integers(-120, 120, (4, 3, 3, 3)).astype(np.int8)
    constants = [
        ("s", np.float32(0.02)),
        ("z", np.uint8(128)),
        ("w", weights),
        ("t", np.float32(0.01)),
        ("n", np.int8(0)),
        ("u", np.float32(0.1)),
    ]
    constants = [(name, np.asarray(array)) for name, array in constants]
    return save(
        tmp_path / "bytes.onnx",
        nodes,
        [("x", UINT8, [1, 3, 8, 8])],
        [("y", FLOAT, None)],
        constants,
    )


def test_an_input_of_integers(tmp_path):
    network = quantised_input(tmp_path)
    data = np.random.default_rng(5).integers(0, 256, (4, 3, 8, 8)).astype(np.uint8)
    np.save(tmp_path / "x.npy", data)
    command("run", network, "--input", tmp_path / "x.npy", "--batch", 4, "-o", tmp_path / "out")
    program = systole.compile(network, batch=4)
    assert program.inputs[0].takes_integers and program.inputs[0].greatest == 255
    written = np.load(tmp_path / "out/y.npy")
    for given in (data, data.astype(np.int64), data.astype(np.float32), np.asfortranarray(data)):
        assert program.predict(given).tobytes() == written.tobytes()
    for wrong, problem in (
        (data.astype(np.int64) + 1, r"is 256, expected integers in 0\.\.255"),
        (data.astype(np.int8), r"is -\d+, expected integers in 0\.\.255"),
        (data.astype(np.float32) + 0.5, r"is \d+\.5, expected integers in 0\.\.255"),
        (data.astype(np.float64), "dtype float64, expected integers"),
        (data.astype(np.int64) << 40, r"expected integers in 0\.\.255"),
    ):
        with pytest.raises(systole.BadInput, match=problem):
            program.predict(wrong)


def test_open_dimensions(tmp_path):
    nodes = [helper.make_node("Conv", ["x", "w"], ["y"])]
    network = save(
        tmp_path / "open.onnx",
        nodes,
        [("x", FLOAT, ["n", 3, "rows", "columns"])],
        [("y", FLOAT, None)],
        [("w", random(4, 3, 3, 3))],
    )
    with pytest.raises(systole.SystoleError, match="--shape"):
        systole.load(network)
    loaded = systole.load(network, shapes={"x": (1, 3, 9, 7)})
    assert loaded.inputs[0].shape == (1, 3, 9, 7)
    with pytest.warns(systole.SystoleWarning, match="random"):
        assert systole.compile(loaded).predict(random(2, 3, 9, 7)).shape == (2, 4, 7, 5)


def test_a_file_that_changes_under_a_program(tmp_path):
    nodes = [helper.make_node("Gemm", ["x", "w"], ["y"])]
    shapes = [("x", FLOAT, [1, 12])], [("y", FLOAT, None)]
    path = tmp_path / "net.onnx"
    with systole.Session() as session:
        save(path, nodes, *shapes, [("w", random(12, 5))])
        program = systole.compile(path, session=session)
        save(path, nodes, *shapes, [("w", random(12, 7))])
        assert program.run().cycles > 0  # as it was compiled
        session.close()
        with pytest.raises(systole.BadInput, match="has changed since it was loaded") as raised:
            program.run()
        assert raised.value.file == str(path)
        machine = tmp_path / "mine.yaml"
        machine.write_text(systole.Arch("edge-4x4").yaml)
        arch = systole.Arch(machine, session=session)
        machine.write_text(systole.Arch("edge-16x16").yaml)
        session.close()
        with pytest.raises(systole.BadInput, match="has changed since this Arch was made"):
            systole.compile(DATA / "lenet_fmnist.onnx", arch, session=session)


@pytest.mark.parametrize("metric", ["token", "exact", "perplexity"])
def test_metrics_of_tokens_are_those_of_the_command(tmp_path, metric):
    weights, x = random(16, 7), np.random.default_rng(4).normal(size=(40, 5, 16))
    x = x.astype(np.float32)
    network = save(
        tmp_path / "tokens.onnx",
        [helper.make_node("MatMul", ["x", "w"], ["y"], "head")],
        [("x", FLOAT, [1, 5, 16])],
        [("y", FLOAT, [1, 5, 7])],
        [("w", weights)],
    )
    y = (x @ weights).argmax(2)
    y[::3, 1] = 3
    y[1::3, 4] = -100
    y[7] = -100
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    (tmp_path / "x.yaml").write_text("images: x.npy\nlabels: y.npy\n")
    data = ["--data", tmp_path / "x.yaml", "--calib", tmp_path / "x.yaml"]
    told = json.loads(command("accuracy", network, *data, "--metric", metric, "--json", "-"))
    program = systole.compile(systole.load(network, calibration=tmp_path / "x.yaml"))
    found = program.accuracy(x, y, metric)
    assert found.value == pytest.approx(told["forms"][-1]["value"])
    assert found.standard_error == pytest.approx(told["forms"][-1]["value_error"])
    assert 0 < found.value != 1
