#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn isa.toml into the C++ headers, the SystemVerilog package, the reference pages and the waveform names.

usage: generate.py [--check]     --check: writes nothing, names what is out of date, exit code 1 if anything is
"""
import argparse
import pathlib
import sys
import textwrap
try:
    import tomllib
except ModuleNotFoundError:
    sys.exit(f"generate.py: {sys.executable} has no tomllib, run it by a Python of version 3.11 or later, as /usr/bin/python3 of Debian 12")

import generate_cpp
import generate_nests
from generate_cpp import camel

ROOT = pathlib.Path(__file__).resolve().parents[2]

KINDS = {"u": "unsigned", "s": "two's complement", "f": "binary32"}


def parts_of(field):
    if "words" not in field:
        return [field]
    return [{"name": f"{field['name']}{i}", "at": [word, 0, 32], "doc": field["doc"]}
            for i, word in enumerate(field["words"])]


def load(path):
    spec = tomllib.loads(pathlib.Path(path).read_text())
    by_name = {i["name"]: i for i in spec["instruction"]}
    units = {u["name"]: u["id"] for u in spec["unit"]}
    for ins in spec["instruction"]:
        if "reverse_of" in ins:
            other = by_name[ins["reverse_of"]]
            ins |= {"fields": other["arrays"], "loops": other["loops"], "sums": other["sums"],
                    "touches": generate_nests.exchange(other["touches"])}
        ins["unit_id"] = units[ins["unit"]]
        assert ins["opcode"] >> 4 == ins["unit_id"], ins["name"]
        used = 0
        # What stands in the instruction; a field of several words is an array for C++ alone.
        ins["arrays"], ins["fields"] = ins["fields"], [part for f in ins["fields"] for part in parts_of(f)]
        for field in spec["header_field"] + ins["fields"]:
            field.setdefault("kind", "u")
            word, lsb, width = field["at"]
            assert word < 16 and lsb + width <= 32, (ins["name"], field["name"])
            mask = ((1 << width) - 1) << (32 * word + lsb)
            assert not used & mask, f"{ins['name']}.{field['name']} overlaps"
            used |= mask
            field.setdefault("min", 0 if field["kind"] != "s" else -(1 << (width - 1)))
            field.setdefault("max", (1 << width) - 1 if field["kind"] != "s" else (1 << (width - 1)) - 1)
        ins["used"] = used
    for p in spec["param"]:
        p["member"] = p["sv"].lower()
        p.setdefault("pow2", False)
    return spec


def sv(spec):
    o = [*SV_HEADER, "", "package sys_isa_pkg;", "",
         f"  localparam int unsigned IsaVersion = {spec['isa_version']};",
         f"  localparam int unsigned InstructionBits = {8 * spec['instruction_bytes']};", "",
         f"  localparam int unsigned NumUnits = {len(spec['unit'])};", "  typedef enum logic [2:0] {"]

    def body(items):
        return [f"    {key} = {value}{',' if n + 1 < len(items) else ''}" for n, (key, value) in enumerate(items)]

    def prefixed(prefix, items):
        return [(prefix + camel(k), v) for k, v in items]

    o += body(prefixed("Unit", [(u["name"], f"3'd{u['id']}") for u in spec["unit"]])) + ["  } unit_e;", ""]
    o += ["  typedef enum logic [7:0] {"]
    o += body(prefixed("Op", [(i["name"], f"8'h{i['opcode']:02x}") for i in spec["instruction"]])) + ["  } opcode_e;", ""]
    o += ["  typedef enum logic [3:0] {"]
    o += body(prefixed("Fault", [(f["name"], f"4'd{f['code']}") for f in spec["fault"]])) + ["  } fault_e;", ""]
    o += [f"  localparam int unsigned NumCauses = {len(spec['cause'])};", "  typedef enum logic [3:0] {"]
    o += body(prefixed("Cause", [(c["name"], f"4'd{i}") for i, c in enumerate(spec["cause"])])) + ["  } cause_e;", ""]
    o += [f"  localparam int unsigned NumEventCounters = {len(spec['counter'])};",
          "  localparam int unsigned NumCounters = NumEventCounters + NumUnits * NumCauses;",
          "  localparam int unsigned CounterW = $clog2(NumCounters);"]
    o += [f"  localparam int unsigned Cnt{camel(c['name'])} = {i};" for i, c in enumerate(spec["counter"])] + [""]
    o += [f"  localparam logic [11:0] Csr{camel(c['name'])} = 12'h{c['addr']:03x};" for c in spec["csr"]] + [""]
    for ins in spec["instruction"]:
        fields = sorted(spec["header_field"] + ins["fields"], key=lambda f: -(32 * f["at"][0] + f["at"][1]))
        o.append(f"  // {ins['summary']}")
        o.append("  typedef struct packed {")
        top, reserved = 512, 0
        for f in fields:
            word, lsb, width = f["at"]
            low = 32 * word + lsb
            if top > low + width:
                o.append(f"    logic [{top - low - width - 1}:0] rsvd{reserved};")
                reserved += 1
            sign = "signed " if f["kind"] == "s" else ""
            o.append(f"    logic {sign}[{width - 1}:0] {f['name'] if f['name'] != 'wait' else 'wait_set'};".replace(" signal;", " signal_set;"))
            top = low
        o += [f"  }} {ins['name']}_t;",
              f"  localparam logic [511:0] Used{camel(ins['name'])} = 512'h{ins['used']:0128x};", ""]
    o += sv_checks(spec)
    o += ["endpackage", ""]
    return "\n".join(o)


def sv_checks(spec):
    """Functions that tell whether the opcode is known, the reserved bits are 0 and the fields in range.

    They stand on literals alone: Yosys does not find a package's names from within its functions."""
    at = {f["name"]: 32 * f["at"][0] + f["at"][1] for f in spec["header_field"]}
    units = len(spec["unit"])
    # Arrays over units are indexed by their ids, and so are causes and counters that each unit has.
    assert [u["id"] for u in spec["unit"]] == list(range(units))
    assert units <= 8 and len(spec["cause"]) <= 16, "unit_e has 3 bits, cause_e 4, here and in rtl/"
    behind_fetch = [u["name"] for u in spec["unit"]][1:]
    first_sem = [c["name"] for c in spec["cause"]].index(f"sem_{behind_fetch[0]}")
    first_retired = [c["name"] for c in spec["counter"]].index(f"retired_{behind_fetch[0]}")
    for n, name in enumerate(behind_fetch):
        assert spec["cause"][first_sem + n]["name"] == f"sem_{name}", name
        assert spec["counter"][first_retired + n]["name"] == f"retired_{name}", name

    def one_line(doc, head, body):
        name = head.split("(")[0].split()[-1]
        return [f"  // {doc}", f"  function automatic {head};", f"    {name} = {body};", "  endfunction", ""]

    o = one_line("Of any instruction.", "logic [7:0] opcode_of(input logic [511:0] i)", f"i[{at['opcode'] + 7}:{at['opcode']}]")
    o += one_line("The unit_e that it is for.", "logic [2:0] unit_of(input logic [511:0] i)", f"i[{at['opcode'] + 6}:{at['opcode'] + 4}]")
    for field in ("wait", "signal"):
        o += one_line(f"The units that its {field} set names.", f"logic [{units - 1}:0] {field}_set_of(input logic [511:0] i)",
                      f"i[{at[field] + units - 1}:{at[field]}]")
    o += one_line("The cause of waiting for a token of a unit.", "logic [3:0] sem_cause(input logic [2:0] unit)",
                  f"4'd{first_sem} + 4'(unit) - 4'd1")
    o += one_line("The counter of the instructions that ended in a unit.", "int unsigned retired_counter(input logic [2:0] unit)",
                  f"{first_retired} + 32'(unit) - 1")
    o += ["  // The opcode is one of opcode_e.", "  function automatic logic known_opcode(input logic [7:0] opcode);",
         "    unique case (opcode)",
         "      " + ", ".join(f"8'h{i['opcode']:02x}" for i in spec["instruction"]) + ":",
         "          known_opcode = 1'b1;", "      default: known_opcode = 1'b0;", "    endcase", "  endfunction", "",
         "  // No reserved bit is set and no field is outside its range.",
         "  function automatic logic well_formed(input logic [511:0] i);", "    unique case (i[7:0])"]
    for ins in spec["instruction"]:
        reserved, low = [], 0
        for f in sorted(spec["header_field"] + ins["fields"], key=lambda f: f["at"]):
            word, lsb, width = f["at"]
            if low < 32 * word + lsb:
                reserved.append(f"i[{32 * word + lsb - 1}:{low}]")
            low = 32 * word + lsb + width
        if low < 512:
            reserved.append(f"i[511:{low}]")
        terms = [f"{bits} == '0" for bits in reserved]
        for f in ins["fields"]:
            word, lsb, width = f["at"]
            if f["kind"] == "f":
                continue
            sign = f["kind"] == "s"
            bits = f"i[{32 * word + lsb + width - 1}:{32 * word + lsb}]"
            bits = f"$signed({bits})" if sign else bits
            literal = f"{width}'{'s' if sign else ''}d"
            if f["min"] != (-(1 << (width - 1)) if sign else 0):
                assert f["min"] >= 0
                terms.append(f"{bits} != '0" if f["min"] == 1 and not sign else f"{bits} >= {literal}{f['min']}")
            if f["max"] != (1 << (width - sign)) - 1:
                assert f["max"] >= 0
                terms.append(f"{bits} <= {literal}{f['max']}")
        o.append(f"      8'h{ins['opcode']:02x}: well_formed =  // {ins['name']}")
        o.append("          " + " &&\n          ".join(terms) + ";")
    return o + ["      default: well_formed = 1'b0;", "    endcase", "  endfunction", ""]


