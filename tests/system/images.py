#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A folder of images becomes a data set that gives what the arrays it was drawn from give; broken ones are named.

  images.py SYSTOLE       exit code 1 if anything is wrong, each with a line; 77 where PIL is missing
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import typing

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
problems: typing.List[str] = []


def expect(good: bool, what: str) -> None:
    if not good:
        problems.append(what)


def convert(*arguments: typing.Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["/usr/bin/python3", "-B", str(ROOT / "tools/images.py"), *map(str, arguments)], capture_output=True, text=True,
                          check=False)


def refused(what: str, *arguments: typing.Any) -> None:
    done = convert(*arguments)
    expect(done.returncode == 2 and what in done.stderr and done.stderr.count("\n") == 1, f"{arguments}: {done.stderr}, expected {what}")


def accuracy(data: pathlib.Path) -> typing.Any:
    done = subprocess.run([sys.argv[1], "accuracy", str(DATA / "lenet_fmnist.onnx"), "--data", str(data), "--calib",
                           str(DATA / "lenet_calib.yaml"), "--limit", "60", "--json", "-"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return [form["right"] for form in json.loads(done.stdout)["forms"]]


def main() -> None:
    if importlib.util.find_spec("PIL") is None:
        print("skipped: PIL is missing (tools/install_deps.sh --tests)")
        sys.exit(77)
    from PIL import Image  # pylint: disable=import-outside-toplevel
    pixels, labels = np.load(DATA / "fmnist_test_images_u8.npy")[:60], np.load(DATA / "fmnist_test_labels_u8.npy")[:60]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        order = np.argsort(labels, kind="stable")
        for index in order:
            place = folder / f"in/{labels[index]}"
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels[index]).save(place / f"{index:03}.png")
        done = convert(folder / "in", "--grey", "-o", folder / "out")
        expect(done.returncode == 0, done.stderr)
        expect(np.array_equal(np.load(folder / "out/images.npy")[..., 0], pixels[order]), "pixels are not those that were drawn")
        expect(np.array_equal(np.load(folder / "out/labels.npy"), labels[order]), "labels are not those of the folders")
        expect(accuracy(folder / "out/data.yaml") == accuracy(DATA / "lenet.yaml"), "LeNet sees other images")
        convert(folder / "in", "--grey", "-o", folder / "few", "--limit", 20, "--seed", 3)
        few = np.bincount(np.load(folder / "few/labels.npy"))
        expect(few.sum() == 20 and few.max() - few.min() <= 1, f"--limit takes {few} of the classes")
        # A gradient: half its size is its means of four, the middle of it the middle.
        (folder / "one").mkdir()
        Image.fromarray(np.arange(0, 256, 4, dtype=np.uint8)[None].repeat(32, 0)).save(folder / "one/a.png")
        convert(folder / "one", "--resize", 16, "--crop", 16, "-o", folder / "small", "--mean", "0.5", "--std", "0.25")
        small = np.load(folder / "small/images.npy")
        expect(small.shape == (1, 16, 16, 3) and abs(int(small[0, 8, 8, 1]) - 130) <= 3, f"resized: {small.shape}, {small[0, 8, :, 1]}")
        expect("mean: [0.5]\nstd: [0.25]" in (folder / "small/data.yaml").read_text(encoding="utf-8"), "mean and std")
        Image.fromarray(pixels[0][:20]).save(folder / "in/0/zzz.png")
        refused("has 20 x 28 pixels", folder / "in", "--grey", "-o", folder / "none")
        refused("--resize", folder / "in", "--grey", "--crop", 24, "-o", folder / "none")
        (folder / "in/1/zz.png").write_bytes((folder / "in/0/zzz.png").read_bytes()[:60])
        refused("zz.png: cannot be decoded", folder / "in/1", "--grey", "-o", folder / "none")
        refused("no images", folder / "none", "-o", folder / "none2")
        refused("no such directory", folder / "absent", "-o", folder / "none2")
        expect(list((folder / "none").iterdir()) == [] and not (folder / "none2").exists(), "something is left behind")
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
