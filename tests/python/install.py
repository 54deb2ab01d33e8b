#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Installs the wheel into fresh environments, without network, and runs tests there.

Usage: install.py BUILD SOURCE wheel|other|debian

wheel: of this Python, with the tests of the package. other: of each other Python from 3.9 on that the machine has (in PATH,
of pyenv, uv or conda), with a short one where there is a numpy for it: its own, or this Python's, if both are of one version;
else, with the oldest and the newest, each file is compiled. debian: the .deb, unpacked, as Debian's Python finds it.
Exit code 77, and the reason, where there is nothing to run with.
"""
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BUILD, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
DATA = SOURCE / "tests/data"
SMOKE = SOURCE / "tests/python/smoke.py"


def run(*command, **more):
    done = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **more,
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def environment(**more):
    """No PYTHONPATH, no program that somebody has named."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SYSTOLE"))
    }
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **more}


def install(folder):
    """A prefix with the program, and the wheel in it."""
    prefix = folder / "prefix"
    run("cmake", "--install", BUILD, "--prefix", prefix)
    wheels = list((prefix / "share/systole/python").glob("systole-*-py3-none-any.whl"))
    if len(wheels) != 1:
        sys.exit(f"{prefix}/share/systole/python: {len(wheels)} wheels, expected one")
    return prefix, wheels[0]


def venv(python, folder, wheel):
    """A fresh environment that has the wheel, by the pip of its Python or, where it has none, of this one; numpy is its Python's."""
    home = folder / "environment"
    shutil.rmtree(home, ignore_errors=True)
    run(python, "-m", "venv", "--without-pip", "--system-site-packages", home, env=environment())
    inside = home / "bin/python"
    has_pip = (
        subprocess.run(
            [python, "-m", "pip", "--version"], capture_output=True, env=environment(), check=False
        ).returncode
        == 0
    )
    run(
        python if has_pip else sys.executable,
        "-m",
        "pip",
        "--python",
        inside,
        "install",
        "--no-index",
        "--no-deps",
        "--quiet",
        wheel,
        env=environment(),
    )
    place = run(
        inside,
        "-c",
        "import importlib.util as u; print(u.find_spec('systole').origin)",
        env=environment(),
        cwd=folder,
    ).strip()
    if not pathlib.Path(place).is_relative_to(home):
        sys.exit(f"systole is {place}, expected it in {home}")
    return inside


def check_wheel(folder):
    missing = [
        name
        for name in ("numpy", "pytest", "venv", "pip")
        if importlib.util.find_spec(name) is None
    ]
    if missing:
        skip(f"{sys.executable} has no {' and no '.join(missing)} (tools/install_deps.sh --tests)")
    prefix, wheel = install(folder)
    # As it lies in the prefix: a zip file on the path, with its program beside it.
    print(
        run(
            sys.executable,
            SMOKE,
            DATA,
            prefix / "bin/systole",
            env=environment(PYTHONPATH=str(wheel), PATH="/usr/bin:/bin"),
            cwd=folder,
        )
    )
    inside = venv(sys.executable, folder, wheel)
    found = environment(PATH=f"{prefix / 'bin'}:/usr/bin:/bin")
    print(run(inside, SMOKE, DATA, prefix / "bin/systole", env=found, cwd=folder))
    tests = [SOURCE / f"tests/python/test_{name}.py" for name in ("values", "bad_input", "worker")]
    named = environment(SYSTOLE_PROGRAM=str(prefix / "bin/systole"))
    print(
        run(inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, env=named, cwd=folder)
    )


def other_pythons():
    """Each once, by its version."""
    places = [pathlib.Path(place) for place in os.environ.get("PATH", "").split(":")]
    home = pathlib.Path.home()
    roots = [
        os.environ.get("PYENV_ROOT", home / ".pyenv"),
        home / ".local/share/uv/python",
        os.environ.get("CONDA_PREFIX", "/none"),
    ]
    for root in map(pathlib.Path, roots):
        places += (
            sorted(root.glob("versions/*/bin"))
            + sorted(root.glob("*/bin"))
            + sorted(root.glob("envs/*/bin"))
            + [root / "bin"]
        )
    found = {}
    for place in places:
        for python in sorted(place.glob("python3.*")):
            if "shims" in python.parts or not re.fullmatch(r"python3\.\d+", python.name):
                continue
            told = subprocess.run(
                [python, "-c", "import sys; print(*sys.version_info[:3])"],
                capture_output=True,
                text=True,
                check=False,
            )
            version = (
                tuple(map(int, told.stdout.split()))
                if told.returncode == 0 and told.stdout
                else (0,)
            )
            if version >= (3, 9) and python.resolve() != pathlib.Path(sys.executable).resolve():
                found.setdefault(version, python)
    return found


