#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What `systole quantise` writes is the same program to the byte, its file is what the documentation says, and what cannot be
written is refused by name, with no file left.

  quantise.py SYSTOLE
"""
import pathlib
import subprocess
import sys
import tempfile
import typing

import numpy as np
import onnx
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
SYSTOLE = sys.argv[1]
Options = typing.Sequence[str]
WIDTHS: typing.List[Options] = [[], *(["--weights", str(w), "--activations", str(a)] for w, a in [(4, 4), (4, 8), (8, 4), (2, 2), (2, 8), (1, 8), (1, 4)])]
PRUNINGS: typing.List[Options] = [["--prune", kind] for kind in
                                  ("nm:2:4", "unstructured:0.8", "block:0.5", "channel:0.3", "lowrank:0.5", "codebook:16")]
OTHERS: typing.List[Options] = [["--bias-correction"], ["--calib-method", "mse", "--weights", "4"], ["--batch", "3"],
                                ["--prune", "nm:2:4", "--weights", "4", "--activations", "4"], ["--set", "compile.fuse=false"]]
#: Where the file is to have another form than by default.
OPSET_13 = ["--opset", "13", "--weights", "4", "--activations", "4"]
#: Those that arrive quantised, and are not written.
#: Options that the written file states itself.
STATED = {"--weights", "--activations", "--prune", "--calib", "--calib-method"}

failures: typing.List[str] = []


def check(holds: bool, text: str) -> None:
    if not holds:
        failures.append(text)
        print("FAILED:", text, flush=True)


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([SYSTOLE, *map(str, arguments)], capture_output=True, text=True, check=False)


def kept(options: Options) -> typing.List[str]:
    """What reading the file back is still to be told."""
    result, words = [], iter(options)
    for word in words:
        if word == "--bias-correction":
            continue
        value = next(words)
        if word not in STATED:
            result += [word, value]
    return result


def same_program(folder: pathlib.Path, network: pathlib.Path, options: Options, opset: Options = ()) -> pathlib.Path:
    written = folder / "written" / network.name
    written.parent.mkdir(exist_ok=True)
    written.unlink(missing_ok=True)
    what = f"{network.name} {' '.join(map(str, [*options, *opset]))}"
    made = run("quantise", network, *options, *opset, "-o", written)
    check(made.returncode == 0, f"{what}: {made.stderr.strip()}")
    programs = [folder / "a.sysb", folder / "b.sysb"]
    for file, source, words in zip(programs, [network, written], [options, kept(options)]):
        done = run("compile", source, *words, "-o", file) if made.returncode == 0 else made
        check(done.returncode == 0, f"{what}: {done.stderr.strip()}")
        if source == written:
            check("ranges" not in done.stderr, f"{what}: asks for ranges: {done.stderr.strip()}")
    if made.returncode == 0:
        check(programs[0].read_bytes() == programs[1].read_bytes(), f"{what}: another program")
    return written


def trained(folder: pathlib.Path) -> int:
    count = 0
    for name in ("lenet", "mlp", "resnet8"):
        calib = ["--calib", str(DATA / f"{name}_calib.yaml")]
        network = DATA / f"{name}_fmnist.onnx"
        for options in [*WIDTHS, *PRUNINGS, *OTHERS]:
            same_program(folder, network, [*calib, *options])
            count += 1
        same_program(folder, network, [*calib, *OPSET_13[2:]], OPSET_13[:2])
    for network in sorted((DATA / "pruned").glob("*.onnx")):
        calib = ["--calib", str(DATA / f"{network.name.split('_')[0]}_calib.yaml")]
        for options in ([], ["--weights", "4", "--activations", "4"]):
            same_program(folder, network, [*calib, *options])
            count += 1
    return count


def arrived_quantised(folder: pathlib.Path) -> int:
    count = 0
    for network in [*sorted((DATA / "quantised").glob("*.onnx")), *sorted((DATA / "lowbit").glob("*.onnx"))]:
        same_program(folder, network, [])
        count += 1
    return count


def refused(folder: pathlib.Path) -> None:
    """What has no form is refused by name, in one line, and no file is left: a mean of three tensors."""
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [("Conv", ["x", "w"], "a"), ("Conv", ["a", "w"], "b"), ("Mean", ["x", "a", "b"], "y")]
    graph = helper.make_graph(
        [helper.make_node(op, inputs, [result], name="n" + result) for op, inputs, result in nodes], "mean",
        [helper.make_tensor_value_info("x", floats, [1, 3, 4, 4])], [helper.make_tensor_value_info("y", floats, [1, 3, 4, 4])],
        [numpy_helper.from_array(np.random.default_rng(2).normal(size=(3, 3, 1, 1)).astype(np.float32), "w")])
    network = folder / "mean.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(network))
    done = run("quantise", network, "-o", folder / "no.onnx")
    right = done.returncode == 3 and "node 'ny/sum' (Mean): a sum times" in done.stderr and done.stderr.count("\n") == 1
    check(right, f"{network.name}: {done.returncode} {done.stderr}")
    check(not (folder / "no.onnx").exists(), f"{network.name}: a file is left")


def rectifiers(folder: pathlib.Path) -> int:
    """What reads back as another layer unless the file says more than its operators, or other ones: slopes, for all channels and for
    each; a mean of one; a product and a sum behind a function; a Relu on its input's codes that is an output."""
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    draw = np.random.default_rng(1)
    slopes = {"one": draw.uniform(0.1, 0.9, [1]), "each": draw.uniform(0.1, 0.9, [3, 1, 1]), "place": draw.uniform(0.1, 0.9, [3, 4, 4]),
              "factor": np.array(0.7), "shift": np.array(-0.3)}
    nodes = [("Relu", ["x"], "relu"), ("PRelu", ["x", "one"], "all"), ("PRelu", ["x", "each"], "channels"), ("PRelu", ["x", "place"], "places"),
             ("Tanh", ["x"], "tanh"), ("Mul", ["tanh", "factor"], "product"), ("Add", ["product", "shift"], "line"), ("Mean", ["x"], "mean"),
             ("Sigmoid", ["mean"], "sigmoid"), ("GlobalMaxPool", ["x"], "top"), ("Gelu", ["x"], "gelu"), ("Mean", ["gelu"], "mean_of_gelu")]
    count = 0
    for ends in (["top", "relu"], ["all"], ["channels"], ["places"], ["line"], ["mean", "sigmoid"], ["mean_of_gelu"]):
        graph = helper.make_graph(
            [helper.make_node(op, inputs, [result], name="n" + result) for op, inputs, result in nodes], "rectifiers",
            [helper.make_tensor_value_info("x", floats, [1, 3, 4, 4])],
            [helper.make_tensor_value_info(end, floats, [1, 3, 1, 1] if end == "top" else [1, 3, 4, 4]) for end in ends],
            [numpy_helper.from_array(values.astype(np.float32), name) for name, values in slopes.items()])
        network = folder / f"{ends[-1]}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), str(network))
        same_program(folder, network, [])
        count += 1
    return count


