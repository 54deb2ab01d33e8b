# SPDX-License-Identifier: Apache-2.0
"""Results of runs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ._arena import Float32Array
from ._frames import frame_of
from ._html import table


@dataclass(frozen=True)
class LayerResult:
    """Figures of a layer (docs/metrics.md).

    Attributes:
        name, operator: "conv1", "conv 3x3/1".
        cycles: core cycles; those of all layers add up to the run's.
        useful_macs: multiply-accumulates of the whole batch, after structural pruning.
        mac_utilisation: share of the array's peak, 0..1.
        dram_bytes: moved to and from DRAM.
        bound_by: the largest term of its lower bound: "mxu", "vpu" or "memory".
        lower_bound_cycles: that term, core cycles.
        largest_stall: what the matrix unit waited for most.
    """

    name: str
    operator: str
    cycles: int
    useful_macs: int
    mac_utilisation: float
    dram_bytes: int
    bound_by: str
    lower_bound_cycles: int
    largest_stall: str


def _layer(told: Mapping[str, Any]) -> LayerResult:
    bound = told["lower_bound_cycles"]
    return LayerResult(
        name=told["name"],
        operator=told["operator"],
        cycles=told["cycles"],
        useful_macs=told["useful_macs"],
        mac_utilisation=told["mac_utilisation"],
        dram_bytes=told["dram_bytes"]["total"],
        bound_by=bound["largest"],
        lower_bound_cycles=bound[bound["largest"]],
        largest_stall=told.get("largest_stall", ""),
    )


@dataclass(frozen=True)
class Result:
    """What a run of a program cost (docs/metrics.md).

    Attributes:
        network, arch, engine: names.
        batch: samples of a repetition.
        cycles: core cycles of the whole batch.
        latency_ms: of the batch, ms.
        inferences_per_s: samples a second, from empty buffers.
        useful_macs: multiply-accumulates of the batch.
        mac_utilisation: share of the array's peak, 0..1.
        dram_bytes: moved to and from DRAM, of the batch.
        bytes_per_cycle: bandwidth reached, bytes a core cycle.
        lower_bound_cycles: no schedule is faster.
        bound_by: its largest term: "mxu", "vpu" or "memory".
        energy_uj: of the batch, µJ; None: no energy table was asked for.
        layers: by layer.
        outputs: by name, float32, samples along the leading dimension; empty: timing only.
        json: all of it, as docs/result.schema.json states it.
    """

    network: str
    arch: str
    engine: str
    batch: int
    cycles: int
    latency_ms: float
    inferences_per_s: float
    useful_macs: int
    mac_utilisation: float
    dram_bytes: int
    bytes_per_cycle: float
    lower_bound_cycles: int
    bound_by: str
    energy_uj: Optional[float]
    layers: Tuple[LayerResult, ...] = field(repr=False)
    outputs: Dict[str, Float32Array] = field(repr=False, compare=False)
    json: Dict[str, Any] = field(repr=False, compare=False)

    def frame(self) -> Any:
        """A pandas DataFrame, a row a layer, all figures of it."""
        return frame_of(self.json["layers"])

    def save(self, path: "str | os.PathLike[str]") -> None:
        """Writes `json`, as `systole report` and `systole compare` read it."""
        temporary = f"{os.fspath(path)}.{os.getpid()}.unfinished"
        try:
            with open(temporary, "w", encoding="utf-8") as file:
                json.dump(self.json, file, indent=1)
                file.write("\n")
            os.replace(temporary, path)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise

    def _repr_html_(self) -> str:
        rows: List[List[Any]] = [
            [
                layer.name,
                layer.operator,
                layer.cycles,
                f"{100 * layer.mac_utilisation:.1f} %",
                layer.dram_bytes,
                layer.bound_by,
                layer.largest_stall,
            ]
            for layer in self.layers
        ]
        energy = "" if self.energy_uj is None else f", {self.energy_uj:.4g} µJ"
        title = (
            f"{self.network} on {self.arch}, batch {self.batch}: {self.cycles:,} cycles, "
            f"{self.latency_ms:.4g} ms, {100 * self.mac_utilisation:.1f} % of the array, "
            f"{self.dram_bytes:,} bytes of DRAM{energy}"
        )
        header = ["layer", "operator", "cycles", "array", "DRAM bytes", "bound by", "waits for"]
        return table(title, header, rows)


def result_of(told: Dict[str, Any], outputs: Dict[str, Float32Array]) -> Result:
    totals = told["totals"]
    bound = totals["lower_bound_cycles"]
    energy = told.get("energy")
    return Result(
        network=told["network"],
        arch=told["architecture"]["name"],
        engine=told["engine"],
        batch=told["batch"],
        cycles=totals["cycles"],
        latency_ms=totals["latency_ms"],
        inferences_per_s=totals["inferences_per_s"],
        useful_macs=totals["useful_macs"],
        mac_utilisation=totals["mac_utilisation"],
        dram_bytes=totals["dram_bytes"]["total"],
        bytes_per_cycle=totals["bytes_per_cycle"],
        lower_bound_cycles=bound[bound["largest"]],
        bound_by=bound["largest"],
        energy_uj=None if energy is None else energy["total_pj"] * 1e-6,
        layers=tuple(_layer(layer) for layer in told.get("layers", [])),
        outputs=outputs,
        json=told,
    )
