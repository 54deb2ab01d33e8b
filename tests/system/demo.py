#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/demo.sh says how long it takes, builds quietly, tells accuracy, and classifies an image rightly; a build that fails is
told by the end of its log.

Usage: demo.py SYSTOLE. The demo runs in a folder of its own, where building is a script of this test.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SYSTOLE = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]


def check(condition, what, text):
    if not condition:
        sys.exit(f"{what}:\n{text}")


def check_view(out, told):
    """The view that the run names is there, has its waveform's layers as markers, and the texts of instructions that it shows."""
    check(f"waveform: gtkwave -a {out}/waves.gtkw {out}/waves.fst\n" in told, "the view of the waveform", told)
    view = (out / "waves.gtkw").read_text()
    check("[markername] A/conv1/Conv begins\n" in view and "story.mxu.layer" in view, "markers and words in the view", view)
    check(f"^1 {out}/waves.filter\n" in view, "texts of instructions in the view", view)
    check(re.search(r"^\d+ \d+ matmul of /conv2/Conv: ", (out / "waves.filter").read_text(), re.M), "a matmul's text", view)


def make_tree(folder, build):
    for name in ("tests", "configs", "rtl", "waveforms"):
        (folder / name).symlink_to(ROOT / name)
    tools = folder / "tools"
    tools.mkdir()
    shutil.copy(ROOT / "tools/demo.sh", tools)
    for name, script in (("build.sh", build), ("install_deps.sh", "exit 0")):
        (tools / name).write_text(f"#!/bin/bash\n{script}\n")
        (tools / name).chmod(0o755)


def demo(folder):
    return subprocess.run([folder / "tools/demo.sh", folder / "out"], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_tree(folder, f"echo '[1/2] quiet'; mkdir -p build/release/bin; ln -s {SYSTOLE} build/release/bin/systole")
        first, again = demo(folder), None
        check(first.returncode == 0, "the demo fails", first.stdout + first.stderr)
        told = first.stdout
        check(told.startswith("This takes about "), "no duration", told)
        check("[1/2] quiet" not in told, "the build's output", told)
        check("[1/2] quiet" in (folder / "build/demo.log").read_text(), "nothing in the log", told)
        accuracy, image = re.search(r"\nint8 +top-1 (\d\d)", told), re.search(r"\nitem 0: class (\d), label (\d)\n", told)
        check(accuracy and image and accuracy.start() < image.start(), "accuracy first, then an image", told)
        check(int(accuracy[1]) >= 90 and image[1] == image[2], "a good accuracy and the right class", told)
        check("\nRTL and model agree: " in told and (folder / "out/waves.fst").is_file(), "both engines and a waveform", told)
        check_view(folder / "out", told)
        (folder / "tools/build.sh").write_text("#!/bin/bash\nseq 100; echo 'no compiler' >&2; exit 3\n")
        again = demo(folder)
        check(again.returncode == 1, "a failed build is no failure", again.stdout)
        check(again.stdout.split("\n")[0] != told.split("\n")[0], "the same duration once it is built", again.stdout)
        lines = again.stderr.split("\n")
        check(lines[0] == "build failed; the last lines of build/demo.log:", "what failed", again.stderr)
        check(lines[1:] == [*(str(n) for n in range(82, 101)), "no compiler", ""], "the end of the log", again.stderr)
        check("accuracy" not in again.stdout.split("(the log", 1)[1], "it goes on", again.stdout)
    print("the demo says what it should")


if __name__ == "__main__":
    main()
