# SPDX-License-Identifier: Apache-2.0
"""Values and cycles are those of the command line, to the byte."""


import json
import re
import tracemalloc

import numpy as np
import pytest

import systole
from conftest import DATA, ROOT, command, run_json


def outputs_of_run(folder, network, inputs, *options):
    """The arrays that `systole run -o` writes."""
    files = []
    for name, array in inputs.items():
        np.save(folder / f"{name}.npy", array)
        files += ["--input", f"{name}={folder / name}.npy"]
    command("run", network, *files, *options, "-o", folder / "out")
    return {
        path.stem: np.load(path)
        for path in (folder / "out").glob("*.npy")
        if not path.name.endswith(".int8.npy")
    }


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def test_predictions_of_lenet_are_the_outputs_of_run(tmp_path, images, program):
    options = ["--calib", DATA / "lenet_calib.yaml", "--batch", 8]
    written = outputs_of_run(tmp_path, DATA / "lenet_fmnist.onnx", {"input": images[:8]}, *options)
    predicted = program.predict(images[:8])
    assert same(predicted, written["logits"])
    assert len(np.unique(predicted)) > 10


@pytest.mark.parametrize(
    "name", ["lenet_qdq_u8s8_perchannel", "lenet_qoperator", "resnet8_qdq_s8s8_pertensor"]
)
def test_predictions_of_quantised_networks_are_onnx_runtimes_bytes(name, images):
    """The expected bytes are ONNX Runtime's, before the last DequantizeLinear."""
    network = systole.load(DATA / f"quantised/{name}.onnx")
    shape = network.inputs[0].shape
    data = images[:16]
    if shape[1] == 3:
        data = np.pad(data, ((0, 0), (0, 0), (2, 2), (2, 2))).repeat(3, axis=1)
    predicted = systole.compile(network).predict(np.ascontiguousarray(data))
    expected = np.load(DATA / f"quantised/{name}.expected.npy").astype(np.float64)
    codes = expected.reshape(16, -1)
    values = predicted.reshape(16, -1).astype(np.float64)
    scale = (values.max() - values.min()) / (codes.max() - codes.min())
    zero = codes.min() - values.min() / scale
    assert np.abs(values / scale + zero - codes).max() < 1e-3


def test_any_number_of_samples_gives_what_each_alone_gives(images, program):
    whole = program.predict(images[:37])
    assert same(whole, np.concatenate([program.predict(images[i : i + 1]) for i in range(37)]))


def test_many_samples_go_in_several_messages(monkeypatch, images, program):
    whole = program.predict(images[:50])
    monkeypatch.setattr(systole._compiled, "_CHUNK_BYTES", 7 * 28 * 28 * 4)
    assert same(program.predict(images[:50]), whole)


def test_predictions_do_not_depend_on_threads(images, lenet, arch, program):
    whole = program.predict(images[:101], jobs=1)
    for jobs in (2, 3, 200):
        assert same(program.predict(images[:101], jobs=jobs), whole)
    three = systole.compile(lenet, arch, batch=3)
    assert same(three.predict(images[:101], jobs=4), whole)
    with pytest.raises(systole.BadInput, match="jobs: 0, expected a whole number in 1..1024"):
        program.predict(images[:1], jobs=0)


def test_the_last_batch_need_not_be_full(images, lenet, arch, program):
    three = systole.compile(lenet, arch, batch=3)
    assert same(three.predict(images[:10]), program.predict(images[:10]))


@pytest.mark.parametrize(
    "options", [{"weights": 4}, {"weights": 2, "activations": 4}, {"prune": "nm:2:4"}]
)
def test_widths_and_prunings_are_those_of_run(tmp_path, images, lenet, arch, options):
    flags = ["--calib", DATA / "lenet_calib.yaml", "--batch", 4]
    for key, value in options.items():
        flags += [f"--{key}", value]
    written = outputs_of_run(tmp_path, DATA / "lenet_fmnist.onnx", {"input": images[:4]}, *flags)
    program = systole.compile(lenet, arch, **options)
    assert same(program.predict(images[:4]), written["logits"])


def test_calibration_by_arrays_is_that_by_a_file(tmp_path, calibration, lenet, arch):
    by_array = systole.load(DATA / "lenet_fmnist.onnx", calibration=calibration)
    systole.compile(by_array, arch).save(tmp_path / "array.sysb")
    systole.compile(lenet, arch).save(tmp_path / "file.sysb")
    assert (tmp_path / "array.sysb").read_bytes() == (tmp_path / "file.sysb").read_bytes()


