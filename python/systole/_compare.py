# SPDX-License-Identifier: Apache-2.0
"""Comparisons and pages of results."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Union

from ._errors import BadInput
from ._frames import frame_of
from ._network import PathLike
from ._result import Result
from ._rows import Rows
from ._session import Session
from ._study import Study
from ._sweep import session_of

_DIFFERENT = 1

ResultLike = Union[Result, Rows, PathLike]


class _Files:
    """Results as files that commands read."""

    def __init__(self, results: Sequence[ResultLike]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="systole-")
        self.paths = [self._path(index, result) for index, result in enumerate(results)]

    def _path(self, index: int, result: ResultLike) -> str:
        if isinstance(result, Result):
            folder = os.path.join(self._folder.name, str(index))
            os.mkdir(folder)
            path = os.path.join(folder, "result.json")
            result.save(path)
            return path
        if isinstance(result, Study):
            path = os.path.join(self._folder.name, f"study-{index}.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(result.json, file)
            return path
        if isinstance(result, Rows):
            if result.database is None:
                raise BadInput(
                    "results: points without a database, expected those of a call with database=",
                    key="results",
                    expected="database='FILE.db' in the call that made them",
                    code=2,
                )
            return result.database
        return os.path.abspath(os.fspath(result))

    def __enter__(self) -> List[str]:
        return self.paths

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


@dataclass(frozen=True)
class Comparison:
    """What two results differ in.

    Attributes:
        cycles_differ: whether their cycles do, or points stand in one alone.
        json: all differences, the heaviest first, as `systole compare --json` gives them.
    """

    cycles_differ: bool
    json: Dict[str, Any] = field(repr=False)

    def frame(self) -> Any:
        """A pandas DataFrame of the totals that differ: result, figure, a, b."""
        return frame_of(
            {
                "result": one["name"],
                "figure": total["name"],
                "a": total.get("a"),
                "b": total.get("b"),
            }
            for one in self.json["differences"]
            for total in one.get("totals", [])
        )


def compare(a: ResultLike, b: ResultLike, *, session: Optional[Session] = None) -> Comparison:
    """What two results differ in, the heaviest first.

    Args:
        a, b: Results, points with a database, or files that `systole compare` reads.
        session: the worker to ask; default: the one that calls share.
    """
    with _Files([a, b]) as paths:
        code, out, _ = session_of(session).command(["compare", *paths, "--json"], (0, _DIFFERENT))
    return Comparison(code == _DIFFERENT, json.loads(out))


def report(
    results: Union[ResultLike, Sequence[ResultLike]],
    path: PathLike,
    *,
    session: Optional[Session] = None,
) -> str:
    """Writes a page (HTML, one file) of results and returns its path.

    Args:
        results: a Result, points with a database, a file that `systole report` reads, or several.
        path: of the page.
        session: the worker to ask; default: the one that calls share.
    """
    several = [results] if isinstance(results, (Result, Rows, str, os.PathLike)) else list(results)
    target = os.path.abspath(os.fspath(path))
    with _Files(several) as paths:
        session_of(session).command(["report", *paths, "-o", target])
    return target
