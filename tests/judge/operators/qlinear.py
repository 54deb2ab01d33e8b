# SPDX-License-Identifier: Apache-2.0
"""Operators of quantised tensors: ONNX's QLinear ones, ONNX Runtime's, and integers with scales that are computed.

They read the integers of a tensor whose codes the network knows, and give a tensor with codes.
"""
import numpy as np

from operators import operator
from operators.linear import divisors, flat, scaled, window


def qlinear(name, ranks=(2, 3, 4), since=10):
    return operator(name, where="qlinear", ranks=ranks, since=since)


def triple(net, x):
    """Integers, scale, zero point."""
    codes = net.codes[x]
    if not codes.zero:
        codes = codes._replace(zero=net.constant(np.array(0, np.uint8), "zero"))
    return [codes.integers, codes.scale, codes.zero]


def steps_of(net, low, high):
    """Scale and zero point of a result in a range."""
    scale, zero = net.steps_for(np.array([low, high], np.float32))
    return [scale, zero or net.constant(np.array(0, net.kind), "zero")]


def guess(net, operator, x, *rest, **options):
    """The range of the float operator's result, which is what a quantiser measures."""
    count = len(net.nodes)
    made = net.plain(operator, [x, *rest], **options)
    if made is None:
        return None
    values = net.values[made]
    net.forget(count)
    return steps_of(net, float(values.min()), float(values.max()))


def weights_of(net, array, axis, by_channel):
    """Integers, scale and zero point of constants; ONNX Runtime's u8 x s8 kernels saturate beyond seven bits without VNNI."""
    draw = net.draw
    others = tuple(i for i in range(array.ndim) if i != axis) if by_channel else None
    scale = np.array([net.step(float(v) / 63) for v in np.ravel(np.abs(array).max(axis=others))], np.float32)
    scale = scale if by_channel else scale.reshape(())
    shape = [-1 if i == axis else 1 for i in range(array.ndim)] if by_channel else ()
    unsigned = net.kind == np.uint8 and draw.chance(0.3)
    kind, zero = (np.uint8, 128) if unsigned else (np.int8, 0)
    integers = np.rint(array / scale.reshape(shape)).clip(-64, 63) + zero
    real = ((integers - zero) * scale.reshape(shape)).astype(np.float32)
    return ([net.constant(integers.astype(kind), "w"), net.constant(scale, "scale"),
             net.constant(np.full(scale.shape, zero, kind), "zero")], real)


def bias_of(net, x, out, scale):
    """int32 in the unit of the sums."""
    unit = net.values[net.codes[x].scale] * net.values[scale]
    return net.constant(np.rint(net.draw.normal(out) / unit).clip(-2**22, 2**22).astype(np.int32), "b")


def result(net, operator, inputs, steps, domain="", **options):
    made = net.integer(operator, inputs, domain, **options)
    back = made and net.back(made, *steps)
    return back and [back]


