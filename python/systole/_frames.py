# SPDX-License-Identifier: Apache-2.0
"""pandas, where it is installed."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Iterable, Mapping

from ._errors import SystoleError


def frame_of(rows: Iterable[Mapping[str, Any]]) -> Any:
    """A pandas DataFrame of rows; what lies within another object has a column "outer.inner"."""
    try:
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise SystoleError("pandas is not installed: frames need it, `rows` do not") from error
    return pandas.DataFrame([flat(row) for row in rows])


def flat(row: Mapping[str, Any]) -> Dict[str, Any]:
    """Inner objects as keys "outer.inner"."""
    result: Dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            for inner, one in flat(value).items():
                result[f"{key}.{inner}"] = one
        else:
            result[key] = value
    return result
