# SPDX-License-Identifier: Apache-2.0
"""Which refusals are right: each by operator and reason, as docs/operators.md and docs/quantised.md list them, and only if the
node is as the reason says."""
import re
import typing

import numpy as np
import onnx

from network import reads_of
from runtime import Arrays


class Node(typing.NamedTuple):
    """What a rule looks at."""

    proto: onnx.NodeProto
    values: Arrays
    outputs: typing.Set[str]  # of the network
    constants: typing.Set[str]
    makers: typing.Dict[str, onnx.NodeProto]
    states_scales: bool  # the network

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
#: What the documentation says of them all in one sentence.
NO_TRANSLATOR = "operator is not supported"


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


def constant_and_tensor(node: Node) -> typing.Tuple[typing.Tuple[int, ...], typing.Tuple[int, ...]]:
    """The shapes of the largest constant operand and of the largest other one, of as many dimensions; nothing if there is none."""
    shapes: typing.Dict[bool, typing.List[typing.Tuple[int, ...]]] = {True: [()], False: [()]}
    for i, name in enumerate(node.proto.input):
        shapes[node.constant(i)].append(node.shape(i))
    constant, tensor = (max(shapes[known], key=lambda s: (np.prod(s), len(s))) for known in (True, False))
    rank = max(len(constant), len(tensor))
    return (1,) * (rank - len(constant)) + constant, (1,) * (rank - len(tensor)) + tensor


def broadcasts_tensor(node: Node) -> bool:
    return any(a > b for a, b in zip(*constant_and_tensor(node)))


def more_dimensions(node: Node) -> bool:
    ranks = {known: [len(node.shape(i)) for i in range(len(node.proto.input)) if node.constant(i) == known] for known in (True, False)}
    alone = len(node.proto.input) < 3 and min(node.shape(i)[0] for i in range(len(node.proto.input)) if not node.constant(i)) == 1
    return not alone and max(ranks[True], default=0) > min(ranks[False], default=0)


def differs_from_place_to_place(node: Node) -> bool:
    constant, tensor = constant_and_tensor(node)
    return max(constant, default=1) > 1 and (node.states_scales or int(np.prod(tensor[1:])) > 4096)


def kernel_below_stride(node: Node) -> bool:
    kernel = node.shape(1)[2:]
    return b"SAME" in node.attribute("auto_pad", b"") and any(k < s for k, s in zip(kernel, node.attribute("strides") or [1] * len(kernel)))


def constant_part(node: Node) -> bool:
    parts = [i for i in range(len(node.proto.input)) if node.constant(i)]
    return bool(parts) and (node.states_scales or node.shape(0)[0] > 1 or max(int(np.prod(node.shape(i))) for i in parts) > 4096)


def cuts_batch(node: Node) -> bool:
    if node.proto.op_type != "Slice":
        return node.attribute("axis", 0) % len(node.shape(0)) == 0
    axes = node.attribute("axes") or (node.values[node.proto.input[3]].tolist() if len(node.proto.input) > 3 else [0])
    return 0 in [axis % len(node.shape(0)) for axis in axes]


def softmax_over_batch(node: Node) -> bool:
    return node.attribute("axis", 1) % len(node.shape(0)) == 0


def over_batch(node: Node) -> bool:
    axes = node.attribute("axes") or (node.values[node.proto.input[1]].tolist() if len(node.proto.input) > 1 else [])
    return not axes or 0 in [axis % len(node.shape(0)) for axis in axes]


#: Operators by which a network states its scales.
STATING = ("QuantizeLinear", "QLinear", "Quant", "IntQuant", "BipolarQuant")

# The table of docs/operators.md, "What is refused": a test holds the two together.
for _name in ("MatMul", "Gemm"):
    refuses(_name, "product of", both_move)
