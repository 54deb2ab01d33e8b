# SPDX-License-Identifier: Apache-2.0
"""How far each float of a network that states its scales may be off, by what docs/quantised.md says of it."""
import math
import typing

import numpy as np
import onnx
from onnx import helper

from compare import MOVING
from network import reads_of
from runtime import Arrays

TIE = 1e-4
#: Of a function's range: less of it is nothing to float32.
UNDERFLOW = 1e-7
FLOAT_EPSILON = float(np.finfo(np.float32).eps)
#: What is computed together with the operator before, without a rounding between.
FUSED = MOVING | {"Relu", "Clip", "Max", "Min", "Less", "Add", "Sum", "QuantizeLinear"}
#: What goes before a join, so that each part of it is rounded once.
PASSES = MOVING | {"Relu", "Clip", "Max", "Min"}
#: The hardware has 7 bits and a sign for a weight, and adds what is left of it in as many again.
FRACTIONS = 127


def denominators(node: onnx.NodeProto, shape: typing.Sequence[int], result: typing.Sequence[int]) -> typing.Optional[int]:
    """What the weights of a linear Resize are multiples of, all rows and columns together; None: of no small fraction."""
    found = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    coordinates = found.get("coordinate_transformation_mode", b"half_pixel").decode()
    if found.get("mode") not in (b"linear", b"bilinear"):
        return None
    if node.op_type == "Upsample" or len(node.input) < 3:  # before opset 11
        coordinates = "asymmetric"
    product = 1
    for before, after in zip(shape, result):
        if before == after:
            continue
        if coordinates == "align_corners" and before > 1 and after > 1:
            product *= (after - 1) // math.gcd(before - 1, after - 1)
        elif after % before == 0:
            product *= after // before * (1 if coordinates == "asymmetric" else 2)
        else:
            return None
    return product


def interpolation(node: onnx.NodeProto, makers: typing.Mapping[str, onnx.NodeProto], values: Arrays) -> float:
    """How far the exact sum may be off: each of so many weights by a step of 16 bits, times at most 255 steps of the input."""
    if node.op_type not in ("Resize", "Upsample") or not node.input or values[node.output[0]].shape == values[node.input[0]].shape:
        return 0.0
    found = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if found.get("mode", b"nearest") == b"nearest":
        return 0.0
    product = denominators(node, values[node.input[0]].shape, values[node.output[0]].shape)
    if product is not None and product <= FRACTIONS:
        return 0.0
    at = makers.get(node.input[0])
    while at is not None and at.op_type in MOVING | {"Relu", "Clip"} and at.input:
        at = makers.get(at.input[0])
    if at is None or at.op_type != "DequantizeLinear":
        return 0.0
    spread = [a != b for a, b in zip(values[node.input[0]].shape, values[node.output[0]].shape)].count(True)
    taps = (4 if found.get("mode") == b"cubic" else 2) ** max(1, spread)
    # Weights w = h * s + r, |r| <= s / 2, s <= 1 / 127. Sums of r x are rounded twice: r to r_max / 127, so off by taps * s / 508 of
    # |x|, and their result to taps * s / 2 * |x| / 127, so off by taps * s / 508 again; |x| <= 255 steps.
    return float(np.max(values[at.input[1]])) * taps / FRACTIONS


