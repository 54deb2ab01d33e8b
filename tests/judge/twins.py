# SPDX-License-Identifier: Apache-2.0
"""What the twins of a network, which hold noise, share."""
import typing

import numpy as np
import onnx
from onnx import helper, numpy_helper

from runtime import Refused

#: ONNX Runtime infers other sizes of their results than it computes, as with ceil_mode, and refuses what is added to them, or
#: what they are computed into; not where they are outputs.
SIZED_OTHERWISE = {"AveragePool", "MaxPool", "LpPool", "Resize", "Upsample"}


def add_noise(twin: onnx.ModelProto, maker: typing.Optional[str], name: str, operator: str, noise: np.ndarray, result: str) -> None:
    """Appends `result`, which is `name` (made by the operator `maker`) `operator` `noise`, of the same shape."""
    source = name
    if maker in SIZED_OTHERWISE:
        source = f"{result} shaped"
        twin.graph.initializer.append(numpy_helper.from_array(np.asarray(noise.shape, np.int64), f"{result} shape"))
        twin.graph.node.append(helper.make_node("Reshape", [name, f"{result} shape"], [source]))
    twin.graph.initializer.append(numpy_helper.from_array(noise, f"{result} noise"))
    twin.graph.node.append(helper.make_node(operator, [source, f"{result} noise"], [result]))


def name_outputs(twin: onnx.ModelProto, renamed: typing.Mapping[str, str]) -> None:
    """Outputs are what has noise. Results of other sizes than inferred are outputs, too."""
    for output in twin.graph.output:
        output.name = renamed.get(output.name, output.name)
    known = {output.name for output in twin.graph.output}
    for node in twin.graph.node:
        if node.op_type in SIZED_OTHERWISE and node.output[0] not in known:
            twin.graph.output.append(onnx.ValueInfoProto(name=node.output[0]))


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
            raise RuntimeError(f"the judge's own twins do not run: {self.refused}")
