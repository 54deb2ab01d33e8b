# SPDX-License-Identifier: Apache-2.0
"""Rows of many runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional

from ._errors import BadInput
from ._frames import frame_of
from ._html import table

Row = Dict[str, Any]


@dataclass
class Rows:
    """Points, each a dict of what was asked and what came out.

    Attributes:
        rows: by point; what a row has is told in docs/sweep.md, docs/study.md and docs/optimise.md.
        database: the file that keeps them, if there is one.
    """

    rows: List[Row] = field(repr=False)
    database: Optional[str] = None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Row:
        return self.rows[index]

    def frame(self) -> Any:
        """A pandas DataFrame, a row a point; "set" has a column for each of its keys."""
        return frame_of(self.rows)

    def best(
        self, figure: str, where: Optional[Callable[[Row], bool]] = None, *, maximise: bool = False
    ) -> Row:
        """The point whose `figure` is smallest (or largest) among those that `where` takes.

        Raises:
            BadInput: no point that finished has the figure and is taken.
        """
        fits = [
            row
            for row in self.rows
            if row.get(figure) is not None and (where is None or where(row))
        ]
        if not fits:
            raise BadInput(
                f"best: no point has '{figure}' and fits",
                key=figure,
                expected="a figure of rows",
                code=2,
            )

        def value(row: Row) -> float:
            return float(row[figure])

        return max(fits, key=value) if maximise else min(fits, key=value)

    def _repr_html_(self) -> str:
        shown = (
            "network",
            "file",
            "precision",
            "pruning",
            "weights",
            "activations",
            "prune",
            "architecture",
            "set",
            "batch",
            "cycles",
            "latency_ms",
            "energy_per_inference_uj",
            "area_mm2",
            "top1",
            "metric",
            "reason",
        )
        header = [key for key in shown if any(key in row for row in self.rows)]
        cells = [[_cell(row.get(key)) for key in header] for row in self.rows]
        return table(f"{len(self.rows)} points", header, cells)


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={one}" for key, one in value.items())
    return value
