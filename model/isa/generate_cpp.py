# SPDX-License-Identifier: Apache-2.0
"""The C++ headers made from isa.toml: a maker each, spec to text."""


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


def words_function(name, func, items, what):
    out = [f"/// {what}; \"?\" if it has none.",
           f"constexpr const char* {func}({name} value) {{", "  switch (value) {"]
    for key, words in items:
        out.append(f"    case {name}::k{camel(key)}: return \"{words}\";")
    return out + ["  }", '  return "?";', "}", ""]


def names_function(name, func, items):
    return words_function(name, func, [(key, key) for key, _, _ in items], f"The name of a {name} as isa.toml spells it")


def header(lines, includes, namespace="systole::isa"):
    """A whole header around `lines`; includes with quotes or angle brackets."""
    includes = [f"#include {i}" if i else "" for i in includes]
    return "\n".join(["// SPDX-License-Identifier: Apache-2.0",
                      "// Generated from model/isa/isa.toml by generate.py; do not edit.",
                      "#pragma once", *includes, "",
                      f"namespace {namespace} {{", "", *lines, "", f"}}  // namespace {namespace}", ""])


def names_h(spec):
    """Units, operations, faults, CSRs."""
    o = [f"inline constexpr int kVersion = {spec['isa_version']};",
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
    return header(o[:-1], ["<cstdint>"])


def causes_h(spec):
    """What a unit does in a cycle."""
    o = []
    causes = [(c["name"], i, c["doc"]) for i, c in enumerate(spec["cause"])]
    o += enum("Cause", "uint8_t", causes, "What a unit does in a cycle.")
    o += [f"inline constexpr int kCauses = {len(causes)};", ""]
    o += names_function("Cause", "cause_name", causes)
    return header(o[:-1], ["<cstdint>"])


def meanings_h(spec):
    """What the names mean; a header of its own, so that a word more rebuilds nothing but what prints it."""
    o = []
    for kind, table in (("Unit", spec["unit"]), ("Cause", spec["cause"])):
        items = [(entry["name"], entry["doc"]) for entry in table]
        o += words_function(kind, f"{kind.lower()}_meaning", items, f"What a {kind} is, as isa.toml says it")
    return header(o[:-1], ['"model/isa/causes.h"', '"model/isa/names.h"'])


def counter_ids_h(spec):
    """Counters; none of the headers of the instruction set includes it, so that a new counter rebuilds what counts."""
    o = []
    units = [u["name"] for u in spec["unit"]]
    counters = [(c["name"], i, c["doc"]) for i, c in enumerate(spec["counter"])]
    o += enum("Counter", "uint16_t", counters, "Event counters; the cause counters follow them.")
    o += [f"inline constexpr int kEventCounters = {len(counters)};",
          "inline constexpr int kCounters = kEventCounters + kUnits * kCauses;", "",
          "/// Index of the counter of the cycles that `unit` spent for `cause`.",
          "constexpr int cause_counter(Unit unit, Cause cause) {",
          "  return kEventCounters + static_cast<int>(unit) * kCauses + static_cast<int>(cause);", "}", "",
          "/// The counter of the instructions that ended in `unit`, any but fetch.",
          "constexpr Counter retired_counter(Unit unit) {",
          f"  return static_cast<Counter>(static_cast<int>(Counter::kRetired{camel(units[1])}) + static_cast<int>(unit) - 1);", "}", "",
          "/// Name, unit and meaning of a counter.",
          "struct CounterInfo { const char* name; const char* unit; const char* doc; };",
          "inline constexpr std::array<CounterInfo, kCounters> kCounterInfo{{"]
    for c in spec["counter"]:
        o.append(f"    {{{quote(c['name'])}, {quote(c['unit'])}, {quote(c['doc'])}}},")
    for u in spec["unit"]:
        for c in spec["cause"]:
            o.append(f"    {{{quote(u['name'] + '_' + c['name'])}, \"cycles\", {quote(c['doc'])}}},")
    o += ["}};"]
    return header(o, ["<array>", "<cstdint>", "", '"model/isa/causes.h"', '"model/isa/names.h"'])


def units_h(spec):
    """The units as a list to go over, and what each of them has."""
    units = [u["name"] for u in spec["unit"]]
    o = ["/// Every unit, in the order of Unit.",
         "inline constexpr std::array kEveryUnit{" + ", ".join(f"Unit::k{camel(u)}" for u in units) + "};",
         "static_assert(kEveryUnit.size() == kUnits);", "",
         "/// Why a unit waits that misses a token of `producer`, any unit but fetch.",
         "constexpr Cause sem_cause(Unit producer) {",
         f"  return static_cast<Cause>(static_cast<int>(Cause::kSem{camel(units[1])}) + static_cast<int>(producer) - 1);", "}", "",
          "/// Of whom `unit` may take tokens, and to whom it may give them: bit u is Unit u; all but fetch and itself.",
          "constexpr uint32_t partners_of(Unit unit) {",
          f"  return ((1u << kUnits) - 1) & ~(1u << static_cast<int>(Unit::k{camel(units[0])})) & ~(1u << static_cast<int>(unit));", "}"]
    return header(o, ["<array>", "<cstdint>", "", '"model/isa/causes.h"', '"model/isa/names.h"'])


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
        if "words" in f:
            out.append(f"  std::array<uint32_t, {len(f['words'])}> {f['name']}{{}};  ///< {f['doc']}")
            continue
        init = "0" if f["kind"] != "f" else "1.0f"
        if cpp_type(f) == "bool":
            init = "false"
        elif f["min"] == 1:
            init = "1"
        out.append(f"  {cpp_type(f)} {f['name']} = {init};  ///< {f['doc']}")
    out += [f"  bool operator==(const {name}&) const = default;",
            f"  static constexpr {name} decode([[maybe_unused]] const Words& w) {{", f"    {name} r;"]
    for f in fields:
        out.append(f"    r.{f['name']} = {{{', '.join(f'w[{word}]' for word in f['words'])}}};" if "words" in f
                   else f"    r.{f['name']} = {get(f)};")
    out += ["    return r;", "  }", "  /// Writes the fields; leaves the other bits as they are.",
            "  constexpr void encode([[maybe_unused]] Words& w) const {"]
    for f in fields:
        out += [f"    w[{word}] = {f['name']}[{i}];" for i, word in enumerate(f["words"])] if "words" in f \
            else [f"    {put(f)}"]
    return out + ["  }", "};", ""]


def structs_h(spec, units):
    """One struct an instruction of `units`."""
    o = []
    for ins in spec["instruction"]:
        if ins["unit"] in units:
            o += struct(camel(ins["name"]), ins["summary"], ins["arrays"], ins["name"])
    return header(o[:-1], ["<array>", "<bit>", "<cstdint>", "", '"model/isa/words.h"'])


DMA_UNITS = ("lda", "ldw", "sto")


def dma_instructions_h(spec):
    return structs_h(spec, DMA_UNITS)


def compute_instructions_h(spec):
    return structs_h(spec, [u["name"] for u in spec["unit"] if u["name"] not in DMA_UNITS])


def instructions_h(spec):
    """The header of all instructions, and their structs."""
    o = struct("Header", "The fields that every instruction has. `opcode` is raw.", spec["header_field"])
    return header(o[:-1], ["<cstdint>", "", '"model/isa/compute_instructions.h"', '"model/isa/dma_instructions.h"',
                           '"model/isa/words.h"'])


def any_instruction_h(spec):
    """The variant of all instructions, with its words and its unit."""
    names = [camel(i["name"]) for i in spec["instruction"]]
    o = ["/// One instruction, whichever it is.", f"using AnyInstruction = std::variant<{', '.join(names)}>;", "",
         "/// The unit whose operation it is.", "constexpr Unit unit_of(Opcode opcode) {",
         "  return static_cast<Unit>(static_cast<uint8_t>(opcode) >> 4);", "}", "",
         "/// Whether it waits and signals, nothing else.", "constexpr bool is_sync(Opcode opcode) {",
         "  return (static_cast<uint8_t>(opcode) & 0xf) == 0;", "}", "",
         "/// The instructions that wait and signal, nothing else.", "template <class Instruction>",
         "concept Sync = is_sync(Instruction::kOpcode);", "",
         "constexpr Opcode opcode_of(const AnyInstruction& instruction) {",
         "  return std::visit([](const auto& i) { return i.kOpcode; }, instruction);", "}", "",
         "constexpr Unit unit_of(const AnyInstruction& instruction) {",
         "  return unit_of(opcode_of(instruction));", "}", "",
         "/// The instruction as it stands in memory. The opcode of `header` is not read.",
         "constexpr Words encode(const AnyInstruction& instruction, Header header = {}) {",
         "  Words words{};", "  header.opcode = static_cast<uint8_t>(opcode_of(instruction));",
         "  header.encode(words);", "  std::visit([&](const auto& i) { i.encode(words); }, instruction);",
         "  return words;", "}", "",
         "/// The fields of `words`, in range or not; none if the opcode is not known.",
         "constexpr std::optional<AnyInstruction> decode(const Words& words) {",
         "  switch (static_cast<Opcode>(Header::decode(words).opcode)) {"]
    for name in names:
        o.append(f"    case Opcode::k{name}: return {name}::decode(words);")
    o += ["  }", "  return std::nullopt;", "}"]
    return header(o, ["<cstdint>", "<optional>", "<variant>", "", '"model/isa/instructions.h"', '"model/isa/names.h"'])


def instruction_info_h(spec):
    """Instructions and fields as tables."""
    ops = spec["instruction"]
    o = ["enum class FieldKind : uint8_t { kUnsigned, kSigned, kFloat };", "",
          "/// Place, kind and legal range of a field (kFloat: range unused).",
          "struct FieldInfo {", "  const char* name; uint8_t word; uint8_t lsb; uint8_t width; FieldKind kind;",
          "  int64_t min; int64_t max; const char* doc;", "};", "",]
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
          "    if (static_cast<uint8_t>(info.opcode) == opcode) return &info;", "  return nullptr;", "}", ""]
    return header(o, ["<array>", "<cstdint>", "<span>", "", '"model/isa/instructions.h"', '"model/isa/names.h"'])


def hw_params_h(spec):
    """Hardware parameters."""
    o = ["/// The parameters of the hardware that program and RTL are built for (docs/configuration.md).",
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
    o += ["}};"]
    return header(o, ["<array>"])