@qlinear("QLinearConv", ranks=(3, 4))
def qlinear_conv(net, x):
    draw, (_, channels, *rest) = net.draw, net.shape(x)
    found = window(draw, len(rest))
    group = draw.pick([1, 1, draw.pick(divisors(channels)), channels])
    out = group * draw.whole(1, max(1, 12 // group))
    array = scaled(draw, (out, channels // group, *found["kernel_shape"]), channels // group * int(np.prod(found["kernel_shape"])))
    if group > 1:
        found["group"] = group
    weights, real = weights_of(net, array, 0, draw.chance(0.4))
    steps = guess(net, "Conv", x, net.constant(real), **found)
    if steps is None:
        return None
    inputs = [*triple(net, x), *weights, *steps]
    if draw.chance(0.6):
        inputs.append(bias_of(net, x, out, weights[1]))
    return result(net, "QLinearConv", inputs, steps, **found)


@qlinear("QLinearMatMul")
def qlinear_matmul(net, x):
    draw = net.draw
    if len(net.shape(x)) > 2 and draw.chance(0.8):
        x = flat(net, x)
    if x is None or x not in net.codes:
        return None
    features, out = net.shape(x)[-1], draw.whole(1, 12)
    weights, real = weights_of(net, scaled(draw, (features, out), features), 1, False)
    steps = guess(net, "MatMul", x, net.constant(real))
    return steps and result(net, "QLinearMatMul", [*triple(net, x), *weights, *steps], steps)


@qlinear("QGemm")
def qgemm(net, x):
    draw = net.draw
    x = flat(net, x)
    if x is None or x not in net.codes:
        return None
    features, out, turned = net.shape(x)[1], draw.whole(1, 12), draw.pick([0, 1])
    shape = (out, features) if turned else (features, out)
    weights, real = weights_of(net, scaled(draw, shape, features), 0 if turned else 1, False)
    alpha = draw.pick([None, None, 1.0, 0.5, 2.0])
    steps = guess(net, "Gemm", x, net.constant(real), net.constant(np.zeros(out, np.float32)), transB=turned, alpha=alpha)
    if steps is None:
        return None
    inputs = [*triple(net, x), *weights, bias_of(net, x, out, weights[1]) if draw.chance(0.7) else "", *steps]
    return result(net, "QGemm", inputs, steps, "com.microsoft", transB=turned, alpha=alpha)


def other_of(net, x):
    """Another tensor with codes of the same shape, or none."""
    same = [t for t in net.live if t in net.codes and net.shape(t) == net.shape(x) and t != x]
    return net.draw.pick(same) if same and net.draw.chance(0.85) else None


def qlinear_two(name, plain):
    @qlinear(name)
    def draw(net, x, name=name):
        other = other_of(net, x)
        if other is None:
            made = net.finished("Relu", [x])
            other = made if made in net.codes else None
        steps = other and guess(net, plain, x, other)
        return steps and result(net, name, [*triple(net, x), *triple(net, other), *steps], steps, "com.microsoft")


qlinear_two("QLinearAdd", "Add")
qlinear_two("QLinearMul", "Mul")


def qlinear_function(name, plain, **options):
    @qlinear(name)
    def draw(net, x, name=name):
        found = {key: net.draw.number(*limits) for key, limits in options.items()}
        steps = guess(net, plain, x, **found)
        return steps and result(net, name, [*triple(net, x), *steps], steps, "com.microsoft", **found)


qlinear_function("QLinearSigmoid", "Sigmoid")
qlinear_function("QLinearLeakyRelu", "LeakyRelu", alpha=(0.01, 0.9))


@qlinear("QLinearAveragePool", ranks=(3, 4))
def qlinear_average_pool(net, x):
    found = window(net.draw, len(net.shape(x)) - 2)
    found.pop("dilations", None)
    if net.draw.chance(0.5):
        found["count_include_pad"] = net.draw.pick([0, 1])
    steps = guess(net, "AveragePool", x, **found)
    return steps and result(net, "QLinearAveragePool", [*triple(net, x), *steps], steps, "com.microsoft", **found)


@qlinear("QLinearGlobalAveragePool", ranks=(4,))
def qlinear_global_average_pool(net, x):
    steps = guess(net, "GlobalAveragePool", x)
    return steps and result(net, "QLinearGlobalAveragePool", [*triple(net, x), *steps], steps, "com.microsoft",
                            channels_last=net.draw.pick([None, 0]))


@qlinear("QLinearConcat")
def qlinear_concat(net, x):
    draw, shape = net.draw, net.shape(x)
    axis = draw.pick([1, 1, 1, draw.whole(1, len(shape) - 1)])
    fits = [t for t in net.live if t in net.codes and len(net.shape(t)) == len(shape) and
            all(i == axis or a == b for i, (a, b) in enumerate(zip(net.shape(t), shape)))]
    parts = draw.shuffled([x] + [draw.pick(fits) for _ in range(draw.pick([1, 1, 1, 2]))])
    steps = guess(net, "Concat", *parts, axis=axis)
    return steps and result(net, "QLinearConcat", steps + [name for part in parts for name in triple(net, part)], steps,
                            "com.microsoft", axis=axis)


def dynamic(net, x):
    made = net.add("DynamicQuantizeLinear", [x], outputs=3)
    return made if made else (None, None, None)


def scaled_back(net, sums, scale, weights):
    """Cast and two factors, as ONNX Runtime's dynamic quantiser writes them."""
    floats = sums and net.plain("Cast", [sums], to=1)
    factor = floats and net.plain("Mul", [scale, weights[1]])
    return floats and factor and net.add("Mul", [floats, factor])


@operator("ConvInteger", where="dynamic", ranks=(4,), since=11)
def conv_integer(net, x):
    draw, (_, channels, *rest) = net.draw, net.shape(x)
    integers, scale, zero = dynamic(net, x)
    if integers is None:
        return None
    found = window(draw, len(rest), 3)
    weights, _ = weights_of(net, scaled(draw, (draw.whole(1, 8), channels, *found["kernel_shape"]), channels * 4), 0, False)
    sums = net.plain("ConvInteger", [integers, weights[0], zero] + ([weights[2]] if draw.chance(0.5) or net.values[weights[2]] else []), **found)
    return scaled_back(net, sums, scale, weights)


def stated(net, x):
    """A new input of integers in the shape of `x`, with a scale and a zero point of the file."""
    draw, kind = net.draw, net.draw.pick([np.uint8, np.int8])
    info = np.iinfo(kind)
    integers = draw.integers(info.min, info.max, *net.shape(x)).astype(kind)
    return net.input(integers), net.constant(np.float32(1 / 128)), net.constant(np.array(draw.whole(0, 20), kind), "zero")


@operator("MatMulInteger", where="dynamic", ranks=(2, 3), since=11)
def matmul_integer(net, x):
    features, out = net.shape(x)[-1], net.draw.whole(1, 12)
    integers, scale, zero = dynamic(net, x) if net.draw.chance(0.7) else stated(net, x)
    if integers is None:
        return None
    weights, _ = weights_of(net, scaled(net.draw, (features, out), features), 1, False)
    return scaled_back(net, net.plain("MatMulInteger", [integers, weights[0], zero, weights[2]]), scale, weights)