SV_HEADER = ["// SPDX-License-Identifier: Apache-2.0",
             "// Generated from model/isa/isa.toml by generate.py; do not edit."]


def sv_cfg(spec):
    """The hardware parameters as one packed struct, the first in its uppermost bits."""
    params = spec["param"]
    bits = 32 * len(params)
    o = [*SV_HEADER, "",
         "// The configuration of the hardware, which goes whole from the core to the units that need more of it than a cell does.",
         "// What follows from it: sys_geom_pkg. What it may be: sys_ranges, sys_params.", "", "package sys_cfg_pkg;", "",
         "  typedef struct packed {"]
    for p in params:
        o += textwrap.wrap(f"{p['name']}: {p['doc']}", 120, initial_indent="    // ", subsequent_indent="    // ",
                           break_long_words=False, break_on_hyphens=False)
        o.append(f"    int unsigned {p['member']};")
    o += ["  } cfg_t;", "", "  localparam cfg_t Default = {"]
    o += [f"    32'd{p['default']}{',' if p is not params[-1] else ''}  // {p['sv']}" for p in params]
    o += ["  };", "", "  // From the parameters of the core.", "  function automatic cfg_t make("]
    o += [f"      int unsigned {p['member']}{',' if p is not params[-1] else ');'}" for p in params]
    o += ["    make = {" + textwrap.fill(", ".join(p["member"] for p in params), 108).replace("\n", "\n            ") + "};",
          "  endfunction", "", "  // The fields, for constant functions: Yosys knows those of a struct in modules alone."]
    for i, p in enumerate(params):
        o += [f"  function automatic int unsigned {p['member']}(cfg_t cfg);",
              f"    {p['member']} = cfg[{bits - 1 - 32 * i}:{bits - 32 - 32 * i}];", "  endfunction"]
    return "\n".join(o + ["", "endpackage", ""])


