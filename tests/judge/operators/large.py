# SPDX-License-Identifier: Apache-2.0
"""Windows that no single instruction holds, each over an input of its own; and what ONNX Runtime adds to ONNX."""
import numpy as np

from operators import operator


def wide_input(net, low, high):
    """One row, or a map, of up to 5,000 elements."""
    draw = net.draw
    if draw.chance(0.6):
        return net.new_input((net.batch, 1, 1, draw.whole(low, high)))
    return net.new_input((net.batch, 1, draw.whole(60, 70), draw.whole(60, 70)))


@operator("LargeConv", ranks=(2, 3, 4, 5), since=7)
def large_conv(net, x):
    draw, x = net.draw, net.new_input((net.batch, draw_channels(net), 1, net.draw.whole(300, 600)))
    kernel = draw.whole(200, 290)
    weights = net.weight(draw.normal(draw.whole(1, 3), net.shape(x)[1], 1, kernel, scale=kernel ** -0.5), 0, x)
    return net.add("Conv", [x, weights], strides=[1, draw.whole(1, 300)])


def draw_channels(net):
    return net.draw.pick([1, 2])


@operator("LargePool", ranks=(2, 3, 4, 5), since=7)
def large_pool(net, x):
    draw, x = net.draw, wide_input(net, 300, 600)
    height, width = net.shape(x)[2:]
    kernel = [height, draw.whole(256, 300)] if height == 1 else [draw.whole(50, 60), draw.whole(50, 60)]
    return net.add(draw.pick(["MaxPool", "AveragePool"]), [x], kernel_shape=kernel, strides=[1, draw.whole(1, 300)])


@operator("LargeGlobalPool", ranks=(2, 3, 4, 5), since=7)
def large_global_pool(net, x):
    x = wide_input(net, 300, 3000)
    return net.add(net.draw.pick(["GlobalAveragePool", "GlobalMaxPool"]), [x])


@operator("MicrosoftGelu", since=7)
def microsoft_gelu(net, x):
    return net.add("Gelu", [x], domain="com.microsoft")


@operator("FusedConv", ranks=(4,), since=7)
def fused_conv(net, x):
    draw, channels, out = net.draw, net.shape(x)[1], net.draw.whole(1, 6)
    weights = net.weight(draw.normal(out, channels, 1, 1, scale=channels ** -0.5), 0, x)
    name, extra = draw.pick([("Relu", {}), ("LeakyRelu", {"activation_params": [0.1]}), ("Tanh", {}), ("Sigmoid", {}),
                             ("Clip", {"activation_params": [-0.5, 1.0]}), ("HardSigmoid", {"activation_params": [0.2, 0.5]})])
    return net.add("FusedConv", [x, weights, net.bias(draw.normal(out), x, weights)], domain="com.microsoft", activation=name, **extra)


@operator("ShapeChain", ranks=(3, 4), since=9)
def shape_chain(net, x):
    """x.view(x.size(0), -1) as exporters write it."""
    shape = net.plain_one("Shape", [x])
    first = shape and net.plain_one("Gather", [shape, net.constant(np.array(0, np.int64))], axis=0)
    axes = {"axes": [0]} if net.opset < 13 else {}
    inputs = [first] if net.opset < 13 else [first, net.constant(np.array([0], np.int64))]
    wide = first and net.plain_one("Unsqueeze", inputs, **axes)
    target = wide and net.plain_one("Concat", [wide, net.constant(np.array([-1], np.int64))], axis=0)
    return target and net.add("Reshape", [x, target])
