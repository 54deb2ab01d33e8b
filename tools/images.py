#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a data set (docs/configuration.md) of a folder of images: decodes, resizes, crops.

  tools/images.py FOLDER -o DIR [--resize N] [--crop N] [--mean R,G,B] [--std R,G,B] [--grey] [--limit N] [--seed S]

FOLDER/CLASS/*.png (or .jpg, ...): classes are numbered in the order of their names, --classes FILE has them one a line
instead. FOLDER/*.png: no labels. DIR gets images.npy (uint8, items x rows x columns x channels), labels.npy,
classes.txt and data.yaml: x = (pixel / 255 - mean) / std.

--resize N: bilinear, with antialiasing, the shorter side to N; --crop N: the N x N pixels in the middle. Without
--crop all images must have one size then. --limit N: N of them, drawn by --seed, as many of each class as can be.
"""
import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import typing

from needs import need

need("numpy", "PIL")
import numpy
from PIL import Image, UnidentifiedImageError

ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}
Labelled = typing.Tuple[pathlib.Path, typing.Optional[int]]


def fail(message: str) -> typing.NoReturn:
    print(f"images.py: {message}", file=sys.stderr)
    sys.exit(2)


def images_in(folder: pathlib.Path) -> typing.List[pathlib.Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


def find_images(folder: pathlib.Path, classes: typing.Optional[pathlib.Path]) -> typing.Tuple[typing.List[Labelled], typing.List[str]]:
    """Each image with its label, and the names of the classes; none if the images lie in FOLDER itself."""
    if not folder.is_dir():
        fail(f"{folder}: no such directory")
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    if classes is not None:
        listed = classes.read_text(encoding="utf-8").split("\n")
        names = [name for name in listed if name]
        absent = [name for name in names if not (folder / name).is_dir()]
        if absent:
            fail(f"{classes}: {absent[0]}: no such directory in {folder}")
    lone: typing.List[Labelled] = [(path, None) for path in images_in(folder)]
    labelled: typing.List[Labelled] = [(path, label) for label, name in enumerate(names) for path in images_in(folder / name)]
    if lone and labelled:
        fail(f"{folder}: has images beside folders of images, expected one or the other")
    if not lone and not labelled:
        fail(f"{folder}: no images, expected *.png, *.jpg, ... in it, or in a folder for each class")
    return (lone, []) if lone else (labelled, names)


def draw(images: typing.List[Labelled], limit: int, seed: int) -> typing.List[Labelled]:
    """`limit` of them in their order, as many of each class as can be; 0: all."""
    if limit == 0 or limit >= len(images):
        return images
    shuffled = random.Random(seed).sample(images, len(images))
    turns: typing.Dict[typing.Optional[int], int] = {}
    ranked = []
    for path, label in shuffled:
        turns[label] = turns.get(label, 0) + 1
        ranked.append((turns[label], path, label))
    chosen = {path for _, path, _ in sorted(ranked, key=lambda one: one[0])[:limit]}
    return [one for one in images if one[0] in chosen]


def decode(path: pathlib.Path, options: argparse.Namespace) -> "numpy.ndarray":
    """Rows x columns x channels, uint8."""
    try:
        with Image.open(path) as file:
            image = file.convert("L" if options.grey else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        fail(f"{path}: cannot be decoded: {error}")
    if options.resize:
        ratio = options.resize / min(image.size)
        size = (max(options.resize, int(image.width * ratio)), max(options.resize, int(image.height * ratio)))
        image = image.resize(size, Image.BILINEAR)
    if options.crop:
        if min(image.size) < options.crop:
            fail(f"{path}: has {image.height} x {image.width} pixels, expected {options.crop} x {options.crop} at least (--resize)")
        left, top = (image.width - options.crop) // 2, (image.height - options.crop) // 2
        image = image.crop((left, top, left + options.crop, top + options.crop))
    pixels = numpy.asarray(image, dtype=numpy.uint8)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def write(folder: pathlib.Path, images: typing.List[Labelled], names: typing.List[str], options: argparse.Namespace) -> None:
    stored = None
    for index, (path, _) in enumerate(images):
        pixels = decode(path, options)
        if stored is None:
            stored = numpy.lib.format.open_memmap(folder / "images.npy", "w+", numpy.uint8, (len(images), *pixels.shape))
        if pixels.shape != stored.shape[1:]:
            fail(f"{path}: has {pixels.shape[0]} x {pixels.shape[1]} pixels, {images[0][0]} {stored.shape[1]} x {stored.shape[2]}: "
                 "expected one size (--resize and --crop)")
        stored[index] = pixels
    assert stored is not None
    stored.flush()
    text = "images: images.npy\nlayout: nhwc\nscale: 1/255\n"
    for key, values in (("mean", options.mean), ("std", options.std)):
        if values:
            text += f"{key}: [{', '.join(f'{value:g}' for value in values)}]\n"
    if names:
        numpy.save(folder / "labels.npy", numpy.array([label for _, label in images], dtype=numpy.int32))
        (folder / "classes.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
        text += "labels: labels.npy\n"
    (folder / "data.yaml").write_text(text, encoding="utf-8")


def numbers(text: str) -> typing.List[float]:
    return [float(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    for name in ("resize", "crop", "limit", "seed"):
        parser.add_argument(f"--{name}", type=int, default=0)
    for name in ("mean", "std"):
        parser.add_argument(f"--{name}", type=numbers, default=[])
    parser.add_argument("--classes", type=pathlib.Path)
    parser.add_argument("--grey", action="store_true")
    options = parser.parse_args()
    for name in ("resize", "crop", "limit"):
        if getattr(options, name) < 0:
            fail(f"--{name} {getattr(options, name)}: expected 1 or more")
    for name in ("mean", "std"):
        if len(getattr(options, name)) not in (0, 1, 1 if options.grey else 3):
            fail(f"--{name}: {len(getattr(options, name))} values, expected one or one a channel")
    images, names = find_images(options.folder, options.classes)
    images = draw(images, options.limit, options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=options.output) as unfinished:
        write(pathlib.Path(unfinished), images, names, options)
        for path in sorted(pathlib.Path(unfinished).iterdir()):
            shutil.move(str(path), options.output / path.name)
    print(f"{len(images)} images{f' of {len(names)} classes' if names else ''} in {options.output / 'data.yaml'}")


if __name__ == "__main__":
    main()
