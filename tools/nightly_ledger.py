# SPDX-License-Identifier: Apache-2.0
"""What the nightly test has done so far, so that it can be stopped at any moment and go on: a line of JSON a finished part."""
import datetime
import json
import pathlib
import subprocess
import time
import typing

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# Nightly results

`tools/nightly.py --record` adds a row: what ran by then, on which commit, and what came of it. Seeds of the parts follow
from the first.

| date | commit | seed | random programs | differ | networks | unexplained | CPU minutes |
|---|---|---|---|---|---|---|---|
"""


class Result(typing.NamedTuple):
    """Of a part: programs on both engines and the golden executor, or networks by ONNX Runtime."""
    key: str  # what was run: the same for the same work
    kind: str  # "programs", "networks", "kills", "commands", "figures" or "checks"
    ran: int
    bad: int  # programs that differ, networks that are unexplained
    code: int  # 2: it did not end as it should; it is run again
    row: str  # for the table
    text: str  # of failures
    seconds: float


def run_timed(command: typing.Sequence[object]) -> typing.Tuple[subprocess.CompletedProcess, float]:
    """The process that ended, and how many seconds it took."""
    began = time.time()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    return done, time.time() - began


def commit() -> str:
    """The commit that is checked out; with a mark if files differ from it."""
    found = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


class Ledger:
    """Results in `file`; those of another commit are forgotten."""

    def __init__(self, file: pathlib.Path) -> None:
        self.file, self.commit = file, commit()
        self.results: typing.Dict[str, Result] = {}
        lines = file.read_text().splitlines() if file.exists() else []
        if lines and json.loads(lines[0]) == {"commit": self.commit}:
            for line in lines[1:]:
                try:
                    result = Result(*json.loads(line))
                except (ValueError, TypeError):  # cut short
                    continue
                self.results[result.key] = result
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"commit": self.commit}) + "\n")

    def add(self, result: Result) -> None:
        if result.code == 2:
            return
        self.results[result.key] = result
        with self.file.open("a") as out:
            out.write(json.dumps(result) + "\n")

    def sum(self, kind: str, field: str) -> int:
        return sum(getattr(result, field) for result in self.results.values() if result.kind == kind)

    def record(self, page: pathlib.Path, seed: int) -> None:
        """Adds a row to the page of results; a row of the same commit and seed is replaced."""
        rows = page.read_text() if page.exists() else HEADER
        start = f"| {self.commit} | {seed} |"
        lines = [line for line in rows.splitlines() if start not in line]
        end = max(i for i, line in enumerate(lines) if line.startswith("|")) + 1  # of the table
        minutes = sum(result.seconds for result in self.results.values()) / 60
        cells = [datetime.date.today().isoformat(), self.commit, str(seed)]
        for kind in ("programs", "networks"):
            cells += [f"{self.sum(kind, 'ran'):,}", f"{self.sum(kind, 'bad'):,}"]
        lines.insert(end, "| " + " | ".join(cells + [f"{minutes:.0f}"]) + " |")
        page.write_text("\n".join(lines) + "\n")
