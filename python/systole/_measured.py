# SPDX-License-Identifier: Apache-2.0
"""Arrays and a metric of the caller's as what a sweep's file names: data sets, and a metric or a command."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from typing import Any, Dict, List, Mapping, Optional, Union

import numpy as np

from ._accuracy import Metric
from ._arrays import AnyArray, Inputs
from ._errors import BadInput
from ._metric_server import MetricServer
from ._metrics import OF_FLOAT32, check_name


def _given(inputs: Inputs, field: str) -> Dict[str, AnyArray]:
    """Arrays by the name of the input, of one input by ""."""
    arrays = dict(inputs) if isinstance(inputs, Mapping) else {"": inputs}
    for name, array in arrays.items():
        if isinstance(array, np.ndarray) and array.ndim > 0 and len(array) > 0:
            continue
        where = f"{field}['{name}']" if name else field
        expected = "a NumPy array of at least one sample"
        raise BadInput(
            f"{where}: a {type(array).__name__}, expected {expected}",
            key=where,
            expected=expected,
            code=2,
        )
    return arrays


class Measured:
    """Files that are there as long as it is entered.

    Attributes:
        keys: of a sweep: "data", "calib", "metric" or "metric_command".
    """

    def __init__(
        self,
        inputs: Inputs,
        targets: Any,
        metric: Union[str, Metric],
        calibration: Optional[Inputs],
    ) -> None:
        self._arrays, self._targets, self._metric = _given(inputs, "inputs"), targets, metric
        self._calibration = None if calibration is None else _given(calibration, "calibration")
        if isinstance(metric, str):
            check_name(metric)
        self.keys: Dict[str, Any] = {}
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "Measured":
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="systole-"))
            samples = len(next(iter(self._arrays.values())))
            self.keys["data"] = self._write(folder, "data", self._arrays, self._labels(samples))
            if self._calibration is not None:
                self.keys["calib"] = self._write(folder, "calib", self._calibration, None)
            if isinstance(self._metric, str):
                self.keys["metric"] = self._metric
            else:
                server = MetricServer(self._metric, self._targets, samples)
                self.keys["metric_command"] = stack.enter_context(server).command
            self._open = stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def _labels(self, samples: int) -> AnyArray:
        """Those of the program's metrics; a callable has its targets here."""
        if callable(self._metric) or self._metric in OF_FLOAT32:
            return np.zeros(samples, np.uint8)
        return np.asarray(self._targets)

    def _write(
        self, folder: str, name: str, arrays: Dict[str, AnyArray], labels: Optional[AnyArray]
    ) -> str:
        files: List[str] = []
        for index, array in enumerate(arrays.values()):
            files.append(f"{name}-{index}.npy")
            np.save(os.path.join(folder, files[-1]), np.ascontiguousarray(array))
        told: Dict[str, Any] = {
            "inputs": {key: {"images": file} for key, file in zip(arrays, files)}
        }
        if list(arrays) == [""]:
            told = {"images": files[0]}
        if labels is not None:
            told["labels"] = f"{name}-labels.npy"
            np.save(os.path.join(folder, told["labels"]), labels)
        path = os.path.join(folder, name + ".yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(told, file)
        return path
