# SPDX-License-Identifier: Apache-2.0
"""The nightly test's commands: those of README, docs and waveforms, also the ones that take minutes; and whether the quick ones still
print the figures that stand below them."""
import collections
import re

from nightly_ledger import ROOT, Result, run_timed

CHECK = ROOT / "tests/docs/commands.py"
FIGURES = ROOT / "tests/docs/figures.py"
RESULT = re.compile(r"^\S+: (\d+) commands, (\d+) failed$", re.MULTILINE)
STALE = re.compile(r"^(\d+) lines with other figures$", re.MULTILINE)


class Page(collections.namedtuple("Page", "name")):
    kind = "commands"

    @property
    def key(self):
        return self.name

    def run(self, systole):
        done, seconds = run_timed([CHECK, systole, self.name, "--long"])
        found = RESULT.search(done.stdout)
        text = done.stdout + done.stderr if done.returncode else ""
        if found is None:
            return Result(self.key, self.kind, 0, 0, 2, f"{self.name}: did not end", text, seconds)
        ran, bad = map(int, found.groups())
        return Result(self.key, self.kind, ran, bad, 1 if bad else 0, found[0], text, seconds)


class Figures(collections.namedtuple("Figures", "name")):
    """A part tells the lines of a page that its own commands print with other figures now; a reader decides."""
    kind = "figures"

    @property
    def key(self):
        return f"figures of {self.name}"

    def run(self, systole):
        done, seconds = run_timed([FIGURES, systole, self.name])
        found = STALE.search(done.stdout)
        text = done.stdout + done.stderr if done.returncode else ""
        if found is None:
            return Result(self.key, self.kind, 0, 0, 2, f"{self.name}: figures: did not end", text, seconds)
        return Result(self.key, self.kind, 1, int(found[1]), done.returncode, f"{self.name}: {found[0]}", text, seconds)


def make_parts():
    """Pages that have commands: all of those, and the figures of those that are quick."""
    names = run_timed([CHECK, "--pages"])[0].stdout.split()
    return [Page(name) for name in names] + [Figures(name) for name in names]
