#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/python.md: the tour's outputs are what it prints, the reference is that of the docstrings.

  page.py SYSTOLE PACKAGES [--refresh]    PACKAGES: the folder that has the package; --refresh writes the page

Exit code 77 where numpy or pandas are missing.
"""
import contextlib
import difflib
import doctest
import importlib.util
import inspect
import io
import os
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/python.md"
MARK = "<!-- From here on: tests/python/page.py, from the docstrings. -->\n"
GROUPS = {
    "Architectures": ["Arch", "archs"],
    "Networks": ["load", "from_torch", "Network", "TensorInfo"],
    "Programs": [
        "compile",
        "Program",
        "run",
        "predict",
        "accuracy",
        "Accuracy",
        "Metric",
        "quantise",
        "Quantised",
    ],
    "Results": ["Result", "LayerResult", "compare", "Comparison", "report"],
    "Layers": [
        "cost",
        "Cost",
        "conv",
        "depthwise",
        "matmul",
        "max_pool",
        "average_pool",
        "add",
        "Layer",
    ],
    "Many runs": ["sweep", "Sweep", "study", "Study", "optimise", "Search", "Rows"],
    "Sessions": ["Session", "default_session"],
    "Errors and warnings": [
        "SystoleError",
        "BadInput",
        "CannotCompile",
        "Stopped",
        "Difference",
        "Incomplete",
        "InternalError",
        "MetricError",
        "WorkerError",
        "WorkerDied",
        "WorkerTimeout",
        "VersionMismatch",
        "ProgramNotFound",
        "SystoleWarning",
    ],
}


class Tour:
    """Runs the examples of the page, one after the other, as one session."""

    def __init__(self):
        self.names = {"__name__": "__main__"}

    def printed(self, source):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            try:
                exec(compile(source, "docs/python.md", "single"), self.names)
            except Exception as error:
                kind = f"{type(error).__module__.split('.')[0]}.{type(error).__name__}"
                print(f"Traceback (most recent call last):\n    ...\n{kind}: {error}")
        return out.getvalue()

    def block(self, text):
        """A block of examples with what they print now."""
        result = []
        for example in doctest.DocTestParser().get_examples(text):
            lines = example.source.rstrip("\n").split("\n")
            result += [
                f"{'>>>' if index == 0 else '...'} {line}".rstrip()
                for index, line in enumerate(lines)
            ]
            if len(lines) > 1 and lines[0].endswith(":"):
                result.append("...")
            result += self.printed(example.source).rstrip("\n").split("\n")
        return "\n".join(line for line in result if line != "") + "\n"


def toured(text):
    tour = Tour()
    return re.sub(
        r"(?<=```pycon\n).*?(?=```\n)", lambda found: tour.block(found[0]), text, flags=re.S
    )


def signature_of(name, value):
    """As it is called, one argument a line where one line is too long."""
    try:
        signature = inspect.signature(value)
    except ValueError:
        return name
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]
    text = name + str(
        signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    )
    if len(text) <= 110:
        return text
    inside = str(
        signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    )[1:-1]
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(inside):
        depth += letter in "([{"
        depth -= letter in ")]}"
        if letter == "," and depth == 0:
            parts.append(inside[start:index].strip())
            start = index + 1
    return (
        f"{name}(\n" + "".join(f"    {part},\n" for part in [*parts, inside[start:].strip()]) + ")"
    )


def entry(name, value, prefix="systole."):
    document = inspect.cleandoc(value.__doc__)
    return f"{signature_of(prefix + name, value)}\n" + "".join(
        f"    {line}".rstrip() + "\n" for line in document.splitlines()
    )


def reference(package):
    parts = [MARK]
    listed = [name for names in GROUPS.values() for name in names]
    missing = set(package.__all__) - set(listed) - {"__version__"}
    if missing or len(set(listed)) != len(listed):
        sys.exit(f"{__file__}: GROUPS lack {sorted(missing)}, or name one twice")
    for group, names in GROUPS.items():
        parts.append(f"\n### {group}\n\n```text\n")
        entries = []
        for name in names:
            value = getattr(package, name)
            if not inspect.isclass(value) and not inspect.isfunction(value):
                continue  # a type's alias, which its users tell of
            if inspect.isclass(value) and issubclass(value, Exception):
                entries.append(
                    f"systole.{name}({', '.join(base.__name__ for base in value.__bases__)})\n"
                    + "".join(
                        f"    {line}".rstrip() + "\n"
                        for line in inspect.cleandoc(value.__doc__).splitlines()
                    )
                )
                continue
            entries.append(entry(name, value))
            if inspect.isclass(value):
                entries += [
                    entry(f"{name}.{method}", function)
                    for method, function in vars(value).items()
                    if inspect.isfunction(function) and not method.startswith("_")
                ]
        parts.append("\n".join(entries) + "```\n")
    return "".join(parts)


def main():
    systole, packages = sys.argv[1], sys.argv[2]
    missing = [name for name in ("numpy", "pandas") if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"skipped: {sys.executable} has no {' and no '.join(missing)} (tools/install_deps.sh --tests)"
        )
        sys.exit(77)
    os.environ["SYSTOLE_PROGRAM"] = os.path.abspath(systole)
    os.environ["COLUMNS"] = "100"
    sys.path.insert(0, os.path.abspath(packages))
    package = importlib.import_module("systole")
    shown = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="systole-tour-") as folder:
        os.symlink(ROOT / "tests", pathlib.Path(folder) / "tests")
        os.chdir(folder)
        text = toured(shown[: shown.index(MARK)]) + reference(package)
        os.chdir(ROOT)
    if "--refresh" in sys.argv[3:]:
        PAGE.write_text(text, encoding="utf-8")
        return
    difference = list(
        difflib.unified_diff(
            shown.splitlines(), text.splitlines(), "docs/python.md", "the package", lineterm="", n=0
        )
    )
    if difference:
        sys.exit(
            "\n".join(difference)
            + "\ntests/python/page.py SYSTOLE PACKAGES --refresh writes the page"
        )
    print(f"{len(text.splitlines())} lines are those of docs/python.md")


if __name__ == "__main__":
    main()
