# SPDX-License-Identifier: Apache-2.0
"""How far the floats of a network that states its scales can reach, whatever its input: intervals, from the codes on.

What has no scale of its own, but follows from what has, gets its range from these (docs/quantised.md), not from the data.
"""
import typing

import numpy as np
import onnx
from onnx import helper

from compare import MOVING, sharing_bytes
from network import reads_of
from runtime import Arrays, Refused, Runtime

Interval = typing.Tuple[float, float]
SAMPLES = 4081  # sixteen between neighbours of 256
CLAMPS = {"Relu", "Clip", "Max", "Min"}


def corners(op: typing.Callable[[float, float], float], a: Interval, b: Interval) -> Interval:
    every = [op(x, y) for x in a for y in b]
    return min(every), max(every)


def hull(intervals: typing.Iterable[Interval]) -> Interval:
    intervals = list(intervals)
    return min(low for low, _ in intervals), max(high for _, high in intervals)


class Reach:
    """`of[name]`: the interval of a float tensor; not there: nothing but data says it."""

    def __init__(self, runtime: Runtime, model: onnx.ModelProto, values: Arrays) -> None:
        self.runtime, self.model, self.values = runtime, model, values
        moving = {value.name for value in model.graph.input} - {tensor.name for tensor in model.graph.initializer}
        self.maker: typing.Dict[str, onnx.NodeProto] = {}
        self.of: typing.Dict[str, Interval] = {}
        for node in model.graph.node:
            if any(name in moving for name in reads_of(node)):
                moving.update(node.output)
            self.maker.update({name: node for name in node.output})
        self.moving = moving
        for node in model.graph.node:
            if node.output and node.output[0] in moving:
                found = self.made_by(node)
                if found is not None:
                    self.of.update({name: found for name in node.output})

    def operand(self, name: str) -> typing.Optional[Interval]:
        if name in self.moving:
            return self.of.get(name)
        value = self.values.get(name)
        return None if value is None or not value.size else (float(value.min()), float(value.max()))

    def made_by(self, node: onnx.NodeProto) -> typing.Optional[Interval]:
        if node.op_type == "DequantizeLinear":
            return self.codes(node)
        if self.values[node.output[0]].dtype.kind != "f":
            return None
        mode = next((a.s for a in node.attribute if a.name == "mode"), b"")
        if node.op_type in ("Resize", "Upsample") and mode == b"cubic":
            return None
        moved = [name for name in node.input if name in self.moving]
        known = [self.operand(name) for name in (moved if node.op_type in MOVING else node.input) if name]
        if any(one is None for one in known):
            return None
        if node.op_type in MOVING | {"AveragePool", "GlobalAveragePool", "ReduceMean"}:  # padding is 0, or a value within
            value = self.values.get(node.input[2]) if node.op_type == "Pad" and len(node.input) > 2 else None
            more = [(float(value.min()), float(value.max()))] if value is not None and value.size else []
            return hull(known + more + [(0.0, 0.0)])
        if node.op_type in ("Add", "Sum", "Mean"):
            share = 1 / len(known) if node.op_type == "Mean" else 1
            return sum(low for low, _ in known) * share, sum(high for _, high in known) * share
        if node.op_type in ("Sub", "Mul", "Div") and len(known) == 2:
            if node.op_type == "Div" and known[1][0] * known[1][1] <= 0:
                return None
            return corners({"Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b, "Div": lambda a, b: a / b}[node.op_type], *known)
        if node.op_type == "PRelu":
            return hull([corners(lambda a, b: a if a > 0 else a * b, *known), (0.0, 0.0)])
        if node.op_type == "BatchNormalization":
            return self.normalised(node, known[0])
        return self.image(node, known[0]) if len(moved) == 1 else None

    def codes(self, node: onnx.NodeProto) -> Interval:
        scale = float(np.max(self.values[node.input[1]]))
        info = np.iinfo(self.values[node.input[0]].dtype)
        zero = int(np.ravel(self.values[node.input[2]])[0]) if len(node.input) > 2 and node.input[2] else 0
        low, high = (info.min - zero) * scale, (info.max - zero) * scale
        maker = self.maker.get(node.input[0])
        while maker is not None and maker.input and maker.input[0].endswith(("/between", "/above")):  # narrower codes of QONNX
            maker = self.maker[maker.input[0]]
            limit = float(self.values[maker.input[1]])
            low, high = (max(low, limit), high) if maker.op_type == "Max" else (low, min(high, limit))
        return low, high

    def normalised(self, node: onnx.NodeProto, x: Interval) -> Interval:
        scale, bias, mean, variance = (self.values[name].astype(np.float64) for name in node.input[1:5])
        epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
        factor = scale / np.sqrt(variance + epsilon)
        ends = [factor * (end - mean) + bias for end in x]
        return float(np.min(ends)), float(np.max(ends))

    def image(self, node: onnx.NodeProto, x: Interval) -> typing.Optional[Interval]:
        """Of a function of each element: at so many places that each code is among them."""
        one = onnx.NodeProto()
        one.CopyFrom(node)
        name = next(t for t in node.input if t in self.moving)
        constants = [onnx.numpy_helper.from_array(self.values[t], t) for t in node.input if t and t not in self.moving]
        if any(self.values[t].size > 1 for t in node.input if t and t not in self.moving):
            return None
        samples = np.linspace(x[0], x[1], SAMPLES, dtype=np.float32).reshape(1, SAMPLES)
        graph = helper.make_graph([one], "image", [helper.make_tensor_value_info(name, 1, samples.shape)],
                                  [helper.make_tensor_value_info(node.output[0], 1, samples.shape)], constants)
        model = helper.make_model(graph, opset_imports=list(self.model.opset_import))
        model.ir_version = max(4, self.model.ir_version)
        try:
            result = self.runtime.run(model.SerializeToString(), {name: samples})[node.output[0]]
        except Refused:
            return None
        if result.shape != samples.shape or not np.isfinite(result).all():
            return None
        return float(result.min()), float(result.max())


def spans(runtime: Runtime, model: onnx.ModelProto, values: Arrays, seen: typing.Mapping[str, float]) -> typing.Dict[str, float]:
    """The width of each interval with zero, where `seen`, the range of the data, is not wider; tensors that share bytes share it."""
    reach = Reach(runtime, model, values).of
    root = sharing_bytes(model, reach)
    ends: typing.Dict[str, Interval] = {}
    for name, interval in reach.items():
        ends[root(name)] = hull([interval, (0.0, 0.0), ends.get(root(name), (0.0, 0.0))])
    widths = {name: ends[root(name)][1] - ends[root(name)][0] for name in reach}
    return {name: max(span, widths.get(name, 0.0)) for name, span in seen.items()}
