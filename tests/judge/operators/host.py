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


for _name in ("ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"):
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
    _, channels, h, w = net.shape(x)
    block = net.draw.pick([2, 3])
    if h % block or w % block:
        pads = [0, 0, 0, 0, 0, 0, -h % block, -w % block]
        x = net.finished("Pad", [x], pads=pads) if net.opset < 11 else net.finished("Pad", [x, net.constant(np.array(pads, np.int64))])
    return x and net.add("SpaceToDepth", [x], blocksize=block)


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


@host("GroupNormalization", ranks=(3, 4), since=21)
def group_normalization(net, x):
    channels = net.shape(x)[1]
    groups = net.draw.pick([g for g in range(1, channels + 1) if channels % g == 0])
    return net.add("GroupNormalization", [x, net.constant(net.draw.uniform(0.5, 1.5, channels)), net.constant(net.draw.normal(channels))],
                   num_groups=groups)


@host("RMSNormalization", since=23)
def rms_normalization(net, x):
    return net.add("RMSNormalization", [x, net.constant(net.draw.uniform(0.5, 1.5, net.shape(x)[-1]))], axis=-1)


@host("MeanVarianceNormalization", ranks=(4,))
def mean_variance_normalization(net, x):
    if float(net.values[x].std(axis=(0, 2, 3)).min()) < 1e-3:  # ONNX Runtime adds no epsilon where ONNX does
        return None
    return net.add("MeanVarianceNormalization", [x], axes=[0, 2, 3])


@host("ArgMax")
def arg_max(net, x):
    axis = net.draw.whole(1, len(net.shape(x)) - 1)
    found = net.one(net.draw.pick(["ArgMax", "ArgMin"]), [x], axis=axis, keepdims=net.draw.pick([None, 1]))
    return found and net.add("Cast", [found], to=1)


@host("GatherElements", since=11)
def gather_elements(net, x):
    shape = net.shape(x)
    axis = net.draw.whole(1, len(shape) - 1)
    return net.add("GatherElements", [x, net.constant(net.draw.integers(0, shape[axis] - 1, *shape))], axis=axis)


@host("Expand", since=8)
def expand(net, x):
    shape = [size if size > 1 else net.draw.whole(1, 4) for size in net.shape(x)]
    return net.add("Expand", [x, net.constant(np.array([1] + shape[1:], np.int64))])


@host("Trilu", ranks=(3, 4), since=14)
def trilu(net, x):
    return net.add("Trilu", [x], upper=net.draw.pick([None, 0, 1]))


@host("Mod", since=10)
def mod(net, x):
    return net.add("Mod", [x, net.constant(np.float32(net.draw.number(0.5, 1.5)))], fmod=1)


@host("Hardmax")
def hardmax(net, x):
    return net.add("Hardmax", [x], axis=net.draw.pick([None, 1, len(net.shape(x)) - 1]))


@host("Compared", since=9)
def compared(net, x):
    """A mask as floats."""
    draw, other = net.draw, partner(net, x)
    names = ["Greater", "Less"] + ["GreaterOrEqual", "LessOrEqual"] * (net.opset >= 12)
    first, second = other and net.one(draw.pick(names), [x, other]), net.one(draw.pick(names), [x, net.constant(np.float32(0.1))])
    if not first or not second:
        return None
    both = net.one(draw.pick(["And", "Or", "Xor"]), [first, second])
    both = both and (net.one("Not", [both]) if draw.chance(0.3) else both)
    return both and net.add("Cast", [both], to=1)


def recurrent(name):
    @host(name, ranks=(3,))
    def draw(net, x, name=name):
        """Over [sequence of the batch's one item]; the direction's dimension goes."""
        draw, (_, steps, features) = net.draw, net.shape(x)
        hidden, gates = draw.whole(1, 4), {"LSTM": 4, "GRU": 3, "RNN": 1}[name]
        weights = [net.constant(draw.normal(1, gates * hidden, size, scale=0.5), "w") for size in (features, hidden)]
        turned = net.plain_one("Transpose", [x], perm=[1, 0, 2])
        made = turned and net.plain_one(name, [turned, *weights], hidden_size=hidden)
        flat = made and net.plain_one("Transpose", [made], perm=[2, 0, 1, 3])
        return flat and net.add("Reshape", [flat, net.constant(np.array([1, steps, hidden], np.int64))])


for _name in ("LSTM", "GRU", "RNN"):
    recurrent(_name)


@host("Einsum", ranks=(3,), since=12)
def einsum(net, x):
    return net.add("Einsum", [x, net.constant(net.draw.normal(net.shape(x)[-1], net.draw.whole(1, 5)))], equation="nij,jk->nik")
