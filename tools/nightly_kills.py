# SPDX-License-Identifier: Apache-2.0
"""The nightly test's kills: sweeps that are killed at random and must end in the database of an undisturbed one."""
import collections

from nightly_ledger import ROOT, Result, run_timed

SCRIPT = ROOT / "tests/system/sweep_kills.py"
POINTS = 200
KILLS_A_PART = 25


class Kills(collections.namedtuple("Kills", "kills seed")):
    kind = "kills"

    @property
    def key(self):
        return f"kills {self.seed} {self.kills}"

    def run(self, systole):
        done, seconds = run_timed([SCRIPT, systole, "--kills", self.kills, "--points", POINTS, "--seed", self.seed])
        bad = int(done.returncode != 0)
        text = done.stdout + done.stderr if bad else ""
        return Result(self.key, self.kind, self.kills, bad, bad, done.stdout.strip() or f"kills, seed {self.seed}: failed", text, seconds)


def make_parts(kills, seed):
    """`kills` in parts, each a sweep of its own with a seed of its own."""
    starts = range(0, kills, KILLS_A_PART)
    return [Kills(min(KILLS_A_PART, kills - start), seed + start) for start in starts]
