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
