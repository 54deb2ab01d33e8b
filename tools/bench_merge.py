#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long merging databases of a sweep takes, and how large they are (docs/sweep.md).

  tools/bench_merge.py [--points N] [--shards N] [--layers]

Takes one point of LeNet, makes N of it that differ in configuration and machine, deals them out to databases, and merges these.
"""
import argparse
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEC = "networks: [{network}]\narchitectures: [edge-16x16]\n"


def columns(database, table, without):
    return [name for (name,) in database.execute("SELECT name FROM pragma_table_info(?)", (table,)) if name not in without]


def multiply(file, first, count):
    """Puts points of number `first` and on in place of the one of `file`, each with a machine of its own."""
    database = sqlite3.connect(file)
    numbers = f"WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first + count - 1}) "
    machine = ", ".join(columns(database, "machines", ("id", "identity")))
    database.execute(f"INSERT INTO machines (id, identity, {machine}) {numbers} SELECT i, identity || i, {machine} FROM n, machines WHERE id = 1")
    values = ", ".join(columns(database, "points", ("id", "configuration", "machine")))
    database.execute(f"INSERT INTO points (id, configuration, machine, {values}) "
                     f"{numbers} SELECT i, printf('%032x', i), i, {values} FROM n, points WHERE id = 1")
    for table in ("events", "layers"):
        values = ", ".join(columns(database, table, ("point",)))
        database.execute(f"INSERT INTO {table} (point, {values}) {numbers} SELECT i, {values} FROM n, {table} WHERE point = 1")
    values = ", ".join(columns(database, "execution", ("configuration",)))
    database.execute(f"INSERT INTO execution (configuration, {values}) {numbers} SELECT printf('%032x', i), {values} FROM n, execution")
    for table in ("machines", "points"):
        database.execute(f"DELETE FROM {table} WHERE id = 1")
    for table in ("events", "layers"):
        database.execute(f"DELETE FROM {table} WHERE point = 1")
    database.commit()
    database.execute("VACUUM")
    database.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=10)
    parser.add_argument("--layers", action="store_true", help="points with their layers")
    parser.add_argument("--systole", default=ROOT / "build/release/bin/systole", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        spec, one = folder / "s.yaml", folder / "one.db"
        spec.write_text(SPEC.format(network=ROOT / "tests/data/lenet_fmnist.onnx"), encoding="utf-8")
        detail = "layers" if args.layers else "totals"
        subprocess.run([args.systole, "sweep", spec, "-o", one, "--detail", detail], check=True, capture_output=True)
        shards = [folder / f"shard-{index}.db" for index in range(args.shards)]
        each = args.points // args.shards
        for index, shard in enumerate(shards):
            shutil.copy(one, shard)
            multiply(shard, 1000 + index * each, each)
        start = time.monotonic()
        done = subprocess.run([args.systole, "merge", *shards, "-o", folder / "all.db"], check=True, capture_output=True, text=True)
        seconds = time.monotonic() - start
        size = (folder / "all.db").stat().st_size
        expected = f"all.db: {each * args.shards:,} points of {args.shards} databases\n"
        assert done.stdout.endswith(expected), done.stdout
        start = time.monotonic()
        subprocess.run([args.systole, "merge", *shards, "-o", folder / "all.db"], check=True, capture_output=True)
        again = time.monotonic() - start
    print(f"{'points':>9}{'shards':>8}  {'detail':<8}{'seconds':>9}{'points/s':>10}{'MB':>8}{'bytes a point':>15}{'again, seconds':>16}")
    print(f"{args.points:>9,}{args.shards:>8}  {detail:<8}{seconds:>9.1f}{args.points / seconds:>10,.0f}{size / 1e6:>8.1f}"
          f"{size / args.points:>15.0f}{again:>16.1f}")


if __name__ == "__main__":
    main()
