# SPDX-License-Identifier: Apache-2.0
"""What is wrong with arrays, metrics, files and options: one exception each, and the session goes on."""

import numpy as np
import pytest

import systole
from conftest import DATA, command

LENET = DATA / "lenet_fmnist.onnx"


@pytest.fixture(autouse=True)
def _the_worker_stays(program):
    """Bad input never costs the worker."""
    pid = systole.default_session().pid
    yield
    assert systole.default_session().pid == pid


@pytest.mark.parametrize(
    ("change", "problem", "expected"),
    [
        (lambda x: x.astype(np.float64), "dtype float64", "float32"),
        (lambda x: (x * 255).astype(np.uint8), "dtype uint8", "float32"),
        (lambda x: x.astype(complex), "dtype complex128", "float32"),
        (lambda x: x.astype(object), "dtype object", "float32"),
        (lambda x: x.astype(x.dtype.newbyteorder()), "another order", "this machine's order"),
        (lambda x: x[:, 0], r"shape \(4, 28, 28\)", "(N, 1, 28, 28)"),
        (lambda x: x.reshape(4, 784), r"shape \(4, 784\)", "(N, 1, 28, 28)"),
        (lambda x: x[:0], r"shape \(0, 1, 28, 28\)", "(N, 1, 28, 28)"),
        (lambda x: x[0, 0, 0, 0], "float32", "a NumPy array"),
        (lambda x: x.tolist(), "list", "a NumPy array"),
        (lambda x: {"input": x, "more": x}, "no input 'more'", "input"),
        (lambda x: {}, "missing", "(N, 1, 28, 28)"),
        (lambda x: np.where(x == x.max(), np.nan, x), "is nan", "finite numbers"),
        (lambda x: x / 0 if False else np.full_like(x, np.inf), "is inf", "finite numbers"),
    ],
)
@pytest.mark.parametrize("call", ["predict", "run", "accuracy", "calibration"])
def test_arrays(images, arch, program, call, change, problem, expected):
    given = change(images[:4])
    with pytest.raises(systole.BadInput, match=problem) as raised:
        if call == "predict":
            program.predict(given)
        elif call == "run":
            program.run(given)
        elif call == "accuracy":
            program.accuracy(given, np.zeros(4, int))
        else:
            systole.load(LENET, calibration=given)
    assert expected in raised.value.expected
    assert raised.value.key.startswith("calibration" if call == "calibration" else "inputs")
    assert "\n" not in str(raised.value)


def test_channels_at_the_other_end_are_seen(images, program):
    with pytest.raises(systole.BadInput, match=r"array.transpose\(0, 3, 1, 2\) puts them first"):
        program.predict(images[:4].transpose(0, 2, 3, 1))
    with pytest.raises(systole.BadInput, match=r"array\[None\] makes a batch of it"):
        program.predict(images[0])


def test_the_layout_in_memory_does_not_matter(images, program):
    whole = program.predict(images[:6])
    assert (program.predict(np.asfortranarray(images[:6])) == whole).all()
    assert (program.predict(images[:12:2]) == program.predict(images[:12])[::2]).all()
    assert (program.predict(images[5::-1]) == whole[::-1]).all()
    assert (
        program.predict(images[:6].astype(np.float16).astype(np.float32))
        == program.predict(images[:6].astype(np.float16))
    ).all()


def test_a_run_takes_its_batch(images, program):
    with pytest.raises(systole.BadInput, match="3 samples, expected 1"):
        program.run(images[:3])


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (np.zeros(5, int), "integers of shape (4,)"),
        (np.zeros((4, 10)), "integers of shape (4,)"),
        (np.zeros(4), "integers of shape (4,)"),
        (None, "integers of shape (4,)"),
    ],
)
def test_targets(images, program, targets, expected):
    with pytest.raises(systole.BadInput, match="targets: ") as raised:
        program.accuracy(images[:4], targets)
    assert raised.value.expected == expected


def test_a_metric_that_raises_is_told_with_its_cause(images, labels, program):
    def broken(outputs, targets):
        return outputs[targets.shape[0] + 1]

    with pytest.raises(systole.MetricError, match="metric 'broken': raised IndexError") as raised:
        program.accuracy(images[:4], labels[:4], metric=broken)
    assert isinstance(raised.value.__cause__, IndexError)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "good", np.zeros(3)])
def test_a_metric_gives_a_number(images, labels, program, value):
    with pytest.raises(systole.MetricError):
        program.accuracy(images[:4], labels[:4], metric=lambda outputs, targets: value)


