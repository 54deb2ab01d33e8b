# SPDX-License-Identifier: Apache-2.0
"""Makes a network that fails smaller, as long as it fails in the same way: fewer outputs, nodes and elements."""
import typing

import numpy as np
import onnx
from onnx import helper, numpy_helper

from case import Case, Outcome, all_values
from network import kind_of, reads_of
from runtime import Refused, Runtime
from standard import standard

Judge = typing.Callable[[Case], Outcome]
#: Networks run at most, by what is wrong.
TRIES = {"wrong": 100, "faulty": 25}
FLOATS = (np.float32, np.int8, np.uint8)


def copy_of(model: onnx.ModelProto) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy


def without_dead(case: Case, model: onnx.ModelProto, feeds: typing.Dict[str, np.ndarray]) -> Case:
    """What no output needs goes."""
    graph = model.graph
    needed, nodes = {output.name for output in graph.output}, []
    for node in reversed(graph.node):
        if needed & set(node.output):
            needed.update(reads_of(node))
            nodes.append(node)
    kept = [copy for node in reversed(nodes) for copy in [onnx.NodeProto()] if copy.CopyFrom(node) is None]
    del graph.node[:]
    graph.node.extend(kept)
    for field in (graph.initializer, graph.input):
        for i in reversed(range(len(field))):
            if field[i].name not in needed:
                del field[i]
    return case._replace(model=model, feeds={name: array for name, array in feeds.items() if name in needed})


def info(name: str, array: np.ndarray) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind_of(array), array.shape)


def set_outputs(model: onnx.ModelProto, names: typing.Iterable[str], values: typing.Dict[str, np.ndarray]) -> None:
    del model.graph.output[:]
    model.graph.output.extend(info(name, values[name]) for name in names)


def depends(model: onnx.ModelProto, feeds: typing.Iterable[str]) -> typing.Set[str]:
    moving = set(feeds)
    for node in model.graph.node:
        if moving & set(reads_of(node)):
            moving.update(node.output)
    return moving


def rounds(node: onnx.NodeProto) -> bool:
    return node.op_type in ("QuantizeLinear", "Quant", "IntQuant", "BipolarQuant")


def may_begin(case: Case, values: typing.Dict[str, np.ndarray]) -> typing.Set[str]:
    """What can become an input: in networks that state their scales, what has one, or gets it first."""
    graph = case.model.graph
    if case.form in ("float", "dynamic", "host"):
        return set(values)
    loose = {name for node in graph.node if not rounds(node) for name in reads_of(node)}
    return {name for name in values if values[name].dtype != np.float32 or name not in loose}


def may_end(case: Case, values: typing.Dict[str, np.ndarray]) -> typing.Set[str]:
    graph = case.model.graph
    if case.form in ("float", "dynamic", "host"):
        return set(values)
    return {name for node in graph.node for name in node.output if node.op_type == "DequantizeLinear" or rounds(node) or
            name in values and values[name].dtype != np.float32} | set(case.outputs)


def candidates(case: Case, values: typing.Dict[str, np.ndarray]) -> typing.Iterator[Case]:
    graph = case.model.graph
    moving = depends(case.model, case.feeds)
    usable = [name for node in graph.node for name in node.output if name in moving and name in values and values[name].dtype in FLOATS]
    if len(graph.output) > 1:
        for output in graph.output:
            model = copy_of(case.model)
            set_outputs(model, [output.name], values)
            yield without_dead(case, model, case.feeds)
    ends, begins = may_end(case, values), may_begin(case, values)
    for name in usable:  # all behind it goes
        if name in ends and [output.name for output in graph.output] != [name]:
            model = copy_of(case.model)
            set_outputs(model, [name], values)
            yield without_dead(case, model, case.feeds)
    for name in reversed(usable):  # all before it goes
        if name in case.outputs or name not in begins:
            continue
        model = copy_of(case.model)
        for node in model.graph.node:
            for i, output in enumerate(node.output):
                if output == name:
                    node.output[i] = name + "_unused"
        model.graph.input.append(info(name, values[name]))
        yield without_dead(case, model, {**case.feeds, name: values[name]})
    for index, node in enumerate(graph.node):  # it goes
        for source in node.input:
            if source in moving and node.output and node.output[0] in values and source in values and \
                    values[source].shape == values[node.output[0]].shape and values[source].dtype == values[node.output[0]].dtype:
                if node.output[0] in case.outputs and source not in {t for n in graph.node for t in n.output}:
                    continue
                yield bypassed(case, index, source, values)


def bypassed(case: Case, index: int, source: str, values: typing.Dict[str, np.ndarray]) -> Case:
    model = copy_of(case.model)
    gone = model.graph.node[index].output[0]
    del model.graph.node[index]
    for node in model.graph.node:
        node.input[:] = [source if name == gone else name for name in node.input]
    if gone in case.outputs:
        set_outputs(model, dict.fromkeys(source if name == gone else name for name in case.outputs), values)
    return without_dead(case, model, case.feeds)


def smaller(case: Case) -> typing.Iterator[Case]:
    """One dimension of the inputs less, with the constants that follow it."""
    for name, array in case.feeds.items():
        for axis in range(1, array.ndim):
            for size in dict.fromkeys((1, array.shape[axis] // 2, array.shape[axis] - 1)):
                if 0 < size < array.shape[axis]:
                    yield from sliced(case, name, axis, size)


def sliced(case: Case, name: str, axis: int, size: int) -> typing.Iterator[Case]:
    old = case.feeds[name].shape[axis]
    feeds = dict(case.feeds)
    feeds[name] = np.ascontiguousarray(feeds[name].take(range(size), axis))
    for constants in (False, True):
        model = copy_of(case.model)
        for tensor in model.graph.initializer if constants else []:
            if tensor.data_type not in (1, 2, 3) or old not in tensor.dims:
                continue
            where = 1 if len(tensor.dims) > 1 and tensor.dims[1] == old else list(tensor.dims).index(old)
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).take(range(size), where), tensor.name))
        for value in model.graph.input:
            if value.name == name:
                value.CopyFrom(info(name, feeds[name]))
        yield case._replace(model=model, feeds=feeds)


def shrink(case: Case, outcome: Outcome, runtime: Runtime, judge: Judge) -> Case:
    def restated(candidate: Case) -> typing.Optional[Case]:
        """With the shapes that its outputs have now."""
        for output in candidate.model.graph.output:
            output.type.Clear()
        try:
            values = runtime.run(standard(candidate.model).SerializeToString(), candidate.feeds)
        except Refused:
            return None
        set_outputs(candidate.model, candidate.outputs, values)
        return candidate

    found, tries = True, TRIES[outcome.kind]
    while found and tries > 0:
        found = False
        try:
            values = all_values(runtime, standard(case.model), case.feeds)
        except Refused:
            break
        for candidate in (c for source in (candidates(case, values), smaller(case) if outcome.kind == "wrong" else ()) for c in source):
            candidate = restated(candidate)
            if candidate is None or not candidate.model.graph.node or not candidate.feeds:
                continue
            tries -= 1
            now = judge(candidate)
            if now.kind == outcome.kind and now.signature == outcome.signature:
                case, found = candidate, True
                break
            if tries <= 0:
                break
    return case
