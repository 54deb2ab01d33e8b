#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules that every file of the tree keeps; one check a command-line argument, so that each is a test of its own."""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = {".h", ".cpp", ".sv", ".svh", ".py", ".sh", ".cmake", ".yaml", ".toml", ".vlt", ".js", ".css", ".html"}
PURPOSE = {".h", ".cpp", ".sv"}
# Split so that this file does not break its own rule.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home)/")


def files():
    """Tracked and new files, as paths relative to the root."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, check=False)
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    skipped = {"build", "out", ".git", "node_modules"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not skipped & set(p.relative_to(ROOT).parts)]


def text_files():
    for path in files():
        if path.suffix in CODE | {".md", ".txt", ".json", ".gtkw", ".in"} or path.name == "CMakeLists.txt":
            yield path, path.read_text(encoding="utf-8")


def is_code(path):
    return path.suffix in CODE or path.name == "CMakeLists.txt"


def check_spdx():
    """The licence is named at the top of each source file, and the file's purpose in the line after it."""
    for path, text in text_files():
        lines = text.splitlines()
        if not is_code(path):
            continue
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:2]):
            yield path, 1, "no SPDX line"
        elif path.suffix in PURPOSE and (len(lines) < 2 or not lines[1].startswith(("// ", "/* "))):
            yield path, 2, "the second line does not say what the file is for"


def check_whitespace():
    """No tabs, no trailing blanks, a newline at the end."""
    for path, text in text_files():
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip():
                yield path, number, "blanks at the end of the line"
            if "\t" in line and path.suffix != ".gtkw":
                yield path, number, "a tab"
        if text and not text.endswith("\n"):
            yield path, 0, "no newline at the end"


def check_columns():
    """Text in Markdown ends by column 120; tables, code and the targets of links may go on."""
    for path, text in text_files():
        if path.suffix != ".md":
            continue
        fenced, indented, before = False, False, ""
        for number, line in enumerate(text.splitlines(), 1):
            fenced ^= line.lstrip().startswith("```")
            indented = line.startswith("    ") and (indented or not before)
            before = line
            if fenced or indented or line.lstrip().startswith("|"):
                continue
            if len(re.sub(r"\]\([^)]*\)", "]()", line)) > 120:
                yield path, number, f"{len(line)} columns, expected at most 120"


def check_finished():
    """No marks of unfinished work, no paths of one machine."""
    for path, text in text_files():
        for number, line in enumerate(text.splitlines(), 1):
            if UNFINISHED.search(line):
                yield path, number, "a mark of unfinished work"
            if MACHINE_PATH.search(line) and path != pathlib.Path(__file__).resolve():
                yield path, number, "a path of one machine"


def check_generated():
    """What is generated from isa.toml is up to date."""
    result = subprocess.run([ROOT / "tools/generate.sh", "--check"], capture_output=True, text=True, check=False)
    for line in result.stderr.splitlines():
        yield ROOT / "model/isa/isa.toml", 0, line


def check_format():
    """Code in C++ is as clang-format 14 writes it; what isa.toml generates has a layout of its own."""
    binary = shutil.which("clang-format-14") or shutil.which("clang-format")
    if binary is None:
        yield ROOT / ".clang-format", 0, "clang-format is missing: tools/install_deps.sh --tests"
        return
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    if "version 14." not in version:
        yield ROOT / ".clang-format", 0, f"{version.strip()}, expected version 14"
        return
    sources = [path for path, text in text_files() if path.suffix in {".h", ".cpp"} and "// Generated from" not in text[:200]]
    found = subprocess.run([binary, "--dry-run", *sources], cwd=ROOT, capture_output=True, text=True, check=True).stderr
    for name, line in re.findall(r"^(\S+?):(\d+):\d+: warning: code should be clang-formatted", found, re.M):
        yield pathlib.Path(name), int(line), f"not as {pathlib.Path(binary).name} writes it (-i does)"


