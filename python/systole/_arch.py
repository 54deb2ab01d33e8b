# SPDX-License-Identifier: Apache-2.0
"""Architectures."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from ._errors import BadInput
from ._html import table
from ._session import Remote, Session, default_session

Setting = Union[str, int, float, bool]


def file_or_name(text: str) -> str:
    """A file as an absolute path, as the worker may be in another folder; a name as it is."""
    if "/" in text or text.endswith((".yaml", ".yml")):
        return os.path.abspath(text)
    return text


def setting_text(value: Setting) -> str:
    """As --set takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def overrides(settings: Optional[Mapping[str, Setting]]) -> List[str]:
    """ "KEY=VALUE" of each."""
    return [f"{key}={setting_text(value)}" for key, value in (settings or {}).items()]


class Arch:
    """An architecture: array, buffers, clock, bus and memory.

    Args:
        name: a name that `archs()` lists, or a YAML file (docs/configuration.md).
        memory: replaces its memory: "ideal", "random", or a DRAM by name ("ddr4-2400") or file.
        set: keys to override: {"array.rows": 32}.
        session: the worker to ask.

    Attributes:
        name: with the overrides.
        parameters: hardware parameters by key, whole numbers.
        memory: of kind "ideal", "ddr" or "random", with its figures.
        clock_mhz: core clock in MHz.
        peak_bytes_per_cycle: what bus and memory move at most, bytes a core cycle.
        area_mm2: estimate by the table `area_table`, mm2.
        yaml: all keys, as a file has them.

    Raises:
        BadInput: with file, line, key and the legal range.
    """

    def __init__(
        self,
        name: str = "edge-16x16",
        *,
        memory: Optional[str] = None,
        set: Optional[Mapping[str, Setting]] = None,
        session: Optional[Session] = None,
    ) -> None:
        self._session = session or default_session()
        self._fields: Dict[str, Any] = {
            "name": file_or_name(os.fspath(name)),
            "set": overrides(set),
        }
        if memory is not None:
            self._fields["memory"] = file_or_name(memory)
        self._remote = Remote(self._session, self._load)
        self._told: Dict[str, Any] = {}
        self._remote.set(self._load())

    def _load(self) -> int:
        told, _ = self._session.call("arch", self._fields)
        if self._told and told["yaml"] != self._told["yaml"]:
            name = self._fields["name"]
            raise BadInput(
                f"{name}: has changed since this Arch was made, expected the same keys",
                file=name,
                expected="the same keys",
                code=2,
            )
        self._told = told
        return int(told["handle"])

    @property
    def _identity(self) -> Tuple[int, str]:
        """Equal for architectures that a worker takes for the same."""
        return self._session.number, self.yaml

    @property
    def name(self) -> str:
        return str(self._told["name"])

    @property
    def description(self) -> str:
        return str(self._told["description"])

    @property
    def parameters(self) -> Dict[str, int]:
        return dict(self._told["parameters"])

    @property
    def memory(self) -> Dict[str, Any]:
        return dict(self._told["memory"])

    @property
    def clock_mhz(self) -> float:
        return float(self._told["clock_mhz"])

    @property
    def peak_bytes_per_cycle(self) -> float:
        return float(self._told["peak_bytes_per_cycle"])

    @property
    def area_mm2(self) -> float:
        return float(self._told["area_mm2"])

    @property
    def area_table(self) -> str:
        return str(self._told["area_table"])

    @property
    def yaml(self) -> str:
        return str(self._told["yaml"])

    def __repr__(self) -> str:
        return f"<Arch {self.name}>"

    def _repr_html_(self) -> str:
        rows: List[List[Any]] = [["clock", self.clock_mhz, "MHz"]]
        rows += [[key, value, ""] for key, value in self.parameters.items()]
        rows += [[f"memory.{key}", value, ""] for key, value in self.memory.items()]
        rows.append(["peak", self.peak_bytes_per_cycle, "bytes a cycle"])
        rows.append(["area", self.area_mm2, f"mm², an estimate by {self.area_table}"])
        return table(self.name, [], rows)


ArchLike = Union[Arch, str, "os.PathLike[str]"]


def arch_of(arch: ArchLike, session: Optional[Session]) -> Arch:
    """An architecture, or what names one."""
    return arch if isinstance(arch, Arch) else Arch(os.fspath(arch), session=session)


def archs(session: Optional[Session] = None) -> List[str]:
    """The names of the architectures that come with the program."""
    told, _ = (session or default_session()).call("archs")
    return [str(name) for name in told["archs"]]
