#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every query of the documentation works on the database of a sweep.

queries.py SYSTOLE: runs a small sweep, then all blocks of SQL of docs, and prints what each gave.
"""
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = """networks:
  - {{file: {data}/lenet_fmnist.onnx, data: {data}/lenet.yaml, calib: {data}/lenet_calib.yaml}}
  - {data}/mlp_fmnist.onnx
architectures: [edge-16x16]
set: {{ub.kib: [0, 32, 256]}}
memory: [{{kind: ideal, gb_per_s: 2}}, {{kind: ideal, gb_per_s: 32}}]
"""
FAILED = 4  # points, whose ub.kib is 0


def queries():
    """(page, line, text) of every block of SQL."""
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for block in re.finditer(r"^```sql\n(.*?)^```", text, re.M | re.S):
            yield page.relative_to(ROOT), text.count("\n", 0, block.start()) + 1, block[1]


def main():
    bad = ran = 0
    with tempfile.TemporaryDirectory() as scratch:
        spec, file = pathlib.Path(scratch) / "s.yaml", pathlib.Path(scratch) / "r.db"
        spec.write_text(SPEC.format(data=ROOT / "tests/data"))
        subprocess.run([sys.argv[1], "sweep", spec, "-o", file, "--allow-failed"], check=True, capture_output=True)
        database = sqlite3.connect(file)
        for page, line, text in queries():
            ran += 1
            try:
                rows = database.execute(text).fetchall()
            except sqlite3.Error as error:
                print(f"{page}:{line}: {error}\n{text}")
                bad += 1
                continue
            print(f"{page}:{line}: {len(rows)} rows, the first {rows[:1]}")
            if not rows or ("'failed'" in text and len(rows) != FAILED):
                print(f"{page}:{line}: not what the sweep gave")
                bad += 1
        # A layer's cycles, and a unit's, are all told.
        units = [name for (name,) in database.execute("SELECT name FROM pragma_table_info('layers') WHERE name GLOB 'mxu_*_cycles'")]
        wrong = database.execute(f"SELECT count(*) FROM layers WHERE {' + '.join(units)} <> cycles AND other_cycles IS NULL").fetchone()[0]
        if wrong:
            print(f"{wrong} layers whose matrix unit has not their cycles")
            bad += 1
    sys.exit(1 if bad or not ran else 0)


if __name__ == "__main__":
    main()