def test_an_unknown_metric(images, labels, program):
    with pytest.raises(systole.BadInput, match="unknown 'f1', expected 'top-1', .* or a callable"):
        program.accuracy(images[:4], labels[:4], "f1")


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        (np.full(4, 10), r"a label of sample 0 is 10, expected class indices in 0\.\.9"),
        (np.full(4, -100), "every label is negative"),
        (np.zeros((4, 2), int), r"shape \(4, 2\), expected integers of shape \(4, 1\)"),
    ],
)
@pytest.mark.parametrize("metric", ["token", "exact", "perplexity"])
def test_targets_of_tokens(images, program, metric, targets, problem):
    with pytest.raises(systole.BadInput, match="targets: .*" + problem):
        program.accuracy(images[:4], targets, metric)


def test_a_network_of_integers_has_no_float32(images):
    program = systole.compile(DATA / "quantised/lenet_qoperator.onnx")
    with pytest.raises(systole.BadInput, match="states its own integers, there is no float32"):
        program.accuracy(images[:4], metric="snr")
    with pytest.raises(systole.BadInput, match="states its own integers, there is no float32"):
        program.predict(images[:4], float32=True)


def test_a_wrong_value_is_named_where_it_stands(monkeypatch, images, program):
    monkeypatch.setattr(systole._compiled, "_CHUNK_BYTES", 7 * 28 * 28 * 4)
    given = images[:50].copy()
    given[40, 0, 3, 4] = np.nan
    with pytest.raises(systole.BadInput, match=r"element \(40, 0, 3, 4\) is nan"):
        program.predict(given)


def test_an_architecture_that_is_wrong_names_file_line_key_and_range(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("clock_mhz: 1000\narray:\n  rows: 999\n  cols: 16\n")
    with pytest.raises(systole.BadInput) as raised:
        systole.Arch(str(file))
    error = raised.value
    assert (error.file, error.line, error.key, error.expected) == (
        str(file),
        3,
        "array.rows",
        "1..256",
    )
    assert error.code == 2
    with pytest.raises(systole.BadInput) as raised:
        systole.Arch("edge-16x16", set={"array.rowz": 3})
    assert raised.value.key == "array.rowz" and "did you mean array.rows" in str(raised.value)
    with pytest.raises(systole.BadInput, match="unknown architecture 'edge'"):
        systole.Arch("edge")
    with pytest.raises(systole.BadInput):
        systole.Arch("edge-16x16", memory="ddr9")


def test_messages_are_those_of_the_command_line(tmp_path):
    file = tmp_path / "not.onnx"
    file.write_text("nothing")
    with pytest.raises(systole.BadInput) as raised:
        systole.load(file)
    assert raised.value.file == str(file)
    with pytest.raises(systole.BadInput) as raised:
        systole.load(tmp_path / "nowhere.onnx")
    assert raised.value.file == str(tmp_path / "nowhere.onnx")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"weights": 3}, "weights"),
        ({"activations": 16}, "activations"),
        ({"batch": 0}, "batch"),
        ({"batch": 10**20}, "batch"),
        ({"batch": "two"}, "batch"),
        ({"repeat": 2000}, "repeat"),
        ({"prune": "rare:3"}, "--prune"),
        ({"calibration_method": "guess"}, None),
        ({"choices": {"fusion": True}}, None),
        ({"precision": "nowhere.yaml"}, None),
    ],
)
def test_options_of_compile(lenet, arch, options, key):
    with pytest.raises(systole.SystoleError) as raised:
        systole.compile(lenet, arch, **options)
    assert raised.value.code in (2, 3)
    if key is not None:
        assert raised.value.key == key


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: systole.conv(0, 8, 4, 4), "channels"),
        (lambda: systole.conv(8, 8, 4, 4, 9), "kernel"),
        (lambda: systole.conv(8, 8, 4, 70000), "width"),
        (lambda: systole.conv(8, 8, 4, 4, (1, 2, 3)), "kernel"),
        (lambda: systole.conv(8, 8, 4, 4, padding=(1, 2, 3)), "padding"),
        (lambda: systole.conv(8, 8, 4, 4, padding=-1), "padding"),
        (lambda: systole.conv(8, 8, 4, 4, groups=3), "groups"),
        (lambda: systole.conv(8, 8, 4, 4, sparsity="4:2"), "sparsity"),
        (lambda: systole.matmul(8, 0, 8), "inner"),
        (lambda: systole.matmul(8, 1.5, 8), "inner"),
        (lambda: systole.add(8, -1, 8), "height"),
    ],
)
def test_layers(arch, make, key):
    with pytest.raises(systole.BadInput) as raised:
        systole.cost(make(), arch)
    assert raised.value.key == key and raised.value.expected


