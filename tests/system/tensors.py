#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`systole run --dump-tensors` writes what the network's values are, by its names and in its shapes, twice over.

  tensors.py SYSTOLE       exit code 1 if anything is wrong, each with a line

Names and shapes are held against ONNX's own shape inference, real numbers against stored ones by scale and zero point,
and outputs against those that the simulated run wrote. What `systole debug` shows of tensors is the same.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
RUNS = [("lenet_fmnist.onnx", "lenet", []), ("resnet8_fmnist.onnx", "resnet8", ["--weights", "4", "--activations", "4"]),
        ("resnet8_fmnist.onnx", "resnet8", ["--activations", "1"])]
problems: typing.List[str] = []


def expect(good: bool, what: str) -> None:
    if not good:
        problems.append(what)


def run(*arguments: typing.Any) -> str:
    done = subprocess.run([sys.argv[1], *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, arguments))}\nexit code {done.returncode}\n{done.stderr}")
    return done.stdout


def shapes_of(network: pathlib.Path, batch: int) -> typing.Dict[str, typing.List[int]]:
    graph = onnx.shape_inference.infer_shapes(onnx.load(str(network))).graph
    values = [*graph.input, *graph.value_info, *graph.output]
    return {value.name: [batch, *(dim.dim_value for dim in value.type.tensor_type.shape.dim[1:])] for value in values}


def check_run(folder: pathlib.Path, name: str, data: str, options: typing.Sequence[str]) -> None:
    batch, what = 3, f"{name} {' '.join(options)}"
    run("run", DATA / name, "--batch", batch, "--data", DATA / f"{data}.yaml", "--calib", DATA / f"{data}_calib.yaml",
        *options, "-o", folder / "out", "--dump-tensors", folder / "t")
    listed = json.loads((folder / "t/tensors.json").read_text(encoding="utf-8"))
    shapes = shapes_of(DATA / name, batch)
    expect(sorted(listed["files"]) == sorted(path.name for path in (folder / "t").iterdir()), f"{what}: files")
    for row in listed["tensors"]:
        tensor = row["name"]
        expect(row["shape"] == shapes.get(tensor), f"{what}: {tensor} is {row['shape']}, expected {shapes.get(tensor)}")
        real, stored = np.load(folder / "t" / row["file"]), np.load(folder / "t" / row["stored_file"])
        expect(real.dtype == np.float32 and list(real.shape) == row["shape"], f"{what}: {tensor}: file of another shape")
        if "scale" in row:
            meant = np.float32(row["scale"]) * (stored.astype(np.float32) - row["zero_point"])
            least, greatest = (-1, 1) if row["bits"] == 1 else (-2 ** (row["bits"] - 1), 2 ** (row["bits"] - 1) - 1)
            expect(stored.min() >= least and stored.max() <= greatest, f"{what}: {tensor}: beyond its codes")
        else:
            meant = (stored * np.array(row["channel_scale"])).astype(np.float32)
        expect(np.array_equal(meant.transpose(0, 3, 1, 2).reshape(real.shape), real), f"{what}: {tensor}: real and stored")
        expect(real.std() > 0, f"{what}: {tensor}: all values are one")
    made = {row["name"] for row in listed["tensors"]}
    layers = {row["layer"] for row in listed["tensors"]} - {None}
    expect(len(made) == len(listed["tensors"]) >= 8 and len(layers) >= 7, f"{what}: {len(made)} tensors, {len(layers)} layers")
    for output in (folder / "out").glob("*.npy"):
        if not output.name.endswith(".int8.npy"):
            expect(output.read_bytes() == (folder / "t" / output.name).read_bytes(), f"{what}: {output.name} is another")


def check_again(folder: pathlib.Path) -> None:
    """A later dump into the same directory takes the earlier one's files away, and no others."""
    (folder / "t/mine.txt").write_text("kept", encoding="utf-8")
    run("run", DATA / "mlp_fmnist.onnx", "--data", DATA / "mlp.yaml", "--calib", DATA / "mlp_calib.yaml", "--dump-tensors",
        folder / "t")
    listed = json.loads((folder / "t/tensors.json").read_text(encoding="utf-8"))
    expect(sorted([*listed["files"], "mine.txt"]) == sorted(path.name for path in (folder / "t").iterdir()), "again: files")