def forms(folder: pathlib.Path) -> None:
    """The operators and types that docs/quantised.md promises, and masks that are those of the weights."""
    network, calib = DATA / "resnet8_fmnist.onnx", ["--calib", str(DATA / "resnet8_calib.yaml")]
    for words, opset, wanted, missing in [([], 13, {"QuantizeLinear", "DequantizeLinear"}, {"Quant"}),
                                          (OPSET_13, 13, {"Quant"}, {"BipolarQuant"}),
                                          (OPSET_13[2:], 21, {"QuantizeLinear"}, {"Quant"}),
                                          (["--weights", "1"], 13, {"BipolarQuant"}, {"Quant"})]:
        done = run("quantise", network, *calib, *words, "-o", folder / "form.onnx", "--masks", folder / "m.npz")
        check(done.returncode == 0, done.stderr)
        model = onnx.load(str(folder / "form.onnx"))
        operators = {node.op_type for node in model.graph.node}
        standard = [entry.version for entry in model.opset_import if entry.domain == ""]
        check(wanted <= operators and not missing & operators, f"{words}: {sorted(operators)}")
        check(standard == [opset], f"{words}: opset {standard}, expected {opset}")
        if not words:
            onnx.checker.check_model(model, full_check=True)
            biases = [t for t in model.graph.initializer if t.name.endswith("/bias")]
            check(len(biases) == 10 and all(t.data_type == onnx.TensorProto.INT32 for t in biases), "biases are INT32")
        with np.load(folder / "m.npz") as arrays:
            check(all(arrays[name].all() for name in arrays if name.startswith("mask/")), f"{words}: nothing was pruned")
    done = run("quantise", network, *calib, "--prune", "unstructured:0.8", "-o", folder / "form.onnx", "--masks", folder / "m.npz")
    constants = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(folder / "form.onnx")).graph.initializer}
    with np.load(folder / "m.npz") as arrays:
        names = [name for name in arrays if name.startswith("mask/")]
        check(len(names) == 10 and len(arrays.files) == 10 + 12, f"arrays: {arrays.files}")
        for name in names:
            weights = constants[name[len("mask/"):] + "/weights"]
            check(weights.shape == arrays[name].shape and not weights[~arrays[name]].any(), f"{name}: weights are left where it has none")


def bad_input(folder: pathlib.Path) -> None:
    lenet, calib = DATA / "lenet_fmnist.onnx", ["--calib", str(DATA / "lenet_calib.yaml")]
    before = sorted(folder.iterdir())
    for words, code, text in [
        ([lenet, "-o", folder / "nowhere/q.onnx"], 2, "nowhere"),
        ([lenet, "-o", folder / "q.onnx", "--masks", folder / "nowhere/m.npz"], 2, "nowhere"),
        ([lenet], 2, "--output is required"),
        ([folder / "none.onnx", "-o", folder / "q.onnx"], 2, "no such file"),
        ([DATA / "lenet_calib.yaml", "-o", folder / "q.onnx"], 2, "lenet_calib.yaml"),
        ([lenet, "-o", folder / "q.onnx", "--opset", "12"], 2, "--opset"),
        ([lenet, *calib, "--activations", "1", "-o", folder / "q.onnx"], 3, "of zero point -1 have no form in ONNX"),
        ([DATA / "sequence/vit_fmnist_qdq.onnx", "--host-fallback", "-o", folder / "q.onnx"], 2, "--host-fallback"),
    ]:
        done = run("quantise", *words)
        check(done.returncode == code and text in done.stderr, f"{words}: exit code {done.returncode}: {done.stderr}")
        check(done.stderr.count("\n") == 1, f"{words}: more than a line: {done.stderr}")
        check(sorted(folder.iterdir()) == before, f"{words}: files are left: {sorted(folder.iterdir())}")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        bad_input(folder)
        forms(folder)
        refused(folder)
        count = rectifiers(folder) + trained(folder) + arrived_quantised(folder)
    print(f"{count} networks came back as the same program, {len(failures)} checks failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
