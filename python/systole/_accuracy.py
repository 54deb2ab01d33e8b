# SPDX-License-Identifier: Apache-2.0
"""Metrics of outputs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Union

import numpy as np

from ._arena import Float32Array
from ._errors import BadInput, MetricError

Metric = Callable[[Any, Any], float]
"""(outputs, targets) -> a number; outputs are float32 of shape (N, ...), of a network of several
outputs a dict of them by name."""


@dataclass(frozen=True)
class Accuracy:
    """What a metric says.

    Attributes:
        metric: its name.
        value: of "top-1" and "top-5" the share of samples, 0..1; of a callable what it gave.
        samples: how many there were.
        standard_error: of a share, as of independent samples; None: of a callable it is not known.
    """

    metric: str
    value: float
    samples: int
    standard_error: Optional[float]

    def __float__(self) -> float:
        return self.value


def metric_name(metric: Union[str, Metric]) -> str:
    return metric if isinstance(metric, str) else getattr(metric, "__name__", type(metric).__name__)


def class_indices(targets: Any, samples: int) -> Any:
    """An array of them, shape (samples,).

    Raises:
        BadInput: another shape, or no integers.
    """
    wanted = np.asarray(targets)
    if wanted.shape != (samples,) or wanted.dtype.kind not in "iu":
        expected = f"integers of shape ({samples},)"
        raise BadInput(
            f"targets: {wanted.dtype.name} of shape {wanted.shape}, expected {expected}",
            key="targets",
            expected=expected,
            code=2,
        )
    return wanted


def _top(outputs: Float32Array, targets: Any, count: int) -> float:
    scores = outputs.reshape(outputs.shape[0], -1)
    wanted = class_indices(targets, scores.shape[0])
    if count == 1:
        return float(np.mean(scores.argmax(axis=1) == wanted))
    best = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    return float(np.mean((best == wanted[:, None]).any(axis=1)))


def measure(outputs: Dict[str, Float32Array], targets: Any, metric: Union[str, Metric]) -> Accuracy:
    """Applies a metric.

    Raises:
        MetricError: it raised, or gave no finite number.
        BadInput: there is no metric of that name, or the targets do not fit.
    """
    first = next(iter(outputs.values()))
    samples = int(first.shape[0]) if first.ndim else 1
    if isinstance(metric, str):
        if metric not in ("top-1", "top-5"):
            raise BadInput(
                f"metric: unknown '{metric}', expected 'top-1', 'top-5' or a callable",
                key="metric",
                expected="'top-1', 'top-5' or a callable",
                code=2,
            )
        value = _top(first, targets, int(metric[-1]))
        return Accuracy(metric, value, samples, math.sqrt(value * (1 - value) / samples))
    name = metric_name(metric)
    try:
        value = float(metric(first if len(outputs) == 1 else outputs, targets))
    except Exception as error:
        raise MetricError(
            f"metric '{name}': raised {type(error).__name__}: {error}", key="metric"
        ) from error
    if not math.isfinite(value):
        raise MetricError(
            f"metric '{name}': gave {value}, expected a finite number",
            key="metric",
            expected="a finite number",
        )
    return Accuracy(name, value, samples, None)