class Slops:
    """`before[name]`: how much a float may be off, absolutely, for whoever reads it; `loose[name]`: for whoever does not round it.
    What is exact is in neither. `ranges`: what a float without codes is rounded over, in 255 steps."""

    def __init__(self, model: onnx.ModelProto, values: Arrays, ranges: typing.Mapping[str, float]) -> None:
        self.values, self.ranges = values, ranges
        self.maker = {name: node for node in model.graph.node for name in node.output}
        self.readers: typing.Dict[str, typing.List[onnx.NodeProto]] = {}
        for node in model.graph.node:
            for name in reads_of(node):
                self.readers.setdefault(name, []).append(node)
        self.outputs = {value.name for value in model.graph.output}
        self.inputs = {value.name for value in model.graph.input}
        self.moving = set(self.inputs)
        for node in model.graph.node:
            if any(name in self.moving for name in reads_of(node)):
                self.moving.update(node.output)
        self.before: typing.Dict[str, float] = {}
        self.loose: typing.Dict[str, float] = {}
        for name, value in values.items():
            node = self.maker.get(name)
            if value.dtype == np.float32 and name in self.moving and not (node is not None and node.op_type == "DequantizeLinear"):
                self.settle(name, node)

    def leaves_ranges_open(self, node: onnx.NodeProto) -> bool:
        """What it makes on the way to its result has no scale, and only data gives it one."""
        partial = node.op_type in ("Sum", "Mean") and len(node.input) > 2
        return node.op_type == "FusedConv" or partial and any(name in self.moving and self.codes(name) is None for name in node.input)

    def step(self, name: str) -> float:
        return self.ranges.get(name, 0.0) / 255

    def settle(self, name: str, node: typing.Optional[onnx.NodeProto]) -> None:
        rounded = [reader for reader in self.readers.get(name, []) if reader.op_type == "QuantizeLinear"]
        others = [reader for reader in self.readers.get(name, []) if reader.op_type not in FUSED]
        if node is None or node.op_type == "Cast" and node.input[0] in self.inputs:
            if others or not rounded or name in self.outputs:  # the host writes it over its range, for all readers
                self.before[name] = self.step(name)
            return
        if rounded:
            scale = max(float(np.max(self.values[reader.input[1]])) for reader in rounded)
            self.before[name] = max(scale * (1.0 if self.inexact(name) else TIE), self.interpolated(name), self.cancelled(name))
        if any(reader.op_type == "Less" for reader in self.readers.get(name, [])):  # BipolarQuant: the sign of what underflows
            self.before[name] = max(self.before.get(name, 0), self.ranges.get(name, 0.0) * UNDERFLOW)
        if node.op_type in ("Sum", "Mean") and len(node.input) > 2 or node.op_type == "FusedConv":
            # Partial sums have no scale, and the function of a FusedConv has no rounding before it.
            self.before[name] = max(self.before.get(name, 0), self.step(name))
        if node.op_type == "Div" and node.input[1] in self.moving and np.size(self.values[node.input[0]]) > 1:
            # One table of 1 / x for all channels, which is rounded, and then a factor a channel.
            self.before[name] = max(self.before.get(name, 0), self.step(name))
        if node.op_type in MOVING:
            if self.codes(name) is None and self.escapes(name):
                kept = self.before if rounded else self.loose
                kept[name] = max(kept.get(name, 0), self.step(name))
        elif others or not self.readers.get(name) or name in self.outputs and rounded:
            sums = not others and node.op_type in ("Conv", "Gemm", "MatMul")  # an output that keeps all bits
            self.loose[name] = 0.0 if sums else self.step(name)

    def codes(self, name: str) -> typing.Optional[typing.Tuple[float, int]]:
        """Scale and zero point, as of signed bytes, of what only moves what has them."""
        node = self.maker.get(name)
        if node is None:
            return None
        if node.op_type == "DequantizeLinear":
            zero = self.values[node.input[2]] if len(node.input) > 2 and node.input[2] else np.zeros(1)
            unsigned = self.values[node.input[0]].dtype == np.uint8
            return float(np.max(self.values[node.input[1]])), int(np.ravel(zero)[0]) - (128 if unsigned else 0)
        if node.op_type not in MOVING or interpolates(node):
            return None
        found = {self.codes(t) for t in node.input if t in self.moving}
        kept = found.pop() if len(found) == 1 else None
        return None if kept is not None and node.op_type == "Pad" and not self.pads_with_code(node, kept) else kept

    def pads_with_code(self, node: onnx.NodeProto, codes: typing.Tuple[float, int]) -> bool:
        """Whether what `node` pads with is a code of the scale and zero point."""
        value = 0.0
        if len(node.input) > 2 and node.input[2]:
            value = float(np.ravel(self.values[node.input[2]])[0]) if np.size(self.values[node.input[2]]) else 0.0
        for attribute in node.attribute:
            value = attribute.f if attribute.name == "value" else value
        code = value / codes[0] + codes[1]
        return abs(code - round(code)) < 1e-3 and -128 <= round(code) <= 127

    def escapes(self, name: str) -> bool:
        """Whether anything but a rounding is at the end of what passes it on."""
        readers = self.readers.get(name, [])
        if name in self.outputs or not readers:
            return True
        return any(self.escapes(reader.output[0]) if reader.op_type in PASSES and (not interpolates(reader) or self.is_apart(name))
                   else reader.op_type != "QuantizeLinear" for reader in readers)

    def is_apart(self, name: str) -> bool:
        """A concat of channels of integers, each part of which is interpolated as it is."""
        node = self.maker.get(name)
        if node is None or node.op_type != "Concat" or any(self.codes(t) is None for t in node.input):
            return False
        axis = next(a.i for a in node.attribute if a.name == "axis")
        return axis % len(self.values[name].shape) == 1

    def source(self, name: str) -> typing.Optional[onnx.NodeProto]:
        node = self.maker.get(name)
        while node is not None and node.op_type in MOVING | {"Relu", "Clip"} and node.input:
            node = self.maker.get(node.input[0])
        return node

    def inexact(self, name: str) -> bool:
        """A windowed average, or a bias in floats or of other units than the sums': a step at most."""
        node = self.source(name)
        if node is None or node.op_type == "AveragePool":
            return node is not None
        biased = node.op_type in ("Conv", "Gemm", "ConvTranspose") and len(node.input) > 2 and node.input[2]
        return bool(biased) and node.input[2] not in self.maker

    def cancelled(self, name: str) -> float:
        """What float32 loses of operands that are larger than their sum: a unit of its last place for each."""
        node = self.source(name)
        if node is None or node.op_type not in ("Add", "Sub", "Sum", "Mean"):
            return 0.0
        return FLOAT_EPSILON * sum(float(np.max(np.abs(self.values[t]), initial=0)) for t in node.input)

    def interpolated(self, name: str) -> float:
        node, sum_of = self.maker.get(name), 0.0
        while node is not None and node.op_type in MOVING | {"Relu", "Clip"} and node.input:
            sum_of += interpolation(node, self.maker, self.values)
            node = self.maker.get(node.input[0])
        return sum_of


def interpolates(node: onnx.NodeProto) -> bool:
    """Its results are no codes of its operand's."""
    mode = next((a.s for a in node.attribute if a.name == "mode"), b"nearest")
    return node.op_type in ("Resize", "Upsample") and mode != b"nearest"
