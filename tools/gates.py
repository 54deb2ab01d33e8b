#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the core's gates by Yosys (tools/synth/gates.mjs): prints them, or writes the table that the estimate of areas is held against.

  tools/gates.py [PARAMETER=VALUE]... [--modules]   the gates of each part of the core
  tools/gates.py --write [-j N]                     tests/data/gates.json: a small core, and it with each parameter changed
  tools/gates.py --check                            exit code 1 if the RTL is no longer what that table was counted of

A gate equivalent is a NAND of two inputs. What another cell is worth are the areas of the NanGate 45 nm open cell library over
that of NAND2_X1, 0.798 um2. Memories with a clocked read port are macros (bits of RAM); what is read without a clock is
flip-flops and a tree of multiplexers for each port ("held"). "Flip-flops" are those of the logic, which "held" are not among.

Needs node; Yosys is installed under build/ (tools/synth.sh). Modules that did not change are taken from build/synth/gates.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests/data/gates.json"

NAND2_UM2 = 0.798
CELL_UM2 = {"NOT": 0.532, "NAND": 0.798, "NOR": 0.798, "AND": 1.064, "OR": 1.064, "XOR": 1.596, "XNOR": 1.596, "MUX": 1.862,
            "AOI3": 1.064, "OAI3": 1.064}
FLIP_FLOP_UM2, RESET_UM2 = 4.522, 0.798  # DFF_X1; DFFR_X1 has 5.320

# The part that a module belongs to; one that stands in several (a FIFO, a burst reader) belongs to what instantiates it.
PARTS = {
    "sys_core": "control", "sys_csr": "control", "sys_run": "control", "sys_counters": "control", "sys_observe": "control",
    "sys_issue": "issue", "sys_fetch": "fetch", "sys_dma": "control", "sys_axi_read": "axi_read", "sys_lda": "lda",
    "sys_ldw": "ldw", "sys_sto": "sto", "sys_ub": "ub", "sys_wb": "wb", "sys_mxu": "mxu", "sys_mxu_array": "array",
    "sys_acc": "acc", "sys_vpu": "vpu", "sys_vpu_lane": "vpu_lanes", "sys_vpu_table": "vpu_tables", "sys_param": "parameters",
}

BASE = {"ROWS": 8, "COLS": 8, "UB_KIB": 16, "UB_BANKS": 4, "WB_TILES": 4, "ACC_ROWS": 64, "PB_ROWS": 16, "AXI_BITS": 64,
        "BURST_BEATS": 4, "OUTSTANDING": 4, "QUEUE_DEPTH": 4, "WEIGHT_BITS": 8, "ACT_BITS": 8, "CODEBOOK": 0, "BITMASK": 0,
        "STRUCTURED": 0}
CHANGES = [
    {}, {"ROWS": 16}, {"COLS": 16}, {"UB_KIB": 32}, {"UB_BANKS": 8}, {"WB_TILES": 8}, {"ACC_ROWS": 128}, {"PB_ROWS": 32},
    {"AXI_BITS": 128}, {"BURST_BEATS": 8}, {"OUTSTANDING": 8}, {"QUEUE_DEPTH": 8}, {"WEIGHT_BITS": 4}, {"WEIGHT_BITS": 1},
    {"ACT_BITS": 4}, {"ACT_BITS": 2}, {"ACT_BITS": 1}, {"CODEBOOK": 1}, {"BITMASK": 1}, {"STRUCTURED": 1}, {"STRUCTURED": 1, "ACT_BITS": 4},
    {"COLS": 16, "BITMASK": 1},
    {"ROWS": 16, "COLS": 16, "UB_KIB": 256, "WB_TILES": 8, "ACC_ROWS": 1024, "PB_ROWS": 64, "AXI_BITS": 512, "BURST_BEATS": 8,
     "OUTSTANDING": 8, "QUEUE_DEPTH": 8, "WEIGHT_BITS": 1, "ACT_BITS": 1, "CODEBOOK": 1, "BITMASK": 1},  # edge-16x16
]


def cell_gates(cell):
    """Gate equivalents of a simple cell of Yosys: $_MUX_, $_DFFE_PN0P_, ..."""
    name = cell.removeprefix("$_").removesuffix("_")
    if name in CELL_UM2:
        return CELL_UM2[name] / NAND2_UM2
    found = re.fullmatch(r"(S?)DFF(C?)(E?)_([PN])([PN][01])?([PN])?", name)
    if found is None:
        raise SystemExit(f"tools/gates.py: a cell that has no area: {cell}")
    synchronous, _, enable, _, reset, _ = found.groups()
    um2 = FLIP_FLOP_UM2
    if enable:
        um2 += CELL_UM2["MUX"]
    if reset:
        um2 += CELL_UM2["AND"] if synchronous else RESET_UM2
    return um2 / NAND2_UM2


def memory_gates(memory):
    """Gate equivalents of a memory that is no macro: bits that hold, and a tree of multiplexers for each read port."""
    bits = memory["words"] * memory["width"]
    hold = cell_gates("$_DFFE_PP_")
    return bits * hold + memory["reads"] * (bits - memory["width"]) * cell_gates("$_MUX_")


def is_flip_flop(cell):
    return "DFF" in cell


def is_macro(memory):
    return memory["clocked"] and memory["reads"] == 1


