# SPDX-License-Identifier: Apache-2.0
"""Tables for notebooks."""

from __future__ import annotations

import html
from typing import Any, Iterable, List, Sequence


def text_of(value: Any) -> str:
    """A value as people read it: thousands with commas, floats with six digits."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """An HTML table; numbers stand to the right."""
    parts: List[str] = ["<table>", f"<caption><b>{html.escape(title)}</b></caption>"]
    if header:
        cells = "".join(f"<th>{html.escape(name)}</th>" for name in header)
        parts.append(f"<thead><tr>{cells}</tr></thead>")
    parts.append("<tbody>")
    for row in rows:
        cells = ""
        for value in row:
            side = "right" if isinstance(value, (int, float)) else "left"
            cells += f'<td style="text-align:{side}">{html.escape(text_of(value))}</td>'
        parts.append(f"<tr>{cells}</tr>")
    parts.append("</tbody></table>")
    return "".join(parts)
