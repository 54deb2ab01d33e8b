# SPDX-License-Identifier: Apache-2.0
"""One network with its data, and the judgement of it."""
import re
import typing

import numpy as np
import onnx

import compare
import floats
import refusals
import standard
import systole
import ties
from runtime import Arrays, Refused, Runtime
from twins import FEW, MANY, NoTwin, Sampling


class Case(typing.NamedTuple):
    seed: str
    form: str  # float, qdq, qoperator, qonnx
    model: onnx.ModelProto  # as Systole gets it
    feeds: Arrays
    options: typing.Tuple[str, ...]
    focus: typing.Tuple[str, ...] = ()  # operators that it was asked to hold

    @property
    def outputs(self) -> typing.List[str]:
        return [output.name for output in self.model.graph.output]

    @property
    def fallback(self) -> bool:
        return "--host-fallback" in self.options


class Outcome(typing.NamedTuple):
    kind: str  # good; refused: rightly; wrong; faulty: a refusal that is none; invalid: no network for ONNX Runtime
    text: str
    signature: str  # what makes two failures the same one

    @property
    def failed(self) -> bool:
        return self.kind in ("wrong", "faulty")


INVALID = Outcome("invalid", "", "")


def all_values(runtime: Runtime, model: onnx.ModelProto, feeds: Arrays) -> Arrays:
    """Every tensor of the network, constants too."""
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    known = {output.name for output in whole.graph.output}
    for node in whole.graph.node:
        for name in node.output:
            if name and name not in known:
                info = whole.graph.output.add()
                info.name = name
    values = runtime.run(whole.SerializeToString(), feeds)
    values.update(feeds)
    for tensor in whole.graph.initializer:
        if tensor.data_type in (1, 2, 3, 6, 7, 10, 11):
            values[tensor.name] = onnx.numpy_helper.to_array(tensor)
    return values


def signature_of(text: str) -> str:
    text = re.sub(r"'[^']*'", "'...'", text)
    return re.sub(r"-?\d+(\.\d+)?", "#", re.sub(r"/\S*/", "", text)).strip()[:160]


def judge(case: Case, runtime: Runtime, binary: str) -> Outcome:
    asked = standard.standard(case.model)
    model = floats.as_floats(asked)
    try:
        values = all_values(runtime, model, case.feeds)
        expected = [{name: values[name] for name in case.outputs}]
        if model is not asked:
            expected.append(runtime.run(asked.SerializeToString(), case.feeds))
    except Refused:
        return INVALID
    if any(v.dtype.kind == "f" and not np.isfinite(v).all() for v in values.values()):
        return INVALID
    states_scales = case.form not in ("float", "dynamic", "host")
    data = case.model.SerializeToString()
    answer = systole.run(binary, data, case.feeds, case.outputs, case.options)
    if answer.code == systole.INTERNAL:
        return Outcome("faulty", answer.text.strip()[-300:], signature_of(answer.text))
    calibrated = False
    if answer.code == 0 and states_scales and "activation ranges come from" in answer.text:
        if refusals.all_scales_stated(model, values):
            return Outcome("faulty", "asks for calibration, and every scale is in the file", "asks for calibration")
        calibrated = True
    if answer.code == 0:
        def limits(sampling: Sampling) -> typing.Dict[str, np.ndarray]:
            if states_scales:
                return ties.allowed(runtime, model, values, case.feeds, case.outputs, case.seed, calibrated, sampling)
            constants = {tensor.name for tensor in model.graph.initializer}
            return compare.allowed(runtime, model, values, case.feeds, case.outputs, case.seed, constants, sampling)

        try:
            verdict = compare.compare(expected, answer.outputs, limits(FEW))
            if not verdict.good:
                verdict = compare.compare(expected, answer.outputs, limits(MANY))
        except NoTwin as none:
            return Outcome("faulty", str(none), signature_of(str(none)))
        return Outcome("good" if verdict.good else "wrong", verdict.text, "" if verdict.good else "wrong")
    wrong = refusals.unexplained(case, model, values, answer)
    if wrong is None:
        return Outcome("refused", "; ".join(f"{op}: {why}" for _, op, why in answer.reasons), "")
    return Outcome("faulty", wrong, signature_of(wrong))
