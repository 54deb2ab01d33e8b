# SPDX-License-Identifier: Apache-2.0
"""Networks of QLinear operators: integers from operator to operator; and those whose scales are computed for each input."""
import numpy as np

from grow import FloatNetwork
from qdq import QdqNetwork


class QOperatorNetwork(QdqNetwork):
    form = "qoperator"

    def __init__(self, *args):
        super().__init__(*args)
        if self.style not in ("static", "integer"):
            self.style = self.draw.pick(["static", "integer"])
        self.moves_codes = self.draw.chance(0.85)

    def plain(self, operator, inputs, **options):
        """A node as it stands."""
        made = FloatNetwork.add(self, operator, inputs, **options)
        return made and made[0]

    def integer(self, operator, inputs, domain, **options):
        made = FloatNetwork.add(self, operator, inputs, domain=domain, **options)
        return made and made[0]

    def move_share(self):
        return 0.95 if self.moves_codes else super().move_share()


class DynamicNetwork(FloatNetwork):
    """Float networks whose products are of integers, with scales from each input."""

    form = "dynamic"
    kind = np.int8

    def plain(self, operator, inputs, **options):
        return self.one(operator, inputs, **options)

    def step(self, scale):
        return max(scale, 1e-5)
