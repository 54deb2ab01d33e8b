# SPDX-License-Identifier: Apache-2.0
"""Sweeps, studies, searches, comparisons and pages have the figures of the command line, and metrics of the caller's."""

import json

import pytest

import systole
from conftest import DATA, ROOT, command

LENET = DATA / "lenet_fmnist.onnx"


def test_a_sweep_by_keys_is_that_of_a_file():
    rows = systole.sweep(ROOT / "configs/sweeps/array.yaml").rows
    told = [
        json.loads(line)
        for line in command("sweep", ROOT / "configs/sweeps/array.yaml", "--json").splitlines()
    ]
    assert rows == told and len(rows) > 10
    by_keys = systole.sweep(
        networks=[LENET, DATA / "resnet8_fmnist.onnx"],
        architectures=[
            "edge-16x16",
            {"name": "edge-16x16", "array.rows": 32, "array.cols": 8},
        ],
        set={"ub.kib": (32, 256)},
        memory=[{"kind": "ideal", "gb_per_s": 2}, {"kind": "ideal", "gb_per_s": 32}],
        batch=[1, 8],
    )
    assert [row["cycles"] for row in by_keys.rows] == [row["cycles"] for row in told]


def test_a_sweep_has_a_frame_and_a_best_point(tmp_path):
    pandas = pytest.importorskip("pandas")
    points = systole.sweep(
        networks=LENET,
        architectures="edge-16x16",
        set={"array.rows": [4, 8, 16], "array.cols": 16},
        database=tmp_path / "results.db",
    )
    frame = points.frame()
    assert isinstance(frame, pandas.DataFrame) and len(frame) == 3
    assert list(frame["set.array.rows"]) == [4, 8, 16]
    best = points.best("latency_ms", lambda row: row["set"]["array.rows"] < 16)
    assert best["set"]["array.rows"] == 8
    assert points.best("latency_ms", maximise=True)["set"]["array.rows"] == 4
    again = systole.sweep(
        networks=LENET,
        architectures="edge-16x16",
        set={"array.rows": [4, 8, 16], "array.cols": 16},
        database=tmp_path / "results.db",
    )
    assert again.rows == points.rows
    assert "<table>" in points._repr_html_() and "array.rows=8" in points._repr_html_()


def test_architectures_of_a_sweep_may_be_archs():
    wide = systole.Arch("edge-16x16", memory="ddr4-2400", set={"array.cols": 32})
    points = systole.sweep(networks=[systole.load(LENET)], architectures=[wide, "edge-4x4"])
    assert points[0]["cycles"] == systole.run(LENET, wide).cycles
    assert points[1]["cycles"] == systole.run(LENET, "edge-4x4").cycles


def test_a_study_measures_by_the_callers_metric(images, labels, lenet, arch):
    told = json.loads(
        command(
            *("study", LENET, "--data", DATA / "lenet.yaml", "--calib", DATA / "lenet_calib.yaml"),
            *("--precisions", "int8,W4A4,W2A2", "--prunes", "none,nm:2:4", "--batch", "1,4"),
            *("--json", "-"),
        )
    )
    calls = []

    def percent(outputs, targets):
        calls.append(outputs.shape)
        return 100 * (outputs.argmax(axis=1) == targets).mean()

    study = systole.study(
        lenet,
        arch,
        precisions=["int8", "W4A4", "W2A2"],
        prunes=["none", "nm:2:4"],
        batch=[1, 4],
        inputs=images,
        targets=labels,
        metric=percent,
    )
    assert len(study) == len(told["rows"]) == 12 and len(calls) == 6
    for row, other in zip(study.rows, told["rows"]):
        assert row["cycles"] == other["cycles"] and row["precision"] == other["precision"]
        assert row["metric"] == pytest.approx(other["top1"], abs=1e-9)
    assert len({row["metric"] for row in study.rows}) > 3


def test_a_metric_that_raises_ends_a_study(images, labels, lenet):
    def broken(outputs, targets):
        raise ZeroDivisionError("no")

    with pytest.raises(systole.MetricError, match="metric 'broken'"):
        systole.study(
            lenet,
            precisions=["int8"],
            prunes=["none"],
            inputs=images,
            targets=labels,
            metric=broken,
        )


def test_a_search_has_a_front_and_the_callers_metric(images, labels, calibration):
    search = systole.optimise(
        networks=[LENET],
        architectures=["edge-16x16"],
        weights=[8, 2],
        activations=[8, 2],
        set={"array.rows": [8, 16, 32]},
        objectives=["latency", "area"],
        budget=12,
        inputs=images[:200],
        targets=labels[:200],
        metric=lambda outputs, targets: (outputs.argmax(axis=1) == targets).mean(),
        calibration=calibration,
    )
    assert search.evaluated == 12 and 1 <= len(search) <= 12
    network = systole.load(LENET, calibration=calibration)
    for row in search.rows:
        program = systole.compile(network, weights=row["weights"], activations=row["activations"])
        found = program.accuracy(images[:200], labels[:200]).value
        assert row["metric"] == pytest.approx(found, abs=1e-9)


