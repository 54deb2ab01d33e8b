# SPDX-License-Identifier: Apache-2.0
"""Programs: networks, compiled for an architecture."""

from __future__ import annotations

import os
import warnings
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from ._accuracy import Accuracy, Metric, measure
from ._arch import Arch, ArchLike, Setting, arch_of, file_or_name, overrides
from ._arena import Float32Array
from ._arrays import Inputs, TensorInfo, check_inputs, chunks, named_inputs, tensor_infos
from ._errors import BadInput
from ._html import table
from ._metrics import OF_FLOAT32, check_name, class_indices
from ._network import Network, NetworkLike, PathLike, network_of
from ._progress import Reporter
from ._result import Result, result_of
from ._rows import Rows
from ._session import Remote, Session

# Of inputs, that one message brings.
_CHUNK_BYTES = 32 << 20


class SystoleWarning(UserWarning):
    """What the compiler wants to be known."""


class Program:
    """A network, compiled for an architecture; `compile` makes it.

    Attributes:
        network, arch: what it was made of.
        name: of the network.
        batch: samples of a run.
        inputs, outputs: name and shape of a sample of each.
        widths: what is multiplied: "int8", "w4a8", ...
        instructions: of all stages.
        warnings: of the compiler; each has been a SystoleWarning.
    """

    def __init__(self, network: Network, arch: Arch, fields: Dict[str, Any]) -> None:
        self.network = network
        self.arch = arch
        self.session = network.session
        # Cycles do not depend on ranges: without data for them they wait for values.
        self._fields: Dict[str, Any] = {**fields, "timing_only": not network.calibrated}
        self.warnings: List[str] = []
        self._told: Dict[str, Any] = {}
        self._remote = Remote(self.session, self._compile)
        self._remote.set(self._compile())

    def _compile(self) -> int:
        fields = {**self._fields, "network": self.network._remote, "arch": self.arch._remote}
        self._told, _ = self.session.call("compile", fields)
        for text in self._told["warnings"]:
            if text not in self.warnings:
                self.warnings.append(text)
                warnings.warn(text, SystoleWarning, stacklevel=4)
        return int(self._told["handle"])

    def _take_values(self) -> None:
        """From now on its values count."""
        if self._fields["timing_only"]:
            self._fields["timing_only"] = False
            self._remote.set(self._compile())

    @property
    def name(self) -> str:
        return str(self._told["name"])

    @property
    def batch(self) -> int:
        return int(self._told["batch"])

    @property
    def inputs(self) -> Tuple[TensorInfo, ...]:
        # Those of the network know which steps they are stored in.
        known = {info.name: info for info in self.network.inputs}
        return tuple(known.get(info.name, info) for info in tensor_infos(self._told["inputs"]))

    @property
    def outputs(self) -> Tuple[TensorInfo, ...]:
        return tensor_infos(self._told["outputs"])

    @property
    def widths(self) -> str:
        return str(self._told["widths"])

    @property
    def instructions(self) -> int:
        return int(self._told["instructions"])

    def run(
        self,
        inputs: Optional[Inputs] = None,
        *,
        engine: str = "model",
        energy: Optional[str] = None,
        cycle_limit: int = 0,
        allow_large: bool = False,
    ) -> Result:
        """Simulates one batch, cycle by cycle.

        Args:
            inputs: a batch: an array, or one for each input by name; shape (batch, ...), float32 or,
                where the network takes integers, integers. None: timing only, no outputs.
            engine: "model", "rtl" (the first time builds it, which takes minutes), or "both", which
                must agree in every cycle and byte.
            energy: a table of configs/energy, or a YAML file, to estimate the energy by.
            cycle_limit: core cycles after which it is stopped; 0: none.
            allow_large: build RTL of arrays above 64x64, which takes half an hour.

        Returns:
            figures, and the outputs if there were inputs.

        Raises:
            BadInput, Stopped, Difference, WorkerDied
        """
        fields: Dict[str, Any] = {
            "engine": engine,
            "cycle_limit": cycle_limit,
            "allow_large": allow_large,
        }
        if energy is not None:
            fields["energy"] = file_or_name(energy)
        arrays = None
        if inputs is not None:
            self._take_values()
            checked, samples = check_inputs(inputs, self.inputs)
            items = self.batch * int(self._told["repeat"])
            if samples != items:
                raise BadInput(
                    f"inputs: {samples} samples, expected {items}: the program's batch "
                    "(predict takes any number)",
                    key="inputs",
                    expected=f"{items} samples",
                    code=2,
                )
            arrays = {"inputs": checked}
        told, outputs = self.session.call(
            "run", {**fields, "program": self._remote}, arrays, room=True
        )
        return result_of(told["result"], outputs)

    def predict(
        self,
        inputs: Inputs,
        *,
        host_steps: bool = True,
        jobs: Optional[int] = None,
        float32: bool = False,
    ) -> "Float32Array | Dict[str, Float32Array]":
        """The outputs that the accelerator gives, to the byte, without simulating its cycles.

        Args:
            inputs: any number of samples N: an array of shape (N, ...), or one for each input by
                name; float32 or, where the network takes integers, integers. Any memory layout;
                arrays that are mapped from files (`np.load(..., mmap_mode="r")`) may be larger than
                memory.
            host_steps: False: without what the host does behind the accelerator (softmax).
            jobs: threads; default: as many as there are processors. Outputs do not depend on it.
            float32: what the network gives in float32 instead, before it is pruned and quantised.

        Returns:
            float32 of shape (N, ...), of a network of one output; else a dict of them by name.

        Raises:
            BadInput: an array of wrong dtype, byte order, shape or values.
        """
        outputs = self._predict_all(inputs, host_steps, jobs, float32)
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs

    def _predict_all(
        self,
        inputs: Inputs,
        host_steps: bool,
        jobs: Optional[int] = None,
        float32: bool = False,
    ) -> Dict[str, Float32Array]:
        self._take_values()
        infos = self.inputs
        given, samples = named_inputs(inputs, infos)
        size = sum(4 * array.size for array in given.values()) // samples
        step = max(1, _CHUNK_BYTES // max(size, 1))
        step = max(self.batch, step // self.batch * self.batch)
        parts: List[Dict[str, Float32Array]] = []
        fields = {"program": self._remote, "host_steps": host_steps, "jobs": jobs}
        if float32:
            fields["float32"] = True
        reporter = Reporter(self.session.progress)
        try:
            for index, some in enumerate(chunks(given, infos, samples, step)):
                reporter.before, reporter.total = index * step, samples
                arrays = {"inputs": some}
                _, outputs = self.session.call("predict", fields, arrays, True, reporter)
                parts.append(outputs)
        finally:
            reporter.close()
        if len(parts) == 1:
            return parts[0]
        constant = {one["name"] for one in self._told["outputs"] if one.get("constant")}
        return {
            name: parts[0][name]
            if name in constant
            else np.concatenate([part[name] for part in parts])
            for name in parts[0]
        }

    def accuracy(
        self, inputs: Inputs, targets: Any = None, metric: Union[str, Metric] = "top-1"
    ) -> Accuracy:
        """How good the network is as the accelerator runs it, to the byte.

        Args:
            inputs: as of `predict`, N samples.
            targets: what the metric holds the outputs against; of "top-1" and "top-5" N class
                indices; of "token", "exact" and "perplexity" one for each token, shape
                (N, tokens), of which negative ones do not count; of "mean-error", "cosine" and
                "snr" nothing: they hold the outputs against those of float32.
            metric: one of these names (docs/precision.md#metrics), each with its standard error,
                or a callable (outputs, targets) -> float, which gets what `predict` returns.

        Raises:
            BadInput: also for a network that states its own integers, of metrics that need float32.
            MetricError: the metric raised (`__cause__`), or gave no finite number.
        """
        if not isinstance(metric, str):
            return measure(self._predict_all(inputs, host_steps=True), targets, metric)
        check_name(metric)
        # Softmax changes no order.
        steps = metric not in ("top-1", "top-5")
        outputs = self._predict_all(inputs, host_steps=steps)
        exact = None
        if metric in OF_FLOAT32:
            exact = self._predict_all(inputs, host_steps=True, float32=True)
        return measure(outputs, targets, metric, exact)

    def layers(self, inputs: Inputs, targets: Any = None) -> Rows:
        """Which layer loses what float32 had, the most damaging first.

        Args:
            inputs: as of `predict`, N samples, in one piece.
            targets: N class indices; None: nothing is told of top-1.

        Returns:
            a row for each layer and input: "layer", "operator", "tensor", "weight_bits", "bits";
            "output_alone", "alone", "cumulative": each "sqnr_db" (None: exact) and "cosine", of the
            network's output with this layer alone quantised, of the layer's result then, and of its
            result with all layers quantised; "top1_alone", "top1_change": shares, 0..1;
            "saturated", "range_used": shares of its values and of its codes; "worst_channel".

        Raises:
            BadInput: also for a network that states its own integers.
        """
        self._take_values()
        checked, samples = check_inputs(inputs, self.inputs)
        fields: Dict[str, Any] = {"program": self._remote}
        if targets is not None:
            fields["labels"] = class_indices(targets, samples).tolist()
        told, _ = self.session.call("layers", fields, {"inputs": checked})
        return Rows(told["layers"])

    def save(self, path: PathLike) -> None:
        """Writes a program file (.sysb), which `systole run` and `load` take."""
        self.session.call(
            "save", {"program": self._remote, "file": os.path.abspath(os.fspath(path))}
        )

    def __repr__(self) -> str:
        return f"<Program {self.name} on {self.arch.name}, batch {self.batch}, {self.widths}>"

    def _repr_html_(self) -> str:
        rows = [[layer["name"], layer["operator"]] for layer in self._told["layers"]]
        title = f"{self.name} on {self.arch.name}, batch {self.batch}, {self.widths}: {self.instructions:,} instructions"
        return table(title, ["layer", "operator"], rows)


def front_fields(
    *,
    batch: int = 1,
    weights: Optional[int] = None,
    activations: Optional[int] = None,
    precision: Optional[PathLike] = None,
    prune: Union[str, Sequence[str]] = (),
    calibration_method: str = "min-max",
    bias_correction: bool = False,
    calibration_steps: Sequence[str] = (),
    choices: Optional[Mapping[str, Setting]] = None,
) -> Dict[str, Any]:
    """What decides on the integers of a network, as fields of a message."""
    fields: Dict[str, Any] = {
        "batch": batch,
        "weights": weights or 0,
        "activations": activations or 0,
        "calibration_method": calibration_method,
        "bias_correction": bias_correction,
        "calibration_steps": list(calibration_steps),
        "prune": [prune] if isinstance(prune, str) else list(prune),
        "set": [f"compile.{one}" for one in overrides(choices)],
    }
    if precision is not None:
        fields["precision"] = os.path.abspath(os.fspath(precision))
    return fields


def compile(
    network: NetworkLike,
    arch: ArchLike = "edge-16x16",
    *,
    batch: int = 1,
    weights: Optional[int] = None,
    activations: Optional[int] = None,
    precision: Optional[PathLike] = None,
    prune: Union[str, Sequence[str]] = (),
    calibration_method: str = "min-max",
    bias_correction: bool = False,
    calibration_steps: Sequence[str] = (),
    repeat: int = 1,
    choices: Optional[Mapping[str, Setting]] = None,
    mapping: Optional[PathLike] = None,
    session: Optional[Session] = None,
) -> Program:
    """Compiles a network for an architecture.

    Args:
        network: what `load` gave, or a file.
        arch: an Arch, a name, or a YAML file.
        batch: samples of a run, 1..4096.
        weights, activations: 8, 4, 2 or 1 bits, of all layers but the first and the last; default 8.
        precision: a policy (YAML) with the widths of each layer.
        prune: "KIND:AMOUNT[@PATTERN]", one or several: "nm:2:4", "channel:0.3", "block:0.5".
        calibration_method: "min-max", "percentile", "mse" or "entropy".
        bias_correction: take the mean of what rounding adds off the biases; needs calibration.
        calibration_steps: before and at rounding, "equalise", "channel-ranges", "gptq",
            "bias-correction" (docs/precision.md).
        repeat: batches that run one behind the other, 1..1024.
        choices: of the compiler: {"fuse": False}.
        mapping: a file (YAML) that says how layers are cut.
        session: the worker, of a network that is given by its file.

    Raises:
        BadInput: with file, key and range. CannotCompile: operators, by node and reason.
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
    fields["repeat"] = repeat
    if mapping is not None:
        fields["mapping"] = os.path.abspath(os.fspath(mapping))
    loaded = network_of(network, session)
    return Program(loaded, arch_of(arch, loaded.session), fields)


def run(
    network: NetworkLike,
    arch: ArchLike = "edge-16x16",
    inputs: Optional[Inputs] = None,
    *,
    engine: str = "model",
    energy: Optional[str] = None,
    session: Optional[Session] = None,
    **options: Any,
) -> Result:
    """`compile` and `Program.run` in one. `options` are those of `compile`."""
    program = compile(network, arch, session=session, **options)
    return program.run(inputs, engine=engine, energy=energy)


def predict(
    network: NetworkLike,
    inputs: Inputs,
    arch: ArchLike = "edge-16x16",
    *,
    session: Optional[Session] = None,
    **options: Any,
) -> "Float32Array | Dict[str, Float32Array]":
    """`compile` and `Program.predict` in one. `options` are those of `compile`."""
    return compile(network, arch, session=session, **options).predict(inputs)


def accuracy(
    network: NetworkLike,
    inputs: Inputs,
    targets: Any = None,
    arch: ArchLike = "edge-16x16",
    *,
    metric: Union[str, Metric] = "top-1",
    session: Optional[Session] = None,
    **options: Any,
) -> Accuracy:
    """`compile` and `Program.accuracy` in one. `options` are those of `compile`."""
    return compile(network, arch, session=session, **options).accuracy(inputs, targets, metric)
