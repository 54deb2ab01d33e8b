# SPDX-License-Identifier: Apache-2.0
"""Single layers, and what one costs: Systole as the cost model of another program."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple, Union

from ._arch import Arch, ArchLike, arch_of, file_or_name
from ._errors import BadInput
from ._html import table
from ._session import Session

Pair = Union[int, Tuple[int, int]]
Padding = Union[int, Tuple[int, int], Tuple[int, int, int, int]]


@dataclass(frozen=True)
class Layer:
    """A layer whose input comes from DRAM and whose result goes there.

    Attributes:
        kind: "conv", "matmul", "max_pool", "average_pool" or "add".
        sizes: what it is made of, as `systole serve` takes it.
    """

    kind: str
    sizes: Tuple[Tuple[str, Any], ...]

    def told(self) -> Dict[str, Any]:
        """As a message has it."""
        return {"kind": self.kind, **dict(self.sizes)}


def _layer(kind: str, **sizes: Any) -> Layer:
    return Layer(kind, tuple(sizes.items()))


def _bad(key: str, value: object, expected: str) -> BadInput:
    return BadInput(
        f"layer: {key}: {value!r}, expected {expected}", key=key, expected=expected, code=2
    )


def _pair(key: str, value: Pair) -> Tuple[int, int]:
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2:
        raise _bad(key, value, "one number, or rows and columns")
    return pair[0], pair[1]


def _padding(value: Padding) -> Tuple[int, int, int, int]:
    if isinstance(value, int):
        return value, value, value, value
    sides = tuple(value)
    if len(sides) == 2:
        return sides[0], sides[1], sides[0], sides[1]
    if len(sides) == 4:
        return sides[0], sides[1], sides[2], sides[3]
    raise _bad("padding", value, "one number, rows and columns, or top, left, bottom and right")


def _sparsity(value: str) -> Tuple[int, int]:
    try:
        kept, of = (int(part) for part in value.split(":"))
    except ValueError:
        raise _bad("sparsity", value, "N:M") from None
    if not 1 <= kept <= of:
        raise _bad("sparsity", value, "N:M with 1 <= N <= M")
    return kept, of


def conv(
    channels: int,
    filters: int,
    height: int,
    width: int,
    kernel: Pair = 3,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
    sparsity: str = "1:1",
) -> Layer:
    """A convolution.

    Args:
        channels, height, width: of the input, without padding; 1..65535.
        filters: output channels; 1..65535.
        kernel, stride, dilation: one number, or (rows, columns).
        padding: one number, (rows, columns), or (top, left, bottom, right).
        groups: `channels`: depthwise.
        sparsity: "N:M": of M consecutive input channels N have weights.
    """
    return _layer(
        "conv",
        channels=channels,
        filters=filters,
        height=height,
        width=width,
        kernel=_pair("kernel", kernel),
        stride=_pair("stride", stride),
        padding=_padding(padding),
        dilation=_pair("dilation", dilation),
        groups=groups,
        sparsity=_sparsity(sparsity),
    )


def depthwise(
    channels: int,
    height: int,
    width: int,
    kernel: Pair = 3,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    multiplier: int = 1,
) -> Layer:
    """A depthwise convolution with `multiplier` filters a channel; all else as of `conv`."""
    return conv(
        channels,
        channels * multiplier,
        height,
        width,
        kernel,
        stride=stride,
        padding=padding,
        groups=channels,
    )


def matmul(rows: int, inner: int, columns: int, *, sparsity: str = "1:1") -> Layer:
    """[rows, inner] activations times [inner, columns] weights; `rows` for each sample.

    Args:
        sparsity: "N:M" along `inner`.
    """
    return _layer("matmul", rows=rows, inner=inner, columns=columns, sparsity=_sparsity(sparsity))


def max_pool(
    channels: int,
    height: int,
    width: int,
    kernel: Pair = 2,
    *,
    stride: Optional[Pair] = None,
    padding: Padding = 0,
) -> Layer:
    """The greatest of each window; `stride`: as the kernel if none is given."""
    return _pool("max_pool", channels, height, width, kernel, stride, padding)


def average_pool(
    channels: int,
    height: int,
    width: int,
    kernel: Pair = 2,
    *,
    stride: Optional[Pair] = None,
    padding: Padding = 0,
) -> Layer:
    """The mean of each window; `stride`: as the kernel if none is given."""
    return _pool("average_pool", channels, height, width, kernel, stride, padding)


def _pool(
    kind: str,
    channels: int,
    height: int,
    width: int,
    kernel: Pair,
    stride: Optional[Pair],
    padding: Padding,
) -> Layer:
    return _layer(
        kind,
        channels=channels,
        height=height,
        width=width,
        kernel=_pair("kernel", kernel),
        stride=_pair("stride", kernel if stride is None else stride),
        padding=_padding(padding),
    )


def add(channels: int, height: int = 1, width: int = 1) -> Layer:
    """The sum of two tensors of one shape."""
    return _layer("add", channels=channels, height=height, width=width)


@dataclass(frozen=True)
class Cost:
    """What a layer costs, of the whole batch (docs/metrics.md).

    Attributes:
        cycles: core cycles, fetch and DRAM included.
        latency_ms: ms.
        useful_macs: multiply-accumulates.
        mac_utilisation: share of the array's peak, 0..1.
        dram_bytes, weight_bytes: moved to and from DRAM; those of weights among them.
        lower_bound_cycles: no schedule is faster.
        bound_by: its largest term: "mxu", "vpu" or "memory".
        largest_stall: what the matrix unit waited for most.
        energy_uj: estimate by `energy_table`, µJ.
    """

    cycles: int
    latency_ms: float
    useful_macs: int
    mac_utilisation: float
    dram_bytes: int
    weight_bytes: int
    lower_bound_cycles: int
    bound_by: str
    largest_stall: str
    energy_uj: float
    energy_table: str

    def _repr_html_(self) -> str:
        return table("cost", [], [[key, value] for key, value in vars(self).items()])


_MOST_COSTS = 100_000
_costs: Dict[Tuple[Any, ...], Cost] = {}


def cost(
    layer: Layer,
    arch: ArchLike = "edge-16x16",
    *,
    batch: int = 1,
    weights: int = 8,
    activations: int = 8,
    energy: str = "horowitz-45nm",
    session: Optional[Session] = None,
) -> Cost:
    """What a layer costs alone, compiled and simulated. The same question again is a look-up, as
    long as `arch` is an Arch: a name or a file is read again each time.

    Args:
        layer: what `conv`, `depthwise`, `matmul`, `max_pool`, `average_pool` or `add` gave.
        arch: an Arch, a name, or a YAML file.
        batch: samples, 1..4096.
        weights, activations: 8, 4, 2 or 1 bits; activations of grouped convolutions, pools and sums
            have 8.
        energy: a table of configs/energy, or a YAML file, by which energy is estimated.
        session: the worker to ask; default: the one that calls share.

    Raises:
        BadInput: with key and range. CannotCompile: it does not fit the architecture.
    """
    machine = arch_of(arch, session)
    table_name = file_or_name(energy)
    # A file may be another one the next time.
    kept = not os.path.isabs(table_name)
    key = (layer, machine._identity, batch, weights, activations, energy)
    known = _costs.get(key) if kept else None
    if known is not None:
        return known
    told, _ = machine._session.call(
        "cost",
        {
            "layer": layer.told(),
            "arch": machine._remote,
            "batch": batch,
            "weights": weights,
            "activations": activations,
            "energy": table_name,
        },
    )
    if len(_costs) >= _MOST_COSTS:
        _costs.clear()
    result = Cost(**told)
    if kept:
        _costs[key] = result
    return result
