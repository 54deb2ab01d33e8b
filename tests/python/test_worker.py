# SPDX-License-Identifier: Apache-2.0
"""The worker dies, hangs, is of another version, or loses its interpreter: an exception each time, nothing is left."""

import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import systole
from conftest import DATA, PROGRAM, ROOT, below, ends, is_there

LENET = DATA / "lenet_fmnist.onnx"
SWEEP = ROOT / "configs/sweeps/array.yaml"


@pytest.fixture
def session():
    with systole.Session() as own:
        yield own


def kill_at_work(session, how=signal.SIGKILL):
    """Kills the worker as soon as a command runs below it; returns the processes that ran then."""
    killed = []

    def wait_and_kill():
        until = time.monotonic() + 30
        while time.monotonic() < until:
            pid = session.pid
            work = below(pid) if pid is not None else []
            if work:
                killed.extend([pid, *work])
                os.kill(pid, how)
                return
            time.sleep(0.005)

    thread = threading.Thread(target=wait_and_kill)
    thread.start()
    return thread, killed


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_killed_in_the_middle_of_a_call(session, images, how):
    program = systole.compile(
        systole.load(LENET, calibration=DATA / "lenet_calib.yaml", session=session)
    )
    before = program.predict(images[:3])
    thread, killed = kill_at_work(session, how)
    with pytest.raises(systole.WorkerDied, match="in the middle of 'command'") as raised:
        systole.sweep(SWEEP, jobs=1, session=session)
    thread.join()
    assert "the next call starts a new one" in str(raised.value)
    assert str(killed[0]) in str(raised.value)
    assert all(ends(pid) for pid in killed), "a process was left behind"
    # What it held is made again.
    assert (program.predict(images[:3]) == before).all()
    assert session.pid not in (None, killed[0])


def test_killed_between_calls(session, arch):
    own = systole.Arch("edge-4x4", session=session)
    cycles = systole.cost(systole.matmul(8, 8, 8), own).cycles
    pid = session.pid
    os.kill(pid, signal.SIGKILL)
    assert ends(pid)
    while session.pid is not None:  # its first thread ends before the others
        time.sleep(0.01)
    assert systole.cost(systole.matmul(8, 8, 9), own).cycles > 0
    assert systole.cost(systole.matmul(8, 8, 8), own).cycles == cycles
    assert session.pid != pid


def test_a_killed_simulation_does_not_cost_the_worker(session, images):
    program = systole.compile(
        systole.load(LENET, calibration=DATA / "lenet_calib.yaml", session=session), batch=1000
    )
    program.predict(images[:1])
    pid = session.pid
    done = threading.Event()

    def kill_below():
        while not done.is_set():
            for work in below(pid):
                os.kill(work, signal.SIGKILL)
            time.sleep(0.001)

    thread = threading.Thread(target=kill_below)
    thread.start()
    try:
        with pytest.raises(systole.Stopped, match="killed by signal 9"):
            program.run(images)
    finally:
        done.set()
        thread.join()
    assert session.pid == pid
    assert program.run(images).cycles > 0


def test_a_call_that_takes_too_long(session):
    systole.archs(session)
    session.timeout = 0.05
    started = time.monotonic()
    with pytest.raises(systole.WorkerTimeout, match="did not answer 'command' in time"):
        systole.sweep(SWEEP, jobs=1, session=session)
    assert time.monotonic() - started < 30
    assert session.pid is None
    session.timeout = None
    assert systole.Arch("edge-4x4", session=session).parameters["array.rows"] == 4


def test_an_interrupt_ends_the_work(session):
    systole.archs(session)
    pid = session.pid
    work = []

    def interrupt():
        until = time.monotonic() + 30
        while not work and time.monotonic() < until:
            work.extend(below(pid))
            time.sleep(0.002)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    with pytest.raises(KeyboardInterrupt):
        thread.start()
        systole.sweep(SWEEP, jobs=1, session=session)
        thread.join()
    assert work and all(ends(one) for one in [pid, *work])
    assert "edge-16x16" in systole.archs(session)


