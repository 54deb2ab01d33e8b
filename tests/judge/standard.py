# SPDX-License-Identifier: Apache-2.0
"""Makes of a network that Systole gets the one that ONNX Runtime gets: QONNX's operators become standard ones.

`Quant` of constants becomes their rounded values, of others a clip, QuantizeLinear and DequantizeLinear; `BipolarQuant` the
sign of zero and more as one. What ONNX leaves open is as docs/operators.md says: TopK sorts always.
"""
import typing

import numpy as np
import onnx
from onnx import helper, numpy_helper

QONNX = "qonnx.custom_op.general"


def sort(nodes: typing.Iterable[onnx.NodeProto]) -> None:
    for node in nodes:
        for attribute in node.attribute:
            if node.op_type == "TopK" and attribute.name == "sorted":
                attribute.i = 1
            sort(attribute.g.node)


def standard(model: onnx.ModelProto) -> onnx.ModelProto:
    sorting = onnx.ModelProto()
    sorting.CopyFrom(model)
    sort(sorting.graph.node)
    return without_qonnx(sorting)


def without_qonnx(model: onnx.ModelProto) -> onnx.ModelProto:
    if not any(node.domain == QONNX for node in model.graph.node):
        return model
    result = onnx.ModelProto()
    result.CopyFrom(model)
    read = {name for node in model.graph.node if node.domain == QONNX for name in node.input}  # INT4 is new to numpy_helper
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer if tensor.name in read}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.output[0] in read:
            constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    del result.graph.node[:]
    for node in model.graph.node:
        if node.domain != QONNX:
            result.graph.node.append(node)
            continue
        rounded = bipolar if node.op_type == "BipolarQuant" else quant
        if node.input[0] in constants:
            result.graph.node.append(constant(node, rounded(node, constants, constants[node.input[0]])))
        else:
            result.graph.node.extend((bipolar_nodes if node.op_type == "BipolarQuant" else quant_nodes)(node, constants))
    kept = [opset for opset in result.opset_import if opset.domain != QONNX]
    del result.opset_import[:]
    result.opset_import.extend(kept)
    return result


def constant(node: onnx.NodeProto, value: np.ndarray) -> onnx.NodeProto:
    return helper.make_node("Constant", [], list(node.output), name=node.name, value=numpy_helper.from_array(value, "value"))


def limits(node: onnx.NodeProto, bits: int) -> typing.Tuple[int, int]:
    found = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    signed, narrow = found.get("signed", 1), found.get("narrow", 0)
    if signed:
        return -2 ** (bits - 1) + narrow, 2 ** (bits - 1) - 1
    return 0, 2**bits - 1 - narrow


def quant(node: onnx.NodeProto, constants: typing.Mapping[str, np.ndarray], values: np.ndarray) -> np.ndarray:
    scale, zero, bits = (constants[name].astype(np.float64) for name in node.input[1:4])
    low, high = limits(node, int(bits))
    return ((np.rint(values / scale + zero).clip(low, high) - zero) * scale).astype(np.float32)


def bipolar(node: onnx.NodeProto, constants: typing.Mapping[str, np.ndarray], values: np.ndarray) -> np.ndarray:
    return (np.where(values >= 0, 1.0, -1.0) * constants[node.input[1]]).astype(np.float32)


def quant_nodes(node: onnx.NodeProto, constants: typing.Mapping[str, np.ndarray]) -> typing.List[onnx.NodeProto]:
    scale, zero, bits = (float(constants[name].reshape(-1)[0]) for name in node.input[1:4])
    low, high = limits(node, int(bits))
    kind = np.int8 if low < 0 else np.uint8
    name = node.output[0]
    made = [helper.make_node("Constant", [], [name + "/" + key], value=numpy_helper.from_array(np.asarray(value), key))
            for key, value in (("scale", np.float32(scale)), ("zero", np.array(zero, kind)))]
    source = node.input[0]
    if (low, high) != (np.iinfo(kind).min, np.iinfo(kind).max):
        made += [helper.make_node("Constant", [], [name + "/" + key], value=numpy_helper.from_array(np.float32(value), key))
                 for key, value in (("low", (low - zero) * scale), ("high", (high - zero) * scale))]
        made.append(helper.make_node("Max", [source, name + "/low"], [name + "/above"]))
        made.append(helper.make_node("Min", [name + "/above", name + "/high"], [name + "/between"]))
        source = name + "/between"
    pair = [name + "/scale", name + "/zero"]
    made.append(helper.make_node("QuantizeLinear", [source, *pair], [name + "/codes"]))
    made.append(helper.make_node("DequantizeLinear", [name + "/codes", *pair], [name], name=node.name))
    return made


def bipolar_nodes(node: onnx.NodeProto, constants: typing.Mapping[str, np.ndarray]) -> typing.List[onnx.NodeProto]:
    scale, name = np.float32(constants[node.input[1]].reshape(-1)[0]), node.output[0]
    made = [helper.make_node("Constant", [], [name + "/" + key], value=numpy_helper.from_array(np.float32(value), key))
            for key, value in (("zero", 0), ("plus", scale), ("minus", -scale))]
    made.append(helper.make_node("Less", [node.input[0], name + "/zero"], [name + "/negative"]))
    made.append(helper.make_node("Where", [name + "/negative", name + "/minus", name + "/plus"], [name], name=node.name))
    return made
