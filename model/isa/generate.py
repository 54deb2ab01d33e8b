#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn isa.toml into the C++ header, the SystemVerilog package and the reference pages.

usage: generate.py isa.toml (--cpp FILE | --sv FILE | --isa-md FILE | --counters-md FILE | --params-md FILE)...
"""
import argparse
import pathlib
import tomllib

KINDS = {"u": "unsigned", "s": "two's complement", "f": "binary32"}


def load(path):
    spec = tomllib.loads(pathlib.Path(path).read_text())
    by_name = {i["name"]: i for i in spec["instruction"]}
    units = {u["name"]: u["id"] for u in spec["unit"]}
    for ins in spec["instruction"]:
        if "fields_of" in ins:
            ins["fields"] = by_name[ins["fields_of"]]["fields"]
        ins["unit_id"] = units[ins["unit"]]
        assert ins["opcode"] >> 4 == ins["unit_id"], ins["name"]
        used = 0
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


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def cpp_type(field):
    kind, width = field["kind"], field["at"][2]
    if kind == "f":
        return "float"
    if width == 1:
        return "bool"
    bits = 8 if width <= 8 else 16 if width <= 16 else 32
    return f"{'int' if kind == 's' else 'uint'}{bits}_t"


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def enum(name, base, items, doc):
    out = [f"/// {doc}", f"enum class {name} : {base} {{"]
    for key, value, text in items:
        out.append(f"  k{camel(key)} = {value},  ///< {text}")
    return out + ["};", ""]


def names_function(name, func, items):
    out = [f"/// The name of a {name} as isa.toml spells it; \"?\" if it has none.",
           f"constexpr const char* {func}({name} value) {{", "  switch (value) {"]
    for key, _, _ in items:
        out.append(f"    case {name}::k{camel(key)}: return \"{key}\";")
    return out + ["  }", '  return "?";', "}", ""]


def cpp(spec):
    o = ["// SPDX-License-Identifier: Apache-2.0",
         "// Generated from model/isa/isa.toml by generate.py; do not edit.",
         "#pragma once", "#include <array>", "#include <bit>", "#include <cstdint>", "#include <span>",
         "", "namespace systole::isa {", "",
         f"inline constexpr int kVersion = {spec['isa_version']};",
         f"inline constexpr int kInstructionBytes = {spec['instruction_bytes']};",
         "inline constexpr int kInstructionWords = kInstructionBytes / 4;", ""]
    units = [(u["name"], u["id"], u["doc"]) for u in spec["unit"]]
    o += enum("Unit", "uint8_t", units, "The units of the core.")
    o += [f"inline constexpr int kUnits = {len(units)};", ""]
    o += names_function("Unit", "unit_name", units)
    ops = [(i["name"], f"0x{i['opcode']:02x}", i["summary"]) for i in spec["instruction"]]
    o += enum("Opcode", "uint8_t", ops, "Operations.")
    o += names_function("Opcode", "opcode_name", ops)
    faults = [(f["name"], f["code"], f["doc"]) for f in spec["fault"]]
    o += enum("Fault", "uint8_t", faults, "Why the core stopped.")
    o += names_function("Fault", "fault_name", faults)
    csrs = [(c["name"], f"0x{c['addr']:03x}", c["doc"]) for c in spec["csr"]]
    o += enum("Csr", "uint32_t", csrs, "Byte addresses of the CSRs.")
    causes = [(c["name"], i, c["doc"]) for i, c in enumerate(spec["cause"])]
    o += enum("Cause", "uint8_t", causes, "What a unit does in a cycle.")
    o += [f"inline constexpr int kCauses = {len(causes)};", ""]
    o += names_function("Cause", "cause_name", causes)
    counters = [(c["name"], i, c["doc"]) for i, c in enumerate(spec["counter"])]
    o += enum("Counter", "uint16_t", counters, "Event counters; the cause counters follow them.")
    o += [f"inline constexpr int kEventCounters = {len(counters)};",
          "inline constexpr int kCounters = kEventCounters + kUnits * kCauses;", "",
          "/// Index of the counter of the cycles that `unit` spent for `cause`.",
          "constexpr int cause_counter(Unit unit, Cause cause) {",
          "  return kEventCounters + static_cast<int>(unit) * kCauses + static_cast<int>(cause);", "}", "",
          "/// Name, unit and meaning of a counter.",
          "struct CounterInfo { const char* name; const char* unit; const char* doc; };",
          "inline constexpr std::array<CounterInfo, kCounters> kCounterInfo{{"]
    for c in spec["counter"]:
        o.append(f"    {{{quote(c['name'])}, {quote(c['unit'])}, {quote(c['doc'])}}},")
    for u in spec["unit"]:
        for c in spec["cause"]:
            o.append(f"    {{{quote(u['name'] + '_' + c['name'])}, \"cycles\", {quote(c['doc'])}}},")
    o += ["}};", "",
          "/// One instruction as it stands in memory: 16 little-endian words.",
          "using Words = std::array<uint32_t, kInstructionWords>;", "",
          "enum class FieldKind : uint8_t { kUnsigned, kSigned, kFloat };", "",
          "/// Place, kind and legal range of a field (kFloat: range unused).",
          "struct FieldInfo {", "  const char* name; uint8_t word; uint8_t lsb; uint8_t width; FieldKind kind;",
          "  int64_t min; int64_t max; const char* doc;", "};", "",
          "/// The raw bits of a field.",
          "constexpr uint32_t get_bits(const Words& w, int word, int lsb, int width) {",
          "  return static_cast<uint32_t>((uint64_t{w[word]} >> lsb) & ((uint64_t{1} << width) - 1));", "}",
          "/// Sets the raw bits of a field; excess bits of value are dropped.",
          "constexpr void set_bits(Words& w, int word, int lsb, int width, uint32_t value) {",
          "  const uint64_t mask = (uint64_t{1} << width) - 1;",
          "  w[word] = static_cast<uint32_t>((w[word] & ~(mask << lsb)) | ((value & mask) << lsb));", "}",
          "constexpr int32_t sign_extend(uint32_t value, int width) {",
          "  return static_cast<int32_t>(value << (32 - width)) >> (32 - width);", "}", ""]

    def get(field):
        word, lsb, width = field["at"]
        raw = f"get_bits(w, {word}, {lsb}, {width})"
        if field["kind"] == "f":
            return f"std::bit_cast<float>({raw})"
        if field["kind"] == "s":
            return f"static_cast<{cpp_type(field)}>(sign_extend({raw}, {width}))"
        if width == 1:
            return f"{raw} != 0"
        return f"static_cast<{cpp_type(field)}>({raw})"

    def put(field):
        word, lsb, width = field["at"]
        value = f"std::bit_cast<uint32_t>({field['name']})" if field["kind"] == "f" else f"static_cast<uint32_t>({field['name']})"
        return f"set_bits(w, {word}, {lsb}, {width}, {value});"

    def struct(name, doc, fields, opcode=None):
        out = [f"/// {doc}", f"struct {name} {{"]
        if opcode:
            out.append(f"  static constexpr Opcode kOpcode = Opcode::k{camel(opcode)};")
        for f in fields:
            init = "0" if f["kind"] != "f" else "1.0f"
            if cpp_type(f) == "bool":
                init = "false"
            elif f["min"] == 1:
                init = "1"
            out.append(f"  {cpp_type(f)} {f['name']} = {init};  ///< {f['doc']}")
        out += [f"  bool operator==(const {name}&) const = default;",
                f"  static constexpr {name} decode([[maybe_unused]] const Words& w) {{", f"    {name} r;"]
        out += [f"    r.{f['name']} = {get(f)};" for f in fields]
        out += ["    return r;", "  }", "  /// Writes the fields; leaves the other bits as they are.",
                "  constexpr void encode([[maybe_unused]] Words& w) const {"]
        out += [f"    {put(f)}" for f in fields]
        return out + ["  }", "};", ""]

    o += struct("Header", "The fields that every instruction has. `opcode` is raw.", spec["header_field"])
    for ins in spec["instruction"]:
        o += struct(camel(ins["name"]), ins["summary"], ins["fields"], ins["name"])
    o += ["/// Name, opcode, unit, fields and used bits of an instruction.",
          "struct InstructionInfo {", "  const char* name; Opcode opcode; Unit unit; const char* summary;",
          "  std::span<const FieldInfo> fields; Words used;", "};", ""]

    def field_table(name, fields):
        out = [f"inline constexpr std::array<FieldInfo, {len(fields)}> {name}{{{{"]
        for f in fields:
            word, lsb, width = f["at"]
            kind = {"u": "kUnsigned", "s": "kSigned", "f": "kFloat"}[f["kind"]]
            out.append(f"    {{\"{f['name']}\", {word}, {lsb}, {width}, FieldKind::{kind}, {f['min']}, {f['max']}, {quote(f['doc'])}}},")
        return out + ["}};"]

    o += field_table("kHeaderFields", spec["header_field"])
    for ins in spec["instruction"]:
        if ins["fields"]:
            o += field_table(f"k{camel(ins['name'])}Fields", ins["fields"])
    o.append(f"inline constexpr std::array<InstructionInfo, {len(ops)}> kInstructions{{{{")
    for ins in spec["instruction"]:
        fields = f"k{camel(ins['name'])}Fields" if ins["fields"] else "{}"
        used = ", ".join(f"0x{(ins['used'] >> (32 * k)) & 0xffffffff:08x}u" for k in range(16))
        o.append(f"    {{\"{ins['name']}\", Opcode::k{camel(ins['name'])}, Unit::k{camel(ins['unit'])}, "
                 f"{quote(ins['summary'])}, {fields}, {{{{{used}}}}}}},")
    o += ["}};", "", "/// The description of an opcode, or null.",
          "constexpr const InstructionInfo* find_instruction(uint8_t opcode) {",
          "  for (const auto& info : kInstructions)",
          "    if (static_cast<uint8_t>(info.opcode) == opcode) return &info;", "  return nullptr;", "}", "",
          "}  // namespace systole::isa", "", "namespace systole {", "",
          "/// The parameters of the hardware that program and RTL are built for (docs/configuration.md).",
          "struct HwParams {"]
    for p in spec["param"]:
        o.append(f"  int {p['member']} = {p['default']};  ///< {p['name']}: {p['doc']}")
    o += ["  bool operator==(const HwParams&) const = default;", "};", "",
          "/// Key, member and legal range of a hardware parameter.",
          "struct HwParamInfo {", "  const char* key; const char* sv_name; int HwParams::*member; int min; int max; bool pow2; const char* doc;",
          "};", f"inline constexpr std::array<HwParamInfo, {len(spec['param'])}> kHwParams{{{{"]
    for p in spec["param"]:
        o.append(f"    {{\"{p['name']}\", \"{p['sv']}\", &HwParams::{p['member']}, {p['min']}, {p['max']}, "
                 f"{str(p['pow2']).lower()}, {quote(p['doc'])}}},")
    o += ["}};", "", "}  // namespace systole", ""]
    return "\n".join(o)


def sv(spec):
    o = ["// SPDX-License-Identifier: Apache-2.0",
         "// Generated from model/isa/isa.toml by generate.py; do not edit.", "", "package sys_isa_pkg;", "",
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
          "  localparam int unsigned NumCounters = NumEventCounters + NumUnits * NumCauses;"]
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
    o = ["  // The opcode is one of opcode_e.", "  function automatic logic known_opcode(input logic [7:0] opcode);",
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


def isa_md(spec):
    o = ["<!-- Generated from model/isa/isa.toml by generate.py; do not edit. -->", "# Instruction set", "",
         f"Version {spec['isa_version']}. An instruction is {spec['instruction_bytes']} bytes: 16 little-endian words of 32 bits. "
         "When instructions happen is told by [timing.md](timing.md); `L`, `COLS` and the other names are explained there.", "",
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
        o += ["", f"## `{ins['name']}` (0x{ins['opcode']:02x}, unit `{ins['unit']}`)", "", ins["summary"], "",
              "```", ins["pseudo"].strip("\n"), "```"]
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
    o += ["", "## Causes", "", "Every cycle of every unit is counted under exactly one cause, so a unit's causes sum to `cycles`. "
          f"The counter of cause *c* of unit *u* has index {n} + {len(spec['cause'])}*u* + *c* and the name `UNIT_CAUSE`.", "",
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


def causes_txt(spec):
    """Filter of GTKWave: the value as it shows it, and the name."""
    return "".join(f"{i:X} {c['name']}\n" for i, c in enumerate(spec["cause"]))


def opcodes_txt(spec):
    return "".join(f"{i['opcode']:02X} {i['name']}\n" for i in spec["instruction"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("spec")
    makers = {"cpp": cpp, "sv": sv, "isa-md": isa_md, "counters-md": counters_md, "params-md": params_md,
              "causes-txt": causes_txt, "opcodes-txt": opcodes_txt}
    for key in makers:
        parser.add_argument(f"--{key}")
    args = parser.parse_args()
    spec = load(args.spec)
    for key, maker in makers.items():
        target = getattr(args, key.replace("-", "_"))
        if target:
            path = pathlib.Path(target)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(maker(spec))


if __name__ == "__main__":
    main()
