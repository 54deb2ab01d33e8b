#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Charts that `systole report --svg` and `--png` write: what is in them, and what is said where they cannot be.

Usage: slides.py SYSTOLE. Ends with 77 and the reason where there is no Node.js, no rsvg-convert or no plotting library.
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

RESNET8 = str(pathlib.Path(__file__).resolve().parents[1] / "data/resnet8_fmnist.onnx")
SVG = "{http://www.w3.org/2000/svg}"


class Slides:
    """A folder with results, in which reports are made."""

    def __init__(self, systole: str, folder: pathlib.Path):
        self.systole, self.folder, self.problems = systole, folder, []

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess:
        """The command with `variables` in its environment."""
        environment = {**os.environ, **variables}
        return subprocess.run([self.systole, *words], cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def check(self, holds: bool, what: str) -> None:
        if not holds:
            self.problems.append(what)

    def texts(self, name: str) -> list[str]:
        """The words of a picture."""
        root = ElementTree.parse(self.folder / name).getroot()
        self.check(root.tag == SVG + "svg" and root.get("width") == "960", f"{name} is no picture of 960 pixels")
        return ["".join(one.itertext()) for one in root.iter(SVG + "text")]

    def refused(self, message: str, *words: str, **variables: str) -> None:
        before = sorted(self.folder.iterdir())
        done = self.run(*words, **variables)
        self.check(done.returncode == 2 and done.stderr == f"systole: {message}\n", f"{words}: {done.returncode} {done.stderr}")
        self.check(sorted(self.folder.iterdir()) == before, f"{words} leaves files behind")


def check_slides(slides: Slides) -> None:
    slides.run("run", RESNET8, "--energy", "-o", "out")
    slides.run("run", RESNET8, "--set", "memory.gb_per_s=4", "-o", "slow")
    done = slides.run("report", "out", "--svg", "roofline", "--svg", "causes=c.svg", "--svg", "energy", "--png", "memory=m.png")
    slides.check(done.returncode == 0, done.stderr)
    result = json.loads((slides.folder / "out/result.json").read_text(encoding="utf-8"))
    names = [layer["name"] for layer in result["layers"]]
    roofline = slides.texts("roofline.svg")
    slides.check("64 GB/s" in roofline and "0.512 TOPS at 8 bits" in roofline, f"roofs: {roofline}")
    for name in ("c.svg", "energy.svg"):
        found = slides.texts(name)
        slides.check([one for one in found if one in names] == names, f"{name} has not every layer: {found}")
    head = (slides.folder / "m.png").read_bytes()[:24]
    slides.check(head[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">I", head[16:20])[0] == 1920, "memory is no PNG of 1920 pixels")
    done = slides.run("report", "out", "--svg", "causes=t.svg", TMPDIR="/nowhere")
    slides.check(done.returncode == 0 and (slides.folder / "t.svg").exists(), f"a TMPDIR that is not there: {done.stderr}")
    slides.run("report", "out", "slow", "--svg", "cycles")
    slides.check({"out", "slow"} <= set(slides.texts("cycles.svg")), "cycles does not name its runs")
    (slides.folder / "s.yaml").write_text(f"networks: [{RESNET8}]\narchitectures: [edge-16x16]\nset: {{array.rows: [8, 16], array.cols: [4, 8]}}\n",
                                          encoding="utf-8")
    slides.run("sweep", "s.yaml", "-o", "a.db")
    slides.run("report", "a.db", "--svg", "front", "--svg", "map")
    slides.check("front" in slides.texts("front.svg"), "the front is not drawn")
    slides.check({"4", "8", "16"} <= set(slides.texts("map.svg")), "the map has no axes")
    slides.refused("report: has no chart 'map', expected one of roofline, causes, time, memory, energy", "report", "out", "--svg", "map")
    slides.refused("report: charts as pictures need Node.js, expected node in PATH", "report", "out", "--svg", "causes", PATH="/nowhere")


def main(systole: str) -> int:
    for program in ("node", "rsvg-convert"):
        if not shutil.which(program):
            print(f"no {program} (tools/install_deps.sh --tests)")
            return 77
    with tempfile.TemporaryDirectory() as scratch:
        slides = Slides(systole, pathlib.Path(scratch))
        slides.run("run", RESNET8, "-o", "first")
        done = slides.run("report", "first", "--svg", "causes")
        if "no plotting library" in done.stderr:
            print(done.stderr)
            return 77
        check_slides(slides)
        print("\n".join(slides.problems) or "pictures are as they should be")
        return 1 if slides.problems else 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
