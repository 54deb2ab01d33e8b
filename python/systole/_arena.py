# SPDX-License-Identifier: Apache-2.0
"""The memory that arrays lie in, shared with the worker: a file without a name."""

from __future__ import annotations

import mmap
import os
import tempfile
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from ._errors import Stopped

_ALIGNMENT = 64
# What it may keep between calls.
_KEPT_BYTES = 256 << 20

Float32Array = NDArray[np.float32]


def _make_file() -> int:
    """Where Python was built without memfd_create, a file in memory that is unlinked at once."""
    create = getattr(os, "memfd_create", None)
    if create is not None:
        try:
            return int(create("systole arrays"))
        except OSError:
            pass
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.dup(file.fileno())


class Arena:
    """Arrays of one call at a time."""

    def __init__(self) -> None:
        self.fd = _make_file()
        self._map: Optional[mmap.mmap] = None
        self._mapped = 0

    def close(self) -> None:
        self._unmap()
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1

    def _unmap(self) -> None:
        if self._map is not None:
            self._map.close()
        self._map = None
        self._mapped = 0

    def _view(self) -> mmap.mmap:
        size = os.fstat(self.fd).st_size
        if self._map is None or self._mapped != size:
            self._unmap()
            self._map = mmap.mmap(self.fd, size)
            self._mapped = size
        return self._map

    def _reserve(self, size: int) -> None:
        if os.fstat(self.fd).st_size >= size:
            return
        try:
            os.posix_fallocate(self.fd, 0, size)
        except OSError as error:
            raise Stopped(f"arrays: no room for {size} bytes: {error.strerror}") from error

    def put(
        self, groups: Mapping[str, Mapping[str, Float32Array]]
    ) -> Tuple[Dict[str, Dict[str, Any]], int]:
        """Writes arrays, by field of a message and name; returns what the message says of them,
        and the first byte that is free behind them."""
        at = 0
        told: Dict[str, Dict[str, Any]] = {}
        places: List[Tuple[int, Float32Array]] = []
        for field, arrays in groups.items():
            told[field] = {}
            for name, array in arrays.items():
                at = -(-at // _ALIGNMENT) * _ALIGNMENT
                told[field][name] = {"offset": at, "shape": list(array.shape)}
                places.append((at, array))
                at += array.nbytes
        if at > 0:
            self._reserve(at)
            memory = self._view()
            for offset, array in places:
                target = np.frombuffer(memory, np.float32, array.size, offset)
                target.reshape(array.shape)[...] = array
                del target
        return told, at

    def take(self, told: Sequence[Mapping[str, Any]]) -> Dict[str, Float32Array]:
        """Copies of the arrays that an answer tells of, by name."""
        arrays: Dict[str, Float32Array] = {}
        for one in told:
            shape = tuple(int(size) for size in one["shape"])
            count = int(np.prod(shape, dtype=np.int64))
            if count == 0:
                arrays[one["name"]] = np.zeros(shape, np.float32)
                continue
            view = np.frombuffer(self._view(), np.float32, count, int(one["offset"]))
            arrays[one["name"]] = view.reshape(shape).copy()
            del view
        return arrays

    def trim(self) -> None:
        """Between calls: gives back what a large one took."""
        if os.fstat(self.fd).st_size > _KEPT_BYTES:
            self._unmap()
            os.ftruncate(self.fd, 0)
