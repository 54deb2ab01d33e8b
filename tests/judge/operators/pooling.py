# SPDX-License-Identifier: Apache-2.0
"""Pools, reductions over rows and columns, pads."""
import numpy as np

from operators import operator
from operators.linear import window


def pool(net, x, name):
    draw, spatial = net.draw, len(net.shape(x)) - 2
    found = window(draw, spatial)
    if net.opset < 11 and "SAME" in str(found.get("auto_pad")):
        pass
    if not draw.chance(0.15):
        found.pop("dilations", None)
    if name == "AveragePool" and net.opset < 19 or name == "MaxPool" and net.opset < 10:
        found.pop("dilations", None)
    if net.opset >= 10 and draw.chance(0.3):
        found["ceil_mode"] = draw.pick([0, 1])
    if name == "AveragePool" and draw.chance(0.5):
        found["count_include_pad"] = draw.pick([0, 1])
    if name == "MaxPool" and draw.chance(0.1):
        found["storage_order"] = draw.pick([0, 1])
    return net.add(name, [x], **found)


@operator("MaxPool", ranks=(3, 4))
def max_pool(net, x):
    return pool(net, x, "MaxPool")


@operator("AveragePool", ranks=(3, 4))
def average_pool(net, x):
    return pool(net, x, "AveragePool")


@operator("GlobalMaxPool", ranks=(3, 4))
def global_max_pool(net, x):
    return net.add("GlobalMaxPool", [x])


@operator("GlobalAveragePool", ranks=(3, 4))
def global_average_pool(net, x):
    return net.add("GlobalAveragePool", [x])


def axes_given(net, name, x, axes, found):
    """`name` with its axes as the opset has them: an attribute, or an input."""
    as_input = net.opset >= 18 or name == "ReduceSum" and net.opset >= 13
    if axes is None:
        return net.add(name, [x], **found)
    if as_input:
        return net.add(name, [x, net.constant(np.array(axes, np.int64))], **found)
    return net.add(name, [x], axes=axes, **found)


def reduction(net, x, name, spatial):
    """Over rows and columns if `spatial`, now and then; else over any dimensions but the batch."""
    draw, rank = net.draw, len(net.shape(x))
    spatial = spatial and rank > 2 and draw.chance(0.6)
    axes = list(range(2, rank)) if spatial else sorted(draw.some(range(1, rank), draw.whole(1, rank - 1)))
    if draw.chance(0.3):
        axes = [axis - rank for axis in axes]
    found = {}
    if draw.chance(0.6):
        found["keepdims"] = draw.pick([0, 1])
    return axes_given(net, name, x, axes, found)


def over_maps(name):
    @operator(name)
    def draw(net, x, name=name):
        return reduction(net, x, name, True)


for _name in ("ReduceMean", "ReduceMax", "ReduceSum"):
    over_maps(_name)


@operator("Pad", ranks=(2, 3, 4))
def pad(net, x):
    draw, rank = net.draw, len(net.shape(x))
    pads = np.zeros((2, rank), np.int64)
    for axis in range(2 if rank > 2 else 1, rank):
        pads[:, axis] = [draw.whole(0, 2), draw.whole(0, 2)]
    if rank > 2 and draw.chance(0.1):
        pads[:, 1] = [draw.whole(0, 2), draw.whole(0, 2)]
    value = draw.pick([None, 0.0, draw.number(-2, 2)])
    mode = None if draw.chance(0.7) else "constant"
    if draw.chance(0.15):  # ONNX Runtime: rows and columns that are copied are there
        mode = draw.pick(["reflect", "edge", "wrap"] if net.opset >= 19 else ["reflect", "edge"])
        pads = np.minimum(pads, np.array(net.shape(x)) - 1)
    if net.opset < 11:
        return net.add("Pad", [x], pads=pads.reshape(-1).tolist(), value=value, mode=mode)
    inputs = [x]
    if net.opset >= 18 and draw.chance(0.3) and rank > 2:
        axes = draw.shuffled(range(2, rank))
        inputs += [net.constant(pads[:, axes].reshape(-1)), "" if value is None else net.constant(np.float32(value)),
                   net.constant(np.array(axes, np.int64))]
    else:
        inputs.append(net.constant(pads.reshape(-1)))
        if value is not None:
            inputs.append(net.constant(np.float32(value)))
    return net.add("Pad", inputs, mode=mode)
