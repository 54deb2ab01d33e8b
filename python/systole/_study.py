# SPDX-License-Identifier: Apache-2.0
"""Studies: precision x pruning, with a metric of the caller's."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ._accuracy import Metric
from ._arch import Arch, ArchLike, file_or_name
from ._arrays import Inputs
from ._compiled import SystoleWarning, compile
from ._errors import BadInput
from ._network import Network, NetworkLike, PathLike, network_of
from ._rows import Row, Rows
from ._session import Session
from ._sweep import jobs_arguments, warn_of


@dataclass
class Study(Rows):
    """Rows of a study: precision x pruning.

    Attributes:
        json: all that `systole study --json` gives.
    """

    json: Dict[str, Any] = field(default_factory=dict, repr=False)


def _machine_arguments(arch: ArchLike) -> List[str]:
    if not isinstance(arch, Arch):
        return ["--arch", file_or_name(os.fspath(arch))]
    arguments = ["--arch", arch._fields["name"]]
    if "memory" in arch._fields:
        arguments += ["--memory", arch._fields["memory"]]
    for one in arch._fields["set"]:
        arguments += ["--set", one]
    return arguments


def _width(name: str) -> Dict[str, Any]:
    """Options of `compile` for a precision of a study: "int8", "W4A8", a policy file, "own"."""
    if name in ("int8", "own"):
        return {}
    weights, _, activations = name[1:].partition("A")
    if name[:1] == "W" and weights.isdigit() and activations.isdigit():
        return {"weights": int(weights), "activations": int(activations)}
    return {"precision": name}


def pruning_of(name: str) -> List[str]:
    return [] if name == "none" else name.split("+")


def score(
    network: Network,
    arch: ArchLike,
    data: Tuple[Inputs, Any],
    metric: Union[str, Metric],
    options: Mapping[str, Any],
) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SystoleWarning)
        return compile(network, arch, **options).accuracy(data[0], data[1], metric).value


def needs_data(inputs: Optional[Inputs], targets: Any, metric: Union[str, Metric, None]) -> bool:
    given = [inputs is not None, targets is not None]
    if metric is None and not any(given):
        return False
    if not all(given):
        raise BadInput(
            "metric: needs inputs and targets", key="metric", expected="inputs and targets", code=2
        )
    return True


def study(
    network: NetworkLike,
    arch: ArchLike = "edge-16x16",
    *,
    precisions: Sequence[str] = ("int8", "W4A8", "W4A4", "W2A8", "W2A2"),
    prunes: Sequence[str] = (
        "none",
        "unstructured:0.8",
        "nm:2:4",
        "block:0.5",
        "channel:0.3",
        "codebook:16",
    ),
    batch: Union[int, Sequence[int]] = 1,
    inputs: Optional[Inputs] = None,
    targets: Any = None,
    metric: Union[str, Metric, None] = None,
    data: Optional[PathLike] = None,
    calibration_method: str = "min-max",
    bias_correction: bool = False,
    calibration_steps: Sequence[str] = (),
    energy: str = "horowitz-45nm",
    jobs: Optional[int] = None,
    session: Optional[Session] = None,
) -> Study:
    """What each precision and each pruning costs and gives, a row each (docs/study.md).

    Args:
        network: what `load` gave, or a file.
        precisions: "int8", "W4A8", ..., or policy files.
        prunes: "none", or as `compile` takes them; several at once joined by "+".
        inputs, targets, metric: as of `Program.accuracy`: each row gets "metric". The metric runs
            here, each pair of precision and pruning once; rows that cannot be compiled have none.
        data: a data set (YAML) with labels: each row gets "top1", in percent.
        calibration_method, bias_correction, calibration_steps: as of `compile`.
        energy: a table of configs/energy, or a YAML file.
        arch: an Arch, a name, or a YAML file.
        batch: samples of a run, one or several: a row each.
        jobs: rows that are measured at once; default: as many as there are processors.
        session: the worker, of a network that is given by its file.

    Raises:
        BadInput, CannotCompile; MetricError: the metric raised.
    """
    loaded = network_of(network, session)
    measured = needs_data(inputs, targets, metric)
    arguments = [
        "study",
        loaded.file,
        "--json",
        "-",
        *_machine_arguments(arch),
        *jobs_arguments(jobs),
    ]
    arguments += ["--precisions", ",".join(precisions), "--prunes", ",".join(prunes)]
    batches = [batch] if isinstance(batch, int) else list(batch)
    arguments += ["--batch", ",".join(map(str, batches)), "--energy", file_or_name(energy)]
    if data is not None:
        arguments += [
            "--data",
            os.path.abspath(os.fspath(data)),
            "--calib-method",
            calibration_method,
        ]
        if bias_correction:
            arguments.append("--bias-correction")
        if calibration_steps:
            arguments += ["--calib-steps", ",".join(calibration_steps)]
        if "calibration_file" not in loaded._fields:
            raise BadInput(
                "data: needs the calibration of the network to be a file (YAML) too",
                key="data",
                expected="load(..., calibration='FILE.yaml')",
                code=2,
            )
        arguments += ["--calib", loaded._fields["calibration_file"]]
    for shape in loaded._fields["shapes"]:
        arguments += ["--shape", shape]
    if loaded.host_fallback:
        arguments.append("--host-fallback")
    _, out, err = loaded.session.command(arguments)
    told = json.loads(out)
    warn_of(err)
    rows: List[Row] = told["rows"]
    if measured:
        assert inputs is not None
        known: Dict[Tuple[str, str], float] = {}
        for row in rows:
            if row.get("status") != "finished":
                continue
            pair = (row["precision"], row["pruning"])
            if pair not in known:
                options: Dict[str, Any] = {**_width(pair[0]), "prune": pruning_of(pair[1])}
                options["calibration_method"] = calibration_method
                options["bias_correction"] = bias_correction
                options["calibration_steps"] = calibration_steps
                known[pair] = score(loaded, arch, (inputs, targets), metric or "top-1", options)
            row["metric"] = known[pair]
    return Study(rows, json=told)