def sv_ranges(spec):
    """A module that refuses, when it is elaborated, options outside of their range."""
    o = [*SV_HEADER, "", "// Elaboration checks: each hardware option is in its range; no logic.", "",
         "module sys_ranges #(", "  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default", ") ();", ""]
    for p in spec["param"]:
        field = f"CFG.{p['member']}"
        terms = [f"{field} < {p['min']}"] if p["min"] else []
        terms.append(f"{field} > {p['max']}")
        what = f"outside {p['min']}..{p['max']}"
        if p["pow2"]:
            terms.append(f"{field} != 1 << $clog2({field})")
            what = f"not a power of two in {p['min']}..{p['max']}"
        line = f"  if ({' || '.join(terms)}) begin : gen_{p['member']}"
        o += [line if len(line) <= 120 else line.replace(" || ", " ||\n      "), f"    $error(\"{p['sv']} is {what}\");", "  end"]
    return "\n".join(o + ["", "endmodule", ""])


def paragraph(text):
    """Lines of Markdown, 120 columns wide at most."""
    return textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def isa_md(spec):
    o = ["<!-- Generated from model/isa/isa.toml by generate.py; do not edit. -->", "# Instruction set", "",
         *paragraph(f"Version {spec['isa_version']}. An instruction is {spec['instruction_bytes']} bytes: 16 little-endian words of 32 bits. "
         "When instructions happen is told by [timing.md](timing.md); `L`, `COLS` and the other names are explained there."), "",
         "## Units", "", "| id | unit | |", "|---|---|---|"]
    o += [f"| {u['id']} | `{u['name']}` | {u['doc']} |" for u in spec["unit"]]

    def table(fields):
        out = ["| field | word | bits | kind | range | meaning |", "|---|---|---|---|---|---|"]
        for f in fields:
            word, lsb, width = f["at"]
            bits = f"{lsb + width - 1}:{lsb}" if width > 1 else f"{lsb}"
            span = "" if f["kind"] == "f" else f"{f['min']}..{f['max']}"
            out.append(f"| `{f['name']}` | {word} | {bits} | {KINDS[f['kind']]} | {span} | {f['doc']} |")
        return out

    o += ["", "## Fields of every instruction", ""] + table(spec["header_field"])
    for ins in spec["instruction"]:
        o += ["", f"## `{ins['name']}` (0x{ins['opcode']:02x}, unit `{ins['unit']}`)", "", *paragraph(ins["summary"]), "",
              "```", generate_nests.pseudo_of(ins), "```"]
        if ins["fields"]:
            o += [""] + table(ins["fields"])
    o += ["", "## Faults", "", "| code | name | meaning |", "|---|---|---|"]
    o += [f"| {f['code']} | `{f['name']}` | {f['doc']} |" for f in spec["fault"]]
    o += ["", "## CSRs", "", "| address | name | access | meaning |", "|---|---|---|---|"]
    o += [f"| 0x{c['addr']:03x} | `{c['name']}` | {c['access']} | {c['doc']} |" for c in spec["csr"]]
    return "\n".join(o) + "\n"


