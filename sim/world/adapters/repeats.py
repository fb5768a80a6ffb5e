"""Rows of a file that say the same thing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.types import Ints

if TYPE_CHECKING:
    import pandas as pd


class Repeats:
    """Keeps a key of each row, sixteen bytes with its line, by which a second one is found.

    Parameters
    ----------
    where
        The file, for messages.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._numbers: dict[str, int] = {}
        self._keys: list[Ints] = []
        self._lines: list[Ints] = []

    def remember(
        self,
        lines: pd.Index,
        flow: NDArray[np.str_],
        places: tuple[Ints, Ints],
        product: pd.Series[str],
    ) -> None:
        """Keep the keys of rows.

        Parameters
        ----------
        lines, flow, places, product
            Line, flow, number of exporter and of importer, and product of each row, with month and
            whatever else tells rows apart.
        """
        import pandas as pd

        local, texts = pd.factorize(product)
        names = [self._numbers.setdefault(str(t), len(self._numbers)) for t in texts]
        if not len(lines):
            return
        letter = np.select([flow == "X", flow == "M"], [0, 1], 2)
        pair = places[0] * (1 << 13) + places[1]
        key = (pair * 4 + letter) * (1 << 35) + np.array(names, dtype=np.int64)[local]
        self._keys.append(key)
        self._lines.append(lines.to_numpy(dtype=np.int64))

    def refuse(self) -> None:
        """Refuse a second row for one exporter, importer, product, flow and month.

        Raises
        ------
        DataError
            The first line that repeats another.
        """
        none = np.zeros(0, np.int64)
        keys, lines = np.concatenate([none, *self._keys]), np.concatenate([none, *self._lines])
        order = np.argsort(keys, kind="stable")
        repeats = order[1:][np.diff(keys[order]) == 0]
        if not len(repeats):
            return
        line = int(lines[repeats].min())
        first = int(lines[keys == keys[lines == line][0]].min())
        raise DataError(
            f"the same exporter, importer and product as line {first}",
            where=f"{self.where} line {line}",
            expected="one row for each, or a column that tells them apart named as "
            "world.columns.product",
        )
