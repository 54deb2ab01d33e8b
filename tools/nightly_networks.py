# SPDX-License-Identifier: Apache-2.0
"""The nightly test's networks: the judge (tests/judge) over all forms and opsets, in parts that run side by side."""
import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
JUDGE = ROOT / "tests/judge/judge.py"
PART = 300  # networks
#: Shares of the networks by form; QDQ has most ways to go wrong.
SHARES = {"float": 8, "qdq": 10, "qoperator": 4, "qonnx": 4, "dynamic": 1, "host": 2, "qdq-host": 1}
RESULT = re.compile(r"^\S+: ([\d,]+) networks judged in \d+ s, .* ([\d,]+) unexplained", re.MULTILINE)

Part = collections.namedtuple("Part", "form seed networks")


def make_parts(networks, seed):
    parts = []
    for form, share in SHARES.items():
        left = networks * share // sum(SHARES.values())
        while left > 0:
            parts.append(Part(form, f"{seed}-{len(parts)}", min(left, PART)))
            left -= PART
    return parts


def run_part(systole, part):
    command = [str(JUDGE), "--systole", str(systole), "--form", part.form, "--networks", str(part.networks), "--seed", part.seed,
               "--any-cell"]
    done = subprocess.run(command, capture_output=True, text=True)
    return part, RESULT.search(done.stdout), done


def run_networks(systole, networks, seed, at_once):
    """Prints a row a part, and what failed; returns the exit code."""
    judged = failed = code = 0
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for future in concurrent.futures.as_completed([pool.submit(run_part, systole, part) for part in make_parts(networks, seed)]):
            part, result, done = future.result()
            print(result[0] if result else f"{part.form}: seed {part.seed} did not end", flush=True)
            if result:
                judged += int(result[1].replace(",", ""))
                failed += int(result[2].replace(",", ""))
            if done.returncode:
                print(done.stdout + done.stderr, end="", flush=True)
                code = max(code, 1 if result else 2)
    print(f"{judged:,} networks were judged by ONNX Runtime, {failed:,} are unexplained")
    return code


if __name__ == "__main__":
    sys.exit("run tools/nightly.py")
