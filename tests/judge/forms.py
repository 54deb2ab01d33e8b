# SPDX-License-Identifier: Apache-2.0
"""The forms that networks arrive in, and network number K of a form."""
import typing

import grow
import operators
from case import Case
from draw import Draw
from qdq import QdqNetwork
from qonnx import QonnxNetwork
from qoperator import DynamicNetwork, QOperatorNetwork
from runtime import Runtime


class Form(typing.NamedTuple):
    name: str
    network: typing.Type[grow.FloatNetwork]
    since: int  # the first opset that has its operators
    focus: typing.Tuple[str, ...]  # where the operators of its table run
    beyond: float  # share of networks with an operator that only the host has
    options: typing.Tuple[str, ...] = ()
    written: bool = False  # `systole quantise` writes it, and what is written is judged
    least_run: float = 0.7


FORMS = {form.name: form for form in (
    Form("float", grow.FloatNetwork, 7, ("machine", "tail"), 0.05),
    Form("qdq", QdqNetwork, 10, ("machine",), 0.05),
    Form("qoperator", QOperatorNetwork, 10, ("qlinear",), 0.03),
    Form("qonnx", QonnxNetwork, 10, ("machine",), 0.03),
    Form("dynamic", DynamicNetwork, 11, ("dynamic",), 0),
    Form("host", grow.FloatNetwork, 7, ("host",), 0, ("--host-fallback",)),
    Form("qdq-host", QdqNetwork, 10, ("host",), 0, ("--host-fallback",)),
    Form("written", grow.FloatNetwork, 7, ("machine",), 0.02, written=True, least_run=0.4),
    Form("written-qoperator", QOperatorNetwork, 10, ("qlinear",), 0, written=True, least_run=0.4),
    Form("written-qdq", QdqNetwork, 10, ("machine",), 0, written=True, least_run=0.4),
)}
#: Small arrays, square and odd ones, small buffers.
MACHINES = (("--arch", "edge-4x4"), ("--arch", "edge-4x4"), ("--arch", "edge-16x16"),
            ("--arch", "edge-4x4", "--set", "array.rows=5", "--set", "array.cols=3"))

#: What is asked of a network that is written, on an array of bytes that hold several numbers.
WIDTHS = ((), (), ("--weights", "4", "--activations", "4"), ("--weights", "4"), ("--weights", "2", "--activations", "4"),
          ("--weights", "1"), ("--activations", "2"), ("--prune", "nm:2:4"), ("--prune", "unstructured:0.5"), ("--opset", "13", "--weights", "4"))

ATTEMPTS_FOR_A_CELL = 20


def focus_of(form: Form, opset: int, index: int, opsets: typing.Sequence[int]) -> typing.List[str]:
    """The operators in turn, so that each cell of the table comes up."""
    names = Draw(form.name, opset).shuffled(operators.names(form.focus, opset))
    count = 1 if len(names) < 12 else 3
    start = index // len(opsets) * count
    return list(dict.fromkeys(names[(start + k) % len(names)] for k in range(count)))


def make(form: Form, seed: str, index: int, opsets: typing.Sequence[int], runtime: Runtime,
         focus: typing.Optional[typing.Sequence[str]] = None, opset: int = 0
         ) -> typing.Optional[typing.Tuple[Case, typing.List[str], int]]:
    """The network, which of the table's operators it has, and its opset; None if nothing came of it."""
    opset = opset or opsets[index % len(opsets)]
    given = tuple(focus or ())
    for attempt in range(ATTEMPTS_FOR_A_CELL if given else 5):
        draw = Draw(seed, form.name, index, attempt)
        net = form.network(draw, runtime, opset)
        if form.options:
            net.batch = 1  # as docs/operators.md says of --host-fallback
        net.fuzz = 0.15 if draw.chance(0.15) else 0
        wanted = list(given or focus_of(form, opset, index, opsets))
        others = operators.names(("machine",), opset)
        if draw.chance(form.beyond):
            wanted.append(draw.pick(operators.names(("host", "tail"), opset)))
        if grow.grow(net, wanted, others) and set(given) <= set(net.present()):
            options = form.options + draw.pick(MACHINES) + (("--batch", str(net.batch)) if net.batch > 1 else ())
            if form.name == "written" and "edge-16x16" in options:
                options += draw.pick(WIDTHS)
            case = Case(f"{seed}/{index}", form.name, net.model(plain=False), {name: net.values[name] for name in net.inputs}, options, given)
            return case, net.present(), opset
    return None
