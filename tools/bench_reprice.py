#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long repricing a database takes (docs/results.md).

  tools/bench_reprice.py [--points N] [--draws N]

Takes one point of LeNet and makes N of it, each with a machine and a latency of its own and its counts of events varied, as if a sweep
had run them; then prices all by another table, with a new database and with --robust.
"""
import argparse
import hashlib
import json
import pathlib
import random
import resource
import sqlite3
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEC = "networks: [{network}]\narchitectures: [edge-16x16]\nmemory: [ddr4-2400]\n"
ARRAYS = range(4, 68, 4)
BUFFERS = range(16, 1040, 16)


def identity(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def machines(database, count):
    """Rows of `machines` that differ in array, buffer, accumulators and rows of parameters."""
    name, memory, clock, text = database.execute("SELECT name, memory, clock_mhz, parameters FROM machines").fetchone()
    (memory_identity,) = database.execute("SELECT identity FROM memories WHERE id = ?", (memory,)).fetchone()
    for number in range(count):
        parameters = json.loads(text)
        rest, rows = divmod(number, len(ARRAYS))
        rest, cols = divmod(rest, len(ARRAYS))
        rest, buffer = divmod(rest, len(BUFFERS))
        parameters["array.rows"], parameters["array.cols"] = ARRAYS[rows], ARRAYS[cols]
        parameters["ub.kib"] = BUFFERS[buffer]
        parameters["acc.rows"] += 16 * (rest + 1)
        made = json.dumps(parameters, separators=(",", ":"))
        yield (number + 2, identity(f"{made} {clock:g} {memory_identity}"), f"{name} {number}", memory, clock, parameters["array.rows"],
               parameters["array.cols"], parameters["ub.kib"], made)


def columns(database, table, without):
    return [name for (name,) in database.execute("SELECT name FROM pragma_table_info(?)", (table,)) if name not in without]


def multiply(file, count):
    """`count` points in place of the one of `file`."""
    database = sqlite3.connect(file)
    draw = random.Random(1)
    database.executemany("INSERT INTO machines (id, identity, name, memory, clock_mhz, array_rows, array_cols, ub_kib, parameters, "
                         "clock_node_nm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", machines(database, count))
    network, table = database.execute("SELECT n.identity, e.identity FROM networks n, energy_tables e").fetchone()
    made = []
    for number, machine in database.execute("SELECT id, identity FROM machines WHERE id > 1"):
        made.append((number, identity(f"{network} onnx {machine} {table} W8A8 batch 1 min-max \nnone"), number, draw.uniform(0.5, 2)))
    names = ", ".join(columns(database, "points", ("id", "configuration", "machine", "latency_ms")))
    database.executemany(f"INSERT INTO points (id, configuration, machine, latency_ms, {names}) "
                         f"SELECT ?, ?, ?, latency_ms * ?, {names} FROM points WHERE id = 1", made)
    names = columns(database, "events", ("point",))
    (counts,) = database.execute(f"SELECT {', '.join(names)} FROM events").fetchall()
    places = ", ".join("?" * (len(names) + 1))
    database.executemany(f"INSERT INTO events (point, {', '.join(names)}) VALUES ({places})",
                         ([number, *(int(value * draw.uniform(0.5, 2)) for value in counts)] for number in range(2, count + 2)))
    names = ", ".join(columns(database, "execution", ("configuration",)))
    database.executemany(f"INSERT INTO execution (configuration, {names}) SELECT ?, {names} FROM execution LIMIT 1",
                         [(row[1],) for row in made])
    for text in ("DELETE FROM execution WHERE configuration = (SELECT configuration FROM points WHERE id = 1)",
                 "DELETE FROM events WHERE point = 1", "DELETE FROM points WHERE id = 1", "DELETE FROM machines WHERE id = 1"):
        database.execute(text)
    database.commit()
    database.close()


def timed(*command):
    """Seconds of a processor, which other work does not change, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--systole", default=ROOT / "build/release/bin/systole", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        spec, file = folder / "s.yaml", folder / "r.db"
        spec.write_text(SPEC.format(network=ROOT / "tests/data/lenet_fmnist.onnx"), encoding="utf-8")
        subprocess.run([args.systole, "sweep", spec, "-o", file, "--detail", "totals"], check=True, capture_output=True)
        multiply(file, args.points)
        reprice = [args.systole, "reprice", file, "--energy", "tpuv4i-7nm"]
        fronts, said = timed(*reprice)
        database, _ = timed(*reprice, "-o", folder / "new.db")
        robust, _ = timed(*reprice, "--robust", "--draws", str(args.draws))
        on_front = said.splitlines()[-1].split()[0]
        size = (folder / "new.db").stat().st_size
    print(f"{'points':>9}{'on the front':>14}{'CPU s':>9}{'with a new database':>21}{'bytes a point':>15}{'--robust':>10}  of {args.draws} draws")
    print(f"{args.points:>9,}{on_front:>14}{fronts:>9.1f}{database:>21.1f}{size / args.points:>15.0f}{robust:>10.1f}")


if __name__ == "__main__":
    main()
