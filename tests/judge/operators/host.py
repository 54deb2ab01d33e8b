# SPDX-License-Identifier: Apache-2.0
"""What the accelerator has no unit for: refused without --host-fallback, run by the host with it; softmax at the end."""
import numpy as np

from operators import operator
from operators.elementwise import partner
from operators.pooling import reduction


def softmax(name):
    @operator(name, where="tail")
    def draw(net, x, name=name):
        rank = len(net.shape(x))
        axis = net.draw.pick([None, 1, -1 if net.opset >= 11 else 1, rank - 1])
        return net.add(name, [x], axis=axis)


softmax("Softmax")
softmax("LogSoftmax")


def host(name, ranks=(2, 3, 4, 5), since=0, until=25):
    return operator(name, where="host", ranks=ranks, since=since, until=until)


@host("AttentionMatMul", ranks=(3, 4), since=7)
def attention(net, x):
    """A product of two activations."""
    rank = len(net.shape(x))
    turned = net.moved("Transpose", [x], perm=[*range(rank - 2), rank - 1, rank - 2])
    return turned and net.add("MatMul", net.draw.pick([[x, turned], [turned, x]]))


@host("LayerNormalization", since=17)
def layer_normalization(net, x):
    draw, shape = net.draw, net.shape(x)
    axis = draw.pick([-1, len(shape) - 1])
    inputs = [x, net.constant(draw.uniform(0.5, 1.5, shape[-1]))]
    if draw.chance(0.6):
        inputs.append(net.constant(draw.normal(shape[-1])))
    return net.add("LayerNormalization", inputs, axis=axis)


@host("InstanceNormalization", ranks=(3, 4))
def instance_normalization(net, x):
    channels = net.shape(x)[1]
    return net.add("InstanceNormalization", [x, net.constant(net.draw.uniform(0.5, 1.5, channels)), net.constant(net.draw.normal(channels))],
                   epsilon=net.draw.pick([None, 1e-3]))


@host("LRN", ranks=(4,))
def lrn(net, x):
    draw = net.draw
    return net.add("LRN", [x], size=draw.pick([1, 3, 5]), alpha=draw.pick([None, 0.1]), beta=draw.pick([None, 0.5]))


@host("LpNormalization")
def lp_normalization(net, x):
    return net.add("LpNormalization", [x], axis=net.draw.pick([None, 1, -1]), p=net.draw.pick([None, 1, 2]))


def reduce_host(name):
    @host(name)
    def draw(net, x, name=name):
        return reduction(net, x, name, False)


for _name in ("ReduceSum", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare"):
    reduce_host(_name)


def of_two(name, since=0):
    @host(name, since=since)
    def draw(net, x, name=name):
        other = partner(net, x)
        return other and net.add(name, [x, other])



@host("Gather")
def gather(net, x):
    draw, shape = net.draw, net.shape(x)
    axis = draw.whole(1, len(shape) - 1)
    index = draw.integers(0, shape[axis] - 1, draw.whole(1, 4))
    return net.add("Gather", [x, net.constant(index)], axis=axis)


@host("SpaceToDepth", ranks=(4,))
def space_to_depth(net, x):
    _, _, h, w = net.shape(x)
    blocks = [b for b in (2, 3) if h % b == 0 and w % b == 0]
    return net.add("SpaceToDepth", [x], blocksize=net.draw.pick(blocks)) if blocks else None


@host("Tile", ranks=(3, 4))
def tile(net, x):
    repeats = [1, 1] + [net.draw.whole(1, 2) for _ in net.shape(x)[2:]]
    return net.add("Tile", [x, net.constant(np.array(repeats, np.int64))])


@host("Where", since=9)
def where(net, x):
    limit = net.constant(np.float32(net.draw.number(-0.5, 0.5)))
    test = net.one("Greater", [x, limit])
    other = test and partner(net, x)
    return other and net.add("Where", [test, x, other])


@host("CumSum", since=11)
def cumsum(net, x):
    axis = net.draw.whole(1, len(net.shape(x)) - 1)
    return net.add("CumSum", [x, net.constant(np.int64(axis))], exclusive=net.draw.pick([None, 1]), reverse=net.draw.pick([None, 1]))


@host("TopK", since=10)
def top_k(net, x):
    size = net.shape(x)[-1]
    made = net.add("TopK", [x, net.constant(np.array([net.draw.whole(1, size)], np.int64))], outputs=2, axis=-1)
    return made and made[:1]


@host("MaxOfTensors", since=8)
def max_of_tensors(net, x):
    other = partner(net, x)
    return other and net.add(net.draw.pick(["Max", "Min"]), [x, other])
