#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ONNX's own node cases (Debian's libonnx-testdata) as networks, held to the table backend_cases.txt.

  backend.py [--systole FILE] [--share K/N] [--write] [NAME ...]

Each case is run with all of its inputs as activations, or else with the first one and the others as constants; without and
with --host-fallback. A line of the table: the case, what it does on the accelerator, and, where that is a refusal, with the
host: `passed`, or the reason. Exit code 1 if a line differs; `--write` writes the table instead.
"""
import argparse
import os
import pathlib
import re
import sys
import typing

import numpy as np
import onnx
from onnx import numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import case as cases
import schema
import systole
from runtime import Arrays, Runtime

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path("/usr/share/libonnx-testdata/data/node")
TABLE = HERE / "backend_cases.txt"
TYPES = (np.float32, np.float64, np.float16, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.uint32, np.uint64, np.bool_)
NOTE = """# ONNX's node cases as networks: what became of each. Written by tests/judge/backend.py --write.
# case: on the accelerator[ | with --host-fallback]
"""


def tensors(folder: pathlib.Path, kind: str) -> typing.List[np.ndarray]:
    """input_0.pb, input_1.pb, ... as arrays; ValueError if one is a sequence or holds text."""
    found = []
    for k in range(len(list(folder.glob(f"{kind}_*.pb")))):
        proto = onnx.TensorProto()
        try:
            proto.ParseFromString((folder / f"{kind}_{k}.pb").read_bytes())
            array = numpy_helper.to_array(proto)
        except Exception as error:  # whatever protobuf or onnx says of what is no tensor
            raise ValueError("its data is no tensor") from error
        if array.dtype not in TYPES:
            raise ValueError(f"its data is {array.dtype}")
        found.append(array)
    return found


def raised(model: onnx.ModelProto) -> onnx.ModelProto:
    """Cases name the opset that their operator came with; that is raised as far as it means the same."""
    least, _ = schema.promised(HERE.parent.parent)
    for opset in model.opset_import:
        if opset.domain in ("", "ai.onnx") and opset.version < least:
            versions = [schema.version_of(node.op_type, number) for node in model.graph.node for number in (opset.version, least)]
            if versions[::2] == versions[1::2]:
                opset.version = least
    return model


def lifted(model: onnx.ModelProto, arrays: typing.Sequence[np.ndarray]) -> typing.Tuple[onnx.ModelProto, typing.List[np.ndarray]]:
    """Lists become one item of so many features."""
    if not all(array.ndim == 1 for array in arrays):
        return model, list(arrays)
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for value, array in zip(copy.graph.input, arrays):
        value.type.tensor_type.shape.CopyFrom(onnx.helper.make_tensor_value_info("", 1, (1,) + array.shape).type.tensor_type.shape)
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    return copy, [array.reshape(1, -1) for array in arrays]


def attempts(model: onnx.ModelProto, arrays: typing.Sequence[np.ndarray]) -> typing.Iterator[typing.Tuple[onnx.ModelProto, Arrays]]:
    model, arrays = lifted(raised(model), arrays)
    names = [value.name for value in model.graph.input]
    for count in dict.fromkeys((len(arrays), 1)):
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        for name, array in list(zip(names, arrays))[count:]:
            copy.graph.initializer.append(numpy_helper.from_array(array, name))
            kept = [value for value in copy.graph.input if value.name != name]
            if copy.ir_version >= 4:
                del copy.graph.input[:]
                copy.graph.input.extend(kept)
        yield copy, dict(zip(names[:count], arrays[:count]))


def form_of(model: onnx.ModelProto) -> str:
    return "qdq" if any("Linear" in node.op_type for node in model.graph.node) else "host"


def said(outcome: cases.Outcome) -> str:
    text = re.sub(r"exit code (\d): systole: \S+/net\.onnx: ", r"exit code \1: ", outcome.text)
    text = re.sub(r" \(--host-fallback would run it on the host\)", "", re.sub(r"/tmp/\S*/", "", text))
    return re.sub(r"\s+", " ", text).strip()[:200]


def result_of(folder: pathlib.Path, runtime: Runtime, binary: str, options: typing.Tuple[str, ...]) -> str:
    try:
        inputs, outputs = (tensors(folder / "test_data_set_0", kind) for kind in ("input", "output"))
    except ValueError as error:
        return f"no network: {error}"
    model = onnx.load(str(folder / "model.onnx"))
    if not inputs:
        return "no network: it has no input"
    text = ""
    for copy, feeds in attempts(model, inputs):
        for batch in batches(feeds, "--host-fallback" in options):
            text = outcome_of(cases.Case(folder.name, form_of(model), copy, feeds, options + batch), outputs, runtime, binary)
            if text == "passed" or text.startswith("WRONG"):
                return text
    return text


def batches(feeds: Arrays, host: bool) -> typing.List[typing.Tuple[str, ...]]:
    """The leading dimension as the batch; in stages of the host it may be whatever the case means by it."""
    sizes = {array.shape[0] if array.ndim else 1 for array in feeds.values()}
    given = [("--batch", str(sizes.pop()))] if len(sizes) == 1 else [()]
    return given + [()] * (host and given[0] not in ((), ("--batch", "1")))


def outcome_of(case: cases.Case, outputs: typing.Sequence[np.ndarray], runtime: Runtime, binary: str) -> str:
    outcome = cases.judge(case, runtime, binary)
    if outcome.kind == "invalid":  # no network for ONNX Runtime: ONNX's own outputs
        answer = systole.run(binary, case.model.SerializeToString(), case.feeds, case.outputs, case.options)
        if answer.code == 0:
            return close(answer.outputs, dict(zip(case.outputs, outputs)))
        if answer.code == systole.INTERNAL:
            return "WRONG: " + said(cases.Outcome("faulty", answer.text, ""))
        return said(cases.Outcome("refused", "; ".join(f"{op}: {why}" for _, op, why in answer.reasons) or answer.text, ""))
    return "passed" if outcome.kind == "good" else "WRONG: " * (outcome.kind == "wrong") + said(outcome)


def close(found: Arrays, expected: Arrays) -> str:
    for name, want in expected.items():
        got = found.get(name)
        want = want.reshape(got.shape) if got is not None and got.shape == (1,) + want.shape else want  # a list that became one item
        if got is None or got.shape != want.shape:
            return f"WRONG: output '{name}' is {'missing' if got is None else list(got.shape)}"
        span = float(np.ptp(want.astype(np.float64))) if want.size else 0.0
        if want.size and np.abs(got.astype(np.float64) - want).max() > 0.02 * max(span, 1e-6):
            return f"WRONG: output '{name}' is off by more than 2 % of its range"
    return "passed"


def line_of(name: str, runtime: Runtime, binary: str) -> str:
    alone = result_of(DATA / name, runtime, binary, ("--arch", "edge-4x4"))
    if alone == "passed" or alone.startswith(("no network", "WRONG")):
        return f"{name}: {alone}"
    return f"{name}: {alone} | {result_of(DATA / name, runtime, binary, ('--arch', 'edge-4x4', '--host-fallback'))}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systole", default=os.environ.get("SYSTOLE", str(HERE.parent.parent / "build/release/bin/systole")))
    parser.add_argument("--share", default="1/1", help="K/N: every N-th case, from the K-th")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    first, of = map(int, options.share.split("/"))
    names = options.names or sorted(path.parent.name for path in DATA.glob("*/model.onnx"))[first - 1::of]
    held = {} if options.write else {line.split(": ")[0]: line for line in TABLE.read_text().splitlines() if not line.startswith("#")}
    lines, differ = [], 0
    with Runtime() as runtime:
        for name in names:
            lines.append(line_of(name, runtime, options.systole))
            if not options.write and lines[-1] != held.get(name):
                differ += 1
                print(f"held  {held.get(name)}\nfound {lines[-1]}\n", flush=True)
    wrong = sum(": WRONG" in line or "| WRONG" in line for line in lines)
    passed, hosted = (sum(line.endswith(end) for line in lines) for end in (": passed", "| passed"))
    print(f"{len(lines)} cases: {passed} pass on the accelerator, {hosted} with the host, {wrong} are wrong, {differ} differ from the table")
    if options.write:
        TABLE.write_text(NOTE + "\n".join(lines) + "\n")
    return 1 if differ or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
