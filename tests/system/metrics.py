#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`systole accuracy --metric` and `--metric-command` tell what NumPy makes of the same outputs, with its errors.

  metrics.py SYSTOLE       exit code 1 if anything is wrong, each with a line

A command of the test's own receives the outputs of each form and keeps them; every figure is computed from those.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
LENET = [DATA / "lenet_fmnist.onnx", "--data", DATA / "lenet.yaml", "--calib", DATA / "lenet_calib.yaml"]
KEEP = """import json, shutil, sys
manifest = json.load(open(sys.argv[2]))
if len(manifest["items"]) == int(sys.argv[1]):
    shutil.copy(manifest["outputs"][0]["file"], manifest["form"] + ".npy")
    shutil.copy(manifest["labels"], "labels.npy")
print("a line before\\n0.5")
"""
TOP1 = """import json, sys
import numpy as np
manifest = json.load(open(sys.argv[1]))
print(np.mean(np.load(manifest["outputs"][0]["file"]).argmax(1) == np.load(manifest["labels"])))
"""
Found = typing.Dict[str, typing.Any]
problems: typing.List[str] = []


def expect(good: bool, what: str) -> None:
    if not good:
        problems.append(what)


def near(found: float, wanted: float, what: str) -> None:
    expect(abs(found - wanted) <= 1e-6 * max(1.0, abs(wanted)), f"{what}: {found}, expected {wanted}")


def run(folder: pathlib.Path, *arguments: typing.Any) -> subprocess.CompletedProcess:
    return subprocess.run([sys.argv[1], "accuracy", *map(str, arguments)], capture_output=True, text=True, check=False,
                          cwd=folder, env={**os.environ, "TMPDIR": str(folder / "tmp")})


def told(folder: pathlib.Path, *arguments: typing.Any) -> Found:
    done = run(folder, *arguments, "--json", "-")
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, arguments))}\nexit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def mean_and_error(values: np.ndarray) -> typing.Tuple[float, float]:
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))


def check_shares(folder: pathlib.Path, common: list, metric: str, right: typing.Dict[str, np.ndarray],
                 weight: np.ndarray) -> None:
    """`right`: of each form and item; `weight`: of each item."""
    found = told(folder, *common, "--metric", metric)
    expect(found["metric"] == metric, f"{metric}: told as {found['metric']}")
    forms = {row["form"]: row for row in found["forms"]}
    expect(sorted(forms) == sorted(right), f"{metric}: forms {sorted(forms)}")
    for form, values in right.items():
        share = values.sum() / weight.sum()
        near(forms[form]["value"], share, f"{metric} of {form}")
        near(forms[form]["value_error"], np.sqrt(((values - share * weight)**2).sum()) / weight.sum(),
             f"{metric} of {form}: error")
    change = right[found["forms"][-1]["form"]] - right["float32"]
    share = change.sum() / weight.sum()
    near(found["change"], share, f"{metric}: change")
    near(found["change_error"], np.sqrt(((change - share * weight)**2).sum()) / weight.sum(), f"{metric}: its error")


def kept(folder: pathlib.Path, common: list, items: int) -> typing.Dict[str, np.ndarray]:
    (folder / "keep.py").write_text(KEEP, encoding="utf-8")
    found = told(folder, *common, "--metric-command", f"/usr/bin/python3 keep.py {items}", "--metric-groups", 0)
    expect(all(row["value"] == 0.5 and row["value_error"] is None for row in found["forms"]), "the command's figure")
    return {row["form"]: np.load(folder / (row["form"] + ".npy")).astype(np.float64) for row in found["forms"]}


