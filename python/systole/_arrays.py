# SPDX-License-Identifier: Apache-2.0
"""Arrays of the caller, checked before they go to the worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
from numpy.typing import NDArray

from ._arena import Float32Array
from ._errors import BadInput

AnyArray = NDArray[Any]
Inputs = Union[AnyArray, Mapping[str, AnyArray]]


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of a network.

    Attributes:
        name: in the network.
        shape: of one sample, as the network states it: the leading dimension is 1.
        least, greatest: the whole numbers that an input of integers takes; None: real numbers.
        whole_steps: an input of real numbers that is stored in steps of 1 takes integers too.
    """

    name: str
    shape: Tuple[int, ...]
    least: Optional[int] = None
    greatest: Optional[int] = None
    whole_steps: bool = False

    @property
    def takes_integers(self) -> bool:
        return self.least is not None

    def batched(self) -> str:
        """ "(N, 1, 28, 28)" """
        rest = "".join(f", {size}" for size in self.shape[1:])
        leading = "N" if not self.shape or self.shape[0] == 1 else f"{self.shape[0]} N"
        return f"({leading}{rest or ','})"


def tensor_infos(told: Sequence[Mapping[str, Any]]) -> Tuple[TensorInfo, ...]:
    return tuple(
        TensorInfo(
            one["name"],
            tuple(one["shape"]),
            one.get("least"),
            one.get("greatest"),
            bool(one.get("whole_steps", False)),
        )
        for one in told
    )


def _bad(where: str, problem: str, expected: str) -> BadInput:
    return BadInput(
        f"{where}: {problem}, expected {expected}", key=where, expected=expected, code=2
    )


def _hint(shape: Tuple[int, ...], wanted: Tuple[int, ...]) -> str:
    """What would make the shape right, if the channels stand at the other end."""
    if len(wanted) == 4 and len(shape) == 4:
        if (shape[3], shape[1], shape[2]) == wanted[1:]:
            return "; it has the channels last: array.transpose(0, 3, 1, 2) puts them first"
        if (shape[2], shape[3], shape[1]) == wanted[1:]:
            return "; it has the channels first: array.transpose(0, 2, 3, 1) puts them last"
    if shape == wanted[1:]:
        return "; it is one sample: array[None] makes a batch of it"
    return ""


def _check_shape(where: str, array: AnyArray, info: TensorInfo) -> None:
    wanted = info.shape or (1,)
    fits = (
        array.ndim == len(wanted)
        and array.shape[1:] == wanted[1:]
        and array.shape[0] > 0
        and array.shape[0] % wanted[0] == 0
    )
    if not fits:
        expected = info.batched()
        raise _bad(where, f"shape {array.shape}", expected + _hint(array.shape, wanted))


def _check_type(where: str, array: AnyArray, info: TensorInfo) -> None:
    whole = info.takes_integers
    expected = f"integers in {info.least}..{info.greatest}" if whole else "float32"
    if not array.dtype.isnative:
        fix = array.dtype.newbyteorder("=").name
        raise _bad(
            where,
            f"bytes of {array.dtype.str} in another order",
            f"{expected} in this machine's order: array.astype('{fix}')",
        )
    kind = array.dtype.kind
    if kind in "iub" and (whole or info.whole_steps):
        return
    if kind == "f" and array.dtype.itemsize <= 4:
        return
    more = " (array.astype('float32') rounds)" if kind in "fiu" and not whole else ""
    raise _bad(where, f"dtype {array.dtype.name}", expected + more)


def _first(wrong: AnyArray, array: AnyArray, start: int) -> str:
    """The first element of `array` that is wrong; `start`: of the array that it is cut of."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"element {(index[0] + start, *index[1:])} is {array[index]}"


def _check_values(where: str, array: AnyArray, info: TensorInfo, start: int) -> None:
    if array.dtype.kind == "f" and not bool(np.isfinite(array).all()):
        raise _bad(where, _first(~np.isfinite(array), array, start), "finite numbers")
    if not info.takes_integers:
        return
    assert info.least is not None and info.greatest is not None
    wrong = (array < info.least) | (array > info.greatest)
    if array.dtype.kind == "f":
        wrong |= array != np.rint(array)
    if bool(wrong.any()):
        expected = f"integers in {info.least}..{info.greatest}"
        raise _bad(where, _first(wrong, array, start), expected)


def named_inputs(
    inputs: Inputs, infos: Sequence[TensorInfo], field: str = "inputs"
) -> Tuple[Dict[str, AnyArray], int]:
    """Arrays by name, whose values nobody has looked at, and how many samples they hold.

    Raises:
        BadInput: a wrong dtype, byte order, shape, name or number of samples.
    """
    names = [info.name for info in infos]
    if isinstance(inputs, Mapping):
        given = dict(inputs)
        for name in given:
            if name not in names:
                raise _bad(field, f"the network has no input '{name}'", f"{names}")
    elif len(infos) == 1:
        given = {names[0]: inputs}
    else:
        raise _bad(field, "one array", f"a dict with an array for each of {names}")
    result: Dict[str, AnyArray] = {}
    samples: Optional[int] = None
    for info in infos:
        where = f"{field}['{info.name}']"
        if info.name not in given:
            raise _bad(where, "missing", f"an array of shape {info.batched()}")
        array = given[info.name]
        if not isinstance(array, np.ndarray):
            raise _bad(where, f"a {type(array).__name__}", "a NumPy array")
        _check_type(where, array, info)
        _check_shape(where, array, info)
        count = array.shape[0] // (info.shape or (1,))[0]
        if samples is not None and count != samples:
            raise _bad(where, f"{count} samples", f"{samples} as in '{names[0]}'")
        samples = count
        result[info.name] = array
    return result, samples or 0


def chunks(
    arrays: Mapping[str, AnyArray],
    infos: Sequence[TensorInfo],
    samples: int,
    step: int,
    field: str = "inputs",
) -> Iterator[Dict[str, Float32Array]]:
    """The arrays as float32, `step` samples at a time.

    Raises:
        BadInput: a wrong value.
    """
    for first in range(0, samples, step):
        last = min(samples, first + step)
        part = {}
        for info in infos:
            array = arrays[info.name]
            start, stop = (k * array.shape[0] // samples for k in (first, last))
            cut = array[start:stop]
            _check_values(f"{field}['{info.name}']", cut, info, start)
            part[info.name] = np.ascontiguousarray(cut, dtype=np.float32)
        yield part


def check_inputs(
    inputs: Inputs, infos: Sequence[TensorInfo], field: str = "inputs"
) -> Tuple[Dict[str, Float32Array], int]:
    """Float32 arrays by name, and how many samples they hold.

    Raises:
        BadInput: a wrong dtype, byte order, shape, value, name or number of samples.
    """
    arrays, samples = named_inputs(inputs, infos, field)
    return next(chunks(arrays, infos, samples, samples, field)), samples