def counters_md(spec):
    o = ["<!-- Generated from model/isa/isa.toml by generate.py; do not edit. -->", "# Counters", "",
         "Every counter is 64 bits wide, read through the CSRs and equal in both engines.", "",
         "## Event counters", "", "| index | name | unit | meaning |", "|---|---|---|---|"]
    o += [f"| {i} | `{c['name']}` | {c['unit']} | {c['doc']} |" for i, c in enumerate(spec["counter"])]
    n = len(spec["counter"])
    o += ["", "## Causes", "", *paragraph("Every cycle of every unit is counted under exactly one cause, so a unit's causes sum to `cycles`. "
          f"The counter of cause *c* of unit *u* has index {n} + {len(spec['cause'])}*u* + *c* and the name `UNIT_CAUSE`."), "",
          "| c | cause | meaning |", "|---|---|---|"]
    o += [f"| {i} | `{c['name']}` | {c['doc']} |" for i, c in enumerate(spec["cause"])]
    return "\n".join(o) + "\n"


def params_md(spec):
    o = ["<!-- Generated from model/isa/isa.toml by generate.py; do not edit. -->", "# Hardware parameters", "",
         "Keys of an architecture file that shape the hardware; `--set KEY=VALUE` overrides one.", "",
         "| key | RTL parameter | range | default | meaning |", "|---|---|---|---|---|"]
    for p in spec["param"]:
        span = f"{p['min']}..{p['max']}" + (", power of two" if p["pow2"] else "")
        o.append(f"| `{p['name']}` | `{p['sv']}` | {span} | {p['default']} | {p['doc']} |")
    return "\n".join(o) + "\n"


MAKERS = {
    "model/isa/names.h": generate_cpp.names_h,
    "model/isa/causes.h": generate_cpp.causes_h,
    "model/isa/meanings.h": generate_cpp.meanings_h,
    "model/isa/counter_ids.h": generate_cpp.counter_ids_h,
    "model/isa/units.h": generate_cpp.units_h,
    "model/isa/instructions.h": generate_cpp.instructions_h,
    "model/isa/dma_instructions.h": generate_cpp.dma_instructions_h,
    "model/isa/compute_instructions.h": generate_cpp.compute_instructions_h,
    "model/isa/any_instruction.h": generate_cpp.any_instruction_h,
    "model/arch/nests.h": generate_nests.nests_h,
    "model/isa/instruction_info.h": generate_cpp.instruction_info_h,
    "model/isa/hw_params.h": generate_cpp.hw_params_h,
    "rtl/sys_isa_pkg.sv": sv,
    "rtl/sys_cfg_pkg.sv": sv_cfg,
    "rtl/sys_ranges.sv": sv_ranges,
    "docs/isa.md": isa_md,
    "docs/counters.md": counters_md,
    "docs/parameters.md": params_md,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    spec = load(ROOT / "model/isa/isa.toml")
    stale = 0
    for name, maker in MAKERS.items():
        path, text = ROOT / name, maker(spec)
        if path.exists() and path.read_text() == text:
            continue  # nothing is built anew for it
        if not check:
            path.write_text(text)
        else:
            print(f"{name} is not what model/isa/isa.toml gives: run tools/generate.sh", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