def check_images(folder: pathlib.Path) -> None:
    items, common = 200, [*LENET, "--weights", 2, "--activations", 2, "--limit", 200]
    outputs, one = kept(folder, common, items), np.ones(items)
    labels = np.load(folder / "labels.npy")
    form = next(name for name in outputs if name != "float32")
    expect(all(array.shape == (items, 10) for array in outputs.values()), "outputs of another shape")
    for metric, best in (("top-1", 1), ("top-5", 5), ("exact", 1)):
        order = {name: np.argsort(-array, axis=1, kind="stable")[:, :best] for name, array in outputs.items()}
        check_shares(folder, common, metric,
                     {name: (row == labels[:, None]).any(axis=1).astype(float) for name, row in order.items()}, one)
    exact, given = outputs["float32"], outputs[form]
    cosines = (exact * given).sum(1) / np.sqrt((exact**2).sum(1) * (given**2).sum(1))
    for metric, (value, error) in (("mean-error", mean_and_error(np.abs(given - exact).mean(1))),
                                   ("cosine", mean_and_error(cosines))):
        rows = told(folder, *common, "--metric", metric)["forms"]
        expect([row["form"] for row in rows] == [form], f"{metric}: forms {rows}")
        near(rows[0]["value"], value, metric)
        near(rows[0]["value_error"], error, f"{metric}: error")
    signal, noise = (exact**2).sum(1), ((given - exact)**2).sum(1)
    row = told(folder, *common, "--metric", "snr")["forms"][0]
    near(row["value"], 10 * np.log10(signal.sum() / noise.sum()), "snr")
    residual = signal / signal.sum() - noise / noise.sum()
    near(row["value_error"], 10 / np.log(10) * np.sqrt((residual**2).sum()), "snr: error")
    # A command that tells top-1: its value, and by the jackknife an error like that of the metric itself.
    (folder / "top1.py").write_text(TOP1, encoding="utf-8")
    command = told(folder, *common, "--metric-command", "/usr/bin/python3 top1.py", "--metric-groups", 10)
    right = {name: (array.argmax(1) == labels).astype(float) for name, array in outputs.items()}
    for what, values in ((command["forms"][-1], right[form]), ({"value": command["change"],
                                                                "value_error": command["change_error"]},
                                                               right[form] - right["float32"])):
        near(what["value"], values.mean(), "top-1 by a command")
        without = np.array([np.delete(values, np.s_[g::10]).mean() for g in range(10)])
        near(what["value_error"], np.sqrt(0.9 * ((without - without.mean())**2).sum()), "top-1 by a command: error")


