#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs into a fresh prefix and uses what is there, in folders whose names are not plain.

Usage: install.py BUILD SOURCE. The program of a prefix never reads the source tree: without its share/systole it says that
it has no data, wherever it was built. The prefix can be moved; the example program finds the library and gives its cycles.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BUILD, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])


def run(*command, code=0, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != code:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}, expected {code}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


# Runs a file on what the library takes where no architecture is told, and writes it as a program file.
PLAIN = """
#include <iostream>
#include <systole.h>
int main(int, char** argv) {
  const systole::Network network({.network = argv[1]}, {});
  network.save(argv[2]);
  std::cout << network.run().cycles << " cycles\\n";
}
"""
PLAIN_LISTS = """
cmake_minimum_required(VERSION 3.25)
project(plain LANGUAGES CXX)
find_package(systole REQUIRED)
add_executable(plain plain.cpp)
target_compile_features(plain PRIVATE cxx_std_20)
target_link_libraries(plain PRIVATE systole::systole)
"""


def cycles(text):
    return int(re.search(r"([\d,]+) cycles", text)[1].replace(",", ""))


def main(folder):
    prefix, elsewhere = folder / "prefix", folder / "sömewhere else"
    elsewhere.mkdir()
    run("cmake", "--install", BUILD, "--prefix", prefix)
    network = elsewhere / "net wörk.onnx"
    shutil.copy(SOURCE / "tests/data/lenet_fmnist.onnx", network)
    prefix = prefix.rename(folder / "möved prefix")

    for name in ("bash-completion/completions/systole", "zsh/site-functions/_systole", "man/man1/systole.1", "man/man1/systole-run.1"):
        if not (prefix / "share" / name).is_file():
            sys.exit(f"share/{name} is missing")
    program = prefix / "bin/systole"
    told = run(program, "run", network, "--arch", "edge-4x4", "--engine", "both", "-o", "out dïr", cwd=elsewhere)
    if "RTL and model agree" not in told or not (elsewhere / "out dïr/result.json").is_file():
        sys.exit(told)
    for what, name in (("archs", "tpu-v1"), ("memory", "ddr4-2400")):
        if name not in run(program, what, "list", cwd=elsewhere):
            sys.exit(f"{what} list: {name} is missing")
    share = (prefix / "share").rename(prefix / "away")
    told = run(program, "run", network, code=2, cwd=elsewhere)
    if "no share/systole beside it" not in told:
        sys.exit(told)
    environment = dict(os.environ, SYSTOLE_DATA=str(share / "systole"))
    wide = cycles(run(program, "run", network, "--set", "array.cols=32", cwd=elsewhere, env=environment).split("latency")[1])
    share.rename(prefix / "share")

    run("cmake", "-S", SOURCE / "examples/latency", "-B", folder / "example", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder / "example")
    told = run(folder / "example/latency", network, cwd=elsewhere)
    if f"32 columns: {wide} cycles\n" not in told:
        sys.exit(f"expected {wide} cycles with 32 columns:\n{told}")
    run(folder / "example/latency", "no such file", code=2, cwd=elsewhere)

    (folder / "plain").mkdir()
    (folder / "plain/plain.cpp").write_text(PLAIN)
    (folder / "plain/CMakeLists.txt").write_text(PLAIN_LISTS)
    run("cmake", "-S", folder / "plain", "-B", folder / "plain/build", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder / "plain/build")
    plain = folder / "plain/build/plain"
    run(program, "compile", network, "--arch", "edge-4x4", "-o", "small.sysb", cwd=elsewhere)
    small = cycles(run(program, "run", "small.sysb", cwd=elsewhere).split("latency")[1])
    usual = cycles(run(program, "run", network, cwd=elsewhere).split("latency")[1])
    for file, saved, expected in (("small.sysb", "again.sysb", small), ("again.sysb", "third.sysb", small), (network, "usual.sysb", usual)):
        told = run(plain, file, saved, cwd=elsewhere)
        if told != f"{expected} cycles\n":
            sys.exit(f"{file} by the library: {told}, expected {expected} cycles")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="systole install ") as name:
        main(pathlib.Path(name))
