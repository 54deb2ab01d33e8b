# SPDX-License-Identifier: Apache-2.0
"""Networks with QuantizeLinear and DequantizeLinear, placed as several quantisers place them.

static      a pair behind each operator (ONNX Runtime's static quantiser)
pre-relu    also between an operator and its clamp, with other steps
fused       none between an operator and what can be computed with it (sum, clamp)
consumer    a pair for each reader (per-tensor fake quantisation)
integer     inputs and outputs are integers, what only moves elements works on them (converters from TFLite)
"""
import typing

import numpy as np

from grow import FloatNetwork
from network import TensorProto

STYLES = ("static", "pre-relu", "fused", "consumer", "integer")
#: What only moves elements, by the first opset whose version takes integers of 8 bits.
MOVES_INTEGERS = {"MaxPool": 12, "Reshape": 10, "Transpose": 10, "Slice": 10, "Split": 10, "Concat": 10, "Squeeze": 10, "Unsqueeze": 10,
                  "Flatten": 10, "Identity": 10, "Pad": 13, "DepthToSpace": 10}
FUSES = ("Conv", "Gemm", "MatMul", "ConvTranspose", "Add", "BatchNormalization", "Sum")


class Codes(typing.NamedTuple):
    scale: str
    zero: str  # "" where the node leaves it out
    integers: str  # the quantised tensor


def power_of_two(scale: float) -> float:
    return float(2.0 ** np.ceil(np.log2(scale)))


