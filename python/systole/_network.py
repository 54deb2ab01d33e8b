# SPDX-License-Identifier: Apache-2.0
"""Networks: files, and the data that their ranges are taken from."""

from __future__ import annotations

import importlib
import os
import tempfile
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Sequence, Tuple, Union, cast

from ._arch import ArchLike
from ._arena import Float32Array
from ._arrays import Inputs, TensorInfo, check_inputs, tensor_infos
from ._errors import BadInput
from ._html import table
from ._session import Remote, Session, default_session

if TYPE_CHECKING:
    from ._compiled import Program

PathLike = Union[str, "os.PathLike[str]"]
Shapes = Mapping[str, Sequence[int]]


class Network:
    """A network's file, and the data that its ranges are taken from; `load` makes it.

    Attributes:
        file: its path.
        inputs: name and shape of each.
    """

    def __init__(
        self,
        file: PathLike,
        *,
        calibration: Union[PathLike, Inputs, None] = None,
        shapes: Optional[Shapes] = None,
        host_fallback: bool = False,
        session: Optional[Session] = None,
    ) -> None:
        self.session = session or default_session()
        self.file = os.path.abspath(os.fspath(file))
        self._fields: Dict[str, Any] = {
            "file": self.file,
            "shapes": [
                f"{name}={','.join(map(str, dims))}" for name, dims in (shapes or {}).items()
            ],
            "host_fallback": host_fallback,
        }
        self._calibration: Optional[Dict[str, Float32Array]] = None
        self._folder: Any = None
        self._state: Optional[Tuple[int, int]] = None  # of the file as it was loaded
        self._remote = Remote(self.session, self._load)
        self.inputs: Tuple[TensorInfo, ...] = ()
        if isinstance(calibration, (str, os.PathLike)):
            self._fields["calibration_file"] = os.path.abspath(os.fspath(calibration))
        handle = self._load()
        if calibration is not None and "calibration_file" not in self._fields:
            arrays = cast(Inputs, calibration)
            self._calibration, _ = check_inputs(arrays, self.inputs, "calibration")
            self.session.drop(self.session.start(), handle)
            handle = self._load()
        self._remote.set(handle)

    def _load(self) -> int:
        self._check_file()
        arrays = None if self._calibration is None else {"calibration": self._calibration}
        told, _ = self.session.call("load", self._fields, arrays)
        self.inputs = tensor_infos(told["inputs"])
        self._is_program = bool(told["program_file"])
        return int(told["handle"])

    def _check_file(self) -> None:
        """A worker that takes over from one that has died reads the file again."""
        try:
            stat = os.stat(self.file)
        except OSError:
            return  # the worker tells
        state = (stat.st_mtime_ns, stat.st_size)
        if self._state not in (None, state):
            raise BadInput(
                f"{self.file}: has changed since it was loaded, expected the same file",
                file=self.file,
                expected="the same file",
                code=2,
            )
        self._state = state

    @property
    def calibrated(self) -> bool:
        """Whether there are data that its ranges are taken from."""
        return self._calibration is not None or "calibration_file" in self._fields

    @property
    def host_fallback(self) -> bool:
        """Whether the host runs what the accelerator cannot."""
        return bool(self._fields["host_fallback"])

    def compile(self, arch: ArchLike = "edge-16x16", **options: Any) -> "Program":
        """A program of it; see `systole.compile`."""
        from ._compiled import compile

        return compile(self, arch, **options)

    def __repr__(self) -> str:
        return f"<Network {os.path.basename(self.file)}>"

    def _repr_html_(self) -> str:
        rows = [
            [info.name, info.batched(), "integers" if info.takes_integers else "float32"]
            for info in self.inputs
        ]
        return table(os.path.basename(self.file), ["input", "shape", "values"], rows)


NetworkLike = Union[Network, PathLike]


def load(
    file: PathLike,
    *,
    calibration: Union[PathLike, Inputs, None] = None,
    shapes: Optional[Shapes] = None,
    host_fallback: bool = False,
    session: Optional[Session] = None,
) -> Network:
    """Reads a network's file.

    Args:
        file: ONNX, or a program file (.sysb).
        calibration: what int8 ranges are taken from: arrays as of `Program.predict` (some hundred
            samples will do), or a data set (YAML). None: ranges of random inputs, which a warning
            tells of as soon as values count.
        shapes: of inputs that the network leaves open: {"x": (1, 3, 224, 224)}.
        host_fallback: the host runs, in float32, what the accelerator cannot.
        session: the worker to hold it.

    Raises:
        BadInput, CannotCompile
    """
    return Network(
        file, calibration=calibration, shapes=shapes, host_fallback=host_fallback, session=session
    )


def network_of(network: NetworkLike, session: Optional[Session]) -> Network:
    """A network, or its file."""
    return network if isinstance(network, Network) else load(network, session=session)


def from_torch(
    module: Any,
    example: Any,
    *,
    calibration: Optional[Inputs] = None,
    opset: int = 13,
    host_fallback: bool = False,
    session: Optional[Session] = None,
) -> Network:
    """Exports a PyTorch module (`torch.onnx.export`, in evaluation mode) and loads it.

    Args:
        module: a torch.nn.Module.
        example: a tensor, or a tuple of them, of one sample.
        calibration: as of `load`.
        opset: of ONNX.
        host_fallback, session: as of `load`.

    Raises:
        BadInput, CannotCompile; ImportError without torch.
    """
    torch = importlib.import_module("torch")

    folder = tempfile.TemporaryDirectory(prefix="systole-torch-")
    path = os.path.join(folder.name, f"{type(module).__name__}.onnx")
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            torch.onnx.export(module, example, path, opset_version=opset)
    finally:
        module.train(training)
    network = load(path, calibration=calibration, host_fallback=host_fallback, session=session)
    network._folder = folder  # the file lives as long as the network
    return network