def test_a_run_with_inputs_gives_outputs_and_the_cycles_of_one_without(images, lenet, arch):
    program = systole.compile(lenet, arch, batch=2)
    timing, values = program.run(), program.run(images[:2])
    assert timing.outputs == {} and timing.cycles == values.cycles
    assert same(values.outputs["logits"], program.predict(images[:2]))


def test_a_result_is_that_of_the_command_line(lenet):
    told = run_json(
        DATA / "lenet_fmnist.onnx", "--arch", "edge-32x32", "--memory", "ddr4-2400", "--energy"
    )
    machine = systole.Arch("edge-32x32", memory="ddr4-2400")
    result = systole.compile(DATA / "lenet_fmnist.onnx", machine).run(energy="horowitz-45nm")
    own = dict(result.json)
    assert own.pop("provenance")["network"]["sha256"] == told.pop("provenance")["network"]["sha256"]
    assert own == told
    assert result.cycles == told["totals"]["cycles"] == sum(layer.cycles for layer in result.layers)
    assert result.energy_uj == pytest.approx(told["energy"]["total_pj"] * 1e-6)


def test_a_program_file_runs_but_has_no_network_to_predict_with(tmp_path, program):
    program.save(tmp_path / "lenet.sysb")
    loaded = systole.compile(tmp_path / "lenet.sysb")
    assert loaded.run().cycles == program.run().cycles
    with pytest.raises(systole.BadInput, match="expected an ONNX file"):
        loaded.predict(np.zeros((1, 1, 28, 28), np.float32))


def test_ranges_without_data_are_told_when_values_count(images, arch):
    program = systole.compile(DATA / "lenet_fmnist.onnx", arch)
    assert program.warnings == []
    cycles = program.run().cycles
    with pytest.warns(systole.SystoleWarning, match="random"):
        program.predict(images[:1])
    assert program.run().cycles == cycles


def test_top_1_is_that_of_the_command_accuracy(images, labels, program):
    told = command(
        "accuracy",
        DATA / "lenet_fmnist.onnx",
        "--data",
        DATA / "lenet.yaml",
        "--calib",
        DATA / "lenet_calib.yaml",
    )
    right = (
        next(line for line in told.splitlines() if line.startswith("int8 "))
        .split("(")[1]
        .split()[0]
    )
    found = program.accuracy(images, labels)
    assert round(found.value * 1000) == int(right) and found.samples == 1000
    assert found.standard_error == pytest.approx((found.value * (1 - found.value) / 1000) ** 0.5)
    mine = program.accuracy(images, labels, metric=lambda o, t: (o.argmax(axis=1) == t).mean())
    assert mine.value == found.value and mine.standard_error is None
    assert program.accuracy(images, labels, "top-5").value > found.value


METRICS = ["top-1", "top-5", "token", "exact", "perplexity", "mean-error", "cosine", "snr"]


def figures_of_command(file, folder, metric):
    """Value and error of the quantised form."""
    calib = ["--data", folder / "x.yaml", "--calib", folder / "x.yaml", "--limit", 40]
    told = json.loads(command("accuracy", file, *calib, "--metric", metric, "--json", "-"))
    return told["forms"][-1]["value"], told["forms"][-1]["value_error"]


@pytest.mark.parametrize("metric", METRICS)
def test_metrics_with_their_errors_are_those_of_the_command(images, labels, tmp_path, metric):
    np.save(tmp_path / "x.npy", images[:40])
    np.save(tmp_path / "y.npy", labels[:40])
    (tmp_path / "x.yaml").write_text("images: x.npy\nlabels: y.npy\n")
    program = systole.compile(
        systole.load(DATA / "lenet_fmnist.onnx", calibration=tmp_path / "x.yaml")
    )
    found = program.accuracy(images[:40], labels[:40], metric)
    value, error = figures_of_command(DATA / "lenet_fmnist.onnx", tmp_path, metric)
    assert (found.metric, found.samples) == (metric, 40)
    assert found.value == pytest.approx(value, rel=1e-6)
    assert found.standard_error == pytest.approx(error, rel=1e-5)


def test_predictions_in_float32_are_those_of_the_network_before_it_is_quantised(images, program):
    exact, given = program.predict(images[:20], float32=True), program.predict(images[:20])
    assert exact.shape == given.shape and not same(exact, given)
    assert np.abs(exact - given).max() < 0.1 * np.abs(exact).max()
    pruned = systole.compile(program.network, program.arch, prune="unstructured:0.9")
    assert same(pruned.predict(images[:20], float32=True), exact)


