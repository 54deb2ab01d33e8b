#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How much of the true front `systole optimise` finds, beside random and Latin hypercube samples (docs/optimise.md).

  tools/bench_optimise.py [--share PERCENT] [--seeds N] [--keep DIR] [SPEC.yaml]...
  tools/bench_optimise.py --exact [SPEC.yaml]...     what `systole optimise --exact` evaluates, and whether its front is the true one

Enumerates the space of each file with `systole sweep`, then searches it with so many percent of its points, for each seed (without
files: the three spaces of the page; the largest takes minutes to enumerate, --keep keeps it). The searches
use the database of the enumeration, so they simulate nothing; what they evaluate is the same. Figures are normalised to ideal and nadir
of the true front: `volume` is the share of its hypervolume, with 1.1 as reference, `distance` how far the worst point of the true front
is from the nearest that was found, in its worst objective.
"""
import argparse
import json
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = 1.1
OWN_KEYS = ("objectives", "budget", "population", "seed")
METHODS = ("optimise", "hypercube", "random")
SPACES = ("lenet_large", "mlp_large", "large")
SHARES = {"large": 2.0}  # of a space that is evaluated, in percent
SHARE = 8.0  # of others


def front_of(points):
    """Those that no other one beats, each once."""
    front = []
    for point in sorted(set(points)):
        if not any(all(a <= b for a, b in zip(other, point)) for other in front):
            front.append(point)
    return front


def hypervolume(front, reference):
    """What `front` covers below `reference`, by slices of the first figure."""
    front = sorted(point for point in front if all(a < reference for a in point))
    if not front:
        return 0.0
    if len(front[0]) == 1:
        return reference - front[0][0]
    volume = 0.0
    for index, point in enumerate(front):
        end = front[index + 1][0] if index + 1 < len(front) else reference
        if end > point[0]:
            volume += (end - point[0]) * hypervolume(front_of([other[1:] for other in front[:index + 1]]), reference)
    return volume


class Space:
    """A file, its database, and its true front."""

    def __init__(self, systole, spec, folder):
        self.systole, self.folder, self.spec = systole, folder, spec
        # The folder has no networks beside it.
        self.text = re.sub(r"(\.\./)+tests", str(ROOT / "tests"), spec.read_text(encoding="utf-8"))
        self.database = folder / f"{spec.stem}.db"
        rows = self.sweep("")
        problem = self.optimise(1, 1)
        self.objectives = [(one["figure"], -1 if one["maximise"] else 1) for one in problem["objectives"]]
        self.points = len(rows)
        self.front = front_of(self.costs(rows))
        self.ideal = [min(column) for column in zip(*self.front)]
        self.nadir = [max(column) for column in zip(*self.front)]
        self.volume = hypervolume([self.normal(point) for point in self.front], REFERENCE)

    def file(self, more):
        """The file without what is of a search alone, and `more`."""
        text = "".join(line + "\n" for line in self.text.splitlines() if line.split(":")[0] not in OWN_KEYS)
        path = self.folder / f"{self.spec.stem}-now.yaml"
        path.write_text(text + more, encoding="utf-8")
        return path

    def sweep(self, more):
        out = self.folder / "rows.jsonl"
        subprocess.run([self.systole, "sweep", self.file(more), "-o", self.database, "--detail", "totals", "--jsonl", out, "--allow-failed"],
                       check=True, capture_output=True)
        return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]

    def optimise(self, seed, budget):
        own = "".join(line + "\n" for line in self.text.splitlines() if line.split(":")[0] in ("objectives", "population"))
        done = subprocess.run([self.systole, "optimise", self.file(own + f"seed: {seed}\nbudget: {budget}\n"), "-o", self.database, "--json"],
                              check=budget > 1, capture_output=True, text=True)
        if done.returncode:  # the only point meets no limit: the objectives are wanted
            names = re.search(r"^objectives: \[(.*)\]", self.text, re.M)[1].split(", ")
            known = {"latency": "latency_ms", "energy": "energy_per_inference_uj", "area": "area_mm2"}
            return {"objectives": [{"figure": known[name], "maximise": False} for name in names]}
        return json.loads(done.stdout)

    def exact(self):
        """(points evaluated, whether the front is that of the enumeration)."""
        own = "".join(line + "\n" for line in self.text.splitlines() if line.split(":")[0] == "objectives")
        done = subprocess.run([self.systole, "optimise", self.file(own), "-o", self.database, "--exact", "--json"], check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        return found["evaluated"], front_of(self.costs(found["front"])) == self.front

    def costs(self, rows):
        return [tuple(way * row[figure] for figure, way in self.objectives)
                for row in rows if row["status"] == "finished" and not row.get("failed_limits")]

    def normal(self, point):
        return tuple((a - low) / ((high - low) or 1) for a, low, high in zip(point, self.ideal, self.nadir))

    def judge(self, rows):
        """(share of the hypervolume, worst distance) in percent."""
        found = [self.normal(point) for point in front_of(self.costs(rows))]
        true = [self.normal(point) for point in self.front]
        distance = max(min((max(max(a - b, 0) for a, b in zip(other, point)) for other in found), default=float("inf")) for point in true)
        return 100 * hypervolume(found, REFERENCE) / self.volume, 100 * distance

    def run(self, method, seed, budget):
        if method == "optimise":
            return self.optimise(seed, budget)["front"]
        sampling = "latin-hypercube" if method == "hypercube" else "random"
        return self.sweep(f"samples: {budget}\nsampling: {sampling}\nseed: {seed}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specs", nargs="*", type=pathlib.Path)
    parser.add_argument("--exact", action="store_true", help="look at exact fronts, of configs/optimise/exact.yaml by default")
    parser.add_argument("--share", type=float, help="of the space that is evaluated, in percent; default: 8, of large.yaml 2")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--keep", type=pathlib.Path, help="a folder that keeps the databases")
    parser.add_argument("--systole", default=ROOT / "build/release/bin/systole", type=pathlib.Path)
    args = parser.parse_args()
    if not args.specs:
        args.specs = [ROOT / f"configs/optimise/{name}.yaml" for name in (["exact"] if args.exact else SPACES)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or pathlib.Path(scratch)
        for spec in args.specs:
            space = Space(args.systole, spec.resolve(), folder)
            if args.exact:
                evaluated, equal = space.exact()
                print(f"{spec.name}: {space.points:,} points, {len(space.front)} on the front; {evaluated:,} evaluated "
                      f"({100 * evaluated / space.points:.1f} %), the front is {'that of enumeration' if equal else 'ANOTHER ONE'}", flush=True)
                continue
            budget = int(space.points * (args.share or SHARES.get(spec.stem, SHARE)) / 100)
            print(f"{spec.name}: {space.points:,} points, {len(space.front)} on the front of {', '.join(name for name, _ in space.objectives)}; "
                  f"{budget} evaluated", flush=True)
            print(f"{'seed':>4}" + "".join(f"  {name + ' volume':>17}  distance" for name in METHODS), flush=True)
            worst = {name: (float("inf"), 0.0) for name in METHODS}
            for seed in range(1, args.seeds + 1):
                line = f"{seed:>4}"
                for name in METHODS:
                    volume, distance = space.judge(space.run(name, seed, budget))
                    worst[name] = (min(worst[name][0], volume), max(worst[name][1], distance))
                    line += f"  {volume:>15.1f} %  {distance:>6.1f} %"
                print(line, flush=True)
            print("least" + "".join(f"  {volume:>{14 if i == 0 else 15}.1f} %  {distance:>6.1f} %" for i, (volume, distance) in enumerate(worst.values())), flush=True)


if __name__ == "__main__":
    main()