def check_lists():
    """CMake's lists are written out, and those of the tests and of the RTL are whole; rooms.py holds those of the rooms."""
    words = {}
    for path, text in text_files():
        if path.name != "CMakeLists.txt" and path.suffix != ".cmake":
            continue
        words[path.parent] = set(re.findall(r"[\w.]+", text))
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"file\(GLOB", line):
                yield path, number, "a list that nobody wrote"
    for path, _ in text_files():
        folder = path.parent
        if path.suffix == ".cpp" and ROOT / "tests" in path.parents:
            names, listed = {path.name, path.stem.removesuffix("_bench")}, words[folder]
        elif path.suffix == ".sv" and folder == ROOT / "rtl":
            names, listed = {path.stem}, words[ROOT / "tests/rtl"]
        else:
            continue
        if not names & listed:
            yield path, 0, "in no list of CMake: it is not built"


def anchors(text):
    """The anchors of a page, as GitHub makes them of headings."""
    result = set()
    for heading in re.findall(r"^#+ +(.*)$", text, re.M):
        kept = re.sub(r"[^\w\- ]", "", heading.lower()).strip()
        result.add(kept.replace(" ", "-"))
    return result


def check_links():
    """Relative links in Markdown lead to files and headings that exist."""
    for path, text in text_files():
        if path.suffix != ".md":
            continue
        text_without_code = re.sub(r"```.*?```", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
        for number, line in enumerate(text_without_code.splitlines(), 1):
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, anchor = target.partition("#")
                page = (path.parent / name).resolve() if name else path
                if not page.exists():
                    yield path, number, f"link to {target}, which does not exist"
                elif anchor and page.suffix == ".md" and anchor not in anchors(page.read_text(encoding="utf-8")):
                    yield path, number, f"link to {target}, which has no such heading"


def check_views():
    """Every signal and instance that a saved waveform view names stands in the RTL."""
    words = set()
    for path in (ROOT / "rtl").glob("*.sv"):
        words |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "waveforms").glob("*.gtkw")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            signal = re.search(r"(sys_core\.\S+)", line)
            if signal is None or line.startswith("["):
                continue
            for word in re.findall(r"[A-Za-z_]\w*", re.sub(r"\[[^\]]*\]", "", signal.group(1))):
                if word not in words:
                    yield path, number, f"{word} is not in the RTL"


def check_version(binary):
    """The program, CMake, the citation, the newest section of the change log and the Python package name one version."""
    shown = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    for name, pattern in (("CMakeLists.txt", r"project\(systole VERSION (\S+)"), ("CITATION.cff", r"^version: (\S+)"),
                          ("CHANGELOG.md", r"^## \[(\S+)\]"), ("python/systole/_version.py", r'^__version__ = "(\S+)"')):
        found = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.M)
        if found is None or found[1] != shown:
            yield ROOT / name, 0, f"version {found and found[1]}, expected {shown}, which the program prints"


def check_help(binary):
    """Each command has help with an example; options that the documentation uses exist."""
    def run(*arguments):
        return subprocess.run([binary, *arguments], capture_output=True, text=True, check=True).stdout

    def commands_in(text):
        listed = re.search(r"^subcommands:\n(.*?)(?:\n\n|\Z)", text, re.M | re.S | re.I)
        return re.findall(r"^  ([a-z][a-z-]*)", listed[1], re.M) if listed else []
    options = set()
    commands = commands_in(run("--help"))
    if not commands:
        yield ROOT / "sim/cli/cli.cpp", 0, "systole --help names no command"
    for command in commands:
        text = run(command, "--help")
        if "Example" not in text:
            yield ROOT / f"sim/cli/{command.replace('-', '_')}.cpp", 0, "its --help has no example"
        text += "".join(run(command, below, "--help") for below in commands_in(text))
        options |= set(re.findall(r"--[a-z][a-z-]*", text))
    for path, text in text_files():
        if path.suffix != ".md":
            continue
        joined = text.replace("\\\n", " ")
        for line in joined.splitlines():
            if not re.search(rf"\bsystole ({'|'.join(commands)})\b", line):
                continue
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", line):
                if option not in options:
                    yield path, 0, f"{option} is not an option of the command line"


CHECKS = {"spdx": check_spdx, "whitespace": check_whitespace, "columns": check_columns, "finished": check_finished,
          "generated": check_generated, "format": check_format, "links": check_links, "lists": check_lists, "views": check_views,
          "version": check_version, "help": check_help}


def main():
    problems = list(CHECKS[sys.argv[1]](*sys.argv[2:]))
    for path, line, problem in problems:
        print(f"{path.relative_to(ROOT)}:{line}: {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
