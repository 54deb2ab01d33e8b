# SPDX-License-Identifier: Apache-2.0
"""The table of drawers: for each operator a function that adds it to a network, behind a tensor of it.

A drawer gets the network and the name of a float tensor, and returns the tensors that it made, or nothing if the operator
cannot follow there. It draws attributes and constants freely; ONNX Runtime says what is valid.
"""
import typing

import schema

Drawer = typing.Callable[..., typing.Optional[typing.Sequence[str]]]


class Entry(typing.NamedTuple):
    draw: Drawer
    since: int
    until: int  # the last opset that has it
    where: str  # "machine": promised; "host": the host runs it; "tail": on the machine only as an output
    ranks: typing.Tuple[int, ...]


TABLE: typing.Dict[str, Entry] = {}


def operator(name: str, where: str = "machine", ranks: typing.Sequence[int] = (2, 3, 4, 5), until: int = schema.NEWEST,
             since: int = 0) -> typing.Callable[[Drawer], Drawer]:
    def enter(draw: Drawer) -> Drawer:
        TABLE[name] = Entry(draw, since or schema.since(name), until, where, tuple(ranks))
        return draw
    return enter


def names(where: typing.Container[str], opset: int) -> typing.List[str]:
    return [name for name, entry in TABLE.items() if entry.where in where and entry.since <= opset <= entry.until]


from operators import elementwise, host, joins, large, linear, pooling, qlinear, resize, shapes  # noqa: E402,F401  fill the table