def tokens_network(path: pathlib.Path, tokens: int, width: int, classes: int) -> None:
    weights = np.random.default_rng(5).normal(size=(width, classes)).astype(np.float32)
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"], name="head")], "tokens",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, tokens, width])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, tokens, classes])],
                              [numpy_helper.from_array(weights, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(path))


def check_tokens(folder: pathlib.Path) -> None:
    items, tokens, width, classes = 40, 5, 16, 7
    random = np.random.default_rng(3)
    tokens_network(folder / "tokens.onnx", tokens, width, classes)
    np.save(folder / "x.npy", random.normal(size=(items, tokens, width)).astype(np.float32))
    (folder / "x.yaml").write_text("images: x.npy\nlabels: y.npy\n", encoding="utf-8")
    np.save(folder / "y.npy", np.zeros((items, tokens), np.int64))
    common = ["tokens.onnx", "--data", "x.yaml", "--calib", "x.yaml", "--activations", 4, "--weights", 4]
    outputs = kept(folder, common, items)
    expect(all(array.shape == (items, tokens, classes) for array in outputs.values()), "tokens of another shape")
    # Right for most tokens; some have no label, and one item has none at all.
    labels = outputs["float32"].argmax(2)
    labels[random.random(labels.shape) < 0.1] = 0
    labels[random.random(labels.shape) < 0.2] = -100
    labels[7] = -100
    np.save(folder / "y.npy", labels)
    counts = labels >= 0
    right = {name: (array.argmax(2) == labels) & counts for name, array in outputs.items()}
    check_shares(folder, common, "token", {name: hit.sum(1).astype(float) for name, hit in right.items()},
                 counts.sum(1).astype(float))
    check_shares(folder, common, "exact",
                 {name: ((hit | ~counts).all(1) & counts.any(1)).astype(float) for name, hit in right.items()},
                 counts.any(1).astype(float))
    check_perplexity(folder, common, outputs, labels)
    refused(folder, common, ["--metric", "top-1"],
            "x.yaml: labels: holds 5 an item, top-1 takes one, expected --metric token, exact or perplexity")
    np.save(folder / "y.npy", labels[:, :3])
    refused(folder, common, ["--metric", "token"],
            "x.yaml: labels: holds 3 labels an item, the output [1, 5, 7] has 5 tokens of 7 classes")
    labels[3, 2] = 7
    np.save(folder / "y.npy", labels)
    refused(folder, common, ["--metric", "exact"],
            "x.yaml: labels: a label of item 3 is 7, the output has 7 classes")
    np.save(folder / "y.npy", np.full_like(labels, -1))
    refused(folder, common, ["--metric", "token"],
            "x.yaml: labels: every label is negative, there is none that counts")


def check_perplexity(folder: pathlib.Path, common: list, outputs: typing.Dict[str, np.ndarray],
                     labels: np.ndarray) -> None:
    """Values by the definition; errors to first order, here by leaving out one item after the other, scaled."""
    counts, weight = labels >= 0, (labels >= 0).sum(1)
    logs = {}
    for form, logits in outputs.items():
        chances = np.exp(logits) / np.exp(logits).sum(2, keepdims=True)
        of_label = np.take_along_axis(chances, np.where(counts, labels, 0)[..., None], 2)[..., 0]
        logs[form] = (-np.log(of_label) * counts).sum(1)
    values = {form: np.exp(log.sum() / weight.sum()) for form, log in logs.items()}
    residuals = {form: values[form] * (log - weight * log.sum() / weight.sum()) / weight.sum()
                 for form, log in logs.items()}
    found = told(folder, *common, "--metric", "perplexity")
    for row in found["forms"]:
        near(row["value"], values[row["form"]], f"perplexity of {row['form']}")
        near(row["value_error"], np.sqrt((residuals[row["form"]]**2).sum()), "perplexity: error")
    form = found["forms"][-1]["form"]
    near(found["change"], values[form] - values["float32"], "perplexity: change")
    near(found["change_error"], np.sqrt(((residuals[form] - residuals["float32"])**2).sum()), "its error")
    expect(values[form] > values["float32"] > 1, "perplexity: four bits lose nothing")


def refused(folder: pathlib.Path, common: list, options: list, message: str) -> None:
    before = set(folder.iterdir())
    done = run(folder, *common, *options)
    expect(done.returncode == 2, f"{options}: exit code {done.returncode}, expected 2")
    expect(done.stderr == f"systole: {message}\n", f"{options}: {done.stderr!r}, expected {message!r}")
    expect(set(folder.iterdir()) == before, f"{options}: left a file")


def check_refusals(folder: pathlib.Path) -> None:
    common, own = [*LENET, "--limit", 20], DATA / "quantised/lenet_qoperator.onnx"
    what = "--metric-command {}: float32"
    for command, reason in (("echo no >&2; false", "ended with status 1: no"), ("kill -9 $$; :", "ended with status 137"),
                            (":", "printed nothing, expected a number in the last line"),
                            ("echo 1; echo many; :", "the last line is 'many', expected a number"),
                            ("echo nan; :", "the last line is 'nan', expected a number")):
        refused(folder, common, ["--metric-command", command], f"{what.format(command)}: {reason}")
    command = "echo 1; grep -q '^  0,$'"  # fails once item 0 is left out
    refused(folder, common, ["--metric-command", command],
            f"{what.format(command)}, 18 of 20 items: ended with status 1")
    refused(folder, common, ["--metric-groups", 3], "--metric-groups: given without --metric-command")
    refused(folder, [own, "--data", DATA / "lenet.yaml"], ["--metric", "cosine"],
            f"--metric cosine: {own} states its own integers, there is no float32 to compare it with")


with tempfile.TemporaryDirectory() as name:
    place = pathlib.Path(name)
    (place / "tmp").mkdir()
    for check in (check_images, check_tokens, check_refusals):
        check(place)
    expect(not list((place / "tmp").iterdir()), "left something in the directory of temporary files")
print("\n".join(problems) or "every metric is NumPy's")
sys.exit(1 if problems else 0)