def test_a_mapped_file_is_never_in_memory_as_a_whole(monkeypatch, images, program, tmp_path):
    monkeypatch.setattr(systole._compiled, "_CHUNK_BYTES", 4 << 20)
    np.save(tmp_path / "x.npy", np.tile(images.astype(np.float16), (20, 1, 1, 1)))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert mapped.size * 4 > 60e6
    tracemalloc.start()
    found = program.predict(mapped)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
    assert same(found[1000:2000], program.predict(images.astype(np.float16)))


# Layers of networks of one node, and the same as a layer by itself.
LAYERS = {
    "conv": (systole.conv(16, 24, 14, 14, 3, padding=1), (1, 16, 14, 14)),
    "strided conv": (systole.conv(8, 12, 15, 13, (3, 5), stride=2, padding=(1, 2)), (1, 8, 15, 13)),
    "dilated conv": (systole.conv(8, 8, 16, 16, 3, dilation=2), (1, 8, 16, 16)),
    "grouped conv": (systole.conv(16, 32, 9, 9, 3, groups=4, padding=1), (1, 16, 9, 9)),
    "depthwise": (systole.depthwise(24, 10, 10, 3, padding=1), (1, 24, 10, 10)),
    "matmul": (systole.matmul(1, 96, 40), (1, 96)),
    "max pool": (systole.max_pool(16, 12, 12, 3, stride=2, padding=1), (1, 16, 12, 12)),
    "add": (systole.add(24, 9, 9), (1, 24, 9, 9)),
    "average pool": (systole.average_pool(16, 12, 12, 2), (1, 16, 12, 12)),
}


def no_zeros(dims):
    """Weights of which none rounds to 0, as those of `cost`: grouped convolutions store no zeros."""
    floats = np.random.default_rng(1)
    signs = floats.choice([-1, 1], dims)
    return (signs * floats.uniform(0.3, 1, dims)).astype(np.float32)


def network_of_one_node(name, layer, shape):
    onnx = pytest.importorskip("onnx")
    numpy_helper = pytest.importorskip("onnx.numpy_helper")
    helper = onnx.helper
    sizes = layer.told()
    weights = []
    if sizes["kind"] == "conv":
        dims = [sizes["filters"], sizes["channels"] // sizes["groups"], *sizes["kernel"]]
        weights = [numpy_helper.from_array(no_zeros(dims), "w")]
        node = helper.make_node(
            "Conv",
            ["x", "w"],
            ["y"],
            kernel_shape=sizes["kernel"],
            strides=sizes["stride"],
            pads=sizes["padding"],
            dilations=sizes["dilation"],
            group=sizes["groups"],
        )
    elif sizes["kind"] == "add":
        node = helper.make_node("Add", ["x", "z"], ["y"])
    elif sizes["kind"] == "matmul":
        dims = [sizes["inner"], sizes["columns"]]
        weights = [numpy_helper.from_array(no_zeros(dims), "w")]
        node = helper.make_node("Gemm", ["x", "w"], ["y"])
    else:
        kind = "MaxPool" if sizes["kind"] == "max_pool" else "AveragePool"
        node = helper.make_node(
            kind,
            ["x"],
            ["y"],
            kernel_shape=sizes["kernel"],
            strides=sizes["stride"],
            pads=sizes["padding"],
        )
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node],
        name,
        [
            value(one, onnx.TensorProto.FLOAT, shape)
            for one in ("xz" if sizes["kind"] == "add" else "x")
        ],
        [value("y", onnx.TensorProto.FLOAT, None)],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def check_cost(tmp_path, layer, shape, batch):
    path = tmp_path / "layer.onnx"
    path.write_bytes(network_of_one_node("layer", layer, shape).SerializeToString())
    machine = systole.Arch("edge-16x16", memory="ddr4-2400")
    told = run_json(path, "--memory", "ddr4-2400", "--energy", "--batch", batch)
    found = systole.cost(layer, machine, batch=batch)
    assert found.cycles == told["totals"]["cycles"], layer
    assert found.dram_bytes == told["totals"]["dram_bytes"]["total"]
    assert found.useful_macs == told["totals"]["useful_macs"]
    assert found.bound_by == told["totals"]["lower_bound_cycles"]["largest"]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("batch", [1, 4])
def test_the_cost_of_a_layer_is_that_of_a_network_of_it(tmp_path, name, batch):
    check_cost(tmp_path, *LAYERS[name], batch)


