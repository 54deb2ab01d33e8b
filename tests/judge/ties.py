# SPDX-License-Identifier: Apache-2.0
"""How far a network that states its scales may be from ONNX Runtime's floats: ties, and the steps that the documentation allows.

Twins get noise before each rounding. It is a ten thousandth of a step, as float32 leaves it open which way a tie goes; one
step behind windowed average pools (docs/quantised.md, "What is exact"); what 16 bits leave of interpolation weights that are no
small fractions; and a step of the range on what has no scale. The range is that of the data it is calibrated on, or, where nothing
is calibrated, the one that follows from the codes. Of the twins two have all of the noise one way: a mean, or a sign, of
what is off by so much is off by as much.
"""
import typing

import numpy as np
import onnx

import reach
from compare import spans
from draw import Draw
from runtime import Arrays, Runtime
from slops import Slops
from twins import Sampled, Sampling, add_node, add_noise

#: What the noise of an element is drawn from.
TWINS = ("between", "between", "between", "between", "either", "up", "down", "to zero")


def noise_of(draw: Draw, shape: typing.Sequence[int], kind: str) -> np.ndarray:
    if kind == "between":
        return draw.uniform(-1, 1, *shape)
    if kind == "either":
        return np.sign(draw.uniform(-1, 1, *shape))
    return np.full(shape, 1 if kind == "up" else -1, np.float32)


def rename(node: onnx.NodeProto, names: typing.Mapping[str, str]) -> None:
    """What it reads, the nodes of its branches too."""
    node.input[:] = [names.get(name, name) for name in node.input]
    for attribute in node.attribute:
        for inner in attribute.g.node:
            rename(inner, names)


def with_ties(model: onnx.ModelProto, values: Arrays, draw: Draw, off: Slops, kind: str) -> onnx.ModelProto:
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    del twin.graph.node[:]
    rounded: typing.Dict[str, str] = {}  # what a rounding reads instead
    renamed: typing.Dict[str, str] = {}  # what others do

    def noisy(name: str, size: float, word: str) -> str:
        if kind == "to zero":  # where that is nearer, as the sign of it is neither
            operator, value = "Mul", np.where(np.abs(values[name]) <= size, 0, 1)
        else:
            operator, value = "Add", noise_of(draw, values[name].shape, kind) * np.float32(size)
        add_noise(twin, name, operator, np.asarray(value, np.float32), f"{name}/{word}")
        return f"{name}/{word}"

    def spread(name: str) -> None:
        before, loose = off.before.get(name, 0), off.loose.get(name, 0)
        if before:
            rounded[name] = renamed[name] = noisy(name, before, "off")
        if loose:
            renamed[name] = noisy(name, before + loose, "loose")

    for value in model.graph.input:
        spread(value.name)
    for node in model.graph.node:
        names = rounded if node.op_type == "QuantizeLinear" else renamed
        copy = add_node(twin, node, values)
        rename(copy, names)
        for name in node.output:
            spread(name)
    for output in twin.graph.output:
        output.name = renamed.get(output.name, output.name)
    return twin


def allowed(runtime: Runtime, model: onnx.ModelProto, values: Arrays, feeds: Arrays, outputs: typing.Sequence[str],
            seed: object, calibrated: bool, sampling: Sampling) -> typing.Dict[str, np.ndarray]:
    ranges = spans(model, values)
    if not calibrated:
        ranges = reach.spans(runtime, model, values, ranges)
    off = Slops(model, values, ranges)
    worst = {name: 0.0 for name in outputs}
    sampled = Sampled()
    for k, kind in enumerate(TWINS * sampling.times):
        twin = with_ties(model, values, Draw(seed, "ties", k), off, kind)
        results = sampled.run(lambda: runtime.run(twin.SerializeToString(), feeds))
        for name in outputs if results else []:
            result = next(results[t] for t in (name + "/loose", name + "/off", name) if t in results)
            worst[name] = max(worst[name], float(np.abs(result.astype(np.float64) - values[name].astype(np.float64)).max()))
    sampled.check()
    return {name: np.asarray(sampling.factor * worst[name] + 2 * off.loose.get(name, 0) + 1e-5 * ranges.get(name, 0)) for name in outputs}
