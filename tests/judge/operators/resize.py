# SPDX-License-Identifier: Apache-2.0
"""Resize and Upsample, as each opset has them."""
import numpy as np

from operators import operator


def factors(net, x):
    """Factors of all dimensions: mostly whole ones."""
    draw, shape = net.draw, net.shape(x)
    found = [1.0, 1.0]
    for size in shape[2:]:
        factor = draw.pick([1.0, 2.0, 2.0, 3.0, 4.0])
        if draw.chance(0.15):
            factor = draw.pick([0.5, 1.5, (size + 1) / size, 1 / 3])
        found.append(factor)
    return np.array(found, np.float32)


@operator("Upsample", ranks=(3, 4), until=9)
def upsample(net, x):
    mode = net.draw.pick([None, "nearest", "linear"])
    scales = np.maximum(factors(net, x), 1)
    if net.opset < 9:
        return net.add("Upsample", [x], mode=mode, scales=scales.tolist())
    return net.add("Upsample", [x, net.constant(scales)], mode=mode)


COORDINATES = ["half_pixel", "half_pixel", "asymmetric", "asymmetric", "align_corners", "pytorch_half_pixel"]


@operator("Resize", ranks=(3, 4), since=10)
def resize(net, x):
    draw, shape, opset = net.draw, net.shape(x), net.opset
    found = {"mode": draw.pick([None, "nearest", "nearest", "linear", "linear"])}
    scales = factors(net, x)
    if opset == 10:
        return net.add("Resize", [x, net.constant(scales)], **found)
    extra = []
    if opset == 11 or opset == 12:
        extra = ["tf_half_pixel_for_nn"]
    if opset >= 19:
        extra = ["half_pixel_symmetric"]
    if draw.chance(0.8):
        found["coordinate_transformation_mode"] = draw.pick(COORDINATES + extra)
    if found["mode"] in (None, "nearest") and draw.chance(0.6):
        found["nearest_mode"] = draw.pick(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
    if opset >= 18 and draw.chance(0.1):
        found["antialias"] = draw.pick([0, 1])
    if draw.chance(0.04):
        found["mode"] = "cubic"
        found.pop("nearest_mode", None)
    if draw.chance(0.05):
        found["exclude_outside"] = 0
    axes = list(range(len(shape)))
    if opset >= 18 and draw.chance(0.3):
        axes = draw.shuffled(range(2, len(shape)))
        found["axes"] = axes
    empty = "" if opset >= 13 else net.constant(np.zeros(0, np.float32))
    if draw.chance(0.6):
        return net.add("Resize", [x, empty, net.constant(scales[axes])], **found)
    sizes = np.floor(scales * np.array(shape)).astype(np.int64)
    if opset >= 18 and draw.chance(0.15):
        found["keep_aspect_ratio_policy"] = draw.pick(["stretch", "not_larger", "not_smaller"])
        if len(axes) == len(shape):
            axes = list(range(2, len(shape)))
            found["axes"] = axes
    none = "" if opset >= 13 else net.constant(np.zeros(0, np.float32))
    return net.add("Resize", [x, empty, none, net.constant(np.maximum(sizes, 1)[axes])], **found)
