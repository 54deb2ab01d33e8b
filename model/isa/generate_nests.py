# SPDX-License-Identifier: Apache-2.0
"""What instructions touch: their loops, addresses and accesses, as data in isa.toml, to pseudo-code and to C++.

An instruction may have
  loops    counter = field that bounds it, the outermost first
  sums     name = address: a field or a sum before it, and counters times fields
  touches  reads or writes = storage, at = address, units touched at each step, when = condition
  pseudo   text in which {counter} is its loop and {sum} is its address
"""
import re

from generate_cpp import camel, header

STORAGES = ("ub", "acc", "params", "tables", "dram")
LOOPS = 4  # of a nest, at most

# What units and conditions name besides fields.
SIZES = {
    "words": "g.words",
    "PB_ROW_BYTES": "g.pb_row_bytes",
    "TABLE_BYTES": "kTableBytes",
    "BOOK_BYTES": "kCodebookBytes",
    "stream": "weight_bytes_of(i)",
}


def exchange(touches):
    """The same with reads and writes exchanged."""
    other = {"reads": "writes", "writes": "reads"}
    return [{other.get(key, key): value for key, value in touch.items()} for touch in touches]


def pseudo_of(ins):
    """The pseudo-code, with its loops and addresses."""
    loops = {counter: f"{counter} < {field_of(ins, bound)[2:]}" for counter, bound in ins.get("loops", {}).items()}
    return ins["pseudo"].strip("\n").format(**loops, **ins.get("sums", {}))


def affine(ins, address):
    """Field of the first unit and {counter: field of the stride} of an address."""
    first, *steps = address.split(" + ")
    strides = {}
    if first in ins.get("sums", {}):
        first, strides = affine(ins, ins["sums"][first])
    for step in steps:
        counter, stride = step.split("*")
        assert counter in ins["loops"] and counter not in strides, (ins["name"], address)
        strides[counter] = field_of(ins, stride)
    return field_of(ins, first) if first[:2] != "i." else first, strides


def field_of(ins, name):
    assert name in {f["name"] for f in ins["fields"]}, (ins["name"], name)
    return f"i.{name}"


def expression(ins, text):
    """A number that fields and sizes make, in 64 bits."""
    def value(match):
        name = match[0]
        return SIZES[name] if name in SIZES else f"int64_t{{{field_of(ins, name)}}}"
    return re.sub(r"[A-Za-z]\w*", value, text)


def condition(ins, text):
    return f"!{field_of(ins, text[4:])}" if text.startswith("not ") else field_of(ins, text)


def nest(ins, touch):
    """The statement that adds what `touch` says."""
    storage, write = touch.get("writes") or touch["reads"], "true" if "writes" in touch else "false"
    assert storage in STORAGES, (ins["name"], storage)
    first, strides = affine(ins, touch["at"])
    loops = [f"{{{field_of(ins, bound)}, {strides.pop(counter)}}}"
             for counter, bound in ins.get("loops", {}).items() if counter in strides]
    assert len(loops) <= LOOPS and not strides, (ins["name"], touch)
    when = f"if ({condition(ins, touch['when'])}) " if "when" in touch else ""
    nest_loops = f"{{{{{', '.join(loops)}}}}}" if loops else "{}"
    return f"  {when}nests.add({{Storage::k{camel(storage)}, {write}, {first}, {nest_loops}, {expression(ins, touch['units'])}}});"


def nests_h(spec):
    """A function an instruction, and one for all."""
    o = []
    for ins in spec["instruction"]:
        touches = ins.get("touches", [])
        one = camel(ins["name"])
        assert len(touches) <= 5, "Nests of nest.h holds five"
        if not touches:
            o += [f"inline Nests nests_of(const isa::{one}&, const Geometry&) {{ return {{}}; }}", ""]
            continue
        o += [f"inline Nests nests_of(const isa::{one}& i, [[maybe_unused]] const Geometry& g) {{", "  Nests nests;"]
        o += [nest(ins, touch) for touch in touches]
        o += ["  return nests;", "}", ""]
    o += ["inline Nests nests_of(const isa::AnyInstruction& instruction, const Geometry& g) {",
          "  return std::visit([&](const auto& i) { return nests_of(i, g); }, instruction);", "}"]
    return header(o, ['"model/arch/nest.h"', '"model/arch/weight_rows.h"', '"model/isa/any_instruction.h"'],
                  namespace="systole::arch")