def searched(images, targets, metric, calibration, objective="metric", **more):
    return systole.optimise(
        networks=[LENET],
        architectures=["edge-16x16"],
        weights=[8, 4, 2],
        set={"array.rows": [8, 16, 32]},
        objectives=["latency", objective],
        budget=9,
        population=8,
        inputs=images[:100],
        targets=targets,
        metric=metric,
        calibration=calibration[:50],
        jobs=2,
        **more,
    )


def test_a_callable_steers_a_search(images, labels, calibration):
    threads = set()

    def share_of_bags(outputs, targets):  # class 8, which latency knows nothing of
        threads.add(len(outputs))
        return float((outputs.argmax(axis=1) == targets)[targets == 8].mean())

    search = searched(images, labels[:100], share_of_bags, calibration)
    assert threads == {100, 90}
    network = systole.load(LENET, calibration=calibration[:50])
    for row in search.rows:
        program = systole.compile(network, weights=row["weights"])
        found = program.accuracy(images[:100], labels[:100], share_of_bags).value
        assert row["metric"] == pytest.approx(found) and row["metric_error"] >= 0
    # It is a front of both: who is slower has the better metric.
    rows = sorted(search.rows, key=lambda row: row["latency_ms"])
    assert len({row["weights"] for row in rows}) > 1
    for fast, slow in zip(rows, rows[1:]):
        assert slow["metric"] > fast["metric"] or slow["latency_ms"] == fast["latency_ms"]


def test_a_metric_with_a_name_steers_a_search(images, labels, calibration):
    minimised = {"minimise": "metric"}
    search = searched(images, labels[:100], "perplexity", calibration, minimised)
    network = systole.load(LENET, calibration=calibration[:50])
    found = {
        bits: systole.compile(network, weights=bits).accuracy(
            images[:100], labels[:100], "perplexity"
        )
        for bits in (8, 4, 2)
    }
    for row in search.rows:
        assert row["metric"] == pytest.approx(found[row["weights"]].value, rel=1e-6)
        assert row["metric_error"] == pytest.approx(found[row["weights"]].standard_error, rel=1e-5)
    best = min(row["metric"] for row in search.rows)
    assert best == pytest.approx(min(one.value for one in found.values()))


def test_a_metric_that_raises_ends_a_search(images, labels, calibration):
    def broken(outputs, targets):
        return {}["no"]

    with pytest.raises(systole.MetricError, match="metric 'broken': raised KeyError") as raised:
        searched(images, labels[:100], broken, calibration)
    assert isinstance(raised.value.__cause__, KeyError)
    with pytest.raises(systole.MetricError, match="gave nan, expected a finite number"):
        searched(images, labels[:100], lambda outputs, targets: float("nan"), calibration)


def test_a_search_by_a_metric_needs_data(images, labels, calibration):
    keys = {"networks": [LENET], "architectures": ["edge-16x16"], "budget": 8}
    with pytest.raises(systole.BadInput, match="metric of .*, expected metric or metric_command"):
        systole.optimise(keys, objectives=["latency", "metric"])
    with pytest.raises(systole.BadInput, match="unknown 'f1'"):
        searched(images, labels[:100], "f1", calibration)


def test_a_comparison(tmp_path, program):
    a = program.run()
    b = systole.run(LENET, systole.Arch("edge-16x16", set={"array.cols": 32}))
    same = systole.compare(a, a)
    assert not same.cycles_differ and same.json["equal"] == 1
    differs = systole.compare(a, b)
    assert differs.cycles_differ
    a.save(tmp_path / "a.json")
    b.save(tmp_path / "b.json")
    told = json.loads(
        command("compare", tmp_path / "a.json", tmp_path / "b.json", "--json", code=1)
    )
    assert differs.json["differences"] == told["differences"]
    pytest.importorskip("pandas")
    frame = differs.frame().set_index("figure")
    assert frame.loc["cycles", "a"] == a.cycles and frame.loc["cycles", "b"] == b.cycles


def test_a_page(tmp_path, program):
    path = tmp_path / "page.html"
    try:
        assert systole.report(program.run(), path) == str(path)
    except systole.BadInput as error:
        if "no plotting library" in str(error):
            pytest.skip("this build makes no pages: npm has not fetched the plotting library")
        raise
    assert path.read_text().lower().startswith("<!doctype html>")
    two = systole.report(
        [program.run(), program.run(energy="horowitz-45nm")], tmp_path / "two.html"
    )
    assert "lenet_fmnist" in open(two).read()
