# SPDX-License-Identifier: Apache-2.0
"""What ONNX's own schemas say about an operator of an opset: its attributes, with types, defaults and words.

Debian's onnx knows the opsets up to 17; what later ones added stands here by hand.
"""
import functools
import pathlib
import re
import typing

import onnx
from onnx import defs

OLDEST, NEWEST = 7, 25
KNOWN = defs.onnx_opset_version()
#: The IR version that came with an opset: ONNX's table of versions.
IR_VERSIONS = {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10,
               23: 11, 24: 12, 25: 13}

Attribute = typing.NamedTuple("Attribute", [("kind", int), ("default", object), ("words", typing.Tuple[str, ...])])
INT, FLOAT, STRING, INTS, FLOATS = (onnx.AttributeProto.INT, onnx.AttributeProto.FLOAT, onnx.AttributeProto.STRING,
                                    onnx.AttributeProto.INTS, onnx.AttributeProto.FLOATS)

#: (operator, opset): attributes that appear with it; None: one that goes.
NEWER: typing.Dict[typing.Tuple[str, int], typing.Dict[str, typing.Optional[Attribute]]] = {
    ("AveragePool", 19): {"dilations": Attribute(INTS, None, ())},
    ("LpPool", 18): {"dilations": Attribute(INTS, None, ()), "ceil_mode": Attribute(INT, 0, ())},
    ("Resize", 18): {"antialias": Attribute(INT, 0, ()), "axes": Attribute(INTS, None, ()),
                     "keep_aspect_ratio_policy": Attribute(STRING, "stretch", ("stretch", "not_larger", "not_smaller"))},
    ("Split", 18): {"num_outputs": Attribute(INT, None, ())},
    ("QuantizeLinear", 19): {"saturate": Attribute(INT, 1, ())},
    ("QuantizeLinear", 21): {"block_size": Attribute(INT, 0, ()), "output_dtype": Attribute(INT, 0, ())},
    ("QuantizeLinear", 23): {"precision": Attribute(INT, 0, ())},
    ("DequantizeLinear", 21): {"block_size": Attribute(INT, 0, ())},
    ("DequantizeLinear", 23): {"output_dtype": Attribute(INT, 0, ())},
    ("Cast", 19): {"saturate": Attribute(INT, 1, ())},
    ("Cast", 24): {"round_mode": Attribute(STRING, "up", ("up", "down", "nearest"))},
    ("Gelu", 20): {"approximate": Attribute(STRING, "none", ("none", "tanh"))},
    ("Swish", 24): {"alpha": Attribute(FLOAT, 1.0, ())},
    ("GroupNormalization", 18): {"epsilon": Attribute(FLOAT, 1e-5, ()), "num_groups": Attribute(INT, None, ())},
    ("GroupNormalization", 21): {"stash_type": Attribute(INT, 1, ())},
    ("RMSNormalization", 23): {"axis": Attribute(INT, -1, ()), "epsilon": Attribute(FLOAT, 1e-5, ()),
                               "stash_type": Attribute(INT, 1, ())},
    ("HardSwish", 14): {},
    ("Mish", 18): {},
}
REDUCTIONS = ("ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
              "ReduceLogSum", "ReduceLogSumExp")
for _name in REDUCTIONS:
    if _name != "ReduceSum":  # as the others since 13
        NEWER[_name, 18] = {"axes": None, "noop_with_empty_axes": Attribute(INT, 0, ())}


def promised(root: pathlib.Path) -> typing.Tuple[int, int]:
    """The opsets that docs/operators.md promises."""
    found = re.search(r"opsets (\d+) to (\d+)", (root / "docs/operators.md").read_text())
    return int(found[1]), int(found[2])


def since(operator: str) -> int:
    """The opset that the operator appears in."""
    versions = [s.since_version for s in defs.get_all_schemas_with_history() if s.name == operator and s.domain == ""]
    versions += [opset for name, opset in NEWER if name == operator]
    return min(versions)


def version_of(operator: str, opset: int) -> int:
    """The opset whose definition of the operator holds in `opset`; 0: none."""
    try:
        return defs.get_schema(operator, opset).since_version
    except defs.SchemaError:
        return 0


def _words(description: str) -> typing.Tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"['\"`]([A-Za-z_]\w*)['\"`]", description)))


@functools.lru_cache(maxsize=None)
def attributes(operator: str, opset: int) -> typing.Dict[str, Attribute]:
    """The attributes of a standard operator, by name."""
    found: typing.Dict[str, Attribute] = {}
    try:
        schema = defs.get_schema(operator, min(opset, KNOWN))
    except defs.SchemaError:
        schema = None
    if schema is not None:
        for name, attribute in schema.attributes.items():
            default = attribute.default_value
            value = onnx.helper.get_attribute_value(default) if default.name else None
            value = value.decode() if isinstance(value, bytes) else value
            found[name] = Attribute(int(attribute.type), value, _words(attribute.description))
    for (name, first), changes in sorted(NEWER.items(), key=lambda entry: entry[0][1]):
        if name != operator or first > opset:
            continue
        for key, attribute in changes.items():
            if attribute is None:
                found.pop(key, None)
            else:
                found[key] = attribute
    return found
