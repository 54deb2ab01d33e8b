# SPDX-License-Identifier: Apache-2.0
"""The nightly test's checks that continuous integration has no time for: all tests under the sanitizers, clang-tidy on all files,
and whether the gates that areas are held against are still those of the RTL."""
import collections

from nightly_ledger import ROOT, Result, run_timed

LINES = 40  # of a failure that are shown


class Check(collections.namedtuple("Check", "name command")):
    kind = "checks"

    @property
    def key(self):
        return self.name

    def run(self, _):
        done, seconds = run_timed([ROOT / self.command[0], *self.command[1:]])
        bad = int(done.returncode != 0)
        text = "\n".join((done.stdout + done.stderr).splitlines()[-LINES:]) if bad else ""
        row = f"{self.name}: {'failed' if bad else 'nothing found'}, {seconds / 60:.0f} minutes"
        return Result(self.key, self.kind, 1, bad, bad, row, text, seconds)


def make_parts():
    """One after the other: each builds."""
    return [Check("sanitizers", ("tools/sanitize.sh", "unit", "errors", "operators", "system", "cosim")),
            Check("clang-tidy", ("tools/tidy.sh", "--all")),
            Check("gates", ("tools/gates.py", "--check"))]
