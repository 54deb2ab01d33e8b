# SPDX-License-Identifier: Apache-2.0
"""All chance of a network: one seed, numbers, choices and arrays from it."""
import random
import typing

import numpy as np

Item = typing.TypeVar("Item")


class Draw:
    def __init__(self, *seed: object) -> None:
        text = "/".join(map(str, seed))
        self.random = random.Random(text)
        self.arrays = np.random.default_rng(list(text.encode()))

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(low, high)

    def number(self, low: float, high: float) -> float:
        """A float32, never one of the ends of rounding: two digits."""
        return float(np.float32(round(self.random.uniform(low, high), 2)))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, items: typing.Sequence[Item]) -> Item:
        return items[self.random.randrange(len(items))]

    def some(self, items: typing.Sequence[Item], count: int) -> typing.List[Item]:
        return self.random.sample(list(items), count)

    def shuffled(self, items: typing.Iterable[Item]) -> typing.List[Item]:
        items = list(items)
        self.random.shuffle(items)
        return items

    def normal(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        return (self.arrays.standard_normal(shape) * scale).astype(np.float32)

    def uniform(self, low: float, high: float, *shape: int) -> np.ndarray:
        return self.arrays.uniform(low, high, shape).astype(np.float32)

    def integers(self, low: int, high: int, *shape: int) -> np.ndarray:
        """int64, both ends included."""
        return self.arrays.integers(low, high, shape, endpoint=True)
