#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the wheel of the Python package, without network and without tools: a wheel is a zip file with a list of its files.

Usage: python_wheel.py FOLDER [VERSION]

Writes FOLDER/systole-VERSION-py3-none-any.whl and, unpacked, FOLDER/dist-packages; fails if the package is not VERSION.

The same sources give the same bytes.
"""
import base64
import hashlib
import pathlib
import re
import shutil
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python/systole"
# The earliest that a zip file can state.
DATE = (1980, 1, 1, 0, 0, 0)

METADATA = """\
Metadata-Version: 2.1
Name: systole
Version: {version}
Summary: Systole from Python: a cycle-exact simulator of a TPU-like inference accelerator
License: Apache-2.0
Requires-Python: >=3.9
Requires-Dist: numpy
Provides-Extra: frames
Requires-Dist: pandas ; extra == 'frames'
Provides-Extra: torch
Requires-Dist: torch ; extra == 'torch'
Classifier: License :: OSI Approved :: Apache Software License
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Typing :: Typed
"""

WHEEL = """\
Wheel-Version: 1.0
Generator: systole
Root-Is-Purelib: true
Tag: py3-none-any
"""


def version():
    return re.search(r'__version__ = "([^"]+)"', (PACKAGE / "_version.py").read_text(encoding="utf-8"))[1]


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def contents():
    """The files of the wheel by name, in its order."""
    info = f"systole-{version()}.dist-info"
    files = {f"systole/{path.name}": path.read_bytes() for path in sorted(PACKAGE.iterdir())
             if path.suffix == ".py" or path.name == "py.typed"}
    files[f"{info}/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    files[f"{info}/METADATA"] = METADATA.format(version=version()).encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    listed = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{listed}{info}/RECORD,,\n".encode()
    return files


def main():
    folder = pathlib.Path(sys.argv[1])
    if sys.argv[2:] not in ([], [version()]):
        sys.exit(f"{PACKAGE}/_version.py: version {version()}, expected {sys.argv[2]}")
    unpacked = folder / "dist-packages"
    shutil.rmtree(unpacked, ignore_errors=True)
    for old in folder.glob("systole-*.whl"):
        old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / "unfinished"
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in contents().items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)
            target = unpacked / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    unfinished.rename(folder / f"systole-{version()}-py3-none-any.whl")


if __name__ == "__main__":
    main()
