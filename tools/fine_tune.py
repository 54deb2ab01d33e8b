#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes a network that `systole quantise` has pruned and quantised, with PyTorch, and writes it in the same form.

  fine_tune.py Q.onnx --masks M.npz --images IMAGES.npy --labels LABELS.npy --pad P --replicate R [--teacher FLOAT.onnx]
               [--epochs N] [--rate R] [--seed S] -o TUNED.onnx

Every tensor is rounded as the file says, with gradients straight through the rounding; weights that pruning took stay 0; scales
and zero points stay. Integers of weights and biases are written back. With a teacher, the outputs of the network as it was are
learned beside the labels (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015). Images are moved by up to two
pixels and mirrored. Needs Debian's python3-torch, python3-onnx and python3-numpy.
"""
import argparse
import pathlib
import sys
import typing

from needs import need

need("numpy", "onnx", "torch")

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional

Tensors = typing.Dict[str, torch.Tensor]
BYTE = (-128, 127)


def attributes(node: onnx.NodeProto) -> typing.Dict[str, typing.Any]:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


class Network(torch.nn.Module):
    """An ONNX network of convolutions, gemms, pools and sums, with QuantizeLinear and DequantizeLinear or without."""

    def __init__(self, file: str, masks: typing.Mapping[str, np.ndarray]) -> None:
        super().__init__()
        self.model = onnx.load(file)
        narrow = self.model.opset_import[0].version >= 21 or any(n.domain == "qonnx.custom_op.general" for n in self.model.graph.node)
        if narrow:
            raise SystemExit(f"fine_tune.py: {file}: has integers of less than 8 bits, expected INT8 alone")
        self.constants = {t.name: numpy_helper.to_array(t) for t in self.model.graph.initializer}
        self.by_output = {name: node for node in self.model.graph.node for name in node.output}
        self.inputs = [i.name for i in self.model.graph.input if i.name not in self.constants]
        self.learned = torch.nn.ParameterDict()  # by the node that dequantises them
        self.masks: Tensors = {}
        for node in self.model.graph.node:
            if node.op_type == "DequantizeLinear" and node.input[0] in self.constants:
                self.learned[self.key(node)] = torch.nn.Parameter(torch.from_numpy(self.real(node)))
            layer = node.name
            if node.op_type in ("Conv", "Gemm") and layer in masks:
                weights = self.by_output[node.input[1]]
                self.masks[self.key(weights)] = torch.from_numpy(masks[layer]).reshape(self.learned[self.key(weights)].shape)

    @staticmethod
    def key(node: onnx.NodeProto) -> str:
        return node.input[0].replace(".", "_")

    def scale_beside(self, node: onnx.NodeProto) -> np.ndarray:
        """Of a constant: one scale for each index of the axis."""
        scale, rank = self.constants[node.input[1]], self.constants[node.input[0]].ndim
        if scale.ndim == 0:
            return scale
        return scale.reshape([-1 if d == attributes(node).get("axis", 1) else 1 for d in range(rank)])

    def real(self, node: onnx.NodeProto) -> np.ndarray:
        return (self.constants[node.input[0]].astype(np.float64) * self.scale_beside(node)).astype(np.float32)

    def integers(self, node: onnx.NodeProto) -> np.ndarray:
        """What is learned, as the file stores it."""
        kind = self.constants[node.input[0]].dtype
        low, high = (-127, 127) if kind == np.int8 else (-(2**30), 2**30)
        values = self.learned[self.key(node)].detach().numpy().astype(np.float64) / self.scale_beside(node)
        if self.key(node) in self.masks:
            values = values * self.masks[self.key(node)].numpy()
        return np.clip(np.rint(values), low, high).astype(kind)

    def constant(self, name: str) -> typing.Optional[torch.Tensor]:
        return torch.from_numpy(np.array(self.constants[name])) if name in self.constants else None

    def weights(self, node: onnx.NodeProto) -> torch.Tensor:
        """Rounded, with the gradient of what is learned."""
        learned = self.learned[self.key(node)]
        if self.key(node) in self.masks:
            learned = learned * self.masks[self.key(node)]
        scale = torch.from_numpy(np.array(self.scale_beside(node)))
        if self.constants[node.input[0]].dtype == np.int8:
            learned = torch.maximum(torch.minimum(learned, 127 * scale), -127 * scale)
        rounded = torch.round(learned / scale) * scale
        return learned + (rounded - learned).detach()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        values: Tensors = {self.inputs[0]: x}
        for node in self.model.graph.node:
            values[node.output[0]] = self.run(node, values)
        return values[self.model.graph.output[0].name]

    def run(self, node: onnx.NodeProto, values: Tensors) -> torch.Tensor:
        options, op = attributes(node), node.op_type
        if op == "DequantizeLinear" and node.input[0] in self.constants:
            return self.weights(node)
        given = [values[name] if name in values else self.constant(name) for name in node.input]
        x = given[0]
        if op == "QuantizeLinear":  # rounded at once; what dequantises it passes it on
            zero = int(given[2]) if len(given) > 2 else 0
            return torch.fake_quantize_per_tensor_affine(x, float(given[1]), zero, *BYTE)
        if op == "DequantizeLinear":
            return x
        if op == "Conv":
            top, left, bottom, right = options.get("pads", [0, 0, 0, 0])
            padded = functional.pad(x, (left, right, top, bottom))
            return functional.conv2d(padded, given[1], given[2] if len(given) > 2 else None, options.get("strides", 1), 0,
                                     options.get("dilations", 1), options.get("group", 1))
        if op == "Gemm":
            return functional.linear(x, given[1] if options.get("transB") else given[1].t(), given[2] if len(given) > 2 else None)
        if op == "MaxPool":
            return functional.max_pool2d(x, options["kernel_shape"], options.get("strides"))
        if op == "GlobalAveragePool":
            return x.mean(dim=(2, 3), keepdim=True)
        if op in ("Flatten", "Reshape"):
            return x.flatten(1)
        if op == "Relu":
            return torch.relu(x)
        if op == "Add":
            return given[0] + given[1]
        raise SystemExit(f"fine_tune.py: node '{node.name}' ({op}) is not known here")

    def save(self, file: str) -> None:
        tensors = {t.name: t for t in self.model.graph.initializer}
        for node in self.model.graph.node:
            if node.op_type == "DequantizeLinear" and node.input[0] in self.constants:
                tensors[node.input[0]].CopyFrom(numpy_helper.from_array(self.integers(node), node.input[0]))
        onnx.save(self.model, file)


def moved(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """By up to two pixels either way, half of them mirrored."""
    result = []
    for image in images:
        down, right = (int(torch.randint(-2, 3, (), generator=generator)) for _ in range(2))
        image = torch.roll(image, (down, right), (1, 2))  # what is rolled in is the border, which is dark
        result.append(image.flip(2) if torch.rand((), generator=generator) < 0.5 else image)
    return torch.stack(result)


def tune(network: Network, teacher: typing.Optional[Network], images: torch.Tensor, labels: torch.Tensor,
         options: argparse.Namespace) -> None:
    generator = torch.Generator().manual_seed(options.seed)
    optimiser = torch.optim.Adam(network.parameters(), options.rate)
    steps = options.epochs * -(-len(images) // options.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for epoch in range(options.epochs):
        total = 0.0
        for part in torch.randperm(len(images), generator=generator).split(options.batch):
            batch = moved(images[part], generator)
            out = network(batch)
            loss = functional.cross_entropy(out, labels[part])
            if teacher is not None:
                with torch.no_grad():
                    wanted = teacher(batch)
                heat = options.heat
                loss = 0.2 * loss + 0.8 * heat**2 * functional.kl_div(
                    functional.log_softmax(out / heat, 1), functional.softmax(wanted / heat, 1), reduction="batchmean")
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss) * len(part)
        if epoch % 10 == 9 or epoch + 1 == options.epochs:
            print(f"epoch {epoch + 1}: loss {total / len(images):.3f}", flush=True)


def load_images(options: argparse.Namespace) -> torch.Tensor:
    """Grey images of bytes as the network takes them: numbers in 0..1, padded, in so many equal channels."""
    pixels = np.load(options.images).astype(np.float32) / 255
    edge = options.pad
    padded = np.pad(pixels, ((0, 0), (edge, edge), (edge, edge)))[:, None]
    return torch.from_numpy(np.repeat(padded, options.replicate, axis=1))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("--masks", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--pad", type=int, default=0)
    parser.add_argument("--replicate", type=int, default=1)
    parser.add_argument("--teacher")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--heat", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", required=True)
    return parser.parse_args()


def main() -> None:
    options = parse()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)  # the same sums everywhere
    with np.load(options.masks) as arrays:
        masks = {name[len("mask/"):]: arrays[name] for name in arrays if name.startswith("mask/")}
    network = Network(options.network, masks)
    teacher = None if options.teacher is None else Network(options.teacher, {})
    images = load_images(options)
    labels = torch.from_numpy(np.load(options.labels).astype(np.int64))
    if len(images) != len(labels):
        raise SystemExit(f"fine_tune.py: {len(images)} images and {len(labels)} labels")
    tune(network, teacher, images, labels, options)
    unfinished = pathlib.Path(options.output + ".unfinished")
    network.save(str(unfinished))
    unfinished.replace(options.output)


if __name__ == "__main__":
    sys.exit(main())
