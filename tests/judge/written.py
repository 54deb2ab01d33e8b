# SPDX-License-Identifier: Apache-2.0
"""Networks that `systole quantise` writes: what it writes is the same network to Systole, byte by byte, and to ONNX Runtime as far
as docs/quantised.md says of any network that states its scales."""
import re
import typing

import numpy as np
import onnx

import case as cases
import standard
import systole
from case import INVALID, Case, Outcome, signature_of
from runtime import Refused, Runtime

#: What docs/quantised.md says is not written.
REASONS = (
    r"has parts that are no grid", r"another layer has its name", r"has a bias in steps of its own", r"the function '\w+' has no operator in ONNX", r"the constant \S+ of a function is no float32", r"an average times \S+ has no operator",
    r"a sum times \S+ has no operator", r"padding with strides has no operator", r"moves elements to an order that is not written",
    r"its elements are in an order that is not written", r"codes -1\.\.1 of zero point -1 have no form",
    r"integers of less than 8 bits are not written", r"the host has a part of the network",
)
VIEWS = {"Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "MatMul", "Concat", "Split"}
#: What it says would be read as another program: the first difference, and operators of which the network has one.
OTHERWISE = (
    (r"layer '.*/copy' is '(?:copy|requantise)', expected", {"Concat"}),
    (r"layer '.*' is 'add', expected 'pad'", {"Pad"}),
    (r"layer '.*/place(?:_\d+)?/copy' stands where '.*/copy' did", {"ReduceMean", "ReduceSum", "ReduceMax"}),
    (r"layer '.*' has other (?:scales|biases|weights)", {"BatchNormalization", "Mul", "Div", "Add", "Sub"}),
    (r"other inputs or outputs|tensor '.*' is (?:stated otherwise|\d)", VIEWS),
)
#: Options of what is compiled that a written network states itself, and those of the writing.
OWN = {"--weights", "--activations", "--prune"}


def without(options: typing.Sequence[str], names: typing.Container[str]) -> typing.Tuple[str, ...]:
    """Of options that have a value each."""
    pairs = zip(options[::2], options[1::2])
    return tuple(word for pair in pairs if pair[0] not in names for word in pair)


def documented(text: str, model: onnx.ModelProto) -> bool:
    if any(re.search(reason, text) for reason in REASONS):
        return True
    operators = {node.op_type for node in model.graph.node}
    return any(re.search("would be read as another program: (?:" + words + ")", text) and operators & among for words, among in OTHERWISE)


def judge(case: Case, runtime: Runtime, binary: str) -> Outcome:
    data = case.model.SerializeToString()
    asked = without(case.options, {"--opset"})
    before = systole.run(binary, data, case.feeds, case.outputs, asked)
    if before.code == 2 and "--prune" in before.text:  # it has nothing to prune
        return INVALID
    if before.code != 0:  # refused, as without writing
        return cases.judge(case._replace(form=case.form.partition("-")[2] or "float", options=asked), runtime, binary)
    try:
        runtime.run(data, case.feeds)
    except Refused:
        return INVALID
    code, text, made = systole.quantise(binary, data, case.feeds, case.options)
    if code == 3 and documented(text, case.model):
        return Outcome("refused", signature_of(text.strip().splitlines()[-1]), "")
    if code != 0:
        return Outcome("faulty", f"quantise: {text.strip()[-300:]}", signature_of(text))
    written = onnx.load_from_string(made)
    feeds = {name: array.astype(np.float32) if array.dtype.kind == "f" else array for name, array in case.feeds.items()}  # as it states them
    try:
        runtime.run(standard.standard(written).SerializeToString(), feeds)
    except Refused as why:
        return Outcome("faulty", f"ONNX Runtime refuses what is written: {why}", "refused by ONNX Runtime")
    options = without(asked, OWN)
    after = systole.run(binary, made, case.feeds, case.outputs, options)
    if after.code != 0:
        return Outcome("faulty", f"what is written is refused: {after.text.strip()[-300:]}", signature_of(after.text))
    for name, array in before.outputs.items():
        if array.tobytes() != after.outputs[name].tobytes():
            return Outcome("wrong", f"output '{name}' of what is written has other bytes", "other bytes")
    return cases.judge(case._replace(form="qdq", model=written, feeds=feeds, options=options), runtime, binary)