def test_options_of_cost(arch):
    with pytest.raises(systole.BadInput, match="3, expected 8, 4, 2 or 1"):
        systole.cost(systole.matmul(4, 4, 4), arch, weights=3)
    with pytest.raises(systole.BadInput, match="batch"):
        systole.cost(systole.matmul(4, 4, 4), arch, batch=0)
    with pytest.raises(systole.SystoleError):
        systole.cost(systole.matmul(4, 4, 4), arch, energy="no-table")


def test_what_stops_a_run_is_an_exception(program):
    with pytest.raises(systole.Stopped, match="cycle limit after 100 cycles") as raised:
        program.run(cycle_limit=100)
    assert raised.value.code == 4
    with pytest.raises(systole.BadInput, match="expected model, rtl or both"):
        program.run(engine="fpga")


def test_operators_that_nobody_runs_are_all_named(tmp_path):
    onnx = pytest.importorskip("onnx")
    helper, value = onnx.helper, onnx.helper.make_tensor_value_info
    nodes = [
        helper.make_node("Hardmax", ["x"], ["h"], "first"),
        helper.make_node("Det", ["h"], ["y"], "second"),
    ]
    graph = helper.make_graph(nodes, "odd", [value("x", 1, [1, 2, 4, 4])], [value("y", 1, None)])
    path = tmp_path / "odd.onnx"
    path.write_bytes(
        helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
        ).SerializeToString()
    )
    with pytest.raises(systole.SystoleError) as raised:
        systole.compile(path)
    assert "first" in str(raised.value) or "Hardmax" in str(raised.value)
    assert raised.value.code == 3


def test_a_sweep_tells_key_and_points_that_failed(tmp_path):
    with pytest.raises(systole.BadInput, match="architecture"):
        systole.sweep(networks=[LENET], architectures=["nope"])
    with pytest.raises(systole.BadInput, match="^unknown key 'batches', expected") as raised:
        systole.sweep(networks=[LENET], architectures=["edge-16x16"], batches=[1])
    assert raised.value.key == "batches" and raised.value.file is None
    file = tmp_path / "sweep.yaml"
    file.write_text(f"networks: [{LENET}]\narchitectures: [edge-16x16]\nbatches: [1]\n")
    with pytest.raises(systole.BadInput) as raised:
        systole.sweep(file)
    assert (raised.value.file, raised.value.line, raised.value.key) == (str(file), 3, "batches")
    with pytest.raises(systole.BadInput, match="a file, and networks beside it"):
        systole.sweep(tmp_path / "x.yaml", networks=[LENET])
    tight = dict(
        networks=[LENET],
        architectures=["edge-16x16"],
        weights=[8, 4],
        set={"precision.weight_bits": [8]},
    )
    with pytest.raises(systole.Incomplete, match="1 of 2 points have failed") as raised:
        systole.sweep(**tight)
    assert [row["status"] for row in raised.value.rows] == ["finished", "failed"]
    rows = systole.sweep(**tight, allow_failed=True)
    assert len(rows) == 2 and rows.best("cycles")["weights"] == 8
    with pytest.raises(systole.BadInput, match="no point has 'cycle'"):
        rows.best("cycle")


def test_a_study_that_measures_needs_data(lenet, images):
    with pytest.raises(systole.BadInput, match="needs inputs and targets"):
        systole.study(lenet, metric=lambda o, t: 1.0)
    with pytest.raises(systole.BadInput, match="--precisions"):
        systole.study(lenet, precisions=["W3A3"])


def test_results_of_commands_that_do_not_fit(tmp_path):
    points = systole.sweep(networks=[LENET], architectures=["edge-16x16"])
    with pytest.raises(systole.BadInput, match="points without a database"):
        systole.compare(points, points)
    with pytest.raises(systole.BadInput):
        systole.compare(tmp_path / "a.json", tmp_path / "b.json")


def test_a_result_is_written_whole_or_not_at_all(tmp_path, program):
    result = program.run()
    with pytest.raises(OSError):
        result.save(tmp_path / "no folder" / "result.json")
    result.save(tmp_path / "result.json")
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]
    assert command("compare", tmp_path / "result.json", tmp_path / "result.json")
