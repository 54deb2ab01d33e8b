# SPDX-License-Identifier: Apache-2.0
"""The nightly test's commands: those of README, docs and waveforms, also the ones that take minutes."""
import collections
import re

from nightly_ledger import ROOT, Result, run_timed

CHECK = ROOT / "tests/docs/commands.py"
RESULT = re.compile(r"^\S+: (\d+) commands, (\d+) failed$", re.MULTILINE)


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


def make_parts():
    """Pages that have commands."""
    return [Page(name) for name in run_timed([CHECK, "--pages"])[0].stdout.split()]
