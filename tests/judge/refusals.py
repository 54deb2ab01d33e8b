# SPDX-License-Identifier: Apache-2.0
"""Which refusals are right: each by operator and reason, as docs/operators.md and docs/quantised.md list them, and only if the
node is as the reason says."""
import re
import typing

import numpy as np
import onnx

from runtime import Arrays


class Node(typing.NamedTuple):
    """What a rule looks at."""

    proto: onnx.NodeProto
    values: Arrays
    outputs: typing.Set[str]  # of the network
    constants: typing.Set[str]
    makers: typing.Dict[str, onnx.NodeProto]

    def attribute(self, name: str, fallback: object = None) -> object:
        for attribute in self.proto.attribute:
            if attribute.name == name:
                return onnx.helper.get_attribute_value(attribute)
        return fallback

    def shape(self, i: int) -> typing.Tuple[int, ...]:
        return self.values[self.proto.input[i]].shape

    def constant(self, i: int) -> bool:
        return i < len(self.proto.input) and self.proto.input[i] in self.constants


Rule = typing.Tuple[str, str, typing.Callable[[Node], bool]]
RULES: typing.List[Rule] = []


def refuses(operator: str, pattern: str, test: typing.Callable[[Node], bool] = lambda node: True) -> None:
    RULES.append((operator, pattern, test))


def whole_factors(node: Node) -> bool:
    before, after = node.shape(0), node.values[node.proto.output[0]].shape
    return all(b % a == 0 for a, b in zip(before, after))


def moves_data(node: Node) -> bool:
    """Not between [n, c, ...] and [n, ..., c], dimensions of 1 left out; not the middle of a channel shuffle."""
    shape, perm = node.shape(0), list(node.attribute("perm", []))
    wide = [axis for axis in perm if shape[axis] > 1]
    if wide == sorted(wide) or len(perm) == 5 and perm == [0, 2, 1, 3, 4]:
        return False
    ordered = sorted(wide)
    return wide != ordered[1:] + ordered[:1] and wide != ordered[-1:] + ordered[:-1]


refuses("MatMul", "product of", lambda node: not node.constant(1) and not node.constant(0))
refuses("MatMul", "is not constant|is not on the accelerator", lambda node: not node.constant(1))
refuses("Softmax", "only at the network's output", lambda node: node.proto.output[0] not in node.outputs)
refuses("LogSoftmax", "only at the network's output", lambda node: node.proto.output[0] not in node.outputs)
for _name in ("LayerNormalization", "InstanceNormalization", "GroupNormalization", "RMSNormalization", "LRN", "LpNormalization", "ReduceSum",
              "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "Gather", "SpaceToDepth", "Tile", "Greater", "Where", "CumSum", "TopK"):
    refuses(_name, "operator is not supported")
refuses("Max", "", lambda node: not any(node.constant(i) for i in range(2)))
refuses("Min", "", lambda node: not any(node.constant(i) for i in range(2)))
refuses("AveragePool", "dilation", lambda node: max(node.attribute("dilations", [1])) > 1)
refuses("MaxPool", "dilation", lambda node: max(node.attribute("dilations", [1])) > 1)
refuses("Resize", "linear, from", lambda node: not whole_factors(node))
refuses("Resize", "mode 'cubic'", lambda node: node.attribute("mode") == b"cubic")
refuses("Transpose", "would move data", moves_data)


def unexplained(case, model: onnx.ModelProto, values: Arrays, answer) -> typing.Optional[str]:
    """Why the refusal is none; None if all of its reasons are right."""
    if answer.code != 3 or not answer.reasons:
        return f"exit code {answer.code}: {answer.text.strip()[-300:]}"
    for name, operator, reason in answer.reasons:
        if not right(model, values, name, operator, reason):
            return f"{operator}: {reason}"
    return None


def right(model: onnx.ModelProto, values: Arrays, name: str, operator: str, reason: str) -> bool:
    nodes = {node.name: node for node in model.graph.node}
    if name not in nodes:
        return False
    known = constants_of(model)
    node = Node(nodes[name], values, {o.name for o in model.graph.output}, known,
                {t: n for n in model.graph.node for t in n.output})
    return any(re.search(pattern, reason) and op in (operator, "*") and test(node) for op, pattern, test in RULES)


def constants_of(model: onnx.ModelProto) -> typing.Set[str]:
    known = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        if all(name in known for name in node.input if name):
            known.update(node.output)
    return known


def all_scales_stated(model: onnx.ModelProto, values: Arrays) -> bool:
    """Each activation is rounded before anything but a clamp, a sum or a move reads it."""
    from ties import slops
    return not any(off > 0.01 * _step(model, values, name) for name, off in slops(model, values).items())


def _step(model: onnx.ModelProto, values: Arrays, name: str) -> float:
    for node in model.graph.node:
        if node.op_type == "QuantizeLinear" and node.input[0] == name:
            return float(np.max(values[node.input[1]]))
    return 0.0
