# SPDX-License-Identifier: Apache-2.0
"""QLinear networks in floats: each operator as DequantizeLinear, the float operator, QuantizeLinear.

With scales that are powers of two float32 is exact there, while ONNX Runtime's integer kernels saturate on processors without
VNNI; and between the roundings there is a place for the twins' noise.
"""
import typing

import numpy as np
import onnx
from onnx import helper, numpy_helper

#: Float operator, and where its activations' triples start; QLinearConcat is the other way round.
PLAIN = {"QLinearConv": "Conv", "QLinearMatMul": "MatMul", "QGemm": "Gemm", "QLinearAdd": "Add", "QLinearMul": "Mul",
         "QLinearSigmoid": "Sigmoid", "QLinearLeakyRelu": "LeakyRelu", "QLinearAveragePool": "AveragePool",
         "QLinearGlobalAveragePool": "GlobalAveragePool", "QLinearConcat": "Concat"}
OPERANDS = {"QLinearConv": 2, "QLinearMatMul": 2, "QGemm": 2, "QLinearAdd": 2, "QLinearMul": 2}


def as_floats(model: onnx.ModelProto) -> onnx.ModelProto:
    if not any(node.op_type in PLAIN for node in model.graph.node):
        return model
    result = onnx.ModelProto()
    result.CopyFrom(model)
    del result.graph.node[:]
    sizes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    for node in model.graph.node:
        result.graph.node.extend(_expanded(node, sizes) if node.op_type in PLAIN else [node])
    if not any(opset.domain == "" for opset in result.opset_import):
        raise ValueError("no opset")
    return result


def _expanded(node: onnx.NodeProto, sizes: typing.Dict[str, typing.List[int]]) -> typing.List[onnx.NodeProto]:
    inputs, name, made = list(node.input), node.output[0], []

    def back(triple: typing.Sequence[str], axis: typing.Optional[int] = None) -> str:
        real = f"{name}/float{len(made)}"
        by_channel = len(sizes.get(triple[1], [])) == 1
        made.append(helper.make_node("DequantizeLinear", [t for t in triple if t], [real], **({"axis": axis} if by_channel else {})))
        return real

    if node.op_type == "QLinearConcat":
        result, operands = inputs[:2], [back(inputs[i:i + 3]) for i in range(2, len(inputs), 3)]
    elif node.op_type in OPERANDS:
        turned = any(a.name == "transB" and a.i for a in node.attribute)
        axis = 0 if node.op_type == "QLinearConv" or turned else 1
        operands = [back(inputs[0:3]), back(inputs[3:6], axis)]
        result = inputs[7:9] if node.op_type == "QGemm" else inputs[6:8]
        bias = inputs[6] if node.op_type == "QGemm" else inputs[8] if len(inputs) > 8 else ""
        if bias:  # in the unit of the sums, and QGemm's in that times alpha
            unit, alpha = f"{name}/unit", next((a.f for a in node.attribute if a.name == "alpha"), 1.0)
            made.append(helper.make_node("Constant", [], [f"{name}/alpha"], value=numpy_helper.from_array(np.float32(alpha), "alpha")))
            made.append(helper.make_node("Mul", [inputs[1], inputs[4]], [f"{name}/scales"]))
            made.append(helper.make_node("Mul", [f"{name}/scales", f"{name}/alpha"], [unit]))
            made.append(helper.make_node("Cast", [bias], [unit + "/bias"], to=1))
            made.append(helper.make_node("Mul", [unit + "/bias", unit], [unit + "/real"]))
            operands.append(unit + "/real")
    else:
        operands, result = [back(inputs[0:3])], inputs[3:5]
    plain = helper.make_node(PLAIN[node.op_type], operands, [name + "/result"], name=node.name)
    plain.attribute.extend(a for a in node.attribute if a.name != "channels_last")
    made.append(plain)
    made.append(helper.make_node("QuantizeLinear", [name + "/result", *[t for t in result if t]], [name]))
    return made
