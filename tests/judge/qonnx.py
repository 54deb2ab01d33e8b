# SPDX-License-Identifier: Apache-2.0
"""QONNX networks: `Quant` and `BipolarQuant` as Brevitas exports them. ONNX Runtime gets the twin of standard.py."""
import numpy as np

from grow import FloatNetwork
from qdq import power_of_two
from standard import QONNX, standard


class QonnxNetwork(FloatNetwork):
    form = "qonnx"

    def __init__(self, draw, runtime, opset):
        super().__init__(draw, runtime, opset, standard)
        self.weight_bits = draw.pick([2, 3, 4, 4, 8, 8])
        self.bits = draw.pick([2, 3, 4, 4, 6, 8, 8])
        self.binary = draw.chance(0.15)
        self.scales = {}  # of rounded tensors
        self.name_of_quant = draw.pick(["Quant", "Quant", "Quant", "IntQuant"])

    def quant(self, x, scale, zero, bits, signed, narrow):
        inputs = [x, self.constant(np.asarray(scale, np.float32), "scale"), self.constant(np.float32(zero), "zero"),
                  self.constant(np.float32(bits), "bits")]
        made = super().one(self.name_of_quant, inputs, domain=QONNX, signed=signed, narrow=narrow, rounding_mode="ROUND")
        if made:
            self.scales[made] = np.asarray(scale, np.float32)
        return made

    def pair(self, x):
        draw, values = self.draw, self.values[x]
        low, high = float(values.min()), float(values.max())
        largest = max(-low, high, 1e-3)
        if self.binary and draw.chance(0.5):
            scale = power_of_two(largest / 2)
            made = super().one("BipolarQuant", [x, self.constant(np.float32(scale), "scale")], domain=QONNX)
            self.scales[made] = np.float32(scale)
            return made
        bits = self.bits if draw.chance(0.8) else 8
        signed = 1 if low < 0 else draw.pick([0, 0, 1])
        narrow = draw.pick([0, 0, 1]) if bits > 2 else 0
        zero = 0 if signed or draw.chance(0.9) else draw.whole(0, 2 ** (bits - 1) - 1)
        scale = power_of_two(largest / (2 ** (bits - 1) - 1 if signed else 2**bits - 1))
        if draw.chance(0.2):
            scale /= 2
        return self.quant(x, scale, zero, bits, signed, narrow)

    def finished(self, operator, inputs, **options):
        made = self.one(operator, inputs, **options)
        return made and self.pair(made)

    def moved(self, operator, inputs, **options):
        return self.one(operator, inputs, **options)

    def settle(self, operator, x, made):
        draw = self.draw
        if operator in ("Conv", "Gemm", "MatMul", "Add", "BatchNormalization") and draw.chance(0.4):
            made = self.one("Relu", [made]) or made
        if operator in ("Reshape", "Transpose", "Flatten", "Concat", "Slice", "Split", "MaxPool", "Squeeze", "Unsqueeze") and draw.chance(0.6):
            return [made]
        made = self.pair(made)
        return [made] if made else []

    def weight(self, array, axis, x):
        draw = self.draw
        if self.binary and draw.chance(0.5):
            scale = power_of_two(float(np.abs(array).mean()) + 1e-3)
            made = super().one("BipolarQuant", [self.constant(array, "w"), self.constant(np.float32(scale), "scale")], domain=QONNX)
            self.scales[made] = np.float32(scale)
            return made
        by_channel = axis is not None and draw.chance(0.4)
        others = tuple(i for i in range(array.ndim) if i != axis) if by_channel else None
        most = 2 ** (self.weight_bits - 1) - 1
        scale = np.array([power_of_two(max(float(v), 1e-4) / most) for v in np.ravel(np.abs(array).max(axis=others))], np.float32)
        scale = scale.reshape([-1 if i == axis else 1 for i in range(array.ndim)]) if by_channel else scale.reshape(())
        return self.quant(self.constant(array, "w"), scale, 0, self.weight_bits, 1, draw.pick([0, 1]))

    def bias(self, array, x, weights):
        """Whole numbers of the sums' unit, as floats."""
        if x not in self.scales or weights not in self.scales or array.ndim != 1:
            return self.constant(np.zeros(array.shape, np.float32), "b")
        unit = self.scales[x].reshape(-1) * self.scales[weights].reshape(-1)
        if unit.size not in (1, array.size):
            unit = unit.max()
        return self.constant((np.rint(array / unit) * unit).astype(np.float32), "b")

    def new_input(self, shape):
        x = super().new_input(shape)
        return self.pair(x) if x and self.draw.chance(0.9) else x
