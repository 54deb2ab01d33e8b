# SPDX-License-Identifier: Apache-2.0
"""Operators with weights: convolutions, products, normalisation."""
import numpy as np

from operators import operator


def window(draw, spatial, most=4):
    """Attributes of a sliding window over so many dimensions: kernel, strides, dilations, pads or auto_pad."""
    kernel = [draw.whole(1, most) for _ in range(spatial)]
    found = {"kernel_shape": kernel}
    if draw.chance(0.5):
        found["strides"] = [draw.pick([1, 1, 2, 2, 3]) for _ in range(spatial)]
    if draw.chance(0.25):
        found["dilations"] = [draw.pick([1, 2, 3]) for _ in range(spatial)]
    mode = draw.pick(["none", "pads", "pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"])
    if mode == "pads":
        found["pads"] = [draw.whole(0, 2) for _ in range(2 * spatial)]
    elif mode != "none":
        found["auto_pad"] = mode
    return found


def divisors(number):
    return [d for d in range(1, number + 1) if number % d == 0]


def scaled(draw, shape, fan):
    weights = draw.normal(*shape, scale=1.0 / np.sqrt(max(fan, 1)))
    if draw.chance(0.1):
        weights[0] = 0  # a channel that says nothing
    return weights


@operator("Conv", ranks=(3, 4))
def conv(net, x):
    draw, (_, channels, *rest) = net.draw, net.shape(x)
    found = window(draw, len(rest))
    if draw.chance(0.1):
        found["kernel_shape"] = [draw.pick([1, size]) for size in rest]
    group = draw.pick([1, 1, draw.pick(divisors(channels)), channels])
    out = group * draw.whole(1, max(1, 12 // group))
    fan = channels // group * int(np.prod(found["kernel_shape"]))
    weights = net.weight(scaled(draw, (out, channels // group, *found["kernel_shape"]), fan), 0, x)
    inputs = [x, weights]
    if draw.chance(0.6):
        inputs.append(net.bias(draw.normal(out), x, weights))
    if draw.chance(0.3):
        del found["kernel_shape"]
    if group > 1 or draw.chance(0.3):
        found["group"] = group
    return net.add("Conv", inputs, **found)


@operator("ConvTranspose", ranks=(3, 4))
def conv_transpose(net, x):
    draw, (_, channels, *rest) = net.draw, net.shape(x)
    found = window(draw, len(rest))
    if draw.chance(0.3):
        found["output_padding"] = [draw.whole(0, 1) for _ in rest]
    if draw.chance(0.15):
        found["output_shape"] = [size * found.get("strides", [1] * len(rest))[i] + draw.whole(0, 2) for i, size in enumerate(rest)]
    if "SAME" in str(found.get("auto_pad")):  # ONNX leaves open what a kernel smaller than its stride means there
        found["strides"] = [min(s, k) for s, k in zip(found.get("strides", [1] * len(rest)), found["kernel_shape"])]
        found.pop("output_padding", None)
    group = draw.pick([1, 1, draw.pick(divisors(channels))])
    out = draw.whole(1, max(1, 8 // group))
    weights = net.weight(scaled(draw, (channels, out, *found["kernel_shape"]), channels // group), 1 if group == 1 else None, x)
    inputs = [x, weights]
    if draw.chance(0.6):
        inputs.append(net.bias(draw.normal(group * out), x, weights))
    if group > 1:
        found["group"] = group
    return net.add("ConvTranspose", inputs, **found)


def flat(net, x):
    """`x` as [n, features], or nothing."""
    if len(net.shape(x)) == 2:
        return x
    if net.draw.chance(0.5):
        return net.moved("Flatten", [x], axis=1 if net.draw.chance(0.5) else None)
    shape = net.draw.pick([[net.shape(x)[0], -1], [0, -1]])
    return net.moved("Reshape", [x, net.constant(np.array(shape, np.int64))])


@operator("Gemm")
def gemm(net, x):
    draw = net.draw
    x = flat(net, x)
    if x is None:
        return None
    features, out = net.shape(x)[1], draw.whole(1, 12)
    found = {}
    if draw.chance(0.5):
        found["transB"] = draw.pick([0, 1])
    if draw.chance(0.3):
        found["alpha"] = draw.number(0.25, 2)
    if draw.chance(0.3):
        found["beta"] = draw.number(0.25, 2)
    turned = found.get("transB", 0)
    shape = (out, features) if turned else (features, out)
    weights = net.weight(scaled(draw, shape, features), 0 if turned else 1, x)
    inputs = [x, weights]
    if net.opset < 11 or draw.chance(0.7):
        inputs.append(net.bias(draw.normal(*draw.pick([(out,), (1, out), (out,), (1,)])), x, weights))
    return net.add("Gemm", inputs, **found)


@operator("MatMul")
def matmul(net, x):
    draw = net.draw
    if len(net.shape(x)) in (4, 5) and draw.chance(0.7):
        x = flat(net, x)
        if x is None:
            return None
    features, out = net.shape(x)[-1], draw.whole(1, 12)
    return net.add("MatMul", [x, net.weight(scaled(draw, (features, out), features), 1, x)])


@operator("BatchNormalization")
def batch_normalization(net, x):
    draw, channels = net.draw, net.shape(x)[1]
    names = [net.constant(array) for array in (draw.uniform(0.3, 1.5, channels) * draw.pick([1, -1]), draw.normal(channels),
                                               draw.normal(channels), draw.uniform(0.3, 2, channels))]
    found = {}
    if draw.chance(0.4):
        found["epsilon"] = draw.pick([1e-3, 1e-5, 0.1])
    if draw.chance(0.2):
        found["momentum"] = 0.5
    if net.opset < 9 and draw.chance(0.3):
        found["spatial"] = 1
    return net.add("BatchNormalization", [x, *names], **found)


@operator("PRelu")
def prelu(net, x):
    draw, shape = net.draw, net.shape(x)
    slopes = draw.pick([(1,), (shape[1],) + (1,) * (len(shape) - 2), (1,) * len(shape), (1, shape[1]) + (1,) * (len(shape) - 2)])
    if draw.chance(0.1):
        slopes = draw.pick([shape[1:], shape[-1:]])
    return net.add("PRelu", [x, net.constant(draw.uniform(-0.5, 1.2, *slopes))])
