# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime in a process of its own (ort.mjs), asked over a pipe: one process for all networks."""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import typing

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
TYPES = {
    "float32": np.float32, "float64": np.float64, "float16": np.float16, "int8": np.int8, "uint8": np.uint8, "int16": np.int16,
    "uint16": np.uint16, "int32": np.int32, "uint32": np.uint32, "int64": np.int64, "uint64": np.uint64, "bool": np.bool_,
}
Arrays = typing.Dict[str, np.ndarray]


class Refused(Exception):
    """ONNX Runtime takes the network not, or not on this data."""


def modules_folder() -> pathlib.Path:
    """The folder that holds node_modules: $SYSTOLE_JUDGE_MODULES, or this one."""
    return pathlib.Path(os.environ.get("SYSTOLE_JUDGE_MODULES", HERE))


class Runtime:
    """Runs networks; use as a context. Each call returns all outputs by name."""

    def __init__(self) -> None:
        node = shutil.which("node")
        if node is None:
            raise SystemExit("node is missing: tools/install_deps.sh --tests")
        if not (modules_folder() / "node_modules/onnxruntime-node").is_dir():
            raise SystemExit(f"{modules_folder()}/node_modules: onnxruntime-node is missing: tools/install_deps.sh --tests")
        command = [node, str(HERE / "ort.mjs"), str(modules_folder())]
        self.command = command
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __enter__(self) -> "Runtime":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait()

    def read(self, count: int) -> bytes:
        data = self.process.stdout.read(count)
        if len(data) != count:
            raise EOFError
        return data

    def run(self, model: bytes, feeds: Arrays) -> Arrays:
        described, payloads = [], []
        for name, array in feeds.items():
            data = np.ascontiguousarray(array).tobytes()
            described.append({"name": name, "type": array.dtype.name, "dims": list(array.shape), "bytes": len(data)})
            payloads.append(data)
        header = json.dumps({"model": len(model), "feeds": described}).encode()
        try:
            self.process.stdin.write(b"".join([struct.pack("<I", len(header)), header, model, *payloads]))
            self.process.stdin.flush()
            reply = json.loads(self.read(struct.unpack("<I", self.read(4))[0]))
        except (EOFError, BrokenPipeError):
            self.process.wait()
            self.start()
            raise Refused("ONNX Runtime died") from None
        if "error" in reply:
            raise Refused(reply["error"])
        results = {}
        for output in reply["outputs"]:
            data = self.read(output["bytes"])
            results[output["name"]] = np.frombuffer(data, TYPES[output["type"]]).reshape(output["dims"]).copy()
        return results
