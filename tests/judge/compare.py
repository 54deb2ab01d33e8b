# SPDX-License-Identifier: Apache-2.0
"""How far a result may be from ONNX Runtime's.

Post-training quantisation: as far as the float network itself gets when each tensor is moved by a step of its range (twins
with noise behind every node). Functions that jump (Floor, Sign, ArgMax, ...) are right on either side of a jump that is nearer
than the error of what they read. Noise drawn at random finds such a jump only with luck: half of it goes the other way, and near
the end of the error's range almost all falls short. So what they read is moved by that whole error, up, down, and each element one
way or the other, once for every function that jumps on the way, as the error behind one of them is that of the next. Networks that state their scales: not at all, but where a value lies at a tie that float32 does
not decide, or where the documentation allows a step: twins again, whose noise before each rounding is so small.
"""
import typing

import numpy as np
import onnx
from onnx import numpy_helper

from draw import Draw
from runtime import Arrays, Runtime
from twins import Sampled, Sampling, add_node, add_noise

TWINS = 4
#: What underflows in one of two implementations of a function.
NOTHING = 1e-12
#: What float32 leaves of the functions inside a recurrent cell, which ONNX Runtime approximates by others.
CELL = 2e-7
RECURRENT = {"LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"}
#: Functions that jump: a little more before one of them is a lot behind it.
JUMPS = {"Floor", "Ceil", "Round", "Sign", "ThresholdedRelu", "Shrink", "Greater", "Less", "Mod", "ArgMax", "ArgMin", "Hardmax",
         "LpNormalization"}
UP, DOWN, EITHER, ZERO = "up", "down", "either", "to zero"  # zero, as the sign of it is neither
#: Operators that only move or join elements: their results share their operands' steps.
MOVING = {"Concat", "Split", "Slice", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Cast", "MaxPool",
          "Pad", "Upsample", "Resize", "DepthToSpace", "Gather", "Tile", "GlobalMaxPool", "ReduceMax"}


class Verdict(typing.NamedTuple):
    good: bool
    text: str
    size: float  # the worst distance over what is allowed


def sharing_bytes(model: onnx.ModelProto, among: typing.Container[str]) -> typing.Callable[[str], str]:
    """A name for all tensors of `among` that share bytes with the one named, as one moves the other's."""
    group: typing.Dict[str, str] = {}

    def root(name: str) -> str:
        while group.get(name, name) != name:
            name = group[name]
        return name

    for node in model.graph.node:
        tensors = [t for t in [*node.input, *node.output] if t in among] if node.op_type in MOVING else []
        for tensor in tensors[1:]:
            group[root(tensor)] = root(tensors[0])
    return root


def spans(model: onnx.ModelProto, values: Arrays) -> typing.Dict[str, float]:
    """The range of each float tensor, with zero; tensors that share bytes share it."""
    root = sharing_bytes(model, {name for name, value in values.items() if value.dtype.kind == "f"})
    ends: typing.Dict[str, typing.Tuple[float, float]] = {}
    for name, value in values.items():
        if value.dtype.kind == "f" and value.size:
            low, high = ends.get(root(name), (0.0, 0.0))
            ends[root(name)] = (min(low, float(value.min())), max(high, float(value.max())))
    return {name: ends[root(name)][1] - ends[root(name)][0] for name, value in values.items() if root(name) in ends}


def with_noise(model: onnx.ModelProto, values: Arrays, draw: Draw, constants: typing.Set[str],
               moved: typing.Mapping[str, float] = {}, way: str = EITHER, quiet: bool = False) -> onnx.ModelProto:
    """A step of its range, either way, on each float tensor, and on weights; `moved`: what is moved by so much at most, that way,
    `quiet`: and nothing else is."""
    steps = spans(model, values)
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    del twin.graph.node[:]
    renamed: typing.Dict[str, str] = {}

    def noise(name: str) -> None:
        if quiet and not moved.get(name):
            return
        shape = values[name].shape
        value = draw.uniform(-1, 1, *shape) * np.float32(steps[name] / 255)
        operator = "Add"
        if moved.get(name) and way == ZERO:
            operator, value = "Mul", np.where(np.abs(values[name]) <= moved[name], 0, 1)
        elif moved.get(name):
            sign = np.sign(draw.uniform(-1, 1, *shape)) if way == EITHER else np.full(shape, 1 if way == UP else -1)
            value = sign * np.float32(moved[name])
        renamed[name] = name + "/noisy"
        add_noise(twin, name, operator, np.asarray(value, values[name].dtype), renamed[name])

    for value in model.graph.input:
        if value.name in steps and value.name not in constants:
            noise(value.name)
    for tensor in [] if quiet else twin.graph.initializer:
        if tensor.name in constants and tensor.data_type == onnx.TensorProto.FLOAT and len(tensor.dims) >= 2:
            array = numpy_helper.to_array(tensor)
            limit = np.abs(array).max() / 127
            off = array + np.where(array == 0, 0, draw.uniform(-0.6, 0.6, *array.shape) * limit).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(off.astype(np.float32), tensor.name))
    for node in model.graph.node:
        copy = add_node(twin, node, values)
        copy.input[:] = [renamed.get(name, name) for name in node.input]
        for name in node.output:
            if name in steps and steps[name] > 0 and node.op_type != "Constant":
                noise(name)
    for output in twin.graph.output:
        output.name = renamed.get(output.name, output.name)
    return twin