def test_progress_reaches_a_callback_which_may_raise(session):
    seen = []
    session.progress = seen.append
    systole.sweep(SWEEP, jobs=1, session=session)
    assert seen and {"task", "unit", "done"} <= set(seen[-1])

    def raises(progress):
        raise RuntimeError("enough")

    session.progress = raises
    with pytest.raises(RuntimeError, match="enough"):
        systole.sweep(SWEEP, jobs=1, session=session)
    session.progress = None
    assert systole.archs(session)


def interpreter(code, **more):
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    return subprocess.Popen(
        [sys.executable, "-B", "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **more,
    )


START = f"""
import sys, systole
program = systole.compile({str(LENET)!r})
print(systole.default_session().pid, flush=True)
"""


@pytest.mark.parametrize("end", ["pass", "import os; os._exit(3)", "raise SystemExit(4)", "1 / 0"])
def test_no_worker_outlives_an_interpreter(end):
    process = interpreter(START + end)
    out, _ = process.communicate(timeout=60)
    assert ends(int(out))


def test_no_worker_outlives_an_interpreter_that_is_killed_at_work():
    process = interpreter(START + f"systole.sweep({str(SWEEP)!r}, jobs=1)")
    pid = int(process.stdout.readline())
    until = time.monotonic() + 30
    while not (work := below(pid)):
        assert time.monotonic() < until
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert all(ends(one) for one in [pid, *work])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_an_interpreter_that_is_killed_while_it_predicts(how):
    code = (
        START
        + f"""
import numpy as np, warnings
warnings.simplefilter("ignore")
big = systole.compile({str(DATA / "resnet8_fmnist.onnx")!r})
big.predict(np.zeros((1, 3, 32, 32), np.float32))
print("now", flush=True)
big.predict(np.zeros((2000, 3, 32, 32), np.float32), jobs=1)
print("done", flush=True)
"""
    )
    process = interpreter(code)
    pid = int(process.stdout.readline())
    assert process.stdout.readline() == "now\n"
    time.sleep(0.3)
    assert is_there(pid)
    process.send_signal(how)
    process.wait()
    assert ends(pid) and "done" not in process.stdout.read()


def test_a_forked_process_has_a_worker_of_its_own():
    code = (
        START
        + """
import os
before = systole.default_session().pid
child = os.fork()
if child == 0:
    assert program.run().cycles > 0
    mine = systole.default_session().pid
    systole.default_session().close()
    os._exit(0 if mine not in (None, before) else 1)
assert os.waitpid(child, 0)[1] == 0
assert systole.default_session().pid == before
print(program.run().cycles)
"""
    )
    out, err = interpreter(code).communicate(timeout=60)
    assert int(out.split()[1]) > 0, err


def test_threads_wait_for_each_other(images, lenet, arch, program):
    whole = program.predict(images[:40])
    found = {}

    def work(index):
        found[index] = [program.predict(images[index * 10 : index * 10 + 10]), program.run().cycles]

    threads = [threading.Thread(target=work, args=[index]) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (np.concatenate([found[index][0] for index in range(4)]) == whole).all()
    assert len({found[index][1] for index in range(4)}) == 1


def test_what_nobody_needs_is_dropped(session):
    arch = systole.Arch("edge-4x4", session=session)
    handle = arch._remote.handle()
    keep = systole.Arch("edge-16x16", session=session)
    del arch
    systole.archs(session)
    with pytest.raises(systole.BadInput, match="is no architecture"):
        session.call("cost", {"arch": handle, "layer": systole.matmul(1, 1, 1).told()})
    assert systole.cost(systole.matmul(1, 1, 1), keep).cycles > 0


def program_that(folder, text):
    path = folder / "systole"
    path.write_text(f"#!{sys.executable}\n{textwrap.dedent(text)}")
    path.chmod(0o755)
    return str(path)


SPEAK = """
import json, struct, sys, time
def say(message):
    text = json.dumps(message).encode()
    sys.stdout.buffer.write(struct.pack("<I", len(text)) + text)
    sys.stdout.buffer.flush()
"""


def hello(protocol, program):
    return (
        SPEAK + f"say({{'hello': {{'protocol': {protocol}, 'program': {program!r}, 'pid': 1}}}})\n"
    )


@pytest.mark.parametrize(
    ("protocol", "version"), [(1, "0.1.9"), (2, systole.__version__), (0, "9.0.0")]
)
def test_a_program_of_another_version(tmp_path, protocol, version):
    program = program_that(tmp_path, hello(protocol, version) + "sys.stdin.buffer.read()")
    with pytest.raises(systole.VersionMismatch) as raised:
        systole.archs(systole.Session(program))
    error = raised.value
    assert (
        error.file == program and error.key == "version" and error.expected == systole.__version__
    )
    assert f"systole {version} with protocol {protocol}" in str(error)
    assert below(os.getpid()) == [] or all(
        PROGRAM in open(f"/proc/{pid}/cmdline").read() for pid in below(os.getpid())
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("raise SystemExit('systole: unknown command serve')", "does not serve: .*unknown command"),
        ("print('hello, world: this is no message')", "does not speak the protocol"),
        (SPEAK + "say([1])", "no object"),
        (SPEAK + "say({'goodbye': 1})", "no greeting"),
        (
            SPEAK + "sys.stdout.buffer.write(struct.pack('<I', 3) + b'{{{')",
            "does not answer in JSON",
        ),
        (
            hello(1, systole.__version__) + "sys.stdin.buffer.read(4); raise SystemExit(9)",
            "exit code 9",
        ),
        (
            hello(1, systole.__version__)
            + "sys.stdin.buffer.read(4); say({'id': 99, 'result': {}}); time.sleep(60)",
            "another message",
        ),
        (
            hello(1, systole.__version__)
            + "sys.stdin.buffer.read(4); say({'id': 1}); time.sleep(60)",
            "neither a result nor an error",
        ),
    ],
)
def test_a_program_that_is_none_of_ours(tmp_path, text, problem):
    session = systole.Session(program_that(tmp_path, text))
    with pytest.raises(systole.WorkerError, match=problem):
        systole.archs(session)
    session.close()


def test_there_is_no_program(tmp_path, monkeypatch):
    with pytest.raises(systole.ProgramNotFound, match="expected the path of systole"):
        systole.archs(systole.Session(str(tmp_path / "nothing")))
    monkeypatch.setenv("SYSTOLE_PROGRAM", str(tmp_path))
    with pytest.raises(systole.ProgramNotFound, match="SYSTOLE_PROGRAM"):
        systole.archs(systole.Session())
    monkeypatch.delenv("SYSTOLE_PROGRAM")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(systole.ProgramNotFound, match="nor in PATH"):
        systole.archs(systole.Session())
    (tmp_path / "systole").write_text("no program")
    (tmp_path / "systole").chmod(0o755)
    with pytest.raises(systole.WorkerError, match="cannot be started"):
        systole.archs(systole.Session())


def test_the_program_is_found_in_the_path(tmp_path, monkeypatch):
    (tmp_path / "systole").symlink_to(PROGRAM)
    monkeypatch.delenv("SYSTOLE_PROGRAM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with systole.Session() as session:
        assert systole.archs(session)


def test_no_file_is_left_in_memory(session, images):
    before = set(pathlib.Path("/dev/shm").iterdir())
    program = systole.compile(systole.load(LENET, session=session))
    with pytest.warns(systole.SystoleWarning):
        program.predict(images[:100])
    assert {path for path in pathlib.Path("/dev/shm").iterdir() if "systole" in path.name} <= before


def test_an_interpreter_without_memfd_has_arrays_too(monkeypatch, images, program):
    monkeypatch.delattr(os, "memfd_create")
    with systole.Session() as session:
        again = systole.compile(
            systole.load(LENET, calibration=DATA / "lenet_calib.yaml", session=session)
        )
        assert (again.predict(images[:5]) == program.predict(images[:5])).all()


def test_a_folder_that_is_left_does_not_matter(tmp_path, monkeypatch, session):
    systole.archs(session)
    (tmp_path / "mine.yaml").write_text(systole.Arch("edge-4x4", session=session).yaml)
    monkeypatch.chdir(tmp_path)
    assert systole.Arch("mine.yaml", session=session).parameters["array.rows"] == 4
    rows = systole.sweep(networks=[LENET], architectures=["mine.yaml"], session=session)
    assert rows[0]["status"] == "finished"


def test_no_worker_of_these_tests_is_left():
    systole.default_session().close()
    left = [pid for pid in below(os.getpid()) if is_there(pid)]
    assert left == []
