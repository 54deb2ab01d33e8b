#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lower bound and layer-by-layer reference of a network's cycles, from the ONNX file alone (docs/metrics.md, "Bounds").

Shares no code with the compiler: it is there to check the compiler's own figures.
Needs Debian's python3-onnx. Example: tools/bounds.py net.onnx --rows 16 --cols 16 --peak 64
"""
import argparse
import json
import math
import sys

from needs import need

need("onnx")
import onnx
from onnx import numpy_helper, shape_inference


def ceil_div(a, b):
    return -(-a // b)


class Network:
    """Shapes, constants and consumers of an ONNX graph."""

    def __init__(self, path, batch):
        model = onnx.load(path)
        self.constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        graph_inputs = [v for v in model.graph.input if v.name not in self.constants]
        if batch != 1:
            for value in graph_inputs:
                value.type.tensor_type.shape.dim[0].dim_value = batch
            del model.graph.value_info[:]
            for value in model.graph.output:
                value.type.tensor_type.shape.dim[0].dim_value = batch
        graph = shape_inference.infer_shapes(model).graph
        self.nodes = list(graph.node)
        self.shapes = {name: list(value.shape) for name, value in self.constants.items()}
        for value in list(graph.input) + list(graph.value_info) + list(graph.output):
            self.shapes[value.name] = [d.dim_value for d in value.type.tensor_type.shape.dim]
        for node in self.nodes:
            if node.op_type == "Constant":
                array = numpy_helper.to_array(node.attribute[0].t)
                self.constants[node.output[0]] = array
                self.shapes[node.output[0]] = list(array.shape)
        self.inputs = [v.name for v in graph_inputs]
        self.outputs = [v.name for v in graph.output]
        self.producers = {name: node for node in self.nodes for name in node.output}

    def consumers(self, name):
        return [node for node in self.nodes if name in node.input]

    def count(self, name):
        return math.prod(self.shapes[name])

    def is_constant(self, name):
        return name in self.constants


def attribute(node, name, default):
    for a in node.attribute:
        if a.name == name:
            return list(a.ints) if a.ints else a.i
    return default


def follow_layer(network, name):
    """The tensor that leaves the layer, after batch norm, activation and a residual add that joins it; and the
    bytes of the residual."""
    residual = 0
    while name not in network.outputs:
        users = network.consumers(name)
        if len(users) != 1:
            break
        user = users[0]
        if user.op_type in ("Relu", "Clip", "BatchNormalization", "Identity", "Dropout"):
            name = user.output[0]
        elif user.op_type == "Add" and any(network.is_constant(i) for i in user.input):
            name = user.output[0]
        elif user.op_type == "Add" and joined_layer(network, user) == name:
            residual += network.count(name)
            name = user.output[0]
        else:
            break
    return name, residual


def layer_before(network, name):
    """Index of the Conv, Gemm or MatMul that gives `name` through unary operators with one consumer, or -1."""
    if len(network.consumers(name)) != 1 or name not in network.producers:
        return -1
    node = network.producers[name]
    if node.op_type in ("Conv", "Gemm", "MatMul"):
        return network.nodes.index(node)
    if node.op_type in ("BatchNormalization", "Identity"):
        return layer_before(network, node.input[0])
    return -1


def joined_layer(network, add):
    """The operand of a residual Add whose layer the addition is part of: the one computed last; or None."""
    index, operand = max((layer_before(network, name), name) for name in add.input)
    return operand if index >= 0 else None


def columns_side_by_side(width, channels, rows, cols):
    """How many columns of a map may share a word: powers of two."""
    fold = 2
    while fold <= 16 and width % fold == 0 and fold * channels <= max(rows, cols):
        yield fold
        fold *= 2


def least_work(network, node, rows, cols, bits, mxu, vpu):
    """Cycles of array and vector unit of the layer that `node` starts, in whichever way its columns stand, of which
    `mxu` and `vpu` are those with a word for each pixel."""
    shape = network.shapes[node.output[0]]
    conv = node.op_type == "Conv"
    if len(shape) != 4 or not conv and node.op_type != "Add":
        return {"mxu": mxu, "vpu": vpu}
    if conv and (attribute(node, "dilations", [1, 1])[1] > 1 or bits == 1):
        return {"mxu": mxu, "vpu": vpu}
    batch, channels, height, width = shape
    for fold in columns_side_by_side(width, channels, rows, cols):
        pixels, words = batch * height * width // fold, ceil_div(fold * channels, cols)
        vpu = min(vpu, pixels * words * (1 if conv else 2))
        if not conv:
            continue
        high, wide = network.shapes[node.input[1]][2:]
        deep = network.shapes[node.input[0]][1] * high * (wide + (fold - 1) * attribute(node, "strides", [1, 1])[1])
        tiles = max(ceil_div(deep, rows) * pixels, deep)
        mxu = min(mxu, tiles if attribute(node, "group", 1) > 1 else words * tiles)
    return {"mxu": mxu, "vpu": vpu}


def layer_reference(network, node, rows, cols, peak, bits=8):
    """Name, operator, MACs, reference and least work of the layer that `node` starts, with weights of `bits`; None if
    it starts none."""
    source, result = node.input[0], node.output[0]
    shape = network.shapes[result]
    batch = shape[0]
    macs = mxu = weights = 0
    groups = 1
    taps = 1
    input_bytes = network.count(source)
    if node.op_type == "Conv":
        weight_shape = network.shapes[node.input[1]]
        k = math.prod(weight_shape[1:])
        n, m = weight_shape[0], shape[2] * shape[3] * batch
        groups = attribute(node, "group", 1)
        depthwise = weight_shape[1] == 1 and n == network.shapes[source][1] and n > 1
        kind = ("depthwise {}x{}" if depthwise else "conv {}x{}").format(*weight_shape[2:])
    elif node.op_type in ("Gemm", "MatMul"):
        weight_shape = network.shapes[node.input[1]]
        n = shape[-1]
        k = math.prod(weight_shape) // n
        m = math.prod(shape[:-1])
        kind = "gemm"
    elif node.op_type in ("MaxPool", "AveragePool"):
        kernel = attribute(node, "kernel_shape", None)
        taps, kind = math.prod(kernel), "{} {}x{}".format(node.op_type, *kernel)
    elif node.op_type == "GlobalAveragePool":
        taps, kind = math.prod(network.shapes[source][2:]), node.op_type
    elif node.op_type == "Add" and not any(network.is_constant(i) for i in node.input) \
            and joined_layer(network, node) is None:
        taps, kind = 2, "add"
        input_bytes += network.count(node.input[1])
    else:
        return None
    if node.op_type in ("Conv", "Gemm", "MatMul"):
        macs = k * n * m
        mxu = ceil_div(n, cols) * max(ceil_div(k, rows) * m, k)
        # A row of a weight tile is of use to the columns of its group alone, in COLS at a time.
        if groups > 1:
            row = groups * k * ceil_div(n // groups, cols)
            mxu = max(mxu, ceil_div(row, rows) * m, row)
        weights = ceil_div(k * n * bits, 8)
    end, residual = follow_layer(network, result)
    channels = shape[1] if len(shape) > 1 else 1
    vpu = batch * math.prod(shape[2:]) * ceil_div(channels, cols) * taps
    memory = math.ceil((weights + input_bytes + residual + network.count(end)) / peak)
    return {"name": node.name,
            "operator": kind, "macs": macs, "weight_bytes": weights, "mxu": mxu, "vpu": vpu,
            "memory": memory, "reference": max(mxu, vpu, memory),
            "least": least_work(network, node, rows, cols, bits, mxu, vpu)}


def touched(size, out, kernel, stride, dilation, pad):
    """Positions of a dimension that any of its windows reads."""
    return len({o * stride + k * dilation - pad for o in range(out) for k in range(kernel)} & set(range(size)))


def read_elements(network, node, name):
    """Elements of `name` that `node` reads: not all, where windows are further apart than they are wide."""
    shape = network.shapes[name]
    windowed = node.op_type in ("Conv", "MaxPool", "AveragePool") and node.input[0] == name
    if not windowed or len(shape) != 4:
        return network.count(name)
    kernel = attribute(node, "kernel_shape", None) or network.shapes[node.input[1]][2:]
    strides, dilations = attribute(node, "strides", [1, 1]), attribute(node, "dilations", [1, 1])
    pads = attribute(node, "pads", [0, 0, 0, 0])
    sizes = [touched(shape[2 + d], network.shapes[node.output[0]][2 + d], kernel[d], strides[d], dilations[d], pads[d])
             for d in range(2)]
    return shape[0] * shape[1] * sizes[0] * sizes[1]


def depends_on(network, name, source):
    node = network.producers.get(name)
    return name == source or (node is not None and any(depends_on(network, i, source) for i in node.input))


def waiting_bytes(network, on_chip):
    """Of maps that are multiplied by what all of them was pooled to, what one item has beyond the unified buffer: it
    is written and read again, as the first factor is known when the last pixel is."""
    total = 0
    for node in network.nodes:
        if node.op_type not in ("Mul", "Add") or any(network.is_constant(i) for i in node.input):
            continue
        large, small = sorted(node.input, key=network.count, reverse=True)
        pools = [user.output[0] for user in network.consumers(large) if user.op_type == "GlobalAveragePool"]
        batch = network.shapes[large][0]
        if any(depends_on(network, small, pool) for pool in pools):
            total += 2 * max(0, network.count(large) // batch - on_chip) * batch
    return total


def least_traffic(network, on_chip):
    """Bytes of activations that pass through DRAM whatever is kept on chip."""
    inputs = sum(max((read_elements(network, node, name) for node in network.consumers(name)), default=0)
                 for name in network.inputs)
    return inputs + sum(network.count(name) for name in network.outputs) + waiting_bytes(network, on_chip)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--cols", type=int, default=16)
    parser.add_argument("--peak", type=float, default=64.0, help="bytes per cycle: min(AXI, DRAM)")
    parser.add_argument("--ub-kib", type=int, default=256, help="unified buffer")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--weights", type=int, default=8, choices=(8, 4, 2, 1),
                        help="bits of the weights of all layers but the first and the last")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    network = Network(args.network, args.batch)
    weighted = [node.name for node in network.nodes if node.op_type in ("Conv", "Gemm", "MatMul")]
    widths = {name: args.weights for name in weighted[1:-1]}
    layers = [layer_reference(network, node, args.rows, args.cols, args.peak, widths.get(node.name, 8))
              for node in network.nodes]
    layers = [layer for layer in layers if layer is not None]
    least = least_traffic(network, args.ub_kib * 1024)
    total = {
        "macs": sum(layer["macs"] for layer in layers),
        "mxu": sum(layer["least"]["mxu"] for layer in layers),
        "vpu": sum(layer["least"]["vpu"] for layer in layers),
        "memory": math.ceil((sum(layer["weight_bytes"] for layer in layers) + least) / args.peak),
        "layer_reference": sum(layer["reference"] for layer in layers),
    }
    total["lower_bound"] = max(total["mxu"], total["vpu"], total["memory"])
    if args.json:
        json.dump({"layers": layers, "network": total}, sys.stdout, indent=1)
        return
    print(f"{'layer':<28}{'operator':<20}{'MACs':>12}{'mxu':>10}{'vpu':>10}{'memory':>10}{'reference':>10}")
    for layer in layers:
        print(f"{layer['name'][:27]:<28}{layer['operator']:<20}{layer['macs']:>12,}{layer['mxu']:>10,}"
              f"{layer['vpu']:>10,}{layer['memory']:>10,}{layer['reference']:>10,}")
    print(f"lower bound {total['lower_bound']:,} cycles (mxu {total['mxu']:,}, vpu {total['vpu']:,}, "
          f"memory {total['memory']:,}); layer-by-layer reference {total['layer_reference']:,}")


if __name__ == "__main__":
    main()
