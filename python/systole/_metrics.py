# SPDX-License-Identifier: Apache-2.0
"""The metrics that have a name, as `systole accuracy --metric` tells them, with their errors."""

from __future__ import annotations

import math
from typing import Any, Tuple

import numpy as np

from ._arena import Float32Array
from ._errors import BadInput

OF_LABELS = ("top-1", "top-5", "token", "exact", "perplexity")
OF_FLOAT32 = ("mean-error", "cosine", "snr")

Figure = Tuple[float, float]


def check_name(metric: str) -> None:
    """Raises:
    BadInput: there is no metric of that name.
    """
    if metric in OF_LABELS + OF_FLOAT32:
        return
    expected = ", ".join(f"'{name}'" for name in OF_LABELS + OF_FLOAT32) + " or a callable"
    raise BadInput(
        f"metric: unknown '{metric}', expected {expected}", key="metric", expected=expected, code=2
    )


def _integers(targets: Any, shape: Tuple[int, ...]) -> Any:
    wanted = np.asarray(targets)
    if wanted.shape != shape or wanted.dtype.kind not in "iu":
        expected = f"integers of shape {shape}"
        raise BadInput(
            f"targets: {wanted.dtype.name} of shape {wanted.shape}, expected {expected}",
            key="targets",
            expected=expected,
            code=2,
        )
    return wanted


def class_indices(targets: Any, samples: int) -> Any:
    """An array of them, shape (samples,).

    Raises:
        BadInput: another shape, or no integers.
    """
    return _integers(targets, (samples,))


def _ratio(values: Any, weights: Any) -> Figure:
    """The sum of values over that of weights; its error by the residuals."""
    total = float(weights.sum())
    value = float(values.sum()) / total
    return value, math.sqrt(float(np.square(values - value * weights).sum())) / total


def _is_among(scores: Any, labels: Any, count: int) -> Any:
    """Of rows of scores, whether the label is among the `count` largest; of equals the first."""
    best = np.argsort(-scores, axis=-1, kind="stable")[..., :count]
    return (best == labels[..., None]).any(axis=-1)


def _tokens(outputs: Float32Array, targets: Any) -> Tuple[Any, Any]:
    """Scores of shape (samples, tokens, classes), labels of shape (samples, tokens)."""
    samples, classes = outputs.shape[0], outputs.shape[-1]
    scores = outputs.reshape(samples, -1, classes)
    shape = (samples,) if scores.shape[1] == 1 and np.ndim(targets) == 1 else scores.shape[:2]
    labels = _integers(targets, shape).reshape(scores.shape[:2])
    above = np.argwhere(labels >= classes)
    problem = ""
    if len(above):
        problem = f"a label of sample {above[0][0]} is {labels[tuple(above[0])]}"
    elif not (labels >= 0).any():
        problem = "every label is negative, there is none that counts"
    if problem:
        expected = f"class indices in 0..{classes - 1}"
        raise BadInput(
            f"targets: {problem}, expected {expected}", key="targets", expected=expected, code=2
        )
    return scores, labels


def _negative_logs(scores: Any, labels: Any) -> Any:
    logits = scores.astype(np.float64)
    if bool((logits >= 0).all()) and np.allclose(logits[0].sum(axis=-1), 1, atol=1e-3):
        raise BadInput(
            "metric: perplexity: the network gives probabilities (they sum to 1), expected logits: "
            "leave out its softmax",
            key="metric",
            expected="logits",
            code=2,
        )
    greatest = logits.max(axis=-1, keepdims=True)
    sums = greatest[..., 0] + np.log(np.exp(logits - greatest).sum(axis=-1))
    return sums - np.take_along_axis(logits, labels[..., None], axis=-1)[..., 0]


def _by_labels(metric: str, outputs: Float32Array, targets: Any) -> Figure:
    samples = outputs.shape[0]
    if metric in ("top-1", "top-5"):
        scores = outputs.reshape(samples, -1)
        right = _is_among(scores, class_indices(targets, samples), int(metric[-1]))
        return _ratio(right.astype(np.float64), np.ones(samples))
    scores, labels = _tokens(outputs, targets)
    counts = labels >= 0
    weights = counts.sum(axis=1).astype(np.float64)
    if metric == "perplexity":
        logs = _negative_logs(scores, np.where(counts, labels, 0)) * counts
        power, error = _ratio(logs.sum(axis=1), weights)
        return math.exp(power), math.exp(power) * error
    right = (_is_among(scores, labels, 1) & counts).sum(axis=1).astype(np.float64)
    if metric == "exact":
        any_counts = (weights > 0).astype(np.float64)
        return _ratio((right == weights) * any_counts, any_counts)
    return _ratio(right, weights)


def _decibels(signal: Any, noise: Any) -> Figure:
    if not noise.sum():
        return math.inf, 0.0
    if not signal.sum():
        return -math.inf, 0.0
    residuals = signal / signal.sum() - noise / noise.sum()
    error = 10 / math.log(10) * math.sqrt(float(np.square(residuals).sum()))
    return 10 * math.log10(float(signal.sum() / noise.sum())), error


def _by_float32(metric: str, outputs: Float32Array, float32: Float32Array) -> Figure:
    given = outputs.reshape(outputs.shape[0], -1).astype(np.float64)
    exact = float32.reshape(given.shape).astype(np.float64)
    ones = np.ones(len(given))
    if metric == "mean-error":
        return _ratio(np.abs(given - exact).mean(axis=1), ones)
    signal, power = np.square(exact).sum(axis=1), np.square(given).sum(axis=1)
    if metric == "snr":
        return _decibels(signal, np.square(given - exact).sum(axis=1))
    lengths = np.sqrt(signal * power)
    same = (signal == power).astype(np.float64)  # of two zeros
    cosines = np.divide((given * exact).sum(axis=1), lengths, out=same, where=lengths > 0)
    return _ratio(cosines, ones)


def figure(metric: str, outputs: Float32Array, targets: Any, float32: Any) -> Figure:
    """Value and standard error; `float32`: an array like `outputs`, of those metrics that need it.

    Raises:
        BadInput: the targets do not fit.
    """
    if metric in OF_FLOAT32:
        return _by_float32(metric, outputs, float32)
    return _by_labels(metric, outputs, targets)
