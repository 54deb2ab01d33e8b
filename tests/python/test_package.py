# SPDX-License-Identifier: Apache-2.0
"""The package as a package: types, docstrings, what notebooks show, and the wheel."""

import base64
import dataclasses
import hashlib
import importlib.util
import inspect
import re
import subprocess
import sys
import zipfile

import pytest

import systole
from conftest import DATA, ROOT

SOURCES = ROOT / "python"


def test_types_are_strict(tmp_path):
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed (tools/install_deps.sh --tests)")
    options = ["--config-file", str(SOURCES / "pyproject.toml"), "--cache-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(SOURCES / "systole")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # A user's code has types, and errors.
    (tmp_path / "use.py").write_text(
        "import systole\n"
        "cycles: int = systole.compile('net.onnx').run().cycles\n"
        "wrong: str = systole.cost(systole.matmul(1, 2, 3)).cycles\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(tmp_path / "use.py")],
        capture_output=True,
        text=True,
        check=False,
        env={"MYPYPATH": str(SOURCES), "PATH": "/usr/bin:/bin"},
    )
    assert "use.py:3" in done.stdout and "use.py:2" not in done.stdout, done.stdout


def public():
    for name in systole.__all__:
        value = getattr(systole, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield name, value


def test_all_that_is_public_is_told():
    for name, value in public():
        assert value.__doc__, name
        if not inspect.isclass(value):
            continue
        for method, function in vars(value).items():
            if inspect.isfunction(function) and not method.startswith("_"):
                assert function.__doc__, f"{name}.{method}"


def test_arguments_and_attributes_are_told():
    """Each argument of a public function, and each attribute of a public dataclass, by its name."""
    words_of = lambda text: set(re.findall(r"\w+", text or ""))
    for name, value in public():
        if inspect.isfunction(value) and "Args:" in value.__doc__:
            missing = set(inspect.signature(value).parameters) - words_of(value.__doc__)
            assert not missing - {"options", "keys"}, f"{name}: {missing}"
        if dataclasses.is_dataclass(value):
            missing = {field.name for field in dataclasses.fields(value)} - words_of(value.__doc__)
            inherited = set().union(*(words_of(base.__doc__) for base in value.__mro__[1:-1]))
            assert not missing - inherited, f"{name}: {missing}"


def test_what_notebooks_show(program, arch, lenet):
    result = program.run(energy="horowitz-45nm")
    page = result._repr_html_()
    assert f"{result.cycles:,} cycles" in page and "/conv1/Conv" in page and "µJ" in page
    assert "array.rows" in arch._repr_html_() and "mm²" in arch._repr_html_()
    assert "(N, 1, 28, 28)" in lenet._repr_html_()
    assert "conv 5x5/1" in program._repr_html_()
    cost = systole.cost(systole.matmul(8, 8, 8), arch)
    assert f"{cost.cycles:,}" in cost._repr_html_()
    assert "&lt;b&gt;" in systole._html.table("<b>", ["<b>"], [["<b>", 1]])


def test_frames(program):
    pandas = pytest.importorskip("pandas")
    frame = program.run().frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["cycles"].sum() == program.run().cycles and "dram_bytes.total" in frame


def test_frames_without_pandas(monkeypatch, program):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(systole.SystoleError, match="pandas is not installed"):
        program.run().frame()


def test_progress_of_several_calls_is_one():
    seen = []
    shown = systole._progress.Reporter(seen.append)
    shown.before, shown.total = 300, 500
    shown({"task": "predicting", "unit": "items", "done": 20, "total": 100})
    assert seen == [{"task": "predicting", "unit": "items", "done": 320, "total": 500}]


def test_progress_in_a_terminal(monkeypatch, capsys):
    shown = systole._progress.Reporter(True)
    shown._start -= 2
    shown._drawn -= 2
    shown({"task": "calibrating", "unit": "operators", "done": 1500, "total": 3000})
    assert "calibrating: 1,500 of 3,000 operators, 50 %, 2 s to go" in capsys.readouterr().err
    shown.close()
    assert capsys.readouterr().err == "\r\x1b[K"
    quiet = systole._progress.Reporter(None)  # no terminal here
    quiet._start -= 2
    quiet._drawn -= 2
    quiet({"task": "calibrating", "unit": "operators", "done": 1, "total": 3})
    quiet.close()
    assert capsys.readouterr().err == ""


def test_progress_in_a_notebook(monkeypatch):
    displayed = []

    class Handle:
        def update(self, shown):
            displayed.append(shown._repr_html_())

    def display(shown, display_id):
        displayed.append(shown._repr_html_())
        return Handle()

    monkeypatch.setattr(systole._progress, "_notebook", lambda: display)
    shown = systole._progress.Reporter(None)
    for done in (1, 2):
        shown._start -= 2
        shown._drawn -= 2
        shown({"task": "sweep", "unit": "points", "done": done, "total": 4})
    shown.close()
    assert "sweep: 1 of 4 points" in displayed[0] and "50 %" in displayed[1] and displayed[2] == ""


def make_wheel(folder):
    script = ROOT / "tools/python_wheel.py"
    subprocess.run([sys.executable, "-B", str(script), str(folder)], check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_is_the_same_each_time_and_whole(tmp_path):
    first, second = make_wheel(tmp_path / "a"), make_wheel(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    assert first.name == f"systole-{systole.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(first) as wheel:
        names = wheel.namelist()
        record = wheel.read(f"systole-{systole.__version__}.dist-info/RECORD").decode()
        for line in record.splitlines():
            name, digest, size = line.split(",")
            if digest:
                data = wheel.read(name)
                expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
                assert digest == "sha256=" + expected.rstrip("=") and len(data) == int(size)
    assert [line.split(",")[0] for line in record.splitlines()] == names
    sources = {f"systole/{path.name}" for path in (SOURCES / "systole").iterdir() if path.is_file()}
    assert sources <= set(names)


def test_the_wheel_refuses_another_version(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/python_wheel.py"), str(tmp_path), "9.9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "expected 9.9" in done.stderr


def test_lists_of_the_build_are_whole():
    listed = (SOURCES / "CMakeLists.txt").read_text()
    for path in (SOURCES / "systole").iterdir():
        if path.is_file():
            assert (
                f"systole/{path.name}\n" in listed or f"systole/{path.name})" in listed
            ), path.name
