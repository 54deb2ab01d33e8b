# SPDX-License-Identifier: Apache-2.0
"""Finds the program `systole`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Iterator, List, Optional

from ._errors import ProgramNotFound

NAME = "systole"
VARIABLE = "SYSTOLE_PROGRAM"


def _prefixes() -> Iterator[Path]:
    """Folders whose bin/ belongs to this package: it lies in PREFIX/lib... or PREFIX/share..."""
    here = Path(__file__).resolve()
    for folder in here.parents:
        if folder.name.startswith("lib") or folder.name == "share":
            yield folder.parent
    yield Path(sys.prefix)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def find_program(given: Optional[str] = None) -> str:
    """The path of the program: `given`, what SYSTOLE_PROGRAM names, beside the package, in PATH.

    Raises:
        ProgramNotFound: it is in none of these places, or what was named is no program.
    """
    for source, named in (("program", given), (VARIABLE, os.environ.get(VARIABLE))):
        if not named:
            continue
        found = shutil.which(named)
        if found is None:
            raise ProgramNotFound(
                f"{source}: {named}: no such program, expected the path of {NAME}",
                file=named,
                key=source,
                expected=f"the path of {NAME}",
            )
        return os.path.abspath(found)
    tried: List[str] = []
    for prefix in _prefixes():
        path = prefix / "bin" / NAME
        if _is_program(path):
            return str(path)
        if str(path) not in tried:
            tried.append(str(path))
    found = shutil.which(NAME)
    if found is not None:
        return os.path.abspath(found)
    raise ProgramNotFound(
        f"{NAME}: no such program: neither {' nor '.join(tried)}, nor in PATH; "
        f"expected it there, or its path in {VARIABLE}",
        file=NAME,
        expected=f"its path in {VARIABLE}",
    )