class QdqNetwork(FloatNetwork):
    form = "qdq"

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        draw = self.draw
        self.style = draw.pick(STYLES)
        self.kind = draw.pick([np.uint8, np.int8])
        self.exact = draw.chance(0.7)  # scales are powers of two: float32 is exact
        self.weight_zero = draw.pick([None, 0, 0, 0])
        self.codes: typing.Dict[str, Codes] = {}
        self.whole = True  # every result has a scale

    # -------------------------------------------------------------------------------------------- activations

    def step(self, scale: float) -> float:
        scale = max(scale, 1e-5)
        return power_of_two(scale) if self.exact else float(np.float32(scale))

    def steps_for(self, values: np.ndarray) -> typing.Tuple[str, str]:
        """Scale and zero point over the values' range, now and then a narrower one."""
        draw, info = self.draw, np.iinfo(self.kind)
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        if draw.chance(0.1):
            low, high = low / 2, high / 2
        if high - low < 1e-3:
            high = low + 1
        if self.kind == np.int8 and draw.chance(0.4):
            scale, zero = self.step(max(-low, high) / 127), 0
        else:
            scale = self.step((high - low) / 255)
            zero = int(np.clip(round(info.min - low / scale), info.min, info.max))
            if draw.chance(0.15):
                zero = 128 if self.kind == np.uint8 else 0
        shape = (1,) if draw.chance(0.1) else ()
        named = "" if zero == 0 and draw.chance(0.3) and self.kind == np.uint8 else self.constant(np.full(shape, zero, self.kind), "zero")
        return self.constant(np.full(shape, scale, np.float32), "scale"), named

    def pair(self, x: str, steps: typing.Optional[typing.Tuple[str, str]] = None) -> typing.Optional[str]:
        scale, zero = steps or self.steps_for(self.values[x])
        inputs = [scale] + ([zero] if zero else [])
        integers = super().one("QuantizeLinear", [x, *inputs])
        return integers and self.back(integers, scale, zero)

    def back(self, integers: str, scale: str, zero: str) -> typing.Optional[str]:
        made = super().one("DequantizeLinear", [integers, scale] + ([zero] if zero else []))
        if made:
            self.codes[made] = Codes(scale, zero, integers)
        return made

    def move_share(self):
        """How often what only moves elements does so with the integers."""
        return 0.6 if self.style == "integer" else 0.08

    def add(self, operator, inputs, outputs=1, domain="", **options):
        """What only moves elements may do so with the integers."""
        coded = [name for name in inputs if name in self.codes]
        loose = [name for name in inputs if name and name not in self.codes and name not in self.constants]
        if (not coded or loose or self.opset < MOVES_INTEGERS.get(operator, 99) or (operator == "Pad" and len(inputs) > 2) or
                len({(self.codes[c].scale, self.codes[c].zero) for c in coded}) != 1 or not self.draw.chance(self.move_share())):
            return super().add(operator, inputs, outputs, domain, **options)
        first = self.codes[coded[0]]
        integers = [self.codes[name].integers if name in self.codes else name for name in inputs]
        if operator == "Pad" and first.zero:
            integers.append(first.zero)
        made = super().add(operator, integers, outputs, domain, **options)
        if made is None:
            return super().add(operator, inputs, outputs, domain, **options)
        return [self.back(name, first.scale, first.zero) for name in made]

    def finished(self, operator, inputs, **options):
        made = self.one(operator, inputs, **options)
        return made if made is None or made in self.codes else self.pair(made)

    def moved(self, operator, inputs, **options):
        if self.draw.chance(0.5):
            return self.one(operator, inputs, **options)
        made = self.one(operator, inputs, **options)
        if made is None or made in self.codes:
            return made
        codes = self.codes.get(inputs[0])
        return self.pair(made, codes[:2] if codes and self.draw.chance(0.8) else None)

    def settle(self, operator, x, made):
        draw = self.draw
        if made in self.codes:
            return [made]
        if self.values[made].dtype != np.float32:
            return []
        if operator in FUSES and self.style == "fused" and draw.chance(0.5):
            clamped = self.one("Relu", [made])
            made = clamped or made
        elif operator in FUSES and draw.chance(0.3):
            if self.style == "pre-relu":
                made = self.pair(made) or made
            made = self.one("Relu", [made]) or made
        codes = self.codes.get(x)
        shared = None
        if operator in MOVES_INTEGERS and codes:
            if draw.chance(0.3):
                return [made]
            shared = codes[:2] if draw.chance(0.7) else None
        found = [self.pair(made, shared)]
        if self.style == "consumer" or draw.chance(0.05):
            for _ in range(draw.whole(1, 2)):
                steps = self.codes[found[0]][:2] if found[0] and draw.chance(0.85) else None
                found.append(self.pair(made, steps))
        return [self.chain(name) for name in found if name]

    def chain(self, x):
        """Now and then more pairs behind a pair, of other steps, or of the same ones."""
        while x and self.draw.chance(0.06):
            made = self.pair(x, self.codes[x][:2] if x in self.codes and self.draw.chance(0.2) else None)
            x = made or x
            if self.draw.chance(0.3) and len(self.shape(x)) > 2:
                flat = self.one("Flatten", [x])
                x = flat if flat in self.codes else flat and self.pair(flat) or x
        return x

    # ------------------------------------------------------------------------------------------------ weights

    def weight(self, array, axis, x):
        draw = self.draw
        by_channel = axis is not None and self.opset >= 13 and draw.chance(0.5)
        others = tuple(i for i in range(array.ndim) if i != axis) if by_channel else None
        largest = np.abs(array).max(axis=others)
        scale = np.array([self.step(float(v) / 127) for v in np.ravel(largest)], np.float32)
        scale = scale if by_channel else scale.reshape(())
        shape = [-1 if i == axis else 1 for i in range(array.ndim)] if by_channel else ()
        if draw.chance(0.1):
            return self._rounded_weight(array, scale, axis if by_channel else None)
        if self.opset >= 21 and draw.chance(0.1):
            return self._nibbles(array, largest, axis if by_channel else None)
        offset, kind = (128, np.uint8) if draw.chance(0.15) else (0, np.int8)
        if draw.chance(0.04):
            offset = draw.whole(100, 140) if offset else draw.whole(-3, 3)
        info = np.iinfo(kind)
        integers = np.clip(np.rint(array / scale.reshape(shape)) + offset, info.min, info.max).astype(kind)
        inputs = [self.constant(integers, "w"), self.constant(scale, "scale")]
        if offset or draw.chance(0.7):
            inputs.append(self.constant(np.full(scale.shape, offset, kind), "zero"))
        return super().one("DequantizeLinear", inputs, axis=axis if by_channel else None)

    def _nibbles(self, array, largest, axis):
        """INT4 or UINT4, which this onnx package does not know: two in a byte, the first one low."""
        kind, zero = self.draw.pick([(22, 0), (21, 8)])
        scale = np.array([self.step(float(v) / 7) for v in np.ravel(largest)], np.float32)
        scale = scale if axis is not None else scale.reshape(())
        shape = [-1 if i == axis else 1 for i in range(array.ndim)] if axis is not None else ()
        codes = np.clip(np.rint(array / scale.reshape(shape)), -8, 7).astype(int) + zero
        inputs = [self._packed(kind, codes), self.constant(scale, "scale")]
        if zero:
            inputs.append(self._packed(kind, np.full(scale.shape, zero, int)))
        return super().one("DequantizeLinear", inputs, axis=axis)

    def _packed(self, kind, codes):
        flat = np.append(codes.reshape(-1), [0] * (codes.size % 2)).astype(int) & 15
        tensor = TensorProto()
        tensor.name, tensor.data_type = self.name("nibbles"), kind
        tensor.dims.extend(codes.shape)
        tensor.raw_data = (flat[0::2] | flat[1::2] << 4).astype(np.uint8).tobytes()
        self.raw[tensor.name] = tensor
        return tensor.name

    def _rounded_weight(self, array, scale, axis):
        """Floats that the file rounds itself."""
        inputs = [self.constant(scale, "scale"), self.constant(np.zeros(scale.shape, np.int8), "zero")]
        weights = self.constant(array, "w")
        integers = super().one("QuantizeLinear", [weights, *inputs], axis=axis)
        return super().one("DequantizeLinear", [integers, *inputs], axis=axis)

    def bias(self, array, x, weights):
        draw = self.draw
        made = next((n for n in self.nodes if weights in n.output), None)
        if x not in self.codes or made is None or draw.chance(0.1) or array.ndim != 1:
            return self.constant(array, "b")
        product = self.values[self.codes[x].scale] * self.values[made.input[1]]
        if product.ndim and product.size != array.size:
            return self.constant(array, "b")
        integers = np.clip(np.rint(array / product), -2**24, 2**24).astype(np.int32)
        inputs = [self.constant(integers, "b"), self.constant(np.float32(product), "scale")]
        if draw.chance(0.4):
            inputs.append(self.constant(np.zeros(product.shape, np.int32), "zero"))
        return super().one("DequantizeLinear", inputs, axis=0 if product.ndim else None)

    # ------------------------------------------------------------------------------------------ inputs, outputs

    def new_input(self, shape):
        draw = self.draw
        array = draw.normal(*shape) if draw.chance(0.7) else draw.uniform(0, 1, *shape)
        scale, zero = self.steps_for(array)
        last = len(shape) > 2 and draw.chance(0.25)
        turn = [0, *range(2, len(shape)), 1]
        back = [0, len(shape) - 1, *range(1, len(shape) - 1)]
        if last:
            array = np.ascontiguousarray(array.transpose(turn))
        if self.style == "integer" and draw.chance(0.7):
            info = np.iinfo(self.kind)
            zero = zero or self.constant(np.array(0, self.kind), "zero")
            integers = np.clip(np.rint(array / self.values[scale]) + self.values[zero].astype(int), info.min, info.max).astype(self.kind)
            x = self.back(self.input(integers), scale, zero)
        else:
            x = self.input(array)
            if last and draw.chance(0.4):
                return self.pair(super().one("Transpose", [x], perm=back), (scale, zero))
            x = self.pair(x, (scale, zero))
        if not last:
            return x
        made = self.one("Transpose", [x], perm=back)
        return made if made in self.codes or draw.chance(0.6) else self.pair(made, (scale, zero))

    def end(self):
        super().end()
        share = 0.8 if self.style == "integer" else 0.15
        self.outputs = [self.codes[name].integers if name in self.codes and self.draw.chance(share) else name for name in self.outputs]
        self.outputs = [name for name in dict.fromkeys(self.outputs) if name not in self.inputs]


__all__ = ["QdqNetwork", "TensorProto"]
