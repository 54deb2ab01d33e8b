# SPDX-License-Identifier: Apache-2.0
"""Runs a network by `systole run`, in a folder of its own."""
import pathlib
import re
import subprocess
import tempfile
import typing

import numpy as np

from runtime import Arrays


class Answer(typing.NamedTuple):
    code: int
    text: str  # standard error
    outputs: Arrays
    reasons: typing.Tuple[typing.Tuple[str, str, str], ...]  # refused: (node, operator, reason)


#: Systole says that it is broken (docs/configuration.md, "Exit codes").
INTERNAL = 5

REASON = re.compile(r"^(?:systole: .*?: )?\s*node '(.*?)' \(([\w.]+)\): (.*)$")
OTHER = re.compile(r"^(?:systole: .*?: )?\s*(output|input) '(.*?)'(?::| )(.*)$")


def reasons_of(text: str) -> typing.Tuple[typing.Tuple[str, str, str], ...]:
    found = []
    for line in text.splitlines():
        node, other = REASON.match(line), OTHER.match(line)
        if line.startswith("warning"):
            continue
        if node:
            found.append((node[1], node[2], node[3]))
        elif other:
            found.append((other[2], other[1], other[3].strip()))
    return tuple(found)


def file_name(output: str) -> str:
    return re.sub(r"[^\w-]", "_", output)


def save(model: bytes, feeds: Arrays, folder: pathlib.Path) -> typing.List[str]:
    """Writes net.onnx and its data; returns the options that name them."""
    (folder / "net.onnx").write_bytes(model)
    given = []
    for name, array in feeds.items():
        np.save(folder / f"{name}.npy", array)
        given += ["--input", f"{name}={folder / name}.npy"]
    return given


def quantise(binary: str, model: bytes, feeds: Arrays, options: typing.Sequence[str]) -> typing.Tuple[int, str, bytes]:
    """Exit code, standard error, and the network that `systole quantise` writes."""
    with tempfile.TemporaryDirectory(prefix="judge") as scratch:
        folder = pathlib.Path(scratch)
        given = save(model, feeds, folder)
        command = [binary, "quantise", str(folder / "net.onnx"), "-o", str(folder / "written.onnx"), *options, *given]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return -1, "no end within 60 seconds", b""
        file = folder / "written.onnx"
        if file.exists() != (done.returncode == 0):
            return -1, f"exit code {done.returncode}, and the file is {'there' if file.exists() else 'not there'}", b""
        return done.returncode, done.stderr, file.read_bytes() if done.returncode == 0 else b""


def run(binary: str, model: bytes, feeds: Arrays, outputs: typing.Sequence[str], options: typing.Sequence[str] = (),
        folder: typing.Optional[pathlib.Path] = None) -> Answer:
    """The data that is judged is also the data that ranges come from, where the network states none."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="judge") as scratch:
            return run(binary, model, feeds, outputs, options, pathlib.Path(scratch))
    command = [binary, "run", str(folder / "net.onnx"), "-o", str(folder / "out"), *options, *save(model, feeds, folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return Answer(-1, "no end within 60 seconds", {}, ())
    found = {}
    if done.returncode == 0:
        for name in outputs:
            file = folder / "out" / f"{file_name(name)}.npy"
            if file.exists():
                found[name] = np.load(file)
    return Answer(done.returncode, done.stderr, found, reasons_of(done.stderr))

