# SPDX-License-Identifier: Apache-2.0
"""What will run as an ONNX file, for other tools and for fine-tuning."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
from numpy.typing import NDArray

from ._arch import ArchLike, Setting, arch_of
from ._compiled import SystoleWarning, front_fields
from ._network import NetworkLike, PathLike, network_of
from ._session import Session


@dataclass(frozen=True)
class Quantised:
    """A network as it will run, as ONNX; `quantise` makes it, and `load` takes its file.

    Attributes:
        file: its path.
        masks_file: of what pruning has left; None: not written.
        layers: operators of the accelerator.
        opset: of the standard operators.
        warnings: of the compiler; each has been a SystoleWarning.
    """

    file: str
    masks_file: Optional[str]
    layers: int
    opset: int
    warnings: Tuple[str, ...] = ()

    def masks(self) -> Dict[str, NDArray[np.bool_]]:
        """By layer, in the shape of its weights: True where pruning has left one."""
        return self._arrays("mask/")

    def ranges(self) -> Dict[str, Tuple[float, float]]:
        """By tensor: the least and the greatest number that its codes stand for."""
        found = self._arrays("range/")
        return {name: (float(ends[0]), float(ends[1])) for name, ends in found.items()}

    def _arrays(self, prefix: str) -> Dict[str, NDArray[Any]]:
        if self.masks_file is None:
            raise ValueError("no masks were written: quantise(..., masks=FILE) writes them")
        with np.load(self.masks_file) as arrays:
            return {
                name[len(prefix) :]: arrays[name] for name in arrays if name.startswith(prefix)
            }


def quantise(
    network: NetworkLike,
    file: PathLike,
    arch: ArchLike = "edge-16x16",
    *,
    masks: Optional[PathLike] = None,
    opset: int = 21,
    batch: int = 1,
    weights: Optional[int] = None,
    activations: Optional[int] = None,
    precision: Optional[PathLike] = None,
    prune: Union[str, Sequence[str]] = (),
    calibration_method: str = "min-max",
    bias_correction: bool = False,
    calibration_steps: Sequence[str] = (),
    choices: Optional[Mapping[str, Setting]] = None,
    session: Optional[Session] = None,
) -> Quantised:
    """Writes a network as it will run: pruned and quantised, as ONNX (docs/quantised.md).

    Compiled for the same architecture, the file gives the program that the network gives.

    Args:
        network: what `load` gave, or a file.
        file: the ONNX file to write.
        arch: an Arch, a name, or a YAML file.
        masks: a file (.npz) to write: which weights pruning has left, and the range of each tensor.
        opset: the newest to write, 13..21; integers of 4 bits are QONNX's before 21.
        batch, weights, activations, precision, prune, calibration_method, bias_correction,
            calibration_steps, choices, session: as of `compile`.

    Raises:
        BadInput; CannotCompile: also what ONNX has no form for, by name.
    """
    fields = front_fields(
        batch=batch,
        weights=weights,
        activations=activations,
        precision=precision,
        prune=prune,
        calibration_method=calibration_method,
        bias_correction=bias_correction,
        calibration_steps=calibration_steps,
        choices=choices,
    )
    fields["file"] = os.path.abspath(os.fspath(file))
    fields["opset"] = opset
    masks_file = None if masks is None else os.path.abspath(os.fspath(masks))
    if masks_file is not None:
        fields["masks"] = masks_file
    loaded = network_of(network, session)
    fields["network"] = loaded._remote
    fields["arch"] = arch_of(arch, loaded.session)._remote
    told, _ = loaded.session.call("quantise", fields)
    for text in told["warnings"]:
        warnings.warn(text, SystoleWarning, stacklevel=2)
    return Quantised(
        fields["file"],
        masks_file,
        int(told["layers"]),
        int(told["opset"]),
        tuple(told["warnings"]),
    )
