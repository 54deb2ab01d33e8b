# SPDX-License-Identifier: Apache-2.0
"""Progress of long calls: a line in a terminal, a line under the cell of a notebook."""

from __future__ import annotations

import html
import importlib
import sys
import time
from typing import Any, Callable, Mapping, Optional, Union

_FIRST_SECONDS = 0.5
_EVERY_SECONDS = 0.2

ProgressCallback = Callable[[Mapping[str, Any]], None]
"""Called with "task", "unit", "done", and "total" or "fraction" where they are known."""


def _text(progress: Mapping[str, Any], seconds: float) -> str:
    done = int(progress.get("done", 0))
    total = progress.get("total")
    line = f"{progress.get('task')}: {done:,}"
    if total:
        line += f" of {int(total):,}"
    line += f" {progress.get('unit')}"
    share = done / total if total else progress.get("fraction")
    if share is not None and 0 < share <= 1:
        line += f", {100 * share:.0f} %, {seconds / share - seconds:.0f} s to go"
    return line


def _notebook() -> Optional[Callable[..., Any]]:
    """IPython's display, in a notebook."""
    shell = sys.modules.get("IPython")
    if shell is None:
        return None
    running = shell.get_ipython()
    if running is None or not hasattr(running, "kernel"):
        return None
    display: Callable[..., Any] = importlib.import_module("IPython.display").display
    return display


class _Html:
    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(self.text)}</code>" if self.text else ""


class Reporter:
    """Of one task; shows nothing of a short one.

    Attributes:
        before, total: of a task in several calls: what those before have done, and all of it.
    """

    def __init__(self, shown: Union[bool, None, ProgressCallback]) -> None:
        self._callback = shown if callable(shown) else None
        self._start = self._drawn = time.monotonic()
        self._display = None if callable(shown) or shown is False else _notebook()
        self._handle: Any = None
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self._line = self._display is None and (shown is True or (shown is None and terminal))
        self._used = False
        self.before = 0
        self.total: Optional[int] = None

    def __call__(self, progress: Mapping[str, Any]) -> None:
        if self.total is not None:
            done = int(progress.get("done", 0)) + self.before
            progress = {**progress, "done": done, "total": self.total}
        if self._callback is not None:
            self._callback(progress)
            return
        now = time.monotonic()
        if now - self._start < _FIRST_SECONDS or now - self._drawn < _EVERY_SECONDS:
            return
        self._drawn = now
        self._show(_text(progress, now - self._start))

    def _show(self, text: str) -> None:
        if self._display is not None:
            if self._handle is None:
                self._handle = self._display(_Html(text), display_id=True)
            else:
                self._handle.update(_Html(text))
        elif self._line:
            self._used = True
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def close(self) -> None:
        if self._handle is not None:
            self._handle.update(_Html(""))
        if self._used:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
