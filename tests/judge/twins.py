# SPDX-License-Identifier: Apache-2.0
"""What the twins of a network, which hold noise, share."""
import typing

import numpy as np
import onnx
from onnx import helper, numpy_helper

from runtime import Refused

#: ONNX Runtime infers other sizes of their results than it computes, as with ceil_mode, and refuses what is added to them, or
#: what they are computed into; not where they are outputs.
SIZED_OTHERWISE = {"AveragePool", "MaxPool", "LpPool", "Resize", "Upsample", "ConvTranspose"}


def add_node(twin: onnx.ModelProto, node: onnx.NodeProto, values: typing.Mapping[str, np.ndarray]) -> onnx.NodeProto:
    """Appends a copy of `node`, with its result reshaped to the size that it has, if need be."""
    copy = twin.graph.node.add()
    copy.CopyFrom(node)
    if node.op_type in SIZED_OTHERWISE:
        name, raw = node.output[0], f"{node.output[0]}/sized"
        copy.output[0] = raw
        shape = numpy_helper.from_array(np.asarray(values[name].shape, np.int64), f"{name}/shape")
        twin.graph.initializer.append(shape)
        twin.graph.output.append(onnx.ValueInfoProto(name=raw))
        twin.graph.node.append(helper.make_node("Reshape", [raw, shape.name], [name]))
    return copy


def add_noise(twin: onnx.ModelProto, name: str, operator: str, noise: np.ndarray, result: str) -> None:
    """Appends `result`, which is `name` `operator` `noise`, of the same shape."""
    twin.graph.initializer.append(numpy_helper.from_array(noise, f"{result} noise"))
    twin.graph.node.append(helper.make_node(operator, [name, f"{result} noise"], [result]))


class Sampling(typing.NamedTuple):
    """`times` as many twins as usual; a result may be off by `factor` times what the worst of them is."""
    times: int
    factor: float


#: Few twins seldom find what documented noise can do at worst, which the factor makes up for. Where they do not explain a result,
#: many are asked, which need less of it.
FEW, MANY = Sampling(1, 3.0), Sampling(16, 1.5)


class NoTwin(Exception):
    """ONNX Runtime refuses what the judge itself has made."""


class Sampled:
    """Counts twins that ran; where none does, nothing was judged."""

    def __init__(self) -> None:
        self.ran, self.refused = 0, ""

    def run(self, run: typing.Callable[[], typing.Dict[str, np.ndarray]]) -> typing.Dict[str, np.ndarray]:
        """Of one twin; empty if ONNX Runtime refuses it."""
        try:
            results = run()
        except Refused as refused:
            self.refused = str(refused)
            return {}
        self.ran += 1
        return results

    def check(self) -> None:
        if not self.ran:
            raise NoTwin(f"the judge's own twins do not run: {self.refused}")
