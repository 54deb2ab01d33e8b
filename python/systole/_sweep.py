# SPDX-License-Identifier: Apache-2.0
"""Sweeps: every combination of lists."""

from __future__ import annotations

import json
import os
import re
import tempfile
import warnings
from typing import Any, Dict, List, Mapping, Optional, Union

from ._arch import Arch
from ._compiled import SystoleWarning
from ._errors import BadInput, Incomplete, SystoleError
from ._network import Network, PathLike
from ._rows import Rows
from ._session import Session, default_session

_FAILED_POINTS = 6


def session_of(session: Optional[Session]) -> Session:
    return session or default_session()


def warn_of(stderr: str) -> None:
    for line in stderr.splitlines():
        if line.startswith("warning: "):
            warnings.warn(line[len("warning: ") :], SystoleWarning, stacklevel=3)


def jobs_arguments(jobs: Optional[int]) -> List[str]:
    return [] if jobs is None else ["-j", str(jobs)]


def _memory_of(arch: Arch) -> Dict[str, str]:
    return {"memory": arch._fields["memory"]} if "memory" in arch._fields else {}


def _file_in(entry: Any) -> Any:
    """A file's name as an absolute path, in a sweep's list of networks or architectures."""
    if isinstance(entry, Network):
        return entry.file
    if isinstance(entry, Arch):
        settings = dict(one.split("=", 1) for one in entry._fields["set"])
        return {"name": entry._fields["name"], **settings, **_memory_of(entry)}
    if isinstance(entry, os.PathLike):
        return os.path.abspath(os.fspath(entry))
    if isinstance(entry, Mapping):
        files = ("file", "data", "calib", "name")
        return {key: _file_in(value) if key in files else value for key, value in entry.items()}
    if isinstance(entry, str) and (
        "/" in entry or entry.endswith((".onnx", ".csv", ".yaml", ".yml"))
    ):
        return os.path.abspath(entry)
    return entry


def _spec(spec: Mapping[str, Any]) -> Dict[str, Any]:
    """A sweep's keys with absolute paths, single values as lists where lists are meant."""
    result: Dict[str, Any] = {}
    for key, value in spec.items():
        if key in (
            "networks",
            "architectures",
            "memory",
            "weights",
            "activations",
            "prune",
            "batch",
            "repeat",
            "objectives",
        ):
            value = (
                [value]
                if isinstance(value, (str, int, Mapping, os.PathLike, Network, Arch))
                else list(value)
            )
        if key in ("networks", "architectures", "memory"):
            value = [_file_in(entry) for entry in value]
        elif key in ("data", "calib", "energy"):
            value = _file_in(value)
        elif key == "set":
            value = {
                name: list(each) if isinstance(each, (list, tuple, range)) else [each]
                for name, each in value.items()
            }
        elif key == "workload":
            value = [_file_in(entry) for entry in value]
        result[key] = value
    return result


class SpecFile:
    """The file of a sweep: the caller's, or one of its keys (JSON is YAML)."""

    def __init__(
        self, spec: Union[PathLike, Mapping[str, Any], None], keys: Mapping[str, Any]
    ) -> None:
        self._folder: Optional[tempfile.TemporaryDirectory[str]] = None
        if isinstance(spec, (str, os.PathLike)):
            if keys:
                raise BadInput(
                    f"spec: a file, and {', '.join(keys)} beside it, expected one of them",
                    key="spec",
                    expected="a file, or keys",
                    code=2,
                )
            self.path = os.path.abspath(os.fspath(spec))
            return
        self._folder = tempfile.TemporaryDirectory(prefix="systole-")
        self.path = os.path.join(self._folder.name, "spec.yaml")
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(_spec({**(spec or {}), **keys}), file, default=list)

    def __enter__(self) -> str:
        return self.path

    def __exit__(self, _: object, error: Optional[BaseException], __: object) -> None:
        if self._folder is None:
            return
        self._folder.cleanup()
        if isinstance(error, SystoleError) and error.file == self.path:
            # Nobody wrote that file.
            told = re.sub(re.escape(self.path) + r"(:\d+)*: ", "", error.message)
            raise type(error)(
                told, code=error.code, key=error.key, expected=error.expected
            ) from None


class Sweep(Rows):
    """Points of a sweep."""


def sweep(
    spec: Union[PathLike, Mapping[str, Any], None] = None,
    *,
    database: Optional[PathLike] = None,
    jobs: Optional[int] = None,
    allow_failed: bool = False,
    session: Optional[Session] = None,
    **keys: Any,
) -> Sweep:
    """Runs every combination of networks, widths, prunings, architectures, memories and batches.

    Args:
        spec: a sweep file (docs/sweep.md), or its keys; they can be given by name instead:
            `sweep(networks=["net.onnx"], architectures=["edge-16x16"], set={"array.rows": [8, 16]})`.
        database: a file (.db) that keeps all rows; what stands in it is not run again.
        jobs: points that run at once; default: as many as there are processors.
        session: the worker to ask; default: the one that calls share.
        allow_failed: points that fail are rows with their reasons; else an exception, which has the
            rows too.

    Raises:
        BadInput: with file, line, key and range. Incomplete: points have failed.
    """
    with tempfile.TemporaryDirectory(prefix="systole-") as folder, SpecFile(spec, keys) as path:
        table = os.path.join(folder, "rows.jsonl")
        arguments = ["sweep", path, "--jsonl", table, *jobs_arguments(jobs)]
        if database is not None:
            arguments += ["-o", os.path.abspath(os.fspath(database))]
        code, _, err = session_of(session).command(arguments, (0, _FAILED_POINTS))
        with open(table, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
    warn_of(err)
    if code == _FAILED_POINTS and not allow_failed:
        failed = [row for row in rows if row.get("status") == "failed"]
        error = Incomplete(
            f"sweep: {len(failed)} of {len(rows)} points have failed: {failed[0].get('reason', '') if failed else err}",
            code=code,
        )
        error.rows = rows
        raise error
    return Sweep(rows, None if database is None else os.path.abspath(os.fspath(database)))