def before_jumps(model: onnx.ModelProto, steps: typing.Mapping[str, float], constants: typing.Set[str]) -> typing.List[str]:
    """The tensors that functions which jump read, in the order in which they are made."""
    read = [name for node in model.graph.node if node.op_type in JUMPS for name in node.input]
    return [name for name in dict.fromkeys(read) if steps.get(name, 0) > 0 and name not in constants]


def allowed(runtime: Runtime, model: onnx.ModelProto, values: Arrays, feeds: Arrays, outputs: typing.Sequence[str], seed: int,
            constants: typing.Set[str], sampling: Sampling) -> typing.Dict[str, np.ndarray]:
    """How far each element of an output may be off: as `sampling` says of the twins, and two steps. No limit where a function that
    jumps may give an infinite number, as the logarithm of a 0."""
    steps = spans(model, values)
    jumps = before_jumps(model, steps, constants)
    watched = list(dict.fromkeys([*outputs, *jumps]))
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    whole.graph.output.extend(onnx.ValueInfoProto(name=name) for name in jumps if name not in outputs)
    worst = {name: 0.0 for name in watched}
    infinite = {name: np.zeros(values[name].shape, bool) for name in watched}
    sampled = Sampled()

    def run(k: object, moved: typing.Mapping[str, float] = {}, way: str = EITHER, quiet: bool = False) -> None:
        twin = with_noise(whole, values, Draw(seed, "noise", k), constants, moved, way, quiet)
        results = sampled.run(lambda: runtime.run(twin.SerializeToString(), feeds))
        for name in watched if results else []:
            if name in moved:
                continue
            found = results.get(name + "/noisy", results.get(name))
            off = np.abs(found.astype(np.float64) - values[name].astype(np.float64))
            if quiet:
                infinite[name] |= np.isinf(off)
            finite = off[np.isfinite(off)]
            worst[name] = max(worst[name], float(finite.max()) if finite.size else 0.0)

    def limit(name: str) -> float:
        return sampling.factor * worst[name] + 2 * steps.get(name, 0) / 255

    for k in range(TWINS * sampling.times):
        run(k)
    sampled.check()
    moved: typing.Dict[str, float] = {}
    for level, name in enumerate(jumps):  # what is before the next one has its whole error after this
        moved[name] = limit(name)
        for k, way in enumerate([UP, DOWN, EITHER, EITHER, ZERO]):
            run(f"jump {level} {k}", moved, way)
        for way in (UP, DOWN, ZERO):  # just what the function may give, and nothing near it
            run(f"jump {level} {way}", moved, way, quiet=True)
    nothing = CELL if any(node.op_type in RECURRENT for node in model.graph.node) else NOTHING
    return {name: np.where(infinite[name], np.inf, limit(name) + nothing) for name in outputs}


def compare(expected: typing.Sequence[Arrays], found: Arrays, limits: typing.Mapping[str, np.ndarray]) -> Verdict:
    """`expected`: of each reference; an element is right if it is right by one of them. `limits`: of each element."""
    worst, texts = 0.0, []
    for name, want in expected[0].items():
        if name not in found:
            return Verdict(False, f"output '{name}' is missing", float("inf"))
        got = found[name]
        if got.shape != want.shape:
            return Verdict(False, f"output '{name}' has the shape {list(got.shape)}, expected {list(want.shape)}", float("inf"))
        if got.size == 0:
            continue
        off = np.min([np.abs(got.astype(np.float64) - one[name].astype(np.float64)) for one in expected], axis=0)
        limit = np.broadcast_to(limits[name], off.shape)
        size = off / np.maximum(limit, 1e-9)
        at = np.unravel_index(int(np.argmax(size)), off.shape)
        wrong = ~(off <= limit)
        if wrong.any():
            texts.append(f"output '{name}' {list(map(int, at))}: {got[at]:.7g}, expected {want[at]:.7g} within {limit[at]:.3g}; "
                         f"{int(wrong.sum())} of {off.size} differ")
        worst = max(worst, float(size[at]))
    return Verdict(not texts, "; ".join(texts), worst)
