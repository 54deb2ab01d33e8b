#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Speed of the simulator on ResNet-18 and ResNet-50: CPU seconds of whole processes and of the simulation alone, peak memory,
# and how the cost grows with array size and bandwidth. docs/speed.md shows what it prints.
#   tools/bench_networks.sh DIR [RUNS] [--rtl]     DIR holds resnet18.onnx and resnet50.onnx; --rtl: the RTL too (minutes)
set -euo pipefail
cd "$(dirname "$0")/.."
exec /usr/bin/python3 - "${SYSTOLE:-build/release/bin/systole}" "$@" <<'PYTHON'
import json, pathlib, statistics, subprocess, sys, tempfile

arguments = [a for a in sys.argv[1:] if a != "--rtl"]
systole, nets = arguments[0], pathlib.Path(arguments[1])
runs = int(arguments[2]) if len(arguments) > 2 else 5
directory = tempfile.TemporaryDirectory()
tmp = pathlib.Path(directory.name)


def command(*words):
    """Runs systole; CPU seconds and peak MB of it and its children."""
    code = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, "
            "stderr=subprocess.DEVNULL); u = resource.getrusage(resource.RUSAGE_CHILDREN); "
            "print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024)")
    out = subprocess.run([sys.executable, "-c", code, systole, *map(str, words)], check=True, capture_output=True,
                         text=True).stdout
    return [float(x) for x in out.split()]


def measure(*words):
    """Medians of CPU seconds whole process, CPU seconds of the simulation, peak MB; and the last result."""
    rows = []
    for _ in range(runs):
        cpu, memory = command("run", *words, "--json", tmp / "out.json")
        result = json.loads((tmp / "out.json").read_text())
        rows.append((cpu, result["provenance"]["simulation_cpu_seconds"], memory))
    return [statistics.median(column) for column in zip(*rows)] + [result]


def compiled(net, *words):
    program = tmp / f"{net}.sysb"
    command("compile", nets / f"{net}.onnx", *words, "-o", program)
    return program


def square(size):
    return ["--arch", "edge-32x32", "--memory", "ddr4-2400", "--set", f"array.rows={size}", "--set", f"array.cols={size}",
            "--set", "ub.kib=2048", "--set", "acc.rows=2048"]


def line(what, cpu, simulation, memory, goal):
    print(f"{what:<54} {cpu:>8.3f} {simulation:>11.3f} {memory:>8.0f}  {goal}".rstrip())


def image(program_input):
    import numpy
    numpy.save(tmp / "image.npy", numpy.random.default_rng(1).standard_normal(program_input).astype("float32"))
    return ["--input", tmp / "image.npy"]


print(f"CPU seconds, median of {runs}; ddr4-2400             whole process  simulation  peak MB  goal")
wide = ["--arch", "edge-32x32", "--memory", "ddr4-2400"]
program = compiled("resnet18", *wide)
line("ResNet-18, 32x32, timing only", *measure(program, *wide)[:3], "0.08 s")
line("ResNet-18, 32x32, bit-exact outputs", *measure(program, *wide, *image((1, 3, 224, 224)))[:3], "")
line("ResNet-18, 32x32, timing only, compiled in the run", *measure(nets / "resnet18.onnx", *wide)[:3], "1 s, 300 MB")
line("ResNet-18, 128x128, timing only", *measure(compiled("resnet18", *square(128)), *square(128))[:3], "0.05 s")
program = compiled("resnet50", *wide)
line("ResNet-50, 32x32, timing only", *measure(program, *wide)[:3], "0.3 s")
line("ResNet-50, 32x32, bit-exact outputs", *measure(program, *wide, *image((1, 3, 224, 224)))[:3], "3 s")
line("ResNet-50, 32x32, timing only, compiled in the run", *measure(nets / "resnet50.onnx", *wide)[:3], "2 GB")


def curve_row(name, words, program):
    cpu, simulation, _, result = measure(program, *words)
    counters = result["counters"]
    instructions = sum(v for k, v in counters.items() if k.startswith("retired_"))
    bursts = counters["read_bursts"] + counters["write_bursts"]
    events = instructions + counters["mxu_tiles"] + bursts
    print(f"{name:<16} {result['totals']['cycles']:>12,} {instructions:>12,} {counters['mxu_tiles']:>10,} {bursts:>9,} "
          f"{1e3 * simulation:>8.1f} {1e6 * simulation / events:>9.2f} {1e9 * simulation / result['totals']['cycles']:>9.1f}")


header = (f"{'':<16} {'cycles':>12} {'instructions':>12} {'tiles':>10} {'bursts':>9} {'ms':>8} {'us/event':>9} "
          f"{'ns/cycle':>9}")
print("\nResNet-18 by array size, 2 MiB unified buffer, ddr4-2400: CPU time of the simulation")
print(header)
for size in (8, 16, 32, 64, 128, 256):
    curve_row(f"{size}x{size}", square(size), compiled("resnet18", *square(size)))
print("\nThe same program of 32x32 by bandwidth, ideal memory")
print(header)
words = ["--arch", "edge-32x32"]
program = compiled("resnet18", *words)
for bandwidth in (0.5, 1, 2, 4, 8, 16, 32, 64):
    curve_row(f"{bandwidth:g} GB/s", [*words, "--set", f"memory.gb_per_s={bandwidth}"], program)

if "--rtl" in sys.argv:
    words = ["--arch", "edge-16x16", "--memory", "ddr4-2400"]
    program = compiled("resnet18", *words)
    runs = 1
    cpu, simulation, memory, result = measure(program, *words, "--engine", "rtl")
    print(f"\nRTL, ResNet-18, 16x16: {simulation:.1f} s, {result['totals']['cycles']:,} cycles, "
          f"{result['totals']['cycles'] / simulation:,.0f} cycles/s")
PYTHON
