"""Arrays by what they contain; a docstring adds the shape and the unit."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Indices", "Ints"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]
# Positions on an axis, in the integers that numpy indexes with.
Indices: TypeAlias = NDArray[np.intp]