def shown(folder: pathlib.Path, network: typing.Sequence[typing.Any], commands: typing.Sequence[str]) -> str:
    script = folder / "script.txt"
    script.write_text("\n".join(commands) + "\n", encoding="utf-8")
    return run("debug", *network, "--script", script)


def check_debugger(folder: pathlib.Path, name: str, data: str, options: typing.Sequence[str], least: int) -> None:
    """The values of every tensor that is complete when the run ends; of those between layers there are `least`."""
    what = f"debug of {name} {' '.join(options)}"
    network = [DATA / name, "--data", DATA / f"{data}.yaml", "--calib", DATA / f"{data}_calib.yaml", *options]
    run("run", *network, "--dump-tensors", folder / "d")
    rows = {row["name"]: row for row in json.loads((folder / "d/tensors.json").read_text(encoding="utf-8"))["tensors"]}
    told = shown(folder, network, ["run", "tensor"])
    listed = re.findall(r"^(input|tensor|output) +(\S+) \[([\d,]+)\] at .*: (.*)$", told, re.MULTILINE)
    expect({tensor: [int(size) for size in dims.split(",")] for _, tensor, dims, _ in listed} ==
           {tensor: row["shape"] for tensor, row in rows.items()}, f"{what}: tensors are {listed}")
    expect(sum(role == "tensor" and state == "complete" for role, _, _, state in listed) >= least, f"{what}: {listed}")
    commands, expected = ["run"], []
    for _, tensor, _, state in listed:
        if state != "complete":
            continue
        row = rows[tensor]
        stored = np.load(folder / "d" / row["stored_file"]).transpose(0, 3, 1, 2).reshape(row["shape"])
        for values, suffix in ((stored, ""), (np.load(folder / "d" / row["file"]), " real")):
            in_parts = values.size > 1024  # that many are shown at once
            for part in range(values.shape[1] if in_parts else 1):
                commands.append(f"tensor {tensor}{f'[0,{part}]' if in_parts else ''}{suffix}")
                expected.append(values[0, part] if in_parts else values)
    answers = shown(folder, network, commands).split("(systole) ")[2:]
    expect(len(answers) == len(expected), f"{what}: {len(answers)} answers to {len(expected)} commands")
    for command, values, answer in zip(commands[1:], expected, answers):
        found = [float(value) for line in answer.splitlines()[1:] for value in line.split("]:")[1].split()]
        expect(len(found) == values.size and np.allclose(found, values.ravel(), rtol=1e-3 if "real" in command else 0, atol=1e-6),
               f"{what}: {command}")


def check_layers(folder: pathlib.Path) -> None:
    told = json.loads(run("accuracy", DATA / "lenet_fmnist.onnx", "--data", DATA / "lenet.yaml", "--calib",
                          DATA / "lenet_calib.yaml", "--limit", 200, "--weights", 2, "--activations", 2, "--layers", "--json", "-"))
    rows = told["layers"]
    noise = [row["output_alone"]["sqnr_db"] for row in rows if row["output_alone"]["sqnr_db"] is not None]
    expect(noise == sorted(noise) and len(noise) >= 5, f"layers: {noise} are not sorted by damage")
    last = next(row for row in rows if row["tensor"] == "logits")
    expect(abs(last["cumulative"]["sqnr_db"] - told["sqnr_db"]) < 1e-9, "layers: the last one's is not the network's")
    first = rows[0]
    expect(first["weight_bits"] == 2 and first["top1_change"] < 0, f"layers: {first} stands first")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for index, of_run in enumerate(RUNS):
            (folder / str(index)).mkdir()
            check_run(folder / str(index), *of_run)
        check_debugger(folder, "lenet_fmnist.onnx", "lenet", ["--arch", "edge-4x4"], 1)
        check_debugger(folder, "resnet8_fmnist.onnx", "resnet8", ["--weights", "4", "--activations", "4", "--set", "ub.kib=8"], 2)
        check_again(folder / "0")
        check_layers(folder)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
