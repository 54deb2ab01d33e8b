# SPDX-License-Identifier: Apache-2.0
"""The nightly test's networks: the judge (tests/judge) over all forms and opsets, in parts that run side by side."""
import collections
import re

from nightly_ledger import ROOT, Result, run_timed

JUDGE = ROOT / "tests/judge/judge.py"
PART = 300  # networks
#: Shares of the networks by form; QDQ has most ways to go wrong.
SHARES = {"float": 8, "qdq": 10, "qoperator": 4, "qonnx": 4, "dynamic": 1, "host": 2, "qdq-host": 1, "written": 4}
RESULT = re.compile(r"^\S+: ([\d,]+) networks judged in \d+ s, .* ([\d,]+) unexplained", re.MULTILINE)

FAILURE = re.compile(r"^network .*?^again: .*?$", re.MULTILINE | re.DOTALL)


class Part(collections.namedtuple("Part", "form seed networks")):
    kind = "networks"

    @property
    def key(self):
        return f"{self.form} {self.seed} {self.networks}"

    def run(self, systole):
        done, seconds = run_timed([JUDGE, "--systole", systole, "--form", self.form, "--networks", self.networks, "--seed", self.seed,
                                   "--any-cell"])
        found = RESULT.search(done.stdout)
        text = "\n".join(FAILURE.findall(done.stdout)) + done.stderr if done.returncode else ""
        if found is None:
            return Result(self.key, self.kind, 0, 0, 2, f"{self.form}: seed {self.seed} did not end", text, seconds)
        ran, bad = (int(group.replace(",", "")) for group in found.groups())
        return Result(self.key, self.kind, ran, bad, 1 if done.returncode else 0, found[0], text, seconds)


def make_parts(networks, seed):
    """The forms in turn, so that a run that is stopped has seen all of them."""
    queues = {}
    for form, share in SHARES.items():
        left = networks * share // sum(SHARES.values())
        queues[form] = []
        while left > 0:
            queues[form].append(Part(form, f"{seed}-{form}-{len(queues[form])}", min(left, PART)))
            left -= PART
    parts = []
    while any(queues.values()):
        parts += [queue.pop(0) for queue in queues.values() if queue]
    return parts