def parts_of(modules):
    """{part: [gates of logic, gates of memories without a macro, bits of macros, flip-flops of the logic]}"""
    parts = {}
    for module in modules:
        logic = sum(cell_gates(cell) * count for cell, count in module["cells"].items())
        held = sum(memory_gates(memory) for memory in module["memories"] if not is_macro(memory))
        bits = sum(memory["words"] * memory["width"] for memory in module["memories"] if is_macro(memory))
        flip_flops = sum(count for cell, count in module["cells"].items() if is_flip_flop(cell))
        sums = parts.setdefault(module["part"], [0, 0, 0, 0])
        for i, value in enumerate((logic, held, bits, flip_flops)):
            sums[i] += value * module["instances"]
    return parts


def count(top, configs):
    """Yields for each configuration its modules, each with the part it belongs to."""
    yosys = subprocess.run([ROOT / "tools/synth.sh", "--install"], check=True, capture_output=True, text=True).stdout.strip()
    command = ["node", "--no-warnings", "--stack-size=65000", ROOT / "tools/synth/gates.mjs", yosys, ROOT / "rtl",
               ROOT / "build/synth/gates", json.dumps(PARTS), top, *map(json.dumps, configs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield json.loads(line)["modules"]
    if process.returncode != 0:
        raise SystemExit(process.returncode)


def rtl_hash():
    """Of the sources without comments and blanks at the ends of lines: what Yosys reads."""
    digest = hashlib.sha256()
    for file in sorted((ROOT / "rtl").glob("*.sv")):
        lines = (line.split("//")[0].rstrip() for line in file.read_text().splitlines())
        digest.update(f"{file.name}\n{chr(10).join(line for line in lines if line)}\n".encode())
    return digest.hexdigest()


def part_lines(parts):
    lines = [f"{'part':<12} {'logic':>10} {'held':>10} {'macro bits':>11} {'flip-flops':>11}"]
    sums = [sum(part[i] for part in parts.values()) for i in range(4)]
    for name, (logic, held, bits, flip_flops) in [*sorted(parts.items()), ("total", sums)]:
        lines.append(f"{name:<12} {logic:>10,.0f} {held:>10,.0f} {bits:>11,.0f} {flip_flops:>11,.0f}")
    return lines


def module_lines(modules):
    lines = [f"{'module':<18} {'of':<12} {'times':>6} {'logic':>9} {'held':>9} {'macro bits':>11} {'flip-flops':>11}   each, gate equivalents"]
    for module in sorted(modules, key=lambda module: (module["part"], module["module"])):
        [(logic, held, bits, flip_flops)] = parts_of([{**module, "instances": 1}]).values()
        lines.append(f"{module['module']:<18} {module['part']:<12} {module['instances']:>6} {logic:>9,.0f} {held:>9,.0f} "
                     f"{bits:>11,.0f} {flip_flops:>11,.0f}")
    return lines


def write(jobs):
    """Each job counts a share of the cores; what they have in common is mapped by the one that comes first."""
    configs = [{**BASE, **change} for change in CHANGES]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        shares = pool.map(lambda first: list(count("sys_core", configs[first::jobs])), range(jobs))
        modules = [None] * len(configs)
        for first, found in enumerate(shares):
            modules[first::jobs] = found
    cores = [{"change": change, "parts": {part: dict(zip(("logic", "held", "macro_bits", "flip_flops"), map(round, sums)))
                                          for part, sums in sorted(parts_of(found).items())}}
             for change, found in zip(CHANGES, modules)]
    lock = json.loads((ROOT / "tools/synth/package-lock.json").read_text())
    header = {"made_by": "tools/gates.py --write", "yosys": lock["packages"]["node_modules/@yowasp/yosys"]["version"],
              "unit": "NAND2 of the NanGate 45 nm open cell library", "rtl_sha256": rtl_hash(), "base": BASE}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in header.items()]
    lines += ['  "cores": [', ",\n".join(f"    {json.dumps(core)}" for core in cores), "  ]"]
    TABLE.write_text("{\n" + "\n".join(lines) + "\n}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("parameters", nargs="*", metavar="PARAMETER=VALUE", help="of the RTL; others as in the table's small core")
    parser.add_argument("--modules", action="store_true", help="print module by module")
    parser.add_argument("--write", action="store_true", help=f"count anew what is in {TABLE.relative_to(ROOT)}")
    parser.add_argument("--check", action="store_true", help="whether that table is of this RTL")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.check:
        if json.loads(TABLE.read_text())["rtl_sha256"] == rtl_hash():
            print(f"{TABLE.relative_to(ROOT)} was counted of this RTL")
            return 0
        print(f"{TABLE.relative_to(ROOT)} was counted of other RTL: tools/gates.py --write", file=sys.stderr)
        return 1
    if arguments.write:
        write(arguments.jobs)
        return 0
    given = dict(parameter.split("=", 1) for parameter in arguments.parameters)
    unknown = sorted(set(given) - set(BASE))
    if unknown:
        parser.error(f"{unknown[0]}: no parameter of the core, expected one of {', '.join(BASE)}")
    [modules] = count("sys_core", [{**BASE, **{key: int(value) for key, value in given.items()}}])
    print("\n".join(module_lines(modules) if arguments.modules else part_lines(parts_of(modules))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
