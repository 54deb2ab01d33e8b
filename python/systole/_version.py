# SPDX-License-Identifier: Apache-2.0
"""The version of the package, which is that of the program it speaks to."""

__version__ = "0.2.0"
PROTOCOL = 1