for _name in ("Add", "Sub", "Sum", "Mean", "Mul", "Div", "Max", "Min", "Pow", "PRelu"):
    refuses(_name, "would be broadcast", broadcasts_tensor)
    refuses(_name, "differs from place to place", differs_from_place_to_place)
    refuses(_name, "it has more dimensions", more_dimensions)
refuses("Pow", "one exponent or base a channel", lambda node: max(constant_and_tensor(node)[0], default=1) > 1)
for _name in ("ReduceMean", "ReduceMax", "ReduceSum"):
    refuses(_name, "over the batch", over_batch)
for _name in ("Softmax", "LogSoftmax"):
    refuses(_name, "only at the network's output", inside)
    refuses(_name, "over the batch", softmax_over_batch)
    refuses(_name, "over several dimensions", several_dimensions)
for _name in ("Max", "Min", "Div", "Pow"):
    refuses(_name, "two different tensors", both_move)
for _name in ("Add", "Sub", "Sum", "Mean", "Mul", "Div", "Max", "Min", "Pow"):
    refuses(_name, "broadcasting activations", lambda node: len({node.shape(i) for i in range(len(node.proto.input)) if not node.constant(i)}) > 1)
for _name in ("Add", "Sub", "Sum", "Mean", "Mul", "Div", "Max", "Min", "Pow", "PRelu"):
    refuses(_name, "for each item of the batch", lambda node: constant_and_tensor(node)[0][0] > 1)
for _name in ("Conv", "ConvTranspose", "Gemm", "BatchNormalization", "PRelu"):
    refuses(_name, "is not constant", lambda node: not all(node.constant(i) for i in range(1, len(node.proto.input)) if node.proto.input[i]))
refuses("Conv", "more than two dimensions", lambda node: len(node.shape(0)) > 4)
refuses("Gemm", "transA", lambda node: node.attribute("transA", 0) != 0)
refuses("Gemm", "bias of shape", lambda node: len(node.shape(2)) == 2 and node.shape(2)[0] > 1)
for _name in ("MaxPool", "AveragePool", "Resize", "ConvTranspose"):
    refuses(_name, "of a", lambda node: len(node.shape(0)) not in (3, 4))
for _name in ("MaxPool", "AveragePool"):
    refuses(_name, "nothing but padding", lambda node: max(node.attribute("pads") or [0]) > 0)
for _name in ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"):
    refuses(_name, "the leading dimension is not the batch", lambda node: node.shape(0)[0] > 1)
refuses("Transpose", "would move the batch", lambda node: node.attribute("perm") is None or node.attribute("perm")[0] != 0)
for _name in ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "ReduceMean", "ReduceMax", "ReduceSum"):
    refuses(_name, "moving the elements", lambda node: int(np.prod(node.shape(0))) > 256)
for _name in ("Concat", "Slice", "Split"):
    refuses(_name, "along dimension", cuts_batch)
for _name in ("Resize", "Upsample"):
    refuses(_name, "of batch or channels", lambda node: node.shape(0)[:2] != node.values[node.proto.output[0]].shape[:2])
refuses("Resize", "tf_crop_and_resize", lambda node: node.attribute("coordinate_transformation_mode") == b"tf_crop_and_resize")
for _name in ("BatchNormalization", "Dropout"):
    refuses(_name, "training mode", lambda node: len(node.proto.output) > 1 or node.attribute("training_mode", 0) != 0 or len(node.proto.input) == 3)
refuses("Cast", "cast to", lambda node: node.attribute("to") not in (1, 10, 11, 16))
for _name in ("MaxPool", "AveragePool"):
    refuses(_name, "dilated pooling", dilated)
refuses("Slice", "negative steps", steps_back)
refuses("Resize", "antialias", lambda node: node.attribute("antialias", 0) != 0)
refuses("Resize", "runtimes disagree", lambda node: min(node.attribute("axes") or [0]) < 0)
refuses("QuantizeLinear", "precision", lambda node: node.attribute("precision", 0) not in (0, onnx.TensorProto.FLOAT))
for _name in ("RNN", "GRU", "LSTM"):
    refuses(_name, "clip of", lambda node: node.attribute("clip", 0) < 0)
