# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, as exceptions: each says what, where, and what was expected."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Type


class SystoleError(Exception):
    """Base of all errors of this package.

    Attributes:
        message: one line; operators that cannot be compiled have one each.
        code: the exit code that the command line gives for it, 0 where there is none.
        file, line: the file it is about, and the line in it, where one is known.
        key: the key, option or field that is wrong, where one is known.
        expected: the legal range or what was expected, where it is stated.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int = 0,
        file: Optional[str] = None,
        line: Optional[int] = None,
        key: Optional[str] = None,
        expected: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.file = file
        self.line = line
        self.key = key
        self.expected = expected


class BadInput(SystoleError, ValueError):
    """A file, key, value, array or argument is wrong."""


class CannotCompile(SystoleError):
    """The network has operators that the accelerator (and the host, if it may help) cannot run."""


class Stopped(SystoleError):
    """A run ended early: by a fault, the watchdog, a cycle limit, or for want of memory."""


class Difference(SystoleError):
    """Two engines, or an engine and the bit-exact executor, differ: a fault of Systole."""


class Incomplete(SystoleError):
    """Points of a sweep have failed. `rows` has all of them, those with their reasons.

    Attributes:
        rows: a dict a point.
    """

    rows: "list[Dict[str, Any]]"


class InternalError(SystoleError):
    """A fault of Systole itself; please report it."""


class MetricError(SystoleError):
    """The caller's metric has raised, or gave no number. `__cause__` is what it raised."""


class WorkerError(SystoleError):
    """The program could not be started, or did not answer as it should."""


class ProgramNotFound(WorkerError, FileNotFoundError):
    """There is no program `systole` beside the package, in PATH or where SYSTOLE_PROGRAM says."""


class VersionMismatch(WorkerError):
    """The program is of another version than the package."""


class WorkerDied(WorkerError):
    """The worker ended in the middle of a call. The next call starts a new one."""


class WorkerTimeout(WorkerDied):
    """A call took longer than the session's `timeout`; the worker was ended."""


_KINDS: Dict[str, Type[SystoleError]] = {
    "difference": Difference,
    "bad_input": BadInput,
    "cannot_compile": CannotCompile,
    "stopped": Stopped,
    "incomplete": Incomplete,
    "internal": InternalError,
    "interrupted": Stopped,
}


def error_of(told: Mapping[str, Any]) -> SystoleError:
    """The exception that a worker's error message stands for."""
    kind = _KINDS.get(str(told.get("kind")), InternalError)
    return kind(
        str(told.get("message", "no message")),
        code=int(told.get("code", 0)),
        file=told.get("file"),
        line=told.get("line"),
        key=told.get("key"),
        expected=told.get("expected"),
    )
