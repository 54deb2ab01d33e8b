#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes the pictures of reports that README, docs/report.md and docs/study.md show, into docs/images.

Usage: report_shots.py [SYSTOLE] [FOLDER]. Needs what the page tests need: tools/install_deps.sh --tests.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/page"))
import browser  # noqa: E402

RESNET8 = str(ROOT / "tests/data/resnet8_fmnist.onnx")
SWEEP = f"""
networks: [{RESNET8}]
architectures: [edge-16x16]
set:
  array.rows: [4, 8, 16, 32]
  array.cols: [4, 8, 16, 32]
  ub.kib: [32, 64, 256]
memory:
  - {{kind: ideal, gb_per_s: 1}}
  - {{kind: ideal, gb_per_s: 4}}
  - {{kind: ideal, gb_per_s: 16}}
"""
DATA = ROOT / "tests/data"
#: The study of docs/study.md whose front is shown.
STUDY = ["study", RESNET8, "--data", DATA / "resnet8.yaml", "--calib", DATA / "resnet8_calib.yaml", "--calib-method", "mse",
         "--precisions", "int8,W4A8,W4A4", "--prunes", "none,codebook:16", "--set", "sparsity.structured=1", "-o", "study",
         "--with", ",".join(str(DATA / f"{name}.onnx") for name in (
             "pruned/resnet8_fmnist_unstr80", "pruned/resnet8_fmnist_2to4", "pruned/resnet8_fmnist_chan50",
             "lowbit/resnet8_fmnist_w4a4.qonnx", "lowbit/resnet8_fmnist_w2a2.qonnx"))]
#: (file, page, dark, section that is at the top, "": the page's own top, height, a choice to make: section, number, value)
PICTURES = [
    ("report_run.png", "run.html", False, "", 760, None),
    ("report_roofline.png", "run.html", False, "roofline", 1000, None),
    ("report_time.png", "run.html", False, "time", 830, None),
    ("report_sweep.png", "sweep.html", False, "front", 1060, ("front", 2, "memory.bytes_per_cycle")),
    ("report_comparison.png", "comparison.html", True, "layers", 1000, None),
]


def make_pages(systole: str, folder: pathlib.Path, target: pathlib.Path) -> None:
    """run.html, comparison.html and sweep.html; the chart of the study into `target`."""
    def run(*words: str) -> None:
        subprocess.run([systole, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run("run", RESNET8, "--explain", "--energy", "-o", "out")
    run("run", RESNET8, "--set", "memory.gb_per_s=4", "--set", "ub.kib=16", "-o", "small")
    (folder / "s.yaml").write_text(SWEEP, encoding="utf-8")
    run("sweep", "s.yaml", "-o", "results.db")
    run("report", "out", "-o", "run.html")
    run("report", "out", "small", "-o", "comparison.html")
    run("report", "results.db", "-o", "sweep.html")
    run(*map(str, STUDY))
    run("report", "study", "--png", f"front={target.resolve() / 'study_resnet8.png'}")


def take(picture, folder: pathlib.Path, target: pathlib.Path) -> None:
    name, page, dark, section, height, made = picture
    with browser.open_browser(dark=dark, width=1180, height=height) as driver:
        browser.open_page(driver, folder / page)
        if made is not None:
            driver.execute_script("""
                const select = document.querySelectorAll(`#${arguments[0]} select`)[arguments[1]];
                select.value = arguments[2];
                select.dispatchEvent(new Event('change'));""", *made)
        if section:
            driver.execute_script("document.getElementById(arguments[0]).scrollIntoView()", section)
        time.sleep(0.5)
        driver.save_screenshot(str(target / name))


def main() -> None:
    systole = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/bin/systole").resolve())
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs/images"
    absent = browser.why_absent()
    if absent:
        sys.exit(absent)
    with tempfile.TemporaryDirectory() as scratch:
        make_pages(systole, pathlib.Path(scratch), target)
        for picture in PICTURES:
            take(picture, pathlib.Path(scratch), target)


if __name__ == "__main__":
    main()
