# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators of one tensor, of two, and with constants."""
import numpy as np

from operators import operator


def unary(name, where="machine", since=0, **ranges):
    @operator(name, where=where, since=since)
    def draw(net, x, name=name, ranges=ranges):
        found = {key: net.draw.number(*limits) for key, limits in ranges.items() if net.draw.chance(0.6)}
        return net.add(name, [x], **found)


for _name in ("Relu", "Abs", "Neg", "Exp", "Tanh", "Erf", "Sin", "Cos", "Floor", "Ceil", "Round", "Sign", "Sigmoid", "Softplus", "Softsign",
              "HardSwish", "Mish"):
    unary(_name)
unary("LeakyRelu", alpha=(-0.2, 1.2))
unary("Elu", alpha=(0.1, 2))
unary("Selu", alpha=(0.5, 2), gamma=(0.5, 1.5))
unary("Celu", alpha=(0.2, 2))
unary("ThresholdedRelu", alpha=(-0.5, 1.5))
unary("Shrink", lambd=(0, 1), bias=(-0.5, 0.5))
unary("HardSigmoid", alpha=(0.1, 0.5), beta=(0.1, 0.9))


@operator("Gelu", since=20)
def gelu(net, x):
    return net.add("Gelu", [x], approximate=net.draw.pick([None, "none", "tanh"]))


def positive(net, x):
    """A positive tensor made of `x`, away from zero."""
    shift = net.constant(np.float32(net.draw.number(0.5, 1.5)))
    x = net.one(net.draw.pick(["Sigmoid", "Abs", "Softplus"]), [x])
    return x and net.one("Add", [x, shift])


def of_positive(name):
    @operator(name)
    def draw(net, x, name=name):
        x = x if float(net.values[x].min()) > 0.1 else positive(net, x)
        return x and net.add(name, [x])


for _name in ("Log", "Sqrt", "Reciprocal"):
    of_positive(_name)


@operator("Clip")
def clip(net, x):
    draw = net.draw
    low = draw.pick([None, 0.0, draw.number(-2, 0)])
    high = draw.pick([None, 6.0, 1.0, draw.number(0, 2)])
    if draw.chance(0.05) and low is not None and high is not None:
        low, high = high, low
    if net.opset < 11:
        return net.add("Clip", [x], min=low, max=high)
    inputs = [x, "" if low is None else net.constant(np.float32(low))]
    if high is not None:
        inputs.append(net.constant(np.float32(high)))
    return net.add("Clip", inputs)


def constant_for(net, x, low, high):
    """A constant that can stand beside `x`: one number, one a channel, now and then one for each row, column or element."""
    draw, shape = net.draw, net.shape(x)
    channel = (shape[1],) + (1,) * (len(shape) - 2)
    shapes = [(), (1,), channel, (1,) + channel, (1,) * len(shape)]
    if len(shape) == 2:
        shapes.append((shape[1],))
    if draw.chance(0.1):
        shapes = [(1,) + shape[1:], shape[1:], shape[-1:], tuple(draw.pick([1, size]) for size in shape[1:])]
    picked = draw.pick(shapes)
    if draw.chance(0.03):
        picked = (1,) * (1 + len(shape) - len(picked)) + picked
    return net.constant(draw.uniform(low, high, *picked))


def partner(net, x):
    """A tensor that can stand beside `x`: of its shape, or [n, c, 1, 1]."""
    draw, shape = net.draw, net.shape(x)
    same = [t for t in net.live if net.shape(t) == shape and t != x]
    if len(shape) == 4 and draw.chance(0.2):
        same = [t for t in net.live if net.shape(t) == shape[:2] + (1, 1) and t != x]
        if not same:
            gate = net.finished("GlobalAveragePool", [x])
            return gate and (gate if draw.chance(0.5) else net.finished(draw.pick(["Sigmoid", "HardSigmoid"]), [gate]))
    if same and draw.chance(0.8):
        return draw.pick(same)
    if draw.chance(0.1):
        return x
    kind = draw.pick(["Conv", "Conv", "function"])
    if kind == "Conv" and len(shape) in (3, 4):
        ones = (1,) * (len(shape) - 2)
        weights = net.weight(draw.normal(shape[1], shape[1], *ones, scale=shape[1] ** -0.5), 0, x)
        return net.finished("Conv", [x, weights])
    return net.finished(draw.pick(["Relu", "Sigmoid", "LeakyRelu", "Tanh"]), [x])


def binary(name, constants=(-2.0, 2.0), tensors=True, where="machine"):
    @operator(name, where=where)
    def draw(net, x, name=name):
        other = None
        if tensors and net.draw.chance(0.6):
            other = partner(net, x)
        if other is None:
            if not constants:
                return None
            other = constant_for(net, x, *constants)
        pair = [x, other] if net.draw.chance(0.6) else [other, x]
        if name == "Div" and pair[0] == other:
            pair = [other, x] if float(np.abs(net.values[x]).min()) > 0.1 else [x, other]
        return net.add(name, pair)


binary("Add")
binary("Sub")
binary("Mul")
binary("Div", (0.5, 2.0), tensors=False)


@operator("Pow")
def power(net, x):
    draw = net.draw
    exponent = draw.pick([2.0, 2.0, 3.0, 1.0, 0.5, -1.0])
    if exponent != int(exponent) or exponent < 0:
        x = positive(net, x)
    return x and net.add("Pow", [x, net.constant(np.float32(exponent).reshape(draw.pick([(), (1,)])))])


def several(name, since=0):
    @operator(name, since=since)
    def draw(net, x, name=name):
        inputs = [x]
        if name in ("Max", "Min"):
            limit = net.draw.pick([1, 1, 1, 8])  # also beyond what a tensor holds
            inputs.append(net.constant(np.float32(net.draw.number(-limit, limit)).reshape(net.draw.pick([(), (1,)]))))
            return net.add(name, net.draw.shuffled(inputs))
        for _ in range(net.draw.pick([0, 1, 1, 1, 2])):
            inputs.append(partner(net, x))
        if None in inputs:
            return None
        return net.add(name, net.draw.shuffled(inputs))


several("Max", since=8)  # broadcasts since then
several("Min", since=8)
several("Sum")
several("Mean")
