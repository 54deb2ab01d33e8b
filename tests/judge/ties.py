# SPDX-License-Identifier: Apache-2.0
"""How far a network that states its scales may be from ONNX Runtime's floats: ties, and the steps that the documentation allows.

Twins get noise before each rounding. It is a ten thousandth of a step, as float32 leaves it open which way a tie goes; one
step behind windowed average pools (docs/quantised.md, "What is exact"); and a step of the range on what has no scale.
"""
import typing

import numpy as np
import onnx
from onnx import helper, numpy_helper

from compare import MOVING, spans
from draw import Draw
from network import reads_of
from runtime import Arrays, Refused, Runtime

TWINS = 4
TIE = 1e-4
#: What is computed together with the operator before, without a rounding between.
FUSED = MOVING | {"Relu", "Clip", "Max", "Min", "Less", "Add", "Sum", "QuantizeLinear"}


def slops(model: onnx.ModelProto, values: Arrays) -> typing.Dict[str, float]:
    """For each float activation how much it may be off, absolutely; what is exact is not there."""
    maker = {name: node for node in model.graph.node for name in node.output}
    readers: typing.Dict[str, typing.List[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in reads_of(node):
            readers.setdefault(name, []).append(node)
    moving = set(value.name for value in model.graph.input)
    for node in model.graph.node:
        if any(name in moving for name in reads_of(node)):
            moving.update(node.output)
    ranges = spans(model, values)

    def pooled(name: str) -> bool:
        node = maker.get(name)
        while node is not None and node.op_type in MOVING | {"Relu", "Clip"} and node.input:
            node = maker.get(node.input[0])
        return node is not None and (node.op_type == "AveragePool" or foreign_bias(node))

    def foreign_bias(node: onnx.NodeProto) -> bool:
        """A bias in floats, or of other units than the sums': a step at most."""
        if node.op_type not in ("Conv", "Gemm", "ConvTranspose") or len(node.input) < 3 or not node.input[2]:
            return False
        return node.input[2] not in maker

    found = {}
    for name, value in values.items():
        node = maker.get(name)
        if value.dtype != np.float32 or name not in moving or node is not None and node.op_type == "DequantizeLinear":
            continue
        rounded = [reader for reader in readers.get(name, []) if reader.op_type == "QuantizeLinear"]
        loose = [reader for reader in readers.get(name, []) if reader.op_type not in FUSED]
        if node is not None and node.op_type in ("Sum", "Mean") and len(node.input) > 2:  # its partial sums have no scale
            loose.append(node)
        if node is not None and node.op_type == "FusedConv":  # a function without a rounding before it
            loose.append(node)
        if node is None and (loose or not rounded):
            found[name] = ranges.get(name, 0) / 255
            continue
        if node is not None and node.op_type in MOVING and not rounded:
            continue
        if loose or not readers.get(name):
            found[name] = ranges.get(name, 0) / 255 if loose or node.op_type not in ("Conv", "Gemm", "MatMul") else 0
        if rounded:
            scale = float(np.max(values[rounded[0].input[1]]))
            found[name] = max(found.get(name, 0), scale * (1.0 if pooled(name) else TIE))
    return found


def with_ties(model: onnx.ModelProto, values: Arrays, draw: Draw) -> onnx.ModelProto:
    off = slops(model, values)
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    del twin.graph.node[:]
    renamed: typing.Dict[str, str] = {}

    def noise(name: str) -> onnx.NodeProto:
        value = draw.uniform(-1, 1, *values[name].shape) * np.float32(off[name])
        twin.graph.initializer.append(numpy_helper.from_array(value.astype(np.float32), name + "/noise"))
        renamed[name] = name + "/noisy"
        return helper.make_node("Add", [name, name + "/noise"], [renamed[name]])

    twin.graph.node.extend(noise(value.name) for value in model.graph.input if off.get(value.name))
    for node in model.graph.node:
        copy = twin.graph.node.add()
        copy.CopyFrom(node)
        copy.input[:] = [renamed.get(name, name) for name in node.input]
        for name in node.output:
            if off.get(name):
                twin.graph.node.append(noise(name))
    for output in twin.graph.output:
        output.name = renamed.get(output.name, output.name)
    return twin


def allowed(runtime: Runtime, model: onnx.ModelProto, values: Arrays, feeds: Arrays, outputs: typing.Sequence[str],
            seed: object) -> typing.Dict[str, float]:
    worst = {name: 0.0 for name in outputs}
    for k in range(TWINS):
        twin = with_ties(model, values, Draw(seed, "ties", k))
        try:
            results = runtime.run(twin.SerializeToString(), feeds)
        except Refused:
            continue
        for name in outputs:
            result = results.get(name + "/noisy", results.get(name))
            worst[name] = max(worst[name], float(np.abs(result.astype(np.float64) - values[name].astype(np.float64)).max()))
    ranges, loose = spans(model, values), slops(model, values)
    rounded = {node.input[0] for node in model.graph.node if node.op_type == "QuantizeLinear"}
    steps = {name: 0 if name in rounded else 2 * loose.get(name, 0) for name in outputs}
    return {name: 3 * worst[name] + steps[name] + 1e-5 * ranges.get(name, 0) for name in outputs}
