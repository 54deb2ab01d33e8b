# SPDX-License-Identifier: Apache-2.0
"""What is printed and kept: the table of operators and opsets, networks as text, failures as files."""
import collections
import pathlib
import typing

import numpy as np
import onnx

import operators
from case import Case, Outcome

class Table:
    """How many networks with an operator ran and were right, by opset."""

    def __init__(self, form, opsets: typing.Sequence[int]) -> None:
        self.form, self.opsets = form, list(opsets)
        self.cells = [(name, opset) for name in operators.TABLE for opset in opsets if name in operators.names(form.focus, opset)]
        self.ran: typing.Counter[typing.Tuple[str, int]] = collections.Counter()
        self.others: typing.Counter[typing.Tuple[str, int]] = collections.Counter()

    def enter(self, names: typing.Sequence[str], opset: int, outcome: Outcome) -> None:
        (self.ran if outcome.kind == "good" else self.others).update((name, opset) for name in set(names))

    def empty(self) -> typing.List[typing.Tuple[str, int]]:
        return [cell for cell in self.cells if not self.ran[cell]]

    def __str__(self) -> str:
        names = list(dict.fromkeys(name for name, _ in self.cells))
        width = max(map(len, names), default=8)
        lines = [f"{self.form.name:<{width}} " + "".join(f"{opset:>5}" for opset in self.opsets)]
        for name in names:
            row = [f"{self.ran[name, opset]:>5}" if (name, opset) in set(self.cells) else "    -" for opset in self.opsets]
            lines.append(f"{name:<{width}} " + "".join(row))
        return "\n".join(lines)


def text_of(case: Case) -> str:
    graph = case.model.graph
    sizes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    sizes.update({name: list(array.shape) for name, array in case.feeds.items()})
    lines = [f"  {name}: {array.dtype} {list(array.shape)}" for name, array in case.feeds.items()]
    for node in graph.node:
        found = ", ".join(f"{a.name}={_value(a)}" for a in node.attribute)
        read = ", ".join(f"{name}{sizes[name]}" if name in sizes else name or "-" for name in node.input)
        lines.append(f"  {', '.join(node.output)} = {node.op_type}({read})" + (f" {found}" if found else ""))
    return "\n".join(lines + [f"  outputs: {', '.join(case.outputs)}"])


def _value(attribute: onnx.AttributeProto) -> object:
    value = onnx.helper.get_attribute_value(attribute)
    return "tensor" if isinstance(value, onnx.TensorProto) else value.decode() if isinstance(value, bytes) else value


def keep(case: Case, folder: pathlib.Path, text: str) -> pathlib.Path:
    """net.onnx, the inputs, and how to run it."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(case.model, str(folder / "net.onnx"))
    command = f"systole run net.onnx {' '.join(case.options)}"
    for name, array in case.feeds.items():
        np.save(folder / f"{name}.npy", array)
        command += f" --input {name}={name}.npy"
    (folder / "README.md").write_text(f"{text}\n\n{command} -o out\n\n{text_of(case)}\n")
    return folder
