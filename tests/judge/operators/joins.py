# SPDX-License-Identifier: Apache-2.0
"""Operators that join and cut."""
import numpy as np

from operators import operator


@operator("Concat")
def concat(net, x):
    draw, shape = net.draw, net.shape(x)
    axis = draw.pick([1, 1, 1, draw.whole(1, len(shape) - 1)])
    fits = [t for t in net.live if len(net.shape(t)) == len(shape) and
            all(i == axis or a == b for i, (a, b) in enumerate(zip(net.shape(t), shape)))]
    parts = [x] + [draw.pick(fits) for _ in range(draw.pick([0, 1, 1, 1, 2, 3]))]
    if set(parts) == {x} and draw.chance(0.8):  # a part of its own making
        other = net.finished(draw.pick(["Relu", "Sigmoid", "Tanh", "Neg"]), [x])
        if other:
            parts.append(other)
    if draw.chance(0.08):
        parts.append(net.constant(draw.normal(*[draw.whole(1, 3) if i == axis else size for i, size in enumerate(shape)])))
    return net.add("Concat", draw.shuffled(parts), axis=draw.pick([axis, axis - len(shape)]) if net.opset >= 11 else axis)


def cut_axis(net, x):
    shape = net.shape(x)
    axes = [axis for axis in range(1, len(shape)) if shape[axis] > 1]
    return net.draw.pick(axes) if axes else None


@operator("Split")
def split(net, x):
    draw, shape, axis = net.draw, net.shape(x), cut_axis(net, x)
    if axis is None:
        return None
    size = shape[axis]
    parts = draw.whole(1, min(3, size))
    ends = sorted(draw.some(range(1, size), parts - 1)) if parts > 1 else []
    sizes = np.diff([0] + ends + [size]).tolist()
    named = draw.pick([axis, axis - len(shape)]) if net.opset >= 11 else axis
    if draw.chance(0.4):
        even = [p for p in (1, 2, 3, 4) if size % p == 0 and p <= size]
        parts = draw.pick(even)
        if net.opset >= 18:
            return net.add("Split", [x], outputs=parts, axis=named, num_outputs=parts)
        return net.add("Split", [x], outputs=parts, axis=named)
    if net.opset < 13:
        return net.add("Split", [x], outputs=parts, axis=named, split=sizes)
    return net.add("Split", [x, net.constant(np.array(sizes, np.int64))], outputs=parts, axis=named)


@operator("Slice")
def cut(net, x):
    draw, shape = net.draw, net.shape(x)
    axes = sorted(draw.some(range(1, len(shape)), draw.whole(1, min(2, len(shape) - 1))))
    starts, ends, steps = [], [], []
    for axis in axes:
        start = draw.whole(0, shape[axis] - 1)
        end = draw.whole(start + 1, shape[axis])
        starts.append(start - shape[axis] if draw.chance(0.2) else start)
        ends.append(2**31 - 1 if end == shape[axis] and draw.chance(0.5) else end)
        steps.append(draw.pick([1, 1, 1, 2, 3]))
    if net.opset < 10:
        if draw.chance(0.1) and axes == list(range(len(axes))):
            axes = None
        return net.add("Slice", [x], starts=starts, ends=ends, axes=axes)
    if draw.chance(0.05):
        k = draw.whole(0, len(axes) - 1)
        starts[k], ends[k], steps[k] = shape[axes[k]] - 1, -shape[axes[k]] - 1, -1
    kind = draw.pick([np.int64, np.int64, np.int32])
    inputs = [x] + [net.constant(np.array(v, kind)) for v in (starts, ends, axes)]
    if any(step != 1 for step in steps) or draw.chance(0.3):
        inputs.append(net.constant(np.array(steps, kind)))
    return net.add("Slice", inputs)
