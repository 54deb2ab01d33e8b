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
RULES: typing.List[Rule] = []  # operator, words, what the node must be like
HOST: typing.Set[str] = set()


def refuses(operator: str, words: str, test: typing.Callable[[Node], bool] = lambda node: True) -> None:
    RULES.append((operator, words, test))


def inside(node: Node) -> bool:
    return node.proto.output[0] not in node.outputs


def several_dimensions(node: Node) -> bool:
    axis, rank = int(node.attribute("axis", 1)), len(node.shape(0))
    return axis % rank != rank - 1


def both_move(node: Node) -> bool:
    return not any(node.constant(i) for i in range(len(node.proto.input)))


def dilated(node: Node) -> bool:
    return max(node.attribute("dilations", [1])) > 1


def steps_back(node: Node) -> bool:
    return len(node.proto.input) > 4 and int(node.values[node.proto.input[4]].min()) < 0


# The table of docs/operators.md, "What is refused": a test holds the two together.
refuses("MatMul", "product of", both_move)
for _name in ("Softmax", "LogSoftmax"):
    refuses(_name, "only at the network's output", inside)
    refuses(_name, "over several dimensions", several_dimensions)
for _name in ("Max", "Min"):
    refuses(_name, "of", both_move)
for _name in ("MaxPool", "AveragePool"):
    refuses(_name, "dilated pooling", dilated)
refuses("Slice", "negative steps", steps_back)
refuses("Resize", "antialias", lambda node: node.attribute("antialias", 0) != 0)
refuses("Resize", "runtimes disagree", lambda node: node.attribute("coordinate_transformation_mode") == b"align_corners" or
        min(node.attribute("axes", [0])) < 0)
refuses("QuantizeLinear", "precision", lambda node: node.attribute("precision", 0) not in (0, onnx.TensorProto.FLOAT))
#: What only the host has (the list of "What the host runs"), and has no translator.
for _name in ("LayerNormalization", "InstanceNormalization", "GroupNormalization", "RMSNormalization", "MeanVarianceNormalization", "LRN",
              "LpNormalization", "ReduceSum", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ArgMax",
              "ArgMin", "Gather", "GatherElements", "SpaceToDepth", "Tile", "Expand", "Trilu", "Mod", "Hardmax", "Greater", "Less",
              "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor", "Not", "Where", "CumSum", "TopK", "LSTM", "GRU", "RNN", "Einsum"):
    HOST.add(_name)
    RULES.append((_name, "operator is not supported", lambda node: True))


def documented(text: str) -> typing.Set[typing.Tuple[str, str]]:
    """Operators and words of the documentation's table."""
    section = text[text.index("## What is refused"):text.index("## What the host runs")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    return {(name, words) for names, words, _ in rows for name in re.findall(r"`(\w+)`", names)}


def differences(text: str) -> typing.Set[typing.Tuple[str, str]]:
    """What the documentation refuses and the judge does not know, and the other way round."""
    return documented(text) ^ {(name, words) for name, words, _ in RULES if name not in HOST}


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
    return any(op == operator and words in reason and test(node) for op, words, test in RULES)


def constants_of(model: onnx.ModelProto) -> typing.Set[str]:
    known = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        if all(name in known for name in node.input if name):
            known.update(node.output)
    return known


def all_scales_stated(model: onnx.ModelProto, values: Arrays) -> bool:
    """Each activation is rounded before anything but a clamp, a sum or a move reads it."""
    from slops import Slops
    found = Slops(model, values, {name: 1.0 for name in values})
    rounded = {node.input[0] for node in model.graph.node if node.op_type == "QuantizeLinear"}
    loose = any(found.loose.values()) or any(name not in rounded for name in found.before)
    return not loose and not any(found.leaves_ranges_open(node) for node in model.graph.node)