def has_numpy(python):
    return (
        subprocess.run(
            [python, "-c", "import numpy"], capture_output=True, env=environment(), check=False
        ).returncode
        == 0
    )


def lend_numpy(inside):
    """Of two Pythons of one version the modules in C are the same."""
    import numpy

    packages = pathlib.Path(
        run(inside, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    )
    (packages / "lent.pth").write_text(f"{pathlib.Path(numpy.__file__).parents[1]}\n")


def check_sources(inside, folder):
    """Each file compiles, and nothing but numpy is missing."""
    package = run(
        inside,
        "-c",
        "import importlib.util as u; print(u.find_spec('systole').origin)",
        env=environment(),
        cwd=folder,
    )
    run(
        inside,
        "-W",
        "error",
        "-m",
        "compileall",
        "-q",
        "-f",
        pathlib.Path(package.strip()).parent,
        env=environment(),
    )
    done = subprocess.run(
        [inside, "-c", "import systole"],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=folder,
        check=False,
    )
    if "No module named 'numpy'" not in done.stderr:
        sys.exit(f"{inside}: expected that numpy alone is missing:\n{done.stderr}")


def check_other(folder):
    pythons = other_pythons()
    if not pythons:
        skip("there is no other Python from 3.9 on")
    if importlib.util.find_spec("pip") is None:
        skip(f"{sys.executable} has no pip (tools/install_deps.sh --tests)")
    prefix, wheel = install(folder)
    lent = [
        version
        for version in pythons
        if version[:2] == sys.version_info[:2] and importlib.util.find_spec("numpy")
    ]
    ready = [version for version, python in pythons.items() if has_numpy(python) or version in lent]
    for version in sorted({min(pythons), *ready[:2], max(pythons)}):
        python = pythons[version]
        inside = venv(python, folder, wheel)
        if not has_numpy(inside) and version in lent:
            lend_numpy(inside)
        if has_numpy(inside):
            print(
                run(
                    inside,
                    SMOKE,
                    DATA,
                    env=environment(PATH=f"{prefix / 'bin'}:/usr/bin:/bin"),
                    cwd=folder,
                ),
                end="",
            )
        else:
            check_sources(inside, folder)
            print(f"Python {'.'.join(map(str, version))}: no numpy; installed and compiled")


def check_debian(folder):
    missing = [name for name in ("cpack", "dpkg-deb", "file") if shutil.which(name) is None]
    if missing or importlib.util.find_spec("numpy") is None:
        skip(f"no {' and no '.join(missing) or 'numpy'}")
    run(
        "cpack",
        "-G",
        "DEB",
        "--config",
        BUILD / "CPackConfig.cmake",
        "-B",
        folder / "packed",
        cwd=folder,
    )
    package = next((folder / "packed").glob("*.deb"))
    told = run("dpkg-deb", "-I", package)
    if "python3-numpy" not in told:
        sys.exit(f"the package does not recommend python3-numpy:\n{told}")
    run("dpkg-deb", "-x", package, folder / "root")
    packages = folder / "root/usr/lib/python3/dist-packages"
    found = environment(PYTHONPATH=str(packages), PATH="/usr/bin:/bin")
    print(run(sys.executable, SMOKE, DATA, folder / "root/usr/bin/systole", env=found, cwd=folder))
    version = run(
        sys.executable,
        "-c",
        "import importlib.metadata; print(importlib.metadata.version('systole'))",
        env=found,
        cwd=folder,
    )
    print(f"importlib.metadata: systole {version}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="systole-python-") as name:
        {"wheel": check_wheel, "other": check_other, "debian": check_debian}[sys.argv[3]](
            pathlib.Path(name)
        )
