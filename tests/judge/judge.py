#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The judge: random networks by Systole and by ONNX Runtime, which must agree, or be refused for a documented reason.
Of the form `written` it is what `systole quantise` makes of them that both run.

  judge.py [--systole FILE] [--form FORM] [--opsets A-B] [--networks N] [--seed S] [--only K] [--any-cell]
           [--keep DIR]

Prints each failure made small, with the command that runs it again, and a table of what ran: operator by opset. Exit code 1 if
a network fails, if less than 70 % of them run (40 % of those that are written), or if a cell of the table stays empty. `--keep` writes failures with their data.
"""
import argparse
import collections
import os
import pathlib
import sys
import time
import typing

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import forms
import refusals
import schema
import shrink
import table
import written
from case import Case, Outcome, judge
from runtime import Runtime

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOP_UPS = 12  # networks for a cell that is still empty
MOST_FAILURES = 40


class Judge:
    def __init__(self, options: argparse.Namespace, runtime: Runtime) -> None:
        self.options, self.runtime = options, runtime
        self.form = forms.FORMS[options.form]
        self.table = table.Table(self.form, options.opsets)
        self.counts: typing.Counter[str] = collections.Counter()
        self.refused: typing.Counter[str] = collections.Counter()
        self.failures: typing.Dict[str, typing.List[int]] = {}

    def judge(self, case: Case) -> Outcome:
        return (written.judge if self.form.written else judge)(case, self.runtime, self.options.systole)

    def one(self, index: int, focus: typing.Optional[typing.Sequence[str]] = None, opset: int = 0) -> None:
        """Network `index`, which is a function of the seed, the form, its number, and what it is to hold."""
        made = forms.make(self.form, self.options.seed, index, self.options.opsets, self.runtime, focus, opset)
        if made is None:
            self.counts["none"] += 1
            return
        case, operators, opset = made
        if self.options.only is not None:
            print(case.model.graph and table.text_of(case))
        outcome = self.judge(case)
        self.counts[outcome.kind] += 1
        self.table.enter(operators, opset, outcome)
        if outcome.kind == "refused":
            self.refused.update(set(outcome.text.split("; ")))
        if outcome.failed:
            self.fail(index, case, outcome)

    def fail(self, index: int, case: Case, outcome: Outcome) -> None:
        key = outcome.signature
        if key in self.failures or len(self.failures) > MOST_FAILURES:
            self.failures.setdefault(key, []).append(index)
            return
        small = shrink.shrink(case, outcome, self.runtime, self.judge)
        if outcome.kind == "wrong":
            key = "wrong: " + " ".join(node.op_type for node in small.model.graph.node)
        self.failures.setdefault(key, []).append(index)
        text = self.judge(small).text
        opset = case.model.opset_import[0].version
        print(f"\nnetwork {index} of seed {self.options.seed}, form {case.form}, opset {opset}: {text}")
        print(table.text_of(small))
        first, last = (opset, opset) if case.focus else (self.options.opsets[0], self.options.opsets[-1])
        print(f"again: tests/judge/judge.py --form {self.options.form} --opsets {first}-{last} "
              f"--seed {self.options.seed} --only {index}" + (f" --focus {','.join(case.focus)}" if case.focus else ""), flush=True)
        if self.options.keep:
            print("kept:", table.keep(small, self.options.keep / f"{case.form}-{self.options.seed}-{index}", text))

    def run(self) -> int:
        began, count = time.time(), self.options.networks
        for index in range(count):
            self.one(index)
        for k, (operator, opset) in enumerate([] if self.options.any_cell else self.table.empty()):
            for attempt in range(TOP_UPS):
                if (operator, opset) not in self.table.empty():
                    break
                self.one(count + k * TOP_UPS + attempt, [operator], opset)
        return self.report(time.time() - began)

    def report(self, seconds: float) -> int:
        judged = sum(self.counts.values()) - self.counts["none"] - self.counts["invalid"]
        ran = self.counts["good"]
        print(f"\n{self.table}\n")
        for text, times in self.refused.most_common():
            print(f"refused {times:>4} times: {text}")
        for key, indices in self.failures.items():
            print(f"failed {len(indices):>4} times: {key} ({', '.join(map(str, indices[:6]))})")
        empty = [] if self.options.any_cell else self.table.empty()
        print(f"{self.options.form}: {judged:,} networks judged in {seconds:.0f} s, {ran:,} ran and are right, {self.counts['refused']:,} refused rightly, "
              f"{self.counts['wrong'] + self.counts['faulty']:,} unexplained; {len(empty)} cells empty")
        if judged and ran < self.form.least_run * judged:
            print(f"{100 * ran / judged:.0f} % of the networks ran, expected {100 * self.form.least_run:.0f} % at least")
            return 1
        if empty:
            print("empty:", ", ".join(f"{operator} in opset {opset}" for operator, opset in empty))
        return 1 if empty or self.counts["wrong"] + self.counts["faulty"] else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systole", default=os.environ.get("SYSTOLE", str(ROOT / "build/release/bin/systole")))
    parser.add_argument("--form", choices=sorted(forms.FORMS), default="float")
    parser.add_argument("--opsets", help="A-B; default: all that docs/operators.md promises")
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="K", help="network K alone, shown")
    parser.add_argument("--focus", help="with --only: the operators that it was to hold")
    parser.add_argument("--any-cell", action="store_true", help="cells of the table may stay empty")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR")
    options = parser.parse_args()
    first, last = map(int, options.opsets.split("-")) if options.opsets else schema.promised(ROOT)
    options.opsets = list(range(max(first, forms.FORMS[options.form].since), last + 1))
    return options


def main() -> int:
    options = parse()
    differences = refusals.differences((ROOT / "docs/operators.md").read_text())
    if differences:
        raise SystemExit(f"docs/operators.md and tests/judge/refusals.py differ in what is refused: {sorted(differences)}")
    with Runtime() as runtime:
        judge = Judge(options, runtime)
        if options.only is not None:
            judge.one(options.only, options.focus.split(",") if options.focus else None)
            print(dict(judge.counts))
            return 1 if judge.failures else 0
        return judge.run()


if __name__ == "__main__":
    sys.exit(main())