for _name in ("MaxPool", "AveragePool", "QLinearAveragePool"):
    refuses(_name, "runtimes disagree", lambda node: b"SAME" in node.attribute("auto_pad", b"") and
            any(k < s for k, s in zip(node.attribute("kernel_shape"), node.attribute("strides") or [])))
refuses("ConvTranspose", "runtimes disagree", kernel_below_stride)
refuses("Concat", "of a constant and an activation", constant_part)
#: What only the host has (the list of "What the host runs"), and has no translator.
for _name in ("LayerNormalization", "InstanceNormalization", "GroupNormalization", "RMSNormalization", "MeanVarianceNormalization", "LRN",
              "LpNormalization", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ArgMax",
              "ArgMin", "Gather", "GatherElements", "SpaceToDepth", "Tile", "Expand", "Trilu", "Mod", "Hardmax", "Greater", "Less",
              "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor", "Not", "Where", "CumSum", "TopK", "LSTM", "GRU", "RNN", "Einsum"):
    RULES.append((_name, NO_TRANSLATOR, lambda node: True))
for _name in ("LayerNormalization", "GroupNormalization", "RMSNormalization"):
    refuses(_name, "attribute 'stash_type'", lambda node: node.attribute("stash_type", 1) != 1)


def documented(text: str) -> typing.Set[typing.Tuple[str, str]]:
    """Operators and words of the documentation's table."""
    section = text[text.index("## What is refused"):text.index("## What the host runs")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    return {(name, words) for names, words, _ in rows for name in re.findall(r"`(\w+)`", names)}


def differences(text: str) -> typing.Set[typing.Tuple[str, str]]:
    """What the documentation refuses and the judge does not know, and the other way round."""
    return documented(text) ^ {(name, words) for name, words, _ in RULES if words != NO_TRANSLATOR}


def unexplained(case, model: onnx.ModelProto, values: Arrays, answer) -> typing.Optional[str]:
    """Why the refusal is none; None if all of its reasons are right."""
    if answer.code != 3 or not answer.reasons:
        return f"exit code {answer.code}: {answer.text.strip()[-300:]}"
    scales = any(node.op_type.startswith(STATING) for node in case.model.graph.node)
    for name, operator, reason in answer.reasons:
        if not right(model, values, name, operator, reason, scales):
            return f"{operator}: {reason}"
    return None


def right(model: onnx.ModelProto, values: Arrays, name: str, operator: str, reason: str, states_scales: bool) -> bool:
    nodes = {node.name: node for node in model.graph.node}
    known = constants_of(model)
    if operator == "output":
        return reason.startswith("constant") and name in known
    if name not in nodes:
        return False
    node = Node(nodes[name], values, {o.name for o in model.graph.output}, known,
                {t: n for n in model.graph.node for t in n.output}, states_scales)
    return any(op == operator and words in reason and test(node) for op, words, test in RULES)


def constants_of(model: onnx.ModelProto) -> typing.Set[str]:
    known = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        if all(name in known for name in reads_of(node)):
            known.update(node.output)
    return known


def all_scales_stated(model: onnx.ModelProto, values: Arrays) -> bool:
    """Each activation is rounded before anything but a clamp, a sum or a move reads it."""
    from slops import Slops
    found = Slops(model, values, {name: 1.0 for name in values})
    rounded = {node.input[0] for node in model.graph.node if node.op_type == "QuantizeLinear"}
    loose = any(found.loose.values()) or any(name not in rounded for name in found.before)
    divides = any(node.op_type == "Div" and node.input[1] in found.moving for node in model.graph.node)  # by what may be 0: no range
    return not loose and not divides and not any(found.leaves_ranges_open(node) for node in model.graph.node)
