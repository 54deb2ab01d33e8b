# SPDX-License-Identifier: Apache-2.0
"""A callable of this process as a command of another one: the program asks for its value in the middle of a search."""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
import tempfile
import threading
from typing import Any, Dict, List, Optional

import numpy as np

from ._accuracy import Metric, measure, metric_name
from ._arena import Float32Array
from ._errors import MetricError

# Gets the socket's name and that of the manifest of the outputs.
_CLIENT = """import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    server.sendall(sys.argv[2].encode() + b"\\n")
    answer = server.makefile(encoding="utf-8").read()
good, _, text = answer.partition(" ")
if good != "value":
    sys.exit(text or "nobody answers")
print(text)
"""


def _of_items(targets: Any, items: List[int], samples: int) -> Any:
    if items == list(range(samples)):
        return targets
    if isinstance(targets, np.ndarray):
        return targets[items]
    return [targets[i] for i in items]


class MetricServer:
    """Answers as long as it is entered.

    Attributes:
        command: what the program runs, with the name of a manifest behind it (docs/precision.md).
    """

    def __init__(self, metric: Metric, targets: Any, samples: int) -> None:
        self._metric, self._targets, self._samples = metric, targets, samples
        self._folder = tempfile.TemporaryDirectory(prefix="systole-")
        client = os.path.join(self._folder.name, "client.py")
        with open(client, "w", encoding="utf-8") as file:
            file.write(_CLIENT)
        name = os.path.join(self._folder.name, "metric")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(name)
        self._socket.listen(64)
        self.command = " ".join(shlex.quote(word) for word in (sys.executable, "-I", client, name))
        self._failure: Optional[MetricError] = None
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "MetricServer":
        self._thread.start()
        return self

    def __exit__(self, _: object, error: Optional[BaseException], __: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        self._folder.cleanup()
        if self._failure is not None:
            raise self._failure from self._failure.__cause__

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            with connection.makefile(encoding="utf-8") as lines:
                manifest = lines.readline().rstrip("\n")
            answer = f"value {self._value(manifest)!r}"
        except MetricError as error:
            self._failure = self._failure or error
            answer = f"error {error}"
        except OSError as error:
            answer = f"error {error}"
        try:
            connection.sendall(answer.encode())
        except OSError:
            pass  # the run was stopped

    def _value(self, manifest: str) -> float:
        if self._failure is not None:
            raise self._failure
        with open(manifest, encoding="utf-8") as file:
            told = json.load(file)
        outputs: Dict[str, Float32Array] = {
            one["name"]: np.load(one["file"]) for one in told["outputs"]
        }
        targets = _of_items(self._targets, told["items"], self._samples)
        return measure(outputs, targets, self._metric).value

    def __repr__(self) -> str:
        return f"<MetricServer of {metric_name(self._metric)}>"
