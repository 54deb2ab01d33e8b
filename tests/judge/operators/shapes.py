# SPDX-License-Identifier: Apache-2.0
"""Operators that move nothing, or only the order of elements."""
import numpy as np
from onnx import helper

from operators import operator


@operator("Flatten")
def flatten(net, x):
    axis = net.draw.pick([None, 1, 1, 1 - len(net.shape(x)) if net.opset >= 11 else 1])
    return net.add("Flatten", [x], axis=axis)


def reshape_to(net, x, shape):
    return net.add("Reshape", [x, net.constant(np.array(shape, np.int64))])


@operator("Reshape")
def reshape(net, x):
    draw, shape = net.draw, net.shape(x)
    targets = [[shape[0], -1]]
    if len(shape) == 4:
        targets += [[0, 0, -1], [shape[0], shape[1], shape[2] * shape[3]], [0, 0, shape[3], shape[2]], [0, 0, -1, 1]]
    if len(shape) == 3:
        targets += [[0, 0, 1, -1], [0, 0, -1, 1]] + [[0, 0, d, -1] for d in (2, 3) if shape[2] % d == 0]
    if len(shape) == 2:
        targets += [[0, -1, 1, 1], [0, -1, 1]] + [[0, shape[1] // 4, 2, 2]] * (shape[1] % 4 == 0)
    if draw.chance(0.05):
        targets = [[0, shape[-1], -1]]
    return reshape_to(net, x, draw.pick(targets))


def axes_of(net, name, x, axes):
    if net.opset < 13:
        return net.add(name, [x], axes=axes)
    return net.add(name, [x, net.constant(np.array(axes, np.int64))])


@operator("Squeeze")
def squeeze(net, x):
    shape = net.shape(x)
    axes = [axis for axis in range(2, len(shape)) if shape[axis] == 1]
    if not axes:
        if len(shape) == 4:
            x = net.finished("GlobalMaxPool", [x])
            axes = [2, 3]
        if not axes or x is None:
            return None
    axes = net.draw.some(axes, net.draw.whole(1, len(axes)))
    if net.opset >= 11 and net.draw.chance(0.3):
        axes = [axis - len(net.shape(x)) for axis in axes]
    return axes_of(net, "Squeeze", x, sorted(axes))


@operator("Unsqueeze", ranks=(2, 3, 4))
def unsqueeze(net, x):
    rank = len(net.shape(x))
    axes = net.draw.pick([[rank], [2], [rank, rank + 1]] if rank == 2 else [[rank], [2]])
    return axes_of(net, "Unsqueeze", x, sorted(set(axes)))


@operator("Transpose", ranks=(3, 4, 5))
def transpose(net, x):
    rank = len(net.shape(x))
    last = [0, *range(2, rank), 1]
    first = [0, rank - 1, *range(1, rank - 1)]
    perms = [last, last, first, first]
    if rank == 4 and net.draw.chance(0.1):
        perms = [[0, 1, 3, 2], [0, 3, 2, 1], [0, 2, 1, 3]]
    return net.add("Transpose", [x], perm=net.draw.pick(perms))


@operator("DepthToSpace", ranks=(4,))
def depth_to_space(net, x):
    shape = net.shape(x)
    blocks = [b for b in (2, 3) if shape[1] % (b * b) == 0]
    if not blocks:
        block = 2
        weights = net.weight(net.draw.normal(4 * net.draw.whole(1, 3), shape[1], 1, 1), 0, x)
        x = net.finished("Conv", [x, weights])
        if x is None:
            return None
    else:
        block = net.draw.pick(blocks)
    return net.add("DepthToSpace", [x], blocksize=block, mode=net.draw.pick([None, "DCR", "CRD"]) if net.opset >= 11 else None)


@operator("ChannelShuffle", ranks=(4,), since=7)
def channel_shuffle(net, x):
    """Reshape, Transpose, Reshape, as ShuffleNet has it."""
    n, c, h, w = net.shape(x)
    groups = [g for g in (2, 3, 4) if c % g == 0 and c > g]
    if not groups:
        return None
    group = net.draw.pick(groups)
    count = len(net.nodes)
    wide = net.moved("Reshape", [x, net.constant(np.array([n, group, c // group, h, w], np.int64))])
    turned = wide and net.moved("Transpose", [wide], perm=[0, 2, 1, 3, 4])
    made = turned and net.add("Reshape", [turned, net.constant(np.array([n, net.draw.pick([c, -1]), h, w], np.int64))])
    if made is None:
        net.forget(count)
    return made


def passing(name, **options):
    @operator(name, **options)
    def draw(net, x, name=name):
        return net.add(name, [x])


passing("Identity")


@operator("Dropout")
def dropout(net, x):
    if net.opset < 12:
        return net.add("Dropout", [x], ratio=net.draw.pick([None, 0.3]))
    inputs = [x] + ([net.constant(np.float32(0.3))] if net.draw.chance(0.5) else [])
    return net.add("Dropout", inputs)


@operator("Cast")
def cast(net, x):
    return net.add("Cast", [x], to=1)


@operator("ConstantIf", since=11)
def constant_if(net, x):
    """`If` with a constant condition, as exporters leave it behind."""
    branches = []
    for name in ("Relu", "Neg"):
        node = helper.make_node(name, [x], [net.name("branch")])
        branches.append(helper.make_graph([node], "branch", [], [helper.make_tensor_value_info(node.output[0], 1, None)]))
    return net.add("If", [net.constant(np.array(net.draw.chance(0.5)))], then_branch=branches[0], else_branch=branches[1])
