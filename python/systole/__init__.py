# SPDX-License-Identifier: Apache-2.0
"""Systole from Python: a cycle-exact simulator of a TPU-like inference accelerator.

    import systole

    arch = systole.Arch("edge-16x16", set={"array.cols": 32})
    program = systole.compile("net.onnx", arch)
    print(program.run().cycles)

The work is done by the program `systole` in a process of its own (docs/python.md).
"""

from ._accuracy import Accuracy, Metric
from ._arch import Arch, archs
from ._arrays import TensorInfo
from ._compare import Comparison, compare, report
from ._compiled import Program, SystoleWarning, accuracy, compile, predict, run
from ._errors import (
    BadInput,
    CannotCompile,
    Difference,
    Incomplete,
    InternalError,
    MetricError,
    ProgramNotFound,
    Stopped,
    SystoleError,
    VersionMismatch,
    WorkerDied,
    WorkerError,
    WorkerTimeout,
)
from ._layers import Cost, Layer, add, average_pool, conv, cost, depthwise, matmul, max_pool
from ._network import Network, from_torch, load
from ._optimise import Search, optimise
from ._quantise import Quantised, quantise
from ._result import LayerResult, Result
from ._rows import Rows
from ._session import Session, default_session
from ._study import Study, study
from ._sweep import Sweep, sweep
from ._version import __version__

__all__ = [
    "Accuracy",
    "Arch",
    "BadInput",
    "CannotCompile",
    "Comparison",
    "Cost",
    "Difference",
    "Incomplete",
    "InternalError",
    "Layer",
    "LayerResult",
    "Metric",
    "MetricError",
    "Network",
    "Program",
    "ProgramNotFound",
    "Quantised",
    "Result",
    "Rows",
    "Search",
    "Session",
    "Stopped",
    "Study",
    "Sweep",
    "SystoleError",
    "SystoleWarning",
    "TensorInfo",
    "VersionMismatch",
    "WorkerDied",
    "WorkerError",
    "WorkerTimeout",
    "__version__",
    "accuracy",
    "add",
    "archs",
    "average_pool",
    "compare",
    "compile",
    "conv",
    "cost",
    "default_session",
    "depthwise",
    "from_torch",
    "load",
    "matmul",
    "max_pool",
    "optimise",
    "predict",
    "quantise",
    "report",
    "run",
    "study",
    "sweep",
]
