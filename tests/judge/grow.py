# SPDX-License-Identifier: Apache-2.0
"""Grows a float network: inputs, operators in any order behind any tensor, outputs."""
import typing

import numpy as np

import operators
from network import Network, reads_of


class FloatNetwork(Network):
    """`live`: the float tensors that a node may follow."""

    form = "float"

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.live: typing.List[str] = []
        self.ran: typing.List[typing.Tuple[str, str]] = []  # the table's operators, with a tensor each made
        self.batch = self.draw.pick([2, 3]) if self.draw.chance(0.08) else 1

    # ------------------------------------------------------------- what drawers call, and other forms replace

    def weight(self, array: np.ndarray, axis: typing.Optional[int], x: str) -> str:
        """A constant of weights; `axis`: that of the output channels."""
        if self.draw.chance(0.06):
            return self.computed(array) or self.constant(array, "w")
        return self.constant(array, "w")

    def computed(self, array: np.ndarray) -> typing.Optional[str]:
        """The same constant, made by a node of constants."""
        draw, kind = self.draw, self.draw.pick(["Transpose", "Reshape", "Identity", "double", "half", "Mul", "ScatterND", "Einsum"])
        if kind == "Transpose":
            turned = self.constant(np.ascontiguousarray(array.T), "w")
            return self.plain_one("Transpose", [turned])
        if kind == "Reshape":
            return self.plain_one("Reshape", [self.constant(array.reshape(-1), "w"), self.constant(np.array(array.shape, np.int64))])
        if kind in ("double", "half"):
            return self.plain_one("Cast", [self.constant(array.astype(np.float64 if kind == "double" else np.float16), "w")], to=1)
        if kind == "Mul":
            return self.plain_one("Mul", [self.constant(array, "w"), self.constant(np.float32(draw.pick([0.5, 2.0])))])
        if kind == "ScatterND" and self.opset >= 11:
            rows = self.constant(np.array([[0]], np.int64))
            return self.plain_one("ScatterND", [self.constant(np.zeros_like(array), "w"), rows, self.constant(array[:1])])
        if kind == "Einsum" and self.opset >= 12 and array.ndim == 2:
            return self.plain_one("Einsum", [self.constant(array, "w"), self.constant(np.eye(array.shape[1], dtype=np.float32))],
                                  equation="ij,jk->ik")
        return self.plain_one("Identity", [self.constant(array, "w")])

    def bias(self, array: np.ndarray, x: str, weights: str) -> str:
        return self.constant(array, "b")

    def finished(self, operator: str, inputs: typing.Sequence[str], **options: object) -> typing.Optional[str]:
        """A node whose result is as any other of the form."""
        return self.one(operator, inputs, **options)

    moved = finished  # a node that only moves elements

    def settle(self, operator: str, x: str, made: str) -> typing.List[str]:
        """The tensors that may be read instead of `made`, which is the table's `operator` behind `x`."""
        return [made]

    def new_input(self, shape: typing.Tuple[int, ...]) -> str:
        array = self.draw.normal(*shape) if self.draw.chance(0.7) else self.draw.uniform(0, 1, *shape)
        if len(shape) in (3, 4) and self.draw.chance(0.12):  # channels last, as TensorFlow has them
            x = self.input(np.ascontiguousarray(array.transpose(0, *range(2, len(shape)), 1)))
            return self.one("Transpose", [x], perm=[0, len(shape) - 1, *range(1, len(shape) - 1)])
        if self.draw.chance(0.05):  # another type, converted at once
            return self.plain_one("Cast", [self.input(array.astype(self.draw.pick([np.float16, np.float64])))], to=1)
        return self.input(array)

    def end(self) -> None:
        """The outputs: what nothing reads, and now and then what something does."""
        draw = self.draw
        loose = [name for name in self.live if not self.readers.get(name) and name not in self.inputs]
        loose = loose[-draw.pick([1, 2, 3]):]
        read = [name for name in self.live if self.readers.get(name) and name not in self.inputs]
        if read and draw.chance(0.15):
            loose.append(draw.pick(read))
        self.outputs = draw.shuffled([self.without_batch(name) for name in dict.fromkeys(loose)])

    def without_batch(self, name: str) -> str:
        """The output, now and then under other dimensions, which have no batch in front."""
        if self.form != "float" or self.batch > 1 or not self.draw.chance(0.06):
            return name
        size = self.values[name].size
        shapes = [[-1], [size, 1], [1, 1, 1, 1, 1, -1]] + [[d, size // d] for d in (2, 3) if size % d == 0] + [[]] * (size == 1)
        return self.plain_one("Reshape", [name, self.constant(np.array(self.draw.pick(shapes), np.int64))]) or name

    # ------------------------------------------------------------------------------------------------ growth

    def apply(self, name: str) -> bool:
        """Adds the table's operator behind some live tensor."""
        entry = operators.TABLE[name]
        fits = [t for t in self.live if t and len(self.shape(t)) in entry.ranks]
        for _ in range(6):
            if not fits:
                return False
            x = fits[-1] if self.draw.chance(0.5) else self.draw.pick(fits)
            count = len(self.nodes)
            try:
                made = entry.draw(self, x)
            except (IndexError, KeyError, ValueError, TypeError):  # what the drawer wants is not there
                made = None
            if not made or None in made or not all(self.shape(t)[:1] == (self.batch,) and 2 <= len(self.shape(t)) <= 5 for t in made):
                self.forget(count)
                continue
            settled = [t for one in made for t in self.settle(name, x, one)]
            self.live += settled
            self.ran.append((name, made[0]))
            return True
        return False

    def present(self) -> typing.List[str]:
        """Which of the table's operators the outputs need."""
        made = {name for node in self.nodes for name in node.output}
        return [name for name, tensor in self.ran if tensor in made]

    def inputs_drawn(self, ranks: typing.Sequence[int]) -> None:
        draw = self.draw
        rank = draw.pick(list(ranks))
        channels = draw.pick([1, 2, 3, 4, 5, 6, 8, 12])
        shape = (self.batch, channels) if rank == 2 else (self.batch, channels) + tuple(draw.whole(1, 9) for _ in range(rank - 2))
        if rank == 2 and draw.chance(0.5):
            shape = (self.batch, draw.whole(1, 40))
        for _ in range(draw.pick([1, 1, 1, 1, 2, 2, 3])):
            made = self.new_input(shape)
            self.live += [made] if made else []
            if draw.chance(0.4) and rank > 2:
                shape = shape[:1] + (draw.whole(1, 6),) + shape[2:]

    def keep_only_read(self) -> None:
        """Inputs and nodes that no output needs go."""
        needed, nodes = set(self.outputs), []
        for node in reversed(self.nodes):
            if needed & set(node.output):
                needed.update(reads_of(node))
                nodes.append(node)
        self.nodes = nodes[::-1]
        self.inputs = [name for name in self.inputs if name in needed]


def ranks_for(focus: typing.Sequence[str]) -> typing.Sequence[int]:
    """Input dimensions that most of the operators take."""
    common = [2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5]
    for name in focus:
        common = [rank for rank in common if rank in operators.TABLE[name].ranks] or common
    return common


def grow(net: FloatNetwork, focus: typing.Sequence[str], others: typing.Sequence[str]) -> bool:
    """All of `focus` that can be, among a few `others`. False if nothing came of it."""
    draw = net.draw
    net.inputs_drawn(ranks_for(focus))
    extra = [draw.pick(others) for _ in range(draw.pick([0, 1, 2, 3, 5]))]
    tails = [name for name in focus if operators.TABLE[name].where == "tail"]
    for name in draw.shuffled([name for name in focus if name not in tails] + extra):
        net.apply(name)
    net.end()
    for name in tails:
        loose = [t for t in net.outputs if not net.readers.get(t)]
        if loose:
            x = net.draw.pick(loose)
            net.live = [x]
            if net.apply(name):
                net.outputs = [net.live[-1] if t == x else t for t in net.outputs]
    net.keep_only_read()
    return bool(net.outputs) and bool(net.nodes) and bool(net.inputs)