@pytest.mark.parametrize("seed", range(12))
def test_the_cost_of_a_convolution_drawn_at_random(tmp_path, seed):
    draw = np.random.default_rng(seed).integers
    channels, filters, height, width = (int(draw(1, most)) for most in (70, 70, 30, 30))
    kernel = (int(draw(1, min(6, height + 1))), int(draw(1, min(6, width + 1))))
    stride = (int(draw(1, 4)), int(draw(1, 4)))
    padding = tuple(int(draw(0, size)) for size in (*kernel, *kernel))
    layer = systole.conv(channels, filters, height, width, kernel, stride=stride, padding=padding)
    check_cost(tmp_path, layer, (1, channels, height, width), int(draw(1, 4)))


def test_a_cost_of_narrow_and_sparse_layers_is_lower(arch):
    layer = systole.conv(64, 64, 14, 14, 3, padding=1)
    wide = systole.cost(layer, arch)
    narrow = systole.cost(layer, arch, weights=4, activations=4)
    assert narrow.cycles < wide.cycles and narrow.weight_bytes < wide.weight_bytes
    machine = systole.Arch("edge-16x16", set={"sparsity.structured": 1})
    pruned = systole.conv(64, 64, 14, 14, 3, padding=1, sparsity="2:4")
    assert systole.cost(pruned, machine).cycles < 0.7 * systole.cost(layer, machine).cycles


def test_costs_are_those_of_their_architecture(tmp_path):
    """An architecture that is read again has the costs of what it is now."""
    file = tmp_path / "mine.yaml"
    layer = systole.matmul(64, 256, 256)
    file.write_text(systole.Arch("edge-16x16").yaml)
    before = systole.cost(layer, file)
    file.write_text(systole.Arch("edge-4x4").yaml)
    assert systole.cost(layer, file).cycles > before.cycles
    assert systole.cost(layer, "edge-16x16").cycles == before.cycles


def test_prices_of_a_file_are_read_again(tmp_path, arch):
    layer = systole.matmul(64, 64, 64)
    table = (ROOT / "configs/energy/horowitz-45nm.yaml").read_text()
    file = tmp_path / "prices.yaml"
    file.write_text(table)
    before = systole.cost(layer, arch, energy=str(file)).energy_uj
    assert before == systole.cost(layer, arch).energy_uj
    dear = re.sub(r"value: ([\d.]+)", lambda found: f"value: {float(found[1]) * 2}", table)
    assert dear != table
    file.write_text(dear)
    assert systole.cost(layer, arch, energy=str(file)).energy_uj > 1.5 * before


def test_from_torch():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8 * 36, 5)
    )
    example = torch.randn(1, 3, 8, 8)
    data = np.random.default_rng(2).standard_normal((64, 3, 8, 8)).astype(np.float32)
    network = systole.from_torch(module, example, calibration=data)
    predicted = systole.compile(network).predict(data)
    with torch.no_grad():
        exact = module(torch.from_numpy(data)).numpy()
    assert predicted.shape == exact.shape
    noise = np.mean((predicted - exact) ** 2) / np.mean(exact**2)
    assert 10 * np.log10(1 / noise) > 25


def test_layers_are_told_by_damage_as_the_command_tells_them(program, images, labels):
    rows = program.layers(images[:40], labels[:40])
    options = ["--data", DATA / "lenet.yaml", "--calib", DATA / "lenet_calib.yaml", "--limit", 40]
    command_line = ["accuracy", DATA / "lenet_fmnist.onnx", *options, "--layers", "--json", "-"]
    told = json.loads(command(*command_line))["layers"]
    assert [row["layer"] for row in rows] == [row["layer"] for row in told]
    noise = [row["output_alone"]["sqnr_db"] for row in rows]
    assert noise[0] == pytest.approx(told[0]["output_alone"]["sqnr_db"])
    assert noise == sorted(noise, key=lambda db: np.inf if db is None else db)
    assert rows.frame()["alone.cosine"].min() > 0.9
    assert "top1_change" not in program.layers(images[:2])[0]
    with pytest.raises(systole.BadInput, match="targets: float64 of shape"):
        program.layers(images[:2], [0.5, 1])


def test_steps_of_the_calibration_are_those_of_the_command(lenet, images, tmp_path):
    program = systole.compile(lenet, calibration_method="mse", calibration_steps=["equalise"])
    options = ["--calib", DATA / "lenet_calib.yaml", "--calib-method", "mse+equalise"]
    written = outputs_of_run(tmp_path, DATA / "lenet_fmnist.onnx", {"input": images[:1]}, *options)
    assert same(program.predict(images[:1]), written["logits"])
    with pytest.raises(systole.BadInput, match="equal: unknown step, expected one of equalise"):
        systole.compile(lenet, calibration_steps=["equal"])
