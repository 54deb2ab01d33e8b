# SPDX-License-Identifier: Apache-2.0
"""Metrics of outputs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Union

from ._arena import Float32Array
from ._errors import MetricError
from ._html import table
from ._metrics import check_name, figure

Metric = Callable[[Any, Any], float]
"""(outputs, targets) -> a number; outputs are float32 of shape (N, ...), of a network of several
outputs a dict of them by name."""


@dataclass(frozen=True)
class Accuracy:
    """What a metric says.

    Attributes:
        metric: its name.
        value: of "top-1", "top-5", "token" and "exact" a share, 0..1; of "snr" dB; of a callable
            what it gave.
        samples: how many there were.
        standard_error: of independent samples, as `systole accuracy` tells it
            (docs/precision.md#metrics); None: of a callable it is not known.
    """

    metric: str
    value: float
    samples: int
    standard_error: Optional[float]

    def __float__(self) -> float:
        return self.value

    def _repr_html_(self) -> str:
        return table(
            f"{self.metric} of {self.samples:,} samples",
            [],
            [["value", self.value], ["standard error", self.standard_error]],
        )


def metric_name(metric: Union[str, Metric]) -> str:
    return metric if isinstance(metric, str) else getattr(metric, "__name__", type(metric).__name__)


def measure(
    outputs: Dict[str, Float32Array],
    targets: Any,
    metric: Union[str, Metric],
    float32: Optional[Dict[str, Float32Array]] = None,
) -> Accuracy:
    """Applies a metric; `float32`: the outputs that some are held against.

    Raises:
        MetricError: it raised, or gave no finite number.
        BadInput: there is no metric of that name, or the targets do not fit.
    """
    first = next(iter(outputs.values()))
    samples = int(first.shape[0]) if first.ndim else 1
    if isinstance(metric, str):
        check_name(metric)
        exact = None if float32 is None else next(iter(float32.values()))
        value, error = figure(metric, first, targets, exact)
        return Accuracy(metric, value, samples, error)
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
