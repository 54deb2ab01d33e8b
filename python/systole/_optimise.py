# SPDX-License-Identifier: Apache-2.0
"""Searches: the front of a space that is too large to run whole."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from ._accuracy import Metric
from ._arch import Arch
from ._arrays import Inputs
from ._measured import Measured
from ._network import Network, PathLike
from ._rows import Row, Rows
from ._session import Session
from ._study import needs_data, pruning_of, score
from ._sweep import SpecFile, jobs_arguments, session_of, warn_of


@dataclass
class Search(Rows):
    """The front of a search: no other point that was evaluated is better in all objectives.

    Attributes:
        evaluated: how many points were.
        json: all that `systole optimise --json` gives.
    """

    evaluated: int = 0
    json: Dict[str, Any] = field(default_factory=dict, repr=False)


def _names(objective: Any) -> List[str]:
    return list(objective.values()) if isinstance(objective, Mapping) else [str(objective)]


def optimise(
    spec: Union[PathLike, Mapping[str, Any], None] = None,
    *,
    exact: bool = False,
    database: Optional[PathLike] = None,
    jobs: Optional[int] = None,
    inputs: Optional[Inputs] = None,
    targets: Any = None,
    metric: Union[str, Metric, None] = None,
    calibration: Optional[Inputs] = None,
    session: Optional[Session] = None,
    **keys: Any,
) -> Search:
    """Searches a space for the front of objectives (docs/optimise.md).

    Args:
        spec: a sweep file with objectives and budget, or its keys, as of `sweep`.
        exact: the whole front of latency against area.
        database: a file (.db) that keeps all points.
        inputs, targets, metric: as of `Program.accuracy`: each point of the front gets "metric".
            With "metric" or {"minimise": "metric"} among the objectives, which then are keys and no
            file, it steers the search: each network with its widths and pruning is measured once,
            with its standard error as "metric_error", for which a callable is called ten times
            more, each time without a tenth of the samples, by another thread. Else it is measured
            after the search.
        calibration: arrays that the ranges of these networks are taken from.
        jobs: points that run at once; default: as many as there are processors.
        session: the worker to ask; default: the one that calls share.

    Raises:
        BadInput: with file, line, key and range. MetricError: the metric raised.
    """
    measured = needs_data(inputs, targets, metric)
    if measured and not isinstance(spec, (str, os.PathLike)):
        given = {**(spec or {}), **keys}
        if any("metric" in _names(one) for one in given.get("objectives", ())):
            assert inputs is not None
            with Measured(inputs, targets, metric or "top-1", calibration) as data:
                told_keys = {**given, **data.keys}
                return optimise(
                    told_keys, exact=exact, database=database, jobs=jobs, session=session
                )
    with SpecFile(spec, keys) as path:
        arguments = ["optimise", path, "--json", *jobs_arguments(jobs)]
        if exact:
            arguments.append("--exact")
        if database is not None:
            arguments += ["-o", os.path.abspath(os.fspath(database))]
        _, out, err = session_of(session).command(arguments)
        folder = os.path.dirname(path)
    warn_of(err)
    told = json.loads(out)
    front: List[Row] = told["front"]
    if measured:
        assert inputs is not None
        known: Dict[Tuple[Any, ...], float] = {}
        for row in front:
            key = (
                row["network"],
                row["weights"],
                row["activations"],
                row["prune"],
                row["architecture"],
            )
            if key not in known:
                file = os.path.join(folder, row["network"])
                network = Network(file, calibration=calibration, session=session)
                machine = Arch(
                    row["architecture"]
                    if "/" not in row["architecture"]
                    else os.path.join(folder, row["architecture"]),
                    session=session,
                )
                options = {
                    "weights": row["weights"],
                    "activations": row["activations"],
                    "prune": pruning_of(row["prune"]),
                }
                known[key] = score(network, machine, (inputs, targets), metric or "top-1", options)
            row["metric"] = known[key]
    return Search(
        front,
        None if database is None else os.path.abspath(os.fspath(database)),
        told["evaluated"],
        told,
    )
