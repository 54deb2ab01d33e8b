#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Speaks to `systole serve --stdio` as docs/serve.md says, well and badly.

Usage: serve.py SYSTOLE. Whatever a message holds is answered, and the worker goes on; cycles are those of `systole run`; it
ends when its standard input is closed, idle or at work, and leaves no process behind.
"""
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

SYSTOLE = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
LENET = str(ROOT / "tests/data/lenet_fmnist.onnx")


class Worker:
    def __init__(self):
        self.arrays = os.memfd_create("arrays")
        self.process = subprocess.Popen([SYSTOLE, "serve", "--stdio", "--arrays", str(self.arrays)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, pass_fds=[self.arrays])
        hello = self.read()["hello"]
        assert hello["protocol"] == 1 and hello["pid"] == self.process.pid, hello

    def send(self, data):
        self.process.stdin.write(struct.pack("<I", len(data)) + data)
        self.process.stdin.flush()

    def read(self):
        length = struct.unpack("<I", self.process.stdout.read(4))[0]
        return json.loads(self.process.stdout.read(length))

    def ask(self, **message):
        self.send(json.dumps({"id": 7, **message}).encode())
        while "progress" in (answer := self.read()):
            pass
        assert answer["id"] == 7, answer
        return answer

    def result(self, **message):
        answer = self.ask(**message)
        assert "result" in answer, answer
        return answer["result"]

    def error(self, **message):
        answer = self.ask(**message)
        assert "error" in answer and "result" not in answer, answer
        return answer["error"]


def expect(error, kind, *words, **parts):
    assert error["kind"] == kind, error
    assert all(word in error["message"] for word in words), (error, words)
    assert all(error.get(key) == value for key, value in parts.items()), (error, parts)


def check_messages(worker):
    """What is no message is answered, without an id where none can be read."""
    for data in (b"", b"{", b"[]", b"nothing", b"\xff\xfe", b'"do"', b'{"do": 3}', b'{"do": "dance"}', b"{}", b"[" * 5000, b'{"id": [1], "do": "archs"}',
                 b'{"do": "archs", "x": ' + b"[" * 10**6 + b"]" * 10**6 + b"}"):
        worker.send(data)
        assert worker.read()["error"]["kind"] == "bad_input", data
    worker.process.stdin.write(struct.pack("<I", 80 << 20) + bytes(80 << 20))
    worker.process.stdin.flush()
    expect(worker.read()["error"], "bad_input", "83886080 bytes")
    tasks = worker.error(do="dance")["expected"].removeprefix("one of ").split(", ")
    page = (ROOT / "docs/serve.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `(\w+)` \|", page[page.index("## Tasks"):], re.M)
    assert sorted(["do", *tasks]) == sorted(shown), (tasks, shown)
    expect(worker.error(do="arch", nam="edge-16x16"), "bad_input", "name", "missing", key="name")
    expect(worker.error(do="arch", name="edge-16x16", sett=[]), "bad_input", "did you mean 'set'?")
    expect(worker.error(do="archs", drop=["x"]), "bad_input", "drop")
    expect(worker.error(do="archs", drop=7), "bad_input", "drop")


def check_places(worker, folder):
    """Errors name file, line, key and range."""
    file = folder / "bad.yaml"
    file.write_text("clock_mhz: 1000\narray:\n  rows: 999\n  cols: 16\n")
    expect(worker.error(do="arch", name=str(file)), "bad_input", code=2, file=str(file), line=3, key="array.rows", expected="1..256")
    expect(worker.error(do="arch", name="edge-16x16", set=["array.rows=0"]), "bad_input", key="array.rows", expected="1..256")
    expect(worker.error(do="load", file="/no/such.onnx"), "bad_input", file="/no/such.onnx")
    network = worker.result(do="load", file=LENET)["handle"]
    arch = worker.result(do="arch", name="edge-16x16")["handle"]
    compile = dict(do="compile", network=network, arch=arch)
    expect(worker.error(**compile, weights=3), "bad_input", key="weights", expected="8, 4, 2 or 1")
    expect(worker.error(**compile, batch=0), "bad_input", key="batch", expected="a whole number in 1..4096")
    expect(worker.error(**compile, batch=2**70), "bad_input", key="batch")
    expect(worker.error(**compile, batch=1.5), "bad_input", key="batch")
    expect(worker.error(**compile, prune=["rare:3"]), "bad_input", key="--prune")
    expect(worker.error(do="compile", network=arch, arch=arch), "bad_input", "is no network")
    expect(worker.error(do="run", program=10**9), "bad_input", "is no program")
    expect(worker.error(do="cost", arch=arch, layer={"kind": "conv", "channels": 3}), "bad_input", key="height")
    expect(worker.error(do="cost", arch=arch, layer={"kind": "matmul", "rows": 1, "inner": 1, "columns": -1}), "bad_input",
           key="columns")
    expect(worker.error(do="cost", arch=arch, layer=3), "bad_input", "layer")
    return compile


def check_arrays(worker, compile):
    """Arrays that lie outside the memory, in the wrong shape or are no numbers."""
    program = worker.result(**compile)["handle"]
    run = dict(do="run", program=program)
    place = {"offset": 0, "shape": [1, 1, 28, 28]}
    expect(worker.error(**run, inputs={"input": place}), "bad_input", "784 floats at 0", "0 bytes")
    os.ftruncate(worker.arrays, 1 << 16)
    for wrong in ({"offset": 1 << 16}, {"offset": 2**63}, {"offset": -4}, {"offset": 2}, {"shape": [784]}, {"shape": [2**40, 1, 28, 28]},
                  {"shape": [0, 1, 28, 28]}, {"shape": "x"}, {"shape": [1.5]}, {"more": 1}):
        expect(worker.error(**run, inputs={"input": {**place, **wrong}}), "bad_input")
    expect(worker.error(**run, inputs={}), "bad_input", "nothing given for input 'input'")
    expect(worker.error(**run, inputs={"input": place, "other": place}), "bad_input", "other")
    os.pwrite(worker.arrays, struct.pack("<f", float("nan")), 8)
    expect(worker.error(**run, inputs={"input": place}), "bad_input", "element 2 is nan")
    os.pwrite(worker.arrays, bytes(64), 0)
    result = worker.result(**run, inputs={"input": place}, room=4096)
    output = result["outputs"][0]
    assert output["shape"] == [1, 10] and output["offset"] >= 4096, output
    assert any(os.pread(worker.arrays, 40, output["offset"]))
    plain = json.loads(subprocess.run([SYSTOLE, "run", LENET, "--json", "-"], capture_output=True, check=True).stdout)
    timed = worker.result(**run)["result"]
    del plain["provenance"], timed["provenance"]
    assert timed == plain, "the result is not that of systole run"


def check_commands(worker):
    """A command runs beside the messages, and its exit code is told with its reason."""
    told = worker.result(do="command", arguments=["archs", "list"])
    assert told["code"] == 0 and "edge-16x16" in told["stdout"], told
    told = worker.result(do="command", arguments=["run", "no such file"], directory="/")
    assert told["code"] == 2, told
    expect(told["error"], "bad_input", "no such file")
    assert worker.result(do="command", arguments=["--version"], directory="/no/such folder")["code"] == 2


def children(pid):
    listed = subprocess.run(["ps", "-o", "pid=,stat=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "Z" not in line]


def is_there(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def check_end(at_work):
    worker = Worker()
    if at_work:
        sweep = {"do": "command", "arguments": ["sweep", str(ROOT / "configs/sweeps/array.yaml"), "-j", "1"]}
        worker.send(json.dumps({"id": 1, **sweep}).encode())
        until = time.monotonic() + 30
        while not (started := children(worker.process.pid)):
            assert time.monotonic() < until, "the command has not started"
            time.sleep(0.01)
    else:
        started = []
    worker.process.stdin.close()
    assert worker.process.wait(10) == 0
    until = time.monotonic() + 10
    while any(is_there(pid) for pid in started):
        assert time.monotonic() < until, f"processes {started} were left behind"
        time.sleep(0.01)


def main():
    worker = Worker()
    check_messages(worker)
    with tempfile.TemporaryDirectory() as folder:
        compile = check_places(worker, pathlib.Path(folder))
    check_arrays(worker, compile)
    check_commands(worker)
    assert worker.result(do="archs")["archs"], "it has not gone on"
    assert worker.process.poll() is None
    worker.process.stdin.close()
    assert worker.process.wait(10) == 0
    check_end(at_work=False)
    check_end(at_work=True)
    for options in ([], ["--stdio", "--arrays", "77"], ["--stdio", "--arrays", "0"]):
        done = subprocess.run([SYSTOLE, "serve", *options], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 2 and done.stderr.startswith("systole: ") and not done.stdout, done


if __name__ == "__main__":
    main()
