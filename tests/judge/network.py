# SPDX-License-Identifier: Apache-2.0
"""A network that grows node by node, with the value of every tensor.

Each node is run by ONNX Runtime as soon as it is added: what ONNX Runtime does not take, or what gives values that say
nothing (not finite, out of any range), does not become part of the network.
"""
import typing

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import schema
from draw import Draw
from runtime import Arrays, Refused, Runtime

MOST_ELEMENTS = 6000
LARGEST = 2000.0
DOMAINS = {"com.microsoft": 1, "qonnx.custom_op.general": 1}
Rewrite = typing.Callable[[onnx.ModelProto], onnx.ModelProto]


def tensor_of(array: np.ndarray, name: str) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)


def kind_of(array: np.ndarray) -> int:
    return helper.mapping.NP_TYPE_TO_TENSOR_TYPE[array.dtype]


def reads_of(node: onnx.NodeProto) -> typing.List[str]:
    """Its inputs, and what its subgraphs read from outside."""
    found = [name for name in node.input if name]
    for attribute in node.attribute:
        made = {name for inner in attribute.g.node for name in inner.output}
        found += [name for inner in attribute.g.node for name in reads_of(inner) if name not in made]
    return found


class Network:
    """Constants are initializers. `standard`: makes of Systole's network the one that ONNX Runtime gets."""

    def __init__(self, draw: Draw, runtime: Runtime, opset: int, standard: typing.Optional[Rewrite] = None) -> None:
        self.draw, self.runtime, self.opset = draw, runtime, opset
        self.standard = standard
        self.ir = schema.IR_VERSIONS[opset]
        if opset >= 9 and draw.chance(0.2):
            self.ir = max(self.ir, 8)
        self.fuzz = 0.0  # chance of an attribute that nobody thought of
        self.nodes: typing.List[onnx.NodeProto] = []
        self.constants: Arrays = {}
        self.raw: typing.Dict[str, onnx.TensorProto] = {}  # constants of types that NumPy lacks
        self.as_nodes: typing.Set[str] = set()  # constants that are nodes in the file
        self.inputs: typing.List[str] = []
        self.outputs: typing.List[str] = []
        self.values: Arrays = {}
        self.readers: typing.Dict[str, int] = {}
        self.count = 0
        self.refusals: typing.List[str] = []  # of ONNX Runtime, for whoever looks for why a cell stays empty

    def name(self, hint: str) -> str:
        self.count += 1
        return f"{hint}_{self.count}"

    def shape(self, tensor: str) -> typing.Tuple[int, ...]:
        return self.values[tensor].shape

    def input(self, array: np.ndarray) -> str:
        name = self.name("x")
        self.inputs.append(name)
        self.values[name] = array
        return name

    def constant(self, array: typing.Union[np.ndarray, typing.Sequence[float]], hint: str = "c") -> str:
        """An initializer, or rarely a Constant node."""
        array = np.asarray(array)
        name = self.name(hint)
        self.constants[name] = self.values[name] = array
        if self.draw.chance(0.04) and array.dtype in (np.float32, np.int64):
            self.as_nodes.add(name)
        return name

    def is_constant(self, tensor: str) -> bool:
        return tensor in self.constants

    # ------------------------------------------------------------------------------------------------ nodes

    def add(self, operator: str, inputs: typing.Sequence[str], outputs: int = 1, domain: str = "",
            **attributes: object) -> typing.Optional[typing.List[str]]:
        """The names of the outputs; None if this node cannot be. Optional inputs: ""."""
        if None in inputs:
            return None  # what was to be its operand cannot be
        attributes = {key: value for key, value in attributes.items() if value is not None}
        if domain == "":
            self._draw_attributes(operator, attributes)
        if inputs and not self._window_fits(inputs[0], attributes):
            return None
        name = self.name(operator.lower())
        results = [name if i == 0 else f"{name}_{i}" for i in range(outputs)]
        node = helper.make_node(operator, list(inputs), results, name="n" + name, domain=domain, **attributes)
        try:
            values = self.runtime.run(self.model([node], results).SerializeToString(), self._feeds(node))
        except Refused as refused:
            self.refusals.append(f"{operator}-{self.opset}: {refused}")
            return None
        for value in values.values():
            if value.size == 0 or value.size > MOST_ELEMENTS or value.ndim > 5:
                return None
            if value.dtype.kind == "f" and (not np.isfinite(value).all() or np.abs(value).max() > LARGEST):
                return None
        self.nodes.append(node)
        for tensor in reads_of(node):
            self.readers[tensor] = self.readers.get(tensor, 0) + 1
        self.values.update(values)
        return results

    def one(self, operator: str, inputs: typing.Sequence[str], **options: object) -> typing.Optional[str]:
        made = self.add(operator, inputs, **options)
        return None if made is None else made[0]

    def plain_one(self, operator: str, inputs: typing.Sequence[str], **options: object) -> typing.Optional[str]:
        """A node as it stands, whatever the form does behind others."""
        made = Network.add(self, operator, inputs, **options)
        return made and made[0]

    def _window_fits(self, x: str, attributes: typing.Mapping[str, object]) -> bool:
        """ONNX Runtime computes something even where a window is larger than the padded map; ONNX defines nothing there."""
        kernel = attributes.get("kernel_shape")
        if not kernel or "SAME" in str(attributes.get("auto_pad")) or "output_shape" in attributes or "output_padding" in attributes:
            return True
        sizes, count = self.shape(x)[2:], len(kernel)
        pads = attributes.get("pads") or [0] * 2 * count
        pads = [0] * 2 * count if "auto_pad" in attributes and attributes["auto_pad"] == "VALID" else pads
        dilations = attributes.get("dilations") or [1] * count
        return all((k - 1) * d + 1 <= size + a + b for k, d, size, a, b in zip(kernel, dilations, sizes, pads, pads[count:]))

    def _draw_attributes(self, operator: str, attributes: typing.Dict[str, object]) -> None:
        """Defaults are stated now and then, and attributes that no drawer set get a value of their type."""
        for key, attribute in schema.attributes(operator, self.opset).items():
            if key in attributes:
                continue
            if attribute.default is not None and self.draw.chance(0.15):
                attributes[key] = attribute.default
            elif self.fuzz and self.draw.chance(self.fuzz):
                value = self._any_value(attribute)
                if value is not None:
                    attributes[key] = value

    def _any_value(self, attribute: schema.Attribute) -> object:
        draw = self.draw
        if attribute.kind == schema.INT:
            return draw.pick([0, 1])
        if attribute.kind == schema.FLOAT:
            return draw.number(-1, 2)
        if attribute.kind == schema.STRING and attribute.words:
            return draw.pick(attribute.words)
        if attribute.kind == schema.INTS:
            return [draw.whole(0, 2) for _ in range(draw.pick([1, 2, 2, 4]))]
        return None

    def forget(self, nodes: int) -> None:
        """Drops the nodes after the first so many."""
        for node in self.nodes[nodes:]:
            for tensor in reads_of(node):
                self.readers[tensor] -= 1
            for tensor in node.output:
                self.values.pop(tensor, None)
        del self.nodes[nodes:]

    def _feeds(self, node: onnx.NodeProto) -> Arrays:
        return {name: self.values[name] for name in dict.fromkeys(reads_of(node))
                if name not in self.constants and name not in self.raw}

    # ----------------------------------------------------------------------------------------------- models

    def model(self, nodes: typing.Optional[typing.Sequence[onnx.NodeProto]] = None,
              outputs: typing.Optional[typing.Sequence[str]] = None, plain: bool = True) -> onnx.ModelProto:
        """Of some nodes: what they read is an input or an initializer. `plain`: as ONNX Runtime gets it."""
        whole = nodes is None
        nodes = self.nodes if whole else nodes
        outputs = self.outputs if outputs is None else outputs
        read = list(dict.fromkeys(name for node in nodes for name in reads_of(node)))
        made = {name for node in nodes for name in node.output}
        inits = [tensor_of(self.constants[name], name) for name in read if name in self.constants and not (whole and name in self.as_nodes)]
        stated = [helper.make_node("Constant", [], [name], name="n" + name, value=tensor_of(self.constants[name], "value"))
                  for name in read if whole and name in self.as_nodes]
        inits += [self.raw[name] for name in read if name in self.raw]
        known = {tensor.name for tensor in inits}
        feeds = self.inputs if whole else [name for name in read if name not in made and name not in known]
        infos = [helper.make_tensor_value_info(name, kind_of(self.values[name]), self.shape(name)) for name in feeds]
        if self.ir < 4:
            infos += [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in inits]
        results = []
        for name in outputs:
            if name in self.values:
                results.append(helper.make_tensor_value_info(name, kind_of(self.values[name]), self.shape(name)))
            else:
                info = onnx.ValueInfoProto()
                info.name = name
                results.append(info)
        graph = helper.make_graph(stated + list(nodes), "random", infos, results, inits)
        model = helper.make_model(graph, opset_imports=self._opsets(nodes), producer_name="judge")
        model.ir_version = self.ir
        return self.standard(model) if plain and self.standard else model

    def _opsets(self, nodes: typing.Sequence[onnx.NodeProto]) -> typing.List[onnx.OperatorSetIdProto]:
        used = sorted({node.domain for node in nodes if node.domain})
        return [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(name, DOMAINS[name]) for name in used]


__all__ = ["Network", "tensor_of", "kind_of", "TensorProto"]
